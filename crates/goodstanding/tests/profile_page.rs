//! `docs/authorities/profiles.md` is worked through as it stands, and three profiles written by its
//! rules read lists it does not speak of.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::{PROGRAM, Place, check_sum, number, real_list, workspace};

fn page(name: &str) -> String {
    fs::read_to_string(workspace().join("docs/authorities").join(name)).unwrap()
}

/// What a page has its reader do, in order.
enum Step {
    /// Save a file.
    Save { path: String, text: String },
    /// Type a command and see an answer.
    Run { command: String, answer: String },
}

/// Blocks that follow a line holding nothing but a path in backticks, and blocks of a console.
fn steps(page: &str) -> Vec<Step> {
    let lines: Vec<&str> = page.lines().collect();
    let mut steps = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let block = || lines[at + 1..].iter().take_while(|line| **line != "```").copied();
        if *line == "```console" {
            for line in block() {
                match (line.strip_prefix("$ "), steps.last_mut()) {
                    (Some(command), _) => {
                        let command = command.to_owned();
                        steps.push(Step::Run { command, answer: String::new() });
                    }
                    (None, Some(Step::Run { answer, .. })) => {
                        answer.push_str(line);
                        answer.push('\n');
                    }
                    (None, _) => panic!("an answer without a command: {line}"),
                }
            }
        } else if line.starts_with("```")
            && let Some(path) = at.checked_sub(2).and_then(|before| lines.get(before))
            && let Some(path) = path.strip_prefix('`').and_then(|path| path.strip_suffix('`'))
            && !path.contains('`')
        {
            let text = block().map(|line| format!("{line}\n")).collect();
            steps.push(Step::Save { path: path.to_owned(), text });
        }
    }
    steps
}

fn save(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn every_file_and_every_answer_of_the_page_is_real() {
    let place = Place::new();
    let folder = place.path("page");
    fs::create_dir(&folder).unwrap();
    for step in steps(&page("packs.md")) {
        if let Step::Save { path, text } = step {
            save(&folder, &path, &text);
        }
    }
    let (mut commands, mut drafts) = (0, 0);
    for step in steps(&page("profiles.md")) {
        match step {
            Step::Save { path, text } => {
                // What a command has just written stands on the page as it was written.
                let written = fs::read_to_string(folder.join(&path));
                if text.contains("FILL-IN") {
                    assert_eq!(written.unwrap(), text, "{path}");
                    drafts += 1;
                }
                save(&folder, &path, &text);
            }
            Step::Run { command, answer } => {
                let mut words = command.split(' ');
                assert_eq!(words.next(), Some("goodstanding"), "{command}");
                let output =
                    Command::new(PROGRAM).args(words).current_dir(&folder).output().unwrap();
                let said = if output.stdout.is_empty() { &output.stderr } else { &output.stdout };
                let said = String::from_utf8_lossy(said);
                if !answer.is_empty() {
                    assert_eq!(said.trim_end(), answer.trim_end(), "$ {command}");
                }
                assert_ne!(output.status.code(), Some(2), "$ {command}: {said}");
                commands += 1;
            }
        }
    }
    assert!(commands >= 8 && drafts == 1, "{commands} commands, {drafts} drafts");
    let registry = folder.join("scratch");
    support::run(&["verify", registry.to_str().unwrap()]).expect(0);
}

/// A scratch registry with the lists of the test.
fn registry() -> Place {
    let place = Place::new();
    let pack = workspace().join("crates/goodstanding/tests/lists/pack/proof");
    let init = ["init", "--scratch", "--origin", "scratch.example/log", "--pack"];
    place.run(&[init.as_slice(), &[pack.to_str().unwrap()]].concat()).expect(0);
    place
}

#[test]
fn profiles_written_from_the_documents_count_as_the_independent_script() {
    let place = registry();
    for (name, path, as_of) in [
        ("listed-companies", "zh-listed-company-names/listed-short-full.csv", "2026-01-31"),
        (
            "federal-branches",
            "bank-licence-registers/occ-national-banks-2026-01.xlsx",
            "2026-01-31",
        ),
        ("taxpayers", "ofac-sdn-entities/identifiers-extracted-2024-05.csv", "2024-05-03"),
    ] {
        let profile = workspace().join(format!("crates/goodstanding/tests/lists/{name}.toml"));
        let profile = profile.to_str().unwrap();
        place.run(&["profile", "check", profile]).expect(0);
        let Some(file) = real_list(path) else { continue };
        let script = workspace().join("spec/verifier/counts.py");
        let counted = Command::new("python3")
            .arg(script)
            .arg(name)
            .arg(&file)
            .args(["--as-of", as_of])
            .output();
        let Ok(counted) = counted else {
            println!("skipped: there is no python3");
            continue;
        };
        assert!(counted.status.success(), "{}", String::from_utf8_lossy(&counted.stderr));
        let expected: Value = serde_json::from_slice(&counted.stdout).unwrap();
        let arguments =
            ["profile", "check", profile, file.to_str().unwrap(), "--as-of", as_of, "--json"];
        let told = place.run(&arguments).json();
        let (_, imported) = place.import(profile, &file, &["--as-of", as_of]);
        check_sum(&imported);
        println!("{name}: {expected}");
        for key in [
            "rows",
            "accepted",
            "duplicate",
            "already_ended",
            "quarantined",
            "refused",
            "refused_persons",
            "flagged_identifiers",
        ] {
            assert_eq!(imported[key], expected[key], "{name}: `{key}` of the import");
            assert_eq!(told[key], expected[key], "{name}: `{key}` of the check");
        }
        assert!(number(&imported, "accepted") > 0, "{name}");
    }
}
