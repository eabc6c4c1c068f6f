//! `policy simulate`: which organisations would gain or lose what under packs that are not adopted.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::super::{Context, authority};
use super::adopt::{candidate_text, changed_json, failed};
use super::changes_json;
use crate::adoption;
use crate::cases::View;
use crate::output::{Exit, Failure, counted, thousands};
use crate::progress::Progress;
use crate::simulation::{self, Direction, Line, Simulated};
use crate::standing;

pub const EXAMPLES: &str = "\
Examples:
  goodstanding policy simulate draft/cn
  goodstanding policy simulate draft --csv gains-and-losses.csv
  goodstanding policy simulate draft/cn --json

Reads every public file as `consult` does, for every purpose, function and territory that a measure
names, under the packs in force and under the draft as if it were adopted now; and every case, for records
that would end earlier or lose the entry they rest on. Writes nothing to the
registry. The first lines are printed, all of them go to --csv; organisations with one owner are
counted and not listed. Exit 0 simulated, 1 the draft is refused, 2 could not.";

/// Lines that are printed; all of them go to `--csv`. Not law: what somebody reads on a screen.
const PRINTED_MAX: usize = 100;

/// Arguments of `policy simulate`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A pack, or a folder of packs; packs in force that are not in it stay
    folder: PathBuf,
    /// Write every gain and loss, one a row
    #[arg(long, value_name = "OUT.csv")]
    csv: Option<PathBuf>,
}

/// Runs `policy simulate`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let registry = super::open(&directory)?;
    let (packs, laws) = (registry.packs(), registry.laws()?);
    let candidate =
        adoption::candidate(&directory, &arguments.folder, &packs, &laws).map_err(failed)?;
    let progress = Progress::bar("organisations", 0);
    let mut sink = simulation::Sink::new(arguments.csv.as_deref(), PRINTED_MAX)?;
    let simulated = simulation::run(&registry, &candidate, &mut sink, &|done, all| {
        progress.of(done, all);
    })?;
    drop(progress);
    let lines = sink.finish()?;
    let draft = laws.with(&candidate.packs, simulated.as_of, simulated.in_use_from);
    let view = View::open(&directory).map_err(authority::failed)?;
    let concerned = standing::concerned(&view, &draft, &candidate, simulated.as_of);
    let concerned = concerned.map_err(authority::failed)?;
    let value = json!({
        "records": concerned.to_json(),
        "packs": candidate.changed.iter().map(changed_json).collect::<Vec<_>>(),
        "changes": changes_json(&candidate.changes),
        "as_of": simulated.as_of.to_string(),
        "position": simulated.position,
        "in_use_from": simulated.in_use_from.to_string(),
        "organisations": simulated.organisations,
        "affected": simulated.affected,
        "not_listed": simulated.not_listed,
        "totals": simulated.totals.iter().map(|((direction, measure), count)| json!({
            "direction": direction.key(), "measure": measure.as_str(), "organisations": count,
        })).collect::<Vec<_>>(),
        "lines": lines.iter().map(Line::to_json).collect::<Vec<_>>(),
        "lines_all": simulated.lines,
    });
    let mut text = candidate_text(&candidate) + &to_text(&simulated, &lines, arguments);
    text.push_str(&concerned.to_text());
    context.format.result(&value, &text);
    Ok(Exit::Done)
}

fn to_text(simulated: &Simulated, lines: &[Line], arguments: &Arguments) -> String {
    let mut text = format!(
        "\nOf {}, as of {}, log position {}; what is heavier would be used from {} on:\n",
        counted(simulated.organisations, "organisation", "organisations"),
        simulated.as_of,
        thousands(simulated.position),
        simulated.in_use_from,
    );
    if simulated.affected == 0 {
        text.push_str("none would gain or lose a measure or an incentive.\n");
        return text;
    }
    for ((direction, measure), count) in &simulated.totals {
        let verb = match direction {
            Direction::Gains => "would gain",
            Direction::Loses => "would lose",
        };
        text.push_str(&format!(
            "  {} {verb} {measure}\n",
            counted(*count, "organisation", "organisations")
        ));
    }
    text.push('\n');
    for line in lines {
        text.push_str(&format!("{}\n", line.to_text()));
    }
    let printed = lines.len() as u64;
    if simulated.lines > printed {
        let more = thousands(simulated.lines - printed);
        let where_to = match &arguments.csv {
            Some(path) => format!("all of them are in {}", path.display()),
            None => "write all of them with --csv OUT.csv".to_owned(),
        };
        text.push_str(&format!("and {more} more; {where_to}\n"));
    }
    if simulated.not_listed > 0 {
        text.push_str(&format!(
            "{} with one owner are counted and not listed.\n",
            counted(simulated.not_listed, "organisation", "organisations")
        ));
    }
    text
}
