//! The legal entity identifier (ISO 17442): 18 letters or digits and two check digits.

use super::{ClaimStatus, IdentifierError, scheme};

/// The normalised identifier and what its check digits say.
///
/// Check digits 00, 01 and 99 satisfy the remainder as doubles of 97, 98 and 02; the rule that
/// makes an LEI gives 02 to 98 only, so they are wrong. Characters 5 and 6 are not tested: they
/// were once reserved, and no longer are.
///
/// ```
/// use goodstanding_domain::identifiers::{ClaimStatus, lei};
/// assert_eq!(lei::check("213800kud8lajwsq9d15").map(|found| found.1), Ok(ClaimStatus::Checked));
/// assert_eq!(
///     lei::check("TEST00GS000000000400").map(|found| found.1),
///     Ok(ClaimStatus::InvalidButOfficial)
/// );
/// ```
pub fn check(raw: &str) -> Result<(String, ClaimStatus), IdentifierError> {
    let value = scheme::normalise(raw, &scheme::DASHES);
    let bytes = value.as_bytes();
    let (Some(body), Some(digits), 20) = (bytes.get(..18), bytes.get(18..), bytes.len()) else {
        return Err(IdentifierError::Shape(None));
    };
    if !body.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
        return Err(IdentifierError::Shape(None));
    }
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(IdentifierError::Shape(Some(
            "the last two characters are digits: I -> 1, O -> 0?",
        )));
    }
    if value.bytes().all(|b| b == b'0') {
        return Err(IdentifierError::Shape(Some("a placeholder; clear the cell")));
    }
    let is_double = [b"00", b"01", b"99"].into_iter().any(|double| digits == double);
    let holds = remainder(value.bytes()) == 1 && !is_double;
    let status = if holds { ClaimStatus::Checked } else { ClaimStatus::InvalidButOfficial };
    Ok((value, status))
}

/// The check digits that make an identifier of 18 letters and digits: 02 to 98.
///
/// ```
/// assert_eq!(goodstanding_domain::identifiers::lei::check_digits("213800KUD8LAJWSQ9D"), 15);
/// ```
pub fn check_digits(body: &str) -> u32 {
    // Two zeros stand where the digits will.
    98 - remainder(body.bytes().chain(*b"00"))
}

/// The text with A..Z as 10..35, read as one number, modulo 97.
fn remainder(bytes: impl IntoIterator<Item = u8>) -> u32 {
    bytes.into_iter().fold(0, |rest, byte| match byte {
        b'A'..=b'Z' => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
        _ => (rest * 10 + u32::from(byte.saturating_sub(b'0'))) % 97,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifiers::vectors;
    use proptest::prelude::*;

    #[test]
    fn published_vectors_hold() {
        vectors::hold("lei", include_str!("../../../../spec/vectors/lei.json"), 20);
    }

    fn identifier() -> impl Strategy<Value = String> {
        "[A-Z0-9]{18}".prop_map(|body| {
            let check = check_digits(&body);
            format!("{body}{check:02}")
        })
    }

    proptest! {
        #[test]
        fn every_identifier_made_by_the_rule_is_checked(lei in identifier()) {
            let written = format!("{}-{} ", lei[..4].to_lowercase(), &lei[4..]);
            prop_assert_eq!(check(&written), Ok((lei, ClaimStatus::Checked)));
        }

        #[test]
        fn a_digit_for_a_digit_and_a_letter_for_a_letter_are_seen(
            lei in identifier(), at in 0usize..20, digit in b'0'..=b'9', letter in b'A'..=b'Z',
        ) {
            let mut bytes = lei.clone().into_bytes();
            bytes[at] = if bytes[at].is_ascii_digit() { digit } else { letter };
            let changed = String::from_utf8(bytes).unwrap();
            let is_checked = matches!(check(&changed), Ok((_, ClaimStatus::Checked)));
            prop_assert_eq!(is_checked, changed == lei);
        }

        #[test]
        fn nothing_makes_it_panic(raw in "\\PC{0,30}") {
            let _ = check(&raw);
        }
    }
}
