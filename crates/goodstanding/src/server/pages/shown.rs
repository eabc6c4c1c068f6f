//! How things are written on a page: dates as `<time>`, foreign texts with their language, records
//! as rows. Everything here escapes what it is given.

use std::fmt;

use askama::filters::{Html as HtmlEscaper, HtmlSafe, escape};
use domain::civil::{Day, End, Instant};
use domain::identifiers::{ClaimStatus, IdentifierClaim};
use domain::organisation::Name;
use domain::record::Polarity;
use domain::text::Texts;
use due_process::quotation::State;
use policy::Packs;

use crate::messages::{Messages, fill_text};
use crate::registry::RecordView;

/// Markup made here, all values in it escaped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html(String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Html {}

/// Text safe in elements and attributes.
pub fn escaped(text: &str) -> String {
    match escape(text, HtmlEscaper) {
        Ok(safe) => safe.to_string(),
        Err(never) => match never {},
    }
}

impl Html {
    /// Plain text.
    pub fn text(text: &str) -> Html {
        Html(escaped(text))
    }

    /// The message under `key` with markup in its places.
    pub fn fill(m: &Messages, key: &str, values: &[(&str, &Html)]) -> Html {
        Html(fill_text(&escaped(m.t(key)), values))
    }
}

/// A link whose text may be in another language.
pub fn link(href: &str, text: &Phrase) -> Html {
    Html(format!("<a href=\"{}\"{}>{}</a>", escaped(href), text.attr(), escaped(&text.text)))
}

/// A day: `<time datetime="2026-08-21">21 August 2026</time>`.
pub fn day(m: &Messages, day: Day) -> Html {
    Html(format!("<time datetime=\"{day}\">{}</time>", escaped(&m.day(day))))
}

/// An instant, to the minute, in UTC.
pub fn instant(m: &Messages, at: Instant) -> Html {
    Html(format!("<time datetime=\"{at}\">{}</time>", escaped(&m.instant(at))))
}

/// A text in a language that may not be the page's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// The text.
    pub text: String,
    lang: String,
}

impl Phrase {
    /// A pack's text in the page's language, else in another, which it then names.
    pub fn of(m: &Messages, texts: &Texts) -> Phrase {
        let text = texts.in_language(m.code()).to_owned();
        let lang = if texts.0.contains_key(m.code()) {
            String::new()
        } else {
            let found = texts.0.iter().find(|(_, candidate)| **candidate == text);
            found.map(|(lang, _)| lang.clone()).unwrap_or_default()
        };
        Phrase { text, lang }
    }

    /// A text of ours or a key, in no language but the page's.
    pub fn plain(text: &str) -> Phrase {
        Phrase { text: text.to_owned(), lang: String::new() }
    }

    /// A text whose language is told.
    pub fn named(m: &Messages, text: &str, language: &str) -> Phrase {
        Phrase::in_language(m, text, language.to_owned())
    }

    /// A name of an organisation, never translated.
    pub fn name(m: &Messages, name: &Name) -> Phrase {
        let lang = match name.language.as_str() {
            "" => language_of_script(&name.script),
            language => language.to_owned(),
        };
        Phrase::in_language(m, &name.text, lang)
    }

    /// A text of a source whose language nobody tells.
    pub fn quoted(m: &Messages, text: &str) -> Phrase {
        Phrase::in_language(m, text, language_of_script(domain::names::script_of(text)))
    }

    fn in_language(m: &Messages, text: &str, lang: String) -> Phrase {
        let is_of_page = lang == m.code() || lang == m.html_lang();
        Phrase { text: text.to_owned(), lang: if is_of_page { String::new() } else { lang } }
    }

    /// The `lang` attribute with its leading space, or nothing.
    pub fn attr(&self) -> Html {
        if self.lang.is_empty() {
            Html::default()
        } else {
            Html(format!(" lang=\"{}\"", escaped(&self.lang)))
        }
    }

    /// As an element of its own, its direction kept apart from what surrounds it.
    pub fn html(&self) -> Html {
        Html(format!("<bdi{}>{}</bdi>", self.attr(), escaped(&self.text)))
    }
}

/// The language a script stands for, where it stands for one; else the script is all that can be
/// said, and BCP 47 says it as `und-Cyrl`.
fn language_of_script(script: &str) -> String {
    match script {
        "" | "Zyyy" => String::new(),
        "Hans" => "zh-Hans".to_owned(),
        "Hant" => "zh-Hant".to_owned(),
        "Jpan" => "ja".to_owned(),
        "Kore" => "ko".to_owned(),
        script => format!("und-{script}"),
    }
}

/// An identifier and how far it can be trusted.
pub struct IdentifierCell {
    /// `USCC`, `LEI`, `CNPJ`, else the scheme's key.
    pub label: String,
    /// The value.
    pub value: String,
    /// Shown as a tag: the check digit is wrong at the source, or there is none.
    pub remark: Option<String>,
    /// Wrong at the source.
    pub is_invalid: bool,
}

/// An identifier as shown.
pub fn identifier(m: &Messages, claim: &IdentifierClaim) -> IdentifierCell {
    let remark = match claim.status() {
        ClaimStatus::Checked => None,
        ClaimStatus::Unchecked => Some(m.t("organisation.unchecked").to_owned()),
        ClaimStatus::InvalidButOfficial => Some(m.t("organisation.invalid").to_owned()),
    };
    IdentifierCell {
        label: claim.scheme().label().to_owned(),
        value: claim.value().to_owned(),
        remark,
        is_invalid: claim.status() == ClaimStatus::InvalidButOfficial,
    }
}

/// A record as a row of a table.
pub struct RecordRow {
    /// Its page.
    pub href: String,
    /// The list quoted.
    pub list: Phrase,
    /// Who publishes it.
    pub publisher: Phrase,
    /// Grounds, or a dash for facts.
    pub grounds: String,
    /// From when to when.
    pub term: Html,
    /// State in words.
    pub state: String,
    /// Class of the state's tag.
    pub state_class: &'static str,
    /// Day of the reading.
    pub read_on: Html,
}

/// The row of a record.
pub fn record_row(m: &Messages, packs: &Packs, view: &RecordView) -> RecordRow {
    let record = &view.record;
    let (state, state_class) = state(m, view);
    RecordRow {
        href: format!("/{}/records/{}", m.code(), record.id),
        list: list_title(m, packs, view),
        publisher: publisher_name(m, packs, view),
        grounds: grounds(m, view),
        term: term(m, view),
        state,
        state_class,
        read_on: day(m, view.read_on),
    }
}

/// The title of the list a record quotes; its id when no pack names it any more.
pub fn list_title(m: &Messages, packs: &Packs, view: &RecordView) -> Phrase {
    let id = &view.record.quotation.list;
    match packs.list(id) {
        Some(list) => Phrase::of(m, &list.title),
        None => Phrase::plain(id.as_str()),
    }
}

/// The name of the publisher a record quotes; its key when no pack names it any more.
pub fn publisher_name(m: &Messages, packs: &Packs, view: &RecordView) -> Phrase {
    authority_name(m, packs, &view.record.quotation.publisher)
}

/// The name of an authority.
pub fn authority_name(
    m: &Messages,
    packs: &Packs,
    key: &domain::authority::AuthorityKey,
) -> Phrase {
    match packs.authority(key) {
        Some(authority) => Phrase::of(m, &authority.names),
        None => Phrase::plain(key.as_str()),
    }
}

/// The grounds in words; a dash where the record is no reproach.
pub fn grounds(m: &Messages, view: &RecordView) -> String {
    let words: Vec<String> = view
        .record
        .grounds
        .iter()
        .map(|ground| m.t(&format!("ground.{}", ground.key())).to_owned())
        .collect();
    if words.is_empty() { "–".to_owned() } else { m.join(&words) }
}

/// From when to when, in words.
pub fn term(m: &Messages, view: &RecordView) -> Html {
    term_of(m, view.record.period.start, view.record.period.end.as_ref())
}

/// The same for a first day and an end.
pub fn term_of(m: &Messages, start: Option<Day>, end: Option<&End>) -> Html {
    let is_day = matches!(end, Some(End::On(_)));
    let start = start.map(|start| day(m, start));
    let end = match end {
        Some(End::On(last)) => Some(day(m, *last)),
        Some(End::Indefinite { .. }) => Some(Html::text(m.t("organisation.indefinite"))),
        None => None,
    };
    match (&start, &end) {
        (Some(start), Some(end)) if is_day => {
            Html::fill(m, "organisation.between", &[("start", start), ("end", end)])
        }
        (Some(start), Some(end)) => {
            let from = Html::fill(m, "organisation.from", &[("day", start)]);
            Html([&from.0, m.t("join.comma"), &end.0].concat())
        }
        (Some(start), None) => Html::fill(m, "organisation.from", &[("day", start)]),
        (None, Some(end)) if is_day => Html::fill(m, "organisation.until", &[("day", end)]),
        (None, Some(end)) => end.clone(),
        (None, None) => Html::text(m.t("organisation.term_none")),
    }
}

/// The state in words and the class of its tag. Words carry the meaning, never colour alone.
pub fn state(m: &Messages, view: &RecordView) -> (String, &'static str) {
    let class = match (view.state, view.record.polarity()) {
        (State::Listed, Polarity::Adverse) => "tag tag-strong",
        (State::Listed, _) => "tag",
        _ => "tag tag-weak",
    };
    (m.t(&format!("state.{}", view.state.key())).to_owned(), class)
}

/// `procurement.exclusion` as the message files spell it.
pub fn type_key(record_type: domain::record::RecordType) -> String {
    record_type.key().replace('.', "_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::Catalogue;

    #[test]
    fn markup_in_values_is_text() {
        let catalogue = Catalogue::load().unwrap();
        let m = catalogue.get("en").unwrap();
        let phrase = Phrase { text: "<b>\"x\" & y</b>".to_owned(), lang: "a\"b".to_owned() };
        let html = phrase.html().to_string();
        assert!(!html.contains("<b>") && !html.contains("a\"b"), "{html}");
        let filled = Html::fill(m, "organisation.from", &[("day", &phrase.html())]);
        assert!(filled.to_string().starts_with("from <bdi"), "{filled}");
    }

    #[test]
    fn a_name_says_its_language_where_it_is_not_the_pages() {
        let catalogue = Catalogue::load().unwrap();
        let (en, zh) = (catalogue.get("en").unwrap(), catalogue.get("zh").unwrap());
        let name = |language: &str, script: &str| Name {
            text: "x".to_owned(),
            language: language.to_owned(),
            script: script.to_owned(),
            role: domain::organisation::NameRole::Main,
        };
        let attr =
            |m: &Messages, language, script| Phrase::name(m, &name(language, script)).attr().0;
        assert_eq!(attr(en, "zh", "Hans"), " lang=\"zh\"");
        assert_eq!(attr(zh, "zh", "Hans"), "");
        assert_eq!(attr(zh, "", "Latn"), " lang=\"und-Latn\"");
        assert_eq!(attr(en, "", "Zyyy"), "");
        assert_eq!(attr(en, "", "Hans"), " lang=\"zh-Hans\"");
        assert_eq!(attr(zh, "", "Hans"), "");
    }
}
