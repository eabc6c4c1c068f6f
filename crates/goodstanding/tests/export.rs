//! Exports hold what may be shown and nothing else, come back as the same records, and verify.

mod support;

use std::fs;
use std::process::Command;

use serde_json::Value;
use support::{Place, ceis_file, ceis_row, number, own_permit, run, today, workspace};

fn registry() -> Place {
    let place = Place::with_registry();
    let end = today().plus_days(300);
    let rows: Vec<_> = (1..=20).map(|row| ceis_row(row, end)).collect();
    let file = place.write("list.csv", &ceis_file(&rows));
    place.import("small", &file, &[]);
    place
}

fn export(place: &Place, form: &str, name: &str) -> String {
    let out = place.path(name);
    place.run(&["export", "--form", form, "--out", out.to_str().unwrap()]).expect(0);
    fs::read_to_string(out).unwrap()
}

#[test]
fn three_forms_hold_the_same_records_in_the_same_order() {
    let place = registry();
    let lines: Vec<Value> = export(&place, "jsonl", "o.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 20);
    let csv = export(&place, "csv", "r.csv");
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let own: Vec<Value> = export(&place, "own", "own.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for ((line, row), own) in lines.iter().zip(&rows).zip(&own) {
        assert_eq!(line["id"], row[0]);
        assert_eq!(line["records"][0]["id"], row[5]);
        assert_eq!(own["key"], row[5]);
        assert_eq!(own["organisation"]["name"], row[1]);
        assert_eq!(&row[14], "true");
    }
    assert_eq!((rows.len(), own.len()), (20, 20));
    assert_eq!(export(&place, "csv", "again.csv"), csv, "equal registries give equal files");
}

#[test]
fn the_own_format_comes_back_as_the_same_records() {
    let place = registry();
    export(&place, "own", "own.jsonl");
    let other = Place::with_registry();
    let (code, outcome) = other.import("own", &place.path("own.jsonl"), &[]);
    assert_eq!((code, number(&outcome, "accepted")), (0, 20), "{outcome}");
    let (one, two) = (export(&place, "csv", "1.csv"), export(&other, "csv", "2.csv"));
    // Everything but ids and positions is the same.
    let facts = |text: &str| {
        let mut rows: Vec<Vec<String>> = csv::Reader::from_reader(text.as_bytes())
            .records()
            .map(|row| {
                let row = row.unwrap();
                [1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
                    .map(|at| row[at].to_owned())
                    .into()
            })
            .collect();
        rows.sort();
        rows
    };
    assert_eq!(facts(&one), facts(&two));
}

#[test]
fn single_owner_forms_and_ended_records_are_left_out_and_formulas_are_harmless() {
    let place = registry();
    let permit = own_permit("P1", "enterprise", &[("lei", &support::lei(1))]);
    let mut line: Value = serde_json::from_str(permit.trim()).unwrap();
    line["organisation"]["name"] = "=HYPERLINK(\"http://evil.example\") Ltd".into();
    let mut owner = line.clone();
    owner["key"] = "P2".into();
    owner["organisation"]["name"] = "Lone Star EIRELI".into();
    owner["organisation"]["identifiers"][0]["value"] = support::lei(2).into();
    let file = place.write("own.jsonl", &format!("{line}\n{owner}\n"));
    let (_, outcome) = place.import("own", &file, &[]);
    assert_eq!(number(&outcome, "accepted"), 2, "{outcome}");
    let csv = export(&place, "csv", "r.csv");
    assert!(csv.contains("'=HYPERLINK"), "{csv}");
    let jsonl = export(&place, "jsonl", "o.jsonl");
    let is_there = place.run(&["search", "--json", &support::lei(2)]).json();
    assert_eq!(is_there["results"].as_array().unwrap().len(), 1, "found by its identifier");
    assert!(!csv.contains("Lone Star") && !jsonl.contains("Lone Star"));
}

#[test]
fn an_exported_log_verifies_with_both_verifiers() {
    let place = registry();
    let folder = place.path("mirror");
    place.run(&["export", "--log", folder.to_str().unwrap()]).expect(0);
    let vkey = fs::read_to_string(place.registry().join("log/vkey")).unwrap();
    run(&["verify", folder.to_str().unwrap(), "--vkey", vkey.trim()]).expect(0);
    let script = workspace().join("spec/verifier/verify.py");
    let python = Command::new("python3").arg(script).arg(folder.join("log")).output();
    match python {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        Err(_) => println!("skipped: there is no python3"),
    }
    let payload = folder.join("log/payload");
    let first = fs::read_dir(&payload).unwrap().next().unwrap().unwrap().path();
    let file = if first.is_dir() {
        fs::read_dir(&first).unwrap().next().unwrap().unwrap().path()
    } else {
        first
    };
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("\"at\":\"20", "\"at\":\"21", 1)).unwrap();
    run(&["verify", folder.to_str().unwrap()]).expect(1);
}

#[test]
fn places_that_would_harm_are_refused() {
    let place = registry();
    let inside = place.registry().join("x.csv");
    place.run(&["export", "--out", inside.to_str().unwrap()]).expect(2);
    place.run(&["export", "--out", "/dev/null/x.csv"]).expect(2);
    // Nobody's file is replaced.
    let taken = place.write("taken.csv", "mine");
    let ended = place.run(&["export", "--out", taken.to_str().unwrap()]);
    ended.expect(2);
    assert!(ended.stderr.contains("exists already"), "{}", ended.stderr);
    assert_eq!(fs::read_to_string(taken).unwrap(), "mine");
    place.run(&["export"]).expect(2);
    place.run(&["export", "--form", "pdf", "--out", "x"]).expect(2);
    let registry = place.registry();
    place.run(&["export", "--log", registry.to_str().unwrap()]).expect(2);
}
