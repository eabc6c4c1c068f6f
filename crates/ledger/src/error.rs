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
    /// A newer release has been here.
    #[error(
        "`{path}` was written by a newer release (its schema is number {found}, this program knows {known}); \
         nothing was changed, use the release that wrote it or a later one"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Number of its schema.
        found: u32,
        /// The newest number known here.
        known: u32,
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

/// What of the machine is behind a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// No room is left.
    DiskFull,
    /// The disk, or the way to it, reports an error.
    DiskFault,
    /// The place may not be written, or not be read.
    NotAllowed,
    /// The process may not open more files.
    TooManyFiles,
    /// Another process holds the database.
    Busy,
    /// A database cannot be opened, and SQLite does not say why.
    CannotOpen,
    /// A file is not there.
    Missing,
    /// A file does not hold what it should.
    Damaged,
}

impl Cause {
    /// The cause of `error`, looked for along its sources; `None` where it is none of the
    /// machine's.
    pub fn of(error: &(dyn std::error::Error + 'static)) -> Option<Cause> {
        sources(error).find_map(|inner| {
            if let Some(io) = inner.downcast_ref::<std::io::Error>() {
                return Cause::of_io(io);
            }
            if let Some(database) = inner.downcast_ref::<rusqlite::Error>() {
                return Some(Cause::of_database(database));
            }
            match inner.downcast_ref::<LedgerError>() {
                Some(LedgerError::Damaged { .. }) => Some(Cause::Damaged),
                _ => None,
            }
        })
    }

    fn of_io(error: &std::io::Error) -> Option<Cause> {
        use std::io::ErrorKind;
        // The system's own numbers, for which the library has no kind.
        const INPUT_OUTPUT: i32 = 5;
        const FILES_OF_SYSTEM: i32 = 23;
        const FILES_OF_PROCESS: i32 = 24;
        match (error.kind(), error.raw_os_error()) {
            (ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge, _) => {
                Some(Cause::DiskFull)
            }
            (ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem, _) => {
                Some(Cause::NotAllowed)
            }
            (ErrorKind::NotFound, _) => Some(Cause::Missing),
            (_, Some(INPUT_OUTPUT)) => Some(Cause::DiskFault),
            (_, Some(FILES_OF_PROCESS | FILES_OF_SYSTEM)) => Some(Cause::TooManyFiles),
            _ => None,
        }
    }

    fn of_database(error: &rusqlite::Error) -> Cause {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            _ if is_of_shared_memory(error) => Cause::CannotOpen,
            Some(ErrorCode::DiskFull) => Cause::DiskFull,
            Some(ErrorCode::SystemIoFailure) => Cause::DiskFault,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Cause::NotAllowed,
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::FileLockingProtocolFailed,
            ) => Cause::Busy,
            Some(ErrorCode::CannotOpen) => Cause::CannotOpen,
            // Our statements fit our schema, so what they stumble over is in the file.
            _ => Cause::Damaged,
        }
    }
}

impl LedgerError {
    /// For `map_err` on file operations.
    pub(crate) fn io(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> LedgerError + '_ {
        move |source| LedgerError::Io { path: path.to_owned(), source }
    }
}

/// Whether SQLite could not make the small file it shares between processes. It says so when the
/// disk is full, too, so nothing is told about the disk.
fn is_of_shared_memory(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{SQLITE_IOERR_SHMMAP, SQLITE_IOERR_SHMOPEN, SQLITE_IOERR_SHMSIZE};
    let of_it = [SQLITE_IOERR_SHMMAP, SQLITE_IOERR_SHMOPEN, SQLITE_IOERR_SHMSIZE];
    sqlite_number(error).is_some_and(|number| of_it.contains(&number))
}

/// An error and what it comes from, outermost first.
fn sources<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |inner| inner.source())
}

/// The extended result code of SQLite, if one of its failures is behind `error`.
pub fn sqlite_number(error: &(dyn std::error::Error + 'static)) -> Option<i32> {
    sources(error).find_map(|inner| match inner.downcast_ref::<rusqlite::Error>() {
        Some(rusqlite::Error::SqliteFailure(failure, _)) => Some(failure.extended_code),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_number(number: i32) -> Option<Cause> {
        let failure = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(number), None);
        Cause::of(&LedgerError::Database(failure))
    }

    #[test]
    fn a_cause_is_found_behind_what_sqlite_and_the_system_say() {
        use rusqlite::ffi;
        for (number, cause) in [
            (ffi::SQLITE_FULL, Cause::DiskFull),
            (ffi::SQLITE_IOERR_FSYNC, Cause::DiskFault),
            (ffi::SQLITE_IOERR_SHMSIZE, Cause::CannotOpen),
            (ffi::SQLITE_READONLY_DIRECTORY, Cause::NotAllowed),
            (ffi::SQLITE_BUSY_SNAPSHOT, Cause::Busy),
            (ffi::SQLITE_CORRUPT, Cause::Damaged),
            (ffi::SQLITE_NOTADB, Cause::Damaged),
        ] {
            assert_eq!(of_number(number), Some(cause), "{number}");
        }
        let path = std::path::Path::new("truth.db");
        for (number, cause) in [
            (2, Some(Cause::Missing)),
            (5, Some(Cause::DiskFault)),
            (13, Some(Cause::NotAllowed)),
            (24, Some(Cause::TooManyFiles)),
            (28, Some(Cause::DiskFull)),
            (30, Some(Cause::NotAllowed)),
            // A broken pipe is a reader that went away, and no state of the machine.
            (32, None),
        ] {
            let error = LedgerError::io(path)(std::io::Error::from_raw_os_error(number));
            assert_eq!(Cause::of(&error), cause, "{number}");
        }
        assert_eq!(Cause::of(&LedgerError::Fenced), None);
    }
}
