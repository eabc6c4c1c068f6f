//! The static files of the log: tiles, entry bundles and the checkpoint, exactly as C2SP
//! tlog-tiles has them. They follow from committed rows, so writing them twice changes nothing.

use std::fs;
use std::path::PathBuf;

use crate::error::LedgerError;
use crate::files::{Layout, write_durably, write_one};
use crate::merkle::{Frontier, HashSource, leaf_hash};
use crate::tiles::{
    FULL_WIDTH, TileCoordinates, TileEdge, TileReader, encode_bundle, entries_path, tile_path,
};

/// The writer of `log/`.
pub struct StaticLog {
    layout: Layout,
    edge: TileEdge,
    /// Entries of the last, unfinished bundle.
    tail: Vec<Vec<u8>>,
}

impl StaticLog {
    /// A log without entries.
    pub fn empty(layout: &Layout) -> StaticLog {
        StaticLog { layout: layout.clone(), edge: TileEdge::new(), tail: Vec::new() }
    }

    /// Goes on after `size` published entries. `tail` holds the entries since the last full bundle.
    /// `None` when the tiles on disk are missing or do not lead to `root`: write them anew then.
    pub fn resume(
        layout: &Layout,
        size: u64,
        root: &[u8; 32],
        tail: Vec<Vec<u8>>,
    ) -> Option<StaticLog> {
        let tiles = TileReader::new(&layout.log(), size);
        let edge = TileEdge::read(size, &tiles).ok()?;
        // The edge alone decides what is written next, so it has to be the tree that was signed.
        let frontier = Frontier::read(size, &tiles).ok()?;
        (frontier.root() == *root).then(|| StaticLog { layout: layout.clone(), edge, tail })
    }

    /// Number of entries written.
    pub fn size(&self) -> u64 {
        self.edge.size()
    }

    /// Writes the tiles and bundles that `entries` complete or touch; durable when it returns.
    /// A crash leaves files beyond the published checkpoint, which the next start writes again.
    pub fn extend(&mut self, entries: &[Vec<u8>]) -> Result<(), LedgerError> {
        let log = self.layout.log();
        let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
        let mut full: Vec<PathBuf> = Vec::new();
        for entry in entries {
            self.edge.push(leaf_hash(entry), &mut |tile: TileCoordinates, bytes| {
                full.push(log.join(format!("{}.p", tile.path())));
                files.push((log.join(tile.path()), bytes));
            });
            self.tail.push(entry.clone());
            if self.tail.len() == usize::from(FULL_WIDTH) {
                let path = entries_path(self.edge.size() / 256 - 1, FULL_WIDTH);
                full.push(log.join(format!("{path}.p")));
                files.push((log.join(path), self.bundle()?));
                self.tail.clear();
            }
        }
        for (tile, bytes) in self.edge.partial_tiles() {
            files.push((log.join(tile_path(tile.level, tile.index, tile.width)), bytes));
        }
        if !self.tail.is_empty() {
            let path = entries_path(self.edge.size() / 256, self.tail.len() as u16);
            files.push((log.join(path), self.bundle()?));
        }
        write_durably(&files)?;
        self.drop_partials(full);
        Ok(())
    }

    /// Publishes a checkpoint over what was written. Last of all (ledger 1.4).
    pub fn publish(&self, checkpoint: &str) -> Result<(), LedgerError> {
        write_one(&self.layout.checkpoint(), checkpoint.as_bytes())
    }

    fn bundle(&self) -> Result<Vec<u8>, LedgerError> {
        encode_bundle(&self.tail).map_err(|error| LedgerError::Damaged {
            path: self.layout.log(),
            what: error.to_string(),
        })
    }

    /// Partial tiles may go once the full one is there. Failing to remove them harms nobody.
    fn drop_partials(&self, folders: Vec<PathBuf>) {
        for folder in folders {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// The root over the first `size` leaves of the tiles in `layout`, or `None` when they are not all
/// there.
pub fn root_of_tiles(layout: &Layout, size: u64) -> Option<[u8; 32]> {
    let tiles = TileReader::new(&layout.log(), size);
    Frontier::read(size, &tiles).ok().map(|frontier| frontier.root())
}

/// A compile-time reminder that tiles serve as a source of hashes for proofs.
const _: fn(&TileReader) -> &dyn HashSource<Error = crate::tiles::TileReadError> = |tiles| tiles;
