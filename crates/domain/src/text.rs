//! Texts in several languages, and keys.

use std::collections::BTreeMap;
use std::fmt;

/// `{language: text}`, as packs and records carry it (design 3: texts are `{lang: text}`).
///
/// ```
/// use goodstanding_domain::text::Texts;
/// let title = Texts::from_pairs([("en", "List"), ("zh", "名单")]);
/// assert_eq!(title.in_language("zh"), "名单");
/// assert_eq!(title.in_language("fr"), "List");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts(pub BTreeMap<String, String>);

impl Texts {
    /// From pairs of language and text.
    pub fn from_pairs<const N: usize>(pairs: [(&str, &str); N]) -> Texts {
        Texts(pairs.into_iter().map(|(lang, text)| (lang.to_owned(), text.to_owned())).collect())
    }

    /// The text in `language`, else in English, else in the first language there is, else empty.
    pub fn in_language(&self, language: &str) -> &str {
        self.0
            .get(language)
            .or_else(|| self.0.get("en"))
            .or_else(|| self.0.values().next())
            .map_or("", String::as_str)
    }
}

/// A dotted key of a pack: lower-case ASCII letters, digits, `-`, `_` and `.`, at most 80 bytes.
pub(crate) fn is_key(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 80
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b))
}

macro_rules! typed_key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The key, or `None` when `text` is not one (lower-case letters, digits, `-`, `_`,
            /// `.`).
            pub fn new(text: &str) -> Option<$name> {
                $crate::text::is_key(text).then(|| $name(text.to_owned()))
            }

            /// The key as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
pub(crate) use typed_key;

typed_key! {
    /// A list that a pack defines, such as `mdb.idb-sanctioned-firms`.
    ListId
}
typed_key! {
    /// An entry of a list's definition: one legal ground with its basis, such as
    /// `inidoneidade-8666`.
    EntryId
}
typed_key! {
    /// A profile, such as `idb`.
    ProfileName
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_plain() {
        assert!(ListId::new("mdb.idb-sanctioned").is_some());
        for text in ["", "Mdb", "a b", "名单", "a/b", &"x".repeat(81)] {
            assert!(ListId::new(text).is_none(), "{text}");
        }
    }
}
