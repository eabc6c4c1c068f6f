//! The real lists, counted by the importer and by an independent script (spec/verifier/counts.py).

mod support;

use std::path::Path;
use std::process::Command;

use domain::refusal::Language;
use goodstanding_intake::{self as intake, FileSummary, Outcome, Row, Source, quarantine};

const IDB: &str = "idb-sanctioned-firms/idb-sanctioned-firms-2025-01.xlsx";
const IDB_FIXTURE: &str = "idb-sanctioned-firms/fixture-with-person-rows.xlsx";
const CEIS: &str = "brazil-ceis-cnep/ceis.csv";
const CEIS_FIXTURE: &str = "brazil-ceis-cnep/fixture-with-person-rows.csv";
const CNEP: &str = "brazil-ceis-cnep/cnep.csv";

const FILES: [(&str, &str); 5] =
    [("idb", IDB), ("idb", IDB_FIXTURE), ("ceis", CEIS), ("ceis", CEIS_FIXTURE), ("cnep", CNEP)];
const DAYS: [&str; 2] = ["2020-01-01", "2026-11-22"];

/// The script's answer, in the order of its keys; `None` when there is no Python.
fn counted(profile: &str, file: &Path, as_of: &str) -> Option<String> {
    let script = support::workspace().join("spec/verifier/counts.py");
    let run = Command::new("python3")
        .arg(script)
        .arg(profile)
        .arg(file)
        .args(["--as-of", as_of, "--today", "2026-11-22"])
        .output();
    match run {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some(String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned())
        }
        Err(error) => {
            println!("skipped: python3 cannot be run: {error}");
            None
        }
    }
}

fn in_the_scripts_words(summary: &FileSummary, rows: &[Row]) -> String {
    let persons: Vec<String> = rows
        .iter()
        .filter(|row| matches!(row.outcome, Outcome::RefusedPerson(_)))
        .map(|row| row.number.to_string())
        .collect();
    format!(
        "{{\"rows\": {}, \"accepted\": {}, \"duplicate\": {}, \"already_ended\": {}, \"quarantined\": {}, \
         \"refused\": {}, \"refused_persons\": {}, \"flagged_identifiers\": {}, \"refused_person_rows\": [{}]}}",
        summary.rows,
        summary.ready,
        summary.duplicate,
        summary.already_ended,
        summary.quarantined,
        summary.refused,
        summary.refused_persons,
        summary.flagged_identifiers,
        persons.join(", ")
    )
}

#[test]
fn counts_equal_those_of_an_independent_script() {
    let packs = support::packs();
    for (name, file) in FILES {
        let Some(path) = support::shared(file) else { continue };
        let profile = support::profile(name, &packs);
        for as_of in DAYS {
            let (rows, summary) = support::rows(&profile, &packs, as_of, Source::Path(&path))
                .expect("the file reads");
            let ours = in_the_scripts_words(&summary, &rows);
            println!("{file} as of {as_of}: {ours}");
            if let Some(theirs) = counted(name, &path, as_of) {
                assert_eq!(ours, theirs, "{file} as of {as_of}");
            }
        }
    }
}

#[test]
fn the_fixtures_refuse_exactly_their_person_rows() {
    let packs = support::packs();
    for (name, file) in [("idb", IDB_FIXTURE), ("ceis", CEIS_FIXTURE)] {
        let Some(path) = support::shared(file) else { continue };
        let profile = support::profile(name, &packs);
        let (rows, summary) =
            support::rows(&profile, &packs, "2026-11-22", Source::Path(&path)).expect("reads");
        assert_eq!(summary.refused_persons, 8, "{file}");
        assert_eq!(summary.refused, 0, "{file}");
        let printed = format!("{rows:?}");
        assert!(!printed.contains("PERSON ROW"), "{file}: nothing of a person's row leaves intake");
        assert!(!printed.contains("000.000.000"), "{file}");
    }
}

#[test]
fn real_rows_are_hardly_ever_taken_for_persons() {
    let packs = support::packs();
    for (name, file) in [("idb", IDB), ("ceis", CEIS), ("cnep", CNEP)] {
        let Some(path) = support::shared(file) else { continue };
        let profile = support::profile(name, &packs);
        let (rows, summary) =
            support::rows(&profile, &packs, "2026-11-22", Source::Path(&path)).expect("reads");
        let undecided = rows
            .iter()
            .filter(|row| {
                row.outcome.problems().iter().any(|problem| problem.refusal.number() == 201)
            })
            .count();
        let doubtful = summary.refused_persons + u64::try_from(undecided).expect("few rows");
        println!(
            "{name}: of {} rows about organisations {} refused as persons, {undecided} undecided ({:.2} %)",
            summary.rows,
            summary.refused_persons,
            100.0 * doubtful as f64 / summary.rows as f64
        );
        // One CEIS row is a sole trader that the list's compiler took for a company by the family
        // name Sá; the undecided ones write a company by shares in the middle of the name.
        assert!(doubtful * 200 < summary.rows.max(200), "{name}: more than half a percent");
    }
}

#[test]
fn a_quarantine_file_reads_back_to_the_same_problems() {
    let packs = support::packs();
    for (name, file) in FILES {
        let Some(path) = support::shared(file) else { continue };
        let profile = support::profile(name, &packs);
        let (rows, _) =
            support::rows(&profile, &packs, "2020-01-01", Source::Path(&path)).expect("reads");
        let first = written(&profile, &rows);
        let with_cells = rows
            .iter()
            .filter(|row| matches!(&row.outcome, Outcome::Quarantined { cells: Some(_), .. }))
            .count();
        if with_cells == 0 {
            continue;
        }
        let (again, summary) = support::rows(&profile, &packs, "2020-01-01", Source::Bytes(&first))
            .expect("reads back");
        // What contradicts another row of the file stands alone in the quarantine file.
        let contradictions = rows
            .iter()
            .filter(|row| {
                row.outcome.problems().iter().any(|problem| problem.refusal.number() == 209)
            })
            .count();
        assert_eq!(usize::try_from(summary.rows).expect("few rows"), with_cells, "{file}");
        let cured = summary.rows - summary.quarantined;
        assert!(usize::try_from(cured).expect("few rows") <= contradictions, "{file}");
        let second = written(&profile, &again);
        let (third, _) = support::rows(&profile, &packs, "2020-01-01", Source::Bytes(&second))
            .expect("reads back");
        let cells = |rows: &[Row]| -> Vec<_> {
            rows.iter()
                .filter_map(|row| match &row.outcome {
                    Outcome::Quarantined { cells: Some(cells), .. } => Some(cells.clone()),
                    _ => None,
                })
                .collect()
        };
        assert_eq!(
            cells(&again),
            cells(&third),
            "{file}: reading a quarantine file changes nothing"
        );
    }
}

fn written(profile: &intake::Profile, rows: &[Row]) -> Vec<u8> {
    let mut writer = quarantine::Writer::new(Vec::new(), profile, Language::En).expect("memory");
    for row in rows {
        writer.write(row).expect("memory");
    }
    writer.finish().expect("memory")
}
