//! The pages. Each is a URL that works with HTML alone, says who said what and when, and how to
//! contest it. A page is a template, a struct that fills it, and a function that asks the registry.

mod cases;
mod frame;
mod shown;

mod home;
mod search;

mod consult;
mod consulted;
mod organisation;
mod record;
pub mod your_case;

mod authorities;
mod lists;
mod log;

mod chart;
mod data;
mod performance;
mod statistics;

mod api;
mod calendars;
mod pack_law;
mod packs;
mod reference;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::problem::Fault;
use super::visit::{App, Freshness, Sheet, Visit};
use crate::messages::Messages;
use frame::Frame;

/// Every page, once for each language.
pub fn routes(app: &App) -> Router<App> {
    let mut router = Router::new()
        .route("/", get(choose_language))
        .route("/organisations/{key}", get(organisation::choose_language))
        .route("/records/{key}", get(record::choose_language));
    for messages in app.catalogue().languages() {
        let at = |path: &str| format!("/{}{path}", messages.code());
        router = router
            .route(&at(""), get(add_slash))
            .route(&at("/"), get(home::show))
            .route(&at("/search"), get(search::show))
            .route(&at("/organisations"), get(organisation::find))
            .route(&at("/organisations/{key}"), get(organisation::show))
            .route(&at("/organisations/{key}/consults"), get(consulted::show))
            .route(&at("/consult"), get(consult::show))
            .route(&at("/case"), get(your_case::show).post(your_case::ask))
            .route(&at("/records/{id}"), get(record::show))
            .route(&at("/lists"), get(lists::all))
            .route(&at("/lists/{id}"), get(lists::one))
            .route(&at("/log"), get(log::show))
            .route(&at("/log/{position}"), get(log::entry))
            .route(&at("/sources"), get(lists::sources))
            .route(&at("/authorities"), get(authorities::all))
            .route(&at("/authorities/{key}"), get(authorities::one))
            .route(&at("/packs"), get(packs::all))
            .route(&at("/packs/{name}"), get(packs::one))
            .route(&at("/calendars"), get(calendars::all))
            .route(&at("/calendars/{id}"), get(calendars::one))
            .route(&at("/data"), get(data::show))
            .route(&at("/statistics"), get(statistics::show))
            .route(&at("/scope"), get(reference::scope))
            .route(&at("/api"), get(api::show))
            .route(&at("/refusals"), get(reference::refusals));
    }
    router
}

/// `Accept-Language` counts here and where no language is in the address, nowhere else.
async fn choose_language(visit: Visit) -> Response {
    redirect_by_language(&format!("/{}/", visit.messages.code()))
}

async fn add_slash(visit: Visit) -> Response {
    Redirect::permanent(&format!("{}/", visit.path)).into_response()
}

/// A redirect that depends on the reader's languages.
fn redirect_by_language(to: &str) -> Response {
    ([(header::VARY, "accept-language")], Redirect::to(to)).into_response()
}

/// The page of a template.
fn sheet(template: &impl Template, until: Freshness, noindex: bool) -> Result<Sheet, Fault> {
    let html = template.render().map_err(|error| Fault::Internal(error.to_string()))?;
    let content_type = "text/html; charset=utf-8";
    Ok(Sheet { body: html.into_bytes(), content_type, until, noindex })
}

/// Path parameters, `None` when they are not UTF-8: such a page does not exist.
type Key = Result<Path<String>, axum::extract::rejection::PathRejection>;

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    f: Frame,
    heading: String,
    detail: String,
    number: Option<u16>,
    is_not_found: bool,
}

/// The page that says why there is no other.
pub fn problem_page(
    app: &App,
    messages: &Arc<Messages>,
    path: &str,
    query: Option<&str>,
    fault: &Fault,
) -> String {
    let heading = messages.t(fault.title_key()).to_owned();
    let is_not_found = fault.status() == axum::http::StatusCode::NOT_FOUND;
    let page = ProblemPage {
        f: Frame::new(app, messages, path, query, &heading, true),
        detail: fault.detail(messages),
        number: fault.number(),
        heading,
        is_not_found,
    };
    // A template of texts of ours has nothing to fail on; should it, the detail is still an answer.
    page.render().unwrap_or(page.detail)
}
