//! Copies of the truth and of the keys, taken while the registry is at work.
//!
//! What is copied is one committed state: a prefix of the log. Keys are copied after it and are
//! kept before what they seal is committed, so every opening in the copy has its key, unless it was
//! destroyed in between, which a restore notices.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use crate::error::LedgerError;
use crate::files::{Layout, write_one, write_private};
use crate::merkle::Frontier;
use crate::sequencer::damaged;
use crate::static_log::StaticLog;
use crate::store::TruthStore as _;
use crate::store::sqlite::SqliteStore;
use crate::vault::{Access, Vault};

/// Pages copied between two looks at who else wants the database.
const PAGES_AT_ONCE: i32 = 2_048;

/// Entries read at a time while tiles are written.
const ENTRIES_AT_ONCE: u64 = 65_536;

/// What a copy of the truth holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Name of the log.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// Root of the tree over them.
    pub root: [u8; 32],
}

/// Copies `truth.db`, the checkpoint over it and the verification key of `directory` into `out`,
/// which exists. `progress` hears of pages done and pages in all.
pub fn truth(
    directory: &Path,
    out: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Copied, LedgerError> {
    let from = Layout::new(directory);
    if !from.truth().exists() {
        return Err(LedgerError::NoRegistry(directory.to_owned()));
    }
    let to = Layout::new(out);
    copy_database(&from.truth(), &to.truth(), progress)?;
    let store = SqliteStore::open_read_only(&to.truth())?;
    let head = store.head()?;
    let note = store
        .checkpoint(head.size)?
        .ok_or_else(|| damaged(&from.truth(), "the last checkpoint is missing"))?;
    drop(store);
    let edge = Frontier::from_parts(head.size, head.edge)
        .ok_or_else(|| damaged(&from.truth(), "the edge of the tree does not fit its size"))?;
    write_one(&out.join("checkpoint"), note.as_bytes())?;
    let vkey = fs::read(from.vkey()).map_err(LedgerError::io(&from.vkey()))?;
    write_one(&out.join("vkey"), &vkey)?;
    let origin = note.lines().next().unwrap_or_default().to_owned();
    Ok(Copied { origin, size: head.size, root: edge.root() })
}

/// Writes the static log over everything committed so far, made from the entries themselves, into
/// `out`/log, which is new: checkpoint, key, tiles and entry bundles. Gives the number of entries.
pub fn static_log(
    directory: &Path,
    out: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<u64, LedgerError> {
    let from = Layout::new(directory);
    let to = Layout::new(out);
    let store = SqliteStore::open_read_only(&from.truth())?;
    let head = store.head()?;
    let note = store
        .checkpoint(head.size)?
        .ok_or_else(|| damaged(&from.truth(), "the last checkpoint is missing"))?;
    fs::create_dir_all(to.log()).map_err(LedgerError::io(&to.log()))?;
    let mut log = StaticLog::empty(&to);
    while log.size() < head.size {
        let until = (log.size() + ENTRIES_AT_ONCE).min(head.size);
        let leaves = store.leaves(log.size(), until)?;
        let entries: Vec<_> = leaves.into_iter().map(|leaf| leaf.entry).collect();
        if entries.is_empty() {
            return Err(damaged(&from.truth(), "entries are missing before the end of the log"));
        }
        log.extend(&entries)?;
        progress(log.size(), head.size);
    }
    let vkey = fs::read(from.vkey()).map_err(LedgerError::io(&from.vkey()))?;
    write_one(&to.vkey(), &vkey)?;
    log.publish(&note)?;
    Ok(head.size)
}

/// Copies the vault and the signing key of `directory` into `out`, which exists. Taken after the
/// truth.
pub fn keys(
    directory: &Path,
    out: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), LedgerError> {
    let from = Layout::new(directory);
    let to = Layout::new(out);
    crate::files::close_to_others(out)?;
    // A vault that this program cannot read is not copied as if it could.
    Vault::open(&from.vault(), "", Access::Read)?;
    // First, so that half a copy of a vault says whose it is.
    let key = fs::read(from.log_key()).map_err(LedgerError::io(&from.log_key()))?;
    write_private(&out.join("log.key"), &key)?;
    copy_database(&from.vault(), &to.vault(), progress)
}

fn copy_database(
    from: &Path,
    to: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), LedgerError> {
    let source = crate::store::open_read_only(from)?;
    let mut target = Connection::open(to)?;
    // One state is held while it is copied. Without this every commit of somebody else sends the
    // copy back to its first page, and beside a writer it never ends.
    source.execute_batch("BEGIN")?;
    source.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    {
        let backup = Backup::new(&source, &mut target)?;
        loop {
            let step = backup.step(PAGES_AT_ONCE)?;
            let done = backup.progress();
            let count = |pages: i32| u64::try_from(pages).unwrap_or(0);
            progress(count(done.pagecount - done.remaining), count(done.pagecount));
            match step {
                rusqlite::backup::StepResult::Done => break,
                rusqlite::backup::StepResult::More => {}
                // Somebody holds a lock for a moment.
                _ => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }
    source.execute_batch("COMMIT")?;
    // One file, without a log beside it: it is copied and hashed as it is.
    target.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    drop(target);
    fs::File::open(to).and_then(|file| file.sync_all()).map_err(LedgerError::io(to))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// A database of more than 16 MiB, as the registry's are: with a log of what is written.
    fn large(path: &Path) -> Connection {
        let connection = Connection::open(path).unwrap();
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA busy_timeout = 10000;
                 CREATE TABLE entry(content BLOB);
                 WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number LIMIT 6000)
                 INSERT INTO entry SELECT randomblob(4000) FROM number;",
            )
            .unwrap();
        connection
    }

    fn entries(path: &Path) -> i64 {
        let connection = Connection::open(path).unwrap();
        let check: String =
            connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok");
        connection.query_row("SELECT count(*) FROM entry", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_copy_ends_although_somebody_commits_between_all_its_steps() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from.db"), folder.path().join("to.db"));
        let writer = large(&from);
        assert!(fs::metadata(&from).unwrap().len() > 16 << 20);
        let mut steps = 0;
        copy_database(&from, &to, &mut |_, pages| {
            steps += 1;
            let bound = i64::try_from(pages).unwrap() / i64::from(PAGES_AT_ONCE) + 2;
            assert!(steps <= bound, "{steps} steps for {pages} pages");
            writer.execute("INSERT INTO entry VALUES (randomblob(4000))", []).unwrap();
        })
        .unwrap();
        assert!(steps > 2, "it was copied at once: nothing was shown");
        assert_eq!(entries(&to), 6000, "what was committed meanwhile is not in the copy");
        assert_eq!(entries(&from), 6000 + steps);
    }

    #[test]
    fn a_copy_ends_beside_a_thread_that_never_rests() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from.db"), folder.path().join("to.db"));
        let writer = large(&from);
        let is_over = &AtomicBool::new(false);
        let mut steps = 0;
        std::thread::scope(|scope| {
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    writer.execute("INSERT INTO entry VALUES (zeroblob(100))", []).unwrap();
                }
            });
            let copied = copy_database(&from, &to, &mut |_, pages| {
                steps += 1;
                // Ends the thread before the test fails.
                if steps > pages / PAGES_AT_ONCE as u64 + 20 {
                    is_over.store(true, Ordering::Relaxed);
                }
            });
            let was_over = is_over.swap(true, Ordering::Relaxed);
            copied.unwrap();
            assert!(!was_over, "{steps} steps");
        });
        assert!(entries(&to) >= 6000);
    }
}
