//! Which crate may know which (the frame's section 2; a new edge is a decision record).

use super::Breach;
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
        let ours = dependencies(&manifest, &["dependencies", "dev-dependencies", "build-dependencies"]);
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
