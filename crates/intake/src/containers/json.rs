//! JSON whose rows are the elements of an array, streaming: an array of any length, elements of at
//! most 1 MiB.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::io::{BufReader, Read};

use domain::refusal::{Problem, Refusal};
use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use super::bounded::{Allowance, Bounded, failed};
use super::tree::Paths;
use super::{ROW_BYTES_MAX, RowSink};
use crate::profile::TreeRules;
use crate::read::ReadError;

/// Hands each element of the array at `rules.row` to `sink`, numbered from 1.
pub(crate) fn read<E>(
    rules: &TreeRules,
    wanted: &[String],
    bytes: impl Read,
    sink: RowSink<'_, E>,
) -> Result<(), ReadError<E>> {
    let allowance = Allowance::new();
    let bytes = BufReader::new(Bounded::new(bytes, &allowance));
    let mut deserializer = serde_json::Deserializer::from_reader(bytes);
    let mut rows = Rows {
        paths: Paths::new(wanted, rules),
        columns: wanted.iter().map(|path| path.split('.').map(str::to_owned).collect()).collect(),
        number: 0,
        is_found: false,
        allowance,
        sink,
        stopped: None,
    };
    let parsed = Descent { path: &rules.row, rows: &mut rows }
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end());
    let Rows { paths, number, is_found, sink, stopped, .. } = rows;
    if let Some(stopped) = stopped {
        return Err(stopped);
    }
    if let Err(error) = parsed {
        let is_io = error.is_io();
        let place = format!("line {}, character {}", error.line(), error.column());
        return Err(if is_io {
            failed(
                error.into(),
                number,
                "an element is longer than 1 MiB, or a value beside the rows than 64 MiB",
            )
        } else {
            let problem = Problem::of_input(Refusal::ContainerUnreadable);
            // The reader's own words may quote the file.
            ReadError::Refused(vec![problem.with_detail(format!("no JSON: {place}"))])
        });
    }
    if !is_found {
        let detail = "there is no array at container.rows";
        let problem = Problem::of_input(Refusal::ContainerUnreadable).with_detail(detail);
        return Err(ReadError::Refused(vec![problem]));
    }
    paths.finish(sink)
}

/// The rows and where they go.
struct Rows<'a, 's, E> {
    paths: Paths<'a>,
    /// Each wanted path, step by step.
    columns: Vec<Vec<String>>,
    number: u64,
    is_found: bool,
    allowance: Allowance,
    sink: RowSink<'s, E>,
    /// Why the receiver of the rows stopped the reading.
    stopped: Option<ReadError<E>>,
}

impl<E> Rows<'_, '_, E> {
    fn element(&mut self, raw: &RawValue) -> Result<(), ReadError<E>> {
        self.number = self.number.saturating_add(1);
        self.allowance.renew();
        let node = (raw.get().len() <= ROW_BYTES_MAX).then(|| serde_json::from_str(raw.get()));
        match node {
            None => self.paths.fault(self.number, Refusal::TextTooLong, self.sink),
            Some(Err(_)) => self.paths.fault(self.number, Refusal::JsonUnreadable, self.sink),
            Some(Ok(node)) => {
                let found = self.columns.iter().map(|path| texts_at(&node, path)).collect();
                self.paths.row(self.number, found, self.sink)
            }
        }
    }
}

/// Goes down `path` to the array.
struct Descent<'p, 'r, 'a, 's, E> {
    path: &'p [String],
    rows: &'r mut Rows<'a, 's, E>,
}

impl<'de, E> DeserializeSeed<'de> for Descent<'_, '_, '_, '_, E> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.path.is_empty() {
            deserializer.deserialize_seq(self)
        } else {
            deserializer.deserialize_map(self)
        }
    }
}

impl<'de, E> Visitor<'de> for Descent<'_, '_, '_, '_, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the rows at their path")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        self.rows.is_found = true;
        while let Some(element) = elements.next_element::<Box<RawValue>>()? {
            if let Err(stopped) = self.rows.element(&element) {
                self.rows.stopped = Some(stopped);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((step, rest)) = self.path.split_first() else { return Ok(()) };
        while let Some(key) = map.next_key::<String>()? {
            if key != *step {
                self.rows.allowance.skip();
                map.next_value::<IgnoredAny>()?;
                self.rows.allowance.renew();
            } else if self.rows.is_found {
                return Err(A::Error::custom("the rows are there twice"));
            } else {
                map.next_value_seed(Descent { path: rest, rows: self.rows })?;
            }
        }
        Ok(())
    }
}

/// A value of a row; keys that are there twice make it unreadable.
enum Node {
    Nothing,
    Text(String),
    List(Vec<Node>),
    Map(BTreeMap<String, Node>),
}

/// Every text on `path`; lists on the way are gone through.
fn texts_at(node: &Node, path: &[String]) -> Vec<String> {
    match (node, path.split_first()) {
        (Node::List(nodes), _) => nodes.iter().flat_map(|node| texts_at(node, path)).collect(),
        (Node::Text(text), None) => vec![text.clone()],
        // The path is there, and empty.
        (Node::Nothing, None) => vec![String::new()],
        (Node::Map(entries), Some((step, rest))) => {
            entries.get(step).map(|node| texts_at(node, rest)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<X>(self) -> Result<Node, X> {
        Ok(Node::Nothing)
    }

    fn visit_bool<X>(self, value: bool) -> Result<Node, X> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_u64<X>(self, value: u64) -> Result<Node, X> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_i64<X>(self, value: i64) -> Result<Node, X> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_f64<X>(self, value: f64) -> Result<Node, X> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_str<X>(self, value: &str) -> Result<Node, X> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = elements.next_element()? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        // Sorted, so that an object of a hundred thousand keys is not compared each with each.
        let mut entries = BTreeMap::new();
        while let Some((key, node)) = map.next_entry::<String, Node>()? {
            match entries.entry(key) {
                Entry::Occupied(_) => return Err(A::Error::custom("a key is there twice")),
                Entry::Vacant(place) => drop(place.insert(node)),
            }
        }
        Ok(Node::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::super::RawRow;
    use super::*;

    fn rules(path: &str) -> TreeRules {
        let row = path.split('.').filter(|step| !step.is_empty()).map(str::to_owned).collect();
        TreeRules { row, ..TreeRules::default() }
    }

    fn rows(path: &str, wanted: &[&str], text: &str) -> Result<Vec<RawRow>, Vec<Problem>> {
        let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        let mut rows = Vec::new();
        let result = read::<Infallible>(&rules(path), &wanted, text.as_bytes(), &mut |row| {
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
    fn cells_lie_on_paths_and_lists_are_joined() {
        let text = r#"{"at": [1, {"items": 2}], "data": {"items": [
            {"name": "Ромашка", "address": {"city": "威海"}, "aliases": [{"n": "A"}, {"n": "B"}], "no": 7},
            {}, {"name": "Beta", "address": null, "aliases": [], "no": 1.5}
        ]}}"#;
        let wanted = ["name", "address.city", "aliases.n", "no"];
        let found = rows("data.items", &wanted, text).unwrap();
        assert_eq!(found[0].cells, ["Ромашка", "威海", "A; B", "7"]);
        assert_eq!(
            (found[1].number, found[1].cells.as_slice()),
            (3, ["Beta", "", "", "1.5"].map(String::from).as_slice())
        );
        assert_eq!(found.len(), 2, "an empty object is no row");
    }

    #[test]
    fn rows_fail_singly() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let long = "x".repeat(ROW_BYTES_MAX);
        let text = format!(
            r#"[{{"name":"A"}},{{"name":"B","name":"C"}},{{"name":{deep}}},{{"name":"{long}"}},{{"name":"D"}}]"#
        );
        let faults: Vec<_> =
            rows("", &["name"], &text).unwrap().iter().map(|row| row.fault).collect();
        let unreadable = Some(Refusal::JsonUnreadable);
        assert_eq!(faults, [None, unreadable, unreadable, Some(Refusal::TextTooLong), None]);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for (path, text) in [
            ("", "{}"),
            ("", "[1,"),
            ("a", "[]"),
            ("a", r#"{"b": []}"#),
            ("a.b", r#"{"a": []}"#),
            ("a", r#"{"a": [], "a": []}"#),
            ("", "[] []"),
            ("", ""),
            ("", "\u{feff}[]x"),
        ] {
            let problems = rows(path, &["name"], text).unwrap_err();
            assert_eq!(problems[0].refusal, Refusal::ContainerUnreadable, "{path} {text}");
        }
        let endless = format!("[\"{}", "x".repeat(3 * ROW_BYTES_MAX));
        assert_eq!(rows("", &["name"], &endless).unwrap_err()[0].row, Some(1));
    }

    #[test]
    fn a_path_that_no_row_has_is_told() {
        let problems = rows("", &["name", "nmae"], r#"[{"name":"A"}]"#).unwrap_err();
        assert_eq!(problems[0].column.as_deref(), Some("nmae"));
        assert_eq!(problems[0].refusal, Refusal::ColumnMissing);
    }
}
