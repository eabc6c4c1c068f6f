//! T34 to T37: repair is a right with listed conditions and no fee (I-16, I-17); silence escalates.

use std::collections::BTreeSet;

use domain::case::{ConditionKey, StayReason, Step};
use domain::civil::{Day, Instant};
use domain::refusal::{Problem, Refusal};
use policy::catalogue::{Needs, RepairRule};
use policy::procedure::PeriodKey;

use super::command::{Setting, uncovered};
use super::state::{Case, Phase, Repair};
use super::{Refused, Ruling, refuse};

/// What repair costs. There is no other value, and no field that could hold one (I-17).
pub const FEE: u32 = 0;

/// How one condition of repair stands, by what the parties said so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionStanding {
    /// Nobody has said anything about it.
    Open,
    /// The organisation says that it is met, since then.
    Claimed(Instant),
    /// The authority said then that it is not met.
    Unmet(Instant),
    /// The authority did not name it then among those that are not met.
    Met(Instant),
}

impl ConditionStanding {
    /// The key in answers and message files.
    pub const fn key(self) -> &'static str {
        match self {
            ConditionStanding::Open => "open",
            ConditionStanding::Claimed(_) => "claimed",
            ConditionStanding::Unmet(_) => "unmet",
            ConditionStanding::Met(_) => "met",
        }
    }

    /// Since when.
    pub const fn since(self) -> Option<Instant> {
        match self {
            ConditionStanding::Open => None,
            ConditionStanding::Claimed(at)
            | ConditionStanding::Unmet(at)
            | ConditionStanding::Met(at) => Some(at),
        }
    }
}

/// What repair of a record needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prospect {
    /// The first day on which it may be applied for; `None` from the beginning.
    pub from: Option<Day>,
    /// Whether each condition has to be met or one is enough.
    pub needs: Needs,
    /// Every condition that counts, in the order of the entry.
    pub conditions: Vec<(ConditionKey, ConditionStanding)>,
}

/// What repair of `case` needs and how far it is, by the steps taken so far; `None` where its entry
/// has no repair.
///
/// # Errors
/// When the calendar does not reach the first day.
pub fn prospect<'a>(
    case: &Case,
    steps: impl IntoIterator<Item = (Instant, &'a Step)>,
    setting: &Setting<'_>,
) -> Result<Option<Prospect>, Refused> {
    let Some(rule) = &setting.entry.repair else { return Ok(None) };
    let mut conditions: Vec<(ConditionKey, ConditionStanding)> = rule
        .conditions
        .iter()
        .map(|condition| (condition.key.clone(), ConditionStanding::Open))
        .collect();
    for (at, step) in steps {
        for (key, standing) in &mut conditions {
            *standing = match step {
                Step::RepairApplied { conditions, .. } if conditions.contains(key) => {
                    ConditionStanding::Claimed(at)
                }
                Step::RepairRefused { unmet, .. } if unmet.contains(key) => {
                    ConditionStanding::Unmet(at)
                }
                Step::RepairRefused { .. } | Step::RepairGranted => ConditionStanding::Met(at),
                _ => *standing,
            };
        }
    }
    let from = repairable_from(case, setting)?;
    Ok(Some(Prospect { from, needs: rule.needs, conditions }))
}

/// T34
pub(super) fn apply_for(
    case: &Case,
    conditions: &BTreeSet<ConditionKey>,
    text: &str,
    setting: &Setting<'_>,
) -> Ruling {
    // A mirrored record is repaired where it comes from, and its mirror ends with it (I-51).
    let stands = matches!(case.phase, Phase::Published { .. }) && case.mirror.is_none();
    if !stands || case.repair.is_some() {
        return refuse(Refusal::StepUnfit);
    }
    let Some(rule) = &setting.entry.repair else { return refuse(Refusal::NotRepairable) };
    if let Some(day) = repairable_from(case, setting)?
        && setting.today() < day
    {
        let problem = Problem::of_input(Refusal::RepairTooEarly).with_detail(day.to_string());
        return Err(vec![problem]);
    }
    let mut problems = unmet(rule, conditions);
    problems.extend(foreign(rule, conditions));
    if !problems.is_empty() {
        return Err(problems);
    }
    let decide_day = setting.last_day_of_answer(PeriodKey::RepairDecide, setting.today())?;
    Ok(vec![Step::RepairApplied {
        conditions: conditions.iter().cloned().collect(),
        decide_by: setting.rules.zone().end_of(decide_day),
        review_by: setting.answer_ends_at(PeriodKey::RepairReview, decide_day)?,
        text: text.to_owned(),
    }])
}

/// The first day on which repair may be applied for: the shortest period is over.
fn repairable_from(case: &Case, setting: &Setting<'_>) -> Result<Option<Day>, Refused> {
    let min = setting.entry.term(case.revision.severity).and_then(|term| term.min.as_ref());
    let (Some(min), Some(start)) = (min, case.term.start) else { return Ok(None) };
    Ok(Some(min.last_day(start, &setting.rules.calendar).map_err(uncovered)?))
}

/// Conditions that are missing: each of them, or all where one would be enough.
pub(super) fn unmet(rule: &RepairRule, conditions: &BTreeSet<ConditionKey>) -> Vec<Problem> {
    let refusal = match rule.needs {
        Needs::All => Refusal::ConditionsUnmet,
        Needs::Any => Refusal::AlternativesUnmet,
    };
    let missing = rule.unmet(conditions).into_iter();
    missing.map(|key| Problem::of_input(refusal).with_detail(key.as_str())).collect()
}

/// Conditions that the entry does not list.
pub(super) fn foreign(rule: &RepairRule, conditions: &BTreeSet<ConditionKey>) -> Vec<Problem> {
    let is_listed = |key: &ConditionKey| rule.conditions.iter().any(|listed| listed.key == *key);
    conditions
        .iter()
        .filter(|key| !is_listed(key))
        .map(|key| Problem::of_input(Refusal::ConditionForeign).with_detail(key.as_str()))
        .collect()
}

fn open(case: &Case) -> Result<&Repair, Refused> {
    // A stay does not take the answer away.
    match (&case.phase, &case.repair) {
        (Phase::Published { .. } | Phase::Stayed(_), Some(repair)) => Ok(repair),
        _ => refuse(Refusal::StepUnfit),
    }
}

/// The one extension of a complex application (T35), before its deadline.
pub(super) fn extend(case: &Case, setting: &Setting<'_>) -> Ruling {
    let repair = open(case)?;
    if repair.extended || repair.decide_by <= case.at {
        return refuse(Refusal::StepUnfit);
    }
    let last = repair.decide_by.day_in(setting.rules.zone()).plus_days(-1);
    let decide_day = setting.last_day(PeriodKey::RepairExtend, last)?;
    Ok(vec![Step::RepairExtended {
        decide_by: setting.rules.zone().end_of(decide_day),
        review_by: setting.ends_at(PeriodKey::RepairReview, decide_day)?,
    }])
}

/// T35: publication, sharing, use and measures end in the same transaction (I-18).
/// A plan or settlement that was fulfilled ends the record in the same way (T39).
pub(super) fn grant(case: &Case) -> Ruling {
    let is_fulfilled = matches!(&case.phase, Phase::Stayed(stayed)
        if stayed.reasons == [StayReason::Insolvency]);
    if !is_fulfilled {
        open(case)?;
    }
    Ok(vec![Step::RepairGranted])
}

/// T36: a refusal names listed conditions that are not met, and nothing else counts (I-16).
pub(super) fn turn_down(
    case: &Case,
    unmet: &BTreeSet<ConditionKey>,
    reasons: &str,
    setting: &Setting<'_>,
) -> Ruling {
    open(case)?;
    let Some(rule) = &setting.entry.repair else { return refuse(Refusal::NotRepairable) };
    let problems = if planted!(ForeignReason) { Vec::new() } else { foreign(rule, unmet) };
    if !problems.is_empty() {
        return Err(problems);
    }
    if unmet.is_empty() {
        return refuse(Refusal::ConditionForeign);
    }
    // Where one condition is enough, naming some that are not met says nothing of the others.
    let left = rule.conditions.iter().find(|condition| !unmet.contains(&condition.key));
    if let (Needs::Any, Some(left)) = (rule.needs, left) {
        let problem = Problem::of_input(Refusal::AlternativeLeft);
        return Err(vec![problem.with_detail(left.key.as_str())]);
    }
    if reasons.trim().is_empty() {
        return refuse(Refusal::ReasonsMissing);
    }
    Ok(vec![Step::RepairRefused {
        unmet: unmet.iter().cloned().collect(),
        reasons: reasons.to_owned(),
    }])
}
