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
fn lists_of_banks_in_sections_and_sheets() {
    check("boe-banks", "bank-licence-registers/boe-pra-banks-2026-02.csv", "2026-02-01", 284);
    check("occ-banks", "bank-licence-registers/occ-national-banks-2026-01.xlsx", "2026-01-31", 729);
}

#[test]
fn permits_and_enforcement_actions() {
    check("epa-npdes", "us-epa-npdes-permits/npdes-permits-region1.csv", "2026-03-19", 2_990);
    let actions = "ma-dep-enforcement/enforcement-actions-structured.csv";
    check("ma-dep", actions, "2018-01-01", 2_191);
}

/// A scratch registry with the reference list of `benches/reference`.
fn reference_registry() -> Place {
    let place = Place::new();
    let reference = workspace().join("benches/reference");
    let pack = reference.join("packs/us-reference");
    let init = ["init", "--scratch", "--origin", "scratch.example/log", "--pack"];
    place.run(&[init.as_slice(), &[pack.to_str().unwrap()]].concat()).expect(0);
    let profile = reference.join("ofac-entities.toml");
    place.run(&["profile", "adopt", profile.to_str().unwrap()]).expect(0);
    place
}

#[test]
fn four_snapshots_of_one_list_end_what_vanished() {
    let days = ["2021-08-18", "2022-12-28", "2023-12-28", "2024-05-03"];
    let files: Option<Vec<_>> = days
        .iter()
        .map(|day| real_list(&format!("ofac-sdn-entities/sdn-entities-{day}.csv")))
        .collect();
    let Some(files) = files else { return };
    let place = reference_registry();
    let script = workspace().join("spec/verifier/counts.py");
    let counted = Command::new("python3").arg(script).arg("series").args(&files).output();
    let Ok(counted) = counted else {
        println!("skipped: there is no python3");
        return;
    };
    let steps: Vec<Value> = serde_json::from_slice(&counted.stdout).unwrap();
    for ((day, file), expected) in days.iter().zip(&files).zip(&steps) {
        let (code, outcome) = place.import("ofac-entities", file, &["--as-of", day]);
        assert_eq!(code, 0, "{outcome}");
        check_sum(&outcome);
        for key in ["rows", "accepted", "changed", "unchanged", "ended"] {
            assert_eq!(outcome[key], expected[key], "{day}: `{key}`");
        }
    }
    // Going back in time is no new snapshot.
    let (code, outcome) = place.import("ofac-entities", &files[0], &["--as-of", days[0]]);
    assert_eq!(code, 1, "{outcome}");
    place.run(&["verify", place.registry().to_str().unwrap()]).expect(0);
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
