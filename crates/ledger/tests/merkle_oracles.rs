//! Our tree against two others: `tlog_tiles` (a port of the Go checksum database) and `ct-merkle`.

use std::cell::RefCell;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use goodstanding_ledger::merkle::{
    Frontier, Hash, HashSource, MemoryTree, ProofError, consistency_proof, empty_root,
    inclusion_proof, inclusion_root, leaf_hash, root, verify_consistency, verify_inclusion,
};
use goodstanding_ledger::tiles::{
    TileCoordinates, TileEdge, TileReader, bundles, decode_tile, encode_bundle, entries_path,
    index_path, parse_index_path, tile_bytes, tile_path, tiles_for_growth, tiles_of,
};
use proptest::prelude::*;
use sha2::Sha256;

fn entry(position: u64) -> Vec<u8> {
    format!("entry {position}").into_bytes()
}

fn leaves(size: u64) -> Vec<Hash> {
    (0..size).map(|position| leaf_hash(&entry(position))).collect()
}

/// The tree of `tlog_tiles`, its hashes in its own dense order.
struct GoTree(RefCell<Vec<tlog_tiles::Hash>>);

impl tlog_tiles::HashReader for GoTree {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        let hashes = self.0.borrow();
        Ok(indexes.iter().map(|index| hashes[*index as usize]).collect())
    }
}

fn go_tree(size: u64) -> GoTree {
    let tree = GoTree(RefCell::default());
    for position in 0..size {
        let new = tlog_tiles::stored_hashes(position, &entry(position), &tree).unwrap();
        tree.0.borrow_mut().extend(new);
    }
    tree
}

fn ct_tree(size: u64) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|position| tree.push(entry(position)));
    tree
}

fn flat(hashes: &[Hash]) -> Vec<u8> {
    hashes.concat()
}

fn of_go(hashes: Vec<tlog_tiles::Hash>) -> Vec<Hash> {
    hashes.into_iter().map(|hash| hash.0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn roots_and_inclusion_proofs_equal_both_oracles(size in 1_u64..=2_000, at in 0.0..1.0) {
        let index = ((size as f64) * at) as u64;
        let (ours, go, ct) = (MemoryTree::new(leaves(size)), go_tree(size), ct_tree(size));
        let top = root(&leaves(size));
        prop_assert_eq!(top, tlog_tiles::tree_hash(size, &go).unwrap().0);
        let ct_root = ct.root();
        prop_assert_eq!(&top[..], &ct_root.as_bytes()[..]);
        let proof = inclusion_proof(index, size, &ours).unwrap();
        prop_assert_eq!(&proof, &of_go(tlog_tiles::prove_record(size, index, &go).unwrap()));
        let theirs = ct.prove_inclusion(index as usize);
        prop_assert_eq!(&flat(&proof)[..], theirs.as_bytes());
        let leaf = leaf_hash(&entry(index));
        prop_assert!(verify_inclusion(&leaf, index, size, &proof, &top));
        // Neither another leaf, place, size, hash nor length passes.
        prop_assert!(!verify_inclusion(&leaf_hash(b"other"), index, size, &proof, &top));
        prop_assert!(size == 1 || !verify_inclusion(&leaf, (index + 1) % size, size, &proof, &top));
        let mut longer = proof.clone();
        longer.push([0; 32]);
        prop_assert!(!verify_inclusion(&leaf, index, size, &longer, &top));
        if let Some((_, shorter)) = proof.split_last() {
            prop_assert!(!verify_inclusion(&leaf, index, size, shorter, &top));
            let mut other = proof.clone();
            other[0][31] ^= 1;
            prop_assert!(!verify_inclusion(&leaf, index, size, &other, &top));
        }
    }

    #[test]
    fn consistency_proofs_equal_both_oracles(new in 1_u64..=2_000, at in 0.0..1.0) {
        let old = 1 + ((new as f64) * at) as u64;
        let old = old.min(new);
        let (ours, go, ct) = (MemoryTree::new(leaves(new)), go_tree(new), ct_tree(new));
        let (before, after) = (root(&leaves(old)), root(&leaves(new)));
        let proof = consistency_proof(old, new, &ours).unwrap();
        prop_assert_eq!(&proof, &of_go(tlog_tiles::prove_tree(new, old, &go).unwrap()));
        if old < new {
            let theirs = ct.prove_consistency((new - old) as usize);
            prop_assert_eq!(&flat(&proof)[..], theirs.as_bytes());
        }
        prop_assert!(verify_consistency(old, &before, new, &after, &proof));
        prop_assert!(!verify_consistency(old, &[7; 32], new, &after, &proof));
        prop_assert!(!verify_consistency(old, &before, new, &[7; 32], &proof));
        for at in 0..proof.len() {
            let mut other = proof.clone();
            other[at][0] ^= 1;
            prop_assert!(!verify_consistency(old, &before, new, &after, &other));
            let mut shorter = proof.clone();
            shorter.remove(at);
            prop_assert!(!verify_consistency(old, &before, new, &after, &shorter));
        }
    }

    #[test]
    fn the_edge_is_the_same_however_it_was_reached(size in 0_u64..=2_000, at in 0.0..=1.0) {
        let tree = MemoryTree::new(leaves(size));
        let mut pushed = Frontier::new();
        leaves(size).into_iter().for_each(|leaf| pushed.push(leaf));
        let read = Frontier::read(size, &tree).unwrap();
        prop_assert_eq!(&pushed, &read);
        let parts = Frontier::from_parts(size, read.parts().to_vec()).unwrap();
        prop_assert_eq!(&parts, &pushed);
        prop_assert_eq!(Frontier::from_parts(size + 1, vec![[0; 32]; 64]), None);
        // Bundle by bundle, as a verifier goes.
        let mut joined = Frontier::new();
        for index in 0..size / 256 {
            prop_assert!(joined.push_subtree(8, tree.hash(8, index).unwrap()));
        }
        prop_assert!(size < 256 || !joined.push_subtree(63, [0; 32]));
        (size - size % 256..size).for_each(|at| joined.push(tree.hash(0, at).unwrap()));
        prop_assert_eq!(joined.root(), pushed.root());
        let half = ((size as f64) * at) as u64;
        let mut grown = TileEdge::read(half, &tree).unwrap();
        (half..size).for_each(|at| grown.push(tree.hash(0, at).unwrap(), &mut |_, _| {}));
        prop_assert_eq!(TileEdge::read(size, &tree).unwrap().partial_tiles().collect::<Vec<_>>(),
            grown.partial_tiles().collect::<Vec<_>>());
    }

    #[test]
    fn tile_paths_are_those_of_the_go_database_renamed(
        level in 0_u8..8, index in prop_oneof![0_u64..5_000, any::<u64>()], width in 1_u16..=256,
    ) {
        let theirs = tlog_tiles::Tile::new(8, level, index >> 8, u32::from(width), false).path();
        prop_assert_eq!(format!("tile/8/{}", tile_path(level, index >> 8, width)
            .strip_prefix("tile/").unwrap()), theirs);
        let data = tlog_tiles::Tile::new(8, 0, index >> 8, u32::from(width), true).path();
        prop_assert_eq!(entries_path(index >> 8, width).replace("tile/entries", "tile/8/data"), data);
        prop_assert_eq!(parse_index_path(&index_path(index, width)), Some((index, width)));
    }

    #[test]
    fn growth_writes_the_tiles_the_go_database_writes(
        old in 0_u64..200_000,
        more in 0_u64..70_000,
    ) {
        let new = old + more;
        let ours: Vec<_> = tiles_for_growth(old, new).iter()
            .map(|tile| (tile.level, tile.index, u32::from(tile.width))).collect();
        let theirs: Vec<_> = tlog_tiles::Tile::new_tiles(8, old, new).iter()
            .map(|tile| (tile.level(), tile.level_index(), tile.width())).collect();
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn any_other_path_is_refused(path in "[x0-9./p]{0,20}") {
        if let Some((index, width)) = parse_index_path(&path) {
            prop_assert_eq!(index_path(index, width), path);
        }
    }

    #[test]
    fn bundles_round_trip(sizes in prop::collection::vec(0_usize..400, 0..=256)) {
        let entries: Vec<Vec<u8>> = sizes.iter().map(|size| vec![*size as u8; *size]).collect();
        let bytes = encode_bundle(&entries).unwrap();
        prop_assert_eq!(goodstanding_ledger::tiles::decode_bundle(&bytes).unwrap(), entries);
    }
}

#[test]
fn small_trees_and_the_empty_one() {
    let none = MemoryTree::new(Vec::new());
    assert_eq!(root(&[]), empty_root());
    assert_eq!(Frontier::new().root(), empty_root());
    assert_eq!(inclusion_proof(0, 0, &none), Err(ProofError::OutOfRange { position: 0, size: 0 }));
    assert_eq!(consistency_proof(0, 0, &none), Ok(vec![]));
    assert!(consistency_proof(1, 0, &none).is_err());
    let one = MemoryTree::new(leaves(1));
    let top = leaf_hash(&entry(0));
    assert_eq!(inclusion_proof(0, 1, &one), Ok(vec![]));
    assert!(verify_inclusion(&top, 0, 1, &[], &top));
    assert!(!verify_inclusion(&top, 0, 0, &[], &top));
    assert!(!verify_inclusion(&top, 1, 1, &[], &top));
    assert_eq!(inclusion_root(&top, 0, 1, &[[0; 32]]), None);
    // Everything continues the empty tree, and only the tree that is empty.
    assert!(verify_consistency(0, &empty_root(), 1, &top, &[]));
    assert!(verify_consistency(0, &empty_root(), 0, &empty_root(), &[]));
    assert!(!verify_consistency(0, &empty_root(), 0, &top, &[]));
    assert!(!verify_consistency(0, &top, 1, &top, &[]));
    assert!(!verify_consistency(0, &empty_root(), 1, &top, &[[0; 32]]));
    assert!(verify_consistency(1, &top, 1, &top, &[]));
    assert!(!verify_consistency(2, &top, 1, &top, &[]));
}

#[test]
fn every_pair_of_sizes_up_to_40_is_consistent() {
    let tree = MemoryTree::new(leaves(40));
    for new in 1..=40 {
        let after = root(&leaves(new));
        for old in 0..=new {
            let proof = consistency_proof(old, new, &tree).unwrap();
            assert!(verify_consistency(old, &root(&leaves(old)), new, &after, &proof));
        }
        for index in 0..new {
            let proof = inclusion_proof(index, new, &tree).unwrap();
            let leaf = leaf_hash(&entry(index));
            for place in (0..new).filter(|place| *place != index) {
                assert!(!verify_inclusion(&leaf, place, new, &proof, &after));
            }
        }
    }
}

#[test]
fn sizes_beyond_the_limit_are_refused_without_overflow() {
    let leaf = leaf_hash(b"");
    assert!(!verify_inclusion(&leaf, u64::MAX - 1, u64::MAX, &[leaf; 64], &leaf));
    assert!(!verify_consistency(u64::MAX, &leaf, u64::MAX, &leaf, &[]));
    assert!(!verify_consistency(3, &leaf, (1 << 63) - 1, &leaf, &[leaf; 64]));
    assert!(!verify_inclusion(&leaf, 5, (1 << 63) - 1, &[leaf; 64], &leaf));
}

#[test]
fn a_log_of_70_000_entries_has_the_tiles_of_the_specification() {
    // C2SP tlog-tiles: "a tree of size 70,000 will be represented by ..." 273 full tiles at level 0
    // and one of width 112; one full and one of width 17 at level 1; one of width 1 at level 2.
    let tiles: Vec<TileCoordinates> = tiles_of(70_000).collect();
    let count = |level| tiles.iter().filter(|tile| tile.level == level).count();
    assert_eq!((count(0), count(1), count(2), count(3)), (274, 2, 1, 0));
    let partial: Vec<String> =
        tiles.iter().filter(|tile| !tile.is_full()).map(TileCoordinates::path).collect();
    assert_eq!(partial, ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]);
    assert_eq!(bundles(70_000).last(), Some((273, 112)));
    assert_eq!(bundles(512).collect::<Vec<_>>(), [(0, 256), (1, 256)]);
}

#[test]
fn tiles_on_disk_answer_like_the_tree_in_memory() {
    let size = 66_500;
    let tree = MemoryTree::new(leaves(size));
    let folder = tempfile::tempdir().unwrap();
    let write = |tile: TileCoordinates, bytes: Vec<u8>| {
        let path = folder.path().join(tile.path());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        assert_eq!(bytes, tile_bytes(tile, &tree).unwrap());
        std::fs::write(path, bytes).unwrap();
    };
    let mut edge = TileEdge::new();
    for position in 0..size {
        edge.push(tree.hash(0, position).unwrap(), &mut |tile, bytes| write(tile, bytes));
    }
    edge.partial_tiles().for_each(|(tile, bytes)| write(tile, bytes));
    let tiles = TileReader::new(folder.path(), size);
    for index in [0, 1, 255, 256, 65_535, 65_536, 66_499] {
        let proof = inclusion_proof(index, size, &tiles).unwrap();
        assert_eq!(proof, inclusion_proof(index, size, &tree).unwrap());
    }
    assert_eq!(
        consistency_proof(65_000, size, &tiles).unwrap(),
        consistency_proof(65_000, size, &tree).unwrap()
    );
    assert!(TileEdge::read(size, &tiles).unwrap() == edge);
    // An older size reads full tiles where its partial ones are gone.
    let older = TileReader::new(folder.path(), 65_000);
    assert_eq!(Frontier::read(65_000, &older).unwrap().root(), root(&leaves(65_000)));
    assert!(older.hash(0, 65_000).is_err());
    std::fs::write(folder.path().join("tile/0/000"), b"short").unwrap();
    assert!(TileReader::new(folder.path(), size).hash(0, 0).is_err());
    std::fs::remove_file(folder.path().join("tile/0/000")).unwrap();
    assert!(TileReader::new(folder.path(), size).hash(0, 0).is_err());
    assert!(decode_tile(&[0; 64], 1).is_err());
}

#[test]
fn entries_and_bundles_have_limits() {
    let longest = vec![0; 65_535];
    let bytes = encode_bundle(std::slice::from_ref(&longest)).unwrap();
    assert_eq!(goodstanding_ledger::tiles::decode_bundle(&bytes).unwrap(), [longest]);
    assert!(encode_bundle(&[vec![0; 65_536]]).is_err());
    assert!(encode_bundle(&vec![vec![]; 257]).is_err());
    let decode = goodstanding_ledger::tiles::decode_bundle;
    assert_eq!(decode(&[]).unwrap(), Vec::<Vec<u8>>::new());
    assert_eq!(decode(&[0, 0]).unwrap(), [Vec::<u8>::new()]);
    assert!(decode(&[0]).is_err());
    assert!(decode(&[0, 3, 1, 2]).is_err());
    assert!(decode(&[0, 0].repeat(257)).is_err());
}

#[test]
fn other_spellings_of_a_path_are_refused() {
    for path in [
        "",
        "0",
        "00",
        "0000",
        "1234",
        "x001",
        "001/234",
        "x000/001",
        "x001/x234",
        "000.p/0",
        "000.p/256",
        "000.p/01",
        "000.p/+1",
        "000.p/",
        "+01",
        "000/",
        "x999/".repeat(9).as_str(),
    ] {
        assert_eq!(parse_index_path(path), None, "{path}");
    }
    assert_eq!(parse_index_path("x001/x234/067"), Some((1_234_067, 256)));
}
