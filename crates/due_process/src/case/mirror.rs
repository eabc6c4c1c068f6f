//! T50 to T52: records of a peer that are recognised here. A mirror is never live when its origin is
//! not (I-51), and is never an original (I-52).

use domain::case::{CatalogueKey, Step};
use domain::civil::Instant;
use domain::limits;
use domain::organisation::OrganisationKind;
use domain::record::Polarity;
use domain::refusal::{Problem, Refusal};

use super::command::{Setting, Submission, SubmissionFacts};
use super::state::{Case, Phase};
use super::{Ruling, refuse, submission};

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
    /// Fresh until then.
    pub fresh_until: Instant,
    /// The subject's kind.
    pub kind: OrganisationKind,
}

/// T50
pub(super) fn recognise(
    submission: &Submission,
    facts: &MirrorFacts<'_>,
    setting: &Setting<'_>,
) -> Ruling {
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
    let is_adverse = setting.entry.polarity() == Polarity::Adverse;
    if is_adverse && !limits::may_be_adverse(facts.kind, setting.entry.act) {
        problems.push(Problem::of_input(Refusal::ProtectedKind));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let end_at = match &submission.end {
        Some(domain::civil::End::On(last)) => Some(setting.rules.zone().end_of(*last)),
        _ => None,
    };
    let revision =
        submission::revision(submission, &facts.submission, submission.severity, end_at, setting)?;
    Ok(vec![
        Step::Submitted(Box::new(revision)),
        Step::Recognised {
            origin: facts.origin.to_owned(),
            position: facts.position,
            rule: facts.rule.clone(),
            fresh_until: facts.fresh_until,
        },
    ])
}

fn is_live(case: &Case) -> bool {
    case.mirror.is_some() && matches!(case.phase, Phase::Published { .. } | Phase::Stayed(_))
}

/// The peer's log was read, and the record stands there.
pub(super) fn seen(case: &Case, fresh_until: Instant) -> Ruling {
    if !is_live(case) {
        return refuse(Refusal::StepUnfit);
    }
    Ok(vec![Step::OriginSeen { fresh_until }])
}

/// T51
pub(super) fn ended(case: &Case) -> Ruling {
    if !is_live(case) {
        return refuse(Refusal::StepUnfit);
    }
    Ok(vec![Step::OriginEnded])
}
