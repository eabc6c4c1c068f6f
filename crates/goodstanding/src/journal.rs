//! The journal of consults (T53, I-56): in which month how often public authorities asked what
//! follows from an organisation's file, by the function they asked in. For the organisation to
//! read.
//!
//! It is no truth and not derived from it: a question is nothing that happened to an organisation,
//! and an entry of the log would hold its instant. So it is a file of its own that can only count.
//!
//! **Invariant:** there is no column for who asked, for what, about which record, on which day or
//! with which answer; nor is there an answer that names organisations by how often they are asked
//! about.
//!
//! **Invariant:** only a month that is over is told, so that nobody can watch a count grow.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::civil::Instant;
use domain::ids::OrganisationId;
use domain::performance::Month;
use policy::measure::AddresseeRole;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};

/// The file in a registry's directory.
pub const FILE: &str = "consults.db";

// Not law: how long a count is kept for its organisation to read.
const MONTHS_KEPT: usize = 12;

/// How long another process that counts is waited for.
const BUSY: Duration = Duration::from_secs(10);

const TABLE: &str = "
CREATE TABLE IF NOT EXISTS consults(
    organisation BLOB NOT NULL, month TEXT NOT NULL, class TEXT NOT NULL, times INTEGER NOT NULL,
    PRIMARY KEY (organisation, month, class)) STRICT, WITHOUT ROWID;
";

/// Why the journal could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("`{path}`: {source}")]
pub struct JournalError {
    path: PathBuf,
    #[source]
    source: rusqlite::Error,
}

/// How often authorities asked in one function in one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Which month, by the calendar of UTC.
    pub month: Month,
    /// In which function they asked.
    pub class: AddresseeRole,
    /// How many answers they were given.
    pub times: u64,
}

/// The first month that is still kept at `now`.
fn first_kept(now: Instant) -> Month {
    (0..MONTHS_KEPT).fold(Month::of(now), |month, _| month.previous())
}

fn at(directory: &Path) -> impl Fn(rusqlite::Error) -> JournalError {
    let path = directory.join(FILE);
    move |source| JournalError { path: path.clone(), source }
}

fn open(directory: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open(directory.join(FILE))?;
    connection.busy_timeout(BUSY)?;
    // What was counted up or forgotten is not left in free pages or in a journal of the file.
    connection.execute_batch("PRAGMA secure_delete = ON; PRAGMA journal_mode = DELETE;")?;
    connection.execute_batch(TABLE)?;
    Ok(connection)
}

/// For reading; `None` while nobody ever asked.
fn open_to_read(directory: &Path) -> Result<Option<Connection>, rusqlite::Error> {
    let path = directory.join(FILE);
    if !path.exists() {
        return Ok(None);
    }
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(BUSY)?;
    // The file may be there before its table.
    let sql = "SELECT 1 FROM sqlite_schema WHERE name = 'consults'";
    let is_made = connection.query_row(sql, [], |_| Ok(())).optional()?.is_some();
    Ok(is_made.then_some(connection))
}

/// Counts one answer about `organisation` to an authority that asked as `class`. Given before the
/// answer is: none is given that was not counted.
///
/// # Errors
/// When the file cannot be written.
pub fn count(
    directory: &Path,
    organisation: OrganisationId,
    class: AddresseeRole,
    now: Instant,
) -> Result<Month, JournalError> {
    let month = Month::of(now);
    let counted = || {
        let connection = open(directory)?;
        connection.execute(
            "INSERT INTO consults(organisation, month, class, times) VALUES (?1, ?2, ?3, 1)
             ON CONFLICT (organisation, month, class) DO UPDATE SET times = times + 1",
            params![organisation.bytes(), month.to_string(), class.key()],
        )
    };
    counted().map_err(at(directory))?;
    Ok(month)
}

/// What is told about an organisation at `now`: months that are over, newest first. `ids` are its
/// own and those of what is one with it.
///
/// # Errors
/// When the file cannot be read.
pub fn told(
    directory: &Path,
    ids: &[OrganisationId],
    now: Instant,
) -> Result<Vec<Told>, JournalError> {
    let read = || {
        let Some(connection) = open_to_read(directory)? else { return Ok(Vec::new()) };
        let mut cells: BTreeMap<(Month, &'static str), Told> = BTreeMap::new();
        for id in ids {
            for told in of_one(&connection, *id, now)? {
                let cell = cells.entry((told.month, told.class.key()));
                cell.and_modify(|cell| cell.times += told.times).or_insert(told);
            }
        }
        let mut told: Vec<Told> = cells.into_values().collect();
        told.sort_by_key(|told| std::cmp::Reverse(told.month));
        Ok(told)
    };
    read().map_err(at(directory))
}

fn of_one(
    connection: &Connection,
    id: OrganisationId,
    now: Instant,
) -> Result<Vec<Told>, rusqlite::Error> {
    let mut statement = connection.prepare(
        "SELECT month, class, times FROM consults
         WHERE organisation = ?1 AND month >= ?2 AND month < ?3",
    )?;
    let (first, running) = (first_kept(now).to_string(), Month::of(now).to_string());
    let rows = statement.query_map(params![id.bytes(), first, running], |row| {
        let (month, class): (String, String) = (row.get(0)?, row.get(1)?);
        Ok((month, class, row.get::<_, i64>(2)?))
    })?;
    let mut told = Vec::new();
    for row in rows {
        let (month, class, times) = row?;
        // A class of a later release is left out, not guessed.
        if let (Ok(month), Some(class)) = (month.parse(), AddresseeRole::from_key(&class)) {
            told.push(Told { month, class, times: u64::try_from(times).unwrap_or(0) });
        }
    }
    Ok(told)
}

/// Forgets months that are no longer kept, and every organisation that does not answer any more:
/// the journal outlives no file. How many counts went.
///
/// # Errors
/// When the file cannot be read or written, or `answers` fails.
pub fn keep_up<E: From<JournalError>>(
    directory: &Path,
    now: Instant,
    mut answers: impl FnMut(OrganisationId) -> Result<bool, E>,
) -> Result<usize, E> {
    let failed = |source| E::from(at(directory)(source));
    if open_to_read(directory).map_err(failed)?.is_none() {
        return Ok(0);
    }
    let connection = open(directory).map_err(failed)?;
    let mut forgotten = connection
        .execute("DELETE FROM consults WHERE month < ?1", [first_kept(now).to_string()])
        .map_err(failed)?;
    let known: Vec<[u8; 16]> = {
        let mut statement = connection
            .prepare("SELECT DISTINCT organisation FROM consults ORDER BY organisation")
            .map_err(failed)?;
        let rows = statement.query_map([], |row| row.get(0)).map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)?
    };
    for id in known {
        if !answers(OrganisationId::from_bytes(id))? {
            let sql = "DELETE FROM consults WHERE organisation = ?1";
            forgotten += connection.execute(sql, [id]).map_err(failed)?;
        }
    }
    Ok(forgotten)
}

/// Copies the journal into the folder `out` of a backup, as it is at one moment.
///
/// # Errors
/// When it cannot be read, or `out` written.
pub fn copy(directory: &Path, out: &Path) -> Result<(), JournalError> {
    let copied = || {
        let Some(connection) = open_to_read(directory)? else { return Ok(()) };
        let to = out.join(FILE).to_string_lossy().into_owned();
        connection.execute("VACUUM INTO ?1", [to]).map(drop)
    };
    copied().map_err(at(directory))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> OrganisationId {
        OrganisationId::mint(Instant::from_micros(1_700_000_000_000_000), [n; 10])
    }

    fn instant(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_is_told_when_it_is_over_and_forgotten_after_a_year() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path();
        let asked = instant("2026-11-30T23:59:59.999999Z");
        let class = AddresseeRole::LicensingAuthority;
        assert_eq!(told(directory, &[id(1)], asked).unwrap(), [], "nobody ever asked");
        for _ in 0..3 {
            count(directory, id(1), class, asked).unwrap();
        }
        count(directory, id(2), AddresseeRole::ProcuringEntity, asked).unwrap();
        assert_eq!(told(directory, &[id(1)], asked).unwrap(), [], "the month runs");
        let later = instant("2026-12-01T00:00:00Z");
        let month = "2026-11".parse().unwrap();
        assert_eq!(told(directory, &[id(1)], later).unwrap(), [Told { month, class, times: 3 }]);
        assert_eq!(told(directory, &[id(3)], later).unwrap(), []);
        // What is one is told together, each class for itself.
        let both = told(directory, &[id(1), id(2)], later).unwrap();
        assert_eq!(both.iter().map(|it| it.times).collect::<Vec<_>>(), [3, 1]);
        let last = instant("2027-11-30T23:59:59Z");
        assert_eq!(told(directory, &[id(1)], last).unwrap().len(), 1);
        let over = instant("2027-12-01T00:00:00Z");
        assert_eq!(told(directory, &[id(1)], over).unwrap(), [], "not told, though still there");
        let all = |_| Ok::<bool, JournalError>(true);
        assert_eq!(keep_up(directory, last, all).unwrap(), 0);
        assert_eq!(keep_up(directory, over, all).unwrap(), 2);
    }

    #[test]
    fn nothing_outlives_the_file_of_its_organisation() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path();
        let asked = instant("2026-11-05T12:00:00Z");
        let class = AddresseeRole::GrantingBody;
        for n in 1..=2 {
            count(directory, id(n), class, asked).unwrap();
        }
        let is_there = |asked| Ok::<bool, JournalError>(asked == id(2));
        assert_eq!(keep_up(directory, asked, is_there).unwrap(), 1);
        let bytes = std::fs::read(directory.join(FILE)).unwrap();
        let has = |id: OrganisationId| bytes.windows(16).any(|it| it == id.bytes());
        assert!(!has(id(1)) && has(id(2)), "its id is in no free page either");
        assert!(!bytes.windows(10).any(|it| it == b"2026-11-05"), "nor is any day");
    }

    #[test]
    fn a_copy_is_whole_and_there_is_none_of_nothing() {
        let (folder, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        copy(folder.path(), out.path()).unwrap();
        assert!(!out.path().join(FILE).exists());
        let asked = instant("2026-11-05T12:00:00Z");
        count(folder.path(), id(1), AddresseeRole::GrantingBody, asked).unwrap();
        copy(folder.path(), out.path()).unwrap();
        let later = instant("2026-12-05T12:00:00Z");
        assert_eq!(
            told(out.path(), &[id(1)], later).unwrap(),
            told(folder.path(), &[id(1)], later).unwrap()
        );
    }
}
