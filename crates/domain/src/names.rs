//! Names, folded for comparison. Nothing here changes a stored name: names are kept as written.

mod forms;
mod script;
#[cfg(test)]
mod tests;

pub use forms::without_legal_form;
pub use script::script_of;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The name for comparing: compatibility forms and width undone, case folded, accents off,
/// punctuation as single spaces.
///
/// ```
/// use goodstanding_domain::names::fold;
/// assert_eq!(fold("Construções ＡＢＣ—Filhos & Cia. S/A"), "construcoes abc filhos cia s a");
/// assert_eq!(fold("（虚构）海风贸易有限公司"), "虚构 海风贸易有限公司");
/// ```
pub fn fold(name: &str) -> String {
    if name.is_ascii() {
        return fold_ascii(name);
    }
    let mut folded = String::with_capacity(name.len());
    let mut is_gap = false;
    let lower = name.nfkc().flat_map(char::to_lowercase);
    // Latin, Greek and Cyrillic accents go; marks of other scripts carry the sound and stay.
    let bare = lower.nfd().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).nfc();
    for c in bare {
        if c.is_alphanumeric() || is_combining_mark(c) {
            if is_gap && !folded.is_empty() {
                folded.push(' ');
            }
            is_gap = false;
            push_folded(&mut folded, c);
        } else if !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}') {
            is_gap = true;
        }
    }
    folded
}

/// The same for ASCII, which no normal form changes: most names, at a tenth of the cost.
fn fold_ascii(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for word in name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().map(|c| c.to_ascii_lowercase()));
    }
    folded
}

/// Letters that no decomposition takes apart.
fn push_folded(folded: &mut String, c: char) {
    match c {
        'ß' => folded.push_str("ss"),
        'æ' => folded.push_str("ae"),
        'œ' => folded.push_str("oe"),
        'þ' => folded.push_str("th"),
        'ø' => folded.push('o'),
        'ł' => folded.push('l'),
        'đ' | 'ð' => folded.push('d'),
        'ı' => folded.push('i'),
        'ħ' => folded.push('h'),
        'ς' => folded.push('σ'),
        _ => folded.push(c),
    }
}

/// The words to index: folded words, and for scripts without spaces every two neighbouring
/// characters.
///
/// ```
/// use goodstanding_domain::names::tokens;
/// assert_eq!(tokens("ACME 海风贸易"), ["acme", "海风", "风贸", "贸易"]);
/// assert_eq!(tokens("川 Ltd"), ["川", "ltd"]);
/// ```
pub fn tokens(name: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    for word in fold(name).split(' ').filter(|word| !word.is_empty()) {
        let mut run: Vec<char> = Vec::new();
        for c in word.chars() {
            if run.last().is_some_and(|last| is_cjk(*last) != is_cjk(c)) {
                cut(&mut tokens, &std::mem::take(&mut run));
            }
            run.push(c);
        }
        cut(&mut tokens, &run);
    }
    tokens
}

fn cut(tokens: &mut Vec<String>, run: &[char]) {
    match run {
        [] => {}
        [first, _, ..] if is_cjk(*first) => {
            tokens.extend(run.windows(2).map(|pair| pair.iter().collect::<String>()));
        }
        _ => tokens.push(run.iter().collect()),
    }
}

/// Han, kana and Hangul: written without spaces, or with spaces that sources put where they like.
fn is_cjk(c: char) -> bool {
    is_han(c) || is_kana(c) || is_hangul(c)
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}' | '々' | '〇')
}

fn is_kana(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}')
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7af}')
}

/// Equal keys are likely twins: the words of the folded name without its legal form, sorted.
///
/// ```
/// use goodstanding_domain::names::twin_key;
/// assert_eq!(twin_key("Ansonia, City of"), twin_key("City of ANSONIA"));
/// assert_eq!(twin_key("Acme GmbH"), twin_key("ACME"));
/// ```
pub fn twin_key(name: &str) -> String {
    let core = without_legal_form(name);
    let mut words: Vec<&str> = core.split(' ').collect();
    words.sort_unstable();
    words.join(" ")
}
