//! `profile infer`: a draft of a profile.

use std::path::{Path, PathBuf};

use clap::Args;
use domain::text::{ListId, ProfileName};
use intake::infer::{ColumnReport, Draft, Options, infer};
use policy::{ListDefinition, Packs};
use serde_json::{Value, json};

use super::super::Context;
use crate::output::{Exit, Failure, counted};
use crate::setup::{self, DEFAULT_DIRECTORY, TRUTH};
use crate::shipped;

const EXAMPLES: &str = "\
Examples:
  goodstanding profile infer list.csv --list example.barred --out my-list.toml
  goodstanding profile infer list.xlsx --sheet \"All\" --entries \"Order type\"
  goodstanding profile infer list.json --rows data.items --json

Reads CSV, XLSX, JSON and XML and says what each column seems to hold. Cells of columns that may hold
persons are never shown, and such columns are not mapped. The draft is no profile before every FILL-IN is
decided; `goodstanding profile check` says which are left. Exit 0 done, 1 no profile can describe the
file, 2 could not.";

/// Arguments of `profile infer`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The file of the list
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Write the draft here; never over a file that is there
    #[arg(long, value_name = "PROFILE.toml")]
    out: Option<PathBuf>,
    /// The list the file is of: its entries and fields stand in the draft
    #[arg(long, value_name = "ID")]
    list: Option<String>,
    /// The row of the headings, as a spreadsheet counts [default: found]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    header_row: Option<u64>,
    /// The sheet of a workbook [default: the one with the most rows]
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// The path of the rows in JSON or XML [default: the outermost ones]
    #[arg(long, value_name = "PATH")]
    rows: Option<String>,
    /// The column whose spellings say which entry of the list a row rests on
    #[arg(long, value_name = "COLUMN")]
    entries: Option<String>,
}

/// Runs `profile infer`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let file = &arguments.file;
    if !file.is_file() {
        let file = file.display();
        let failure = format!("`{file}` is not a file that can be read; check the path");
        return Err(Failure::could_not(failure));
    }
    let packs = match &arguments.list {
        Some(_) => Some(packs(context)?),
        None => None,
    };
    let list = match (&arguments.list, &packs) {
        (Some(id), Some(packs)) => Some(definition(id, packs)?),
        _ => None,
    };
    let out = arguments.out.as_deref();
    if let Some(out) = out.filter(|out| out.exists()) {
        let failure = format!("`{}` is there already; give another --out", out.display());
        return Err(Failure::could_not(failure));
    }
    let options = Options {
        list,
        header_row: arguments.header_row,
        sheet: arguments.sheet.as_deref(),
        rows: arguments.rows.as_deref(),
        entries: arguments.entries.as_deref(),
    };
    let name = name_of(out.unwrap_or(file));
    let draft = infer(file, &name, &options).map_err(|error| Failure::reading(file, error))?;
    if let Some(out) = out {
        std::fs::write(out, &draft.toml)
            .map_err(|error| Failure::could_not(format_args!("`{}`: {error}", out.display())))?;
    }
    context.format.result(&to_json(&draft), &to_text(&draft, out));
    Ok(Exit::Done)
}

/// The packs of the registry, or those shipped where there is none yet.
fn packs(context: &Context) -> Result<Packs, Failure> {
    let directory = context.directory_or(DEFAULT_DIRECTORY);
    if directory.join(TRUTH).is_file() {
        return Ok(setup::load_packs(&directory)?);
    }
    Ok(setup::load_pack_files(&shipped::packs())?)
}

fn definition<'p>(id: &str, packs: &'p Packs) -> Result<&'p ListDefinition, Failure> {
    let found = ListId::new(id).and_then(|id| packs.list(&id));
    found.ok_or_else(|| {
        let problem = domain::refusal::Problem::of_input(domain::refusal::Refusal::ListUnknown);
        Failure::refused(problem)
    })
}

/// A plain key from the name of the file.
fn name_of(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase());
    let plain = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' };
    let name: String = stem.unwrap_or_default().chars().map(plain).take(40).collect();
    let parts: Vec<&str> = name.split('-').filter(|part| !part.is_empty()).collect();
    let name = parts.join("-");
    // A key begins with a letter.
    let name = if name.starts_with(|c: char| c.is_ascii_lowercase()) {
        name
    } else {
        format!("list-{name}").trim_end_matches('-').to_owned()
    };
    ProfileName::new(&name).map_or_else(|| "my-list".to_owned(), |name| name.to_string())
}

fn column_json(column: &ColumnReport) -> Value {
    json!({
        "heading": column.heading,
        "holds": column.holds,
        "detail": column.detail,
        "filled": column.filled,
        "distinct": column.distinct,
        "mapped_to": column.mapped_to,
    })
}

fn to_json(draft: &Draft) -> Value {
    json!({
        "container": draft.container,
        "encoding": draft.encoding,
        "header_row": draft.header_row,
        "rows": draft.rows,
        "columns": draft.columns.iter().map(column_json).collect::<Vec<_>>(),
        "row_keys": draft.row_keys,
        "notes": draft.notes,
        "blanks": draft.blanks,
        "draft": draft.toml,
    })
}

fn to_text(draft: &Draft, out: Option<&Path>) -> String {
    let encoding = draft.encoding.map(|name| format!(", {name}")).unwrap_or_default();
    let header = draft.header_row.map(|row| format!(", headings in row {row}")).unwrap_or_default();
    let rows = counted(draft.rows, "row", "rows");
    let mut lines = vec![format!("{}{encoding}{header}, {rows}", draft.container), String::new()];
    for column in draft.columns.iter().filter(|column| !column.heading.is_empty()) {
        let detail =
            if column.detail.is_empty() { String::new() } else { format!(" ({})", column.detail) };
        let mapped = match column.mapped_to.as_slice() {
            [] => String::new(),
            keys => format!(" -> {}", keys.join(", ")),
        };
        let (filled, distinct) = (column.filled, column.distinct);
        lines.push(format!(
            "  {}: {}{detail}, {filled} filled, {distinct} different{mapped}",
            column.heading, column.holds
        ));
    }
    let keys: Vec<String> = draft.row_keys.iter().map(|columns| columns.join(" + ")).collect();
    if !keys.is_empty() {
        lines.push(format!("\nA row is told from every other by: {}", keys.join("; or by ")));
    }
    lines.extend(draft.notes.iter().map(|note| format!("Note: {note}")));
    let blanks = counted(draft.blanks, "blank", "blanks");
    match out {
        Some(out) => {
            let out = out.display();
            lines.push(format!(
                "\nThe draft is in `{out}`. It has {blanks} (FILL-IN) for you to decide; then\n  goodstanding profile check {out}"
            ));
        }
        None => lines
            .push(format!("\nThe draft, with {blanks} (FILL-IN):\n\n{}", draft.toml.trim_end())),
    }
    lines.push(String::new());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_keys() {
        for (file, name) in [
            ("My List (2024).csv", "my-list-2024"),
            ("2024-05.csv", "list-2024-05"),
            ("名单.csv", "list"),
            ("a.toml", "a"),
        ] {
            assert_eq!(name_of(Path::new(file)), name);
            assert!(ProfileName::new(name).is_some(), "{name}");
        }
    }
}
