//! The table of what can go wrong: each row names the test that brings it about.

use super::Breach;
use crate::coverage::test_names;
use crate::tree::Tree;

/// The page with the table.
pub const FILE: &str = "docs/operating/failures.md";

/// Rows the table has at least: a page that lost its table would break no row.
const ROWS_MIN: usize = 20;

/// Every row of every table of the page names, between backticks in its last column, tests that
/// exist.
pub fn check(tree: &Tree) -> Vec<Breach> {
    let Some(page) = tree.file(FILE) else { return vec![format!("{FILE} is missing")] };
    let known = test_names(tree);
    let mut breaches = Vec::new();
    let mut rows = 0;
    let lines: Vec<(usize, &str)> = page.lines().collect();
    for (at, (number, line)) in lines.iter().enumerate() {
        let is_rule = |line: &str| line.starts_with("|---");
        let is_head = lines.get(at + 1).is_some_and(|(_, next)| is_rule(next));
        if !line.starts_with('|') || is_rule(line) || is_head {
            continue;
        }
        rows += 1;
        let last = line.trim_end_matches([' ', '|']).rsplit('|').next().unwrap_or_default();
        let named: Vec<&str> = last.split('`').skip(1).step_by(2).collect();
        if named.is_empty() {
            breaches.push(format!("{FILE}:{number}: name the test that brings it about"));
        }
        for name in named.into_iter().filter(|name| !known.contains(name)) {
            breaches.push(format!("{FILE}:{number}: there is no test `{name}`"));
        }
    }
    if rows < ROWS_MIN {
        breaches.push(format!("{FILE}: {rows} rows, there are {ROWS_MIN} at least"));
    }
    breaches
}
