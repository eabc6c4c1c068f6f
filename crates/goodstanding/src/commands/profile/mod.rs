//! `profile`: how the files of a list are spelled.

mod explain;
mod infer;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use intake::{Extent, ListSource, MaxAge, Profile};
use serde_json::{Value, json};

use super::Context;
use crate::clock::{Clock, SystemClock};
use crate::output::{Exit, Failure};
use crate::setup;

const EXAMPLES: &str = "\
Examples:
  goodstanding profile list
  goodstanding profile infer list.csv --list example.barred --out my-list.toml
  goodstanding profile check my-list.toml
  goodstanding profile check my-list.toml list.csv
  goodstanding profile adopt my-list.toml

A profile maps the columns and spellings of one file format; law (basis, grounds, remedy) is in the
pack that defines the list. Exit 0 done, 1 the profile or the file was refused, 2 could not,
3 (check with a file) done but some rows have problems.";

/// Arguments of `profile`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// The profiles in force
    #[command(after_help = "Examples:\n  goodstanding profile list --json")]
    List,
    /// Draft a profile from a file nobody has described; what only you can decide is a FILL-IN
    Infer(infer::Arguments),
    /// Check a profile with line numbers; with a file, say what becomes of each row, and why
    Check(explain::Arguments),
    /// Put a profile into force; its hash goes on the log
    #[command(after_help = "Examples:\n  goodstanding profile adopt my-list.toml")]
    Adopt {
        /// The profile
        #[arg(value_name = "FILE.toml")]
        file: PathBuf,
    },
}

/// Runs `profile`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    if let Action::Infer(arguments) = &arguments.action {
        return infer::run(arguments, context);
    }
    let directory = context.registry_directory()?;
    match &arguments.action {
        Action::List | Action::Infer(_) => list(&directory, context),
        Action::Check(arguments) => match &arguments.file {
            None => check(&directory, &arguments.profile, context),
            Some(file) => explain::run(arguments, &directory, file, context),
        },
        Action::Adopt { file } => adopt(&directory, file, context),
    }
}

fn list(directory: &Path, context: &Context) -> Result<Exit, Failure> {
    let packs = setup::load_packs(directory)?;
    let profiles = setup::load_profiles(directory, &packs)?;
    let values: Vec<Value> = profiles.iter().map(describe).collect();
    let mut text = String::new();
    for profile in &profiles {
        text.push_str(&line_of(profile));
    }
    context.format.result(&json!({ "profiles": values }), &text);
    Ok(Exit::Done)
}

fn check(directory: &Path, file: &Path, context: &Context) -> Result<Exit, Failure> {
    let packs = setup::load_packs(directory)?;
    let text = read(file)?;
    let profile = setup::parse_profile(&file.to_string_lossy(), &text, &packs)?;
    context
        .format
        .result(&describe(&profile), &format!("The profile is right.\n{}", line_of(&profile)));
    Ok(Exit::Done)
}

fn adopt(directory: &Path, file: &Path, context: &Context) -> Result<Exit, Failure> {
    let packs = setup::load_packs(directory)?;
    let text = read(file)?;
    let profile = setup::parse_profile(&file.to_string_lossy(), &text, &packs)?;
    if setup::is_in_force(directory, &profile)? {
        let text = format!("`{}` is in force already; nothing was written.\n", profile.name);
        context.format.result(&describe(&profile), &text);
        return Ok(Exit::Done);
    }
    let mut ledger = setup::open_writer(directory)?;
    setup::adopt_profile(directory, &mut ledger, &profile, &text, SystemClock.now())?;
    context.format.result(&describe(&profile), &format!("Adopted.\n{}", line_of(&profile)));
    Ok(Exit::Done)
}

fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| Failure::file(file, &error))
}

fn describe(profile: &Profile) -> Value {
    json!({
        "name": profile.name.as_str(),
        "hash": profile.hash,
        "list": list_of(profile),
        "snapshot": extent_of(profile),
        "max_age_days": match profile.max_age {
            MaxAge::Days(days) => Some(days),
            MaxAge::None => None,
        },
        "row_floor": profile.row_floor,
        "licence": profile.licence,
    })
}

fn list_of(profile: &Profile) -> Option<&str> {
    match &profile.list {
        ListSource::Fixed(list) => Some(list.as_str()),
        ListSource::Column(_) => None,
    }
}

const fn extent_of(profile: &Profile) -> &'static str {
    match profile.extent {
        Extent::Full => "full",
        Extent::Partial => "partial",
    }
}

fn line_of(profile: &Profile) -> String {
    let list = list_of(profile).unwrap_or("the list named in each row");
    let age = match profile.max_age {
        MaxAge::Days(days) => format!("current for {days} days"),
        MaxAge::None => "needs no re-reading".to_owned(),
    };
    format!("{:<12} {list}, {} file, {age}\n", profile.name.as_str(), extent_of(profile))
}
