//! Personal identifiers, found in order to be refused (promise P1, I-27). What is found is never
//! returned: callers learn the kind, so that no message, log or hash can hold the value.
//!
//! The patterns are deliberately narrower than "any eleven digits": numbers of permits, decisions,
//! dates, amounts and CNPJ, LEI and USCC values must pass. What they cannot tell apart they refuse:
//! a bare number of eleven digits that is a valid CPF or begins like a Chinese mobile number, and a
//! bare number of 13 to 19 digits that begins like a bank card and passes the Luhn check.
//!
//! A number is read however it is written: in the digits of any script, with letters that look like
//! digits, with characters between that nobody sees.

mod plain;

use super::cnpj;
use crate::civil::Day;
use plain::{lookalikes_read, numerals_read, plain};

/// What kind of personal identifier was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PersonalKind {
    /// Chinese citizen identity number (GB 11643).
    CitizenId,
    /// Brazilian taxpayer number of a person.
    Cpf,
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// Bank card number.
    Card,
}

impl PersonalKind {
    /// The key in messages and counts.
    pub const fn key(self) -> &'static str {
        match self {
            PersonalKind::CitizenId => "citizen_id",
            PersonalKind::Cpf => "cpf",
            PersonalKind::Email => "email",
            PersonalKind::Phone => "phone",
            PersonalKind::Card => "card",
        }
    }
}

/// The first kind of personal identifier that `text` holds anywhere.
///
/// ```
/// use goodstanding_domain::identifiers::personal::{PersonalKind, scan};
/// assert_eq!(scan("法定代表人 １１００００ 19900101 0013"), Some(PersonalKind::CitizenId));
/// assert_eq!(scan("CPF 529.982.247-25"), Some(PersonalKind::Cpf));
/// assert_eq!(scan("write to office@example.org"), Some(PersonalKind::Email));
/// assert_eq!(scan("CNPJ 12.345.678/0001-95, fine of R$ 1.234.567,89 since 2014-01-02"), None);
/// ```
pub fn scan(text: &str) -> Option<PersonalKind> {
    let chars = plain(text);
    scan_plain(&chars)
        .or_else(|| scan_plain(&numerals_read(&chars)?))
        .or_else(|| lookalike(&lookalikes_read(&chars)?))
}

/// Only numbers with a check digit of their own: letters read as digits make many numbers.
fn lookalike(chars: &[char]) -> Option<PersonalKind> {
    if holds_citizen_run(chars) {
        return Some(PersonalKind::CitizenId);
    }
    let groups = groups(chars);
    let mut kinds = windows(chars, &groups).filter_map(|window| match window.kind() {
        Some(kind @ (PersonalKind::CitizenId | PersonalKind::Cpf)) => Some(kind),
        _ => None,
    });
    kinds.next()
}

fn scan_plain(chars: &[char]) -> Option<PersonalKind> {
    if !chars.iter().any(|c| c.is_ascii_digit() || *c == '@') {
        return None;
    }
    if holds_email(chars) {
        return Some(PersonalKind::Email);
    }
    if holds_formatted_cpf(chars) {
        return Some(PersonalKind::Cpf);
    }
    if holds_citizen_run(chars) {
        return Some(PersonalKind::CitizenId);
    }
    let groups = groups(chars);
    let found = windows(chars, &groups).find_map(|window| window.kind());
    found.or_else(|| holds_marked_phone(chars).then_some(PersonalKind::Phone))
}

/// Whether the whole text is a citizen identity number, however spaced.
///
/// ```
/// use goodstanding_domain::identifiers::personal::is_citizen_id;
/// assert!(is_citizen_id("110000-19900101-0013"));
/// assert!(!is_citizen_id("110000199001010014"));
/// ```
pub fn is_citizen_id(text: &str) -> bool {
    citizen_check_holds(&compact(text)) && has_birth_date(&compact(text))
}

/// Whether the whole text has a citizen identity number's region and birth date, its check digit
/// right or wrong.
pub fn looks_like_citizen_id(text: &str) -> bool {
    // First two digits of GB/T 2260: provinces and regions.
    const REGIONS: [&str; 34] = [
        "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37",
        "41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64",
        "65", "71", "81", "82",
    ];
    let text = compact(text);
    has_birth_date(&text) && text.get(..2).is_some_and(|region| REGIONS.contains(&region))
}

/// Whether a citizen identity number stands anywhere in the text, inside a longer number or code
/// too: for identifiers without a check digit of their own.
///
/// ```
/// use goodstanding_domain::identifiers::personal::holds_citizen_id;
/// assert!(holds_citizen_id("A/00-1100-0019-9001-0100-13-7"));
/// assert!(!holds_citizen_id("A/00-1100-0019-9001-0100-14-7"));
/// ```
pub fn holds_citizen_id(text: &str) -> bool {
    let chars: Vec<char> = plain(text).into_iter().filter(|c| c.is_alphanumeric()).collect();
    holds_citizen_run(&chars)
}

fn holds_citizen_run(chars: &[char]) -> bool {
    chars.windows(18).any(|window| {
        let is_number = window.iter().take(17).all(char::is_ascii_digit);
        let number: String = if is_number { window.iter().collect() } else { String::new() };
        let number = number.to_ascii_uppercase();
        citizen_check_holds(&number) && has_birth_date(&number)
    })
}

/// Whether the whole text is a CPF: written `000.000.000-00` (digits masked with `*` too, and
/// whatever its check digits), or eleven digits whose check digits hold.
///
/// ```
/// use goodstanding_domain::identifiers::personal::is_cpf;
/// assert!(is_cpf("52998224725"));
/// assert!(is_cpf("529.982.247-00"));
/// assert!(is_cpf("***.982.247-**"));
/// assert!(!is_cpf("52998224700"));
/// ```
pub fn is_cpf(text: &str) -> bool {
    let chars: Vec<char> = plain(text).into_iter().filter(|c| *c != ' ').collect();
    if chars.len() == CPF_SHAPE.len() && holds_formatted_cpf(&chars) {
        return true;
    }
    cpf_check_holds(&compact(text))
}

/// Whether the text holds an e-mail address.
pub fn is_email(text: &str) -> bool {
    holds_email(&plain(text))
}

/// Upper case without spaces, hyphens, full stops and slashes.
fn compact(text: &str) -> String {
    plain(text)
        .into_iter()
        .filter(|c| !matches!(c, ' ' | '-' | '.' | '/'))
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

fn value_of(byte: u8) -> Option<u32> {
    byte.is_ascii_digit().then(|| u32::from(byte - b'0'))
}

/// 17 digits and the check character of GB 11643.
fn citizen_check_holds(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let bytes = text.as_bytes();
    if bytes.len() != 18 {
        return false;
    }
    let mut sum = 0;
    for (byte, weight) in bytes.iter().zip(WEIGHTS) {
        let Some(value) = value_of(*byte) else { return false };
        sum += value * weight;
    }
    b"10X98765432".get((sum % 11) as usize) == bytes.last()
}

/// 17 digits and a check character, with a day of the years 1900 to 2099 in the place of the birth
/// date.
fn has_birth_date(text: &str) -> bool {
    let is_shaped = text.len() == 18
        && text.bytes().take(17).all(|b| b.is_ascii_digit())
        && text.bytes().last().is_some_and(|b| b.is_ascii_digit() || b == b'X');
    let part =
        |range: std::ops::Range<usize>| text.get(range).and_then(|part| part.parse::<i16>().ok());
    let (Some(year), Some(month), Some(day), true) =
        (part(6..10), part(10..12), part(12..14), is_shaped)
    else {
        return false;
    };
    let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else { return false };
    (1900..2100).contains(&year) && Day::new(year, month, day).is_some()
}

/// Eleven digits, not all equal, with both check digits right.
fn cpf_check_holds(digits: &str) -> bool {
    let values: Option<Vec<u32>> = digits.bytes().map(value_of).collect();
    let Some(values) = values.filter(|values| values.len() == 11) else { return false };
    if values.iter().all(|value| Some(value) == values.first()) {
        return false;
    }
    [9_u32, 10].into_iter().zip(values.iter().skip(9)).all(|(count, check)| {
        let weights = (2..=count + 1).rev();
        let sum: u32 = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        *check == sum * 10 % 11 % 10
    })
}

/// `d` stands for a digit or a `*` that masks one.
const CPF_SHAPE: &[u8; 14] = b"ddd.ddd.ddd-dd";

fn holds_formatted_cpf(chars: &[char]) -> bool {
    chars.windows(CPF_SHAPE.len()).enumerate().any(|(start, window)| {
        let fits = window.iter().zip(CPF_SHAPE).all(|(c, shape)| match shape {
            b'd' => c.is_ascii_digit() || *c == '*',
            _ => *c == char::from(*shape),
        });
        let digits = window.iter().filter(|c| c.is_ascii_digit()).count();
        fits && digits >= 3
            && !is_numeric_neighbour(before(chars, start))
            && !is_numeric_neighbour(after(chars, start + CPF_SHAPE.len()))
    })
}

fn holds_email(chars: &[char]) -> bool {
    let is_local = |c: &char| c.is_alphanumeric() || "._%+-'".contains(*c);
    let is_domain = |c: &char| c.is_alphanumeric() || ".-。".contains(*c);
    chars.iter().enumerate().filter(|(_, c)| **c == '@').any(|(at, _)| {
        let has_local = at.checked_sub(1).and_then(|index| chars.get(index)).is_some_and(is_local);
        let domain: String = chars.iter().skip(at + 1).take_while(|c| is_domain(c)).collect();
        // The full stop of an East Asian keyboard leads to the same address.
        let domain = domain.replace('。', ".");
        let domain = domain.trim_end_matches(['.', '-']);
        let is_named = domain.rsplit_once('.').is_some_and(|(name, top)| {
            !name.is_empty() && top.chars().count() >= 2 && top.chars().all(char::is_alphabetic)
        });
        has_local && is_named
    })
}

/// The two characters before `index`, the nearer one first.
fn before(chars: &[char], index: usize) -> [Option<char>; 2] {
    let at = |back: usize| index.checked_sub(back).and_then(|at| chars.get(at)).copied();
    [at(1), at(2)]
}

/// The two characters from `index` on.
fn after(chars: &[char], index: usize) -> [Option<char>; 2] {
    [chars.get(index).copied(), chars.get(index + 1).copied()]
}

/// Whether a number goes on past this border: a digit, or a decimal or thousands mark with a digit.
fn is_numeric_neighbour([near, far]: [Option<char>; 2]) -> bool {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    is_digit(near) || (matches!(near, Some('.' | ',')) && is_digit(far))
}

/// Whether this border joins to a code: a letter, or a `/`, `-` or `_` with a digit or capital.
fn is_code_neighbour([near, far]: [Option<char>; 2]) -> bool {
    let is_part = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase();
    near.is_some_and(|c| c.is_ascii_alphabetic())
        || (matches!(near, Some('/' | '-' | '_')) && far.is_some_and(is_part))
}

/// A run of ASCII digits: its place in the text.
#[derive(Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
}

fn groups(chars: &[char]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, _) in chars.iter().enumerate().filter(|(_, c)| c.is_ascii_digit()) {
        match groups.last_mut() {
            Some(group) if group.end == index => group.end = index + 1,
            _ => groups.push(Group { start: index, end: index + 1 }),
        }
    }
    groups
}

/// Neighbouring groups read as one number: what people write with spaces and hyphens in between.
struct Window<'a> {
    chars: &'a [char],
    groups: &'a [Group],
    digits: String,
    /// Whether nothing stands between but what people write into telephone and card numbers.
    is_usual: bool,
}

/// Longest number any pattern knows.
const DIGITS_MAX: usize = 19;
/// Shortest number any pattern knows.
const DIGITS_MIN: usize = 11;

/// Every window of groups that stand together, the longest first at each place.
fn windows<'a>(chars: &'a [char], groups: &'a [Group]) -> impl Iterator<Item = Window<'a>> {
    (0..groups.len()).flat_map(move |first| {
        let mut made = Vec::new();
        let mut digits = String::new();
        let mut last_end: Option<usize> = None;
        let mut is_usual = true;
        for (offset, group) in groups.iter().enumerate().skip(first) {
            let gap = last_end.and_then(|end| chars.get(end..group.start)).unwrap_or_default();
            let is_near = gap.len() <= 3 && !gap.iter().any(|c| c.is_alphanumeric() || *c == '*');
            is_usual &= gap.iter().all(|c| matches!(c, ' ' | '-' | '.' | '_' | '/'));
            if !is_near || digits.len() + (group.end - group.start) > DIGITS_MAX {
                break;
            }
            digits.extend(chars.get(group.start..group.end).unwrap_or_default());
            last_end = Some(group.end);
            if digits.len() < DIGITS_MIN {
                continue;
            }
            let groups = groups.get(first..=offset).unwrap_or_default();
            made.push(Window { chars, groups, digits: digits.clone(), is_usual });
        }
        made.into_iter().rev()
    })
}

impl Window<'_> {
    fn kind(&self) -> Option<PersonalKind> {
        if self.is_citizen_id() {
            Some(PersonalKind::CitizenId)
        } else if self.is_cpf() {
            Some(PersonalKind::Cpf)
        } else if self.is_mobile() {
            Some(PersonalKind::Phone)
        } else if self.is_card() {
            Some(PersonalKind::Card)
        } else {
            None
        }
    }

    fn sizes(&self) -> Vec<usize> {
        self.groups.iter().map(|group| group.end - group.start).collect()
    }

    fn before(&self) -> [Option<char>; 2] {
        before(self.chars, self.groups.first().map_or(0, |group| group.start))
    }

    fn after(&self) -> [Option<char>; 2] {
        after(self.chars, self.groups.last().map_or(0, |group| group.end))
    }

    /// What stands between the last two groups.
    fn last_gap(&self) -> &[char] {
        match self.groups {
            [.., left, right] => self.chars.get(left.end..right.start).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Whether it is a company's number, leading zeros lost or not.
    fn is_company(&self) -> bool {
        let is_checked = matches!(cnpj::check(&self.digits), Ok((_, super::ClaimStatus::Checked)));
        is_checked || self.digits.len() == 13 && cnpj::pad_numeric(&self.digits).is_some()
    }

    /// Stands alone: no longer number, amount or code around it.
    fn is_alone(&self) -> bool {
        let borders = [self.before(), self.after()];
        borders.iter().all(|border| !is_numeric_neighbour(*border) && !is_code_neighbour(*border))
    }

    fn is_citizen_id(&self) -> bool {
        let mut number = self.digits.clone();
        if number.len() == 17 {
            let next = match self.after() {
                [Some(' ' | '-'), far] => far,
                [near, _] => near,
            };
            number.extend(next.map(|c| c.to_ascii_uppercase()));
        }
        // Letters may stand right before it ("ID1100..."): birth date and check together are rare
        // enough.
        citizen_check_holds(&number) && has_birth_date(&number)
    }

    fn is_cpf(&self) -> bool {
        let is_laid_out = match self.sizes().as_slice() {
            [11] => true,
            // `123456789.00` and `123.456.789,00` are amounts.
            [9, 2] => self.is_usual && !matches!(self.last_gap(), ['.']),
            [3, 3, 3, 2] => !matches!(self.last_gap(), ['.' | ',']),
            _ => false,
        };
        is_laid_out && self.is_alone() && cpf_check_holds(&self.digits)
    }

    fn is_mobile(&self) -> bool {
        let number = match self.sizes().as_slice() {
            [11] | [3, 4, 4] | [3, 8] => self.digits.as_str(),
            [13] | [2, 11] | [2, 3, 4, 4] => self.digits.strip_prefix("86").unwrap_or_default(),
            _ => return false,
        };
        let is_mobile = matches!(number.as_bytes(), [b'1', b'3'..=b'9', ..]);
        is_mobile && self.is_usual && self.is_alone() && !self.is_company()
    }

    fn is_card(&self) -> bool {
        let sizes = self.sizes();
        let is_laid_out = match sizes.as_slice() {
            [_] | [4, 6, 4 | 5] => true,
            [fours @ .., 1..=4] => fours.iter().all(|size| *size == 4),
            _ => false,
        };
        is_laid_out
            && self.is_usual
            && !self.is_company()
            && is_card_number(&self.digits)
            && self.is_alone()
    }
}

/// Whether 13 to 19 digits begin as an issuer of cards numbers them, in that issuer's length, and
/// pass the Luhn check. Without the beginnings, one permit number in ten would pass.
fn is_card_number(digits: &str) -> bool {
    let length = digits.len();
    let lead =
        |count: usize| digits.get(..count).and_then(|lead| lead.parse::<u32>().ok()).unwrap_or(0);
    let is_issued = match lead(1) {
        4 => matches!(length, 13 | 16 | 19),
        2 => length == 16 && (2221..=2720).contains(&lead(4)),
        3 => match lead(2) {
            34 | 37 => length == 15,
            30 | 36 | 38 | 39 => (14..=19).contains(&length),
            35 => (16..=19).contains(&length),
            _ => false,
        },
        5 => length == 16 || (50..=59).contains(&lead(2)) && (17..=19).contains(&length),
        6 => (16..=19).contains(&length),
        9 => length == 19 && lead(4) == 9558,
        _ => false,
    };
    is_issued && luhn_holds(digits)
}

fn luhn_holds(digits: &str) -> bool {
    let mut sum = 0;
    for (place, byte) in digits.bytes().rev().enumerate() {
        let Some(value) = value_of(byte) else { return false };
        sum += match (place % 2, value) {
            (0, value) => value,
            (_, value) if value < 5 => value * 2,
            (_, value) => value * 2 - 9,
        };
    }
    sum % 10 == 0
}

/// A telephone number marked as one: `+` and a country, or an area in parentheses.
fn holds_marked_phone(chars: &[char]) -> bool {
    chars.iter().enumerate().any(|(at, c)| {
        let [last, _] = before(chars, at);
        let rest = chars.get(at + 1..).unwrap_or_default();
        match c {
            '+' => !last.is_some_and(char::is_alphanumeric) && is_country_form(rest),
            '(' => is_area_form(rest),
            _ => false,
        }
    })
}

/// After `+`: 8 to 15 digits, the first not 0, with spaces, hyphens, stops and parentheses between.
fn is_country_form(rest: &[char]) -> bool {
    let is_part = |c: &&char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '(' | ')');
    let digits: String =
        rest.iter().take_while(is_part).take(24).filter(|c| c.is_ascii_digit()).collect();
    digits.len() >= 8 && !digits.starts_with('0')
}

/// After `(`: `11) 98765-4321`, `011) 3456-7890`, `617) 555-0123`.
fn is_area_form(rest: &[char]) -> bool {
    let Some(close) = rest.iter().take(4).position(|c| *c == ')') else { return false };
    // Index safety: the parenthesis was found in it.
    let (area, number) = rest.split_at(close);
    if !(2..=3).contains(&close) || !area.iter().all(char::is_ascii_digit) {
        return false;
    }
    // No form is longer: what stands further on is not looked at, so that a text full of
    // parentheses is read in linear time.
    const LENGTH_MAX: usize = 24;
    let written = number.iter().skip(1).take(LENGTH_MAX).skip_while(|c| **c == ' ');
    let written: Vec<char> = written.copied().collect();
    let groups = groups(&written);
    let size = |index: usize| groups.get(index).map_or(0, |group| group.end - group.start);
    let starts = groups.first().is_some_and(|group| group.start == 0);
    let gap = match (groups.first(), groups.get(1)) {
        (Some(first), Some(second)) => written.get(first.end..second.start).unwrap_or_default(),
        _ => return starts && matches!(size(0), 8 | 9),
    };
    let is_joined = matches!(gap, [' ' | '-' | '.']);
    starts && (matches!(size(0), 8 | 9) || is_joined && matches!(size(0), 3..=5) && size(1) == 4)
}

#[cfg(test)]
mod tests;
