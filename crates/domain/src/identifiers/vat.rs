//! VAT numbers of the European Union: the country, then a number with the country's own check.
//!
//! A right check digit never joins here: the companies of a VAT group share one number. And since
//! sole traders are taxed too, a number that a country builds from a person's own one is refused:
//! the others cannot be told apart, so that a VAT number never shows an organisation either.

use std::slice::SliceIndex;

use super::registers::{is_digits, is_swedish_personal_number};
use super::{ClaimStatus, IdentifierError, scheme};

/// What a country's rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Holds,
    Wrong,
    /// Right shape, and no check digit that could be tested.
    Untested,
    Person,
    Misshapen,
}

/// The normalised number with its country, and what the country's check says. Greece is `EL`,
/// Northern Ireland `XI`.
///
/// ```
/// use goodstanding_domain::identifiers::{ClaimStatus, IdentifierError, vat};
/// assert_eq!(vat::check("DE 136695976"), Ok(("DE136695976".to_owned(), ClaimStatus::Checked)));
/// assert_eq!(vat::check("CZ7103192745"), Err(IdentifierError::Personal));
/// ```
pub fn check(raw: &str) -> Result<(String, ClaimStatus), IdentifierError> {
    let mut ignored = scheme::DASHES.to_vec();
    ignored.extend(['.', '/']);
    let mut value = scheme::normalise(raw, &ignored);
    let (Some(country), Some(number)) = (value.get(..2), value.get(2..)) else {
        return Err(IdentifierError::Shape(Some("the country, then the number")));
    };
    if country == "GR" {
        return Err(IdentifierError::Shape(Some("Greece is written EL")));
    }
    // Belgian numbers had nine digits before a zero was put in front of them.
    if country == "BE" && number.len() == 9 {
        // Index safety: behind two letters of ASCII.
        value.insert(2, '0');
    }
    let Some((country, number)) = value.split_at_checked(2) else {
        return Err(IdentifierError::Shape(None));
    };
    let is_plain = number.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    let is_placeholder = !number.bytes().any(|b| b != b'0');
    if !is_plain || is_placeholder {
        return Err(IdentifierError::Shape(None));
    }
    match rule(country, number) {
        Says::Person => Err(IdentifierError::Personal),
        Says::Misshapen => Err(IdentifierError::Shape(Some(
            "not of this country's form; it begins with the country of the European Union",
        ))),
        Says::Holds => Ok((value, ClaimStatus::Checked)),
        Says::Wrong => Ok((value, ClaimStatus::InvalidButOfficial)),
        Says::Untested => Ok((value, ClaimStatus::Unchecked)),
    }
}

fn rule(country: &str, number: &str) -> Says {
    let Some(digits) = digits(number) else { return with_letters(country, number) };
    let d = digits.as_slice();
    let first = d.first().copied().unwrap_or(0);
    let says = |length: usize, holds: &dyn Fn() -> bool| {
        if d.len() != length {
            Says::Misshapen
        } else if holds() {
            Says::Holds
        } else {
            Says::Wrong
        }
    };
    match country {
        "BE" => says(10, &|| first < 2 && 97 - value(part(d, ..8)) % 97 == value(part(d, 8..))),
        "BG" if d.len() == 10 => Says::Person,
        "BG" => says(9, &|| twice(d, [1, 2, 3, 4, 5, 6, 7, 8], [3, 4, 5, 6, 7, 8, 9, 10])),
        // Nine and ten digits are birth numbers.
        "CZ" if matches!(d.len(), 9 | 10) => Says::Person,
        "CZ" => {
            says(8, &|| first < 9 && (11 - sum(d, &[8, 7, 6, 5, 4, 3, 2]) % 11) % 10 == last(d))
        }
        "DE" => says(9, &|| first > 0 && mod_11_10(d)),
        "DK" => says(8, &|| first > 0 && sum(d, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)),
        "EE" => says(9, &|| sum(d, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)),
        "EL" => says(9, &|| sum(d, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == last(d)),
        "FI" => says(8, &|| sum(d, &[7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11)),
        "FR" => says(11, &|| french(d)),
        "HR" => says(11, &|| mod_11_10(d)),
        "HU" => says(8, &|| sum(d, &[9, 7, 3, 1, 9, 7, 3, 1]).is_multiple_of(10)),
        "IT" => says(11, &|| luhn(d)),
        // Twelve digits are given for a time to whoever has no company number.
        "LT" if d.len() == 12 => says(12, &|| lithuanian(d)),
        "LT" => says(9, &|| lithuanian(d)),
        "LU" => says(8, &|| value(part(d, ..6)) % 89 == value(part(d, 6..))),
        "LV" if d.len() == 11 && first <= 3 => Says::Person,
        "LV" => says(11, &|| sum(d, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3),
        "MT" => says(8, &|| sum(d, &[3, 4, 6, 7, 8, 9, 10, 1]).is_multiple_of(37)),
        "PL" => says(10, &|| sum(d, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == last(d)),
        "PT" if d.len() == 9 && (matches!(first, 1..=3) || number.starts_with("45")) => {
            Says::Person
        }
        "PT" => says(9, &|| {
            first > 0 && (11 - sum(d, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10 == last(d)
        }),
        "RO" if d.len() == 13 => Says::Person,
        "RO" if (2..=10).contains(&d.len()) => says(d.len(), &|| romanian(d)),
        "SE" if d.len() == 12
            && is_swedish_personal_number(number.get(..10).unwrap_or_default()) =>
        {
            Says::Person
        }
        "SE" => says(12, &|| luhn(part(d, ..10))),
        "SI" => says(8, &|| {
            let check = 11 - sum(d, &[8, 7, 6, 5, 4, 3, 2]) % 11;
            first > 0 && check != 11 && check % 10 == last(d)
        }),
        // What has a month in the place of the third digit is a birth number.
        "SK" if d.len() == 10 && matches!(digit(d, 2), 0 | 1 | 5 | 6) => Says::Person,
        "SK" => says(10, &|| first > 0 && value(d).is_multiple_of(11)),
        "XI" if d.len() == 12 => says(12, &|| british(part(d, ..9))),
        "XI" => says(9, &|| british(d)),
        _ => Says::Misshapen,
    }
}

/// The rules of countries whose numbers hold letters.
fn with_letters(country: &str, number: &str) -> Says {
    match country {
        "AT" => austrian(number),
        "CY" => cypriot(number),
        "ES" => spanish(number),
        // The two letters before the SIREN are a check nobody publishes the rule of.
        "FR" => match number.get(2..).and_then(digits) {
            Some(siren) if siren.len() == 9 && luhn(&siren) => Says::Untested,
            Some(siren) if siren.len() == 9 => Says::Wrong,
            _ => Says::Misshapen,
        },
        "IE" => irish(number),
        "NL" => dutch(number),
        "XI" => match (number.get(..2), number.get(2..).and_then(digits)) {
            // Government departments below 500, health authorities from there on.
            (Some("GD"), Some(d)) if d.len() == 3 && value(&d) < 500 => Says::Untested,
            (Some("HA"), Some(d)) if d.len() == 3 && value(&d) >= 500 => Says::Untested,
            _ => Says::Misshapen,
        },
        _ => Says::Misshapen,
    }
}

/// The digit at `at`; lengths are checked before, so there is one.
fn digit(d: &[u32], at: usize) -> u32 {
    d.get(at).copied().unwrap_or(0)
}

/// These of the digits; lengths are checked before, so they are there.
fn part(d: &[u32], range: impl SliceIndex<[u32], Output = [u32]>) -> &[u32] {
    d.get(range).unwrap_or_default()
}

fn austrian(number: &str) -> Says {
    let Some(d) = number.strip_prefix('U').and_then(digits).filter(|d| d.len() == 8) else {
        return Says::Misshapen;
    };
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let sum: u32 = (0..7)
        .map(|at| if at % 2 == 1 { doubled(digit(&d, at)) } else { digit(&d, at) })
        .sum::<u32>()
        + 4;
    holds((10 - sum % 10) % 10 == last(&d))
}

fn cypriot(number: &str) -> Says {
    const ODD: [u32; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let (Some(d), Some(letter)) =
        (number.get(..8).and_then(digits), number.as_bytes().get(8).copied())
    else {
        return Says::Misshapen;
    };
    if number.len() != 9 || !letter.is_ascii_uppercase() {
        return Says::Misshapen;
    }
    let sum: u32 = (0..8)
        .map(|at| {
            if at % 2 == 0 {
                ODD.get(digit(&d, at) as usize).copied().unwrap_or(0)
            } else {
                digit(&d, at)
            }
        })
        .sum();
    holds(u32::from(letter - b'A') == sum % 26)
}

/// A letter for the kind of organisation, seven digits, a check digit or letter. Eight digits and a
/// letter are an identity card, and X, Y, Z, K, L and M at the beginning stand for persons as well.
fn spanish(number: &str) -> Says {
    let b = number.as_bytes();
    let middle = b.get(1..8).unwrap_or_default();
    let is_middle = b.len() == 9 && middle.iter().all(u8::is_ascii_digit);
    match b.first() {
        Some(b'0'..=b'9' | b'K'..=b'M' | b'X'..=b'Z') if is_middle => Says::Person,
        Some(b'A'..=b'H' | b'J' | b'N' | b'P'..=b'S' | b'U'..=b'W') if is_middle => {
            let d: Vec<u32> = middle.iter().map(|byte| u32::from(byte - b'0')).collect();
            let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
            let sum: u32 = (0..7)
                .map(|at| if at % 2 == 0 { doubled(digit(&d, at)) } else { digit(&d, at) })
                .sum();
            let check = (10 - sum % 10) % 10;
            let letter = b"JABCDEFGHI".get(check as usize);
            let given = b.last();
            holds(given == letter || given.map(|b| u32::from(*b)) == Some(u32::from(b'0') + check))
        }
        _ => Says::Misshapen,
    }
}

/// Seven digits, a check letter and perhaps one more; in older ones the second character is a
/// letter. W and T at the end were given to wives and minors, A to persons.
fn irish(number: &str) -> Says {
    const LETTERS: &[u8; 23] = b"WABCDEFGHIJKLMNOPQRSTUV";
    let b = number.as_bytes();
    if !matches!(b.len(), 8 | 9)
        || !b.get(7..).is_some_and(|rest| rest.iter().all(u8::is_ascii_uppercase))
    {
        return Says::Misshapen;
    }
    let (Some(first), Some(rest), Some(seven)) =
        (number.get(..1), number.get(2..7), number.get(..7))
    else {
        return Says::Misshapen;
    };
    let body = if b.get(1).is_some_and(u8::is_ascii_digit) {
        seven.to_owned()
    } else {
        format!("0{rest}{first}")
    };
    let Some(d) = digits(&body) else { return Says::Misshapen };
    if matches!(b.get(8), Some(b'A' | b'T' | b'W')) {
        return Says::Person;
    }
    let second = b.get(8).and_then(|letter| LETTERS.iter().position(|known| known == letter));
    let Ok(second) = u32::try_from(second.unwrap_or(0)) else { return Says::Misshapen };
    let sum = sum(&d, &[8, 7, 6, 5, 4, 3, 2]) + 9 * second;
    holds(LETTERS.get((sum % 23) as usize) == b.get(7))
}

/// The number of the tax office for legal persons (it begins with 00 or 8 and passes the eleven
/// test), `B`, two digits. Sole traders have numbers of the same shape, until 2020 with their own
/// citizen number in it: what does not look like a legal person's is refused.
fn dutch(number: &str) -> Says {
    let (Some(d), Some(branch)) =
        (number.get(..9).and_then(digits), number.get(9..).and_then(|rest| rest.strip_prefix('B')))
    else {
        return Says::Misshapen;
    };
    if branch.len() != 2 || !is_digits(branch) {
        return Says::Misshapen;
    }
    let is_legal_person = number.starts_with("00") || number.starts_with('8');
    let passes = sum(&d, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 == last(&d);
    if is_legal_person && passes { Says::Holds } else { Says::Person }
}

/// The key of two digits, then the SIREN.
fn french(d: &[u32]) -> bool {
    let siren = value(part(d, 2..));
    // Numbers of Monaco begin with three zeros and have no SIREN in them.
    let has_siren = *part(d, 2..5) == [0, 0, 0] || luhn(part(d, 2..));
    has_siren && (12 + 3 * (siren % 97)) % 97 == value(part(d, ..2))
}

/// The last two of nine digits: the old rule, or the one of November 2009.
fn british(d: &[u32]) -> bool {
    let total = u64::from(sum(d, &[8, 7, 6, 5, 4, 3, 2])) + value(part(d, 7..));
    total.is_multiple_of(97) || (total + 55).is_multiple_of(97)
}

fn lithuanian(d: &[u32]) -> bool {
    let from = |shift: u32| -> u32 {
        (0_u32..)
            .zip(part(d, ..d.len() - 1))
            .map(|(at, digit)| digit * (1 + (at + shift) % 9))
            .sum()
    };
    let first = from(0) % 11;
    let check = if first == 10 { from(2) % 11 % 10 } else { first };
    // The last digit but one is a mark.
    digit(d, d.len() - 2) == 1 && check == last(d)
}

fn romanian(d: &[u32]) -> bool {
    const WEIGHTS: [u32; 9] = [7, 5, 3, 2, 1, 7, 5, 3, 2];
    let body = part(d, ..d.len() - 1);
    let weights = WEIGHTS.get(WEIGHTS.len() - body.len()..).unwrap_or_default();
    digit(d, 0) > 0 && sum(body, weights) * 10 % 11 % 10 == last(d)
}

/// The remainder by the first weights, by the second where the first gives 10.
fn twice(d: &[u32], first: [u32; 8], second: [u32; 8]) -> bool {
    let rest = sum(d, &first) % 11;
    let check = if rest == 10 { sum(d, &second) % 11 % 10 } else { rest };
    check == last(d)
}

/// ISO 7064 MOD 11,10.
fn mod_11_10(d: &[u32]) -> bool {
    let product = part(d, ..d.len() - 1).iter().fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == last(d)
}

fn luhn(d: &[u32]) -> bool {
    let sum: u32 = d
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit) {
            (0, digit) => *digit,
            (_, digit) if *digit < 5 => digit * 2,
            (_, digit) => digit * 2 - 9,
        })
        .sum();
    sum.is_multiple_of(10)
}

const fn holds(holds: bool) -> Says {
    if holds { Says::Holds } else { Says::Wrong }
}

/// The digits of `text`, if it holds nothing else.
fn digits(text: &str) -> Option<Vec<u32>> {
    text.chars().map(|c| c.to_digit(10)).collect()
}

fn sum(d: &[u32], weights: &[u32]) -> u32 {
    d.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

fn value(d: &[u32]) -> u64 {
    d.iter().fold(0, |value, digit| value * 10 + u64::from(*digit))
}

fn last(d: &[u32]) -> u32 {
    d.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::identifiers::scheme::Scheme;
    use crate::identifiers::{claim, vectors};

    #[test]
    fn published_vectors_hold() {
        vectors::hold("eu-vat", include_str!("../../../../spec/vectors/eu-vat.json"), 70);
    }

    #[test]
    fn a_right_check_digit_joins_nothing() {
        let scheme = Scheme::new("eu-vat").unwrap();
        let found = claim(&scheme, "DE136695976").unwrap();
        assert_eq!(found.status(), ClaimStatus::Checked);
        assert!(!found.joins());
    }

    proptest! {
        #[test]
        fn no_text_stops_the_program(country in "[A-Z]{2}", number in "[0-9A-Z+*]{0,14}") {
            let _ = check(&format!("{country}{number}"));
        }

        #[test]
        fn one_changed_digit_is_found(at in 0_usize..8, digit in 0_u8..10) {
            let mut number = b"DE136695976".to_vec();
            let before = number[2 + at];
            number[2 + at] = b'0' + digit;
            let changed = String::from_utf8(number).unwrap();
            let holds = check(&changed).map(|found| found.1) == Ok(ClaimStatus::Checked);
            prop_assert_eq!(holds, before == b'0' + digit);
        }
    }
}
