//! What the writer promises, and what each crash leaves behind. A crash between two steps is
//! replayed by putting the files of before beside those of after.

use std::path::{Path, PathBuf};

use super::*;
use crate::reader::Opened;
use crate::{LedgerError, SeededEntropy};
use domain::authority::AuthorityKey;
use domain::event::{NameClaimed, QuotationVanished};
use domain::organisation::{Name, NameRole};

fn now() -> Instant {
    "2026-11-22T08:00:00Z".parse().unwrap()
}

fn entropy(seed: u64) -> Box<dyn Entropy> {
    Box::new(SeededEntropy::new(seed))
}

fn setup() -> Setup {
    Setup {
        origin: "registry.example/log".into(),
        packs: vec![("generic".into(), "0".repeat(64))],
        profiles: vec![],
    }
}

fn event(text: &str) -> EventBody {
    EventBody::NameClaimed(NameClaimed {
        organisation: OrganisationId::mint(now(), [1; 10]),
        authority: AuthorityKey::new("demo").unwrap(),
        name: Name {
            text: text.into(),
            language: String::new(),
            script: "Latn".into(),
            role: NameRole::Other,
        },
    })
}

fn batch(count: usize) -> Batch {
    let drafts = (0..count)
        .map(|number| Draft {
            event: event(&format!("name {number}")),
            open: number % 3 != 0,
            submission: None,
        })
        .collect();
    Batch { drafts, ..Batch::default() }
}

struct Folder {
    _root: tempfile::TempDir,
    path: PathBuf,
}

fn folder() -> Folder {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("registry");
    Folder { _root: root, path }
}

/// A copy of a directory as a crash would leave it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for item in std::fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let target = to.join(item.file_name());
        if item.file_type().unwrap().is_dir() {
            copy(&item.path(), &target);
        } else {
            std::fs::copy(item.path(), target).unwrap();
        }
    }
}

/// Every proof holds, every opening matches, every checkpoint is a prefix of the last.
fn check_whole(path: &Path) {
    let reader = LedgerReader::open(path).unwrap();
    let size = reader.size().unwrap();
    let (_, published) = reader.checkpoint().unwrap();
    assert_eq!(published.size, size, "published and committed agree after opening");
    let mut tree = Frontier::new();
    let checkpoints = reader.checkpoints().unwrap();
    for position in 0..size {
        tree.push(leaf_hash(&reader.entry(position).unwrap().unwrap()));
        assert!(!matches!(reader.event(position).unwrap().unwrap(), Opened::Broken));
        for (_, note) in checkpoints.iter().filter(|(size, _)| *size == position + 1) {
            let checkpoint = Checkpoint::open(note, reader.vkey()).unwrap();
            assert_eq!(checkpoint.root, tree.root());
        }
        if position % 97 == 0 || position + 1 == size {
            reader.proof(position).unwrap();
        }
    }
}

#[test]
fn what_was_appended_is_read_back_with_proof() {
    let folder = folder();
    let mut ledger = Ledger::create(&folder.path, &setup(), now(), entropy(1)).unwrap();
    let appended = ledger.append(batch(700), now()).unwrap();
    assert_eq!((appended.from, appended.to), (2, 2 + 700 + 1), "700 events and one `open`");
    let reader = ledger.reader().unwrap();
    let Some(Opened::Event(read, _)) = reader.event(3).unwrap() else { unreachable!() };
    assert_eq!(read.body, event("name 1"));
    assert!(matches!(reader.leaf(702).unwrap(), Some(Leaf::Open { .. })));
    assert_eq!(reader.event(703).unwrap(), None);
    drop(ledger);
    check_whole(&folder.path);
}

#[test]
fn batches_of_every_size_give_the_tree_of_one() {
    let folder = folder();
    let mut ledger = Ledger::create(&folder.path, &setup(), now(), entropy(1)).unwrap();
    for count in [1, 252, 1, 2, 255, 256, 257, 1, 600] {
        ledger.append(batch(count), now()).unwrap();
    }
    drop(ledger);
    check_whole(&folder.path);
    let mut ledger = Ledger::open(&folder.path, entropy(2)).unwrap();
    ledger.append(batch(10), now()).unwrap();
    drop(ledger);
    check_whole(&folder.path);
}

#[test]
fn scanning_ahead_gives_what_scanning_gives() {
    let folder = folder();
    let mut ledger = Ledger::create(&folder.path, &setup(), now(), entropy(1)).unwrap();
    ledger.append(batch(6_000), now()).unwrap();
    let reader = ledger.reader().unwrap();
    let mut read: [Vec<(u64, Leaf, Opened)>; 2] = Default::default();
    reader
        .scan::<LedgerError>(1, 5_900, &mut |position, leaf, opened| {
            read[0].push((position, leaf.clone(), opened));
            Ok(())
        })
        .unwrap();
    reader
        .scan_ahead::<LedgerError>(1, 5_900, &mut |position, leaf, opened| {
            read[1].push((position, leaf.clone(), opened));
            Ok(())
        })
        .unwrap();
    assert_eq!(read[0].len(), 5_899);
    assert!(read[0] == read[1]);
    let stopped = reader.scan_ahead(0, 5_900, &mut |position, _, _| {
        if position < 700 { Ok(()) } else { Err(LedgerError::Poisoned) }
    });
    assert!(matches!(stopped, Err(LedgerError::Poisoned)), "the caller's error comes back");
}

#[test]
fn i48_time_never_goes_back() {
    let folder = folder();
    let mut ledger = Ledger::create(&folder.path, &setup(), now(), entropy(1)).unwrap();
    let earlier = Instant::from_micros(now().micros() - 1);
    assert_eq!(ledger.append(batch(1), earlier).unwrap().at, now());
    let later = now().plus_hours(1);
    assert_eq!(ledger.append(batch(1), later).unwrap().at, later);
}

#[test]
fn a_conflict_leaves_the_writer_usable() {
    let folder = folder();
    let mut ledger = Ledger::create(&folder.path, &setup(), now(), entropy(1)).unwrap();
    let record = ledger.mint_record(now());
    let mut stale = batch(2);
    stale.expected = vec![(record, 3)];
    let error = ledger.append(stale, now()).unwrap_err();
    assert!(matches!(error, LedgerError::Conflict { standing: 0, expected: 3, .. }), "{error}");
    let before = ledger.size();
    assert_eq!(ledger.append(batch(1), now()).unwrap().from, before);
    drop(ledger);
    check_whole(&folder.path);
}

#[test]
fn two_writers_exclude_each_other() {
    let folder = folder();
    let ledger = Ledger::create(&folder.path, &setup(), now(), entropy(1)).unwrap();
    assert!(matches!(Ledger::open(&folder.path, entropy(2)), Err(LedgerError::Locked(_))));
    drop(ledger);
    assert!(Ledger::open(&folder.path, entropy(2)).is_ok());
    let again = Ledger::create(&folder.path, &setup(), now(), entropy(1));
    assert!(matches!(again, Err(LedgerError::Exists(_))));
}

/// Before and after a second batch, side by side.
fn before_and_after() -> (Folder, PathBuf) {
    let folder = folder();
    let before = folder.path.with_file_name("before");
    let mut ledger = Ledger::create(&folder.path, &setup(), now(), entropy(1)).unwrap();
    ledger.append(batch(300), now()).unwrap();
    drop(ledger);
    copy(&folder.path, &before);
    let mut ledger = Ledger::open(&folder.path, entropy(2)).unwrap();
    ledger.append(batch(400), now()).unwrap();
    drop(ledger);
    (folder, before)
}

fn restore(folder: &Path, before: &Path, what: &[&str]) {
    for name in what {
        let (from, to) = (before.join(name), folder.join(name));
        if from.is_dir() {
            std::fs::remove_dir_all(&to).unwrap();
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).unwrap();
        }
    }
}

#[test]
fn p8_crashes_between_the_steps_of_a_batch_are_mended() {
    for (crash, left_behind) in [
        ("after the commit", &["checkpoint.last", "log"][..]),
        ("after the outside copy", &["log"][..]),
        ("after the tiles", &["log/checkpoint"][..]),
        ("after the vault, before the commit", &["truth.db", "checkpoint.last", "log"][..]),
    ] {
        let (folder, before) = before_and_after();
        restore(&folder.path, &before, left_behind);
        let mut ledger = Ledger::open(&folder.path, entropy(3)).unwrap();
        ledger.append(batch(5), now()).unwrap();
        drop(ledger);
        check_whole(&folder.path);
        assert!(folder.path.exists(), "{crash}");
    }
}

#[test]
fn tiles_that_are_gone_are_written_anew() {
    let (folder, _) = before_and_after();
    std::fs::remove_dir_all(folder.path.join("log/tile")).unwrap();
    drop(Ledger::open(&folder.path, entropy(3)).unwrap());
    check_whole(&folder.path);
}

#[test]
fn a_database_older_than_the_signed_checkpoint_refuses_to_sign() {
    let (folder, before) = before_and_after();
    restore(&folder.path, &before, &["truth.db"]);
    let error = Ledger::open(&folder.path, entropy(3)).map(|_| ()).unwrap_err();
    assert!(matches!(error, LedgerError::OlderThanSigned { .. }), "{error}");
}

#[test]
fn a_database_of_another_history_refuses_to_sign() {
    let (folder, before) = before_and_after();
    // The same number of entries from the same start, but not the same entries.
    let mut other = Ledger::open(&before, entropy(9)).unwrap();
    other.append(batch(400), now()).unwrap();
    drop(other);
    restore(&folder.path, &before, &["truth.db"]);
    let error = Ledger::open(&folder.path, entropy(3)).map(|_| ()).unwrap_err();
    assert!(matches!(error, LedgerError::Diverged(_)), "{error}");
}

#[test]
fn a_restore_that_left_the_published_log_alone_refuses_to_sign() {
    let (folder, before) = before_and_after();
    restore(&folder.path, &before, &["truth.db", "vault-keys.db", "checkpoint.last"]);
    let error = Ledger::open(&folder.path, entropy(3)).map(|_| ()).unwrap_err();
    assert!(matches!(error, LedgerError::OlderThanSigned { .. }), "{error}");
    // Of the same size, but another history.
    let mut other = Ledger::open(&before, entropy(9)).unwrap();
    other.append(batch(400), now()).unwrap();
    drop(other);
    restore(&folder.path, &before, &["truth.db", "vault-keys.db", "checkpoint.last"]);
    let error = Ledger::open(&folder.path, entropy(3)).map(|_| ()).unwrap_err();
    assert!(matches!(error, LedgerError::Diverged(_)), "{error}");
    // And what cannot be read is no licence to publish anew.
    restore(&folder.path, &before, &["log"]);
    std::fs::write(folder.path.join("log/checkpoint"), "nonsense").unwrap();
    let error = Ledger::open(&folder.path, entropy(3)).map(|_| ()).unwrap_err();
    assert!(matches!(error, LedgerError::Damaged { .. }), "{error}");
}

#[test]
#[cfg(unix)]
fn other_users_of_the_machine_cannot_look_in() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    drop(Ledger::create(&folder.path, &setup(), now(), entropy(1)).unwrap());
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path), 0o700);
    assert_eq!(mode(&folder.path.join("keys/log.key")), 0o600);
}

#[test]
fn an_event_that_is_too_large_leaves_the_writer_usable() {
    let folder = folder();
    let mut ledger = Ledger::create(&folder.path, &setup(), now(), entropy(1)).unwrap();
    let licence = "x".repeat(domain::limits::PAYLOAD_BYTES_MAX + 1);
    let adopted = ProfileAdopted {
        profile: domain::text::ProfileName::new("p").unwrap(),
        hash: String::new(),
        licence,
    };
    let draft = Draft { event: EventBody::ProfileAdopted(adopted), open: true, submission: None };
    let error = ledger.append(Batch { drafts: vec![draft], ..Batch::default() }, now());
    assert!(matches!(error, Err(LedgerError::Wire(_))));
    ledger.append(batch(1), now()).unwrap();
}

#[test]
fn without_the_outside_copy_nothing_is_signed() {
    let (folder, _) = before_and_after();
    std::fs::remove_file(folder.path.join("checkpoint.last")).unwrap();
    let error = Ledger::open(&folder.path, entropy(3)).map(|_| ()).unwrap_err();
    assert!(matches!(error, LedgerError::CheckpointMissing(_)), "{error}");
}

#[test]
fn destroying_a_key_destroys_the_content_and_no_proof() {
    let (folder, _) = before_and_after();
    let unit = unit_bytes(event("").erasure_unit());
    let vault = rusqlite::Connection::open(folder.path.join("vault-keys.db")).unwrap();
    assert_eq!(vault.execute("DELETE FROM key WHERE unit = ?1", [&unit[..]]).unwrap(), 1);
    let reader = LedgerReader::open(&folder.path).unwrap();
    assert_eq!(reader.event(2).unwrap(), Some(Opened::Destroyed));
    assert!(reader.proof(2).is_ok());
}

#[test]
fn changed_bytes_are_never_passed_on() {
    let (folder, _) = before_and_after();
    let truth = rusqlite::Connection::open(folder.path.join("truth.db")).unwrap();
    let change = "UPDATE leaf SET opening = zeroblob(length(opening)) WHERE position = 2";
    truth.execute(change, []).unwrap();
    truth.execute("UPDATE leaf SET entry = (SELECT entry FROM leaf WHERE position = 4) WHERE position = 3", []).unwrap();
    let reader = LedgerReader::open(&folder.path).unwrap();
    assert_eq!(reader.event(2).unwrap(), Some(Opened::Broken));
    assert_eq!(reader.event(3).unwrap(), Some(Opened::Broken));
    assert!(reader.opening(2).unwrap().is_none());
    assert!(reader.proof(3).is_err(), "the entry is not the one in the tree");
    assert!(matches!(reader.event(4).unwrap(), Some(Opened::Event(..))));
}

#[test]
fn row_hashes_stay_the_same_and_belong_to_their_list() {
    let folder = folder();
    let ledger = Ledger::create(&folder.path, &setup(), now(), entropy(1)).unwrap();
    let (one, two) = (ListId::new("a").unwrap(), ListId::new("b").unwrap());
    let hash = ledger.row_hash(&one, "key");
    assert_ne!(hash, ledger.row_hash(&two, "key"));
    drop(ledger);
    let ledger = Ledger::open(&folder.path, entropy(2)).unwrap();
    assert_eq!(hash, ledger.row_hash(&one, "key"));
    let vanished = QuotationVanished {
        record: RecordId::mint(now(), [1; 10]),
        organisation: OrganisationId::mint(now(), [1; 10]),
        authority: AuthorityKey::new("a").unwrap(),
        list: one,
        read_on: "2026-11-22".parse().unwrap(),
    };
    let unit = EventBody::QuotationVanished(vanished).erasure_unit();
    assert!(matches!(unit, domain::event::ErasureUnit::Record(_)));
}
