//! T01 to T05: what an authority may hand in (domain.md 6.2). All problems come back at once.

use domain::case::{Actor, Attestation, DecisionDocument, Mode, Revision, Severity, Step};
use domain::civil::{Day, End, Instant};
use domain::identifiers::personal;
use domain::limits;
use domain::record::Polarity;
use domain::refusal::{Problem, Refusal};
use policy::catalogue::{CatalogueEntry, Mandate, TermStart};
use policy::procedure::PeriodKey;

use super::command::{Setting, Submission, SubmissionFacts, uncovered};
use super::state::{Case, Ended, Phase};
use super::{Refused, Ruling, refuse};

/// T01 and T02: a record that passes every rule. What fails comes back as numbers and is not
/// stored; nothing of it may be (I-27).
pub(super) fn submit(
    submission: &Submission,
    facts: &SubmissionFacts<'_>,
    setting: &Setting<'_>,
) -> Ruling {
    // A record has an officer, or nobody could be somebody else than the officer (I-50).
    if !matches!(setting.actor, Actor::Authority(_)) {
        return refuse(Refusal::ActorUnfit);
    }
    let mut problems = Vec::new();
    check_texts(submission, &mut problems);
    check_power(submission, facts, setting, &mut problems);
    check_subject(submission, facts, setting, &mut problems);
    check_dates(submission, setting, &mut problems);
    check_mode(submission, facts, setting, &mut problems);
    check_chain(submission, facts, setting, &mut problems);
    let severity = check_severity(submission, facts, setting, &mut problems);
    let end_at = match check_term(submission, severity, setting, &mut problems) {
        Ok(end_at) => end_at,
        Err(found) => {
            problems.extend(found);
            None
        }
    };
    let mut seen = std::collections::BTreeSet::new();
    problems.retain(|problem| seen.insert(problem.clone()));
    if !problems.is_empty() {
        return Err(problems);
    }
    let next_by = next_by(submission.mode, setting)?;
    let revision = revision(submission, facts, severity, end_at, setting)?;
    // Nothing is wrong with it but that there are so many: somebody of the registry looks first.
    if facts.above_rate && setting.entry.polarity() == Polarity::Adverse {
        return Ok(vec![Step::Submitted(Box::new(revision))]);
    }
    Ok(vec![Step::Submitted(Box::new(revision)), Step::ValidationPassed { next_by }])
}

/// By when the next step of a record that passed is due.
fn next_by(mode: Mode, setting: &Setting<'_>) -> Result<Instant, Vec<Problem>> {
    setting.ends_from_today(match mode {
        Mode::Hosted => PeriodKey::NoticeMax,
        Mode::ImportedFinal => PeriodKey::Precheck,
    })
}

/// T02: a reviewer lets in what waited. Whoever did has a part in the record and decides no appeal
/// about it (I-23). Without anybody it waits until its content is destroyed: silence publishes
/// nothing.
pub(super) fn admit(case: &Case, setting: &Setting<'_>) -> Ruling {
    if !matches!(case.phase, Phase::Submitted) {
        return refuse(Refusal::StepUnfit);
    }
    if case.term.end_at.is_some_and(|end_at| end_at <= setting.now) {
        return refuse(Refusal::TermOver);
    }
    Ok(vec![Step::ValidationPassed { next_by: next_by(case.revision.mode, setting)? }])
}

/// T03: a reviewer returns it to the authority.
pub(super) fn turn_back(case: &Case) -> Ruling {
    if !matches!(case.phase, Phase::Submitted) {
        return refuse(Refusal::StepUnfit);
    }
    Ok(vec![Step::ValidationFailed { refusals: vec![Refusal::SubmissionWaits.number()] }])
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
    let published = is_published(entry, severity);
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

/// Whether a record of this severity is public: an adverse one only where its entry says so
/// (I-10).
pub(super) fn is_published(entry: &CatalogueEntry, severity: Option<Severity>) -> bool {
    match entry.polarity() {
        Polarity::Adverse => entry.term(severity).is_some_and(|term| term.published),
        Polarity::Neutral | Polarity::Good => {
            entry.term(severity).is_none_or(|term| term.published)
        }
    }
}

/// I-27: nothing of a text that tells about a person is stored, not even the text.
pub(super) fn check_texts(submission: &Submission, problems: &mut Vec<Problem>) {
    let mut texts = vec![submission.name_as_written.as_str(), submission.case_number.as_str()];
    texts.extend(submission.attestations.iter().map(|given| given.reference.as_str()));
    let fields = submission.body.fields();
    texts.extend(fields.iter().map(|(_, text)| text.as_str()));
    if texts.into_iter().any(|text| personal::scan(text).is_some()) {
        problems.push(Problem::of_input(Refusal::PersonalIdentifier));
    }
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
            && mandate.territory.covers(facts.territory)
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
    // What was not forbidden when it was done is no ground, whenever it was decided.
    let is_before = submission.conduct.is_some_and(|conduct| conduct.to < entry.in_force_from);
    if entry.polarity() == Polarity::Adverse && is_before {
        problems.push(Problem::of_input(Refusal::ConductBeforeLaw));
    }
    // Leaving the conduct out is no way around that, nor around a longest time that is counted from
    // its end (I-05).
    if entry.polarity() == Polarity::Adverse && submission.conduct.is_none() {
        problems.push(Problem::of_input(Refusal::ConductMissing));
    }
    if submission.body.record_type() != entry.record_type {
        problems.push(Problem::of_input(Refusal::TypeDiffers));
    }
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
    let is_interim_only = setting.entry.interim.as_ref().is_some_and(|interim| interim.only);
    if is_interim_only && submission.mode == Mode::ImportedFinal {
        problems.push(Problem::of_input(Refusal::InterimOnly));
    }
    match submission.mode {
        Mode::Hosted if is_adverse && submission.decision.is_some() => {
            problems.push(Problem::of_input(Refusal::AlreadyDecided));
        }
        Mode::Hosted => {}
        Mode::ImportedFinal => {
            let is_numbered = |decision: &DecisionDocument| !decision.number.trim().is_empty();
            if is_adverse && !submission.decision.as_ref().is_some_and(is_numbered) {
                problems.push(Problem::of_input(Refusal::DecisionMissing));
            }
            // An attestation without a reference attests nothing.
            let given: Vec<Attestation> = submission
                .attestations
                .iter()
                .filter(|given| !given.reference.trim().is_empty())
                .map(|given| given.attestation)
                .collect();
            for attestation in Attestation::ALL.iter().filter(|_| is_adverse) {
                if !given.contains(attestation) {
                    let missing = Problem::of_input(Refusal::AttestationMissing);
                    problems.push(missing.with_detail(attestation.key()));
                }
            }
        }
    }
}

/// I-12: a correction names a record of the same authority, organisation and type that stands; a
/// repeated submission names one that was rejected or not upheld.
fn check_chain(
    submission: &Submission,
    facts: &SubmissionFacts<'_>,
    setting: &Setting<'_>,
    problems: &mut Vec<Problem>,
) {
    if let Some(predecessor) = submission.predecessor {
        let case = facts.predecessor.map(|case| case.as_of(setting.now));
        let fits = case.is_some_and(|case| {
            case.record == predecessor
                && case.authority == submission.authority
                && case.organisation == submission.organisation
                && case.revision.record_type() == submission.body.record_type()
                && case.record != submission.record
                && case.mirror.is_none()
                && matches!(case.phase, Phase::Published { .. } | Phase::Stayed(_))
        });
        if !fits {
            problems.push(Problem::of_input(Refusal::SuccessorUnfit));
        }
    }
    if let Some(repeated) = submission.resubmission_of {
        let case = facts.resubmission_of.map(|case| case.as_of(setting.now));
        let fits = case.is_some_and(|case| {
            case.record == repeated
                && case.authority == submission.authority
                && case.record != submission.record
                && matches!(case.phase, Phase::Rejected { .. } | Phase::NotUpheld { .. })
        });
        if !fits {
            problems.push(Problem::of_input(Refusal::ResubmissionUnfit));
        }
    }
}

/// Where a record corrects another, that other has to have been corrected by it before this one
/// goes on: so no two of a chain are live at once, and none has two successors (I-12).
pub(super) fn check_predecessor(case: &Case, setting: &Setting<'_>) -> Result<(), Refused> {
    let Some(predecessor) = case.revision.predecessor else { return Ok(()) };
    let is_corrected = setting.counterpart.is_some_and(|other| {
        let how = &other.phase;
        other.record == predecessor
            && (planted!(TwoHeads)
                || matches!(how, Phase::Ended { how: Ended::Corrected { successor, .. }, .. }
                if *successor == case.record))
    });
    if is_corrected { Ok(()) } else { refuse(Refusal::SuccessorUnfit) }
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
    let is_adverse = setting.entry.polarity() == Polarity::Adverse;
    if is_adverse && (expected.is_none() || setting.entry.term(expected).is_none()) {
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
    let Some(term) = entry.term(severity) else {
        return Err(vec![Problem::of_input(Refusal::SeverityUnknown)]);
    };
    let mut problems = Vec::new();
    let last = match end {
        End::Indefinite { basis } => {
            if entry.indefinite.is_none() || basis.trim().is_empty() {
                problems.push(Problem::of_input(Refusal::EndMissing));
            }
            return Ok(problems);
        }
        End::On(last) => *last,
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

/// The last days that the law allows for a term that begins on `start`: none is later.
pub(super) fn latest_days(
    start: Day,
    conduct_to: Option<Day>,
    severity: Option<Severity>,
    setting: &Setting<'_>,
) -> Result<Vec<Day>, Vec<Problem>> {
    let calendar = &setting.rules.calendar;
    let max = setting.entry.term(severity).and_then(|term| term.max.as_ref());
    let mut latest = Vec::new();
    if let Some(max) = max {
        latest.push(max.last_day(start, calendar).map_err(uncovered)?);
    }
    if let (Some(ceiling), Some(to)) = (&setting.entry.ceiling, conduct_to) {
        latest.push(ceiling.last_day(to, calendar).map_err(uncovered)?);
    }
    Ok(latest)
}

/// T05: good and neutral records need no notice.
pub(super) fn publish_neutral(case: &Case, setting: &Setting<'_>) -> Ruling {
    if case.is_adverse() {
        return refuse(Refusal::NoticeNeeded);
    }
    if !matches!(case.phase, Phase::Validated { .. }) {
        return refuse(Refusal::StepUnfit);
    }
    check_predecessor(case, setting)?;
    Ok(vec![Step::Published])
}
