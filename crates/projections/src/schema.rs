//! The tables of `read.db`. Forward only: another version is made anew from the log.

use rusqlite::Connection;

use crate::ProjectionError;

/// Number of this layout.
pub(crate) const VERSION: i64 = 10;

/// Every table with the columns that order it, for the canonical dump. `remnant` is not among them:
/// it says whether bytes of rows that are gone may still be in this file, and nothing of the log.
pub(crate) const TABLES: [(&str, &str); 21] = [
    ("meta", "key"),
    ("term", "number"),
    ("organisation", "position"),
    ("record", "position"),
    ("proceeding", "position"),
    ("turn", "at, proceeding"),
    ("claim", "key, organisation"),
    ("entry", "authority, key, organisation"),
    ("moved", "item, organisation"),
    ("token", "token, organisation"),
    ("name", "key, organisation"),
    ("reading", "list"),
    ("zone", "number"),
    ("tally", "list, zone, end_at, own_read, current_days, hidden_days"),
    ("announced", "first"),
    ("identity", "position"),
    ("adopted", "position"),
    ("unknown", "position"),
    ("stated", "position"),
    ("withdrawing", "position"),
    ("feedback", "position"),
];

const TABLES_SQL: &str = "
CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL, mac BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE term(number INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, uses INTEGER NOT NULL,
    mac BLOB NOT NULL) STRICT;
CREATE TABLE organisation(
    position INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, single_owner INTEGER NOT NULL,
    events BLOB NOT NULL, claims TEXT NOT NULL, names TEXT NOT NULL, mac BLOB NOT NULL) STRICT;
CREATE TABLE record(
    position INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, organisation INTEGER NOT NULL, list INTEGER NOT NULL,
    current INTEGER NOT NULL, revision INTEGER NOT NULL, row_key BLOB NOT NULL, row_digest BLOB NOT NULL,
    start INTEGER, end_at INTEGER, zone INTEGER NOT NULL, read_on INTEGER NOT NULL, reread_on INTEGER,
    current_days INTEGER, hidden_days INTEGER, vanished INTEGER NOT NULL, mac BLOB NOT NULL) STRICT;
CREATE INDEX record_of_list ON record(list, id);
CREATE INDEX record_of_row ON record(list, row_key);
CREATE TABLE proceeding(
    position INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, organisation INTEGER NOT NULL,
    authority INTEGER NOT NULL, steps BLOB NOT NULL, schedule BLOB NOT NULL, erasable INTEGER,
    adverse INTEGER NOT NULL, subject INTEGER NOT NULL, occurred BLOB NOT NULL, successor BLOB,
    document BLOB, mac BLOB NOT NULL) STRICT;
CREATE INDEX proceeding_of_document ON proceeding(document) WHERE document IS NOT NULL;
CREATE INDEX proceeding_adverse ON proceeding(authority, id) WHERE adverse = 1;
CREATE INDEX proceeding_erasable ON proceeding(erasable) WHERE erasable IS NOT NULL;
CREATE INDEX proceeding_of_organisation ON proceeding(organisation);
CREATE INDEX proceeding_of_authority ON proceeding(authority);
CREATE INDEX proceeding_successor ON proceeding(successor) WHERE successor IS NOT NULL;
CREATE TABLE turn(
    at INTEGER NOT NULL, proceeding INTEGER NOT NULL, PRIMARY KEY (at, proceeding)) STRICT, WITHOUT ROWID;
CREATE INDEX turn_of_proceeding ON turn(proceeding);
CREATE TABLE claim(
    key TEXT NOT NULL, organisation INTEGER NOT NULL, mac BLOB NOT NULL,
    PRIMARY KEY (key, organisation)) STRICT, WITHOUT ROWID;
CREATE TABLE entry(
    authority INTEGER NOT NULL, key BLOB NOT NULL, organisation INTEGER NOT NULL, mac BLOB NOT NULL,
    PRIMARY KEY (authority, key, organisation)) STRICT, WITHOUT ROWID;
CREATE INDEX entry_of_organisation ON entry(organisation);
CREATE TABLE moved(
    item INTEGER NOT NULL, organisation INTEGER NOT NULL, mac BLOB NOT NULL,
    PRIMARY KEY (item, organisation)) STRICT, WITHOUT ROWID;
CREATE INDEX moved_from_organisation ON moved(organisation);
CREATE TABLE token(
    token TEXT NOT NULL, organisation INTEGER NOT NULL,
    PRIMARY KEY (token, organisation)) STRICT, WITHOUT ROWID;
CREATE TABLE name(
    key INTEGER NOT NULL, organisation INTEGER NOT NULL,
    PRIMARY KEY (key, organisation)) STRICT, WITHOUT ROWID;
CREATE TABLE reading(
    list INTEGER PRIMARY KEY, full_position INTEGER, full_read_on INTEGER, part_position INTEGER,
    part_read_on INTEGER, standing INTEGER NOT NULL, mac BLOB NOT NULL) STRICT;
CREATE TABLE zone(
    number INTEGER PRIMARY KEY, records INTEGER NOT NULL, mac BLOB NOT NULL) STRICT;
CREATE TABLE tally(
    list INTEGER NOT NULL, zone INTEGER NOT NULL, end_at INTEGER NOT NULL, own_read INTEGER NOT NULL,
    current_days INTEGER NOT NULL, hidden_days INTEGER NOT NULL, records INTEGER NOT NULL, mac BLOB NOT NULL,
    PRIMARY KEY (list, zone, end_at, own_read, current_days, hidden_days)) STRICT, WITHOUT ROWID;
CREATE TABLE announced(
    first INTEGER PRIMARY KEY, last INTEGER NOT NULL, state INTEGER NOT NULL, leaf INTEGER NOT NULL,
    mac BLOB NOT NULL) STRICT;
CREATE INDEX announced_erased ON announced(leaf) WHERE state = 3;
CREATE TABLE identity(position INTEGER PRIMARY KEY, mac BLOB NOT NULL) STRICT;
CREATE TABLE adopted(position INTEGER PRIMARY KEY, mac BLOB NOT NULL) STRICT;
CREATE TABLE unknown(
    position INTEGER PRIMARY KEY, kind TEXT NOT NULL, record BLOB, mac BLOB NOT NULL) STRICT;
CREATE TABLE stated(position INTEGER PRIMARY KEY, mac BLOB NOT NULL) STRICT;
CREATE TABLE withdrawing(position INTEGER PRIMARY KEY, mac BLOB NOT NULL) STRICT;
CREATE TABLE feedback(
    position INTEGER PRIMARY KEY, once BLOB NOT NULL UNIQUE, authority INTEGER NOT NULL,
    measure INTEGER NOT NULL, said INTEGER NOT NULL, at INTEGER NOT NULL, mac BLOB NOT NULL) STRICT;
CREATE TABLE remnant(number INTEGER PRIMARY KEY) STRICT;
";

/// How a handle that writes is set up. A crash of the machine may lose the last transactions, never
/// the order of what is there: the cursor goes back with them and the log is followed from it.
const WRITER_SQL: &str = "
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA secure_delete = ON;
PRAGMA cache_size = -262144;
PRAGMA temp_store = MEMORY;
PRAGMA foreign_keys = ON;
PRAGMA wal_autocheckpoint = 8000;
";

/// How a handle that only reads is set up.
const READER_SQL: &str = "
PRAGMA query_only = ON;
PRAGMA cache_size = -65536;
PRAGMA mmap_size = 268435456;
PRAGMA temp_store = MEMORY;
";

/// Statements kept prepared per handle.
const STATEMENTS: usize = 96;

pub(crate) fn configure_writer(connection: &Connection) -> Result<(), ProjectionError> {
    connection.busy_timeout(std::time::Duration::from_secs(20))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch(WRITER_SQL)?;
    Ok(())
}

pub(crate) fn configure_reader(connection: &Connection) -> Result<(), ProjectionError> {
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch(READER_SQL)?;
    Ok(())
}

pub(crate) fn create_tables(connection: &Connection) -> Result<(), ProjectionError> {
    connection.execute_batch(TABLES_SQL)?;
    connection.pragma_update(None, "user_version", VERSION)?;
    Ok(())
}

/// The layout of the file: zero when it is empty.
pub(crate) fn version(connection: &Connection) -> Result<i64, ProjectionError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}
