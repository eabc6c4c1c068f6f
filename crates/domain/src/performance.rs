//! How well authorities keep their own deadlines: what is counted, in which month, and how a number
//! is told without telling of a single organisation (I-54, I-60).
//!
//! Every figure counts one kind of thing that happened, and no thing is counted under two figures:
//! no figure is the sum or the difference of others, so that none can be had by subtraction.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::authority::AuthorityKey;
use crate::civil::{Day, Instant, Zone};
use crate::closed::closed;

closed! {
    /// What is counted: once for each time it happened, in the month in which it did.
    Figure {
        /// Records handed in that no time was set for.
        Submitted = "submitted",
        /// Decided elsewhere and handed in within the time the pack sets.
        SubmittedInTime = "submitted_in_time",
        /// Decided elsewhere and handed in later.
        SubmittedLate = "submitted_late",
        /// First notices served in time.
        NoticeInTime = "notice_in_time",
        /// The time to serve the first notice passed without one.
        NoticeMissed = "notice_missed",
        /// First notices served after that.
        NoticeLate = "notice_late",
        /// Further notices: new facts, an extension, a repair or a permit to be taken back.
        NoticeFurther = "notice_further",
        /// Answers of subjects to a notice.
        Represented = "represented",
        /// Hearings asked for.
        HearingRequested = "hearing_requested",
        /// Hearings closed in time.
        HearingInTime = "hearing_in_time",
        /// Hearings not held in time: the case lapsed.
        HearingMissed = "hearing_missed",
        /// Decided against the subject; always in time, or it would have lapsed.
        Upheld = "upheld",
        /// Decided in favour of the subject, in time.
        NotUpheld = "not_upheld",
        /// No decision in time: the case lapsed.
        DecisionMissed = "decision_missed",
        /// Errors flagged before publication.
        Flagged = "flagged",
        /// Flags answered in time with reasons why the record stands.
        FlagCleared = "flag_cleared",
        /// Flags agreed with in time: the record went back.
        FlagUpheld = "flag_upheld",
        /// Flags not answered in time: the record went back.
        FlagMissed = "flag_missed",
        /// Objections against a record in effect.
        Objected = "objected",
        /// Objections rejected in time.
        ObjectionRejected = "objection_rejected",
        /// Objections rejected after the record was hidden for want of an answer.
        ObjectionRejectedLate = "objection_rejected_late",
        /// Objections upheld in time: the record was corrected or withdrawn.
        ObjectionUpheld = "objection_upheld",
        /// The same after the record was hidden for want of an answer.
        ObjectionUpheldLate = "objection_upheld_late",
        /// Objections not answered in time.
        ObjectionMissed = "objection_missed",
        /// Records corrected otherwise than upon an objection.
        Corrected = "corrected",
        /// Records withdrawn otherwise than upon an objection or an order with a time set.
        Withdrawn = "withdrawn",
        /// Records withdrawn within the time after an order.
        OrderInTime = "order_in_time",
        /// Records withdrawn later than that.
        OrderMissed = "order_missed",
        /// Applications for repair.
        RepairApplied = "repair_applied",
        /// Repairs granted in time by the authority.
        RepairGranted = "repair_granted",
        /// Repairs granted by the authority after its time.
        RepairGrantedLate = "repair_granted_late",
        /// Repairs refused in time by the authority.
        RepairRefused = "repair_refused",
        /// Repairs refused by the authority after its time.
        RepairRefusedLate = "repair_refused_late",
        /// Applications that went to a reviewer, because the authority was silent.
        RepairMissed = "repair_missed",
        /// Records that became hidden because somebody owed an answer.
        Hidden = "hidden",
        /// Interim records that lapsed before any notice.
        InterimLapsed = "interim_lapsed",
        /// Measures set aside by the head of an addressee.
        Overridden = "overridden",
        /// The registry opened the check of an imported record, or published a neutral one, in
        /// time.
        EntryInTime = "entry_in_time",
        /// The registry did not.
        EntryMissed = "entry_missed",
        /// The registry forwarded an objection in time.
        ForwardInTime = "forward_in_time",
        /// The registry did not.
        ForwardMissed = "forward_missed",
        /// Appeals against the rejection of an objection.
        Appealed = "appealed",
        /// Appeals a reviewer rejected in time.
        AppealRejected = "appeal_rejected",
        /// Appeals a reviewer rejected late.
        AppealRejectedLate = "appeal_rejected_late",
        /// Records corrected or withdrawn by a reviewer upon an appeal, in time.
        AppealUpheld = "appeal_upheld",
        /// The same, late.
        AppealUpheldLate = "appeal_upheld_late",
        /// Appeals not decided in time.
        AppealMissed = "appeal_missed",
        /// Repairs a reviewer decided in time, after the authority was silent.
        ReviewInTime = "review_in_time",
        /// Repairs the reviewer did not decide in time either.
        ReviewMissed = "review_missed",
    }

    /// A deadline, and what says whether it was kept.
    Deadline {
        /// Handing in what was decided elsewhere.
        Submission = "submission",
        /// The first notice.
        Notice = "notice",
        /// The hearing.
        Hearing = "hearing",
        /// The decision.
        Decision = "decision",
        /// The answer to a flag before publication.
        Flag = "flag",
        /// The answer to an objection.
        Objection = "objection",
        /// The decision on a repair.
        Repair = "repair",
        /// Withdrawal after an order.
        Order = "order",
        /// Opening of the check, or publication, of what needs no notice.
        Entry = "entry",
        /// Forwarding of an objection.
        Forward = "forward",
        /// The decision of a reviewer on an appeal.
        Appeal = "appeal",
        /// The decision of a reviewer on a repair.
        Review = "review",
    }

    /// Who has to keep a deadline.
    Duty {
        /// The authority whose record it is.
        Authority = "authority",
        /// The registry and its reviewers.
        Registry = "registry",
    }

    /// How many there are, roughly: the only way in which it is told how much is not public.
    SizeClass {
        /// Nought to two.
        UnderThree = "under_3",
        /// Three to nine.
        Three = "3_to_9",
        /// Ten to 29.
        Ten = "10_to_29",
        /// Thirty to 99.
        Thirty = "30_to_99",
        /// 100 to 299.
        Hundred = "100_to_299",
        /// 300 to 999.
        ThreeHundred = "300_to_999",
        /// A thousand or more.
        Thousand = "1000_or_more",
    }
}

impl Deadline {
    /// What counts as kept: each of these once.
    pub const fn kept(self) -> &'static [Figure] {
        match self {
            Deadline::Submission => &[Figure::SubmittedInTime],
            Deadline::Notice => &[Figure::NoticeInTime],
            Deadline::Hearing => &[Figure::HearingInTime],
            Deadline::Decision => &[Figure::Upheld, Figure::NotUpheld],
            Deadline::Flag => &[Figure::FlagCleared, Figure::FlagUpheld],
            Deadline::Objection => &[Figure::ObjectionRejected, Figure::ObjectionUpheld],
            Deadline::Repair => &[Figure::RepairGranted, Figure::RepairRefused],
            Deadline::Order => &[Figure::OrderInTime],
            Deadline::Entry => &[Figure::EntryInTime],
            Deadline::Forward => &[Figure::ForwardInTime],
            Deadline::Appeal => &[Figure::AppealRejected, Figure::AppealUpheld],
            Deadline::Review => &[Figure::ReviewInTime],
        }
    }

    /// What counts as missed.
    pub const fn missed(self) -> Figure {
        match self {
            Deadline::Submission => Figure::SubmittedLate,
            Deadline::Notice => Figure::NoticeMissed,
            Deadline::Hearing => Figure::HearingMissed,
            Deadline::Decision => Figure::DecisionMissed,
            Deadline::Flag => Figure::FlagMissed,
            Deadline::Objection => Figure::ObjectionMissed,
            Deadline::Repair => Figure::RepairMissed,
            Deadline::Order => Figure::OrderMissed,
            Deadline::Entry => Figure::EntryMissed,
            Deadline::Forward => Figure::ForwardMissed,
            Deadline::Appeal => Figure::AppealMissed,
            Deadline::Review => Figure::ReviewMissed,
        }
    }

    /// The deadline that `figure` says was missed.
    pub fn missed_as(figure: Figure) -> Option<Deadline> {
        Deadline::ALL.iter().copied().find(|deadline| deadline.missed() == figure)
    }

    /// Whose deadline it is.
    pub const fn duty(self) -> Duty {
        match self {
            Deadline::Submission
            | Deadline::Notice
            | Deadline::Hearing
            | Deadline::Decision
            | Deadline::Flag
            | Deadline::Objection
            | Deadline::Repair
            | Deadline::Order => Duty::Authority,
            Deadline::Entry | Deadline::Forward | Deadline::Appeal | Deadline::Review => {
                Duty::Registry
            }
        }
    }
}

impl SizeClass {
    /// The least number of each class, in order.
    const LEAST: [u64; 7] = [0, 3, 10, 30, 100, 300, 1_000];

    /// The class `count` falls into.
    ///
    /// ```
    /// use goodstanding_domain::performance::SizeClass;
    /// assert_eq!(SizeClass::of(2), SizeClass::UnderThree);
    /// assert_eq!(SizeClass::of(29), SizeClass::Ten);
    /// ```
    pub fn of(count: u64) -> SizeClass {
        let classes = SizeClass::ALL.iter().zip(SizeClass::LEAST);
        let mut fitting = classes.rev().filter(|(_, least)| *least <= count);
        fitting.next().map_or(SizeClass::UnderThree, |(class, _)| *class)
    }

    /// The least number in the class.
    pub fn least(self) -> u64 {
        SizeClass::LEAST.get(self as usize).copied().unwrap_or_default()
    }
}

/// A calendar month of UTC. Months are those of UTC so that whoever counts again needs no data
/// about time zones; a deadline that ends at midnight elsewhere counts in the month its instant
/// lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// The month `at` lies in.
    pub fn of(at: Instant) -> Month {
        let (year, month, _) = at.day_in(&Zone::UTC).parts();
        Month { year, month }
    }

    /// Its first instant.
    pub fn start(self) -> Instant {
        let first = Day::new(self.year, self.month, 1);
        // Any month made here has a first day; the last representable one is no month of ours.
        first.map_or(Instant::from_micros(i64::MAX), |first| Zone::UTC.start_of(first))
    }

    /// The instant it is over: the first of the next month.
    pub fn end(self) -> Instant {
        self.next().start()
    }

    /// The month after it.
    pub const fn next(self) -> Month {
        match self.month {
            12 => Month { year: self.year.saturating_add(1), month: 1 },
            month => Month { year: self.year, month: month + 1 },
        }
    }

    /// The month before it.
    pub const fn previous(self) -> Month {
        match self.month {
            1 => Month { year: self.year.saturating_sub(1), month: 12 },
            month => Month { year: self.year, month: month - 1 },
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = ();

    fn from_str(text: &str) -> Result<Month, ()> {
        let first: Day = format!("{text}-01").parse().map_err(|_| ())?;
        let (year, month, _) = first.parts();
        let month = Month { year, month };
        if month.to_string() == text { Ok(month) } else { Err(()) }
    }
}

/// A number as it is told. Nothing at all is no cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cell {
    /// So many times.
    Shown(u64),
    /// Of one or two organisations, and something about them is not public (I-60).
    Few,
    /// Three times or more: how often is told when the month is over, unless it would tell another
    /// number that is not.
    Several,
    /// Not told, for it would tell another number that is not; it may be nought.
    Withheld,
}

impl Cell {
    /// The least number it can stand for.
    pub const fn least(self) -> u64 {
        match self {
            Cell::Shown(count) => count,
            Cell::Few => 1,
            Cell::Several => 3,
            Cell::Withheld => 0,
        }
    }
}

/// One authority's figures of one month, as they are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthFigures {
    /// Which month.
    pub month: Month,
    /// What happened; what did not happen is left out.
    pub cells: BTreeMap<Figure, Cell>,
    /// Cases at its end that nobody but the parties sees; `None` where it is withheld.
    pub sealed: Option<SizeClass>,
    /// Records at its end that are hidden because somebody owes an answer.
    pub hidden: SizeClass,
}

impl MonthFigures {
    /// A month in which nothing happened and nothing was open.
    pub const fn empty(month: Month) -> MonthFigures {
        MonthFigures {
            month,
            cells: BTreeMap::new(),
            sealed: Some(SizeClass::UnderThree),
            hidden: SizeClass::UnderThree,
        }
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        *self == MonthFigures::empty(self.month)
    }

    /// How often, as far as it is told.
    pub fn cell(&self, figure: Figure) -> Cell {
        self.cells.get(&figure).copied().unwrap_or(Cell::Shown(0))
    }
}

/// What the log says about one month: for each authority that has something to tell, by key.
pub type MonthStatement = BTreeMap<AuthorityKey, MonthFigures>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_says_at_most_once_whether_a_deadline_was_kept() {
        let mut seen = std::collections::BTreeSet::new();
        for deadline in Deadline::ALL {
            for figure in deadline.kept().iter().chain([&deadline.missed()]) {
                assert!(seen.insert(*figure), "{figure:?}");
            }
        }
    }

    #[test]
    fn months_are_those_of_utc_and_follow_one_another() {
        let month: Month = "2026-12".parse().unwrap();
        assert_eq!(month.next().to_string(), "2027-01");
        assert_eq!(month.next().previous(), month);
        assert_eq!(month.start().to_string(), "2026-12-01T00:00:00.000000Z");
        let last = Instant::from_micros(month.end().micros() - 1);
        assert_eq!(Month::of(last), month);
        assert_eq!(Month::of(month.end()), month.next());
        for text in ["2026-1", "2026-13", "2026", "2026-01-01", ""] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }

    #[test]
    fn classes_of_size_cover_every_number_once() {
        for (class, next) in SizeClass::ALL.iter().zip(SizeClass::ALL.iter().skip(1)) {
            assert_eq!(SizeClass::of(class.least()), *class);
            assert_eq!(SizeClass::of(next.least() - 1), *class);
        }
        assert_eq!(SizeClass::of(u64::MAX), SizeClass::Thousand);
    }
}
