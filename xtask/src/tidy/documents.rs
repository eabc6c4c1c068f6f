//! Rules about what is written for people: links lead somewhere, named paths exist.

use super::Breach;
use crate::tree::{File, Tree};

/// Links of Markdown files to files or headings that do not exist.
pub fn links(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in tree.files.iter().filter(|file| file.path.ends_with(".md")) {
        for (number, target) in targets(file) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let path = if path.is_empty() { file.path.clone() } else { resolve(&file.path, path) };
            if !tree.root.join(&path).exists() {
                breaches.push(format!("{}:{number}: `{target}` does not exist", file.path));
            } else if let Some(page) = tree.file(&path).filter(|_| !anchor.is_empty())
                && path.ends_with(".md")
                && !headings(page).any(|heading| heading == anchor)
            {
                breaches.push(format!("{}:{number}: `{target}` has no such heading", file.path));
            }
        }
    }
    breaches
}

/// Paths that ARCHITECTURE.md and CONTRIBUTING.md name between backticks and that do not exist.
pub fn paths_exist(tree: &Tree) -> Vec<Breach> {
    const FOLDERS: [&str; 9] =
        ["crates/", "packs/", "profiles/", "spec/", "demo/", "docs/", "benches/", "xtask/", ".ci/"];
    let mut breaches = Vec::new();
    for file in ["ARCHITECTURE.md", "CONTRIBUTING.md"].iter().filter_map(|path| tree.file(path)) {
        for (number, line) in file.lines() {
            for named in line.split('`').skip(1).step_by(2) {
                let is_path = FOLDERS.iter().any(|folder| named.starts_with(folder));
                // A pattern (`packs/<jurisdiction>/lists/*.toml`) names no one file.
                let is_pattern = named.contains(['<', '*', '{', ' ']);
                if is_path && !is_pattern && !tree.root.join(named).exists() {
                    breaches.push(format!("{}:{number}: `{named}` does not exist", file.path));
                }
            }
        }
    }
    breaches
}

/// The targets of inline links outside code blocks, with their line.
fn targets(file: &File) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (number, line) in file.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        let mut rest = line;
        while let Some(start) = rest.find("](") {
            rest = &rest[start + 2..];
            let end = rest.find(')').unwrap_or(rest.len());
            let target = rest[..end].split_whitespace().next().unwrap_or("");
            if !target.is_empty() {
                found.push((number, target.to_owned()));
            }
        }
    }
    found
}

/// `target` as seen from `from`, both from the root.
fn resolve(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// The anchors of a page's headings.
fn headings(page: &File) -> impl Iterator<Item = String> {
    page.text.lines().filter(|line| line.starts_with('#')).map(|line| {
        line.trim_start_matches('#')
            .trim()
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect()
    })
}
