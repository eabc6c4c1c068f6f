//! T55, T56: a record that stands before it was decided, where a law allows it by name. It is
//! labelled as no finding, has its own end, and time served counts toward the final term (I-61).

use domain::case::{Mode, Step};
use domain::civil::Day;
use domain::refusal::Refusal;
use policy::procedure::PeriodKey;

use super::command::{Setting, uncovered};
use super::state::{Case, Phase};
use super::submission::check_predecessor;
use super::{Ruling, refuse};

/// T55
pub(super) fn publish(case: &Case, need: &str, service: &str, setting: &Setting<'_>) -> Ruling {
    let fits = matches!(case.phase, Phase::Validated { .. })
        && case.revision.mode == Mode::Hosted
        && case.is_adverse()
        && case.interim.is_none();
    if !fits {
        return refuse(Refusal::StepUnfit);
    }
    let Some(interim) = &setting.entry.interim else {
        return refuse(Refusal::InterimNotAllowed);
    };
    if need.trim().is_empty() || service.trim().is_empty() {
        return refuse(Refusal::ServiceUnproven);
    }
    check_predecessor(case, setting)?;
    let today = setting.today();
    let mut last = interim.max.last_day(today, &setting.rules.calendar).map_err(uncovered)?;
    // The entry's own limit, and never beyond that of the jurisdiction.
    if setting.rules.period(PeriodKey::InterimMax).is_some() {
        last = last.min(setting.last_day(PeriodKey::InterimMax, today)?);
    }
    Ok(vec![Step::InterimPublished {
        need: need.to_owned(),
        service: service.to_owned(),
        oppose_until: setting.last_day(PeriodKey::InterimOppose, today)?,
        lapses_at: setting.rules.zone().end_of(last),
    }])
}

impl Case {
    /// The day an interim record began: time served counts toward the final term, also when the
    /// interim record lapsed before the decision.
    pub(super) fn interim_start(&self, setting: &Setting<'_>) -> Option<Day> {
        self.interim_since.map(|since| since.day_in(setting.rules.zone()))
    }
}
