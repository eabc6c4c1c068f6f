//! Proceedings: what happens to a record that an authority submits itself, from the intended
//! decision to the erasure of its content (domain.md 5). Rules are in `due_process`; these are the
//! events they give, each with every instant and day that was computed, so that folding reads
//! neither packs nor calendars (design 3).

use std::fmt;

use crate::authority::AuthorityKey;
use crate::civil::{Day, End, Instant};
use crate::closed::closed;
use crate::identity::ReviewerHandle;
use crate::ids::{OrganisationId, RecordId};
use crate::limits::{Act, Ground};
use crate::organisation::OrganisationKind;
use crate::record::{Body, Polarity, RecordType};
use crate::text::typed_key;

mod told;

pub use told::{Answered, NoticeTexts, POINTS_MAX};

typed_key! {
    /// An entry of a pack's catalogue: one type of record on one legal basis, such as
    /// `cn.penalty.environment`.
    CatalogueKey
}
typed_key! {
    /// A measure or incentive of a pack, such as `us.far.exclusion`.
    MeasureId
}
typed_key! {
    /// A condition that a pack lists for repair or release, such as `duty-performed`.
    ConditionKey
}
typed_key! {
    /// A territory as packs write it: `cn`, `cn-sh`, `us`; a territory covers those it prefixes.
    Territory
}

impl Territory {
    /// Whether `inner` lies in this one, which also lies in itself: `cn` covers `cn-sh`.
    ///
    /// ```
    /// use goodstanding_domain::case::Territory;
    /// let territory = |text| Territory::new(text).unwrap();
    /// assert!(territory("cn").covers(&territory("cn-sh")));
    /// assert!(!territory("cn-sh").covers(&territory("cn")));
    /// assert!(!territory("cn").covers(&territory("cnx")));
    /// ```
    pub fn covers(&self, inner: &Territory) -> bool {
        let rest = inner.as_str().strip_prefix(self.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }
}

closed! {
    /// How a record came to the registry. The third way, quotation, has rules of its own.
    Mode {
        /// The registry runs notice and hearing; the record exists before the decision.
        Hosted = "hosted",
        /// The authority decided and served under its own law, and attests to it.
        ImportedFinal = "imported_final",
    }
}

closed! {
    /// How grave the breach is (Outline V.1: category and degree).
    Severity {
        /// Not published unless the type says so on a basis (I-10).
        Minor = "minor",
        /// The ordinary case.
        General = "general",
        /// The gravest class the law knows.
        Serious = "serious",
    }
}

closed! {
    /// By which procedure the authority decided.
    Procedure {
        /// Decided on the spot.
        Simplified = "simplified",
        /// The ordinary procedure.
        Ordinary = "ordinary",
        /// After an oral or written hearing.
        WithHearing = "with_hearing",
        /// By a court.
        Court = "court",
    }
}

closed! {
    /// What an objection says is wrong (T22).
    ObjectionGround {
        /// A statement is wrong.
        Error = "error",
        /// Something that belongs there is missing.
        Omission = "omission",
        /// It is shown longer than the law allows.
        OverTerm = "over_term",
        /// It belongs on no list, or on another.
        WrongList = "wrong_list",
        /// It is about another organisation.
        WrongSubject = "wrong_subject",
        /// It tells something about a person, or a secret.
        Privacy = "privacy",
    }
}

closed! {
    /// What a flag before publication says is wrong (T20).
    FlagGround {
        /// It is about another organisation.
        WrongIdentity = "wrong_identity",
        /// A fact is wrong.
        WrongFact = "wrong_fact",
        /// First or last day is wrong.
        WrongTerm = "wrong_term",
        /// Its class or severity is wrong.
        WrongClass = "wrong_class",
    }
}

closed! {
    /// Why a record was withdrawn: the only thing a tombstone says (I-13).
    WithdrawalReason {
        /// The authority took its decision back.
        Revoked = "revoked",
        /// A court or review body annulled it.
        Annulled = "annulled",
        /// It was about another organisation.
        WrongSubject = "wrong_subject",
        /// It should never have been on record.
        Unlawful = "unlawful",
        /// The law it rests on is no longer in force.
        LawRepealed = "law_repealed",
        /// It told something about a person, or a secret.
        Privacy = "privacy",
    }
}

closed! {
    /// By whose order a record is stayed.
    StayReason {
        /// A court's order.
        Court = "court",
        /// The authority's own.
        Authority = "authority",
        /// Interim relief was sought and proven before publication (T19).
        Relief = "relief",
        /// A plan or settlement a court approved (T39).
        Insolvency = "insolvency",
        /// Something about a person was found in it (T49).
        Privacy = "privacy",
    }
}

closed! {
    /// What a chain of notice, answer and decision is about.
    Purpose {
        /// The record itself.
        Record = "record",
        /// A later end (T42).
        Extension = "extension",
        /// To take a repair back (T38).
        RepairRevocation = "repair_revocation",
        /// To take an honour or a licence back: adverse to the subject although the record is good.
        WithdrawalOfGood = "withdrawal_of_good",
        /// Whether the record belongs to a successor from now on (T45).
        Imputation = "imputation",
    }
}

closed! {
    /// What an imported-final record attests (domain.md 5.5). A missing one keeps it out.
    Attestation {
        /// A1: number, date, body and legal basis of the decision.
        Decision = "a1_decision",
        /// A2: date and manner of service.
        Service = "a2_service",
        /// A3: notice given before, or the exemption of the statute.
        PriorNotice = "a3_prior_notice",
        /// A4: the chance to answer, used or not.
        Defence = "a4_defence",
        /// A5: remedies told, their ends, whether one is pending.
        Remedies = "a5_remedies",
        /// A6: publication is permitted; secrets and personal data were removed.
        Publication = "a6_publication",
    }
}

closed! {
    /// What a notice has to hold (domain.md 5.6). A notice that lacks one is refused (715).
    NoticeItem {
        /// Subject and its identifiers.
        Subject = "subject",
        /// Authority, case number, office to write to.
        Authority = "authority",
        /// Intended type, severity and class.
        Intention = "intention",
        /// The facts.
        Facts = "facts",
        /// Evidence, and how to see it.
        Evidence = "evidence",
        /// Grounds and articles.
        Grounds = "grounds",
        /// Each measure intended, with its basis and addressees.
        Measures = "measures",
        /// What would be published, where, from when, until when.
        Publication = "publication",
        /// Shortest and longest period, conditions and steps of repair.
        Repair = "repair",
        /// How to answer, the right to be heard, deadlines as dates.
        Answer = "answer",
        /// Review and court.
        Remedies = "remedies",
        /// That answering cannot make the outcome worse.
        NoWorse = "no_worse",
        /// Language and accessibility.
        Language = "language",
        /// Where the notice can be checked.
        Verification = "verification",
    }
}

/// An account of an authority: `officer-7`, `decider-3`. A role and a number, so that nobody's name
/// can be one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountHandle(String);

impl AccountHandle {
    /// The handle; `None` for anything but `officer` or `decider`, a hyphen and a number of up to
    /// six digits.
    ///
    /// ```
    /// use goodstanding_domain::case::AccountHandle;
    /// assert!(AccountHandle::new("decider-3").is_some());
    /// assert!(AccountHandle::new("decider-wang").is_none());
    /// ```
    pub fn new(text: &str) -> Option<AccountHandle> {
        let (role, number) = text.split_once('-')?;
        let is_number = (1..=6).contains(&number.len())
            && number.bytes().all(|b| b.is_ascii_digit())
            && !number.starts_with('0');
        (["officer", "decider"].contains(&role) && is_number)
            .then(|| AccountHandle(text.to_owned()))
    }

    /// The handle as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it may decide.
    pub fn is_decider(&self) -> bool {
        self.0.starts_with("decider-")
    }
}

impl fmt::Display for AccountHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who acts. The passing of time is no actor: it is evaluated when somebody reads or acts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// An officer or decider of the authority whose record it is.
    Authority(AccountHandle),
    /// The organisation the record is about.
    Subject,
    /// A third party with an interest of its own (objections only).
    ThirdParty,
    /// The registry itself: checks, service on behalf of an authority, changes of law.
    Registry,
    /// A reviewer of the registry, never of the submitting authority.
    Reviewer(ReviewerHandle),
    /// A court or review body; its order is named in the event.
    Court,
    /// The registry a mirrored record comes from.
    Peer,
}

impl Actor {
    /// The key on the wire and in message files.
    pub const fn key(&self) -> &'static str {
        match self {
            Actor::Authority(_) => "authority",
            Actor::Subject => "subject",
            Actor::ThirdParty => "third_party",
            Actor::Registry => "registry",
            Actor::Reviewer(_) => "reviewer",
            Actor::Court => "court",
            Actor::Peer => "peer",
        }
    }

    /// The account, where the actor has one.
    pub fn account(&self) -> Option<&str> {
        match self {
            Actor::Authority(account) => Some(account.as_str()),
            Actor::Reviewer(handle) => Some(handle.as_str()),
            _ => None,
        }
    }
}

/// The decision document an authority made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionDocument {
    /// Its number at the authority.
    pub number: String,
    /// The day it was made.
    pub date: Day,
    /// The day it was served on the subject.
    pub served_on: Day,
}

/// When the conduct happened. The end starts the clock of the ceiling (I-05).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conduct {
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
}

/// What an authority says in an attestation: the day where there is one, and the reference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attested {
    /// Which of the six.
    pub attestation: Attestation,
    /// Document number, manner of service, article of an exemption.
    pub reference: String,
}

/// One version of what a record says. Never changed; a later one replaces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// From 1.
    pub number: u32,
    /// Hosted or imported.
    pub mode: Mode,
    /// The catalogue entry it rests on.
    pub entry: CatalogueKey,
    /// The kind of the subject when it was submitted.
    pub kind: OrganisationKind,
    /// The subject's name as the authority writes it.
    pub name_as_written: String,
    /// Grounds of the closed vocabulary.
    pub grounds: Vec<Ground>,
    /// Who decided or will decide.
    pub act: Act,
    /// How grave; `None` for neutral and good records.
    pub severity: Option<Severity>,
    /// By which procedure.
    pub procedure: Procedure,
    /// Number of the case at the authority.
    pub case_number: String,
    /// The decision; `None` while a hosted case is undecided.
    pub decision: Option<DecisionDocument>,
    /// When the conduct happened, where known.
    pub conduct: Option<Conduct>,
    /// First day of the term and its end, inclusive; as intended until it is decided.
    pub start: Option<Day>,
    /// Last day, or the basis for having none.
    pub end: Option<End>,
    /// The instant the last day is over in the authority's zone.
    pub end_at: Option<Instant>,
    /// IANA zone its days are meant in.
    pub zone: String,
    /// Whether the pack lets a record of this severity be public (I-10).
    pub published: bool,
    /// Days for which content is kept after it left public view (T47).
    pub retention_days: u16,
    /// Whether a remedy is pending (V18).
    pub under_review: bool,
    /// Whether it was submitted later than the pack allows (V15): accepted, counted.
    pub late: bool,
    /// The attestations of an imported-final record.
    pub attestations: Vec<Attested>,
    /// The record it corrects (I-12).
    pub predecessor: Option<RecordId>,
    /// The rejected submission it repeats (T04).
    pub resubmission_of: Option<RecordId>,
    /// Hash of the pack the entry is from, as 64 hex digits.
    pub pack: String,
    /// The fields of its type.
    pub body: Body,
}

impl Revision {
    /// The type of record.
    pub const fn record_type(&self) -> RecordType {
        self.body.record_type()
    }

    /// What it says about its subject.
    pub const fn polarity(&self) -> Polarity {
        self.record_type().polarity()
    }
}

/// One thing that happened to a record of an authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseEvent {
    /// Which record.
    pub record: RecordId,
    /// Whom it is about.
    pub organisation: OrganisationId,
    /// Whose record it is.
    pub authority: AuthorityKey,
    /// Who acted.
    pub actor: Actor,
    /// What happened.
    pub step: Step,
}

/// A notice as served (T06): what the subject may rely on from then on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What the chain is about.
    pub purpose: Purpose,
    /// What the authority ticked off, in the order of [`NoticeItem::ALL`]: notices of version 1
    /// alone have it, which hold no [`Notice::texts`].
    pub items: Vec<NoticeItem>,
    /// What only the authority knows; none in a notice of version 1.
    pub texts: Option<NoticeTexts>,
    /// The graver of what may come out of it; nothing heavier may (I-24).
    pub severity: Option<Severity>,
    /// The latest end that may come out of it; `None` for a term without end.
    pub end_max: Option<Day>,
    /// Measures intended, by id, sorted.
    pub measures: Vec<MeasureId>,
    /// The organisation that the record is to belong to, where that is what the chain is about.
    pub successor: Option<OrganisationId>,
    /// How it was served, and the proof of it.
    pub service: String,
    /// The day it was served.
    pub served_on: Day,
    /// Last day to answer, inclusive.
    pub represent_until: Day,
    /// Last day to ask for a hearing, where there is a right to one.
    pub hearing_until: Option<Day>,
    /// The instant the window is over.
    pub window_ends_at: Instant,
    /// The instant at which silence decides in favour of the subject (T16).
    pub decide_by: Instant,
    /// Facts, for the subject and the decider.
    pub facts: String,
}

/// What a decision of an authority holds (T14).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upheld {
    /// The document.
    pub document: DecisionDocument,
    /// How grave it turned out.
    pub severity: Option<Severity>,
    /// First day of the term.
    pub start: Day,
    /// Its end.
    pub end: End,
    /// The instant the last day is over.
    pub end_at: Option<Instant>,
    /// Measures it carries, by id, sorted: those noticed or fewer.
    pub measures: Vec<MeasureId>,
    /// Number of points raised by the subject that it answers.
    pub points_answered: u32,
    /// The answer to each of them, in order; none in a decision of version 1.
    pub answers: Vec<String>,
    /// Whether the pack lets a record of this severity be public (I-10).
    pub published: bool,
    /// The instant at which the record becomes public unless something stops it (T18).
    pub standstill_until: Instant,
    /// Reasons, for the subject.
    pub reasons: String,
}

/// What can happen, in the order of a case. Names are past tense and versioned on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// T01: an officer submitted it.
    Submitted(Box<Revision>),
    /// T02.
    ValidationPassed {
        /// The instant by which it has to go on: notice, precheck or publication.
        next_by: Instant,
    },
    /// T03: numbers of the refusals, sorted.
    ValidationFailed {
        /// Which rules said no.
        refusals: Vec<u16>,
    },
    /// T05: a neutral or good record is public.
    Published,
    /// T06, T17.
    NoticeServed(Box<Notice>),
    /// T07: the subject was told of an imported-final record.
    PrecheckOpened {
        /// How and when the subject was told.
        service: String,
        /// The instant at which it becomes public unless something stops it.
        standstill_until: Instant,
    },
    /// T08: an answer of the subject.
    RepresentationMade {
        /// Points raised, each of which a decision has to answer.
        points: u32,
        /// Each of them, in order; none in a statement of version 1, which has them in its text.
        list: Vec<String>,
        /// What is said beside them, for the decider.
        text: String,
    },
    /// T09.
    HearingRequested {
        /// The day of the hearing.
        hearing_on: Day,
        /// The instant by which the hearing has to be closed.
        close_by: Instant,
        /// The instant at which silence decides.
        decide_by: Instant,
    },
    /// T11.
    WindowWaived,
    /// The waiver of T11 taken back.
    WaiverRevoked,
    /// T12.
    HearingClosed {
        /// Reference of the record of the hearing.
        protocol: String,
    },
    /// T13.
    HearingWithdrawn,
    /// T14.
    DecisionUpheld(Box<Upheld>),
    /// T15.
    DecisionNotUpheld {
        /// Reasons, for the subject.
        reasons: String,
    },
    /// T20.
    ErrorFlagged {
        /// What is wrong.
        ground: FlagGround,
        /// The instant by which the authority has to answer.
        answer_by: Instant,
        /// Why, for the authority.
        text: String,
    },
    /// T20a.
    FlagCleared {
        /// Reasons, for the subject.
        reasons: String,
        /// The standstill goes on until then.
        standstill_until: Instant,
    },
    /// T20b: the authority agrees; nothing was public.
    FlagUpheld,
    /// T21.
    Abandoned,
    /// T22.
    ObjectionFiled {
        /// What is said to be wrong.
        ground: ObjectionGround,
        /// The instant by which every view has to carry the marker.
        mark_by: Instant,
        /// The instant by which the registry has to forward it.
        forward_by: Instant,
        /// The instant at which silence hides the record (T27).
        decide_by: Instant,
        /// Why, for the authority.
        text: String,
    },
    /// T23.
    ObjectionForwarded,
    /// The one extension of T24.
    ObjectionExtended {
        /// The later instant.
        decide_by: Instant,
    },
    /// T24, and the reviewer's rejection of an appeal.
    ObjectionRejected {
        /// Until when the subject may appeal; `None` after an appeal.
        appeal_until: Option<Instant>,
        /// Reasons, for the subject.
        reasons: String,
    },
    /// T28.
    ObjectionEscalated {
        /// The instant by which the reviewer decides.
        decide_by: Instant,
    },
    /// T25, T29, T56: a successor takes its place.
    Corrected {
        /// The record that takes its place.
        successor: RecordId,
        /// The instant from which the tombstone is not served any more (I-14).
        tombstone_until: Instant,
    },
    /// T26, T30, T33, T43.
    Withdrawn {
        /// The category a tombstone shows.
        reason: WithdrawalReason,
        /// The order or document it rests on.
        reference: String,
        /// The instant by which the authority had to withdraw it after an order (T30).
        due_by: Option<Instant>,
        /// The instant from which the tombstone is not served any more (I-14).
        tombstone_until: Instant,
    },
    /// T19, T31, T39, T49.
    Stayed {
        /// By whose order.
        reason: StayReason,
        /// The order or ruling.
        reference: String,
    },
    /// T32.
    StayLifted {
        /// The order.
        reference: String,
        /// Where a standstill was stopped: it goes on until then.
        standstill_until: Option<Instant>,
        /// Where the order says that stayed time does not count: the new end, never beyond what
        /// the stay took.
        end_at: Option<Instant>,
    },
    /// T34.
    RepairApplied {
        /// Conditions the subject says are met, sorted.
        conditions: Vec<ConditionKey>,
        /// The instant by which the authority has to decide.
        decide_by: Instant,
        /// The instant by which the reviewer has to decide, should it not.
        review_by: Instant,
        /// Evidence, for the authority.
        text: String,
    },
    /// The one extension of a complex application (T35).
    RepairExtended {
        /// The later instant.
        decide_by: Instant,
        /// The later instant of the reviewer.
        review_by: Instant,
    },
    /// T35.
    RepairGranted,
    /// T36.
    RepairRefused {
        /// The listed conditions that are not met, sorted; never empty (I-16).
        unmet: Vec<ConditionKey>,
        /// What is missing, for the subject.
        reasons: String,
    },
    /// T38.
    RepairRevoked {
        /// What was proven: false documents, or a broken commitment.
        reference: String,
        /// The end, never beyond the original one.
        end_at: Option<Instant>,
        /// Why, and what is said to each point; none in version 1.
        answered: Option<Box<Answered>>,
    },
    /// T41.
    ReleasedEarly {
        /// Conditions met, sorted.
        conditions: Vec<ConditionKey>,
    },
    /// T42.
    Extended {
        /// The new last day.
        end: Day,
        /// The instant it is over.
        end_at: Instant,
        /// The instant from which the later end holds, if the record still stands then.
        effective_at: Instant,
        /// The document.
        document: DecisionDocument,
        /// Why, and what is said to each point; none in version 1.
        answered: Option<Box<Answered>>,
    },
    /// A later version of the law lets no such record stand that long (I-11). It is told by the act
    /// that adopted the version.
    TermShortened {
        /// The new last day.
        end: Day,
        /// The instant it is over; never later than before.
        end_at: Instant,
        /// Hash of the pack that is more lenient.
        pack: String,
    },
    /// T44.
    SubjectCeased {
        /// The instant from which it is not shown any more.
        keep_until: Instant,
    },
    /// T45: a reviewer of the registry has looked at a decision that names the successor; a second
    /// one carries it out.
    ImputationReviewed {
        /// Whose record it is to be.
        successor: OrganisationId,
    },
    /// T45: a decision names the successor organisation.
    Imputed {
        /// Whose record it is from now on.
        successor: OrganisationId,
        /// The decision on imputation.
        reference: String,
    },
    /// T47: content and salt are destroyed; the `erasure` entry names the openings.
    Erased,
    /// T48.
    HoldPlaced {
        /// The order.
        reference: String,
    },
    /// T48.
    HoldReleased {
        /// The order.
        reference: String,
    },
    /// T50: a record of a peer is recognised here.
    Recognised {
        /// Origin of the peer's log.
        origin: String,
        /// Position there.
        position: u64,
        /// The recognition rule of the pack.
        rule: CatalogueKey,
        /// The instant from which it is stale unless the peer is heard again.
        fresh_until: Instant,
    },
    /// The peer's log was read again, and the record stands there.
    OriginSeen {
        /// Stale from then on.
        fresh_until: Instant,
    },
    /// T51: it does not stand at its origin any more.
    OriginEnded,
    /// T55.
    InterimPublished {
        /// Why at once.
        need: String,
        /// How the subject was told the same day.
        service: String,
        /// Last day to oppose.
        oppose_until: Day,
        /// Its own end, whatever happens (I-61).
        lapses_at: Instant,
    },
    /// A statement of the subject, shown with the record.
    StatementAdded {
        /// At most 500 characters, scanned for persons.
        text: String,
    },
    /// T54: the head of an addressee sets a measure aside.
    MeasureOverridden {
        /// Which measure.
        measure: MeasureId,
        /// From.
        from: Day,
        /// Until, inclusive.
        until: Day,
        /// The reasons, public.
        reasons: String,
    },
}

macro_rules! wire_names {
    ($($variant:ident = $name:literal,)*) => {
        impl Step {
            /// Every name on the wire, in the order of a case.
            pub const NAMES: &'static [&'static str] = &[$($name,)*];

            /// The name on the wire, without version.
            pub const fn name(&self) -> &'static str {
                match self { $(Step::$variant { .. } => $name,)* }
            }

            /// Name and version on the wire.
            pub fn wire_type(&self) -> &'static str {
                match (self, self.version()) {
                    $((Step::$variant { .. }, 1) => concat!($name, "/1"),
                      (Step::$variant { .. }, _) => concat!($name, "/2"),)*
                }
            }
        }
    };
}

impl Step {
    /// Names of the steps that have a version 2: it holds in full what version 1 counted.
    pub const IN_TWO_VERSIONS: [&'static str; 5] =
        ["NoticeServed", "RepresentationMade", "DecisionUpheld", "TermExtended", "RepairRevoked"];

    /// The version of its body.
    pub fn version(&self) -> u8 {
        let is_second = match self {
            Step::NoticeServed(notice) => notice.texts.is_some(),
            Step::RepresentationMade { list, .. } => !list.is_empty(),
            Step::DecisionUpheld(upheld) => !upheld.answers.is_empty(),
            Step::Extended { answered, .. } | Step::RepairRevoked { answered, .. } => {
                answered.is_some()
            }
            _ => false,
        };
        if is_second { 2 } else { 1 }
    }
}

wire_names! {
    Submitted = "CaseSubmitted",
    ValidationPassed = "CaseValidated",
    ValidationFailed = "CaseRejected",
    Published = "CasePublished",
    NoticeServed = "NoticeServed",
    PrecheckOpened = "PrecheckOpened",
    RepresentationMade = "RepresentationMade",
    HearingRequested = "HearingRequested",
    WindowWaived = "WindowWaived",
    WaiverRevoked = "WaiverRevoked",
    HearingClosed = "HearingClosed",
    HearingWithdrawn = "HearingWithdrawn",
    DecisionUpheld = "DecisionUpheld",
    DecisionNotUpheld = "DecisionNotUpheld",
    ErrorFlagged = "ErrorFlagged",
    FlagCleared = "FlagCleared",
    FlagUpheld = "FlagUpheld",
    Abandoned = "CaseAbandoned",
    ObjectionFiled = "ObjectionFiled",
    ObjectionForwarded = "ObjectionForwarded",
    ObjectionExtended = "ObjectionExtended",
    ObjectionRejected = "ObjectionRejected",
    ObjectionEscalated = "ObjectionEscalated",
    Corrected = "RecordCorrected",
    Withdrawn = "RecordWithdrawn",
    Stayed = "RecordStayed",
    StayLifted = "StayLifted",
    RepairApplied = "RepairApplied",
    RepairExtended = "RepairExtended",
    RepairGranted = "RepairGranted",
    RepairRefused = "RepairRefused",
    RepairRevoked = "RepairRevoked",
    ReleasedEarly = "ReleasedEarly",
    Extended = "TermExtended",
    SubjectCeased = "SubjectCeased",
    ImputationReviewed = "ImputationReviewed",
    Imputed = "RecordImputed",
    Erased = "RecordErased",
    HoldPlaced = "HoldPlaced",
    HoldReleased = "HoldReleased",
    Recognised = "RecordRecognised",
    OriginSeen = "OriginSeen",
    OriginEnded = "OriginEnded",
    InterimPublished = "InterimPublished",
    StatementAdded = "StatementAdded",
    MeasureOverridden = "MeasureOverridden",
    TermShortened = "TermShortened",
}

/// Longest statement of a subject, in characters (domain.md T24).
pub const STATEMENT_CHARACTERS_MAX: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_lists_round_trip() {
        for severity in Severity::ALL {
            assert_eq!(Severity::from_key(severity.key()), Some(*severity));
        }
        assert_eq!(Severity::from_key("total"), None);
        assert_eq!(Attestation::ALL.len(), 6);
        assert!(Severity::Minor < Severity::General && Severity::General < Severity::Serious);
    }

    #[test]
    fn accounts_are_roles_with_numbers() {
        for text in ["officer-1", "decider-999999"] {
            assert!(AccountHandle::new(text).is_some(), "{text}");
        }
        for text in
            ["", "officer", "officer-", "officer-01", "clerk-1", "decider-li", "officer-1234567"]
        {
            assert!(AccountHandle::new(text).is_none(), "{text}");
        }
    }
}
