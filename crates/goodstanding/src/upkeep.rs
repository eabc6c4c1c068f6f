//! What time brings about: openings that are due to be announced as open or withheld, months that
//! are over, about which the log states what authorities did and missed, and content whose time to
//! be kept is over.
//!
//! The public answer changes at the instant itself, with or without this; the batched entry
//! follows within 24 hours (design 3) at the end of an import, when serving starts and every hour
//! while it goes on. Content is destroyed when serving starts and while it goes on, and by
//! `erase --due`: nobody has to remember it.

use std::path::Path;

use domain::civil::Instant;
use domain::ids::OrganisationId;
use ledger::wire::Leaf;
use ledger::{Appended, Batch, Ledger, LedgerError, LedgerReader, SystemEntropy};
use projections::{Announcements, ProjectionError, ReadTables};

use crate::erasure::{self, ErasureError};
use crate::setup::{self, READ_TABLES};

/// Ranges named by one entry: 1,000 pairs of twenty-digit numbers stay below the 64 KiB of an
/// entry.
const RANGES_PER_LEAF: usize = 1_000;

/// Why upkeep failed.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The read tables failed.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
    /// Content that is due was not destroyed.
    #[error(transparent)]
    Erasure(#[from] ErasureError),
}

/// Commits the `open`, `withhold` and `statistics` entries that are due at `now`, as one batch;
/// `None` when there are none. `tables` follow before and after.
pub fn announce(
    ledger: &mut Ledger,
    tables: &mut ReadTables,
    now: Instant,
) -> Result<Option<Appended>, UpkeepError> {
    let reader = ledger.reader()?;
    tables.follow(&reader, reader.size()?, &mut |_| {})?;
    let due = tables.announcements(now)?;
    let mut leaves = entries(&due);
    leaves.extend(statements(ledger, tables, now)?);
    commit(ledger, tables, leaves, now)
}

/// Commits the `open` and `withhold` entries about `organisations` that are due at `now`, and looks
/// at nothing else: a registry that takes cases all day does not read itself whole for each.
/// `tables` know what was committed.
pub fn announce_about(
    ledger: &mut Ledger,
    tables: &mut ReadTables,
    organisations: &[OrganisationId],
    now: Instant,
) -> Result<Option<Appended>, UpkeepError> {
    let mut leaves = entries(&tables.announcements_about(organisations, now)?);
    leaves.extend(statements(ledger, tables, now)?);
    commit(ledger, tables, leaves, now)
}

fn entries(due: &Announcements) -> Vec<Leaf> {
    let open =
        due.open.chunks(RANGES_PER_LEAF).map(|ranges| Leaf::Open { ranges: ranges.to_vec() });
    let withhold = due
        .withhold
        .chunks(RANGES_PER_LEAF)
        .map(|ranges| Leaf::Withhold { ranges: ranges.to_vec(), fields: Vec::new() });
    open.chain(withhold).collect()
}

/// About months that are over. Nothing is read for it while the last one is stated.
fn statements(
    ledger: &Ledger,
    tables: &ReadTables,
    now: Instant,
) -> Result<Vec<Leaf>, UpkeepError> {
    let reader = ledger.reader()?;
    let due = tables.statements_due(&reader, now.max(reader.last_at()?))?;
    Ok(due.into_iter().map(|statement| Leaf::Statistics(Box::new(statement))).collect())
}

fn commit(
    ledger: &mut Ledger,
    tables: &mut ReadTables,
    leaves: Vec<Leaf>,
    now: Instant,
) -> Result<Option<Appended>, UpkeepError> {
    if leaves.is_empty() {
        return Ok(None);
    }
    let appended =
        ledger.append(Batch { drafts: Vec::new(), leaves, expected: Vec::new() }, now)?;
    tables.follow(&ledger.reader()?, appended.to, &mut |_| {})?;
    Ok(Some(appended))
}

/// Upkeep of the registry at `directory`, left out when another process is writing there: that
/// process does it at its end.
pub fn run(directory: &Path, now: Instant) -> Result<Option<Appended>, UpkeepError> {
    with(Ledger::open(directory, Box::new(SystemEntropy)), directory, None, now)
}

/// Most organisations that are judged one by one; with more it is quicker to read everything.
const ORGANISATIONS_ONE_BY_ONE: usize = 20_000;

/// The same, waiting for its turn: a server that takes cases all day gives way to it. Everything is
/// read before that, and once more only what was found: others do not wait while it is read.
pub fn run_in_turn(directory: &Path, now: Instant) -> Result<Option<Appended>, UpkeepError> {
    let reader = LedgerReader::open(directory)?;
    let tables = ReadTables::open(&directory.join(READ_TABLES), reader.mac_key()?)?;
    let due = tables.due_about(now)?;
    let one_by_one = !due.has_steps && due.organisations.len() <= ORGANISATIONS_ONE_BY_ONE;
    let about = one_by_one.then_some(due.organisations.as_slice());
    with(setup::open_writer(directory), directory, about, now)
}

/// Upkeep about these organisations, or about all.
fn with(
    opened: Result<Ledger, LedgerError>,
    directory: &Path,
    about: Option<&[OrganisationId]>,
    now: Instant,
) -> Result<Option<Appended>, UpkeepError> {
    let mut ledger = match opened {
        Err(LedgerError::Locked(_)) => return Ok(None),
        opened => opened?,
    };
    let reader = ledger.reader()?;
    let mut tables = ReadTables::open(&directory.join(READ_TABLES), reader.mac_key()?)?;
    let announced = match about {
        Some(organisations) => {
            tables.follow(&reader, reader.size()?, &mut |_| {})?;
            announce_about(&mut ledger, &mut tables, organisations, now)?
        }
        None => announce(&mut ledger, &mut tables, now)?,
    };
    let erased = erasure::keep_up(&mut ledger, &mut tables, now)?;
    Ok(match (announced, erased) {
        (Some(first), Some(last)) => Some(Appended { from: first.from, ..last }),
        (announced, erased) => erased.or(announced),
    })
}
