//! What can go wrong in the read tables. All of it means "we failed".

use std::path::PathBuf;

/// A failure of the read tables.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// The file was written by another version, or for another registry.
    #[error(
        "`{0}` does not fit this program or this registry; make it anew with `goodstanding rebuild`"
    )]
    Outdated(PathBuf),
    /// A row of the read tables, or the opening it leads to, is not what was written (refusal 506).
    #[error(
        "a row of `{0}` does not match its keyed hash or the log; make the tables anew with `goodstanding rebuild`"
    )]
    Broken(&'static str),
    /// The content behind an entry does not match the log, so nothing after it can be read either:
    /// what it changed (an end, a correction) is unknown.
    #[error(
        "the content behind log entry {0} does not match the log; restore `truth.db` from a backup"
    )]
    BrokenEntry(u64),
    /// Another process has the file open, so it cannot be replaced.
    #[error("`{0}` is in use by another process; stop it first")]
    InUse(PathBuf),
    /// The truth could not be read.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// The database failed.
    #[error("the read tables failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// The file system failed.
    #[error("`{path}`: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl ProjectionError {
    /// What it means that the file at `path` did not open: a machine that fails says nothing about
    /// the file, anything else says that it is not what this program would have written.
    pub(crate) fn on_opening(self, path: &std::path::Path) -> ProjectionError {
        match ledger::Cause::of(&self) {
            Some(ledger::Cause::Damaged) | None => ProjectionError::Outdated(path.to_owned()),
            Some(_) => self,
        }
    }

    /// Whether the stored content is damaged, as opposed to out of reach: the answer to the public
    /// is refusal 506.
    pub const fn is_broken(&self) -> bool {
        matches!(self, ProjectionError::Broken(_) | ProjectionError::BrokenEntry(_))
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn a_disk_that_fails_says_nothing_about_the_version_of_the_tables() {
        let opened = |number| {
            let failure = rusqlite::Error::SqliteFailure(ffi::Error::new(number), None);
            ProjectionError::from(failure).on_opening(std::path::Path::new("read.db"))
        };
        for number in [ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_FULL, ffi::SQLITE_BUSY] {
            assert!(matches!(opened(number), ProjectionError::Database(_)), "{number}");
        }
        for number in [ffi::SQLITE_NOTADB, ffi::SQLITE_CORRUPT] {
            assert!(matches!(opened(number), ProjectionError::Outdated(_)), "{number}");
        }
        let broken = ProjectionError::Broken("meta");
        let path = std::path::Path::new("read.db");
        assert!(matches!(broken.on_opening(path), ProjectionError::Outdated(_)));
    }
}
