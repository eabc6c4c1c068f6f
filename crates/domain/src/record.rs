//! A record: one statement of one publisher about one organisation, with source, basis and end.

use rust_decimal::Decimal;

use crate::authority::AuthorityKey;
use crate::civil::{Day, Instant, Period};
use crate::ids::{RecordId, RowKey};
use crate::limits::{Act, Ground};
use crate::organisation::Subject;
use crate::text::{EntryId, ListId, ProfileName};

/// What a type of record says about its subject. Fixed by the type, never by a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Polarity {
    /// Against the subject: needs ground, basis, remedy and end.
    Adverse,
    /// A fact.
    Neutral,
    /// In favour of the subject.
    Good,
}

impl Polarity {
    /// The key in packs, tables and answers.
    pub const fn key(self) -> &'static str {
        match self {
            Polarity::Adverse => "adverse",
            Polarity::Neutral => "neutral",
            Polarity::Good => "good",
        }
    }
}

/// The types of record there are (domain.md 6.3; more follow with due process).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordType {
    /// `procurement.exclusion`
    ProcurementExclusion,
    /// `list.entry`
    ListEntry,
    /// `admin.penalty`
    AdminPenalty,
    /// `admin.permit`
    AdminPermit,
    /// `registration`
    Registration,
}

impl RecordType {
    /// Every type, in the fixed order in which a file shows them.
    pub const ALL: [RecordType; 5] = [
        RecordType::ProcurementExclusion,
        RecordType::ListEntry,
        RecordType::AdminPenalty,
        RecordType::AdminPermit,
        RecordType::Registration,
    ];

    /// The catalogue key.
    pub const fn key(self) -> &'static str {
        match self {
            RecordType::ProcurementExclusion => "procurement.exclusion",
            RecordType::ListEntry => "list.entry",
            RecordType::AdminPenalty => "admin.penalty",
            RecordType::AdminPermit => "admin.permit",
            RecordType::Registration => "registration",
        }
    }

    /// The type with this key.
    pub fn from_key(key: &str) -> Option<RecordType> {
        RecordType::ALL.into_iter().find(|record_type| record_type.key() == key)
    }

    /// What records of this type say about their subject.
    pub const fn polarity(self) -> Polarity {
        match self {
            RecordType::ProcurementExclusion | RecordType::ListEntry | RecordType::AdminPenalty => {
                Polarity::Adverse
            }
            RecordType::AdminPermit | RecordType::Registration => Polarity::Neutral,
        }
    }
}

/// An amount with its ISO 4217 currency. Never a JSON number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// The amount, not negative (V11).
    pub amount: Decimal,
    /// ISO 4217 code.
    pub currency: String,
}

/// The fields a type has of its own. Texts are as the publisher writes them; on the wire each is a
/// salted disclosure, so that one field can be destroyed alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// An entry of an official list.
    ListEntry(ListEntry),
    /// An exclusion from procurement.
    ProcurementExclusion(ProcurementExclusion),
    /// An administrative penalty.
    AdminPenalty(AdminPenalty),
    /// A permit.
    AdminPermit(AdminPermit),
    /// A registration or licence to operate.
    Registration(Registration),
}

impl Body {
    /// The type this body belongs to.
    pub const fn record_type(&self) -> RecordType {
        match self {
            Body::ListEntry(_) => RecordType::ListEntry,
            Body::ProcurementExclusion(_) => RecordType::ProcurementExclusion,
            Body::AdminPenalty(_) => RecordType::AdminPenalty,
            Body::AdminPermit(_) => RecordType::AdminPermit,
            Body::Registration(_) => RecordType::Registration,
        }
    }

    /// The body's texts as `(field key, text)` in alphabetical order of keys, empty ones left out:
    /// what the wire turns into disclosures and what a page shows.
    ///
    /// ```
    /// use goodstanding_domain::record::{AdminPermit, Body};
    /// let body = Body::AdminPermit(AdminPermit { number: Some("CT0002968".into()), ..Default::default() });
    /// assert_eq!(body.fields(), [("number", "CT0002968".to_owned())]);
    /// ```
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = Vec::new();
        let mut put = |key: &'static str, text: &Option<String>| {
            if let Some(text) = text.as_ref().filter(|text| !text.is_empty()) {
                fields.push((key, text.clone()));
            }
        };
        match self {
            Body::ListEntry(body) => {
                put("imposed_by", &body.imposed_by);
                put("sanction", &body.sanction);
            }
            Body::ProcurementExclusion(body) => {
                put("imposed_by", &body.imposed_by);
                put("sanction", &body.sanction);
                put("scope", &body.scope);
            }
            Body::AdminPenalty(body) => {
                put("fine", &body.fine.as_ref().map(|m| format!("{} {}", m.amount, m.currency)));
                put("imposed_by", &body.imposed_by);
                put("sanction", &body.sanction);
            }
            Body::AdminPermit(body) => {
                put("category", &body.category);
                put("content", &body.content);
                put("number", &body.number);
                put("stage", &body.stage);
            }
            Body::Registration(body) => {
                put("category", &body.category);
                put("number", &body.number);
                put("status", &body.status);
            }
        }
        fields
    }

    /// The body of `record_type` from such fields; `Err` names the first field the type does not
    /// have, or `fine` when it is no amount.
    pub fn from_fields(
        record_type: RecordType,
        fields: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Body, String> {
        let mut body = match record_type {
            RecordType::ListEntry => Body::ListEntry(ListEntry::default()),
            RecordType::ProcurementExclusion => {
                Body::ProcurementExclusion(ProcurementExclusion::default())
            }
            RecordType::AdminPenalty => Body::AdminPenalty(AdminPenalty::default()),
            RecordType::AdminPermit => Body::AdminPermit(AdminPermit::default()),
            RecordType::Registration => Body::Registration(Registration::default()),
        };
        for (key, text) in fields {
            let text = Some(text);
            match (&mut body, key.as_str()) {
                (Body::ListEntry(body), "imposed_by") => body.imposed_by = text,
                (Body::ListEntry(body), "sanction") => body.sanction = text,
                (Body::ProcurementExclusion(body), "imposed_by") => body.imposed_by = text,
                (Body::ProcurementExclusion(body), "sanction") => body.sanction = text,
                (Body::ProcurementExclusion(body), "scope") => body.scope = text,
                (Body::AdminPenalty(body), "fine") => {
                    body.fine = Some(parse_money(text.as_deref().unwrap_or("")).ok_or(key)?);
                }
                (Body::AdminPenalty(body), "imposed_by") => body.imposed_by = text,
                (Body::AdminPenalty(body), "sanction") => body.sanction = text,
                (Body::AdminPermit(body), "category") => body.category = text,
                (Body::AdminPermit(body), "content") => body.content = text,
                (Body::AdminPermit(body), "number") => body.number = text,
                (Body::AdminPermit(body), "stage") => body.stage = text,
                (Body::Registration(body), "category") => body.category = text,
                (Body::Registration(body), "number") => body.number = text,
                (Body::Registration(body), "status") => body.status = text,
                _ => return Err(key),
            }
        }
        Ok(body)
    }

    /// The field keys bodies of `record_type` may have.
    pub const fn field_keys(record_type: RecordType) -> &'static [&'static str] {
        match record_type {
            RecordType::ListEntry => &["imposed_by", "sanction"],
            RecordType::ProcurementExclusion => &["imposed_by", "sanction", "scope"],
            RecordType::AdminPenalty => &["fine", "imposed_by", "sanction"],
            RecordType::AdminPermit => &["category", "content", "number", "stage"],
            RecordType::Registration => &["category", "number", "status"],
        }
    }
}

/// `77556.77 BRL` as money; `None` when it is none, or below zero (V11).
///
/// ```
/// use goodstanding_domain::record::parse_money;
/// assert_eq!(parse_money("77556.77 BRL").unwrap().currency, "BRL");
/// assert!(parse_money("-1 BRL").is_none());
/// assert!(parse_money("1,5 BRL").is_none());
/// ```
pub fn parse_money(text: &str) -> Option<Money> {
    let (amount, currency) = text.split_once(' ')?;
    let amount: Decimal = amount.parse().ok()?;
    let is_currency = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase());
    (is_currency && !amount.is_sign_negative())
        .then(|| Money { amount, currency: currency.to_owned() })
}

/// An entry of an official list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListEntry {
    /// The body that decided, as the publisher writes it.
    pub imposed_by: Option<String>,
    /// What was imposed, as the publisher writes it.
    pub sanction: Option<String>,
}

/// An exclusion from procurement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProcurementExclusion {
    /// The body that decided, as the publisher writes it.
    pub imposed_by: Option<String>,
    /// The kind of exclusion, as the publisher writes it.
    pub sanction: Option<String>,
    /// For whom or where it holds, as the publisher writes it.
    pub scope: Option<String>,
}

/// An administrative penalty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdminPenalty {
    /// The fine.
    pub fine: Option<Money>,
    /// The body that decided, as the publisher writes it.
    pub imposed_by: Option<String>,
    /// The penalty, as the publisher writes it.
    pub sanction: Option<String>,
}

/// A permit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdminPermit {
    /// Kind of permit.
    pub category: Option<String>,
    /// What is permitted, and where.
    pub content: Option<String>,
    /// The permit's number at the authority.
    pub number: Option<String>,
    /// Draft, final, modified.
    pub stage: Option<String>,
}

/// A registration or a licence to operate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registration {
    /// Kind of registration.
    pub category: Option<String>,
    /// The number in the register.
    pub number: Option<String>,
    /// Status in the register, as the publisher writes it.
    pub status: Option<String>,
}

/// How a record came to be here. Only quotations exist so far; hosted and imported-final
/// proceedings come with due process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotation {
    /// The publisher quoted.
    pub publisher: AuthorityKey,
    /// The list quoted.
    pub list: ListId,
    /// The entries of the list's definition this row maps to; at least one when adverse (I-63).
    pub entries: Vec<EntryId>,
    /// The profile that read the row.
    pub profile: ProfileName,
    /// The row, by keyed hash.
    pub row_key: RowKey,
    /// Keyed hash of everything kept of the row: equal means unchanged.
    pub row_digest: RowKey,
    /// The day the file was read.
    pub read_on: Day,
    /// Days after `read_on` for which the quotation counts as current; `None` for facts that need
    /// no re-reading (neutral and good types only, design 9.17).
    pub current_days_max: Option<u16>,
    /// Days after `read_on` after which it is hidden (I-66); `None` with `current_days_max`.
    pub hidden_after_days: Option<u16>,
}

/// One revision of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Stays the same through revisions.
    pub id: RecordId,
    /// From 1.
    pub revision: u32,
    /// Whom it is about.
    pub subject: Subject,
    /// Source and freshness.
    pub quotation: Quotation,
    /// Grounds from the closed vocabulary; at least one when adverse (I-63).
    pub grounds: Vec<Ground>,
    /// Who decided, as the pack says.
    pub act: Option<Act>,
    /// First and last day as published.
    pub period: Period,
    /// The instant the last day is over in the publisher's zone, computed once (design 3).
    pub end_at: Option<Instant>,
    /// IANA zone the days are meant in.
    pub zone: String,
    /// Hash of the pack that gave basis, ground and remedy (design 9.5), as 64 hex digits.
    pub pack: String,
    /// The fields of its type.
    pub body: Body,
}

impl Record {
    /// The record's type.
    pub const fn record_type(&self) -> RecordType {
        self.body.record_type()
    }

    /// What it says about its subject.
    pub const fn polarity(&self) -> Polarity {
        self.record_type().polarity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_round_trip_through_their_fields() {
        for record_type in RecordType::ALL {
            assert_eq!(RecordType::from_key(record_type.key()), Some(record_type));
            let fields: Vec<(String, String)> = Body::field_keys(record_type)
                .iter()
                .map(|key| {
                    let text = if *key == "fine" { "10.50 BRL" } else { "text" };
                    ((*key).to_owned(), text.to_owned())
                })
                .collect();
            let body = Body::from_fields(record_type, fields.clone()).unwrap();
            assert_eq!(body.record_type(), record_type);
            let back: Vec<(String, String)> =
                body.fields().into_iter().map(|(key, text)| (key.to_owned(), text)).collect();
            assert_eq!(back, fields, "{}", record_type.key());
        }
    }

    #[test]
    fn no_body_has_a_field_for_a_person() {
        // I-26: the schema has no person name, birth date, personal id, photo, phone or home
        // address.
        let words = [
            "person",
            "birth",
            "phone",
            "email",
            "home",
            "legal_rep",
            "director",
            "owner",
            "gender",
        ];
        for record_type in RecordType::ALL {
            for key in Body::field_keys(record_type) {
                assert!(words.iter().all(|word| !key.contains(word)), "{key}");
            }
        }
        let stray = [("owner".to_owned(), "x".to_owned())];
        assert_eq!(Body::from_fields(RecordType::ListEntry, stray), Err("owner".to_owned()));
    }
}
