//! Reading the truth. Every event is re-hashed against its commitment each time it is read: what
//! does not match is [`Opened::Broken`] and never passed on as true.

use std::path::{Path, PathBuf};

use domain::civil::Instant;
use domain::event::Event;
use domain::ids::RecordId;

use crate::error::LedgerError;
use crate::files::Layout;
use crate::merkle::{inclusion_proof, leaf_hash, verify_inclusion};
use crate::note::{Checkpoint, Vkey};
use crate::proof::TlogProof;
use crate::sequencer::damaged;
use crate::store::sqlite::SqliteStore;
use crate::store::{StoredLeaf, TruthStore};
use crate::tiles::TileReader;
use crate::vault::{Access, Unsealed, Vault};
use crate::wire::{self, Leaf, Opening, WireError};

/// A read-only view of a registry's truth; one per thread.
pub struct LedgerReader {
    layout: Layout,
    vkey: Vkey,
    store: SqliteStore,
    vault: std::cell::RefCell<Vault>,
}

/// Takes position, entry and what came out of the vault, if the entry has an opening.
pub type EachRaw<'a, E> = dyn FnMut(u64, &[u8], Option<Unsealed>) -> Result<(), E> + 'a;

/// What is behind a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// An event whose opening matches its commitment.
    Event(Box<Event>, Opening),
    /// Matches, but of a version this program does not know: hide its record and say so.
    Unknown {
        /// Its name and version.
        kind: String,
        /// The record it says it is about.
        record: Option<RecordId>,
    },
    /// The content was destroyed.
    Destroyed,
    /// Entry or opening were changed: never show it.
    Broken,
    /// An entry in the clear.
    Clear,
}

impl LedgerReader {
    /// Opens `directory` for reading.
    pub fn open(directory: &Path) -> Result<LedgerReader, LedgerError> {
        let layout = Layout::new(directory);
        if !layout.truth().exists() {
            return Err(LedgerError::NoRegistry(directory.to_owned()));
        }
        let path = layout.vkey();
        let text = std::fs::read_to_string(&path).map_err(LedgerError::io(&path))?;
        let vkey = Vkey::parse(text.trim_end()).map_err(|error| damaged(&path, error))?;
        let store = SqliteStore::open_read_only(&layout.truth())?;
        let vault = Vault::open(&layout.vault(), vkey.name(), Access::Read)?;
        Ok(LedgerReader { layout, vkey, store, vault: std::cell::RefCell::new(vault) })
    }

    /// The directory.
    pub fn directory(&self) -> PathBuf {
        self.layout.directory().to_owned()
    }

    /// Name of the log.
    pub fn origin(&self) -> &str {
        self.vkey.name()
    }

    /// The key its checkpoints are signed with.
    pub fn vkey(&self) -> &Vkey {
        &self.vkey
    }

    /// Number of committed entries.
    pub fn size(&self) -> Result<u64, LedgerError> {
        Ok(self.store.head()?.size)
    }

    /// Time of the last commit.
    pub fn last_at(&self) -> Result<Instant, LedgerError> {
        Ok(self.store.head()?.at)
    }

    /// The published checkpoint, its signature checked.
    pub fn checkpoint(&self) -> Result<(String, Checkpoint), LedgerError> {
        let path = self.layout.checkpoint();
        let note = std::fs::read_to_string(&path).map_err(LedgerError::io(&path))?;
        let checkpoint =
            Checkpoint::open(&note, &self.vkey).map_err(|error| damaged(&path, error))?;
        Ok((note, checkpoint))
    }

    /// Every checkpoint ever signed, by size.
    pub fn checkpoints(&self) -> Result<Vec<(u64, String)>, LedgerError> {
        self.store.checkpoints()
    }

    /// Entries of the first commit: what the registry began with.
    pub fn first_size(&self) -> Result<u64, LedgerError> {
        self.store.first_size()
    }

    /// The bytes of the entry at `position`, or `None` beyond the end.
    pub fn entry(&self, position: u64) -> Result<Option<Vec<u8>>, LedgerError> {
        Ok(self.store.leaf(position)?.map(|leaf| leaf.entry))
    }

    /// The entry at `position`, read; `None` beyond the end.
    pub fn leaf(&self, position: u64) -> Result<Option<Leaf>, LedgerError> {
        self.entry(position)?
            .map(|entry| Leaf::parse(&entry).map_err(|error| damaged(&self.layout.truth(), error)))
            .transpose()
    }

    /// What is behind `position`, checked against its commitment; `None` beyond the end.
    pub fn event(&self, position: u64) -> Result<Option<Opened>, LedgerError> {
        let Some(stored) = self.store.leaf(position)? else { return Ok(None) };
        let leaf = Leaf::parse(&stored.entry);
        Ok(Some(match leaf {
            Ok(leaf) => self.opened(position, &leaf, &stored)?,
            Err(_) => Opened::Broken,
        }))
    }

    /// The opening behind `position` if it matches its commitment, without reading the event in it.
    pub fn opening(&self, position: u64) -> Result<Option<Opening>, LedgerError> {
        let Some(stored) = self.store.leaf(position)? else { return Ok(None) };
        let (Ok(Leaf::Event { commitment }), Some(sealed)) =
            (Leaf::parse(&stored.entry), &stored.sealed)
        else {
            return Ok(None);
        };
        let unsealed = self.vault.borrow_mut().unseal(position, sealed.unit, &sealed.bytes)?;
        Ok(match unsealed {
            Unsealed::Opening(opening) if wire::commitment(&opening) == commitment => Some(opening),
            _ => None,
        })
    }

    /// Entries of `from..to` in order, each with what is behind it.
    pub fn scan<E: From<LedgerError>>(
        &self,
        from: u64,
        to: u64,
        each: &mut dyn FnMut(u64, &Leaf, Opened) -> Result<(), E>,
    ) -> Result<(), E> {
        self.with_keys_at_hand(|| {
            self.store.each_leaf(from, to, &mut |position, stored| {
                let leaf = Leaf::parse(&stored.entry)
                    .map_err(|error| damaged(&self.layout.truth(), error))?;
                let opened = self.opened(position, &leaf, &stored)?;
                each(position, &leaf, opened)
            })
        })
    }

    /// Entries of `from..to` in order, each with its opening as it was sealed and neither compared
    /// with its commitment nor read: for whoever checks them himself.
    pub fn scan_raw<E: From<LedgerError>>(
        &self,
        from: u64,
        to: u64,
        each: &mut EachRaw<'_, E>,
    ) -> Result<(), E> {
        self.with_keys_at_hand(|| {
            self.store.each_leaf(from, to, &mut |position, stored| {
                let unsealed = match &stored.sealed {
                    Some(sealed) => Some(self.vault.borrow_mut().unseal(
                        position,
                        sealed.unit,
                        &sealed.bytes,
                    )?),
                    None => None,
                };
                each(position, &stored.entry, unsealed)
            })
        })
    }

    /// The same as [`LedgerReader::scan`], with reading, unsealing and hashing in a thread of its
    /// own that stays ahead: for whoever has work of his own with each entry.
    pub fn scan_ahead<E: From<LedgerError>>(
        &self,
        from: u64,
        to: u64,
        each: &mut dyn FnMut(u64, &Leaf, Opened) -> Result<(), E>,
    ) -> Result<(), E> {
        if to.saturating_sub(from) < SCAN_AHEAD_MIN {
            return self.scan(from, to, each);
        }
        let directory = self.directory();
        let (sender, receiver) = std::sync::mpsc::sync_channel(CHUNKS_AHEAD);
        std::thread::scope(|scope| {
            let ahead = scope.spawn(move || read_chunks(&directory, from, to, &sender));
            // By value: an error of the caller drops it, which ends the thread that reads.
            for chunk in receiver {
                for (position, leaf, opened) in chunk {
                    each(position, &leaf, opened)?;
                }
            }
            match ahead.join() {
                Ok(result) => result.map_err(E::from),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })
    }

    /// Proof that the entry at `position` is in the tree of the published checkpoint, from the
    /// static tiles; it was checked before it is returned.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when tile, entry or checkpoint were changed, or when the position
    /// is not covered yet.
    pub fn proof(&self, position: u64) -> Result<TlogProof, LedgerError> {
        let (note, checkpoint) = self.checkpoint()?;
        let tiles = TileReader::new(&self.layout.log(), checkpoint.size);
        self.proof_under(position, &note, &checkpoint, &tiles)
    }

    /// The same for each of `positions` under an earlier checkpoint of this log, which was
    /// published once: its tiles are never taken away.
    pub fn proofs(&self, positions: &[u64], note: &str) -> Result<Vec<TlogProof>, LedgerError> {
        let checkpoint = Checkpoint::open(note, &self.vkey)
            .map_err(|error| damaged(&self.layout.checkpoint(), error))?;
        let tiles = TileReader::new(&self.layout.log(), checkpoint.size);
        let prove = |position: &u64| self.proof_under(*position, note, &checkpoint, &tiles);
        positions.iter().map(prove).collect()
    }

    fn proof_under(
        &self,
        position: u64,
        note: &str,
        checkpoint: &Checkpoint,
        tiles: &TileReader,
    ) -> Result<TlogProof, LedgerError> {
        let entry =
            self.entry(position)?.filter(|_| position < checkpoint.size).ok_or_else(|| {
                damaged(&self.layout.checkpoint(), "it does not cover the position yet")
            })?;
        let hashes = inclusion_proof(position, checkpoint.size, tiles)
            .map_err(|error| damaged(&self.layout.log(), full_reason(&error)))?;
        let proof = TlogProof {
            extra: Some(entry.clone()),
            index: position,
            hashes,
            checkpoint: note.to_owned(),
        };
        // The checkpoint's own signature was checked when it was opened.
        let (leaf, root) = (leaf_hash(&entry), &checkpoint.root);
        if !verify_inclusion(&leaf, position, checkpoint.size, &proof.hashes, root) {
            return Err(damaged(&self.layout.log(), "the proof does not hold"));
        }
        Ok(proof)
    }

    /// Key for the rows of `read.db`, so that a changed row is noticed.
    pub fn mac_key(&self) -> Result<[u8; 32], LedgerError> {
        self.vault.borrow_mut().derived("read tables")
    }

    /// Does `work`, which reads many entries, in one view of the vault.
    fn with_keys_at_hand<T, E: From<LedgerError>>(
        &self,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let is_ours = self.vault.borrow_mut().begin_snapshot()?;
        let done = work();
        if is_ours {
            self.vault.borrow_mut().end_snapshot()?;
        }
        done
    }

    fn opened(
        &self,
        position: u64,
        leaf: &Leaf,
        stored: &StoredLeaf,
    ) -> Result<Opened, LedgerError> {
        let Leaf::Event { commitment } = leaf else { return Ok(Opened::Clear) };
        let Some(sealed) = &stored.sealed else { return Ok(Opened::Destroyed) };
        let unsealed = self.vault.borrow_mut().unseal(position, sealed.unit, &sealed.bytes)?;
        Ok(match unsealed {
            Unsealed::Destroyed => Opened::Destroyed,
            Unsealed::Broken => Opened::Broken,
            Unsealed::Opening(opening) if wire::commitment(&opening) != *commitment => {
                Opened::Broken
            }
            Unsealed::Opening(opening) => match wire::unseal(&opening) {
                Ok(event) => Opened::Event(Box::new(event), opening),
                Err(WireError::UnknownType { kind, record }) => Opened::Unknown { kind, record },
                Err(_) => Opened::Broken,
            },
        })
    }
}

/// Below this a thread costs more than it saves.
const SCAN_AHEAD_MIN: u64 = 4_096;
/// Entries handed over at once.
const CHUNK: usize = 512;
/// Chunks that may wait: about 4,000 events, a few megabytes.
const CHUNKS_AHEAD: usize = 8;

type Entries = Vec<(u64, Leaf, Opened)>;

/// Why reading ahead ends early.
enum Stop {
    Failed(LedgerError),
    /// Nobody takes the entries any more.
    NotWanted,
}

impl From<LedgerError> for Stop {
    fn from(error: LedgerError) -> Stop {
        Stop::Failed(error)
    }
}

fn read_chunks(
    directory: &Path,
    from: u64,
    to: u64,
    sender: &std::sync::mpsc::SyncSender<Entries>,
) -> Result<(), LedgerError> {
    let mut chunk = Entries::with_capacity(CHUNK);
    let scanned = LedgerReader::open(directory)?.scan(from, to, &mut |position, leaf, opened| {
        chunk.push((position, leaf.clone(), opened));
        if chunk.len() < CHUNK {
            return Ok(());
        }
        let full = std::mem::replace(&mut chunk, Entries::with_capacity(CHUNK));
        sender.send(full).map_err(|_| Stop::NotWanted)
    });
    match scanned {
        Ok(()) => {
            // Refused only when nobody takes it any more, which is his own error to report.
            let _ = sender.send(chunk);
            Ok(())
        }
        Err(Stop::NotWanted) => Ok(()),
        Err(Stop::Failed(error)) => Err(error),
    }
}

fn full_reason(error: &dyn std::error::Error) -> String {
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        reason = format!("{reason}: {cause}");
        source = cause.source();
    }
    reason
}
