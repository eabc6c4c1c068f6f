//! `policy`: law as data, read before it is adopted.

mod recognition;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use domain::refusal::Language;
use policy::Packs;
use serde_json::json;

use super::Context;
use crate::output::{Exit, Failure, counted};
use crate::setup;

const EXAMPLES: &str = "\
Examples:
  goodstanding policy check packs
  goodstanding policy diff packs-of-last-year packs
  goodstanding policy diff packs-of-last-year packs --json
  goodstanding policy recognition mdb.mutual-enforcement --csv who-enforces.csv

A folder holds packs: `generic` and one folder for each jurisdiction. `check` says everything that
is wrong, with file and line; `diff` says in words what changed for whom; `recognition` says which
parties of an agreement would enforce which decisions. Exit 0 done, 1 refused,
2 could not.";

/// Arguments of `policy`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say everything that is wrong with the packs in a folder
    #[command(after_help = "Examples:\n  goodstanding policy check packs --json")]
    Check {
        /// The folder of packs
        folder: PathBuf,
    },
    /// Say in words what changed between two folders of packs, and for whom
    #[command(after_help = "Examples:\n  goodstanding policy diff old new")]
    Diff {
        /// The folder as it was
        old: PathBuf,
        /// The folder as it would be
        new: PathBuf,
    },
    /// Say which parties of an agreement would enforce which decisions, condition by condition
    Recognition(recognition::Arguments),
}

/// Runs `policy`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    match &arguments.action {
        Action::Check { folder } => check(folder, context),
        Action::Diff { old, new } => diff(old, new, context),
        Action::Recognition(arguments) => recognition::run(arguments, context),
    }
}

fn load(folder: &Path) -> Result<Packs, Failure> {
    Ok(setup::load_pack_files(&setup::pack_files_under(folder)?)?)
}

fn check(folder: &Path, context: &Context) -> Result<Exit, Failure> {
    let packs = load(folder)?;
    let mut text = String::new();
    let mut values = Vec::new();
    for pack in packs.packs() {
        text.push_str(&format!("{}  {}  {}\n", pack.name, pack.version, pack.hash));
        values.push(json!({ "name": pack.name, "version": pack.version, "hash": pack.hash }));
    }
    let (entries, measures) = (packs.catalogue().count(), packs.measures().count());
    let lists = packs.lists().count();
    text.push_str(&format!(
        "In order: {}, {}, {}.\n",
        counted(lists as u64, "list", "lists"),
        counted(entries as u64, "catalogue entry", "catalogue entries"),
        counted(measures as u64, "measure or incentive", "measures and incentives"),
    ));
    let value = json!({
        "packs": values, "lists": lists, "entries": entries, "measures": measures,
    });
    context.format.result(&value, &text);
    Ok(Exit::Done)
}

fn diff(old: &Path, new: &Path, context: &Context) -> Result<Exit, Failure> {
    let (old, new) = (load(old)?, load(new)?);
    let changes = policy::diff(&old, &new);
    let text: String = match changes.as_slice() {
        [] => "Nothing changed.\n".to_owned(),
        changes => {
            changes.iter().map(|change| format!("{}\n", change.text(Language::En))).collect()
        }
    };
    let values: Vec<_> = changes
        .iter()
        .map(|change| json!({ "en": change.text(Language::En), "zh": change.text(Language::Zh) }))
        .collect();
    context.format.result(&json!({ "changes": values }), &text);
    Ok(Exit::Done)
}
