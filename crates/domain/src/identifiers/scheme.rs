//! Schemes of identifiers: those whose rules are known here, any register of org-id.guide, and
//! schemes of packs.

use unicode_normalization::UnicodeNormalization;

use super::{
    ClaimStatus, IdentifierError, cnpj, inn, lei, organisation_code, personal, registers, uscc, vat,
};

/// The scheme an identifier belongs to. Made by [`Scheme::new`] only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scheme(Kind);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Known(Known),
    /// A code of org-id.guide in upper case, or `x-...` in lower case: no rule known here.
    Named(String),
}

/// Schemes with a rule. Their order is that of claims in a record: append, never reorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Known {
    Uscc,
    Lei,
    Cnpj,
    OrganisationCode,
    Inn,
    Vat,
    CompanyNumber,
    FirmReference,
    EntityIdentifier,
    EmployerNumber,
    Euid,
    Iso6523,
}

/// Key, what people call it, and other spellings of the key (lower case). Keys with check digits
/// are in lower case, the others as org-id.guide writes codes.
const KNOWN: [(Known, &str, &str, &[&str]); 12] = [
    // `CN-USCI` and `XI-LEI` are the names org-id.guide gives to the same schemes.
    (Known::Uscc, "cn-uscc", "USCC", &["cn-usci"]),
    (Known::Lei, "lei", "LEI", &["xi-lei"]),
    (Known::Cnpj, "br-cnpj", "CNPJ", &[]),
    (Known::OrganisationCode, "cn-orgcode", "Organisation code (GB 11714)", &[]),
    (Known::Inn, "ru-inn", "INN", &[]),
    (Known::Vat, "eu-vat", "VAT number", &[]),
    (Known::CompanyNumber, "GB-COH", "Companies House number", &[]),
    (Known::FirmReference, "GB-FRN", "Firm reference number", &[]),
    (Known::EntityIdentifier, "US-SAM", "UEI", &["us-uei"]),
    (Known::EmployerNumber, "US-EIN", "EIN", &[]),
    (Known::Euid, "EU-EUID", "EUID", &["euid"]),
    (Known::Iso6523, "ISO-6523", "ISO 6523", &["iso6523"]),
];

/// Longest key of a scheme and longest value without a check digit, in characters.
const KEY_CHARACTERS_MAX: usize = 40;
const VALUE_CHARACTERS_MAX: usize = 50;
/// Most digits of a key. No register's code has more, and no personal number has so few, so that a
/// key cannot carry one past the checks of values.
const KEY_DIGITS_MAX: usize = 4;

impl Scheme {
    /// The scheme with this key: one whose rule is known here (`cn-uscc`, `lei`, `US-SAM`), any
    /// other code of org-id.guide in any case (`US-DUNS`), or `x-` and a slug for a publisher's own
    /// register.
    ///
    /// ```
    /// use goodstanding_domain::identifiers::scheme::Scheme;
    /// assert_eq!(Scheme::new("us-duns").unwrap().key(), "US-DUNS");
    /// assert_eq!(Scheme::new("BR-CNPJ").unwrap().key(), "br-cnpj");
    /// assert_eq!(Scheme::new("x-demo-register").unwrap().key(), "x-demo-register");
    /// assert!(Scheme::new("passport number").is_none());
    /// ```
    pub fn new(key: &str) -> Option<Scheme> {
        if key.len() > KEY_CHARACTERS_MAX || !key.is_ascii() {
            return None;
        }
        let lower = key.to_ascii_lowercase();
        let known = KNOWN.iter().find(|(_, key, _, others)| {
            key.eq_ignore_ascii_case(&lower) || others.contains(&lower.as_str())
        });
        if let Some((known, ..)) = known {
            return Some(Scheme(Kind::Known(*known)));
        }
        let (head, tail) = lower.split_once('-')?;
        let is_plain = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let is_slug =
            !tail.is_empty() && is_plain(tail) && !tail.starts_with('-') && !tail.ends_with('-');
        let digits = tail.bytes().filter(u8::is_ascii_digit).count();
        if digits > KEY_DIGITS_MAX {
            return None;
        }
        if !is_slug || !head.bytes().all(|b| b.is_ascii_alphabetic()) {
            return None;
        }
        match head.len() {
            1 if head == "x" => Some(Scheme(Kind::Named(lower))),
            2 | 3 => Some(Scheme(Kind::Named(lower.to_ascii_uppercase()))),
            _ => None,
        }
    }

    /// The key.
    pub fn key(&self) -> &str {
        match &self.0 {
            Kind::Known(known) => known.row().1,
            Kind::Named(key) => key,
        }
    }

    /// What people call it.
    pub fn label(&self) -> &str {
        match &self.0 {
            Kind::Known(known) => known.row().2,
            Kind::Named(key) => key,
        }
    }

    /// Whether a right check digit says that two records are about one organisation. The companies
    /// of a VAT group share one number.
    pub(super) const fn names_one_organisation(&self) -> bool {
        !matches!(self.0, Kind::Known(Known::Vat))
    }

    /// The schemes whose rules are known here, by key.
    pub fn known() -> impl Iterator<Item = Scheme> {
        KNOWN.iter().map(|(known, ..)| Scheme(Kind::Known(*known)))
    }

    /// The normalised value of `raw` and what its check says; refused when it is a person's.
    pub fn check(&self, raw: &str) -> Result<(String, ClaimStatus), IdentifierError> {
        let unchecked = |value: Result<String, IdentifierError>| {
            let value = value?;
            // No number of a register needs to read like a telephone or a card.
            let is_personal = personal::scan(&value).is_some();
            if is_personal {
                return Err(IdentifierError::Personal);
            }
            Ok((value, ClaimStatus::Unchecked))
        };
        let (value, status) = match &self.0 {
            Kind::Known(Known::Uscc) => uscc::check(raw),
            Kind::Known(Known::Lei) => lei::check(raw),
            Kind::Known(Known::Cnpj) => cnpj::check(raw),
            Kind::Known(Known::OrganisationCode) => organisation_code::check(raw),
            Kind::Known(Known::Inn) => inn::check(raw),
            Kind::Known(Known::Vat) => vat::check(raw),
            Kind::Known(Known::CompanyNumber) => unchecked(registers::company_number(raw)),
            Kind::Known(Known::FirmReference) => unchecked(registers::firm_reference_number(raw)),
            Kind::Known(Known::EntityIdentifier) => {
                unchecked(registers::unique_entity_identifier(raw))
            }
            Kind::Known(Known::EmployerNumber) => unchecked(registers::employer_number(raw)),
            Kind::Known(Known::Euid) => unchecked(registers::european_unique_identifier(raw)),
            Kind::Known(Known::Iso6523) => unchecked(registers::iso_6523(raw)),
            Kind::Named(_) => check_shape_only(raw),
        }?;
        // A value that proves nothing may wrap an identity number.
        if status != ClaimStatus::Checked && personal::holds_citizen_id(&value) {
            return Err(IdentifierError::Personal);
        }
        Ok((value, status))
    }
}

impl Known {
    /// Its row of [`KNOWN`], which holds all of them in the order of the enumeration.
    const fn row(self) -> &'static (Known, &'static str, &'static str, &'static [&'static str]) {
        // Index safety: the table has a row for each value, in this order; a test compares them.
        &KNOWN[self as usize]
    }
}

/// NFKC, upper case, without white space and without the characters of `ignored`.
pub(super) fn normalise(raw: &str, ignored: &[char]) -> String {
    raw.nfkc()
        .flat_map(char::to_uppercase)
        .filter(|c| !c.is_whitespace() && !is_invisible(*c) && !ignored.contains(c))
        .collect()
}

/// Characters that spreadsheets carry along and nobody sees.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// The dashes people write instead of a hyphen, and the hyphen.
pub(super) const DASHES: [char; 8] =
    ['-', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2212}', '\u{ff0d}'];

fn check_shape_only(raw: &str) -> Result<(String, ClaimStatus), IdentifierError> {
    let value = normalise(raw, &[]);
    // Nothing but the scheme's name says that this is no telephone, card or identity number. The
    // normal form is read too, since it is what is kept.
    let is_personal = |text: &str| {
        personal::scan(text).is_some() || personal::is_citizen_id(text) || personal::is_cpf(text)
    };
    if is_personal(raw) || is_personal(&value) {
        return Err(IdentifierError::Personal);
    }
    let is_short = value.chars().count() <= VALUE_CHARACTERS_MAX;
    let is_plain = value.chars().all(|c| c.is_alphanumeric() || "-./_".contains(c));
    if !is_short || !is_plain {
        return Err(IdentifierError::Shape(None));
    }
    // `0`, `---`, `N/A` stand for "none" in every register seen.
    let says_nothing = value.chars().all(|c| c == '0' || !c.is_alphanumeric());
    if says_nothing || ["N/A", "NA", "NONE", "NULL"].contains(&value.as_str()) {
        return Err(IdentifierError::Shape(Some("a placeholder; clear the cell")));
    }
    Ok((value, ClaimStatus::Unchecked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_that_are_no_scheme() {
        for key in
            ["", "-", "x-", "x--a", "X", "A-1", "abcd-1", "us duns", "名-1", "us-duns-", "12-a"]
        {
            assert!(Scheme::new(key).is_none(), "{key}");
        }
    }

    #[test]
    fn a_scheme_is_found_again_under_its_own_key() {
        for key in
            ["cn-uscc", "LEI", "XI-LEI", "br-cnpj", "us-uei", "us-epa-npdes", "X-OCC-Charter"]
        {
            let scheme = Scheme::new(key).unwrap();
            assert_eq!(Scheme::new(scheme.key()), Some(scheme.clone()), "{key}");
            assert!(!scheme.label().is_empty());
        }
    }

    #[test]
    fn every_known_scheme_has_its_own_row_and_keys() {
        for (at, (known, key, _, others)) in KNOWN.iter().enumerate() {
            assert_eq!(*known as usize, at, "{key}");
            for spelling in others.iter().chain([key]) {
                assert_eq!(Scheme::new(&spelling.to_uppercase()).unwrap().key(), *key);
            }
        }
        assert_eq!(Scheme::known().count(), KNOWN.len());
    }

    #[test]
    fn personal_identifiers_are_refused_in_every_scheme() {
        let scheme = Scheme::new("GB-CHC").unwrap();
        for raw in ["110000199001010013", "529.982.247-25", "someone@example.org"] {
            assert_eq!(scheme.check(raw), Err(IdentifierError::Personal));
        }
        // A scheme of another shape keeps none of them either.
        for scheme in Scheme::known() {
            for raw in ["110000199001010013", "529.982.247-25", "someone@example.org"] {
                assert!(scheme.check(raw).is_err(), "{} {raw}", scheme.key());
            }
        }
    }

    #[test]
    fn p1_no_personal_number_passes_as_a_value_without_a_check_digit() {
        let scheme = Scheme::new("x-foo").unwrap();
        for raw in [
            "13812345678",
            "138-1234-5678",
            "+86 13812345678",
            "4111111111111111",
            "4111 1111 1111 1111",
            "ID110000199001010013",
            "110000-19900101-0013",
            "00110000199001010013",
            "110000199001010013/2",
            "A1.11010519491231002x.7",
            "52998224725",
        ] {
            assert_eq!(scheme.check(raw), Err(IdentifierError::Personal), "{raw}");
        }
        let lei = Scheme::new("lei").unwrap();
        assert_eq!(lei.check("00110000199001010013"), Err(IdentifierError::Personal));
    }

    #[test]
    fn permits_charters_and_company_numbers_still_pass() {
        let scheme = Scheme::new("x-register").unwrap();
        for raw in [
            "CT0101354",
            "MEU507602",
            "MAR10A001",
            "1",
            "3511",
            "451965",
            "852218",
            "01234567",
            "HRB 86891",
            "804735132",
            "00190.004155/2007-57",
            "2014-100123",
            "1027700132195",
        ] {
            assert!(scheme.check(raw).is_ok(), "{raw}");
        }
    }

    #[test]
    fn p1_no_personal_number_passes_as_the_key_of_a_scheme() {
        for key in [
            "x-13812345678",
            "x-1381-2345-678",
            "x-110000199001010013",
            "x-a110000199001010013b",
            "x-4111111111111111",
            "us-13812345678",
            "x-12345",
        ] {
            assert!(Scheme::new(key).is_none(), "{key}");
        }
        for key in ["x-register-2014", "x-iso9001", "x-us-occ-charter", "XI-PB", "GB-COH"] {
            assert!(Scheme::new(key).is_some(), "{key}");
        }
    }

    #[test]
    fn values_without_a_check_digit_keep_their_punctuation() {
        let scheme = Scheme::new("us-epa-npdes").unwrap();
        assert_eq!(scheme.check(" mar10a001 "), Ok(("MAR10A001".into(), ClaimStatus::Unchecked)));
        assert_eq!(scheme.check("12-3456"), Ok(("12-3456".into(), ClaimStatus::Unchecked)));
        for raw in ["", "  ", "n/a", "0000", "---"] {
            assert!(matches!(scheme.check(raw), Err(IdentifierError::Shape(Some(_)))), "{raw}");
        }
        assert_eq!(scheme.check("a;b"), Err(IdentifierError::Shape(None)));
        assert_eq!(scheme.check(&"1a".repeat(26)), Err(IdentifierError::Shape(None)));
    }

    proptest! {
        #[test]
        fn a_normalised_value_is_its_own_normal_form(raw in "\\PC{0,24}", key in 0usize..13) {
            let known = Scheme::known().nth(key);
            let scheme = known.unwrap_or_else(|| Scheme::new("GB-CHC").unwrap());
            if let Ok((value, status)) = scheme.check(&raw) {
                prop_assert_eq!(scheme.check(&value), Ok((value.clone(), status)));
            }
        }
    }
}
