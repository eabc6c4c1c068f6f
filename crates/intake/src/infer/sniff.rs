//! Which container a file is in, and where its rows and headings are.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use domain::identifiers::personal;
use domain::refusal::{Problem, Refusal};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::vocabulary::topics;
use super::{Options, outline};
use crate::containers::csv::{Origin, Reading};
use crate::containers::table::Cells;
use crate::containers::{Decoded, xlsx};
use crate::profile::{CsvDialect, EncodingErrors, Sheet, TableRules};
use crate::quarantine;
use crate::read::ReadError;
use crate::text::tidy;

/// Bytes looked at for what kind of file it is.
const HEAD: u64 = 256 << 10;
/// Rows looked at for a header.
const LEADING_ROWS: usize = 40;
/// Characters of a heading.
const HEADING_MAX: usize = 120;

/// What was found.
pub(super) enum Found {
    Csv { dialect: CsvDialect, is_guessed: bool, header: Headings },
    Xlsx { sheet: String, others: Vec<String>, header: Headings },
    Json { rows: String, outline: outline::Rows, others: Vec<String> },
    Xml { rows: String, outline: outline::Rows, others: Vec<String>, encoding: &'static Encoding },
    Jsonl,
}

/// A header row.
pub(super) struct Headings {
    pub(super) row: u64,
    pub(super) texts: Vec<String>,
}

fn refused(refusal: Refusal, detail: impl Into<String>) -> ReadError<Infallible> {
    ReadError::Refused(vec![Problem::of_input(refusal).with_detail(detail)])
}

/// Looks at the file at `path`.
pub(super) fn sniff(path: &Path, options: &Options<'_>) -> Result<Found, ReadError<Infallible>> {
    let mut head = Vec::new();
    open(path)?.take(HEAD).read_to_end(&mut head).map_err(ReadError::Io)?;
    if head.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
        return Err(ReadError::refused(Refusal::FileEmpty));
    }
    if head.starts_with(b"PK\x03\x04") {
        return workbook(path, options);
    }
    if head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        let detail = "an old workbook (.xls); save it as .xlsx or CSV";
        return Err(refused(Refusal::ContainerUnreadable, detail));
    }
    let (encoding, is_guessed) = encoding_of(path, &head)?;
    let text = decoded(&head, encoding);
    let controls = text.chars().filter(|c| c.is_control() && !c.is_whitespace()).count();
    let broken = text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
    if (controls + broken) * 50 > text.chars().count() {
        let detail = "neither text nor a workbook: pictures, PDF and packed files are not read";
        return Err(refused(Refusal::ContainerUnreadable, detail));
    }
    let [own, _] = quarantine::OWN_HEADINGS;
    let start = text.trim_start_matches(['\u{feff}', '"']).trim_start();
    if start.starts_with(own) {
        let detail = "a quarantine file of this program; its own profile reads it";
        return Err(refused(Refusal::ContainerUnreadable, detail));
    }
    match start.chars().next() {
        Some('<') => xml(path, encoding, options),
        Some('{') if is_json_lines(start) => Ok(Found::Jsonl),
        Some('[' | '{') => json(path, options),
        _ => csv(path, &text, encoding, is_guessed, options),
    }
}

pub(super) fn open(path: &Path) -> Result<BufReader<File>, ReadError<Infallible>> {
    File::open(path).map(BufReader::new).map_err(ReadError::Io)
}

/// The encoding, and whether it is a guess: a byte order mark and valid UTF-8 are none.
fn encoding_of(
    path: &Path,
    head: &[u8],
) -> Result<(&'static Encoding, bool), ReadError<Infallible>> {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return Ok((encoding, false));
    }
    // UTF-16 of Latin letters: every other byte is zero.
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    for (encoding, from) in [(UTF_16LE, 1), (UTF_16BE, 0)] {
        if zeros(from) * 5 > head.len() && zeros(1 - from) == 0 {
            return Ok((encoding, true));
        }
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    let mut file = open(path)?;
    let mut chunk = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut chunk).map_err(ReadError::Io)?;
        detector.feed(chunk.get(..count).unwrap_or_default(), count == 0);
        if count == 0 {
            break;
        }
    }
    let encoding = detector.guess(None, Utf8Detection::Allow);
    Ok((encoding, encoding != UTF_8))
}

/// The head as text; a letter cut at its end is left out.
fn decoded(head: &[u8], encoding: &'static Encoding) -> String {
    let mut text = String::with_capacity(head.len() * 3 + 16);
    let mut decoder = encoding.new_decoder();
    let _ = decoder.decode_to_string(head, &mut text, false);
    text
}

/// Whether the first line is an object of its own and the next one begins another.
fn is_json_lines(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let is_object = |line: &str| {
        serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line).is_ok()
    };
    lines.next().is_some_and(is_object)
        && lines.next().is_none_or(|line| line.trim_start().starts_with('{'))
}

fn json(path: &Path, options: &Options<'_>) -> Result<Found, ReadError<Infallible>> {
    let found = outline::of_json(Decoded::new(open(path)?, UTF_8))?;
    let (rows, outline, others) = chosen(found, options, |path| path.split('.').count())?;
    Ok(Found::Json { rows, outline, others })
}

fn xml(
    path: &Path,
    encoding: &'static Encoding,
    options: &Options<'_>,
) -> Result<Found, ReadError<Infallible>> {
    let found = outline::of_xml(Decoded::new(open(path)?, encoding))?;
    let (rows, outline, others) = chosen(found, options, |path| path.split('/').count())?;
    Ok(Found::Xml { rows, outline, others, encoding })
}

/// The rows asked for, else the outermost, and of those the most.
fn chosen(
    mut found: outline::Outline,
    options: &Options<'_>,
    depth: impl Fn(&str) -> usize,
) -> Result<(String, outline::Rows, Vec<String>), ReadError<Infallible>> {
    let best = match options.rows {
        Some(asked) => Some(asked.to_owned()).filter(|asked| found.contains_key(asked)),
        None => found
            .iter()
            .min_by_key(|(path, rows)| (depth(path), std::cmp::Reverse(rows.count)))
            .map(|(path, _)| path.clone()),
    };
    let Some((path, rows)) = best.and_then(|path| found.remove_entry(&path)) else {
        let paths: Vec<&str> = found.keys().map(String::as_str).take(10).collect();
        let detail = match paths.is_empty() {
            true => "no rows were found in it: nothing comes again and again".to_owned(),
            false => format!("there are no rows there; rows are at {}", paths.join(", ")),
        };
        return Err(refused(Refusal::ContainerUnreadable, detail));
    };
    Ok((path, rows, found.into_keys().collect()))
}

fn workbook(path: &Path, options: &Options<'_>) -> Result<Found, ReadError<Infallible>> {
    let sheets = xlsx::sheets(open(path)?)?;
    // The sheet asked for, else the one with the most rows.
    let mut best: Option<(u64, &String, Leading)> = None;
    for name in sheets.iter().filter(|name| options.sheet.is_none_or(|asked| asked == *name)) {
        let (mut count, mut first) = (0, Leading::default());
        xlsx::each_as_it_stands(&Sheet::Name(name.clone()), open(path)?, &mut |number, cells| {
            count += 1;
            first.take(number, cells, options);
            Ok(())
        })?;
        if best.as_ref().is_none_or(|(known, ..)| count > *known) {
            best = Some((count, name, first));
        }
    }
    let Some((count, sheet, first)) = best else {
        return Err(refused(Refusal::SheetMissing, format!("sheets: {}", sheets.join(", "))));
    };
    if count == 0 {
        return Err(ReadError::refused(Refusal::FileEmpty));
    }
    let others = sheets.iter().filter(|name| *name != sheet).cloned().collect();
    Ok(Found::Xlsx { header: header(&first, options)?, sheet: sheet.clone(), others })
}

/// The first rows of a table, with their numbers.
#[derive(Default)]
struct Leading {
    rows: Vec<Vec<String>>,
    numbers: Vec<u64>,
}

impl Leading {
    fn take(&mut self, number: u64, cells: &dyn Cells, options: &Options<'_>) {
        let asked = options.header_row.and_then(|row| usize::try_from(row).ok()).unwrap_or(0);
        if self.rows.len() < LEADING_ROWS.max(asked.min(10_000)) {
            self.rows.push((0..cells.width()).map(|at| tidy(&cells.text(at))).collect());
            self.numbers.push(number);
        }
    }
}

fn csv(
    path: &Path,
    text: &str,
    encoding: &'static Encoding,
    is_guessed: bool,
    options: &Options<'_>,
) -> Result<Found, ReadError<Infallible>> {
    let dialect = CsvDialect {
        delimiter: delimiter(text),
        quote: b'"',
        encoding,
        encoding_errors: EncodingErrors::Refuse,
    };
    let mut first = Leading::default();
    let table = TableRules::first_row();
    let reading = Reading { dialect: &dialect, table: &table, origin: Origin::Publisher };
    reading.each_as_it_stands(open(path)?, &mut |number, cells| {
        first.take(number, cells, options);
        Ok::<(), ReadError<Infallible>>(())
    })?;
    let header = header(&first, options)?;
    Ok(Found::Csv { dialect, is_guessed, header })
}

/// The mark that cuts the most rows into the same number of cells, more than one.
fn delimiter(text: &str) -> u8 {
    let cuts = |delimiter: u8| {
        let mut reader = ::csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
        for record in reader.records().take(200).flatten() {
            *widths.entry(record.len()).or_default() += 1;
        }
        let usual = widths.iter().filter(|(width, _)| **width > 1).max_by_key(|(_, rows)| **rows);
        usual.map_or((0, 0), |(width, rows)| (*rows, *width))
    };
    let best = b",;\t|".iter().copied().max_by_key(|delimiter| {
        // Of equals the comma.
        (cuts(*delimiter), *delimiter == b',')
    });
    best.unwrap_or(b',')
}

/// The row that reads like headings: distinct texts without numbers, days or persons' numbers, of
/// which one at least is known. The row asked for is taken as it stands.
fn header(
    Leading { rows, numbers }: &Leading,
    options: &Options<'_>,
) -> Result<Headings, ReadError<Infallible>> {
    let found = match options.header_row {
        Some(asked) => numbers
            .iter()
            .position(|number| *number == asked)
            .filter(|at| rows.get(*at).is_some_and(|row| row.iter().all(|cell| is_heading(cell)))),
        None => {
            let known = |row: &Vec<String>| {
                let filled: Vec<&String> = row.iter().filter(|cell| !cell.is_empty()).collect();
                let is_header = filled.len() >= 2 && filled.iter().all(|cell| is_heading(cell));
                if !is_header {
                    return 0;
                }
                filled.iter().filter(|cell| !topics(cell).is_empty()).count()
            };
            let counted = rows.iter().map(known).enumerate();
            counted
                .filter(|(_, known)| *known > 0)
                .max_by_key(|(at, known)| (*known, std::cmp::Reverse(*at)))
                .map(|(at, _)| at)
        }
    };
    let header = found.and_then(|at| Some((numbers.get(at)?, rows.get(at)?)));
    header.map(|(row, texts)| Headings { row: *row, texts: texts.clone() }).ok_or_else(|| {
        let detail = match options.header_row {
            Some(row) => format!("row {row} holds no headings"),
            None => {
                "no row reads like headings; say which one it is with --header-row N, or put one \
                     above the rows"
                    .to_owned()
            }
        };
        refused(Refusal::ColumnMissing, detail)
    })
}

/// Whether a cell may be a heading: what holds a day or a number is a row's.
fn is_heading(cell: &str) -> bool {
    let is_number =
        cell.bytes().any(|b| b.is_ascii_digit()) && !cell.chars().any(char::is_alphabetic);
    cell.chars().count() <= HEADING_MAX && !is_number && personal::scan(cell).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_cuts_evenly() {
        for (text, expect) in [
            ("a,b\n1,2\n", b','),
            ("a;b\n\"1,5\";2,5\n3,5;4,5\n", b';'),
            ("a\tb,c\n1\t2\n", b'\t'),
            ("a|b|c\n1|2|3\n", b'|'),
            ("alone\n1\n", b','),
        ] {
            assert_eq!(delimiter(text), expect, "{text}");
        }
    }

    #[test]
    fn rows_of_values_are_no_headings() {
        let rows = |texts: &[&[&str]]| -> Vec<Vec<String>> {
            texts.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect()
        };
        let options = Options::default();
        let find = |texts: &[&[&str]]| {
            let rows = rows(texts);
            let numbers: Vec<u64> = (1..).take(rows.len()).collect();
            header(&Leading { rows, numbers }, &options).ok().map(|header| header.row)
        };
        assert_eq!(find(&[&["Name", "Town"], &["Alpha Ltd", "Ulm"]]), Some(1));
        assert_eq!(find(&[&["List of firms", ""], &["Firm Name", "No"], &["Alpha", "1"]]), Some(2));
        assert_eq!(find(&[&["900000", "ROW 0, PERSON", "individual"]]), None);
        assert_eq!(find(&[&["Jo Doe", "Ulm"], &["Jane Roe", "Bonn"]]), None);
    }
}
