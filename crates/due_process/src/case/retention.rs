//! T46 to T48: what has ended is kept for lawful proof, then destroyed, unless a court holds it.

use domain::case::Step;
use domain::refusal::{Problem, Refusal};

use super::command::Setting;
use super::state::{Case, Phase};
use super::{Ruling, refuse};

/// T48
pub(super) fn place_hold(case: &Case, reference: &str) -> Ruling {
    if case.hold || matches!(case.phase, Phase::Erased) {
        return refuse(Refusal::StepUnfit);
    }
    if reference.trim().is_empty() {
        return refuse(Refusal::ReferenceMissing);
    }
    Ok(vec![Step::HoldPlaced { reference: reference.to_owned() }])
}

/// T48
pub(super) fn release_hold(case: &Case, reference: &str) -> Ruling {
    if !case.hold || matches!(case.phase, Phase::Erased) {
        return refuse(Refusal::StepUnfit);
    }
    if reference.trim().is_empty() {
        return refuse(Refusal::ReferenceMissing);
    }
    Ok(vec![Step::HoldReleased { reference: reference.to_owned() }])
}

/// T47: the `erasure` entry that names the openings is committed with it.
pub(super) fn erase(case: &Case, setting: &Setting<'_>) -> Ruling {
    let Some(from) = case.erasable_from() else { return refuse(Refusal::StepUnfit) };
    if case.hold && !planted!(ErasedUnderHold) {
        return refuse(Refusal::HeldByCourt);
    }
    if setting.now < from {
        let problem = Problem::of_input(Refusal::RetentionRunning);
        return Err(vec![problem.with_detail(from.to_string())]);
    }
    Ok(vec![Step::Erased])
}
