//! Looks through a spreadsheet before it is opened: a few megabytes of ZIP can hold terabytes of
//! XML, and what the file says of its own size (the directory of the ZIP, the number of texts, the
//! place of a cell) need not be true. The reader of sheets believes it, so it is checked here.

use std::io::{BufReader, Read, Seek};

use domain::refusal::{Problem, Refusal};
use quick_xml::Error as XmlError;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::result::ZipError;

use super::super::bounded::{Allowance, Bounded, is_too_long};
use super::{COLUMNS_MAX, ROWS_MAX};
use crate::read::ReadError;

/// Parts that are held in memory, all together: shared texts, styles, the list of sheets.
const HELD_BYTES_MAX: u64 = 256 << 20;
/// Parts that are streamed, all together: sheets. A million rows of forty columns take half of it.
const STREAMED_BYTES_MAX: u64 = 4 << 30;
/// Parts of one file.
const PARTS_MAX: usize = 10_000;
/// Shared texts of one file: each takes at least `<si/>` of the bytes that are held.
const TEXTS_MAX: u64 = HELD_BYTES_MAX / 5;

const TOO_LARGE: &str = "unpacked it is too large";

/// Parts the reader holds in memory, wherever the file says that they lie.
const HELD: [&str; 4] = ["sharedstrings.xml", "styles.xml", "workbook.xml", ".rels"];
/// Elements whose whole content is put together, up to their end mark.
const GATHERED: [&str; 6] = ["c", "is", "t", "v", "f", "si"];

/// Refuses a file that would fill the memory or stop the reader (302). Macros, pictures and
/// everything else that is no XML are not looked at, for they are never read; of formulas the value
/// that was stored is.
pub(super) fn refuse<E>(bytes: &mut (impl Read + Seek)) -> Result<(), ReadError<E>> {
    let mut archive = ZipArchive::new(bytes).map_err(unreadable)?;
    if archive.len() > PARTS_MAX {
        return Err(refused("it has too many parts"));
    }
    look_through_all(&mut archive, HELD_BYTES_MAX, STREAMED_BYTES_MAX)
}

/// One allowance for all parts of a kind: several of them may be the same bytes, named again and
/// again.
fn look_through_all<E>(
    archive: &mut ZipArchive<impl Read + Seek>,
    mut held: u64,
    mut streamed: u64,
) -> Result<(), ReadError<E>> {
    for number in 0..archive.len() {
        let part = archive.by_index(number).map_err(unreadable)?;
        let name = part.name().map_err(unreadable)?.to_ascii_lowercase();
        if !(name.ends_with(".xml") || name.ends_with(".rels")) {
            continue;
        }
        let is_sheet =
            name.starts_with("xl/worksheets/") && !HELD.iter().any(|held| name.ends_with(held));
        let left = if is_sheet { &mut streamed } else { &mut held };
        // What says so itself need not be unpacked to know; what says less is counted.
        if part.size() > *left {
            return Err(refused(TOO_LARGE));
        }
        look_through(part, left).map_err(refused)?;
    }
    Ok(())
}

/// Reads a part exactly as the reader of sheets does, and keeps nothing of it.
fn look_through(part: impl Read, left: &mut u64) -> Result<(), &'static str> {
    let allowance = Allowance::new();
    let limit = left.saturating_add(1);
    let mut reader =
        quick_xml::Reader::from_reader(BufReader::new(Bounded::new(part.take(limit), &allowance)));
    let config = reader.config_mut();
    config.check_end_names = false;
    config.check_comments = false;
    config.expand_empty_elements = true;
    let mut buffer = Vec::new();
    // Gathered elements that are open, by their full names: what is gathered ends with its own.
    let mut open: Vec<String> = Vec::new();
    let ended = loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Eof) => break Ok(()),
            Ok(Event::Start(start)) => {
                check_place(&start)?;
                if GATHERED.contains(&start.local_name().as_ref()) {
                    open.push(start.name().as_ref().to_owned());
                }
            }
            Ok(Event::End(end)) => {
                if let Some(at) = open.iter().rposition(|name| name == end.name().as_ref()) {
                    // Index safety: the place was found in this list.
                    open.remove(at);
                }
            }
            Ok(_) => {}
            Err(XmlError::Io(error)) if is_too_long(&error) => {
                break Err("a cell is longer than 1 MiB");
            }
            // What cannot be unpacked, or is no XML, stops the reader of the sheet at this place
            // too, if it needs it.
            Err(_) => break Ok(()),
        }
        if open.is_empty() {
            allowance.renew();
        }
    };
    // By what was taken from the part: a mark that is cut off by the limit is no mark any more.
    let read = limit - reader.get_ref().get_ref().inner().limit();
    if read > *left {
        return Err(TOO_LARGE);
    }
    *left = left.saturating_sub(read);
    ended
}

/// What the reader of sheets believes: places of cells, the number of texts, where a sheet lies.
fn check_place(start: &BytesStart<'_>) -> Result<(), &'static str> {
    const FAR: &str = "a cell lies beyond the last row or column a sheet can have";
    let name = start.local_name();
    let name = name.as_ref();
    if !["c", "row", "dimension", "sst", "Relationship"].contains(&name) {
        return Ok(());
    }
    let mut is_sheet = false;
    let mut is_xml = true;
    for attribute in start.attributes().with_checks(false) {
        // One that is written wrongly stops the reader of the sheet as well.
        let Ok(attribute) = attribute else { return Ok(()) };
        let value = attribute.value.as_ref();
        match (name, attribute.key.local_name().as_ref()) {
            ("c" | "row", "r") => {
                place(value).ok_or(FAR)?;
            }
            ("dimension", "ref") => {
                let (first, last) = value.split_once(':').unwrap_or((value, value));
                let (first, last) = (place(first).ok_or(FAR)?, place(last).ok_or(FAR)?);
                if first.0 > last.0 || first.1 > last.1 {
                    return Err("the sheet says that it ends before it begins");
                }
            }
            ("sst", "uniqueCount") if value.parse().is_ok_and(|count: u64| count > TEXTS_MAX) => {
                return Err("it says that it has more texts than fit into it");
            }
            ("Relationship", "Type") => is_sheet = value.ends_with("sheet"),
            ("Relationship", "Target") => is_xml = value.to_ascii_lowercase().ends_with(".xml"),
            _ => {}
        }
    }
    // A sheet under another ending would not have been looked through.
    if is_sheet && !is_xml { Err("a sheet lies in a part that is no XML") } else { Ok(()) }
}

/// Row and column of `B7`, from 1 (column 0 where there is none), within what a sheet can have.
fn place(text: &str) -> Option<(u64, u64)> {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let letters = text.get(..text.len() - digits.len())?;
    if letters.len() > 3 || digits.len() > 7 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let column = letters.bytes().fold(0, |column: u64, letter| {
        column * 26 + u64::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    let row = digits.parse().ok()?;
    (row <= ROWS_MAX && column <= COLUMNS_MAX as u64).then_some((row, column))
}

fn unreadable<E>(error: ZipError) -> ReadError<E> {
    match error {
        ZipError::Io(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
            ReadError::Io(error)
        }
        _ => ReadError::Refused(vec![Problem::of_input(Refusal::ContainerUnreadable)]),
    }
}

fn refused<E>(detail: &str) -> ReadError<E> {
    let problem = Problem::of_input(Refusal::ContainerUnreadable);
    ReadError::Refused(vec![problem.with_detail(detail)])
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::io::{Cursor, Write};

    use super::*;

    fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    /// What is said of an archive of these parts, with small limits.
    fn judged(parts: &[(&str, &str)]) -> Result<(), String> {
        let mut archive = ZipArchive::new(Cursor::new(archive(parts))).unwrap();
        look_through_all::<Infallible>(&mut archive, 100, 1_000).map_err(|error| match error {
            ReadError::Refused(problems) => problems[0].detail.clone().unwrap_or_default(),
            other => panic!("{other}"),
        })
    }

    #[test]
    fn parts_are_measured_together() {
        let (small, large) = (&"<a/>".repeat(10), &"<a/>".repeat(30));
        let huge = &"<a/>".repeat(300);
        let too_large = Err(TOO_LARGE.to_owned());
        assert_eq!(judged(&[("a.xml", small), ("xl/worksheets/a.xml", large)]), Ok(()));
        assert_eq!(judged(&[("a.xml", large)]), too_large);
        assert_eq!(judged(&[("a.xml", small), ("b.XML", small), ("c.rels", small)]), too_large);
        assert_eq!(judged(&[("xl/worksheets/a.xml", huge)]), too_large);
        assert_eq!(judged(&[("xl/worksheets/SharedStrings.xml", large)]), too_large);
        assert_eq!(judged(&[("xl/vbaProject.bin", huge), ("a.png", huge)]), Ok(()));
        // Whatever size the archive gives for it: what is unpacked is counted.
        let mut left = 100;
        assert_eq!(look_through(large.as_bytes(), &mut left), Err(TOO_LARGE));
        assert_eq!(look_through(small.as_bytes(), &mut left), Ok(()));
        assert_eq!(left, 60);
    }

    #[test]
    fn an_archive_that_understates_a_part_unpacks_no_more_than_it_says() {
        let text = "<a/>".repeat(10_000);
        let mut bytes = archive(&[("a.xml", &text)]);
        // In the directory and before the part: a size in which nobody would see a bomb.
        for (mark, size_at) in [(b"PK\x01\x02", 24), (b"PK\x03\x04", 22)] {
            for at in 0..bytes.len() - 4 {
                if bytes[at..].starts_with(mark) {
                    bytes[at + size_at..at + size_at + 4].copy_from_slice(&1_u32.to_le_bytes());
                }
            }
        }
        let mut opened = ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut unpacked = Vec::new();
        let result = opened.by_index(0).unwrap().read_to_end(&mut unpacked);
        assert!(result.is_err() || unpacked.len() <= 1, "{}", unpacked.len());
    }
}
