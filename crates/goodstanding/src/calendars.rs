//! Calendars that cases are counted by, and how long they reach.

use std::collections::BTreeMap;

use domain::civil::Instant;
use policy::Packs;
use policy::calendar::Calendar;

/// From how many days before its end on somebody is told. Not law: time to write, check and adopt
/// the next year, which governments announce in autumn.
pub const SOON_DAYS: i64 = 60;

/// The calendars by which records of authorities are counted, by id.
pub fn in_use(packs: &Packs) -> Vec<&Calendar> {
    let of_entries = packs.catalogue().filter_map(|entry| packs.procedure(&entry.pack));
    let by_id: BTreeMap<&str, &Calendar> =
        of_entries.map(|rules| (rules.calendar.id.as_str(), &rules.calendar)).collect();
    by_id.into_values().collect()
}

/// Days from today to the last one that `calendar` covers; below nought it has ended.
pub fn days_left(calendar: &Calendar, now: Instant) -> i64 {
    calendar.until.days_since(now.day_in(&calendar.zone))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    #[test]
    fn a_calendar_in_use_is_told_before_it_ends() {
        let packs = Packs::load(&shipped::packs()).unwrap();
        let calendars = in_use(&packs);
        let national = calendars.iter().find(|it| it.id == "cn.state-council").unwrap();
        let end = national.zone.end_of(national.until);
        assert_eq!(days_left(national, end.plus_hours(-1)), 0);
        assert_eq!(days_left(national, end), -1);
        assert!(days_left(national, end.plus_hours(-24 * 61)) >= SOON_DAYS);
        assert!(days_left(national, end.plus_hours(-24 * 60)) < SOON_DAYS);
    }
}
