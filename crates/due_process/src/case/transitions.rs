//! The state machine as data: every transition with its states, who may cause it, what refuses it
//! and what bounds its time. `spec/due-process.md` is generated from this table; the tests walk
//! through the rules and compare each step they see with it.

use domain::case::{Actor, CaseEvent, StayReason, Step, WithdrawalReason};
use domain::refusal::Refusal;
use policy::procedure::PeriodKey;

use super::clock::ClockStep;
use super::rows::TRANSITIONS;
use super::state::{Case, Phase, State};

/// In which role somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Any account of the authority.
    Officer,
    /// An account of the authority that decides.
    Decider,
    /// The organisation the record is about.
    Subject,
    /// A third party with an interest of its own.
    ThirdParty,
    /// The registry itself.
    Registry,
    /// A reviewer of the registry.
    Reviewer,
    /// A court or review body.
    Court,
    /// The registry a mirrored record comes from.
    Peer,
}

impl Role {
    /// Whether `actor` acts in this role.
    pub fn fits(self, actor: &Actor) -> bool {
        match (self, actor) {
            (Role::Officer, Actor::Authority(_))
            | (Role::Subject, Actor::Subject)
            | (Role::ThirdParty, Actor::ThirdParty)
            | (Role::Registry, Actor::Registry)
            | (Role::Reviewer, Actor::Reviewer(_))
            | (Role::Court, Actor::Court)
            | (Role::Peer, Actor::Peer) => true,
            (Role::Decider, Actor::Authority(account)) => account.is_decider(),
            _ => false,
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Role::Officer => "officer of the authority",
            Role::Decider => "decider of the authority",
            Role::Subject => "subject",
            Role::ThirdParty => "third party",
            Role::Registry => "registry",
            Role::Reviewer => "reviewer",
            Role::Court => "court",
            Role::Peer => "peer registry",
        }
    }
}

/// What causes a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// One of these commands.
    Commands(&'static [&'static str]),
    /// Time alone: evaluated when somebody reads or acts.
    Clock,
    /// Not in these rules.
    Elsewhere,
}

/// One row of the state machine.
#[derive(Debug, Clone, Copy)]
pub struct Transition {
    /// Its number in the specification.
    pub number: &'static str,
    /// The steps of it that the diagram draws: the usual ones.
    pub drawn: &'static [(State, State)],
    /// What happens, in a sentence.
    pub what: &'static str,
    /// The states it may begin in; none for what begins a record.
    pub from: &'static [State],
    /// The states it may lead to.
    pub to: &'static [State],
    /// What causes it.
    pub cause: Cause,
    /// In which roles.
    pub roles: &'static [Role],
    /// What can refuse it, beside [`ALWAYS`].
    pub refusals: &'static [Refusal],
    /// The periods that bound it.
    pub periods: &'static [PeriodKey],
}

/// What can refuse every command: the role, the state, a submission that waits for a reviewer, a
/// personal identifier in a text, and a pack that lacks a calendar or a period.
pub const ALWAYS: &[Refusal] = &[
    Refusal::PersonalIdentifier,
    Refusal::ActorUnfit,
    Refusal::StepUnfit,
    Refusal::SubmissionWaits,
    Refusal::CalendarUncovered,
    Refusal::PeriodMissing,
];

/// What a state is to the public, whether it counts, and what it means.
pub const fn meaning(state: State) -> (&'static str, &'static str, &'static str) {
    const NO: &str = "no";
    match state {
        State::Submitted => (NO, NO, "Handed in, being checked: no longer than one batch."),
        State::Rejected => (NO, NO, "Returned to the authority; nothing was public."),
        State::Validated => (NO, NO, "Passed every rule; the next step has a day."),
        State::Noticed => (NO, NO, "The subject was told and may answer."),
        State::Hearing => (NO, NO, "A hearing was asked for."),
        State::Deciding => (NO, NO, "The time to answer is over or given up."),
        State::NotUpheld => (NO, NO, "Ended in favour of the subject."),
        State::Standstill => (NO, NO, "Decided or attested; waits, so that it can be stopped."),
        State::Published => (
            "yes",
            "yes; an interim record never",
            "In effect. An interim record is labelled as no finding.",
        ),
        State::Objected => {
            ("yes, marked", "yes, until the answer is late", "An objection is open.")
        }
        State::Stayed => (NO, NO, "Stopped by an order, or hidden by somebody's silence."),
        State::Corrected => ("tombstone that names the successor", NO, "Replaced by another."),
        State::Withdrawn => ("tombstone with a category", NO, "Taken back, annulled, unlawful."),
        State::Repaired => (NO, NO, "Repaired or released early."),
        State::Expired => (NO, NO, "Over by time."),
        State::Retired => (NO, NO, "Kept for lawful proof only."),
        State::Erased => (NO, NO, "Content and salt are destroyed."),
    }
}

/// The row with this number.
pub fn transition(number: &str) -> Option<&'static Transition> {
    TRANSITIONS.iter().find(|row| row.number == number)
}

/// The transition that `event` is for a case that stood at `before`; what begins a case has none
/// before it. Exhaustive: a new event does not compile without a row.
pub fn of_event(before: Option<&Case>, event: &CaseEvent) -> &'static str {
    match &event.step {
        Step::Submitted(revision) if revision.resubmission_of.is_some() => "T04",
        Step::Submitted(_) => "T01",
        Step::ValidationPassed { .. } => "T02",
        Step::ValidationFailed { .. } => "T03",
        Step::Published => "T05",
        Step::NoticeServed(_) if before.is_some_and(|case| case.chain.is_some()) => "T17",
        Step::NoticeServed(_) => "T06",
        Step::PrecheckOpened { .. } => "T07",
        Step::RepresentationMade { .. } => "T08",
        Step::HearingRequested { .. } => "T09",
        Step::WindowWaived | Step::WaiverRevoked => "T11",
        Step::HearingClosed { .. } => "T12",
        Step::HearingWithdrawn => "T13",
        Step::DecisionUpheld(_) => "T14",
        Step::DecisionNotUpheld { .. } => "T15",
        Step::ErrorFlagged { .. } => "T20",
        Step::FlagCleared { .. } => "T20a",
        Step::FlagUpheld => "T20b",
        Step::Abandoned => "T21",
        Step::ObjectionFiled { .. } => "T22",
        Step::ObjectionForwarded => "T23",
        Step::ObjectionExtended { .. }
        | Step::ObjectionRejected { .. }
        | Step::StatementAdded { .. } => "T24",
        Step::ObjectionEscalated { .. } => "T28",
        Step::Corrected { .. } if before.is_some_and(Case::is_objected) => "T25",
        Step::Corrected { .. } => "T29",
        Step::Withdrawn { reason, .. } => of_withdrawal(before, *reason),
        Step::Stayed { reason, .. } => of_stay(before, *reason),
        Step::StayLifted { .. } => "T32",
        Step::RepairApplied { .. } => "T34",
        Step::RepairExtended { .. } | Step::RepairGranted => "T35",
        Step::RepairRefused { .. } => "T36",
        Step::RepairRevoked { .. } => "T38",
        Step::ReleasedEarly { .. } => "T41",
        Step::Extended { .. } => "T42",
        Step::TermShortened { .. } => "T43a",
        Step::SubjectCeased { .. } => "T44",
        Step::ImputationReviewed { .. } | Step::Imputed { .. } => "T45",
        Step::Erased => "T47",
        Step::HoldPlaced { .. } | Step::HoldReleased { .. } => "T48",
        Step::Recognised { .. } | Step::OriginSeen { .. } => "T50",
        Step::OriginEnded => "T51",
        Step::InterimPublished { .. } => "T55",
        Step::MeasureOverridden { .. } => "T54",
    }
}

fn of_withdrawal(before: Option<&Case>, reason: WithdrawalReason) -> &'static str {
    match before {
        _ if reason == WithdrawalReason::LawRepealed => "T43",
        Some(case) if matches!(case.phase, Phase::Stayed(_)) => "T33",
        Some(case) if case.is_objected() && case.is_in_effect() => "T26",
        _ => "T30",
    }
}

fn of_stay(before: Option<&Case>, reason: StayReason) -> &'static str {
    let is_before = before.is_some_and(|case| matches!(case.phase, Phase::Standstill { .. }));
    match reason {
        StayReason::Privacy => "T49",
        StayReason::Insolvency => "T39",
        StayReason::Relief => "T19",
        StayReason::Court | StayReason::Authority if is_before => "T19",
        StayReason::Court | StayReason::Authority => "T31",
    }
}

/// The transition that time alone made.
pub const fn of_clock(step: ClockStep) -> &'static str {
    match step {
        ClockStep::WindowEnded => "T10",
        ClockStep::NoticeLapsed | ClockStep::HearingOverdue | ClockStep::DecisionLapsed => "T16",
        ClockStep::StandstillEnded => "T18",
        ClockStep::FlagUnanswered => "T20b",
        ClockStep::ExtensionEffective => "T42",
        ClockStep::Expired => "T40",
        ClockStep::CeasedOver => "T44",
        ClockStep::InterimLapsed => "T56",
        ClockStep::ObjectionUnanswered => "T27",
        ClockStep::RepairEscalated | ClockStep::RepairUnanswered => "T37",
        ClockStep::OriginStale => "T52",
        ClockStep::TombstoneOver => "T46",
    }
}
