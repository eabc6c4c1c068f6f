//! The one writer of a registry: decides the order, commits, signs, publishes.
//!
//! Order of a batch (design 4): keys of the vault -> commit of entries, openings, edge and
//! checkpoint -> copy of the checkpoint outside the database -> tiles -> published checkpoint ->
//! acknowledged. [`Ledger::open`] says what a crash between any two of these leaves behind.

mod items;
mod recovery;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

use domain::civil::Instant;
use domain::event::{ErasureUnit, Event, EventBody, ProfileAdopted};
use domain::ids::{OrganisationId, RecordId, RowKey};
use domain::text::ListId;

use crate::entropy::{Buffered, Entropy};
use crate::error::LedgerError;
use crate::files::{Layout, close_to_others, write_one, write_private};
use crate::manifest::Submission;
use crate::merkle::{Frontier, leaf_hash};
use crate::note::{Checkpoint, SignerKey};
use crate::reader::LedgerReader;
use crate::static_log::StaticLog;
use crate::store::sqlite::SqliteStore;
use crate::store::{Append, AppendOutcome, Head, Revision, SealedOpening, StoredLeaf, TruthStore};
use crate::vault::{Access, Vault, keyed_hash, unit_bytes};
use crate::wire::{self, Leaf};

/// What a new registry starts with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Name of the log: a schema-less URL such as `registry.example.org/log`.
    pub origin: String,
    /// Name and hash of each pack in force.
    pub packs: Vec<(String, String)>,
    /// Profiles in force.
    pub profiles: Vec<ProfileAdopted>,
}

/// An event to be committed.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What happened.
    pub event: EventBody,
    /// Whether its opening is published with this batch; otherwise it stays sealed.
    pub open: bool,
    /// What an authority signed, for its own acts; else the registry authorises the event itself.
    pub submission: Option<Box<Submission>>,
}

/// What is committed together: all of it or nothing.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// Events, in order.
    pub drafts: Vec<Draft>,
    /// Entries in the clear that follow them.
    pub leaves: Vec<Leaf>,
    /// The revision each record stands at now; 0 for a record that does not exist yet.
    pub expected: Vec<(RecordId, u32)>,
}

/// An acknowledged batch: durable, and provable against `checkpoint`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Position of the first entry.
    pub from: u64,
    /// Position after the last.
    pub to: u64,
    /// When it was committed.
    pub at: Instant,
    /// The signed checkpoint that covers it.
    pub checkpoint: String,
}

/// The writer. There is one per directory; `lock` is held as long as it lives.
pub struct Ledger {
    layout: Layout,
    origin: String,
    key: SignerKey,
    store: SqliteStore,
    vault: Vault,
    static_log: StaticLog,
    edge: Frontier,
    at: Instant,
    epoch: u64,
    entropy: Buffered,
    row_hash_key: [u8; 32],
    files_deferred: bool,
    poisoned: bool,
    // Held, not read: dropping it lets the next writer in.
    _lock: File,
}

impl Ledger {
    /// Makes a registry in `directory`, which must not hold one, and commits its first entries:
    /// key, packs, profiles. A crash in between leaves a directory without `checkpoint.last`, which
    /// nothing opens; the caller builds in a folder of its own and renames it at the end.
    pub fn create(
        directory: &Path,
        setup: &Setup,
        now: Instant,
        entropy: Box<dyn Entropy>,
    ) -> Result<Ledger, LedgerError> {
        let mut entropy = Buffered::new(entropy);
        let layout = Layout::new(directory);
        if layout.truth().exists() || layout.checkpoint_last().exists() {
            return Err(LedgerError::Exists(directory.to_owned()));
        }
        for folder in [directory.to_owned(), layout.log(), layout.keys()] {
            fs::create_dir_all(&folder).map_err(LedgerError::io(&folder))?;
        }
        // Withheld content lies in here: other users of the machine have no business with it. The
        // databases and keys inherit their privacy from the folder.
        close_to_others(directory)?;
        let lock = lock(&layout)?;
        let key = SignerKey::generate(&mut entropy, &setup.origin)
            .map_err(|error| damaged(&layout.log_key(), error))?;
        write_private(&layout.log_key(), key.to_text().as_bytes())?;
        write_one(&layout.vkey(), format!("{}\n", key.vkey()).as_bytes())?;
        // A registry that goes on under a new name brings its keys along: what it knows of rows
        // and organisations depends on them.
        let mut vault = if layout.vault().exists() {
            Vault::open(&layout.vault(), &setup.origin, Access::Write)?
        } else {
            Vault::create(&layout.vault(), &setup.origin, &mut entropy)?
        };
        let mut store = SqliteStore::open(&layout.truth())?;
        let epoch = store.take_lease()?;
        let row_hash_key = vault.derived("row key")?;
        let mut ledger = Ledger {
            static_log: StaticLog::empty(&layout),
            origin: setup.origin.clone(),
            edge: Frontier::new(),
            at: Instant::from_micros(0),
            files_deferred: false,
            poisoned: false,
            _lock: lock,
            layout,
            key,
            store,
            vault,
            epoch,
            entropy,
            row_hash_key,
        };
        ledger.append(first_batch(&ledger.key, setup), now)?;
        Ok(ledger)
    }

    /// Opens a registry for writing and mends what a crash left:
    ///
    /// * keys in the vault that seal nothing: harmless;
    /// * a commit without outside copy of its checkpoint: the copy is written;
    /// * tiles or published checkpoint behind the commit: written from the committed rows.
    ///
    /// # Errors
    /// [`LedgerError::OlderThanSigned`] and [`LedgerError::Diverged`] when going on would fork the
    /// log.
    pub fn open(directory: &Path, entropy: Box<dyn Entropy>) -> Result<Ledger, LedgerError> {
        let layout = Layout::new(directory);
        if !layout.truth().exists() {
            return Err(LedgerError::NoRegistry(directory.to_owned()));
        }
        let lock = lock(&layout)?;
        recovery::open(layout, lock, entropy)
    }

    /// Commits `batch`, publishes it and returns once it is durable and provable.
    ///
    /// # Errors
    /// [`LedgerError::Conflict`] when a record stands at another revision: nothing was written,
    /// read and decide again. After any other error the state on disk is unknown until the registry
    /// is opened again; further calls say [`LedgerError::Poisoned`].
    pub fn append(&mut self, batch: Batch, now: Instant) -> Result<Appended, LedgerError> {
        if self.poisoned {
            return Err(LedgerError::Poisoned);
        }
        let append = self.prepare(&batch, now.max(self.at))?;
        self.commit(append)
    }

    /// Destroys the content of `units` for good: an `erasure` entry names it first, then keys and
    /// openings go. A crash in between leaves work that the next opening for writing finishes; the
    /// content is not served from the moment the entry is committed. Looks at every entry to find
    /// what belongs to `units`. `None` when there is nothing of them.
    pub fn erase(
        &mut self,
        units: &[ErasureUnit],
        now: Instant,
    ) -> Result<Option<Appended>, LedgerError> {
        if self.poisoned {
            return Err(LedgerError::Poisoned);
        }
        let units: Vec<[u8; 17]> = units.iter().map(|unit| unit_bytes(*unit)).collect();
        let positions = self.store.positions(&units)?;
        if positions.is_empty() {
            return Ok(None);
        }
        let appended = self.name_erased(positions, units, now)?;
        self.finish_erasures()?;
        Ok(Some(appended))
    }

    /// One `erasure` entry for each thousand ranges, all in one batch.
    fn name_erased(
        &mut self,
        positions: Vec<u64>,
        erasing: Vec<[u8; 17]>,
        now: Instant,
    ) -> Result<Appended, LedgerError> {
        let ranges = wire::ranges(positions);
        let leaves = ranges
            .chunks(RANGES_PER_LEAF)
            .map(|ranges| Leaf::Erasure { ranges: ranges.to_vec(), fields: Vec::new() })
            .collect();
        let batch = Batch { drafts: Vec::new(), leaves, expected: Vec::new() };
        let mut append = self.prepare(&batch, now.max(self.at))?;
        append.erasing = erasing;
        self.commit(append)
    }

    /// Does what committed `erasure` entries say, as far as it is not done. Keys go first: what is
    /// left after a crash can then no longer be read.
    fn finish_erasures(&mut self) -> Result<(), LedgerError> {
        let units = self.store.erasing()?;
        if units.is_empty() {
            return Ok(());
        }
        self.vault.destroy(&units)?;
        self.store.forget(&units)
    }

    fn commit(&mut self, mut append: Append) -> Result<Appended, LedgerError> {
        let (from, at) = (self.edge.size(), append.head.at);
        // What follows may fail half-way; only its end, or a clean conflict, says all is well.
        self.poisoned = true;
        let mut edge = self.edge.clone();
        let entries: Vec<Vec<u8>> = append.leaves.iter().map(|leaf| leaf.entry.clone()).collect();
        entries.iter().for_each(|entry| edge.push(leaf_hash(entry)));
        let checkpoint = self.sign(&edge);
        append.head = Head { size: edge.size(), at, edge: edge.parts().to_vec() };
        append.checkpoint.clone_from(&checkpoint);
        self.vault.store_pending()?;
        match self.store.append(&append)? {
            AppendOutcome::Committed => {}
            AppendOutcome::Fenced => return Err(LedgerError::Fenced),
            AppendOutcome::Conflict { record, standing, expected } => {
                self.poisoned = false;
                return Err(LedgerError::Conflict { record, expected, standing });
            }
        }
        if !self.files_deferred {
            write_one(&self.layout.checkpoint_last(), checkpoint.as_bytes())?;
            self.static_log.extend(&entries)?;
            self.static_log.publish(&checkpoint)?;
        }
        let to = edge.size();
        self.edge = edge;
        self.at = at;
        self.poisoned = false;
        Ok(Appended { from, to, at, checkpoint })
    }

    /// The keyed hash of a row's key or content within its list: equal for equal texts, and
    /// nothing to guess from for whoever lacks the vault.
    pub fn row_hash(&self, list: &ListId, text: &str) -> RowKey {
        let mut message = list.as_str().as_bytes().to_vec();
        message.push(b'\n');
        message.extend_from_slice(text.as_bytes());
        let hash = keyed_hash(&self.row_hash_key, &message);
        let mut key = [0; 16];
        key.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        RowKey(key)
    }

    /// A new organisation id.
    pub fn mint_organisation(&mut self, now: Instant) -> OrganisationId {
        OrganisationId::mint(now, self.ten_random_bytes())
    }

    /// A new record id.
    pub fn mint_record(&mut self, now: Instant) -> RecordId {
        RecordId::mint(now, self.ten_random_bytes())
    }

    /// From now on this only commits. Tiles, checkpoint and the copy outside are left to the next
    /// opening, which brings them up to what is committed as after a crash. For a registry that is
    /// being built and that nobody reads yet: what is committed meanwhile is provable to nobody.
    pub fn defer_files(&mut self) {
        self.files_deferred = true;
    }

    /// A reader of the same directory.
    pub fn reader(&self) -> Result<LedgerReader, LedgerError> {
        LedgerReader::open(self.layout.directory())
    }

    /// Names `positions`, whose content was lost, in an `erasure` entry: what cannot be read any
    /// more must not look like something that is kept back.
    pub(crate) fn name_lost(
        &mut self,
        positions: Vec<u64>,
        now: Instant,
    ) -> Result<Option<Appended>, LedgerError> {
        if positions.is_empty() {
            return Ok(None);
        }
        self.name_erased(positions, Vec::new(), now).map(Some)
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.edge.size()
    }

    /// Time of the last commit.
    pub fn last_at(&self) -> Instant {
        self.at
    }

    fn ten_random_bytes(&mut self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.entropy.fill(&mut bytes);
        bytes
    }

    /// Leaves with sealed openings; the `open` entry comes last (design 9.1).
    fn prepare(&mut self, batch: &Batch, at: Instant) -> Result<Append, LedgerError> {
        let from = self.edge.size();
        let mut leaves = Vec::with_capacity(batch.drafts.len() + batch.leaves.len() + 1);
        let mut opened = Vec::new();
        for (position, draft) in (from..).zip(&batch.drafts) {
            let unit = unit_bytes(draft.event.erasure_unit());
            let event = Event { at, body: draft.event.clone() };
            let opening = match &draft.submission {
                None => wire::seal(&event, &mut self.entropy)?,
                Some(submission) => wire::seal_signed(&event, submission, &mut self.entropy)?,
            };
            let commitment = wire::commitment(&opening);
            let bytes = self.vault.seal(position, unit, &opening, &mut self.entropy)?;
            leaves.push(StoredLeaf {
                entry: Leaf::Event { commitment }.to_bytes(),
                sealed: Some(SealedOpening { unit, bytes }),
            });
            if draft.open {
                opened.push(position);
            }
        }
        let clear = batch
            .leaves
            .iter()
            .cloned()
            .chain((!opened.is_empty()).then(|| Leaf::Open { ranges: wire::ranges(opened) }));
        leaves.extend(clear.map(|leaf| StoredLeaf { entry: leaf.to_bytes(), sealed: None }));
        Ok(Append {
            epoch: self.epoch,
            leaves,
            before: from,
            head: Head { size: from, at, edge: Vec::new() },
            checkpoint: String::new(),
            revisions: revisions(batch),
            erasing: Vec::new(),
        })
    }

    fn sign(&self, edge: &Frontier) -> String {
        let (origin, size, root) = (self.origin.clone(), edge.size(), edge.root());
        Checkpoint { origin, size, root }.sign(&self.key)
    }
}

fn first_batch(key: &SignerKey, setup: &Setup) -> Batch {
    let mut leaves = vec![Leaf::Key { purpose: "log".to_owned(), vkey: key.vkey().to_string() }];
    leaves.extend(
        setup
            .packs
            .iter()
            .map(|(pack, hash)| Leaf::Policy { pack: pack.clone(), hash: hash.clone() }),
    );
    let adopted = setup.profiles.iter().cloned().map(EventBody::ProfileAdopted);
    let drafts = adopted.map(|event| Draft { event, open: true, submission: None }).collect();
    Batch { drafts, leaves, expected: Vec::new() }
}

/// Each record that the batch writes, with the revision it gets.
fn revisions(batch: &Batch) -> Vec<Revision> {
    let becomes: BTreeMap<RecordId, u32> = batch
        .drafts
        .iter()
        .filter_map(|draft| match &draft.event {
            EventBody::RecordSubmitted(record) | EventBody::RecordRevised(record) => {
                Some((record.id, record.revision))
            }
            _ => None,
        })
        .collect();
    batch
        .expected
        .iter()
        .map(|(record, expected)| Revision {
            record: *record,
            expected: *expected,
            becomes: becomes.get(record).copied().unwrap_or(*expected),
        })
        .collect()
}

fn lock(layout: &Layout) -> Result<File, LedgerError> {
    let path = layout.lock();
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(LedgerError::io(&path))?;
    // The system lets go of the lock when the process dies, so a killed writer blocks nobody.
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => {
            Err(LedgerError::Locked(layout.directory().to_owned()))
        }
        Err(fs::TryLockError::Error(error)) => Err(LedgerError::io(&path)(error)),
    }
}

/// Ranges named by one entry: 1,000 pairs of twenty-digit numbers stay below the 64 KiB of an
/// entry.
pub(crate) const RANGES_PER_LEAF: usize = 1_000;

pub(crate) fn damaged(path: &Path, what: impl std::fmt::Display) -> LedgerError {
    LedgerError::Damaged { path: path.to_owned(), what: what.to_string() }
}

#[cfg(test)]
mod tests;
