//! The real lists of `../shared/data`, where they are: counts equal to those of the independent
//! script, and nothing of a person anywhere.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::{Place, check_sum, files_with, number, real_list, today, workspace};

const IDB: &str = "idb-sanctioned-firms/idb-sanctioned-firms-2025-01.xlsx";
const IDB_FIXTURE: &str = "idb-sanctioned-firms/fixture-with-person-rows.xlsx";
const CEIS: &str = "brazil-ceis-cnep/ceis.csv";
const CEIS_FIXTURE: &str = "brazil-ceis-cnep/fixture-with-person-rows.csv";
const CNEP: &str = "brazil-ceis-cnep/cnep.csv";

/// What the script in Python counts, or `None` where there is no Python.
fn counted_independently(profile: &str, file: &Path, as_of: &str) -> Option<Value> {
    let script = workspace().join("spec/verifier/counts.py");
    let ended = Command::new("python3")
        .arg(script)
        .args([profile])
        .arg(file)
        .args(["--as-of", as_of])
        .output();
    let Ok(output) = ended else {
        println!("skipped: there is no python3");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// Imports `path` as read on `as_of` into a new registry and compares with the script.
fn check(profile: &str, path: &str, as_of: &str, rows: u64) {
    let Some(file) = real_list(path) else { return };
    let place = Place::with_registry();
    let (code, outcome) = place.import(profile, &file, &["--as-of", as_of]);
    assert!(code == 0 || code == 3, "{outcome}");
    assert_eq!(number(&outcome, "rows"), rows);
    check_sum(&outcome);
    if let Some(expected) = counted_independently(profile, &file, as_of) {
        for key in [
            "rows",
            "accepted",
            "duplicate",
            "already_ended",
            "quarantined",
            "refused_persons",
            "refused",
            "flagged_identifiers",
        ] {
            assert_eq!(outcome[key], expected[key], "{profile} as of {as_of}: `{key}`");
        }
    }
    let (_, again) = place.import(profile, &file, &["--as-of", as_of]);
    check_sum(&again);
    assert_eq!(number(&again, "unchanged"), number(&outcome, "accepted"), "{profile}");
    for key in ["accepted", "changed", "ended"] {
        assert_eq!(number(&again, key), 0, "{profile}: `{key}` of the second import");
    }
    place.run(&["verify", place.registry().to_str().unwrap()]).expect(0);
}

#[test]
fn idb_in_2020_and_today() {
    check("idb", IDB, "2020-01-01", 846);
    check("idb", IDB, &today().to_string(), 846);
}

#[test]
fn ceis_in_2020() {
    check("ceis", CEIS, "2020-01-01", 5_844);
}

#[test]
fn ceis_today() {
    check("ceis", CEIS, &today().to_string(), 5_844);
}

#[test]
fn cnep_in_2020_and_today() {
    check("cnep", CNEP, "2020-01-01", 22);
    check("cnep", CNEP, &today().to_string(), 22);
}

#[test]
fn rows_about_persons_are_refused_and_leave_nothing_behind() {
    for (profile, path) in [("idb", IDB_FIXTURE), ("ceis", CEIS_FIXTURE)] {
        let Some(file) = real_list(path) else { continue };
        let place = Place::with_registry();
        let quarantine = place.path("quarantine.csv");
        let receipts = place.path("receipts.jsonl");
        let options = [
            "--as-of",
            "2020-01-01",
            "--quarantine",
            quarantine.to_str().unwrap(),
            "--receipts",
            receipts.to_str().unwrap(),
        ];
        let (code, outcome) = place.import(profile, &file, &options);
        assert_eq!(code, 3, "{outcome}");
        assert_eq!(number(&outcome, "refused_persons"), 8, "{profile}: {outcome}");
        check_sum(&outcome);
        assert!(!outcome.to_string().contains("PERSON ROW"), "{outcome}");
        let around = place.registry().parent().unwrap().to_owned();
        for needle in ["PERSON ROW", "person row", "000.000.000-1"] {
            assert_eq!(files_with(&around, needle), Vec::<std::path::PathBuf>::new(), "{needle}");
        }
    }
}

#[test]
fn an_imported_organisation_is_found_shown_and_proved() {
    let Some(file) = real_list(IDB) else { return };
    let place = Place::with_registry();
    place.import("idb", &file, &["--as-of", &today().to_string()]);
    let registry = place.registry();
    let status = place.run(&["rebuild", "--json"]).expect(0).json();
    assert!(number(&status, "entries") > 0);
    let verified = place.run(&["verify", registry.to_str().unwrap(), "--json"]);
    assert_eq!(verified.expect(0).code, 0);
    assert!(fs::metadata(registry.join("log/checkpoint")).unwrap().len() > 0);
}
