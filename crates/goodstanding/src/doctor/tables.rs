//! The read tables beside tables built anew from the log.

use std::path::Path;

use ledger::LedgerReader;
use projections::{Digest, ProjectionError};

use super::{Finding, State};
use crate::output::thousands;
use crate::progress::Progress;
use crate::setup::READ_TABLES;

const CHECK: &str = "read tables";
const REBUILD: &str = "stop the server and run `goodstanding rebuild`; nothing is lost by it";

pub fn look(directory: &Path, scratch: &Path) -> Finding {
    let path = directory.join(READ_TABLES);
    if !path.exists() {
        let what = "read.db is not there";
        let advice = "nothing: it is made anew by the next command that needs it";
        return Finding::of(CHECK, State::Attention, what, advice);
    }
    match compare(directory, &path, scratch) {
        Ok((live, anew, size)) => judge(&live, &anew, size),
        Err(error @ (ProjectionError::Outdated(_) | ProjectionError::Broken(_))) => {
            Finding::of(CHECK, State::Wrong, crate::output::chain(&error), REBUILD)
        }
        Err(error) => Finding::unknown(CHECK, &error),
    }
}

/// The tables as they are, as the log makes them up to the same position, and the log's size.
fn compare(
    directory: &Path,
    path: &Path,
    scratch: &Path,
) -> Result<(Digest, Digest, u64), ProjectionError> {
    let reader = LedgerReader::open(directory)?;
    let progress = Progress::counter("reading the tables, rows");
    let live = projections::digest(path, reader.mac_key()?, &mut |rows| progress.at(rows))?;
    drop(progress);
    let folder = tempfile::tempdir_in(scratch)
        .map_err(|source| ProjectionError::Io { path: scratch.to_owned(), source })?;
    let beside = folder.path().join(READ_TABLES);
    let progress = Progress::bar("building tables to compare, entries", live.cursor);
    projections::build_until(&beside, &reader, live.cursor, &mut |at| progress.at(at))?;
    drop(progress);
    let anew = projections::digest(&beside, reader.mac_key()?, &mut |_| {})?;
    Ok((live, anew, reader.size()?))
}

fn judge(live: &Digest, anew: &Digest, size: u64) -> Finding {
    let differing: Vec<&str> = live
        .tables
        .iter()
        .zip(&anew.tables)
        .filter(|(live, anew)| live != anew)
        .map(|(live, _)| live.table)
        .collect();
    if !differing.is_empty() {
        let what = format!("differ from the log in: {}", differing.join(", "));
        return Finding::of(CHECK, State::Wrong, what, REBUILD);
    }
    let rows: u64 = live.tables.iter().map(|table| table.rows).sum();
    let same = format!(
        "{} rows, identical with tables built anew from the first {} entries",
        thousands(rows),
        thousands(live.cursor)
    );
    match size.saturating_sub(live.cursor) {
        0 => Finding::good(CHECK, same),
        behind => Finding::of(
            CHECK,
            State::Attention,
            format!("{same}; {} entries behind the log", thousands(behind)),
            "nothing while an import runs; else any command that reads lets them catch up",
        ),
    }
}
