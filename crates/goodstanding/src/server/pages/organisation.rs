//! The file of an organisation: identity, what is in effect today in sentences, then the records in
//! a fixed order and equal type, never ranked, each with its source and its proof.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use domain::civil::{Instant, Zone};
use domain::identifiers::{claim, scheme::Scheme};
use domain::ids::OrganisationId;
use domain::organisation::NameRole;
use domain::record::{Polarity, RecordType};
use due_process::identity::Stage;
use due_process::quotation::State;
use policy::Packs;

use super::super::problem::Fault;
use super::super::visit::{Freshness, Sheet, Visit};
use super::cases::{self, CaseRow};
use super::frame::Frame;
use super::shown::{self, Html, IdentifierCell, Phrase, RecordRow};
use super::{Key, redirect_by_language, sheet};
use crate::messages::Messages;
use crate::registry::{FileAnswer, RecordView, TimelineEntry};
use domain::refusal::Refusal;

/// Entries of the timeline on the page; all are in the JSON.
const TIMELINE_MAX: usize = 12;

#[derive(Template)]
#[template(path = "organisation.html")]
struct OrganisationPage {
    f: Frame,
    name: Phrase,
    other_names: Vec<Phrase>,
    former_names: Vec<Phrase>,
    identifiers: Vec<IdentifierCell>,
    has_invalid: bool,
    kind: String,
    legal_form: Option<String>,
    country: Option<String>,
    place: Option<Phrase>,
    id: String,
    as_of: Html,
    effect: Vec<String>,
    has_adverse: bool,
    not_current: Option<String>,
    later: Option<String>,
    groups: Vec<Group>,
    cases: Vec<CaseRow>,
    broken: Option<String>,
    twins: Vec<TwinShown>,
    decisions: Vec<DecisionShown>,
    timeline: Vec<TimelineRow>,
    has_older: bool,
    sources: Vec<SourceLine>,
}

struct Group {
    id: String,
    caption: String,
    rows: Vec<Row>,
}

struct Row {
    number: String,
    record: RecordRow,
}

struct TwinShown {
    href: String,
    name: Phrase,
    reason: String,
}

/// A decision on identity in words.
struct DecisionShown {
    what: String,
    other_href: String,
    other: String,
    reason: String,
    state: String,
    notice: Option<Html>,
    href: String,
    number: String,
    at: Html,
    source: Option<String>,
}

/// One thing that happened.
pub struct TimelineRow {
    /// Its entry in the log.
    pub href: String,
    /// Position in words.
    pub position: String,
    /// When it was committed.
    pub at: Html,
    /// What it was.
    pub what: String,
    /// Who it comes from.
    pub who: Option<Phrase>,
}

struct SourceLine {
    text: Html,
    url: String,
}

/// `/organisations/{key}` without a language: to the reader's.
pub async fn choose_language(visit: Visit, key: Key) -> Response {
    match key {
        Ok(key) if is_plain(&key.0) => {
            redirect_by_language(&format!("/{}/organisations/{}", visit.messages.code(), key.0))
        }
        _ => visit.fault(Fault::not_found()),
    }
}

/// An id or `scheme:value`: nothing that could mean something else in an address.
pub fn is_plain(key: &str) -> bool {
    key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-:.".contains(&b))
}

/// `/organisations?scheme=&value=`: to the organisation that bears the identifier.
pub async fn find(visit: Visit) -> Response {
    let named = (visit.parameter("scheme"), visit.parameter("value"));
    let (Some(scheme), Some(value)) = named else {
        return visit.fault(Fault::unreadable("scheme, value"));
    };
    let (scheme, value) = (scheme.to_owned(), value.to_owned());
    to_bearer(visit, scheme, value).await
}

/// 303 to the organisation that bears a checked identifier.
async fn to_bearer(visit: Visit, scheme: String, value: String) -> Response {
    let registry = visit.app.registry().clone();
    let found = visit
        .app
        .read(move || {
            let scheme = Scheme::new(&scheme).or_else(|| Scheme::new(&scheme.to_lowercase()))?;
            let claim = claim(&scheme, &value).ok().filter(|claim| claim.joins())?;
            registry.redirect(&claim).transpose()
        })
        .await;
    match found {
        Some(Some(Ok(id))) => {
            let to = format!("/{}/organisations/{id}", visit.messages.code());
            Redirect::to(&to).into_response()
        }
        Some(Some(Err(error))) => visit.fault(error.into()),
        Some(None) => visit.fault(Fault::not_found()),
        None => visit.fault(Fault::Internal("a redirect panicked".to_owned())),
    }
}

pub async fn show(visit: Visit, key: Key) -> Response {
    let Ok(key) = key else { return visit.fault(Fault::not_found()) };
    match key.split_once(':') {
        Some((scheme, value)) => {
            let (scheme, value) = (scheme.to_owned(), value.to_owned());
            to_bearer(visit, scheme, value).await
        }
        None => visit.answer(move |visit| render(visit, &key)).await,
    }
}

fn render(visit: &Visit, key: &str) -> Result<Sheet, Fault> {
    let registry = visit.app.registry();
    let id: OrganisationId = key.parse().map_err(|_| Fault::not_found())?;
    let (at, on): (Option<u64>, Option<Instant>) = (visit.parsed("at")?, visit.parsed("on")?);
    if at.is_some_and(|at| registry.status().is_ok_and(|status| at > status.size)) {
        return Err(Fault::Refused(Refusal::PositionUnknown, Some("at")));
    }
    let answer = registry.file(id, at, on)?.ok_or_else(Fault::not_found)?;
    if answer.file.id != id {
        let to = format!("/{}/organisations/{}", visit.messages.code(), answer.file.id);
        return Err(Fault::moved(to, at, on));
    }
    // A view of the past is for citing, not for indexing.
    let noindex = answer.file.holds_adverse() || at.is_some() || on.is_some();
    let page = page(visit, &answer, at.is_some() || on.is_some(), noindex);
    // Twins, names and what `on` selects change at other midnights than what is listed.
    sheet(&page, Freshness::Boundary, noindex)
}

fn page(visit: &Visit, answer: &FileAnswer, is_past: bool, noindex: bool) -> OrganisationPage {
    let m: &Messages = &visit.messages;
    let packs = visit.app.registry().packs();
    let file = &answer.file;
    let name = Phrase::name(m, &file.name);
    let with_role = |former: bool| {
        let names = file.other_names.iter().map(|claimed| &claimed.name);
        let mut phrases: Vec<Phrase> = Vec::new();
        for other in names.filter(|other| (other.role == NameRole::Former) == former) {
            let phrase = Phrase::name(m, other);
            if phrase.text != name.text && !phrases.contains(&phrase) {
                phrases.push(phrase);
            }
        }
        phrases
    };
    let identifiers: Vec<IdentifierCell> =
        file.identifiers.iter().map(|shown| shown::identifier(m, &shown.claim)).collect();
    let as_of = Html::fill(
        m,
        if is_past { "organisation.as_known" } else { "organisation.as_of" },
        &[
            ("instant", &shown::instant(m, answer.as_of)),
            ("position", &Html::text(&m.number(answer.position))),
        ],
    );
    let count = |wanted: &dyn Fn(&RecordView) -> bool| {
        file.records.iter().filter(|view| wanted(view)).count() as u64
    };
    let not_current = count(&|view| view.state == State::NotCurrent);
    let later = count(&|view| view.state == State::NotStarted);
    let has_adverse = RecordType::ALL
        .into_iter()
        .filter(|record_type| record_type.polarity() == Polarity::Adverse)
        .any(|record_type| file.in_effect(record_type) > 0);
    OrganisationPage {
        f: Frame::of(visit, &name.text, noindex),
        other_names: with_role(false),
        former_names: with_role(true),
        has_invalid: identifiers.iter().any(|identifier| identifier.is_invalid),
        identifiers,
        kind: m.t(&format!("kind.{}", file.kind.key())).to_owned(),
        legal_form: file.legal_form.map(|form| form.as_str().to_owned()),
        country: file.country.map(|country| country.as_str().to_owned()),
        place: file.place.as_deref().map(|place| Phrase::quoted(m, place)),
        id: file.id.to_string(),
        as_of,
        effect: effect(m, answer),
        has_adverse,
        not_current: (not_current > 0)
            .then(|| m.count("organisation.not_current", not_current, &[])),
        later: (later > 0).then(|| m.count("organisation.later", later, &[])),
        groups: groups(m, &packs, answer),
        cases: cases::rows(m, &packs, &file.proceedings),
        broken: (answer.broken > 0).then(|| m.count("organisation.broken", answer.broken, &[])),
        twins: twins(m, answer),
        decisions: decisions(m, answer),
        timeline: timeline(m, &packs, &file.timeline, TIMELINE_MAX),
        has_older: file.timeline.len() > TIMELINE_MAX,
        sources: sources(m, &packs, answer),
        name,
    }
}

/// What is in effect, as sentences, in the fixed order of the types.
fn effect(m: &Messages, answer: &FileAnswer) -> Vec<String> {
    let mut sentences = Vec::new();
    for record_type in RecordType::ALL {
        let n = answer.file.in_effect(record_type);
        if n > 0 {
            let key = format!("organisation.effect.{}", shown::type_key(record_type));
            sentences.push(m.count(&key, n, &[]));
        }
    }
    sentences
}

fn groups(m: &Messages, packs: &Packs, answer: &FileAnswer) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut n = 0;
    for record_type in RecordType::ALL {
        let of_type =
            answer.file.records.iter().filter(|view| view.record.record_type() == record_type);
        let rows: Vec<Row> = of_type
            .map(|view| {
                n += 1;
                Row { number: m.number(n), record: shown::record_row(m, packs, view) }
            })
            .collect();
        if !rows.is_empty() {
            let key = shown::type_key(record_type);
            let caption = m.t(&format!("types.{key}")).to_owned();
            groups.push(Group { id: key, caption, rows });
        }
    }
    groups
}

fn twins(m: &Messages, answer: &FileAnswer) -> Vec<TwinShown> {
    answer
        .twins
        .iter()
        .map(|twin| TwinShown {
            href: format!("/{}/organisations/{}", m.code(), twin.id),
            name: Phrase::name(m, &twin.name),
            reason: m.t(&format!("twin.{}", twin.reason_key)).to_owned(),
        })
        .collect()
}

/// What was decided about the identity of the organisation, or is proposed.
fn decisions(m: &Messages, answer: &FileAnswer) -> Vec<DecisionShown> {
    let shown = answer.identity.iter().map(|decided| {
        let decision = &decided.decision;
        let other = if decision.organisation == answer.file.id {
            decision.other
        } else {
            decision.organisation
        };
        let is_open = decided.stage == Stage::Open;
        let until = decided.answer_until.filter(|_| is_open);
        DecisionShown {
            what: m.t(&format!("identity.kind.{}", decision.kind.key())).to_owned(),
            other_href: format!("/{}/organisations/{other}", m.code()),
            other: other.to_string(),
            reason: m.t(&format!("identity.reason.{}", decided.reason.key())).to_owned(),
            state: m.t(&format!("identity.stage.{}", decided.stage.key())).to_owned(),
            notice: until.map(|until| {
                let last = until.day_in(&Zone::UTC).plus_days(-1);
                Html::fill(m, "identity.notice", &[("day", &shown::day(m, last))])
            }),
            href: format!("/{}/log/{}", m.code(), decided.number),
            number: m.number(decided.number),
            at: shown::instant(m, decided.at),
            source: decided.source.as_ref().map(|source| source.url().to_owned()),
        }
    });
    shown.collect()
}

/// The latest `max` entries, the latest first.
pub fn timeline(
    m: &Messages,
    packs: &Packs,
    entries: &[TimelineEntry],
    max: usize,
) -> Vec<TimelineRow> {
    let latest = entries.iter().rev().take(max);
    latest
        .map(|entry| TimelineRow {
            href: format!("/{}/log/{}", m.code(), entry.position),
            position: m.number(entry.position),
            at: shown::instant(m, entry.at),
            what: m.t(&format!("timeline.{}", entry.kind)).to_owned(),
            who: entry.authority.as_ref().map(|key| shown::authority_name(m, packs, key)),
        })
        .collect()
}

/// Each list the records quote, once, with the latest day it was read for them.
fn sources(m: &Messages, packs: &Packs, answer: &FileAnswer) -> Vec<SourceLine> {
    let mut lists: Vec<&RecordView> = Vec::new();
    for view in &answer.file.records {
        let list = &view.record.quotation.list;
        match lists.iter_mut().find(|seen| &seen.record.quotation.list == list) {
            Some(seen) if seen.read_on < view.read_on => *seen = view,
            Some(_) => {}
            None => lists.push(view),
        }
    }
    lists
        .into_iter()
        .map(|view| SourceLine {
            text: Html::fill(
                m,
                "organisation.source_of",
                &[
                    ("publisher", &shown::publisher_name(m, packs, view).html()),
                    ("list", &shown::list_title(m, packs, view).html()),
                    ("day", &shown::day(m, view.read_on)),
                ],
            ),
            url: packs
                .list(&view.record.quotation.list)
                .map(|list| list.url.clone())
                .unwrap_or_default(),
        })
        .collect()
}
