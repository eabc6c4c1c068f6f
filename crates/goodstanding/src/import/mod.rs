//! A file of an official list becomes quotations on the log: read, decide, commit, follow.
//!
//! Three threads overlap: one reads and checks rows, this one decides and appends, one follows with
//! the read tables. A crash at any point leaves whole batches; running the import again finds their
//! rows unchanged and goes on where it stopped. Only the end of a full reading ends anything.

mod follower;
mod lists;
mod organisations;
mod outcome;
mod reading;
mod receipts;
mod run;

use std::path::{Path, PathBuf};

use domain::civil::{Day, Instant, Zone};
use domain::refusal::{Problem, Refusal};
use intake::{ListSource, Profile};
use ledger::LedgerError;
use policy::Packs;
use projections::ProjectionError;

pub use outcome::Outcome;
pub use run::run;

/// Rows that are committed together unless told otherwise: enough that the cost of making a batch
/// durable is shared, few enough that a crash loses a fraction of a second of work.
pub const ROWS_PER_BATCH: usize = 2_000;

/// What to import and how.
pub struct Request<'a> {
    /// The registry.
    pub directory: &'a Path,
    /// Its packs.
    pub packs: &'a Packs,
    /// How the file is spelled.
    pub profile: &'a Profile,
    /// The file.
    pub file: &'a Path,
    /// The day the file was read at its publisher; never after `today`.
    pub as_of: Day,
    /// Today, as [`today`] says.
    pub today: Day,
    /// Whether the file is only some of the list: what is not in it then goes on.
    pub extent: Reading,
    /// Whether anything is written.
    pub effect: Effect,
    /// The operator has looked into it: exactly so many rows have vanished, and may.
    pub accept_vanished: Option<u64>,
    /// Rows that are committed together.
    pub rows_per_batch: usize,
    /// Where quarantined rows go.
    pub quarantine: Option<&'a Path>,
    /// Where a line per acknowledged batch goes.
    pub receipts: Option<&'a Path>,
}

/// The day it is at `now` where the list of `profile` is kept: its last days end there. In UTC
/// where each row names its list.
pub fn today(profile: &Profile, packs: &Packs, now: Instant) -> Day {
    let zone = match &profile.list {
        ListSource::Fixed(list) => packs.list(list).map(|list| &list.zone),
        ListSource::Column(_) => None,
    };
    now.day_in(zone.unwrap_or(&Zone::UTC))
}

/// Whether the file is read as its profile says or as a part of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// As the profile's `snapshot` says.
    AsProfiled,
    /// As a part of the list, whatever the profile says.
    Partial,
}

/// Whether an import writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It commits what it accepts.
    Commit,
    /// It only says what it would do.
    DryRun,
}

/// Why an import stopped.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file as a whole is refused; nothing of it was committed.
    #[error("{}", .0.iter().map(crate::output::place_and_message).collect::<Vec<_>>().join("\n"))]
    Refused(Vec<Problem>),
    /// A file could not be opened, read or written.
    #[error("`{path}`: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file changed under our hands.
    #[error(
        "`{0}` changed while it was read; nothing was ended by it, import it again when it is complete"
    )]
    FileChanged(PathBuf),
    /// A part of the program that reads or follows stopped without saying why.
    #[error("the {0} stopped unexpectedly; what was acknowledged is safe, run the import again")]
    Stopped(&'static str),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The read tables failed.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
    /// What became due could not be announced.
    #[error(transparent)]
    Upkeep(#[from] crate::upkeep::UpkeepError),
}

impl ImportError {
    pub(crate) fn refused(refusal: Refusal) -> ImportError {
        ImportError::Refused(vec![Problem::of_input(refusal)])
    }

    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> ImportError + '_ {
        move |source| ImportError::File { path: path.to_owned(), source }
    }
}

impl From<ImportError> for crate::output::Failure {
    fn from(error: ImportError) -> crate::output::Failure {
        match error {
            ImportError::Refused(problems) => crate::output::Failure::refused_all(problems),
            other => crate::output::Failure::could_not(crate::failing::explained(&other)),
        }
    }
}
