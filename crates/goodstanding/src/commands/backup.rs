//! `backup`: a copy of a registry that is at work.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::Context;
use crate::backup::{self, BackupError};
use crate::clock::{Clock, SystemClock};
use crate::failing::explained;
use crate::output::{Exit, Failure, thousands};
use crate::progress::Progress;

const EXAMPLES: &str = "\
Examples:
  goodstanding backup --out /backup/2026-11-23 --keys-out /vault/2026-11-23
  goodstanding backup --out /backup/b2 --keys-out /vault/b2 --keep-keys 7
  goodstanding backup --out /backup/2026-11-23 --without-keys

The server and imports may go on. The folder of --out holds the truth and what belongs to it; keep it
long. The folder of --keys-out holds the signing key and the keys that open the content: keep it
elsewhere, encrypted, and only the newest few, for an old one brings back what was erased since:
--keep-keys deletes the others of this registry beside --keys-out, once the new one is complete.
Neither is of use without the other. Exit 0 done, 2 could not.";

/// Arguments of `backup`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// A new folder for the truth
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// A new folder for the keys, elsewhere
    #[arg(long, value_name = "FOLDER", required_unless_present = "without_keys")]
    keys_out: Option<PathBuf>,
    /// Keep so many backups of the keys beside it, this one included; delete the older ones
    #[arg(long, value_name = "NUMBER", conflicts_with = "without_keys",
          value_parser = clap::value_parser!(u32).range(1..))]
    keep_keys: Option<u32>,
    /// Leave the keys out: they are copied by other means
    #[arg(long, conflicts_with = "keys_out")]
    without_keys: bool,
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Failure {
        Failure::could_not(explained(&error))
    }
}

/// Runs `backup`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let mut progress = None;
    let manifest = backup::take(
        &directory,
        &arguments.out,
        arguments.keys_out.as_deref(),
        SystemClock.now(),
        &mut |done, total| {
            progress.get_or_insert_with(|| Progress::bar("copying, pages", total)).at(done);
        },
    )?;
    drop(progress);
    let deleted = match (&arguments.keys_out, arguments.keep_keys) {
        (Some(newest), Some(number)) => backup::keep_keys(newest, number, SystemClock.now())?,
        _ => Vec::new(),
    };
    let keys = match &arguments.keys_out {
        Some(folder) => format!("its keys in `{}`", folder.display()),
        None => "without its keys".to_owned(),
    };
    context.format.result(
        &json!({
            "out": arguments.out.display().to_string(),
            "keys_out": arguments.keys_out.as_ref().map(|folder| folder.display().to_string()),
            "origin": manifest.origin,
            "size": manifest.size,
            "root": manifest.root,
            "keys_deleted": deleted.iter().map(|it| it.display().to_string()).collect::<Vec<_>>(),
        }),
        &format!(
            "Copied {} entries of {} to `{}`, {keys}.\n{}",
            thousands(manifest.size),
            manifest.origin,
            arguments.out.display(),
            deleted
                .iter()
                .map(|folder| format!("Deleted the older keys in `{}`.\n", folder.display()))
                .collect::<String>()
        ),
    );
    Ok(Exit::Done)
}
