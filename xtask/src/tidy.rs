//! The house rules as checks. Each returns what breaks it, as `file:line: what to do`; the tests in
//! `xtask/tests/tidy.rs` run every one of them, so that the build machine has no secret checks.

pub mod code;
pub mod crates;
pub mod documents;
pub mod failures;
pub mod files;
pub mod source;

use anyhow::{Result, bail};

use crate::tree::Tree;
use crate::{coverage, due_process, licences, refusals};

/// One breach of a rule, with place and remedy.
pub type Breach = String;

/// What a check does with the repository.
pub type Check = fn(&Tree) -> Vec<Breach>;

/// Every check by name.
pub const CHECKS: &[(&str, Check)] = &[
    ("dependency direction", crates::direction),
    ("dependencies used", crates::unused),
    ("crates in ARCHITECTURE.md", crates::in_architecture),
    ("paths in ARCHITECTURE.md", documents::paths_exist),
    ("links", documents::links),
    ("coverage", coverage::check),
    ("failures", failures::check),
    ("refusals page", refusals::page_is_current),
    ("refusals tested", refusals::each_is_tested),
    ("due process page", due_process::page_is_current),
    ("invariants page", due_process::invariants_are_current),
    ("sources of dependencies", licences::lock_file),
    ("file length", files::length),
    ("line length", files::columns),
    ("machine paths", files::machine_paths),
    ("panics", code::panics),
    ("indexing", code::indexing),
    ("the word for ratings of persons", code::score),
    ("law outside packs", code::law),
    ("clock", code::clock),
    ("unfinished", code::unfinished),
];

/// Breaches of every rule.
pub fn all(tree: &Tree) -> Vec<Breach> {
    CHECKS.iter().flat_map(|(_, check)| check(tree)).collect()
}

/// What is allowed but worth a look: files on the way to being too long.
pub fn notes(tree: &Tree) -> Vec<String> {
    files::long(tree)
}

/// `Err` with all breaches, one a line.
pub fn report(breaches: &[Breach]) -> Result<()> {
    if breaches.is_empty() {
        return Ok(());
    }
    bail!("{}\n{} breaches of the house rules", breaches.join("\n"), breaches.len())
}
