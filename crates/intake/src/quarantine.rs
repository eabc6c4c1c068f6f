//! Quarantine files: the rows to correct, with what to correct, in one shape for every container.
//!
//! A quarantine file is a CSV in UTF-8. Its first two columns are ours, the others are the columns
//! the profile maps (for JSONL: the line). It is read again by the same profile with
//! `import --partial`: our two columns and blank rows are passed over.

use std::borrow::Cow;
use std::io::Write;

use domain::refusal::{Language, Problem};

use crate::profile::Profile;
use crate::read::{Outcome, Row};

/// Our own columns. The first tells a quarantine file.
pub(crate) const OWN_HEADINGS: [&str; 2] = ["goodstanding_row", "goodstanding_problems"];

/// Characters that make a spreadsheet take a cell for a formula, their full-width twins, and the
/// apostrophe itself, so that [`revive`] undoes [`neutralise`] exactly.
const FORMULA_BEGINNINGS: [char; 12] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\'', '＝', '＋', '－', '＠'];

/// Where a spreadsheet of another country, or of another delimiter, lets the next cell begin.
const CELL_ENDS: [char; 4] = [';', '\t', '\n', '\r'];

/// Writes quarantine rows; everything else is passed over.
pub struct Writer<W: Write> {
    csv: csv::Writer<W>,
    cells: usize,
    language: Language,
    rows: u64,
}

impl<W: Write> Writer<W> {
    /// A quarantine file for rows of `profile`, its messages in `language`.
    ///
    /// # Errors
    /// When `target` cannot be written.
    pub fn new(target: W, profile: &Profile, language: Language) -> Result<Writer<W>, csv::Error> {
        let mut csv = csv::Writer::from_writer(target);
        let headings = profile.headings().iter().map(|heading| neutralise(heading));
        csv.write_record(
            OWN_HEADINGS.into_iter().map(Cow::Borrowed).chain(headings).map(|h| h.into_owned()),
        )?;
        Ok(Writer { csv, cells: profile.headings().len(), language, rows: 0 })
    }

    /// Writes `row` if it is quarantined. A row without cells is its number and its problems.
    ///
    /// # Errors
    /// When the target cannot be written.
    pub fn write(&mut self, row: &Row) -> Result<(), csv::Error> {
        let Outcome::Quarantined { problems, cells } = &row.outcome else { return Ok(()) };
        self.rows += 1;
        self.csv.write_field(row.number.to_string())?;
        self.csv.write_field(neutralise(&described(problems, self.language)).as_bytes())?;
        let cells = cells.as_deref().unwrap_or_default();
        for place in 0..self.cells {
            let text = cells.get(place).map_or("", |(_, text)| text.as_str());
            self.csv.write_field(neutralise(text).as_bytes())?;
        }
        self.csv.write_record(None::<&[u8]>)
    }

    /// Rows written.
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes what is buffered and gives the target back.
    ///
    /// # Errors
    /// When the target cannot be written.
    pub fn finish(self) -> Result<W, std::io::Error> {
        self.csv.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

/// `To: 203 no end is given ...` for each problem.
fn described(problems: &[Problem], language: Language) -> String {
    let one = |problem: &Problem| {
        let place = problem.column.as_ref().map(|column| format!("{column}: ")).unwrap_or_default();
        format!("{place}{} {}", problem.refusal.number(), problem.message(language))
    };
    problems.iter().map(one).collect::<Vec<_>>().join(" | ")
}

/// `text` with an apostrophe wherever a spreadsheet would begin a formula: at its beginning, and
/// behind what may end a cell (docs/decisions/0019-hostile-input.md).
///
/// ```
/// use goodstanding_intake::quarantine::neutralise;
/// assert_eq!(neutralise("=1+1"), "'=1+1");
/// assert_eq!(neutralise("Alpha;=1+1"), "Alpha;'=1+1");
/// assert_eq!(neutralise("Alpha - Beta Ltd"), "Alpha - Beta Ltd");
/// ```
pub fn neutralise(text: &str) -> Cow<'_, str> {
    if !begins_formula(text).any(|begins| begins) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 2);
    for (c, begins) in text.chars().zip(begins_formula(text)) {
        if begins {
            out.push('\'');
        }
        out.push(c);
    }
    Cow::Owned(out)
}

/// For each character whether it would begin a formula.
fn begins_formula(text: &str) -> impl Iterator<Item = bool> {
    let before = std::iter::once(';').chain(text.chars());
    before
        .zip(text.chars())
        .map(|(before, c)| CELL_ENDS.contains(&before) && FORMULA_BEGINNINGS.contains(&c))
}

/// What [`neutralise`] made of a text, undone.
pub(crate) fn revive(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ';';
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let is_ours = c == '\''
            && CELL_ENDS.contains(&before)
            && characters.peek().is_some_and(|next| FORMULA_BEGINNINGS.contains(next));
        // What follows an apostrophe of ours is taken as it is: it may be one of the text's own.
        let kept = if is_ours { characters.next().unwrap_or(c) } else { c };
        out.push(kept);
        before = kept;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_neutralised_and_come_back() {
        for text in [
            "=1+1", "-5", "@x", "'s", "''", "plain", "", "\tx", "＝1", "\n=1", "a;=1", "a;'=1",
            ";", ";;=", "a;''", "\t\t=x", "'\t=", "a\r\n-1", "x; -1", "'=;'=", ";'s",
        ] {
            let written = neutralise(text);
            let formulas = ['=', '+', '-', '@', '\t', '\r', '\n', '＝'];
            assert!(!written.starts_with(formulas), "{text:?}");
            for cell in written.split([';', '\n']) {
                assert!(!cell.starts_with(['=', '+', '-', '@']), "{text:?}: {written:?}");
            }
            assert_eq!(revive(&written), text, "{written:?}");
        }
        // What a person writes into a cell stays as it is.
        for text in ["'s-Hertogenbosch", "a;'s", "it's"] {
            assert_eq!(revive(text), text);
        }
    }
}
