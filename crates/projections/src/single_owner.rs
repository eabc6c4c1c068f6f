//! Legal forms with a single owner: the name of such an organisation is often a person's. They are
//! found by identifier or full name only (design 7), so their words are not indexed at all.

use domain::organisation::LegalForm;

/// Codes of ISO 20275 (list 1.5) for sole proprietorships and for companies that can only have one
/// member.
const FORMS: [&str; 38] = [
    "1CML", "1EQC", "1PAD", "38JQ", "456Q", "48X2", "4BEM", "4HD1", "4QIE", "5IL6", "78SG", "88OX",
    "88XU", "AF67", "AREY", "AZA0", "C609", "DJ2D", "EQAQ", "GF6X", "GNYB", "I5NO", "I8VP", "JN2P",
    "KD84", "LARO", "MV4S", "MXLT", "OB5J", "OL20", "PVT3", "QR4F", "QYZD", "R6UT", "W8XG", "WUAZ",
    "WVQN", "XDKS",
];

/// Spellings of such forms in folded names, where the source gives no code.
const WORDS: [&str; 6] = ["eireli", "eirl", "eurl", "sasu", "个人独资", "個人獨資"];

/// Whether the organisation has a single-owner form, by its code or by its folded name.
pub(crate) fn is_single_owner(form: Option<&LegalForm>, folded_name: &str) -> bool {
    form.is_some_and(|form| FORMS.binary_search(&form.as_str()).is_ok())
        || WORDS.iter().any(|word| {
            if word.is_ascii() {
                folded_name.split(' ').any(|part| part == *word)
            } else {
                folded_name.contains(word)
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_sorted_for_the_search() {
        assert!(FORMS.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn by_code_or_by_name() {
        let eireli = LegalForm::new("OB5J");
        assert!(is_single_owner(eireli.as_ref(), "acme"));
        assert!(is_single_owner(None, "silva construcoes eireli"));
        assert!(is_single_owner(None, "上海某某个人独资企业"));
        assert!(!is_single_owner(None, "acme ltd"));
        assert!(!is_single_owner(LegalForm::new("XTIQ").as_ref(), "eirelia"));
    }
}
