//! `truth.db`: events, sealed openings and the edge of the tree, in one SQLite file.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use domain::civil::Instant;
use domain::ids::RecordId;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::{Append, AppendOutcome, Head, SealedOpening, StoredLeaf, TruthStore};
use crate::error::LedgerError;
use crate::merkle::Hash;
use crate::vault::id_in;

/// Forward-only migrations; `PRAGMA user_version` counts those applied.
const MIGRATIONS: &[&str] =
    &[include_str!("migrations/0001_truth.sql"), include_str!("migrations/0002_erasing.sql")];

/// The store over one file.
pub struct SqliteStore {
    path: PathBuf,
    connection: Connection,
}

impl SqliteStore {
    /// Opens `path` for writing, making and migrating it as needed.
    pub fn open(path: &Path) -> Result<SqliteStore, LedgerError> {
        let mut connection = Connection::open(path)?;
        connection.execute_batch(
            // Rows come in order and are about 900 bytes: larger pages and rarer checkpoints of
            // the write-ahead log (16,384 pages, 128 MiB) halve what the system has to do.
            "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;
             PRAGMA busy_timeout = 10000; PRAGMA cache_size = -65536;
             PRAGMA wal_autocheckpoint = 16384;",
        )?;
        migrate(path, &mut connection)?;
        Ok(SqliteStore { path: path.to_owned(), connection })
    }

    /// Opens `path` for reading only.
    pub fn open_read_only(path: &Path) -> Result<SqliteStore, LedgerError> {
        let connection = super::open_read_only(path)?;
        let applied: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        // What earlier versions lack, readers do not ask for.
        if applied == 0 {
            let what = "it holds no tables: it was never finished, or is no database of ours";
            return Err(LedgerError::Damaged { path: path.to_owned(), what: what.to_owned() });
        }
        if applied as usize > MIGRATIONS.len() {
            return Err(newer(path, applied));
        }
        Ok(SqliteStore { path: path.to_owned(), connection })
    }

    /// One entry, or `None` when the log is shorter.
    pub fn leaf(&self, position: u64) -> Result<Option<StoredLeaf>, LedgerError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT entry, unit, opening FROM leaf WHERE position = ?1")?;
        Ok(statement.query_row([as_row_id(position)], read_leaf).optional()?)
    }

    /// Entries of `from..to` one after another, without holding them all.
    pub fn each_leaf<E: From<LedgerError>>(
        &self,
        from: u64,
        to: u64,
        each: &mut dyn FnMut(u64, StoredLeaf) -> Result<(), E>,
    ) -> Result<(), E> {
        let read = || -> Result<_, LedgerError> {
            Ok(self.connection.prepare_cached(
                "SELECT entry, unit, opening, position FROM leaf
                 WHERE position >= ?1 AND position < ?2 ORDER BY position",
            )?)
        };
        let mut statement = read()?;
        let mut rows = statement
            .query([as_row_id(from), as_row_id(to)])
            .map_err(|error| E::from(LedgerError::from(error)))?;
        while let Some(row) = rows.next().map_err(|error| E::from(LedgerError::from(error)))? {
            let leaf = read_leaf(row).map_err(|error| E::from(LedgerError::from(error)))?;
            let position: i64 = row.get(3).map_err(|error| E::from(LedgerError::from(error)))?;
            each(position.unsigned_abs(), leaf)?;
        }
        Ok(())
    }

    /// Entries covered by the first checkpoint that was ever signed; 0 where there is none.
    pub fn first_size(&self) -> Result<u64, LedgerError> {
        let mut statement =
            self.connection.prepare_cached("SELECT size FROM checkpoint ORDER BY size LIMIT 1")?;
        let size: Option<i64> = statement.query_row([], |row| row.get(0)).optional()?;
        Ok(size.unwrap_or_default().unsigned_abs())
    }

    fn damaged(&self, what: &str) -> LedgerError {
        LedgerError::Damaged { path: self.path.clone(), what: what.to_owned() }
    }
}

impl TruthStore for SqliteStore {
    fn take_lease(&mut self) -> Result<u64, LedgerError> {
        // In a transaction of its own: a row that is read from a statement says nothing yet about
        // whether the statement's commit succeeded.
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let epoch: i64 = transaction.query_row(
            "UPDATE head SET epoch = epoch + 1 WHERE one = 1 RETURNING epoch",
            [],
            |row| row.get(0),
        )?;
        transaction.commit()?;
        Ok(epoch.unsigned_abs())
    }

    fn head(&self) -> Result<Head, LedgerError> {
        let (size, at, edge): (i64, i64, Vec<u8>) = self
            .connection
            .prepare_cached("SELECT size, at, edge FROM head WHERE one = 1")?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let (hashes, rest) = edge.as_chunks::<32>();
        if !rest.is_empty() {
            return Err(self.damaged("the edge of the tree has the wrong length"));
        }
        Ok(Head { size: size.unsigned_abs(), at: Instant::from_micros(at), edge: hashes.to_vec() })
    }

    fn append(&mut self, append: &Append) -> Result<AppendOutcome, LedgerError> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let outcome = write(&transaction, append)?;
        if outcome == AppendOutcome::Committed {
            transaction.commit()?;
        }
        Ok(outcome)
    }

    fn leaves(&self, from: u64, to: u64) -> Result<Vec<StoredLeaf>, LedgerError> {
        let mut leaves = Vec::new();
        self.each_leaf::<LedgerError>(from, to, &mut |_, leaf| {
            leaves.push(leaf);
            Ok(())
        })?;
        Ok(leaves)
    }

    fn revision(&self, record: RecordId) -> Result<u32, LedgerError> {
        revision_in(&self.connection, record)
    }

    fn checkpoint(&self, size: u64) -> Result<Option<String>, LedgerError> {
        Ok(self
            .connection
            .prepare_cached("SELECT note FROM checkpoint WHERE size = ?1")?
            .query_row([as_row_id(size)], |row| row.get(0))
            .optional()?)
    }

    fn positions(&self, units: &[[u8; 17]]) -> Result<Vec<u64>, LedgerError> {
        let wanted: HashSet<&[u8]> = units.iter().map(|unit| &unit[..]).collect();
        let mut statement = self
            .connection
            .prepare("SELECT position, unit FROM leaf WHERE unit IS NOT NULL ORDER BY position")?;
        let mut rows = statement.query([])?;
        let mut positions = Vec::new();
        while let Some(row) = rows.next()? {
            let unit = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            if wanted.contains(unit) {
                positions.push(row.get::<_, i64>(0)?.unsigned_abs());
            }
        }
        Ok(positions)
    }

    fn erasing(&self) -> Result<Vec<[u8; 17]>, LedgerError> {
        let mut statement = self.connection.prepare("SELECT unit FROM erasing ORDER BY unit")?;
        let units = statement.query_map([], |row| row.get(0))?;
        Ok(units.collect::<Result<_, _>>()?)
    }

    fn forget(&mut self, units: &[[u8; 17]]) -> Result<(), LedgerError> {
        let positions = self.positions(units)?;
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            // The column is overwritten in place: `secure_delete` clears what the row gives up.
            let mut clear = transaction
                .prepare("UPDATE leaf SET unit = NULL, opening = NULL WHERE position = ?1")?;
            for position in positions {
                clear.execute([as_row_id(position)])?;
            }
            let mut done = transaction.prepare("DELETE FROM erasing WHERE unit = ?1")?;
            let mut revision = transaction.prepare("DELETE FROM revision WHERE record = ?1")?;
            for unit in units {
                done.execute([&unit[..]])?;
                // Of an organisation's unit no record has the id.
                revision.execute([&id_in(unit)[..]])?;
            }
        }
        transaction.commit()?;
        // What the journal may still hold is sealed under keys that are gone: the next writer's
        // turn.
        truncate_wal(&self.connection)?;
        Ok(())
    }

    fn checkpoints(&self) -> Result<Vec<(u64, String)>, LedgerError> {
        let mut statement =
            self.connection.prepare("SELECT size, note FROM checkpoint ORDER BY size")?;
        let rows = statement.query_map([], |row| {
            let size: i64 = row.get(0)?;
            Ok((size.unsigned_abs(), row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn write(transaction: &Transaction<'_>, append: &Append) -> Result<AppendOutcome, LedgerError> {
    let edge: Vec<u8> = append.head.edge.iter().flat_map(|hash: &Hash| hash.to_vec()).collect();
    let fenced = transaction
        .prepare_cached(
            "UPDATE head SET size = ?1, at = ?2, edge = ?3
             WHERE one = 1 AND epoch = ?4 AND size = ?5",
        )?
        .execute(params![
            as_row_id(append.head.size),
            append.head.at.micros(),
            edge,
            as_row_id(append.epoch),
            as_row_id(append.before)
        ])?
        == 0;
    if fenced {
        return Ok(AppendOutcome::Fenced);
    }
    for revision in &append.revisions {
        let standing = revision_in(transaction, revision.record)?;
        if standing != revision.expected {
            return Ok(AppendOutcome::Conflict {
                record: revision.record,
                standing,
                expected: revision.expected,
            });
        }
        transaction
            .prepare_cached(
                "INSERT INTO revision(record, revision) VALUES (?1, ?2)
                 ON CONFLICT (record) DO UPDATE SET revision = excluded.revision",
            )?
            .execute(params![&revision.record.bytes()[..], revision.becomes])?;
    }
    let mut insert = transaction.prepare_cached(
        "INSERT INTO leaf(position, entry, unit, opening) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (position, leaf) in (append.before..).zip(&append.leaves) {
        let sealed = leaf.sealed.as_ref();
        insert.execute(params![
            as_row_id(position),
            leaf.entry,
            sealed.map(|sealed| &sealed.unit[..]),
            sealed.map(|sealed| &sealed.bytes[..])
        ])?;
    }
    for unit in &append.erasing {
        transaction
            .prepare_cached("INSERT OR IGNORE INTO erasing(unit) VALUES (?1)")?
            .execute([&unit[..]])?;
    }
    transaction
        .prepare_cached("INSERT INTO checkpoint(size, note) VALUES (?1, ?2)")?
        .execute(params![as_row_id(append.head.size), append.checkpoint])?;
    Ok(AppendOutcome::Committed)
}

fn revision_in(connection: &Connection, record: RecordId) -> Result<u32, LedgerError> {
    let standing = connection
        .prepare_cached("SELECT revision FROM revision WHERE record = ?1")?
        .query_row([&record.bytes()[..]], |row| row.get(0))
        .optional()?;
    Ok(standing.unwrap_or(0))
}

fn read_leaf(row: &rusqlite::Row<'_>) -> rusqlite::Result<StoredLeaf> {
    let unit: Option<[u8; 17]> = row.get(1)?;
    let bytes: Option<Vec<u8>> = row.get(2)?;
    let sealed = unit.zip(bytes).map(|(unit, bytes)| SealedOpening { unit, bytes });
    Ok(StoredLeaf { entry: row.get(0)?, sealed })
}

/// Empties the write-ahead log, which may hold older pages. `false` where readers at work kept it
/// from being emptied.
pub(crate) fn truncate_wal(connection: &Connection) -> Result<bool, LedgerError> {
    let is_busy: bool =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(!is_busy)
}

fn migrate(path: &Path, connection: &mut Connection) -> Result<(), LedgerError> {
    let applied: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if applied as usize > MIGRATIONS.len() {
        return Err(newer(path, applied));
    }
    for (number, migration) in (1_u32..).zip(MIGRATIONS).skip(applied as usize) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(())
}

fn newer(path: &Path, found: u32) -> LedgerError {
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    LedgerError::Newer { path: path.to_owned(), found, known }
}

/// Positions and sizes are far below 2^63: a log that grew by a million a second would need 290,000
/// years.
fn as_row_id(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_whose_commit_fails_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(&folder.path().join("truth.db")).unwrap();
        let before = store.take_lease().unwrap();
        // A constraint that is looked at when the transaction ends, after the row was handed out.
        let spoil = "CREATE TABLE parent(number INTEGER PRIMARY KEY);
            CREATE TABLE child(number INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
            CREATE TRIGGER spoil AFTER UPDATE ON head BEGIN INSERT INTO child VALUES (1); END;";
        store.connection.execute_batch(spoil).unwrap();
        assert!(store.take_lease().is_err());
        store.connection.execute_batch("DROP TRIGGER spoil").unwrap();
        assert_eq!(store.take_lease().unwrap(), before + 1);
    }
}
