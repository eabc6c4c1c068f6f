//! Licences, banned crates and sources of everything the workspace depends on, by the rules of
//! `deny.toml`. The part of `cargo deny` that needs no download, without building `cargo deny`.

use std::iter::Peekable;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::tidy::{self, Breach};
use crate::tree::Tree;

/// The rules, in the format of `cargo deny`.
pub const FILE: &str = "deny.toml";

/// What `deny.toml` allows.
pub struct Rules {
    licences: Vec<String>,
    /// Licences that one crate may have besides: `(crate, licence)`.
    exceptions: Vec<(String, String)>,
    banned: Vec<String>,
    registries: Vec<String>,
}

impl Rules {
    /// Reads the part of `deny.toml` that is checked here.
    pub fn parse(text: &str) -> Result<Rules> {
        let table: toml::Table = text.parse().with_context(|| format!("cannot read {FILE}"))?;
        let array = |section: &str, key: &str| -> Result<Vec<toml::Value>> {
            let value = table.get(section).and_then(|section| section.get(key));
            let array = value.and_then(toml::Value::as_array);
            array.cloned().with_context(|| format!("{FILE}: `{section}.{key}` is missing"))
        };
        let texts = |values: Vec<toml::Value>| {
            values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
        };
        let banned = array("bans", "deny")?
            .iter()
            .filter_map(|ban| ban.get("name")?.as_str().map(str::to_owned))
            .collect();
        let exceptions = array("licenses", "exceptions").unwrap_or_default();
        let exceptions = exceptions.iter().filter_map(|exception| {
            let crate_name = exception.get("crate")?.as_str()?;
            let licences = exception.get("allow")?.as_array()?;
            Some(licences.iter().filter_map(move |licence| {
                Some((crate_name.to_owned(), licence.as_str()?.to_owned()))
            }))
        });
        Ok(Rules {
            licences: texts(array("licenses", "allow")?),
            exceptions: exceptions.flatten().collect(),
            banned,
            registries: texts(array("sources", "allow-registry")?),
        })
    }

    /// What is wrong with a package of this name, source and licence expression.
    pub fn breaches(&self, name: &str, source: Option<&str>, licence: Option<&str>) -> Vec<String> {
        let mut breaches = Vec::new();
        if self.banned.iter().any(|banned| banned == name) {
            breaches.push(format!("{name}: banned, {FILE} says why"));
        }
        let known = |source: &str| {
            source
                .strip_prefix("registry+")
                .is_some_and(|address| self.registries.iter().any(|known| known == address))
        };
        if let Some(source) = source.filter(|source| !known(source)) {
            breaches.push(format!("{name}: comes from {source}, {FILE} allows crates.io only"));
        }
        match licence {
            None => breaches.push(format!("{name}: has no licence expression")),
            Some(licence) if self.is_exception(name, licence) => {}
            Some(licence) if !self.allows(licence) => {
                breaches.push(format!("{name}: {licence} is not among the licences of {FILE}"));
            }
            Some(_) => {}
        }
        breaches
    }

    fn is_exception(&self, name: &str, licence: &str) -> bool {
        self.exceptions.iter().any(|(of, allowed)| of == name && allowed == licence)
    }

    /// Whether an SPDX expression can be met with the allowed licences alone.
    pub fn allows(&self, expression: &str) -> bool {
        // Old manifests write `MIT/Apache-2.0` for a choice.
        let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
        let mut words = spaced.split_whitespace().peekable();
        let allowed = self.any_of(&mut words);
        allowed && words.next().is_none()
    }

    fn any_of<'a>(&self, words: &mut Peekable<impl Iterator<Item = &'a str>>) -> bool {
        let mut allowed = self.all_of(words);
        while words.next_if_eq(&"OR").is_some() {
            allowed |= self.all_of(words);
        }
        allowed
    }

    fn all_of<'a>(&self, words: &mut Peekable<impl Iterator<Item = &'a str>>) -> bool {
        let mut allowed = self.one(words);
        while words.next_if_eq(&"AND").is_some() {
            allowed &= self.one(words);
        }
        allowed
    }

    fn one<'a>(&self, words: &mut Peekable<impl Iterator<Item = &'a str>>) -> bool {
        let Some(word) = words.next() else { return false };
        if word == "(" {
            let allowed = self.any_of(words);
            return words.next() == Some(")") && allowed;
        }
        // An exception only ever adds permissions.
        if words.next_if_eq(&"WITH").is_some() {
            words.next();
        }
        self.licences.iter().any(|licence| licence == word)
    }
}

/// Checks every package cargo resolves, for all targets.
pub fn check(tree: &Tree) -> Result<()> {
    let rules = Rules::parse(&tree.file(FILE).with_context(|| format!("{FILE} is missing"))?.text)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--all-features"])
        .current_dir(&tree.root)
        .output()
        .context("cannot start cargo metadata")?;
    ensure!(
        output.status.success(),
        "cargo metadata failed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let Some(packages) = metadata["packages"].as_array() else { bail!("cargo named no packages") };
    let mut breaches = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or("?");
        let (source, licence) = (package["source"].as_str(), package["license"].as_str());
        breaches.extend(rules.breaches(name, source, licence));
    }
    tidy::report(&breaches)?;
    println!("licences, bans and sources of {} packages are as {FILE} says", packages.len());
    Ok(())
}

/// The part that needs no cargo: sources and banned names in the lock file.
pub fn lock_file(tree: &Tree) -> Vec<Breach> {
    let rules = tree.file(FILE).context("deny.toml is missing").and_then(|f| Rules::parse(&f.text));
    let rules = match rules {
        Ok(rules) => rules,
        Err(error) => return vec![format!("{error:#}")],
    };
    let lock: toml::Table =
        tree.file("Cargo.lock").and_then(|file| file.text.parse().ok()).unwrap_or_default();
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let Some(packages) = packages else { return vec!["Cargo.lock: cannot be read".to_owned()] };
    packages
        .iter()
        .flat_map(|package| {
            let text = |key: &str| package.get(key).and_then(toml::Value::as_str);
            let any_licence = rules.licences.first().map(String::as_str);
            rules.breaches(text("name").unwrap_or("?"), text("source"), any_licence)
        })
        .collect()
}
