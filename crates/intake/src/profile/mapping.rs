//! Which column gives which field, for people.

use domain::submission::Submission;

use super::{ColumnMap, CountrySource, EntrySource, ListSource, Profile};

/// A field of a record and the column it is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// The key of the profile that maps it: `columns.name`, `fields.number`, `entries`.
    pub field: String,
    /// The heading, or `None` where the profile says the same of every row.
    pub column: Option<String>,
}

impl Profile {
    /// Every field with its column, in the order of the profile reference. Empty for JSON Lines,
    /// which carry their own keys.
    pub fn mapping(&self) -> Vec<Mapped> {
        let Some(map) = &self.columns else { return Vec::new() };
        let mut mapped = Vec::new();
        let mut put = |field: &str, column: Option<usize>| {
            let column = column.and_then(|at| self.headings.get(at)).cloned();
            mapped.push(Mapped { field: field.to_owned(), column });
        };
        put("columns.name", Some(map.name));
        for (field, column) in singles(map) {
            if column.is_some() {
                put(field, column);
            }
        }
        if matches!(self.list, ListSource::Fixed(_)) {
            put("list", None);
        }
        for names in &map.other_names {
            put("other_names", Some(names.column));
        }
        match &map.country {
            CountrySource::Column { column, .. } => put("country", Some(*column)),
            CountrySource::Fixed(_) => put("country", None),
            CountrySource::Unknown => {}
        }
        for identifier in &map.identifiers {
            put(&format!("identifiers {}", identifier.scheme.key()), Some(identifier.column));
        }
        match &map.entries {
            EntrySource::Column { column, .. } => put("entries", Some(*column)),
            EntrySource::Fixed(_) => put("entries", None),
        }
        for field in &map.fields {
            put(&format!("fields.{}", field.key), Some(field.column));
        }
        for (key, columns) in [
            ("row_key", &map.row_key),
            ("occurrence", &map.occurrence),
            ("organisation_key", &map.organisation_key),
        ] {
            columns.iter().for_each(|column| put(key, Some(*column)));
        }
        mapped
    }
}

fn singles(map: &ColumnMap) -> [(&'static str, Option<usize>); 7] {
    [
        ("list", map.list),
        ("columns.kind", map.kind),
        ("columns.place", map.place),
        ("columns.start", map.start),
        ("columns.end", map.end),
        ("persons.type", map.person_type),
        ("persons.identifier", map.person_identifier),
    ]
}

/// What a complete row gives under the key `field`; empty where it gives nothing of its own. Only
/// for rows that the person guard has cleared, as every submission has been.
pub fn given(submission: &Submission, field: &str) -> Vec<String> {
    let organisation = &submission.organisation;
    let one = |text: Option<String>| text.into_iter().collect();
    if let Some(scheme) = field.strip_prefix("identifiers ") {
        let claims = organisation.claims.iter().filter(|claim| claim.scheme().key() == scheme);
        return claims
            .map(|claim| format!("{} ({})", claim.value(), claim.status().key()))
            .collect();
    }
    if let Some(key) = field.strip_prefix("fields.") {
        let fields = submission.body.fields();
        return fields
            .into_iter()
            .filter(|(known, _)| *known == key)
            .map(|(_, text)| text)
            .collect();
    }
    match field {
        "columns.name" => vec![organisation.name.text.clone()],
        "columns.kind" | "persons.type" => vec![organisation.kind.key().to_owned()],
        "columns.place" => one(organisation.place.clone()),
        "columns.start" => one(submission.period.start.map(|day| day.to_string())),
        "columns.end" => one(submission.period.end.as_ref().map(end_text)),
        "list" => vec![submission.list.to_string()],
        "country" => one(organisation.country.as_ref().map(|country| country.as_str().to_owned())),
        "entries" => submission.entries.iter().map(ToString::to_string).collect(),
        "other_names" => organisation.other_names.iter().map(|name| name.text.clone()).collect(),
        _ => Vec::new(),
    }
}

fn end_text(end: &domain::civil::End) -> String {
    match end {
        domain::civil::End::On(day) => day.to_string(),
        domain::civil::End::Indefinite { basis } => format!("none ({basis})"),
    }
}
