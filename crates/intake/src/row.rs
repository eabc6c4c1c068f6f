//! One cleared row against the list's definition: a submission, or why there is none.

use domain::civil::{Day, End, Period};
use domain::identifiers::{ClaimStatus, IdentifierClaim, IdentifierError};
use domain::limits::{self, Act, Ground};
use domain::names;
use domain::organisation::{Country, LegalForm, Name, NameRole, OrganisationKind};
use domain::record::{Body, Polarity};
use domain::refusal::{Language, Problem, Refusal};
use domain::submission::{OrganisationAsRead, Submission};
use domain::text::{EntryId, ListId};
use policy::{EntryDefinition, ListDefinition, Packs};

use crate::candidate::{Candidate, Part, role_of};
use crate::person_guard::Cleared;
use crate::profile::{CountrySource, EntrySource, ListSource, Profile};
use crate::text::{has_control_characters, is_language_tag, spelling};

/// Longest name; the longest real ones seen are under 200.
const NAME_CHARACTERS_MAX: usize = 400;
/// Longest other text.
const TEXT_CHARACTERS_MAX: usize = 2_000;
/// Most names or identifiers of one row.
const ITEMS_MAX: usize = 50;

/// What became of a cleared row, before other rows of the file are looked at.
#[derive(Debug)]
pub(crate) enum Checked {
    /// A limit says no, and no correction cures it.
    Refused(Vec<Problem>),
    /// Something to correct.
    Quarantined(Vec<Problem>),
    /// Complete; `is_ended` when its last day lies before the day of reading.
    Complete { submission: Box<Submission>, is_ended: bool },
}

/// A cleared row with its list, and the problems found so far.
struct Checking<'a> {
    profile: &'a Profile,
    candidate: &'a Candidate,
    problems: Vec<Problem>,
    limits: Vec<Problem>,
}

impl Checking<'_> {
    fn note(&mut self, column: &str, refusal: Refusal) {
        self.note_with(column, refusal, None);
    }

    fn note_with(&mut self, column: &str, refusal: Refusal, detail: Option<String>) {
        let column = Some(column).filter(|column| !column.is_empty());
        let mut problem = Problem::of_row(self.candidate.number, column, refusal);
        problem.detail = detail;
        self.problems.push(problem);
    }

    /// Length and characters of a text that is kept.
    fn check_text(&mut self, part: &Part, characters_max: usize) {
        if has_control_characters(&part.text) {
            self.note(&part.column, Refusal::ControlCharacters);
        }
        if part.text.chars().count() > characters_max {
            let detail = format!("at most {characters_max} characters");
            self.note_with(&part.column, Refusal::TextTooLong, Some(detail));
        }
    }
}

/// Checks and maps `candidate`; `row_key` as [`key_of`] gave it.
pub(crate) fn check(
    profile: &Profile,
    packs: &Packs,
    as_of: Day,
    candidate: &Candidate,
    cleared: &Cleared,
    row_key: Option<&str>,
) -> Checked {
    let mut checking = Checking { profile, candidate, problems: Vec::new(), limits: Vec::new() };
    let list = list_of(&mut checking, packs);
    let names = names_of(&mut checking);
    let claims = claims_of(&mut checking, cleared);
    let kind = kind_of(&mut checking, list, cleared);
    let entries = list.map(|list| entries_of(&mut checking, list)).unwrap_or_default();
    let act = entries.iter().map(|entry| entry.act).max_by_key(|act| weakness(*act));
    check_limits(&mut checking, list, kind, act);
    let period = period_of(&mut checking, list, &entries, as_of);
    let country = country_of(&mut checking);
    let legal_form = legal_form_of(&mut checking);
    let body = list.and_then(|list| body_of(&mut checking, list));
    check_keys(&mut checking, row_key);
    if !checking.limits.is_empty() {
        return Checked::Refused(checking.limits);
    }
    let (Some(list), Some(row_key), Some(body), Some((name, other_names)), true) =
        (list, row_key, body, names, checking.problems.is_empty())
    else {
        checking.problems.sort();
        checking.problems.dedup();
        return Checked::Quarantined(checking.problems);
    };
    let is_ended = matches!(period.end, Some(End::On(last)) if last < as_of);
    let place = candidate.place.as_ref().map(|place| place.text.clone());
    let entry = joined(&candidate.organisation_key);
    let organisation =
        OrganisationAsRead { name, other_names, kind, legal_form, country, place, claims, entry };
    let submission = Submission {
        row: candidate.number,
        row_key: row_key.to_owned(),
        list: list.id.clone(),
        organisation,
        grounds: grounds_of(&entries),
        entries: sorted(entries.iter().map(|entry| entry.id.clone()).collect()),
        act,
        period,
        body,
    };
    Checked::Complete { submission: Box::new(submission), is_ended }
}

/// The kinds the list is about, and the kinds about which it may not speak without a court (103).
fn check_limits(
    checking: &mut Checking<'_>,
    list: Option<&ListDefinition>,
    kind: OrganisationKind,
    act: Option<Act>,
) {
    let Some(list) = list else { return };
    let column = checking.candidate.name.column.clone();
    if !list.subjects.contains(&kind) {
        let detail = Some(format!("{} is not about this kind of organisation", list.id));
        checking.note_with(&column, Refusal::KindUnknown, detail);
    }
    let is_adverse = list.record_type.polarity() == Polarity::Adverse;
    if is_adverse && act.is_some_and(|act| !limits::may_be_adverse(kind, act)) {
        let row = checking.candidate.number;
        checking.limits.push(Problem::of_row(row, Some(&column), Refusal::ProtectedKind));
    }
}

/// The columns that identify the row, and the seat.
fn check_keys(checking: &mut Checking<'_>, row_key: Option<&str>) {
    let candidate = checking.candidate;
    if row_key.is_none() {
        let column = candidate.row_key.iter().find(|part| part.is_empty());
        let column = column.map(|part| part.column.clone()).unwrap_or_default();
        checking.note(&column, Refusal::RowKeyMissing);
    }
    let keys = candidate.row_key.iter().chain(&candidate.occurrence);
    for part in keys.chain(&candidate.organisation_key).chain(&candidate.place) {
        checking.check_text(part, TEXT_CHARACTERS_MAX);
    }
}

/// The row key and occurrence fields in one text: identifiers as their scheme writes them, days as
/// ISO 8601, so that a change of format alone does not make another row. `None` when a column of
/// the key is empty.
pub(crate) fn key_of(
    profile: &Profile,
    candidate: &Candidate,
    cleared: &Cleared,
) -> Option<String> {
    let canonical = |part: &Part| {
        let claim = candidate
            .identifiers
            .iter()
            .zip(&cleared.claims)
            .find(|(identifier, _)| part.cell.is_some() && identifier.part.cell == part.cell);
        if let Some((_, Ok(claim))) = claim {
            return claim.value().to_owned();
        }
        profile.dates.day(&part.text).map_or_else(|| part.text.clone(), |day| day.to_string())
    };
    let has_key =
        !candidate.row_key.is_empty() && candidate.row_key.iter().all(|part| !part.is_empty());
    // U+001F cannot occur in a text (refusal 215), so parts cannot run into one another.
    let parts = candidate.row_key.iter().chain(&candidate.occurrence).map(canonical);
    has_key.then(|| parts.collect::<Vec<_>>().join("\u{1f}"))
}

/// How many identifiers of `submission` an official source gives with a wrong check digit.
pub(crate) fn flagged(submission: &Submission) -> u64 {
    let claims = submission.organisation.claims.iter();
    claims.map(|claim| u64::from(claim.status() == ClaimStatus::InvalidButOfficial)).sum()
}

fn joined(parts: &[Part]) -> Option<String> {
    let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
    (!texts.is_empty() && texts.iter().all(|text| !text.is_empty())).then(|| texts.join("\u{1f}"))
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort();
    items.dedup();
    items
}

/// Later is weaker: the weakest act of a row's entries is the row's.
const fn weakness(act: Act) -> u8 {
    match act {
        Act::FinalCourt => 0,
        Act::Registrar => 1,
        Act::Administrative => 2,
    }
}

fn grounds_of(entries: &[&EntryDefinition]) -> Vec<Ground> {
    sorted(entries.iter().flat_map(|entry| entry.grounds.iter().copied()).collect())
}

fn list_of<'p>(checking: &mut Checking<'_>, packs: &'p Packs) -> Option<&'p ListDefinition> {
    let stated = checking.candidate.list.as_ref();
    let stated_id = stated.and_then(|part| ListId::new(&part.text));
    let id = match &checking.profile.list {
        ListSource::Fixed(id) => match stated.filter(|part| !part.is_empty()) {
            Some(_) if stated_id.as_ref() != Some(id) => None,
            _ => Some(id.clone()),
        },
        ListSource::Column(_) => stated_id,
    };
    let list = id.and_then(|id| packs.list(&id));
    if list.is_none() {
        let column = stated.map_or_else(|| "list".to_owned(), |part| part.column.clone());
        checking.note(&column, Refusal::ListUnknown);
    }
    list
}

/// The main name and the others, each once. `None` when there is no main name.
fn names_of(checking: &mut Checking<'_>) -> Option<(Name, Vec<Name>)> {
    let candidate = checking.candidate;
    if candidate.name.is_empty() {
        checking.note(&candidate.name.column, Refusal::NameMissing);
        return None;
    }
    checking.check_text(&candidate.name, NAME_CHARACTERS_MAX);
    check_language(checking, &candidate.name, &candidate.name_language);
    let main = name(&candidate.name, &candidate.name_language, NameRole::Main);
    let mut others: Vec<Name> = Vec::new();
    if candidate.other_names.len() > ITEMS_MAX {
        let detail = format!("at most {ITEMS_MAX} names");
        checking.note_with(&candidate.name.column, Refusal::TextTooLong, Some(detail));
    }
    let named = candidate.other_names.iter().take(ITEMS_MAX);
    for other in named.filter(|other| !other.part.is_empty()) {
        checking.check_text(&other.part, NAME_CHARACTERS_MAX);
        check_language(checking, &other.part, &other.language);
        let Some(role) = role_of(&other.role) else {
            let detail = Some("role is other or former".to_owned());
            checking.note_with(&other.part.column, Refusal::FieldUnreadable, detail);
            continue;
        };
        let name = name(&other.part, &other.language, role);
        if main.text != name.text && !others.iter().any(|known| known.text == name.text) {
            others.push(name);
        }
    }
    Some((main, others))
}

fn name(part: &Part, language: &str, role: NameRole) -> Name {
    let script = names::script_of(&part.text).to_owned();
    Name { text: part.text.clone(), language: language.to_owned(), script, role }
}

fn check_language(checking: &mut Checking<'_>, part: &Part, language: &str) {
    if !language.is_empty() && !is_language_tag(language) {
        let detail = Some("language is a BCP 47 tag such as zh or pt-BR".to_owned());
        checking.note_with(&part.column, Refusal::FieldUnreadable, detail);
    }
}

fn claims_of(checking: &mut Checking<'_>, cleared: &Cleared) -> Vec<IdentifierClaim> {
    let candidate = checking.candidate;
    let mut claims = Vec::new();
    if candidate.identifiers.len() > ITEMS_MAX {
        let detail = Some(format!("at most {ITEMS_MAX} identifiers"));
        checking.note_with("identifiers", Refusal::IdentifierUnreadable, detail);
    }
    for (identifier, claim) in candidate.identifiers.iter().zip(&cleared.claims) {
        let column = &identifier.part.column;
        match claim {
            Ok(claim) => claims.push(claim.clone()),
            Err(IdentifierError::Military) => {
                let row = candidate.number;
                checking.limits.push(Problem::of_row(row, Some(column), Refusal::MilitaryBody));
            }
            Err(IdentifierError::Shape(hint)) => {
                let hint = hint.map(str::to_owned);
                checking.note_with(column, Refusal::IdentifierUnreadable, hint);
            }
            // The guard refuses such a row before it comes here.
            Err(IdentifierError::Personal | IdentifierError::SoleTrader) => {
                checking.note(column, Refusal::PersonalIdentifier);
            }
        }
    }
    sorted(claims)
}

/// The kind the source states, else the one whose words stand in the name. About a protected kind
/// the name is heard first (promise P6): among the words it wins over every other kind, wherever
/// the profile lists it, and on an adverse list it wins over what the source states.
fn kind_of(
    checking: &mut Checking<'_>,
    list: Option<&ListDefinition>,
    cleared: &Cleared,
) -> OrganisationKind {
    let states_kind = checking.profile.columns.is_none();
    let stated = match states_kind {
        true => checking.candidate.subject_type.as_ref(),
        false => checking.candidate.kind.as_ref(),
    };
    let kind = stated.and_then(|part| OrganisationKind::from_key(&part.text));
    if let (Some(part), None) = (stated, kind) {
        let column = part.column.clone();
        checking.note(&column, Refusal::KindUnknown);
    }
    let kinds = checking.profile.kinds.iter();
    let found = kinds.filter(|(_, words)| words.found_in(&cleared.name)).map(|(kind, _)| *kind);
    let found: Vec<OrganisationKind> = found.collect();
    let protected = found.iter().copied().find(|kind| limits::is_protected(*kind));
    let is_adverse = list.is_none_or(|list| list.record_type.polarity() == Polarity::Adverse);
    match (kind, protected) {
        (None | Some(OrganisationKind::Unstated), _) => {
            protected.or(found.first().copied()).unwrap_or(OrganisationKind::Unstated)
        }
        (Some(kind), Some(protected)) if is_adverse && !limits::is_protected(kind) => protected,
        (Some(kind), _) => kind,
    }
}

/// The entries of the row; an adverse row has at least one, and each has a ground (I-63).
fn entries_of<'p>(
    checking: &mut Checking<'_>,
    list: &'p ListDefinition,
) -> Vec<&'p EntryDefinition> {
    let candidate = checking.candidate;
    let mut ids: Vec<EntryId> = Vec::new();
    let column = match checking.profile.columns.as_ref().map(|columns| &columns.entries) {
        Some(EntrySource::Fixed(fixed)) => {
            ids.extend(fixed.iter().cloned());
            "entries".to_owned()
        }
        Some(EntrySource::Column { column, map, .. }) => {
            for part in &candidate.entries {
                match map.entries_of(&part.text) {
                    Some(mapped) => ids.extend(mapped),
                    None => checking.note(&part.column, Refusal::GroundUnmapped),
                }
            }
            checking.profile.headings.get(*column).cloned().unwrap_or_default()
        }
        None => {
            for part in &candidate.entries {
                match EntryId::new(&part.text) {
                    Some(id) => ids.push(id),
                    None => checking.note(&part.column, Refusal::GroundUnmapped),
                }
            }
            "entries".to_owned()
        }
    };
    let is_adverse = list.record_type.polarity() == Polarity::Adverse;
    let mut entries = Vec::new();
    for id in sorted(ids) {
        let entry = list.entries.iter().find(|entry| entry.id == id);
        match entry.filter(|entry| !is_adverse || !entry.grounds.is_empty()) {
            Some(entry) => entries.push(entry),
            None => checking.note(&column, Refusal::GroundUnmapped),
        }
    }
    if is_adverse && entries.is_empty() {
        checking.note(&column, Refusal::GroundUnmapped);
    }
    entries
}

fn day_of(checking: &mut Checking<'_>, part: &Part) -> Option<Day> {
    let day = checking.profile.dates.day(&part.text);
    if day.is_none() {
        let detail = Some(checking.profile.dates.formats_text.clone());
        checking.note_with(&part.column, Refusal::DateUnreadable, detail);
    }
    day
}

fn period_of(
    checking: &mut Checking<'_>,
    list: Option<&ListDefinition>,
    entries: &[&EntryDefinition],
    as_of: Day,
) -> Period {
    let candidate = checking.candidate;
    let start_part = candidate.start.as_ref().filter(|part| !part.is_empty());
    let start = start_part.and_then(|part| day_of(checking, part));
    let end = end_of(checking, list, entries);
    let end_column = candidate.end.as_ref().map_or("", |part| part.column.as_str());
    if let (Some(start), Some(End::On(last))) = (start, &end)
        && *last < start
    {
        checking.note(end_column, Refusal::PeriodReversed);
    }
    if let (Some(day), Some(part)) = (start, start_part)
        && day > as_of
    {
        checking.note(&part.column, Refusal::ListedAfterReading);
    }
    Period { start, end }
}

/// The last day, or an indefinite end where every entry of the row cites a basis for one (I-64).
fn end_of(
    checking: &mut Checking<'_>,
    list: Option<&ListDefinition>,
    entries: &[&EntryDefinition],
) -> Option<End> {
    let profile = checking.profile;
    let part = checking.candidate.end.as_ref();
    let text = part.map_or("", |part| part.text.as_str());
    if let Some(part) = part.filter(|part| !part.is_empty() && !profile.dates.is_no_end(&part.text))
    {
        return day_of(checking, part).map(End::On);
    }
    let mut bases: Vec<String> = Vec::new();
    for entry in entries {
        let citation = entry.indefinite.as_ref().map(|c| c.short(Language::En.code()));
        match citation {
            Some(basis) if !bases.contains(&basis) => bases.push(basis),
            Some(_) => {}
            None => {
                bases.clear();
                break;
            }
        }
    }
    // A list without an end column says "no end" of every row.
    let says_no_end = part.is_none() || profile.dates.is_no_end(text);
    if says_no_end && !bases.is_empty() {
        return Some(End::Indefinite { basis: bases.join("; ") });
    }
    let is_adverse = list.is_some_and(|list| list.record_type.polarity() == Polarity::Adverse);
    // Without entries the missing ground (202) is what there is to correct first.
    if is_adverse && !(entries.is_empty() && says_no_end) {
        let column = part.map_or("end", |part| part.column.as_str());
        checking.note(column, Refusal::EndMissing);
    }
    None
}

fn country_of(checking: &mut Checking<'_>) -> Option<Country> {
    let part = checking.candidate.country.as_ref().filter(|part| !part.is_empty());
    let country = match checking.profile.columns.as_ref().map(|columns| &columns.country) {
        Some(CountrySource::Unknown) => return None,
        Some(CountrySource::Fixed(country)) => return Some(*country),
        // A code needs no map.
        Some(CountrySource::Column { map, .. }) => {
            map.get(&spelling(&part?.text)).copied().or_else(|| Country::new(&part?.text))
        }
        None => Country::new(&part?.text),
    };
    if let (None, Some(part)) = (country, part) {
        let detail = Some("a country the profile maps".to_owned());
        checking.note_with(&part.column, Refusal::FieldUnreadable, detail);
    }
    country
}

fn legal_form_of(checking: &mut Checking<'_>) -> Option<LegalForm> {
    let part = checking.candidate.legal_form.as_ref().filter(|part| !part.is_empty())?;
    let legal_form = LegalForm::new(&part.text);
    if legal_form.is_none() {
        let detail = Some("a legal form is an ISO 20275 code of four characters".to_owned());
        checking.note_with(&part.column, Refusal::FieldUnreadable, detail);
    }
    legal_form
}

fn body_of(checking: &mut Checking<'_>, list: &ListDefinition) -> Option<Body> {
    let candidate = checking.candidate;
    for (_, part) in &candidate.fields {
        checking.check_text(part, TEXT_CHARACTERS_MAX);
    }
    let fields = candidate.fields.iter().filter(|(_, part)| !part.is_empty());
    let fields = fields.map(|(key, part)| (key.clone(), part.text.clone()));
    match Body::from_fields(list.record_type, fields) {
        Ok(body) => Some(body),
        Err(key) => {
            let part = candidate.fields.iter().find(|(known, _)| *known == key);
            let column = part.map(|(_, part)| part.column.clone()).unwrap_or_default();
            checking.note(&column, Refusal::FieldUnreadable);
            None
        }
    }
}
