//! The Merkle tree of RFC 6962: hashes, the right edge, inclusion and consistency proofs.
//!
//! Everything here is arithmetic on hashes. A node is named by `(level, index)`: level 0 holds the
//! leaf hashes, and node `(l, i)` covers the leaves `i * 2^l .. (i + 1) * 2^l`. Only *complete*
//! nodes are ever stored; what lies to the right of the last complete node is folded on demand.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The largest number of leaves a tree may have. It keeps every index and every sum of two indexes
/// inside `u64`, and one entry a nanosecond would take 292 years to reach it.
pub const MAX_SIZE: u64 = (1 << 63) - 1;

/// The longest proof in a tree of at most [`MAX_SIZE`] leaves: 63 levels, and a consistency proof
/// begins with one hash more.
pub const MAX_PROOF_HASHES: usize = 64;

/// Root of the tree without leaves: the hash of nothing.
pub fn empty_root() -> Hash {
    Sha256::digest(b"").into()
}

/// Hash of a leaf: `SHA-256(0x00 || entry)`.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0x00]);
    hasher.update(entry);
    hasher.finalize().into()
}

/// Hash of an inner node: `SHA-256(0x01 || left || right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [0x01; 65];
    // Index safety: 1 byte and twice 32 are the 65 of the array.
    bytes[1..33].copy_from_slice(left);
    // Index safety: the same.
    bytes[33..].copy_from_slice(right);
    Sha256::digest(bytes).into()
}

/// Root of the tree over these leaf hashes.
///
/// ```
/// use goodstanding_ledger::merkle::{leaf_hash, node_hash, root};
/// let (a, b) = (leaf_hash(b"a"), leaf_hash(b"b"));
/// assert_eq!(root(&[a]), a);
/// assert_eq!(root(&[a, b]), node_hash(&a, &b));
/// ```
pub fn root(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::new();
    for leaf in leaves {
        frontier.push(*leaf);
    }
    frontier.root()
}

/// The right edge of a tree: one hash for each one-bit of its size. It is all that is needed to
/// append leaves and to know the root, at most 63 hashes for any tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Roots of the complete subtrees, largest (leftmost) first.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The edge of the empty tree.
    pub fn new() -> Frontier {
        Frontier::default()
    }

    /// The edge with this size and these subtree roots, largest first. `None` when their number is
    /// not the number of one-bits in `size`.
    pub fn from_parts(size: u64, peaks: Vec<Hash>) -> Option<Frontier> {
        (size <= MAX_SIZE && peaks.len() == size.count_ones() as usize)
            .then_some(Frontier { size, peaks })
    }

    /// The edge of the first `size` leaves of a tree whose complete nodes `source` knows.
    pub fn read<S: HashSource + ?Sized>(size: u64, source: &S) -> Result<Frontier, S::Error> {
        let mut peaks = Vec::with_capacity(size.count_ones() as usize);
        for (level, index) in peak_nodes(0, size) {
            peaks.push(source.hash(level, index)?);
        }
        Ok(Frontier { size, peaks })
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the complete subtrees, largest first: what [`Frontier::from_parts`] takes.
    pub fn parts(&self) -> &[Hash] {
        &self.peaks
    }

    /// Appends one leaf hash.
    pub fn push(&mut self, leaf: Hash) {
        self.carry(0, leaf);
    }

    /// Appends a complete subtree of `2^level` leaves by its root. Refused (`false`, nothing
    /// changes) when the size is not a multiple of `2^level`: the subtree would not be a node.
    #[must_use]
    pub fn push_subtree(&mut self, level: u8, subtree: Hash) -> bool {
        let fits = level < 63 && self.size.trailing_zeros() >= u32::from(level);
        if fits {
            self.carry(level, subtree);
        }
        fits
    }

    /// Binary addition: while the subtree has a left sibling of its own height, join the two.
    fn carry(&mut self, level: u8, subtree: Hash) {
        let mut joined = subtree;
        let mut bits = self.size >> level;
        while bits & 1 == 1 {
            if let Some(left) = self.peaks.pop() {
                joined = node_hash(&left, &joined);
            }
            bits >>= 1;
        }
        self.peaks.push(joined);
        self.size += 1 << level;
    }

    /// Root of the tree.
    pub fn root(&self) -> Hash {
        fold_right(&self.peaks).unwrap_or_else(empty_root)
    }
}

/// Joins the roots of neighbouring subtrees, largest first, into the root over all of them.
fn fold_right(peaks: &[Hash]) -> Option<Hash> {
    let (last, rest) = peaks.split_last()?;
    Some(rest.iter().rev().fold(*last, |right, left| node_hash(left, &right)))
}

/// Where the hashes of complete nodes come from: memory, a database, tiles.
pub trait HashSource {
    /// What can go wrong in getting one.
    type Error;

    /// Hash of node `index` at `level`. Asked only for nodes that are complete in the tree.
    fn hash(&self, level: u8, index: u64) -> Result<Hash, Self::Error>;
}

/// All nodes of a tree in memory; for tests, small logs and rebuilding tiles.
#[derive(Debug, Clone, Default)]
pub struct MemoryTree {
    levels: Vec<Vec<Hash>>,
}

impl MemoryTree {
    /// The tree over these leaf hashes.
    pub fn new(leaves: Vec<Hash>) -> MemoryTree {
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|below| below.len() > 1) {
            let above = below.as_chunks::<2>().0.iter().map(|[l, r]| node_hash(l, r)).collect();
            levels.push(above);
        }
        MemoryTree { levels }
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, Vec::len) as u64
    }
}

impl HashSource for MemoryTree {
    type Error = MissingNode;

    fn hash(&self, level: u8, index: u64) -> Result<Hash, MissingNode> {
        let row = self.levels.get(usize::from(level));
        let found = usize::try_from(index).ok().and_then(|index| row?.get(index));
        found.copied().ok_or(MissingNode { level, index })
    }
}

/// A node that is not (yet) complete was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("node {index} at level {level} is not in the tree")]
pub struct MissingNode {
    /// Its level.
    pub level: u8,
    /// Its index.
    pub index: u64,
}

/// Why a proof could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError<E> {
    /// The index or the old size lies outside the tree.
    #[error("position {position} is outside a tree of size {size}")]
    OutOfRange {
        /// What was asked for.
        position: u64,
        /// How large the tree is.
        size: u64,
    },
    /// A hash could not be had.
    #[error("a hash of the tree could not be read")]
    Source(#[source] E),
}

/// The largest power of two smaller than `count`, where RFC 6962 splits a tree of `count` leaves.
/// `count` is at least 2.
fn split(count: u64) -> u64 {
    1 << (63 - (count - 1).leading_zeros())
}

/// The complete nodes that cover the leaves `first..end`, largest first, where `first` is a
/// multiple of a power of two that is at least as large as the range (true of every range met in a
/// proof).
fn peak_nodes(first: u64, end: u64) -> impl Iterator<Item = (u8, u64)> {
    let mut at = first;
    std::iter::from_fn(move || {
        let left = end.checked_sub(at).filter(|left| *left > 0)?;
        let level = 63 - left.leading_zeros();
        let node = (level as u8, at >> level);
        at += 1 << level;
        Some(node)
    })
}

/// Hash over the leaves `first..end` (at least one) of a tree.
fn range_hash<S: HashSource + ?Sized>(
    first: u64,
    end: u64,
    source: &S,
) -> Result<Hash, ProofError<S::Error>> {
    let peaks = peak_nodes(first, end)
        .map(|(level, index)| source.hash(level, index))
        .collect::<Result<Vec<Hash>, S::Error>>()
        .map_err(ProofError::Source)?;
    Ok(fold_right(&peaks).unwrap_or_else(empty_root))
}

/// The audit path of leaf `index` in the tree of the first `size` leaves, nearest sibling first.
/// In a tree of one leaf it is empty; a tree of no leaf has no proof.
pub fn inclusion_proof<S: HashSource + ?Sized>(
    index: u64,
    size: u64,
    source: &S,
) -> Result<Vec<Hash>, ProofError<S::Error>> {
    if index >= size || size > MAX_SIZE {
        return Err(ProofError::OutOfRange { position: index, size });
    }
    let (mut first, mut end) = (0, size);
    let mut path = Vec::new();
    while end - first > 1 {
        let middle = first + split(end - first);
        if index < middle {
            path.push(range_hash(middle, end, source)?);
            end = middle;
        } else {
            path.push(range_hash(first, middle, source)?);
            first = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// Whether `proof` shows that `leaf` is at `index` in the tree of `size` leaves with this root
/// (RFC 9162, 2.1.3.2).
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    inclusion_root(leaf, index, size, proof).is_some_and(|computed| computed == *root)
}

/// The root that `proof` leads to, `None` when it has the wrong length for the tree.
pub fn inclusion_root(leaf: &Hash, index: u64, size: u64, proof: &[Hash]) -> Option<Hash> {
    if index >= size || size > MAX_SIZE {
        return None;
    }
    let (mut node, mut last) = (index, size - 1);
    let mut computed = *leaf;
    for sibling in proof {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            computed = node_hash(sibling, &computed);
            // The rightmost node climbs without a sibling until it is a right child.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            computed = node_hash(&computed, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(computed)
}

/// The proof that the tree of the first `new` leaves continues the tree of the first `old` leaves.
/// It is empty when `old` is 0 or equal to `new`.
pub fn consistency_proof<S: HashSource + ?Sized>(
    old: u64,
    new: u64,
    source: &S,
) -> Result<Vec<Hash>, ProofError<S::Error>> {
    if old > new || new > MAX_SIZE {
        return Err(ProofError::OutOfRange { position: old, size: new });
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut first, mut end) = (0, new);
    // The old root itself is known to the verifier and left out as long as the walk keeps left.
    let mut old_root_is_known = true;
    let mut proof = Vec::new();
    while end != old {
        let middle = first + split(end - first);
        if old <= middle {
            proof.push(range_hash(middle, end, source)?);
            end = middle;
        } else {
            proof.push(range_hash(first, middle, source)?);
            first = middle;
            old_root_is_known = false;
        }
    }
    if !old_root_is_known {
        proof.push(range_hash(first, end, source)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Whether `proof` shows that the tree `(new, new_root)` continues `(old, old_root)`
/// (RFC 9162, 2.1.4.2). Every tree continues the empty one, whose root must be [`empty_root`].
pub fn verify_consistency(
    old: u64,
    old_root: &Hash,
    new: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> bool {
    if old > new || new > MAX_SIZE {
        return false;
    }
    if old == 0 {
        return proof.is_empty()
            && *old_root == empty_root()
            && (new > 0 || *new_root == empty_root());
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    // Where the old tree is one complete subtree of the new one its root opens the proof unsaid.
    let (start, rest) = match proof.split_first() {
        _ if old.is_power_of_two() => (*old_root, proof),
        Some((start, rest)) => (*start, rest),
        None => return false,
    };
    let climb = (old - 1).trailing_ones();
    let (mut node, mut last) = ((old - 1) >> climb, (new - 1) >> climb);
    let (mut from_old, mut from_new) = (start, start);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            from_old = node_hash(sibling, &from_old);
            from_new = node_hash(sibling, &from_new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            from_new = node_hash(&from_new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && from_old == *old_root && from_new == *new_root
}
