//! Proceedings: an authority's own record from submission to erasure (domain.md 5).
//!
//! [`decide`] is a pure function of the case, a command, the instant and the law in force; it gives
//! events or refuses with numbers. [`Case::apply`] folds events. What time alone does
//! (T10, T16, T18, T20b, T27, T37, T40, T46, T52, T56) is no event: [`Case::as_of`] evaluates it
//! for the instant asked about, so that a job that runs late, twice or never changes no answer
//! (I-06).
//!
//! Each group of rules is in the file of its name; read them in this order.

/// A bug planted on purpose, to see that the explorer and the simulation find it. Only the tests
/// inside this crate can plant one; everywhere else this is the constant `false`.
#[cfg(test)]
macro_rules! planted {
    ($bug:ident) => {
        $crate::case::mutation::is_planted($crate::case::mutation::Bug::$bug)
    };
}
#[cfg(not(test))]
macro_rules! planted {
    ($bug:ident) => {
        false
    };
}

mod state;

mod fold;

mod clock;

mod deadlines;

mod command;

mod actors;

mod submission;

mod repetition;

mod notice;

mod decision;

mod precheck;

mod interim;

mod objection;

mod stay;

mod ending;

pub mod repair;

mod term;

mod imputation;
mod lenience;

mod retention;

mod mirror;

mod schedule;

mod words;

mod public_steps;
mod rows;

pub mod transitions;

#[cfg(test)]
mod mutation;

pub use clock::ClockStep;
pub use command::{Command, NoticeDraft, Outcome, Setting, Submission, SubmissionFacts};
pub use deadlines::{Deadline, DeadlineKey};
pub use interim::{interim_days, is_same_accusation};
pub use lenience::shortened;
pub use mirror::MirrorFacts;
pub use public_steps::StepAudience;
pub use repetition::is_act_repeated;
pub use rows::TRANSITIONS;
pub use state::{
    Case, Chain, ChainStage, Ended, Exposure, Flag, Imputation, Interim, Objection, ObjectionLevel,
    Phase, Repair, State, Stayed, Term,
};

use domain::case::{CaseEvent, Step};
use domain::civil::Instant;
use domain::refusal::{Problem, Refusal};

/// Why a command was refused: every reason found, never none.
pub type Refused = Vec<Problem>;

/// What a rule gives: the steps to commit together, or why not.
pub type Ruling = Result<Vec<Step>, Refused>;

fn refuse<T>(refusal: Refusal) -> Result<T, Refused> {
    Err(vec![Problem::of_input(refusal)])
}

/// Decides what a command does to `case`: the one entry to the rules of proceedings.
///
/// The case is evaluated for the setting's instant first, so that a deadline that passed a moment
/// ago has passed, whether or not anything wrote it down.
///
/// # Errors
/// Every rule that says no.
pub fn decide(
    case: &Case,
    command: &Command,
    setting: &Setting<'_>,
) -> Result<Vec<CaseEvent>, Refused> {
    let case = &case.as_of(setting.now);
    // A clock that went back computes no deadline from an instant that was there before (I-48).
    let setting = &Setting { now: case.at, ..*setting };
    let is_for_waiting = matches!(
        command,
        Command::AdmitSubmission
            | Command::ReturnSubmission
            | Command::PlaceHold { .. }
            | Command::ReleaseHold { .. }
            | Command::Erase
    );
    if matches!(case.phase, state::Phase::Submitted) && !is_for_waiting {
        return refuse(Refusal::SubmissionWaits);
    }
    actors::check_actor(case, command, setting)?;
    actors::check_texts(command)?;
    let steps = match command {
        Command::AdmitSubmission => submission::admit(case, setting),
        Command::ReturnSubmission => submission::turn_back(case),
        Command::PublishNeutral => submission::publish_neutral(case, setting),
        Command::ServeNotice(draft) => notice::serve(case, draft, setting),
        Command::RenewNotice(draft) => notice::renew(case, draft, setting),
        Command::OpenPrecheck { service } => precheck::open(case, service, setting),
        Command::Represent { points, text } => notice::represent(case, points, text, setting),
        Command::RequestHearing => notice::request_hearing(case, setting),
        Command::Waive => notice::waive(case),
        Command::RevokeWaiver => notice::revoke_waiver(case),
        Command::CloseHearing { protocol } => notice::close_hearing(case, protocol, setting),
        Command::WithdrawHearing => notice::withdraw_hearing(case),
        Command::Uphold(outcome) => decision::uphold(case, outcome, setting),
        Command::NotUphold { reasons } => decision::not_uphold(case, reasons),
        Command::Abandon => precheck::abandon(case),
        Command::FlagError { ground, text } => precheck::flag(case, *ground, text, setting),
        Command::ClearFlag { reasons } => precheck::clear_flag(case, reasons, setting),
        Command::UpholdFlag => precheck::uphold_flag(case),
        Command::PublishInterim { need, service, served_days } => {
            interim::publish(case, need, service, *served_days, setting)
        }
        Command::Object { ground, text } => objection::file(case, *ground, text, setting),
        Command::ForwardObjection => objection::forward(case),
        Command::ExtendObjection => objection::extend(case, setting),
        Command::RejectObjection { reasons } => objection::reject(case, reasons, setting),
        Command::Escalate => objection::escalate(case, setting),
        Command::Correct { successor } => ending::correct(case, *successor, setting),
        Command::Withdraw { reason, reference, ordered_on } => {
            ending::withdraw(case, *reason, reference, *ordered_on, setting)
        }
        Command::Stay { reason, reference } => stay::stay(case, *reason, reference),
        Command::LiftStay { reference, stayed_time_counts } => {
            stay::lift(case, reference, *stayed_time_counts, setting)
        }
        Command::ApplyRepair { conditions, text } => {
            repair::apply_for(case, conditions, text, setting)
        }
        Command::ExtendRepair => repair::extend(case, setting),
        Command::GrantRepair => repair::grant(case),
        Command::RefuseRepair { unmet, reasons } => {
            repair::turn_down(case, unmet, reasons, setting)
        }
        Command::ReleaseEarly { conditions } => term::release(case, conditions, setting),
        Command::CeaseSubject { on } => term::cease(case, *on, setting),
        Command::Impute { successor, kind, reference } => {
            imputation::impute(case, (*successor, *kind), reference, setting)
        }
        Command::AddStatement { text } => objection::add_statement(case, text),
        Command::OverrideMeasure { measure, from, until, reasons } => {
            term::override_measure(case, measure, *from, *until, reasons)
        }
        Command::PlaceHold { reference } => retention::place_hold(case, reference),
        Command::ReleaseHold { reference } => retention::release_hold(case, reference),
        Command::Erase => retention::erase(case, setting),
        Command::SeeOrigin { fresh_until } => mirror::seen(case, *fresh_until, setting),
        Command::EndOrigin => mirror::ended(case),
    }?;
    Ok(in_events(case, setting, steps))
}

/// Decides whether a new record comes into being.
///
/// # Errors
/// Every rule that says no, all at once.
pub fn submit(
    submission: &Submission,
    facts: &SubmissionFacts<'_>,
    setting: &Setting<'_>,
) -> Result<Vec<CaseEvent>, Refused> {
    let steps = submission::submit(submission, facts, setting)?;
    let event = |step| CaseEvent {
        record: submission.record,
        organisation: submission.organisation,
        authority: submission.authority.clone(),
        actor: setting.actor.clone(),
        step,
    };
    Ok(steps.into_iter().map(event).collect())
}

/// Decides whether a peer's record is mirrored here (T50).
///
/// # Errors
/// Every condition of the recognition that is not met.
pub fn recognise(
    submission: &Submission,
    facts: &MirrorFacts<'_>,
    setting: &Setting<'_>,
) -> Result<Vec<CaseEvent>, Refused> {
    let steps = mirror::recognise(submission, facts, setting)?;
    let event = |step| CaseEvent {
        record: submission.record,
        organisation: submission.organisation,
        authority: submission.authority.clone(),
        actor: setting.actor.clone(),
        step,
    };
    Ok(steps.into_iter().map(event).collect())
}

fn in_events(case: &Case, setting: &Setting<'_>, steps: Vec<Step>) -> Vec<CaseEvent> {
    let event = |step| CaseEvent {
        record: case.record,
        organisation: case.organisation,
        authority: case.authority.clone(),
        actor: setting.actor.clone(),
        step,
    };
    steps.into_iter().map(event).collect()
}

/// Folds the events of one record, each with the instant it was committed; `None` when the first is
/// no submission.
pub fn fold<'a>(events: impl IntoIterator<Item = (Instant, &'a CaseEvent)>) -> Option<Case> {
    let mut case: Option<Case> = None;
    for (at, event) in events {
        match &mut case {
            None => case = Some(Case::begin(at, event)?),
            Some(case) => case.apply(at, event),
        }
    }
    case
}
