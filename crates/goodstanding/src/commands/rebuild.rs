//! `rebuild`: the read tables anew.

use std::fmt::Write as _;

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

The read tables hold nothing of their own: they are dropped and built again from the log and the
openings, each checked against its commitment. Stop the server first; the old ones stay in place
until the new ones are complete.
Exit 0 done, 2 could not.";

/// Arguments of `rebuild`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {}

/// Runs `rebuild`.
pub fn run(_: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let reader = LedgerReader::open(&directory)?;
    let size = reader.size()?;
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
