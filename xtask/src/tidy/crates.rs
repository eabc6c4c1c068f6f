//! Which crate may know which (the frame's section 2; a new edge is a decision record).

use super::Breach;
use super::source::has_word;
use crate::tree::Tree;

/// Each crate with the crates it may depend on, in the order a datum travels.
pub const MAY_KNOW: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("policy", &["domain"]),
    ("due_process", &["domain", "policy"]),
    ("intake", &["domain", "policy"]),
    ("ledger", &["domain"]),
    ("projections", &["domain", "policy", "due_process", "ledger"]),
    ("screening", &["domain"]),
    ("publish", &["domain", "policy", "ledger", "projections"]),
    (
        "goodstanding",
        &[
            "domain",
            "policy",
            "due_process",
            "intake",
            "ledger",
            "projections",
            "screening",
            "publish",
        ],
    ),
];

/// What `domain` and `due_process` must never reach: IO, clocks, async, serialisation.
const PURE: &[(&str, &[&str])] = &[
    ("domain", &["serde", "serde_json", "tokio", "rusqlite", "reqwest", "axum", "tracing"]),
    ("due_process", &["serde", "serde_json", "tokio", "rusqlite", "reqwest", "axum", "tracing"]),
    ("policy", &["tokio", "rusqlite", "reqwest", "axum"]),
];

/// Dependencies between crates that the table does not allow.
pub fn direction(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (name, manifest) in manifests(tree) {
        let place = format!("crates/{name}/Cargo.toml");
        let Some((_, allowed)) = MAY_KNOW.iter().find(|(known, _)| *known == name) else {
            breaches.push(format!(
                "{place}: a new crate is a decision record and a row in xtask/src/tidy/crates.rs"
            ));
            continue;
        };
        let ours =
            dependencies(&manifest, &["dependencies", "dev-dependencies", "build-dependencies"]);
        for key in ours.iter().filter(|key| MAY_KNOW.iter().any(|(known, _)| known == key)) {
            if !allowed.contains(&key.as_str()) {
                breaches.push(format!("{place}: `{name}` must not know `{key}`"));
            }
        }
        let pure = PURE.iter().find(|(pure, _)| *pure == name).map_or(&[][..], |(_, list)| list);
        for key in dependencies(&manifest, &["dependencies"]) {
            if pure.contains(&key.as_str()) {
                breaches.push(format!("{place}: `{name}` is pure and must not use `{key}`"));
            }
        }
    }
    breaches
}

/// Dependencies that no member uses, and dependencies of a crate that its sources never name.
pub fn unused(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let members: Vec<(&str, toml::Table)> = tree
        .files
        .iter()
        .filter_map(|file| Some((file.path.strip_suffix("/Cargo.toml")?, &file.text)))
        .map(|(folder, text)| (folder, text.parse().unwrap_or_default()))
        .collect();
    let sections = ["dependencies", "dev-dependencies", "build-dependencies"];
    let mut used = Vec::new();
    for (folder, manifest) in &members {
        for key in dependencies(manifest, &sections) {
            let name = key.replace('-', "_");
            if !tree.below(folder, "rs").any(|file| has_word(&file.text, &name)) {
                breaches.push(format!("{folder}/Cargo.toml: `{key}` is not used"));
            }
            used.push(key);
        }
    }
    let root = tree.file("Cargo.toml").map_or("", |file| file.text.as_str());
    let workspace: toml::Table = root.parse().unwrap_or_default();
    let shared = workspace.get("workspace").and_then(toml::Value::as_table);
    for key in shared.map(|table| dependencies(table, &["dependencies"])).unwrap_or_default() {
        if !used.contains(&key) {
            breaches.push(format!("Cargo.toml: no member uses `{key}`"));
        }
    }
    breaches
}

/// Crates that ARCHITECTURE.md does not describe.
pub fn in_architecture(tree: &Tree) -> Vec<Breach> {
    let Some(page) = tree.file("ARCHITECTURE.md") else {
        return vec!["ARCHITECTURE.md: missing".to_owned()];
    };
    manifests(tree)
        .map(|(name, _)| name)
        .filter(|name| !page.text.contains(&format!("\n### `{name}`")))
        .map(|name| format!("ARCHITECTURE.md: add a section \"### `{name}`\""))
        .collect()
}

/// `(folder name, manifest)` of every crate.
fn manifests(tree: &Tree) -> impl Iterator<Item = (&str, toml::Table)> {
    tree.files.iter().filter_map(|file| {
        let name = file.path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")?;
        Some((name, file.text.parse().unwrap_or_default()))
    })
}

fn dependencies(manifest: &toml::Table, sections: &[&str]) -> Vec<String> {
    sections
        .iter()
        .filter_map(|section| manifest.get(*section)?.as_table())
        .flat_map(|table| table.keys().cloned())
        .collect()
}
