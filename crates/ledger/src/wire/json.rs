//! Canonical JSON (RFC 8785) for the subset we write: ASCII keys, integers within ±(2^53 - 1),
//! no floats. With integers only, no number printer is needed (ledger 2.4).

use std::borrow::Cow;

use serde_json::{Map, Value};

/// Largest integer a double holds exactly: 2^53 - 1.
pub const INTEGER_MAX: i64 = (1 << 53) - 1;

/// The canonical text of `value`; `None` when it holds a number outside the subset or a key that
/// is not printable ASCII.
///
/// ```
/// use goodstanding_ledger::wire::canonical;
/// let value = serde_json::json!({"b": 1, "a": ["é", null]});
/// assert_eq!(canonical(&value).unwrap(), r#"{"a":["é",null],"b":1}"#);
/// assert_eq!(canonical(&serde_json::json!(0.5)), None);
/// ```
pub fn canonical(value: &Value) -> Option<String> {
    let mut out = String::new();
    write(value, &mut out)?;
    Some(out)
}

fn write(value: &Value, out: &mut String) -> Option<()> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => {
            let integer = number.as_i64().filter(|n| n.abs() <= INTEGER_MAX)?;
            out.push_str(&integer.to_string());
        }
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => write_object(members, out)?,
    }
    Some(())
}

fn write_object(members: &Map<String, Value>, out: &mut String) -> Option<()> {
    // Keys are ASCII, so the order of bytes is the order of UTF-16 units that RFC 8785 asks for.
    let mut keys: Vec<&String> = members.keys().collect();
    keys.sort_unstable();
    out.push('{');
    for (at, key) in keys.into_iter().enumerate() {
        if !key.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            return None;
        }
        if at > 0 {
            out.push(',');
        }
        write_text(key, out);
        out.push(':');
        write(members.get(key)?, out)?;
    }
    out.push('}');
    Some(())
}

/// A value to be written: what events are made of, without a map and a copy for each key.
pub enum Node<'a> {
    /// A string.
    Text(Cow<'a, str>),
    /// An integer within ±(2^53 - 1).
    Integer(u64),
    /// `true` or `false`.
    Truth(bool),
    /// Canonical JSON already: what a submitter signed is passed on as it was.
    Raw(&'a str),
    /// An array.
    Array(Vec<Node<'a>>),
    /// An object; its keys are ours and printable ASCII.
    Object(Members<'a>),
}

/// Members of an object, in any order.
pub type Members<'a> = Vec<(&'static str, Node<'a>)>;

impl<'a> Node<'a> {
    /// A borrowed string.
    pub fn text(text: &'a str) -> Node<'a> {
        Node::Text(Cow::Borrowed(text))
    }

    /// The text of something that prints itself.
    pub fn printed(value: impl std::fmt::Display) -> Node<'a> {
        Node::Text(Cow::Owned(value.to_string()))
    }

    /// Writes the canonical text; `None` for an integer no double holds.
    pub fn write(&mut self, out: &mut String) -> Option<()> {
        match self {
            Node::Text(text) => write_text(text, out),
            Node::Integer(integer) => {
                let integer = i64::try_from(*integer).ok().filter(|n| *n <= INTEGER_MAX)?;
                out.push_str(&integer.to_string());
            }
            Node::Truth(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Node::Raw(text) => out.push_str(text),
            Node::Array(items) => {
                out.push('[');
                for (at, item) in items.iter_mut().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    item.write(out)?;
                }
                out.push(']');
            }
            Node::Object(members) => {
                members.sort_unstable_by_key(|(key, _)| *key);
                out.push('{');
                for (at, (key, value)) in members.iter_mut().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    write_text(key, out);
                    out.push(':');
                    value.write(out)?;
                }
                out.push('}');
            }
        }
        Some(())
    }
}

/// A string as RFC 8785 3.2.2.2 spells it.
fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        // Bytes of multi-byte characters are above 0x7f and stay as they are.
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(text.get(plain..at).unwrap_or_default());
        plain = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            0x08 => out.push_str("\\b"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            0x0c => out.push_str("\\f"),
            b'\r' => out.push_str("\\r"),
            _ => out.push_str(&format!("\\u{byte:04x}")),
        }
    }
    out.push_str(text.get(plain..).unwrap_or_default());
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_spelled_as_rfc_8785_says() {
        let value = Value::String("\u{20ac}$\u{f}\nA'B\"\\\\\"/\u{7f}".to_owned());
        assert_eq!(canonical(&value).unwrap(), "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\u{7f}\"");
    }
}
