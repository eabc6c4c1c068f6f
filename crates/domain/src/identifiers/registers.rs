//! Numbers of registers that carry no check digit anybody can compute: their shape is all that can
//! be said, so that they never join (see [`super::IdentifierClaim::joins`]).

use super::{IdentifierError, personal, scheme};

/// The number of a company at Companies House: eight characters, two of which may be letters.
/// Seven digits get back the zero a spreadsheet took away.
///
/// ```
/// use goodstanding_domain::identifiers::registers::company_number;
/// assert_eq!(company_number("sc 123456").as_deref(), Ok("SC123456"));
/// assert_eq!(company_number("1234567").as_deref(), Ok("01234567"));
/// assert!(company_number("123456").is_err());
/// ```
pub fn company_number(raw: &str) -> Result<String, IdentifierError> {
    let mut value = scheme::normalise(raw, &scheme::DASHES);
    if value.len() == 7 && is_digits(&value) {
        // Index safety: at the beginning of any text.
        value.insert(0, '0');
    }
    if value.len() != 8 || !value.is_ascii() {
        return Err(IdentifierError::Shape(Some("eight characters, leading zeros included")));
    }
    let (prefix, number) = value.split_at_checked(2).unwrap_or_default();
    let has_prefix = prefix == "R0" || is_letters(prefix) || is_digits(prefix);
    // Some registered societies carry an R at their end.
    let has_number =
        is_digits(number) || is_letters(prefix) && number.strip_suffix('R').is_some_and(is_digits);
    if !has_prefix || !has_number {
        return Err(IdentifierError::Shape(Some("two letters or digits, then six digits")));
    }
    not_a_placeholder(value)
}

/// The reference number of a firm at the Financial Conduct Authority: six or seven digits. Numbers
/// of approved persons begin with letters and are theirs.
///
/// ```
/// use goodstanding_domain::identifiers::{IdentifierError, registers::firm_reference_number};
/// assert_eq!(firm_reference_number(" 114216").as_deref(), Ok("114216"));
/// assert_eq!(firm_reference_number("ABC01234"), Err(IdentifierError::Personal));
/// ```
pub fn firm_reference_number(raw: &str) -> Result<String, IdentifierError> {
    let value = scheme::normalise(raw, &scheme::DASHES);
    // Three letters of the name and five digits: an individual reference number.
    if value.get(..3).is_some_and(is_letters) && value.get(3..).is_some_and(is_digits) {
        return Err(IdentifierError::Personal);
    }
    if !matches!(value.len(), 6 | 7) || !is_digits(&value) {
        return Err(IdentifierError::Shape(Some("six or seven digits")));
    }
    not_a_placeholder(value)
}

/// The unique entity identifier of SAM: twelve letters and digits without I and O, the first no
/// zero, no nine digits in a row. Its last character is a check whose rule is not published.
///
/// ```
/// use goodstanding_domain::identifiers::registers::unique_entity_identifier;
/// assert_eq!(unique_entity_identifier("yndu zmuz f8h8").as_deref(), Ok("YNDUZMUZF8H8"));
/// assert!(unique_entity_identifier("0NDUZMUZF8H8").is_err());
/// ```
pub fn unique_entity_identifier(raw: &str) -> Result<String, IdentifierError> {
    let value = scheme::normalise(raw, &scheme::DASHES);
    if value.len() == 12 && value.contains(['I', 'O']) {
        return Err(IdentifierError::Shape(Some("I and O are not used: I -> 1, O -> 0?")));
    }
    let is_plain = value.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    if value.len() != 12 || !is_plain || value.starts_with('0') {
        return Err(IdentifierError::Shape(Some("twelve letters and digits, the first no zero")));
    }
    if value.as_bytes().windows(9).any(|window| window.iter().all(u8::is_ascii_digit)) {
        return Err(IdentifierError::Shape(Some("nine digits in a row do not occur")));
    }
    Ok(value)
}

/// The employer identification number: nine digits, written `12-3456789`. A person's numbers have
/// nine digits too and are written `123-45-6789`: that spelling is refused. A bare number says no
/// more than its column does.
///
/// ```
/// use goodstanding_domain::identifiers::{IdentifierError, registers::employer_number};
/// assert_eq!(employer_number("12-3456789").as_deref(), Ok("123456789"));
/// assert_eq!(employer_number("123-45-6789"), Err(IdentifierError::Personal));
/// ```
pub fn employer_number(raw: &str) -> Result<String, IdentifierError> {
    let written: String = scheme::normalise(raw, &[])
        .chars()
        .map(|c| if scheme::DASHES.contains(&c) { '-' } else { c })
        .collect();
    let blocks: Vec<usize> = written.split('-').map(str::len).collect();
    let spaced: Vec<usize> = raw.split_whitespace().map(|part| part.chars().count()).collect();
    if blocks == [3, 2, 4] || spaced == [3, 2, 4] {
        return Err(IdentifierError::Personal);
    }
    let value = written.replace('-', "");
    if value.len() != 9 || !is_digits(&value) || !matches!(blocks.as_slice(), [9] | [2, 7]) {
        return Err(IdentifierError::Shape(Some("nine digits, written 12-3456789")));
    }
    not_a_placeholder(value)
}

/// The European unique identifier of a company: country, register, full stop, number.
///
/// ```
/// use goodstanding_domain::identifiers::registers::european_unique_identifier;
/// assert_eq!(european_unique_identifier("DKCVR.11845118").as_deref(), Ok("DKCVR.11845118"));
/// assert!(european_unique_identifier("GRGEMI.077700527000").is_err());
/// ```
pub fn european_unique_identifier(raw: &str) -> Result<String, IdentifierError> {
    // Not law: longer than any register's identifiers.
    const LENGTH_MAX: usize = 50;
    let value = scheme::normalise(raw, &[]);
    let Some((register, number)) = value.split_once('.').filter(|_| value.len() <= LENGTH_MAX)
    else {
        return Err(IdentifierError::Shape(Some("country, register, full stop, number")));
    };
    if register.starts_with("GR") {
        return Err(IdentifierError::Shape(Some("Greece is written EL")));
    }
    let is_plain = |text: &str, more: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    let has_register = register.get(..2).is_some_and(is_letters)
        && register.get(2..).is_some_and(|rest| is_plain(rest, "-"));
    if !has_register || !is_plain(number, "-/_.") {
        return Err(IdentifierError::Shape(Some("country, register, full stop, number")));
    }
    // Sweden registers firms of persons under the person's own number: a month from 01 to 12 stands
    // where organisations have 20 and more.
    let is_swedish_person = register.starts_with("SE") && is_swedish_personal_number(number);
    if is_swedish_person || wraps_personal(&value) || wraps_personal(number) {
        return Err(IdentifierError::Personal);
    }
    Ok(value)
}

/// A value with the four digits of ISO 6523 that name its scheme: `0060:123456789`.
///
/// ```
/// use goodstanding_domain::identifiers::registers::iso_6523;
/// assert_eq!(iso_6523("0060: 123456789").as_deref(), Ok("0060:123456789"));
/// assert!(iso_6523("60:123456789").is_err());
/// ```
pub fn iso_6523(raw: &str) -> Result<String, IdentifierError> {
    // ISO 6523-1: an identifier has at most 35 characters.
    const LENGTH_MAX: usize = 35;
    let value = scheme::normalise(raw, &[]);
    let shape = IdentifierError::Shape(Some("four digits of the scheme, a colon, the value"));
    let Some((code, number)) = value.split_once(':') else { return Err(shape) };
    let is_plain = number.chars().all(|c| c.is_ascii_alphanumeric() || ":-./_".contains(c));
    if code.len() != 4 || !is_digits(code) || number.len() > LENGTH_MAX || !is_plain {
        return Err(shape);
    }
    let bare = number.rsplit(':').next().unwrap_or(number);
    let is_person = wraps_personal(number)
        || is_fiscal_code(bare)
        // 0007: numbers of Sweden, of persons too.
        || code == "0007" && is_swedish_personal_number(bare);
    if is_person {
        return Err(IdentifierError::Personal);
    }
    if !number.chars().any(|c| c.is_ascii_alphanumeric() && c != '0') {
        return Err(IdentifierError::Shape(Some("a placeholder; clear the cell")));
    }
    Ok(value)
}

/// Ten digits, or twelve with the century, whose third and fourth (after the century) are a month.
pub(super) fn is_swedish_personal_number(text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = match digits.len() {
        10 => digits.as_str(),
        12 if digits.starts_with("19") || digits.starts_with("20") => {
            digits.get(2..).unwrap_or_default()
        }
        _ => return false,
    };
    digits.get(2..4).is_some_and(|month| ("01"..="12").contains(&month))
}

/// The Italian fiscal code of a person: letters of the name, birth date, place, check letter.
fn is_fiscal_code(text: &str) -> bool {
    const SHAPE: &[u8; 16] = b"aaaaaa99a99a999a";
    text.len() == SHAPE.len()
        && text.bytes().zip(SHAPE).all(|(byte, shape)| match shape {
            b'a' => byte.is_ascii_alphabetic(),
            // Letters stand for digits where two persons would have one code.
            _ => byte.is_ascii_digit() || b"LMNPQRSTUV".contains(&byte),
        })
}

fn wraps_personal(text: &str) -> bool {
    personal::scan(text).is_some()
        || personal::is_citizen_id(text)
        || personal::is_cpf(text)
        || personal::holds_citizen_id(text)
}

pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_letters(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_uppercase())
}

fn not_a_placeholder(value: String) -> Result<String, IdentifierError> {
    let first = value.chars().next();
    if value.chars().all(|c| Some(c) == first) {
        return Err(IdentifierError::Shape(Some("a placeholder; clear the cell")));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use crate::identifiers::vectors::hold;

    #[test]
    fn published_vectors_hold() {
        hold("GB-COH", include_str!("../../../../spec/vectors/gb-coh.json"), 20);
        hold("GB-FRN", include_str!("../../../../spec/vectors/gb-frn.json"), 8);
        hold("US-SAM", include_str!("../../../../spec/vectors/us-sam.json"), 12);
        hold("US-EIN", include_str!("../../../../spec/vectors/us-ein.json"), 10);
        hold("EU-EUID", include_str!("../../../../spec/vectors/eu-euid.json"), 14);
        hold("ISO-6523", include_str!("../../../../spec/vectors/iso-6523.json"), 14);
    }
}
