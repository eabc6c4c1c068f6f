//! `restore`: a registry from a backup.

use std::path::{Path, PathBuf};

use clap::Args;
use ledger::restore::{self, Backup, RestoreError, Restored};
use ledger::verify::{DirectoryLog, LogSource};
use ledger::{LedgerReader, SystemEntropy};
use projections::ReadTables;
use serde_json::json;

use super::Context;
use super::verify::remote_log;
use crate::backup;
use crate::clock::{Clock, SystemClock};
use crate::erasure;
use crate::failing::explained;
use crate::output::{Exit, Failure, counted, thousands};
use crate::progress::Progress;
use crate::setup::{self, DEFAULT_DIRECTORY, READ_TABLES};

const EXAMPLES: &str = "\
Examples:
  goodstanding restore --from B --keys K --log /srv/old/log --dir /srv/new
  goodstanding restore --from B --keys K --log https://mirror.example.org --dir /srv/new
  goodstanding restore --from B --keys K --nothing-later --dir /srv/new
  goodstanding restore --from B --keys K --new-log registry.example.org/log2 --dir /srv/new
  goodstanding restore --check B

A log must never tell two histories, so say what is known of what was signed after the backup:
--log gives the log as it was published last (the old folder `log`, or a copy of it): missing entries
come from it, and what they erased is erased again; --nothing-later vouches that there is nothing;
--new-log begins a log of another name that names the old one, when what was signed is gone.
Exit 0 done, 1 the backup does not fit, 2 could not.";

/// Arguments of `restore`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The folder of `backup --out`
    #[arg(long, value_name = "FOLDER", required_unless_present = "check", requires = "keys")]
    from: Option<PathBuf>,
    /// The folder of `backup --keys-out`
    #[arg(long, value_name = "FOLDER")]
    keys: Option<PathBuf>,
    /// The log as it was published last: a folder or an address
    #[arg(long, value_name = "FOLDER|URL", conflicts_with_all = ["nothing_later", "new_log"])]
    log: Option<String>,
    /// Nothing was signed after the backup
    #[arg(long, conflicts_with = "new_log")]
    nothing_later: bool,
    /// Begin a log of this name
    #[arg(long, value_name = "NAME")]
    new_log: Option<String>,
    /// With --new-log: the last checkpoint known of the old log
    #[arg(long, value_name = "FILE", requires = "new_log")]
    last: Option<PathBuf>,
    /// Only compare a folder of a backup with its manifest
    #[arg(long, value_name = "FOLDER", conflicts_with = "from")]
    check: Option<PathBuf>,
}

impl From<RestoreError> for Failure {
    fn from(error: RestoreError) -> Failure {
        match error {
            RestoreError::DoesNotFit(what) => Failure::refused_because(what),
            other => Failure::could_not(explained(&other)),
        }
    }
}

/// Runs `restore`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    if let Some(folder) = &arguments.check {
        return check(folder, context);
    }
    let (Some(from), Some(keys)) = (&arguments.from, &arguments.keys) else {
        return Err(Failure::could_not("give --from and --keys"));
    };
    if arguments.log.is_none() && !arguments.nothing_later && arguments.new_log.is_none() {
        return Err(Failure::could_not(
            "say what is known of what was signed after the backup: --log with the published log, \
             --nothing-later, or --new-log; see `goodstanding restore --help`",
        ));
    }
    let directory = context.directory_or(DEFAULT_DIRECTORY);
    if !setup::is_vacant(&directory)? {
        return Err(Failure::could_not(format_args!(
            "`{}` is not empty; nothing was changed, restore into a new folder with --dir",
            directory.display()
        )));
    }
    let manifest = backup::check(from, "truth")?;
    let of_keys = backup::check(keys, "keys")?;
    if manifest.origin != of_keys.origin {
        return Err(Failure::refused_because("the keys are those of another registry"));
    }
    if of_keys.size < manifest.size {
        return Err(Failure::refused_because(
            "the keys are older than the backup, so they do not open all of it; give newer keys",
        ));
    }
    let building = setup::folder_beside(&directory)?;
    let restored = rebuild_in(&building, arguments, Backup { truth: from, keys })?;
    let registry = building.join("registry");
    backup::put_surroundings(from, &registry)?;
    make_read_tables(&registry)?;
    let uncertain = if restored.lost == 0 { 0 } else { destroy_uncertain(&registry)? };
    finish(&building, &directory)?;
    let text = to_text(&restored, uncertain, &directory);
    context.format.result(&to_json(&restored, uncertain), &text);
    Ok(Exit::Done)
}

/// A crash leaves a hidden folder that the next restore replaces.
fn rebuild_in(
    building: &Path,
    arguments: &Arguments,
    backup: Backup<'_>,
) -> Result<Restored, Failure> {
    let registry = building.join("registry");
    let now = SystemClock.now();
    let mut bar = None;
    let mut progress = |done: u64, total: u64| {
        bar.get_or_insert_with(|| Progress::bar("restoring, entries", total)).at(done);
    };
    let entropy = Box::new(SystemEntropy);
    if let Some(origin) = &arguments.new_log {
        setup::check_origin(origin)?;
        let last = arguments.last.as_deref().map(std::fs::read_to_string).transpose();
        let last = last.map_err(|error| Failure::could_not(format_args!("--last: {error}")))?;
        let folders = (building.join("old"), registry);
        let folders = (folders.0.as_path(), folders.1.as_path());
        let last = last.as_deref();
        let made = restore::new_log(backup, origin, last, folders, now, entropy, &mut progress)?;
        return Ok(made);
    }
    let log: Option<Box<dyn LogSource>> = match &arguments.log {
        None => None,
        Some(url) if url.contains("://") => Some(Box::new(remote_log(url)?)),
        Some(folder) => {
            let folder = PathBuf::from(folder);
            let inner = folder.join("log");
            let at = if inner.join("checkpoint").is_file() { inner } else { folder };
            Some(Box::new(DirectoryLog::new(&at)))
        }
    };
    Ok(restore::same_log(backup, log.as_deref(), &registry, now, entropy, &mut progress)?)
}

fn make_read_tables(registry: &Path) -> Result<(), Failure> {
    let reader = LedgerReader::open(registry)?;
    let progress = Progress::bar("building the read tables, entries", reader.size()?);
    projections::rebuild(&registry.join(READ_TABLES), &reader, &mut |at| progress.at(at))?;
    Ok(())
}

/// What was repaired, stayed or withdrawn after the backup must not come back with it, and the
/// entries that say so are lost. Whoever put such a record there hands it in again.
fn destroy_uncertain(registry: &Path) -> Result<usize, Failure> {
    let mut ledger = setup::open_writer(registry)?;
    let reader = ledger.reader()?;
    let mut tables = ReadTables::open(&registry.join(READ_TABLES), reader.mac_key()?)?;
    let now = SystemClock.now().max(reader.last_at()?);
    let uncertain = tables.uncertain(now)?;
    let units = erasure::units_even_held(&tables, &uncertain)?.unwrap_or_default();
    erasure::destroy(&mut ledger, &mut tables, &units, now)?;
    Ok(uncertain.len())
}

fn finish(building: &Path, directory: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::file(directory, &error);
    if directory.exists() {
        std::fs::remove_dir(directory).map_err(failed)?;
    }
    std::fs::rename(building.join("registry"), directory).map_err(failed)?;
    std::fs::remove_dir_all(building).map_err(failed)
}

fn check(folder: &Path, context: &Context) -> Result<Exit, Failure> {
    let manifest = backup::check(folder, "truth").or_else(|_| backup::check(folder, "keys"))?;
    context.format.result(
        &json!({"part": manifest.part, "origin": manifest.origin, "size": manifest.size, "taken_at": manifest.taken_at}),
        &format!(
            "Whole: {} of {}, {} entries, taken {}.\n",
            manifest.part,
            manifest.origin,
            thousands(manifest.size),
            manifest.taken_at
        ),
    );
    Ok(Exit::Done)
}

fn to_json(restored: &Restored, uncertain: usize) -> serde_json::Value {
    json!({
        "in_backup": restored.in_backup,
        "replayed": restored.replayed,
        "lost": restored.lost,
        "destroyed": uncertain,
        "size": restored.size,
    })
}

fn to_text(restored: &Restored, uncertain: usize, directory: &Path) -> String {
    let destroyed = match uncertain {
        0 => String::new(),
        count => format!(
            "\nDestroyed {}: what ended them may be among what is lost. Lists bring back what they still \
             say; authorities hand in theirs again.",
            counted(count as u64, "record", "records")
        ),
    };
    let lost = match restored.lost {
        0 => "No content is lost.".to_owned(),
        lost => format!(
            "The content of {} events is lost, and the log says so; import the lists again.",
            thousands(lost)
        ),
    };
    format!(
        "Restored `{}`: {} entries from the backup, {} from the published log. {lost}{destroyed}\n\
         Check it: goodstanding verify {0}\n",
        directory.display(),
        thousands(restored.in_backup),
        thousands(restored.replayed),
    )
}
