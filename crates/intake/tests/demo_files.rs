//! The demo's packs, profiles and records: every line is ready for import.

mod support;

use domain::civil::Day;
use goodstanding_intake::{Outcome, Profile, Source};
use policy::{PackFile, Packs};

#[test]
fn the_demo_reads_without_a_problem() {
    let demo = support::workspace().join("demo");
    if !demo.join("records").is_dir() {
        println!("skipped: demo/records is not there");
        return;
    }
    let mut files: Vec<PackFile> = Vec::new();
    for root in [support::workspace().join("packs"), demo.join("packs")] {
        support::collect(&root, &root, &mut files);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let packs = Packs::load(&files).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let today = support::day("2026-11-22");
    let mut problems = Vec::new();
    for entry in std::fs::read_dir(demo.join("profiles")).expect("demo/profiles") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a profile");
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        match Profile::load(&name, &text, &packs) {
            Err(found) => problems.push(format!("{name}: {found:?}")),
            Ok(profile) => {
                let records = std::fs::read_dir(demo.join("records")).expect("demo/records");
                let stem = name.trim_end_matches(".toml");
                let file = records.map(|entry| entry.expect("an entry").path()).find(|path| {
                    let found = path.file_stem().expect("a name").to_string_lossy();
                    stem == found || stem == format!("demo-{found}")
                });
                let Some(file) = file else {
                    problems.push(format!("{name}: no records"));
                    continue;
                };
                let text = std::fs::read_to_string(file).expect("records");
                let text = with_days(&text, today);
                let read =
                    support::rows(&profile, &packs, "2026-11-22", Source::Bytes(text.as_bytes()));
                let (rows, summary) = read.expect("reads");
                println!("{name}: {summary:?}");
                // The plan reads some files on an earlier day, when what has ended had not.
                let is_fine = |outcome: &Outcome| {
                    matches!(outcome, Outcome::Ready(_) | Outcome::AlreadyEnded)
                };
                for row in rows.iter().filter(|row| !is_fine(&row.outcome)) {
                    problems.push(format!(
                        "{name} line {}: {:?}",
                        row.number,
                        row.outcome.problems()
                    ));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// `@today+1d` and the like resolved, as the demo does before intake.
fn with_days(text: &str, today: Day) -> String {
    let mut parts = text.split("@today");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (offset, rest) = match part.split_once('d') {
            Some((offset, rest)) if offset.parse::<i64>().is_ok() => {
                (offset.parse().unwrap_or(0), rest)
            }
            _ => (0, part),
        };
        out.push_str(&today.plus_days(offset).to_string());
        out.push_str(rest);
    }
    out
}
