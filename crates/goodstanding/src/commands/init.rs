//! `init`: a new registry.

use std::collections::BTreeSet;
use std::path::Path;

use clap::Args;
use ledger::{LedgerReader, SystemEntropy};
use policy::PackFile;
use serde_json::json;

use super::Context;
use crate::clock::{Clock, SystemClock};
use crate::output::{Exit, Failure};
use crate::setup::{self, DEFAULT_DIRECTORY, NewRegistry, Purpose, SetupError};
use crate::shipped::{self, ShippedFile};

const EXAMPLES: &str = "\
Examples:
  goodstanding init --origin registry.example.org/log
  goodstanding init --origin registry.example.org/log --pack br --dir /srv/goodstanding
  goodstanding init --origin registry.example.org/log --pack ./packs/xx
  goodstanding init --scratch --origin try.example/log --pack ./packs/my-draft --dir ./scratch

The origin names the log for ever and is part of every signature: choose a name you own.
Packs are the law as data, profiles tell how files are spelled; those adopted here are in force at
once. Exit 0 done, 1 a pack was refused, 2 could not.";

/// Arguments of `init`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Name of the log, such as registry.example.org/log
    #[arg(long, value_name = "NAME")]
    origin: String,
    /// Adopt this shipped pack, or the pack in this folder, instead of all shipped ones
    /// (repeatable)
    #[arg(long = "pack", value_name = "PACK")]
    packs: Vec<String>,
    /// A registry to try things in: fictional packs are taken, and every page says that it is a
    /// demonstration
    #[arg(long)]
    scratch: bool,
}

/// What the mark of a scratch registry says.
const SCRATCH: &str = "made with `goodstanding init --scratch`, to try things in\n";

/// Runs `init`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.directory_or(DEFAULT_DIRECTORY);
    let packs = chosen_packs(&arguments.packs)?;
    let profiles = usable_profiles(&packs)?;
    let new = NewRegistry {
        directory: &directory,
        origin: &arguments.origin,
        packs: &packs,
        profiles: &profiles,
        purpose: if arguments.scratch { Purpose::Demonstration(SCRATCH) } else { Purpose::Records },
    };
    let created = setup::create(&new, SystemClock.now(), Box::new(SystemEntropy))?;
    let reader = LedgerReader::open(&directory)?;
    let vkey = reader.vkey().to_string();
    let names: Vec<&str> = created.packs.iter().map(|(name, _)| name.as_str()).collect();
    let text = format!(
        "Created a registry in `{}`.\n  log       {}\n  key       {vkey}\n  packs     {}\n  profiles  {}\n\
         Publish the key where your readers trust you, and back up `{}` (see `goodstanding key show`).\n\
         Next: goodstanding import --profile NAME FILE\n",
        directory.display(),
        arguments.origin,
        names.join(", "),
        created.profiles.join(", "),
        directory.join("keys").display(),
    );
    let packs: Vec<_> =
        created.packs.iter().map(|(name, hash)| json!({"name": name, "hash": hash})).collect();
    let value = json!({
        "directory": directory,
        "origin": arguments.origin,
        "vkey": vkey,
        "packs": packs,
        "profiles": created.profiles,
    });
    context.format.result(&value, &text);
    Ok(Exit::Done)
}

/// The files of the packs asked for; `generic` is always among them, it holds what every list
/// needs.
fn chosen_packs(chosen: &[String]) -> Result<Vec<PackFile>, SetupError> {
    let shipped = shipped::packs();
    if chosen.is_empty() {
        return Ok(shipped);
    }
    let names: BTreeSet<String> = shipped.iter().filter_map(|file| pack_name(&file.path)).collect();
    let mut files: Vec<PackFile> =
        shipped.iter().filter(|file| file.path.starts_with("generic/")).cloned().collect();
    for pack in chosen {
        if names.contains(pack) {
            let prefix = format!("{pack}/");
            files.extend(shipped.iter().filter(|file| file.path.starts_with(&prefix)).cloned());
        } else {
            files.extend(pack_in_folder(pack, &names)?);
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    Ok(files)
}

fn pack_name(path: &str) -> Option<String> {
    path.split_once('/').map(|(name, _)| name.to_owned())
}

/// The pack in a folder; it takes the folder's name.
fn pack_in_folder(folder: &str, shipped: &BTreeSet<String>) -> Result<Vec<PackFile>, SetupError> {
    let path = Path::new(folder);
    let name = path.file_name().filter(|_| path.is_dir()).map(|name| name.to_string_lossy());
    let Some(name) = name else {
        let names: Vec<&str> = shipped.iter().map(String::as_str).collect();
        return Err(SetupError::PackUnknown(folder.to_owned(), names.join(", ")));
    };
    let files = setup::pack_files_under(path)?;
    if !files.iter().any(|file| file.path == "pack.toml") {
        return Err(SetupError::NoPack(path.to_owned()));
    }
    Ok(files
        .into_iter()
        .map(|file| PackFile { path: format!("{name}/{}", file.path), text: file.text })
        .collect())
}

/// The shipped profiles whose list one of the packs defines.
fn usable_profiles(packs: &[PackFile]) -> Result<Vec<ShippedFile>, SetupError> {
    let packs = setup::load_pack_files(packs)?;
    let is_complete = packs.packs().count()
        == shipped::packs()
            .iter()
            .filter_map(|f| pack_name(&f.path))
            .collect::<BTreeSet<_>>()
            .len();
    let mut usable = Vec::new();
    for file in shipped::profiles() {
        match setup::parse_profile(&file.path, &file.text, &packs) {
            Ok(_) => usable.push(file),
            // With fewer packs some lists are not defined: their profiles are simply not adopted.
            Err(SetupError::Refused(_)) if !is_complete => {}
            Err(error) => return Err(error),
        }
    }
    Ok(usable)
}
