//! What decisions are made on: the registry as its last commit left it, read without its lock.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use domain::civil::Instant;
use domain::event::Event;
use domain::identity::ReviewerHandle;
use domain::ids::RecordId;
use due_process::case::Case;
use ledger::LedgerReader;
use ledger::manifest::Replay;
use policy::Packs;
use projections::{DeskReader, PublicReader};

use super::CaseError;
use super::accounts::{self, Account};
use crate::clock::Clock;
use crate::laws::Laws;
use crate::reviewers;
use crate::setup::READ_TABLES;

/// Readers of one registry for one thread.
pub struct View {
    pub(super) reader: LedgerReader,
    pub(super) desk: DeskReader,
    pub(super) public: PublicReader,
    pub(super) registry_key: [u8; 32],
    reviewers: BTreeSet<ReviewerHandle>,
    directory: PathBuf,
    /// Read once, and again when something was adopted.
    adopted: Mutex<Option<Arc<Adopted>>>,
    /// Put together once, and again when something was adopted.
    laws: Mutex<Option<(Arc<Adopted>, Arc<Laws>)>>,
}

/// Keys, mandates and packs that were adopted so far.
pub struct Adopted {
    positions: Vec<u64>,
    /// By position.
    pub events: Vec<(u64, Event)>,
    /// The keys that count.
    pub replay: Replay,
}

impl View {
    /// Opens the registry at `directory`, whose read tables exist and followed.
    pub fn open(directory: &Path) -> Result<View, CaseError> {
        let reader = LedgerReader::open(directory)?;
        let registry_key = reader.mac_key()?;
        let path = directory.join(READ_TABLES);
        Ok(View {
            desk: DeskReader::open(&path, registry_key)?,
            public: PublicReader::open(&path, registry_key)?,
            reviewers: reviewers::load(directory)?,
            directory: directory.to_owned(),
            reader,
            registry_key,
            adopted: Mutex::default(),
            laws: Mutex::default(),
        })
    }

    /// max(clock, last committed time): a clock that went back shortens no period.
    pub fn now(&self, clock: &dyn Clock) -> Result<Instant, CaseError> {
        Ok(clock.now().max(self.reader.last_at()?))
    }

    /// The case of `record` and the position of its last step.
    pub fn standing(&self, record: RecordId) -> Result<Option<(Case, u64)>, CaseError> {
        Ok(self.desk.standing(&self.reader, record)?)
    }

    /// Everything adopted so far.
    pub fn adopted(&self) -> Result<Arc<Adopted>, CaseError> {
        let positions = self.desk.adopted()?;
        let mut kept = self.adopted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.as_ref().filter(|kept| kept.positions == positions) {
            return Ok(Arc::clone(kept));
        }
        let events = self.desk.adoptions(&self.reader)?;
        let mut replay = Replay::new(self.reader.origin());
        for (_, event) in &events {
            // What is on the log was authorised when it was committed.
            let _ = replay.apply(event, None);
        }
        let adopted = Arc::new(Adopted { positions, events, replay });
        *kept = Some(Arc::clone(&adopted));
        Ok(adopted)
    }

    /// Accounts of authorities.
    pub fn accounts(&self) -> Result<Vec<Account>, CaseError> {
        Ok(accounts::accounts(self.adopted()?.events.iter().map(|(_, event)| event)))
    }

    /// The versions of the packs that the log names; `packs` are those in force.
    pub fn laws(&self, packs: &Packs) -> Result<Arc<Laws>, CaseError> {
        let adopted = self.adopted()?;
        let mut kept = self.laws.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, laws)) = kept.as_ref()
            && Arc::ptr_eq(of, &adopted)
        {
            return Ok(Arc::clone(laws));
        }
        let laws = Laws::load(&self.directory, &self.reader, &adopted.events, packs)?;
        let laws = Arc::new(laws);
        // Packs in force may be a moment behind the log, or before it.
        if laws.is_complete() {
            *kept = Some((adopted, Arc::clone(&laws)));
        }
        Ok(laws)
    }

    /// Whether `handle` is a reviewer of this registry.
    pub fn is_reviewer(&self, handle: &ReviewerHandle) -> bool {
        self.reviewers.contains(handle)
    }

    /// The log.
    pub fn ledger(&self) -> &LedgerReader {
        &self.reader
    }

    /// Cases in full.
    pub fn desk(&self) -> &DeskReader {
        &self.desk
    }

    /// The secret that tokens and tickets are derived from.
    pub fn registry_key(&self) -> &[u8; 32] {
        &self.registry_key
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }
}
