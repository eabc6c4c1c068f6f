//! T55, T56: a record that stands before it was decided, where a law allows it by name. It is
//! labelled as no finding, has its own end, and time served counts toward the final term (I-61).

use domain::case::{CaseEvent, Mode, Step};
use domain::civil::{Day, Instant};
use domain::refusal::Refusal;
use policy::procedure::PeriodKey;

use super::command::{Setting, uncovered};
use super::state::{Case, Phase};
use super::submission::check_predecessor;
use super::{Ruling, refuse};

/// T55
pub(super) fn publish(
    case: &Case,
    need: &str,
    service: &str,
    served_days: u16,
    setting: &Setting<'_>,
) -> Ruling {
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
    // Time served counts whatever it was submitted as: a record that lapsed does not begin anew.
    last = last.plus_days(-i64::from(served_days));
    if last <= today {
        return refuse(Refusal::InterimServed);
    }
    Ok(vec![Step::InterimPublished {
        need: need.to_owned(),
        service: service.to_owned(),
        oppose_until: setting.last_day(PeriodKey::InterimOppose, today)?,
        lapses_at: setting.rules.zone().end_of(last),
    }])
}

/// Whether two records are about the same accusation: of one authority against one organisation
/// under one entry, with a ground in common, and about the same case or conduct of the same time.
pub fn is_same_accusation(one: &Case, other: &Case) -> bool {
    let (first, second) = (&one.revision, &other.revision);
    let is_between_the_same = one.authority == other.authority
        && one.organisation == other.organisation
        && first.entry == second.entry;
    let shares_ground = first.grounds.iter().any(|ground| second.grounds.contains(ground));
    let number = first.case_number.trim();
    let is_same_case = !number.is_empty() && number == second.case_number.trim();
    let overlaps = match (first.conduct, second.conduct) {
        (Some(first), Some(second)) => first.from <= second.to && second.from <= first.to,
        _ => false,
    };
    is_between_the_same && shares_ground && (is_same_case || overlaps)
}

/// How many days the record of these steps stood as an interim one until `now`, each day that was
/// begun.
pub fn interim_days<'a>(
    steps: impl IntoIterator<Item = (Instant, &'a CaseEvent)>,
    now: Instant,
) -> u16 {
    let mut case: Option<Case> = None;
    let mut span: Option<(Instant, Instant)> = None;
    for (at, event) in steps {
        match &mut case {
            None => case = Case::begin(at, event),
            Some(case) => case.apply(at, event),
        }
        if let Step::InterimPublished { lapses_at, .. } = &event.step {
            span = Some((at, *lapses_at));
        }
        let has_ended = case.as_ref().is_some_and(|case| case.interim.is_none());
        if let Some((_, until)) = span.as_mut().filter(|_| has_ended) {
            *until = at.min(*until);
        }
    }
    let Some((since, until)) = span else { return 0 };
    let micros = until.min(now).micros().saturating_sub(since.micros()).max(0);
    let days = micros.div_euclid(DAY_MICROS) + i64::from(micros.rem_euclid(DAY_MICROS) > 0);
    u16::try_from(days).unwrap_or(u16::MAX)
}

/// Not law: what a day is in microseconds.
const DAY_MICROS: i64 = 86_400_000_000;

impl Case {
    /// The day an interim record began: time served counts toward the final term, also when the
    /// interim record lapsed before the decision.
    pub(super) fn interim_start(&self, setting: &Setting<'_>) -> Option<Day> {
        self.interim_since.map(|since| since.day_in(setting.rules.zone()))
    }
}
