//! T41, T44, T54: early release, the end of the subject, and a measure set aside.

use std::collections::BTreeSet;

use domain::case::{ConditionKey, MeasureId, Step};
use domain::civil::Day;
use domain::refusal::{Problem, Refusal};
use policy::procedure::PeriodKey;

use super::command::{Setting, uncovered};
use super::repair::{foreign, unmet};
use super::state::{Case, Phase};
use super::{Ruling, refuse};

/// T41: the shortest term was served and every condition is met.
pub(super) fn release(
    case: &Case,
    conditions: &BTreeSet<ConditionKey>,
    setting: &Setting<'_>,
) -> Ruling {
    let stands = matches!(case.phase, Phase::Published { .. }) && case.mirror.is_none();
    if !stands || !case.is_adverse() {
        return refuse(Refusal::StepUnfit);
    }
    let Some(rule) = &setting.entry.release else { return refuse(Refusal::NotRepairable) };
    let min = setting.entry.term(case.revision.severity).and_then(|term| term.min.as_ref());
    if let (Some(min), Some(start)) = (min, case.term.start) {
        let day = min.last_day(start, &setting.rules.calendar).map_err(uncovered)?;
        if setting.today() < day {
            let problem = Problem::of_input(Refusal::RepairTooEarly);
            return Err(vec![problem.with_detail(day.to_string())]);
        }
    }
    let mut problems = unmet(rule, conditions);
    problems.extend(foreign(rule, conditions));
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(vec![Step::ReleasedEarly { conditions: conditions.iter().cloned().collect() }])
}

/// T44
pub(super) fn cease(case: &Case, on: Day, setting: &Setting<'_>) -> Ruling {
    // Also before it is public: the record of an organisation that is gone is kept no longer.
    let stands = matches!(
        case.phase,
        Phase::Validated { .. }
            | Phase::InChain
            | Phase::Standstill { .. }
            | Phase::Published { .. }
            | Phase::Stayed(_)
    );
    if !stands || case.ceased_keep_until.is_some() {
        return refuse(Refusal::StepUnfit);
    }
    if on > setting.today() {
        return refuse(Refusal::DatesDisordered);
    }
    Ok(vec![Step::SubjectCeased { keep_until: setting.ends_at(PeriodKey::CeasedKeep, on)? }])
}

/// T54: publicly, with reasons, for a time.
pub(super) fn override_measure(
    case: &Case,
    measure: &MeasureId,
    from: Day,
    until: Day,
    reasons: &str,
) -> Ruling {
    if !matches!(case.phase, Phase::Published { .. }) {
        return refuse(Refusal::StepUnfit);
    }
    if until < from {
        return refuse(Refusal::PeriodReversed);
    }
    if reasons.trim().is_empty() {
        return refuse(Refusal::ReasonsMissing);
    }
    Ok(vec![Step::MeasureOverridden {
        measure: measure.clone(),
        from,
        until,
        reasons: reasons.to_owned(),
    }])
}
