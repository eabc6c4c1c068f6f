//! From the text of a profile file to a [`Profile`]: parse strictly, then resolve every reference.

use std::collections::{BTreeMap, HashMap};

use domain::identifiers::scheme::Scheme;
use domain::names;
use domain::organisation::{Country, NameRole, OrganisationKind};
use domain::refusal::{Problem, Refusal};
use domain::text::{EntryId, ListId, ProfileName};
use policy::{ListDefinition, Packs};
use sha2::{Digest, Sha256};
use toml::Spanned;

use super::file::{
    ColumnsFile, CountryFile, DatesFile, EntriesFile, IdentifierFile, IdentifierRuleFile, KindFile,
    MoneyFile, OtherNamesFile, PersonsFile, ProfileFile,
};
use super::{
    ColumnMap, Container, CountrySource, DateFormat, DateRules, EntryMap, EntrySource, Extent,
    FieldColumn, IdentifierColumn, IdentifierRule, IgnoreRule, ListSource, OnIdentifier,
    OtherNames, PersonRules, Profile, ProfileProblem, WordRule,
};
use super::{blanks, checks};
use crate::text::spelling;
use crate::words::WordList;

/// What is found while a profile is read: headings in use, and every problem with its line.
pub(super) struct Findings<'a> {
    pub(super) text: &'a str,
    pub(super) problems: Vec<Problem>,
    headings: Vec<String>,
}

impl Findings<'_> {
    /// Notes a problem at the place `spanned` stands.
    pub(super) fn note<T>(
        &mut self,
        spanned: &Spanned<T>,
        key: &str,
        refusal: Refusal,
        detail: impl Into<String>,
    ) {
        self.note_at(Some(spanned.span().start), key, refusal, detail);
    }

    pub(super) fn note_at(
        &mut self,
        offset: Option<usize>,
        key: &str,
        refusal: Refusal,
        detail: impl Into<String>,
    ) {
        let row = offset.map(|offset| line_of(self.text, offset));
        let detail = Some(detail.into()).filter(|detail| !detail.is_empty());
        self.problems.push(Problem { row, column: Some(key.to_owned()), refusal, detail });
    }

    /// The place of `heading` among the mapped columns.
    fn column(&mut self, heading: &str) -> usize {
        if let Some(place) = self.headings.iter().position(|known| known == heading) {
            return place;
        }
        self.headings.push(heading.to_owned());
        self.headings.len() - 1
    }
}

pub(super) fn line_of(text: &str, offset: usize) -> u64 {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    let breaks = before.iter().filter(|byte| **byte == b'\n').count();
    u64::try_from(breaks).unwrap_or(u64::MAX).saturating_add(1)
}

pub(super) fn load(
    file_name: &str,
    text: &str,
    packs: &Packs,
) -> Result<Profile, Vec<ProfileProblem>> {
    let mut findings = Findings { text, problems: Vec::new(), headings: Vec::new() };
    let profile = match toml::from_str::<ProfileFile>(text) {
        Ok(file) => build(file, packs, &mut findings),
        Err(error) => {
            findings.problems.push(unreadable(text, &error));
            None
        }
    };
    let file = file_name.to_owned();
    blanks::note(text, &mut findings.problems);
    match profile {
        Some(profile) if findings.problems.is_empty() => Ok(profile),
        _ => {
            findings.problems.sort();
            Err(findings
                .problems
                .into_iter()
                .map(|problem| ProfileProblem { file: file.clone(), problem })
                .collect())
        }
    }
}

/// What the TOML reader says, under the number it belongs to.
fn unreadable(text: &str, error: &toml::de::Error) -> Problem {
    let message = error.message();
    let refusal = if message.starts_with("unknown field") {
        Refusal::PackKeyUnknown
    } else if message.starts_with("missing field") {
        Refusal::PackKeyMissing
    } else {
        Refusal::PackUnreadable
    };
    let column = message.split('`').nth(1).map(str::to_owned);
    let row = error.span().map(|span| line_of(text, span.start));
    let detail = message.lines().next().map(str::to_owned);
    Problem { row, column, refusal, detail }
}

/// `None` only when something is missing without which nothing can be built; otherwise problems
/// are noted and the build goes on, so that all of them are reported at once.
fn build(file: ProfileFile, packs: &Packs, findings: &mut Findings<'_>) -> Option<Profile> {
    let name = ProfileName::new(file.name.get_ref());
    if name.is_none() {
        findings.note(&file.name, "name", Refusal::PackUnreadable, "a plain key is expected");
    }
    let (list, definition) = list(&file, packs, findings);
    let ages = checks::max_age(&file.max_age, definition, findings);
    let extent = match file.extent.get_ref().as_str() {
        "full" => Some(Extent::Full),
        "partial" => Some(Extent::Partial),
        _ => {
            findings.note(&file.extent, "extent", Refusal::PackUnreadable, "full or partial");
            None
        }
    };
    let container = checks::container(&file.container, findings);
    checks::shape(&file, container.as_ref(), findings);
    let is_jsonl = matches!(container, Some(Container::Jsonl));
    let dates = dates(&file.dates, findings);
    let persons = persons(file.persons.get_ref(), &file, findings);
    let kinds = kinds(&file.kinds, findings);
    let columns = if is_jsonl { None } else { column_map(&file, definition, findings) };
    let ignore = file
        .ignore
        .iter()
        .map(|rule| IgnoreRule {
            column: findings.column(&rule.column),
            starts_with: rule.starts_with.clone(),
        })
        .collect();
    if is_jsonl {
        findings.headings = vec![crate::containers::JSON_LINE.to_owned()];
    }
    let (max_age, max_age_neutral) = ages?;
    Some(Profile {
        name: name?,
        hash: hex(&Sha256::digest(findings.text.as_bytes())),
        list: list?,
        extent: extent?,
        max_age,
        max_age_neutral,
        row_floor: file.row_floor,
        row_ceiling: file.row_ceiling,
        licence: file.licence,
        container: container?,
        headings: std::mem::take(&mut findings.headings),
        columns,
        dates,
        persons: persons?,
        kinds,
        ignore,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn list<'p>(
    file: &ProfileFile,
    packs: &'p Packs,
    findings: &mut Findings<'_>,
) -> (Option<ListSource>, Option<&'p ListDefinition>) {
    match (&file.list, &file.list_column) {
        (Some(list), None) => {
            let id = ListId::new(list.get_ref());
            let definition = id.as_ref().and_then(|id| packs.list(id));
            if definition.is_none() {
                findings.note(list, "list", Refusal::ReferenceBroken, "no pack defines this list");
            }
            (id.map(ListSource::Fixed), definition)
        }
        (None, Some(column)) => (Some(ListSource::Column(column.get_ref().clone())), None),
        (Some(_), Some(column)) => {
            let detail = "either list or list_column, not both";
            findings.note(column, "list_column", Refusal::PackKeyUnknown, detail);
            (None, None)
        }
        (None, None) => {
            findings.note_at(None, "list", Refusal::PackKeyMissing, "list or list_column");
            (None, None)
        }
    }
}

fn dates(file: &Spanned<DatesFile>, findings: &mut Findings<'_>) -> DateRules {
    let mut formats = Vec::new();
    for text in &file.get_ref().formats {
        match DateFormat::new(text.get_ref()) {
            Some(format) => formats.push(format),
            None => {
                let detail = "%Y or %y, %m or %b, and %d, each once";
                findings.note(text, "dates.formats", Refusal::PackUnreadable, detail);
            }
        }
    }
    let mut known: Vec<&str> = vec!["%Y-%m-%d"];
    known.extend(file.get_ref().formats.iter().map(|text| text.get_ref().as_str()));
    let formats_text = format!("formats: {}", known.join(" or "));
    let no_end = file.get_ref().no_end.iter().map(|text| spelling(text)).collect();
    DateRules { formats, no_end, formats_text }
}

fn persons(
    rules: &PersonsFile,
    file: &ProfileFile,
    findings: &mut Findings<'_>,
) -> Option<PersonRules> {
    let on_identifier = match rules.on_identifier.get_ref().as_str() {
        "refuse" => Some(OnIdentifier::Refuse),
        "strip" => Some(OnIdentifier::Strip),
        _ => {
            let key = "persons.on_identifier";
            findings.note(&rules.on_identifier, key, Refusal::PackUnreadable, "refuse or strip");
            None
        }
    };
    if rules.type_rule.is_none() && rules.identifier.is_none() && rules.words.is_none() {
        let detail = "a rule that tells an organisation from a person: type, identifier or words";
        findings.note(&file.persons, "persons", Refusal::PackKeyMissing, detail);
    }
    let organisations = rules.type_rule.iter().flat_map(|rule| &rule.organisation);
    if organisations.map(|text| names::fold(text)).any(|text| PERSONS.contains(&&*text)) {
        let key = "persons.type.organisation";
        findings.note(&file.persons, key, Refusal::PersonsAsOrganisations, "");
    }
    let spellings = |texts: &[String]| texts.iter().map(|text| spelling(text)).collect::<Vec<_>>();
    let folded = |texts: &[String]| texts.iter().map(|text| names::fold(text)).collect::<Vec<_>>();
    let list = |texts: &[String]| WordList::new(texts.iter().map(String::as_str));
    let type_rule = rules.type_rule.as_ref();
    Some(PersonRules {
        type_organisation: type_rule.map(|rule| spellings(&rule.organisation)).unwrap_or_default(),
        type_person: type_rule.map(|rule| spellings(&rule.person)).unwrap_or_default(),
        identifier: identifier_rule(rules.identifier.as_ref(), &file.identifiers, findings),
        words: rules.words.as_ref().map(|words| WordRule {
            organisation: list(&words.organisation),
            organisation_without_size_mark: list(&words.organisation_without_size_mark),
            size_marks: folded(&words.size_marks),
            notes: folded(&words.notes),
        }),
        sole_trader: list(&rules.sole_trader),
        on_identifier: on_identifier?,
    })
}

/// Words of publishers for persons, folded, which no profile takes for organisations.
const PERSONS: [&str; 26] = [
    "person",
    "persons",
    "natural person",
    "natural persons",
    "physical person",
    "individual",
    "individuals",
    "citizen",
    "household",
    "family",
    "sole trader",
    "sole proprietor",
    "pf",
    "pessoa fisica",
    "cpf",
    "persona fisica",
    "persona natural",
    "personne physique",
    "naturliche person",
    "自然人",
    "个人",
    "公民",
    "家庭",
    "户",
    "个体户",
    "个体工商户",
];

fn identifier_rule(
    rule: Option<&Spanned<IdentifierRuleFile>>,
    identifiers: &[IdentifierFile],
    findings: &mut Findings<'_>,
) -> Option<IdentifierRule> {
    let rule = rule?;
    let file = rule.get_ref();
    let scheme = identifiers
        .iter()
        .find(|identifier| identifier.column == file.column)
        .and_then(|identifier| Scheme::new(identifier.scheme.get_ref()));
    if scheme.is_none() {
        let detail = "the column is none of [[identifiers]]";
        findings.note(rule, "persons.identifier.column", Refusal::ReferenceBroken, detail);
    }
    if file.person_digits >= file.organisation_digits {
        let detail = "person_digits must be the smaller number";
        findings.note(rule, "persons.identifier", Refusal::PackUnreadable, detail);
    }
    Some(IdentifierRule {
        person_digits: file.person_digits,
        organisation_digits: file.organisation_digits,
        zeros_dropped: file.zeros_dropped,
        root_in_name_digits: file.root_in_name_digits,
        scheme: scheme?,
    })
}

fn kinds(files: &[KindFile], findings: &mut Findings<'_>) -> Vec<(OrganisationKind, WordList)> {
    let mut kinds = Vec::new();
    for file in files {
        match OrganisationKind::from_key(file.kind.get_ref()) {
            Some(kind) => kinds.push((kind, WordList::new(file.words.iter().map(String::as_str)))),
            None => findings.note(&file.kind, "kinds.kind", Refusal::SubjectKindRefused, ""),
        }
    }
    kinds
}

fn column_map(
    file: &ProfileFile,
    definition: Option<&ListDefinition>,
    findings: &mut Findings<'_>,
) -> Option<ColumnMap> {
    let Some(columns) = &file.columns else {
        findings.note_at(None, "columns", Refusal::PackKeyMissing, "csv and xlsx need columns");
        return None;
    };
    let list = file.list_column.as_ref().map(|column| findings.column(column.get_ref()));
    let place_of = |columns: &[String], findings: &mut Findings<'_>| {
        columns.iter().map(|heading| findings.column(heading)).collect::<Vec<_>>()
    };
    let ColumnsFile { name, kind, name_strip, name_language, place, start, end } = columns;
    let person_type = file.persons.get_ref().type_rule.as_ref().and_then(|r| r.column.as_ref());
    let person_identifier = file.persons.get_ref().identifier.as_ref();
    let optional = |heading: Option<&String>, findings: &mut Findings<'_>| {
        heading.map(|heading| findings.column(heading))
    };
    Some(ColumnMap {
        list,
        name: findings.column(name),
        kind: optional(kind.as_ref(), findings),
        name_strip: name_strip.clone(),
        name_language: name_language.clone(),
        person_type: optional(person_type, findings),
        person_identifier: optional(person_identifier.map(|r| &r.get_ref().column), findings),
        other_names: file.other_names.iter().filter_map(|o| other_names(o, findings)).collect(),
        country: country(file.country.as_ref(), findings),
        place: optional(place.as_ref(), findings),
        start: optional(start.as_ref(), findings),
        end: optional(end.as_ref(), findings),
        identifiers: file.identifiers.iter().filter_map(|i| identifier(i, findings)).collect(),
        entries: entries(file.entries.as_ref(), definition, findings),
        fields: fields(file, definition, findings),
        row_key: place_of(&file.row_key, findings),
        occurrence: place_of(&file.occurrence, findings),
        organisation_key: place_of(&file.organisation_key, findings),
    })
}

fn other_names(file: &OtherNamesFile, findings: &mut Findings<'_>) -> Option<OtherNames> {
    let role = match &file.role {
        None => Some(NameRole::Other),
        Some(role) => {
            let known = NameRole::from_key(role.get_ref());
            if known.is_none() {
                let detail = "other or former";
                findings.note(role, "other_names.role", Refusal::PackUnreadable, detail);
            }
            known
        }
    };
    Some(OtherNames {
        column: findings.column(&file.column),
        separator: file.separator.clone().filter(|separator| !separator.is_empty()),
        role: role?,
        language: file.language.clone(),
    })
}

fn country(file: Option<&Spanned<CountryFile>>, findings: &mut Findings<'_>) -> CountrySource {
    let Some(spanned) = file else { return CountrySource::Unknown };
    let file = spanned.get_ref();
    match (&file.fixed, &file.column) {
        (Some(code), None) => match Country::new(code) {
            Some(country) => CountrySource::Fixed(country),
            None => {
                findings.note(spanned, "country.fixed", Refusal::PackUnreadable, "two capitals");
                CountrySource::Unknown
            }
        },
        (None, Some(column)) => {
            let mut map = HashMap::new();
            for (name, code) in &file.map {
                match Country::new(code.get_ref()) {
                    Some(country) => drop(map.insert(spelling(name), country)),
                    None => findings.note(code, name, Refusal::PackUnreadable, "two capitals"),
                }
            }
            CountrySource::Column { column: findings.column(column), map }
        }
        _ => {
            let detail = "either fixed, or column and map";
            findings.note(spanned, "country", Refusal::PackKeyMissing, detail);
            CountrySource::Unknown
        }
    }
}

fn identifier(file: &IdentifierFile, findings: &mut Findings<'_>) -> Option<IdentifierColumn> {
    let scheme = Scheme::new(file.scheme.get_ref());
    if scheme.is_none() {
        let detail = "cn-uscc, lei, US-SAM, another code of org-id.guide, or x-...";
        findings.note(&file.scheme, "identifiers.scheme", Refusal::PackUnreadable, detail);
    }
    let column = findings.column(&file.column);
    let separator = file.separator.clone().filter(|separator| !separator.is_empty());
    // Longer than any register's numbers is a slip, and would let one cell grow without bound.
    Some(IdentifierColumn { column, scheme: scheme?, separator, pad: file.pad.min(40) })
}

fn entries(
    file: Option<&Spanned<EntriesFile>>,
    definition: Option<&ListDefinition>,
    findings: &mut Findings<'_>,
) -> EntrySource {
    let Some(spanned) = file else { return EntrySource::Fixed(Vec::new()) };
    let file = spanned.get_ref();
    let resolve = |texts: &[String], at: usize, findings: &mut Findings<'_>| {
        let mut ids = Vec::new();
        for text in texts {
            let id = EntryId::new(text).filter(|id| {
                definition.is_none_or(|list| list.entries.iter().any(|entry| entry.id == *id))
            });
            match id {
                Some(id) => ids.push(id),
                None => {
                    let detail = format!("the list has no entry {text}");
                    findings.note_at(Some(at), "entries", Refusal::ReferenceBroken, detail);
                }
            }
        }
        ids
    };
    match (&file.fixed, &file.column) {
        (Some(fixed), None) => EntrySource::Fixed(resolve(fixed, spanned.span().start, findings)),
        (None, Some(column)) => {
            if file.as_written && !file.map.is_empty() {
                let detail = "either map or as_written";
                findings.note(spanned, "entries.as_written", Refusal::PackKeyUnknown, detail);
            }
            let mut map = HashMap::new();
            for (text, ids) in &file.map {
                let ids = resolve(ids.get_ref(), ids.span().start, findings);
                map.insert(spelling(text), ids);
            }
            let separator = file.separator.clone().filter(|separator| !separator.is_empty());
            let map = if file.as_written { EntryMap::AsWritten } else { EntryMap::Spellings(map) };
            EntrySource::Column { column: findings.column(column), separator, map }
        }
        _ => {
            let detail = "either fixed, or column and map";
            findings.note(spanned, "entries", Refusal::PackKeyMissing, detail);
            EntrySource::Fixed(Vec::new())
        }
    }
}

fn fields(
    file: &ProfileFile,
    definition: Option<&ListDefinition>,
    findings: &mut Findings<'_>,
) -> Vec<FieldColumn> {
    let texts =
        file.fields.iter().map(|(key, column)| (key, column.get_ref(), None, column.span().start));
    let money = file.money.iter().map(|(key, money)| {
        let MoneyFile { column, currency } = money.get_ref();
        (key, column, Some(currency), money.span().start)
    });
    let mut seen: BTreeMap<&str, ()> = BTreeMap::new();
    let mut fields = Vec::new();
    for (key, column, currency, at) in texts.chain(money) {
        let is_known = definition.is_none_or(|list| {
            domain::record::Body::field_keys(list.record_type).contains(&key.as_str())
        });
        if !is_known {
            let detail = "the list's record type has no such field";
            findings.note_at(Some(at), key, Refusal::ReferenceBroken, detail);
        }
        if seen.insert(key, ()).is_some() {
            findings.note_at(Some(at), key, Refusal::PackUnreadable, "the field is mapped twice");
        }
        fields.push(FieldColumn {
            key: key.clone(),
            column: findings.column(column),
            currency: currency.cloned(),
        });
    }
    fields
}
