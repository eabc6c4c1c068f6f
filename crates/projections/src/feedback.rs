//! What addressees said of measures, last word for each: for figures. Nothing here names an
//! organisation or a record, and nothing in the event does.

use std::collections::BTreeMap;

use domain::authority::AuthorityKey;
use domain::case::MeasureId;
use domain::civil::Instant;
use domain::feedback::{MeasureFeedbackGiven, Said, WhyNotApplied};
use domain::ids::RowKey;
use domain::performance::{Month, SizeClass};
use rusqlite::{OptionalExtension as _, params};

use crate::ProjectionError;
use crate::base::{Base, check};
use crate::mac::{Column, Tag};

// Not law: months that are told together.
const MONTHS_TOLD: usize = 12;

/// What was said of one measure, or by one authority: each number by its class of size only, so
/// that none tells of one organisation, and none can be had by subtraction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// How often it was applied.
    pub applied: SizeClass,
    /// How often it was not.
    pub not_applied: SizeClass,
    /// Why not.
    pub reasons: BTreeMap<WhyNotApplied, SizeClass>,
}

/// What was said in the last twelve months that are over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// Months before this one are in it.
    pub before: Month,
    /// By measure; one of which little was said is like one of which nothing was.
    pub measures: BTreeMap<MeasureId, Told>,
    /// By who said it.
    pub authorities: BTreeMap<AuthorityKey, Told>,
}

#[derive(Default)]
struct Counted(BTreeMap<Said, u64>);

impl Counted {
    fn add(&mut self, said: Said) {
        *self.0.entry(said).or_default() += 1;
    }

    fn told(&self) -> Told {
        let of = |wanted: &dyn Fn(Said) -> bool| {
            let counts = self.0.iter().filter(|(said, _)| wanted(**said));
            SizeClass::of(counts.map(|(_, count)| count).sum())
        };
        Told {
            applied: of(&|said| said == Said::Applied),
            not_applied: of(&|said| said != Said::Applied),
            reasons: WhyNotApplied::ALL
                .iter()
                .map(|reason| (*reason, of(&|said| said == Said::NotApplied(*reason))))
                .collect(),
        }
    }
}

impl Told {
    /// What is told where little or nothing was said.
    pub fn little() -> Told {
        Counted::default().told()
    }
}

/// A row: numbers of keys, and what was said as a number of its own.
struct FeedbackRow {
    position: u64,
    once: RowKey,
    authority: i64,
    measure: i64,
    said: Said,
    at: Instant,
}

fn code(said: Said) -> i64 {
    match said {
        Said::Applied => 0,
        Said::NotApplied(reason) => {
            let place = WhyNotApplied::ALL.iter().position(|it| *it == reason).unwrap_or(0);
            1 + place as i64
        }
    }
}

fn of_code(code: i64) -> Option<Said> {
    match code.checked_sub(1)? {
        -1 => Some(Said::Applied),
        place => {
            let place = usize::try_from(place).ok()?;
            WhyNotApplied::ALL.get(place).copied().map(Said::NotApplied)
        }
    }
}

impl Base {
    /// Takes what was said; it takes the place of what was said before of the same.
    pub(crate) fn put_feedback(
        &self,
        position: u64,
        at: Instant,
        given: &MeasureFeedbackGiven,
        (authority, measure): (i64, i64),
    ) -> Result<(), ProjectionError> {
        let (once, said) = (given.once, given.said);
        let row = FeedbackRow { position, once, authority, measure, said, at };
        self.statement(
            "INSERT OR REPLACE INTO feedback(position, once, authority, measure, said, at, mac)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            position as i64,
            once.0,
            authority,
            measure,
            code(said),
            at.micros(),
            self.feedback_tag(&row)
        ])?;
        Ok(())
    }

    fn feedback_tag(&self, row: &FeedbackRow) -> Tag {
        self.mac.tag(
            "feedback",
            &[
                Column::Integer(row.position as i64),
                Column::Bytes(&row.once.0),
                Column::Integer(row.authority),
                Column::Integer(row.measure),
                Column::Integer(code(row.said)),
                Column::Integer(row.at.micros()),
            ],
        )
    }

    fn checked_feedback(&self, row: &rusqlite::Row<'_>) -> Result<FeedbackRow, ProjectionError> {
        let read = FeedbackRow {
            position: row.get::<_, i64>(0)? as u64,
            once: RowKey(row.get(1)?),
            authority: row.get(2)?,
            measure: row.get(3)?,
            said: of_code(row.get(4)?).ok_or(ProjectionError::Broken("feedback"))?,
            at: Instant::from_micros(row.get(5)?),
        };
        check("feedback", &self.feedback_tag(&read), &row.get::<_, Vec<u8>>(6)?)?;
        Ok(read)
    }

    /// What was said last of this.
    pub(crate) fn feedback_once(&self, once: RowKey) -> Result<Option<Said>, ProjectionError> {
        let mut statement = self.statement(
            "SELECT position, once, authority, measure, said, at, mac FROM feedback WHERE once = ?1",
        )?;
        let found =
            statement.query_row([once.0], |row| Ok(self.checked_feedback(row))).optional()?;
        found.transpose().map(|found| found.map(|row| row.said))
    }

    /// The figures at `now`.
    pub(crate) fn feedback(&self, now: Instant) -> Result<Feedback, ProjectionError> {
        let before = Month::of(now);
        let first = (0..MONTHS_TOLD).fold(before, |month, _| month.previous()).start();
        let mut statement = self.statement(
            "SELECT position, once, authority, measure, said, at, mac FROM feedback
             WHERE at >= ?1 AND at < ?2 ORDER BY position",
        )?;
        let mut rows = statement.query([first.micros(), before.start().micros()])?;
        let (mut measures, mut authorities) =
            (BTreeMap::<i64, Counted>::new(), BTreeMap::<i64, Counted>::new());
        while let Some(row) = rows.next()? {
            let row = self.checked_feedback(row)?;
            measures.entry(row.measure).or_default().add(row.said);
            authorities.entry(row.authority).or_default().add(row.said);
        }
        let broken = || ProjectionError::Broken("term");
        let mut told = Feedback { before, measures: BTreeMap::new(), authorities: BTreeMap::new() };
        for (number, counted) in measures {
            let key = MeasureId::new(&self.term_text(number)?).ok_or_else(broken)?;
            told.measures.insert(key, counted.told());
        }
        for (number, counted) in authorities {
            let key = AuthorityKey::new(&self.term_text(number)?).ok_or_else(broken)?;
            told.authorities.insert(key, counted.told());
        }
        // Little is told like nothing at all.
        let little = Told::little();
        told.measures.retain(|_, told| *told != little);
        told.authorities.retain(|_, told| *told != little);
        Ok(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_has_its_number() {
        let reasons = WhyNotApplied::ALL.iter().copied().map(Said::NotApplied);
        for said in reasons.chain([Said::Applied]) {
            assert_eq!(of_code(code(said)), Some(said));
        }
        for other in [-1, i64::MIN, i64::MAX, 1 + WhyNotApplied::ALL.len() as i64] {
            assert_eq!(of_code(other), None, "{other}");
        }
    }

    #[test]
    fn one_or_two_are_told_like_none() {
        let mut counted = Counted::default();
        for _ in 0..2 {
            counted.add(Said::Applied);
        }
        assert_eq!(counted.told(), Told::little());
        counted.add(Said::Applied);
        assert_eq!(counted.told().applied, SizeClass::Three);
    }
}
