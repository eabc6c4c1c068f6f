//! CSV in any ASCII-compatible encoding, and quarantine files of every profile.

use std::cell::Cell;
use std::io::Read;
use std::rc::Rc;

use csv::{ByteRecord, ErrorKind, ReaderBuilder};
use domain::refusal::{Problem, Refusal};
use encoding_rs::UTF_8;

use super::{ROW_BYTES_MAX, RawRow, RowSink, is_blank, locate};
use crate::profile::{CsvDialect, EncodingErrors};
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
    header_row: 1,
};

/// Hands each row of `bytes` to `sink`.
pub(crate) fn read<E>(
    dialect: &CsvDialect,
    origin: Origin,
    wanted: &[String],
    bytes: impl Read,
    sink: RowSink<'_, E>,
) -> Result<(), ReadError<E>> {
    let allowance = Rc::new(Cell::new(allowance_full()));
    let bytes = Bounded { inner: bytes, allowance: Rc::clone(&allowance) };
    let mut reader = ReaderBuilder::new()
        .delimiter(dialect.delimiter)
        .quote(dialect.quote)
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    let mut record = ByteRecord::new();
    let mut counter = RowCounter::default();
    let mut header: Option<Header> = None;
    loop {
        let line_before = reader.position().line();
        let more =
            reader.read_byte_record(&mut record).map_err(|error| failed(error, counter.row))?;
        if !more {
            break;
        }
        allowance.set(allowance_full());
        let row = counter.next(line_before, reader.position().line(), &record);
        match &header {
            None if row < dialect.header_row => {}
            None => header = Some(Header::new(dialect, origin, wanted, &record, row)?),
            Some(header) => {
                if let Some(raw) = header.row(dialect, &record, row) {
                    sink(raw)?;
                }
            }
        }
    }
    match header {
        Some(_) => Ok(()),
        None => Err(ReadError::refused(Refusal::FileEmpty)),
    }
}

struct Header {
    columns: Vec<usize>,
    width: usize,
    origin: Origin,
}

impl Header {
    fn new<E>(
        dialect: &CsvDialect,
        origin: Origin,
        wanted: &[String],
        record: &ByteRecord,
        row: u64,
    ) -> Result<Header, ReadError<E>> {
        let mut headings: Vec<String> = record
            .iter()
            .map(|cell| dialect.encoding.decode_without_bom_handling(cell).0.into())
            .collect();
        if let Some(first) = headings.first_mut()
            && let Some(rest) = first.strip_prefix('\u{feff}')
        {
            *first = rest.to_owned();
        }
        if origin == Origin::Quarantine {
            headings = headings.iter().map(|heading| quarantine::revive(heading)).collect();
        }
        let columns = locate(wanted, &headings, row).map_err(ReadError::Refused)?;
        Ok(Header { columns, width: record.len(), origin })
    }

    /// The row, or `None` when it is blank. Cells that no profile maps are not even decoded.
    fn row(&self, dialect: &CsvDialect, record: &ByteRecord, number: u64) -> Option<RawRow> {
        let is_unequal = record.len() != self.width;
        let own_columns = match self.origin {
            Origin::Publisher => 0,
            Origin::Quarantine => quarantine::OWN_HEADINGS.len(),
        };
        if record.iter().skip(own_columns).all(<[u8]>::is_empty) {
            return None;
        }
        let mut is_broken = false;
        let mut decode = |cell: &[u8]| {
            let (text, had_errors) = dialect.encoding.decode_without_bom_handling(cell);
            is_broken |= had_errors;
            match self.origin {
                Origin::Publisher => text.into_owned(),
                Origin::Quarantine => quarantine::revive(&text),
            }
        };
        let cells: Vec<String> = self
            .columns
            .iter()
            .map(|column| decode(record.get(*column).unwrap_or_default()))
            .collect();
        let is_all_blank = is_blank(cells.iter().map(String::as_str))
            && record.iter().skip(own_columns).all(|cell| {
                is_blank(std::iter::once(
                    dialect.encoding.decode_without_bom_handling(cell).0.as_ref(),
                ))
            });
        if is_all_blank {
            return None;
        }
        if is_unequal {
            // Cells have moved: under a mapped heading may stand what no profile maps.
            return Some(RawRow {
                number,
                cells: Vec::new(),
                fault: Some(Refusal::ColumnsUnequal),
            });
        }
        let is_refused = is_broken && dialect.encoding_errors == EncodingErrors::Refuse;
        Some(RawRow { number, cells, fault: is_refused.then_some(Refusal::EncodingBroken) })
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
        ErrorKind::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<RowTooLong>()) => {
            let problem =
                Problem::of_row(last_row.saturating_add(1), None, Refusal::ContainerUnreadable);
            let detail = "a row is longer than 1 MiB: is a quotation mark left open?";
            ReadError::Refused(vec![problem.with_detail(detail)])
        }
        ErrorKind::Io(error) => ReadError::Io(error),
        _ => ReadError::refused(Refusal::ContainerUnreadable),
    }
}

/// A row's allowance: its own size and what the reader takes in ahead.
const fn allowance_full() -> usize {
    ROW_BYTES_MAX + (1 << 16)
}

/// A reader that stops when more bytes are asked for one row than a row may have.
struct Bounded<R> {
    inner: R,
    allowance: Rc<Cell<usize>>,
}

#[derive(Debug, thiserror::Error)]
#[error("a row is too long")]
struct RowTooLong;

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.allowance.get().checked_sub(count) {
            Some(rest) => self.allowance.set(rest),
            None => return Err(std::io::Error::other(RowTooLong)),
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn rows(dialect: &CsvDialect, bytes: &[u8]) -> Result<Vec<RawRow>, ReadError<Infallible>> {
        let mut rows = Vec::new();
        let wanted = ["a".to_owned(), "c".to_owned()];
        read(dialect, Origin::Publisher, &wanted, bytes, &mut |row| {
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
