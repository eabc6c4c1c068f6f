//! `docs/coverage.toml`: what became of each of the 309 requirements.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result};

use crate::tidy::Breach;
use crate::tree::Tree;

/// The ledger of requirements.
pub const FILE: &str = "docs/coverage.toml";
/// Rows of the requirements map.
const ROWS: usize = 309;

const CLASSES: [&str; 8] = [
    "core",
    "sector",
    "public body",
    "rights",
    "security",
    "governance",
    "declined",
    "not software",
];
const STATES: [&str; 4] = ["works", "partial", "not yet", "declined"];
const KEYS: [&str; 7] = ["what", "class", "status", "where", "tests", "reason", "declined_part"];

/// The file, read.
pub struct Coverage {
    rows: Vec<(String, toml::Table)>,
}

impl Coverage {
    /// Reads the file.
    pub fn load(tree: &Tree) -> Result<Coverage> {
        let file = tree.file(FILE).with_context(|| format!("{FILE} is missing"))?;
        let table: toml::Table =
            file.text.parse().with_context(|| format!("cannot read {FILE}"))?;
        let mut rows = Vec::new();
        for (key, row) in table {
            let row = row.as_table().with_context(|| format!("{FILE}: {key} is no table"))?;
            rows.push((key, row.clone()));
        }
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(Coverage { rows })
    }

    /// How many rows are in which state, by class.
    pub fn summary(&self) -> String {
        let mut counts: BTreeMap<&str, [usize; STATES.len()]> = BTreeMap::new();
        for (_, row) in &self.rows {
            let status = STATES.iter().position(|state| *state == text(row, "status"));
            if let Some(status) = status {
                counts.entry(text(row, "class")).or_default()[status] += 1;
            }
        }
        let mut summary =
            format!("{:14}{:>8}{:>8}{:>8}{:>10}\n", "", STATES[0], STATES[1], STATES[2], STATES[3]);
        for (class, count) in counts {
            let _ = writeln!(
                summary,
                "{class:14}{:>8}{:>8}{:>8}{:>10}",
                count[0], count[1], count[2], count[3]
            );
        }
        summary
    }
}

fn text<'a>(row: &'a toml::Table, key: &str) -> &'a str {
    row.get(key).and_then(toml::Value::as_str).unwrap_or("")
}

/// All rows are there, in order, complete, and the tests they name exist.
pub fn check(tree: &Tree) -> Vec<Breach> {
    let coverage = match Coverage::load(tree) {
        Ok(coverage) => coverage,
        Err(error) => return vec![format!("{error:#}")],
    };
    let mut breaches = Vec::new();
    let expected = (1..=ROWS).map(|number| format!("R{number:03}"));
    if !coverage.rows.iter().map(|(key, _)| key.clone()).eq(expected) {
        breaches.push(format!("{FILE}: the rows are R001 to R{ROWS}, each once"));
    }
    let headers = tree.file(FILE).map_or("", |file| file.text.as_str());
    let order: Vec<&str> = headers.lines().filter(|line| line.starts_with("[R")).collect();
    if !order.is_sorted() {
        breaches.push(format!("{FILE}: keep the rows in order"));
    }
    let tests = test_names(tree);
    for (key, row) in &coverage.rows {
        check_row(key, row, &tests, &mut breaches);
    }
    breaches
}

fn check_row(key: &str, row: &toml::Table, tests: &[&str], breaches: &mut Vec<Breach>) {
    let mut breach = |what: String| breaches.push(format!("{FILE}: {key}: {what}"));
    for unknown in row.keys().filter(|name| !KEYS.contains(&name.as_str())) {
        breach(format!("`{unknown}` is not a key of a row"));
    }
    for missing in ["what", "where"].iter().filter(|name| text(row, name).is_empty()) {
        breach(format!("`{missing}` is missing"));
    }
    if !CLASSES.contains(&text(row, "class")) {
        breach(format!("`class` is one of {CLASSES:?}"));
    }
    let status = text(row, "status");
    if !STATES.contains(&status) {
        breach(format!("`status` is one of {STATES:?}"));
    }
    let is_declined = status == "declined";
    if is_declined != (text(row, "class") == "declined")
        || is_declined == text(row, "reason").is_empty()
    {
        breach("class, status and reason disagree on whether it is declined".to_owned());
    }
    let empty = Vec::new();
    let named = row.get("tests").and_then(toml::Value::as_array).unwrap_or(&empty);
    if matches!(status, "works" | "partial" | "declined") && named.is_empty() {
        breach("name the tests that show it".to_owned());
    }
    for name in named.iter().filter_map(toml::Value::as_str) {
        if !tests.contains(&name) {
            breach(format!("there is no test `{name}`"));
        }
    }
}

/// The names of all tests: Rust functions under a test attribute, Python functions `test_...`.
pub(crate) fn test_names(tree: &Tree) -> Vec<&str> {
    let mut names = Vec::new();
    for file in &tree.files {
        let lines: Vec<&str> = file.text.lines().map(str::trim_start).collect();
        for (index, line) in lines.iter().enumerate() {
            let declared = line.trim_start_matches("async ");
            let name = if file.path.ends_with(".py") {
                line.strip_prefix("def ").filter(|rest| rest.starts_with("test_"))
            } else if file.path.ends_with(".rs") && follows_test_attribute(&lines[..index]) {
                declared.strip_prefix("fn ")
            } else {
                None
            };
            names.extend(name.and_then(|rest| rest.split(['(', '<']).next()));
        }
    }
    names
}

fn follows_test_attribute(before: &[&str]) -> bool {
    before
        .iter()
        .rev()
        .take_while(|line| line.starts_with("#[") || line.starts_with("//"))
        .any(|line| *line == "#[test]" || line.starts_with("#[tokio::test"))
}
