//! Rules about files as such.

use super::Breach;
use crate::tree::{File, Tree};

/// No Rust or Python file is longer.
const LINES_MAX: usize = 900;
/// From here on a file is worth splitting by use case.
const LINES_LONG: usize = 500;
/// The width rustfmt keeps for code; comments keep it too.
const COLUMNS_MAX: usize = 100;

fn is_code(file: &File) -> bool {
    file.path.ends_with(".rs") || file.path.ends_with(".py")
}

/// Files that nobody can hold in the head.
pub fn length(tree: &Tree) -> Vec<Breach> {
    longer_than(tree, LINES_MAX)
        .map(|(path, lines)| format!("{path}: {lines} lines, split it by use case"))
        .collect()
}

/// Files on the way there.
pub fn long(tree: &Tree) -> Vec<String> {
    longer_than(tree, LINES_LONG).map(|(path, lines)| format!("{path} has {lines} lines")).collect()
}

fn longer_than(tree: &Tree, lines_max: usize) -> impl Iterator<Item = (&str, usize)> {
    tree.files
        .iter()
        .filter(|file| is_code(file))
        .map(|file| (file.path.as_str(), file.text.lines().count()))
        .filter(move |(_, lines)| *lines > lines_max)
}

/// Lines beyond 100 columns; a string or an address that cannot be broken may be longer.
pub fn columns(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in tree.files.iter().filter(|file| file.path.ends_with(".rs")) {
        let mut in_string = false;
        for (number, line) in file.lines() {
            let unbreakable = in_string || line.contains('"') || line.contains("://");
            if line.chars().count() > COLUMNS_MAX && !unbreakable {
                breaches.push(format!("{}:{number}: longer than 100 columns", file.path));
            }
            if !line.trim_start().starts_with("//") {
                in_string ^= opens_or_closes_a_string(line);
            }
        }
    }
    breaches
}

/// Whether a string that begins on this line goes on after it, or one that began before ends here.
fn opens_or_closes_a_string(line: &str) -> bool {
    let marks = line.replace("\\\\", "").replace("\\\"", "").replace("'\"'", "");
    marks.matches('"').count() % 2 == 1
}

/// Folders of one machine in a tracked file.
pub fn machine_paths(tree: &Tree) -> Vec<Breach> {
    let folders = ["work", "farm", "root"].map(|name| format!("/{name}/"));
    let temporary = format!("/{}/", "tmp");
    let mut breaches = Vec::new();
    for file in tree.files.iter().filter(|file| !file.path.ends_with(".lock")) {
        for (number, line) in file.lines() {
            let found = folders.iter().any(|folder| has_path(line, folder, |_| true))
                || has_path(line, &temporary, |next| next.is_ascii_lowercase());
            if found {
                breaches.push(format!("{}:{number}: a path of one machine", file.path));
            }
        }
    }
    breaches
}

/// Whether `folder` stands in `line` as the beginning of an absolute path whose next character
/// fits.
fn has_path(line: &str, folder: &str, fits: impl Fn(char) -> bool) -> bool {
    line.match_indices(folder).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let is_relative =
            before.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
        let after = line[start + folder.len()..].chars().next().unwrap_or(' ');
        !is_relative && fits(after)
    })
}
