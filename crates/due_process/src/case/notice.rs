//! T06, T08 to T13, T17: notice, answer, hearing.

use std::collections::BTreeSet;

use domain::case::{Mode, Notice, NoticeItem, Purpose, Severity, Step};
use domain::civil::End;
use domain::refusal::{Problem, Refusal};
use policy::procedure::PeriodKey;

use super::command::{NoticeDraft, Setting};
use super::state::{Case, Chain, ChainStage, Ended, Phase};
use super::submission::term_problems;
use super::{Refused, Ruling, refuse};

/// T06, and the notices that begin an extension (T42), the revocation of a repair (T38) or the
/// withdrawal of a good record.
pub(super) fn serve(case: &Case, draft: &NoticeDraft, setting: &Setting<'_>) -> Ruling {
    if case.chain.is_some() {
        return refuse(Refusal::StepUnfit);
    }
    let fits = match draft.purpose {
        Purpose::Record => {
            case.is_adverse()
                && case.revision.mode == Mode::Hosted
                && matches!(case.phase, Phase::Validated { .. })
        }
        Purpose::Extension => {
            if setting.entry.extension.is_none() {
                return refuse(Refusal::ExtensionNotAllowed);
            }
            case.is_adverse()
                && matches!(case.phase, Phase::Published { .. })
                && case.term.extension.is_none()
        }
        // What was repaired comes back on proof of fraud only, and only while it is kept.
        Purpose::RepairRevocation => {
            matches!(case.phase, Phase::Ended { how: Ended::Repaired, .. })
        }
        Purpose::WithdrawalOfGood => {
            !case.is_adverse() && matches!(case.phase, Phase::Published { .. })
        }
    };
    if !fits {
        return refuse(Refusal::StepUnfit);
    }
    noticed(case, draft, setting)
}

/// T17: new facts, another ground or a heavier outcome need a new notice and the full time again.
pub(super) fn renew(case: &Case, draft: &NoticeDraft, setting: &Setting<'_>) -> Ruling {
    let Some(chain) = &case.chain else { return refuse(Refusal::StepUnfit) };
    if !matches!(chain.stage, ChainStage::Deciding { .. }) || chain.purpose != draft.purpose {
        return refuse(Refusal::StepUnfit);
    }
    noticed(case, draft, setting)
}

fn noticed(case: &Case, draft: &NoticeDraft, setting: &Setting<'_>) -> Ruling {
    let mut problems = missing_items(draft);
    if draft.service.trim().is_empty() || draft.served_on > setting.today() {
        problems.push(Problem::of_input(Refusal::ServiceUnproven));
    }
    problems.extend(outcome_problems(case, draft, setting)?);
    if !problems.is_empty() {
        return Err(problems);
    }
    // The window runs from service, never from an earlier day than the registry learns of it:
    // a notice served and not told does not take time away.
    let served_on = draft.served_on.max(setting.today());
    let represent_until = setting.last_day(PeriodKey::Represent, served_on)?;
    let hearing_until = match draft.severity {
        Some(severity) if setting.entry.hearing.contains(&severity) => {
            Some(setting.last_day(PeriodKey::HearingRequest, served_on)?)
        }
        _ => None,
    };
    Ok(vec![Step::NoticeServed(Box::new(Notice {
        purpose: draft.purpose,
        items: draft.items.iter().copied().collect(),
        severity: draft.severity,
        end_max: draft.end_max,
        measures: draft.measures.iter().cloned().collect(),
        service: draft.service.clone(),
        served_on: draft.served_on,
        represent_until,
        hearing_until,
        window_ends_at: setting.rules.zone().end_of(represent_until),
        decide_by: setting.ends_at(PeriodKey::DecideMax, represent_until)?,
        facts: draft.facts.clone(),
    }))])
}

/// Domain.md 5.6: a notice holds everything, or is none.
fn missing_items(draft: &NoticeDraft) -> Vec<Problem> {
    NoticeItem::ALL
        .iter()
        .filter(|item| !draft.items.contains(item))
        .map(|item| Problem::of_input(Refusal::NoticeIncomplete).with_detail(item.key()))
        .collect()
}

/// A notice cannot intend more than the entry allows.
fn outcome_problems(
    case: &Case,
    draft: &NoticeDraft,
    setting: &Setting<'_>,
) -> Result<Vec<Problem>, Refused> {
    if draft.purpose == Purpose::WithdrawalOfGood {
        return Ok(Vec::new());
    }
    let mut problems = Vec::new();
    if draft.severity.is_none() || setting.entry.term(draft.severity).is_none() {
        return Ok(vec![Problem::of_input(Refusal::SeverityUnknown)]);
    }
    let end = match draft.end_max {
        Some(day) => End::On(day),
        None => End::Indefinite { basis: String::new() },
    };
    let start = match draft.purpose {
        Purpose::Record => case.interim_start(setting).unwrap_or(setting.today()),
        _ => case.term.start.unwrap_or(setting.today()),
    };
    // A term begins with the decision, which is not before today: the latest end noticed is judged
    // by the latest start there can be.
    let latest_start = match draft.purpose {
        Purpose::Record if case.interim.is_none() => {
            let until = setting.last_day(PeriodKey::Represent, setting.today())?;
            setting.last_day(PeriodKey::DecideMax, until)?
        }
        _ => start,
    };
    let to = case.revision.conduct.map(|conduct| conduct.to);
    problems.extend(term_problems(&end, latest_start, to, draft.severity, setting)?);
    if draft.purpose == Purpose::RepairRevocation
        && let (Some(day), Some(original)) = (draft.end_max, case.term.original_end_at)
        && setting.rules.zone().end_of(day) > original
    {
        problems.push(Problem::of_input(Refusal::TermBeyondOriginal));
    }
    Ok(problems)
}

/// The chain, while its window is open.
fn open_window(case: &Case) -> Result<&Chain, Refused> {
    match &case.chain {
        Some(chain) if case.at < chain.window_ends_at => Ok(chain),
        Some(_) => refuse(Refusal::WindowClosed),
        None => refuse(Refusal::StepUnfit),
    }
}

/// T08. Answering never makes the outcome worse: a decision is bounded by the notice (I-24).
pub(super) fn represent(case: &Case, points: u32, text: &str) -> Ruling {
    let chain = open_window(case)?;
    if !matches!(chain.stage, ChainStage::Noticed) {
        return refuse(Refusal::StepUnfit);
    }
    if text.trim().is_empty() || points == 0 {
        return refuse(Refusal::TextMissing);
    }
    Ok(vec![Step::RepresentationMade { points, text: text.to_owned() }])
}

/// T09
pub(super) fn request_hearing(case: &Case, setting: &Setting<'_>) -> Ruling {
    let chain = open_window(case)?;
    if !matches!(chain.stage, ChainStage::Noticed) {
        return refuse(Refusal::StepUnfit);
    }
    let Some(until) = chain.hearing_until else { return refuse(Refusal::HearingNotOpen) };
    if setting.today() > until {
        return refuse(Refusal::WindowClosed);
    }
    let hearing_on = setting.last_day(PeriodKey::HearingNotice, setting.today())?;
    let close_day = setting.last_day(PeriodKey::HearingMax, hearing_on)?;
    Ok(vec![Step::HearingRequested {
        hearing_on,
        close_by: setting.rules.zone().end_of(close_day),
        decide_by: setting.ends_at(PeriodKey::DecideMax, close_day)?,
    }])
}

/// T11
pub(super) fn waive(case: &Case) -> Ruling {
    match open_window(case)?.stage {
        ChainStage::Noticed => Ok(vec![Step::WindowWaived]),
        _ => refuse(Refusal::StepUnfit),
    }
}

/// T11: a waiver can be taken back until the decision, while the window would still be open.
pub(super) fn revoke_waiver(case: &Case) -> Ruling {
    match open_window(case)?.stage {
        ChainStage::Deciding { waived: true } => Ok(vec![Step::WaiverRevoked]),
        _ => refuse(Refusal::StepUnfit),
    }
}

/// T12
pub(super) fn close_hearing(case: &Case, protocol: &str, setting: &Setting<'_>) -> Ruling {
    let Some(Chain { stage: ChainStage::Hearing { on, .. }, .. }) = &case.chain else {
        return refuse(Refusal::StepUnfit);
    };
    if setting.today() < *on {
        return refuse(Refusal::HearingTooSoon);
    }
    if protocol.trim().is_empty() {
        return refuse(Refusal::ReferenceMissing);
    }
    Ok(vec![Step::HearingClosed { protocol: protocol.to_owned() }])
}

/// T13
pub(super) fn withdraw_hearing(case: &Case) -> Ruling {
    match case.chain.as_ref().map(|chain| chain.stage) {
        Some(ChainStage::Hearing { .. }) => Ok(vec![Step::HearingWithdrawn]),
        _ => refuse(Refusal::StepUnfit),
    }
}

/// Whether an outcome is heavier than what was noticed (I-24).
pub(super) fn is_heavier(
    chain: &Chain,
    severity: Option<Severity>,
    end: &End,
    measures: &BTreeSet<domain::case::MeasureId>,
) -> bool {
    let severity_is = severity > chain.severity_max;
    let end_is = match (end, chain.end_max) {
        (_, None) => false,
        (End::Indefinite { .. }, Some(_)) => true,
        (End::On(last), Some(max)) => *last > max,
    };
    severity_is || end_is || !measures.is_subset(&chain.measures)
}
