//! `kill -9` in the middle of an import, and files changed behind the registry's back.
//!
//! What was acknowledged (a line of `--receipts`) must hold for ever: its checkpoint verifies and
//! the log that is there after the restart is consistent with it. What was not acknowledged may or
//! may not be there, but never by half.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{PROGRAM, Place, ceis_file, files, many_rows, mixed, number};

/// Rows of the file, and how many are committed together: twenty batches to be killed in.
const ROWS: u32 = 240;
const ROWS_PER_BATCH: &str = "12";

fn runs() -> u64 {
    std::env::var("GOODSTANDING_CRASH_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(20)
}

struct Crash {
    place: Place,
    file: PathBuf,
    receipts: PathBuf,
}

impl Crash {
    fn new() -> Crash {
        let place = Place::with_registry();
        let file = place.write("ceis.csv", &ceis_file(&many_rows(ROWS)));
        let receipts = place.path("receipts.jsonl");
        Crash { place, file, receipts }
    }

    /// Starts an import and kills it after `delay`; whether it was still running.
    fn import_and_kill(&self, delay: Duration) -> bool {
        let registry = self.place.registry();
        let mut child = Command::new(PROGRAM)
            .args(["import", "--profile", "small"])
            .args(["--rows-per-batch", ROWS_PER_BATCH, "--receipts"])
            .arg(&self.receipts)
            .arg(&self.file)
            .arg("--dir")
            .arg(&registry)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        sleep(delay);
        let was_running = child.try_wait().unwrap().is_none();
        child.kill().ok();
        child.wait().unwrap();
        was_running
    }

    /// Every receipt verifies, and the log is consistent with it.
    fn check_receipts(&self) {
        let text = fs::read_to_string(&self.receipts).unwrap_or_default();
        let registry = self.place.registry();
        // The last line may be torn: it was then not handed out.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let lines: Vec<Value> =
            whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let Some(last) = lines.last() else {
            self.place.run(&["verify", registry.to_str().unwrap()]).expect(0);
            return;
        };
        for receipt in [&lines[0], last] {
            let note =
                self.place.write("since.checkpoint", receipt["checkpoint"].as_str().unwrap());
            self.place
                .run(&["verify", registry.to_str().unwrap(), "--since", note.to_str().unwrap()])
                .expect(0);
        }
    }

    /// Imports to the end and gives the result.
    fn finish(&self) -> Value {
        let options = ["--rows-per-batch", ROWS_PER_BATCH];
        let (code, outcome) = self.place.import("small", &self.file, &options);
        assert_eq!(code, 0, "{outcome}");
        outcome
    }
}

/// How long an undisturbed import takes here, so that the kills fall all over it.
fn undisturbed() -> Duration {
    let crash = Crash::new();
    let start = Instant::now();
    crash.finish();
    start.elapsed()
}

#[test]
fn killed_imports_lose_nothing_acknowledged_and_resume() {
    let whole = undisturbed().as_micros();
    let mut killed = 0;
    for run in 0..runs() {
        let crash = Crash::new();
        // Twice in a row: the recovery of a crash may be interrupted too.
        for part in 0..2 {
            let share = u128::from(mixed(run * 2 + part) % 1_000);
            let delay = Duration::from_micros(u64::try_from(whole * share / 1_000).unwrap());
            killed += u32::from(crash.import_and_kill(delay));
        }
        // Straight after the crash, before anything mends it: a whole record or none.
        check_no_half_record(&crash.place, run, Found::MayBeAbsent);
        let outcome = crash.finish();
        crash.check_receipts();
        let done = number(&outcome, "accepted") + number(&outcome, "unchanged");
        assert_eq!(done, u64::from(ROWS), "run {run}: {outcome}");
        assert_eq!(
            number(&outcome, "changed") + number(&outcome, "ended"),
            0,
            "run {run}: {outcome}"
        );
        check_no_half_record(&crash.place, run, Found::MustBeThere);
    }
    assert!(
        u64::from(killed) >= runs() / 2,
        "only {killed} imports were still running when killed"
    );
}

#[derive(Clone, Copy, PartialEq)]
enum Found {
    MayBeAbsent,
    MustBeThere,
}

/// Some organisations of the file: each has exactly one record, with its ground and its end.
fn check_no_half_record(place: &Place, run: u64, found: Found) {
    for sample in 0..3 {
        let seed = u32::try_from(mixed(run * 100 + sample) % u64::from(ROWS)).unwrap() + 1;
        let shown = place.run(&["show", "--json", &format!("br-cnpj:{}", support::cnpj(seed))]);
        if found == Found::MayBeAbsent && shown.code == 1 {
            assert!(shown.stderr.contains("[501]"), "{}", shown.stderr);
            continue;
        }
        let file = shown.expect(0).json();
        let records = file["records"].as_array().unwrap();
        assert_eq!(records.len(), 1, "{file}");
        assert!(records[0]["grounds"].as_array().is_some_and(|grounds| !grounds.is_empty()));
        assert!(records[0]["end"]["on"].is_string(), "{file}");
        assert_eq!(file["identifiers"].as_array().map(Vec::len), Some(1), "{file}");
    }
}

fn small_registry() -> Place {
    let place = Place::with_registry();
    let file = place.write("ceis.csv", &ceis_file(&many_rows(120)));
    place.import("small", &file, &[]);
    place
}

/// The files of the log that its last checkpoint needs: of each tile the widest, for narrower ones
/// are left from before.
fn needed_tiles(registry: &Path) -> Vec<PathBuf> {
    let all: Vec<PathBuf> = files(&registry.join("log/tile")).into_keys().collect();
    let width = |path: &Path| -> u32 {
        path.file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.parse().ok())
            .unwrap_or(0)
    };
    let is_partial = |path: &Path| {
        path.parent().and_then(Path::extension).is_some_and(|extension| extension == "p")
    };
    let is_superseded = |path: &PathBuf| {
        is_partial(path)
            && (path.parent().is_some_and(|folder| folder.with_extension("").is_file())
                || all
                    .iter()
                    .any(|other| other.parent() == path.parent() && width(other) > width(path)))
    };
    all.iter().filter(|path| !is_superseded(path)).cloned().collect()
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    let at = at % bytes.len();
    bytes[at] ^= 0x20;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_flipped_byte_in_a_tile_is_false_and_put_back_is_true() {
    let place = small_registry();
    let registry = place.registry();
    let target = registry.to_str().unwrap().to_owned();
    let tiles = needed_tiles(&registry);
    assert!(!tiles.is_empty());
    for (turn, tile) in tiles.iter().enumerate() {
        let original = fs::read(tile).unwrap();
        flip(tile, usize::try_from(mixed(turn as u64) % 10_000).unwrap());
        assert_eq!(place.run(&["verify", &target]).code, 1, "{}", tile.display());
        fs::write(tile, original).unwrap();
        place.run(&["verify", &target]).expect(0);
    }
}

#[test]
fn a_missing_file_cannot_be_told() {
    let place = small_registry();
    let registry = place.registry();
    let target = registry.to_str().unwrap().to_owned();
    let mut victims = needed_tiles(&registry);
    victims.push(registry.join("log/checkpoint"));
    for victim in victims {
        let aside = place.path("aside");
        fs::rename(&victim, &aside).unwrap();
        assert_eq!(place.run(&["verify", &target]).code, 2, "{}", victim.display());
        fs::rename(&aside, &victim).unwrap();
    }
    place.run(&["verify", &target]).expect(0);
}

/// Flips bytes all over a database: what is shown is then the truth, or nothing.
fn check_database(name: &str) {
    let place = small_registry();
    let path = place.registry().join(name);
    let original = fs::read(&path).unwrap();
    let seed = 17;
    let truth = place
        .run(&["show", "--json", &format!("br-cnpj:{}", support::cnpj(seed))])
        .expect(0)
        .json();
    let mut changed_answers = 0;
    for turn in 0..40 {
        let at = usize::try_from(mixed(turn) % original.len() as u64).unwrap();
        flip(&path, at);
        let shown = place.run(&["show", "--json", &format!("br-cnpj:{}", support::cnpj(seed))]);
        if shown.code == 0 {
            let file = shown.json();
            for key in ["name", "identifiers"] {
                assert_eq!(file[key], truth[key], "byte {at} of {name}");
            }
            let (now, then) = (&file["records"], &truth["records"]);
            assert!(
                now == then || now.as_array().is_some_and(Vec::is_empty),
                "byte {at} of {name}: {now}"
            );
        } else {
            changed_answers += 1;
            assert!(!shown.stderr.contains("panicked"), "byte {at} of {name}: {}", shown.stderr);
        }
        fs::write(&path, &original).unwrap();
        for end in ["-wal", "-shm"] {
            fs::remove_file(place.registry().join(format!("{name}{end}"))).ok();
        }
    }
    println!("{name}: {changed_answers} of 40 flips made the answer fail");
}

/// Changes one byte of a column of `leaf` at `position`.
fn change(path: &Path, column: &str, position: u64) {
    let truth = rusqlite::Connection::open(path).unwrap();
    let position = i64::try_from(position).unwrap();
    let select = format!("SELECT {column} FROM leaf WHERE position = ?1");
    let mut bytes: Vec<u8> = truth.query_row(&select, [position], |row| row.get(0)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let update = format!("UPDATE leaf SET {column} = ?1 WHERE position = ?2");
    assert_eq!(truth.execute(&update, rusqlite::params![bytes, position]).unwrap(), 1);
}

#[test]
fn a_changed_entry_or_opening_is_false_and_not_shown() {
    let place = small_registry();
    let path = place.registry().join("truth.db");
    let target = place.registry().to_str().unwrap().to_owned();
    let organisation = format!("br-cnpj:{}", support::cnpj(17));
    let file = place.run(&["show", "--json", &organisation]).expect(0).json();
    let position = file["records"][0]["position"].as_u64().unwrap();
    for column in ["opening", "entry"] {
        change(&path, column, position);
        place.run(&["verify", &target]).expect(1);
        let shown = place.run(&["show", "--json", &organisation]);
        let is_shown = shown.code == 0
            && shown.json()["records"].as_array().is_some_and(|records| !records.is_empty());
        assert!(!is_shown, "{column}: {}", shown.stdout);
        change(&path, column, position);
        place.run(&["verify", &target]).expect(0);
    }
}

#[test]
fn a_flipped_byte_in_the_truth_is_never_shown_as_true() {
    check_database("truth.db");
}

#[test]
fn a_flipped_byte_in_the_read_tables_is_never_shown_as_true() {
    check_database("read.db");
}

#[test]
fn a_database_older_than_the_last_checkpoint_refuses_to_sign() {
    let place = Place::with_registry();
    let first = place.write("a.csv", &ceis_file(&many_rows(5)));
    place.import("small", &first, &[]);
    let truth = place.registry().join("truth.db");
    let old = fs::read(&truth).unwrap();
    let second = place.write("b.csv", &ceis_file(&many_rows(40)));
    place.import("small", &second, &[]);
    fs::write(&truth, old).unwrap();
    for end in ["-wal", "-shm"] {
        fs::remove_file(place.registry().join(format!("truth.db{end}"))).ok();
    }
    let third = place.write("c.csv", &ceis_file(&many_rows(45)));
    let ended = place.run(&["import", "--profile", "small", third.to_str().unwrap()]);
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    assert!(ended.stderr.contains("older than the log"), "{}", ended.stderr);
}
