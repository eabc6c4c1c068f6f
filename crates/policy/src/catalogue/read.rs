//! Reading `catalogue/*.toml` and `mandates.toml`, and what one file alone can be held to.

use std::collections::BTreeMap;

use domain::authority::AuthorityKey;
use domain::case::{CatalogueKey, ConditionKey, Severity, Territory};
use domain::civil::Day;
use domain::limits::{Act, Fact, Ground, is_protected, may_be_about};
use domain::organisation::OrganisationKind;
use domain::record::{Polarity, RecordType};
use domain::refusal::Refusal;
use domain::text::Texts;

use super::{
    CatalogueEntry, Condition, InterimRule, Mandate, Needs, RepairRule, SeverityRule, TermRule,
    TermStart,
};
use crate::citation::{self, Citation};
use crate::expression::Compiling;
use crate::list::{read_grounds, read_remedy};
use crate::procedure::LegalPeriod;
use crate::strict::{Located, Problems, Table};

const PLAIN: &str = "expected: lower-case letters, digits, `-`, `_`, `.`";

/// The facts that are known when a severity is judged: all but the severity itself and who asks.
const READABLE: [Fact; 10] = [
    Fact::RecordType,
    Fact::Grounds,
    Fact::DecisionDate,
    Fact::ConductFrom,
    Fact::ConductTo,
    Fact::Amounts,
    Fact::Procedure,
    Fact::Act,
    Fact::Kind,
    Fact::Territory,
];

/// An entry as read, with the places that later checks name.
pub(crate) struct EntryRead {
    pub(crate) entry: CatalogueEntry,
    pub(crate) id_at: usize,
    pub(crate) basis_at: usize,
    pub(crate) interim_at: usize,
    /// Set for an entry that is laid on one of the pack below.
    pub(crate) layer: Option<Layer>,
}

/// What an entry on another one says itself; the rest is the other one's.
pub(crate) struct Layer {
    pub(crate) on: Located<CatalogueKey>,
    pub(crate) title: Option<Texts>,
    pub(crate) basis: Vec<Citation>,
    pub(crate) terms: BTreeMap<Option<Severity>, Located<TermRule>>,
    pub(crate) ceiling: Option<Located<LegalPeriod>>,
    pub(crate) hearing: Option<Located<Vec<Severity>>>,
}

/// What every part of a file needs to know.
#[derive(Clone, Copy)]
struct File<'a> {
    pack: &'a str,
    is_fictional: bool,
}

/// Reads one file of `catalogue/`.
pub(crate) fn read(
    root: &Table<'_>,
    pack: &str,
    is_fictional: bool,
    problems: &mut Problems<'_>,
) -> Option<EntryRead> {
    let file = File { pack, is_fictional };
    let parts = [
        "entry",
        "basis",
        "remedy",
        "severity_rule",
        "term",
        "ceiling",
        "indefinite",
        "repair",
        "release",
        "interim",
        "extension",
    ];
    root.only(&parts, problems);
    if !root.has("entry") {
        root.missing("entry", Refusal::PackKeyMissing, problems);
    }
    let table = root.table("entry", problems)?;
    if table.has("on") {
        return read_layer(root, &table, file, problems);
    }
    let head = read_head(&table, problems);
    let polarity = head.as_ref().map(|head| head.record_type.polarity());
    let basis = read_levelled(root, file, problems);
    let remedy = read_remedy(root, polarity, is_fictional, problems);
    let severity_rules = read_severity_rules(root, polarity, file, problems);
    let terms = read_terms(root, polarity, file, problems);
    let period = |key: &str, problems: &mut Problems<'_>| {
        LegalPeriod::read(root, key, is_fictional, problems)
    };
    let ceiling = period("ceiling", problems);
    let indefinite = optional_citation(root, "indefinite", file, problems);
    let repair = read_repair(root, "repair", file, problems);
    let release = read_repair(root, "release", file, problems);
    let interim = read_interim(root, polarity, file, problems);
    let extension = optional_citation(root, "extension", file, problems);
    let head = head?;
    let entry = CatalogueEntry {
        id: head.id.value,
        title: head.title,
        pack: pack.to_owned(),
        record_type: head.record_type,
        subjects: head.subjects,
        grounds: head.grounds,
        act: head.act,
        basis,
        in_force_from: head.in_force_from,
        text_of: head.text_of,
        in_force_until: head.in_force_until,
        remedy,
        severity_rules,
        severity_default: head.severity,
        terms: terms.into_iter().map(|(severity, term)| (severity, term.value)).collect(),
        term_start: head.term_start,
        ceiling,
        indefinite,
        on: None,
        hearing: head.hearing,
        repair,
        release,
        interim,
        extension,
        fictional: is_fictional,
    };
    check_terms(root, &entry, problems);
    Some(EntryRead {
        entry,
        id_at: head.id.at,
        basis_at: root.place_of("basis"),
        interim_at: root.place_of("interim"),
        layer: None,
    })
}

struct Head {
    id: Located<CatalogueKey>,
    title: Texts,
    record_type: RecordType,
    subjects: Vec<OrganisationKind>,
    grounds: Vec<Ground>,
    act: Act,
    severity: Option<Severity>,
    term_start: TermStart,
    hearing: Vec<Severity>,
    in_force_from: Day,
    text_of: Option<Day>,
    in_force_until: Option<Day>,
}

fn read_head(table: &Table<'_>, problems: &mut Problems<'_>) -> Option<Head> {
    let known = [
        "id",
        "title",
        "record_type",
        "subjects",
        "grounds",
        "act",
        "severity",
        "term_start",
        "hearing",
        "in_force_from",
        "text_of",
        "in_force_until",
    ];
    table.only(&known, problems);
    let unreadable = Refusal::PackUnreadable;
    let id = table.parsed("id", unreadable, PLAIN, problems, CatalogueKey::new);
    let title = table.texts("title", &["en", "zh"], Refusal::PackKeyMissing, problems);
    let types = format!("one of: {}", RecordType::ALL.map(RecordType::key).join(", "));
    let record_type =
        table.parsed("record_type", unreadable, &types, problems, RecordType::from_key);
    let record_type = record_type.map(|record_type| record_type.value);
    let polarity = record_type.map(RecordType::polarity);
    let grounds = read_grounds(table, polarity, problems);
    let acts = format!("one of: {}", Act::ALL.map(Act::key).join(", "));
    let act = table.parsed("act", unreadable, &acts, problems, Act::from_key);
    let act = act.map(|act| act.value);
    let subjects = read_subjects(table, record_type, act, problems);
    let severity = read_severity(table, polarity, problems);
    let start = |key: &str| match key {
        "decision" => Some(TermStart::Decision),
        "service" => Some(TermStart::Service),
        _ => None,
    };
    let term_start =
        table.parsed("term_start", unreadable, "one of: decision, service", problems, start);
    let hearing = table.closed("hearing", unreadable, problems, Severity::from_key);
    let in_force_from = table.day("in_force_from", problems);
    let text_of = read_text_of(table, in_force_from, problems);
    let in_force_until = table.day_if_any("in_force_until", problems);
    if in_force_until.is_some_and(|until| in_force_from.is_some_and(|from| until < from)) {
        let place = table.place_of("in_force_until");
        problems.add(place, &table.key("in_force_until"), Refusal::InForceReversed);
    }
    Some(Head {
        id: id?,
        title: title?,
        record_type: record_type?,
        subjects: subjects?,
        grounds,
        act: act?,
        severity,
        term_start: term_start?.value,
        hearing: hearing.unwrap_or_default(),
        in_force_from: in_force_from?,
        text_of,
        in_force_until,
    })
}

/// `text_of`: the wording that was read is that of this day. No wording is older than its law.
pub(crate) fn read_text_of(
    table: &Table<'_>,
    in_force_from: Option<Day>,
    problems: &mut Problems<'_>,
) -> Option<Day> {
    let text_of = table.day_if_any("text_of", problems)?;
    if in_force_from.is_some_and(|from| text_of < from) {
        problems.add(table.place_of("text_of"), &table.key("text_of"), Refusal::InForceReversed);
    }
    Some(text_of)
}

/// The kinds of subject, which have to be named one by one: no kind is covered by silence.
fn read_subjects(
    table: &Table<'_>,
    record_type: Option<RecordType>,
    act: Option<Act>,
    problems: &mut Problems<'_>,
) -> Option<Vec<OrganisationKind>> {
    if !table.has("subjects") {
        table.missing("subjects", Refusal::PackKeyMissing, problems);
    }
    let key = table.key("subjects");
    let texts = table.strings("subjects", problems)?;
    if texts.is_empty() {
        problems.add(table.place_of("subjects"), &key, Refusal::PackKeyMissing);
    }
    let is_adverse = record_type.is_some_and(|known| known.polarity() == Polarity::Adverse);
    let mut kinds = Vec::new();
    for text in texts {
        let kind = OrganisationKind::from_key(text.value)
            .filter(|kind| record_type.is_none_or(|known| may_be_about(known, *kind)));
        let Some(kind) = kind else {
            problems.add(text.at, &key, Refusal::SubjectKindRefused);
            continue;
        };
        if is_adverse && is_protected(kind) && act == Some(Act::Administrative) {
            problems.add(text.at, &key, Refusal::ProtectedKindInPack);
        }
        kinds.push(kind);
    }
    Some(kinds)
}

fn read_severity(
    table: &Table<'_>,
    polarity: Option<Polarity>,
    problems: &mut Problems<'_>,
) -> Option<Severity> {
    let key = table.key("severity");
    match (polarity, table.has("severity")) {
        (Some(Polarity::Adverse), false) | (Some(Polarity::Neutral | Polarity::Good), true) => {
            problems.add(table.place_of("severity"), &key, Refusal::SeverityUnfit);
            return None;
        }
        (_, false) => return None,
        _ => {}
    }
    severity_of(table, problems)
}

fn severity_of(table: &Table<'_>, problems: &mut Problems<'_>) -> Option<Severity> {
    let known = "one of: minor, general, serious";
    let refusal = Refusal::SeverityUnfit;
    table.parsed("severity", refusal, known, problems, Severity::from_key).map(|found| found.value)
}

/// The citations `[[basis]]`, each with its level (I-32).
fn read_levelled(root: &Table<'_>, file: File<'_>, problems: &mut Problems<'_>) -> Vec<Citation> {
    for table in root.tables("basis", problems) {
        if !table.has("level") {
            table.missing("level", Refusal::LevelTooLow, problems);
        }
    }
    Citation::read_all(root, "basis", file.is_fictional, problems)
}

fn optional_citation(
    table: &Table<'_>,
    key: &str,
    file: File<'_>,
    problems: &mut Problems<'_>,
) -> Option<Citation> {
    let citation = table.table(key, problems)?;
    Citation::read(&citation, file.is_fictional, problems)
}

fn read_severity_rules(
    root: &Table<'_>,
    polarity: Option<Polarity>,
    file: File<'_>,
    problems: &mut Problems<'_>,
) -> Vec<SeverityRule> {
    let tables = root.tables("severity_rule", problems);
    if !tables.is_empty() && polarity.is_some_and(|polarity| polarity != Polarity::Adverse) {
        problems.add(root.place_of("severity_rule"), "severity_rule", Refusal::SeverityUnfit);
    }
    let mut rules = Vec::new();
    for table in tables {
        table.only(&["severity", "when", "basis"], problems);
        let severity = severity_of(&table, problems);
        let compiling = Compiling { pack: file.pack, readable: &READABLE };
        let when = table.expression("when", compiling, problems);
        let missing = Refusal::CitationMissing;
        let basis = citation::read_required(&table, "basis", missing, file.is_fictional, problems);
        if let (Some(severity), Some(when), Some(basis)) = (severity, when, basis) {
            rules.push(SeverityRule { severity, when, basis });
        }
    }
    rules
}

fn read_terms(
    root: &Table<'_>,
    polarity: Option<Polarity>,
    file: File<'_>,
    problems: &mut Problems<'_>,
) -> BTreeMap<Option<Severity>, Located<TermRule>> {
    if root.is_number("term") {
        problems.add(root.place_of("term"), "term", Refusal::UnitMissing);
        return BTreeMap::new();
    }
    let mut terms = BTreeMap::new();
    for table in root.tables("term", problems) {
        table.only(&["severity", "published", "publication", "min", "max"], problems);
        let severity = read_severity(&table, polarity, problems);
        let Some(term) = read_term(&table, severity, file, problems) else { continue };
        if terms.insert(severity, Located { value: term, at: table.at }).is_some() {
            problems.add(table.at, "term.severity", Refusal::PackKeyRepeated);
        }
    }
    terms
}

fn read_term(
    table: &Table<'_>,
    severity: Option<Severity>,
    file: File<'_>,
    problems: &mut Problems<'_>,
) -> Option<TermRule> {
    let min = LegalPeriod::read(table, "min", file.is_fictional, problems);
    let max = LegalPeriod::read(table, "max", file.is_fictional, problems);
    let is_minor = severity == Some(Severity::Minor);
    let publication = optional_citation(table, "publication", file, problems);
    let published =
        if table.has("published") { table.flag("published", problems) } else { !is_minor };
    let place = table.place_of("published");
    if is_minor && published && publication.is_none() {
        problems.add(place, &table.key("published"), Refusal::MinorPublished);
    }
    if !is_minor && !published {
        let detail = "what is not public cannot count: there are no secret records";
        problems.add_with(place, &table.key("published"), Refusal::TermUnfit, detail);
    }
    let is_reversed = match (&min, &max) {
        (Some(min), Some(max)) => !min.is_at_most(max),
        _ => false,
    };
    if is_reversed {
        problems.add(table.place_of("min"), &table.key("min"), Refusal::TermUnfit);
    }
    // A period that is there and could not be read was told already.
    let is_read = (min.is_some() || !table.has("min")) && (max.is_some() || !table.has("max"));
    is_read.then_some(TermRule { min, max, published, publication })
}

/// Every outcome has a term, and every term of an adverse or good type an end (I-04).
fn check_terms(root: &Table<'_>, entry: &CatalogueEntry, problems: &mut Problems<'_>) {
    let needs_end = entry.polarity() != Polarity::Neutral && entry.indefinite.is_none();
    for outcome in entry.outcomes() {
        let key = outcome.map_or("none", Severity::key);
        match entry.terms.get(&outcome) {
            None => {
                let detail = format!("a [[term]] for: {key}");
                problems.add_with(root.place_of("term"), "term", Refusal::TermUnfit, &detail);
            }
            Some(term) if needs_end && term.max.is_none() => {
                let detail = format!("a longest period for: {key}");
                problems.add_with(root.place_of("term"), "term.max", Refusal::TermUnfit, &detail);
            }
            Some(_) => {}
        }
    }
}

fn read_repair(
    root: &Table<'_>,
    key: &str,
    file: File<'_>,
    problems: &mut Problems<'_>,
) -> Option<RepairRule> {
    let table = root.table(key, problems)?;
    table.only(&["steps", "needs", "condition"], problems);
    let steps = table.texts("steps", &["en", "zh"], Refusal::PackKeyMissing, problems);
    let needs = read_needs(&table, problems);
    let tables = table.tables("condition", problems);
    if tables.is_empty() {
        table.missing("condition", Refusal::PackKeyMissing, problems);
    }
    let mut conditions: Vec<Condition> = Vec::new();
    for condition in tables {
        condition.only(&["key", "text", "basis"], problems);
        let unreadable = Refusal::PackUnreadable;
        let key = condition.parsed("key", unreadable, PLAIN, problems, ConditionKey::new);
        let text = condition.texts("text", &["en", "zh"], Refusal::PackKeyMissing, problems);
        let missing = Refusal::CitationMissing;
        let basis =
            citation::read_required(&condition, "basis", missing, file.is_fictional, problems);
        let (Some(key), Some(text), Some(basis)) = (key, text, basis) else { continue };
        if conditions.iter().any(|other| other.key == key.value) {
            problems.add(key.at, &condition.key("key"), Refusal::PackKeyRepeated);
        }
        conditions.push(Condition { key: key.value, text, basis });
    }
    Some(RepairRule { needs: needs?, conditions, steps: steps? })
}

/// Each condition, unless the pack says that one is enough.
fn read_needs(table: &Table<'_>, problems: &mut Problems<'_>) -> Option<Needs> {
    if !table.has("needs") {
        return Some(Needs::default());
    }
    let known = format!("one of: {}", Needs::ALL.map(Needs::key).join(", "));
    let unreadable = Refusal::PackUnreadable;
    table.parsed("needs", unreadable, &known, problems, Needs::from_key).map(|needs| needs.value)
}

fn read_interim(
    root: &Table<'_>,
    polarity: Option<Polarity>,
    file: File<'_>,
    problems: &mut Problems<'_>,
) -> Option<InterimRule> {
    let table = root.table("interim", problems)?;
    table.only(&["basis", "max", "only"], problems);
    if polarity.is_some_and(|polarity| polarity != Polarity::Adverse) {
        let detail = "only adverse records can stand before a decision";
        problems.add_with(table.at, "interim", Refusal::InterimUnfit, detail);
    }
    let missing = Refusal::InterimUnfit;
    let basis = citation::read_required(&table, "basis", missing, file.is_fictional, problems);
    if !table.has("max") {
        table.missing("max", Refusal::InterimUnfit, problems);
    }
    let max = LegalPeriod::read(&table, "max", file.is_fictional, problems);
    let only = table.flag("only", problems);
    Some(InterimRule { basis: basis?, max: max?, only })
}

/// An entry that is laid on one of the pack below: it names only what it changes.
fn read_layer(
    root: &Table<'_>,
    table: &Table<'_>,
    file: File<'_>,
    problems: &mut Problems<'_>,
) -> Option<EntryRead> {
    root.only(&["entry", "basis", "term", "ceiling"], problems);
    table.only(&["id", "on", "title", "hearing", "in_force_from", "in_force_until"], problems);
    let unreadable = Refusal::PackUnreadable;
    let id = table.parsed("id", unreadable, PLAIN, problems, CatalogueKey::new);
    let on = table.parsed("on", unreadable, PLAIN, problems, CatalogueKey::new);
    let title = table
        .has("title")
        .then(|| table.texts("title", &["en", "zh"], Refusal::PackKeyMissing, problems));
    let basis = read_levelled(root, file, problems);
    let terms = read_terms(root, Some(Polarity::Adverse), file, problems);
    let ceiling = LegalPeriod::read(root, "ceiling", file.is_fictional, problems)
        .map(|value| Located { value, at: root.place_of("ceiling") });
    let hearing = table
        .closed("hearing", unreadable, problems, Severity::from_key)
        .map(|value| Located { value, at: table.place_of("hearing") });
    let in_force_from = table.day("in_force_from", problems);
    let in_force_until = table.day_if_any("in_force_until", problems);
    let (id, on) = (id?, on?);
    let entry = CatalogueEntry {
        id: id.value,
        title: Texts::default(),
        pack: file.pack.to_owned(),
        // Filled in from the entry below before anybody sees it.
        record_type: RecordType::Registration,
        subjects: Vec::new(),
        grounds: Vec::new(),
        act: Act::Administrative,
        basis: Vec::new(),
        in_force_from: in_force_from?,
        text_of: None,
        in_force_until,
        remedy: None,
        severity_rules: Vec::new(),
        severity_default: None,
        terms: BTreeMap::new(),
        term_start: TermStart::Decision,
        ceiling: None,
        indefinite: None,
        on: Some(on.value.clone()),
        hearing: Vec::new(),
        repair: None,
        release: None,
        interim: None,
        extension: None,
        fictional: file.is_fictional,
    };
    let layer = Layer { on, title: title.flatten(), basis, terms, ceiling, hearing };
    Some(EntryRead {
        entry,
        id_at: id.at,
        basis_at: root.place_of("basis"),
        interim_at: root.at,
        layer: Some(layer),
    })
}

/// A mandate as read, with places.
pub(crate) struct MandateRead {
    pub(crate) mandate: Mandate,
    pub(crate) authority_at: usize,
    pub(crate) entries_at: usize,
    pub(crate) territory_at: usize,
    pub(crate) basis_at: usize,
}

/// Reads `mandates.toml`.
pub(crate) fn read_mandates(
    root: &Table<'_>,
    is_fictional: bool,
    problems: &mut Problems<'_>,
) -> Vec<MandateRead> {
    root.only(&["mandate"], problems);
    let tables = root.tables("mandate", problems);
    tables.iter().filter_map(|table| read_mandate(table, is_fictional, problems)).collect()
}

fn read_mandate(
    table: &Table<'_>,
    is_fictional: bool,
    problems: &mut Problems<'_>,
) -> Option<MandateRead> {
    table.only(&["authority", "entries", "territory", "from", "until", "basis"], problems);
    let unreadable = Refusal::PackUnreadable;
    let authority = table.parsed("authority", unreadable, PLAIN, problems, AuthorityKey::new);
    let territory = table.parsed("territory", unreadable, PLAIN, problems, Territory::new);
    if !table.has("entries") {
        table.missing("entries", Refusal::PackKeyMissing, problems);
    }
    let entries = table.closed("entries", unreadable, problems, CatalogueKey::new);
    let from = table.day("from", problems);
    let until = table.day_if_any("until", problems);
    if until.is_some_and(|until| from.is_some_and(|from| until < from)) {
        problems.add(table.place_of("until"), &table.key("until"), Refusal::InForceReversed);
    }
    let missing = Refusal::CitationMissing;
    let basis = citation::read_required(table, "basis", missing, is_fictional, problems);
    let (authority, territory) = (authority?, territory?);
    Some(MandateRead {
        authority_at: authority.at,
        entries_at: table.place_of("entries"),
        territory_at: territory.at,
        basis_at: table.place_of("basis"),
        mandate: Mandate {
            authority: authority.value,
            entries: entries?,
            territory: territory.value,
            basis: basis?,
            from: from?,
            until,
        },
    })
}
