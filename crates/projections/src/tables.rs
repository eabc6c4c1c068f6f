//! The handle that follows the log and answers what an import needs to know.

use std::collections::HashSet;
use std::path::Path;

use domain::authority::AuthorityKey;
use domain::civil::{Day, Instant};
use domain::event::Extent;
use domain::identifiers::IdentifierClaim;
use domain::ids::{OrganisationId, RecordId, RowKey};
use domain::text::ListId;
use due_process::quotation::Standing;
use ledger::LedgerReader;
use rusqlite::{Connection, params};

use crate::ProjectionError;
use crate::base::Base;
use crate::follow::{Folded, fold_range};
use crate::proceedings::folded;
use crate::schema;
use crate::standings::Standings;

/// Entries folded in one transaction.
const ENTRIES_PER_TRANSACTION: u64 = 100_000;

/// `read.db`, open for following the log. Several handles may be open; they take turns at writing.
pub struct ReadTables {
    pub(crate) base: Base,
}

/// The reading of a list that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotInfo {
    /// Position of its last part.
    pub position: u64,
    /// Whether the file was the whole list.
    pub extent: Extent,
    /// The day it was read.
    pub read_on: Day,
}

impl ReadTables {
    /// Opens the file, and makes it when there is none.
    ///
    /// # Errors
    /// [`ProjectionError::Outdated`] when it was made by another version or for another registry:
    /// [`crate::rebuild`] makes it anew.
    pub fn open(path: &Path, mac_key: [u8; 32]) -> Result<ReadTables, ProjectionError> {
        let connection = Connection::open(path)?;
        let unfit = |error: ProjectionError| error.on_opening(path);
        schema::configure_writer(&connection).map_err(unfit)?;
        let tables = ReadTables { base: Base::new(connection, mac_key) };
        match schema::version(&tables.base.connection).map_err(unfit)? {
            0 => tables.create()?,
            schema::VERSION => {}
            _ => return Err(ProjectionError::Outdated(path.to_owned())),
        }
        tables.base.cursor().map_err(unfit)?;
        Ok(tables)
    }

    /// Keeps pages of at most `mebibytes` MiB in memory: for a handle that only looks things up.
    pub fn keep_pages(&self, mebibytes: u32) -> Result<(), ProjectionError> {
        self.base.keep_pages(mebibytes)
    }

    fn create(&self) -> Result<(), ProjectionError> {
        let connection = &self.base.connection;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        // Another process may have been faster.
        let made = match schema::version(connection) {
            Ok(0) => schema::create_tables(connection).and_then(|()| self.base.set_cursor(0)),
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        self.finish(made)
    }

    /// Commits what succeeded and undoes what did not.
    fn finish<T>(&self, result: Result<T, ProjectionError>) -> Result<T, ProjectionError> {
        match result {
            Ok(value) => {
                self.base.connection.execute_batch("COMMIT")?;
                Ok(value)
            }
            Err(error) => {
                // The first failure is the one to report; an undo that fails is done by the next
                // opening.
                let _ = self.base.connection.execute_batch("ROLLBACK");
                Err(error)
            }
        }
    }

    /// Entries at positions below this one are in the tables.
    pub fn cursor(&self) -> Result<u64, ProjectionError> {
        self.base.cursor()
    }

    /// Takes in the entries up to `to` (exclusive). A crash leaves the tables at an earlier
    /// position.
    pub fn follow(
        &mut self,
        reader: &LedgerReader,
        to: u64,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), ProjectionError> {
        let mut from_start = self.cursor()? == 0;
        while self.cursor()? < to {
            self.base.connection.execute_batch("BEGIN IMMEDIATE")?;
            let step = self.step(reader, to, &mut from_start, progress);
            self.finish(step)?;
        }
        Ok(())
    }

    /// One transaction: the next entries, or everything anew where content was destroyed.
    fn step(
        &self,
        reader: &LedgerReader,
        to: u64,
        from_start: &mut bool,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), ProjectionError> {
        let from = self.base.cursor()?;
        let until = to.min(from.saturating_add(ENTRIES_PER_TRANSACTION));
        if until <= from {
            return Ok(());
        }
        match fold_range(&self.base, reader, (from, until), *from_start, progress)? {
            Folded::Done => self.base.set_cursor(until),
            Folded::Erased => {
                for (table, _) in schema::TABLES {
                    self.base.connection.execute_batch(&format!("DELETE FROM {table}"))?;
                }
                // In the same transaction: nobody ever sees tables that begin at nothing.
                fold_range(&self.base, reader, (0, until), true, progress)?;
                *from_start = true;
                self.base.set_cursor(until)
            }
        }
    }

    /// The records about an organisation, quoted or submitted, whatever their state; `None` when it
    /// is unknown.
    pub fn records_of(
        &self,
        organisation: OrganisationId,
    ) -> Result<Option<Vec<RecordId>>, ProjectionError> {
        let Some(row) = self.base.organisation(organisation)? else { return Ok(None) };
        let mut records = Vec::new();
        let position = row.position as i64;
        self.base.records(
            "WHERE organisation = ?1 ORDER BY position",
            params![position],
            &mut |row| {
                records.push(row.id);
                Ok(true)
            },
        )?;
        let proceedings = self.base.proceedings_of(row.position)?;
        records.extend(proceedings.into_iter().map(|row| row.id));
        Ok(Some(records))
    }

    /// The organisation a record is about; `None` when the record is unknown.
    pub fn subject_of(&self, record: RecordId) -> Result<Option<OrganisationId>, ProjectionError> {
        let organisation = match self.base.record(record)? {
            Some(row) => Some(row.organisation),
            None => self.base.proceeding(record)?.map(|row| row.organisation),
        };
        organisation.map(|organisation| self.organisation_id(organisation)).transpose()
    }

    /// Records of authorities whose content may be destroyed on `now`, each since when, the longest
    /// due first (T47). What a court holds is not among them.
    pub fn erasable(&self, now: Instant) -> Result<Vec<(RecordId, Instant)>, ProjectionError> {
        let rows = self.base.erasable_proceedings(now)?;
        Ok(rows.into_iter().filter_map(|row| Some((row.id, row.erasable?))).collect())
    }

    /// Whether a court or a reviewer holds the content of `record` (T48).
    pub fn is_held(
        &self,
        reader: &LedgerReader,
        record: RecordId,
    ) -> Result<bool, ProjectionError> {
        let Some(row) = self.base.proceeding(record)? else { return Ok(false) };
        Ok(folded(reader, &row)?.is_some_and(|case| case.hold))
    }

    /// Leaves no byte of rows that are gone in the files of the tables.
    pub fn scrub(&self) -> Result<(), ProjectionError> {
        self.base.connection.execute_batch("VACUUM")?;
        self.base.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// What stands of a list at `now`, for a file that was read on the day that begins at `read_at`
    /// where the list is kept. Read by row key, as the index has them, so that nothing is sorted in
    /// memory.
    pub fn standings(
        &self,
        list: &ListId,
        now: Instant,
        read_at: Instant,
    ) -> Result<Standings, ProjectionError> {
        let mut standings = Standings::new(now, read_at);
        let Some(list) = self.base.term(list.as_str())? else { return Ok(standings) };
        // Hidden by an entry that this program cannot read: a row that is read again must not come
        // back as a new record.
        let unknown = self.base.unknown_entries()?;
        let hidden: HashSet<_> = unknown.iter().filter_map(|entry| entry.record).collect();
        let rows = "WHERE list = ?1 ORDER BY row_key, position";
        self.base.records(rows, params![list], &mut |row| {
            let standing = Standing {
                record: row.id,
                organisation: self.organisation_id(row.organisation)?,
                revision: row.revision,
                row_digest: row.row_digest,
                vanished: row.vanished && !hidden.contains(&row.id),
                end_at: row.end_at,
            };
            standings.add(row.row_key, standing)?;
            Ok(true)
        })?;
        Ok(standings)
    }

    fn organisation_id(&self, position: u64) -> Result<OrganisationId, ProjectionError> {
        let row = self.base.organisation_at(position)?;
        Ok(row.ok_or(ProjectionError::Broken("organisation"))?.id)
    }

    /// The organisation that stands for a publisher's entry.
    pub fn organisation_by_entry(
        &self,
        authority: &AuthorityKey,
        entry: RowKey,
    ) -> Result<Option<OrganisationId>, ProjectionError> {
        let Some(authority) = self.base.term(authority.as_str())? else { return Ok(None) };
        let found = self.base.entry(authority, entry)?;
        found.map(|position| self.organisation_id(position)).transpose()
    }

    /// Identifiers on record of an organisation.
    pub fn known_claims(
        &self,
        organisation: OrganisationId,
    ) -> Result<Vec<IdentifierClaim>, ProjectionError> {
        Ok(self.base.organisation(organisation)?.map(|row| row.claims).unwrap_or_default())
    }

    /// Names on record of an organisation, folded.
    pub fn known_names(
        &self,
        organisation: OrganisationId,
    ) -> Result<Vec<String>, ProjectionError> {
        Ok(self.base.organisation(organisation)?.map(|row| row.names).unwrap_or_default())
    }

    /// The last day on which a list was read, from beginning to end or in part.
    pub fn last_read_on(&self, list: &ListId) -> Result<Option<Day>, ProjectionError> {
        let Some(list) = self.base.term(list.as_str())? else { return Ok(None) };
        let Some(row) = self.base.reading(list)? else { return Ok(None) };
        Ok(row.full.into_iter().chain(row.part).map(|(_, read_on)| read_on).max())
    }

    /// The last reading of a list from beginning to end; else the last one in part.
    pub fn last_snapshot(&self, list: &ListId) -> Result<Option<SnapshotInfo>, ProjectionError> {
        let Some(list) = self.base.term(list.as_str())? else { return Ok(None) };
        let Some(row) = self.base.reading(list)? else { return Ok(None) };
        let info = |extent, (position, read_on)| SnapshotInfo { position, extent, read_on };
        let full = row.full.map(|reading| info(Extent::Full, reading));
        Ok(full.or(row.part.map(|reading| info(Extent::Partial, reading))))
    }
}
