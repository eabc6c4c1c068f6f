//! `profile check PROFILE FILE`: what becomes of each row, and why. Values are shown of one row
//! only,
//! and only after the person guard has cleared it, as in a quarantine file.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};

use clap::Args;
use domain::civil::{Day, Zone};
use domain::refusal::{Language, Problem, Refusal};
use intake::{FileSummary, Outcome, Profile, ReadOptions, Row, Source, given};
use serde_json::{Value, json};

use super::super::Context;
use crate::clock::{Clock, SystemClock};
use crate::output::{Exit, Failure, counted, place_and_message, problem_json};
use crate::setup;

const EXAMPLES: &str = "\
Examples:
  goodstanding profile check my-list.toml
  goodstanding profile check my-list.toml list.csv
  goodstanding profile check my-list.toml list.csv --row 17
  goodstanding profile check my-list.toml list.csv --as-of 2026-01-15 --json

With a file it is read as an import would read it, and nothing is written. Of rows that may be about
persons only the number and the reason are said. Exit 0 right, 1 the profile or the file is refused,
2 could not, 3 some rows have problems.";

/// Rows that are told one by one in text; all are in --json.
const ROWS_TOLD: usize = 50;
/// Row numbers that are named for a reason.
const ROWS_NAMED: usize = 10;

/// Arguments of `profile check`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The profile
    #[arg(value_name = "PROFILE.toml")]
    pub profile: PathBuf,
    /// A file to read by it
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Explain this row in full, numbered as a spreadsheet does
    #[arg(long, value_name = "N", requires = "file",
        value_parser = clap::value_parser!(u64).range(1..))]
    row: Option<u64>,
    /// Day the file was read at its publisher, YYYY-MM-DD [default: today, UTC]
    #[arg(long, value_name = "DATE", requires = "file")]
    as_of: Option<Day>,
}

/// Runs `profile check` with a file.
pub fn run(
    arguments: &Arguments,
    directory: &Path,
    file: &Path,
    context: &Context,
) -> Result<Exit, Failure> {
    let packs = setup::load_packs(directory)?;
    let text = super::read(&arguments.profile)?;
    let profile = setup::parse_profile(&arguments.profile.to_string_lossy(), &text, &packs)?;
    if !file.is_file() {
        let file = file.display();
        let failure = format!("`{file}` is not a file that can be read; check the path");
        return Err(Failure::could_not(failure));
    }
    let today = SystemClock.now().day_in(&Zone::UTC);
    let as_of = arguments.as_of.unwrap_or(today);
    if as_of > today {
        return Err(Failure::refused(Problem::of_input(Refusal::ReadInFuture)));
    }
    let options = ReadOptions { as_of, partial: true };
    let mut found = Found { wanted: arguments.row, ..Found::default() };
    let summary = intake::read(&profile, &packs, &options, Source::Path(file), &mut |row| {
        found.take(row);
        Ok::<(), Infallible>(())
    });
    let summary = summary.map_err(|error| Failure::reading(file, error))?;
    match arguments.row {
        Some(number) => one_row(&profile, found.row.as_ref(), number, context),
        None => all_rows(&profile, &summary, &found, context),
    }
}

/// What was seen of the rows.
#[derive(Default)]
struct Found {
    wanted: Option<u64>,
    row: Option<Row>,
    /// Rows with something to say, without their cells.
    told: Vec<(u64, &'static str, Vec<Problem>)>,
    outcomes: Vec<(u64, &'static str)>,
    reasons: BTreeMap<Refusal, Vec<u64>>,
}

impl Found {
    fn take(&mut self, row: Row) {
        let outcome = outcome_key(&row.outcome);
        self.outcomes.push((row.number, outcome));
        let problems: Vec<Problem> =
            row.outcome.problems().iter().chain(&row.notes).cloned().collect();
        for problem in &problems {
            let rows = self.reasons.entry(problem.refusal).or_default();
            if rows.last() != Some(&row.number) {
                rows.push(row.number);
            }
        }
        if outcome != "accepted" || !problems.is_empty() {
            self.told.push((row.number, outcome, problems));
        }
        if self.wanted == Some(row.number) {
            self.row = Some(row);
        }
    }
}

const fn outcome_key(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::RefusedPerson(_) => "refused_person",
        Outcome::Refused(_) => "refused",
        Outcome::Quarantined { .. } => "quarantined",
        Outcome::Duplicate => "duplicate",
        Outcome::AlreadyEnded => "already_ended",
        Outcome::Ready(_) => "accepted",
    }
}

/// What an outcome means.
const fn outcome_text(key: &str) -> &'static str {
    match key.as_bytes() {
        b"refused_person" => "refused: it is, or may be, about a person; nothing of it is kept",
        b"refused" => "refused: a limit says no, and no correction cures it",
        b"quarantined" => "waits in quarantine until it is corrected",
        b"duplicate" => "repeats an earlier row exactly; nothing to do",
        b"already_ended" => "its last day is over; it is not recorded, and ends the record it had",
        _ => "an import records it, or finds it unchanged",
    }
}

fn all_rows(
    profile: &Profile,
    summary: &FileSummary,
    found: &Found,
    context: &Context,
) -> Result<Exit, Failure> {
    let mut lines =
        vec![format!("{} read by `{}`.", counted(summary.rows, "row", "rows"), profile.name)];
    let counts = [
        ("accepted", summary.ready),
        ("duplicate", summary.duplicate),
        ("already_ended", summary.already_ended),
        ("quarantined", summary.quarantined),
        ("refused", summary.refused),
        ("refused_person", summary.refused_persons),
    ];
    for (key, count) in counts.iter().filter(|(_, count)| *count > 0) {
        lines.push(format!("  {count:>8}  {key}: {}", outcome_text(key)));
    }
    if profile.row_floor > summary.rows && profile.extent == intake::Extent::Full {
        let floor = profile.row_floor;
        lines.push(format!("An import would be held: row_floor is {floor} (305)."));
    }
    if !found.reasons.is_empty() {
        lines.push("\nReasons:".to_owned());
    }
    for (refusal, rows) in &found.reasons {
        let named: Vec<String> = rows.iter().take(ROWS_NAMED).map(ToString::to_string).collect();
        let more = if rows.len() > ROWS_NAMED { ", ..." } else { "" };
        lines.push(format!(
            "  {} {}\n       {}: {}{more}",
            refusal.number(),
            refusal.text(Language::En),
            counted(rows.len() as u64, "row", "rows"),
            named.join(", ")
        ));
    }
    if !found.told.is_empty() {
        lines.push("\nRow by row (accepted rows without remarks are left out):".to_owned());
    }
    for (number, outcome, problems) in found.told.iter().take(ROWS_TOLD) {
        let told: Vec<String> = problems.iter().map(place_and_message).collect();
        let told = if told.is_empty() { outcome_text(outcome).to_owned() } else { told.join("; ") };
        lines.push(format!("  {number} {outcome}: {told}"));
    }
    if found.told.len() > ROWS_TOLD {
        let more = found.told.len() - ROWS_TOLD;
        lines.push(format!("  and {more} more; --json tells all, --row N one in full"));
    }
    lines.push(String::new());
    context.format.result(&all_json(profile, summary, found), &lines.join("\n"));
    let has_problems = !found.reasons.is_empty();
    Ok(if has_problems { Exit::DoneWithProblems } else { Exit::Done })
}

fn all_json(profile: &Profile, summary: &FileSummary, found: &Found) -> Value {
    let told: BTreeMap<u64, &Vec<Problem>> =
        found.told.iter().map(|(number, _, problems)| (*number, problems)).collect();
    let row = |(number, outcome): &(u64, &'static str)| {
        let problems = told.get(number).into_iter().flat_map(|problems| problems.iter());
        json!({
            "row": number,
            "outcome": outcome,
            "problems": problems.map(problem_json).collect::<Vec<_>>(),
        })
    };
    let reason = |(refusal, rows): (&Refusal, &Vec<u64>)| {
        json!({
            "refusal": refusal.number(),
            "message": refusal.text(Language::En),
            "rows": rows.len(),
            "first_rows": rows.iter().take(ROWS_NAMED).collect::<Vec<_>>(),
        })
    };
    json!({
        "profile": profile.name.as_str(),
        "rows": summary.rows,
        "accepted": summary.ready,
        "duplicate": summary.duplicate,
        "already_ended": summary.already_ended,
        "quarantined": summary.quarantined,
        "refused": summary.refused,
        "refused_persons": summary.refused_persons,
        "flagged_identifiers": summary.flagged_identifiers,
        "reasons": found.reasons.iter().map(reason).collect::<Vec<_>>(),
        "each_row": found.outcomes.iter().map(row).collect::<Vec<_>>(),
    })
}

fn one_row(
    profile: &Profile,
    row: Option<&Row>,
    number: u64,
    context: &Context,
) -> Result<Exit, Failure> {
    let Some(row) = row else {
        let failure = format!(
            "the file has no row {number}: it is a heading, blank, passed over by the profile, or beyond the end"
        );
        return Err(Failure::could_not(failure));
    };
    let outcome = outcome_key(&row.outcome);
    let fields: Vec<(String, Option<String>, Vec<String>)> = profile
        .mapping()
        .into_iter()
        .map(|mapped| {
            let values = values(row, &mapped.field, mapped.column.as_deref());
            (mapped.field, mapped.column, values)
        })
        .collect();
    let has_values = fields.iter().any(|(.., values)| !values.is_empty());
    let mut lines = vec![format!("Row {number}: {}.", outcome_text(outcome))];
    let problems: Vec<&Problem> = row.outcome.problems().iter().chain(&row.notes).collect();
    lines.extend(problems.iter().map(|problem| format!("  {}", place_and_message(problem))));
    lines.push("\nWhich column gives which field:".to_owned());
    for (field, column, values) in &fields {
        let column = column.as_ref().map_or("every row".to_owned(), |column| format!("`{column}`"));
        let values =
            if values.is_empty() { String::new() } else { format!(": {}", values.join(" | ")) };
        lines.push(format!("  {field} <- {column}{values}"));
    }
    if !has_values {
        lines.push(
            "No value is shown: the row may hold a person's data, or nothing of it is kept."
                .to_owned(),
        );
    }
    lines.push(String::new());
    let json_fields: Vec<Value> = fields
        .iter()
        .map(|(field, column, values)| json!({"field": field, "column": column, "values": values}))
        .collect();
    let value = json!({
        "row": number,
        "outcome": outcome,
        "problems": problems.iter().map(|problem| problem_json(problem)).collect::<Vec<_>>(),
        "fields": json_fields,
    });
    context.format.result(&value, &lines.join("\n"));
    Ok(if problems.is_empty() { Exit::Done } else { Exit::DoneWithProblems })
}

/// What the row gives, where it was cleared: the field of a complete row, the cell of one in
/// quarantine. Nothing otherwise.
fn values(row: &Row, field: &str, column: Option<&str>) -> Vec<String> {
    match &row.outcome {
        Outcome::Ready(submission) => given(submission, field),
        Outcome::Quarantined { cells: Some(cells), .. } => cells
            .iter()
            .filter(|(heading, text)| Some(heading.as_str()) == column && !text.is_empty())
            .map(|(_, text)| text.clone())
            .collect(),
        _ => Vec::new(),
    }
}
