//! The tables of what can go wrong and of what could be abused: each row names the test that brings
//! it about.

use super::Breach;
use crate::coverage::test_names;
use crate::tree::Tree;

/// The page of what can go wrong.
pub const FILE: &str = "docs/operating/failures.md";

/// The pages with such tables, and rows each has at least: a page that lost its table would break
/// no row.
pub const PAGES: [(&str, usize); 2] = [(FILE, 20), ("docs/misuse.md", 20)];

/// Every row of every table of the pages names, between backticks in its last column, tests that
/// exist.
pub fn check(tree: &Tree) -> Vec<Breach> {
    PAGES.iter().flat_map(|(file, rows_min)| check_page(tree, file, *rows_min)).collect()
}

fn check_page(tree: &Tree, file: &str, rows_min: usize) -> Vec<Breach> {
    let Some(page) = tree.file(file) else { return vec![format!("{file} is missing")] };
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
            breaches.push(format!("{file}:{number}: name the test that brings it about"));
        }
        for name in named.into_iter().filter(|name| !known.contains(name)) {
            breaches.push(format!("{file}:{number}: there is no test `{name}`"));
        }
    }
    if rows < rows_min {
        breaches.push(format!("{file}: {rows} rows, there are {rows_min} at least"));
    }
    breaches
}
