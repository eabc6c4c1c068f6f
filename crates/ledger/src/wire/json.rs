//! Canonical JSON (RFC 8785) for the subset we write: ASCII keys, integers within ±(2^53 - 1),
//! no floats. With integers only, no number printer is needed (ledger 2.4).

use serde_json::{Map, Value};

use super::WireError;

/// Largest integer a double holds exactly: 2^53 - 1.
const INTEGER_MAX: i64 = (1 << 53) - 1;

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

/// A value only if `text` is its canonical form: so no duplicate key, no reordering, no other
/// spelling of the same content passes.
pub fn parse_canonical(text: &str) -> Result<Value, WireError> {
    let value: Value = serde_json::from_str(text).map_err(|_| WireError::Canonical)?;
    if canonical(&value).as_deref() == Some(text) { Ok(value) } else { Err(WireError::Canonical) }
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

/// A string as RFC 8785 3.2.2.2 spells it.
fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{9}' => out.push_str("\\t"),
            '\u{a}' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\u{d}' => out.push_str("\\r"),
            c if c < '\u{20}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
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

    #[test]
    fn only_the_canonical_spelling_parses() {
        assert!(parse_canonical(r#"{"a":1,"b":2}"#).is_ok());
        for text in [
            r#"{"b":2,"a":1}"#,
            r#"{"a": 1}"#,
            r#"{"a":1,"a":1}"#,
            r#"{"a":1.0}"#,
            r#"{"a":9007199254740993}"#,
            r#"{"a":"\u0041"}"#,
            r#"{"é":1}"#,
            "",
        ] {
            assert_eq!(parse_canonical(text), Err(WireError::Canonical), "{text}");
        }
    }
}
