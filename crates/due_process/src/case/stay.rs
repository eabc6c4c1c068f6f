//! T19, T31, T32, T39, T49: orders that stop a record, and their end.

use domain::case::{StayReason, Step};
use domain::civil::Instant;
use domain::refusal::Refusal;

use super::command::Setting;
use super::state::{Case, Phase};
use super::{Ruling, refuse};

/// T19 before publication; T31, T39, T49 after it. T49 at any time before the end.
pub(super) fn stay(case: &Case, reason: StayReason, reference: &str) -> Ruling {
    if reference.trim().is_empty() {
        return refuse(Refusal::ReferenceMissing);
    }
    let is_before = matches!(case.phase, Phase::Standstill { .. });
    let is_public = matches!(case.phase, Phase::Published { .. });
    let fits = match reason {
        StayReason::Relief => is_before,
        StayReason::Court | StayReason::Authority | StayReason::Privacy => is_before || is_public,
        StayReason::Insolvency => is_public && case.is_adverse(),
    };
    if !fits {
        return refuse(Refusal::StepUnfit);
    }
    Ok(vec![Step::Stayed { reason, reference: reference.to_owned() }])
}

/// T32. Stayed time counts toward the term unless the order says not; then the end moves by what
/// the stay took and no more (I-07 bounds it by the order).
pub(super) fn lift(
    case: &Case,
    reference: &str,
    stayed_time_counts: bool,
    setting: &Setting<'_>,
) -> Ruling {
    use domain::case::Actor;
    let Phase::Stayed(stayed) = &case.phase else { return refuse(Refusal::StepUnfit) };
    if reference.trim().is_empty() {
        return refuse(Refusal::ReferenceMissing);
    }
    // Who ordered it lifts it; nobody lifts a court's order but a court.
    let may = match stayed.reason {
        StayReason::Court | StayReason::Relief | StayReason::Insolvency => {
            matches!(setting.actor, Actor::Court)
        }
        StayReason::Authority => matches!(setting.actor, Actor::Authority(_) | Actor::Court),
        StayReason::Privacy => matches!(setting.actor, Actor::Reviewer(_)),
    };
    if !may {
        return refuse(Refusal::ActorUnfit);
    }
    if !stayed_time_counts && !matches!(setting.actor, Actor::Court) {
        return refuse(Refusal::ActorUnfit);
    }
    let standstill_until = stayed
        .standstill_left
        .map(|left| Instant::from_micros(setting.now.micros().saturating_add(left)));
    let end_at = match case.term.end_at {
        Some(end_at) if !stayed_time_counts && standstill_until.is_none() => {
            let took = setting.now.micros().saturating_sub(stayed.since.micros());
            Some(Instant::from_micros(end_at.micros().saturating_add(took)))
        }
        _ => None,
    };
    Ok(vec![Step::StayLifted { reference: reference.to_owned(), standstill_until, end_at }])
}
