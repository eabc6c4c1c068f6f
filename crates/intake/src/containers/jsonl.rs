//! The registry's own record format: one JSON object a line (docs/authorities/own-format.md).

use std::fmt;
use std::io::BufRead;

use domain::record::{Body, RecordType};
use domain::refusal::{Problem, Refusal};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

use super::{ROW_BYTES_MAX, RawRow, RowSink};
use crate::candidate::{Candidate, OtherName, Part, RawIdentifier};
use crate::read::ReadError;
use crate::text::tidy;

/// How much of a line that is too long is passed over before the file is given up: a stream without
/// a line break would otherwise never end.
const PASSED_OVER_MAX: usize = 64 << 20;
/// Fields of one line; no record type has as many.
const FIELDS_MAX: usize = 64;

/// Hands each line to `sink` as a row of one cell.
pub(crate) fn read<E>(mut bytes: impl BufRead, sink: RowSink<'_, E>) -> Result<(), ReadError<E>> {
    let mut line = Vec::new();
    let mut number: u64 = 0;
    loop {
        line.clear();
        number = number.saturating_add(1);
        let is_cut = match read_line(&mut bytes, &mut line)? {
            Taken::End => return Ok(()),
            Taken::Line => false,
            Taken::Cut => true,
        };
        if line.len() > ROW_BYTES_MAX {
            // Rows fail singly: the rest of the line is passed over without being kept.
            if is_cut {
                skip_line(&mut bytes, number)?;
            }
            sink(RawRow { number, cells: Vec::new(), fault: Some(Refusal::TextTooLong) })?;
            continue;
        }
        let text = match (number, line.strip_prefix(b"\xef\xbb\xbf")) {
            (1, Some(rest)) => rest,
            _ => line.as_slice(),
        };
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        sink(match std::str::from_utf8(text) {
            Ok(text) => RawRow { number, cells: vec![text.trim().to_owned()], fault: None },
            Err(_) => RawRow { number, cells: Vec::new(), fault: Some(Refusal::EncodingBroken) },
        })?;
    }
}

/// Passes over what is left of a line.
fn skip_line<E>(bytes: &mut impl BufRead, number: u64) -> Result<(), ReadError<E>> {
    let mut passed_over = 0;
    loop {
        if passed_over > PASSED_OVER_MAX {
            let problem = Problem::of_row(number, None, Refusal::ContainerUnreadable);
            let problem = problem.with_detail("a line does not end within 64 MiB");
            return Err(ReadError::Refused(vec![problem]));
        }
        let (taken, is_end) = match bytes.fill_buf() {
            Ok([]) => return Ok(()),
            Ok(buffer) => match buffer.iter().position(|byte| *byte == b'\n') {
                Some(end) => (end + 1, true),
                None => (buffer.len(), false),
            },
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(ReadError::Io(error)),
        };
        bytes.consume(taken);
        passed_over += taken;
        if is_end {
            return Ok(());
        }
    }
}

/// What was taken of the file.
enum Taken {
    /// Nothing: it is at its end.
    End,
    /// A line with its break, or the last one.
    Line,
    /// The beginning of a line that is too long.
    Cut,
}

/// The next line without its break, cut once it is longer than a row may be.
fn read_line<E>(bytes: &mut impl BufRead, line: &mut Vec<u8>) -> Result<Taken, ReadError<E>> {
    let mut is_any = false;
    loop {
        let buffer = match bytes.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(ReadError::Io(error)),
        };
        if buffer.is_empty() {
            return Ok(if is_any { Taken::Line } else { Taken::End });
        }
        is_any = true;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let taken = end.unwrap_or(buffer.len());
        line.extend(buffer.iter().take(taken));
        bytes.consume(end.map_or(taken, |end| end + 1));
        if end.is_some() {
            return Ok(Taken::Line);
        }
        if line.len() > ROW_BYTES_MAX {
            return Ok(Taken::Cut);
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    key: String,
    list: Option<String>,
    organisation: OrganisationLine,
    #[serde(default)]
    entries: Vec<String>,
    start: Option<String>,
    end: Option<String>,
    #[serde(default)]
    fields: Fields,
    source: Option<SourceLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrganisationLine {
    entry: Option<String>,
    kind: String,
    name: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    names: Vec<NameLine>,
    #[serde(default)]
    identifiers: Vec<IdentifierLine>,
    country: Option<String>,
    place: Option<String>,
    legal_form: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NameLine {
    text: String,
    #[serde(default)]
    language: String,
    role: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentifierLine {
    scheme: String,
    value: String,
}

/// Where whoever wrote the line found the fact. It documents the file and is checked for its shape;
/// what a record says about its source comes from the list's definition in the pack.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceLine {
    url: Option<String>,
    read_on: Option<String>,
}

/// The fields of the record type, each at most once.
#[derive(Default)]
struct Fields(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fields, D::Error> {
        struct FieldsVisitor;
        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields: Vec<(String, String)> = Vec::new();
                while let Some((key, text)) = map.next_entry::<String, String>()? {
                    if fields.iter().any(|(known, _)| *known == key) {
                        return Err(A::Error::custom("a field is there twice"));
                    }
                    if fields.len() == FIELDS_MAX {
                        return Err(A::Error::custom("too many fields"));
                    }
                    fields.push((key, text));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(FieldsVisitor)
    }
}

impl SourceLine {
    fn is_shaped(&self) -> bool {
        let is_web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        self.url.as_ref().is_none_or(is_web)
            && self.read_on.as_ref().is_none_or(|day| day.parse::<domain::civil::Day>().is_ok())
    }
}

/// The candidate of a line. The message of the JSON reader may quote the line, so only the place of
/// the fault is passed on.
pub(crate) fn candidate(row: RawRow) -> Result<Candidate, Problem> {
    let number = row.number;
    let text = row.cells.first().map(String::as_str).unwrap_or_default();
    let unreadable = || Problem::of_row(number, None, Refusal::JsonUnreadable);
    let line: Line = serde_json::from_str(text)
        .map_err(|error| unreadable().with_detail(format!("at character {}", error.column())))?;
    if !line.source.as_ref().is_none_or(SourceLine::is_shaped) {
        return Err(Problem { column: Some("source".to_owned()), ..unreadable() });
    }
    let organisation = line.organisation;
    let list = line.list.map(|list| part("list", &list));
    let key = part("key", &line.key);
    Ok(Candidate {
        number,
        list,
        subject_type: Some(part("organisation.kind", &organisation.kind)),
        kind: None,
        person_identifier: None,
        name: part("organisation.name", &organisation.name),
        name_language: organisation.language,
        other_names: organisation.names.into_iter().map(other_name).collect(),
        identifiers: organisation.identifiers.into_iter().map(identifier).collect(),
        country: optional("organisation.country", organisation.country),
        place: optional("organisation.place", organisation.place),
        legal_form: optional("organisation.legal_form", organisation.legal_form),
        entries: line.entries.iter().map(|entry| part("entries", entry)).collect(),
        start: optional("start", line.start),
        end: Some(part("end", line.end.as_deref().unwrap_or_default())),
        fields: line
            .fields
            .0
            .into_iter()
            .map(|(key, text)| {
                let part = part(&format!("fields.{}", known_key(&key)), &text);
                (key, part)
            })
            .collect(),
        row_key: vec![key],
        occurrence: Vec::new(),
        organisation_key: optional("organisation.entry", organisation.entry).into_iter().collect(),
        cells: row.cells,
    })
}

/// A key of the line in a problem: only when it is a field of some record type, since any other key
/// is a text of the file, and problems hold none.
fn known_key(key: &str) -> &str {
    let is_known =
        RecordType::ALL.into_iter().any(|record_type| Body::field_keys(record_type).contains(&key));
    if is_known { key } else { "?" }
}

fn part(column: &str, text: &str) -> Part {
    Part { column: column.to_owned(), cell: None, text: tidy(text) }
}

fn optional(column: &str, text: Option<String>) -> Option<Part> {
    text.map(|text| part(column, &text)).filter(|part| !part.is_empty())
}

fn other_name(name: NameLine) -> OtherName {
    OtherName {
        part: part("organisation.names", &name.text),
        role: name.role.unwrap_or_else(|| "other".to_owned()),
        language: name.language,
    }
}

fn identifier(identifier: IdentifierLine) -> RawIdentifier {
    RawIdentifier {
        part: part("organisation.identifiers", &identifier.value),
        scheme: identifier.scheme,
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::io::BufReader;

    use super::*;

    /// Row numbers and faults of `text`, read through a buffer of `capacity` bytes.
    fn faults(text: &[u8], capacity: usize) -> Vec<(u64, Option<Refusal>)> {
        let mut rows = Vec::new();
        let mut sink = |row: RawRow| {
            rows.push((row.number, row.fault));
            Ok::<(), ReadError<Infallible>>(())
        };
        read(BufReader::with_capacity(capacity, text), &mut sink).unwrap();
        rows
    }

    #[test]
    fn a_line_that_is_too_long_fails_alone() {
        for extra in [1, 2, 63, 64, 65, 100_000] {
            let long = "x".repeat(ROW_BYTES_MAX + extra);
            let text = format!("{{}}\n{long}\n{{}}\n{long}");
            for capacity in [64, 8_192, 4 << 20] {
                let too_long = Some(Refusal::TextTooLong);
                let expected = [(1, None), (2, too_long), (3, None), (4, too_long)];
                assert_eq!(faults(text.as_bytes(), capacity), expected, "{extra}, {capacity}");
            }
        }
        let whole = "x".repeat(ROW_BYTES_MAX);
        assert_eq!(faults(whole.as_bytes(), 64), [(1, None)]);
    }
}
