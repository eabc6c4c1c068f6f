//! A draft of a profile from a file nobody has described: what can be read off the file is filled
//! in, what only a person can decide is a blank (`FILL-IN`).
//!
//! **Invariant:** no cell of a column that may hold persons is ever given out. Headings, counts and
//! the spellings of closed lists are.

mod columns;
mod draft;
mod keys;
mod outline;
mod sniff;
mod vocabulary;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;

use columns::Column;
use domain::refusal::Refusal;
use policy::ListDefinition;
use sniff::{Found, sniff};

use crate::containers::csv::{Origin, Reading};
use crate::containers::table::Cells;
use crate::containers::{self, Decoded, RawRow};
use crate::profile::{Sheet, TableRules, TreeRules};
use crate::read::ReadError;
use crate::text::tidy;

/// What is known beforehand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// The list the file is of: its entries and fields stand in the draft.
    pub list: Option<&'a ListDefinition>,
    /// The row of the headings.
    pub header_row: Option<u64>,
    /// The sheet of a workbook.
    pub sheet: Option<&'a str>,
    /// The path of the rows in JSON or XML.
    pub rows: Option<&'a str>,
    /// The column whose spellings are to be mapped to entries.
    pub entries: Option<&'a str>,
}

/// What was found, and the draft.
#[derive(Debug, Clone)]
pub struct Draft {
    /// `csv`, `xlsx`, `json`, `xml` or `jsonl`.
    pub container: &'static str,
    /// The name of the encoding, where there is a choice.
    pub encoding: Option<&'static str>,
    /// Rows that were looked at, without headings and blank ones.
    pub rows: u64,
    /// The row of the headings.
    pub header_row: Option<u64>,
    /// Each column in the order of the file.
    pub columns: Vec<ColumnReport>,
    /// Columns that together tell a row from every other, the best first.
    pub row_keys: Vec<Vec<String>>,
    /// What a person should know.
    pub notes: Vec<String>,
    /// The draft.
    pub toml: String,
    /// Blanks in it.
    pub blanks: u64,
}

/// What is said of a column. Never a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnReport {
    /// Its heading or path.
    pub heading: String,
    /// What it holds: `days`, `identifier`, `persons?`, ...
    pub holds: &'static str,
    /// Formats, scheme, counts.
    pub detail: String,
    /// Cells that are not empty.
    pub filled: u64,
    /// Different cells.
    pub distinct: u64,
    /// The keys of the draft that name it; empty when it is not mapped.
    pub mapped_to: Vec<String>,
}

/// Everything read off a file.
struct FileRead {
    found: Found,
    columns: Vec<Column>,
    /// A hash of each cell.
    hashes: Vec<Vec<u64>>,
    rows: u64,
    /// Rows in which headings stand again.
    headers_again: u64,
    /// Rows with nothing but a text in their first cell.
    captions: u64,
    /// Rows with more or fewer cells than headings.
    unequal: u64,
    /// Headings that stand there twice.
    twice: Vec<String>,
}

/// Drafts a profile for the file at `path`, named `name`.
///
/// # Errors
/// When the file cannot be read, or is none that a profile could describe (301 to 304).
pub fn infer(
    path: &Path,
    name: &str,
    options: &Options<'_>,
) -> Result<Draft, ReadError<Infallible>> {
    let found = sniff(path, options)?;
    let reading = read(path, found)?;
    if reading.rows == 0 && !matches!(reading.found, Found::Jsonl) {
        return Err(ReadError::refused(Refusal::FileEmpty));
    }
    Ok(draft::write(&reading, name, options))
}

fn read(path: &Path, found: Found) -> Result<FileRead, ReadError<Infallible>> {
    let headings: Vec<String> = match &found {
        Found::Csv { header, .. } | Found::Xlsx { header, .. } => header.texts.clone(),
        Found::Json { outline, .. } | Found::Xml { outline, .. } => {
            outline.columns.keys().cloned().collect()
        }
        Found::Jsonl => Vec::new(),
    };
    let mut count: BTreeMap<&String, u64> = BTreeMap::new();
    headings.iter().for_each(|heading| *count.entry(heading).or_default() += 1);
    let is_twice = |heading: &&String| !heading.is_empty() && count.get(heading) > Some(&1);
    let twice: Vec<String> = count.keys().copied().filter(is_twice).cloned().collect();
    let columns = headings.iter().map(|heading| Column::new(heading)).collect();
    let mut reading = FileRead {
        found,
        columns,
        hashes: Vec::new(),
        rows: 0,
        headers_again: 0,
        captions: 0,
        unequal: 0,
        twice,
    };
    let is_workbook = matches!(reading.found, Found::Xlsx { .. });
    let places = (0..headings.len()).collect();
    let mut taker = Taker { reading: &mut reading, places, begun: false, is_workbook };
    taker.go_through(path, &headings)?;
    Ok(reading)
}

/// Takes the rows of a file.
struct Taker<'a> {
    reading: &'a mut FileRead,
    /// For each heading the cell it stands above, as the header in force says.
    places: Vec<usize>,
    begun: bool,
    /// Rows of a workbook end with their last cell.
    is_workbook: bool,
}

impl Taker<'_> {
    fn go_through(
        &mut self,
        path: &Path,
        headings: &[String],
    ) -> Result<(), ReadError<Infallible>> {
        // Borrowed apart, since the rows go into the same place.
        let found = std::mem::replace(&mut self.reading.found, Found::Jsonl);
        let result = self.rows_of(path, &found, headings);
        self.reading.found = found;
        result
    }

    fn rows_of(
        &mut self,
        path: &Path,
        found: &Found,
        headings: &[String],
    ) -> Result<(), ReadError<Infallible>> {
        let file = sniff::open(path)?;
        let mut raw = |row: RawRow| {
            self.row(&row.cells);
            Ok(())
        };
        match found {
            Found::Csv { dialect, header, .. } => {
                let table = TableRules::first_row();
                let reading = Reading { dialect, table: &table, origin: Origin::Publisher };
                reading.each_as_it_stands(file, &mut |number, cells| {
                    self.table_row(number, cells, header);
                    Ok(())
                })
            }
            Found::Xlsx { sheet, header, .. } => {
                let sheet = Sheet::Name(sheet.clone());
                containers::xlsx::each_as_it_stands(&sheet, file, &mut |number, cells| {
                    self.table_row(number, cells, header);
                    Ok(())
                })
            }
            Found::Json { rows, .. } => {
                let tree = tree(rows, '.', headings);
                containers::json::read(
                    &tree,
                    headings,
                    Decoded::new(file, encoding_rs::UTF_8),
                    &mut raw,
                )
            }
            Found::Xml { rows, encoding, .. } => {
                let tree = tree(rows, '/', headings);
                containers::xml::read(&tree, headings, Decoded::new(file, encoding), &mut raw)
            }
            Found::Jsonl => Ok(()),
        }
    }

    fn table_row(&mut self, number: u64, cells: &dyn Cells, header: &sniff::Headings) {
        if !self.begun {
            self.begun = number >= header.row;
            return;
        }
        let width = cells.width();
        let texts: Vec<String> = (0..width).map(|at| tidy(&cells.text(at))).collect();
        let filled = texts.iter().filter(|text| !text.is_empty()).count();
        let headings = texts.iter().filter(|text| !text.is_empty() && header.texts.contains(text));
        let again = headings.count();
        if again >= 2 && again * 2 >= filled {
            self.reading.headers_again += 1;
            // The next table may have its columns in another order.
            self.places = header
                .texts
                .iter()
                .map(|heading| texts.iter().position(|text| text == heading).unwrap_or(usize::MAX))
                .collect();
            return;
        }
        if filled == 1 && header.texts.len() > 1 && texts.first().is_some_and(|t| !t.is_empty()) {
            self.reading.captions += 1;
            return;
        }
        if !self.is_workbook && width != header.texts.len() && self.reading.headers_again == 0 {
            self.reading.unequal += 1;
        }
        let row: Vec<String> =
            self.places.iter().map(|at| texts.get(*at).cloned().unwrap_or_default()).collect();
        self.row(&row);
    }

    fn row(&mut self, cells: &[String]) {
        self.reading.rows += 1;
        let columns = self.reading.columns.iter_mut().zip(cells);
        let hashes: Vec<u64> = columns.map(|(column, cell)| column.take(&tidy(cell))).collect();
        if self.reading.hashes.len() < keys::ROWS_MAX {
            self.reading.hashes.push(hashes);
        }
    }
}

fn tree(rows: &str, step: char, headings: &[String]) -> TreeRules {
    let row = rows.split(step).map(str::to_owned).filter(|name| !name.is_empty()).collect();
    TreeRules { row, optional: headings.to_vec(), ..TreeRules::default() }
}
