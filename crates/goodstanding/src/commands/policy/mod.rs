//! `policy`: law as data, read before it is adopted, and adopted by two.

mod adopt;
mod recognition;
mod simulate;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use domain::case::Severity;
use domain::refusal::Language;
use policy::diff::{Item, LegalLength};
use policy::{Change, Packs};
use serde_json::{Value, json};

use super::Context;
use super::authority::Pair;
use crate::clock::SystemClock;
use crate::output::{Exit, Failure, counted};
use crate::registry::Registry;
use crate::setup;

const EXAMPLES: &str = "\
Examples:
  goodstanding policy check packs
  goodstanding policy diff packs-of-last-year packs
  goodstanding policy diff packs-of-last-year packs --json
  goodstanding policy simulate draft/cn
  goodstanding policy adopt draft/cn --by registrar-1 --and registrar-2
  goodstanding policy list
  goodstanding policy recognition mdb.mutual-enforcement --csv who-enforces.csv

A folder holds packs: `generic` and one folder for each jurisdiction. `check` says everything that
is wrong, with file and line; `diff` says in words what changed for whom; `simulate` says which
organisations of this registry would gain or lose what; `adopt` puts packs in force, by two
reviewers, on the log; `recognition` says which parties of an agreement would enforce which
decisions. Exit 0 done, 1 refused, 2 could not.";

const ADOPT: &str = "\
Examples:
  goodstanding policy adopt draft/cn --by registrar-1 --and registrar-2 --dry-run
  goodstanding policy adopt draft/cn --by registrar-1 --and registrar-2 --hash HASH
  goodstanding policy adopt draft/cn --by registrar-1 --and registrar-2 --withdraw

The packs are checked strictly together with those in force and with the profiles that rest on
them. They are in force at once; what is heavier for organisations is used after the period
`adoption.notice`, and what was in force before is used meanwhile. No term that stands becomes
longer; where the new version is shorter, records that stand end earlier by the same act. Where it
drops an entry or a ground that records rest on, nothing is adopted (862) until you say --withdraw
or keep it with `in_force_until`; --dry-run names the records. A server that runs shows the new packs by itself.";

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
    /// Put the packs of a folder in force, as an act of two reviewers on the log
    #[command(after_help = ADOPT)]
    Adopt {
        /// A pack, or a folder of packs; packs in force that are not in it stay
        folder: PathBuf,
        #[command(flatten)]
        pair: Pair,
        /// Hash of what you read (--dry-run and `simulate` print it); anything else is refused.
        /// Repeat it for each pack that changes
        #[arg(long = "hash", value_name = "HASH")]
        hashes: Vec<String>,
        /// Withdraw, by the same act, the records whose entry or ground is dropped: their law is
        /// no longer in force
        #[arg(long)]
        withdraw: bool,
        /// Say what would change and from when on, and write nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Which packs and versions stand, since when, by whom, and what waits until when
    #[command(after_help = "Examples:\n  goodstanding policy list --json")]
    List,
    /// Say which organisations of the registry would gain or lose what under other packs
    #[command(after_help = simulate::EXAMPLES)]
    Simulate(simulate::Arguments),
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
        Action::Adopt { folder, pair, hashes, withdraw, dry_run } => {
            let (withdraw, is_trial) = (*withdraw, *dry_run);
            adopt::adopt(&adopt::Asked { folder, pair, hashes, withdraw, is_trial }, context)
        }
        Action::List => adopt::list(context),
        Action::Simulate(arguments) => simulate::run(arguments, context),
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
    context.format.result(&json!({ "changes": changes_json(&changes) }), &text);
    Ok(Exit::Done)
}

fn changes_json(changes: &[Change]) -> Vec<Value> {
    let value = |change: &Change| {
        json!({
            "of": change.of.key(),
            "id": change.id,
            "what": change.what.key(),
            "severity": change.what.severity().map(Severity::key),
            "toward": change.toward.key(),
            "before": change.before.map(|it| length(&it)),
            "after": change.after.map(|it| length(&it)),
            "added": items(&change.added),
            "removed": items(&change.removed),
            "whom": items(&change.whom),
            "en": change.text(Language::En),
            "zh": change.text(Language::Zh),
        })
    };
    changes.iter().map(value).collect()
}

fn length(length: &LegalLength) -> Value {
    json!({ "value": length.value, "unit": length.unit.key() })
}

fn items(items: &[Item]) -> Vec<Value> {
    let value = |item: &Item| json!({ "key": item.key, "en": item.en, "zh": item.zh });
    items.iter().map(value).collect()
}

fn open(directory: &Path) -> Result<Registry, Failure> {
    Ok(Registry::open(directory, Arc::new(SystemClock))?)
}
