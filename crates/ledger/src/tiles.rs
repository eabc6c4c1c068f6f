//! The log as static files: tiles, entry bundles and their paths, exactly as C2SP `tlog-tiles`.
//!
//! A tile of level `L` and index `N` holds up to 256 hashes of the tree level `8 * L`, 32 bytes
//! each, from node `256 * N` on. A full tile has 256 of them; the last one of a level is *partial*,
//! is named by its width, and is superseded (never changed) as the tree grows.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::format::FormatError;
use crate::merkle::{Hash, HashSource, node_hash};

/// Hashes in a full tile, entries in a full bundle.
pub const FULL_WIDTH: u16 = 256;

/// Levels of tiles a tree can have: 63 tree levels, eight to a tile.
const TILE_LEVELS: u8 = 8;

/// Longest entry: its length is written in two bytes.
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// Which tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileCoordinates {
    /// Tile level: its hashes are nodes of the tree level `8 * level`.
    pub level: u8,
    /// Its index in the level.
    pub index: u64,
    /// Number of hashes, 1 to 256.
    pub width: u16,
}

impl TileCoordinates {
    /// Path below the log's prefix, `tile/0/x001/234.p/17`.
    pub fn path(&self) -> String {
        tile_path(self.level, self.index, self.width)
    }

    /// Whether it will never be superseded.
    pub fn is_full(&self) -> bool {
        self.width == FULL_WIDTH
    }
}

/// Path of a tile below the log's prefix.
///
/// ```
/// use goodstanding_ledger::tiles::tile_path;
/// assert_eq!(tile_path(0, 1_234_067, 256), "tile/0/x001/x234/067");
/// assert_eq!(tile_path(1, 1, 17), "tile/1/001.p/17");
/// ```
pub fn tile_path(level: u8, index: u64, width: u16) -> String {
    format!("tile/{level}/{}", index_path(index, width))
}

/// Path of an entry bundle below the log's prefix.
pub fn entries_path(index: u64, width: u16) -> String {
    format!("tile/entries/{}", index_path(index, width))
}

/// Path of a bundle of openings below the log's prefix; same numbering as the entry bundles.
pub fn payload_path(index: u64, width: u16) -> String {
    format!("payload/{}", index_path(index, width))
}

/// An index in groups of three digits, all but the last marked with `x`, and the width if partial.
pub fn index_path(index: u64, width: u16) -> String {
    let mut path = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    if width < FULL_WIDTH {
        path.push_str(&format!(".p/{width}"));
    }
    path
}

/// Reads what [`index_path`] writes, and nothing else: one index and width have one path.
///
/// ```
/// use goodstanding_ledger::tiles::parse_index_path;
/// assert_eq!(parse_index_path("x001/234.p/17"), Some((1234, 17)));
/// assert_eq!(parse_index_path("1234"), None);
/// ```
pub fn parse_index_path(path: &str) -> Option<(u64, u16)> {
    let (digits, width) = match path.split_once(".p/") {
        Some((digits, width)) => (digits, width.parse().ok().filter(|w| (1..256).contains(w))?),
        None => (path, FULL_WIDTH),
    };
    let mut index: u64 = 0;
    for group in digits.split('/') {
        let number = group.strip_prefix('x').unwrap_or(group);
        let number = Some(number).filter(|n| n.len() == 3 && n.bytes().all(|b| b.is_ascii_digit()));
        index = index.checked_mul(1000)?.checked_add(number?.parse().ok()?)?;
    }
    // Leading zero groups, a missing or a superfluous `x` and signs do not survive the way back.
    (index_path(index, width) == path).then_some((index, width))
}

/// Writes entries one after the other, each after its length in two bytes, big end first.
pub fn encode_bundle<B: AsRef<[u8]>>(entries: &[B]) -> Result<Vec<u8>, FormatError> {
    if entries.len() > usize::from(FULL_WIDTH) {
        return Err(FormatError::TooManyEntries(entries.len()));
    }
    let mut bytes = Vec::with_capacity(entries.iter().map(|e| e.as_ref().len() + 2).sum());
    for entry in entries.iter().map(AsRef::as_ref) {
        let length =
            u16::try_from(entry.len()).map_err(|_| FormatError::EntryTooLong(entry.len()))?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Ok(bytes)
}

/// Reads a bundle into its entries.
pub fn decode_bundle(bytes: &[u8]) -> Result<Vec<Vec<u8>>, FormatError> {
    Ok(bundle_entries(bytes)?.into_iter().map(<[u8]>::to_vec).collect())
}

/// Reads a bundle into its entries without copying them.
pub fn bundle_entries(bytes: &[u8]) -> Result<Vec<&[u8]>, FormatError> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk::<2>().ok_or(FormatError::Bundle)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after.split_at_checked(length).ok_or(FormatError::Bundle)?;
        entries.push(entry);
        rest = after;
    }
    if entries.len() > usize::from(FULL_WIDTH) {
        return Err(FormatError::Bundle);
    }
    Ok(entries)
}

/// Reads a tile of this width.
pub fn decode_tile(bytes: &[u8], width: u16) -> Result<&[Hash], FormatError> {
    match bytes.as_chunks::<32>() {
        (hashes, []) if hashes.len() == usize::from(width) => Ok(hashes),
        _ => Err(FormatError::Tile),
    }
}

/// The bundles (or tiles of one level) that hold `count` entries, in order, as `(index, width)`.
pub fn bundles(count: u64) -> impl Iterator<Item = (u64, u16)> {
    let full = u64::from(FULL_WIDTH);
    let rest = (count % full) as u16;
    let partial = (rest > 0).then_some((count / full, rest));
    (0..count / full).map(|index| (index, FULL_WIDTH)).chain(partial)
}

/// All tiles of a tree of `size` leaves, lowest level first.
pub fn tiles_of(size: u64) -> impl Iterator<Item = TileCoordinates> {
    (0..TILE_LEVELS).flat_map(move |level| {
        let nodes = size >> (8 * u32::from(level));
        bundles(nodes).map(move |(index, width)| TileCoordinates { level, index, width })
    })
}

/// Tiles that must be written when a tree grows from `old` to `new` leaves: those that became full
/// and the last partial one of each level that changed. Lowest level first.
pub fn tiles_for_growth(old: u64, new: u64) -> Vec<TileCoordinates> {
    let mut tiles = Vec::new();
    for level in 0..TILE_LEVELS {
        let shift = 8 * u32::from(level);
        let (old_nodes, new_nodes) = (old >> shift, new >> shift);
        if new_nodes <= old_nodes {
            break;
        }
        let full = u64::from(FULL_WIDTH);
        for index in old_nodes / full..=new_nodes / full {
            let width = (new_nodes - index * full).min(full) as u16;
            if width > 0 {
                tiles.push(TileCoordinates { level, index, width });
            }
        }
    }
    tiles
}

/// Bytes of one tile, from any source of hashes.
pub fn tile_bytes<S: HashSource + ?Sized>(
    tile: TileCoordinates,
    source: &S,
) -> Result<Vec<u8>, S::Error> {
    let mut bytes = Vec::with_capacity(usize::from(tile.width) * 32);
    let first = tile.index * u64::from(FULL_WIDTH);
    for index in first..first + u64::from(tile.width) {
        bytes.extend_from_slice(&source.hash(tile.level * 8, index)?);
    }
    Ok(bytes)
}

/// Root over hashes whose number is a power of two.
pub fn complete_root(hashes: &[Hash]) -> Option<Hash> {
    if !hashes.len().is_power_of_two() {
        return None;
    }
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
    }
    row.first().copied()
}

/// The last, unfinished tile of every level: all the sequencer needs in order to write the tiles of
/// what it appends, without reading one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TileEdge {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

impl TileEdge {
    /// The edge of the empty log.
    pub fn new() -> TileEdge {
        TileEdge::default()
    }

    /// The edge of a log of `size` leaves, read once at start.
    pub fn read<S: HashSource + ?Sized>(size: u64, source: &S) -> Result<TileEdge, S::Error> {
        let mut levels = Vec::new();
        for level in 0..TILE_LEVELS {
            let nodes = size >> (8 * u32::from(level));
            if nodes == 0 {
                break;
            }
            let first = nodes - nodes % u64::from(FULL_WIDTH);
            let hashes = (first..nodes).map(|index| source.hash(level * 8, index));
            levels.push(hashes.collect::<Result<Vec<Hash>, S::Error>>()?);
        }
        Ok(TileEdge { size, levels })
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf hash and hands every tile that it completes to `finished`.
    pub fn push(&mut self, leaf: Hash, finished: &mut dyn FnMut(TileCoordinates, Vec<u8>)) {
        let mut carried = leaf;
        for level in 0..usize::from(TILE_LEVELS) {
            if self.levels.len() == level {
                self.levels.push(Vec::with_capacity(usize::from(FULL_WIDTH)));
            }
            let Some(row) = self.levels.get_mut(level) else { break };
            row.push(carried);
            if row.len() < usize::from(FULL_WIDTH) {
                break;
            }
            let index = self.size >> (8 * (level + 1));
            let tile = TileCoordinates { level: level as u8, index, width: FULL_WIDTH };
            finished(tile, row.concat());
            let Some(root) = complete_root(row) else { break };
            row.clear();
            carried = root;
        }
        self.size += 1;
    }

    /// The partial tiles as they stand, lowest level first. Write them after each batch.
    pub fn partial_tiles(&self) -> impl Iterator<Item = (TileCoordinates, Vec<u8>)> + '_ {
        let filled = self.levels.iter().enumerate().filter(|(_, row)| !row.is_empty());
        filled.map(|(level, row)| {
            let index = self.size >> (8 * (level + 1));
            let width = row.len() as u16;
            (TileCoordinates { level: level as u8, index, width }, row.concat())
        })
    }
}

/// What can go wrong when a tile is read.
#[derive(Debug, thiserror::Error)]
pub enum TileReadError {
    /// The file could not be read.
    #[error("the tile {path} could not be read")]
    Input {
        /// Which tile.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is not there.
    #[error("the tile {0} is missing")]
    Missing(String),
    /// The file has the wrong length.
    #[error("the tile {0} does not have the length its path says")]
    Malformed(String),
    /// A node outside the tree was asked for.
    #[error("node {index} at level {level} is outside a tree of size {size}")]
    OutOfRange {
        /// Level asked for.
        level: u8,
        /// Index asked for.
        index: u64,
        /// Size of the tree.
        size: u64,
    },
}

/// Tiles kept by one reader: enough for the path of a proof and its neighbours, half a mebibyte.
const CACHED_TILES: usize = 64;

/// Hashes of complete nodes out of the tiles in a directory, for a tree of one size.
#[derive(Debug)]
pub struct TileReader {
    directory: PathBuf,
    size: u64,
    cache: RefCell<HashMap<(u8, u64), Vec<Hash>>>,
}

impl TileReader {
    /// Reads below `directory` (the one that holds `tile/`) the tree of the first `size` leaves.
    pub fn new(directory: &Path, size: u64) -> TileReader {
        TileReader { directory: directory.to_path_buf(), size, cache: RefCell::default() }
    }

    /// The tile that holds node `index` of tree level `8 * level`, cut to this tree's size. A
    /// partial tile may have been removed once the full one was there, so that one is tried too.
    fn load(&self, level: u8, index: u64) -> Result<Vec<Hash>, TileReadError> {
        let nodes = self.size >> (8 * u32::from(level));
        let width = nodes.saturating_sub(index * 256).min(u64::from(FULL_WIDTH)) as u16;
        let partial = tile_path(level, index, width);
        for (path, stored) in [(partial.clone(), width), (tile_path(level, index, 256), 256)] {
            match std::fs::read(self.directory.join(&path)) {
                Ok(bytes) => {
                    let hashes = decode_tile(&bytes, stored)
                        .map_err(|_| TileReadError::Malformed(path.clone()))?;
                    return Ok(hashes.iter().take(usize::from(width)).copied().collect());
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(source) => return Err(TileReadError::Input { path, source }),
            }
        }
        Err(TileReadError::Missing(partial))
    }
}

impl HashSource for TileReader {
    type Error = TileReadError;

    fn hash(&self, level: u8, index: u64) -> Result<Hash, TileReadError> {
        let outside = || TileReadError::OutOfRange { level, index, size: self.size };
        if level > 62 || index >= self.size >> level {
            return Err(outside());
        }
        let (tile_level, above) = (level / 8, level % 8);
        // The node covers 2^above hashes of the tile, from this one on.
        let first = index << above;
        let key = (tile_level, first / 256);
        let mut cache = self.cache.borrow_mut();
        if !cache.contains_key(&key) {
            if cache.len() >= CACHED_TILES {
                cache.clear();
            }
            let hashes = self.load(key.0, key.1)?;
            cache.insert(key, hashes);
        }
        let from = (first % 256) as usize;
        let covered = cache.get(&key).and_then(|hashes| hashes.get(from..from + (1 << above)));
        covered.and_then(complete_root).ok_or_else(outside)
    }
}
