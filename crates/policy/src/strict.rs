//! Reading TOML strictly: a key is either asked for or refused, and every problem knows its line.
//!
//! A typed deserialiser stops at the first error. A pack is read by people who want to know
//! everything that is wrong at once, so the tree is walked with spans instead.

use domain::civil::Day;
use domain::refusal::{Problem, Refusal};
use domain::text::Texts;
use toml::de::{DeTable, DeValue};

use crate::expression::{Compiling, Expression};
use crate::problem::PackProblem;

/// The problems of one file, as they are found.
pub(crate) struct Problems<'t> {
    file: &'t str,
    text: &'t str,
    found: Vec<PackProblem>,
}

impl<'t> Problems<'t> {
    pub(crate) fn new(file: &'t str, text: &'t str) -> Problems<'t> {
        Problems { file, text, found: Vec::new() }
    }

    /// Adds a problem of `key` at byte `at` of the file.
    pub(crate) fn add(&mut self, at: usize, key: &str, refusal: Refusal) {
        let problem = Problem::of_row(self.line_of(at), Some(key), refusal);
        self.found.push(PackProblem { file: self.file.to_owned(), problem });
    }

    /// The same with something that helps; never a value of the file.
    pub(crate) fn add_with(&mut self, at: usize, key: &str, refusal: Refusal, detail: &str) {
        let problem = Problem::of_row(self.line_of(at), Some(key), refusal).with_detail(detail);
        self.found.push(PackProblem { file: self.file.to_owned(), problem });
    }

    /// A problem of the syntax, which has a place but no key.
    pub(crate) fn add_syntax(&mut self, at: usize, message: &str) {
        let problem = Problem::of_row(self.line_of(at), None, Refusal::PackUnreadable);
        let problem = problem.with_detail(message);
        self.found.push(PackProblem { file: self.file.to_owned(), problem });
    }

    pub(crate) fn into_found(self) -> Vec<PackProblem> {
        self.found
    }

    fn line_of(&self, at: usize) -> u64 {
        let breaks = self.text.bytes().take(at).filter(|byte| *byte == b'\n').count();
        u64::try_from(breaks).unwrap_or(u64::MAX).saturating_add(1)
    }
}

/// A value with its place.
#[derive(Clone, Copy)]
pub(crate) struct Located<T> {
    pub(crate) value: T,
    pub(crate) at: usize,
}

/// A table of the file, its place and its path of keys.
#[derive(Clone)]
pub(crate) struct Table<'t> {
    entries: &'t DeTable<'t>,
    pub(crate) at: usize,
    path: String,
}

impl<'t> Table<'t> {
    pub(crate) fn root(entries: &'t DeTable<'t>) -> Table<'t> {
        Table { entries, at: 0, path: String::new() }
    }

    /// The full path of `key` in this table.
    pub(crate) fn key(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Refuses every key that is not in `known`.
    pub(crate) fn only(&self, known: &[&str], problems: &mut Problems<'_>) {
        for key in self.entries.keys() {
            if !known.contains(&key.get_ref().as_ref()) {
                let detail = format!("known here: {}", known.join(", "));
                let path = self.key(key.get_ref());
                problems.add_with(key.span().start, &path, Refusal::PackKeyUnknown, &detail);
            }
        }
    }

    fn get(&self, key: &str) -> Option<Located<&'t DeValue<'t>>> {
        let (key, value) = self.entries.get_key_value(key)?;
        Some(Located { value: value.get_ref(), at: key.span().start })
    }

    /// Where `key` is, or this table where it is not.
    pub(crate) fn place_of(&self, key: &str) -> usize {
        self.get(key).map_or(self.at, |found| found.at)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Records that a required `key` is missing.
    pub(crate) fn missing(&self, key: &str, refusal: Refusal, problems: &mut Problems<'_>) {
        problems.add(self.at, &self.key(key), refusal);
    }

    fn wrong_type(&self, at: usize, key: &str, expected: &str, problems: &mut Problems<'_>) {
        let detail = format!("expected: {expected}");
        problems.add_with(at, &self.key(key), Refusal::PackUnreadable, &detail);
    }

    /// A text that must be there and not empty; `missing` is the refusal when it is not.
    pub(crate) fn text(
        &self,
        key: &str,
        missing: Refusal,
        problems: &mut Problems<'_>,
    ) -> Option<Located<&'t str>> {
        let Some(found) = self.get(key) else {
            self.missing(key, missing, problems);
            return None;
        };
        match found.value.as_str() {
            Some(text) if text.trim().is_empty() => {
                problems.add(found.at, &self.key(key), missing);
                None
            }
            Some(value) => Some(Located { value, at: found.at }),
            None => {
                self.wrong_type(found.at, key, "a text", problems);
                None
            }
        }
    }

    /// A text that `parse` understands; otherwise `refusal`, with `expected` as help.
    pub(crate) fn parsed<T>(
        &self,
        key: &str,
        refusal: Refusal,
        expected: &str,
        problems: &mut Problems<'_>,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<Located<T>> {
        let text = self.text(key, Refusal::PackKeyMissing, problems)?;
        let Some(value) = parse(text.value) else {
            problems.add_with(text.at, &self.key(key), refusal, expected);
            return None;
        };
        Some(Located { value, at: text.at })
    }

    /// A boolean that may be absent.
    pub(crate) fn flag(&self, key: &str, problems: &mut Problems<'_>) -> bool {
        let Some(found) = self.get(key) else { return false };
        found.value.as_bool().unwrap_or_else(|| {
            self.wrong_type(found.at, key, "true or false", problems);
            false
        })
    }

    /// A whole number within `range`, which must be there.
    pub(crate) fn number(
        &self,
        key: &str,
        range: std::ops::RangeInclusive<u16>,
        problems: &mut Problems<'_>,
    ) -> Option<u16> {
        let Some(found) = self.get(key) else {
            self.missing(key, Refusal::PackKeyMissing, problems);
            return None;
        };
        let number = found
            .value
            .as_integer()
            .and_then(|number| u16::from_str_radix(number.as_str(), number.radix()).ok())
            .filter(|number| range.contains(number));
        if number.is_none() {
            let expected = format!("a whole number from {} to {}", range.start(), range.end());
            self.wrong_type(found.at, key, &expected, problems);
        }
        number
    }

    /// A day, written as a TOML date or as a text.
    pub(crate) fn day(&self, key: &str, problems: &mut Problems<'_>) -> Option<Day> {
        if !self.has(key) {
            self.missing(key, Refusal::PackKeyMissing, problems);
        }
        self.day_if_any(key, problems)
    }

    /// A day that may be absent.
    pub(crate) fn day_if_any(&self, key: &str, problems: &mut Problems<'_>) -> Option<Day> {
        let found = self.get(key)?;
        let day = day_of(found.value);
        if day.is_none() {
            self.wrong_type(found.at, key, "a day, YYYY-MM-DD", problems);
        }
        day
    }

    /// A list of days with their places; empty when the key is absent.
    pub(crate) fn days(&self, key: &str, problems: &mut Problems<'_>) -> Vec<Located<Day>> {
        let Some(found) = self.get(key) else { return Vec::new() };
        let DeValue::Array(array) = found.value else {
            self.wrong_type(found.at, key, "a list of days", problems);
            return Vec::new();
        };
        let mut days = Vec::new();
        for element in array.iter() {
            let at = element.span().start;
            match day_of(element.get_ref()) {
                Some(value) => days.push(Located { value, at }),
                None => self.wrong_type(at, key, "a list of days, YYYY-MM-DD", problems),
            }
        }
        days
    }

    /// Whether the value of `key` is a bare number, which no period may be.
    pub(crate) fn is_number(&self, key: &str) -> bool {
        self.get(key).is_some_and(|found| found.value.as_integer().is_some())
    }

    /// Values of a closed list, each refused with `refusal` when it is outside; `None` when the key
    /// is absent.
    pub(crate) fn closed<T>(
        &self,
        key: &str,
        refusal: Refusal,
        problems: &mut Problems<'_>,
        from_key: impl Fn(&str) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut values = Vec::new();
        for text in self.strings(key, problems)? {
            match from_key(text.value) {
                Some(value) => values.push(value),
                None => problems.add(text.at, &self.key(key), refusal),
            }
        }
        Some(values)
    }

    /// A condition that must be there and compile.
    pub(crate) fn expression(
        &self,
        key: &str,
        compiling: Compiling<'_>,
        problems: &mut Problems<'_>,
    ) -> Option<Expression> {
        let text = self.text(key, Refusal::PackKeyMissing, problems)?;
        Expression::compile(text.value, compiling)
            .inspect_err(|problem| {
                problems.add_with(text.at, &self.key(key), problem.refusal, problem.expected);
            })
            .ok()
    }

    /// A table below this one, if there is one.
    pub(crate) fn table(&self, key: &str, problems: &mut Problems<'_>) -> Option<Table<'t>> {
        let found = self.get(key)?;
        let DeValue::Table(entries) = found.value else {
            self.wrong_type(found.at, key, "a table", problems);
            return None;
        };
        Some(Table { entries, at: found.at, path: self.key(key) })
    }

    /// The tables `[[key]]` below this one; none when the key is absent.
    pub(crate) fn tables(&self, key: &str, problems: &mut Problems<'_>) -> Vec<Table<'t>> {
        let Some(found) = self.get(key) else { return Vec::new() };
        let DeValue::Array(array) = found.value else {
            self.wrong_type(found.at, key, "tables [[...]]", problems);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for element in array.iter() {
            let at = element.span().start;
            match element.get_ref() {
                DeValue::Table(entries) => {
                    tables.push(Table { entries, at, path: self.key(key) });
                }
                _ => self.wrong_type(at, key, "tables [[...]]", problems),
            }
        }
        tables
    }

    /// A list of texts; `None` when the key is absent or not such a list.
    pub(crate) fn strings(
        &self,
        key: &str,
        problems: &mut Problems<'_>,
    ) -> Option<Vec<Located<&'t str>>> {
        let found = self.get(key)?;
        let DeValue::Array(array) = found.value else {
            self.wrong_type(found.at, key, "a list of texts", problems);
            return None;
        };
        let mut strings = Vec::new();
        for element in array.iter() {
            let at = element.span().start;
            match element.get_ref().as_str() {
                Some(value) => strings.push(Located { value, at }),
                None => self.wrong_type(at, key, "a list of texts", problems),
            }
        }
        Some(strings)
    }

    /// `{ en = "...", zh = "..." }`: at least one language, and all of `required`.
    pub(crate) fn texts(
        &self,
        key: &str,
        required: &[&str],
        missing: Refusal,
        problems: &mut Problems<'_>,
    ) -> Option<Texts> {
        if !self.has(key) {
            self.missing(key, missing, problems);
            return None;
        }
        let table = self.table(key, problems)?;
        for language in required {
            if !table.has(language) {
                table.missing(language, missing, problems);
            }
        }
        if table.entries.is_empty() && required.is_empty() {
            problems.add(table.at, &table.path, missing);
        }
        let mut texts = Texts::default();
        for language in table.entries.keys() {
            let (at, language) = (language.span().start, language.get_ref().as_ref());
            if !is_language(language) {
                let path = table.key(language);
                problems.add_with(at, &path, Refusal::PackKeyUnknown, "known here: language tags");
            } else if let Some(text) = table.text(language, missing, problems) {
                texts.0.insert(language.to_owned(), text.value.to_owned());
            }
        }
        Some(texts)
    }
}

fn day_of(value: &DeValue<'_>) -> Option<Day> {
    match value {
        DeValue::Datetime(date) => date.to_string().parse().ok(),
        other => other.as_str().and_then(|text| text.parse().ok()),
    }
}

/// A language tag such as `en`, `zh`, `pt` or `zh-Hant`: two or three letters, then subtags.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let primary = parts.next().unwrap_or_default();
    (2..=3).contains(&primary.len())
        && primary.bytes().all(|byte| byte.is_ascii_lowercase())
        && parts.all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags() {
        for tag in ["en", "zh", "pt", "zh-Hant", "pt-BR", "gsw"] {
            assert!(is_language(tag), "{tag}");
        }
        for tag in ["", "e", "EN", "english", "en-", "en_US", "zh_note"] {
            assert!(!is_language(tag), "{tag}");
        }
    }
}
