//! What the patterns read: one spelling for what looks, or is meant to look, like a number.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::super::scheme;

/// The zeros of the scripts whose decimal digits NFKC leaves alone; nine digits follow each.
const ZEROS: [u32; 58] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
    0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50,
    0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0x104a0,
    0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650,
    0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16a60, 0x16ac0,
    0x16b50, 0x1e950,
];

/// Chinese numerals in the order of their values.
const NUMERALS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

/// NFKC without what nobody sees, with one kind of space and one kind of hyphen, and with the
/// digits of every script as ASCII.
pub(super) fn plain(text: &str) -> Vec<char> {
    text.nfkc()
        .filter(|c| !is_invisible(*c))
        .map(|c| match c {
            _ if c.is_ascii_alphanumeric() => c,
            _ if c.is_whitespace() => ' ',
            _ if scheme::DASHES.contains(&c) => '-',
            _ => digit(c).unwrap_or(c),
        })
        .collect()
}

/// Controls, marks on other characters, and what Unicode calls ignorable: put into a number they
/// leave it as readable as it was.
fn is_invisible(c: char) -> bool {
    if c.is_ascii() {
        return c.is_control() && !c.is_whitespace();
    }
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    ) || (c.is_control() && !c.is_whitespace())
        || is_combining_mark(c)
}

fn digit(c: char) -> Option<char> {
    let code = u32::from(c);
    let below = ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?;
    char::from_digit(code - ZEROS.get(below)?, 10)
}

/// Chinese numerals as digits, where there are enough of them to be a number of a person.
pub(super) fn numerals_read(chars: &[char]) -> Option<Vec<char>> {
    let value = |c: char| match c {
        '零' | '○' => Some('0'),
        _ => {
            let place = NUMERALS.iter().position(|numeral| *numeral == c)?;
            char::from_digit(u32::try_from(place).ok()?, 10)
        }
    };
    read_as(chars, value)
}

/// Letters that look like a digit, or like the X of a check digit, read as it.
pub(super) fn lookalikes_read(chars: &[char]) -> Option<Vec<char>> {
    read_as(chars, |c| match c {
        'O' | 'o' | 'О' | 'о' | 'Ο' | 'ο' | '〇' | '○' => Some('0'),
        'l' | 'I' | 'i' | '|' | 'І' | 'і' | 'Ӏ' | 'Ι' | 'ι' | 'ı' => Some('1'),
        'З' | 'з' => Some('3'),
        'б' => Some('6'),
        'Х' | 'х' | 'Χ' | 'χ' | '×' => Some('X'),
        _ => None,
    })
}

/// `chars` with what `value` knows replaced; `None` when it knows nothing there, or when even then
/// there are not enough digits for any number of a person.
fn read_as(chars: &[char], value: impl Fn(char) -> Option<char>) -> Option<Vec<char>> {
    const DIGITS_MIN: usize = 11;
    let is_any = chars.iter().any(|c| value(*c).is_some());
    let read: Vec<char> = chars.iter().map(|c| value(*c).unwrap_or(*c)).collect();
    let digits = read.iter().filter(|c| c.is_ascii_digit()).count();
    (is_any && digits >= DIGITS_MIN).then_some(read)
}
