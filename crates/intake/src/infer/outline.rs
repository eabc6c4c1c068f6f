//! Where rows lie in JSON and XML that nobody has described: paths with how often they occur.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::io::{BufReader, Read};

use domain::refusal::{Problem, Refusal};
use quick_xml::events::{BytesStart, Event};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::containers::bounded::{Allowance, Bounded, failed};
use crate::read::ReadError;

/// Arrays, and columns of one, at most.
const PATHS_MAX: usize = 500;
/// Elements within elements.
const DEPTH_MAX: usize = 128;

/// Rows at one path: how many, and in how many of them a column has something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Rows {
    pub(super) count: u64,
    pub(super) columns: BTreeMap<String, u64>,
}

pub(super) type Outline = BTreeMap<String, Rows>;

fn unreadable(detail: &str) -> ReadError<Infallible> {
    let problem = Problem::of_input(Refusal::ContainerUnreadable).with_detail(detail);
    ReadError::Refused(vec![problem])
}

/// Every array of objects that lies in objects only, with the paths within its elements.
pub(super) fn of_json(bytes: impl Read) -> Result<Outline, ReadError<Infallible>> {
    let allowance = Allowance::new();
    let bytes = BufReader::new(Bounded::new(bytes, &allowance));
    let mut deserializer = serde_json::Deserializer::from_reader(bytes);
    let mut outline = Outline::new();
    let mut walk =
        Walk { outline: &mut outline, allowance, path: Vec::new(), rows: None, inner: Vec::new() };
    let walked = walk.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    walked.map_err(|error| {
        if error.is_io() {
            return failed(error.into(), 0, "an element is longer than 1 MiB");
        }
        // The reader's own words may quote the file.
        let (line, column) = (error.line(), error.column());
        unreadable(&format!("no JSON: line {line}, character {column}"))
    })?;
    outline.retain(|_, rows| !rows.columns.is_empty());
    Ok(outline)
}

struct Walk<'a> {
    outline: &'a mut Outline,
    allowance: Allowance,
    /// Keys on the way to the array.
    path: Vec<String>,
    /// The array whose elements are gone through.
    rows: Option<String>,
    /// Keys within the element.
    inner: Vec<String>,
}

impl Walk<'_> {
    fn note_text(&mut self) {
        let Some(rows) = self.rows.as_ref().and_then(|path| self.outline.get_mut(path)) else {
            return;
        };
        // A key with a full stop in it cannot be named in a path.
        if self.inner.is_empty() || self.inner.iter().any(|key| key.contains('.')) {
            return;
        }
        let column = self.inner.join(".");
        if rows.columns.len() < PATHS_MAX || rows.columns.contains_key(&column) {
            *rows.columns.entry(column).or_default() += 1;
        }
    }
}

impl<'de> DeserializeSeed<'de> for &mut Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<X>(self) -> Result<(), X> {
        self.note_text();
        Ok(())
    }

    fn visit_bool<X>(self, _: bool) -> Result<(), X> {
        self.note_text();
        Ok(())
    }

    fn visit_u64<X>(self, _: u64) -> Result<(), X> {
        self.note_text();
        Ok(())
    }

    fn visit_i64<X>(self, _: i64) -> Result<(), X> {
        self.note_text();
        Ok(())
    }

    fn visit_f64<X>(self, _: f64) -> Result<(), X> {
        self.note_text();
        Ok(())
    }

    fn visit_str<X>(self, _: &str) -> Result<(), X> {
        self.note_text();
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let begins = self.rows.is_none();
        if begins {
            let path = self.path.join(".");
            if self.outline.len() >= PATHS_MAX && !self.outline.contains_key(&path) {
                return Err(A::Error::custom("too many arrays"));
            }
            self.outline.entry(path.clone()).or_default();
            self.rows = Some(path);
        }
        while elements.next_element_seed(&mut *self)?.is_some() {
            if begins {
                self.allowance.renew();
                if let Some(rows) = self.rows.as_ref().and_then(|path| self.outline.get_mut(path)) {
                    rows.count += 1;
                }
            }
        }
        if begins {
            self.rows = None;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let is_inside = self.rows.is_some();
            if is_inside {
                self.inner.push(key);
            } else {
                self.path.push(key);
            }
            map.next_value_seed(&mut *self)?;
            if is_inside {
                self.inner.pop();
            } else {
                self.path.pop();
                self.allowance.renew();
            }
        }
        Ok(())
    }
}

/// The elements that come again and again, the outermost first, with the paths within them.
pub(super) fn of_xml(bytes: impl Read) -> Result<Outline, ReadError<Infallible>> {
    let allowance = Allowance::new();
    let mut reader =
        quick_xml::Reader::from_reader(BufReader::new(Bounded::new(bytes, &allowance)));
    let mut seen = Elements::default();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        allowance.renew();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Eof) if seen.open.is_empty() => break,
            Ok(Event::Eof) => return Err(unreadable("no XML: it ends in the middle")),
            Ok(Event::DocType(_)) => {
                return Err(unreadable("a document type (DOCTYPE) is not read; remove it"));
            }
            Ok(Event::Start(start)) => seen.begin(&start)?,
            Ok(Event::Empty(start)) => {
                seen.begin(&start)?;
                seen.open.pop();
            }
            Ok(Event::End(_)) => drop(seen.open.pop()),
            Ok(Event::Text(text)) => seen.text(!text.xml10_content().trim().is_empty()),
            Ok(Event::CData(_) | Event::GeneralRef(_)) => seen.text(true),
            Ok(_) => {}
            Err(quick_xml::Error::Io(error)) => {
                let error = std::sync::Arc::try_unwrap(error)
                    .unwrap_or_else(|shared| std::io::Error::other(shared.to_string()));
                return Err(failed(error, 0, "an element is longer than 1 MiB"));
            }
            Err(_) => {
                return Err(unreadable("no XML: an element is not closed, or a mark is wrong"));
            }
        }
    }
    Ok(seen.outline())
}

#[derive(Default)]
struct Elements {
    open: Vec<String>,
    counts: BTreeMap<String, u64>,
    /// Paths that hold text, attributes among them.
    texts: BTreeMap<String, u64>,
}

impl Elements {
    fn begin(&mut self, start: &BytesStart<'_>) -> Result<(), ReadError<Infallible>> {
        if self.open.len() >= DEPTH_MAX || self.counts.len() > PATHS_MAX {
            return Err(unreadable("its elements lie too deep, or have too many names"));
        }
        self.open.push(start.local_name().as_ref().to_owned());
        let path = self.open.join("/");
        for attribute in start.attributes().flatten() {
            let name = attribute.key.local_name();
            *self.texts.entry(format!("{path}/@{}", name.as_ref())).or_default() += 1;
        }
        *self.counts.entry(path).or_default() += 1;
        Ok(())
    }

    fn text(&mut self, is_filled: bool) {
        if is_filled && !self.open.is_empty() && self.texts.len() < PATHS_MAX {
            *self.texts.entry(self.open.join("/")).or_default() += 1;
        }
    }

    fn outline(&self) -> Outline {
        let mut outline = Outline::new();
        for (path, count) in &self.counts {
            let prefix = format!("{path}/");
            let columns: BTreeMap<String, u64> = self
                .texts
                .iter()
                .filter_map(|(text, count)| Some((text.strip_prefix(&prefix)?.to_owned(), *count)))
                .collect();
            if path.contains('/') && *count > 1 && !columns.is_empty() {
                outline.insert(path.clone(), Rows { count: *count, columns });
            }
        }
        outline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_and_elements_are_found_with_their_columns() {
        let text = br#"{"at": 1, "data": {"items": [{"name": "A", "tags": ["x", "y"], "seat": {"town": "U"}},
            {"name": null, "a.b": 1}], "none": []}}"#;
        let outline = of_json(text.as_slice()).unwrap();
        assert_eq!(outline.len(), 1);
        let rows = &outline["data.items"];
        assert_eq!(rows.count, 2);
        assert_eq!(rows.columns.keys().collect::<Vec<_>>(), ["name", "seat.town", "tags"]);
        let text = b"<l><at>1</at><e id='1'><n>A</n><s><t>U</t></s></e><e id='2'><n>B</n></e></l>";
        let outline = of_xml(text.as_slice()).unwrap();
        assert_eq!(outline["l/e"].count, 2);
        assert_eq!(outline["l/e"].columns.keys().collect::<Vec<_>>(), ["@id", "n", "s/t"]);
    }

    #[test]
    fn what_is_no_json_or_xml_is_refused() {
        for text in ["{", "[1,", "x", "{\"a\": [}"] {
            assert!(of_json(text.as_bytes()).is_err(), "{text}");
        }
        for text in ["<a>", "<a></b>", "<!DOCTYPE a []><a/>"] {
            assert!(of_xml(text.as_bytes()).is_err(), "{text}");
        }
        assert!(of_json("[".repeat(100_000).as_bytes()).is_err());
        assert!(of_xml("<a>".repeat(100_000).as_bytes()).is_err());
    }
}
