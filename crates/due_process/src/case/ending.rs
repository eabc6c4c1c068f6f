//! T25, T26, T29, T30, T33, T43: correction and withdrawal.

use domain::case::{Actor, StayReason, Step, WithdrawalReason};
use domain::civil::Day;
use domain::ids::RecordId;
use domain::refusal::Refusal;
use policy::procedure::PeriodKey;

use super::command::Setting;
use super::state::{Case, ObjectionLevel, Phase};
use super::{Refused, Ruling, refuse};

/// T25, T29: a successor of the same authority, organisation and type that passed every rule, names
/// this record as the one it corrects, and was never public. It goes on from there; this one makes
/// room at once, so that of a chain one at most is live (I-12).
pub(super) fn correct(case: &Case, successor: RecordId, setting: &Setting<'_>) -> Ruling {
    if !matches!(case.phase, Phase::Published { .. } | Phase::Stayed(_)) {
        return refuse(Refusal::StepUnfit);
    }
    let other = setting.counterpart.map(|other| other.as_of(setting.now));
    let fits = other.is_some_and(|other| {
        other.record == successor
            && successor != case.record
            && other.revision.predecessor == Some(case.record)
            && other.authority == case.authority
            && other.organisation == case.organisation
            && other.revision.record_type() == case.revision.record_type()
            && matches!(other.phase, Phase::Validated { .. })
    });
    if !fits {
        return refuse(Refusal::SuccessorUnfit);
    }
    // A reviewer corrects what it found a person in, or in an appeal, as it withdraws.
    check_reviewer(case, WithdrawalReason::Privacy, setting)?;
    let tombstone_until = setting.ends_from_today(PeriodKey::TombstoneKeep)?;
    Ok(vec![Step::Corrected { successor, tombstone_until }])
}

/// T26, T30, T33, T43. Before publication the authority abandons instead (T21); only a court that
/// annuls, or a law that is gone, reaches what is not public yet.
pub(super) fn withdraw(
    case: &Case,
    reason: WithdrawalReason,
    reference: &str,
    ordered_on: Option<Day>,
    setting: &Setting<'_>,
) -> Ruling {
    let is_before =
        matches!(case.phase, Phase::Validated { .. } | Phase::InChain | Phase::Standstill { .. });
    let reaches_before =
        matches!(reason, WithdrawalReason::Annulled | WithdrawalReason::LawRepealed);
    let fits = case.is_in_effect()
        || matches!(case.phase, Phase::Stayed(_))
        || (is_before && reaches_before);
    if !fits {
        return refuse(Refusal::StepUnfit);
    }
    if reference.trim().is_empty() {
        return refuse(Refusal::ReferenceMissing);
    }
    check_good_kept(case, reason, setting)?;
    check_reviewer(case, reason, setting)?;
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
        tombstone_until: setting.ends_from_today(PeriodKey::TombstoneKeep)?,
    }])
}

/// An authority takes a good or neutral record back after notice, answer, decision and standstill
/// only (domain.md 5.2), whatever it calls the reason.
fn check_good_kept(
    case: &Case,
    reason: WithdrawalReason,
    setting: &Setting<'_>,
) -> Result<(), Refused> {
    let is_against_subject = !case.is_adverse()
        && matches!(setting.actor, Actor::Authority(_))
        && reason != WithdrawalReason::Privacy;
    match case.withdrawal_from {
        _ if !is_against_subject => Ok(()),
        Some(from) if from <= setting.now && reason == WithdrawalReason::Revoked => Ok(()),
        Some(_) => refuse(Refusal::StepUnfit),
        None => refuse(Refusal::NoticeNeeded),
    }
}

/// A reviewer ends a record in an appeal in which it had no part before (I-23), or where it stopped
/// the record for what it tells about a person (T49); never of its own motion.
pub(super) fn check_reviewer(
    case: &Case,
    reason: WithdrawalReason,
    setting: &Setting<'_>,
) -> Result<(), Refused> {
    let Actor::Reviewer(handle) = setting.actor else { return Ok(()) };
    let is_stopped = matches!(&case.phase, Phase::Stayed(stayed)
        if stayed.reasons.contains(&StayReason::Privacy));
    if reason == WithdrawalReason::Privacy && is_stopped {
        return Ok(());
    }
    let is_appeal = case
        .objection
        .as_ref()
        .is_some_and(|objection| objection.level == ObjectionLevel::Reviewer);
    if !is_appeal {
        return refuse(Refusal::ActorUnfit);
    }
    if case.reviewers.contains(handle) {
        return refuse(Refusal::SameAccount);
    }
    Ok(())
}
