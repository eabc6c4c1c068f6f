//! What the pages say, in every language there is a file for.
//!
//! A language is a file `messages/<code>.toml` and nothing else: the routes, the switch links and
//! the choice by `Accept-Language` follow from the files, so a third language needs no Rust. All
//! files have the same keys; [`Catalogue::load`] refuses to start otherwise.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use domain::civil::{Day, Instant, Zone};
use domain::refusal::Language;
use include_dir::{Dir, include_dir};

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/messages");

/// The language whose texts stand in where content is not written in the reader's language, and
/// the one that is offered when a reader asks for none of ours.
const FALLBACK: &str = "en";

/// Why the message files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MessagesError {
    /// Not UTF-8, not TOML, or a value that is no text.
    #[error("messages/{file}.toml cannot be read: {reason}")]
    Unreadable {
        /// Language code.
        file: String,
        /// What the reader said.
        reason: String,
    },
    /// One language has a key another lacks.
    #[error("messages/{file}.toml lacks the key `{key}`; write it, or remove it from the others")]
    Missing {
        /// Language code.
        file: String,
        /// The key.
        key: String,
    },
    /// No file at all, or none in the language the others fall back to.
    #[error("there is no messages/{FALLBACK}.toml")]
    NoFallback,
}

/// Every language there is.
#[derive(Debug, Clone)]
pub struct Catalogue {
    languages: Vec<Arc<Messages>>,
}

impl Catalogue {
    /// The message files compiled into the program.
    pub fn load() -> Result<Catalogue, MessagesError> {
        let mut files = Vec::new();
        for file in FILES.files() {
            let code = file.path().file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let text = file.contents_utf8().ok_or_else(|| MessagesError::Unreadable {
                file: code.to_owned(),
                reason: "it is not UTF-8".to_owned(),
            })?;
            files.push((code, text));
        }
        Catalogue::from_files(&files)
    }

    /// From `(language code, TOML)`.
    pub fn from_files(files: &[(&str, &str)]) -> Result<Catalogue, MessagesError> {
        let mut languages = Vec::new();
        for (code, text) in files {
            languages.push(Messages::parse(code, text)?);
        }
        languages.sort_by(|a, b| a.code.cmp(&b.code));
        let all: std::collections::BTreeSet<String> =
            languages.iter().flat_map(|messages| messages.texts.keys().cloned()).collect();
        for messages in &languages {
            if let Some(key) = all.iter().find(|key| !messages.texts.contains_key(*key)) {
                return Err(MessagesError::Missing {
                    file: messages.code.clone(),
                    key: key.clone(),
                });
            }
        }
        if !languages.iter().any(|messages| messages.code == FALLBACK) {
            return Err(MessagesError::NoFallback);
        }
        Ok(Catalogue { languages: languages.into_iter().map(Arc::new).collect() })
    }

    /// Every language, by code.
    pub fn languages(&self) -> &[Arc<Messages>] {
        &self.languages
    }

    /// The messages of the language with this code.
    pub fn get(&self, code: &str) -> Option<&Arc<Messages>> {
        self.languages.iter().find(|messages| messages.code == code)
    }

    /// The language an `Accept-Language` header asks for, English when it asks for none of ours.
    ///
    /// ```
    /// use goodstanding::messages::Catalogue;
    /// let catalogue = Catalogue::load().unwrap();
    /// assert_eq!(catalogue.preferred(Some("fr, zh-CN;q=0.8, en;q=0.5")).code(), "zh");
    /// assert_eq!(catalogue.preferred(Some("zh;q=0, en")).code(), "en");
    /// assert_eq!(catalogue.preferred(None).code(), "en");
    /// ```
    pub fn preferred(&self, accept_language: Option<&str>) -> &Arc<Messages> {
        let mut asked: Vec<(u16, &str)> = accept_language
            .unwrap_or_default()
            .split(',')
            .filter_map(|part| {
                let (tag, quality) = part.split_once(";q=").unwrap_or((part, "1"));
                let quality = quality.trim().parse::<f32>().ok().filter(|q| *q > 0.0)?;
                // Thousandths are all the precision RFC 9110 gives a quality.
                Some(((quality.min(1.0) * 1000.0) as u16, tag.trim()))
            })
            .collect();
        // A stable sort: equal qualities stay in the reader's order.
        asked.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
        asked
            .iter()
            .find_map(|(_, tag)| self.get(&tag.split('-').next()?.to_ascii_lowercase()))
            .or_else(|| self.get(FALLBACK))
            // Unwrap safety: `from_files` refuses a catalogue without the fallback.
            .expect("the fallback language is there")
    }
}

/// The texts of one language.
#[derive(Debug)]
pub struct Messages {
    code: String,
    texts: BTreeMap<String, String>,
}

impl Messages {
    fn parse(code: &str, text: &str) -> Result<Messages, MessagesError> {
        let unreadable =
            |reason: String| MessagesError::Unreadable { file: code.to_owned(), reason };
        let table: toml::Table = toml::from_str(text).map_err(|e| unreadable(e.to_string()))?;
        let mut texts = BTreeMap::new();
        flatten("", &table, &mut texts)
            .map_err(|key| unreadable(format!("the value of `{key}` is no text")))?;
        Ok(Messages { code: code.to_owned(), texts })
    }

    /// The code in addresses: `en`, `zh`.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The value of `<html lang>`: `en`, `zh-Hans`.
    pub fn html_lang(&self) -> &str {
        self.t("language.html")
    }

    /// Every key, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }

    /// The text under `key`; the key itself when there is none, which a test finds on every page.
    pub fn t<'a>(&'a self, key: &'a str) -> &'a str {
        self.texts.get(key).map_or(key, String::as_str)
    }

    /// The text under `key` with `{name}` replaced by the value given for it.
    pub fn fill(&self, key: &str, values: &[(&str, &dyn fmt::Display)]) -> String {
        fill_text(self.t(key), values)
    }

    /// `fill` with `key.one` for one and `key.other` for every other number; `{n}` is the number.
    pub fn count(&self, key: &str, n: u64, values: &[(&str, &dyn fmt::Display)]) -> String {
        let form = if n == 1 { "one" } else { "other" };
        let number = self.number(n);
        let mut values = values.to_vec();
        values.push(("n", &number));
        self.fill(&format!("{key}.{form}"), &values)
    }

    /// A number with this language's separator of thousands.
    pub fn number(&self, n: u64) -> String {
        let digits = n.to_string();
        let separator = self.t("language.thousands");
        let mut out = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push_str(separator);
            }
            out.push(digit);
        }
        out
    }

    /// Items joined as a sentence joins them: "a, b and c".
    pub fn join(&self, items: &[String]) -> String {
        match items {
            [] => String::new(),
            [one] => one.clone(),
            [head @ .., last] => {
                [&head.join(self.t("join.comma")), self.t("join.and"), last].concat()
            }
        }
    }

    /// `21 August 2026`, `2026年8月21日`.
    pub fn day(&self, day: Day) -> String {
        let (year, month, day) = day.parts();
        let month = self.t(&format!("month.m{month}")).to_owned();
        self.fill("date.day", &[("year", &year), ("month", &month), ("day", &day)])
    }

    /// The day and the minute, in UTC, which the text names.
    pub fn instant(&self, instant: Instant) -> String {
        let minute = instant.micros().div_euclid(60_000_000).rem_euclid(24 * 60);
        let time = format!("{:02}:{:02}", minute / 60, minute % 60);
        let day = self.day(instant.day_in(&Zone::UTC));
        self.fill("date.instant", &[("day", &day), ("time", &time)])
    }

    /// The language in which numbered refusals are shown beside these messages. Refusals are
    /// compiled in two languages; readers of any other get English.
    pub fn refusal_language(&self) -> Language {
        [Language::Zh, Language::En]
            .into_iter()
            .find(|language| language.code() == self.code)
            .unwrap_or(Language::En)
    }
}

/// `text` with `{name}` replaced by the value given for it; what is not given stays as it is.
pub fn fill_text<V: fmt::Display + ?Sized>(text: &str, values: &[(&str, &V)]) -> String {
    let mut rest = text;
    let mut out = String::with_capacity(rest.len() + 32);
    // One pass, so that a value that looks like a placeholder stays what it is.
    while let Some((before, after)) = rest.find('{').and_then(|at| rest.split_at_checked(at)) {
        out.push_str(before);
        let Some(close) = after.find('}') else {
            rest = after;
            break;
        };
        let name = after.get(1..close).unwrap_or_default();
        match values.iter().find(|(key, _)| *key == name) {
            Some((_, value)) => out.push_str(&value.to_string()),
            None => out.push_str(after.get(..=close).unwrap_or_default()),
        }
        rest = after.get(close + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Dotted keys of nested tables; `Err` names the first value that is neither table nor text.
fn flatten(
    prefix: &str,
    table: &toml::Table,
    texts: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    for (key, value) in table {
        let key = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            toml::Value::String(text) => {
                texts.insert(key, text.clone());
            }
            toml::Value::Table(inner) => flatten(&key, inner, texts)?,
            _ => return Err(key),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn english() -> Arc<Messages> {
        Catalogue::load().unwrap().get("en").unwrap().clone()
    }

    #[test]
    fn the_files_have_the_same_keys_and_the_same_placeholders() {
        let catalogue = Catalogue::load().unwrap();
        let placeholders = |text: &str| {
            let mut names: Vec<String> = text
                .split('{')
                .skip(1)
                .filter_map(|part| part.split_once('}').map(|(name, _)| name.to_owned()))
                .collect();
            names.sort();
            names.dedup();
            names
        };
        let english = english();
        for messages in catalogue.languages() {
            for key in english.keys().filter(|key| !key.ends_with(".one")) {
                assert_eq!(
                    placeholders(english.t(key)),
                    placeholders(messages.t(key)),
                    "{key} in {}",
                    messages.code()
                );
            }
        }
    }

    #[test]
    fn a_language_that_lacks_a_key_does_not_load() {
        let files = [("en", "a = \"x\"\n[b]\nc = \"y\""), ("fr", "a = \"x\"")];
        let problem = Catalogue::from_files(&files).unwrap_err();
        assert!(
            matches!(problem, MessagesError::Missing { file, key } if file == "fr" && key == "b.c")
        );
        assert!(matches!(Catalogue::from_files(&[("fr", "")]), Err(MessagesError::NoFallback)));
        assert!(matches!(
            Catalogue::from_files(&[("en", "a = 1")]),
            Err(MessagesError::Unreadable { .. })
        ));
    }

    #[test]
    fn a_value_is_never_read_as_a_placeholder() {
        let files = [("en", "a = \"{x} and {y} of {z}\"")];
        let catalogue = Catalogue::from_files(&files).unwrap();
        let text = catalogue.languages()[0].fill("a", &[("x", &"{y}"), ("y", &2)]);
        assert_eq!(text, "{y} and 2 of {z}");
    }

    #[test]
    fn numbers_days_and_instants() {
        let catalogue = Catalogue::load().unwrap();
        let (en, zh) = (catalogue.get("en").unwrap(), catalogue.get("zh").unwrap());
        assert_eq!([en.number(0), en.number(999), en.number(81_204)], ["0", "999", "81,204"]);
        assert_eq!(en.number(1_000_000), "1,000,000");
        let day: Day = "2026-08-21".parse().unwrap();
        assert_eq!(en.day(day), "21 August 2026");
        assert_eq!(zh.day(day), "2026年8月21日");
        let instant: Instant = "2026-08-21T02:05:59Z".parse().unwrap();
        assert_eq!(en.instant(instant), "21 August 2026, 02:05 (UTC)");
        assert_eq!(zh.instant(instant), "2026年8月21日 02:05（UTC）");
    }
}
