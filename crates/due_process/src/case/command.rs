//! What can be asked for, by whom, and what the rules are told beside it.

use std::collections::{BTreeMap, BTreeSet};

use domain::authority::AuthorityKey;
use domain::case::{
    Actor, Attested, ConditionKey, Conduct, DecisionDocument, FlagGround, MeasureId, Mode,
    NoticeTexts, ObjectionGround, Procedure, Purpose, Severity, StayReason, Territory,
    WithdrawalReason,
};
use domain::civil::{Day, End, Instant};
use domain::ids::{OrganisationId, RecordId};
use domain::limits::Ground;
use domain::organisation::OrganisationKind;
use domain::record::Body;
use domain::refusal::{Problem, Refusal};
use policy::calendar::Uncovered;
use policy::catalogue::{CatalogueEntry, Mandate};
use policy::procedure::{PeriodKey, ProcedureRules};

use super::Refused;
use super::state::Case;

/// Who acts, when, and under which law.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// max(clock, last committed time); the rules hold it to the case's own time too (I-48).
    pub now: Instant,
    /// The catalogue entry of the record.
    pub entry: &'a CatalogueEntry,
    /// The periods of its jurisdiction.
    pub rules: &'a ProcedureRules,
    /// The other record of a correction, where there is one: its successor when a record is
    /// corrected, its predecessor when a successor goes on. Without it these steps are refused.
    pub counterpart: Option<&'a Case>,
}

impl Setting<'_> {
    /// Today in the authority's zone.
    pub(super) fn today(&self) -> Day {
        self.now.day_in(self.rules.zone())
    }

    /// The last day of a period from `start`.
    pub(super) fn last_day(&self, key: PeriodKey, start: Day) -> Result<Day, Refused> {
        let Some(period) = self.rules.period(key) else {
            return Err(vec![Problem::of_input(Refusal::PeriodMissing).with_detail(key.key())]);
        };
        period.last_day(start, &self.rules.calendar).map_err(uncovered)
    }

    /// The same for what the subject files. A calendar that nobody has carried on takes no right
    /// from it: days beyond its end count by the week, until the registry adopts the next year. No
    /// deadline of the subject hangs on it; others' come no later than by the law.
    pub(super) fn last_day_of_answer(&self, key: PeriodKey, start: Day) -> Result<Day, Refused> {
        let Some(period) = self.rules.period(key) else {
            return Err(vec![Problem::of_input(Refusal::PeriodMissing).with_detail(key.key())]);
        };
        match period.last_day(start, &self.rules.calendar) {
            Ok(day) => Ok(day),
            Err(_) => {
                let longer = self.rules.calendar.by_the_week_from_its_end();
                period.last_day(start, &longer).map_err(uncovered)
            }
        }
    }

    /// The instant at which such a period from `start` is over.
    pub(super) fn answer_ends_at(&self, key: PeriodKey, start: Day) -> Result<Instant, Refused> {
        Ok(self.rules.zone().end_of(self.last_day_of_answer(key, start)?))
    }

    /// The same from today.
    pub(super) fn answer_ends_from_today(&self, key: PeriodKey) -> Result<Instant, Refused> {
        self.answer_ends_at(key, self.today())
    }

    /// The instant at which a period from `start` is over.
    pub(super) fn ends_at(&self, key: PeriodKey, start: Day) -> Result<Instant, Refused> {
        Ok(self.rules.zone().end_of(self.last_day(key, start)?))
    }

    /// The same from today.
    pub(super) fn ends_from_today(&self, key: PeriodKey) -> Result<Instant, Refused> {
        self.ends_at(key, self.today())
    }
}

/// A calendar that does not reach so far: a refusal, not a guess.
pub(super) fn uncovered(uncovered: Uncovered) -> Refused {
    vec![Problem::of_input(Refusal::CalendarUncovered).with_detail(uncovered.day.to_string())]
}

/// A new record as an authority hands it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Its new id.
    pub record: RecordId,
    /// Whom it is about.
    pub organisation: OrganisationId,
    /// Who hands it in.
    pub authority: AuthorityKey,
    /// Hosted or imported.
    pub mode: Mode,
    /// The subject's name as the authority writes it.
    pub name_as_written: String,
    /// Grounds.
    pub grounds: Vec<Ground>,
    /// How grave, as the authority says; checked against the rules of the entry (V07).
    pub severity: Option<Severity>,
    /// By which procedure.
    pub procedure: Procedure,
    /// Number of the case at the authority.
    pub case_number: String,
    /// The decision of an imported-final record.
    pub decision: Option<DecisionDocument>,
    /// When the conduct happened.
    pub conduct: Option<Conduct>,
    /// First day of the term, where it is not the rule's.
    pub start: Option<Day>,
    /// Last day, or the basis for having none.
    pub end: Option<End>,
    /// Whether a remedy is pending.
    pub under_review: bool,
    /// Attestations.
    pub attestations: Vec<Attested>,
    /// The record it corrects.
    pub predecessor: Option<RecordId>,
    /// The rejected submission it repeats.
    pub resubmission_of: Option<RecordId>,
    /// The fields of its type.
    pub body: Body,
}

/// What the registry knows that a submission is judged by.
#[derive(Debug, Clone, Copy)]
pub struct SubmissionFacts<'a> {
    /// The subject's kind on record.
    pub kind: OrganisationKind,
    /// Whether the subject resolves to one organisation by an identifier or a named reviewer
    /// (I-29).
    pub is_identified: bool,
    /// Mandates of the authority.
    pub mandates: &'a [Mandate],
    /// Where the authority's decision holds.
    pub territory: &'a Territory,
    /// The severity the entry's rules give for the facts submitted (V07).
    pub severity: Option<Severity>,
    /// Whether another record of this authority and type has this document number (V06).
    pub document_repeated: bool,
    /// Whether the authority has accused this organisation of the same act before
    /// ([`super::is_act_repeated`]).
    pub act_repeated: bool,
    /// The case the submission corrects, where it names one.
    pub predecessor: Option<&'a Case>,
    /// The rejected submission it repeats, where it names one.
    pub resubmission_of: Option<&'a Case>,
    /// From when the pack and the mandate may be used against somebody (adoption and 30 days).
    pub in_use_from: Instant,
    /// Hash of the pack.
    pub pack_hash: &'a str,
    /// Whether the authority has handed in more adverse records lately than its rate: then a
    /// reviewer looks first.
    pub above_rate: bool,
}

/// A notice as an authority wants to serve it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeDraft {
    /// What it is about.
    pub purpose: Purpose,
    /// The heaviest outcome.
    pub severity: Option<Severity>,
    /// The latest end; `None` for a term without end, where the law allows it.
    pub end_max: Option<Day>,
    /// Measures intended.
    pub measures: BTreeSet<MeasureId>,
    /// Whose record it is to be, where the notice is about that (T45).
    pub successor: Option<OrganisationId>,
    /// What that organisation is on record as; filled in by the registry, none for an unknown one.
    pub successor_kind: Option<OrganisationKind>,
    /// How it was served, and the proof.
    pub service: String,
    /// When.
    pub served_on: Day,
    /// Facts.
    pub facts: String,
    /// What beside them only the authority knows.
    pub texts: NoticeTexts,
}

/// What a decider decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The document.
    pub document: DecisionDocument,
    /// How grave.
    pub severity: Option<Severity>,
    /// Its end.
    pub end: End,
    /// Measures it carries.
    pub measures: BTreeSet<MeasureId>,
    /// What is said to each point of the subject, by its number from 1.
    pub answers: BTreeMap<u32, String>,
    /// Reasons.
    pub reasons: String,
}

/// Everything that can be asked of a case. Commands are imperative, events past tense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// T02, of what waited for a reviewer
    AdmitSubmission,
    /// T03, of what waited for a reviewer
    ReturnSubmission,
    /// T05
    PublishNeutral,
    /// T06, and the notices of T38 and T42
    ServeNotice(NoticeDraft),
    /// T17
    RenewNotice(NoticeDraft),
    /// T07
    OpenPrecheck {
        /// How and when the subject was told.
        service: String,
    },
    /// T08
    Represent {
        /// Points raised, each of which a decision answers.
        points: Vec<String>,
        /// What is said beside them.
        text: String,
    },
    /// T09
    RequestHearing,
    /// T11
    Waive,
    /// T11, taken back
    RevokeWaiver,
    /// T12
    CloseHearing {
        /// The record of the hearing.
        protocol: String,
    },
    /// T13
    WithdrawHearing,
    /// T14, T38, T42
    Uphold(Outcome),
    /// T15
    NotUphold {
        /// Reasons.
        reasons: String,
    },
    /// T21
    Abandon,
    /// T20
    FlagError {
        /// What is wrong.
        ground: FlagGround,
        /// Why.
        text: String,
    },
    /// T20a
    ClearFlag {
        /// Reasons.
        reasons: String,
    },
    /// T20b
    UpholdFlag,
    /// T55
    PublishInterim {
        /// Why at once.
        need: String,
        /// How the subject was told today.
        service: String,
        /// Days that earlier interim records about the same accusation stood. The registry counts
        /// them ([`interim_days`](super::interim_days)), whoever asks.
        served_days: u16,
    },
    /// T22
    Object {
        /// What is wrong.
        ground: ObjectionGround,
        /// Why.
        text: String,
    },
    /// T23
    ForwardObjection,
    /// T24, its one extension
    ExtendObjection,
    /// T24
    RejectObjection {
        /// Reasons.
        reasons: String,
    },
    /// T28
    Escalate,
    /// T25, T29
    Correct {
        /// The record that takes its place; it has to name this one as its predecessor.
        successor: RecordId,
    },
    /// T26, T30, T33, T43
    Withdraw {
        /// The category.
        reason: WithdrawalReason,
        /// Order or document.
        reference: String,
        /// The day of the order, where one asked for it.
        ordered_on: Option<Day>,
    },
    /// T19, T31, T39, T49
    Stay {
        /// By whose order.
        reason: StayReason,
        /// The order.
        reference: String,
    },
    /// T32
    LiftStay {
        /// The order.
        reference: String,
        /// Whether stayed time counts toward the term; it does unless the order says not.
        stayed_time_counts: bool,
    },
    /// T34
    ApplyRepair {
        /// Conditions met.
        conditions: BTreeSet<ConditionKey>,
        /// Evidence.
        text: String,
    },
    /// T35, its one extension
    ExtendRepair,
    /// T35
    GrantRepair,
    /// T36
    RefuseRepair {
        /// Conditions not met.
        unmet: BTreeSet<ConditionKey>,
        /// What is missing.
        reasons: String,
    },
    /// T41
    ReleaseEarly {
        /// Conditions met.
        conditions: BTreeSet<ConditionKey>,
    },
    /// T44
    CeaseSubject {
        /// The day of dissolution.
        on: Day,
    },
    /// T45
    Impute {
        /// Whose it is from now on.
        successor: OrganisationId,
        /// What that organisation is on record as; filled in by the registry.
        kind: Option<OrganisationKind>,
        /// The decision that names it.
        reference: String,
    },
    /// A statement beside the record (T24)
    AddStatement {
        /// At most 500 characters.
        text: String,
    },
    /// T54
    OverrideMeasure {
        /// Which measure.
        measure: MeasureId,
        /// From.
        from: Day,
        /// Until, inclusive.
        until: Day,
        /// Public reasons.
        reasons: String,
    },
    /// T48
    PlaceHold {
        /// The order.
        reference: String,
    },
    /// T48
    ReleaseHold {
        /// The order.
        reference: String,
    },
    /// T47
    Erase,
    /// T52, the peer was heard again
    SeeOrigin {
        /// Fresh until then.
        fresh_until: Instant,
    },
    /// T51
    EndOrigin,
}

impl Command {
    /// What it is called in the table of transitions.
    pub const fn name(&self) -> &'static str {
        match self {
            Command::AdmitSubmission => "AdmitSubmission",
            Command::ReturnSubmission => "ReturnSubmission",
            Command::PublishNeutral => "PublishNeutral",
            Command::ServeNotice(_) => "ServeNotice",
            Command::RenewNotice(_) => "RenewNotice",
            Command::OpenPrecheck { .. } => "OpenPrecheck",
            Command::Represent { .. } => "Represent",
            Command::RequestHearing => "RequestHearing",
            Command::Waive => "Waive",
            Command::RevokeWaiver => "RevokeWaiver",
            Command::CloseHearing { .. } => "CloseHearing",
            Command::WithdrawHearing => "WithdrawHearing",
            Command::Uphold(_) => "Uphold",
            Command::NotUphold { .. } => "NotUphold",
            Command::Abandon => "Abandon",
            Command::FlagError { .. } => "FlagError",
            Command::ClearFlag { .. } => "ClearFlag",
            Command::UpholdFlag => "UpholdFlag",
            Command::PublishInterim { .. } => "PublishInterim",
            Command::Object { .. } => "Object",
            Command::ForwardObjection => "ForwardObjection",
            Command::ExtendObjection => "ExtendObjection",
            Command::RejectObjection { .. } => "RejectObjection",
            Command::Escalate => "Escalate",
            Command::Correct { .. } => "Correct",
            Command::Withdraw { .. } => "Withdraw",
            Command::Stay { .. } => "Stay",
            Command::LiftStay { .. } => "LiftStay",
            Command::ApplyRepair { .. } => "ApplyRepair",
            Command::ExtendRepair => "ExtendRepair",
            Command::GrantRepair => "GrantRepair",
            Command::RefuseRepair { .. } => "RefuseRepair",
            Command::ReleaseEarly { .. } => "ReleaseEarly",
            Command::CeaseSubject { .. } => "CeaseSubject",
            Command::Impute { .. } => "Impute",
            Command::AddStatement { .. } => "AddStatement",
            Command::OverrideMeasure { .. } => "OverrideMeasure",
            Command::PlaceHold { .. } => "PlaceHold",
            Command::ReleaseHold { .. } => "ReleaseHold",
            Command::Erase => "Erase",
            Command::SeeOrigin { .. } => "SeeOrigin",
            Command::EndOrigin => "EndOrigin",
        }
    }
}
