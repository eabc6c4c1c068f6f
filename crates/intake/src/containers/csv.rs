//! CSV in any encoding, and quarantine files of every profile.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::Read;

use csv::{ByteRecord, ErrorKind, ReaderBuilder};
use domain::refusal::{Problem, Refusal};
use encoding_rs::{Encoding, UTF_8};

use super::bounded::{self, Allowance, Bounded};
use super::decoding::Decoded;
use super::table::{Cells, Table, Taken, no_header};
use super::{CellsSink, RawRow, RowSink, is_blank};
use crate::profile::{CsvDialect, EncodingErrors, TableRules};
use crate::quarantine;
use crate::read::ReadError;

/// Whether the file is one a publisher or one our own quarantine wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Publisher,
    Quarantine,
}

/// How quarantine files are written, whatever the profile's own container.
pub(crate) const QUARANTINE_DIALECT: CsvDialect = CsvDialect {
    delimiter: b',',
    quote: b'"',
    encoding: UTF_8,
    encoding_errors: EncodingErrors::Refuse,
};

/// Where a row goes before it is known what it is.
type CsvRowSink<'a, E> = &'a mut dyn FnMut(u64, &CsvRow<'_>) -> Result<(), ReadError<E>>;

/// How a file is read.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) dialect: &'a CsvDialect,
    pub(crate) table: &'a TableRules,
    pub(crate) origin: Origin,
}

impl Reading<'_> {
    /// Hands each row of `bytes` to `sink`.
    pub(crate) fn read<E>(
        self,
        wanted: &[String],
        bytes: impl Read,
        sink: RowSink<'_, E>,
    ) -> Result<(), ReadError<E>> {
        let mut table = Table::new(self.table, wanted);
        self.each(bytes, &mut |number, row| {
            let had_header = table.has_header();
            let Taken::Row(cells) = table.take(number, row).map_err(ReadError::Refused)? else {
                return Ok(());
            };
            let is_unequal = had_header && row.record.len() != table.width();
            sink(self.judged(number, cells, row, is_unequal))
        })?;
        if table.has_header() { Ok(()) } else { Err(ReadError::Refused(no_header(self.table))) }
    }

    /// Hands each row as it stands to `take`, whatever it is.
    pub(crate) fn each_as_it_stands<E>(
        self,
        bytes: impl Read,
        take: CellsSink<'_, E>,
    ) -> Result<(), ReadError<E>> {
        self.each(bytes, &mut |number, row| take(number, row))
    }

    fn each<E>(self, bytes: impl Read, take: CsvRowSink<'_, E>) -> Result<(), ReadError<E>> {
        let allowance = Allowance::new();
        let bytes = Bounded::new(bytes, &allowance);
        let encoding = self.dialect.encoding;
        // Cells are cut before they are decoded, as long as the marks between them cannot be part
        // of a letter: then one broken cell stays alone.
        if encoding == UTF_8 || encoding.is_single_byte() {
            return self.rows(encoding, bytes, &allowance, take);
        }
        let decoded = Decoded::new(bytes, encoding);
        self.rows(UTF_8, decoded, &allowance, take)
    }

    fn rows<E>(
        self,
        encoding: &'static Encoding,
        bytes: impl Read,
        allowance: &Allowance,
        take: CsvRowSink<'_, E>,
    ) -> Result<(), ReadError<E>> {
        let mut reader = ReaderBuilder::new()
            .delimiter(self.dialect.delimiter)
            .quote(self.dialect.quote)
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes);
        let mut record = ByteRecord::new();
        let mut counter = RowCounter::default();
        loop {
            let line_before = reader.position().line();
            let more =
                reader.read_byte_record(&mut record).map_err(|error| failed(error, counter.row))?;
            if !more {
                return Ok(());
            }
            allowance.renew();
            let number = counter.next(line_before, reader.position().line(), &record);
            let row = CsvRow {
                record: &record,
                encoding,
                origin: self.origin,
                is_broken: Cell::new(false),
            };
            if !row.is_blank() {
                take(number, &row)?;
            }
        }
    }

    fn judged(self, number: u64, cells: Vec<String>, row: &CsvRow<'_>, is_unequal: bool) -> RawRow {
        if is_unequal {
            // Cells have moved: under a mapped heading may stand what no profile maps.
            let fault = Some(Refusal::ColumnsUnequal);
            return RawRow { number, cells: Vec::new(), fault };
        }
        // What was decoded before it was cut carries the mark of what could not be.
        let was_decoded = row.encoding != self.dialect.encoding;
        let is_broken = row.is_broken.get()
            || (was_decoded && cells.iter().any(|cell| cell.contains(char::REPLACEMENT_CHARACTER)));
        let is_refused = is_broken && self.dialect.encoding_errors == EncodingErrors::Refuse;
        RawRow { number, cells, fault: is_refused.then_some(Refusal::EncodingBroken) }
    }
}

/// A row, decoded cell by cell as it is asked for.
struct CsvRow<'a> {
    record: &'a ByteRecord,
    encoding: &'static Encoding,
    origin: Origin,
    /// Whether a cell that was asked for could not be decoded.
    is_broken: Cell<bool>,
}

impl CsvRow<'_> {
    /// Whether nothing stands in it; our own columns of a quarantine file do not count.
    fn is_blank(&self) -> bool {
        let own_columns = match self.origin {
            Origin::Publisher => 0,
            Origin::Quarantine => quarantine::OWN_HEADINGS.len(),
        };
        self.record.iter().skip(own_columns).all(|cell| {
            cell.is_empty()
                || is_blank(std::iter::once(
                    self.encoding.decode_without_bom_handling(cell).0.as_ref(),
                ))
        })
    }
}

impl Cells for CsvRow<'_> {
    fn width(&self) -> usize {
        self.record.len()
    }

    fn text(&self, at: usize) -> Cow<'_, str> {
        let cell = self.record.get(at).unwrap_or_default();
        let (text, had_errors) = self.encoding.decode_without_bom_handling(cell);
        if had_errors {
            self.is_broken.set(true);
        }
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) if at == 0 => Cow::Owned(rest.to_owned()),
            _ => text,
        };
        match self.origin {
            Origin::Publisher => text,
            Origin::Quarantine => quarantine::revive(&text).into(),
        }
    }
}

/// Counts rows as a spreadsheet does: line breaks inside a cell are none, blank lines are rows.
#[derive(Debug, Default)]
struct RowCounter {
    row: u64,
}

impl RowCounter {
    /// The number of the row just read between two line counts of the reader.
    fn next(&mut self, line_before: u64, line_after: u64, record: &ByteRecord) -> u64 {
        let breaks = record.as_slice().iter().filter(|byte| **byte == b'\n').count();
        let lines = line_after.saturating_sub(line_before);
        let own = u64::try_from(breaks).unwrap_or(u64::MAX).saturating_add(1);
        self.row = self.row.saturating_add(1).saturating_add(lines.saturating_sub(own));
        self.row
    }
}

fn failed<E>(error: csv::Error, last_row: u64) -> ReadError<E> {
    match error.into_kind() {
        ErrorKind::Io(error) => {
            let detail = "a row is longer than 1 MiB: is a quotation mark left open?";
            bounded::failed(error, last_row, detail)
        }
        _ => ReadError::Refused(vec![Problem::of_input(Refusal::ContainerUnreadable)]),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::super::ROW_BYTES_MAX;
    use super::*;

    fn rows(dialect: &CsvDialect, bytes: &[u8]) -> Result<Vec<RawRow>, ReadError<Infallible>> {
        let mut rows = Vec::new();
        let wanted = ["a".to_owned(), "c".to_owned()];
        let table = &TableRules::first_row();
        Reading { dialect, table, origin: Origin::Publisher }.read(&wanted, bytes, &mut |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    fn dialect(encoding: &str) -> CsvDialect {
        let encoding = encoding_rs::Encoding::for_label(encoding.as_bytes()).unwrap();
        CsvDialect { encoding, ..QUARANTINE_DIALECT }
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_counts() {
        for end in ["\n", "\r\n"] {
            let text = ["a,b,c", "1,x,\"two", "lines\"", "", "", "2,x,y", " , ,", "3,,"].join(end);
            let found = rows(&dialect("utf-8"), text.as_bytes()).unwrap();
            let numbers: Vec<u64> = found.iter().map(|row| row.number).collect();
            assert_eq!(numbers, [2, 5, 7], "{end:?}");
            assert_eq!(found[1].cells, ["2", "y"]);
        }
    }

    #[test]
    fn encodings_are_decoded_cell_by_cell() {
        let found = rows(&dialect("gb18030"), b"a,b,c\n\xcd\xfe\xba\xa3,x,y\n").unwrap();
        assert_eq!(found[0].cells, ["威海", "y"]);
        let found = rows(&dialect("utf-8"), b"\xef\xbb\xbfa,b,c\n\xff,x,y\n1,\xff,y\n").unwrap();
        assert_eq!(found[0].fault, Some(Refusal::EncodingBroken));
        assert_eq!(found[1].fault, None, "the broken cell is not mapped");
        let replace = CsvDialect { encoding_errors: EncodingErrors::Replace, ..dialect("utf-8") };
        assert_eq!(rows(&replace, b"a,b,c\n\xff,x,y\n").unwrap()[0].cells, ["\u{fffd}", "y"]);
    }

    #[test]
    fn moved_cells_are_not_read() {
        let found = rows(&dialect("utf-8"), b"a,b,c\n1,2\n1,2,3,4\n").unwrap();
        for row in found {
            assert_eq!(row.fault, Some(Refusal::ColumnsUnequal));
            assert!(row.cells.is_empty());
        }
    }

    #[test]
    fn an_open_quotation_mark_does_not_swallow_the_file() {
        let mut bytes = b"a,b,c\n\"".to_vec();
        bytes.resize(3 * ROW_BYTES_MAX, b'x');
        let Err(ReadError::Refused(problems)) = rows(&dialect("utf-8"), &bytes) else { panic!() };
        assert_eq!(problems[0].refusal, Refusal::ContainerUnreadable);
        assert_eq!(problems[0].row, Some(2));
    }

    #[test]
    fn missing_and_repeated_headings_are_all_named() {
        let Err(ReadError::Refused(problems)) = rows(&dialect("utf-8"), b"a,a,b\n") else {
            panic!()
        };
        assert_eq!(problems.len(), 2);
        assert!(problems.iter().all(|problem| problem.refusal == Refusal::ColumnMissing));
    }
}
