//! The person guard: the first thing that happens to a row, before anything of it is kept, hashed
//! or written (promise P1, I-25..I-28).
//!
//! A row is refused when any rule says "person", and goes on only when the profile's deciding rule
//! says "organisation". What stays undecided is quarantined without its cells (design 9.16).

use std::sync::LazyLock;

use domain::identifiers::{self, IdentifierClaim, IdentifierError, personal, scheme::Scheme};
use domain::organisation::OrganisationKind;
use domain::refusal::{Problem, Refusal};

use crate::candidate::{Candidate, Part};
use crate::profile::{Container, IdentifierRule, OnIdentifier, Profile};
use crate::text::spelling;
use crate::words::{FoldedName, WordList};

/// Legal forms that no person and no sole trader bears, for a row that states no kind.
static LEGAL_FORMS: LazyLock<WordList> = LazyLock::new(|| {
    WordList::new([
        "inc$",
        "incorporated$",
        "ltd",
        "limited$",
        "llc$",
        "llp$",
        "plc$",
        "corp$",
        "corporation",
        "gmbh",
        "ltda",
        "*ltda",
        "limitada",
        "srl$",
        "sarl$",
        "sociedade anonima",
        "sociedad anonima",
        "societe anonyme",
        "aktiengesellschaft",
        "有限公司",
        "有限责任公司",
        "股份公司",
    ])
});

/// What only sole traders bear: a profile can name more of them, and none less.
static SOLE_TRADERS: LazyLock<WordList> = LazyLock::new(|| {
    WordList::new([
        "sole trader",
        "sole proprietor",
        // Not before a company's form: a "Sole Proprietorship LLC" of the Emirates is a company.
        "sole proprietorship$",
        "个体工商户",
        "个体户",
        "一人经营",
        "個人事業主",
        "microempreendedor individual",
        "empresario individual",
        "empresária individual",
        "empresaria individual",
        "persona fisica",
        "pessoa fisica",
        "personne physique",
        "einzelunternehmen",
        "einzelunternehmer",
        "einzelkaufmann",
        "e kfm$",
        "e kfr$",
        "e k$",
        "entreprise individuelle",
        "entrepreneur individuel",
        "auto entrepreneur",
        "autoentrepreneur",
        "ditta individuale",
        "eenmanszaak",
        "enskild firma",
        "^ип",
        "индивидуальный предприниматель",
        "^фоп",
        "фізична особа підприємець",
    ])
});

/// Whether `name` carries a legal form that no person bears.
pub(crate) fn has_legal_form(name: &str) -> bool {
    LEGAL_FORMS.found_in(&FoldedName::new(name, &[], &[]))
}

/// Whether `name` carries words that only sole traders bear: a person in substance, whatever kind
/// is stated beside it.
///
/// ```
/// use goodstanding_intake::is_sole_trader_name;
/// assert!(is_sole_trader_name("灯城灯笼店（个体工商户）"));
/// assert!(!is_sole_trader_name("Moonwharf Lantern Works Ltd"));
/// ```
pub fn is_sole_trader_name(name: &str) -> bool {
    SOLE_TRADERS.found_in(&FoldedName::new(name, &[], &[]))
}

/// What the guard says about a row.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// About a person or a sole trader, or holding a personal identifier.
    Person(Problem),
    /// Cannot be told.
    Undecided(Problem),
    /// About an organisation; what it holds has been looked through.
    Organisation(Cleared),
}

/// What the guard learned on the way.
#[derive(Debug)]
pub(crate) struct Cleared {
    /// Each identifier of the candidate, checked, in its order.
    pub(crate) claims: Vec<Result<IdentifierClaim, IdentifierError>>,
    /// The name, folded for word lists.
    pub(crate) name: FoldedName,
    /// Cells that were emptied because they held a personal identifier.
    pub(crate) stripped: Vec<Problem>,
}

/// What one rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Evidence {
    Person,
    Organisation,
    Unknown,
}

/// Judges `candidate`, and empties the cells the profile wants stripped.
pub(crate) fn judge(profile: &Profile, candidate: &mut Candidate) -> Verdict {
    let row = candidate.number;
    let person = |column: &str, refusal| {
        let column = Some(column).filter(|column| !column.is_empty());
        Verdict::Person(Problem::of_row(row, column, refusal))
    };
    if let Some(part) = &candidate.subject_type
        && by_type(profile, part) == Evidence::Person
    {
        return person(&part.column, Refusal::PersonAsSubject);
    }
    if let (Some(rule), Some(part)) = (&profile.persons.identifier, &candidate.person_identifier)
        && (by_identifier(rule, &part.text) == Evidence::Person
            || begins_with_root(rule, &part.text, &candidate.name.text))
    {
        return person(&part.column, Refusal::PersonAsSubject);
    }
    let mut claims = Vec::new();
    for identifier in &candidate.identifiers {
        let claim = check_identifier(&identifier.scheme, &identifier.part.text);
        match claim {
            Err(IdentifierError::Personal) => {
                return person(&identifier.part.column, Refusal::PersonalIdentifier);
            }
            Err(IdentifierError::SoleTrader) => {
                return person(&identifier.part.column, Refusal::PersonAsSubject);
            }
            Ok(_) | Err(IdentifierError::Military | IdentifierError::Shape(_)) => {}
        }
        claims.push(claim);
    }
    if is_split(profile, candidate) || names_in_keys(candidate).any(|text| holds_number(&text)) {
        return person("", Refusal::PersonalIdentifier);
    }
    if personal::scan(&candidate.name.text).is_some() {
        return person(&candidate.name.column, Refusal::PersonalIdentifier);
    }
    let name = folded(profile, &candidate.name.text);
    let mut by_name = by_words(profile, &name);
    if by_name == Evidence::Unknown && profile.persons.words.is_some() {
        by_name = by_claims(&claims);
    }
    let is_sole_trader =
        SOLE_TRADERS.found_in(&name) || profile.persons.sole_trader.found_in(&name);
    if by_name == Evidence::Person || is_sole_trader {
        return person(&candidate.name.column, Refusal::PersonAsSubject);
    }
    let by_kind = by_form(&claims, &name);
    if let Some(problem) = undecided(profile, candidate, by_name, by_kind) {
        return Verdict::Undecided(problem);
    }
    let found = strip(profile, candidate);
    if let (OnIdentifier::Refuse, Some(problem)) = (profile.persons.on_identifier, found.first()) {
        return Verdict::Person(problem.clone());
    }
    Verdict::Organisation(Cleared { claims, name, stripped: found })
}

/// The claim, or why there is none. A misshapen text that is some other personal identifier (an
/// identity number in a column for company numbers) counts as personal.
fn check_identifier(scheme: &str, text: &str) -> Result<IdentifierClaim, IdentifierError> {
    let claim = match Scheme::new(scheme) {
        Some(scheme) => identifiers::claim(&scheme, text),
        None => Err(IdentifierError::Shape(Some("the scheme is not known"))),
    };
    match claim {
        Err(IdentifierError::Shape(_)) if holds_personal(text) => Err(IdentifierError::Personal),
        other => other,
    }
}

fn holds_personal(text: &str) -> bool {
    personal::scan(text).is_some()
        || personal::is_citizen_id(text)
        || personal::is_cpf(text)
        || personal::holds_citizen_id(text)
}

/// Whether two cells of the row, one after the other, make a citizen's number that neither of them
/// is alone.
fn is_split(profile: &Profile, candidate: &Candidate) -> bool {
    const DIGITS: usize = 18;
    let is_piece = |text: &&str| {
        let mut characters = text.chars().rev();
        let last = characters.next();
        // Longer pieces are the spaces and hyphens of two whole numbers.
        text.chars().count() < 2 * DIGITS
            && last.is_some_and(|c| c.is_numeric() || matches!(c, 'x' | 'X'))
            && characters.all(|c| c.is_numeric() || matches!(c, ' ' | '-' | '.'))
            && profile.dates.day(text).is_none()
    };
    let texts = candidate.texts();
    let pieces: Vec<&str> = texts.into_iter().filter(is_piece).collect();
    pieces.iter().enumerate().any(|(at, first)| {
        let second = pieces.iter().enumerate().filter(|(other, _)| *other != at);
        second.map(|(_, second)| format!("{first}{second}")).any(|joined| {
            personal::looks_like_citizen_id(&joined) && personal::is_citizen_id(&joined)
        })
    })
}

/// The short texts of a line that say what others are: nobody reads them as content, so that a
/// number would stand in them unseen. Those of a CSV or XLSX row come from the profile.
fn names_in_keys(candidate: &Candidate) -> impl Iterator<Item = String> {
    let names = candidate.other_names.iter();
    let languages = names.flat_map(|name| [name.language.as_str(), name.role.as_str()]);
    let schemes = candidate.identifiers.iter().map(|identifier| identifier.scheme.as_str());
    let fields = candidate.fields.iter().map(|(key, _)| key.as_str());
    let main = std::iter::once(candidate.name_language.as_str());
    main.chain(languages).chain(schemes).chain(fields).map(str::to_lowercase)
}

/// Whether `text`, or its digits alone, are a personal identifier.
fn holds_number(text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    holds_personal(text) || holds_personal(&digits)
}

/// What a row that states no kind shows: an organisation's checked identifier, or a legal form.
fn by_form(claims: &[Result<IdentifierClaim, IdentifierError>], name: &FoldedName) -> Evidence {
    let has_form = LEGAL_FORMS.found_in(name);
    if has_form { Evidence::Organisation } else { by_claims(claims) }
}

/// By a checked identifier that only organisations bear. A CNPJ is none, since sole traders have
/// one; the USCC of a sole trader does not come here.
fn by_claims(claims: &[Result<IdentifierClaim, IdentifierError>]) -> Evidence {
    let is_proof = |claim: &IdentifierClaim| {
        claim.joins() && ["cn-uscc", "lei", "ru-inn"].contains(&claim.scheme().key())
    };
    if claims.iter().flatten().any(is_proof) { Evidence::Organisation } else { Evidence::Unknown }
}

fn folded(profile: &Profile, name: &str) -> FoldedName {
    let words = profile.persons.words.as_ref();
    let size_marks = words.map(|words| words.size_marks.as_slice()).unwrap_or_default();
    let notes = words.map(|words| words.notes.as_slice()).unwrap_or_default();
    FoldedName::new(name, size_marks, notes)
}

fn by_type(profile: &Profile, part: &Part) -> Evidence {
    let value = spelling(&part.text);
    if profile.persons.type_person.contains(&value) {
        Evidence::Person
    } else if profile.persons.type_organisation.contains(&value) {
        Evidence::Organisation
    } else {
        Evidence::Unknown
    }
}

/// By the number of digits. Publishers mask the digits of persons, never those of companies, so a
/// `*` tells as well. Where a spreadsheet dropped leading zeros, check digits decide, persons
/// first.
fn by_identifier(rule: &IdentifierRule, text: &str) -> Evidence {
    if text.contains('*') {
        return Evidence::Person;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let length = digits.len();
    if length == 0 || length > rule.organisation_digits {
        return Evidence::Unknown;
    }
    if !rule.zeros_dropped {
        return if length == rule.person_digits {
            Evidence::Person
        } else if length == rule.organisation_digits {
            Evidence::Organisation
        } else {
            Evidence::Unknown
        };
    }
    if length > rule.person_digits {
        return Evidence::Organisation;
    }
    let (person_digits, organisation_digits) = (rule.person_digits, rule.organisation_digits);
    let as_organisation =
        identifiers::claim(&rule.scheme, &format!("{digits:0>organisation_digits$}"));
    if holds_personal(&format!("{digits:0>person_digits$}")) {
        Evidence::Person
    } else if as_organisation.is_ok_and(|claim| claim.joins()) {
        Evidence::Organisation
    } else {
        Evidence::Unknown
    }
}

/// Whether `name` begins with the first digits of `identifier`, as the firms of Brazilian
/// micro-entrepreneurs do: `12.345.678 OWNER`.
fn begins_with_root(rule: &IdentifierRule, identifier: &str, name: &str) -> bool {
    let digits: String = identifier.chars().filter(char::is_ascii_digit).collect();
    let length = rule.organisation_digits;
    let digits = if rule.zeros_dropped { format!("{digits:0>length$}") } else { digits };
    let lead = name.chars().take_while(|c| c.is_ascii_digit() || *c == '.');
    let lead: String = lead.filter(char::is_ascii_digit).collect();
    rule.root_in_name_digits > 0
        && digits.get(..rule.root_in_name_digits).is_some_and(|root| lead.starts_with(root))
}

/// By the words of the name. A legal form tells an organisation. A size mark without one (Brazil:
/// `ME`, `EPP`) tells a sole trader, whose firm is the owner's own name.
fn by_words(profile: &Profile, name: &FoldedName) -> Evidence {
    let Some(words) = &profile.persons.words else { return Evidence::Unknown };
    if words.organisation.found_in(name)
        || (!name.has_size_mark && words.organisation_without_size_mark.found_in(name))
    {
        Evidence::Organisation
    } else if name.has_size_mark {
        Evidence::Person
    } else {
        Evidence::Unknown
    }
}

/// Why the row cannot be told to be about an organisation, by the rule that decides: words where
/// there are any, since sole traders have company numbers too; else the type; else the identifier.
/// A line of our own format that states no kind is decided by its form, whatever the profile says.
fn undecided(
    profile: &Profile,
    candidate: &Candidate,
    by_name: Evidence,
    by_kind: Evidence,
) -> Option<Problem> {
    let row = candidate.number;
    let is_jsonl = matches!(profile.container, Container::Jsonl);
    let is_unstated =
        |part: &&Part| is_jsonl && spelling(&part.text) == OrganisationKind::Unstated.key();
    let unstated = candidate.subject_type.as_ref().filter(is_unstated);
    let (evidence, column) = if let (Some(part), Evidence::Unknown) = (unstated, by_kind) {
        (Evidence::Unknown, &part.column)
    } else if profile.persons.words.is_some() {
        (by_name, &candidate.name.column)
    } else if let Some(part) = unstated {
        (by_kind, &part.column)
    } else if let Some(part) = &candidate.subject_type {
        if by_type(profile, part) == Evidence::Unknown && is_jsonl {
            return Some(Problem::of_row(row, Some(&part.column), Refusal::KindUnknown));
        }
        (by_type(profile, part), &part.column)
    } else if let (Some(rule), Some(part)) =
        (&profile.persons.identifier, &candidate.person_identifier)
    {
        (by_identifier(rule, &part.text), &part.column)
    } else {
        (Evidence::Unknown, &candidate.name.column)
    };
    (evidence != Evidence::Organisation)
        .then(|| Problem::of_row(row, Some(column), Refusal::PersonUndecided))
}

/// Empties every kept text that holds a personal identifier, in the candidate and in its cells.
fn strip(profile: &Profile, candidate: &mut Candidate) -> Vec<Problem> {
    let row = candidate.number;
    let identifier_cells: Vec<Option<usize>> =
        candidate.identifiers.iter().map(|identifier| identifier.part.cell).collect();
    let is_identifier = |part: &Part| part.cell.is_some() && identifier_cells.contains(&part.cell);
    let mut found: Vec<Part> = Vec::new();
    let dates = &profile.dates;
    for part in candidate.kept_parts() {
        // Days such as 14/04/2018 may stand in a key; identifiers have been checked as what they
        // are.
        if is_identifier(part) || dates.day(&part.text).is_some() || !holds(part) {
            continue;
        }
        found.push(std::mem::take(part));
    }
    // What maps to a closed vocabulary is not kept as text, but would stand in a quarantine file.
    let closed = [
        &mut candidate.list,
        &mut candidate.subject_type,
        &mut candidate.kind,
        &mut candidate.country,
        &mut candidate.start,
        &mut candidate.end,
    ];
    for part in closed.into_iter().flatten().chain(&mut candidate.entries) {
        if dates.day(&part.text).is_none() && holds(part) {
            found.push(std::mem::take(part));
        }
    }
    for cell in found.iter().filter_map(|part| part.cell) {
        if let Some(text) = candidate.cells.get_mut(cell) {
            text.clear();
        }
    }
    if matches!(profile.container, Container::Jsonl) && !found.is_empty() {
        // The line holds everything, so nothing of it may stand in a quarantine file.
        candidate.cells.clear();
    }
    found.sort_by(|a, b| a.column.cmp(&b.column));
    found.dedup_by(|a, b| a.column == b.column);
    found
        .iter()
        .map(|part| Problem::of_row(row, Some(&part.column), Refusal::PersonalIdentifier))
        .collect()
}

/// Empties, once more, what may stand in a quarantine file: whole cells, where the parts of a cell
/// were looked at before. Identifiers have been checked as what they are.
pub(crate) fn clean_cells(profile: &Profile, cells: &mut [String]) {
    let identifiers = profile.columns.iter().flat_map(|columns| &columns.identifiers);
    let identifiers: Vec<usize> = identifiers.map(|identifier| identifier.column).collect();
    for (column, cell) in cells.iter_mut().enumerate() {
        let is_known = identifiers.contains(&column) || profile.dates.day(cell.trim()).is_some();
        if !is_known && personal::scan(cell).is_some() {
            cell.clear();
        }
    }
}

fn holds(part: &Part) -> bool {
    !part.is_empty() && personal::scan(&part.text).is_some()
}
