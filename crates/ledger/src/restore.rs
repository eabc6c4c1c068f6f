//! From a backup back to a registry.
//!
//! A log must never tell two histories. Whoever restores says what is known of what was signed
//! after the backup, and one of three things follows (design 4): nothing was, and the log goes on;
//! the published log is there, and the missing entries come from it; or they are gone, and a new
//! log begins that names the old one.

use std::fs;
use std::path::Path;

use domain::civil::Instant;
use domain::event::EventBody;
use domain::ids::RecordId;

use crate::entropy::Entropy;
use crate::error::LedgerError;
use crate::files::{Layout, close_to_others, write_one, write_private};
use crate::merkle::{Frontier, leaf_hash};
use crate::note::{Checkpoint, SignerKey, Vkey};
use crate::reader::{LedgerReader, Opened};
use crate::sequencer::{Batch, Draft, Ledger, Setup};
use crate::store::sqlite::SqliteStore;
use crate::store::{Append, AppendOutcome, Head, StoredLeaf, TruthStore};
use crate::tiles::{FULL_WIDTH, decode_bundle, entries_path};
use crate::verify::LogSource;
use crate::wire::{self, Leaf};

/// Events written at a time into a new log.
const EVENTS_PER_BATCH: usize = 2_000;

/// Where a backup lies.
#[derive(Debug, Clone, Copy)]
pub struct Backup<'a> {
    /// The folder with `truth.db`, `checkpoint` and `vkey`.
    pub truth: &'a Path,
    /// The folder with `vault-keys.db` and `log.key`.
    pub keys: &'a Path,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Entries in the backup.
    pub in_backup: u64,
    /// Entries that came from the published log.
    pub replayed: u64,
    /// Events whose content is lost; an `erasure` entry names them now.
    pub lost: u64,
    /// Entries of the registry.
    pub size: u64,
}

/// Why a backup was not restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The files of the backup do not fit each other or the log.
    #[error("{0}")]
    DoesNotFit(String),
    /// The published log could not be read.
    #[error("the published log cannot be read: {0}")]
    Log(String),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

fn does_not_fit(what: impl Into<String>) -> RestoreError {
    RestoreError::DoesNotFit(what.into())
}

/// Restores `backup` into the empty folder `into` and goes on with its log. `published` is a copy
/// of the log as it was published last; without it the caller vouches that nothing was signed after
/// the backup. A crash leaves a folder that is not to be used; the caller builds beside and
/// renames.
pub fn same_log(
    backup: Backup<'_>,
    published: Option<&dyn LogSource>,
    into: &Path,
    now: Instant,
    entropy: Box<dyn Entropy>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Restored, RestoreError> {
    let (vkey, own) = lay_out(backup, into)?;
    let layout = Layout::new(into);
    let mut store = SqliteStore::open(&layout.truth())?;
    let edge = check_tree(&store, &own, progress)?;
    let mut newest = (own.size, read(&backup.truth.join("checkpoint"))?);
    if let Some(log) = published {
        let note = fetch(log, "checkpoint")?;
        let note = String::from_utf8(note).map_err(|_| RestoreError::Log("no text".to_owned()))?;
        let theirs = Checkpoint::open(&note, &vkey)
            .map_err(|error| does_not_fit(format!("the published checkpoint: {error}")))?;
        if theirs.size > own.size {
            replay(&mut store, log, &own, edge, &theirs, &note, progress)?;
            newest = (theirs.size, note);
        } else if root_of(&store, theirs.size)? != theirs.root {
            return Err(does_not_fit(format!(
                "the published log and the backup differ within the first {} entries; they are not of one history",
                theirs.size
            )));
        }
    }
    write_one(&layout.checkpoint_last(), newest.1.as_bytes())?;
    drop(store);
    let mut ledger = Ledger::open(into, entropy)?;
    let lost = lost_positions(&ledger.reader()?)?;
    let count = lost.len() as u64;
    ledger.name_lost(lost, now)?;
    Ok(Restored {
        in_backup: own.size,
        replayed: newest.0 - own.size,
        lost: count,
        size: ledger.size(),
    })
}

/// Restores the content of `backup` into a log of another name, `origin`, which names the last
/// checkpoint known of the old one: `last`, or that of the backup. `scratch` and `into` are empty.
pub fn new_log(
    backup: Backup<'_>,
    origin: &str,
    last: Option<&str>,
    (scratch, into): (&Path, &Path),
    now: Instant,
    entropy: Box<dyn Entropy>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Restored, RestoreError> {
    let (vkey, own) = lay_out(backup, scratch)?;
    if vkey.name() == origin {
        return Err(does_not_fit(format!(
            "`{origin}` is the name of the old log; two logs of one name would be two histories"
        )));
    }
    check_tree(&SqliteStore::open(&Layout::new(scratch).truth())?, &own, progress)?;
    let note = match last {
        Some(note) => {
            Checkpoint::open(note, &vkey)
                .map_err(|error| does_not_fit(format!("the last checkpoint: {error}")))?;
            note.to_owned()
        }
        None => read(&backup.truth.join("checkpoint"))?,
    };
    fs::create_dir_all(into).map_err(LedgerError::io(into))?;
    let vault = Layout::new(into).vault();
    fs::copy(Layout::new(scratch).vault(), &vault).map_err(LedgerError::io(&vault))?;
    let reader = LedgerReader::open(scratch)?;
    let announced = announced(&reader)?;
    let setup =
        Setup { origin: origin.to_owned(), packs: policies(&reader)?, profiles: Vec::new() };
    let mut ledger = Ledger::create(into, &setup, now, entropy)?;
    let leaves = vec![Leaf::Predecessor { checkpoint: note }];
    ledger.append(Batch { leaves, ..Batch::default() }, now)?;
    let mut batch = Batch::default();
    let mut seen = std::collections::HashSet::new();
    let mut lost = 0;
    reader.scan::<LedgerError>(0, own.size, &mut |position, _, opened| {
        progress(position, own.size);
        match opened {
            Opened::Event(event, opening) => {
                // What was signed goes on as it was signed.
                let submission = wire::submission(&opening)?.map(Box::new);
                let at = usize::try_from(position).unwrap_or(usize::MAX);
                let open = announced.get(at) == Some(&Announced::Open);
                // Of several revisions in one batch the first says what stands before.
                let revision = expected(&event.body).filter(|(id, _)| seen.insert(*id));
                batch.expected.extend(revision);
                batch.drafts.push(Draft { event: event.body, open, submission });
            }
            Opened::Clear => {}
            _ => lost += 1,
        }
        if batch.drafts.len() >= EVENTS_PER_BATCH {
            seen.clear();
            ledger.append(std::mem::take(&mut batch), now)?;
        }
        Ok(())
    })?;
    if !batch.drafts.is_empty() {
        ledger.append(batch, now)?;
    }
    Ok(Restored { in_backup: own.size, replayed: 0, lost, size: ledger.size() })
}

/// The files of a backup at their places in `into`, and what they say of themselves.
fn lay_out(backup: Backup<'_>, into: &Path) -> Result<(Vkey, Checkpoint), RestoreError> {
    let layout = Layout::new(into);
    let vkey_text = read(&backup.truth.join("vkey"))?;
    let vkey = Vkey::parse(vkey_text.trim_end())
        .map_err(|error| does_not_fit(format!("`vkey` of the backup: {error}")))?;
    let own = Checkpoint::open(&read(&backup.truth.join("checkpoint"))?, &vkey)
        .map_err(|error| does_not_fit(format!("`checkpoint` of the backup: {error}")))?;
    let key_text = read(&backup.keys.join("log.key"))?;
    let key = SignerKey::from_text(&key_text)
        .map_err(|error| does_not_fit(format!("`log.key` of the keys: {error}")))?;
    if *key.vkey() != vkey {
        return Err(does_not_fit("the signing key is not the one of this backup's log"));
    }
    for folder in [into.to_owned(), layout.log(), layout.keys()] {
        fs::create_dir_all(&folder).map_err(LedgerError::io(&folder))?;
    }
    close_to_others(into)?;
    for (from, to) in [
        (Layout::new(backup.truth).truth(), layout.truth()),
        (Layout::new(backup.keys).vault(), layout.vault()),
    ] {
        fs::copy(&from, &to).map_err(LedgerError::io(&from))?;
    }
    write_private(&layout.log_key(), key_text.as_bytes())?;
    write_one(&layout.vkey(), vkey_text.as_bytes())?;
    Ok((vkey, own))
}

/// Recomputes the tree of the backup: what is put back must be what was signed.
fn check_tree(
    store: &SqliteStore,
    own: &Checkpoint,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Frontier, RestoreError> {
    let mut tree = Frontier::new();
    store.each_leaf::<LedgerError>(0, own.size, &mut |position, leaf| {
        tree.push(leaf_hash(&leaf.entry));
        progress(position, own.size);
        Ok(())
    })?;
    if tree.size() != own.size || tree.root() != own.root || store.head()?.size != own.size {
        return Err(does_not_fit(
            "`truth.db` of the backup is not what its checkpoint was signed over; use another backup",
        ));
    }
    Ok(tree)
}

fn root_of(store: &SqliteStore, size: u64) -> Result<[u8; 32], LedgerError> {
    let mut tree = Frontier::new();
    store.each_leaf::<LedgerError>(0, size, &mut |_, leaf| {
        tree.push(leaf_hash(&leaf.entry));
        Ok(())
    })?;
    Ok(tree.root())
}

/// Puts the entries that were published after the backup behind it. Their content is not published
/// as sealed openings, so it is lost; what they say about earlier content is done.
fn replay(
    store: &mut SqliteStore,
    log: &dyn LogSource,
    own: &Checkpoint,
    mut edge: Frontier,
    theirs: &Checkpoint,
    note: &str,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), RestoreError> {
    let full = u64::from(FULL_WIDTH);
    let mut leaves = Vec::new();
    let mut erasing = Vec::new();
    for index in own.size / full..theirs.size.div_ceil(full) {
        let width = (theirs.size - index * full).min(full);
        let path = entries_path(index, u16::try_from(width).unwrap_or(FULL_WIDTH));
        let entries = decode_bundle(&fetch(log, &path)?)
            .map_err(|error| RestoreError::Log(format!("{path}: {error}")))?;
        if entries.len() as u64 != width {
            return Err(RestoreError::Log(format!("{path} has {} entries", entries.len())));
        }
        for (position, entry) in (index * full..).zip(entries) {
            if position < own.size {
                continue;
            }
            edge.push(leaf_hash(&entry));
            if let Ok(Leaf::Erasure { ranges, .. }) = Leaf::parse(&entry) {
                erasing.extend(units_in(store, &ranges)?);
            }
            leaves.push(StoredLeaf { entry, sealed: None });
            progress(position, theirs.size);
        }
    }
    if edge.root() != theirs.root {
        return Err(does_not_fit(
            "the published log does not go on from this backup: its entries lead to another root",
        ));
    }
    erasing.sort_unstable();
    erasing.dedup();
    let append = Append {
        epoch: store.take_lease()?,
        leaves,
        before: own.size,
        head: Head { size: theirs.size, at: store.head()?.at, edge: edge.parts().to_vec() },
        checkpoint: note.to_owned(),
        revisions: Vec::new(),
        erasing,
    };
    match store.append(&append)? {
        AppendOutcome::Committed => Ok(()),
        _ => Err(LedgerError::Fenced.into()),
    }
}

fn units_in(store: &SqliteStore, ranges: &[(u64, u64)]) -> Result<Vec<[u8; 17]>, LedgerError> {
    let mut units = Vec::new();
    for (first, last) in ranges {
        store.each_leaf::<LedgerError>(*first, last.saturating_add(1), &mut |_, leaf| {
            units.extend(leaf.sealed.map(|sealed| sealed.unit));
            Ok(())
        })?;
    }
    Ok(units)
}

/// What the log says about each position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Announced {
    Nothing,
    Open,
    Withheld,
    Erased,
}

fn announced(reader: &LedgerReader) -> Result<Vec<Announced>, LedgerError> {
    let size = reader.size()?;
    let mut states = vec![Announced::Nothing; usize::try_from(size).unwrap_or(usize::MAX)];
    for position in 0..size {
        let (ranges, state) = match reader.leaf(position)? {
            Some(Leaf::Open { ranges }) => (ranges, Announced::Open),
            Some(Leaf::Withhold { ranges, .. }) => (ranges, Announced::Withheld),
            Some(Leaf::Erasure { ranges, .. }) => (ranges, Announced::Erased),
            _ => continue,
        };
        for (first, last) in ranges {
            let (first, last) = (first.min(size), last.min(position));
            let range = usize::try_from(first).unwrap_or(0)..=usize::try_from(last).unwrap_or(0);
            if let Some(states) = states.get_mut(range) {
                states.fill(state);
            }
        }
    }
    Ok(states)
}

/// Events without content that no `erasure` entry names.
fn lost_positions(reader: &LedgerReader) -> Result<Vec<u64>, LedgerError> {
    let announced = announced(reader)?;
    let mut lost = Vec::new();
    reader.scan::<LedgerError>(0, reader.size()?, &mut |position, _, opened| {
        let at = usize::try_from(position).unwrap_or(usize::MAX);
        if opened == Opened::Destroyed && announced.get(at) != Some(&Announced::Erased) {
            lost.push(position);
        }
        Ok(())
    })?;
    Ok(lost)
}

fn policies(reader: &LedgerReader) -> Result<Vec<(String, String)>, LedgerError> {
    let mut packs = std::collections::BTreeMap::new();
    for position in 0..reader.size()? {
        if let Some(Leaf::Policy { pack, hash }) = reader.leaf(position)? {
            packs.insert(pack, hash);
        }
    }
    Ok(packs.into_iter().collect())
}

fn expected(event: &EventBody) -> Option<(RecordId, u32)> {
    match event {
        EventBody::RecordSubmitted(record) | EventBody::RecordRevised(record) => {
            Some((record.id, record.revision.saturating_sub(1)))
        }
        _ => None,
    }
}

fn read(path: &Path) -> Result<String, LedgerError> {
    fs::read_to_string(path).map_err(LedgerError::io(path))
}

fn fetch(log: &dyn LogSource, path: &str) -> Result<Vec<u8>, RestoreError> {
    match log.fetch(path) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(RestoreError::Log(format!("there is no `{path}`"))),
        Err(error) => Err(RestoreError::Log(error.to_string())),
    }
}
