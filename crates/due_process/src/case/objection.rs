//! T22 to T28: objections against what is public, their appeal, and the subject's statement.

use domain::case::{Actor, ObjectionGround, STATEMENT_CHARACTERS_MAX, Step};
use domain::identifiers::personal;
use domain::refusal::Refusal;
use policy::procedure::PeriodKey;

use super::command::Setting;
use super::state::{Case, Exposure, Objection, ObjectionLevel};
use super::{Refused, Ruling, refuse};

/// T22: at any time, against anything the public sees.
pub(super) fn file(
    case: &Case,
    ground: ObjectionGround,
    text: &str,
    setting: &Setting<'_>,
) -> Ruling {
    let is_subject = *setting.actor == Actor::Subject;
    // A third party objects to what it can see; the subject also to what is kept unpublished.
    let is_known = is_subject || matches!(case.exposure(), Exposure::Shown { .. });
    let is_live = case.is_in_effect() && !case.is_hidden();
    // Nobody's objection takes the subject's own away, nor its appeal (I-21).
    let is_free = match &case.objection {
        None => true,
        Some(open) if is_subject => !(open.by_subject && case.is_objected()),
        Some(_) => !case.is_objected() && !case.may_appeal(),
    };
    if !is_known || !is_live || !is_free {
        return refuse(Refusal::StepUnfit);
    }
    // Each ground once: nobody keeps a marker on a record for ever, or its authority busy.
    if !is_subject && case.third_party_grounds.contains(&ground) {
        return refuse(Refusal::ObjectionRepeated);
    }
    if text.trim().is_empty() {
        return refuse(Refusal::TextMissing);
    }
    let mut decide_by = setting.answer_ends_from_today(PeriodKey::ObjectionDecide)?;
    // The subject joins what a third party objected to: the source gets no later deadline by it.
    if let Some(open) = case.objection.as_ref().filter(|_| case.is_objected()) {
        decide_by = decide_by.min(open.decide_by);
    }
    Ok(vec![Step::ObjectionFiled {
        ground,
        mark_by: setting.answer_ends_from_today(PeriodKey::ObjectionMark)?,
        forward_by: setting.answer_ends_from_today(PeriodKey::ObjectionForward)?,
        decide_by,
        text: text.to_owned(),
    }])
}

fn open(case: &Case) -> Result<&Objection, Refused> {
    match &case.objection {
        Some(objection) if case.is_objected() => Ok(objection),
        _ => refuse(Refusal::StepUnfit),
    }
}

/// T23
pub(super) fn forward(case: &Case) -> Ruling {
    let objection = open(case)?;
    if objection.forwarded || objection.level != ObjectionLevel::Authority {
        return refuse(Refusal::StepUnfit);
    }
    Ok(vec![Step::ObjectionForwarded])
}

/// T24: once, and before the deadline: what is hidden already is not put off.
pub(super) fn extend(case: &Case, setting: &Setting<'_>) -> Ruling {
    let objection = open(case)?;
    let is_late = objection.decide_by <= case.at;
    if objection.extended || is_late || objection.level != ObjectionLevel::Authority {
        return refuse(Refusal::StepUnfit);
    }
    // The last day that is over at the deadline.
    let last = objection.decide_by.day_in(setting.rules.zone()).plus_days(-1);
    Ok(vec![Step::ObjectionExtended {
        decide_by: setting.ends_at(PeriodKey::ObjectionExtend, last)?,
    }])
}

/// T24, also after the deadline: then it ends the hiding, not the appeal.
pub(super) fn reject(case: &Case, reasons: &str, setting: &Setting<'_>) -> Ruling {
    let objection = open(case)?;
    if reasons.trim().is_empty() {
        return refuse(Refusal::ReasonsMissing);
    }
    let appeal_until = match objection.level {
        ObjectionLevel::Authority => Some(setting.ends_from_today(PeriodKey::Appeal)?),
        _ => None,
    };
    Ok(vec![Step::ObjectionRejected { appeal_until, reasons: reasons.to_owned() }])
}

/// T28
pub(super) fn escalate(case: &Case, setting: &Setting<'_>) -> Ruling {
    if !case.may_appeal() {
        return refuse(Refusal::WindowClosed);
    }
    Ok(vec![Step::ObjectionEscalated {
        decide_by: setting.answer_ends_from_today(PeriodKey::AppealDecide)?,
    }])
}

/// A statement stands beside a record that is public. It names no person.
pub(super) fn add_statement(case: &Case, text: &str) -> Ruling {
    if !matches!(case.exposure(), Exposure::Shown { .. }) {
        return refuse(Refusal::StepUnfit);
    }
    if text.trim().is_empty() {
        return refuse(Refusal::TextMissing);
    }
    if text.chars().count() > STATEMENT_CHARACTERS_MAX {
        return refuse(Refusal::StatementTooLong);
    }
    if personal::scan(text).is_some() {
        return refuse(Refusal::PersonalIdentifier);
    }
    Ok(vec![Step::StatementAdded { text: text.to_owned() }])
}
