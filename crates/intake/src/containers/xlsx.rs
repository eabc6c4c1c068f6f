//! XLSX, cell by cell: a sheet whose last cell lies far out does not fill the memory.

mod bomb;

use std::borrow::Cow;
use std::io::{Read, Seek};

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx};
use domain::refusal::{Problem, Refusal};

use super::table::{Cells, Table, Taken, no_header};
use super::{CellsSink, RawRow, RowSink, is_blank};
use crate::profile::{Sheet, TableRules};
use crate::read::ReadError;

/// Rows of a sheet, by the format.
const ROWS_MAX: u64 = 1_048_576;
/// Columns of a sheet, by the format; a file that claims more is not followed.
const COLUMNS_MAX: usize = 16_384;

/// Hands each row of the sheet to `sink`.
pub(crate) fn read<E>(
    sheet: &Sheet,
    table: &TableRules,
    wanted: &[String],
    bytes: impl Read + Seek,
    sink: RowSink<'_, E>,
) -> Result<(), ReadError<E>> {
    let mut rows = Table::new(table, wanted);
    each_as_it_stands(sheet, bytes, &mut |number, cells| match rows
        .take(number, cells)
        .map_err(ReadError::Refused)?
    {
        Taken::Row(cells) => sink(RawRow { number, cells, fault: None }),
        Taken::Nothing => Ok(()),
    })?;
    if rows.has_header() { Ok(()) } else { Err(ReadError::Refused(no_header(table))) }
}

/// The names of the sheets, in their order.
pub(crate) fn sheets<E>(mut bytes: impl Read + Seek) -> Result<Vec<String>, ReadError<E>> {
    bomb::refuse(&mut bytes)?;
    bytes.rewind().map_err(ReadError::Io)?;
    let workbook: Xlsx<_> = calamine::open_workbook_from_rs(bytes).map_err(unreadable)?;
    Ok(workbook.sheet_names())
}

/// Hands each row as it stands to `take`, whatever it is.
pub(crate) fn each_as_it_stands<E>(
    sheet: &Sheet,
    mut bytes: impl Read + Seek,
    take: CellsSink<'_, E>,
) -> Result<(), ReadError<E>> {
    bomb::refuse(&mut bytes)?;
    bytes.rewind().map_err(ReadError::Io)?;
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(bytes).map_err(unreadable)?;
    let names = workbook.sheet_names();
    let name = match sheet {
        Sheet::Name(name) => names.into_iter().find(|known| known == name),
        Sheet::Number(number) => names.into_iter().nth(number.saturating_sub(1)),
    };
    let name = name.ok_or_else(|| ReadError::refused(Refusal::SheetMissing))?;
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(unreadable)?;
    let mut rows = Rows { row: 0, texts: Vec::new() };
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        let (row, column) = cell.get_position();
        let row = u64::from(row).saturating_add(1);
        if row < rows.row || row > ROWS_MAX {
            // A spreadsheet writes rows in order; two rows of one number could not be told apart.
            return Err(ReadError::refused(Refusal::ContainerUnreadable));
        }
        if row != rows.row {
            rows.finish(take)?;
            rows.row = row;
        }
        rows.put(column as usize, text_of(cell.get_value()));
    }
    rows.finish(take)
}

/// The row being put together.
struct Rows {
    row: u64,
    texts: Vec<String>,
}

impl Rows {
    fn put(&mut self, column: usize, text: String) {
        if text.is_empty() || column >= COLUMNS_MAX {
            return;
        }
        if self.texts.len() <= column {
            self.texts.resize(column + 1, String::new());
        }
        if let Some(cell) = self.texts.get_mut(column) {
            *cell = text;
        }
    }

    fn finish<E>(&mut self, take: CellsSink<'_, E>) -> Result<(), ReadError<E>> {
        let texts = SheetRow(std::mem::take(&mut self.texts));
        if is_blank(texts.0.iter().map(String::as_str)) {
            return Ok(());
        }
        take(self.row, &texts)
    }
}

struct SheetRow(Vec<String>);

impl Cells for SheetRow {
    fn width(&self) -> usize {
        self.0.len()
    }

    fn text(&self, at: usize) -> Cow<'_, str> {
        self.0.get(at).map_or("", String::as_str).into()
    }
}

fn unreadable<E>(error: calamine::XlsxError) -> ReadError<E> {
    match error {
        calamine::XlsxError::Io(error) => ReadError::Io(error),
        // The reader's own words may quote the file, so they are not passed on.
        _ => ReadError::Refused(vec![Problem::of_input(Refusal::ContainerUnreadable)]),
    }
}

fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number.to_string(),
        // Identifiers stored as numbers come without a fraction or an exponent.
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(date) => day_of(date),
        // "2024-07-03T00:00:00": midnight says nothing, the day is what is meant.
        DataRef::DateTimeIso(text) => text.strip_suffix("T00:00:00").unwrap_or(text).to_owned(),
        DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
    }
}

/// A spreadsheet's day as ISO 8601; a duration or a day with a time as the number it is.
fn day_of(date: &ExcelDateTime) -> String {
    let serial = date.as_f64();
    // Serials past 9999-12-31 (2,958,465) are no days.
    if !date.is_datetime() || serial.fract() != 0.0 || !(0.0..=2_958_465.0).contains(&serial) {
        return serial.to_string();
    }
    let (year, month, day, ..) = date.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}")
}
