//! Reading canonical JSON: one pass that borrows from the text and refuses every other spelling of
//! the same content. Sorted keys, no space, shortest escapes, integers only: so a text that parses
//! is exactly what its writer would write again.

use std::borrow::Cow;

use super::WireError;
use super::json::INTEGER_MAX;

/// How deep arrays and objects may nest; ours nest five deep.
const DEPTH_MAX: u8 = 16;

/// A value that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json<'a> {
    /// `null`, `true` or `false`: allowed by the subset, `null` is used by none of our bodies.
    Word(&'static str),
    /// An integer within ±(2^53 - 1).
    Integer(i64),
    /// A string.
    Text(Cow<'a, str>),
    /// An array.
    Array(Vec<Json<'a>>),
    /// An object, its keys ascending.
    Object(Members<'a>),
}

/// Members of an object in ascending order of keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members<'a>(Vec<(&'a str, Json<'a>)>);

impl<'a> Members<'a> {
    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Json<'a>> {
        let at = self.0.binary_search_by(|(name, _)| (*name).cmp(key)).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// Whether there is a member `key`.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl<'a> Json<'a> {
    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Json::Text(text) = self { Some(text) } else { None }
    }

    /// An integer that is not negative.
    pub fn as_u64(&self) -> Option<u64> {
        if let Json::Integer(integer) = self { u64::try_from(*integer).ok() } else { None }
    }

    /// The truth of `true` or `false`.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Word("true") => Some(true),
            Json::Word("false") => Some(false),
            _ => None,
        }
    }

    /// The items of an array.
    pub fn as_array(&self) -> Option<&[Json<'a>]> {
        if let Json::Array(items) = self { Some(items) } else { None }
    }

    /// The members of an object.
    pub fn as_object(&self) -> Option<&Members<'a>> {
        if let Json::Object(members) = self { Some(members) } else { None }
    }
}

/// The value `text` spells, if this is its canonical spelling.
pub fn parse_canonical(text: &str) -> Result<Json<'_>, WireError> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0).ok_or(WireError::Canonical)?;
    if reader.at == text.len() { Ok(value) } else { Err(WireError::Canonical) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn value(&mut self, depth: u8) -> Option<Json<'a>> {
        if depth > DEPTH_MAX {
            return None;
        }
        match self.peek()? {
            b'"' => self.string().map(Json::Text),
            b'{' => self.object(depth).map(Json::Object),
            b'[' => self.array(depth).map(Json::Array),
            b'-' | b'0'..=b'9' => self.integer().map(Json::Integer),
            _ => ["null", "true", "false"].into_iter().find(|word| self.word(word)).map(Json::Word),
        }
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        if found {
            self.at += word.len();
        }
        found
    }

    fn object(&mut self, depth: u8) -> Option<Members<'a>> {
        self.take(b'{')?;
        let mut members: Vec<(&'a str, Json<'a>)> = Vec::new();
        while self.peek()? != b'}' {
            if !members.is_empty() {
                self.take(b',')?;
            }
            // Our keys are printable ASCII without anything to escape.
            let Cow::Borrowed(key) = self.string()? else { return None };
            let is_plain = key.bytes().all(|byte| (0x20..0x7f).contains(&byte));
            let ascends = members.last().is_none_or(|(before, _)| *before < key);
            if !is_plain || !ascends {
                return None;
            }
            self.take(b':')?;
            members.push((key, self.value(depth + 1)?));
        }
        self.take(b'}')?;
        Some(Members(members))
    }

    fn array(&mut self, depth: u8) -> Option<Vec<Json<'a>>> {
        self.take(b'[')?;
        let mut items = Vec::new();
        while self.peek()? != b']' {
            if !items.is_empty() {
                self.take(b',')?;
            }
            items.push(self.value(depth + 1)?);
        }
        self.take(b']')?;
        Some(items)
    }

    fn integer(&mut self) -> Option<i64> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte == b'-' || byte.is_ascii_digit()) {
            self.at += 1;
        }
        let digits = self.text.get(start..self.at)?;
        let integer: i64 = digits.parse().ok()?;
        // Leading zeros and "-0" parse as well, but nobody writes them.
        let is_shortest = integer.to_string() == digits;
        (is_shortest && integer.abs() <= INTEGER_MAX).then_some(integer)
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        self.take(b'"')?;
        let mut owned: Option<String> = None;
        loop {
            let rest = self.text.get(self.at..)?;
            let plain = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))?;
            let run = rest.get(..plain)?;
            self.at += plain;
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(match owned {
                        None => Cow::Borrowed(run),
                        Some(text) => Cow::Owned(text + run),
                    });
                }
                b'\\' => {
                    let text = owned.get_or_insert_default();
                    text.push_str(run);
                    text.push(self.escape()?);
                }
                _ => return None,
            }
        }
    }

    /// The character of an escape, if RFC 8785 3.2.2.2 escapes it so.
    fn escape(&mut self) -> Option<char> {
        let rest = self.text.get(self.at..)?;
        let (length, c) = match rest.as_bytes().get(1)? {
            b'"' => (2, '"'),
            b'\\' => (2, '\\'),
            b'b' => (2, '\u{8}'),
            b't' => (2, '\t'),
            b'n' => (2, '\n'),
            b'f' => (2, '\u{c}'),
            b'r' => (2, '\r'),
            b'u' => {
                let digits = rest.get(2..6)?;
                let code = u32::from_str_radix(digits, 16).ok()?;
                let c = char::from_u32(code)?;
                let has_short_form = matches!(c, '\u{8}' | '\t' | '\n' | '\u{c}' | '\r');
                if code >= 0x20 || has_short_form || format!("{code:04x}") != digits {
                    return None;
                }
                (6, c)
            }
            _ => return None,
        };
        self.at += length;
        Some(c)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::wire::canonical;

    /// The slow and obvious reading: parse, write again, compare.
    fn is_canonical(text: &str) -> bool {
        serde_json::from_str::<Value>(text)
            .is_ok_and(|value| canonical(&value).as_deref() == Some(text))
    }

    #[test]
    fn only_the_canonical_spelling_parses() {
        for text in [
            r#"{"a":1,"b":2}"#,
            r#"{"a":"\u0001\b\t\n\f\r\"\\/é中\u007f"}"#,
            r#"[null,true,false,-7,0,9007199254740991,{},[],""]"#,
            r#"{"b":2,"a":1}"#,
            r#"{"a": 1}"#,
            r#"{"a":1,"a":1}"#,
            r#"{"a":1.0}"#,
            r#"{"a":9007199254740993}"#,
            r#"{"a":01}"#,
            r#"{"a":-0}"#,
            r#"{"a":"\u0041"}"#,
            r#"{"a":"\u000A"}"#,
            r#"{"a":"\/"}"#,
            r#"{"é":1}"#,
            r#"{"a":1,}"#,
            r#"{,"a":1}"#,
            "[1 ]",
            "[1]]",
            "nul",
            "\"a",
            "",
        ] {
            let expected = is_canonical(text);
            assert_eq!(parse_canonical(text).is_ok(), expected, "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_and_not_followed() {
        let text = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(parse_canonical(&text).is_err());
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            (-INTEGER_MAX..=INTEGER_MAX).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("[ -~]{0,6}", inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn to_value(json: &Json<'_>) -> Value {
        match json {
            Json::Word(word) => serde_json::from_str(word).unwrap(),
            Json::Integer(integer) => Value::from(*integer),
            Json::Text(text) => Value::from(text.as_ref()),
            Json::Array(items) => items.iter().map(to_value).collect(),
            Json::Object(members) => Value::Object(
                members.0.iter().map(|(key, value)| ((*key).to_owned(), to_value(value))).collect(),
            ),
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_back(value in any_value()) {
            let text = canonical(&value).unwrap();
            // Keys that need an escape are not ours and are refused.
            if !text.contains('\\') {
                prop_assert_eq!(to_value(&parse_canonical(&text).unwrap()), value);
            } else if let Ok(read) = parse_canonical(&text) {
                prop_assert_eq!(to_value(&read), value);
            }
        }

        #[test]
        fn arbitrary_text_never_parses_unless_canonical(text in "[\\[\\]{}\",:0-9a-u\\\\ -]{0,24}") {
            if parse_canonical(&text).is_ok() {
                prop_assert!(is_canonical(&text), "{}", text);
            }
        }
    }
}
