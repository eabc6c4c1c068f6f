//! Cleaning of cells: white space, and characters no text of a record may hold.

/// `raw` without white space at its ends and with each run of white space inside as one blank.
/// Line breaks inside a cell are white space: spreadsheets put them there for looks.
pub(crate) fn tidy(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for word in raw.split(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}') {
        if word.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_becomes_single_blanks() {
        assert_eq!(tidy("  A\u{a0}B\r\n C\u{feff} "), "A B C");
        assert_eq!(tidy(" \t "), "");
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
