//! Cleaning of cells: white space, and characters no text of a record may hold.

/// `raw` without white space at its ends and with each run of white space inside as one blank.
/// Line breaks inside a cell are white space: spreadsheets put them there for looks. Marks that
/// take no room (a byte order mark, a place where a line may break) are left out: they part no
/// words.
pub(crate) fn tidy(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for word in raw.split(char::is_whitespace) {
        let before = out.len();
        if before > 0 {
            out.push(' ');
        }
        out.extend(word.chars().filter(|c| !matches!(c, '\u{feff}' | '\u{200b}')));
        if out.len() == before + usize::from(before > 0) {
            out.truncate(before);
        }
    }
    out
}

/// Whether `text` holds control characters, or characters that reorder what a reader sees
/// (refusal 215). White space is not meant; [`tidy`] has made it blanks.
pub(crate) fn has_control_characters(text: &str) -> bool {
    text.chars().any(|c| {
        (c.is_control() && !c.is_whitespace())
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || matches!(c, '\u{fff9}'..='\u{fffb}')
            || is_noncharacter(c)
    })
}

fn is_noncharacter(c: char) -> bool {
    let code = u32::from(c);
    (0xfdd0..=0xfdef).contains(&code) || code & 0xfffe == 0xfffe
}

/// How a spelling of a map is compared: tidy, without regard to case.
pub(crate) fn spelling(raw: &str) -> String {
    tidy(raw).to_lowercase()
}

/// BCP 47 as far as names need it: a language of two or three letters, a script of four, a region
/// of two letters or three digits. What more it allows would be room for texts nobody checks.
pub(crate) fn is_language_tag(tag: &str) -> bool {
    let is_letters = |part: &&str, lengths: &[usize]| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    let is_region = |part: &&str| {
        is_letters(part, &[2]) || part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut parts = tag.split('-').peekable();
    let has_language = parts.next_if(|part| is_letters(part, &[2, 3])).is_some();
    parts.next_if(|part| is_letters(part, &[4]));
    parts.next_if(is_region);
    has_language && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_becomes_single_blanks() {
        assert_eq!(tidy("  A\u{a0}B\r\n C\u{feff} "), "A B C");
        assert_eq!(tidy(" \t "), "");
        assert_eq!(tidy("\u{feff}A\u{200b}B \u{200b} C\u{200b}"), "AB C");
    }

    #[test]
    fn characters_that_deceive_are_found() {
        for text in ["a\u{202e}b", "a\u{7}b", "a\u{2066}b", "a\u{ffff}b", "a\u{1f}b"] {
            assert!(has_control_characters(text), "{text:?}");
        }
        for text in ["plain", "a\nb", "威海", "a\u{200f}b"] {
            assert!(!has_control_characters(text), "{text:?}");
        }
    }
}
