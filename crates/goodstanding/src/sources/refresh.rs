//! Reading a source again: fetch, import, note.

use std::fs;
use std::path::{Path, PathBuf};

use super::addresses::Internet;
use super::fetch::{FetchError, Fetched, fetch};
use super::notes::{Kept, body_path, held_path, store_notes};
use super::{Notes, Source, SourcesError, Try, Turn, notes};
use crate::clock::Clock;
use crate::digests::sha256_of;
use crate::failing::explained;
use crate::import::{self, Effect, ImportError, Outcome, Request};
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
    /// Another process reads this source at this moment.
    #[error(
        "another process is reading `{0}`; wait until it is done, then look at `source status`"
    )]
    Taken(String),
    /// Another process writes; it is tried again later.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// The notes could not be written.
    #[error(transparent)]
    Sources(#[from] SourcesError),
    /// A file could not be moved.
    #[error("`{0}`: {1}")]
    File(PathBuf, #[source] std::io::Error),
}

/// Fetches and imports `source` as read today, and notes what came of it. A failure changes nothing
/// but the notes: what was read last stands, and ages (I-66). `accept_vanished` releases a file
/// that is held as `import` does it: with exactly so many rows that may vanish.
pub fn refresh(
    directory: &Path,
    source: &Source,
    accept_vanished: Option<u64>,
    clock: &dyn Clock,
) -> Result<Try, RefreshError> {
    let turn = Turn::take(directory, &source.name)?;
    let turn = turn.ok_or_else(|| RefreshError::Taken(source.name.clone()))?;
    let known = notes(directory, source);
    Reading { directory, source, accept_vanished, clock, _turn: turn }.note(known)
}

/// One reading of one source, whose turn is held.
struct Reading<'a> {
    directory: &'a Path,
    source: &'a Source,
    accept_vanished: Option<u64>,
    clock: &'a dyn Clock,
    _turn: Turn,
}

/// A body that lies beside the log.
struct AtHand {
    path: PathBuf,
    kept: Kept,
}

impl Reading<'_> {
    fn note(&self, mut known: Notes) -> Result<Try, RefreshError> {
        let done = self.read(&mut known);
        let noted = match &done {
            Ok(one) => one.clone(),
            Err(error) => Try {
                at: self.clock.now().to_string(),
                outcome: "failed".to_owned(),
                message: Some(explained(error)),
                ..Try::default()
            },
        };
        known.note(noted);
        store_notes(self.directory, &self.source.name, &known)?;
        done
    }

    fn read(&self, known: &mut Notes) -> Result<Try, RefreshError> {
        let name = &self.source.name;
        self.sweep()?;
        let (body, held) = (body_path(self.directory, name), held_path(self.directory, name));
        // What is held is newer than what was read last: it is the one to ask about.
        let is_held = at_hand(&held, known.held.as_ref());
        let at_hand = is_held.or_else(|| at_hand(&body, known.body.as_ref()));
        let new = self.new_path();
        let fetched = fetch(self.source, at_hand.as_ref().map(|it| &it.kept), &new, &Internet);
        if fetched.is_err() {
            // What is left is half a body; the next try takes it away anyway.
            let _ = fs::remove_file(&new);
        }
        let (file, kept, bytes) = match (fetched?, at_hand) {
            (Fetched::Body(kept), _) => {
                let bytes = kept.bytes;
                (new.clone(), kept, bytes)
            }
            (Fetched::Unchanged, Some(it)) => (it.path, it.kept, 0),
            (Fetched::Unchanged, None) => {
                return Err(FetchError::Status("304 Not Modified".to_owned()).into());
            }
        };
        let outcome = import_file(self, &file).inspect_err(|_| {
            // Refused as a whole: nobody releases it. What is left the next try takes away.
            let _ = fs::remove_file(&new);
        })?;
        let to = if outcome.held.is_some() { &held } else { &body };
        // A file that was read and is held now, because the profile or the pack changed, stays what
        // it is: the one that was read last.
        if file != body {
            rename(&file, to)?;
            match outcome.held {
                Some(_) => known.held = Some(kept),
                None => known.body = Some(kept),
            }
        }
        if outcome.held.is_none() {
            known.held = None;
            remove(&held)?;
        }
        Ok(Try { bytes, ..Try::of(&outcome, self.clock.now()) })
    }

    /// Where this process puts what it fetches.
    fn new_path(&self) -> PathBuf {
        let name = format!("{}.{}.new", self.source.name, std::process::id());
        self.directory.join(super::FOLDER).join(name)
    }

    /// Takes away what a killed process was fetching: it is our turn, so nobody needs it.
    fn sweep(&self) -> Result<(), RefreshError> {
        let folder = self.directory.join(super::FOLDER);
        let failed = |error| RefreshError::File(folder.clone(), error);
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // No name of a source holds a full stop. Earlier releases wrote `NAME.new`.
            let is_left = name
                .strip_prefix(&self.source.name)
                .and_then(|rest| rest.strip_prefix('.')?.strip_suffix("new"))
                .is_some_and(|process| process.chars().all(|c| c.is_ascii_digit() || c == '.'));
            if is_left {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }
}

/// The file at `path`, if it is what it was when it was kept: a damaged one must not be imported
/// because its publisher says that nothing changed.
fn at_hand(path: &Path, kept: Option<&Kept>) -> Option<AtHand> {
    let kept = kept?.clone();
    let is_whole = sha256_of(path).is_ok_and(|digest| digest == kept.digest);
    is_whole.then(|| AtHand { path: path.to_owned(), kept })
}

fn rename(from: &Path, to: &Path) -> Result<(), RefreshError> {
    if from == to {
        return Ok(());
    }
    fs::rename(from, to).map_err(|error| RefreshError::File(to.to_owned(), error))
}

fn remove(path: &Path) -> Result<(), RefreshError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(RefreshError::File(path.to_owned(), error))
        }
        _ => Ok(()),
    }
}

fn import_file(reading: &Reading<'_>, file: &Path) -> Result<Outcome, RefreshError> {
    let Reading { directory, source, accept_vanished, clock, .. } = reading;
    let (directory, clock) = (*directory, *clock);
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
        extent: import::Reading::AsProfiled,
        effect: Effect::Commit,
        accept_vanished: *accept_vanished,
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
        let is_due = || {
            let known = notes(directory, &source);
            known.due_at(&source).is_none_or(|due| due <= clock.now()).then_some(known)
        };
        if is_due().is_none() {
            continue;
        }
        // Whoever has its turn reads it now, and may just have done so.
        let turn = match Turn::take(directory, &source.name) {
            Ok(Some(turn)) => turn,
            Ok(None) => continue,
            Err(error) => {
                report(&source, &Err(error.into()));
                continue;
            }
        };
        // The one before it may have taken long: it may be named otherwise by now.
        if !super::load(directory)?.contains(&source) {
            continue;
        }
        if let Some(known) = is_due() {
            let reading =
                Reading { directory, source: &source, accept_vanished: None, clock, _turn: turn };
            report(&source, &reading.note(known));
        }
    }
    Ok(())
}
