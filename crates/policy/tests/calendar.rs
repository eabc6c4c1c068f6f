//! Working days against an oracle of its own: weekdays by Zeller's congruence, ends of periods by
//! counting a list of days. The shipped calendars, and invented ones.

mod common;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use common::{packs_folder, read_packs};
use domain::case::Territory;
use domain::civil::{Day, Zone};
use goodstanding_policy::Packs;
use goodstanding_policy::calendar::{Calendar, DayKind, Uncovered, weekday};
use goodstanding_policy::procedure::Unit;
use proptest::prelude::*;

fn packs() -> &'static Packs {
    static PACKS: OnceLock<Packs> = OnceLock::new();
    PACKS.get_or_init(|| {
        let mut files = read_packs(&packs_folder());
        files.extend(read_packs(&packs_folder().join("../demo/packs")));
        Packs::load(&files).unwrap()
    })
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// 0 for Saturday to 6 for Friday.
fn zeller(day: Day) -> i32 {
    let (year, month, of_month) = day.parts();
    let (year, month) = match month {
        1 | 2 => (i32::from(year) - 1, i32::from(month) + 12),
        _ => (i32::from(year), i32::from(month)),
    };
    let (century, rest) = (year.div_euclid(100), year.rem_euclid(100));
    let sum =
        i32::from(of_month) + 13 * (month + 1) / 5 + rest + rest / 4 + century / 4 + 5 * century;
    sum.rem_euclid(7)
}

/// The working days the calendar's lists leave, from its first day to its last.
fn working(calendar: &Calendar) -> Vec<Day> {
    let mut days = Vec::new();
    let mut day = calendar.from;
    while day <= calendar.until {
        let is_weekend = zeller(day) < 2;
        if is_weekend && calendar.make_up_days.contains(&day)
            || !is_weekend && !calendar.holidays.contains(&day)
        {
            days.push(day);
        }
        day = day.plus_days(1);
    }
    days
}

/// The last day of a period by the oracle; `None` where the calendar ends first.
fn last(calendar: &Calendar, start: Day, count: u16, first_day_counts: bool) -> Option<Day> {
    let Some(index) = usize::from(count).checked_sub(1) else { return Some(start) };
    let begins = if first_day_counts { start } else { start.plus_days(1) };
    if begins < calendar.from {
        return None;
    }
    working(calendar).into_iter().filter(|day| *day >= begins).nth(index)
}

fn some_calendar() -> impl Strategy<Value = Calendar> {
    let days = || proptest::collection::btree_set(0_i64..500, 0..60);
    (days(), days(), 30_i64..500, 2_000_i64..40_000).prop_map(|(off, made_up, length, epoch)| {
        let from = Day::from_days_since_epoch(epoch);
        let until = from.plus_days(length);
        let of = |offsets: &BTreeSet<i64>, on_weekend: bool| -> BTreeSet<Day> {
            let days = offsets.iter().map(|offset| from.plus_days(*offset));
            days.filter(|day| *day <= until && (zeller(*day) < 2) == on_weekend).collect()
        };
        Calendar {
            id: "zz.any".into(),
            zone: Zone::UTC,
            from,
            until,
            holidays: of(&off, false),
            make_up_days: of(&made_up, true),
            basis: Vec::new(),
        }
    })
}

proptest! {
    #[test]
    fn periods_of_any_calendar_end_where_the_oracle_says(
        calendar in some_calendar(),
        offset in -3_i64..520,
        count in 0_u16..80,
        first in any::<bool>(),
    ) {
        let start = calendar.from.plus_days(offset);
        let found = calendar.plus_working_days(start, count, first);
        prop_assert_eq!(found.ok(), last(&calendar, start, count, first));
        if let Err(Uncovered { day }) = found {
            prop_assert!(day < calendar.from || day > calendar.until);
        }
    }

    #[test]
    fn every_day_is_what_the_oracle_says(calendar in some_calendar(), offset in -3_i64..520) {
        let asked = calendar.from.plus_days(offset);
        let is_covered = (calendar.from..=calendar.until).contains(&asked);
        let kind = calendar.kind(asked);
        prop_assert_eq!(kind.is_ok(), is_covered);
        if let Ok(kind) = kind {
            prop_assert_eq!(kind.counts(), working(&calendar).contains(&asked));
            let is_weekend = zeller(asked) < 2;
            prop_assert_eq!(is_weekend, matches!(kind, DayKind::Weekend | DayKind::MakeUp));
        }
    }

    #[test]
    fn weekdays_are_those_of_zeller(epoch in -200_000_i64..200_000) {
        let day = Day::from_days_since_epoch(epoch);
        prop_assert_eq!((weekday(day) + 2).rem_euclid(7), i64::from(zeller(day)));
    }

    /// A longer period never ends earlier, and a later beginning never does either.
    #[test]
    fn ends_grow_with_beginning_and_length(
        calendar in some_calendar(), offset in 0_i64..200, count in 0_u16..40, more in 0_u16..5,
    ) {
        let start = calendar.from.plus_days(offset);
        let of = |start, count| calendar.plus_working_days(start, count, false).ok();
        if let (Some(one), Some(other)) = (of(start, count), of(start, count + more)) {
            prop_assert!(one <= other);
        }
        if let (Some(one), Some(other)) = (of(start, count), of(start.plus_days(1), count)) {
            prop_assert!(one <= other);
        }
    }
}

#[test]
fn the_shipped_calendars_fit_the_oracle_on_every_day() {
    let packs = packs();
    assert!(packs.calendars().count() >= 4);
    for calendar in packs.calendars() {
        let working: BTreeSet<Day> = working(calendar).into_iter().collect();
        let mut day = calendar.from;
        while day <= calendar.until {
            assert_eq!(
                calendar.is_working_day(day),
                Ok(working.contains(&day)),
                "{} {day}",
                calendar.id
            );
            day = day.next();
        }
        assert!(calendar.kind(calendar.from.plus_days(-1)).is_err());
        assert!(calendar.kind(calendar.until.next()).is_err());
    }
}

/// Counted by hand from the announcements themselves.
#[test]
fn periods_over_announced_days_off_end_as_counted_by_hand() {
    let packs = packs();
    let cn = packs.calendar("cn.state-council").unwrap();
    for (start, count, expected) in [
        // 1 to 7 October off, 10 October (a Saturday) made up: 8, 9, 10, 12, 13.
        ("2026-09-30", 5, "2026-10-13"),
        // Spring festival 2026: 14 February made up, 16 to 23 off, 28 made up.
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-14", 1, "2026-02-24"),
        ("2026-02-27", 1, "2026-02-28"),
        ("2026-02-27", 2, "2026-03-02"),
        ("2025-12-31", 1, "2026-01-04"),
    ] {
        let last = cn.plus_working_days(day(start), count, false);
        assert_eq!(last, Ok(day(expected)), "{start} {count}");
    }
    assert!(cn.plus_working_days(day("2026-12-31"), 1, false).is_err(), "2027 is not announced");
    let us = packs.calendar("us.federal").unwrap();
    // Thanksgiving, 26 November 2026.
    assert_eq!(us.plus_working_days(day("2026-11-25"), 1, false), Ok(day("2026-11-27")));
}

#[test]
fn a_territory_has_the_calendar_of_its_nearest_pack() {
    let packs = packs();
    for (territory, expected) in [
        ("cn-sh-pudong", Some(("cn-sh", "cn.state-council"))),
        ("cn-bj", Some(("cn", "cn.state-council"))),
        ("us", Some(("us", "us.federal"))),
        ("uk", Some(("uk", "generic.registry"))),
        ("zz", None),
    ] {
        let found = packs.procedure_of(&Territory::new(territory).unwrap());
        let found = found.map(|rules| (rules.pack.as_str(), rules.calendar.id.as_str()));
        assert_eq!(found, expected, "{territory}");
    }
    let cn = packs.procedure_of(&Territory::new("cn").unwrap()).unwrap();
    for period in cn.periods.values().filter(|period| period.unit == Unit::WorkingDays) {
        let start = day("2026-06-01");
        let expected = last(&cn.calendar, start, period.value, period.first_day_counts);
        assert_eq!(period.last_day(start, &cn.calendar).ok(), expected);
    }
}
