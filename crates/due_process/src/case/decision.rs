//! T14 to T16: a decision by somebody other than the officer, no heavier than noticed, with an
//! answer to each point.

use domain::case::{Answered, Purpose, Step, Upheld};
use domain::civil::{End, Instant};
use domain::refusal::{Problem, Refusal};
use policy::catalogue::TermStart;
use policy::procedure::PeriodKey;

use super::command::{Outcome, Setting};
use super::notice::{check_severity_kept, is_beyond_original, is_heavier};
use super::state::{Case, Chain, ChainStage, Ended, Phase};
use super::submission::{is_published, term_problems};
use super::{Refused, Ruling, refuse};

/// The chain a decision is due in.
fn deciding(case: &Case) -> Result<&Chain, Refused> {
    match &case.chain {
        Some(chain) if matches!(chain.stage, ChainStage::Deciding { .. }) => Ok(chain),
        Some(chain) if matches!(chain.stage, ChainStage::Noticed) => refuse(Refusal::WindowOpen),
        _ => refuse(Refusal::StepUnfit),
    }
}

/// T14; T42 and T38 where the chain is about them.
pub(super) fn uphold(case: &Case, outcome: &Outcome, setting: &Setting<'_>) -> Ruling {
    let chain = deciding(case)?;
    if !stands_for(case, chain.purpose) {
        return refuse(Refusal::StepUnfit);
    }
    check_becomes_finding(chain.purpose, setting)?;
    check_severity_kept(case, chain.purpose, outcome.severity)?;
    let mut problems = document_problems(chain, outcome, setting);
    problems.extend(answer_problems(chain, outcome));
    if outcome.reasons.trim().is_empty() {
        problems.push(Problem::of_input(Refusal::ReasonsMissing));
    }
    let start = match chain.purpose {
        Purpose::Record => case.interim_start(setting).unwrap_or(match setting.entry.term_start {
            TermStart::Decision => outcome.document.date,
            TermStart::Service => outcome.document.served_on,
        }),
        _ => case.term.start.unwrap_or(outcome.document.date),
    };
    // These two leave severity, term and measures as they are.
    if !matches!(chain.purpose, Purpose::WithdrawalOfGood | Purpose::Imputation) {
        if !planted!(OutcomeUnbounded)
            && is_heavier(chain, outcome.severity, &outcome.end, &outcome.measures)
        {
            problems.push(Problem::of_input(Refusal::OutcomeWorse));
        }
        let to = case.conduct_end();
        let is_unbounded = planted!(ExtensionUnbounded) && chain.purpose == Purpose::Extension;
        if !is_unbounded {
            problems.extend(term_problems(&outcome.end, start, to, outcome.severity, setting)?);
        }
        if end_at(&outcome.end, setting).is_some_and(|end_at| end_at <= setting.now) {
            problems.push(Problem::of_input(Refusal::TermOver));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    match chain.purpose {
        // A good record stays until the standstill is over; then it may be withdrawn.
        Purpose::Record | Purpose::WithdrawalOfGood => record_upheld(outcome, start, setting),
        Purpose::Imputation => imputation_upheld(case, outcome, start, setting),
        Purpose::Extension => extended(case, outcome, setting),
        Purpose::RepairRevocation => repair_revoked(case, outcome, setting),
    }
}

/// Each point of the subject by its number, and no other: a point left out was not looked at.
fn answer_problems(chain: &Chain, outcome: &Outcome) -> Vec<Problem> {
    let answer = |point: &u32| outcome.answers.get(point).map_or("", |text| text.trim());
    let left_out = (1..=chain.points).filter(|point| answer(point).is_empty());
    let left_out = left_out.map(|point| (Refusal::PointsUnanswered, point));
    let foreign = outcome.answers.keys().filter(|point| !(1..=chain.points).contains(*point));
    let foreign = foreign.map(|point| (Refusal::PointForeign, *point));
    left_out
        .chain(foreign)
        .map(|(refusal, point)| Problem::of_input(refusal).with_detail(point.to_string()))
        .collect()
}

/// In the order of the points, which are answered one by one.
fn answers(outcome: &Outcome) -> Vec<String> {
    outcome.answers.values().cloned().collect()
}

fn answered(outcome: &Outcome) -> Option<Box<Answered>> {
    let reasons = outcome.reasons.clone();
    Some(Box::new(Answered { reasons, answers: answers(outcome) }))
}

/// A record of an entry that knows interim ones only never becomes a finding (I-61).
pub(super) fn check_becomes_finding(
    purpose: Purpose,
    setting: &Setting<'_>,
) -> Result<(), Refused> {
    let is_interim_only = setting.entry.interim.as_ref().is_some_and(|interim| interim.only);
    if purpose == Purpose::Record && is_interim_only {
        return refuse(Refusal::InterimOnly);
    }
    Ok(())
}

/// Whether the record is where a decision for this purpose finds it; one that is stayed is not.
pub(super) fn stands_for(case: &Case, purpose: Purpose) -> bool {
    match purpose {
        Purpose::Record => matches!(case.phase, Phase::InChain),
        Purpose::Extension | Purpose::WithdrawalOfGood | Purpose::Imputation => {
            matches!(case.phase, Phase::Published { .. })
        }
        Purpose::RepairRevocation => {
            matches!(case.phase, Phase::Ended { how: Ended::Repaired, .. })
        }
    }
}

fn end_at(end: &End, setting: &Setting<'_>) -> Option<Instant> {
    match end {
        End::On(last) => Some(setting.rules.zone().end_of(*last)),
        End::Indefinite { .. } => None,
    }
}

/// A decision has a number, is served, is not older than the end of the time to answer it rests on
/// (what was decided before was decided unheard), and its entry is in force on its day (I-32).
fn document_problems(chain: &Chain, outcome: &Outcome, setting: &Setting<'_>) -> Vec<Problem> {
    let document = &outcome.document;
    let mut problems = Vec::new();
    let heard_on = chain.since.day_in(setting.rules.zone());
    if document.date < heard_on {
        problems.push(Problem::of_input(Refusal::DatesDisordered));
    } else if !setting.entry.is_in_force(document.date) {
        problems.push(Problem::of_input(Refusal::EntryNotInForce));
    }
    if document.number.trim().is_empty() {
        problems.push(Problem::of_input(Refusal::ReferenceMissing));
    }
    let is_ordered = document.date <= document.served_on;
    if document.date >= heard_on && (!is_ordered || document.served_on > setting.today()) {
        problems.push(Problem::of_input(Refusal::DatesDisordered));
    }
    problems
}

fn record_upheld(outcome: &Outcome, start: domain::civil::Day, setting: &Setting<'_>) -> Ruling {
    let published = is_published(setting.entry, outcome.severity);
    Ok(vec![Step::DecisionUpheld(Box::new(Upheld {
        document: outcome.document.clone(),
        severity: outcome.severity,
        start,
        end: outcome.end.clone(),
        end_at: end_at(&outcome.end, setting),
        measures: outcome.measures.iter().cloned().collect(),
        points_answered: u32::try_from(outcome.answers.len()).unwrap_or(u32::MAX),
        answers: answers(outcome),
        published,
        // Never from an earlier day than the registry learns of the decision: the time to seek
        // relief is not taken away by telling it late.
        standstill_until: setting.ends_from_today(PeriodKey::Standstill)?,
        reasons: outcome.reasons.clone(),
    }))])
}

/// T45: what is decided is whose record it is; the rest is told as it stands.
fn imputation_upheld(
    case: &Case,
    outcome: &Outcome,
    start: domain::civil::Day,
    setting: &Setting<'_>,
) -> Ruling {
    let end = case.term.end.clone().unwrap_or_else(|| outcome.end.clone());
    let stands = Outcome { end, measures: case.measures.clone(), ..outcome.clone() };
    let steps = record_upheld(&stands, start, setting)?;
    let kept = |step| match step {
        Step::DecisionUpheld(upheld) => Step::DecisionUpheld(Box::new(Upheld {
            end_at: case.term.end_at,
            published: case.revision.published,
            ..*upheld
        })),
        step => step,
    };
    Ok(steps.into_iter().map(kept).collect())
}

/// T42: after a new and complete chain, before the end, and no later than the law allows (I-07).
fn extended(case: &Case, outcome: &Outcome, setting: &Setting<'_>) -> Ruling {
    let End::On(end) = &outcome.end else { return refuse(Refusal::EndMissing) };
    let effective_at = setting.ends_from_today(PeriodKey::Standstill)?;
    let new_end = setting.rules.zone().end_of(*end);
    match case.term.end_at {
        Some(end_at) if effective_at < end_at && end_at < new_end => {}
        // Its end would come first: what has ended is not extended.
        Some(_) | None => return refuse(Refusal::ExtensionTooLate),
    }
    Ok(vec![Step::Extended {
        end: *end,
        end_at: new_end,
        effective_at,
        document: outcome.document.clone(),
        answered: answered(outcome),
    }])
}

/// T38: the remaining term only, and no later than the original end.
fn repair_revoked(case: &Case, outcome: &Outcome, setting: &Setting<'_>) -> Ruling {
    let (end, last) = match &outcome.end {
        End::On(last) => (end_at(&outcome.end, setting), Some(*last)),
        End::Indefinite { .. } => (None, None),
    };
    if is_beyond_original(case, last, setting) {
        return refuse(Refusal::TermBeyondOriginal);
    }
    Ok(vec![Step::RepairRevoked {
        reference: outcome.document.number.clone(),
        end_at: end,
        answered: answered(outcome),
    }])
}

/// T15
pub(super) fn not_uphold(case: &Case, reasons: &str) -> Ruling {
    let chain = case.chain.as_ref();
    if !chain.is_some_and(|chain| !matches!(chain.stage, ChainStage::Hearing { .. })) {
        return refuse(Refusal::StepUnfit);
    }
    if reasons.trim().is_empty() {
        return refuse(Refusal::ReasonsMissing);
    }
    Ok(vec![Step::DecisionNotUpheld { reasons: reasons.to_owned() }])
}
