//! The Chinese unified social credit code (GB 32100-2015), 18 characters of a 31-letter alphabet.

use super::{ClaimStatus, IdentifierError, organisation_code, personal, scheme};

/// The alphabet; a character's value is its index. I, O, S, V and Z are left out.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// 3^i mod 31.
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const LENGTH: usize = 18;

/// The normalised code and what its check character says.
///
/// A wrong check character is kept as [`ClaimStatus::InvalidButOfficial`]: three early codes of
/// Fujian are lawful although their check fails, and only a register could prove that.
///
/// ```
/// use goodstanding_domain::identifiers::{ClaimStatus, IdentifierError, uscc};
/// assert_eq!(
///     uscc::check("９1110108551385082q "),
///     Ok(("91110108551385082Q".to_owned(), ClaimStatus::Checked))
/// );
/// assert_eq!(uscc::check("92320500TE5T000D4N"), Err(IdentifierError::SoleTrader));
/// ```
pub fn check(raw: &str) -> Result<(String, ClaimStatus), IdentifierError> {
    let value = scheme::normalise(raw, &scheme::DASHES);
    // Before anything else: one in 31 identity numbers also carries a correct USCC check character.
    if personal::is_citizen_id(&value) {
        return Err(IdentifierError::Personal);
    }
    let holds =
        check_character(&value).is_some_and(|check| value.as_bytes().last() == Some(&check));
    if !holds && personal::looks_like_citizen_id(&value) {
        // A mistyped identity number fails both checks and is still a person's.
        return Err(IdentifierError::Personal);
    }
    if value.len() == LENGTH && value.is_ascii() {
        if value.starts_with("92") {
            return Err(IdentifierError::SoleTrader);
        }
        if value.starts_with('A') {
            return Err(IdentifierError::Military);
        }
    }
    check_shape(&value)?;
    let status = if holds { ClaimStatus::Checked } else { ClaimStatus::InvalidButOfficial };
    Ok((value, status))
}

/// Whether the organisation code inside (characters 9 to 17, GB 11714) carries its own check. A
/// difference is a warning only: registers hold exceptions under valid codes.
///
/// ```
/// use goodstanding_domain::identifiers::uscc;
/// assert!(uscc::organisation_code_holds("91110108551385082Q"));
/// ```
pub fn organisation_code_holds(value: &str) -> bool {
    let Some(code) = value.as_bytes().get(8..17) else { return false };
    code.last() == Some(&organisation_code::check_character(code))
}

/// The check character of the first seventeen; `None` when one is outside the alphabet.
fn check_character(value: &str) -> Option<u8> {
    let bytes = value.as_bytes();
    if bytes.len() != LENGTH {
        return None;
    }
    let mut sum = 0;
    for (byte, weight) in bytes.iter().zip(WEIGHTS) {
        sum += ALPHABET.iter().position(|letter| letter == byte)? * weight;
    }
    // The outer remainder matters: 31 - 0 is outside the alphabet.
    ALPHABET.get((31 - sum % 31) % 31).copied()
}

fn check_shape(value: &str) -> Result<(), IdentifierError> {
    let bytes = value.as_bytes();
    if bytes.len() != LENGTH || !value.is_ascii() {
        return Err(IdentifierError::Shape(None));
    }
    if let Some(letter) = bytes.iter().find(|byte| b"IOSVZ".contains(byte)) {
        return Err(IdentifierError::Shape(Some(match letter {
            b'O' => "letter O, not in the alphabet: O -> 0?",
            b'I' => "letter I, not in the alphabet: I -> 1?",
            b'S' => "letter S, not in the alphabet: S -> 5?",
            b'Z' => "letter Z, not in the alphabet: Z -> 2?",
            _ => "letter V, not in the alphabet: V -> U or Y?",
        })));
    }
    let fits = bytes.iter().enumerate().all(|(index, byte)| match index {
        0 => b"123456789ANY".contains(byte),
        2..=7 => byte.is_ascii_digit(),
        16 => byte.is_ascii_digit() || *byte == b'X',
        _ => ALPHABET.contains(byte),
    });
    if fits { Ok(()) } else { Err(IdentifierError::Shape(None)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifiers::vectors;
    use proptest::prelude::*;

    #[test]
    fn published_vectors_hold() {
        vectors::hold("cn-uscc", include_str!("../../../../spec/vectors/uscc.json"), 25);
    }

    #[test]
    fn organisation_codes_of_the_published_examples_hold() {
        for value in ["91110108551385082Q", "91230500MA1B3N1N2M", "1231000020000003XL"] {
            assert!(organisation_code_holds(value), "{value}");
        }
        for value in ["91110108551385081Q", "", "9111010855138508"] {
            assert!(!organisation_code_holds(value), "{value}");
        }
    }

    /// A code of the right shape, not a person's, a sole trader's or a military one.
    fn code() -> impl Strategy<Value = String> {
        ("[135789NY][139][0-9]{6}[A-HJ-NPQRTUWXY][0-9A-HJ-NPQRTUWXY]{7}[0-9X]").prop_map(|body| {
            let check = check_character(&format!("{body}0")).unwrap();
            format!("{body}{}", char::from(check))
        })
    }

    proptest! {
        #[test]
        fn every_code_made_by_the_rule_is_checked(code in code()) {
            let spaced = format!(" {} {}", &code[..8].to_lowercase(), &code[8..]);
            prop_assert_eq!(check(&spaced), Ok((code, ClaimStatus::Checked)));
        }

        #[test]
        fn every_change_of_one_character_is_seen(
            code in code(),
            at in 0usize..18,
            to in 0usize..31,
        ) {
            let mut bytes = code.clone().into_bytes();
            bytes[at] = ALPHABET[to];
            let changed = String::from_utf8(bytes).unwrap();
            let is_checked = matches!(check(&changed), Ok((_, ClaimStatus::Checked)));
            prop_assert_eq!(is_checked, changed == code);
        }

        #[test]
        fn every_exchange_of_neighbours_is_seen(code in code(), at in 0usize..17) {
            let mut bytes = code.clone().into_bytes();
            bytes.swap(at, at + 1);
            let changed = String::from_utf8(bytes).unwrap();
            let is_checked = matches!(check(&changed), Ok((_, ClaimStatus::Checked)));
            prop_assert_eq!(is_checked, changed == code);
        }

        #[test]
        fn nothing_makes_it_panic(raw in "\\PC{0,30}") {
            let _ = check(&raw);
            organisation_code_holds(&raw);
        }
    }
}
