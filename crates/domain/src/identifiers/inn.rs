//! The Russian taxpayer number (INN) of an organisation: ten digits, the last of which checks. A
//! person's has twelve and is refused, right or wrong.

use super::registers::is_digits;
use super::{ClaimStatus, IdentifierError, scheme};

const WEIGHTS: [u32; 9] = [2, 4, 10, 3, 5, 9, 4, 6, 8];

/// The normalised number and what its check digit says.
///
/// ```
/// use goodstanding_domain::identifiers::{ClaimStatus, IdentifierError, inn};
/// assert_eq!(inn::check("7707083893"), Ok(("7707083893".to_owned(), ClaimStatus::Checked)));
/// assert_eq!(inn::check("500100732259"), Err(IdentifierError::Personal));
/// ```
pub fn check(raw: &str) -> Result<(String, ClaimStatus), IdentifierError> {
    let value = scheme::normalise(raw, &scheme::DASHES);
    if !is_digits(&value) {
        return Err(IdentifierError::Shape(Some("ten digits")));
    }
    match value.len() {
        10 => {}
        // A spreadsheet takes the leading zero of a person's number away as well.
        11 | 12 => return Err(IdentifierError::Personal),
        _ => return Err(IdentifierError::Shape(Some("ten digits, leading zeros included"))),
    }
    if value.bytes().all(|byte| byte == b'0') {
        return Err(IdentifierError::Shape(Some("a placeholder; clear the cell")));
    }
    let digits = value.bytes().map(|byte| u32::from(byte - b'0'));
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let holds = value.bytes().last().map(|byte| u32::from(byte - b'0')) == Some(sum % 11 % 10);
    let status = if holds { ClaimStatus::Checked } else { ClaimStatus::InvalidButOfficial };
    Ok((value, status))
}

#[cfg(test)]
mod tests {
    use crate::identifiers::vectors;

    #[test]
    fn published_vectors_hold() {
        vectors::hold("ru-inn", include_str!("../../../../spec/vectors/ru-inn.json"), 15);
    }
}
