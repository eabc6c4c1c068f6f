//! Backups of registries at work, the three outcomes of a restore, and erasures that reach backups.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use domain::civil::Day;
use ledger::LedgerReader;
use serde_json::Value;
use support::{Place, ceis_file, ceis_row, files_with, number, run, today};

/// A registry with `rows` records.
fn registry(rows: u32) -> Place {
    let place = Place::with_registry();
    import(&place, rows, "first.csv");
    place
}

fn later() -> Day {
    today().plus_days(400)
}

fn import(place: &Place, rows: u32, name: &str) -> Value {
    let rows: Vec<_> = (1..=rows).map(|number| ceis_row(number, later())).collect();
    let file = place.write(name, &ceis_file(&rows));
    let (code, outcome) = place.import("small", &file, &[]);
    assert_eq!(code, 0, "{outcome}");
    outcome
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Takes a backup and gives the folders of truth and keys.
fn backup(place: &Place, name: &str) -> (PathBuf, PathBuf) {
    let (out, keys) = (place.path(name), place.path(&format!("{name}-keys")));
    let ended = place.run(&["backup", "--json", "--out", &text(&out), "--keys-out", &text(&keys)]);
    ended.expect(0);
    run(&["restore", "--check", &text(&out)]).expect(0);
    run(&["restore", "--check", &text(&keys)]).expect(0);
    (out, keys)
}

fn restore(
    place: &Place,
    from: &(PathBuf, PathBuf),
    name: &str,
    more: &[&str],
) -> (i32, PathBuf, String) {
    let new = place.path(name);
    let (out, keys, dir) = (text(&from.0), text(&from.1), text(&new));
    let mut arguments = vec!["restore", "--json", "--from", &out, "--keys", &keys, "--dir", &dir];
    arguments.extend(more);
    let ended = run(&arguments);
    (ended.code, new, format!("{}{}", ended.stdout, ended.stderr))
}

fn dump(directory: &Path) -> String {
    projections::dump(&directory.join("read.db")).unwrap()
}

fn root(directory: &Path) -> (u64, [u8; 32]) {
    let (_, checkpoint) = LedgerReader::open(directory).unwrap().checkpoint().unwrap();
    (checkpoint.size, checkpoint.root)
}

#[test]
fn drill_nothing_was_signed_later() {
    let place = registry(30);
    let taken = backup(&place, "b1");
    let (code, new, said) = restore(&place, &taken, "new", &["--nothing-later"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(root(&new), root(&place.registry()), "equal roots");
    assert_eq!(dump(&new), dump(&place.registry()), "equal dumps");
    run(&["verify", &text(&new)]).expect(0);
    run(&["doctor", "--dir", &text(&new)]).expect(0);
    // It goes on: the same file changes nothing, a longer one is taken.
    let file = place.write("more.csv", &ceis_file(&[ceis_row(99, later())]));
    let arguments =
        ["import", "--partial", "--profile", "small", &text(&file), "--dir", &text(&new), "--json"];
    let outcome = run(&arguments).expect(0).json();
    assert_eq!(number(&outcome, "accepted"), 1, "{outcome}");
}

#[test]
fn drill_what_was_signed_later_comes_from_the_published_log() {
    let place = registry(20);
    let taken = backup(&place, "b1");
    import(&place, 50, "second.csv");
    let old = root(&place.registry());
    let published = text(&place.registry().join("log"));
    let (code, new, said) = restore(&place, &taken, "new", &["--log", &published]);
    assert_eq!(code, 0, "{said}");
    let restored: Value = serde_json::from_str(said.split("\n{").next().unwrap()).unwrap();
    assert!(number(&restored, "lost") >= 30 * 3, "{restored}");
    assert_eq!(number(&restored, "in_backup") + number(&restored, "replayed"), old.0);
    // Every checkpoint that was ever published still fits: one history.
    let since =
        place.write("since", &fs::read_to_string(place.registry().join("log/checkpoint")).unwrap());
    run(&["verify", &text(&new), "--since", &text(&since)]).expect(0);
    run(&["doctor", "--dir", &text(&new)]).expect(0);
    // What was lost comes back as new records from the list itself.
    let file = place.path("second.csv");
    let arguments = ["import", "--profile", "small", &text(&file), "--dir", &text(&new), "--json"];
    let outcome = run(&arguments).expect(0).json();
    assert_eq!(number(&outcome, "accepted"), 30, "{outcome}");
    assert_eq!(number(&outcome, "unchanged"), 20, "{outcome}");
    run(&["verify", &text(&new)]).expect(0);
}

#[test]
fn drill_a_lost_history_goes_on_under_another_name() {
    let place = registry(20);
    let taken = backup(&place, "b1");
    import(&place, 25, "second.csv");
    let last = place.registry().join("checkpoint.last");
    let same = restore(&place, &taken, "x", &["--new-log", "test.example/log"]);
    assert_eq!(same.0, 1, "{}", same.2);
    let more = ["--new-log", "test.example/log2", "--last", &text(&last)];
    let (code, new, said) = restore(&place, &taken, "new", &more);
    assert_eq!(code, 0, "{said}");
    run(&["verify", &text(&new)]).expect(0);
    let log = fs::read_to_string(new.join("log/vkey")).unwrap();
    assert!(log.starts_with("test.example/log2+"), "{log}");
    // Rows are known again by their keys: nothing is taken for new that is not.
    let file = place.path("second.csv");
    let arguments = ["import", "--profile", "small", &text(&file), "--dir", &text(&new), "--json"];
    let outcome = run(&arguments).expect(0).json();
    assert_eq!((number(&outcome, "unchanged"), number(&outcome, "accepted")), (20, 5), "{outcome}");
    run(&["doctor", "--dir", &text(&new)]).expect(0);
}

#[test]
fn what_does_not_fit_is_refused_and_leaves_nothing() {
    let place = registry(5);
    let taken = backup(&place, "b1");
    let other = registry(5);
    let foreign = backup(&other, "b2");
    let published = text(&other.registry().join("log"));
    let silent = restore(&place, &taken, "n1", &[]);
    assert!(silent.0 == 2 && silent.2.contains("--nothing-later"), "{}", silent.2);
    let wrong_log = restore(&place, &taken, "n2", &["--log", &published]);
    assert_eq!(wrong_log.0, 1, "{}", wrong_log.2);
    let mixed = (taken.0.clone(), foreign.1.clone());
    assert_eq!(restore(&place, &mixed, "n3", &["--nothing-later"]).0, 1);
    let swapped = (taken.1.clone(), taken.0.clone());
    assert_eq!(restore(&place, &swapped, "n4", &["--nothing-later"]).0, 2);
    let occupied = restore(&place, &taken, "registry", &["--nothing-later"]);
    assert!(occupied.0 == 2 && occupied.2.contains("not empty"), "{}", occupied.2);
    for name in ["truth.db", "checkpoint", "vkey", "manifest.json"] {
        let path = taken.0.join(name);
        let bytes = fs::read(&path).unwrap();
        let mut changed = bytes.clone();
        let at = changed.len() / 2;
        changed[at] ^= 1;
        fs::write(&path, &changed).unwrap();
        let refused = restore(&place, &taken, "n5", &["--nothing-later"]);
        assert_eq!(refused.0, 2, "{name}: {}", refused.2);
        fs::remove_file(&path).unwrap();
        assert_eq!(restore(&place, &taken, "n5", &["--nothing-later"]).0, 2, "{name}");
        fs::write(&path, bytes).unwrap();
    }
    for name in ["n1", "n2", "n3", "n4", "n5"] {
        assert!(!place.path(name).exists(), "{name}");
    }
    let inside = text(&place.registry().join("backup"));
    place.run(&["backup", "--out", &inside, "--without-keys"]).expect(2);
    place.run(&["backup", "--out", &text(&taken.0), "--without-keys"]).expect(2);
    place.run(&["backup", "--out", &text(&place.path("b3"))]).expect(2);
}

/// The id of the organisation that bears the CNPJ of row `row`.
fn organisation(place: &Place, row: u32) -> String {
    let found = place.run(&["search", "--json", &support::cnpj(row)]).expect(0).json();
    found["results"][0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn i15_erased_content_is_in_no_file_and_in_no_backup() {
    let place = registry(12);
    let old = backup(&place, "old");
    let id = organisation(&place, 7);
    let shown = place.run(&["show", &id, "--json"]).expect(0).json();
    let name = shown["name"]["text"].as_str().or(shown["name"].as_str()).unwrap().to_owned();
    place.run(&["erase", "--organisation", &id]).expect(2);
    place.run(&["erase", "--organisation", &id, "--yes"]).expect(0);
    let gone = place.run(&["show", &id]);
    assert_ne!(gone.code, 0, "{}", gone.stdout);
    let found = place.run(&["search", "--json", &support::cnpj(7)]).json();
    assert_eq!(found["results"], serde_json::json!([]));
    for needle in [name.as_str(), &support::cnpj(7), &id] {
        assert_eq!(files_with(&place.registry(), needle), Vec::<PathBuf>::new(), "{needle}");
    }
    run(&["verify", &text(&place.registry())]).expect(0);
    place.run(&["doctor"]).expect(0);
    place.run(&["erase", "--organisation", &id, "--yes"]).expect(1);
    // The backup of the truth with the keys of today: the content stays destroyed.
    let keys = backup(&place, "today").1;
    let published = text(&place.registry().join("log"));
    let (code, new, said) = restore(&place, &(old.0, keys), "new", &["--log", &published]);
    assert_eq!(code, 0, "{said}");
    let dir = text(&new);
    let found = run(&["search", "--json", &support::cnpj(7), "--dir", &dir]).json();
    assert_eq!(found["results"], serde_json::json!([]));
    let found = run(&["search", "--json", &support::cnpj(8), "--dir", &dir]).json();
    assert_eq!(found["results"].as_array().unwrap().len(), 1);
    assert_eq!(files_with(&new, &name), Vec::<PathBuf>::new());
    run(&["verify", &dir]).expect(0);
}

#[test]
fn an_erasure_is_replayed_when_an_older_backup_is_restored_with_its_keys() {
    let place = registry(12);
    let old = backup(&place, "old");
    let id = organisation(&place, 3);
    place.run(&["erase", "--organisation", &id, "--yes"]).expect(0);
    let published = text(&place.registry().join("log"));
    let (code, new, said) = restore(&place, &old, "new", &["--log", &published]);
    assert_eq!(code, 0, "{said}");
    let found = run(&["search", "--json", &support::cnpj(3), "--dir", &text(&new)]).json();
    assert_eq!(found["results"], serde_json::json!([]), "destroyed again before it is served");
    let vault = rusqlite::Connection::open(new.join("vault-keys.db")).unwrap();
    let keys: i64 = vault.query_row("SELECT COUNT(*) FROM key", [], |row| row.get(0)).unwrap();
    assert_eq!(keys, 1 + 11 * 2, "the keys are gone from the restored vault too");
}

#[test]
fn the_last_record_takes_the_organisation_along() {
    let place = registry(3);
    let id = organisation(&place, 1);
    let shown = place.run(&["show", &id, "--json"]).expect(0).json();
    let record = shown["records"][0]["id"].as_str().unwrap();
    let erased = place.run(&["erase", "--record", record, "--yes", "--json"]).expect(0).json();
    assert_eq!((number(&erased, "records"), number(&erased, "organisations")), (1, 1));
    run(&["verify", &text(&place.registry())]).expect(0);
}

#[test]
fn an_erasure_that_was_interrupted_is_finished() {
    let place = registry(6);
    let id = organisation(&place, 2);
    let before = fs::read(place.registry().join("vault-keys.db")).unwrap();
    place.run(&["erase", "--organisation", &id, "--yes"]).expect(0);
    // As a crash between the entry and the destruction leaves it: the work is noted, keys are
    // there.
    fs::write(place.registry().join("vault-keys.db"), before).unwrap();
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(place.registry().join(format!("vault-keys.db{suffix}")));
    }
    let unit = {
        let uuid = uuid_bytes(&id);
        [[1_u8].as_slice(), &uuid].concat()
    };
    let truth = rusqlite::Connection::open(place.registry().join("truth.db")).unwrap();
    truth.execute("INSERT INTO erasing(unit) VALUES (?1)", [&unit]).unwrap();
    drop(truth);
    let found = place.run(&["search", "--json", &support::cnpj(2)]).json();
    assert_eq!(found["results"], serde_json::json!([]), "not served meanwhile");
    place.run(&["erase", "--resume"]).expect(0);
    let vault = rusqlite::Connection::open(place.registry().join("vault-keys.db")).unwrap();
    let left: i64 = vault
        .query_row("SELECT COUNT(*) FROM key WHERE unit = ?1", [&unit], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0);
}

fn uuid_bytes(id: &str) -> Vec<u8> {
    let digits: String = id.chars().filter(|c| *c != '-').collect();
    (0..16).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect()
}

#[test]
fn read_tables_as_they_were_are_those_of_a_restore() {
    let place = registry(10);
    let taken = backup(&place, "b1");
    let (code, new, said) = restore(&place, &taken, "new", &["--nothing-later"]);
    assert_eq!(code, 0, "{said}");
    import(&place, 40, "second.csv");
    let out = place.path("then.db");
    let until = root(&new).0.to_string();
    place.run(&["rebuild", "--until", &until, "--out", &text(&out)]).expect(0);
    assert_eq!(projections::dump(&out).unwrap(), dump(&new), "as at that position");
    place.run(&["rebuild", "--out", &text(&out)]).expect(2);
    let beyond = text(&place.path("beyond.db"));
    place.run(&["rebuild", "--until", "99999999", "--out", &beyond]).expect(2);
}

/// The folders in `folder`, by name.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn only_the_newest_backups_of_the_keys_are_kept_and_nothing_else_is_touched() {
    let place = registry(3);
    let other = registry(2);
    let (truths, keys) = (place.path("truths"), place.path("vaults"));
    let take = |of: &Place, name: &str, more: &[&str]| {
        let (out, keys) = (text(&truths.join(name)), text(&keys.join(name)));
        let line = ["backup", "--json", "--out", &out, "--keys-out", &keys];
        of.run(&[&line[..], more].concat())
    };
    for name in ["1", "2", "3"] {
        take(&place, name, &[]).expect(0);
    }
    // What lies beside: another registry's, a registry itself, something of somebody else, a copy
    // that is being made, half a copy of last week, and another's.
    let renamed = Place::new();
    renamed.run(&["init", "--origin", "other.example/log"]).expect(0);
    take(&renamed, "other", &[]).expect(0);
    support::copy_folder(&other.registry(), &keys.join("registry"));
    support::copy_folder(&keys.join("1"), &keys.join("annotated"));
    fs::write(keys.join("annotated/why.txt"), "kept for the court").unwrap();
    let half = |name: &str, of: &str, days: u64| {
        support::copy_folder(&keys.join(of), &keys.join(name));
        fs::remove_file(keys.join(name).join("manifest.json")).unwrap();
        let vault = fs::File::options().write(true).open(keys.join(name).join("vault-keys.db"));
        let at = std::time::SystemTime::now() - std::time::Duration::from_secs(days * 86_400);
        vault.unwrap().set_modified(at).unwrap();
    };
    half("half-new", "3", 0);
    half("half-old", "2", 7);
    half("half-other", "other", 7);
    let ended = take(&place, "4", &["--keep-keys", "2"]).expect(0).json();
    let mut deleted: Vec<&str> = ended["keys_deleted"]
        .as_array()
        .unwrap()
        .iter()
        .map(|path| path.as_str().unwrap().rsplit('/').next().unwrap())
        .collect();
    deleted.sort_unstable();
    assert_eq!(deleted, ["1", "2", "half-old"]);
    let left = ["3", "4", "annotated", "half-new", "half-other", "other", "registry"];
    assert_eq!(names(&keys), left);
    assert_eq!(names(&truths), ["1", "2", "3", "4", "other"], "the truth is kept long");
    for name in ["3", "4"] {
        run(&["restore", "--check", &text(&keys.join(name))]).expect(0);
    }
    take(&place, "5", &["--keep-keys", "0"]).expect(2);
    let out = text(&truths.join("6"));
    place.run(&["backup", "--out", &out, "--without-keys", "--keep-keys", "2"]).expect(2);
    assert_eq!(names(&keys).len(), left.len(), "what is refused deletes nothing");
}

#[test]
fn what_was_erased_is_beyond_recall_once_older_keys_are_deleted() {
    let place = registry(3);
    let (truths, keys) = (place.path("truths"), place.path("vaults"));
    let take = |name: &str, more: &[&str]| {
        let (out, keys) = (text(&truths.join(name)), text(&keys.join(name)));
        let line = ["backup", "--out", &out, "--keys-out", &keys];
        place.run(&[&line[..], more].concat()).expect(0);
    };
    take("before", &[]);
    let found = place.run(&["search", "--json", &support::cnpj(2)]).expect(0).json();
    let id = found["results"][0]["id"].as_str().unwrap().to_owned();
    place.run(&["erase", "--yes", "--organisation", &id]).expect(0);
    // As the shipped timer does it.
    let unit = support::workspace().join("deploy/goodstanding-backup.service");
    let unit = fs::read_to_string(unit).unwrap();
    let given = unit.split("--keep-keys ").nth(1).expect("the shipped unit keeps a few only");
    let number: u32 = given.split(['\'', ' ']).next().unwrap().parse().unwrap();
    for night in 1..=number {
        take(&format!("night-{night}"), &["--keep-keys", &number.to_string()]);
    }
    assert_eq!(names(&keys).len(), number as usize);
    assert!(!keys.join("before").exists());
    // The old truth with the newest keys shows nothing of it.
    let from = (truths.join("before"), keys.join(format!("night-{number}")));
    let (code, new, said) = restore(&place, &from, "new", &["--nothing-later"]);
    assert!(code != 0 || files_with(&new, &support::cnpj(2)).is_empty(), "{said}");
}
