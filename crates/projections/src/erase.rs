//! Taking what was destroyed out of the tables, without reading the log anew.
//!
//! What is destroyed goes in units (`domain::event::ErasureUnit`): a record with all its steps, an
//! organisation with all that was said about itself. So a row goes as a whole or not at all, and
//! what else names it is found: the organisations that list it, the counts it is in, the record it
//! took the place of. Afterwards the tables are what a rebuild would make of what is left; where
//! that cannot be said, they are made anew ([`Local::Anew`]).

use std::collections::BTreeSet;

use ledger::LedgerReader;
use rusqlite::params;

use crate::ProjectionError;
use crate::base::{Base, check};
use crate::mac::{Column, Tag};
use crate::pending::{NameIndex, Pending};
use crate::proceedings::{ProceedingRow, folded};
use crate::remnants::Remnants;
use crate::rows::{EventKind, NOBODY, OrganisationRow, RecordRow, Term};

/// How far what was destroyed could be taken out.
pub(crate) enum Local {
    /// Entirely.
    Done,
    /// Not for certain: the tables have to be made anew.
    Anew,
}

/// Takes out every row that stems from positions in `ranges`. Nothing may be pending. Where it
/// answers [`Local::Anew`] the rows may be half gone, in the transaction of the caller.
pub(crate) fn erase(
    base: &Base,
    reader: &LedgerReader,
    ranges: &[(u64, u64)],
    remnants: &mut Remnants,
) -> Result<Local, ProjectionError> {
    let ranges = Ranges::new(ranges);
    let found = base.rows_in(&ranges)?;
    if found.is_nothing() {
        return Ok(Local::Done);
    }
    if found.is_odd(&ranges) || has_displaced_terms(base)? {
        return Ok(Local::Anew);
    }
    let mut eraser = Eraser {
        base,
        ranges,
        remnants,
        pending: Pending::default(),
        listing: BTreeSet::new(),
        lists: BTreeSet::new(),
    };
    let mut predecessors = Vec::new();
    for row in &found.records {
        eraser.record(row)?;
    }
    for row in &found.proceedings {
        predecessors.extend(eraser.proceeding(row)?);
    }
    for row in &found.organisations {
        eraser.organisation(row)?;
    }
    if !eraser.unknown(&found.unknown)? {
        return Ok(Local::Anew);
    }
    eraser.finish()?;
    for id in predecessors {
        without_successor(base, reader, id)?;
    }
    Ok(Local::Done)
}

/// Numbers of keys follow from the keys alone, unless two want the same one: then they depend on
/// which came first, and that may just be destroyed.
fn has_displaced_terms(base: &Base) -> Result<bool, ProjectionError> {
    Ok(base.terms()?.iter().any(|term| Term::home(&term.text) != term.number))
}

/// The tombstone of a record whose successor was destroyed stands for itself (I-15).
fn without_successor(
    base: &Base,
    reader: &LedgerReader,
    id: domain::ids::RecordId,
) -> Result<(), ProjectionError> {
    let Some(mut row) = base.proceeding(id)? else { return Ok(()) };
    if let Some(case) = folded(reader, &row)? {
        row.schedule = case.schedule_beside(None);
        base.put_proceeding(&row)?;
    }
    Ok(())
}

/// Ascending ranges of positions.
pub(crate) struct Ranges(Vec<(u64, u64)>);

impl Ranges {
    fn new(ranges: &[(u64, u64)]) -> Ranges {
        let mut ranges = ranges.to_vec();
        ranges.sort_unstable();
        Ranges(ranges)
    }

    pub(crate) fn contains(&self, position: u64) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= position);
        let before = after.checked_sub(1).and_then(|at| self.0.get(at));
        before.is_some_and(|(_, last)| position <= *last)
    }
}

/// Rows whose key is a destroyed position.
#[derive(Default)]
struct Found {
    records: Vec<RecordRow>,
    proceedings: Vec<ProceedingRow>,
    organisations: Vec<OrganisationRow>,
    unknown: Vec<u64>,
    /// Steps that are never destroyed: decisions on identity, adoptions, statements.
    lasting: u64,
}

impl Found {
    fn is_nothing(&self) -> bool {
        let rows = self.records.len() + self.proceedings.len() + self.organisations.len();
        rows + self.unknown.len() == 0 && self.lasting == 0
    }

    /// Whether something was destroyed in part, or what never is: no ledger of ours does that.
    fn is_odd(&self, ranges: &Ranges) -> bool {
        let is_own = |kind: EventKind| kind == EventKind::Own;
        self.lasting > 0
            || self.records.iter().any(|row| !ranges.contains(row.current))
            || self.proceedings.iter().any(|row| {
                let mut steps = row.steps.iter();
                steps.any(|(position, _)| !ranges.contains(*position))
            })
            || self.organisations.iter().any(|row| {
                let mut own = row.events.iter().filter(|(_, event)| is_own(event.kind));
                own.any(|(position, _)| !ranges.contains(*position))
            })
    }
}

struct Eraser<'a> {
    base: &'a Base,
    ranges: Ranges,
    remnants: &'a mut Remnants,
    pending: Pending,
    /// Organisations that list something that goes.
    listing: BTreeSet<u64>,
    /// Lists that lose a record.
    lists: BTreeSet<i64>,
}

impl Eraser<'_> {
    fn record(&mut self, row: &RecordRow) -> Result<(), ProjectionError> {
        self.remnants.record(self.base, row)?;
        self.pending.count_record(row, -1);
        self.lists.insert(row.list);
        self.base.delete("record", row.position)?;
        self.listed_by(row.position, row.organisation)
    }

    /// Gives the record it took the place of.
    fn proceeding(
        &mut self,
        row: &ProceedingRow,
    ) -> Result<Option<domain::ids::RecordId>, ProjectionError> {
        let predecessor = self.base.predecessor(row.id)?;
        // What took its place is named by the record before, which stays.
        if predecessor.is_none() {
            self.remnants.id(row.id.bytes());
        }
        self.pending.count_use(row.authority, -1);
        self.base.delete("proceeding", row.position)?;
        let mut turns = self.base.statement("DELETE FROM turn WHERE proceeding = ?1")?;
        turns.execute([row.position as i64])?;
        self.listed_by(row.position, row.organisation)?;
        Ok(predecessor)
    }

    /// Every organisation that the item was about lists it.
    fn listed_by(&mut self, item: u64, organisation: u64) -> Result<(), ProjectionError> {
        self.listing.insert(organisation);
        self.listing.extend(self.base.moved_from(item)?);
        let mut moved = self.base.statement("DELETE FROM moved WHERE item = ?1")?;
        moved.execute([item as i64])?;
        Ok(())
    }

    fn organisation(&mut self, row: &OrganisationRow) -> Result<(), ProjectionError> {
        let position = row.position;
        self.remnants.organisation();
        self.about_nobody(row)?;
        row.events.values().for_each(|event| self.pending.count_use(event.authority, -1));
        for authority in self.base.entries_of(position)? {
            self.pending.count_use(authority, -1);
        }
        for claim in &row.claims {
            let mut gone =
                self.base.statement("DELETE FROM claim WHERE key = ?1 AND organisation = ?2")?;
            gone.execute(params![claim.to_string(), position as i64])?;
        }
        for name in &row.names {
            self.name(name, position)?;
        }
        for sql in [
            "DELETE FROM entry WHERE organisation = ?1",
            "DELETE FROM moved WHERE organisation = ?1",
            "DELETE FROM organisation WHERE position = ?1",
        ] {
            self.base.statement(sql)?.execute([position as i64])?;
        }
        Ok(())
    }

    fn name(&self, folded: &str, organisation: u64) -> Result<(), ProjectionError> {
        let index = NameIndex::of(folded);
        let organisation = organisation as i64;
        let mut name =
            self.base.statement("DELETE FROM name WHERE key = ?1 AND organisation = ?2")?;
        for key in index.keys.into_iter().flatten() {
            name.execute(params![key, organisation])?;
        }
        let mut token =
            self.base.statement("DELETE FROM token WHERE token = ?1 AND organisation = ?2")?;
        for text in index.tokens {
            token.execute(params![text, organisation])?;
        }
        Ok(())
    }

    /// What is about an organisation that goes and stays itself.
    fn about_nobody(&mut self, row: &OrganisationRow) -> Result<(), ProjectionError> {
        for (position, event) in &row.events {
            if event.kind != EventKind::Submitted {
                continue;
            }
            if let Some(record) = self.base.record_at(*position)?
                && record.organisation == row.position
            {
                let nobody = RecordRow { organisation: NOBODY, ..record };
                self.pending.put_record(nobody, Some(&record));
            }
        }
        for proceeding in self.base.proceedings_of(row.position)? {
            self.base.put_proceeding(&ProceedingRow { organisation: NOBODY, ..proceeding })?;
        }
        Ok(())
    }

    /// False where a step of an unknown version had changed a record that stays.
    fn unknown(&self, positions: &[u64]) -> Result<bool, ProjectionError> {
        for position in positions {
            let entries = self.base.unknown_entries()?;
            let entry = entries.iter().find(|entry| entry.position == *position);
            if let Some(record) = entry.and_then(|entry| entry.record)
                && (self.base.record(record)?.is_some() || self.base.proceeding(record)?.is_some())
            {
                return Ok(false);
            }
            self.base.delete("unknown", *position)?;
        }
        Ok(true)
    }

    /// Lists of events, counts, and what is nothing without them.
    fn finish(mut self) -> Result<(), ProjectionError> {
        for position in std::mem::take(&mut self.listing) {
            let Some(row) = self.pending.organisation_at(self.base, position)? else { continue };
            let gone = row.events.extract_if(.., |position, _| self.ranges.contains(*position));
            let gone: Vec<i64> = gone.map(|(_, event)| event.authority).collect();
            gone.into_iter().for_each(|authority| self.pending.count_use(authority, -1));
        }
        self.pending.flush(self.base)?;
        for list in &self.lists {
            let Some(reading) = self.base.reading(*list)? else { continue };
            let was_read = reading.full.is_some() || reading.part.is_some();
            if !was_read && !self.base.has_records(*list)? {
                self.base.statement("DELETE FROM reading WHERE list = ?1")?.execute([*list])?;
                self.pending.count_use(*list, -1);
            }
        }
        self.pending.flush(self.base)
    }
}

impl Base {
    fn rows_in(&self, ranges: &Ranges) -> Result<Found, ProjectionError> {
        let mut found = Found::default();
        for (first, last) in &ranges.0 {
            let within = |table: &str| self.positions_within(table, *first, *last);
            for position in within("record")? {
                found.records.extend(self.record_at(position)?);
            }
            for position in within("proceeding")? {
                found.proceedings.extend(self.proceeding_at(position)?);
            }
            for position in within("organisation")? {
                found.organisations.extend(self.organisation_at(position)?);
            }
            found.unknown.extend(within("unknown")?);
            for table in ["identity", "adopted", "stated"] {
                found.lasting += within(table)?.len() as u64;
            }
        }
        Ok(found)
    }

    fn positions_within(
        &self,
        table: &str,
        first: u64,
        last: u64,
    ) -> Result<Vec<u64>, ProjectionError> {
        let sql = format!("SELECT position FROM {table} WHERE position BETWEEN ?1 AND ?2");
        let mut statement = self.statement(&sql)?;
        let rows =
            statement.query_map(params![first as i64, last as i64], |row| row.get::<_, i64>(0))?;
        Ok(rows.map(|row| row.map(|at| at as u64)).collect::<Result<_, _>>()?)
    }

    fn delete(&self, table: &str, position: u64) -> Result<(), ProjectionError> {
        let mut statement = self.statement(&format!("DELETE FROM {table} WHERE position = ?1"))?;
        statement.execute([position as i64])?;
        Ok(())
    }

    fn has_records(&self, list: i64) -> Result<bool, ProjectionError> {
        Ok(self.statement("SELECT 1 FROM record WHERE list = ?1 LIMIT 1")?.exists([list])?)
    }

    /// The publishers whose entry stands for this organisation, one for each entry.
    fn entries_of(&self, organisation: u64) -> Result<Vec<i64>, ProjectionError> {
        let mut statement =
            self.statement("SELECT authority FROM entry WHERE organisation = ?1")?;
        let rows = statement.query_map([organisation as i64], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes that the organisation lists the item, although that is about another one now.
    pub(crate) fn put_moved(&self, item: u64, organisation: u64) -> Result<(), ProjectionError> {
        self.statement("INSERT OR IGNORE INTO moved(item, organisation, mac) VALUES (?1, ?2, ?3)")?
            .execute(params![
                item as i64,
                organisation as i64,
                self.moved_tag(item, organisation)
            ])?;
        Ok(())
    }

    fn moved_tag(&self, item: u64, organisation: u64) -> Tag {
        let organisation = Column::Integer(organisation as i64);
        self.mac.tag("moved", &[Column::Integer(item as i64), organisation])
    }

    fn moved_from(&self, item: u64) -> Result<Vec<u64>, ProjectionError> {
        let mut statement =
            self.statement("SELECT organisation, mac FROM moved WHERE item = ?1")?;
        let mut rows = statement.query([item as i64])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (organisation, tag): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
            check("moved", &self.moved_tag(item, organisation as u64), &tag)?;
            found.push(organisation as u64);
        }
        Ok(found)
    }
}
