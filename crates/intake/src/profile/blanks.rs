//! Blanks of a draft: strings that begin with `FILL-IN`. A profile with one is never taken, and
//! what is
//! left to decide is told line by line.

use domain::refusal::{Problem, Refusal};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::load::line_of;

/// How a blank begins.
pub(crate) const BLANK: &str = "FILL-IN";

/// Notes every blank in `text` (440), and takes away what was said about the same lines: that a
/// blank has the wrong type, or names nothing, follows from its being one.
pub(super) fn note(text: &str, problems: &mut Vec<Problem>) {
    let Ok(table) = DeTable::parse(text) else { return };
    let mut found = Vec::new();
    in_table(table.get_ref(), "", &mut |at, key, blank: &str| {
        let detail = blank.trim_start_matches(BLANK).trim_start_matches([':', ' ']);
        let detail = Some(detail.to_owned()).filter(|detail| !detail.is_empty());
        let row = Some(line_of(text, at));
        let column = Some(key.to_owned());
        found.push(Problem { row, column, refusal: Refusal::ProfileBlank, detail });
    });
    if found.is_empty() {
        return;
    }
    problems.retain(|problem| !found.iter().any(|blank| blank.row == problem.row));
    problems.append(&mut found);
}

fn in_table(table: &DeTable<'_>, path: &str, take: &mut dyn FnMut(usize, &str, &str)) {
    for (key, value) in table {
        let key = key.get_ref();
        let path = if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
        in_value(value, &path, take);
    }
}

fn in_value(value: &Spanned<DeValue<'_>>, path: &str, take: &mut dyn FnMut(usize, &str, &str)) {
    match value.get_ref() {
        DeValue::String(text) if text.starts_with(BLANK) => take(value.span().start, path, text),
        DeValue::Array(items) => items.iter().for_each(|item| in_value(item, path, take)),
        DeValue::Table(table) => in_table(table, path, take),
        _ => {}
    }
}
