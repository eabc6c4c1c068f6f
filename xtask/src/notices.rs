//! `THIRD-PARTY.txt`: what is linked into the program, under which licences, with their texts as
//! the packages bring them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// A package that is linked in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence expression.
    pub licence: String,
    /// Where it is developed.
    pub repository: String,
    /// Texts of licences and notices it brings.
    pub texts: Vec<String>,
}

/// The notice of the program in `root`.
pub fn text(root: &Path) -> Result<String> {
    Ok(render(&packages(root)?))
}

/// Each package once, then each text once, with the packages that bring it.
pub fn render(packages: &BTreeSet<Package>) -> String {
    let mut notice = String::from(
        "Goodstanding is under the Apache License 2.0 (LICENSE). The program contains the packages\n\
         below, each under the licence named; the texts they bring follow.\n\n",
    );
    let mut texts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for package in packages {
        let named = format!("{} {}", package.name, package.version);
        let _ = writeln!(notice, "{named}: {} {}", package.licence, package.repository);
        for text in &package.texts {
            texts.entry(text).or_default().push(named.clone());
        }
    }
    for (text, packages) in texts {
        let line = "-".repeat(80);
        let _ = write!(notice, "\n{line}\n{}\n{line}\n\n{text}\n", packages.join(", "));
    }
    notice
}

/// What is linked into the program on this machine's kind, without what only builds or tests it.
fn packages(root: &Path) -> Result<BTreeSet<Package>> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform"])
        .arg(crate::dist::target()?)
        .current_dir(root)
        .output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let linked = linked(&metadata)?;
    let list = metadata["packages"].as_array().context("cargo metadata has no packages")?;
    list.iter()
        .filter(|package| package["source"].is_string())
        .filter(|package| package["id"].as_str().is_some_and(|id| linked.contains(id)))
        .map(package)
        .collect()
}

/// Ids reached from the program over ordinary dependencies.
fn linked(metadata: &Value) -> Result<BTreeSet<String>> {
    let nodes = metadata["resolve"]["nodes"].as_array().context("cargo metadata has no graph")?;
    let mut edges: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in nodes {
        let id = node["id"].as_str().context("a node without id")?;
        let dependencies = node["deps"].as_array().context("a node without dependencies")?;
        let ordinary = dependencies.iter().filter(|dependency| {
            let kinds = dependency["dep_kinds"].as_array();
            kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
        });
        edges.insert(id, ordinary.filter_map(|dependency| dependency["pkg"].as_str()).collect());
    }
    let list = metadata["packages"].as_array().context("cargo metadata has no packages")?;
    let program = list.iter().find(|package| package["name"] == "goodstanding");
    let program = program.and_then(|package| package["id"].as_str());
    let mut waiting = vec![program.context("the program is not in the workspace")?];
    let mut found = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if found.insert(id.to_owned()) {
            waiting.extend(edges.get(id).into_iter().flatten());
        }
    }
    Ok(found)
}

fn package(value: &Value) -> Result<Package> {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let manifest = value["manifest_path"].as_str().context("a package without a place")?;
    let folder = Path::new(manifest).parent().context("a package without a folder")?;
    Ok(Package {
        name: text("name"),
        version: text("version"),
        licence: text("license"),
        repository: text("repository"),
        texts: texts(folder)?,
    })
}

/// Licences and notices in a package's folder, by name.
fn texts(folder: &Path) -> Result<Vec<String>> {
    let mut named = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_uppercase();
        let is_notice = ["LICEN", "COPYING", "NOTICE", "COPYRIGHT", "UNLICENSE"]
            .iter()
            .any(|begin| name.starts_with(begin));
        if is_notice && entry.file_type()?.is_file() {
            let text = String::from_utf8_lossy(&fs::read(entry.path())?).replace("\r\n", "\n");
            named.insert(name, text.trim_end().to_owned());
        }
    }
    Ok(named.into_values().collect())
}
