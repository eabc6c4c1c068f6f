//! A log built in memory, then spoiled in every way one can think of.

mod acts;
mod announced;
mod sources;
mod vectors;

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::*;
use crate::entropy::{Entropy as _, SeededEntropy};
use crate::merkle::{MemoryTree, leaf_hash, root};
use crate::note::SignerKey;
use crate::tiles::{bundles, encode_bundle, entries_path, payload_path, tile_bytes, tiles_of};
use crate::wire::{Leaf, Opening, canonical, commitment, payload_line, to_base64url};

const ORIGIN: &str = "registry.example/log";

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// Two days after everything in the test logs.
fn later() -> Instant {
    at("2026-11-24T08:00:00Z")
}

/// What a position holds and what is said of it.
#[derive(Clone)]
struct Row {
    leaf: Leaf,
    opening: Option<Opening>,
    line: String,
}

/// The files of a log by path, and how to make them.
#[derive(Clone)]
struct Log {
    seed: u64,
    rows: Vec<Row>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Log {
    fn new(seed: u64) -> Log {
        let mut log = Log { seed, rows: Vec::new(), files: BTreeMap::new() };
        let vkey = log.key().vkey().to_string();
        log.clear(Leaf::Key { purpose: "log".into(), vkey });
        log.clear(Leaf::Policy { pack: "generic".into(), hash: "0".repeat(64) });
        log
    }

    fn key(&self) -> SignerKey {
        SignerKey::generate(&mut SeededEntropy::new(self.seed), ORIGIN).unwrap()
    }

    fn size(&self) -> u64 {
        self.rows.len() as u64
    }

    fn clear(&mut self, leaf: Leaf) -> u64 {
        let line = format!("{} - clear", self.size());
        self.rows.push(Row { leaf, opening: None, line });
        self.size() - 1
    }

    /// An event with two disclosures, sealed.
    fn event(&mut self, time: &str) -> u64 {
        let position = self.size();
        let mut entropy = SeededEntropy::new(self.seed * 1_000 + position);
        let mut disclosures = Vec::new();
        let mut digests = Vec::new();
        for field in ["name", "place"] {
            let mut salt = [0; 16];
            entropy.fill(&mut salt);
            let array =
                serde_json::json!([to_base64url(&salt), field, format!("{field} of {position}")]);
            let disclosure = to_base64url(canonical(&array).unwrap().as_bytes());
            let digest = to_base64url(&Sha256::digest(disclosure.as_bytes()));
            digests.push(serde_json::json!({"c": "public", "d": digest, "f": field}));
            disclosures.push(disclosure);
        }
        let payload = serde_json::json!({
            "at": time, "body": {"_sd": digests, "kind": "company"}, "type": "NameClaimed/1",
        });
        let mut salt = [0; 32];
        entropy.fill(&mut salt);
        let opening = Opening { salt, payload: canonical(&payload).unwrap(), disclosures };
        let leaf = Leaf::Event { commitment: commitment(&opening) };
        let line = format!("{position} - sealed");
        self.rows.push(Row { leaf, opening: Some(opening), line });
        position
    }

    fn open(&mut self, ranges: Vec<(u64, u64)>) {
        for (first, last) in &ranges {
            for position in *first..=*last {
                let row = &mut self.rows[position as usize];
                row.line = payload_line(position, row.opening.as_ref().unwrap());
            }
        }
        self.clear(Leaf::Open { ranges });
    }

    /// Changes the line of one position.
    fn say(&mut self, position: u64, what: &str) {
        self.rows[position as usize].line = format!("{position} {what}");
    }

    /// Writes all files anew.
    fn publish(&mut self) -> &mut Log {
        let entries: Vec<Vec<u8>> = self.rows.iter().map(|row| row.leaf.to_bytes()).collect();
        let leaves: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let (size, root) = (self.size(), root(&leaves));
        let tree = MemoryTree::new(leaves);
        self.files.clear();
        for tile in tiles_of(size) {
            self.files.insert(tile.path(), tile_bytes(tile, &tree).unwrap());
        }
        for (index, width) in bundles(size) {
            let range = index as usize * 256..index as usize * 256 + usize::from(width);
            let bundle = encode_bundle(&entries[range.clone()]).unwrap();
            self.files.insert(entries_path(index, width), bundle);
            let lines: String =
                self.rows[range].iter().map(|row| format!("{}\n", row.line)).collect();
            self.files.insert(payload_path(index, width), lines.into_bytes());
        }
        let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root };
        self.files.insert("checkpoint".into(), checkpoint.sign(&self.key()).into_bytes());
        self.files.insert("vkey".into(), format!("{}\n", self.key().vkey()).into_bytes());
        self
    }

    fn verify_with(&self, options: &Options) -> Report {
        let source = RemoteLog::new(|path: &str| Ok(self.files.get(path).cloned()));
        verify(&source, &|| source.payloads(), options, &mut |_, _| {})
    }

    /// The answer about everything but the head, whose signature costs the most by far.
    fn verify_behind(&self, head: &Head) -> Outcome {
        let source = RemoteLog::new(|path: &str| Ok(self.files.get(path).cloned()));
        let options = Options { threads: 1, ..Options::at(later()) };
        let (mut report, mut findings) = (Report::new(), Findings::default());
        let open = || source.payloads();
        check_log(&source, &open, &options, head, &mut |_, _| {}, &mut report, &mut findings);
        report.conclude(findings);
        report.outcome
    }

    fn head(&self) -> Head {
        let key = self.key().vkey().clone();
        let note = String::from_utf8(self.files["checkpoint"].clone()).unwrap();
        Head { checkpoint: Checkpoint::open(&note, &key).unwrap(), key }
    }

    fn verify(&self) -> Report {
        self.verify_with(&Options::at(later()))
    }
}

const TIME: &str = "2026-11-22T08:00:00.000001Z";

/// Twelve entries with everything in them: open, sealed, withheld, erased, a withheld field.
fn small() -> Log {
    let mut log = Log::new(1);
    let events: Vec<u64> = (0..6).map(|_| log.event(TIME)).collect();
    log.open(vec![(events[0], events[4])]);
    log.clear(Leaf::Withhold {
        ranges: vec![(events[2], events[2])],
        fields: vec![(events[0], "place".into())],
    });
    log.say(events[2], "- withheld");
    let shorter = log.rows[events[0] as usize].line.rsplit_once('\t').unwrap().0.to_owned();
    log.rows[events[0] as usize].line = shorter;
    let by = log.clear(Leaf::Erasure { ranges: vec![(events[3], events[3])], fields: vec![] });
    log.say(events[3], &format!("- erased {by}"));
    log.publish();
    log
}

/// 65,536 entries would be slow; 300 have a full and a partial tile and one of level 1.
fn large() -> Log {
    let mut log = Log::new(2);
    for _ in 0..270 {
        log.event(TIME);
    }
    log.open(vec![(2, 271)]);
    for _ in 0..27 {
        log.event(TIME);
    }
    log.publish();
    log
}

#[test]
fn an_honest_log_is_true() {
    let report = small().verify();
    assert_eq!(report.outcome, Outcome::True, "{report:?}");
    assert_eq!(report.key, KeySource::FromLog);
    let expected = Counts {
        leaves: 11,
        events: 6,
        open: 3,
        withheld: 1,
        sealed: 1,
        erased: 1,
        clear: 5,
        opened: 3,
        checked_tiles: 1,
    };
    assert_eq!(report.counts, expected);
    let report = large().verify();
    assert_eq!(report.outcome, Outcome::True, "{report:?}");
    assert_eq!((report.counts.open, report.counts.sealed), (270, 27));
    assert_eq!(report.counts.checked_tiles, 3);
    assert_eq!(report.outcome.exit_code(), 0);
}

#[test]
fn an_empty_log_is_true() {
    let mut log = Log::new(3);
    log.rows.clear();
    assert_eq!(log.publish().verify().outcome, Outcome::True);
}

#[test]
fn no_changed_byte_of_any_file_is_ever_true() {
    let log = small();
    let head = log.head();
    assert_eq!(log.verify_behind(&head), Outcome::True);
    for path in log.files.keys() {
        let is_head = ["checkpoint", "vkey"].contains(&path.as_str());
        for at in 0..log.files[path].len() {
            for bit in [0x01, 0x20, 0x80] {
                let mut spoiled = log.clone();
                spoiled.files.get_mut(path).unwrap()[at] ^= bit;
                let outcome =
                    if is_head { spoiled.verify().outcome } else { spoiled.verify_behind(&head) };
                assert_eq!(outcome.exit_code(), 1, "{path} byte {at}: {outcome:?}");
            }
        }
    }
}

#[test]
fn no_changed_byte_of_a_larger_log_is_ever_true() {
    let log = large();
    let head = log.head();
    for path in log.files.keys().filter(|path| path.contains('/')) {
        for at in (0..log.files[path].len()).step_by(311) {
            let mut spoiled = log.clone();
            spoiled.files.get_mut(path).unwrap()[at] ^= 1;
            assert_eq!(spoiled.verify_behind(&head).exit_code(), 1, "{path} byte {at}");
        }
    }
}

#[test]
fn a_missing_file_is_could_not_tell() {
    for log in [small(), large()] {
        for path in log.files.keys() {
            let mut spoiled = log.clone();
            spoiled.files.remove(path);
            let report = spoiled.verify();
            assert_eq!(report.outcome.exit_code(), 2, "{path}: {report:?}");
            assert!(report.outcome.reasons()[0].contains(path), "{report:?}");
        }
    }
}

#[test]
fn a_file_cut_short_or_made_longer_is_false() {
    for log in [small(), large()] {
        for path in log.files.keys() {
            let length = log.files[path].len();
            for cut in [0, 1, length / 2, length - 1] {
                let mut spoiled = log.clone();
                spoiled.files.get_mut(path).unwrap().truncate(cut);
                assert_eq!(spoiled.verify().outcome.exit_code(), 1, "{path} cut to {cut}");
            }
            let mut spoiled = log.clone();
            spoiled.files.get_mut(path).unwrap().push(b'\n');
            assert_eq!(spoiled.verify().outcome.exit_code(), 1, "{path} made longer");
        }
    }
}

#[test]
fn swapped_files_are_false() {
    let log = large();
    for (one, two) in [
        ("tile/0/000", "tile/1/000.p/1"),
        ("tile/entries/000", "tile/entries/001.p/44"),
        ("payload/000", "payload/001.p/44"),
        ("checkpoint", "vkey"),
    ] {
        let mut spoiled = log.clone();
        let (a, b) = (spoiled.files[one].clone(), spoiled.files[two].clone());
        spoiled.files.insert(one.into(), b);
        spoiled.files.insert(two.into(), a);
        assert_eq!(spoiled.verify().outcome.exit_code(), 1, "{one} and {two}");
    }
}

#[test]
fn swapped_lines_and_openings_are_false() {
    let mut log = small();
    log.rows.swap(2, 3);
    let lines = log.clone().rows.into_iter().map(|row| row.line).collect::<Vec<_>>();
    let mut spoiled = small();
    spoiled.files.insert(payload_path(0, 11), format!("{}\n", lines.join("\n")).into_bytes());
    assert_eq!(spoiled.verify().outcome.exit_code(), 1);
    // The opening of another position under this one's number.
    let mut spoiled = small();
    let other = spoiled.rows[6].line.split_once(' ').unwrap().1.to_owned();
    spoiled.say(3, &other);
    assert_eq!(spoiled.publish().verify().outcome.exit_code(), 1);
}

#[test]
fn a_log_that_grew_keeps_only_full_tiles_of_the_old_size() {
    let old = large();
    let checkpoint = old.files["checkpoint"].clone();
    let mut grown = old.clone();
    for _ in 0..300 {
        grown.event(TIME);
    }
    grown.publish();
    grown.files.insert("checkpoint".into(), checkpoint);
    let report = grown.verify();
    assert_eq!(report.outcome, Outcome::CouldNotTell(vec!["`tile/1/000.p/1` is missing".into()]));
    let tile = old.files["tile/1/000.p/1"].clone();
    grown.files.insert("tile/1/000.p/1".into(), tile);
    assert_eq!(grown.verify().outcome, Outcome::True, "full files stand in for partial ones");
}

#[test]
fn the_key_one_trusts_decides() {
    let log = small();
    let own = log.key().vkey().clone();
    let report = log.verify_with(&Options { vkey: Some(own.clone()), ..Options::at(later()) });
    assert_eq!((report.outcome, report.key), (Outcome::True, KeySource::Given));
    let other = Log::new(9).key().vkey().clone();
    let report = log.verify_with(&Options { vkey: Some(other.clone()), ..Options::at(later()) });
    assert_eq!(report.outcome.exit_code(), 1);
    // With a key given the log's own file is not needed, but must not contradict it.
    let mut without = log.clone();
    without.files.remove("vkey");
    let options = Options { vkey: Some(own), ..Options::at(later()) };
    assert_eq!(without.verify_with(&options).outcome, Outcome::True);
    without.files.insert("vkey".into(), format!("{other}\n").into_bytes());
    assert_eq!(without.verify_with(&options).outcome.exit_code(), 1);
    // A log signed by a key that its own entries do not name.
    let mut renamed = log.clone();
    renamed.seed = 9;
    let report = renamed.publish().verify();
    assert!(report.outcome.reasons()[0].contains("no `key` entry"), "{report:?}");
}

#[test]
fn an_earlier_checkpoint_must_be_continued() {
    let log = large();
    for size in [0, 1, 2, 100, 255, 256, 257, 299, 300] {
        let mut old = log.clone();
        old.rows.truncate(size);
        let since = String::from_utf8(old.publish().files["checkpoint"].clone()).unwrap();
        let options = Options { since: Some(since), ..Options::at(later()) };
        assert_eq!(log.verify_with(&options).outcome, Outcome::True, "since {size}");
        // A history with another first entry.
        let mut forked = log.clone();
        forked.rows.truncate(size);
        if let Some(row) = forked.rows.last_mut() {
            row.leaf = Leaf::Policy { pack: "other".into(), hash: "1".repeat(64) };
            let since = String::from_utf8(forked.publish().files["checkpoint"].clone()).unwrap();
            let options = Options { since: Some(since), ..Options::at(later()) };
            let report = log.verify_with(&options);
            assert_eq!(report.outcome.exit_code(), 1, "fork at {size}");
        }
    }
    let mut longer = log.clone();
    longer.event(TIME);
    let since = String::from_utf8(longer.publish().files["checkpoint"].clone()).unwrap();
    let options = Options { since: Some(since), ..Options::at(later()) };
    assert_eq!(log.verify_with(&options).outcome.exit_code(), 1, "the log lost an entry");
    let options = Options { since: Some("no note".into()), ..Options::at(later()) };
    assert_eq!(log.verify_with(&options).outcome.exit_code(), 1);
}
