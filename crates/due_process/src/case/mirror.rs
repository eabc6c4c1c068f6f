//! T50 to T52: records of a peer that are recognised here. A mirror is never live when its origin
//! is not (I-51), and is never an original (I-52).

use domain::case::{Actor, CatalogueKey, Step};
use domain::civil::{End, Instant};
use domain::limits;
use domain::record::Polarity;
use domain::refusal::{Problem, Refusal};
use policy::procedure::PeriodKey;

use super::command::{Setting, Submission, SubmissionFacts};
use super::state::{Case, Phase};
use super::{Refused, Ruling, refuse, submission};

/// What is known of the record at its origin.
#[derive(Debug, Clone, Copy)]
pub struct MirrorFacts<'a> {
    /// As for a submission.
    pub submission: SubmissionFacts<'a>,
    /// Origin of the peer's log.
    pub origin: &'a str,
    /// Position there.
    pub position: u64,
    /// Whether it stands there by a verified head.
    pub stands: bool,
    /// Whether it is an original there, not itself a mirror (I-52).
    pub is_original: bool,
    /// The recognition rule, and each of its conditions with whether it holds (I-53).
    pub rule: &'a CatalogueKey,
    /// Conditions that do not hold.
    pub unmet: &'a [String],
    /// Fresh until then, by the peer; never longer than the pack says.
    pub fresh_until: Instant,
}

/// T50
pub(super) fn recognise(
    submission: &Submission,
    facts: &MirrorFacts<'_>,
    setting: &Setting<'_>,
) -> Ruling {
    if *setting.actor != Actor::Registry {
        return refuse(Refusal::ActorUnfit);
    }
    let mut problems: Vec<Problem> = facts
        .unmet
        .iter()
        .map(|unmet| Problem::of_input(Refusal::RecognitionUnmet).with_detail(unmet.clone()))
        .collect();
    if !facts.is_original {
        problems.push(Problem::of_input(Refusal::MirrorOfMirror));
    }
    if !facts.stands || facts.fresh_until <= setting.now {
        problems.push(Problem::of_input(Refusal::OriginSilent));
    }
    if !facts.submission.is_identified {
        problems.push(Problem::of_input(Refusal::SubjectUnidentified));
    }
    problems.extend(content_problems(submission, facts, setting));
    let end_at = match &submission.end {
        Some(End::On(last)) => Some(setting.rules.zone().end_of(*last)),
        _ => None,
    };
    if end_at.is_some_and(|end_at| end_at <= setting.now) {
        problems.push(Problem::of_input(Refusal::TermOver));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let revision =
        submission::revision(submission, &facts.submission, submission.severity, end_at, setting)?;
    Ok(vec![
        Step::Submitted(Box::new(revision)),
        Step::Recognised {
            origin: facts.origin.to_owned(),
            position: facts.position,
            rule: facts.rule.clone(),
            fresh_until: bounded(facts.fresh_until, setting)?,
        },
    ])
}

/// What holds for a record from elsewhere as for one from here: no person, no ground outside the
/// entry, no protected kind, and an end or a basis for none (I-04).
fn content_problems(
    submission: &Submission,
    facts: &MirrorFacts<'_>,
    setting: &Setting<'_>,
) -> Vec<Problem> {
    let (entry, kind) = (setting.entry, facts.submission.kind);
    let mut problems = Vec::new();
    submission::check_texts(submission, &mut problems);
    if submission.body.record_type() != entry.record_type {
        problems.push(Problem::of_input(Refusal::TypeDiffers));
    }
    if !entry.subjects.contains(&kind) {
        problems.push(Problem::of_input(Refusal::SubjectKindUnfit));
    }
    if entry.polarity() != Polarity::Adverse {
        return problems;
    }
    if !limits::may_be_adverse(kind, entry.act) {
        problems.push(Problem::of_input(Refusal::ProtectedKind));
    }
    let is_outside = |ground| !entry.grounds.contains(ground);
    if submission.grounds.is_empty() || submission.grounds.iter().any(is_outside) {
        problems.push(Problem::of_input(Refusal::GroundOutsideEntry));
    }
    let has_end = match &submission.end {
        Some(End::On(_)) => true,
        Some(End::Indefinite { basis }) => entry.indefinite.is_some() && !basis.trim().is_empty(),
        None => false,
    };
    if !has_end {
        problems.push(Problem::of_input(Refusal::EndMissing));
    }
    problems
}

/// A peer cannot make its word last longer than the pack lets it be silent (T52).
fn bounded(fresh_until: Instant, setting: &Setting<'_>) -> Result<Instant, Refused> {
    Ok(fresh_until.min(setting.ends_from_today(PeriodKey::PeerStale)?))
}

fn is_live(case: &Case) -> bool {
    case.mirror.is_some() && matches!(case.phase, Phase::Published { .. } | Phase::Stayed(_))
}

/// The peer's log was read, and the record stands there.
pub(super) fn seen(case: &Case, fresh_until: Instant, setting: &Setting<'_>) -> Ruling {
    if !is_live(case) {
        return refuse(Refusal::StepUnfit);
    }
    if fresh_until <= setting.now {
        return refuse(Refusal::OriginSilent);
    }
    Ok(vec![Step::OriginSeen { fresh_until: bounded(fresh_until, setting)? }])
}

/// T51
pub(super) fn ended(case: &Case) -> Ruling {
    if !is_live(case) {
        return refuse(Refusal::StepUnfit);
    }
    Ok(vec![Step::OriginEnded])
}
