//! What surrounds every route: limits, security headers, the count of answers.

use std::any::Any;
use std::time::Instant;

use axum::error_handling::HandleErrorLayer;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{BoxError, Router};
use domain::refusal::Refusal;
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower::load_shed::LoadShedLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::limit::RequestBodyLimitLayer;

use super::counts::Class;
use super::problem::Fault;
use super::proceedings::BATCH_BYTES_MAX;
use super::visit::{App, Visit};

/// Longest address with its query: a search of 200 characters in percent code is 2,400 bytes.
const ADDRESS_BYTES_MAX: usize = 4 * 1024;
/// Nothing but proceedings takes a body; this much is read and ignored.
const BODY_BYTES_MAX: usize = 16 * 1024;
/// Where bodies are read: what parties of a case send, and what authorities ask as such.
const SIGNED: [&str; 2] = ["/api/v1/cases", "/api/v1/consults"];

/// Only our own style sheet, pictures and forms; nothing is run, framed or fetched from elsewhere.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
     form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Puts the layers around `routes`, the outermost last.
pub fn wrap(routes: Router<App>, app: &App) -> Router<App> {
    let limits = ServiceBuilder::new()
        .layer(HandleErrorLayer::new(overloaded))
        .layer(LoadShedLayer::new())
        .layer(GlobalConcurrencyLimitLayer::new(app.options().requests_max));
    routes
        // Inside: it answers in plain text, and only what declared no length gets as far.
        .layer(RequestBodyLimitLayer::new(BATCH_BYTES_MAX))
        .layer(middleware::from_fn_with_state(app.clone(), within_limits))
        .layer(CompressionLayer::new().compress_when(packable()))
        .layer(limits)
        .layer(middleware::from_fn_with_state(app.clone(), explain))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(secure))
        .layer(middleware::from_fn(end_after_body))
        .layer(middleware::from_fn_with_state(app.clone(), counted))
}

/// What gains by being packed on its way: not the files for download, which are packed already.
fn packable() -> impl Predicate {
    DefaultPredicate::new().and(NotForContentType::const_new("application/gzip"))
}

fn is_signed(path: &str) -> bool {
    SIGNED.iter().any(|prefix| path.starts_with(prefix))
}

/// A mark left by layers that cannot see the request; [`explain`] turns it into a full answer.
#[derive(Debug, Clone, Copy)]
struct Shed;

async fn overloaded(_error: BoxError) -> Response {
    let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
    response.extensions_mut().insert(Shed);
    response
}

async fn explain(State(_app): State<App>, visit: Visit, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.extensions().get::<Shed>().is_some() {
        visit.fault(Fault::Overloaded)
    } else {
        response
    }
}

async fn within_limits(
    State(app): State<App>,
    visit: Visit,
    request: Request,
    next: Next,
) -> Response {
    let address = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    let declared = request.headers().get(header::CONTENT_LENGTH);
    let body = declared.and_then(|n| n.to_str().ok()?.parse::<usize>().ok()).unwrap_or(0);
    let takes_body = is_signed(request.uri().path());
    let body_max = if takes_body { BATCH_BYTES_MAX } else { BODY_BYTES_MAX };
    if address > ADDRESS_BYTES_MAX || body > body_max {
        return visit.fault(Fault::Refused(Refusal::RequestTooLarge, None));
    }
    match tokio::time::timeout(app.options().answer_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => visit.fault(Fault::TimedOut),
    }
}

/// A panic outside the reading threads. Its message may hold what was asked for: it is not kept.
fn panicked(_panic: Box<dyn Any + Send + 'static>) -> Response {
    Fault::Internal("a handler panicked".to_owned()).note();
    (StatusCode::INTERNAL_SERVER_ERROR, "500\n").into_response()
}

async fn secure(request: Request, next: Next) -> Response {
    let is_private = is_signed(request.uri().path());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_private {
        // Said to one party only: no cache keeps it, no page of another site reads it.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    } else {
        allow_programs(headers);
    }
    response
}

/// Whatever came with a body ends its connection with the answer: a proxy and this server can then
/// never disagree about where a body ends and the next request begins. Bodies are waited for where
/// cases are taken and nowhere else, so that a client that sends slowly holds nothing.
async fn end_after_body(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let length = headers.get(header::CONTENT_LENGTH);
    let has_body = length.is_some_and(|length| length.as_bytes() != b"0")
        || headers.contains_key(header::TRANSFER_ENCODING);
    let mut response = next.run(request).await;
    if has_body {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Data may be read by pages of other sites: it is public, and no answer depends on who asks.
fn allow_programs(headers: &mut HeaderMap) {
    let is_data = headers.get(header::CONTENT_TYPE).is_some_and(|kind| {
        [
            "application/json",
            "application/ld+json",
            "application/gzip",
            "application/octet-stream",
            "text/csv",
            "text/plain",
        ]
        .iter()
        .any(|data| kind.as_bytes().starts_with(data.as_bytes()))
    });
    if is_data {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
}

/// Counts the answer by the class of its route; a request leaves no line anywhere (promise P9).
async fn counted(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let class = Class::of(request.extensions().get::<MatchedPath>().map(MatchedPath::as_str));
    let response = next.run(request).await;
    app.options().counts.answered(class, response.status().as_u16(), started.elapsed());
    response
}
