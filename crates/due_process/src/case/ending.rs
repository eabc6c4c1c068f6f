//! T25, T26, T29, T30, T33, T43: correction and withdrawal.

use domain::case::{Step, WithdrawalReason};
use domain::civil::Day;
use domain::ids::RecordId;
use domain::refusal::Refusal;
use policy::procedure::PeriodKey;

use super::command::Setting;
use super::state::{Case, Phase};
use super::{Ruling, refuse};

/// T25, T29: the successor was submitted with this record as its predecessor (I-12).
pub(super) fn correct(case: &Case, successor: RecordId, setting: &Setting<'_>) -> Ruling {
    if !matches!(case.phase, Phase::Published { .. } | Phase::Stayed(_)) {
        return refuse(Refusal::StepUnfit);
    }
    if successor == case.record {
        return refuse(Refusal::SuccessorUnfit);
    }
    let tombstone_until = setting.from_today(PeriodKey::TombstoneKeep)?;
    Ok(vec![Step::Corrected { successor, tombstone_until }])
}

/// T26, T30, T33, T43; before publication it is abandoned instead (T21).
pub(super) fn withdraw(
    case: &Case,
    reason: WithdrawalReason,
    reference: &str,
    ordered_on: Option<Day>,
    setting: &Setting<'_>,
) -> Ruling {
    let is_stayed_before = match &case.phase {
        Phase::Published { .. } => false,
        Phase::Stayed(stayed) => stayed.standstill_left.is_some(),
        // A court may annul what is not public yet.
        Phase::Standstill { .. } if reason == WithdrawalReason::Annulled => true,
        _ => return refuse(Refusal::StepUnfit),
    };
    if reference.trim().is_empty() {
        return refuse(Refusal::ReferenceMissing);
    }
    // Good and neutral records are taken back after notice (domain.md 5.2), unless a court or the
    // law itself says so or they were never lawful.
    let is_against_subject =
        !case.is_adverse() && reason == WithdrawalReason::Revoked && !is_stayed_before;
    if is_against_subject {
        return refuse(Refusal::NoticeNeeded);
    }
    if ordered_on.is_some_and(|day| day > setting.today()) {
        return refuse(Refusal::DatesDisordered);
    }
    let due_by = match ordered_on {
        Some(day) => Some(setting.ends_at(PeriodKey::RevokeMax, day)?),
        None => None,
    };
    Ok(vec![Step::Withdrawn {
        reason,
        reference: reference.to_owned(),
        due_by,
        tombstone_until: setting.from_today(PeriodKey::TombstoneKeep)?,
    }])
}
