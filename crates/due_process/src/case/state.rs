//! What a case is, and what is read from it.

use std::collections::BTreeSet;

use domain::authority::AuthorityKey;
use domain::case::{
    AccountHandle, ConditionKey, FlagGround, MeasureId, ObjectionGround, Purpose, Revision,
    Severity, StayReason, WithdrawalReason,
};
use domain::civil::{Day, End, Instant};
use domain::identity::ReviewerHandle;
use domain::ids::{OrganisationId, RecordId};
use domain::record::Polarity;

/// Where a case stands, by the states of domain.md 5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// S1
    Submitted,
    /// S2
    Rejected,
    /// S3
    Validated,
    /// S4
    Noticed,
    /// S5
    Hearing,
    /// S6
    Deciding,
    /// S7
    NotUpheld,
    /// S8
    Standstill,
    /// S9
    Published,
    /// S10
    Objected,
    /// S11
    Stayed,
    /// S12
    Corrected,
    /// S13
    Withdrawn,
    /// S14
    Repaired,
    /// S15
    Expired,
    /// S16
    Retired,
    /// S17
    Erased,
}

impl State {
    /// Every state. S0 `draft` is on the authority's side and never here.
    pub const ALL: [State; 17] = [
        State::Submitted,
        State::Rejected,
        State::Validated,
        State::Noticed,
        State::Hearing,
        State::Deciding,
        State::NotUpheld,
        State::Standstill,
        State::Published,
        State::Objected,
        State::Stayed,
        State::Corrected,
        State::Withdrawn,
        State::Repaired,
        State::Expired,
        State::Retired,
        State::Erased,
    ];

    /// The key in answers and message files.
    pub const fn key(self) -> &'static str {
        match self {
            State::Submitted => "submitted",
            State::Rejected => "rejected",
            State::Validated => "validated",
            State::Noticed => "noticed",
            State::Hearing => "hearing",
            State::Deciding => "deciding",
            State::NotUpheld => "not_upheld",
            State::Standstill => "standstill",
            State::Published => "published",
            State::Objected => "objected",
            State::Stayed => "stayed",
            State::Corrected => "corrected",
            State::Withdrawn => "withdrawn",
            State::Repaired => "repaired",
            State::Expired => "expired",
            State::Retired => "retired",
            State::Erased => "erased",
        }
    }

    /// The number in the specification, 1 to 17.
    pub fn number(self) -> usize {
        State::ALL.iter().position(|state| *state == self).map_or(0, |place| place + 1)
    }
}

/// How far the record itself has come. Chains, objections and repair cases run beside it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Handed in, not yet checked: exists between two events of one batch only.
    Submitted,
    /// Refused or returned; nothing was public.
    Rejected {
        /// Since when.
        at: Instant,
    },
    /// Checked; the next step is due by then.
    Validated {
        /// Notice, precheck or publication.
        next_by: Instant,
    },
    /// A chain about the record runs: noticed, hearing, deciding.
    InChain,
    /// Ended in the subject's favour.
    NotUpheld {
        /// Since when.
        at: Instant,
    },
    /// Decided, or attested and being checked; public from then on unless something stops it.
    Standstill {
        /// The instant.
        until: Instant,
    },
    /// In effect.
    Published {
        /// Since when.
        since: Instant,
    },
    /// Stopped by an order; not shown, counts nowhere.
    Stayed(Stayed),
    /// Over, for this reason; content is kept for lawful proof until it is destroyed.
    Ended {
        /// How.
        how: Ended,
        /// Since when.
        at: Instant,
    },
    /// Content and salt destroyed.
    Erased,
}

/// Orders that stop a record. It stands still until the last of them is lifted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stayed {
    /// By whose order, in the order in which they came; never empty, each once.
    pub reasons: Vec<StayReason>,
    /// Since the first of them.
    pub since: Instant,
    /// Where it stood before, and goes on when the last is lifted.
    pub before: Box<Phase>,
}

/// How a record ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Ended {
    /// A successor took its place (S12).
    Corrected {
        /// Which.
        successor: RecordId,
        /// Its tombstone is served until then.
        tombstone_until: Option<Instant>,
    },
    /// Taken back (S13).
    Withdrawn {
        /// The category the tombstone shows.
        reason: WithdrawalReason,
        /// Its tombstone is served until then; `None` when it never was public.
        tombstone_until: Option<Instant>,
    },
    /// Repaired or released (S14).
    Repaired,
    /// Over by time (S15).
    Expired,
}

/// A chain of notice, answer and decision.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Chain {
    /// What it is about.
    pub purpose: Purpose,
    /// How far it has come.
    pub stage: ChainStage,
    /// The heaviest outcome noticed.
    pub severity_max: Option<Severity>,
    /// The latest end noticed; `None` for a term without end.
    pub end_max: Option<Day>,
    /// Measures noticed.
    pub measures: BTreeSet<MeasureId>,
    /// Last instant to answer.
    pub window_ends_at: Instant,
    /// Last day to ask for a hearing.
    pub hearing_until: Option<Day>,
    /// The instant at which silence decides in favour of the subject.
    pub decide_by: Instant,
    /// The last day of that window.
    pub window_last_day: Day,
    /// Points raised by the subject, those against an earlier notice of this chain included.
    pub points: u32,
    /// Whether a hearing was held or given up: there is one.
    pub heard: bool,
    /// Since when it is at its stage.
    pub since: Instant,
    /// The facts as noticed; a new notice says something else (T17).
    pub facts: String,
    /// The organisation that the record is to belong to, where the chain is about that (T45).
    pub successor: Option<OrganisationId>,
}

/// A decision that the record belongs to a successor, not yet carried out (T45).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Imputation {
    /// Whose record it is to be.
    pub successor: OrganisationId,
    /// The standstill is over: from then on two reviewers may carry it out.
    pub from: Instant,
    /// The first reviewer who looked at it.
    pub reviewed_by: Option<ReviewerHandle>,
}

/// How far a chain has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChainStage {
    /// S4
    Noticed,
    /// S5
    Hearing {
        /// The day of the hearing.
        on: Day,
        /// To be closed by then.
        close_by: Instant,
    },
    /// S6
    Deciding {
        /// Whether by waiver, which can be taken back.
        waived: bool,
    },
}

/// A flag that stops a standstill (T20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flag {
    /// What is said to be wrong.
    pub ground: FlagGround,
    /// When it was raised.
    pub at: Instant,
    /// Unanswered by then, the record goes back (T20b).
    pub answer_by: Instant,
}

/// An objection against a record in effect.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Objection {
    /// What is said to be wrong.
    pub ground: ObjectionGround,
    /// Whether the subject filed it, and not a third party.
    pub by_subject: bool,
    /// When it was filed; the marker is in every view from this instant on.
    pub at: Instant,
    /// With whom it is.
    pub level: ObjectionLevel,
    /// Unanswered by then, the record is hidden (T27).
    pub decide_by: Instant,
    /// Whether it was extended.
    pub extended: bool,
    /// Whether it was forwarded to the source.
    pub forwarded: bool,
    /// To be forwarded by then.
    pub forward_by: Instant,
}

/// With whom an objection is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ObjectionLevel {
    /// The source authority.
    Authority,
    /// A reviewer of the registry, after a refusal.
    Reviewer,
    /// Rejected; the subject may appeal until then.
    Appealable {
        /// Last instant; `None` after an appeal.
        until: Option<Instant>,
    },
}

/// An open application for repair.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Repair {
    /// Conditions the subject says are met.
    pub conditions: BTreeSet<ConditionKey>,
    /// When.
    pub at: Instant,
    /// The authority decides until then.
    pub decide_by: Instant,
    /// The reviewer decides until then, should the authority not (T37).
    pub review_by: Instant,
    /// Whether it was extended.
    pub extended: bool,
}

/// An interim record (T55): public before it was decided, labelled "not a finding".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interim {
    /// Since when.
    pub since: Instant,
    /// Last day to oppose it before a notice is served.
    pub oppose_until: Day,
    /// Its own end.
    pub lapses_at: Instant,
}

/// From when to when a record holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Term {
    /// First day.
    pub start: Option<Day>,
    /// Last day, or the basis for having none.
    pub end: Option<End>,
    /// The instant the last day is over.
    pub end_at: Option<Instant>,
    /// The end first decided: no repair revoked brings a later one (T38).
    pub original_end_at: Option<Instant>,
    /// An extension that was decided and holds from its instant on: (effective, day, end).
    pub extension: Option<(Instant, Day, Instant)>,
}

/// A mirrored record of a peer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MirrorOf {
    /// Origin of the peer's log.
    pub origin: String,
    /// Stale from then on (T52).
    pub fresh_until: Instant,
}

/// What the public sees of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exposure {
    /// Nothing: as if it never was.
    Nothing,
    /// Content, with these labels.
    Shown {
        /// "An objection is open."
        objected: bool,
        /// "Interim, not a finding."
        interim: bool,
    },
    /// "Corrected by ...": no content.
    CorrectedTombstone,
    /// "Withdrawn: reason": no content.
    WithdrawnTombstone(WithdrawalReason),
}

/// A case: the fold of its events up to an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The record.
    pub record: RecordId,
    /// Whose it is now.
    pub organisation: OrganisationId,
    /// Whether a decision made it a successor's: whoever it was about acts in it no more.
    pub is_imputed: bool,
    /// Whose record it is.
    pub authority: AuthorityKey,
    /// What it says.
    pub revision: Revision,
    /// How far it has come.
    pub phase: Phase,
    /// The chain that runs, if any.
    pub chain: Option<Chain>,
    /// A flag that stops the standstill.
    pub flag: Option<Flag>,
    /// The interim record, while it stands.
    pub interim: Option<Interim>,
    /// When an interim record began: time served counts, also after it lapsed (T56).
    pub interim_since: Option<Instant>,
    /// Points raised against an interim record before any notice.
    pub opposed: u32,
    /// The last objection, while it matters.
    pub objection: Option<Objection>,
    /// Grounds on which third parties objected so far: each once.
    pub third_party_grounds: BTreeSet<ObjectionGround>,
    /// Whether it ended as something that tells about a person (T49): content is kept no longer.
    pub taken_down: bool,
    /// The open application for repair.
    pub repair: Option<Repair>,
    /// From when to when.
    pub term: Term,
    /// Measures decided.
    pub measures: BTreeSet<MeasureId>,
    /// Who submitted it.
    pub officer: Option<AccountHandle>,
    /// Who decided it.
    pub deciders: BTreeSet<AccountHandle>,
    /// Reviewers who decided about it.
    pub reviewers: BTreeSet<ReviewerHandle>,
    /// Whether a flag of this standstill was cleared: each ground once.
    pub flags_raised: BTreeSet<FlagGround>,
    /// The subject's statement.
    pub statement: Option<String>,
    /// From then on a good record may be taken back, as decided after notice.
    pub withdrawal_from: Option<Instant>,
    /// A decided move to a successor that waits to be carried out.
    pub imputation: Option<Imputation>,
    /// Not shown from then on, because the organisation was dissolved (T44).
    pub ceased_keep_until: Option<Instant>,
    /// Whether destruction is forbidden (T48).
    pub hold: bool,
    /// The peer it mirrors.
    pub mirror: Option<MirrorOf>,
    /// Whether it was ever public in full.
    pub was_public: bool,
    /// When it was handed in.
    pub submitted_at: Instant,
    /// When it was last told anything: nothing is evaluated before.
    pub at: Instant,
}

impl Case {
    /// The state of domain.md 5.2. Call it on a case evaluated for an instant ([`Case::as_of`]).
    pub fn state(&self) -> State {
        match &self.phase {
            Phase::Submitted => State::Submitted,
            Phase::Rejected { .. } => State::Rejected,
            Phase::Validated { .. } | Phase::InChain | Phase::Standstill { .. }
                if self.interim.is_some() =>
            {
                self.state_in_effect()
            }
            Phase::Validated { .. } => State::Validated,
            Phase::InChain => match self.chain.as_ref().map(|chain| chain.stage) {
                Some(ChainStage::Hearing { .. }) => State::Hearing,
                Some(ChainStage::Deciding { .. }) => State::Deciding,
                Some(ChainStage::Noticed) | None => State::Noticed,
            },
            Phase::NotUpheld { .. } => State::NotUpheld,
            Phase::Standstill { .. } => State::Standstill,
            Phase::Published { .. } => self.state_in_effect(),
            Phase::Stayed(_) => State::Stayed,
            Phase::Ended { how, .. } => match how {
                _ if self.is_retired() => State::Retired,
                Ended::Corrected { .. } => State::Corrected,
                Ended::Withdrawn { .. } => State::Withdrawn,
                Ended::Repaired => State::Repaired,
                Ended::Expired => State::Expired,
            },
            Phase::Erased => State::Erased,
        }
    }

    /// S9, S10 or S11 of what is in effect.
    fn state_in_effect(&self) -> State {
        match (self.is_hidden(), self.is_objected()) {
            (true, _) => State::Stayed,
            (false, true) => State::Objected,
            (false, false) => State::Published,
        }
    }

    /// Whether it is in effect, as a decided or as an interim record, and no order stops it.
    pub fn is_in_effect(&self) -> bool {
        match self.phase {
            Phase::Published { .. } => true,
            Phase::Validated { .. } | Phase::InChain | Phase::Standstill { .. } => {
                self.interim.is_some()
            }
            _ => false,
        }
    }

    /// T46: the retention clock runs from the end on; a tombstone is still served beside it.
    fn is_retired(&self) -> bool {
        match &self.phase {
            Phase::Ended { how, at } => match how {
                Ended::Corrected { tombstone_until, .. }
                | Ended::Withdrawn { tombstone_until, .. } => {
                    tombstone_until.is_none_or(|until| until <= self.at)
                }
                Ended::Repaired | Ended::Expired => *at < self.at,
            },
            _ => false,
        }
    }

    /// Whether an objection is open with the authority or the reviewer.
    pub fn is_objected(&self) -> bool {
        self.objection.as_ref().is_some_and(|objection| {
            matches!(objection.level, ObjectionLevel::Authority | ObjectionLevel::Reviewer)
        })
    }

    /// Whether silence hides it: an objection (T27) or an application for repair past its last
    /// deadline, or a peer that is not heard (T52).
    pub fn is_hidden(&self) -> bool {
        let objection = !planted!(HiddenShown)
            && self.is_objected()
            && self.objection.as_ref().is_some_and(|objection| objection.decide_by <= self.at);
        let repair = self.repair.as_ref().is_some_and(|repair| repair.review_by <= self.at);
        let mirror = self.mirror.as_ref().is_some_and(|mirror| mirror.fresh_until <= self.at);
        objection || repair || mirror
    }

    /// What the public sees. Only a published, unhidden record shows content (I-01), and a minor
    /// one only where its pack says so (I-10).
    pub fn exposure(&self) -> Exposure {
        match (self.state(), &self.phase) {
            (State::Published | State::Objected, _) if self.revision.published => {
                Exposure::Shown { objected: self.is_objected(), interim: self.interim.is_some() }
            }
            (State::Corrected, _) => Exposure::CorrectedTombstone,
            (State::Withdrawn, Phase::Ended { how: Ended::Withdrawn { reason, .. }, .. }) => {
                Exposure::WithdrawnTombstone(*reason)
            }
            _ => Exposure::Nothing,
        }
    }

    /// The same, told what became of its successor: "corrected by ..." says that there was a
    /// record, so it goes when the successor was repaired, released or is over (I-15).
    pub fn exposure_beside(&self, successor: Option<&Case>) -> Exposure {
        let is_over = successor.is_some_and(|successor| {
            matches!(
                successor.phase,
                Phase::Ended { how: Ended::Repaired | Ended::Expired, .. } | Phase::Erased
            )
        });
        match self.exposure() {
            Exposure::CorrectedTombstone if is_over => Exposure::Nothing,
            exposure => exposure,
        }
    }

    /// Whether it counts in measures, ratings and figures of what is in effect. An interim record
    /// is no finding and never counts (I-61).
    pub fn counts(&self) -> bool {
        matches!(self.exposure(), Exposure::Shown { interim: false, .. })
    }

    /// The measures decided, while the record counts: they end, pause and come back with it, at
    /// the same instant (I-18, I-37).
    pub fn measures_in_force(&self) -> impl Iterator<Item = &MeasureId> {
        self.measures.iter().filter(|_| self.counts())
    }

    /// The last day of the conduct, where known: the ceiling counts from it (I-05).
    pub(super) fn conduct_end(&self) -> Option<Day> {
        self.revision.conduct.map(|conduct| conduct.to)
    }

    /// The organisation that may become the subject: it is heard before it does (T45).
    pub fn named_successor(&self) -> Option<OrganisationId> {
        let noticed = self.chain.as_ref().and_then(|chain| chain.successor);
        noticed.or(self.imputation.as_ref().map(|imputation| imputation.successor))
    }

    /// Whether it speaks against its subject.
    pub fn is_adverse(&self) -> bool {
        self.revision.polarity() == Polarity::Adverse
    }
}
