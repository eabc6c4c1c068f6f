//! Reading a source again: fetch, import, note.

use std::fs;
use std::path::Path;

use super::fetch::{FetchError, Fetched, fetch};
use super::{Notes, Source, SourcesError, Try, body_path, notes, store_notes};
use crate::clock::Clock;
use crate::failing::explained;
use crate::import::{self, Effect, ImportError, Outcome, Reading, Request};
use crate::laws;
use crate::registry::AppError;
use crate::setup::{self, SetupError};

/// Why a source was not read.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// There was no body.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The body was not imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The registry is not as it should be.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// What was adopted could not be read.
    #[error(transparent)]
    Registry(#[from] AppError),
    /// Another process writes; it is tried again later.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// The notes could not be written.
    #[error(transparent)]
    Sources(#[from] SourcesError),
    /// A file could not be moved.
    #[error("`{0}`: {1}")]
    File(std::path::PathBuf, #[source] std::io::Error),
}

/// Fetches and imports `source` as read today, and notes what came of it. A failure changes nothing
/// but the notes: what was read last stands, and ages (I-66).
pub fn refresh(directory: &Path, source: &Source, clock: &dyn Clock) -> Result<Try, RefreshError> {
    let mut known = notes(directory, &source.name);
    let done = read(directory, source, &mut known, clock);
    let (noted, result) = match done {
        Ok(one) => (one, None),
        Err(error) => {
            let message = Some(explained(&error));
            let at = clock.now().to_string();
            let failed = Try { at, outcome: "failed".to_owned(), message, ..Try::default() };
            (failed, Some(error))
        }
    };
    known.note(noted.clone());
    store_notes(directory, &source.name, &known)?;
    match result {
        None => Ok(noted),
        Some(error) => Err(error),
    }
}

fn read(
    directory: &Path,
    source: &Source,
    known: &mut Notes,
    clock: &dyn Clock,
) -> Result<Try, RefreshError> {
    let body = body_path(directory, &source.name);
    let new = body.with_extension("new");
    let folder = directory.join(super::FOLDER);
    fs::create_dir_all(&folder).map_err(|error| RefreshError::File(folder, error))?;
    // Without the body a "nothing changed" would be of no use.
    let marks = Some(&*known).filter(|_| body.is_file() && known.digest.is_some());
    let fetched = fetch(source, marks, &new);
    if fetched.is_err() {
        // What is left is half a body; the next try writes over it anyway.
        let _ = fs::remove_file(&new);
    }
    let (file, bytes, marks) = match fetched? {
        Fetched::Unchanged => (body.clone(), 0, None),
        Fetched::Body { bytes, digest, etag, last_modified } => {
            (new.clone(), bytes, Some((digest, etag, last_modified)))
        }
    };
    let outcome = import_file(directory, source, &file, clock)?;
    let held = outcome.held;
    if let (None, Some((digest, etag, last_modified))) = (held, marks) {
        fs::rename(&new, &body).map_err(|error| RefreshError::File(body, error))?;
        known.digest = Some(digest);
        known.etag = etag;
        known.last_modified = last_modified;
    }
    Ok(Try { bytes, ..Try::of(&outcome, clock.now()) })
}

fn import_file(
    directory: &Path,
    source: &Source,
    file: &Path,
    clock: &dyn Clock,
) -> Result<Outcome, RefreshError> {
    let packs = setup::load_packs(directory)?;
    let profile = setup::load_profile(directory, &source.profile, &packs)?;
    let mut ledger = setup::open_writer(directory)?;
    let packs = laws::in_use_at(directory, clock.now())?.packs;
    let today = import::today(&profile, &packs, clock.now());
    let request = Request {
        directory,
        packs: &packs,
        profile: &profile,
        file,
        as_of: today,
        today,
        extent: Reading::AsProfiled,
        effect: Effect::Commit,
        accept_vanished: None,
        rows_per_batch: import::ROWS_PER_BATCH,
        quarantine: None,
        receipts: None,
    };
    Ok(import::run(&request, &mut ledger, clock)?)
}

/// Reads every source that is due, one after the other; a failure of one hinders no other. `report`
/// hears of each.
pub fn refresh_due(
    directory: &Path,
    clock: &dyn Clock,
    report: &mut dyn FnMut(&Source, &Result<Try, RefreshError>),
) -> Result<(), SourcesError> {
    for source in super::load(directory)? {
        let due = notes(directory, &source.name).due_at(&source);
        if due.is_none_or(|due| due <= clock.now()) {
            report(&source, &refresh(directory, &source, clock));
        }
    }
    Ok(())
}
