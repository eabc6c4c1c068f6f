//! What was handed in before, handed in again: the answer is the one that was given, or could have
//! been, and nothing is committed twice.

use ledger::manifest::Submission;
use ledger::wire;

use super::accounts;
use super::desk::{CaseError, Committed};
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
        subject_token: accounts::token_now(view.registry_key(), ticket.record, Some(&case.case)),
        successor_token: accounts::told_successor(view.registry_key(), &steps),
        steps,
    }))
}
