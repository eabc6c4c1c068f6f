//! `doctor` tells what is wrong and writes nothing; `synth` makes registries to try it on.

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{Place, run};

fn synthetic(place: &Place, records: &str) {
    place.run(&["synth", "--records", records, "--json"]).expect(0);
}

/// State and text of the findings of `check`.
fn found(report: &Value, check: &str) -> Vec<(String, String)> {
    report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["check"] == check)
        .map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
            (text("state"), format!("{} -> {}", text("what"), text("advice")))
        })
        .collect()
}

fn listing(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.ends_with("-shm") && !name.ends_with("-wal"))
        .map(|name| (name.clone(), fs::read(directory.join(name)).unwrap()))
        .collect();
    files.sort();
    files
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x40;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_sound_registry_is_left_as_it_is() {
    let place = Place::new();
    synthetic(&place, "500");
    let before = listing(&place.registry());
    let ended = place.run(&["doctor", "--json"]);
    let report = ended.expect(0).json();
    assert_eq!(listing(&place.registry()), before);
    for check in ["files", "clock", "databases", "keys", "checkpoints", "vault", "log"] {
        let found = found(&report, check);
        assert!(!found.is_empty(), "{check}");
        assert!(found.iter().all(|(state, _)| state == "good"), "{check}: {found:?}");
    }
    let tables = found(&report, "read tables");
    assert_eq!(tables[0].0, "good");
    assert!(tables[0].1.contains("identical with tables built anew"), "{tables:?}");
    let text = place.run(&["doctor"]).expect(0).stdout.clone();
    assert!(text.contains("ok     log"), "{text}");
}

#[test]
fn a_changed_row_of_the_read_tables_is_told_and_cured() {
    let place = Place::new();
    synthetic(&place, "50");
    let path = place.registry().join("read.db");
    let tables = rusqlite::Connection::open(&path).unwrap();
    let gone = tables
        .execute("DELETE FROM token WHERE token = (SELECT MIN(token) FROM token)", [])
        .unwrap();
    assert!(gone > 0);
    drop(tables);
    let report = place.run(&["doctor", "--json"]).expect(1).json();
    let (state, text) = found(&report, "read tables").remove(0);
    assert_eq!(state, "wrong");
    assert!(text.contains("token") && text.contains("goodstanding rebuild"), "{text}");
    place.run(&["rebuild"]).expect(0);
    place.run(&["doctor"]).expect(0);
}

#[test]
fn each_missing_file_is_named() {
    for name in ["keys/log.key", "checkpoint.last", "log/checkpoint", "vault-keys.db"] {
        let place = Place::new();
        synthetic(&place, "5");
        fs::remove_file(place.registry().join(name)).unwrap();
        let report = place.run(&["doctor", "--json"]).expect(1).json();
        let (state, text) = found(&report, "files").remove(0);
        assert_eq!(state, "wrong");
        assert!(text.contains(name) && text.contains("backup"), "{text}");
    }
}

#[test]
fn a_foreign_key_a_changed_opening_and_an_old_database_are_told() {
    let place = Place::new();
    synthetic(&place, "40");
    let other = Place::new();
    synthetic(&other, "1");
    let key = place.registry().join("keys/log.key");
    let own = fs::read(&key).unwrap();
    fs::copy(other.registry().join("keys/log.key"), &key).unwrap();
    let report = place.run(&["doctor", "--json"]).expect(1).json();
    assert_eq!(found(&report, "keys")[0].0, "wrong");
    fs::write(&key, own).unwrap();

    let truth = rusqlite::Connection::open(place.registry().join("truth.db")).unwrap();
    truth
        .execute(
            "UPDATE leaf SET opening = zeroblob(length(opening)) WHERE position =
             (SELECT MAX(position) FROM leaf WHERE opening IS NOT NULL)",
            [],
        )
        .unwrap();
    let report = place.run(&["doctor", "--json"]).expect(1).json();
    let log = found(&report, "log").remove(0);
    assert!(log.0 == "wrong" && log.1.contains("backup"), "{log:?}");

    truth.execute("UPDATE head SET size = size - 1", []).unwrap();
    let report = place.run(&["doctor", "--json"]).expect(1).json();
    let sizes = found(&report, "checkpoints").remove(0);
    assert!(sizes.0 == "wrong" && sizes.1.contains("do not append"), "{sizes:?}");
}

#[test]
fn lost_keys_are_counted_and_a_damaged_page_is_told() {
    let place = Place::new();
    synthetic(&place, "40");
    let vault = rusqlite::Connection::open(place.registry().join("vault-keys.db")).unwrap();
    let lost = vault.execute("DELETE FROM key WHERE unit > x'02'", []).unwrap();
    assert_eq!(lost, 40);
    drop(vault);
    let report = place.run(&["doctor", "--json"]).expect(1).json();
    let (state, text) = found(&report, "vault").remove(0);
    assert!(state == "attention" && text.contains("40"), "{text}");
    let read = place.registry().join("read.db");
    let middle = fs::metadata(&read).unwrap().len() as usize / 2;
    (0..2_000).for_each(|at| flip(&read, middle + at));
    let report = place.run(&["doctor", "--json"]).expect(1).json();
    assert!(
        found(&report, "databases").iter().any(|(state, text)| state == "wrong"
            && text.contains("read.db")
            && text.contains("rebuild")),
        "{report:#}"
    );
}

#[test]
fn synthetic_records_fit_the_demonstration_only() {
    let place = Place::new();
    let file = place.path("synthetic.jsonl");
    let out = file.to_str().unwrap();
    run(&["synth", "--records", "20", "--out", out]).expect(0);
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 20);
    place.run(&["init", "--origin", "test.example/log"]).expect(0);
    let profile = goodstanding::synth::PROFILE;
    place.run(&["import", "--profile", profile, out]).expect(1);
    place.run(&["synth", "--records", "1"]).expect(2);
    run(&["synth", "--records", "1", "--out", "/dev/null/no"]).expect(2);
    run(&["synth", "--records", "many"]).expect(2);
}
