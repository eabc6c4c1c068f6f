//! A row in one shape whatever its container: texts with the place they came from, nothing checked.

use domain::organisation::NameRole;

use crate::containers::RawRow;
use crate::profile::{ColumnMap, CountrySource, EntrySource, Profile};
use crate::text::tidy;

/// One text of a row and where it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Part {
    /// Heading or key, for problems.
    pub(crate) column: String,
    /// Place among the cells of a quarantine file; `None` for the keys of a JSON line.
    pub(crate) cell: Option<usize>,
    /// The text, tidied.
    pub(crate) text: String,
}

impl Part {
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// A name beside the main one.
#[derive(Debug, Clone)]
pub(crate) struct OtherName {
    pub(crate) part: Part,
    pub(crate) role: String,
    pub(crate) language: String,
}

/// An identifier, its scheme still as written.
#[derive(Debug, Clone)]
pub(crate) struct RawIdentifier {
    pub(crate) part: Part,
    pub(crate) scheme: String,
}

/// A row about to be judged. Nothing of it may leave before [`crate::person_guard`] has seen it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Candidate {
    pub(crate) number: u64,
    pub(crate) list: Option<Part>,
    /// What the source says the subject is: a value of the type column, or the kind.
    pub(crate) subject_type: Option<Part>,
    /// The kind of organisation, where a column states it.
    pub(crate) kind: Option<Part>,
    /// The identifier whose length tells.
    pub(crate) person_identifier: Option<Part>,
    pub(crate) name: Part,
    pub(crate) name_language: String,
    pub(crate) other_names: Vec<OtherName>,
    pub(crate) identifiers: Vec<RawIdentifier>,
    pub(crate) country: Option<Part>,
    pub(crate) place: Option<Part>,
    pub(crate) legal_form: Option<Part>,
    pub(crate) entries: Vec<Part>,
    pub(crate) start: Option<Part>,
    pub(crate) end: Option<Part>,
    pub(crate) fields: Vec<(String, Part)>,
    pub(crate) row_key: Vec<Part>,
    pub(crate) occurrence: Vec<Part>,
    pub(crate) organisation_key: Vec<Part>,
    /// The cells as they were, for the quarantine; in the order of the profile's headings.
    pub(crate) cells: Vec<String>,
}

impl Candidate {
    /// Every text the row would keep, except identifiers, which have checks of their own.
    pub(crate) fn kept_parts(&mut self) -> impl Iterator<Item = &mut Part> {
        let optional = [&mut self.place, &mut self.legal_form].into_iter().flatten();
        optional
            .chain(self.other_names.iter_mut().map(|name| &mut name.part))
            .chain(self.fields.iter_mut().map(|(_, part)| part))
            .chain(&mut self.row_key)
            .chain(&mut self.occurrence)
            .chain(&mut self.organisation_key)
    }

    /// Every text of the row but its closed vocabularies: cells, or the texts of a line.
    pub(crate) fn texts(&self) -> Vec<&str> {
        let optional = [&self.place, &self.legal_form].into_iter().flatten();
        let parts = std::iter::once(&self.name)
            .chain(optional)
            .chain(self.other_names.iter().map(|name| &name.part))
            .chain(self.identifiers.iter().map(|identifier| &identifier.part))
            .chain(self.fields.iter().map(|(_, part)| part))
            .chain(&self.row_key)
            .chain(&self.occurrence)
            .chain(&self.organisation_key);
        let cells = self.cells.iter().map(|cell| cell.trim());
        cells
            .chain(parts.filter(|part| part.cell.is_none()).map(|part| part.text.as_str()))
            .collect()
    }

    /// The candidate of a row of CSV or XLSX, whose cells stand in the order of the headings.
    pub(crate) fn from_cells(profile: &Profile, map: &ColumnMap, row: RawRow) -> Candidate {
        let cells = row.cells;
        let part = |column: usize| Part {
            column: profile.headings.get(column).cloned().unwrap_or_default(),
            cell: Some(column),
            text: cells.get(column).map(|raw| tidy(raw)).unwrap_or_default(),
        };
        let parts = |columns: &[usize]| columns.iter().map(|column| part(*column)).collect();
        let mut name = part(map.name);
        for mark in &map.name_strip {
            while let Some(rest) =
                name.text.strip_suffix(mark.as_str()).filter(|_| !mark.is_empty())
            {
                name.text = rest.trim_end().to_owned();
            }
        }
        let fields = map.fields.iter().map(|field| {
            let mut value = part(field.column);
            if let Some(currency) = field.currency.as_ref().filter(|_| !value.is_empty()) {
                value.text = format!("{} {currency}", value.text);
            }
            (field.key.clone(), value)
        });
        Candidate {
            number: row.number,
            list: map.list.map(part),
            subject_type: map.person_type.map(part),
            kind: map.kind.map(part).filter(|part| !part.is_empty()),
            person_identifier: map.person_identifier.map(part),
            name,
            name_language: map.name_language.clone(),
            other_names: other_names(map, &part),
            identifiers: identifiers(map, &part),
            country: country_column(map).map(part),
            place: map.place.map(part).filter(|part| !part.is_empty()),
            legal_form: None,
            entries: entries(map, &part),
            start: map.start.map(part),
            end: map.end.map(part),
            fields: fields.filter(|(_, part)| !part.is_empty()).collect(),
            row_key: parts(&map.row_key),
            occurrence: parts(&map.occurrence),
            organisation_key: parts(&map.organisation_key),
            cells,
        }
    }
}

/// The candidate's cells under their headings, as a quarantine file shows them.
pub(crate) fn cells_of(profile: &Profile, cells: Vec<String>) -> Vec<(String, String)> {
    profile.headings.iter().cloned().zip(cells).collect()
}

const fn country_column(map: &ColumnMap) -> Option<usize> {
    match &map.country {
        CountrySource::Column { column, .. } => Some(*column),
        _ => None,
    }
}

fn other_names(map: &ColumnMap, part: &impl Fn(usize) -> Part) -> Vec<OtherName> {
    let mut names = Vec::new();
    for source in &map.other_names {
        let whole = part(source.column);
        for text in split(&whole.text, source.separator.as_deref()) {
            names.push(OtherName {
                part: Part { text, ..whole.clone() },
                role: source.role.key().to_owned(),
                language: source.language.clone(),
            });
        }
    }
    names
}

fn identifiers(map: &ColumnMap, part: &impl Fn(usize) -> Part) -> Vec<RawIdentifier> {
    let mut identifiers = Vec::new();
    for source in &map.identifiers {
        let whole = part(source.column);
        for text in split(&whole.text, source.separator.as_deref()) {
            // A spreadsheet writes an apostrophe before digits that are no number.
            let text = text.strip_prefix('\'').unwrap_or(&text);
            let part = Part { text: padded(text, source.pad), ..whole.clone() };
            identifiers.push(RawIdentifier { part, scheme: source.scheme.key().to_owned() });
        }
    }
    identifiers
}

/// `text` with the leading zeros a spreadsheet took away, when it is nothing but digits.
fn padded(text: &str, length: usize) -> String {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { format!("{text:0>length$}") } else { text.to_owned() }
}

fn entries(map: &ColumnMap, part: &impl Fn(usize) -> Part) -> Vec<Part> {
    match &map.entries {
        EntrySource::Fixed(_) => Vec::new(),
        EntrySource::Column { column, separator, .. } => {
            let whole = part(*column);
            split(&whole.text, separator.as_deref())
                .map(|text| Part { text, ..whole.clone() })
                .collect()
        }
    }
}

/// The non-empty pieces of `text`, tidied.
fn split<'a>(text: &'a str, separator: Option<&'a str>) -> impl Iterator<Item = String> + 'a {
    let pieces: Vec<&str> = match separator {
        Some(separator) => text.split(separator).collect(),
        None => vec![text],
    };
    pieces.into_iter().map(tidy).filter(|piece| !piece.is_empty())
}

/// Roles other than the main name's.
pub(crate) fn role_of(key: &str) -> Option<NameRole> {
    NameRole::from_key(key).filter(|role| *role != NameRole::Main)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_get_their_zeros_back_and_other_texts_stay() {
        assert_eq!(padded("5775314000180", 14), "05775314000180");
        assert_eq!(padded("05.775.314/0001-80", 14), "05.775.314/0001-80");
        assert_eq!(padded("123", 0), "123");
    }

    #[test]
    fn cells_split_into_what_is_there() {
        let pieces: Vec<String> = split(" Fraud, , Collusion,", Some(",")).collect();
        assert_eq!(pieces, ["Fraud", "Collusion"]);
        assert_eq!(split("A, B", None).collect::<Vec<_>>(), ["A, B"]);
    }
}
