//! Opening a registry for writing: what a crash left is mended, what would fork the log is refused.

use std::fs::File;

use super::{Ledger, damaged};
use crate::entropy::{Buffered, Entropy};
use crate::error::LedgerError;
use crate::files::{Layout, write_one};
use crate::merkle::{Frontier, leaf_hash};
use crate::note::{Checkpoint, SignerKey, Vkey};
use crate::static_log::{StaticLog, root_of_tiles};
use crate::store::sqlite::SqliteStore;
use crate::store::{Head, TruthStore};
use crate::vault::{Access, Vault};

/// Entries read at a time while tiles are written anew: 16 bundles' worth of memory and more.
const CHUNK: u64 = 65_536;

pub fn open(layout: Layout, lock: File, entropy: Box<dyn Entropy>) -> Result<Ledger, LedgerError> {
    let key = read_key(&layout)?;
    let vkey = key.vkey().clone();
    let origin = vkey.name().to_owned();
    let mut store = SqliteStore::open(&layout.truth())?;
    let head = store.head()?;
    let edge = Frontier::from_parts(head.size, head.edge.clone())
        .ok_or_else(|| damaged(&layout.truth(), "the edge of the tree does not fit its size"))?;
    let signed = read_checkpoint(&layout, &vkey)?;
    if signed.size > head.size {
        return Err(LedgerError::OlderThanSigned { size: head.size, signed: signed.size });
    }
    if root_at(&layout, &store, &head, &edge, signed.size)? != signed.root {
        return Err(LedgerError::Diverged(signed.size));
    }
    // The published checkpoint was signed as well. After a restore that left `log/` alone it may be
    // newer than all the rest, and what it covers must not be signed a second time.
    let published = read_published(&layout, &vkey)?;
    if let Some(published) = &published {
        if published.size > head.size {
            let signed = published.size;
            return Err(LedgerError::OlderThanSigned { size: head.size, signed });
        }
        if root_at(&layout, &store, &head, &edge, published.size)? != published.root {
            return Err(LedgerError::Diverged(published.size));
        }
    }
    let latest = store
        .checkpoint(head.size)?
        .ok_or_else(|| damaged(&layout.truth(), "the last checkpoint is missing"))?;
    if signed.size < head.size {
        // Killed between the commit and the outside copy: the commit stands.
        write_one(&layout.checkpoint_last(), latest.as_bytes())?;
    }
    let static_log = catch_up(&layout, &store, &edge, published, &latest)?;
    let mut vault = Vault::open(&layout.vault(), &origin, Access::Write)?;
    let epoch = store.take_lease()?;
    let row_hash_key = vault.derived("row key")?;
    let mut ledger = Ledger {
        at: head.at,
        files_deferred: false,
        poisoned: false,
        _lock: lock,
        layout,
        origin,
        key,
        store,
        vault,
        static_log,
        edge,
        epoch,
        entropy: Buffered::new(entropy),
        row_hash_key,
    };
    ledger.finish_erasures()?;
    Ok(ledger)
}

fn read_key(layout: &Layout) -> Result<SignerKey, LedgerError> {
    let path = layout.log_key();
    let text = std::fs::read_to_string(&path).map_err(LedgerError::io(&path))?;
    SignerKey::from_text(&text).map_err(|error| damaged(&path, error))
}

/// The outside copy of the last signed checkpoint.
fn read_checkpoint(layout: &Layout, vkey: &Vkey) -> Result<Checkpoint, LedgerError> {
    let path = layout.checkpoint_last();
    if !path.exists() {
        return Err(LedgerError::CheckpointMissing(path));
    }
    let note = std::fs::read_to_string(&path).map_err(LedgerError::io(&path))?;
    Checkpoint::open(&note, vkey).map_err(|error| damaged(&path, error))
}

/// The published checkpoint; only where there is none at all may one be published anew.
fn read_published(layout: &Layout, vkey: &Vkey) -> Result<Option<Checkpoint>, LedgerError> {
    let path = layout.checkpoint();
    if !path.exists() {
        return Ok(None);
    }
    let note = std::fs::read_to_string(&path).map_err(LedgerError::io(&path))?;
    Checkpoint::open(&note, vkey).map(Some).map_err(|error| damaged(&path, error))
}

/// The root over the first `size` entries of the database.
fn root_at(
    layout: &Layout,
    store: &SqliteStore,
    head: &Head,
    edge: &Frontier,
    size: u64,
) -> Result<[u8; 32], LedgerError> {
    if size == head.size {
        return Ok(edge.root());
    }
    // The tiles are quick, but only the database counts: they serve if they agree with its end.
    if let (Some(end), Some(root)) = (root_of_tiles(layout, head.size), root_of_tiles(layout, size))
        && end == edge.root()
    {
        return Ok(root);
    }
    let mut tree = Frontier::new();
    store.each_leaf::<LedgerError>(0, size, &mut |_, leaf| {
        tree.push(leaf_hash(&leaf.entry));
        Ok(())
    })?;
    Ok(tree.root())
}

/// Brings tiles and published checkpoint up to what is committed.
fn catch_up(
    layout: &Layout,
    store: &SqliteStore,
    edge: &Frontier,
    published: Option<Checkpoint>,
    latest: &str,
) -> Result<StaticLog, LedgerError> {
    let resumed = match &published {
        Some(checkpoint) => {
            let from = checkpoint.size - checkpoint.size % 256;
            let tail = store.leaves(from, checkpoint.size)?;
            let tail = tail.into_iter().map(|leaf| leaf.entry).collect();
            StaticLog::resume(layout, checkpoint.size, &checkpoint.root, tail)
        }
        None => None,
    };
    let mut log = resumed.unwrap_or_else(|| StaticLog::empty(layout));
    let behind = log.size() < edge.size();
    while log.size() < edge.size() {
        let to = (log.size() + CHUNK).min(edge.size());
        let leaves = store.leaves(log.size(), to)?;
        let entries: Vec<_> = leaves.into_iter().map(|leaf| leaf.entry).collect();
        if entries.is_empty() {
            return Err(damaged(&layout.truth(), "entries are missing before the end of the log"));
        }
        log.extend(&entries)?;
    }
    if behind || published.is_none() {
        // What is published must be the tree that was signed, whatever the rows say by now.
        if root_of_tiles(layout, edge.size()) != Some(edge.root()) {
            return Err(LedgerError::Diverged(edge.size()));
        }
        log.publish(latest)?;
    }
    Ok(log)
}
