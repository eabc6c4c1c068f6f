//! What the log says is not served any more, from a position on: for those who received it (I-19).
//! The entries are in the clear and name positions; whoever holds an answer knows a record by its
//! id. So each record is told by a mark, a hash of its id that says nothing to whoever never had
//! the id.

use domain::ids::RecordId;
use ledger::wire::Leaf;
use ledger::{LedgerReader, Opened};
use rusqlite::params;
use sha2::{Digest as _, Sha256};

use crate::ProjectionError;
use crate::base::{Base, check};
use crate::mac::{Column, Tag};

/// Positions told in one answer: each is unsealed for its mark.
const POSITIONS_MAX: u64 = 1_000;

/// What one entry of the log took from the public, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Position of the entry that says so.
    pub entry: u64,
    /// The positions it names, as inclusive ranges, ascending.
    pub positions: Vec<(u64, u64)>,
    /// Marks of the records behind them, ascending, each once.
    pub marks: Vec<String>,
    /// Whether every record behind them has its mark: content that was destroyed gives none.
    pub has_all_marks: bool,
}

/// Where to go on: behind `position` of the entry at `entry`, or at its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Since {
    /// The first entry that may be told.
    pub entry: u64,
    /// Of that entry, positions up to this one were told before.
    pub after: Option<u64>,
}

/// What was withdrawn since an entry, as far as one answer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawals {
    /// Entries below this position were looked at.
    pub position: u64,
    /// What was withdrawn, in the order of the log.
    pub withdrawals: Vec<Withdrawal>,
    /// Where to go on.
    pub next: Since,
    /// Whether there is more already.
    pub has_more: bool,
}

/// The mark of a record: the first 16 bytes of a hash of its id, in hexadecimal.
pub fn mark(record: RecordId) -> String {
    let digest = Sha256::digest(format!("goodstanding/withdrawn/v1\n{record}\n"));
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

impl Base {
    /// Notes where openings are withheld or erased.
    pub(crate) fn put_withdrawing(&self, position: u64) -> Result<(), ProjectionError> {
        self.statement("INSERT OR REPLACE INTO withdrawing(position, mac) VALUES (?1, ?2)")?
            .execute(params![position as i64, self.withdrawing_tag(position)])?;
        Ok(())
    }

    fn withdrawing_tag(&self, position: u64) -> Tag {
        self.mac.tag("withdrawing", &[Column::Integer(position as i64)])
    }

    /// The first such entry from `from` on.
    fn withdrawing(&self, from: u64) -> Result<Option<u64>, ProjectionError> {
        let mut statement = self.statement(
            "SELECT position, mac FROM withdrawing WHERE position >= ?1 ORDER BY position LIMIT 1",
        )?;
        // Beyond what a table can hold there is nothing.
        let Ok(from) = i64::try_from(from) else { return Ok(None) };
        let mut rows = statement.query([from])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let (position, tag): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        check("withdrawing", &self.withdrawing_tag(position as u64), &tag)?;
        Ok(Some(position as u64))
    }

    /// What was withdrawn from `since` on, below `cursor`.
    pub(crate) fn withdrawals(
        &self,
        ledger: &LedgerReader,
        since: Since,
        cursor: u64,
    ) -> Result<Withdrawals, ProjectionError> {
        let (mut withdrawals, mut at, mut left) = (Vec::new(), since, POSITIONS_MAX);
        while let Some(entry) = self.withdrawing(at.entry)?.filter(|entry| *entry < cursor) {
            if left == 0 {
                return Ok(Withdrawals { position: cursor, withdrawals, next: at, has_more: true });
            }
            let after = at.after.filter(|_| entry == at.entry);
            let (ranges, is_destroyed) = ranges_of(ledger, entry)?;
            let (told, rest) = part(&ranges, after, left);
            let count: u64 = told.iter().map(|(first, last)| last - first + 1).sum();
            left = left.saturating_sub(count);
            if !told.is_empty() {
                withdrawals.push(withdrawal(ledger, entry, told, is_destroyed)?);
            }
            at = match rest {
                Some(last) => Since { entry, after: Some(last) },
                None => Since { entry: entry + 1, after: None },
            };
        }
        let next = Since { entry: at.entry.max(cursor), after: None };
        Ok(Withdrawals { position: cursor, withdrawals, next, has_more: false })
    }
}

/// The ranges an entry names, and whether it says that their content is destroyed.
fn ranges_of(
    ledger: &LedgerReader,
    entry: u64,
) -> Result<(Vec<(u64, u64)>, bool), ProjectionError> {
    let (mut ranges, is_destroyed) = match ledger.leaf(entry)? {
        Some(Leaf::Withhold { ranges, .. }) => (ranges, false),
        Some(Leaf::Erasure { ranges, .. }) => (ranges, true),
        _ => return Err(ProjectionError::BrokenEntry(entry)),
    };
    // An entry speaks about what is before it.
    ranges.retain_mut(|(first, last)| {
        *last = (*last).min(entry);
        first <= last
    });
    ranges.sort_unstable();
    Ok((ranges, is_destroyed))
}

/// At most `left` positions of `ranges` behind `after`, and the last one where more follow.
fn part(
    ranges: &[(u64, u64)],
    after: Option<u64>,
    mut left: u64,
) -> (Vec<(u64, u64)>, Option<u64>) {
    let mut told: Vec<(u64, u64)> = Vec::new();
    for (first, last) in ranges {
        let first = after.map_or(*first, |after| (*first).max(after.saturating_add(1)));
        if first > *last {
            continue;
        }
        if left == 0 {
            return (told.clone(), told.last().map(|(_, last)| *last).or(after));
        }
        let until = (*last).min(first.saturating_add(left - 1));
        told.push((first, until));
        left -= until - first + 1;
        if until < *last {
            return (told, Some(until));
        }
    }
    (told, None)
}

fn withdrawal(
    ledger: &LedgerReader,
    entry: u64,
    positions: Vec<(u64, u64)>,
    is_destroyed: bool,
) -> Result<Withdrawal, ProjectionError> {
    let (mut marks, mut has_all_marks) = (Vec::new(), !is_destroyed);
    for position in positions.iter().flat_map(|(first, last)| *first..=*last) {
        match ledger.event(position)? {
            Some(Opened::Event(event, _)) => marks.extend(event.body.record().map(mark)),
            Some(Opened::Unknown { record, .. }) => marks.extend(record.map(mark)),
            // What does not match its commitment cannot be told from what is gone.
            Some(Opened::Destroyed | Opened::Broken) | None => has_all_marks = false,
            Some(Opened::Clear) => {}
        }
    }
    marks.sort_unstable();
    marks.dedup();
    Ok(Withdrawal { entry, positions, marks, has_all_marks })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_told_in_parts_that_miss_and_repeat_nothing() {
        let ranges = [(3, 5), (9, 9), (20, 26)];
        let all: Vec<u64> = ranges.iter().flat_map(|(first, last)| *first..=*last).collect();
        for size in 1..=12 {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let (told, rest) = part(&ranges, after, size);
                seen.extend(told.iter().flat_map(|(first, last)| *first..=*last));
                match rest {
                    Some(last) => after = Some(last),
                    None => break,
                }
            }
            assert_eq!(seen, all, "{size} at a time");
        }
    }

    #[test]
    fn a_mark_is_as_the_specification_says() {
        let record: RecordId = "01a2057c-4747-7a7a-8ae8-c358ca03ca41".parse().unwrap();
        assert_eq!(mark(record), "4e28f8da20a325f11a853ab6e6215a6e");
        assert!(!mark(record).contains("01a2057c"));
    }
}
