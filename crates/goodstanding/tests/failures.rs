//! What can go wrong around a registry, row by row of `docs/operating/failures.md`: each state is
//! brought about, the program says in words what it is and what to do, and nothing that was
//! acknowledged is lost. Writes that go wrong inside a command are in `faults.rs`.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ledger::{LedgerReader, Opened};
use rusqlite::Connection;
use serde_json::Value;
use support::faults::{self, Mode};
use support::{
    Ended, PROGRAM, Place, ceis_file, copy_folder, files, many_rows, mixed, number, run,
};

const ROWS: u32 = 12;

fn registry() -> Place {
    let place = Place::with_registry();
    let file = place.write("first.csv", &ceis_file(&many_rows(ROWS)));
    let (code, outcome) = place.import("small", &file, &[]);
    assert_eq!(code, 0, "{outcome}");
    place.write("more.csv", &ceis_file(&many_rows(ROWS + 3)));
    place
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn in_registry(place: &Place, words: &[&str]) -> Vec<String> {
    let registry = text(&place.registry());
    words.iter().copied().chain(["--dir", &registry]).map(str::to_owned).collect()
}

fn import_more(place: &Place) -> Vec<String> {
    in_registry(place, &["import", "--json", "--profile", "small", &text(&place.path("more.csv"))])
}

fn show(place: &Place, seed: u32) -> Ended {
    place.run(&["show", "--json", &format!("br-cnpj:{}", support::cnpj(seed))])
}

/// What everybody is shown, as it was acknowledged.
fn everything(place: &Place) -> Vec<Value> {
    (1..=ROWS)
        .map(|seed| {
            let file = show(place, seed).expect(0).json();
            let part = |key: &str| file[key].clone();
            Value::Array(["id", "name", "identifiers", "records"].map(part).to_vec())
        })
        .collect()
}

fn verify(place: &Place) {
    run(&["verify", &text(&place.registry())]).expect(0);
}

/// The doctor's exit, and what it found to be otherwise than good, with its advice.
fn doctor(place: &Place) -> (i32, String) {
    let ended = place.run(&["doctor", "--json"]);
    if ended.code == 2 && !ended.stdout.contains("findings") {
        return (2, ended.stderr);
    }
    let report = ended.json();
    let told: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["state"] != "good")
        // Whether a calendar ends soon follows from the day on which this is run.
        .filter(|finding| finding["check"] != "calendars")
        .map(|finding| {
            let part = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
            format!("{}: {} -> {}", part("check"), part("what"), part("advice"))
        })
        .collect();
    (ended.code, told.join("\n"))
}

#[track_caller]
fn says(ended: &Ended, words: &[&str]) {
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert!(!said.contains("panicked"), "{said}");
    for word in words {
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[test]
fn a_full_disk_stops_what_writes_and_room_lets_it_go_on() {
    if !faults::available() {
        return;
    }
    let place = registry();
    let before = everything(&place);
    let ended = faults::run(&place, &import_more(&place), Mode::Full, 1);
    says(ended.expect(2), &["disk is full", "run the command again"]);
    let chinese = Command::new(PROGRAM)
        .args(import_more(&place))
        .envs(faults::environment(&place, Mode::Full, 1))
        .env("LC_ALL", "zh_CN.UTF-8")
        .output()
        .unwrap();
    says(Ended::of(chinese).expect(2), &["磁盘已满"]);
    // Who only looks needs a little room too, and says so.
    let words = ["show", "--json", &format!("br-cnpj:{}", support::cnpj(2))];
    let ended = faults::run(&place, &in_registry(&place, &words), Mode::Full, 1);
    says(ended.expect(2), &["disk is full"]);
    assert_eq!(everything(&place), before);
    verify(&place);
    let outcome = run(&import_more(&place)).expect(0).json();
    assert_eq!(number(&outcome, "accepted"), 3, "{outcome}");
    assert_eq!(doctor(&place), (0, String::new()));
}

#[test]
fn a_read_only_folder_is_named_and_changes_nothing() {
    if !faults::available() {
        return;
    }
    let place = registry();
    let before = everything(&place);
    for words in [
        &["rebuild"][..],
        &["backup", "--without-keys", "--out", &text(&place.path("b"))],
        &["erase", "--resume"],
        &["reviewer", "add", "officer-1"],
    ] {
        let ended = faults::run(&place, &in_registry(&place, words), Mode::Locked, 1);
        says(ended.expect(2), &["run the command again"]);
    }
    let ended = faults::run(&place, &import_more(&place), Mode::Locked, 1);
    says(ended.expect(2), &["Mount it for writing", "run the command again"]);
    let new = text(&place.path("new"));
    let init = ["init", "--origin", "a.example/log", "--dir", &new].map(str::to_owned);
    let ended = faults::run(&place, &init, Mode::Locked, 1);
    says(ended.expect(2), &["Mount it for writing"]);
    assert_eq!(everything(&place), before);
    assert_eq!(doctor(&place), (0, String::new()));
}

#[test]
fn a_database_held_by_another_program_is_named_and_let_go() {
    let place = registry();
    let other = Connection::open(place.registry().join("truth.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let ended = run(&import_more(&place));
    says(ended.expect(2), &["Another program holds a database", "run the command again"]);
    assert_eq!(show(&place, 3).code, 0, "readers are not held up");
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    assert_eq!(number(&run(&import_more(&place)).expect(0).json(), "accepted"), 3);
    verify(&place);
}

#[test]
fn two_writers_take_turns_or_the_second_is_told() {
    let place = registry();
    let held = fs::File::options().write(true).open(place.registry().join("lock")).unwrap();
    held.lock().unwrap();
    let ended = run(&import_more(&place));
    says(ended.expect(2), &["another process is writing", "wait until it is done"]);
    assert_eq!(show(&place, 3).code, 0, "readers are not held up");
    drop(held);
    let start = || Command::new(PROGRAM).args(import_more(&place)).output().unwrap();
    let ended = std::thread::scope(|scope| {
        [scope.spawn(start), scope.spawn(start)].map(|one| Ended::of(one.join().unwrap()))
    });
    let accepted: u64 = ended.iter().map(|one| number(&one.expect(0).json(), "accepted")).sum();
    assert_eq!(accepted, 3, "each row once");
    verify(&place);
    assert_eq!(doctor(&place), (0, String::new()));
}

/// Overwrites the page at the middle of a file.
fn spoil(path: &Path, page: usize) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / page / 2 * page;
    bytes[middle..middle + page].fill(0xA5);
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_corrupt_page_is_told_and_the_backup_brings_all_back() {
    for (name, page) in [("truth.db", 8192), ("vault-keys.db", 4096), ("read.db", 4096)] {
        let place = registry();
        let before = everything(&place);
        let (out, keys) = (text(&place.path("b")), text(&place.path("k")));
        place.run(&["backup", "--out", &out, "--keys-out", &keys]).expect(0);
        spoil(&place.registry().join(name), page);
        for seed in 1..=ROWS {
            check_answer(&show(&place, seed), &before[seed as usize - 1], name);
        }
        let (code, told) = doctor(&place);
        assert_ne!(code, 0, "{name}");
        let advice = if name == "read.db" { "goodstanding rebuild" } else { "newest backup" };
        assert!(told.contains(name) && told.contains(advice), "{name}: {told}");
        if name == "read.db" {
            place.run(&["rebuild"]).expect(0);
        } else {
            says(&run(&import_more(&place)), &["goodstanding doctor"]);
            fs::rename(place.registry(), place.path("broken")).unwrap();
            place.run(&["restore", "--from", &out, "--keys", &keys, "--nothing-later"]).expect(0);
        }
        assert_eq!(everything(&place), before, "{name}");
        assert_eq!(doctor(&place), (0, String::new()), "{name}");
    }
}

/// An answer is what was acknowledged, or less of it, or a failure in words: never something else.
#[track_caller]
fn check_answer(shown: &Ended, truth: &Value, what: &str) {
    assert!(!shown.stderr.contains("panicked"), "{what}: {}", shown.stderr);
    if shown.code != 0 {
        assert!(matches!(shown.code, 1 | 2), "{what}: {}", shown.code);
        return;
    }
    let file = shown.json();
    for (key, was) in ["id", "name", "identifiers"].iter().zip(truth.as_array().unwrap()) {
        assert_eq!(file[key], *was, "{what}");
    }
    let is_empty = file["records"].as_array().is_some_and(Vec::is_empty);
    assert!(is_empty || file["records"] == truth[3], "{what}: {file}");
}

#[test]
fn a_torn_tile_is_told_and_made_anew() {
    let place = registry();
    let before = everything(&place);
    let tiles: Vec<PathBuf> = files(&place.registry().join("log/tile")).into_keys().collect();
    for tile in &tiles {
        let bytes = fs::read(tile).unwrap();
        fs::write(tile, &bytes[..bytes.len() / 2]).unwrap();
    }
    assert_ne!(run(&["verify", &text(&place.registry())]).code, 0);
    let (code, told) = doctor(&place);
    assert_ne!(code, 0);
    assert!(told.contains("log/tile") && told.contains("goodstanding serve"), "{told}");
    // What the doctor says to do; any command that writes does what `serve` does at its start.
    fs::rename(place.registry().join("log/tile"), place.path("tile")).unwrap();
    fs::rename(place.registry().join("log/checkpoint"), place.path("checkpoint")).unwrap();
    place.run(&["erase", "--resume"]).expect(0);
    let since = text(&place.path("checkpoint"));
    run(&["verify", &text(&place.registry()), "--since", &since]).expect(0);
    assert_eq!(everything(&place), before);
    assert_eq!(doctor(&place), (0, String::new()));
}

/// How many bits of each file are flipped; `GOODSTANDING_FLIPS` asks for more.
fn flips(bytes: usize) -> u64 {
    let asked = std::env::var("GOODSTANDING_FLIPS").ok().and_then(|flips| flips.parse().ok());
    asked.unwrap_or(if bytes > 20_000 { 6 } else { 1 })
}

#[test]
fn a_flipped_bit_anywhere_is_told_or_changes_no_answer() {
    let place = registry();
    place.run(&["reviewer", "add", "officer-1"]).expect(0);
    let url = "https://lists.example.org/list.csv";
    place.run(&["source", "add", "list", "--url", url, "--profile", "small"]).expect(0);
    let truth = everything(&place);
    assert_eq!(doctor(&place), (0, String::new()));
    let names: Vec<PathBuf> = files(&place.registry())
        .into_iter()
        .filter(|(path, bytes)| !bytes.is_empty() && !text(path).ends_with("-shm"))
        .map(|(path, _)| path.strip_prefix(place.registry()).unwrap().to_owned())
        .collect();
    let (mut told, mut harmless) = (0, 0);
    for (turn, name) in (0_u64..).zip(&names) {
        let original = fs::read(place.registry().join(name)).unwrap();
        for flip in 0..flips(original.len()) {
            let random = mixed(turn * 1_000_003 + flip);
            let at = usize::try_from(random >> 3).unwrap() % original.len();
            let what = format!("bit {} of byte {at} of {}", random & 7, name.display());
            let copy = place.copied();
            let mut bytes = original.clone();
            bytes[at] ^= 1 << (random & 7);
            fs::write(copy.registry().join(name), bytes).unwrap();
            let (code, found) = doctor(&copy);
            assert!(code < 3 && !found.contains("panicked"), "{what}: {found}");
            let seed = u32::try_from(random % u64::from(ROWS)).unwrap() + 1;
            check_answer(&show(&copy, seed), &truth[seed as usize - 1], &what);
            if code != 0 || !found.is_empty() {
                told += 1;
                continue;
            }
            harmless += 1;
            // The doctor saw nothing, so there is nothing: all is shown, and the registry goes on.
            assert_eq!(everything(&copy), truth, "{what}");
            let outcome = run(&import_more(&copy)).expect(0).json();
            let figures = ["accepted", "unchanged"].map(|key| number(&outcome, key));
            assert_eq!(figures, [3, u64::from(ROWS)], "{what}");
            verify(&copy);
        }
    }
    println!("{} files: {told} flips told, {harmless} without consequence", names.len());
    assert!(told > harmless, "{told} told, {harmless} not");
}

/// Times of the events on the log, in order.
fn times(place: &Place) -> Vec<domain::civil::Instant> {
    let reader = LedgerReader::open(&place.registry()).unwrap();
    (0..reader.size().unwrap())
        .filter_map(|position| match reader.event(position).unwrap() {
            Some(Opened::Event(event, _)) => Some(event.at),
            _ => None,
        })
        .collect()
}

#[test]
fn a_clock_set_back_or_forward_never_turns_the_log_back() {
    if !faults::available() {
        return;
    }
    const DAY: i64 = 86_400;
    let place = registry();
    let before = everything(&place);
    // Back: a registry of today, a machine that thinks it is last month.
    let doctor_words = in_registry(&place, &["doctor"]);
    let ended = faults::run_at(&place, &doctor_words, -30 * DAY);
    says(ended.expect(1), &["before the last entry", "time service"]);
    let adopt = |name: &str| {
        let small = fs::read_to_string(place.path("small.toml")).unwrap();
        let other = small.replace("name = \"small\"", &format!("name = \"{name}\""));
        let file = place.write(&format!("{name}.toml"), &other);
        in_registry(&place, &["profile", "adopt", &text(&file)])
    };
    faults::run_at(&place, &adopt("back"), -30 * DAY).expect(0);
    // A list read "before" its last reading is refused rather than undone.
    let ended = faults::run_at(&place, &import_more(&place), -DAY);
    says(ended.expect(1), &["[308]"]);
    assert!(times(&place).is_sorted(), "times never go back");
    assert_eq!(everything(&place), before);
    verify(&place);
    // Forward by two years: what ends within is not shown, and comes back with the time.
    let shown = ["show", "--json", &format!("br-cnpj:{}", support::cnpj(2))];
    let ended = faults::run_at(&place, &in_registry(&place, &shown), 730 * DAY);
    assert_eq!(ended.code, 1, "{}", ended.stdout);
    assert_eq!(everything(&place), before);
    // An entry made while the clock ran ahead: times stand still until the clock is there.
    faults::run_at(&place, &adopt("forward"), 2 * DAY).expect(0);
    let (code, told) = doctor(&place);
    assert!(code == 1 && told.contains("wait"), "{told}");
    assert_eq!(number(&run(&import_more(&place)).expect(0).json(), "accepted"), 3);
    assert!(times(&place).is_sorted());
    verify(&place);
}

/// Runs the program with `limit` open files at most.
fn with_files(limit: u32, words: &[String]) -> Ended {
    let script = format!("ulimit -n {limit} && exec \"$0\" \"$@\"");
    Ended::of(Command::new("sh").args(["-c", &script, PROGRAM]).args(words).output().unwrap())
}

#[cfg(unix)]
#[test]
fn too_few_open_files_are_named_and_nothing_is_lost() {
    let place = registry();
    let before = everything(&place);
    let mut refused = 0;
    for limit in (4..24).step_by(2) {
        let ended = with_files(limit, &import_more(&place));
        if ended.code == 0 {
            continue;
        }
        refused += 1;
        // So few that the program itself does not start: the loader speaks then.
        if ended.code != 127 {
            says(ended.expect(2), &["open"]);
            assert!(ended.stderr.contains("run the command again"), "{limit}: {}", ended.stderr);
        }
        verify(&place);
        assert_eq!(everything(&place), before, "{limit}");
    }
    assert!(refused > 2, "{refused}");
    run(&import_more(&place)).expect(0);
    assert_eq!(doctor(&place), (0, String::new()));
}

/// The statements that make a schema, by name.
fn schema(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection
        .prepare("SELECT sql FROM sqlite_schema WHERE sql NOT NULL ORDER BY name")
        .unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn a_registry_of_the_previous_schema_is_read_and_taken_along() {
    let place = registry();
    let before = everything(&place);
    let path = place.registry().join("truth.db");
    let new = schema(&path);
    // The previous schema is this one without its last migration.
    let truth = Connection::open(&path).unwrap();
    truth.execute_batch("DROP TABLE erasing; PRAGMA user_version = 1").unwrap();
    drop(truth);
    assert_ne!(schema(&path), new);
    // Readers do not change it.
    assert_eq!(everything(&place), before);
    assert_eq!(doctor(&place), (0, String::new()));
    let version = |path: &Path| -> u32 {
        let connection = Connection::open(path).unwrap();
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(version(&path), 1);
    // The first writer does.
    assert_eq!(number(&run(&import_more(&place)).expect(0).json(), "accepted"), 3);
    assert_eq!((version(&path), schema(&path)), (2, new));
    assert_eq!(everything(&place), before);
    verify(&place);
    // Read tables of another version are made anew by whoever needs them.
    let tables = Connection::open(place.registry().join("read.db")).unwrap();
    tables.execute_batch("PRAGMA user_version = 1").unwrap();
    drop(tables);
    assert_eq!(everything(&place), before);
}

#[test]
fn a_registry_of_a_newer_schema_is_left_alone() {
    for name in ["truth.db", "vault-keys.db"] {
        let place = registry();
        let database = Connection::open(place.registry().join(name)).unwrap();
        database.execute_batch("PRAGMA user_version = 99").unwrap();
        drop(database);
        let bytes = fs::read(place.registry().join(name)).unwrap();
        let before = support::lasting_files(&place.registry());
        let id = format!("br-cnpj:{}", support::cnpj(2));
        let (out, keys) = (text(&place.path("b")), text(&place.path("k")));
        for words in [
            &["show", &id][..],
            &["search", "EMPRESA"],
            &["rebuild"],
            &["erase", "--resume"],
            &["serve", "--listen", "127.0.0.1:0"],
            &["backup", "--out", &out, "--keys-out", &keys],
        ] {
            let ended = place.run(words);
            says(ended.expect(2), &["newer release", "nothing was changed", name]);
        }
        says(run(&import_more(&place)).expect(2), &["newer release"]);
        let (code, told) = doctor(&place);
        assert!(code != 0 && told.contains("newer release"), "{told}");
        assert_eq!(support::lasting_files(&place.registry()), before);
        assert_eq!(fs::read(place.registry().join(name)).unwrap(), bytes);
    }
}

#[test]
fn half_a_copy_is_known_as_such_and_never_taken_for_a_whole() {
    let place = registry();
    let before = everything(&place);
    let whole = place.path("whole");
    copy_folder(&place.registry(), &whole);
    for gone in ["truth.db", "vault-keys.db", "checkpoint.last", "keys", "log", "packs", "profiles"]
    {
        fs::remove_dir_all(place.registry()).unwrap();
        copy_folder(&whole, &place.registry());
        let path = place.registry().join(gone);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
        let ended = run(&import_more(&place));
        assert_eq!(ended.code, 2, "{gone}: {}", ended.stderr);
        let helps = ["goodstanding doctor", "from a backup", "goodstanding restore"];
        assert!(helps.iter().any(|help| ended.stderr.contains(help)), "{gone}: {}", ended.stderr);
        assert!(!ended.stderr.contains("create one with"), "{gone}: {}", ended.stderr);
        let (code, told) = doctor(&place);
        assert!(code != 0 && told.contains("backup") || told.contains("copy it again"), "{told}");
        place.run(&["init", "--origin", "test.example/log"]).expect(2);
        for seed in [1, ROWS] {
            check_answer(&show(&place, seed), &before[seed as usize - 1], gone);
        }
    }
    // A file cut in half by the copying.
    for cut in ["truth.db", "vault-keys.db", "keys/log.key", "checkpoint.last"] {
        fs::remove_dir_all(place.registry()).unwrap();
        copy_folder(&whole, &place.registry());
        let path = place.registry().join(cut);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        let ended = run(&import_more(&place));
        assert_eq!(ended.code, 2, "{cut}: {}{}", ended.stdout, ended.stderr);
        let (code, told) = doctor(&place);
        assert!(code != 0 && told.contains("backup"), "{cut}: {told}");
        for seed in [1, ROWS] {
            check_answer(&show(&place, seed), &before[seed as usize - 1], cut);
        }
    }
}

#[test]
fn a_lost_key_hides_what_it_sealed_and_the_backup_of_the_keys_brings_it_back() {
    let place = registry();
    let before = everything(&place);
    let vault = place.registry().join("vault-keys.db");
    let copy = place.path("copy.db");
    let connection = Connection::open(&vault).unwrap();
    connection.execute("VACUUM INTO ?1", [text(&copy)]).unwrap();
    let gone = connection.execute("DELETE FROM key WHERE unit > x'02'", []).unwrap();
    assert_eq!(gone, ROWS as usize);
    drop(connection);
    for seed in 1..=ROWS {
        check_answer(&show(&place, seed), &before[seed as usize - 1], "lost key");
    }
    let (code, told) = doctor(&place);
    assert!(told.contains("vault-keys.db") && told.contains(&ROWS.to_string()), "{code} {told}");
    for end in ["-wal", "-shm"] {
        fs::remove_file(place.registry().join(format!("vault-keys.db{end}"))).ok();
    }
    fs::copy(copy, vault).unwrap();
    place.run(&["rebuild"]).expect(0);
    assert_eq!(everything(&place), before);
    assert_eq!(doctor(&place), (0, String::new()));
}

#[test]
fn without_the_signing_key_nothing_is_signed_and_all_is_shown() {
    let place = registry();
    let before = everything(&place);
    let key = place.registry().join("keys/log.key");
    let aside = place.path("log.key");
    fs::rename(&key, &aside).unwrap();
    says(run(&import_more(&place)).expect(2), &["log.key", "from a backup", "goodstanding doctor"]);
    assert_eq!(everything(&place), before);
    let (code, told) = doctor(&place);
    assert!(code == 1 && told.contains("keys/log.key") && told.contains("backup"), "{told}");
    fs::rename(&aside, &key).unwrap();
    run(&import_more(&place)).expect(0);
    assert_eq!(doctor(&place), (0, String::new()));
}

#[test]
fn a_checkpoint_ahead_of_the_database_stops_all_signing() {
    let place = registry();
    let before = everything(&place);
    let old = place.path("old");
    copy_folder(&place.registry(), &old);
    run(&import_more(&place)).expect(0);
    let log = place.path("log");
    copy_folder(&place.registry().join("log"), &log);
    for name in ["truth.db", "truth.db-wal", "truth.db-shm"] {
        fs::remove_file(place.registry().join(name)).ok();
    }
    fs::copy(old.join("truth.db"), place.registry().join("truth.db")).unwrap();
    place.write("more.csv", &ceis_file(&many_rows(ROWS + 9)));
    says(run(&import_more(&place)).expect(2), &["older than the log", "backup"]);
    let (code, told) = doctor(&place);
    assert!(code == 1 && told.contains("do not append") && told.contains("restore"), "{told}");
    assert_eq!(
        fs::read(place.registry().join("log/checkpoint")).unwrap(),
        fs::read(log.join("checkpoint")).unwrap()
    );
    for seed in 1..=ROWS {
        check_answer(&show(&place, seed), &before[seed as usize - 1], "older");
    }
}

#[test]
fn a_row_changed_beside_the_entries_is_told() {
    for change in [
        "UPDATE revision SET revision = revision + 1",
        "UPDATE head SET at = at - 3600000000",
        "UPDATE checkpoint SET note = replace(note, 'test', 'text') WHERE size < 30",
    ] {
        let place = registry();
        let truth = Connection::open(place.registry().join("truth.db")).unwrap();
        assert!(truth.execute(change, []).unwrap() > 0, "{change}");
        drop(truth);
        let (code, told) = doctor(&place);
        assert!(code == 1 && told.contains("truth.db") && told.contains("restore"), "{told}");
    }
}
