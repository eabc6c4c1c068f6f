//! What can go wrong here. All of it means "we failed": the law never says no in this crate.

use std::path::PathBuf;

use domain::ids::RecordId;

/// A failure of the ledger.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The directory holds no registry.
    #[error("`{0}` holds no registry; create one with `goodstanding init`")]
    NoRegistry(PathBuf),
    /// The directory holds one already.
    #[error("`{0}` holds a registry already; nothing was changed")]
    Exists(PathBuf),
    /// Another process writes to it.
    #[error("another process is writing to `{0}`; wait until it is done")]
    Locked(PathBuf),
    /// The database lags behind what was signed: going on would fork the log.
    #[error(
        "the database holds {size} entries but a checkpoint over {signed} was signed; it is older than the log, \
         restore the newest backup before anything is appended"
    )]
    OlderThanSigned {
        /// Entries in the database.
        size: u64,
        /// Entries of the last signed checkpoint.
        signed: u64,
    },
    /// The database and a signed checkpoint disagree about the same entries.
    #[error(
        "the database does not match the signed checkpoint over {0} entries; restore the newest backup"
    )]
    Diverged(u64),
    /// The outside copy of the checkpoint is gone.
    #[error("`{0}` is missing; put it back from a backup, without it nothing may be signed")]
    CheckpointMissing(PathBuf),
    /// Someone else changed the record in between: read again, decide again.
    #[error("the record {record} stands at revision {standing}, not {expected}; read it again")]
    Conflict {
        /// The record.
        record: RecordId,
        /// Revision expected by the caller.
        expected: u32,
        /// Revision that stands.
        standing: u32,
    },
    /// Another writer took over.
    #[error("another writer took over this registry; start again")]
    Fenced,
    /// An earlier failure left the writer in an unknown state.
    #[error("an earlier write failed half-way; open the registry again to recover")]
    Poisoned,
    /// A file of ours cannot be read as what it is.
    #[error("`{path}` is damaged: {what}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The event cannot be put on the wire.
    #[error("the event cannot be written: {0}")]
    Wire(#[from] crate::wire::WireError),
    /// The file system failed.
    #[error("`{path}`: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] rusqlite::Error),
}

impl LedgerError {
    /// For `map_err` on file operations.
    pub(crate) fn io(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> LedgerError + '_ {
        move |source| LedgerError::Io { path: path.to_owned(), source }
    }
}
