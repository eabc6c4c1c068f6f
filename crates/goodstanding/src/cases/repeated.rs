//! What was handed in before, handed in again: the answer is the one that was given, or could have
//! been, and nothing is committed twice.

use domain::case::{Actor, CaseEvent, Step};
use domain::civil::Instant;
use due_process::case::Command;
use ledger::manifest::Submission;
use ledger::wire;

use super::accounts;
use super::desk::{CaseError, Committed};
use super::own_tokens;
use super::request::Request;
use super::ticket::Ticket;
use super::view::View;

/// What became of these very signed steps when they were handed in for the first time; `None` when
/// they never were.
pub fn find(
    view: &View,
    ticket: &Ticket,
    submissions: &[Submission],
) -> Result<Option<Committed>, CaseError> {
    let reader = view.ledger();
    let Some(case) = view.desk().case(reader, ticket.record)? else { return Ok(None) };
    let is_later = |position: u64| ticket.seen.is_none_or(|seen| position > seen);
    let mut later = case.steps.into_iter().filter(|(position, ..)| is_later(*position)).peekable();
    let Some((from, at)) = later.peek().map(|(from, at, _)| (*from, *at)) else { return Ok(None) };
    // What was committed at one instant was committed together.
    let steps: Vec<_> = later.take_while(|(_, then, _)| *then == at).collect();
    for (submission, (position, ..)) in submissions.iter().zip(&steps) {
        let Some(opening) = reader.opening(*position)? else { return Ok(None) };
        let stands = wire::submission(&opening).ok().flatten();
        if stands.as_ref() != Some(submission) {
            return Ok(None);
        }
    }
    if steps.len() < submissions.len() || submissions.is_empty() {
        return Ok(None);
    }
    let to = steps.last().map_or(from, |(position, ..)| position + 1);
    let (checkpoint, _) = reader.checkpoint()?;
    let steps: Vec<_> = steps.into_iter().map(|(_, _, step)| step).collect();
    Ok(Some(Committed {
        record: ticket.record,
        organisation: case.case.organisation,
        from,
        to,
        at,
        checkpoint,
        subject_token: own_tokens::of_case(
            view.directory(),
            view.registry_key(),
            ticket.record,
            Some(&case.case),
        ),
        successor_token: accounts::told_successor(view.registry_key(), &steps),
        is_repeated: true,
        steps,
    }))
}

/// A step of the subject that was committed last in its case between `since` and `until`, word for
/// word what `request` asks for: whoever sends an id again after the server was started anew, when
/// nobody remembers ids, is given the receipt of that step.
pub fn last_of_subject(
    view: &View,
    request: &Request,
    (since, until): (Instant, Instant),
) -> Result<Option<Committed>, CaseError> {
    let Request::Step { record, command } = request else { return Ok(None) };
    let reader = view.ledger();
    let Some(case) = view.desk().case(reader, *record)? else { return Ok(None) };
    // An objection is forwarded by the registry with the same commit.
    let is_own = |event: &CaseEvent| !matches!(event.step, Step::ObjectionForwarded);
    let last = case.steps.iter().rev().find(|(_, _, event)| is_own(event));
    let Some((position, at, step)) = last else { return Ok(None) };
    let is_in_time = since <= *at && *at < until;
    if !is_in_time || step.actor != Actor::Subject || !is_same(command, &step.step) {
        return Ok(None);
    }
    let (checkpoint, _) = reader.checkpoint()?;
    Ok(Some(Committed {
        record: *record,
        organisation: case.case.organisation,
        steps: vec![step.clone()],
        from: *position,
        to: position + 1,
        at: *at,
        checkpoint,
        subject_token: String::new(),
        successor_token: None,
        is_repeated: true,
    }))
}

/// Whether `step` is what came of `command`.
fn is_same(command: &Command, step: &Step) -> bool {
    match (command, step) {
        (
            Command::Represent { points, text },
            Step::RepresentationMade { list, text: other_text, .. },
        ) => points == list && text == other_text,
        (Command::AddStatement { text }, Step::StatementAdded { text: other }) => text == other,
        (
            Command::FlagError { ground, text },
            Step::ErrorFlagged { ground: of, text: other, .. },
        ) => ground == of && text == other,
        (
            Command::Object { ground, text },
            Step::ObjectionFiled { ground: of, text: other, .. },
        ) => ground == of && text == other,
        (
            Command::ApplyRepair { conditions, text },
            Step::RepairApplied { conditions: of, text: other, .. },
        ) => conditions.iter().eq(of.iter()) && text == other,
        (
            Command::Stay { reason, reference },
            Step::Stayed { reason: of, reference: other, .. },
        ) => reason == of && reference == other,
        (Command::RequestHearing, Step::HearingRequested { .. })
        | (Command::WithdrawHearing, Step::HearingWithdrawn)
        | (Command::Waive, Step::WindowWaived)
        | (Command::RevokeWaiver, Step::WaiverRevoked)
        | (Command::Escalate, Step::ObjectionEscalated { .. }) => true,
        _ => false,
    }
}
