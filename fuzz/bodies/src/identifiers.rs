//! Texts that may be identifiers, names, or a person's number.

use domain::identifiers::scheme::Scheme;
use domain::identifiers::{IdentifierError, claim, personal, recognise};
use domain::names;

/// Any text as identifier of each scheme, as name, and as something the person guard reads.
pub fn identifiers(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for key in ["cn-uscc", "lei", "br-cnpj", "x-register", "us-ein", "gb-coh"] {
        let Some(scheme) = Scheme::new(key) else { continue };
        match claim(&scheme, text) {
            Ok(found) => {
                // What is stored reads back as itself.
                let again = claim(&scheme, found.value());
                assert_eq!(again.as_ref(), Ok(&found), "{key}");
            }
            Err(IdentifierError::Shape(_) | IdentifierError::Military) => {}
            Err(IdentifierError::Personal | IdentifierError::SoleTrader) => {}
        }
    }
    // With its scheme before it an identifier is what it is said to be, right or wrong.
    if let Some(found) = recognise(text).filter(|_| !text.contains(':')) {
        assert!(found.joins(), "only what is checked is recognised");
    }
    let seen = personal::scan(text);
    if personal::is_citizen_id(text) {
        assert!(personal::holds_citizen_id(text), "the whole is a part of itself");
    }
    // White space around a text hides nothing in it, and full-width digits are digits.
    assert_eq!(personal::scan(&format!(" {text} ")).is_some(), seen.is_some());
    if text.is_ascii() {
        assert_eq!(personal::scan(&full_width(text)).is_some(), seen.is_some());
    }
    let folded = names::fold(text);
    assert_eq!(names::fold(&folded), folded, "folding twice folds nothing more");
    names::twin_key(text);
    names::tokens(text);
    assert_eq!(names::script_of(text).len(), 4);
}

/// ASCII as the full-width characters East Asian keyboards write.
fn full_width(text: &str) -> String {
    let wide = |c: char| match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
        _ => c,
    };
    text.chars().map(wide).collect()
}
