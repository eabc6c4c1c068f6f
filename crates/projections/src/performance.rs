//! Figures of authorities in the read tables: what is counted is in the rows of proceedings, what
//! was stated about months that are over is in the log. Here the two are put together.

use std::collections::BTreeMap;

use domain::authority::AuthorityKey;
use domain::civil::{Instant, Zone};
use domain::performance::{Month, MonthFigures, MonthStatement};
use due_process::performance::{MonthTally, Tally, Teller};
use ledger::LedgerReader;
use ledger::wire::{Leaf, Statement};
use rusqlite::params;

use crate::announced::Announced;
use crate::answers::{Performance, PerformanceBasis, ToldMonth};
use crate::base::{Base, check};
use crate::mac::{Column, Tag};
use crate::{ProjectionError, ReadTables};

/// What the log states about the months that are over, with the position of the entry.
type Stated = BTreeMap<Month, (u64, MonthStatement)>;

/// The instant up to which figures are told: the beginning of the day. What a day brings is told
/// the next day (I-54), so that nobody sees by the minute which entry of the log was about what.
pub(crate) fn stand(now: Instant) -> Instant {
    Zone::UTC.start_of(now.day_in(&Zone::UTC))
}

/// What figures follow from.
///
/// A step changes what counts from its own instant on only, and instants never go back. So once
/// anything was committed after the beginning of the day, what happened before it is settled, and
/// the figures of that day stay the same whatever is committed; but for what was destroyed, for
/// statements of months, and for steps that this program does not know.
pub(crate) fn basis(
    base: &Base,
    cursor: u64,
    (last_at, size): (Instant, u64),
    on: Instant,
) -> Result<PerformanceBasis, ProjectionError> {
    let stand = stand(on);
    let is_settled = last_at > stand && cursor >= size;
    let number = |sql: &str| -> Result<Option<i64>, ProjectionError> {
        Ok(base.statement(sql)?.query_row([], |row| row.get(0))?)
    };
    Ok(PerformanceBasis {
        stand,
        unsettled_at: (!is_settled).then_some(cursor),
        last: [
            number("SELECT max(leaf) FROM announced WHERE state = 3")?,
            number("SELECT max(position) FROM stated")?,
            number("SELECT max(position) FROM unknown")?,
        ],
    })
}

/// The figures of every authority that submitted records, or of one.
pub(crate) fn performances(
    base: &Base,
    ledger: &LedgerReader,
    only: Option<&AuthorityKey>,
    now: Instant,
) -> Result<BTreeMap<AuthorityKey, Performance>, ProjectionError> {
    let stand = stand(now);
    let stated = stated(base, ledger, stand)?;
    let mut tallies = tallies(base, only, stand)?;
    for authority in stated.values().flat_map(|(_, told)| told.keys()) {
        if only.is_none_or(|only| only == authority) {
            tallies.entry(authority.clone()).or_insert_with(|| Tally::new(stand));
        }
    }
    let is_whole = is_whole(base)?;
    let told = tallies.into_iter().map(|(authority, tally)| {
        let performance = performance(authority.clone(), tally, &stated, is_whole, stand);
        (authority, performance)
    });
    Ok(told.collect())
}

/// Each authority's cases up to `stand`.
fn tallies(
    base: &Base,
    only: Option<&AuthorityKey>,
    stand: Instant,
) -> Result<BTreeMap<AuthorityKey, Tally>, ProjectionError> {
    let mut by_number: BTreeMap<i64, Tally> = BTreeMap::new();
    let mut add = |row: crate::proceedings::ProceedingRow| {
        let tally = by_number.entry(row.authority).or_insert_with(|| Tally::new(stand));
        tally.add(row.subject, &row.occurred);
        Ok(())
    };
    match only {
        None => base.each_proceeding(&mut add)?,
        Some(authority) => {
            if let Some(number) = base.term(authority.as_str())? {
                base.each_proceeding_of(number, &mut add)?;
            }
        }
    }
    let mut tallies = BTreeMap::new();
    for (number, tally) in by_number {
        // A case that began after that day is none yet.
        if tally.first().is_some() {
            let key = AuthorityKey::new(&base.term_text(number)?);
            tallies.insert(key.ok_or(ProjectionError::Broken("proceeding"))?, tally);
        }
    }
    Ok(tallies)
}

/// Whether nothing was destroyed so far: then what was told before can still be counted.
fn is_whole(base: &Base) -> Result<bool, ProjectionError> {
    let ranges = base.announced_between(0, i64::MAX as u64)?;
    Ok(!ranges.iter().any(|range| matches!(range.announced, Announced::Erased { .. })))
}

fn performance(
    authority: AuthorityKey,
    tally: Tally,
    stated: &Stated,
    is_whole: bool,
    stand: Instant,
) -> Performance {
    let by_statement =
        stated.iter().find(|(_, (_, told))| told.contains_key(&authority)).map(|(month, _)| *month);
    let first = [tally.first(), by_statement].into_iter().flatten().min();
    let mut counted: BTreeMap<Month, MonthTally> =
        tally.months().into_iter().map(|tally| (tally.month, tally)).collect();
    let (mut months, mut running, mut teller) = (Vec::new(), None, Teller::default());
    let mut next = first;
    while let Some(month) = next.filter(|month| month.start() <= stand) {
        let tally = counted.remove(&month).unwrap_or_else(|| MonthTally::empty(month));
        let figures = match stated.get(&month) {
            Some((_, told)) => {
                let told = told.get(&authority).cloned();
                let told = told.unwrap_or_else(|| MonthFigures::empty(month));
                teller.take(&told, is_whole.then_some(&tally));
                told
            }
            None if month.end() <= stand => teller.tell(&tally),
            None => {
                running = Some(teller.tell_running(&tally));
                break;
            }
        };
        let stated_at = stated.get(&month).map(|(position, _)| *position);
        months.push(ToldMonth { figures, stated_at });
        next = Some(month.next());
    }
    Performance { authority, as_of: stand, months, running }
}

/// What the log states about months that were over at `stand`.
fn stated(base: &Base, ledger: &LedgerReader, stand: Instant) -> Result<Stated, ProjectionError> {
    let mut stated = Stated::new();
    for position in base.stated()? {
        let entry = ledger.entry(position)?;
        let leaf = entry.and_then(|entry| Leaf::parse(&entry).ok());
        let Some(Leaf::Statistics(statement)) = leaf else {
            return Err(ProjectionError::BrokenEntry(position));
        };
        if statement.month.end() <= stand {
            let month = stated.entry(statement.month).or_insert((position, MonthStatement::new()));
            month.1.extend(statement.told);
        }
    }
    Ok(stated)
}

impl ReadTables {
    /// What is to be stated at `now` about months that are over and not stated yet, in order.
    /// Nothing while no authority submitted a record; late or twice it is the same.
    pub fn statements_due(
        &self,
        ledger: &LedgerReader,
        now: Instant,
    ) -> Result<Vec<Statement>, ProjectionError> {
        let positions = self.base.stated()?;
        if positions.is_empty() && !self.base.has_proceedings()? {
            return Ok(Vec::new());
        }
        let stand = stand(now);
        // Asked with every batch: most of the time the last month is stated.
        let last = match positions.last() {
            Some(position) => last_month(ledger, *position)?,
            None => None,
        };
        if last.is_some_and(|last| stand < last.next().end()) {
            return Ok(Vec::new());
        }
        let performances = performances(&self.base, ledger, None, now)?;
        let mut due: BTreeMap<Month, MonthStatement> = BTreeMap::new();
        for (authority, performance) in performances {
            for month in performance.months {
                let figures = month.figures;
                if month.stated_at.is_none() && last.is_none_or(|last| last < figures.month) {
                    due.entry(figures.month).or_default().insert(authority.clone(), figures);
                }
            }
        }
        let mut next = last.map(Month::next).or_else(|| due.keys().next().copied());
        let mut statements = Vec::new();
        while let Some(month) = next.filter(|month| month.end() <= stand) {
            statements.extend(Statement::parts(month, due.remove(&month).unwrap_or_default()));
            next = Some(month.next());
        }
        Ok(statements)
    }
}

fn last_month(ledger: &LedgerReader, position: u64) -> Result<Option<Month>, ProjectionError> {
    match ledger.entry(position)?.and_then(|entry| Leaf::parse(&entry).ok()) {
        Some(Leaf::Statistics(statement)) => Ok(Some(statement.month)),
        _ => Err(ProjectionError::BrokenEntry(position)),
    }
}

impl Base {
    /// Notes where a month is stated.
    pub(crate) fn put_stated(&self, position: u64) -> Result<(), ProjectionError> {
        self.statement("INSERT OR REPLACE INTO stated(position, mac) VALUES (?1, ?2)")?
            .execute(params![position as i64, self.stated_tag(position)])?;
        Ok(())
    }

    fn stated_tag(&self, position: u64) -> Tag {
        self.mac.tag("stated", &[Column::Integer(position as i64)])
    }

    fn stated(&self) -> Result<Vec<u64>, ProjectionError> {
        let mut statement = self.statement("SELECT position, mac FROM stated ORDER BY position")?;
        let mut rows = statement.query([])?;
        let mut positions = Vec::new();
        while let Some(row) = rows.next()? {
            let (position, tag): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
            check("stated", &self.stated_tag(position as u64), &tag)?;
            positions.push(position as u64);
        }
        Ok(positions)
    }
}
