//! XML whose rows are the elements at a path, streaming. Names are compared without their prefix.
//! A document type, and with it every entity beyond the five of XML itself, is refused: a few lines
//! of them can stand for gigabytes.

use std::io::{BufReader, Read};

use domain::refusal::{Problem, Refusal};
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::bounded::{Allowance, Bounded, failed};
use super::tree::Paths;
use super::{ROW_BYTES_MAX, RowSink};
use crate::profile::TreeRules;
use crate::read::ReadError;

/// Elements within elements.
const DEPTH_MAX: usize = 128;

/// Hands each element at `rules.row` to `sink`, numbered from 1. `bytes` are UTF-8.
pub(crate) fn read<E>(
    rules: &TreeRules,
    wanted: &[String],
    bytes: impl Read,
    sink: RowSink<'_, E>,
) -> Result<(), ReadError<E>> {
    let allowance = Allowance::new();
    let bytes = BufReader::new(Bounded::new(bytes, &allowance));
    let mut reader = quick_xml::Reader::from_reader(bytes);
    let mut rows = Rows {
        rules,
        columns: wanted.iter().map(|path| Column::new(path)).collect(),
        open: Vec::new(),
        row: None,
        number: 0,
    };
    let mut paths = Paths::new(wanted, rules);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer);
        let taken = match event {
            Ok(Event::Eof) if rows.open.is_empty() => break,
            Ok(Event::Eof) => Err("it ends in the middle"),
            Ok(Event::DocType(_)) => Err("a document type (DOCTYPE) is not read; remove it"),
            Ok(Event::Start(start)) => rows.begin(&start).map(|()| None),
            Ok(Event::Empty(start)) => rows.begin(&start).map(|()| rows.end()),
            Ok(Event::End(_)) => Ok(rows.end()),
            Ok(Event::Text(text)) => {
                rows.text(&text.xml10_content());
                Ok(None)
            }
            Ok(Event::CData(text)) => {
                rows.text(&text.xml10_content());
                Ok(None)
            }
            Ok(Event::GeneralRef(reference)) => rows.reference(&reference).map(|()| None),
            Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => Ok(None),
            Err(quick_xml::Error::Io(error)) => {
                let error = std::sync::Arc::try_unwrap(error)
                    .unwrap_or_else(|shared| std::io::Error::other(shared.to_string()));
                return Err(failed(error, rows.number, "an element is longer than 1 MiB"));
            }
            Err(_) => Err("an element is not closed, or a mark is wrong"),
        };
        if rows.row.is_none() {
            // Between rows too no more than a row's worth may be read at a time.
            allowance.renew();
        }
        match taken {
            Ok(None) => {}
            Ok(Some(Finished::Row(found))) => paths.row(rows.number, found, sink)?,
            Ok(Some(Finished::TooLong)) => {
                paths.fault(rows.number, Refusal::TextTooLong, sink)?;
            }
            Err(why) => {
                let problem = Problem::of_input(Refusal::ContainerUnreadable);
                let at = reader.buffer_position();
                let problem =
                    problem.with_detail(format!("no XML as it is read here: {why} (byte {at})"));
                return Err(ReadError::Refused(vec![problem]));
            }
        }
    }
    if rows.number == 0 {
        let detail = "there is no element at container.rows";
        let problem = Problem::of_input(Refusal::ContainerUnreadable).with_detail(detail);
        return Err(ReadError::Refused(vec![problem]));
    }
    paths.finish(sink)
}

/// A path within a row: elements, and at its end perhaps an attribute.
struct Column {
    elements: Vec<String>,
    attribute: Option<String>,
}

impl Column {
    /// `name`, `address/city`, `@id`, `address/@kind`, or `.` for the text of the row itself.
    fn new(path: &str) -> Column {
        let mut elements: Vec<String> =
            path.split('/').filter(|step| *step != ".").map(str::to_owned).collect();
        let attribute = elements.last().and_then(|last| last.strip_prefix('@')).map(str::to_owned);
        if attribute.is_some() {
            elements.pop();
        }
        Column { elements, attribute }
    }
}

enum Finished {
    Row(Vec<Vec<String>>),
    TooLong,
}

/// The elements that are open, and the row being put together.
struct Rows<'a> {
    rules: &'a TreeRules,
    columns: Vec<Column>,
    open: Vec<String>,
    row: Option<Row>,
    number: u64,
}

struct Row {
    found: Vec<Vec<String>>,
    bytes: usize,
}

impl Rows<'_> {
    fn begin(&mut self, start: &BytesStart<'_>) -> Result<(), &'static str> {
        if self.open.len() >= DEPTH_MAX {
            return Err("elements lie too deep within each other");
        }
        self.open.push(start.local_name().as_ref().to_owned());
        if self.row.is_none() && self.open == self.rules.row {
            self.number = self.number.saturating_add(1);
            self.row = Some(Row { found: vec![Vec::new(); self.columns.len()], bytes: 0 });
        }
        let Some(row) = &mut self.row else { return Ok(()) };
        let inside = self.open.get(self.rules.row.len()..).unwrap_or_default();
        for (column, found) in self.columns.iter().zip(&mut row.found) {
            if column.elements != inside {
                continue;
            }
            match &column.attribute {
                None => found.push(String::new()),
                Some(name) => {
                    let before = found.len();
                    // Comparing each attribute with each would take minutes for a full row; only
                    // the wanted one has to be there once.
                    for attribute in start.attributes().with_checks(false) {
                        let attribute = attribute.map_err(|_| "an attribute is written wrongly")?;
                        if attribute.key.local_name().as_ref() == name.as_str() {
                            let text = attribute
                                .normalized_value(quick_xml::XmlVersion::Explicit1_0)
                                .map_err(|_| "an attribute refers to an unknown entity")?;
                            if found.len() > before {
                                return Err("an attribute is there twice");
                            }
                            row.bytes += text.len();
                            found.push(text.into_owned());
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Option<Finished> {
        let is_row = self.row.is_some() && self.open.len() == self.rules.row.len();
        self.open.pop();
        let row = if is_row { self.row.take() } else { None }?;
        Some(if row.bytes > ROW_BYTES_MAX { Finished::TooLong } else { Finished::Row(row.found) })
    }

    /// Text of the element that is open, added to what it has so far.
    fn text(&mut self, text: &str) {
        let Some(row) = &mut self.row else { return };
        row.bytes += text.len();
        let inside = self.open.get(self.rules.row.len()..).unwrap_or_default();
        for (column, found) in self.columns.iter().zip(&mut row.found) {
            if column.attribute.is_none()
                && column.elements == inside
                && let Some(last) = found.last_mut()
            {
                last.push_str(text);
            }
        }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), &'static str> {
        const UNKNOWN: &str = "it refers to an unknown entity";
        if let Some(character) = reference.resolve_char_ref().map_err(|_| UNKNOWN)? {
            self.text(character.encode_utf8(&mut [0; 4]));
            return Ok(());
        }
        self.text(resolve_xml_entity(reference).ok_or(UNKNOWN)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::super::RawRow;
    use super::*;

    fn rows(path: &str, wanted: &[&str], text: &str) -> Result<Vec<RawRow>, Vec<Problem>> {
        let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        let rules =
            TreeRules { row: path.split('/').map(str::to_owned).collect(), ..TreeRules::default() };
        let mut rows = Vec::new();
        let result = read::<Infallible>(&rules, &wanted, text.as_bytes(), &mut |row| {
            rows.push(row);
            Ok(())
        });
        match result {
            Ok(()) => Ok(rows),
            Err(ReadError::Refused(problems)) => Err(problems),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn cells_lie_on_paths_with_attributes_and_repetitions() {
        let text = r#"<?xml version="1.0"?><x:list xmlns:x="u"><note>n</note>
            <x:firm id="7"><name>Ромашка &amp; <![CDATA[<Co>]]></name><aka>A</aka><aka>B&#65;</aka>
              <seat town="威海"/></x:firm>
            <x:firm id="8"><name>Beta</name><seat town="Bonn"/></x:firm></x:list>"#;
        let wanted = ["name", "@id", "aka", "seat/@town"];
        let found = rows("list/firm", &wanted, text).unwrap();
        assert_eq!(found[0].cells, ["Ромашка & <Co>", "7", "A; BA", "威海"]);
        assert_eq!(found[1].cells, ["Beta", "8", "", "Bonn"]);
    }

    #[test]
    fn bombs_and_broken_files_are_refused() {
        let bomb = "<!DOCTYPE l [<!ENTITY a \"xxxx\"><!ENTITY b \"&a;&a;\">]><l><f>&b;</f></l>";
        let deep = "<a>".repeat(500);
        for text in
            [bomb, "<l><f>&b;</f></l>", "<l><f>", "<l><f></l></f>", "", "no xml", &deep, "<l/>"]
        {
            let found = rows("l/f", &["."], text);
            let Err(problems) = found else { panic!("{text:.60}: {found:?}") };
            assert_eq!(problems[0].refusal, Refusal::ContainerUnreadable, "{text:.60}");
        }
        let endless = format!("<l><f>{}", "x".repeat(3 * ROW_BYTES_MAX));
        assert_eq!(rows("l/f", &["."], &endless).unwrap_err()[0].row, Some(2));
    }

    #[test]
    fn a_path_that_no_row_has_is_told() {
        let problems = rows("l/f", &["n", "m"], "<l><f><n>A</n></f></l>").unwrap_err();
        assert_eq!(problems[0].column.as_deref(), Some("m"));
    }
}
