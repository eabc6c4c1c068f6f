//! T06, T08 to T13, T17: notice, answer, hearing.

use std::collections::BTreeSet;

use domain::case::{Mode, Notice, POINTS_MAX, Purpose, Severity, Step};
use domain::civil::End;
use domain::refusal::{Problem, Refusal};
use policy::procedure::PeriodKey;

use super::command::{NoticeDraft, Setting};
use super::decision::{check_becomes_finding, stands_for};
use super::imputation;
use super::state::{Case, Chain, ChainStage, Ended, Phase};
use super::submission::{check_predecessor, term_problems};
use super::{Refused, Ruling, refuse};

/// T06, and the notices that begin an extension (T42), the revocation of a repair (T38), the
/// withdrawal of a good record, or an imputation (T45).
pub(super) fn serve(case: &Case, draft: &NoticeDraft, setting: &Setting<'_>) -> Ruling {
    // A mirror says what its origin says: its term is decided there (I-52).
    if case.chain.is_some() || case.mirror.is_some() {
        return refuse(Refusal::StepUnfit);
    }
    check_becomes_finding(draft.purpose, setting)?;
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
                // Whoever owes an answer about a record does not make it longer meanwhile.
                && !case.is_hidden()
        }
        // What was repaired comes back on proof of fraud only, and only while it is kept.
        Purpose::RepairRevocation => {
            matches!(case.phase, Phase::Ended { how: Ended::Repaired, .. })
        }
        Purpose::WithdrawalOfGood => {
            !case.is_adverse()
                && matches!(case.phase, Phase::Published { .. })
                && case.withdrawal_from.is_none()
        }
        Purpose::Imputation => matches!(case.phase, Phase::Published { .. }) && !case.is_hidden(),
    };
    if !fits || (draft.successor.is_some() && draft.purpose != Purpose::Imputation) {
        return refuse(Refusal::StepUnfit);
    }
    match draft.purpose {
        Purpose::Record => check_predecessor(case, setting)?,
        Purpose::Imputation => imputation::check_notice(case, draft, setting)?,
        _ => {}
    }
    noticed(case, draft, setting)
}

/// T17: new facts or a heavier outcome need a new notice and the full time again. The same notice
/// once more would only put off the day on which silence decides (T16).
pub(super) fn renew(case: &Case, draft: &NoticeDraft, setting: &Setting<'_>) -> Ruling {
    let Some(chain) = &case.chain else { return refuse(Refusal::StepUnfit) };
    let end = draft.end_max.map_or_else(no_end, End::On);
    let is_new = draft.facts.trim() != chain.facts.trim()
        || is_heavier(chain, draft.severity, &end, &draft.measures);
    // A new notice is no way out of a stay.
    let is_due =
        matches!(chain.stage, ChainStage::Deciding { .. }) && stands_for(case, chain.purpose);
    let is_about_another = chain.purpose != draft.purpose || chain.successor != draft.successor;
    if !is_due || !is_new || is_about_another {
        return refuse(Refusal::StepUnfit);
    }
    noticed(case, draft, setting)
}

fn noticed(case: &Case, draft: &NoticeDraft, setting: &Setting<'_>) -> Ruling {
    let mut problems = missing_texts(draft);
    if draft.service.trim().is_empty() || draft.served_on > setting.today() {
        problems.push(Problem::of_input(Refusal::ServiceUnproven));
    }
    problems.extend(outcome_problems(case, draft, setting)?);
    if !problems.is_empty() {
        return Err(problems);
    }
    // The window runs from service, never from an earlier day than the registry learns of it:
    // a notice served and not told does not take time away.
    let served_on = if planted!(WindowBeforeKnown) {
        draft.served_on
    } else {
        draft.served_on.max(setting.today())
    };
    let represent_until = setting.last_day(PeriodKey::Represent, served_on)?;
    // Where there is longer to ask for a hearing than to answer, the window is as long as that.
    let hearing_until = match draft.severity {
        Some(severity) if setting.entry.hearing.contains(&severity) => {
            Some(setting.last_day(PeriodKey::HearingRequest, served_on)?)
        }
        _ => None,
    };
    let last = hearing_until.map_or(represent_until, |day| day.max(represent_until));
    Ok(vec![Step::NoticeServed(Box::new(Notice {
        purpose: draft.purpose,
        items: Vec::new(),
        texts: Some(draft.texts.clone()),
        severity: draft.severity,
        end_max: draft.end_max,
        measures: draft.measures.iter().cloned().collect(),
        successor: draft.successor,
        service: draft.service.clone(),
        served_on: draft.served_on,
        represent_until,
        hearing_until,
        window_ends_at: setting.rules.zone().end_of(last),
        decide_by: setting.ends_at(PeriodKey::DecideMax, last)?,
        facts: draft.facts.clone(),
    }))])
}

/// Domain.md 5.6: a notice holds everything, or is none. What the registry knows it writes out
/// itself; the rest has to be told by the authority, in words.
fn missing_texts(draft: &NoticeDraft) -> Vec<Problem> {
    let texts = &draft.texts;
    [
        ("facts", &draft.facts),
        ("evidence", &texts.evidence),
        ("access", &texts.access),
        ("office", &texts.office),
    ]
    .into_iter()
    .filter(|(_, text)| !says_something(text))
    .map(|(key, _)| Problem::of_input(Refusal::NoticeIncomplete).with_detail(key))
    .collect()
}

/// Fewer letters say nothing of a case: a dash, "n/a", "see file".
// Not law: a bound below which nobody can name a fact, a document or an office.
const LETTERS_MIN: usize = 12;
/// What an ideograph says takes about this many letters elsewhere.
// Not law: how scripts differ.
const LETTERS_OF_IDEOGRAPH: usize = 3;

/// Whether there are words in it. That they are the right ones only its reader can tell, who may
/// say so in the answer.
fn says_something(text: &str) -> bool {
    let weigh = |letter: char| match letter {
        '\u{3400}'..='\u{9fff}' => LETTERS_OF_IDEOGRAPH,
        letter => usize::from(letter.is_alphabetic()),
    };
    text.chars().map(weigh).sum::<usize>() >= LETTERS_MIN
}

/// A term without end, as a notice intends it; the decision cites the basis.
fn no_end() -> End {
    End::Indefinite { basis: "as noticed".to_owned() }
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
    if draft.purpose == Purpose::Imputation {
        // Whose it is changes, and nothing else of it.
        check_severity_kept(case, draft.purpose, draft.severity)?;
        return Ok(Vec::new());
    }
    let mut problems = Vec::new();
    if draft.severity.is_none() || setting.entry.term(draft.severity).is_none() {
        return Ok(vec![Problem::of_input(Refusal::SeverityUnknown)]);
    }
    check_severity_kept(case, draft.purpose, draft.severity)?;
    let end = draft.end_max.map_or_else(no_end, End::On);
    let to = case.conduct_end();
    match draft.purpose {
        // A term begins with the decision, which is not before today: the latest end noticed is
        // judged by the latest start there can be.
        Purpose::Record if case.interim_since.is_none() => {
            let until = setting.last_day(PeriodKey::Represent, setting.today())?;
            let latest_start = setting.last_day(PeriodKey::DecideMax, until)?;
            let too_long = term_problems(&end, latest_start, to, draft.severity, setting)?;
            let is_other = |problem: &Problem| problem.refusal != Refusal::PeriodReversed;
            problems.extend(too_long.into_iter().filter(is_other));
            if draft.end_max.is_some_and(|day| day < setting.today()) {
                problems.push(Problem::of_input(Refusal::PeriodReversed));
            }
        }
        _ => {
            let start = case.first_day(setting);
            let is_unbounded = planted!(ExtensionUnbounded) && draft.purpose == Purpose::Extension;
            if !is_unbounded {
                problems.extend(term_problems(&end, start, to, draft.severity, setting)?);
            }
        }
    }
    if draft.purpose == Purpose::RepairRevocation
        && is_beyond_original(case, draft.end_max, setting)
    {
        problems.push(Problem::of_input(Refusal::TermBeyondOriginal));
    }
    Ok(problems)
}

/// A later end and a repair taken back leave the severity as it was decided: a graver one would
/// bring a longer term than the record may have (I-04).
pub(super) fn check_severity_kept(
    case: &Case,
    purpose: Purpose,
    severity: Option<Severity>,
) -> Result<(), Refused> {
    let is_kept =
        matches!(purpose, Purpose::Extension | Purpose::RepairRevocation | Purpose::Imputation);
    if is_kept && severity != case.revision.severity {
        let detail = case.revision.severity.map_or("none", Severity::key);
        return Err(vec![Problem::of_input(Refusal::SeverityDiffers).with_detail(detail)]);
    }
    Ok(())
}

/// Whether an end is later than the one first decided (T38).
pub(super) fn is_beyond_original(
    case: &Case,
    last: Option<domain::civil::Day>,
    setting: &Setting<'_>,
) -> bool {
    let Some(original) = case.term.original_end_at else { return false };
    last.is_none_or(|last| setting.rules.zone().end_of(last) > original)
}

impl Case {
    /// The first day of the term decided, or the one it would have if it were decided today: an
    /// interim record's time served counts (T56).
    fn first_day(&self, setting: &Setting<'_>) -> domain::civil::Day {
        let interim = self.interim_start(setting);
        match self.phase {
            Phase::InChain | Phase::Validated { .. } => interim.unwrap_or(setting.today()),
            _ => self.term.start.unwrap_or(setting.today()),
        }
    }
}

/// The chain, while its window is open.
fn open_window(case: &Case) -> Result<&Chain, Refused> {
    match &case.chain {
        Some(chain) if case.at < chain.window_ends_at => Ok(chain),
        Some(_) => refuse(Refusal::WindowClosed),
        None => refuse(Refusal::StepUnfit),
    }
}

/// T08. Answering never makes the outcome worse: a decision is bounded by the notice (I-24). An
/// interim record can be opposed before any notice; what is said then counts in the proceedings.
pub(super) fn represent(
    case: &Case,
    points: &[String],
    text: &str,
    setting: &Setting<'_>,
) -> Ruling {
    match (&case.chain, case.interim) {
        (None, Some(interim)) if setting.today() > interim.oppose_until => {
            return refuse(Refusal::WindowClosed);
        }
        (None, Some(_)) => {}
        _ if matches!(open_window(case)?.stage, ChainStage::Noticed) => {}
        _ => return refuse(Refusal::StepUnfit),
    }
    if points.is_empty() || points.iter().any(|point| point.trim().is_empty()) {
        return refuse(Refusal::TextMissing);
    }
    let raised = case.chain.as_ref().map_or(case.opposed, |chain| chain.points);
    let number = u32::try_from(points.len()).unwrap_or(u32::MAX);
    if raised.saturating_add(number) > POINTS_MAX {
        let problem = Problem::of_input(Refusal::PointsTooMany);
        return Err(vec![problem.with_detail(POINTS_MAX.to_string())]);
    }
    Ok(vec![Step::RepresentationMade {
        points: number,
        list: points.to_vec(),
        text: text.to_owned(),
    }])
}

/// T09
pub(super) fn request_hearing(case: &Case, setting: &Setting<'_>) -> Ruling {
    let chain = open_window(case)?;
    if !matches!(chain.stage, ChainStage::Noticed) || chain.heard {
        return refuse(Refusal::StepUnfit);
    }
    let Some(until) = chain.hearing_until else { return refuse(Refusal::HearingNotOpen) };
    if setting.today() > until {
        return refuse(Refusal::WindowClosed);
    }
    let hearing_on = setting.last_day_of_answer(PeriodKey::HearingNotice, setting.today())?;
    let close_day = setting.last_day_of_answer(PeriodKey::HearingMax, hearing_on)?;
    Ok(vec![Step::HearingRequested {
        hearing_on,
        close_by: setting.rules.zone().end_of(close_day),
        decide_by: setting.answer_ends_at(PeriodKey::DecideMax, close_day)?,
    }])
}

/// T11
pub(super) fn waive(case: &Case) -> Ruling {
    let chain = open_window(case)?;
    if chain.successor.is_some() {
        return refuse(Refusal::WaiverOfBoth);
    }
    match chain.stage {
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
    if case.chain.as_ref().is_some_and(|chain| chain.successor.is_some()) {
        return refuse(Refusal::WaiverOfBoth);
    }
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
