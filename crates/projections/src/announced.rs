//! What the log announces about openings: `open`, `withhold` and `erasure` entries; the last that
//! names a position wins (design 3). Kept as ranges that cover every position once.

use rusqlite::{OptionalExtension as _, params};

use crate::ProjectionError;
use crate::base::{Base, check};
use crate::mac::{Column, Tag};

/// What was announced last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Announced {
    /// Nothing yet.
    Sealed,
    /// The opening is published.
    Open,
    /// It is not served any more.
    Withheld,
    /// It is destroyed, as this entry says.
    Erased { leaf: u64 },
}

impl Announced {
    fn columns(self) -> (i64, i64) {
        match self {
            Announced::Sealed => (0, 0),
            Announced::Open => (1, 0),
            Announced::Withheld => (2, 0),
            Announced::Erased { leaf } => (3, leaf as i64),
        }
    }

    fn from_columns(state: i64, leaf: i64) -> Option<Announced> {
        match (state, leaf) {
            (0, 0) => Some(Announced::Sealed),
            (1, 0) => Some(Announced::Open),
            (2, 0) => Some(Announced::Withheld),
            (3, leaf) => Some(Announced::Erased { leaf: leaf as u64 }),
            _ => None,
        }
    }
}

/// A range with one announcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AnnouncedRange {
    pub first: u64,
    pub last: u64,
    pub announced: Announced,
}

impl Base {
    /// Takes the announcement of one range into the table.
    pub(crate) fn announce(
        &self,
        first: u64,
        last: u64,
        to: Announced,
    ) -> Result<(), ProjectionError> {
        // The neighbours count as overlapping, so that equal ranges that touch become one: the
        // table is the same whatever the steps it was made in.
        let (from, until) = (first.saturating_sub(1), last.saturating_add(1));
        let mut grown = AnnouncedRange { first, last, announced: to };
        for old in self.announced_between(from, until)? {
            self.statement("DELETE FROM announced WHERE first = ?1")?
                .execute([old.first as i64])?;
            if old.announced == to {
                grown.first = grown.first.min(old.first);
                grown.last = grown.last.max(old.last);
                continue;
            }
            if old.first < first {
                self.put_announced(&AnnouncedRange { last: old.last.min(first - 1), ..old })?;
            }
            if old.last > last {
                self.put_announced(&AnnouncedRange { first: old.first.max(last + 1), ..old })?;
            }
        }
        self.put_announced(&grown)
    }

    fn put_announced(&self, range: &AnnouncedRange) -> Result<(), ProjectionError> {
        let (state, leaf) = range.announced.columns();
        self.statement(
            "INSERT INTO announced(first, last, state, leaf, mac) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            range.first as i64,
            range.last as i64,
            state,
            leaf,
            self.announced_tag(range)
        ])?;
        Ok(())
    }

    fn announced_tag(&self, range: &AnnouncedRange) -> Tag {
        let (state, leaf) = range.announced.columns();
        self.mac.tag(
            "announced",
            &[
                Column::Integer(range.first as i64),
                Column::Integer(range.last as i64),
                Column::Integer(state),
                Column::Integer(leaf),
            ],
        )
    }

    /// Ranges that touch `from..=until`, ascending.
    pub(crate) fn announced_between(
        &self,
        from: u64,
        until: u64,
    ) -> Result<Vec<AnnouncedRange>, ProjectionError> {
        // Ranges are disjoint, so only the last one that begins before `from` can reach into it.
        let mut before = self.statement("SELECT max(first) FROM announced WHERE first <= ?1")?;
        let start: Option<i64> =
            before.query_row([from as i64], |row| row.get(0)).optional()?.flatten();
        let mut statement = self.statement(
            "SELECT first, last, state, leaf, mac FROM announced
             WHERE first >= ?1 AND first <= ?2 ORDER BY first",
        )?;
        let mut rows = statement.query([start.unwrap_or(0), until as i64])?;
        let mut ranges = Vec::new();
        while let Some(row) = rows.next()? {
            let tag: Vec<u8> = row.get(4)?;
            let range = AnnouncedRange {
                first: row.get::<_, i64>(0)? as u64,
                last: row.get::<_, i64>(1)? as u64,
                announced: Announced::from_columns(row.get(2)?, row.get(3)?)
                    .ok_or(ProjectionError::Broken("announced"))?,
            };
            check("announced", &self.announced_tag(&range), &tag)?;
            if range.last >= from {
                ranges.push(range);
            }
        }
        Ok(ranges)
    }
}

/// Looks positions up in ranges that were read once.
pub(crate) struct AnnouncedMap(pub Vec<AnnouncedRange>);

impl AnnouncedMap {
    pub(crate) fn at(&self, position: u64) -> Result<Announced, ProjectionError> {
        let after = self.0.partition_point(|range| range.first <= position);
        after
            .checked_sub(1)
            .and_then(|at| self.0.get(at))
            .filter(|range| range.last >= position)
            .map(|range| range.announced)
            .ok_or(ProjectionError::Broken("announced"))
    }
}
