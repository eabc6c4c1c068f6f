//! The periods of proceedings: how long each step may take, per jurisdiction, layered on the
//! generic pack (domain.md 5.4).

use std::collections::BTreeMap;

use domain::civil::{Day, Instant, Zone};
use domain::refusal::Refusal;

use crate::calendar::{Calendar, Uncovered};
use crate::citation::{self, Citation};
use crate::strict::{Located, Problems, Table};

macro_rules! periods {
    ($($(#[$doc:meta])* $name:ident = $key:literal,)*) => {
        /// Every period the rules ask for. A pack may set each once; what it does not set is the
        /// generic pack's.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum PeriodKey {
            $($(#[$doc])* $name,)*
        }

        impl PeriodKey {
            /// Every key, in order.
            pub const ALL: &'static [PeriodKey] = &[$(PeriodKey::$name,)*];

            /// The key in packs.
            pub const fn key(self) -> &'static str {
                match self { $(PeriodKey::$name => $key,)* }
            }

            /// The period with this key.
            pub fn from_key(key: &str) -> Option<PeriodKey> {
                PeriodKey::ALL.iter().copied().find(|period| period.key() == key)
            }
        }
    };
}

periods! {
    /// From the decision to publication; later submissions are counted as late (V15).
    PublishMax = "publish.max",
    /// From validation to the notice.
    NoticeMax = "notice.max",
    /// To check an imported-final record before it is public.
    Precheck = "precheck",
    /// To answer a notice.
    Represent = "represent",
    /// To ask for a hearing.
    HearingRequest = "hearing.request",
    /// From the request to the hearing, at least.
    HearingNotice = "hearing.notice",
    /// From the hearing to its close.
    HearingMax = "hearing.max",
    /// From the end of the window or hearing to the decision.
    DecideMax = "decide.max",
    /// From the decision to publication of a hosted record.
    Standstill = "standstill",
    /// To answer a flag.
    FlagAnswer = "flag.answer",
    /// To mark an objection in all views.
    ObjectionMark = "objection.mark",
    /// To forward an objection.
    ObjectionForward = "objection.forward",
    /// To decide an objection.
    ObjectionDecide = "objection.decide",
    /// Its one extension.
    ObjectionExtend = "objection.extend",
    /// To appeal against a rejected objection.
    Appeal = "appeal",
    /// To decide an appeal.
    AppealDecide = "appeal.decide",
    /// To withdraw a record after an order.
    RevokeMax = "revoke.max",
    /// To decide an application for repair.
    RepairDecide = "repair.decide",
    /// Its one extension.
    RepairExtend = "repair.extend",
    /// For the reviewer when the authority was silent.
    RepairReview = "repair.review",
    /// The longest an interim record may stand (I-61).
    InterimMax = "interim.max",
    /// To oppose an interim record.
    InterimOppose = "interim.oppose",
    /// How long a record of a dissolved organisation stays.
    CeasedKeep = "ceased.keep",
    /// How long content is kept after it left public view, before it is destroyed.
    RetainArchive = "retain.archive",
    /// How long a tombstone is served (I-14).
    TombstoneKeep = "tombstone.keep",
    /// How far back recipients of a record are told of its end (I-19).
    RecipientsWindow = "recipients.window",
    /// How long a measure is public before its first use (I-36).
    MeasureNotice = "measure.notice",
    /// From the adoption of a pack or mandate to its first adverse use.
    AdoptionNotice = "adoption.notice",
    /// How long a peer may be silent before its mirrored records are stale.
    PeerStale = "peer.stale",
}

impl PeriodKey {
    /// Whether the organisation is better off when this period is longer: the time it has to answer
    /// and to know beforehand. Every other period is one that others have, and it gains when that
    /// is shorter.
    pub const fn favours_longer(self) -> bool {
        matches!(
            self,
            PeriodKey::Precheck
                | PeriodKey::Represent
                | PeriodKey::HearingRequest
                | PeriodKey::HearingNotice
                | PeriodKey::Standstill
                | PeriodKey::Appeal
                | PeriodKey::InterimOppose
                | PeriodKey::RecipientsWindow
                | PeriodKey::MeasureNotice
                | PeriodKey::AdoptionNotice
        )
    }
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Working days of the calendar.
    WorkingDays,
    /// Days.
    CalendarDays,
    /// Months, clamped to the end of a shorter month.
    Months,
    /// Years, likewise.
    Years,
}

impl Unit {
    /// Every unit.
    pub const ALL: [Unit; 4] = [Unit::WorkingDays, Unit::CalendarDays, Unit::Months, Unit::Years];

    /// The key in packs.
    pub const fn key(self) -> &'static str {
        match self {
            Unit::WorkingDays => "working_days",
            Unit::CalendarDays => "calendar_days",
            Unit::Months => "months",
            Unit::Years => "years",
        }
    }

    /// The unit with this key.
    pub fn from_key(key: &str) -> Option<Unit> {
        Unit::ALL.into_iter().find(|unit| unit.key() == key)
    }
}

/// A number with unit, counting rule and source.
#[derive(Debug, Clone, PartialEq)]
pub struct LegalPeriod {
    /// How many.
    pub value: u16,
    /// Of what.
    pub unit: Unit,
    /// Whether the day it begins with is its first day ("beginning with"), or the day after.
    pub first_day_counts: bool,
    /// Whether an end on a day off moves to the next working day.
    pub ends_on_working_day: bool,
    /// Who says so.
    pub citation: Citation,
}

const COUNTED: &str = "first_day_counted";
const NOT_COUNTED: &str = "first_day_not_counted";
const ANY_DAY: &str = "any_day";
const WORKING_DAY: &str = "working_day";
/// Not law: far beyond any period a law sets, so that arithmetic stays within the calendar.
const VALUE_MAX: u16 = 9_999;

impl LegalPeriod {
    /// Reads the period in the table `key` of `parent`; a bare number is refused (406).
    pub(crate) fn read(
        parent: &Table<'_>,
        key: &str,
        is_fictional: bool,
        problems: &mut Problems<'_>,
    ) -> Option<LegalPeriod> {
        if parent.is_number(key) {
            problems.add(parent.place_of(key), &parent.key(key), Refusal::UnitMissing);
            return None;
        }
        let table = parent.table(key, problems)?;
        table.only(&["value", "unit", "counting", "end", "citation"], problems);
        LegalPeriod::read_fields(&table, is_fictional, problems)
    }

    /// Reads value, unit, counting rule, end rule and citation of `table`.
    fn read_fields(
        table: &Table<'_>,
        is_fictional: bool,
        problems: &mut Problems<'_>,
    ) -> Option<LegalPeriod> {
        let value = table.number("value", 0..=VALUE_MAX, problems);
        let unit = choice(table, "unit", problems, &Unit::ALL.map(Unit::key));
        let unit = unit.and_then(|unit| Unit::from_key(unit.value));
        let counting = choice(table, "counting", problems, &[NOT_COUNTED, COUNTED]);
        // Working days end on a working day; for every other unit the law has to say where.
        let end = if unit == Some(Unit::WorkingDays) {
            if table.has("end") {
                let detail = "a period of working days ends on one";
                let place = table.place_of("end");
                problems.add_with(place, &table.key("end"), Refusal::PackKeyUnknown, detail);
            }
            Some(true)
        } else {
            choice(table, "end", problems, &[ANY_DAY, WORKING_DAY])
                .map(|end| end.value == WORKING_DAY)
        };
        let missing = Refusal::CitationMissing;
        let citation = citation::read_required(table, "citation", missing, is_fictional, problems);
        Some(LegalPeriod {
            value: value?,
            unit: unit?,
            first_day_counts: counting?.value == COUNTED,
            ends_on_working_day: end?,
            citation: citation?,
        })
    }

    /// Fewest and most days the period can take, whatever it begins with.
    fn bounds(&self) -> (u32, u32) {
        let value = u32::from(self.value);
        let back = u32::from(self.first_day_counts);
        // Not law: what the calendar can make of a unit; a run of days off is taken as two weeks.
        const DAYS_OFF: u32 = 14;
        let (least, most) = match self.unit {
            Unit::CalendarDays => (value, value),
            Unit::Months => (value * 28, value * 31),
            Unit::Years => (value * 365, value * 366),
            Unit::WorkingDays => (value, value * 2 + DAYS_OFF),
        };
        let moved = if self.ends_on_working_day { most + DAYS_OFF } else { most };
        (least.saturating_sub(back), moved)
    }

    /// Whether this period is never longer than `other`, from whatever day both begin. `false` also
    /// where it depends on the day.
    ///
    /// Months and years are compared as what they are: twelve months are a year.
    pub fn is_at_most(&self, other: &LegalPeriod) -> bool {
        let in_months = |period: &LegalPeriod| match period.unit {
            Unit::Months => Some(u32::from(period.value)),
            Unit::Years => Some(u32::from(period.value) * 12),
            _ => None,
        };
        let same = match (in_months(self), in_months(other)) {
            (Some(own), Some(others)) => Some((own, others)),
            _ if self.unit == other.unit => Some((self.value.into(), other.value.into())),
            _ => None,
        };
        match same {
            Some((own, others)) if own == others => {
                (self.first_day_counts || !other.first_day_counts)
                    && (!self.ends_on_working_day || other.ends_on_working_day)
            }
            // A day's counting and a move to the next working day do not outweigh a unit more.
            Some((own, others)) if self.ends_on_working_day <= other.ends_on_working_day => {
                own < others
            }
            _ => self.bounds().1 <= other.bounds().0,
        }
    }

    /// The last day of the period that begins with `start`, inclusive.
    ///
    /// # Errors
    /// When working days are needed that the calendar does not cover.
    pub fn last_day(&self, start: Day, calendar: &Calendar) -> Result<Day, Uncovered> {
        match self.last_by_units(start) {
            None => calendar.plus_working_days(start, self.value, self.first_day_counts),
            Some(last) if self.ends_on_working_day => calendar.working_day_from(last),
            Some(last) => Ok(last),
        }
    }

    /// The same where no calendar is needed; `None` for working days and for a period that ends on
    /// one.
    pub fn last_day_of_any_calendar(&self, start: Day) -> Option<Day> {
        self.last_by_units(start).filter(|_| !self.ends_on_working_day)
    }

    fn last_by_units(&self, start: Day) -> Option<Day> {
        let back = i64::from(self.first_day_counts);
        let value = i64::from(self.value);
        match self.unit {
            Unit::WorkingDays => None,
            Unit::CalendarDays => Some(start.plus_days(value - back)),
            Unit::Months => Some(start.plus_months(value).plus_days(-back)),
            Unit::Years => Some(start.plus_months(value * 12).plus_days(-back)),
        }
    }

    /// The instant at which that last day is over in the calendar's zone.
    ///
    /// # Errors
    /// As [`LegalPeriod::last_day`].
    pub fn ends_at(&self, start: Day, calendar: &Calendar) -> Result<Instant, Uncovered> {
        Ok(calendar.zone.end_of(self.last_day(start, calendar)?))
    }
}

/// How many adverse records one authority may hand in within some days; a reviewer looks at what
/// comes above it first.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// Records.
    pub records: u16,
    /// Within so many days, of 24 hours each.
    pub days: u16,
    /// Who says so.
    pub citation: Citation,
}

impl Rate {
    fn read(table: &Table<'_>, is_fictional: bool, problems: &mut Problems<'_>) -> Option<Rate> {
        table.only(&["records", "days", "citation"], problems);
        let records = table.number("records", 1..=VALUE_MAX, problems);
        let days = table.number("days", 1..=VALUE_MAX, problems);
        let missing = Refusal::CitationMissing;
        let citation = citation::read_required(table, "citation", missing, is_fictional, problems);
        Some(Rate { records: records?, days: days?, citation: citation? })
    }

    /// Whether it lets through no more than `other`, day for day.
    pub fn is_at_most(&self, other: &Rate) -> bool {
        let of = |rate: &Rate, days: u16| u32::from(rate.records) * u32::from(days);
        of(self, other.days) <= of(other, self.days)
    }
}

/// The periods and the calendar that hold for one jurisdiction's proceedings.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcedureRules {
    /// The pack.
    pub pack: String,
    /// Periods, its own before the generic ones.
    pub periods: BTreeMap<PeriodKey, LegalPeriod>,
    /// How many adverse records an authority hands in before a reviewer looks; the generic pack has
    /// one.
    pub rate: Option<Rate>,
    /// The calendar its working days are counted by.
    pub calendar: Calendar,
}

impl ProcedureRules {
    /// The period with this key.
    pub fn period(&self, key: PeriodKey) -> Option<&LegalPeriod> {
        self.periods.get(&key)
    }

    /// The zone its days are meant in.
    pub fn zone(&self) -> &Zone {
        &self.calendar.zone
    }

    /// The same periods with the years that `newer` adds to the calendar: what began goes on to be
    /// counted when its first calendar ends.
    pub fn counting_by(&self, newer: &Calendar) -> ProcedureRules {
        let calendar = if newer.extends(&self.calendar) { newer } else { &self.calendar };
        ProcedureRules { calendar: calendar.clone(), ..self.clone() }
    }
}

/// A text of `table` that is one of `choices`; missing or another is a period without unit,
/// counting or end rule.
fn choice<'t>(
    table: &Table<'t>,
    key: &str,
    problems: &mut Problems<'_>,
    choices: &[&str],
) -> Option<Located<&'t str>> {
    let text = table.text(key, Refusal::UnitMissing, problems)?;
    if !choices.contains(&text.value) {
        let detail = format!("one of: {}", choices.join(", "));
        problems.add_with(text.at, &table.key(key), Refusal::UnitMissing, &detail);
        return None;
    }
    Some(text)
}

/// A `procedure.toml` as read, with places.
pub(crate) struct ProcedureRead {
    /// The calendar it names.
    pub(crate) calendar: Option<Located<String>>,
    /// Its periods with their places.
    pub(crate) periods: BTreeMap<PeriodKey, Located<LegalPeriod>>,
    /// Its rate with its place.
    pub(crate) rate: Option<Located<Rate>>,
}

/// Reads `procedure.toml`.
pub(crate) fn read(
    root: &Table<'_>,
    is_fictional: bool,
    problems: &mut Problems<'_>,
) -> ProcedureRead {
    root.only(&["calendar", "period", "rate"], problems);
    let calendar = root.has("calendar").then(|| {
        let text = root.text("calendar", Refusal::PackKeyMissing, problems)?;
        Some(Located { value: text.value.to_owned(), at: text.at })
    });
    let mut periods = BTreeMap::new();
    for table in root.tables("period", problems) {
        table.only(&["key", "value", "unit", "counting", "end", "citation"], problems);
        let known = PeriodKey::ALL.iter().map(|key| key.key()).collect::<Vec<_>>().join(", ");
        let known = format!("known: {known}");
        let refusal = Refusal::PackKeyUnknown;
        let key = table.parsed("key", refusal, &known, problems, PeriodKey::from_key);
        let value = LegalPeriod::read_fields(&table, is_fictional, problems);
        let (Some(key), Some(value)) = (key, value) else { continue };
        if periods.insert(key.value, Located { value, at: key.at }).is_some() {
            problems.add(key.at, &table.key("key"), Refusal::PackKeyRepeated);
        }
    }
    let rate = root.has("rate").then(|| {
        let value = Rate::read(&root.table("rate", problems)?, is_fictional, problems)?;
        Some(Located { value, at: root.place_of("rate") })
    });
    ProcedureRead { calendar: calendar.flatten(), periods, rate: rate.flatten() }
}

#[cfg(test)]
mod tests {
    use domain::text::Texts;

    use super::*;

    fn period(value: u16, unit: Unit) -> LegalPeriod {
        LegalPeriod {
            value,
            unit,
            first_day_counts: false,
            ends_on_working_day: unit == Unit::WorkingDays,
            citation: Citation {
                instrument: Texts::default(),
                article: String::new(),
                level: None,
                url: String::new(),
                seen_on: "2026-11-25".parse().unwrap(),
            },
        }
    }

    #[test]
    fn keys_and_units_round_trip() {
        for key in PeriodKey::ALL {
            assert_eq!(PeriodKey::from_key(key.key()), Some(*key));
        }
        for unit in Unit::ALL {
            assert_eq!(Unit::from_key(unit.key()), Some(unit));
        }
    }

    #[test]
    fn which_of_two_periods_is_the_shorter() {
        use Unit::{CalendarDays, Months, WorkingDays, Years};
        for (left, left_unit, right, right_unit, expected) in [
            (12, Months, 1, Years, true),
            (1, Years, 12, Months, true),
            (13, Months, 1, Years, false),
            (3, Years, 3, Years, true),
            (90, CalendarDays, 3, Months, false),
            (84, CalendarDays, 3, Months, true),
            (3, Months, 93, CalendarDays, true),
            (5, WorkingDays, 7, WorkingDays, true),
            (7, WorkingDays, 5, WorkingDays, false),
            (8, WorkingDays, 10, CalendarDays, false),
            (8, WorkingDays, 2, Months, true),
        ] {
            let is_at_most = period(left, left_unit).is_at_most(&period(right, right_unit));
            assert_eq!(is_at_most, expected, "{left} {left_unit:?}, {right} {right_unit:?}");
        }
        let mut inclusive = period(8, WorkingDays);
        inclusive.first_day_counts = true;
        assert!(inclusive.is_at_most(&period(8, WorkingDays)));
        assert!(!period(8, WorkingDays).is_at_most(&inclusive));
    }
}
