//! One request for something to read: who is asked, in which language, and how the answer may be
//! kept by a cache.

use std::str::FromStr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts, OriginalUri, Query};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::civil::Instant;
use tokio::sync::Semaphore;

use super::problem::Fault;
use super::proceedings::Proceedings;
use super::{Options, pages};
use crate::clock::Clock;
use crate::messages::{Catalogue, Messages};
use crate::registry::Registry;

/// The longest time a cache may keep an answer without asking again, in seconds. Short, because a
/// record may also be withdrawn at any moment, which no boundary announces.
const MAX_AGE_SECONDS: i64 = 30;

/// What every handler shares.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    registry: Arc<Registry>,
    catalogue: Catalogue,
    /// Program version and start-up instant: a restarted server may render differently, and a
    /// rebuilt registry may have the same length.
    release: String,
    /// Places for work on the registry. An answer that took too long gives up its connection, but
    /// its work goes on until it is done: it keeps its place until then.
    readers: Arc<Semaphore>,
    options: Options,
    proceedings: Option<Arc<Proceedings>>,
}

impl App {
    /// For `registry`, speaking the languages of `catalogue`.
    pub fn new(
        registry: Arc<Registry>,
        catalogue: Catalogue,
        options: Options,
        proceedings: Option<Arc<Proceedings>>,
    ) -> App {
        let started = crate::clock::SystemClock.now().millis();
        let release = format!("{}-{started:x}", env!("CARGO_PKG_VERSION"));
        let readers = Arc::new(Semaphore::new(options.readers_max));
        App(Arc::new(Shared { registry, catalogue, release, readers, options, proceedings }))
    }

    /// Does `work` on a thread that may wait, holding one of the places for it. `None` when it
    /// panicked; the message may hold what was asked for, so it is not repeated.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        // Closed never happens: the semaphore lives as long as the app.
        let place = Arc::clone(&self.0.readers).acquire_owned().await.ok()?;
        let worked = tokio::task::spawn_blocking(move || {
            let _held_until_done = place;
            work()
        });
        worked.await.ok()
    }

    /// What the operator set.
    pub fn options(&self) -> &Options {
        &self.0.options
    }

    /// Where cases are taken, if they are.
    pub fn proceedings(&self) -> Option<&Arc<Proceedings>> {
        self.0.proceedings.as_ref()
    }

    /// The registry.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.0.registry
    }

    /// The languages.
    pub fn catalogue(&self) -> &Catalogue {
        &self.0.catalogue
    }
}

/// Who reads the answer: a person or a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// HTML.
    Page,
    /// JSON and plain text.
    Data,
}

impl Surface {
    /// By the address.
    fn of(path: &str) -> Surface {
        let for_programs = ["/api/", "/log/", "/data/", "/.well-known/", "/healthz", "/readyz"];
        if for_programs.iter().any(|prefix| path.starts_with(prefix)) {
            Surface::Data
        } else {
            Surface::Page
        }
    }
}

/// One request.
pub struct Visit {
    /// What every handler shares.
    pub app: App,
    /// The reader's language: of the address, else of `Accept-Language`.
    pub messages: Arc<Messages>,
    /// The path below the language prefix, from `/`; the whole path where there is none.
    pub path: String,
    /// The query as sent.
    pub query: Option<String>,
    /// Person or program.
    pub surface: Surface,
    parameters: Vec<(String, String)>,
    pub(super) if_none_match: Option<String>,
    has_validator: bool,
}

impl FromRequestParts<App> for Visit {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Visit, Self::Rejection> {
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
        let text = |name: header::HeaderName| {
            parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let below = uri.path().strip_prefix('/').and_then(|path| path.split_once('/'));
        let named = below.and_then(|(code, rest)| Some((app.catalogue().get(code)?, rest)));
        let (messages, path) = match named {
            Some((messages, rest)) => (messages.clone(), format!("/{rest}")),
            None => {
                let accepted = text(header::ACCEPT_LANGUAGE);
                let messages = app.catalogue().preferred(accepted.as_deref());
                (messages.clone(), uri.path().to_owned())
            }
        };
        Ok(Visit {
            app: app.clone(),
            messages,
            path,
            query: uri.query().map(str::to_owned),
            parameters: Query::try_from_uri(uri).map(|Query(pairs)| pairs).unwrap_or_default(),
            surface: Surface::of(uri.path()),
            if_none_match: text(header::IF_NONE_MATCH),
            has_validator: true,
        })
    }
}

/// An answer before it gets its headers.
pub struct Sheet {
    /// The bytes.
    pub body: Vec<u8>,
    /// What they are.
    pub content_type: &'static str,
    /// Until when it stays as it is.
    pub until: Freshness,
    /// Search engines shall not keep it: it holds adverse records or is a search.
    pub noindex: bool,
}

/// Until when an answer stays as it is if nothing is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Until this instant, which the answer brought; `None` when no boundary lies ahead of it.
    Until(Option<Instant>),
    /// Until the next boundary of anything in the registry.
    Boundary,
    /// A cache asks again each time.
    AskAgain,
}

impl Visit {
    /// A parameter of the query; an empty one counts as not given.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let given = self.parameters.iter().find(|(key, _)| key == name);
        given.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// A parameter of the query that is no text: a number, an instant, an id.
    pub fn parsed<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, Fault> {
        let parse = |text: &str| text.parse().map_err(|_| Fault::unreadable(name));
        self.parameter(name).map(parse).transpose()
    }

    /// For answers that are about today (UTC): a validator knows the midnights of the lists' zones
    /// only, so that it could let yesterday's answer stand.
    pub fn for_its_day(self) -> Visit {
        self.without_validator()
    }

    /// For answers that also hold what is in no entry of the log: notes on imports, the last
    /// snapshot. A validator knows the log and its boundaries only, so that it could let an answer
    /// stand although a list was held since.
    pub fn without_validator(self) -> Visit {
        Visit { if_none_match: None, has_validator: false, ..self }
    }

    /// Lets `work` read the registry on a thread that may wait, and dresses what it brings:
    /// `304` when the reader has it already, validator and lifetime otherwise.
    pub async fn answer(
        self,
        work: impl FnOnce(&Visit) -> Result<Sheet, Fault> + Send + 'static,
    ) -> Response {
        let (app, messages, surface) = (self.app.clone(), self.messages.clone(), self.surface);
        match app.clone().read(move || self.respond(work)).await {
            Some(response) => response,
            None => {
                let fault = Fault::Internal("a handler panicked".to_owned());
                fault_response(&app, &messages, surface, "/", None, &fault)
            }
        }
    }

    fn respond(&self, work: impl FnOnce(&Visit) -> Result<Sheet, Fault>) -> Response {
        match self.conditional(work) {
            Ok(response) => response,
            Err(fault) => self.fault(fault),
        }
    }

    fn conditional(
        &self,
        work: impl FnOnce(&Visit) -> Result<Sheet, Fault>,
    ) -> Result<Response, Fault> {
        let registry = self.app.registry();
        let (position, boundary) = registry.etag_boundary()?;
        let etag = format!(
            "W/\"{position}.{}.{}.{}\"",
            boundary.map_or(0, Instant::micros),
            self.messages.code(),
            self.app.0.release
        );
        if self.if_none_match.as_deref().is_some_and(|given| matches_etag(given, &etag)) {
            // Not rendered, so the next boundary is not known here: ask again next time.
            let headers = [(header::ETAG, etag), (header::CACHE_CONTROL, "no-cache".to_owned())];
            return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
        }
        let now = registry.now();
        let sheet = work(self)?;
        let kept = match sheet.until {
            Freshness::Until(next) => cache_control(next, now),
            Freshness::Boundary => cache_control(registry.next_boundary()?, now),
            Freshness::AskAgain => "no-cache".to_owned(),
        };
        let mut response = Response::new(Body::from(sheet.body));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(sheet.content_type));
        if self.has_validator {
            insert(headers, header::ETAG, &etag);
        }
        insert(headers, header::CACHE_CONTROL, &kept);
        if self.surface == Surface::Page {
            insert(headers, header::CONTENT_LANGUAGE, self.messages.html_lang());
        }
        if sheet.noindex {
            insert(headers, ROBOTS, "noindex, noarchive");
        }
        Ok(response)
    }

    /// The answer that says why there is none.
    pub fn fault(&self, fault: Fault) -> Response {
        let query = self.query.as_deref();
        fault_response(&self.app, &self.messages, self.surface, &self.path, query, &fault)
    }
}

/// Tells search engines what to leave.
const ROBOTS: header::HeaderName = header::HeaderName::from_static("x-robots-tag");

fn insert(headers: &mut axum::http::HeaderMap, name: header::HeaderName, value: &str) {
    // Only texts of ours come here; one that cannot be a header value is left out.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn fault_response(
    app: &App,
    messages: &Arc<Messages>,
    surface: Surface,
    path: &str,
    query: Option<&str>,
    fault: &Fault,
) -> Response {
    fault.note();
    let (content_type, body) = match surface {
        Surface::Data => (
            "application/problem+json",
            serde_json::to_string(&fault.document(messages)).unwrap_or_default(),
        ),
        Surface::Page => {
            ("text/html; charset=utf-8", pages::problem_page(app, messages, path, query, fault))
        }
    };
    let mut response = (fault.status(), body).into_response();
    let headers = response.headers_mut();
    insert(headers, header::CONTENT_TYPE, content_type);
    insert(headers, header::CACHE_CONTROL, "no-cache");
    insert(headers, header::VARY, "accept-language");
    insert(headers, header::CONTENT_LANGUAGE, messages.html_lang());
    insert(headers, ROBOTS, "noindex, noarchive");
    match fault {
        Fault::Moved(to) => insert(headers, header::LOCATION, to),
        Fault::Overloaded => insert(headers, header::RETRY_AFTER, "2"),
        Fault::BeingMade => insert(headers, header::RETRY_AFTER, "60"),
        Fault::MethodNotAllowed => insert(headers, header::ALLOW, allowed(path)),
        _ => {}
    }
    response
}

/// The methods of an address that exists.
fn allowed(path: &str) -> &'static str {
    let takes_cases = path == "/api/v1/cases/prepare"
        || path == "/api/v1/consults"
        || path.starts_with("/api/v1/consults/")
        || (path.starts_with("/api/v1/cases/") && path.ends_with("/steps"));
    match path {
        "/api/v1/cases" => "GET, HEAD, POST",
        _ if takes_cases => "POST",
        // The page of a party, below its language.
        "/case" => "GET, HEAD, POST",
        _ => "GET, HEAD",
    }
}

/// `If-None-Match` compares weakly (RFC 9110 section 13.1.2).
pub(super) fn matches_etag(given: &str, etag: &str) -> bool {
    fn opaque(tag: &str) -> &str {
        let tag = tag.trim();
        tag.strip_prefix("W/").unwrap_or(tag)
    }
    // `*` is any: what is asked for is there.
    given.trim() == "*" || given.split(',').any(|tag| opaque(tag) == opaque(etag))
}

/// Never beyond the next boundary: an answer that is about to change is not kept.
pub(super) fn cache_control(next: Option<Instant>, now: Instant) -> String {
    // Rounded down: better a second early than late.
    let left = next.map(|next| (next.micros() - now.micros()).max(0) / 1_000_000);
    match left.unwrap_or(MAX_AGE_SECONDS).min(MAX_AGE_SECONDS) {
        0 => "no-cache".to_owned(),
        seconds => format!("public, max-age={seconds}, must-revalidate"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_kept_beyond_the_next_boundary() {
        let now = Instant::from_micros(1_000_000_000);
        let check = |micros: i64, expected: &str| {
            let next = Instant::from_micros(now.micros() + micros);
            assert_eq!(cache_control(Some(next), now), expected);
        };
        check(-1, "no-cache");
        check(999_999, "no-cache");
        check(5_999_999, "public, max-age=5, must-revalidate");
        check(86_400_000_000, "public, max-age=30, must-revalidate");
        assert_eq!(cache_control(None, now), "public, max-age=30, must-revalidate");
    }

    #[test]
    fn validators_compare_weakly() {
        assert!(matches_etag("W/\"a\"", "W/\"a\""));
        assert!(matches_etag("\"x\", \"a\"", "W/\"a\""));
        assert!(!matches_etag("\"b\"", "W/\"a\""));
        assert!(!matches_etag("W/W/\"a\"", "W/\"a\""));
        assert!(matches_etag(" * ", "W/\"a\""));
    }
}
