//! Containers: from bytes to rows of cells, streaming, with bounded memory. No meaning yet.

pub(crate) mod bounded;
mod decoding;

pub(crate) mod table;

pub(crate) mod csv;
pub(crate) mod xlsx;

mod tree;

pub(crate) mod json;
pub(crate) mod xml;

pub(crate) mod jsonl;

use std::collections::HashMap;

pub(crate) use decoding::Decoded;
use domain::refusal::{Problem, Refusal};

use crate::profile::TableRules;
use crate::read::ReadError;

/// The one heading of a JSONL file in a quarantine file: the whole line.
pub(crate) const JSON_LINE: &str = "line";

/// The heading under which a profile finds the caption of the sub-table a row stands in.
pub(crate) const SECTION: &str = "#section";

/// Largest row in bytes. An unclosed quotation mark must not read a whole file into one cell.
pub(crate) const ROW_BYTES_MAX: usize = 1 << 20;

/// A row as its container gives it: the cells of the wanted headings, in their order.
#[derive(Debug, Default)]
pub(crate) struct RawRow {
    /// As a spreadsheet counts, the header row included, from 1.
    pub(crate) number: u64,
    /// The cells; empty when `fault` makes them meaningless.
    pub(crate) cells: Vec<String>,
    /// What is wrong with the row as a whole.
    pub(crate) fault: Option<Refusal>,
}

/// Where a row goes.
pub(crate) type RowSink<'a, E> = &'a mut dyn FnMut(RawRow) -> Result<(), ReadError<E>>;

/// Where a row of a table goes whose layout is not known yet.
pub(crate) type CellsSink<'a, E> =
    &'a mut dyn FnMut(u64, &dyn table::Cells) -> Result<(), ReadError<E>>;

/// Where the wanted headings stand in a header row, each under its own or another spelling; `None`
/// for one that a file may lack.
///
/// # Errors
/// Every heading that is missing, or there twice (301).
pub(crate) fn locate(
    wanted: &[&String],
    rules: &TableRules,
    header: &[String],
    row: u64,
) -> Result<Vec<Option<usize>>, Vec<Problem>> {
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, heading) in header.iter().enumerate() {
        places.entry(crate::text::tidy(heading)).or_default().push(place);
    }
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for heading in wanted {
        let met: Vec<usize> = rules
            .spellings(heading)
            .filter_map(|spelling| places.get(&crate::text::tidy(spelling)))
            .flatten()
            .copied()
            .collect();
        match met.as_slice() {
            [place] => found.push(Some(*place)),
            [] if rules.optional.contains(heading) => found.push(None),
            other => {
                let problem = Problem::of_row(row, Some(heading), Refusal::ColumnMissing);
                problems.push(if other.is_empty() {
                    problem
                } else {
                    problem.with_detail("it is there twice")
                });
            }
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

/// Whether every cell is empty or white space: such a row is no row.
pub(crate) fn is_blank<'a>(mut cells: impl Iterator<Item = &'a str>) -> bool {
    cells.all(|cell| crate::text::tidy(cell).is_empty())
}
