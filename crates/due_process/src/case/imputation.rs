//! T45: a record belongs to a successor from now on. Never by itself (I-31), and to nobody unheard:
//! a notice to both that names it, their time to answer, a decision by somebody other than the
//! officer, its standstill, and two reviewers of the registry who carry it out. Silence of the
//! authority leaves the record where it is.

use domain::case::{Actor, Step};
use domain::ids::OrganisationId;
use domain::limits;
use domain::organisation::OrganisationKind;
use domain::refusal::{Problem, Refusal};

use super::command::{NoticeDraft, Setting};
use super::state::{Case, Phase};
use super::{Refused, Ruling, refuse};

/// Whose record it is to be, and what that organisation is on record as; no kind where the registry
/// does not know it.
pub(super) type Successor = (OrganisationId, Option<OrganisationKind>);

/// What a notice of an imputation needs, and no other notice may have.
pub(super) fn check_notice(
    case: &Case,
    draft: &NoticeDraft,
    setting: &Setting<'_>,
) -> Result<(), Refused> {
    let Some(successor) = draft.successor else { return refuse(Refusal::SuccessorUnknown) };
    check_successor(case, (successor, draft.successor_kind), setting)
}

/// The successor is registered, is another, and may have such a record at all: nobody gets by
/// imputation what nobody could submit about it (P6).
fn check_successor(
    case: &Case,
    (successor, kind): Successor,
    setting: &Setting<'_>,
) -> Result<(), Refused> {
    let Some(kind) = kind.filter(|_| successor != case.organisation) else {
        return refuse(Refusal::SuccessorUnknown);
    };
    if planted!(ImputedToAnybody) {
        return Ok(());
    }
    let mut problems = Vec::new();
    if !setting.entry.subjects.contains(&kind) {
        problems.push(Problem::of_input(Refusal::SubjectKindUnfit));
    }
    if case.is_adverse() && !limits::may_be_adverse(kind, setting.entry.act) {
        problems.push(Problem::of_input(Refusal::ProtectedKind));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// The first reviewer looks at it, another one carries it out.
pub(super) fn impute(
    case: &Case,
    successor: Successor,
    reference: &str,
    setting: &Setting<'_>,
) -> Ruling {
    if !matches!(case.phase, Phase::Published { .. }) || case.mirror.is_some() {
        return refuse(Refusal::StepUnfit);
    }
    let Some(imputation) = case.imputation.as_ref().filter(|it| it.from <= case.at) else {
        return refuse(Refusal::ImputationUndecided);
    };
    if successor.0 != imputation.successor {
        return refuse(Refusal::SuccessorDiffers);
    }
    if reference.trim().is_empty() {
        return refuse(Refusal::ReferenceMissing);
    }
    // Once more: since the notice the registry may have come to know it as something else.
    check_successor(case, successor, setting)?;
    let Actor::Reviewer(handle) = setting.actor else { return refuse(Refusal::ActorUnfit) };
    let successor = imputation.successor;
    match &imputation.reviewed_by {
        None => Ok(vec![Step::ImputationReviewed { successor }]),
        Some(first) if first == handle => refuse(Refusal::SameAccount),
        Some(_) => Ok(vec![Step::Imputed { successor, reference: reference.to_owned() }]),
    }
}
