//! Citations: where a value comes from. A value without one does not load.

use domain::civil::Day;
use domain::refusal::Refusal;
use domain::text::Texts;

use crate::strict::{Problems, Table};

/// The only evidence a pack that is in force may rest on: somebody read the text itself.
const EVIDENCE: &str = "source seen";
/// What the pack of an invented jurisdiction says instead; refused everywhere else.
const EVIDENCE_INVENTED: &str = "fictional";

/// What kind of instrument a citation names, and so what it can carry (I-33).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// An act of a parliament.
    Law,
    /// A regulation of a government.
    Regulation,
    /// A rule of a national ministry.
    MinistryRule,
    /// A regulation of a province, state or city.
    LocalRegulation,
    /// An agreement between states or international organisations.
    Agreement,
    /// A rule that an international organisation made under its agreement.
    InstitutionRule,
}

impl Level {
    /// Every level.
    pub const ALL: [Level; 6] = [
        Level::Law,
        Level::Regulation,
        Level::MinistryRule,
        Level::LocalRegulation,
        Level::Agreement,
        Level::InstitutionRule,
    ];

    /// The key in packs.
    pub const fn key(self) -> &'static str {
        match self {
            Level::Law => "law",
            Level::Regulation => "regulation",
            Level::MinistryRule => "ministry_rule",
            Level::LocalRegulation => "local_regulation",
            Level::Agreement => "agreement",
            Level::InstitutionRule => "institution_rule",
        }
    }

    /// The level with this key.
    pub fn from_key(key: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.key() == key)
    }
}

/// A place in an instrument that somebody has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// Name of the law, agreement or published rule, by language.
    pub instrument: Texts,
    /// Article, section or heading.
    pub article: String,
    /// What kind of instrument it is, where the pack says so.
    pub level: Option<Level>,
    /// Address at which the text was read, or a document of this repository.
    pub url: String,
    /// The day it was read.
    pub seen_on: Day,
}

impl Citation {
    /// The citation in one line, in `language`.
    ///
    /// ```
    /// use domain::text::Texts;
    /// use goodstanding_policy::Citation;
    /// let mut citation = Citation {
    ///     instrument: Texts::from_pairs([("pt", "Lei 8.666/1993"), ("zh", "第8.666/1993号法律")]),
    ///     article: "87 IV".into(),
    ///     level: None,
    ///     url: "https://example.org".into(),
    ///     seen_on: "2026-11-22".parse().unwrap(),
    /// };
    /// assert_eq!(citation.short("pt"), "Lei 8.666/1993, art. 87 IV");
    /// assert_eq!(citation.short("zh"), "第8.666/1993号法律，第87条 IV");
    /// citation.article = "prohibited practices".into();
    /// assert_eq!(citation.short("pt"), "Lei 8.666/1993, prohibited practices");
    /// ```
    pub fn short(&self, language: &str) -> String {
        let instrument = self.instrument.in_language(language);
        let is_number = self.article.starts_with(|first: char| first.is_ascii_digit());
        match (language.starts_with("zh"), is_number) {
            (false, false) => format!("{instrument}, {}", self.article),
            (false, true) => format!("{instrument}, art. {}", self.article),
            (true, false) => format!("{instrument}，{}", self.article),
            (true, true) => {
                let (number, rest) = self
                    .article
                    .find([' ', ','])
                    .and_then(|at| self.article.split_at_checked(at))
                    .unwrap_or((&self.article, ""));
                format!("{instrument}，第{number}条{rest}")
            }
        }
    }

    /// Reads one citation; `None` when something of it is missing or wrong, which is recorded.
    pub(crate) fn read(
        table: &Table<'_>,
        is_fictional: bool,
        problems: &mut Problems<'_>,
    ) -> Option<Citation> {
        table.only(&["instrument", "article", "level", "url", "evidence", "seen_on"], problems);
        let instrument = table.texts("instrument", &[], Refusal::CitationMissing, problems);
        let article = table.text("article", Refusal::CitationMissing, problems);
        let level = read_level(table, problems);
        let url = read_url(table, Refusal::CitationMissing, problems);
        let evidence = table.text("evidence", Refusal::EvidenceTooWeak, problems);
        let is_seen = evidence.is_some_and(|evidence| {
            evidence.value == EVIDENCE || (is_fictional && evidence.value == EVIDENCE_INVENTED)
        });
        if let Some(evidence) = evidence.filter(|_| !is_seen) {
            problems.add(evidence.at, &table.key("evidence"), Refusal::EvidenceTooWeak);
        }
        let seen_on = table.day("seen_on", problems);
        Some(Citation {
            instrument: instrument?,
            article: article?.value.to_owned(),
            level,
            url: url?,
            seen_on: seen_on.filter(|_| is_seen)?,
        })
    }

    /// Reads the citations `[[key]]` of `table`, of which there must be at least one.
    pub(crate) fn read_all(
        table: &Table<'_>,
        key: &str,
        is_fictional: bool,
        problems: &mut Problems<'_>,
    ) -> Vec<Citation> {
        let tables = table.tables(key, problems);
        if tables.is_empty() {
            problems.add(table.place_of(key), &table.key(key), Refusal::CitationMissing);
        }
        let read = |table: &Table<'_>| Citation::read(table, is_fictional, problems);
        tables.iter().filter_map(read).collect()
    }
}

/// A citation in the table `key`, which has to be there; `missing` is the refusal when it is not.
pub(crate) fn read_required(
    table: &Table<'_>,
    key: &str,
    missing: Refusal,
    is_fictional: bool,
    problems: &mut Problems<'_>,
) -> Option<Citation> {
    if !table.has(key) {
        table.missing(key, missing, problems);
    }
    let citation = table.table(key, problems)?;
    Citation::read(&citation, is_fictional, problems)
}

fn read_level(table: &Table<'_>, problems: &mut Problems<'_>) -> Option<Level> {
    if !table.has("level") {
        return None;
    }
    let levels = format!("one of: {}", Level::ALL.map(Level::key).join(", "));
    let refusal = Refusal::PackUnreadable;
    table.parsed("level", refusal, &levels, problems, Level::from_key).map(|level| level.value)
}

/// The `url` of a table. It becomes a link on a page, so it is an address of the web or a document
/// of this repository (the registry's own rules are cited so), in plain characters: no
/// `javascript:`, no second link hidden in it.
pub(crate) fn read_url(
    table: &Table<'_>,
    missing: Refusal,
    problems: &mut Problems<'_>,
) -> Option<String> {
    let url = table.text("url", missing, problems)?;
    let is_plain = url.value.chars().all(|c| c.is_ascii_graphic() && !"\"'<>`\\".contains(c));
    let is_web = ["https://", "http://"].iter().any(|scheme| url.value.starts_with(scheme));
    let document = url.value.split('#').next().unwrap_or_default();
    let is_document = document.ends_with(".md")
        && !document.contains("..")
        && !document.contains(':')
        && !document.starts_with('/');
    if !is_plain || !(is_web || is_document) {
        let detail =
            "expected: an https address in plain characters, or a document of this repository";
        problems.add_with(url.at, &table.key("url"), missing, detail);
        return None;
    }
    Some(url.value.to_owned())
}
