//! T01 to T05: what an authority may hand in (domain.md 6.2). All problems come back at once.

use domain::case::{Attestation, Mode, Revision, Severity, Step, Territory};
use domain::civil::{Day, End};
use domain::limits;
use domain::record::Polarity;
use domain::refusal::{Problem, Refusal};
use policy::catalogue::{Mandate, TermStart};
use policy::procedure::PeriodKey;

use super::command::{Setting, Submission, SubmissionFacts, uncovered};
use super::state::{Case, Phase};
use super::{Ruling, refuse};

/// T01 and T02: a record that passes every rule. What fails comes back as numbers and is not
/// stored; nothing of it may be (I-27).
pub(super) fn submit(
    submission: &Submission,
    facts: &SubmissionFacts<'_>,
    setting: &Setting<'_>,
) -> Ruling {
    let mut problems = Vec::new();
    check_power(submission, facts, setting, &mut problems);
    check_subject(submission, facts, setting, &mut problems);
    check_dates(submission, setting, &mut problems);
    check_mode(submission, facts, setting, &mut problems);
    check_chain(submission, facts, &mut problems);
    let severity = check_severity(submission, facts, setting, &mut problems);
    let end_at = match check_term(submission, severity, setting, &mut problems) {
        Ok(end_at) => end_at,
        Err(mut found) => {
            problems.append(&mut found);
            None
        }
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    let next_by = match submission.mode {
        Mode::Hosted => setting.from_today(PeriodKey::NoticeMax)?,
        Mode::ImportedFinal => setting.from_today(PeriodKey::Precheck)?,
    };
    let revision = revision(submission, facts, severity, end_at, setting)?;
    Ok(vec![Step::Submitted(Box::new(revision)), Step::ValidationPassed { next_by }])
}

pub(super) fn revision(
    submission: &Submission,
    facts: &SubmissionFacts<'_>,
    severity: Option<Severity>,
    end_at: Option<domain::civil::Instant>,
    setting: &Setting<'_>,
) -> Result<Revision, Vec<Problem>> {
    let entry = setting.entry;
    let today = setting.today();
    let retained = setting.last_day(PeriodKey::RetainArchive, today)?.days_since(today);
    let late = match &submission.decision {
        Some(decision) => setting.last_day(PeriodKey::PublishMax, decision.date)? < today,
        None => false,
    };
    let published = entry.term(severity).is_none_or(|term| term.published);
    Ok(Revision {
        number: 1,
        mode: submission.mode,
        entry: entry.id.clone(),
        kind: facts.kind,
        name_as_written: submission.name_as_written.clone(),
        grounds: submission.grounds.clone(),
        act: entry.act,
        severity,
        procedure: submission.procedure,
        case_number: submission.case_number.clone(),
        decision: submission.decision.clone(),
        conduct: submission.conduct,
        start: first_day(submission, setting),
        end: submission.end.clone(),
        end_at,
        zone: setting.rules.zone().name().to_owned(),
        published,
        retention_days: u16::try_from(retained).unwrap_or(u16::MAX),
        under_review: submission.under_review,
        late,
        attestations: submission.attestations.clone(),
        predecessor: submission.predecessor,
        resubmission_of: submission.resubmission_of,
        pack: facts.pack_hash.to_owned(),
        body: submission.body.clone(),
    })
}

/// I-49, I-32, and the wait after an adoption.
fn check_power(
    submission: &Submission,
    facts: &SubmissionFacts<'_>,
    setting: &Setting<'_>,
    problems: &mut Vec<Problem>,
) {
    let entry = setting.entry;
    let day = submission.decision.as_ref().map_or(setting.today(), |decision| decision.date);
    let covers = |mandate: &Mandate| {
        mandate.authority == submission.authority
            && mandate.entries.contains(&entry.id)
            && covers(&mandate.territory, facts.territory)
            && mandate.from <= day
            && mandate.until.is_none_or(|until| day <= until)
    };
    if !facts.mandates.iter().any(covers) {
        problems.push(Problem::of_input(Refusal::MandateMissing));
    }
    if !entry.is_in_force(day) {
        problems.push(Problem::of_input(Refusal::EntryNotInForce));
    }
    if entry.polarity() == Polarity::Adverse && setting.now < facts.in_use_from {
        let detail = facts.in_use_from.to_string();
        problems.push(Problem::of_input(Refusal::NotYetInUse).with_detail(detail));
    }
    if submission.body.record_type() != entry.record_type {
        problems.push(Problem::of_input(Refusal::TypeDiffers));
    }
}

/// A territory covers itself and what it prefixes: `cn` covers `cn-sh`.
pub(super) fn covers(outer: &Territory, inner: &Territory) -> bool {
    inner
        .as_str()
        .strip_prefix(outer.as_str())
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// I-25, I-29, promise P6.
fn check_subject(
    submission: &Submission,
    facts: &SubmissionFacts<'_>,
    setting: &Setting<'_>,
    problems: &mut Vec<Problem>,
) {
    let entry = setting.entry;
    if !facts.is_identified {
        problems.push(Problem::of_input(Refusal::SubjectUnidentified));
    }
    if !entry.subjects.contains(&facts.kind) {
        problems.push(Problem::of_input(Refusal::SubjectKindUnfit));
    }
    if entry.polarity() == Polarity::Adverse {
        if !limits::may_be_adverse(facts.kind, entry.act) {
            problems.push(Problem::of_input(Refusal::ProtectedKind));
        }
        let is_outside = |ground| !entry.grounds.contains(ground);
        if submission.grounds.is_empty() || submission.grounds.iter().any(is_outside) {
            problems.push(Problem::of_input(Refusal::GroundOutsideEntry));
        }
    }
}

/// V05, and that nothing lies in the future.
fn check_dates(submission: &Submission, setting: &Setting<'_>, problems: &mut Vec<Problem>) {
    let today = setting.today();
    let mut days: Vec<Day> = Vec::new();
    if let Some(conduct) = submission.conduct {
        days.extend([conduct.from, conduct.to]);
    }
    if let Some(decision) = &submission.decision {
        days.extend([decision.date, decision.served_on]);
    }
    days.push(today);
    if days.windows(2).any(|pair| matches!(pair, [earlier, later] if earlier > later)) {
        problems.push(Problem::of_input(Refusal::DatesDisordered));
    }
    if let (Some(start), Some(End::On(end))) = (submission.start, &submission.end)
        && start > *end
    {
        problems.push(Problem::of_input(Refusal::PeriodReversed));
    }
}

/// What each mode needs: attestations and a decision, or neither yet (I-03).
fn check_mode(
    submission: &Submission,
    facts: &SubmissionFacts<'_>,
    setting: &Setting<'_>,
    problems: &mut Vec<Problem>,
) {
    if facts.document_repeated {
        problems.push(Problem::of_input(Refusal::DocumentRepeated));
    }
    let is_adverse = setting.entry.polarity() == Polarity::Adverse;
    match submission.mode {
        Mode::Hosted if is_adverse && submission.decision.is_some() => {
            problems.push(Problem::of_input(Refusal::AlreadyDecided));
        }
        Mode::Hosted => {}
        Mode::ImportedFinal => {
            if is_adverse && submission.decision.is_none() {
                problems.push(Problem::of_input(Refusal::DecisionMissing));
            }
            let given: Vec<Attestation> =
                submission.attestations.iter().map(|given| given.attestation).collect();
            for attestation in Attestation::ALL.iter().filter(|_| is_adverse) {
                if !given.contains(attestation) {
                    let missing = Problem::of_input(Refusal::AttestationMissing);
                    problems.push(missing.with_detail(attestation.key()));
                }
            }
        }
    }
}

/// I-12: a correction names a record of the same authority about the same organisation that stands
/// and has no successor; a repeated submission names one that was rejected.
fn check_chain(submission: &Submission, facts: &SubmissionFacts<'_>, problems: &mut Vec<Problem>) {
    if submission.predecessor.is_some() {
        let fits = facts.predecessor.is_some_and(|case| {
            case.authority == submission.authority
                && case.record != submission.record
                && matches!(case.phase, Phase::Published { .. } | Phase::Stayed(_))
        });
        if !fits {
            problems.push(Problem::of_input(Refusal::SuccessorUnfit));
        }
    }
    if submission.resubmission_of.is_some() {
        let fits = facts.resubmission_of.is_some_and(|case| {
            case.authority == submission.authority
                && matches!(case.phase, Phase::Rejected { .. } | Phase::NotUpheld { .. })
        });
        if !fits {
            problems.push(Problem::of_input(Refusal::ResubmissionUnfit));
        }
    }
}

/// V07: the rules of the entry give the severity, not the officer.
fn check_severity(
    submission: &Submission,
    facts: &SubmissionFacts<'_>,
    setting: &Setting<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Severity> {
    let expected = match setting.entry.polarity() {
        Polarity::Adverse => facts.severity.or(setting.entry.severity_default),
        Polarity::Neutral | Polarity::Good => None,
    };
    if submission.severity.is_some() && submission.severity != expected {
        let detail = expected.map_or("none", Severity::key);
        problems.push(Problem::of_input(Refusal::SeverityDiffers).with_detail(detail));
    }
    if expected.is_none() && setting.entry.polarity() == Polarity::Adverse {
        problems.push(Problem::of_input(Refusal::SeverityUnknown));
    }
    expected
}

fn first_day(submission: &Submission, setting: &Setting<'_>) -> Option<Day> {
    let decision = submission.decision.as_ref();
    let rule = match setting.entry.term_start {
        TermStart::Decision => decision.map(|decision| decision.date),
        TermStart::Service => decision.map(|decision| decision.served_on),
    };
    rule.or(submission.start)
}

/// I-04, I-05, I-08, I-09: the end an imported record may have. A hosted one has none before it is
/// decided.
fn check_term(
    submission: &Submission,
    severity: Option<Severity>,
    setting: &Setting<'_>,
    problems: &mut Vec<Problem>,
) -> Result<Option<domain::civil::Instant>, Vec<Problem>> {
    let is_decided = submission.mode == Mode::ImportedFinal;
    if setting.entry.polarity() == Polarity::Adverse && !is_decided {
        return Ok(None);
    }
    let Some(end) = &submission.end else {
        if setting.entry.polarity() == Polarity::Adverse {
            problems.push(Problem::of_input(Refusal::EndMissing));
        }
        return Ok(None);
    };
    if setting.entry.polarity() == Polarity::Adverse {
        let Some(start) = first_day(submission, setting) else {
            return Err(vec![Problem::of_input(Refusal::DecisionMissing)]);
        };
        let to = submission.conduct.map(|conduct| conduct.to);
        problems.extend(term_problems(end, start, to, severity, setting)?);
    }
    let end_at = match end {
        End::On(last) => Some(setting.rules.zone().end_of(*last)),
        End::Indefinite { .. } => None,
    };
    if end_at.is_some_and(|end_at| end_at <= setting.now) {
        problems.push(Problem::of_input(Refusal::TermOver));
    }
    Ok(end_at)
}

/// Everything wrong with `end` for a term that begins on `start` (I-04, I-05).
pub(super) fn term_problems(
    end: &End,
    start: Day,
    conduct_to: Option<Day>,
    severity: Option<Severity>,
    setting: &Setting<'_>,
) -> Result<Vec<Problem>, Vec<Problem>> {
    let entry = setting.entry;
    let mut problems = Vec::new();
    let last = match end {
        End::Indefinite { .. } => {
            if entry.indefinite.is_none() {
                problems.push(Problem::of_input(Refusal::EndMissing));
            }
            return Ok(problems);
        }
        End::On(last) => *last,
    };
    let Some(term) = entry.term(severity) else {
        return Err(vec![Problem::of_input(Refusal::SeverityUnknown)]);
    };
    let calendar = &setting.rules.calendar;
    if let Some(max) = &term.max {
        let latest = max.last_day(start, calendar).map_err(uncovered)?;
        if last > latest {
            let problem = Problem::of_input(Refusal::TermTooLong);
            problems.push(problem.with_detail(latest.to_string()));
        }
    }
    if let (Some(ceiling), Some(to)) = (&entry.ceiling, conduct_to) {
        let latest = ceiling.last_day(to, calendar).map_err(uncovered)?;
        if last > latest {
            let problem = Problem::of_input(Refusal::CeilingPassed);
            problems.push(problem.with_detail(latest.to_string()));
        }
    }
    if last < start {
        problems.push(Problem::of_input(Refusal::PeriodReversed));
    }
    Ok(problems)
}

/// T05: good and neutral records need no notice.
pub(super) fn publish_neutral(case: &Case) -> Ruling {
    if case.is_adverse() {
        return refuse(Refusal::NoticeNeeded);
    }
    if !matches!(case.phase, Phase::Validated { .. }) {
        return refuse(Refusal::StepUnfit);
    }
    Ok(vec![Step::Published])
}
