//! `synth`: a registry, or a file, of synthetic records.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use clap::Args;
use domain::civil::Zone;
use serde_json::json;

use super::Context;
use crate::clock::{Clock, SystemClock};
use crate::import::{self, Effect, Reading, Request};
use crate::output::{Exit, Failure, counted, thousands};
use crate::progress::Progress;
use crate::{demo, setup, synth};

const EXAMPLES: &str = "\
Examples:
  goodstanding synth --records 100000 --dir ./try
  goodstanding synth --records 1000000 --out synthetic.jsonl

Invented organisations on the fictional procurement list of the demonstration. Without --out a
registry is made in --dir [default: ./goodstanding-synth] and filled; every page of it says that it
is a demonstration. With --out only the file is written, for `import --profile
demo-procurement-exclusions` into such a registry. Equal seeds give equal records.
Exit 0 done, 2 could not.";

/// Arguments of `synth`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// How many records: one organisation and three events each
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=100_000_000))]
    records: u64,
    /// Another seed gives other records
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// Write this file only
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The name of the log of a synthetic registry.
const ORIGIN: &str = "synthetic.example/log";

/// Runs `synth`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    if let Some(out) = &arguments.out {
        write_file(out, arguments)?;
        context.format.result(
            &json!({"file": out.display().to_string(), "records": arguments.records}),
            &format!("Wrote {} to {}.\n", records(arguments.records), out.display()),
        );
        return Ok(Exit::Done);
    }
    let directory = context.directory_or("./goodstanding-synth");
    if !setup::is_vacant(&directory)? {
        return Err(Failure::could_not(format_args!(
            "`{}` is not empty; nothing was changed, choose another folder with --dir",
            directory.display()
        )));
    }
    let file = tempfile::NamedTempFile::new().map_err(Failure::could_not)?;
    write_file(file.path(), arguments)?;
    fill(&directory, file.path(), arguments)?;
    context.format.result(
        &json!({"directory": directory.display().to_string(), "records": arguments.records}),
        &format!(
            "Made {} in {dir}. Look at it: goodstanding serve --dir {dir}\n",
            records(arguments.records),
            dir = directory.display()
        ),
    );
    Ok(Exit::Done)
}

fn records(number: u64) -> String {
    counted(number, "synthetic record", "synthetic records")
}

fn write_file(path: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::file(path, &error);
    let mut out = BufWriter::new(File::create(path).map_err(failed)?);
    let today = SystemClock.now().day_in(&Zone::UTC);
    let progress = Progress::bar("writing records", arguments.records);
    synth::write(&mut out, arguments.records, arguments.seed, today, &mut |done| {
        if done.is_multiple_of(1_000) {
            progress.at(done);
        }
    })
    .map_err(failed)
}

/// A crash leaves a registry with some of the records, which says that it is a demonstration.
fn fill(directory: &Path, file: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let mark = format!("{} with seed {}\n", records(arguments.records), arguments.seed);
    demo::create(directory, ORIGIN, &mark, &SystemClock).map_err(anyhow::Error::from)?;
    let packs = setup::load_packs(directory)?;
    let profile = setup::load_profile(directory, synth::PROFILE, &packs)?;
    let today = SystemClock.now().day_in(&Zone::UTC);
    let request = Request {
        directory,
        packs: &packs,
        profile: &profile,
        file,
        as_of: today,
        today,
        extent: Reading::Partial,
        effect: Effect::Commit,
        accept_vanished: None,
        rows_per_batch: import::ROWS_PER_BATCH,
        quarantine: None,
        receipts: None,
    };
    let outcome = import::run(&request, &mut setup::open_writer(directory)?, &SystemClock)?;
    if outcome.accepted == arguments.records {
        return Ok(());
    }
    Err(Failure::could_not(format_args!(
        "{} of {} records were accepted: a fault of this program",
        thousands(outcome.accepted),
        thousands(arguments.records)
    )))
}
