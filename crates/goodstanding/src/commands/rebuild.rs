//! `rebuild`: the read tables anew.

use clap::Args;
use ledger::LedgerReader;
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
    context.format.result(
        &json!({ "entries": size }),
        &format!("Rebuilt the read tables from {} entries.\n", thousands(size)),
    );
    Ok(Exit::Done)
}
