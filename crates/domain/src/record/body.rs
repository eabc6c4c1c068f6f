//! The fields each type of record has of its own.

use rust_decimal::Decimal;

use super::RecordType;
use crate::case::Attestation;
use crate::civil::Day;

/// An amount with its ISO 4217 currency. Never a JSON number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// The amount, not negative (V11).
    pub amount: Decimal,
    /// ISO 4217 code.
    pub currency: String,
}

/// A value that a field of a body can have: on the wire and on pages it is a text.
trait FieldValue: Sized {
    fn to_text(&self) -> String;

    /// `None` when the text is no such value.
    fn from_text(text: String) -> Option<Self>;
}

impl FieldValue for String {
    fn to_text(&self) -> String {
        self.clone()
    }

    fn from_text(text: String) -> Option<String> {
        Some(text)
    }
}

impl FieldValue for Money {
    fn to_text(&self) -> String {
        format!("{} {}", self.amount, self.currency)
    }

    fn from_text(text: String) -> Option<Money> {
        parse_money(&text)
    }
}

impl FieldValue for Day {
    fn to_text(&self) -> String {
        self.to_string()
    }

    fn from_text(text: String) -> Option<Day> {
        text.parse().ok()
    }
}

impl FieldValue for Attestation {
    fn to_text(&self) -> String {
        self.key().to_owned()
    }

    fn from_text(text: String) -> Option<Attestation> {
        Attestation::from_key(&text)
    }
}

macro_rules! bodies {
    ($($(#[$doc:meta])* $name:ident {
        $($(#[$field_doc:meta])* $field:ident: $value:ty,)*
    })*) => {
        /// The fields a type has of its own. Texts are as the publisher or authority writes them;
        /// on the wire each is a salted disclosure, so that one field can be destroyed alone.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Body {
            $($(#[$doc])* $name($name),)*
        }

        $($(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Option<$value>,)*
        })*

        impl Body {
            /// The type this body belongs to.
            pub const fn record_type(&self) -> RecordType {
                match self { $(Body::$name(_) => RecordType::$name,)* }
            }

            /// The body's texts as `(field key, text)` in alphabetical order of keys, empty ones
            /// left out: what the wire turns into disclosures and what a page shows.
            ///
            /// ```
            /// use goodstanding_domain::record::{AdminPermit, Body};
            /// let permit = AdminPermit { number: Some("CT0002968".into()), ..Default::default() };
            /// assert_eq!(Body::AdminPermit(permit).fields(), [("number", "CT0002968".to_owned())]);
            /// ```
            pub fn fields(&self) -> Vec<(&'static str, String)> {
                let texts: Vec<(&'static str, Option<String>)> = match self {
                    $(Body::$name(body) => vec![
                        $((stringify!($field), body.$field.as_ref().map(FieldValue::to_text)),)*
                    ],)*
                };
                let filled = |(key, text): (&'static str, Option<String>)| {
                    text.filter(|text| !text.is_empty()).map(|text| (key, text))
                };
                texts.into_iter().filter_map(filled).collect()
            }

            /// The body of `record_type` from such fields; `Err` names the first field that the
            /// type does not have, or that is no such value: an amount, a day, a closed key.
            pub fn from_fields(
                record_type: RecordType,
                fields: impl IntoIterator<Item = (String, String)>,
            ) -> Result<Body, String> {
                let mut body = match record_type {
                    $(RecordType::$name => Body::$name($name::default()),)*
                };
                for (key, text) in fields {
                    match (&mut body, key.as_str()) {
                        $($((Body::$name(body), stringify!($field)) => {
                            body.$field = Some(FieldValue::from_text(text).ok_or(key)?);
                        })*)*
                        _ => return Err(key),
                    }
                }
                Ok(body)
            }

            /// The field keys bodies of `record_type` may have, in alphabetical order.
            pub const fn field_keys(record_type: RecordType) -> &'static [&'static str] {
                match record_type { $(RecordType::$name => &[$(stringify!($field),)*],)* }
            }
        }
    };
}

// Fields stand in alphabetical order: the wire and the pages take them as they stand here.
bodies! {
    /// An entry of an official list.
    ListEntry {
        /// The body that decided, as the publisher writes it.
        imposed_by: String,
        /// What was imposed, as the publisher writes it.
        sanction: String,
    }
    /// An exclusion from procurement.
    ProcurementExclusion {
        /// The body that decided, as the publisher writes it.
        imposed_by: String,
        /// The kind of exclusion, as the publisher writes it.
        sanction: String,
        /// For whom or where it holds, as the publisher writes it.
        scope: String,
    }
    /// An administrative penalty.
    AdminPenalty {
        /// The fine.
        fine: Money,
        /// The body that decided, as the publisher writes it.
        imposed_by: String,
        /// The penalty, as the publisher writes it.
        sanction: String,
    }
    /// A judgment or award that an organisation could perform and did not.
    JudicialDefault {
        /// The court.
        court: String,
        /// What has to be done: pay, hand over, act, refrain.
        duty: String,
        /// Number of the enforcement case at the court; the number at the authority is the
        /// revision's.
        enforcement_case: String,
        /// What is still owed.
        outstanding: Money,
        /// The day it was performed.
        performed_on: Day,
    }
    /// An entry of a register of abnormal operations: a duty to file or to be reachable was missed.
    ListAbnormal {
        /// The day it was made good.
        cured_on: Day,
        /// The day of the entry.
        entered_on: Day,
        /// The reason, as the register words it.
        reason: String,
    }
    /// A breach of a public contract that had a legal consequence.
    ContractBreach {
        /// What followed: termination, damages, settlement.
        consequence: String,
        /// Reference of the contract.
        contract: String,
        /// The day of the breach notice.
        notice_on: Day,
    }
    /// A public body attested something about a record that was not so (domain.md 5.5).
    SubmitterBreach {
        /// Which of the six attestations was false.
        attestation: Attestation,
        /// What was found.
        finding: String,
        /// Number of the record at the public body.
        number: String,
    }
    /// A permit.
    AdminPermit {
        /// Kind of permit.
        category: String,
        /// What is permitted, and where.
        content: String,
        /// The permit's number at the authority.
        number: String,
        /// Draft, final, modified.
        stage: String,
    }
    /// A registration or a licence to operate.
    Registration {
        /// Kind of registration.
        category: String,
        /// The number in the register.
        number: String,
        /// Status in the register, as the publisher writes it.
        status: String,
    }
    /// An award or distinction with published criteria.
    Honour {
        /// What it is called.
        award: String,
        /// Where the criteria are published.
        criteria: String,
    }
    /// A commitment that was kept. One that is open is no record yet, and one that was broken would
    /// be an adverse record with a type, a notice and a hearing of its own.
    Commitment {
        /// What was promised.
        commitment: String,
        /// How it could be checked.
        criteria: String,
        /// The day it was due.
        due_on: Day,
        /// The day it was kept.
        kept_on: Day,
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A value that the field `key` takes.
    fn sample(key: &str) -> &'static str {
        match key {
            "fine" | "outstanding" => "10.50 BRL",
            "attestation" => "a2_service",
            _ if key.ends_with("_on") => "2026-11-25",
            _ => "text",
        }
    }

    #[test]
    fn bodies_round_trip_through_their_fields() {
        for record_type in RecordType::ALL {
            assert_eq!(RecordType::from_key(record_type.key()), Some(record_type));
            let keys = Body::field_keys(record_type);
            assert!(keys.is_sorted(), "{}: fields in alphabetical order", record_type.key());
            let fields: Vec<(String, String)> =
                keys.iter().map(|key| ((*key).to_owned(), sample(key).to_owned())).collect();
            let body = Body::from_fields(record_type, fields.clone()).unwrap();
            assert_eq!(body.record_type(), record_type);
            let back: Vec<(String, String)> =
                body.fields().into_iter().map(|(key, text)| (key.to_owned(), text)).collect();
            assert_eq!(back, fields, "{}", record_type.key());
        }
    }

    #[test]
    fn a_value_of_another_type_is_named() {
        for (record_type, key, text) in [
            (RecordType::AdminPenalty, "fine", "much"),
            (RecordType::JudicialDefault, "outstanding", "-1 CNY"),
            (RecordType::ListAbnormal, "entered_on", "2026-02-30"),
            (RecordType::SubmitterBreach, "attestation", "a7_rumour"),
            (RecordType::Commitment, "kept_on", "never"),
        ] {
            let fields = [(key.to_owned(), text.to_owned())];
            assert_eq!(Body::from_fields(record_type, fields), Err(key.to_owned()));
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
            "winner",
            "judge",
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
