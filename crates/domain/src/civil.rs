//! Civil days, instants, zones and periods. `jiff` stays behind these types.

use std::fmt;
use std::str::FromStr;

/// A calendar day, without a zone: what a decision or a list says.
///
/// ```
/// use goodstanding_domain::civil::Day;
/// let day: Day = "2024-02-29".parse().unwrap();
/// assert_eq!(day.next().to_string(), "2024-03-01");
/// assert!("2023-02-29".parse::<Day>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(jiff::civil::Date);

/// A text that is not a day, an instant or a zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CivilError {
    /// Not `YYYY-MM-DD`, or no such day.
    #[error("not a day written YYYY-MM-DD")]
    Day,
    /// Not RFC 3339 in UTC.
    #[error("not an instant written as RFC 3339 in UTC")]
    Instant,
    /// Not a name of the IANA time zone database.
    #[error("not a time zone of the IANA database")]
    Zone,
}

impl Day {
    /// The day with these parts; `None` when there is none.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Day> {
        jiff::civil::Date::new(year, month, day).ok().map(Day)
    }

    /// The day after; the last day of the calendar stays where it is.
    pub fn next(self) -> Day {
        self.plus_days(1)
    }

    /// `days` later (or earlier when negative), held within the calendar.
    pub fn plus_days(self, days: i64) -> Day {
        let span = jiff::Span::new().try_days(days).unwrap_or_default();
        Day(self.0.saturating_add(span))
    }

    /// `months` later (or earlier when negative), held to the last day of a shorter month: 31
    /// January and one month is 28 or 29 February.
    ///
    /// ```
    /// use goodstanding_domain::civil::Day;
    /// let day: Day = "2026-01-31".parse().unwrap();
    /// assert_eq!(day.plus_months(1).to_string(), "2026-02-28");
    /// ```
    pub fn plus_months(self, months: i64) -> Day {
        let span = jiff::Span::new().try_months(months).unwrap_or_default();
        Day(self.0.saturating_add(span))
    }

    /// Whole days from `earlier` to this day; negative when `earlier` is later.
    pub fn days_since(self, earlier: Day) -> i64 {
        self.days_since_epoch() - earlier.days_since_epoch()
    }

    /// Days since 1970-01-01, as stored in tables.
    pub fn days_since_epoch(self) -> i64 {
        i64::from(jiff::civil::date(1970, 1, 1).until(self.0).map_or(0, |span| span.get_days()))
    }

    /// The day this many days after 1970-01-01.
    pub fn from_days_since_epoch(days: i64) -> Day {
        Day(jiff::civil::date(1970, 1, 1)).plus_days(days)
    }

    /// Year, month, day.
    pub fn parts(self) -> (i16, i8, i8) {
        (self.0.year(), self.0.month(), self.0.day())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Day {
    type Err = CivilError;

    fn from_str(text: &str) -> Result<Day, CivilError> {
        let [_, _, _, _, b'-', _, _, b'-', _, _] = text.as_bytes() else {
            return Err(CivilError::Day);
        };
        text.parse().map(Day).map_err(|_| CivilError::Day)
    }
}

/// An instant in UTC, to the microsecond.
///
/// ```
/// use goodstanding_domain::civil::Instant;
/// let at: Instant = "2026-11-22T08:00:00.000001Z".parse().unwrap();
/// assert_eq!(at.to_string(), "2026-11-22T08:00:00.000001Z");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// The instant this many microseconds after 1970-01-01T00:00:00Z.
    pub const fn from_micros(micros: i64) -> Instant {
        Instant(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since 1970-01-01T00:00:00Z, rounded down.
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// `hours` later.
    pub const fn plus_hours(self, hours: i64) -> Instant {
        Instant(self.0.saturating_add(hours.saturating_mul(3_600_000_000)))
    }

    /// `minutes` later, or earlier when negative.
    pub const fn plus_minutes(self, minutes: i64) -> Instant {
        Instant(self.0.saturating_add(minutes.saturating_mul(60_000_000)))
    }

    /// The civil day in `zone` at this instant.
    pub fn day_in(self, zone: &Zone) -> Day {
        Day(self.timestamp().to_zoned(zone.0.clone()).date())
    }

    fn timestamp(self) -> jiff::Timestamp {
        // Out of range only beyond the year 9999: held at the border rather than failing.
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.timestamp())
    }
}

impl FromStr for Instant {
    type Err = CivilError;

    fn from_str(text: &str) -> Result<Instant, CivilError> {
        let timestamp: jiff::Timestamp = text.parse().map_err(|_| CivilError::Instant)?;
        Ok(Instant(timestamp.as_microsecond()))
    }
}

/// A time zone of the IANA database; the database is compiled in, so that a day ends at the same
/// instant on every machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone(jiff::tz::TimeZone);

impl Zone {
    /// UTC.
    pub const UTC: Zone = Zone(jiff::tz::TimeZone::UTC);

    /// The IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// 00:00 of `day` in this zone; where a change of clocks skips midnight, the first instant of
    /// the day.
    ///
    /// ```
    /// use goodstanding_domain::civil::{Day, Zone};
    /// let zone: Zone = "America/Sao_Paulo".parse().unwrap();
    /// let day: Day = "2020-01-02".parse().unwrap();
    /// assert_eq!(zone.start_of(day).to_string(), "2020-01-02T03:00:00.000000Z");
    /// ```
    pub fn start_of(&self, day: Day) -> Instant {
        match day.0.to_zoned(self.0.clone()) {
            Ok(zoned) => Instant(zoned.timestamp().as_microsecond()),
            Err(_) => Instant(day.days_since_epoch().saturating_mul(86_400_000_000)),
        }
    }

    /// The instant at which something that lasts until and including `last` is over.
    pub fn end_of(&self, last: Day) -> Instant {
        self.start_of(last.next())
    }
}

impl FromStr for Zone {
    type Err = CivilError;

    fn from_str(name: &str) -> Result<Zone, CivilError> {
        jiff::tz::TimeZone::get(name).map(Zone).map_err(|_| CivilError::Zone)
    }
}

/// When something ends. There is no sentinel date: what has no end says on what basis.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum End {
    /// The last day, inclusive.
    On(Day),
    /// The law sets no end; `basis` cites it (promise P2).
    Indefinite {
        /// The citation, as the pack words it.
        basis: String,
    },
}

/// From when to when, as far as the publisher says it. Adverse records always have an end (I-04,
/// I-64).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Period {
    /// First day, where given.
    pub start: Option<Day>,
    /// End, where given.
    pub end: Option<End>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_round_trip_through_the_epoch_count() {
        for text in ["1969-12-31", "1970-01-01", "2000-02-29", "2026-11-22", "9999-12-31"] {
            let day: Day = text.parse().unwrap();
            assert_eq!(Day::from_days_since_epoch(day.days_since_epoch()), day, "{text}");
        }
    }

    #[test]
    fn texts_that_are_no_day() {
        for text in
            ["", "2020", "2020-1-1", "2020-13-01", "01-01-2020", "2020-01-01T00:00", "+2020-01-01"]
        {
            assert_eq!(text.parse::<Day>(), Err(CivilError::Day), "{text}");
        }
    }

    #[test]
    fn an_inclusive_end_is_over_at_the_next_midnight_of_the_zone() {
        let zone: Zone = "Asia/Shanghai".parse().unwrap();
        let last: Day = "2026-11-22".parse().unwrap();
        assert_eq!(zone.end_of(last).to_string(), "2026-11-22T16:00:00.000000Z");
        assert_eq!(zone.end_of(last).day_in(&zone).to_string(), "2026-11-23");
    }

    #[test]
    fn a_midnight_that_does_not_exist_is_the_first_instant_of_the_day() {
        // São Paulo put its clocks forward at midnight of 2018-11-04.
        let zone: Zone = "America/Sao_Paulo".parse().unwrap();
        assert_eq!(
            zone.start_of("2018-11-04".parse().unwrap()).to_string(),
            "2018-11-04T03:00:00.000000Z"
        );
    }

    #[test]
    fn instants_print_microseconds() {
        let at: Instant = "2026-11-22T00:00:00Z".parse().unwrap();
        assert_eq!(at.to_string(), "2026-11-22T00:00:00.000000Z");
        assert_eq!(at.plus_hours(24).to_string(), "2026-11-23T00:00:00.000000Z");
    }
}
