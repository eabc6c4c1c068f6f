//! The Brazilian CNPJ: 14 characters, numeric, or alphanumeric as issued from July 2026 on.

use super::{ClaimStatus, IdentifierError, personal, scheme};

const LENGTH: usize = 14;
/// Weights of the first check digit; the second has a 6 before them.
const WEIGHTS: [u32; 12] = [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
/// Banco do Brasil, the first number given out, with thousands of branches.
const ROOT_WITH_MANY_BRANCHES: &str = "00000000";

/// The normalised number and what its two check digits say. Punctuation is ignored.
///
/// ```
/// use goodstanding_domain::identifiers::{ClaimStatus, IdentifierError, cnpj};
/// let found = Ok(("12ABC34501DE35".to_owned(), ClaimStatus::Checked));
/// assert_eq!(cnpj::check("12.ABC.345/01DE-35"), found);
/// assert_eq!(cnpj::check("529.982.247-25"), Err(IdentifierError::Personal));
/// ```
pub fn check(raw: &str) -> Result<(String, ClaimStatus), IdentifierError> {
    if personal::is_cpf(raw) || personal::is_citizen_id(raw) {
        return Err(IdentifierError::Personal);
    }
    let value = normalise(raw);
    let bytes = value.as_bytes();
    let (Some(body), Some(digits), LENGTH) = (bytes.get(..12), bytes.get(12..), bytes.len()) else {
        return Err(IdentifierError::Shape(length_hint(&value)));
    };
    if !body.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
        return Err(IdentifierError::Shape(None));
    }
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(IdentifierError::Shape(Some("the last two characters are digits: O -> 0?")));
    }
    if bytes.iter().all(|b| Some(b) == bytes.first()) {
        return Err(IdentifierError::Shape(Some("a placeholder; clear the cell")));
    }
    let holds = holds(body, digits);
    // A person's CPF that a spreadsheet padded to fourteen digits. The two rules share weights, so
    // a CPF beginning with 00 then passes as a CNPJ; but it would name a branch nobody numbers so
    // high.
    let is_padded_cpf = value.strip_prefix("000").is_some_and(personal::is_cpf);
    let is_usual_branch =
        value.get(8..10) == Some("00") || value.starts_with(ROOT_WITH_MANY_BRANCHES);
    if is_padded_cpf && !(holds && is_usual_branch) {
        return Err(IdentifierError::Personal);
    }
    let status = if holds { ClaimStatus::Checked } else { ClaimStatus::InvalidButOfficial };
    Ok((value, status))
}

/// A number whose leading zeros a spreadsheet ate, with the zeros back: only when the padded number
/// then carries its two check digits, and is not also a person's CPF. Profiles decide whether to
/// call this; nothing else does.
///
/// ```
/// use goodstanding_domain::identifiers::cnpj;
/// assert_eq!(cnpj::pad_numeric("191").as_deref(), Some("00000000000191"));
/// assert_eq!(cnpj::pad_numeric("192"), None);
/// assert_eq!(cnpj::pad_numeric("00000000000191"), None);
/// ```
pub fn pad_numeric(raw: &str) -> Option<String> {
    let digits = normalise(raw);
    if digits.is_empty() || digits.len() >= LENGTH || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let padded = format!("{digits:0>14}");
    // A CPF can lose its zeros too: what could be either is left to a person to look at.
    let is_root_known = padded.starts_with(ROOT_WITH_MANY_BRANCHES);
    if digits.len() <= 11 && !is_root_known && personal::is_cpf(&format!("{digits:0>11}")) {
        return None;
    }
    matches!(check(&padded), Ok((_, ClaimStatus::Checked))).then_some(padded)
}

/// `value`, normalised, as Brazilians write it: `12.345.678/0001-95`; other texts as they are.
pub fn formatted(value: &str) -> String {
    let part = |range: std::ops::Range<usize>| value.get(range).unwrap_or_default();
    if value.len() != LENGTH || !value.is_ascii() {
        return value.to_owned();
    }
    format!("{}.{}.{}/{}-{}", part(0..2), part(2..5), part(5..8), part(8..12), part(12..14))
}

fn normalise(raw: &str) -> String {
    let mut ignored = vec!['.', '/'];
    ignored.extend(scheme::DASHES);
    scheme::normalise(raw, &ignored)
}

fn length_hint(value: &str) -> Option<&'static str> {
    let is_short_number = value.len() < LENGTH && value.bytes().all(|b| b.is_ascii_digit());
    (is_short_number && !value.is_empty()).then_some("fewer than 14 digits: leading zeros lost?")
}

fn holds(body: &[u8], digits: &[u8]) -> bool {
    let first = check_digit(body.iter().zip(WEIGHTS));
    let with_first = body.iter().chain(std::iter::once(&first));
    let second = check_digit(with_first.zip(std::iter::once(6).chain(WEIGHTS)));
    digits == [first, second]
}

/// The check digit, as a character, of characters valued ASCII - 48 with their weights.
fn check_digit<'a>(weighted: impl Iterator<Item = (&'a u8, u32)>) -> u8 {
    let sum: u32 =
        weighted.map(|(byte, weight)| u32::from(byte.saturating_sub(b'0')) * weight).sum();
    match sum % 11 {
        0 | 1 => b'0',
        // 2 to 10, so the difference is 1 to 9.
        rest => b"0123456789".get((11 - rest) as usize).copied().unwrap_or(b'0'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifiers::vectors;
    use proptest::prelude::*;

    #[test]
    fn published_vectors_hold() {
        vectors::hold("br-cnpj", include_str!("../../../../spec/vectors/cnpj.json"), 15);
    }

    #[test]
    fn padding_never_turns_a_person_into_an_organisation() {
        // A CPF with two leading zeros, as a spreadsheet would leave it.
        assert!(personal::is_cpf("00123456797"));
        assert_eq!(pad_numeric("123456797"), None);
        assert_eq!(check("00000123456797"), Err(IdentifierError::Personal));
        // The same number with the branch of a head office is a bank's.
        assert_eq!(check("00.000.208/0001-00").map(|found| found.1), Ok(ClaimStatus::Checked));
        assert_eq!(pad_numeric("208000100"), None);
        for raw in ["", "12A", "12.345.678/0001-95", "0"] {
            assert_eq!(pad_numeric(raw), None, "{raw}");
        }
    }

    #[test]
    fn formatting_leaves_other_texts_alone() {
        assert_eq!(formatted("12345678000195"), "12.345.678/0001-95");
        assert_eq!(formatted("12"), "12");
    }

    fn with_check_digits(body: &str) -> String {
        let bytes = body.as_bytes();
        let first = check_digit(bytes.iter().zip(WEIGHTS));
        let second =
            check_digit(bytes.iter().chain([&first]).zip(std::iter::once(6).chain(WEIGHTS)));
        format!("{body}{}{}", char::from(first), char::from(second))
    }

    #[test]
    fn most_changes_of_one_digit_are_seen() {
        // Remainders 0 and 1 share the digit 0, so the rule itself misses a few.
        let (mut missed, mut made) = (0, 0);
        for body in ["112223330001", "000000000001", "123456780001", "607011900001"] {
            let whole = with_check_digits(body);
            for at in 0..14 {
                for digit in b'0'..=b'9' {
                    let mut bytes = whole.clone().into_bytes();
                    bytes[at] = digit;
                    let changed = String::from_utf8(bytes).unwrap();
                    if changed != whole {
                        made += 1;
                        missed +=
                            usize::from(matches!(check(&changed), Ok((_, ClaimStatus::Checked))));
                    }
                }
            }
        }
        assert!(missed * 50 <= made, "{missed} of {made}");
    }

    proptest! {
        #[test]
        fn every_number_made_by_the_rule_is_checked(body in "[0-9A-Z]{8}00[0-9A-Z][1-9A-Z]") {
            let whole = with_check_digits(&body);
            let expected = Ok((whole.clone(), ClaimStatus::Checked));
            prop_assume!(!whole.bytes().all(|b| Some(b) == whole.bytes().next()));
            prop_assert_eq!(check(&whole), expected.clone());
            prop_assert_eq!(check(&formatted(&whole).to_lowercase()), expected);
        }

        #[test]
        fn every_change_of_a_check_digit_is_seen(
            body in "[0-9]{8}000[1-9]", at in 12usize..14, digit in b'0'..=b'9',
        ) {
            let whole = with_check_digits(&body);
            let mut bytes = whole.clone().into_bytes();
            bytes[at] = digit;
            let changed = String::from_utf8(bytes).unwrap();
            let is_checked = matches!(check(&changed), Ok((_, ClaimStatus::Checked)));
            prop_assert_eq!(is_checked, changed == whole);
        }

        #[test]
        fn padding_gives_back_what_the_spreadsheet_ate(root in "[0-9]{6}", branch in "00[0-9][1-9]") {
            let whole = with_check_digits(&format!("00{root}{branch}"));
            let eaten = whole.trim_start_matches('0');
            if let Some(padded) = pad_numeric(eaten) {
                prop_assert_eq!(padded, whole);
            }
        }

        #[test]
        fn nothing_makes_it_panic(raw in "\\PC{0,24}") {
            let _ = check(&raw);
            let _ = pad_numeric(&raw);
            formatted(&raw);
        }
    }
}
