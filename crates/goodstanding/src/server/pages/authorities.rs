//! Who speaks here: the authorities and publishers of the packs, and how their lists stand.

use askama::Template;
use axum::response::Response;
use domain::authority::{Authority, AuthorityKey};
use policy::ListDefinition;

use super::super::problem::Fault;
use super::super::visit::{Freshness, Sheet, Visit};
use super::frame::Frame;
use super::performance::{self, ComparedRow, PerformanceSection, compared};
use super::record::{CitationShown, RemedyShown, citations, remedy};
use super::shown::{self, Html, Phrase};
use super::{Key, sheet};
use crate::messages::Messages;
use crate::registry::SourceStatus;
use crate::statistics::unless_small;

#[derive(Template)]
#[template(path = "authorities.html")]
struct AuthoritiesPage {
    f: Frame,
    rows: Vec<AuthorityRow>,
    compared_head: Vec<String>,
    compared: Vec<ComparedRow>,
}

struct AuthorityRow {
    href: String,
    name: Phrase,
    site: String,
    lists: String,
    standing: String,
    last_read: Option<Html>,
}

pub async fn all(visit: Visit) -> Response {
    visit
        .answer(|visit| {
            let m = &visit.messages;
            let registry = visit.app.registry();
            let sources = registry.sources()?;
            let rows = registry
                .packs()
                .authorities()
                .map(|authority| authority_row(visit, authority, &sources))
                .collect();
            let f = Frame::of(visit, m.t("authorities.title"), false);
            let (compared_head, compared) = (performance::compared_head(m), compared(visit)?);
            let page = AuthoritiesPage { f, rows, compared_head, compared };
            sheet(&page, Freshness::Boundary, false)
        })
        .await
}

fn authority_row(visit: &Visit, authority: &Authority, sources: &[SourceStatus]) -> AuthorityRow {
    let m = &visit.messages;
    let packs = visit.app.registry().packs();
    let lists = packs.lists().filter(|list| list.authority == authority.key).count();
    let own = || sources.iter().filter(|source| source.authority == authority.key);
    AuthorityRow {
        href: format!("/{}/authorities/{}", m.code(), authority.key),
        name: Phrase::of(m, &authority.names),
        site: authority.url.clone(),
        lists: m.number(lists as u64),
        standing: m.number(own().map(|source| source.standing).sum()),
        last_read: own()
            .filter_map(|source| source.last_read)
            .max()
            .map(|read_on| shown::day(m, read_on)),
    }
}

#[derive(Template)]
#[template(path = "authority.html")]
struct AuthorityPage {
    f: Frame,
    name: Phrase,
    other_names: Vec<Phrase>,
    key: String,
    site: String,
    lists: Vec<ListOf>,
    /// None while it submitted nothing.
    performance: Option<PerformanceSection>,
}

/// One list of an authority.
struct ListOf {
    anchor: String,
    href: String,
    title: Phrase,
    kind: String,
    is_fictional: bool,
    basis: Vec<CitationShown>,
    remedy: Option<RemedyShown>,
    last_read: Option<Html>,
    /// Figures by the heading that explains them; none for a list that was never read.
    figures: Vec<(String, String)>,
    held: Option<String>,
}

pub async fn one(visit: Visit, key: Key) -> Response {
    let Ok(key) = key else { return visit.fault(Fault::not_found()) };
    visit.without_validator().answer(move |visit| render(visit, &key)).await
}

fn render(visit: &Visit, key: &str) -> Result<Sheet, Fault> {
    let m = &visit.messages;
    let registry = visit.app.registry();
    let packs = registry.packs();
    let key = AuthorityKey::new(key).ok_or_else(Fault::not_found)?;
    let authority = packs.authority(&key).ok_or_else(Fault::not_found)?;
    let sources = registry.sources()?;
    let lists = packs
        .lists()
        .filter(|list| list.authority == key)
        .map(|list| list_of(visit, list, sources.iter().find(|source| source.list == list.id)))
        .collect();
    let name = Phrase::of(m, &authority.names);
    let page = AuthorityPage {
        f: Frame::of(visit, &name.text, false),
        other_names: authority
            .names
            .0
            .iter()
            .filter(|(_, text)| **text != name.text)
            .map(|(language, text)| Phrase::named(m, text, language))
            .collect(),
        name,
        key: key.to_string(),
        site: authority.url.clone(),
        lists,
        performance: registry.performance(&key, None)?.map(|it| PerformanceSection::of(m, &it)),
    };
    sheet(&page, Freshness::AskAgain, false)
}

fn list_of(visit: &Visit, list: &ListDefinition, source: Option<&SourceStatus>) -> ListOf {
    let m = &visit.messages;
    let import = source.and_then(|source| visit.app.registry().last_import(&source.profile).0);
    let (figures, last_read) = match source {
        None => (Vec::new(), None),
        Some(source) => {
            let label = |key: &str| m.t(&format!("sources.{key}")).to_owned();
            let mut figures = vec![
                (label("rows"), m.number(source.rows)),
                (label("standing"), m.number(source.standing)),
                (label("vanished"), m.number(source.vanished)),
            ];
            if let Some(import) = &import {
                figures.push((label("quarantined"), cell(m, import.quarantined)));
            }
            (figures, source.last_read.map(|read_on| shown::day(m, read_on)))
        }
    };
    let held = import.and_then(|import| import.message);
    ListOf {
        anchor: format!("list-{}", list.id.as_str().replace('.', "-")),
        href: format!("/{}/lists/{}", m.code(), list.id),
        title: Phrase::of(m, &list.title),
        kind: m.t(&format!("types.{}", shown::type_key(list.record_type))).to_owned(),
        is_fictional: list.fictional,
        basis: citations(m, &list.basis),
        remedy: remedy(m, list),
        last_read,
        figures,
        held: held.map(|_| m.t("sources.held_note").to_owned()),
    }
}

/// A figure about what is not public, withheld where it is small (I-60).
pub fn cell(m: &Messages, n: u64) -> String {
    unless_small(n).map_or_else(|| m.t("statistics.few").to_owned(), |n| m.number(n))
}
