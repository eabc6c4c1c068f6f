//! `import`: a file of an official list.

use std::path::{Path, PathBuf};

use clap::Args;
use domain::civil::Day;
use intake::Profile;
use policy::Packs;

use super::Context;
use crate::clock::{Clock, SystemClock};
use crate::import::{self, Effect, Reading, Request};
use crate::laws;
use crate::output::{Exit, Failure, note};
use crate::setup::{self, SetupError};

const EXAMPLES: &str = "\
Examples:
  goodstanding import --profile idb sanctioned-firms.xlsx
  goodstanding import --profile ceis ceis.csv --as-of 2020-01-01 --quarantine to-correct.csv
  goodstanding import --profile ceis to-correct.csv --partial
  goodstanding import --profile ./my-list.toml list.csv --dry-run --json

All problems are told at once with row, column and what to do. Rows about persons are refused and
never stored. The same file twice changes nothing; an interrupted import is run again and goes on.
Exit 0 done, 1 refused or held, 2 could not, 3 done but some rows have problems.";

/// Arguments of `import`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Name of an adopted profile (see `goodstanding profile list`), or a profile's TOML file
    #[arg(long, value_name = "NAME")]
    profile: String,
    /// Day the file was read at its publisher, YYYY-MM-DD [default: today, UTC]
    #[arg(long, value_name = "DATE")]
    as_of: Option<Day>,
    /// Say what would be done and write nothing
    ///
    /// Of very long files, whether the identifiers of a row disagree is told from the registry and
    /// the last 100,000 organisations of the file.
    #[arg(long)]
    dry_run: bool,
    /// The file is only some of the list: it ends nothing
    #[arg(long)]
    partial: bool,
    /// Release a file that was held because rows vanished: exactly so many, as the refusal says
    #[arg(long, value_name = "N")]
    accept_vanished: Option<u64>,
    /// Write the rows that can be corrected here; correct them and import them with --partial
    #[arg(long, value_name = "OUT.csv")]
    quarantine: Option<PathBuf>,
    /// Append a line with the signed checkpoint for every batch that was acknowledged
    #[arg(long, value_name = "OUT.jsonl")]
    receipts: Option<PathBuf>,
    /// Rows committed together: fewer for earlier receipts, more for speed
    #[arg(long, value_name = "N", default_value_t = 2_000, allow_negative_numbers = true,
        value_parser = clap::value_parser!(u16).range(1..))]
    rows_per_batch: u16,
}

/// Runs `import`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    check_files(arguments, &directory)?;
    let clock = SystemClock;
    let packs = setup::load_packs(&directory)?;
    let (profile, text) = find_profile(&directory, &arguments.profile, &packs)?;
    let mut ledger = setup::open_writer(&directory)?;
    let today = import::today(&profile, &packs, clock.now());
    let effect = if arguments.dry_run { Effect::DryRun } else { Effect::Commit };
    if let (Some(text), Effect::Commit) = (&text, effect)
        && !setup::is_in_force(&directory, &profile)?
    {
        setup::adopt_profile(&directory, &mut ledger, &profile, text, clock.now())?;
        note(format_args!("adopted profile `{}`", profile.name));
    }
    let packs = laws::in_use_at(&directory, clock.now())?.packs;
    let request = Request {
        directory: &directory,
        packs: &packs,
        profile: &profile,
        file: &arguments.file,
        as_of: arguments.as_of.unwrap_or(today),
        today,
        extent: if arguments.partial { Reading::Partial } else { Reading::AsProfiled },
        effect,
        accept_vanished: arguments.accept_vanished,
        rows_per_batch: usize::from(arguments.rows_per_batch),
        quarantine: arguments.quarantine.as_deref(),
        receipts: arguments.receipts.as_deref(),
    };
    let outcome = import::run(&request, &mut ledger, &clock)?;
    context.format.result(&outcome.to_json(), &outcome.to_text(arguments.dry_run));
    Ok(outcome.exit())
}

/// Refuses what would overwrite the input, the registry or itself, and a file that is not there,
/// before anything is opened.
fn check_files(arguments: &Arguments, directory: &Path) -> Result<(), Failure> {
    let file = &arguments.file;
    if !file.is_file() {
        return Err(Failure::could_not(format_args!(
            "`{}` is not a file that can be read; check the path",
            file.display()
        )));
    }
    let input = file.canonicalize().ok();
    let registry = directory.canonicalize().ok();
    if arguments.quarantine.is_some() && arguments.quarantine == arguments.receipts {
        let failure = "--quarantine and --receipts name one file; give each its own";
        return Err(Failure::could_not(failure));
    }
    for out in [&arguments.quarantine, &arguments.receipts].into_iter().flatten() {
        if out.canonicalize().ok().is_some_and(|out| Some(out) == input) {
            return Err(Failure::could_not(format_args!(
                "`{}` is the file to import; write to another one",
                out.display()
            )));
        }
        if out.parent().is_some_and(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
            return Err(Failure::could_not(format_args!(
                "the folder of `{}` does not exist; create it first",
                out.display()
            )));
        }
        if registry.as_ref().is_some_and(|registry| setup::is_within(out, registry)) {
            return Err(Failure::could_not(format_args!(
                "`{}` lies in the registry; write to a file outside of it",
                out.display()
            )));
        }
    }
    Ok(())
}

/// The adopted profile of this name; or the one in this file with its text, which is adopted first.
fn find_profile(
    directory: &Path,
    name: &str,
    packs: &Packs,
) -> Result<(Profile, Option<String>), Failure> {
    match setup::load_profile(directory, name, packs) {
        Err(SetupError::ProfileUnknown) if name.ends_with(".toml") => {
            let path = Path::new(name);
            let text =
                std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
            Ok((setup::parse_profile(name, &text, packs)?, Some(text)))
        }
        found => Ok((found?, None)),
    }
}
