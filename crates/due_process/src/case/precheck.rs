//! T07, T18 to T21: the check of an imported-final record, and the standstill of a decided one. The
//! subject may stop the clock by a flag; silence of the authority sends the record back.

use domain::case::{FlagGround, Mode, Step};
use domain::civil::Instant;
use domain::refusal::Refusal;
use policy::procedure::PeriodKey;

use super::command::Setting;
use super::state::{Case, Phase};
use super::submission::check_predecessor;
use super::{Ruling, refuse};

/// T07. Attestations were checked when it was submitted (I-03).
pub(super) fn open(case: &Case, service: &str, setting: &Setting<'_>) -> Ruling {
    let fits = matches!(case.phase, Phase::Validated { .. })
        && case.revision.mode == Mode::ImportedFinal
        && case.is_adverse();
    if !fits {
        return refuse(Refusal::StepUnfit);
    }
    if service.trim().is_empty() {
        return refuse(Refusal::ServiceUnproven);
    }
    check_predecessor(case, setting)?;
    Ok(vec![Step::PrecheckOpened {
        service: service.to_owned(),
        standstill_until: setting.ends_from_today(PeriodKey::Precheck)?,
    }])
}

/// T20: each ground once, so that a flag cannot stop the clock for ever.
pub(super) fn flag(case: &Case, ground: FlagGround, text: &str, setting: &Setting<'_>) -> Ruling {
    if !matches!(case.phase, Phase::Standstill { .. }) || case.flag.is_some() {
        return refuse(Refusal::StepUnfit);
    }
    if case.flags_raised.contains(&ground) {
        return refuse(Refusal::FlagRepeated);
    }
    if text.trim().is_empty() {
        return refuse(Refusal::TextMissing);
    }
    Ok(vec![Step::ErrorFlagged {
        ground,
        answer_by: setting.answer_ends_from_today(PeriodKey::FlagAnswer)?,
        text: text.to_owned(),
    }])
}

/// T20a: the clock goes on with what was left of it.
pub(super) fn clear_flag(case: &Case, reasons: &str, setting: &Setting<'_>) -> Ruling {
    let (Phase::Standstill { until }, Some(flag)) = (&case.phase, case.flag) else {
        return refuse(Refusal::StepUnfit);
    };
    if reasons.trim().is_empty() {
        return refuse(Refusal::ReasonsMissing);
    }
    let left = until.micros().saturating_sub(flag.at.micros()).max(0);
    let standstill_until = Instant::from_micros(setting.now.micros().saturating_add(left));
    Ok(vec![Step::FlagCleared { reasons: reasons.to_owned(), standstill_until }])
}

/// T20b: the authority agrees.
pub(super) fn uphold_flag(case: &Case) -> Ruling {
    if case.flag.is_none() || !matches!(case.phase, Phase::Standstill { .. }) {
        return refuse(Refusal::StepUnfit);
    }
    Ok(vec![Step::FlagUpheld])
}

/// T21
pub(super) fn abandon(case: &Case) -> Ruling {
    match case.phase {
        Phase::Standstill { .. } => Ok(vec![Step::Abandoned]),
        _ => refuse(Refusal::StepUnfit),
    }
}
