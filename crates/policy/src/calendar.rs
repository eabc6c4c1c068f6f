//! Calendars: which days are working days. Dated data of a pack; never computed from weekends
//! alone, because governments move working days (domain.md 5.4).

use std::collections::BTreeSet;

use domain::civil::{Day, Zone};
use domain::refusal::Refusal;

use crate::citation::Citation;
use crate::strict::{Located, Problems, Table};

/// The working days of one jurisdiction over the years its official sources cover.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    /// `pack.name`, such as `cn.state-council`.
    pub id: String,
    /// The zone its days are meant in.
    pub zone: Zone,
    /// First day the sources cover.
    pub from: Day,
    /// Last day the sources cover.
    pub until: Day,
    /// Days off that fall on a weekday.
    pub holidays: BTreeSet<Day>,
    /// Saturdays and Sundays on which work is done.
    pub make_up_days: BTreeSet<Day>,
    /// The announcements it rests on; at least one.
    pub basis: Vec<Citation>,
}

/// What a day is in a calendar, and by that why it counts or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DayKind {
    /// Monday to Friday: work is done.
    Working,
    /// A Saturday or Sunday on which work is done.
    MakeUp,
    /// A day off that falls on a weekday.
    Off,
    /// A Saturday or Sunday.
    Weekend,
}

impl DayKind {
    /// Whether it counts in a period of working days.
    pub const fn counts(self) -> bool {
        matches!(self, DayKind::Working | DayKind::MakeUp)
    }

    /// The key in answers and message files.
    pub const fn key(self) -> &'static str {
        match self {
            DayKind::Working => "working",
            DayKind::MakeUp => "make_up",
            DayKind::Off => "off",
            DayKind::Weekend => "weekend",
        }
    }
}

/// The day is outside the years a calendar covers: a refusal, never a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uncovered {
    /// The day asked for.
    pub day: Day,
}

impl Calendar {
    /// Whether `day` is a working day.
    ///
    /// # Errors
    /// When the calendar does not cover it.
    pub fn is_working_day(&self, day: Day) -> Result<bool, Uncovered> {
        Ok(self.kind(day)?.counts())
    }

    /// What `day` is.
    ///
    /// # Errors
    /// When the calendar does not cover it.
    pub fn kind(&self, day: Day) -> Result<DayKind, Uncovered> {
        if day < self.from || day > self.until {
            return Err(Uncovered { day });
        }
        Ok(match (matches!(weekday(day), 5 | 6), &self.make_up_days, &self.holidays) {
            (true, make_up_days, _) if make_up_days.contains(&day) => DayKind::MakeUp,
            (true, _, _) => DayKind::Weekend,
            (false, _, holidays) if holidays.contains(&day) => DayKind::Off,
            (false, _, _) => DayKind::Working,
        })
    }

    /// The same calendar, carried on beyond its end as if nothing but weekends were free. A guess:
    /// for days on which somebody owes an answer, where no answer at all would be worse.
    pub fn by_the_week_from_its_end(&self) -> Calendar {
        // Not law: longer than any period in working days.
        const MONTHS: i64 = 120;
        Calendar { until: self.until.plus_months(MONTHS), ..self.clone() }
    }

    /// Whether this calendar says of every day that `older` covers what `older` says.
    pub fn extends(&self, older: &Calendar) -> bool {
        let covered = older.from..=older.until;
        let of = |days: &BTreeSet<Day>| -> BTreeSet<Day> {
            days.iter().filter(|day| covered.contains(day)).copied().collect()
        };
        self.id == older.id
            && self.zone == older.zone
            && self.from <= older.from
            && self.until >= older.until
            && of(&self.holidays) == older.holidays
            && of(&self.make_up_days) == older.make_up_days
    }

    /// The first working day on or after `day`.
    ///
    /// # Errors
    /// When the calendar does not cover it.
    pub fn working_day_from(&self, mut day: Day) -> Result<Day, Uncovered> {
        while !self.is_working_day(day)? {
            day = day.next();
        }
        Ok(day)
    }

    /// The last day of a period of `count` working days that begins with `start`; whether `start`
    /// itself counts is the period's rule. A period of none ends on `start`.
    ///
    /// # Errors
    /// When the calendar does not cover every day of it.
    pub fn plus_working_days(
        &self,
        start: Day,
        count: u16,
        first_day_counts: bool,
    ) -> Result<Day, Uncovered> {
        let mut day = start;
        let mut left = count;
        if left == 0 {
            return Ok(day);
        }
        if !first_day_counts {
            day = day.next();
        }
        loop {
            if self.is_working_day(day)? {
                left -= 1;
                if left == 0 {
                    return Ok(day);
                }
            }
            day = day.next();
        }
    }
}

/// A calendar as read, with the place of its id.
pub(crate) struct CalendarRead {
    pub(crate) calendar: Calendar,
    pub(crate) id_at: usize,
}

/// Reads one file of `calendars/`.
pub(crate) fn read(
    root: &Table<'_>,
    is_fictional: bool,
    problems: &mut Problems<'_>,
) -> Option<CalendarRead> {
    root.only(&["calendar", "basis"], problems);
    let basis = Citation::read_all(root, "basis", is_fictional, problems);
    if !root.has("calendar") {
        root.missing("calendar", Refusal::PackKeyMissing, problems);
    }
    let table = root.table("calendar", problems)?;
    table.only(&["id", "zone", "from", "until", "holidays", "make_up_days"], problems);
    let unreadable = Refusal::PackUnreadable;
    let plain = "expected: lower-case letters, digits, `-`, `_`, `.`";
    let is_key = |text: &str| domain::text::ListId::new(text).map(|id| id.as_str().to_owned());
    let id = table.parsed("id", unreadable, plain, problems, is_key);
    let zone = "expected: a name of the IANA time zone database";
    let zone = table.parsed("zone", unreadable, zone, problems, |name| name.parse::<Zone>().ok());
    let from = table.day("from", problems);
    let until = table.day("until", problems);
    let holidays = table.days("holidays", problems);
    let make_up_days = table.days("make_up_days", problems);
    let (from, until) = (from?, until?);
    let mut check = |key: &str, days: Vec<Located<Day>>, on_weekend: bool| {
        let mut kept = BTreeSet::new();
        for day in days {
            let is_fit = (from..=until).contains(&day.value)
                && matches!(weekday(day.value), 5 | 6) == on_weekend;
            if !is_fit || !kept.insert(day.value) {
                problems.add(day.at, &table.key(key), Refusal::CalendarUnfit);
            }
        }
        kept
    };
    let holidays = check("holidays", holidays, false);
    let make_up_days = check("make_up_days", make_up_days, true);
    if until < from {
        problems.add(table.place_of("until"), &table.key("until"), Refusal::CalendarUnfit);
    }
    let (id, zone) = (id?, zone?.value);
    Some(CalendarRead {
        id_at: id.at,
        calendar: Calendar { id: id.value, zone, from, until, holidays, make_up_days, basis },
    })
}

/// 0 for Monday to 6 for Sunday.
pub fn weekday(day: Day) -> i64 {
    // 1970-01-01 was a Thursday.
    (day.days_since_epoch() + 3).rem_euclid(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn calendar() -> Calendar {
        Calendar {
            id: "zz.test".into(),
            zone: Zone::UTC,
            from: day("2026-01-01"),
            until: day("2026-12-31"),
            holidays: [day("2026-10-01"), day("2026-10-02")].into(),
            make_up_days: [day("2026-10-10")].into(),
            basis: Vec::new(),
        }
    }

    #[test]
    fn weekends_holidays_and_make_up_days() {
        let calendar = calendar();
        for (text, expected) in [
            ("2026-09-30", true),
            ("2026-10-01", false),
            ("2026-10-03", false),
            ("2026-10-10", true),
            ("2026-10-11", false),
            ("2026-10-12", true),
        ] {
            assert_eq!(calendar.is_working_day(day(text)), Ok(expected), "{text}");
        }
    }

    #[test]
    fn periods_of_working_days() {
        let calendar = calendar();
        let last = |start, count, first| calendar.plus_working_days(day(start), count, first);
        assert_eq!(last("2026-09-30", 1, false), Ok(day("2026-10-05")));
        assert_eq!(last("2026-09-30", 1, true), Ok(day("2026-09-30")));
        assert_eq!(last("2026-10-09", 2, false), Ok(day("2026-10-12")));
        assert_eq!(last("2026-09-30", 0, false), Ok(day("2026-09-30")));
        assert_eq!(calendar.working_day_from(day("2026-10-01")), Ok(day("2026-10-05")));
    }

    #[test]
    fn a_day_outside_the_sources_is_no_guess() {
        let calendar = calendar();
        assert_eq!(
            calendar.plus_working_days(day("2026-12-31"), 1, false),
            Err(Uncovered { day: day("2027-01-01") })
        );
        assert!(calendar.is_working_day(day("2025-12-31")).is_err());
    }
}
