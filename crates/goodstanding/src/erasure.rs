//! Destroying content for good: what goes together, in which order, and what else holds it.
//!
//! The `erasure` entry is committed first, then keys and openings go (`ledger`), then the read
//! tables are made anew without them and their files are overwritten, then the files for download
//! are taken down. A crash in between leaves work that the next opening for writing finishes; the
//! content is not served from the moment the entry is committed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use domain::civil::Instant;
use domain::event::ErasureUnit;
use domain::ids::{OrganisationId, RecordId};
use ledger::{Appended, Ledger, LedgerError, LedgerReader};
use projections::{ProjectionError, ReadTables};

use crate::bulk;

/// How long content that is due waits for more, so that a registry makes its tables anew once a day
/// and not with every record. Not law: it was not shown to anybody for the months before.
const WAIT_HOURS: i64 = 24;

/// Why content was not destroyed.
#[derive(Debug, thiserror::Error)]
pub enum ErasureError {
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The read tables failed; the next writer makes them anew.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
    /// A court or a reviewer holds a record; nothing was destroyed.
    #[error("the content of record {0} is held by an order")]
    Held(RecordId),
    /// Content is gone, and the files for download that may hold it could not be taken down.
    #[error("the files of `{path}` could not be taken down: {source}")]
    Files {
        /// The registry.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// What is destroyed with these records: each of them, and an organisation that no other record
/// supports (design 9.10). `None` when one of them is unknown.
///
/// # Errors
/// [`ErasureError::Held`] when a court or a reviewer holds one of them (T48).
pub fn units_of_records(
    tables: &ReadTables,
    reader: &LedgerReader,
    records: &[RecordId],
) -> Result<Option<Vec<ErasureUnit>>, ErasureError> {
    check_not_held(tables, reader, records)?;
    Ok(units_even_held(tables, records)?)
}

/// The same of what nobody may keep: a restore cannot know what became of them.
pub fn units_even_held(
    tables: &ReadTables,
    records: &[RecordId],
) -> Result<Option<Vec<ErasureUnit>>, ProjectionError> {
    let mut by_organisation: BTreeMap<OrganisationId, BTreeSet<RecordId>> = BTreeMap::new();
    for record in records {
        let Some(organisation) = tables.subject_of(*record)? else { return Ok(None) };
        by_organisation.entry(organisation).or_default().insert(*record);
    }
    let mut units = Vec::new();
    for (organisation, going) in by_organisation {
        let all = tables.records_of(organisation)?.unwrap_or_default();
        units.extend(going.iter().copied().map(ErasureUnit::Record));
        if all.iter().all(|record| going.contains(record)) {
            units.push(ErasureUnit::Organisation(organisation));
        }
    }
    Ok(Some(units))
}

/// What is destroyed with an organisation: all of its records. `None` when it is unknown.
///
/// # Errors
/// [`ErasureError::Held`] when a court or a reviewer holds one of them (T48).
pub fn units_of_organisation(
    tables: &ReadTables,
    reader: &LedgerReader,
    organisation: OrganisationId,
) -> Result<Option<Vec<ErasureUnit>>, ErasureError> {
    let Some(records) = tables.records_of(organisation)? else { return Ok(None) };
    check_not_held(tables, reader, &records)?;
    let mut units: Vec<ErasureUnit> = records.into_iter().map(ErasureUnit::Record).collect();
    units.push(ErasureUnit::Organisation(organisation));
    Ok(Some(units))
}

/// Whoever destroys, whatever for: an order to keep comes first.
fn check_not_held(
    tables: &ReadTables,
    reader: &LedgerReader,
    records: &[RecordId],
) -> Result<(), ErasureError> {
    for record in records {
        if tables.is_held(reader, *record)? {
            return Err(ErasureError::Held(*record));
        }
    }
    Ok(())
}

/// Destroys `units`; `None` when nothing of them was left. Also finishes what an earlier call left
/// undone beside the ledger: tables and files.
pub fn destroy(
    ledger: &mut Ledger,
    tables: &mut ReadTables,
    units: &[ErasureUnit],
    now: Instant,
) -> Result<Option<Appended>, ErasureError> {
    let erased = match units {
        [] => None,
        units => ledger.erase(units, now)?,
    };
    let reader = ledger.reader()?;
    tables.follow(&reader, reader.size()?, &mut |_| {})?;
    tables.scrub()?;
    // Files for download hold the content too; `serve` and `export --data` make them anew.
    let path = reader.directory();
    bulk::discard(&path).map_err(|source| ErasureError::Files { path, source })?;
    Ok(erased)
}

/// Destroys the records of authorities whose time to be kept is over on `now` (T47). Late, twice or
/// by several programs, it does the same: what is gone is not due.
pub fn destroy_due(
    ledger: &mut Ledger,
    tables: &mut ReadTables,
    now: Instant,
) -> Result<Option<Appended>, ErasureError> {
    let due: Vec<RecordId> = tables.erasable(now)?.into_iter().map(|(record, _)| record).collect();
    if due.is_empty() {
        return Ok(None);
    }
    let reader = ledger.reader()?;
    let units = units_of_records(tables, &reader, &due)?.unwrap_or_default();
    destroy(ledger, tables, &units, now)
}

/// The same as part of upkeep: once something has been due for a day.
pub fn keep_up(
    ledger: &mut Ledger,
    tables: &mut ReadTables,
    now: Instant,
) -> Result<Option<Appended>, ErasureError> {
    let first = tables.erasable(now)?.first().map(|(_, since)| *since);
    match first {
        Some(since) if since.plus_hours(WAIT_HOURS) <= now => destroy_due(ledger, tables, now),
        _ => Ok(None),
    }
}
