//! `rebuild`: the read tables anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use ledger::LedgerReader;
use projections::ReadTables;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::Context;
use crate::output::{Exit, Failure, thousands};
use crate::progress::Progress;
use crate::setup::READ_TABLES;

const EXAMPLES: &str = "\
Examples:
  goodstanding rebuild
  goodstanding rebuild --dir /srv/goodstanding --json
  goodstanding rebuild --at 120000 --out then.db
  goodstanding rebuild --at 120000 --dump then.txt
  goodstanding rebuild --dump now.txt

The read tables hold nothing of their own: they are dropped and built again from the log and the
openings, each checked against its commitment. Stop the server first; the old ones stay in place
until the new ones are complete. With --out tables are built beside, as they were when the log had
--at entries. With --dump the tables are written as text in one fixed order, and nothing of the
registry changes: with --at as they were at that position, built anew, without it as they stand.
Equal text is equal tables; it holds what is not public as well. Exit 0 done, 2 could not.";

/// Arguments of `rebuild`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Entries of the log that count [default: all]
    #[arg(long, alias = "until", value_name = "ENTRIES", requires = "beside")]
    at: Option<u64>,
    /// A new file, instead of the registry's own tables
    #[arg(long, value_name = "FILE", group = "beside")]
    out: Option<PathBuf>,
    /// A new file for the tables as text; the registry's own tables stay as they are
    #[arg(long, value_name = "FILE", group = "beside")]
    dump: Option<PathBuf>,
}

/// Runs `rebuild`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let reader = LedgerReader::open(&directory)?;
    let size = reader.size()?;
    if let Some(at) = arguments.at.filter(|at| *at > size) {
        return Err(Failure::could_not(format_args!(
            "the log has {} entries, fewer than the {} asked for",
            thousands(size),
            thousands(at)
        )));
    }
    if let Some(out) = &arguments.out {
        return build_beside(out, &reader, arguments.at.unwrap_or(size), context);
    }
    if let Some(out) = &arguments.dump {
        return dump(out, &directory, &reader, arguments.at, context);
    }
    {
        let progress = Progress::bar("rebuilding, entries", size);
        projections::rebuild(&directory.join(READ_TABLES), &reader, &mut |position| {
            progress.at(position)
        })?;
    }
    let tables = ReadTables::open(&directory.join(READ_TABLES), reader.mac_key()?)?;
    let unknown = tables.unknown_entries()?;
    let mut text = format!("Rebuilt the read tables from {} entries.\n", thousands(size));
    for entry in &unknown {
        let _ = writeln!(
            text,
            "Entry {} is a `{}`, which this version does not know: it was skipped, and the record it \
             names is hidden. Use a newer version.",
            entry.position, entry.kind
        );
    }
    let unknown: Vec<_> = unknown
        .iter()
        .map(|entry| json!({ "position": entry.position, "kind": entry.kind }))
        .collect();
    context.format.result(&json!({ "entries": size, "unknown": unknown }), &text);
    Ok(Exit::Done)
}

fn build_beside(
    out: &Path,
    reader: &LedgerReader,
    until: u64,
    context: &Context,
) -> Result<Exit, Failure> {
    check_new(out)?;
    let progress = Progress::bar("building, entries", until);
    projections::build_until(out, reader, until, &mut |position| progress.at(position))?;
    drop(progress);
    context.format.result(
        &json!({ "entries": until }),
        &format!("Built `{}` from the first {} entries.\n", out.display(), thousands(until)),
    );
    Ok(Exit::Done)
}

fn check_new(out: &Path) -> Result<(), Failure> {
    if out.exists() {
        return Err(Failure::could_not(format_args!(
            "`{}` exists; nothing was changed, give a new file",
            out.display()
        )));
    }
    Ok(())
}

/// Writes the tables as text: as they stand, or built anew as of `at`.
fn dump(
    out: &Path,
    directory: &Path,
    reader: &LedgerReader,
    at: Option<u64>,
    context: &Context,
) -> Result<Exit, Failure> {
    check_new(out)?;
    let own = directory.join(READ_TABLES);
    let (entries, text) = match at {
        None => {
            // Opening tells tables of another version from ours, which a dump alone would not.
            let tables = ReadTables::open(&own, reader.mac_key()?)?;
            (tables.cursor()?, projections::dump(&own)?)
        }
        Some(at) => {
            let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
            let scratch =
                tempfile::tempdir_in(folder.unwrap_or(Path::new("."))).map_err(|error| {
                    Failure::could_not(format_args!("`{}`: {error}", out.display()))
                })?;
            let then = scratch.path().join(READ_TABLES);
            let progress = Progress::bar("building, entries", at);
            projections::build_until(&then, reader, at, &mut |position| progress.at(position))?;
            (at, projections::dump(&then)?)
        }
    };
    std::fs::write(out, &text)
        .map_err(|error| Failure::could_not(format_args!("`{}`: {error}", out.display())))?;
    let digest: String =
        Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let rows = text.lines().count() as u64;
    context.format.result(
        &json!({ "entries": entries, "rows": rows, "sha256": digest }),
        &format!(
            "Wrote {} rows of the first {} entries to `{}`, SHA-256 {digest}.\n",
            thousands(rows),
            thousands(entries),
            out.display()
        ),
    );
    Ok(Exit::Done)
}
