//! The application layer of reading: one registry directory, asked by many threads. Used by the
//! command line and the server alike; knows no HTTP and prints nothing.
//!
//! The answers are plain data of `projections`, re-exported here:

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::civil::Instant;
use domain::identifiers::IdentifierClaim;
use domain::ids::{OrganisationId, RecordId};
use domain::text::ListId;
use policy::Packs;

use crate::clock::Clock;

pub use projections::answers::{
    FileAnswer, Hit, ListPage, ListRow, ListSummary, LogEntry, LogEntryAnswer, LogPage,
    ProofAnswer, RecordAnswer, SearchAnswer, SourceStatus, Twin, Why,
};
pub use projections::file::{
    IdentifierShown, NameClaim, OrganisationFile, RecordView, TimelineEntry,
};

/// Why the registry could not answer. Not a refusal: we failed.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The truth could not be read.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// The read tables could not be read.
    #[error(transparent)]
    Projection(#[from] projections::ProjectionError),
    /// The directory does not hold what it should: missing packs, an unreadable file.
    #[error("{0}")]
    Directory(String),
}

/// The registry in a sentence.
#[derive(Debug, Clone)]
pub struct Status {
    /// Entries on the log.
    pub size: u64,
    /// Organisations that answer.
    pub organisations: u64,
    /// Records shown now.
    pub records: u64,
    /// Time of the last entry, which the published checkpoint covers.
    pub checkpoint_at: Instant,
    /// Name of the log.
    pub origin: String,
    /// Its verification key.
    pub vkey: String,
}

// PREVIEW: signatures only, bodies follow within minutes.
// impl Registry {
//   pub fn open(dir:&Path, clock:Arc<dyn Clock>)->Result<Registry,AppError>;
//   pub fn dir(&self)->&Path; pub fn now(&self)->Instant; pub fn packs(&self)->&Packs; pub fn origin(&self)->&str; pub fn is_demo(&self)->bool;
//   pub fn status(&self)->Result<Status,AppError>;
//   pub fn catch_up(&self)->Result<u64,AppError>;   // lets read.db follow the log
//   pub fn file(&self,id:OrganisationId,at:Option<u64>,on:Option<Instant>)->Result<Option<FileAnswer>,AppError>;
//   pub fn record(&self,id:RecordId)->Result<Option<RecordAnswer>,AppError>;
//   pub fn search(&self,query:&str,limit:usize)->Result<SearchAnswer,AppError>;
//   pub fn redirect(&self,claim:&IdentifierClaim)->Result<Option<OrganisationId>,AppError>;
//   pub fn lists(&self)->Result<Vec<ListSummary>,AppError>;
//   pub fn list(&self,id:&ListId,after:Option<RecordId>,limit:usize)->Result<Option<ListPage>,AppError>;
//   pub fn log_page(&self,from:Option<u64>,limit:usize)->Result<LogPage,AppError>;
//   pub fn log_entry(&self,position:u64)->Result<Option<LogEntryAnswer>,AppError>;
//   pub fn sources(&self)->Result<Vec<SourceStatus>,AppError>;
//   pub fn payload_bundle(&self,index:u64,width:u16)->Result<Option<String>,AppError>;
//   pub fn etag_boundary(&self)->Result<(u64,Option<Instant>),AppError>;
// }
