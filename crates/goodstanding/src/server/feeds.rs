//! Feeds that say "changed, ask again", and never what or why (design 7): Atom and JSON Feed, for
//! the registry and for each organisation.
//!
//! **Invariant:** no entry tells an addition from a loss, an end from a repair. The registry's feed
//! says how long the log is, day by day. An organisation's feed has one entry whose id is a hash of
//! what its file shows: it differs after any change whatever, and its dates are the same for every
//! organisation.

use std::fmt::Write as _;

use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use domain::civil::{Instant, Zone};
use domain::ids::OrganisationId;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::problem::Fault;
use super::visit::{App, Freshness, Sheet, Visit};
use crate::registry::FileAnswer;

/// Days of the registry's feed.
// Not law: how much of the past a feed repeats.
const DAYS: i64 = 30;

/// The feeds, once for each language.
pub fn routes(app: &App) -> Router<App> {
    let mut router = Router::new();
    for messages in app.catalogue().languages() {
        let at = |path: &str| format!("/{}{path}", messages.code());
        router = router
            .route(&at("/feed.atom"), get(async |visit| registry(visit, Form::Atom).await))
            .route(&at("/feed.json"), get(async |visit| registry(visit, Form::Json).await))
            .route(
                &at("/organisations/{id}/feed.atom"),
                get(async |visit, id| organisation(visit, id, Form::Atom).await),
            )
            .route(
                &at("/organisations/{id}/feed.json"),
                get(async |visit, id| organisation(visit, id, Form::Json).await),
            );
    }
    router
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Atom,
    Json,
}

impl Form {
    const fn content_type(self) -> &'static str {
        match self {
            Form::Atom => "application/atom+xml; charset=utf-8",
            Form::Json => "application/feed+json; charset=utf-8",
        }
    }

    const fn ending(self) -> &'static str {
        match self {
            Form::Atom => "atom",
            Form::Json => "json",
        }
    }
}

/// A feed in either form. Addresses are relative to the server: it does not know its own name.
struct Feed {
    id: String,
    title: String,
    language: String,
    page: String,
    this: String,
    updated: Instant,
    entries: Vec<FeedEntry>,
}

struct FeedEntry {
    id: String,
    title: String,
    page: String,
    updated: Instant,
}

async fn registry(visit: Visit, form: Form) -> Response {
    visit
        .answer(move |visit| {
            let m = &visit.messages;
            let registry = visit.app.registry();
            let status = registry.status()?;
            let today = registry.now().day_in(&Zone::UTC);
            let days: Vec<_> = (1 - DAYS..=1).map(|days| today.plus_days(days)).collect();
            let begins: Vec<Instant> = days.iter().map(|day| Zone::UTC.start_of(*day)).collect();
            let sizes = registry.growth(&begins)?;
            let mut entries = Vec::new();
            for (day, pair) in days.iter().zip(sizes.windows(2)) {
                let [before, after] = pair else { continue };
                if after.entries == before.entries {
                    continue;
                }
                // The last day goes on: its entry is of the last entry of the log.
                let updated = after.until.min(status.checkpoint_at);
                let (size, day) = (m.number(after.entries), m.day(*day));
                entries.push(FeedEntry {
                    id: format!("urn:goodstanding:{}:{}", status.origin, after.entries),
                    title: m.fill("feed.registry_entry", &[("day", &day), ("size", &size)]),
                    page: format!("/{}/log", m.code()),
                    updated,
                });
            }
            entries.reverse();
            let feed = Feed {
                id: format!("urn:goodstanding:{}", status.origin),
                title: m.fill("feed.registry_title", &[("origin", &status.origin)]),
                language: m.html_lang().to_owned(),
                page: format!("/{}/log", m.code()),
                this: format!("/{}/feed.{}", m.code(), form.ending()),
                updated: status.checkpoint_at,
                entries,
            };
            answer(&feed, form, false)
        })
        .await
}

type Key = Result<Path<String>, axum::extract::rejection::PathRejection>;

async fn organisation(visit: Visit, id: Key, form: Form) -> Response {
    let id = id.map(|Path(id)| id).unwrap_or_default();
    visit
        .answer(move |visit| {
            let m = &visit.messages;
            let registry = visit.app.registry();
            let id: OrganisationId = id.parse().map_err(|_| Fault::not_found())?;
            let answer_ = registry.file(id, None, None)?.ok_or_else(Fault::not_found)?;
            let page = format!("/{}/organisations/{}", m.code(), answer_.file.id);
            if answer_.file.id != id {
                return Err(Fault::moved(format!("{page}/feed.{}", form.ending()), None, None));
            }
            // The last midnight of any zone: the same for every organisation, whatever happened.
            let (_, boundary) = registry.etag_boundary()?;
            let updated = boundary.unwrap_or(answer_.as_of).min(answer_.as_of);
            let noindex = answer_.file.holds_adverse();
            let name = answer_.file.name.text.clone();
            let feed = Feed {
                id: format!("urn:uuid:{id}"),
                title: m.fill("feed.organisation_title", &[("name", &name)]),
                language: m.html_lang().to_owned(),
                this: format!("{page}/feed.{}", form.ending()),
                updated,
                entries: vec![FeedEntry {
                    id: format!("urn:goodstanding:{id}:{}", state_of(&answer_)),
                    title: m.t("feed.organisation_entry").to_owned(),
                    page: page.clone(),
                    updated,
                }],
                page,
            };
            answer(&feed, form, noindex)
        })
        .await
}

/// A hash of what a file shows. Ids and positions stand for contents: they say as much and cannot
/// be guessed.
fn state_of(answer: &FileAnswer) -> String {
    let file = &answer.file;
    let mut text = String::new();
    // Writing to a `String` does not fail.
    let _ = writeln!(text, "{:?} {:?} {:?} {:?}", file.name, file.kind, file.country, file.place);
    for name in &file.other_names {
        let _ = writeln!(text, "name {}", name.position);
    }
    for identifier in &file.identifiers {
        let _ = writeln!(text, "identifier {}", identifier.position);
    }
    for view in &file.records {
        let _ = writeln!(text, "{} {} {}", view.record.id, view.position, view.state.key());
    }
    for case in &file.proceedings {
        let told: Vec<u64> = case.history.iter().map(|entry| entry.position).collect();
        let _ = writeln!(text, "case {} {:?} {told:?}", case.record, case.exposure);
    }
    for decision in &answer.identity {
        let _ = writeln!(text, "identity {} {}", decision.number, decision.stage.key());
    }
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn answer(feed: &Feed, form: Form, noindex: bool) -> Result<Sheet, Fault> {
    let body = match form {
        Form::Atom => atom(feed).into_bytes(),
        Form::Json => serde_json::to_vec_pretty(&json_feed(feed))
            .map_err(|error| Fault::Internal(error.to_string()))?,
    };
    let content_type = form.content_type();
    Ok(Sheet { body, content_type, until: Freshness::Boundary, noindex })
}

fn atom(feed: &Feed) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    let x = escaped;
    // Writing to a `String` does not fail.
    let _ = writeln!(
        xml,
        "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n<id>{}</id>\n\
         <title>{}</title>\n<updated>{}</updated>\n<author><name>Goodstanding</name></author>\n\
         <link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>\n<link rel=\"self\" href=\"{}\"/>",
        x(&feed.language),
        x(&feed.id),
        x(&feed.title),
        feed.updated,
        x(&feed.page),
        x(&feed.this)
    );
    for entry in &feed.entries {
        let _ = writeln!(
            xml,
            "<entry>\n<id>{}</id>\n<title>{}</title>\n<updated>{}</updated>\n\
             <link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>\n<summary>{}</summary>\n\
             </entry>",
            x(&entry.id),
            x(&entry.title),
            entry.updated,
            x(&entry.page),
            x(&entry.title)
        );
    }
    xml.push_str("</feed>\n");
    xml
}

/// Text and attribute values of XML. Characters XML cannot hold become U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[derive(Serialize)]
struct JsonFeed<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    feed_url: &'a str,
    language: &'a str,
    items: Vec<JsonItem<'a>>,
}

#[derive(Serialize)]
struct JsonItem<'a> {
    id: &'a str,
    url: &'a str,
    title: &'a str,
    content_text: &'a str,
    date_modified: String,
}

fn json_feed(feed: &Feed) -> JsonFeed<'_> {
    JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: &feed.title,
        home_page_url: &feed.page,
        feed_url: &feed.this,
        language: &feed.language,
        items: feed
            .entries
            .iter()
            .map(|entry| JsonItem {
                id: &entry.id,
                url: &entry.page,
                title: &entry.title,
                content_text: &entry.title,
                date_modified: entry.updated.to_string(),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_name_cannot_leave_its_element() {
        assert_eq!(escaped("</title>&\"\u{0}x\n"), "&lt;/title&gt;&amp;&quot;\u{fffd}x ");
    }
}
