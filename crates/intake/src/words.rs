//! Word lists that tell an organisation from a person, and what kind of organisation it is, by its
//! name.

use domain::names;

/// Words and phrases, folded as names are. `ltda` stands anywhere as a word of its own, `^igreja`
/// at the beginning of the name, `s a$` at its end, `*ltda` also glued to the word before it.
/// `!credit union` takes that phrase out of the name before the others are looked for: it hides no
/// word that stands elsewhere in the name.
#[derive(Debug, Clone, Default)]
pub(crate) struct WordList {
    anywhere: Vec<String>,
    at_start: Vec<String>,
    at_end: Vec<String>,
    glued: Vec<String>,
    passed_over: Vec<String>,
}

impl WordList {
    /// The list of these entries; entries that fold to nothing are left out.
    pub(crate) fn new<'a>(entries: impl IntoIterator<Item = &'a str>) -> WordList {
        let mut list = WordList::default();
        for entry in entries {
            let (target, word) = if let Some(word) = entry.strip_prefix('*') {
                (&mut list.glued, word)
            } else if let Some(word) = entry.strip_prefix('!') {
                (&mut list.passed_over, word)
            } else if let Some(word) = entry.strip_prefix('^') {
                (&mut list.at_start, word)
            } else if let Some(word) = entry.strip_suffix('$') {
                (&mut list.at_end, word)
            } else {
                (&mut list.anywhere, entry)
            };
            let word = names::fold(word);
            if !word.is_empty() {
                target.push(word);
            }
        }
        list
    }

    /// Whether one of the words stands in `name`.
    pub(crate) fn found_in(&self, name: &FoldedName) -> bool {
        if !self.passed_over.iter().any(|phrase| contains_word(&name.whole, phrase)) {
            return self.stands_in(name);
        }
        let rest = |text: &str| {
            self.passed_over.iter().fold(text.to_owned(), |text, phrase| without(&text, phrase))
        };
        let has_size_mark = name.has_size_mark;
        let rest = FoldedName { whole: rest(&name.whole), core: rest(&name.core), has_size_mark };
        self.stands_in(&rest)
    }

    fn stands_in(&self, name: &FoldedName) -> bool {
        self.anywhere.iter().any(|word| contains_word(&name.whole, word))
            || self.at_start.iter().any(|word| starts_with_word(&name.whole, word))
            || self.at_end.iter().any(|word| ends_with_word(&name.core, word))
            || self
                .glued
                .iter()
                .any(|word| name.whole.split(' ').any(|w| w.ends_with(word.as_str())))
    }
}

/// A name folded once for all lists.
#[derive(Debug, Clone)]
pub(crate) struct FoldedName {
    /// The whole name.
    whole: String,
    /// The name without what a register puts behind it: size marks, "in liquidation".
    core: String,
    /// Whether a size mark stood there.
    pub(crate) has_size_mark: bool,
}

impl FoldedName {
    /// `name` folded, with `size_marks` and `notes` (both folded) taken off its end.
    pub(crate) fn new(name: &str, size_marks: &[String], notes: &[String]) -> FoldedName {
        let whole = names::fold(name);
        let mut core = whole.as_str();
        let mut has_size_mark = false;
        loop {
            let before = core.len();
            for (marks, is_size) in [(size_marks, true), (notes, false)] {
                for mark in marks {
                    if let Some(rest) = without_last_word(core, mark) {
                        core = rest;
                        has_size_mark |= is_size;
                    }
                }
            }
            if core.len() == before {
                break;
            }
        }
        FoldedName { core: core.to_owned(), has_size_mark, whole }
    }
}

fn without_last_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = text.strip_suffix(word)?;
    (rest.is_empty() || rest.ends_with(' ')).then(|| rest.trim_end())
}

/// `text` with `_`, which no folded word equals, for each place where `phrase` stands as words.
fn without(text: &str, phrase: &str) -> String {
    let mut text = format!(" {text} ");
    let (whole, mark) = (format!(" {phrase} "), " _ ");
    while text.contains(&whole) {
        text = text.replace(&whole, mark);
    }
    text.trim().to_owned()
}

fn ends_with_word(text: &str, word: &str) -> bool {
    without_last_word(text, word).is_some()
}

fn starts_with_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn contains_word(text: &str, word: &str) -> bool {
    let is_script_without_blanks = word.chars().any(|c| u32::from(c) >= 0x3040);
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|t| t.chars().next());
        is_script_without_blanks
            || (before.is_none_or(|c| c == ' ') && after.is_none_or(|c| c == ' '))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(entries: &[&str], name: &str, expect: bool) {
        let marks = ["me".to_owned(), "epp".to_owned()];
        let notes = ["em recuperacao judicial".to_owned()];
        let list = WordList::new(entries.iter().copied());
        assert_eq!(
            list.found_in(&FoldedName::new(name, &marks, &notes)),
            expect,
            "{entries:?} {name}"
        );
    }

    #[test]
    fn words_stand_alone_at_the_end_or_glued() {
        check(&["ltda"], "CONSTRUTORA X LTDA. - ME", true);
        check(&["ltda"], "FILTROS E PECASLTDA.", false);
        check(&["*ltda"], "FILTROS E PECASLTDA.", true);
        check(&["sa$", "s a$"], "PETROLEO S/A EM RECUPERAÇÃO JUDICIAL", true);
        check(&["sa$", "s a$"], "M J DE SA COMUNICACAO - ME", false);
        check(&["sindicato"], "SINDICATOS", false);
        check(&["^igreja"], "IGREJA DE TAL", true);
        check(&["^igreja"], "JOSE IGREJA", false);
        check(&["^igreja"], "IGREJAS", false);
        check(&["工会"], "上海某某工会", true);
        check(&[], "ANY", false);
    }

    #[test]
    fn a_phrase_passed_over_hides_nothing_else() {
        let union = ["union", "!credit union", "!western union"];
        check(&union, "Navy Federal Credit Union", false);
        check(&union, "WESTERN-UNION Ltd", false);
        check(&union, "Credit Union, Western Union", false);
        check(&union, "Credit Union Credit Union Ltd", false);
        check(&union, "Union of the Employees of Western Union", true);
        check(&union, "Credit Unions Workers Union", true);
        check(&["trade union", "!credit union"], "Trade Credit Union Union", false);
    }

    #[test]
    fn size_marks_are_noticed_at_the_end_only() {
        let marks = ["me".to_owned()];
        assert!(FoldedName::new("PERSON ROW 107 - ME", &marks, &[]).has_size_mark);
        assert!(!FoldedName::new("ME ROW", &marks, &[]).has_size_mark);
        assert!(!FoldedName::new("FORME", &marks, &[]).has_size_mark);
    }
}
