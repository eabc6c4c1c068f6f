//! Search: each hit says why it was found, and a miss says what it does not mean.

use askama::Template;
use axum::response::Response;
use domain::identifiers::IdentifierClaim;

use super::super::problem::Fault;
use super::super::visit::{Freshness, Sheet, Visit};
use super::frame::Frame;
use super::sheet;
use super::shown::{self, IdentifierCell, Phrase};
use crate::messages::Messages;
use crate::registry::{Hit, SearchAnswer};

/// Longest query, in characters. No name of an organisation is longer by much.
pub const QUERY_CHARACTERS_MAX: usize = 200;
/// Hits on the page.
const HITS_MAX: usize = 50;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    f: Frame,
    is_too_long: bool,
    found: Option<Found>,
}

struct Found {
    count: String,
    words: String,
    hits: Vec<HitShown>,
    is_truncated: bool,
}

struct HitShown {
    href: String,
    name: Phrase,
    why: String,
    identifiers: Vec<IdentifierCell>,
    country: Option<String>,
    place: Option<Phrase>,
    records: Option<String>,
}

pub async fn show(visit: Visit) -> Response {
    visit.answer(render).await
}

fn render(visit: &Visit) -> Result<Sheet, Fault> {
    let m = &visit.messages;
    let query = visit.parameter("q").unwrap_or_default().to_owned();
    let is_too_long = query.chars().count() > QUERY_CHARACTERS_MAX;
    let found = if query.is_empty() || is_too_long {
        None
    } else {
        let answer = visit.app.registry().search(&query, HITS_MAX)?;
        Some(found(m, answer))
    };
    let heading = if query.is_empty() || is_too_long {
        m.t("search.title").to_owned()
    } else {
        m.fill("search.title_query", &[("query", &query)])
    };
    let mut f = Frame::of(visit, &heading, true);
    if is_too_long {
        f.title = m.fill("frame.title_error", &[("title", &f.title)]);
    }
    f.query = query;
    sheet(&SearchPage { f, is_too_long, found }, Freshness::Boundary, true)
}

fn found(m: &Messages, answer: SearchAnswer) -> Found {
    Found {
        count: m.count("search.count", answer.hits.len() as u64, &[]),
        words: m.join(&answer.tokens),
        is_truncated: answer.truncated,
        hits: answer.hits.iter().map(|hit| hit_shown(m, hit)).collect(),
    }
}

fn hit_shown(m: &Messages, hit: &Hit) -> HitShown {
    let identifiers: &[IdentifierClaim] = &hit.identifiers;
    HitShown {
        href: format!("/{}/organisations/{}", m.code(), hit.id),
        name: Phrase::name(m, &hit.name),
        why: m.fill(&format!("why.{}", hit.why.key), &[("words", &hit.why.words.join(", "))]),
        identifiers: identifiers.iter().map(|claim| shown::identifier(m, claim)).collect(),
        country: hit.country.map(|country| country.as_str().to_owned()),
        place: hit.place.as_deref().map(|place| Phrase::quoted(m, place)),
        records: (hit.in_effect > 0).then(|| m.count("search.records", hit.in_effect, &[])),
    }
}
