//! The periods of proceedings: how long each step may take, per jurisdiction, layered on the
//! generic pack (domain.md 5.4).

use std::collections::BTreeMap;

use domain::civil::{Day, Instant, Zone};

use crate::calendar::{Calendar, Uncovered};
use crate::citation::Citation;

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

impl LegalPeriod {
    /// The last day of the period that begins with `start`, inclusive.
    ///
    /// # Errors
    /// When working days are needed that the calendar does not cover.
    pub fn last_day(&self, start: Day, calendar: &Calendar) -> Result<Day, Uncovered> {
        let back = i64::from(self.first_day_counts);
        let value = i64::from(self.value);
        let last = match self.unit {
            Unit::WorkingDays => {
                return calendar.plus_working_days(start, self.value, self.first_day_counts);
            }
            Unit::CalendarDays => start.plus_days(value - back),
            Unit::Months => start.plus_months(value).plus_days(-back),
            Unit::Years => start.plus_months(value * 12).plus_days(-back),
        };
        if self.ends_on_working_day { calendar.working_day_from(last) } else { Ok(last) }
    }

    /// The instant at which that last day is over in the calendar's zone.
    ///
    /// # Errors
    /// As [`LegalPeriod::last_day`].
    pub fn ends_at(&self, start: Day, calendar: &Calendar) -> Result<Instant, Uncovered> {
        Ok(calendar.zone.end_of(self.last_day(start, calendar)?))
    }
}

/// The periods and the calendar that hold for one jurisdiction's proceedings.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcedureRules {
    /// The pack.
    pub pack: String,
    /// Periods, its own before the generic ones.
    pub periods: BTreeMap<PeriodKey, LegalPeriod>,
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
}
