//! Making the read tables anew, and writing them out canonically.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use ledger::LedgerReader;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest as _, Sha256};

use crate::base::Base;
use crate::{ProjectionError, ReadTables, schema};

/// Makes `path` anew from the log: a new file, complete, under the old name at the end. A crash
/// leaves the old file and a `.new` one that the next rebuild replaces.
///
/// # Errors
/// [`ProjectionError::InUse`] when another process has the old file open: a file that is replaced
/// under an open handle would share its write-ahead log with the new one.
pub fn rebuild(
    path: &Path,
    reader: &LedgerReader,
    progress: &mut dyn FnMut(u64),
) -> Result<(), ProjectionError> {
    let new = with_suffix(path, ".new");
    build_until(&new, reader, reader.size()?, progress)?;
    fs::File::open(&new).and_then(|file| file.sync_all()).map_err(io(&new))?;
    release(path)?;
    fs::rename(&new, path).map_err(io(path))?;
    if let Some(folder) = path.parent() {
        // The name is durable once its folder is; where folders cannot be synchronised, nothing is
        // lost but time, for these tables can always be made anew.
        let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(())
}

/// Takes the old file out of use: its write-ahead log is folded in and removed, which SQLite only
/// does when nobody else has the file open. A file that is no database is simply replaced.
fn release(path: &Path) -> Result<(), ProjectionError> {
    if !path.exists() {
        return remove_database(path);
    }
    let released = Connection::open(path).and_then(|connection| {
        connection.busy_timeout(std::time::Duration::from_secs(2))?;
        connection.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0))
    });
    match released {
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => {
            Err(ProjectionError::InUse(path.to_owned()))
        }
        Ok(mode) if mode != "delete" => Err(ProjectionError::InUse(path.to_owned())),
        _ => remove_database(path),
    }
}

fn remove_database(path: &Path) -> Result<(), ProjectionError> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let path = with_suffix(path, suffix);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(io(&path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> ProjectionError + '_ {
    move |source| ProjectionError::Io { path: path.to_owned(), source }
}

/// Every row of every table in the order of its keys, as text: equal for equal logs and equal
/// positions, whatever the steps in which the log was followed.
pub fn dump(path: &Path) -> Result<String, ProjectionError> {
    let snapshot = Snapshot::open(path)?;
    let mut text = format!("version {}\n", schema::version(&snapshot.connection)?);
    for (table, order) in schema::TABLES {
        snapshot.each_row(table, order, &mut |row| text.push_str(row))?;
    }
    Ok(text)
}

/// One table of a dump in brief.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDigest {
    /// The table.
    pub table: &'static str,
    /// Its rows.
    pub rows: u64,
    /// SHA-256 over its part of [`dump`].
    pub sha256: [u8; 32],
}

/// What [`dump`] says in constant memory, all of it at one position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// Entries at positions below this one are in the tables.
    pub cursor: u64,
    /// Each table.
    pub tables: Vec<TableDigest>,
}

/// The digest of the read tables at `path`, whatever is written to them meanwhile. `progress` hears
/// of rows done.
///
/// # Errors
/// [`ProjectionError::Outdated`] when the file was made by another version or for another registry.
pub fn digest(
    path: &Path,
    mac_key: [u8; 32],
    progress: &mut dyn FnMut(u64),
) -> Result<Digest, ProjectionError> {
    let unfit = |error: ProjectionError| error.on_opening(path);
    let snapshot = Snapshot::open(path)?;
    if schema::version(&snapshot.connection).map_err(unfit)? != schema::VERSION {
        return Err(ProjectionError::Outdated(path.to_owned()));
    }
    let mut tables = Vec::new();
    let mut done = 0;
    for (table, order) in schema::TABLES {
        let mut hasher = Sha256::new();
        let mut rows = 0;
        snapshot.each_row(table, order, &mut |row| {
            hasher.update(row);
            rows += 1;
            progress(done + rows);
        })?;
        done += rows;
        tables.push(TableDigest { table, rows, sha256: hasher.finalize().into() });
    }
    // The same transaction still: the position belongs to the rows above.
    let cursor = Base::new(snapshot.into_connection(), mac_key).cursor().map_err(unfit)?;
    Ok(Digest { cursor, tables })
}

/// Makes read tables at `path`, which must not be in use, as they were at `position`.
pub fn build_until(
    path: &Path,
    reader: &LedgerReader,
    position: u64,
    progress: &mut dyn FnMut(u64),
) -> Result<(), ProjectionError> {
    remove_database(path)?;
    let mut tables = ReadTables::open(path, reader.mac_key()?)?;
    // Nothing but this process sees the file, so a crash costs the file and nothing else.
    tables.base.connection.execute_batch("PRAGMA synchronous = OFF")?;
    tables.follow(reader, position, progress)?;
    tables.base.connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

/// What SQLite itself finds wrong with the file at `path`: damaged pages, indexes that miss rows.
/// Empty when it is whole.
pub fn faults(path: &Path) -> Result<Vec<String>, ProjectionError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
    let found = statement.query_map([], |row| row.get::<_, String>(0))?;
    let found: Vec<String> = found.collect::<Result<_, _>>()?;
    Ok(found.into_iter().filter(|line| line != "ok").collect())
}

/// A file read in one transaction.
struct Snapshot {
    connection: Connection,
}

impl Snapshot {
    fn open(path: &Path) -> Result<Snapshot, ProjectionError> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.execute_batch("BEGIN")?;
        Ok(Snapshot { connection })
    }

    fn into_connection(self) -> Connection {
        self.connection
    }

    fn each_row(
        &self,
        table: &str,
        order: &str,
        each: &mut dyn FnMut(&str),
    ) -> Result<(), ProjectionError> {
        let mut statement =
            self.connection.prepare(&format!("SELECT * FROM {table} ORDER BY {order}"))?;
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([])?;
        let mut text = String::new();
        while let Some(row) = rows.next()? {
            text.clear();
            text.push_str(table);
            for (at, column) in columns.iter().enumerate() {
                text.push(' ');
                text.push_str(column);
                text.push('=');
                write_value(&mut text, row.get_ref(at)?);
            }
            text.push('\n');
            each(&text);
        }
        Ok(())
    }
}

fn write_value(text: &mut String, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => text.push('-'),
        ValueRef::Integer(number) => {
            // Writing to a string cannot fail.
            let _ = write!(text, "{number}");
        }
        ValueRef::Real(number) => {
            let _ = write!(text, "{number:?}");
        }
        ValueRef::Text(bytes) => {
            let _ = write!(text, "{:?}", String::from_utf8_lossy(bytes));
        }
        ValueRef::Blob(bytes) => bytes.iter().for_each(|byte| {
            let _ = write!(text, "{byte:02x}");
        }),
    }
}
