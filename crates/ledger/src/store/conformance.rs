//! What every store has to do. A new store calls [`check`] from its tests with a function that
//! makes an empty one.

use domain::civil::Instant;
use domain::ids::RecordId;

use super::{Append, AppendOutcome, Head, Revision, SealedOpening, StoredLeaf, TruthStore};

/// Runs the suite over stores made by `empty`.
///
/// # Panics
/// When the store does not conform: this is a test, and says which rule failed.
pub fn check<S: TruthStore>(mut empty: impl FnMut() -> S) {
    an_empty_store_is_empty(&mut empty());
    what_was_committed_is_read_back(&mut empty());
    a_conflict_writes_nothing(&mut empty());
    a_superseded_writer_is_fenced(&mut empty());
    a_wrong_size_is_fenced(&mut empty());
    snapshots_are_cut_to_what_there_is(&mut empty());
    what_is_to_be_forgotten_is(&mut empty());
}

fn what_is_to_be_forgotten_is(store: &mut impl TruthStore) {
    let epoch = lease(store);
    let first = Append { erasing: vec![[2; 17]], ..append(epoch, 0, 5, Vec::new()) };
    assert_eq!(commit(store, &first), AppendOutcome::Committed);
    assert!(store.positions(&[[2; 17], [4; 17]]).is_ok_and(|found| found == [2, 4]));
    assert!(store.erasing().is_ok_and(|units| units == [[2; 17]]), "the work to do is noted");
    assert!(store.forget(&[[2; 17]]).is_ok());
    assert!(store.erasing().is_ok_and(|units| units.is_empty()));
    assert!(store.positions(&[[2; 17], [4; 17]]).is_ok_and(|found| found == [4]));
    let leaves = store.leaves(0, 5).unwrap_or_else(|error| panic!("leaves: {error}"));
    let entries: Vec<_> = leaves.iter().map(|leaf| leaf.entry.clone()).collect();
    assert_eq!(entries, [[0], [1], [2], [3], [4]], "entries stay: the tree does not change");
}

fn leaf(number: u8) -> StoredLeaf {
    let sealed = number
        .is_multiple_of(2)
        .then(|| SealedOpening { unit: [number; 17], bytes: vec![number; 3] });
    StoredLeaf { entry: vec![number], sealed }
}

fn record(number: u8) -> RecordId {
    RecordId::mint(Instant::from_micros(1_000), [number; 10])
}

fn append(epoch: u64, before: u64, leaves: u8, revisions: Vec<Revision>) -> Append {
    let size = before + u64::from(leaves);
    Append {
        epoch,
        leaves: (0..leaves).map(leaf).collect(),
        before,
        head: Head { size, at: Instant::from_micros(5), edge: vec![[7; 32], [8; 32]] },
        checkpoint: format!("note over {size}"),
        revisions,
        erasing: Vec::new(),
    }
}

fn an_empty_store_is_empty(store: &mut impl TruthStore) {
    let head = store.head().unwrap_or_else(|error| panic!("head: {error}"));
    assert_eq!((head.size, head.edge.len()), (0, 0), "an empty store has no entries");
    assert!(store.leaves(0, 10).is_ok_and(|leaves| leaves.is_empty()));
    assert!(store.checkpoints().is_ok_and(|notes| notes.is_empty()));
    assert!(store.revision(record(1)).is_ok_and(|revision| revision == 0));
}

fn what_was_committed_is_read_back(store: &mut impl TruthStore) {
    let epoch = lease(store);
    let revision = Revision { record: record(1), expected: 0, becomes: 1 };
    let first = append(epoch, 0, 3, vec![revision]);
    assert_eq!(commit(store, &first), AppendOutcome::Committed);
    assert!(store.head().is_ok_and(|head| head == first.head), "the head is the one committed");
    assert!(store.leaves(0, 3).is_ok_and(|leaves| leaves == first.leaves));
    assert!(store.revision(record(1)).is_ok_and(|revision| revision == 1));
    let second = append(epoch, 3, 2, vec![Revision { expected: 1, becomes: 2, ..revision }]);
    assert_eq!(commit(store, &second), AppendOutcome::Committed);
    assert!(store.checkpoint(3).is_ok_and(|note| note.as_deref() == Some("note over 3")));
    assert!(store.checkpoints().is_ok_and(|notes| notes.len() == 2), "checkpoints are kept");
}

fn a_conflict_writes_nothing(store: &mut impl TruthStore) {
    let epoch = lease(store);
    let fine = Revision { record: record(1), expected: 0, becomes: 1 };
    let stale = Revision { record: record(2), expected: 4, becomes: 5 };
    let outcome = commit(store, &append(epoch, 0, 2, vec![fine, stale]));
    let expected = AppendOutcome::Conflict { record: record(2), standing: 0, expected: 4 };
    assert_eq!(outcome, expected);
    assert!(store.head().is_ok_and(|head| head.size == 0), "a conflict leaves no entry");
    assert!(store.revision(record(1)).is_ok_and(|revision| revision == 0));
    assert!(store.checkpoints().is_ok_and(|notes| notes.is_empty()));
}

fn a_superseded_writer_is_fenced(store: &mut impl TruthStore) {
    let old = lease(store);
    let new = lease(store);
    assert!(new > old, "epochs rise");
    assert_eq!(commit(store, &append(old, 0, 1, vec![])), AppendOutcome::Fenced);
    assert_eq!(commit(store, &append(new, 0, 1, vec![])), AppendOutcome::Committed);
}

fn a_wrong_size_is_fenced(store: &mut impl TruthStore) {
    let epoch = lease(store);
    assert_eq!(commit(store, &append(epoch, 1, 1, vec![])), AppendOutcome::Fenced);
    assert!(store.leaves(0, 9).is_ok_and(|leaves| leaves.is_empty()));
}

fn snapshots_are_cut_to_what_there_is(store: &mut impl TruthStore) {
    let epoch = lease(store);
    commit(store, &append(epoch, 0, 4, vec![]));
    assert!(store.leaves(1, 3).is_ok_and(|leaves| leaves == [leaf(1), leaf(2)]));
    assert!(store.leaves(3, 99).is_ok_and(|leaves| leaves == [leaf(3)]));
    assert!(store.leaves(99, 100).is_ok_and(|leaves| leaves.is_empty()));
}

fn lease(store: &mut impl TruthStore) -> u64 {
    store.take_lease().unwrap_or_else(|error| panic!("lease: {error}"))
}

fn commit(store: &mut impl TruthStore, append: &Append) -> AppendOutcome {
    store.append(append).unwrap_or_else(|error| panic!("append: {error}"))
}

#[cfg(test)]
mod tests {
    use crate::store::memory::MemoryStore;
    use crate::store::sqlite::SqliteStore;

    #[test]
    fn memory_conforms() {
        super::check(MemoryStore::default);
    }

    #[test]
    fn sqlite_conforms() {
        let folder = tempfile::tempdir().unwrap();
        let mut number = 0;
        super::check(|| {
            number += 1;
            SqliteStore::open(&folder.path().join(format!("{number}.db"))).unwrap()
        });
    }
}
