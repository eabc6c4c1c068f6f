//! `export`: what may be shown now, as a file; or the log with its openings.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use super::Context;
use crate::bulk;
use crate::clock::SystemClock;
use crate::export::{self, ExportError, Form};
use crate::failing::explained;
use crate::output::{Exit, Failure, counted};
use crate::progress::Progress;
use crate::registry::Registry;
use crate::setup;

const EXAMPLES: &str = "\
Examples:
  goodstanding export --out records.csv
  goodstanding export --form jsonl --out organisations.jsonl
  goodstanding export --form own --out records.jsonl
  goodstanding export --log ./mirror
  goodstanding export --data

csv: one record a row; jsonl: one organisation a line, as the API gives it; own: one record a line in
the registry's own format, for `import --profile own` elsewhere. Only what may be shown now, without
organisations whose legal form has one owner. --log writes the log with the openings that are served
now, to be put on any web server and checked with `goodstanding verify FOLDER`. --data makes the
files that are offered for download at /data anew; `serve` does so by itself.
Exit 0 done, 2 could not.";

/// Arguments of `export`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group(clap::ArgGroup::new("what").required(true)))]
pub struct Arguments {
    /// A new file; an existing one is never replaced
    #[arg(long, value_name = "FILE", group = "what")]
    out: Option<PathBuf>,
    /// How it is written
    #[arg(long, value_enum, default_value = "csv", conflicts_with_all = ["log", "data"])]
    form: Form,
    /// A new folder for the log
    #[arg(long, value_name = "FOLDER", group = "what")]
    log: Option<PathBuf>,
    /// The files for download under /data, in the registry's own directory
    #[arg(long, group = "what")]
    data: bool,
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Failure {
        Failure::could_not(explained(&error))
    }
}

/// Runs `export`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    if let Some(folder) = &arguments.log {
        return write_log(&directory, folder, context);
    }
    if arguments.data {
        return make_data(&directory, context);
    }
    let Some(out) = &arguments.out else {
        return Err(Failure::could_not("give --out, --log or --data"));
    };
    refuse_inside(out, &directory)?;
    let registry = Registry::open(&directory, Arc::new(SystemClock))?;
    if out.symlink_metadata().is_ok() {
        return Err(Failure::could_not(format_args!(
            "`{}` exists already; nothing was changed, give a new file",
            out.display()
        )));
    }
    // Complete under its name or not there at all.
    let mut beside = out.as_os_str().to_owned();
    beside.push(".partial");
    let beside = PathBuf::from(beside);
    let failed = |error: std::io::Error| Failure::file(out, &error);
    let mut file = BufWriter::new(File::create(&beside).map_err(failed)?);
    let mut progress = None;
    let written = export::write(&registry, arguments.form, &mut file, &mut |done, total| {
        progress.get_or_insert_with(|| Progress::bar("exporting, organisations", total)).at(done);
    });
    drop(progress);
    if written.is_err() {
        // The first failure is the one to report; a file that stays is overwritten next time.
        let _ = std::fs::remove_file(&beside);
    }
    let written = written?;
    file.get_ref().sync_all().map_err(failed)?;
    std::fs::rename(&beside, out).map_err(failed)?;
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = File::open(folder.unwrap_or(Path::new("."))).map_err(failed)?;
    folder.sync_all().map_err(failed)?;
    context.format.result(
        &json!({"organisations": written.organisations, "records": written.records}),
        &format!(
            "Wrote {} of {} to `{}`.\n",
            counted(written.records, "record", "records"),
            counted(written.organisations, "organisation", "organisations"),
            out.display()
        ),
    );
    Ok(Exit::Done)
}

fn refuse_inside(out: &Path, directory: &Path) -> Result<(), Failure> {
    let is_inside = directory.canonicalize().is_ok_and(|registry| setup::is_within(out, &registry));
    if is_inside {
        return Err(Failure::could_not(format_args!(
            "`{}` lies in the registry; write to a place outside of it",
            out.display()
        )));
    }
    Ok(())
}

fn make_data(directory: &Path, context: &Context) -> Result<Exit, Failure> {
    let registry = Registry::open(directory, Arc::new(SystemClock))?;
    registry.catch_up()?;
    let mut progress = None;
    let snapshot = bulk::make(&registry, &mut |done, total| {
        progress.get_or_insert_with(|| Progress::bar("exporting, organisations", total)).at(done);
    })?;
    drop(progress);
    let files: Vec<_> = snapshot
        .files
        .iter()
        .map(|file| json!({"name": file.name, "bytes": file.bytes, "sha256": file.sha256}))
        .collect();
    let records = snapshot.files.first().map_or(0, |file| file.records);
    context.format.result(
        &json!({
            "position": snapshot.position, "made_at": snapshot.made_at,
            "valid_until": snapshot.valid_until, "records": records, "files": files,
        }),
        &format!(
            "Made {} with {} at log position {}, to be served until {}.\n",
            counted(snapshot.files.len() as u64, "file", "files"),
            counted(records, "record", "records"),
            snapshot.position,
            snapshot.valid_until.as_deref().unwrap_or("something changes")
        ),
    );
    Ok(Exit::Done)
}

fn write_log(directory: &Path, folder: &Path, context: &Context) -> Result<Exit, Failure> {
    refuse_inside(folder, directory)?;
    if !setup::is_vacant(folder)? {
        return Err(Failure::could_not(format_args!(
            "`{}` is not empty; nothing was changed, give a new folder",
            folder.display()
        )));
    }
    let registry = Registry::open(directory, Arc::new(SystemClock))?;
    registry.catch_up()?;
    let mut progress = None;
    let size = export::write_log(&registry, folder, &mut |done, total| {
        progress.get_or_insert_with(|| Progress::bar("writing the log, entries", total)).at(done);
    })?;
    drop(progress);
    context.format.result(
        &json!({"entries": size}),
        &format!(
            "Wrote {} to `{}`. Check it: goodstanding verify {1}\n",
            counted(size, "entry", "entries"),
            folder.display()
        ),
    );
    Ok(Exit::Done)
}
