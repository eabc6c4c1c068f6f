//! `erase`: the content of a record or an organisation goes for good.

use clap::Args;
use domain::event::ErasureUnit;
use domain::ids::{OrganisationId, RecordId};
use projections::ReadTables;
use serde_json::json;

use super::Context;
use crate::bulk;
use crate::clock::{Clock, SystemClock};
use crate::output::{Exit, Failure, counted};
use crate::setup::{self, READ_TABLES};

const EXAMPLES: &str = "\
Examples:
  goodstanding erase --record 01939a5e-0000-7000-8000-000000000001 --yes
  goodstanding erase --organisation 01939a5e-0000-7000-8000-000000000002 --yes
  goodstanding erase --resume

Destroys keys and content of a record with its revisions, or of an organisation with all its records;
with its last record an organisation goes too. The log keeps its entries and one more that names
them, so every proof still holds and nobody can read what was said. Copies that readers took cannot
be called back. Destroy older backups of the keys (see `goodstanding backup --help`): they alone could
bring the content back. An erasure that was interrupted goes on with the next command that writes;
--resume only does that. Exit 0 done, 1 there is no such thing, 2 could not.";

/// Arguments of `erase`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group(clap::ArgGroup::new("what").required(true)))]
pub struct Arguments {
    /// The record
    #[arg(long, value_name = "ID", group = "what")]
    record: Option<RecordId>,
    /// The organisation
    #[arg(long, value_name = "ID", group = "what")]
    organisation: Option<OrganisationId>,
    /// Finish what was interrupted
    #[arg(long, group = "what")]
    resume: bool,
    /// It cannot be undone: say that it is meant
    #[arg(long)]
    yes: bool,
}

/// Runs `erase`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    if !arguments.yes && !arguments.resume {
        return Err(Failure::could_not("this cannot be undone; add --yes if it is meant"));
    }
    // Opening for writing finishes what was interrupted.
    let mut ledger = setup::open_writer(&directory)?;
    let reader = ledger.reader()?;
    let mut tables = ReadTables::open(&directory.join(READ_TABLES), reader.mac_key()?)?;
    tables.follow(&reader, reader.size()?, &mut |_| {})?;
    let units = units(arguments, &tables)?;
    let erased = match units.as_slice() {
        [] => None,
        units => ledger.erase(units, SystemClock.now())?,
    };
    tables.follow(&reader, reader.size()?, &mut |_| {})?;
    tables.scrub()?;
    // Files for download hold the content too; `serve` and `export --data` make them anew.
    bulk::discard(&directory)
        .map_err(|error| Failure::could_not(format_args!("the files of `data`: {error}")))?;
    let records = units.iter().filter(|unit| matches!(unit, ErasureUnit::Record(_))).count();
    let organisations = units.len() - records;
    context.format.result(
        &json!({
            "records": records,
            "organisations": organisations,
            "entry": erased.as_ref().map(|appended| appended.from),
        }),
        &match erased {
            None => "Nothing is left to be destroyed.\n".to_owned(),
            Some(appended) => format!(
                "Destroyed {} and {}; log entry {} says so.\n\
                 Destroy older backups of the keys: they alone could bring the content back.\n",
                counted(records as u64, "record", "records"),
                counted(organisations as u64, "organisation", "organisations"),
                appended.from
            ),
        },
    );
    Ok(Exit::Done)
}

/// What is destroyed together.
fn units(arguments: &Arguments, tables: &ReadTables) -> Result<Vec<ErasureUnit>, Failure> {
    let unknown = || Failure::refused_because("this registry holds nothing of this id");
    if let Some(record) = arguments.record {
        let organisation = tables.subject_of(record)?.ok_or_else(unknown)?;
        let records = tables.records_of(organisation)?.unwrap_or_default();
        let mut units = vec![ErasureUnit::Record(record)];
        if records.iter().all(|other| *other == record) {
            // Nothing supports the organisation any more (design 9.10).
            units.push(ErasureUnit::Organisation(organisation));
        }
        return Ok(units);
    }
    let Some(organisation) = arguments.organisation else { return Ok(Vec::new()) };
    let records = tables.records_of(organisation)?.ok_or_else(unknown)?;
    let mut units: Vec<ErasureUnit> = records.into_iter().map(ErasureUnit::Record).collect();
    units.push(ErasureUnit::Organisation(organisation));
    Ok(units)
}
