//! The storage port: data in, data out, no closure crosses it (design 4). SQLite is the default,
//! memory serves tests; PostgreSQL joins by passing the suite in
//! `conformance.rs`, which is compiled for tests only.

#[cfg(test)]
mod conformance;
pub mod memory;
pub mod sqlite;

use std::path::Path;

use domain::civil::Instant;
use domain::ids::RecordId;
use rusqlite::{Connection, OpenFlags};

use crate::error::LedgerError;
use crate::merkle::Hash;

/// One entry with what is sealed beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLeaf {
    /// The bytes of the entry.
    pub entry: Vec<u8>,
    /// Events only.
    pub sealed: Option<SealedOpening>,
}

/// A sealed opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedOpening {
    /// Which key opens it.
    pub unit: [u8; 17],
    /// Nonce and ciphertext.
    pub bytes: Vec<u8>,
}

/// Where the log stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Number of entries.
    pub size: u64,
    /// Time of the last commit; never goes back.
    pub at: Instant,
    /// Hashes of the right edge, largest subtree first: enough to go on.
    pub edge: Vec<Hash>,
}

/// What one commit writes, all of it or nothing.
#[derive(Debug, Clone)]
pub struct Append {
    /// The writer's epoch: a writer that was superseded is turned away.
    pub epoch: u64,
    /// Entries, from position `before` on.
    pub leaves: Vec<StoredLeaf>,
    /// Size the caller saw.
    pub before: u64,
    /// The head after it.
    pub head: Head,
    /// The signed checkpoint over it.
    pub checkpoint: String,
    /// Compare and swap: the revision each record must stand at, and the one it gets.
    pub revisions: Vec<Revision>,
    /// Units whose content this commit says is destroyed: noted as work to do until
    /// [`TruthStore::forget`] has done it.
    pub erasing: Vec<[u8; 17]>,
}

/// A compare-and-swap on one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision {
    /// The record.
    pub record: RecordId,
    /// Revision that must stand; 0 for a record that does not exist.
    pub expected: u32,
    /// Revision it gets.
    pub becomes: u32,
}

/// How an append ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppendOutcome {
    /// Durable.
    Committed,
    /// A record stands at another revision; nothing was written.
    Conflict {
        /// The first record at fault.
        record: RecordId,
        /// What stood.
        standing: u32,
        /// What was expected.
        expected: u32,
    },
    /// The epoch or the size is not the caller's any more; nothing was written.
    Fenced,
}

/// The store of truth. Every method is durable or a snapshot when it returns.
pub trait TruthStore: Send {
    /// Takes the lease of the one writer: raises the epoch and returns it.
    fn take_lease(&mut self) -> Result<u64, LedgerError>;
    /// The head.
    fn head(&self) -> Result<Head, LedgerError>;
    /// Commits, or says why not. Durable when it returns [`AppendOutcome::Committed`].
    fn append(&mut self, append: &Append) -> Result<AppendOutcome, LedgerError>;
    /// Entries of `from..to`, in order, as far as there are.
    fn leaves(&self, from: u64, to: u64) -> Result<Vec<StoredLeaf>, LedgerError>;
    /// The revision a record stands at; 0 when there is none.
    fn revision(&self, record: RecordId) -> Result<u32, LedgerError>;
    /// The signed checkpoint over exactly `size` entries, if one was ever signed.
    fn checkpoint(&self, size: u64) -> Result<Option<String>, LedgerError>;
    /// Positions of the sealed openings of `units`, ascending. Looks at every entry.
    fn positions(&self, units: &[[u8; 17]]) -> Result<Vec<u64>, LedgerError>;
    /// Units that were said to be destroyed and are not yet.
    fn erasing(&self) -> Result<Vec<[u8; 17]>, LedgerError>;
    /// Destroys the sealed openings of `units` and the note that it was to be done; no byte of them
    /// is left in any file of the store when it returns.
    fn forget(&mut self, units: &[[u8; 17]]) -> Result<(), LedgerError>;
    /// Every signed checkpoint, by size.
    fn checkpoints(&self) -> Result<Vec<(u64, String)>, LedgerError>;
}

/// Opens a SQLite file for reading only.
pub(crate) fn open_read_only(path: &Path) -> Result<Connection, LedgerError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.execute_batch(
        "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA busy_timeout = 10000;
         PRAGMA mmap_size = 268435456;",
    )?;
    Ok(connection)
}
