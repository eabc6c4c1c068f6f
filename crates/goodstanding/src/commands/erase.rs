//! `erase`: the content of a record or an organisation goes for good.

use clap::Args;
use domain::civil::Instant;
use domain::event::ErasureUnit;
use domain::ids::{OrganisationId, RecordId};
use domain::refusal::{Problem, Refusal};
use ledger::LedgerReader;
use projections::ReadTables;
use serde_json::json;

use super::Context;
use crate::clock::{Clock, SystemClock};
use crate::erasure::{self, ErasureError};
use crate::failing::explained;
use crate::output::{Exit, Failure, counted};
use crate::setup::{self, READ_TABLES};

const EXAMPLES: &str = "\
Examples:
  goodstanding erase --record 01939a5e-0000-7000-8000-000000000001 --yes
  goodstanding erase --organisation 01939a5e-0000-7000-8000-000000000002 --yes
  goodstanding erase --due
  goodstanding erase --resume

Destroys keys and content of a record with its revisions, or of an organisation with all its records;
with its last record an organisation goes too. The log keeps its entries and one more that names
them, so every proof still holds and nobody can read what was said. Copies that readers took cannot
be called back. What a court or a reviewer holds is not destroyed by any of these (745). Destroy older backups of the keys (see `goodstanding backup --help`): they alone could
bring the content back. --due destroys the records of authorities whose time to be kept is over, and
whose content no court holds; `serve` does it by itself, a day after they are due. An erasure that was
interrupted goes on with the next command that writes; --resume only does that. Exit 0 done, 1 there is no such thing, 2 could not.";

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
    /// Every record of an authority whose time to be kept is over
    #[arg(long, group = "what")]
    due: bool,
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
    if !arguments.yes && !arguments.resume && !arguments.due {
        return Err(Failure::could_not("this cannot be undone; add --yes if it is meant"));
    }
    // Opening for writing finishes what was interrupted.
    let mut ledger = setup::open_writer(&directory)?;
    let reader = ledger.reader()?;
    let mut tables = ReadTables::open(&directory.join(READ_TABLES), reader.mac_key()?)?;
    tables.follow(&reader, reader.size()?, &mut |_| {})?;
    let now = SystemClock.now().max(reader.last_at()?);
    let units = units(arguments, &tables, &reader, now)?;
    let erased = erasure::destroy(&mut ledger, &mut tables, &units, now)?;
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
fn units(
    arguments: &Arguments,
    tables: &ReadTables,
    reader: &LedgerReader,
    now: Instant,
) -> Result<Vec<ErasureUnit>, Failure> {
    let unknown = || Failure::refused_because("this registry holds nothing of this id");
    if let Some(record) = arguments.record {
        return erasure::units_of_records(tables, reader, &[record])?.ok_or_else(unknown);
    }
    if let Some(organisation) = arguments.organisation {
        return erasure::units_of_organisation(tables, reader, organisation)?.ok_or_else(unknown);
    }
    if !arguments.due {
        return Ok(Vec::new());
    }
    let due: Vec<RecordId> = tables.erasable(now)?.into_iter().map(|(record, _)| record).collect();
    Ok(erasure::units_of_records(tables, reader, &due)?.unwrap_or_default())
}

impl From<ErasureError> for Failure {
    fn from(error: ErasureError) -> Failure {
        match error {
            ErasureError::Held(record) => {
                let problem = Problem::of_input(Refusal::HeldByCourt);
                Failure::refused(problem.with_detail(record.to_string()))
            }
            error => Failure::could_not(explained(&error)),
        }
    }
}
