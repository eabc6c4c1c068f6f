//! One row of a list as intake read it: checked, mapped, free of persons, not yet decided upon.

use crate::civil::{Day, Period};
use crate::identifiers::IdentifierClaim;
use crate::limits::{Act, Ground};
use crate::organisation::{Country, LegalForm, Name, OrganisationKind};
use crate::record::Body;
use crate::text::{EntryId, ListId};

/// A row that may become, or already is, a quotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Row of the file, from 1.
    pub row: u64,
    /// The row key and occurrence fields, joined; never stored, only its keyed hash is.
    pub row_key: String,
    /// The list the row belongs to.
    pub list: ListId,
    /// Whom it is about.
    pub organisation: OrganisationAsRead,
    /// Entries of the list's definition, sorted, without repetition.
    pub entries: Vec<EntryId>,
    /// Grounds those entries map to, sorted, without repetition.
    pub grounds: Vec<Ground>,
    /// Who decided, as the entries state; the weakest where they differ.
    pub act: Option<Act>,
    /// From when to when.
    pub period: Period,
    /// The fields of its type.
    pub body: Body,
}

/// The organisation of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationAsRead {
    /// Its main name.
    pub name: Name,
    /// Further names.
    pub other_names: Vec<Name>,
    /// Its kind, `Unstated` where the source does not tell.
    pub kind: OrganisationKind,
    /// Legal form, where known.
    pub legal_form: Option<LegalForm>,
    /// Country, where known.
    pub country: Option<Country>,
    /// Seat as written.
    pub place: Option<String>,
    /// Identifiers the row gives, checked.
    pub claims: Vec<IdentifierClaim>,
    /// The publisher's own key of the organisation where it has one apart from the row; never
    /// stored in clear.
    pub entry: Option<String>,
}

impl Submission {
    /// Everything kept of the row in one canonical text: equal texts are the same content.
    /// `read_on` is not part of it.
    pub fn content(&self) -> String {
        // Debug output of plain data is stable within one build only, so the parts are spelled out.
        let mut parts: Vec<String> = vec![self.row_key.clone(), self.list.to_string()];
        let organisation = &self.organisation;
        for name in std::iter::once(&organisation.name).chain(&organisation.other_names) {
            parts.push(format!("name {} {} {}", name.role.key(), name.language, name.text));
        }
        parts.push(format!("kind {}", organisation.kind.key()));
        parts.push(format!(
            "form {}",
            organisation.legal_form.as_ref().map_or("", LegalForm::as_str)
        ));
        parts
            .push(format!("country {}", organisation.country.as_ref().map_or("", Country::as_str)));
        parts.push(format!("place {}", organisation.place.as_deref().unwrap_or("")));
        parts.extend(organisation.claims.iter().map(|claim| format!("identifier {claim}")));
        parts.extend(self.entries.iter().map(|entry| format!("entry {entry}")));
        let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
        parts.push(format!("start {}", day(self.period.start)));
        parts.push(match &self.period.end {
            None => "end".to_owned(),
            Some(crate::civil::End::On(last)) => format!("end {last}"),
            Some(crate::civil::End::Indefinite { .. }) => "end indefinite".to_owned(),
        });
        for (key, text) in self.body.fields() {
            parts.push(format!("{key} {text}"));
        }
        // U+001F cannot occur in a text (refusal 215), so parts cannot run into one another.
        parts.join("\u{1f}")
    }
}
