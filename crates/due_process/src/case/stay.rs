//! T19, T31, T32, T39, T49: orders that stop a record, and their end.

use domain::case::{Actor, StayReason, Step};
use domain::civil::{End, Instant};
use domain::refusal::Refusal;

use super::command::Setting;
use super::fold::DAY_MICROS;
use super::state::{Case, Phase};
use super::submission::latest_days;
use super::{Ruling, refuse};

/// T19 before publication; T31 and T39 on what is in effect; T49 at any time before the end. Orders
/// add up: a record that is stayed already is stayed by each of them, until the last is lifted.
pub(super) fn stay(case: &Case, reason: StayReason, reference: &str) -> Ruling {
    if reference.trim().is_empty() {
        return refuse(Refusal::ReferenceMissing);
    }
    let (stood, is_repeated) = match &case.phase {
        Phase::Stayed(stayed) => (&*stayed.before, stayed.reasons.contains(&reason)),
        phase => (phase, false),
    };
    let is_alive = matches!(
        stood,
        Phase::Validated { .. }
            | Phase::InChain
            | Phase::Standstill { .. }
            | Phase::Published { .. }
    );
    let is_before = matches!(stood, Phase::Standstill { .. });
    let is_public = matches!(stood, Phase::Published { .. }) || case.interim.is_some();
    let fits = match reason {
        StayReason::Relief => is_before,
        StayReason::Court | StayReason::Authority => is_before || is_public,
        StayReason::Privacy => true,
        StayReason::Insolvency => matches!(stood, Phase::Published { .. }) && case.is_adverse(),
    };
    if !is_alive || is_repeated || !fits {
        return refuse(Refusal::StepUnfit);
    }
    Ok(vec![Step::Stayed { reason, reference: reference.to_owned() }])
}

/// The place of the order that `actor` lifts: whoever ordered it, and nobody lifts a court's order
/// but a court; of several the last. Folding asks the same question of the same actor.
pub(super) fn lifted_by(actor: &Actor, reasons: &[StayReason]) -> Option<usize> {
    use StayReason::{Authority, Court, Insolvency, Privacy, Relief};
    let last = |of: &[StayReason]| reasons.iter().rposition(|reason| of.contains(reason));
    match actor {
        Actor::Court => last(&[Court, Relief, Insolvency]).or_else(|| last(&[Authority])),
        Actor::Authority(_) => last(&[Authority]),
        Actor::Reviewer(_) => last(&[Privacy]),
        _ => None,
    }
}

/// T32. Stayed time counts toward the term unless a court's order says not; then the end moves by
/// the whole days the stay took, and never beyond what the law allows (I-04, I-05).
pub(super) fn lift(
    case: &Case,
    reference: &str,
    stayed_time_counts: bool,
    setting: &Setting<'_>,
) -> Ruling {
    let Phase::Stayed(stayed) = &case.phase else { return refuse(Refusal::StepUnfit) };
    if reference.trim().is_empty() {
        return refuse(Refusal::ReferenceMissing);
    }
    if lifted_by(setting.actor, &stayed.reasons).is_none() {
        return refuse(Refusal::ActorUnfit);
    }
    if !stayed_time_counts && *setting.actor != Actor::Court {
        return refuse(Refusal::ActorUnfit);
    }
    let is_last = stayed.reasons.len() == 1;
    let took = setting.now.micros().saturating_sub(stayed.since.micros());
    let standstill_until = match &*stayed.before {
        Phase::Standstill { until } if is_last => {
            Some(Instant::from_micros(until.micros().saturating_add(took)))
        }
        _ => None,
    };
    let end_at = match &*stayed.before {
        Phase::Published { .. } if is_last && !stayed_time_counts => {
            moved_end(case, took, setting)?
        }
        _ => None,
    };
    Ok(vec![Step::StayLifted { reference: reference.to_owned(), standstill_until, end_at }])
}

/// The end after `took` microseconds that do not count; `None` where nothing moves.
fn moved_end(
    case: &Case,
    took: i64,
    setting: &Setting<'_>,
) -> Result<Option<Instant>, super::Refused> {
    let (Some(End::On(last)), Some(start)) = (&case.term.end, case.term.start) else {
        return Ok(None);
    };
    let days = took.div_euclid(DAY_MICROS);
    let mut moved = last.plus_days(days);
    for latest in latest_days(start, case.conduct_end(), case.revision.severity, setting)? {
        moved = moved.min(latest);
    }
    Ok((moved > *last).then(|| setting.rules.zone().end_of(moved)))
}
