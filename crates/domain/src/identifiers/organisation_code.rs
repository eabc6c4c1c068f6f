//! The Chinese organisation code (GB 11714): eight characters and a check, before 2015 on its own,
//! since then characters 9 to 17 of the USCC.

use super::{ClaimStatus, IdentifierError, scheme};

const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// The normalised code and what its check character says.
///
/// ```
/// use goodstanding_domain::identifiers::{ClaimStatus, organisation_code};
/// let found = organisation_code::check("55138508-2");
/// assert_eq!(found, Ok(("551385082".to_owned(), ClaimStatus::Checked)));
/// ```
pub fn check(raw: &str) -> Result<(String, ClaimStatus), IdentifierError> {
    let value = scheme::normalise(raw, &scheme::DASHES);
    let bytes = value.as_bytes();
    let is_plain = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    if bytes.len() != 9 || !bytes.iter().all(is_plain) {
        return Err(IdentifierError::Shape(Some("eight characters and a check character")));
    }
    let Some(check) = bytes.last().filter(|check| check.is_ascii_digit() || **check == b'X') else {
        return Err(IdentifierError::Shape(Some("the last character is a digit or X")));
    };
    if bytes.iter().all(|byte| Some(byte) == bytes.first()) {
        return Err(IdentifierError::Shape(Some("a placeholder; clear the cell")));
    }
    let holds = *check == check_character(bytes);
    let status = if holds { ClaimStatus::Checked } else { ClaimStatus::InvalidButOfficial };
    Ok((value, status))
}

/// The check character that belongs to the first eight of `code`, digits and capitals.
pub(super) fn check_character(code: &[u8]) -> u8 {
    let sum: u32 = code
        .iter()
        .zip(WEIGHTS)
        .map(|(byte, weight)| char::from(*byte).to_digit(36).unwrap_or(0) * weight)
        .sum();
    match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        // 1 to 9.
        digit => b'0' + u8::try_from(digit).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use crate::identifiers::vectors;

    #[test]
    fn published_vectors_hold() {
        let vectors = include_str!("../../../../spec/vectors/cn-orgcode.json");
        vectors::hold("cn-orgcode", vectors, 12);
    }
}
