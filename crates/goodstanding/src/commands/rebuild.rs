//! `rebuild`: the read tables anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use ledger::LedgerReader;
use projections::ReadTables;
use serde_json::json;

use super::Context;
use crate::output::{Exit, Failure, thousands};
use crate::progress::Progress;
use crate::setup::READ_TABLES;

const EXAMPLES: &str = "\
Examples:
  goodstanding rebuild
  goodstanding rebuild --dir /srv/goodstanding --json
  goodstanding rebuild --until 120000 --out then.db

The read tables hold nothing of their own: they are dropped and built again from the log and the
openings, each checked against its commitment. Stop the server first; the old ones stay in place
until the new ones are complete. With --out tables are built beside, as they were when the log had
--until entries: to compare with those of a restored backup. Exit 0 done, 2 could not.";

/// Arguments of `rebuild`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// With --out: entries of the log that count
    #[arg(long, value_name = "ENTRIES", requires = "out")]
    until: Option<u64>,
    /// A new file, instead of the registry's own tables
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs `rebuild`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let reader = LedgerReader::open(&directory)?;
    let size = reader.size()?;
    if let Some(out) = &arguments.out {
        return build_beside(out, &reader, arguments.until.unwrap_or(size), context);
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
    if out.exists() {
        return Err(Failure::could_not(format_args!(
            "`{}` exists; nothing was changed, give a new file",
            out.display()
        )));
    }
    let size = reader.size()?;
    if until > size {
        return Err(Failure::could_not(format_args!(
            "the log has {} entries, fewer than --until asks for",
            thousands(size)
        )));
    }
    let progress = Progress::bar("building, entries", until);
    projections::build_until(out, reader, until, &mut |position| progress.at(position))?;
    drop(progress);
    context.format.result(
        &json!({ "entries": until }),
        &format!("Built `{}` from the first {} entries.\n", out.display(), thousands(until)),
    );
    Ok(Exit::Done)
}
