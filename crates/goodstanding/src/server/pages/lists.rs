//! The lists that are quoted, one list in pages, and how its sources stand.

use askama::Template;
use axum::response::Response;
use domain::ids::RecordId;
use domain::record::Polarity;
use domain::text::ListId;
use policy::ListDefinition;

use super::super::problem::Fault;
use super::super::visit::{Freshness, Sheet, Visit};
use super::authorities::cell;
use super::frame::Frame;
use super::record::{CitationShown, RemedyShown, citations, remedy};
use super::shown::{self, Html, Phrase, RecordRow};
use super::{Key, sheet};
use crate::messages::Messages;
use crate::registry::{ListPage as Entries, ListSummary, SourceStatus};

/// Entries on one page of a list.
const ENTRIES_MAX: usize = 50;

#[derive(Template)]
#[template(path = "lists.html")]
struct ListsPage {
    f: Frame,
    lists: Vec<ListLine>,
}

struct ListLine {
    href: String,
    title: Phrase,
    publisher: Phrase,
    kind: String,
    current: String,
    shown: String,
    last_read: Option<Html>,
}

pub async fn all(visit: Visit) -> Response {
    visit
        .answer(|visit| {
            let m = &visit.messages;
            let summaries = visit.app.registry().lists()?;
            let lists = summaries.iter().map(|summary| list_line(visit, m, summary)).collect();
            let f = Frame::of(visit, m.t("lists.title"), false);
            sheet(&ListsPage { f, lists }, Freshness::Boundary, false)
        })
        .await
}

fn list_line(visit: &Visit, m: &Messages, summary: &ListSummary) -> ListLine {
    let packs = visit.app.registry().packs();
    let list = packs.list(&summary.id);
    let plain = || Phrase::plain(summary.id.as_str());
    ListLine {
        href: format!("/{}/lists/{}", m.code(), summary.id),
        title: list.map_or_else(plain, |list| Phrase::of(m, &list.title)),
        publisher: list.map_or_else(
            || Phrase::plain("–"),
            |list| shown::authority_name(m, &packs, &list.authority),
        ),
        kind: list.map(|list| type_name(m, list)).unwrap_or_default(),
        current: m.number(summary.current),
        shown: m.number(summary.shown),
        last_read: summary.last_read.map(|read_on| shown::day(m, read_on)),
    }
}

fn type_name(m: &Messages, list: &ListDefinition) -> String {
    m.t(&format!("types.{}", shown::type_key(list.record_type))).to_owned()
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    f: Frame,
    title: Phrase,
    publisher: Phrase,
    publisher_href: String,
    kind: String,
    url: String,
    pack: String,
    citations: Vec<CitationShown>,
    remedy: Option<RemedyShown>,
    is_fictional: bool,
    last_read: Option<Html>,
    current: String,
    shown: String,
    broken: Option<String>,
    rows: Vec<ListEntry>,
    next: Option<String>,
    first: Option<String>,
}

struct ListEntry {
    href: String,
    name: Phrase,
    record: RecordRow,
}

pub async fn one(visit: Visit, id: Key) -> Response {
    let Ok(id) = id else { return visit.fault(Fault::not_found()) };
    visit.answer(move |visit| render(visit, &id)).await
}

fn render(visit: &Visit, id: &str) -> Result<Sheet, Fault> {
    let m = &visit.messages;
    let registry = visit.app.registry();
    let id = ListId::new(id).ok_or_else(Fault::not_found)?;
    let packs = registry.packs();
    let list = packs.list(&id).ok_or_else(Fault::not_found)?;
    let after: Option<RecordId> = visit.parsed("after")?;
    let page = registry.list(&id, after, ENTRIES_MAX)?.ok_or_else(Fault::not_found)?;
    let noindex = list.record_type.polarity() == Polarity::Adverse;
    let here = format!("/{}/lists/{id}", m.code());
    let title = Phrase::of(m, &list.title);
    let page = ListPage {
        f: Frame::of(visit, &title.text, noindex),
        publisher: shown::authority_name(m, &registry.packs(), &list.authority),
        publisher_href: format!("/{}/authorities/{}", m.code(), list.authority),
        kind: type_name(m, list),
        url: list.url.clone(),
        pack: list.pack.clone(),
        citations: citations(m, &list.basis),
        remedy: remedy(m, list),
        is_fictional: list.fictional,
        last_read: page.summary.last_read.map(|read_on| shown::day(m, read_on)),
        current: m.number(page.summary.current),
        shown: m.number(page.summary.shown),
        broken: (page.broken > 0).then(|| m.count("organisation.broken", page.broken, &[])),
        rows: rows(visit, &page),
        next: page.next.map(|next| format!("{here}?after={next}")),
        first: after.map(|_| here),
        title,
    };
    sheet(&page, Freshness::Boundary, noindex)
}

fn rows(visit: &Visit, page: &Entries) -> Vec<ListEntry> {
    let m = &visit.messages;
    let packs = visit.app.registry().packs();
    page.entries
        .iter()
        .map(|entry| ListEntry {
            href: format!(
                "/{}/organisations/{}",
                m.code(),
                entry.record.record.subject.organisation
            ),
            name: Phrase::name(m, &entry.name),
            record: shown::record_row(m, &packs, &entry.record),
        })
        .collect()
}

#[derive(Template)]
#[template(path = "sources.html")]
struct SourcesPage {
    f: Frame,
    sources: Vec<SourceLine>,
    remedies: Vec<SourceRemedy>,
}

struct SourceLine {
    href: String,
    title: Phrase,
    publisher: Phrase,
    profile: String,
    last_read: Option<Html>,
    rows: String,
    standing: String,
    vanished: String,
    freshness: String,
    freshness_class: &'static str,
    /// Rows of the last import that wait for a correction; a dash where nobody noted it.
    quarantined: String,
    /// Why the last import was held, if it was.
    held: Option<String>,
    schedule: String,
}

struct SourceRemedy {
    title: Phrase,
    remedy: RemedyShown,
}

pub async fn sources(visit: Visit) -> Response {
    visit
        .without_validator()
        .answer(|visit| {
            let m = &visit.messages;
            let registry = visit.app.registry();
            let statuses = registry.sources()?;
            let packs = registry.packs();
            let definitions = statuses.iter().filter_map(|status| packs.list(&status.list));
            let page = SourcesPage {
                f: Frame::of(visit, m.t("sources.title"), false),
                remedies: definitions
                    .filter_map(|list| {
                        let title = Phrase::of(m, &list.title);
                        Some(SourceRemedy { title, remedy: remedy(m, list)? })
                    })
                    .collect(),
                sources: statuses.iter().map(|status| source_line(visit, status)).collect(),
            };
            sheet(&page, Freshness::AskAgain, false)
        })
        .await
}

fn source_line(visit: &Visit, status: &SourceStatus) -> SourceLine {
    let m = &visit.messages;
    let packs = visit.app.registry().packs();
    let list = packs.list(&status.list);
    let is_adverse = list.is_some_and(|list| list.record_type.polarity() == Polarity::Adverse);
    let (freshness, freshness_class) = match (status.current, is_adverse) {
        (false, _) => ("sources.not_current", "tag tag-weak"),
        (true, true) => ("sources.current", "tag"),
        (true, false) => ("sources.timeless", "tag"),
    };
    let (import, every) = visit.app.registry().last_import(&status.profile);
    let held = import.as_ref().and_then(|import| import.message.clone());
    SourceLine {
        quarantined: import.map_or_else(|| "–".to_owned(), |import| cell(m, import.quarantined)),
        held: held.map(|_| m.t("sources.held_note").to_owned()),
        schedule: match every {
            Some(hours) => m.fill("sources.every_hours", &[("hours", &m.number(u64::from(hours)))]),
            None => m.t("sources.by_hand").to_owned(),
        },
        href: format!("/{}/lists/{}", m.code(), status.list),
        title: list
            .map_or_else(|| Phrase::plain(status.list.as_str()), |list| Phrase::of(m, &list.title)),
        publisher: shown::authority_name(m, &packs, &status.authority),
        profile: status.profile.to_string(),
        last_read: status.last_read.map(|read_on| shown::day(m, read_on)),
        rows: m.number(status.rows),
        standing: m.number(status.standing),
        vanished: m.number(status.vanished),
        freshness: m.t(freshness).to_owned(),
        freshness_class,
    }
}
