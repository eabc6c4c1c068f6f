//! The API: what the pages show, as data, under `/api/v1`, described by an OpenAPI document made
//! from the handlers themselves: a route that is not described cannot be mounted.

mod answers;
mod case_list;
mod cases;
mod consulting;
mod consults;
mod documents;
mod feedback;
mod handlers;
mod whole;

use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::{Fault, ProblemDocument};
use super::visit::{App, Freshness, Sheet};

pub use consulting::organisation as organisation_asked;
pub use consults::JournalShape;

pub use answers::{AssessmentShape, ConsultShape, OrganisationFileShape, assessment};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Goodstanding",
        description = "An open registry of organisations' good standing that anyone can verify. \
                       Everything is public and needs no key, except what is said in a case \
                       before it is decided: under `cases` an authority signs its requests \
                       (RFC 9421) and its acts, and the organisation acts with its token. An \
                       authority that asks as such, under `consults`, signs too, and is \
                       journalled by function and month; whoever asks without a key is not. Entries \
                       taken from official lists are quotations and say so.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(ProblemDocument)),
    tags(
        (name = "organisations", description = "Files of organisations, and how to find them"),
        (name = "records", description = "Single records with their proof"),
        (name = "cases", description = "Proceedings, for those who are part of them"),
        (name = "lists", description = "The lists that are quoted, and how their sources stand"),
        (name = "authorities", description = "Who speaks here, and how their lists stand"),
        (name = "statistics", description = "The registry itself in figures"),
        (name = "log", description = "The state of the log; its files are under `/log`")
    )
)]
struct Description;

fn described() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(handlers::organisation))
        .routes(routes!(handlers::organisation_by_identifier))
        .routes(routes!(handlers::search))
        .routes(routes!(consulting::consult))
        .routes(routes!(consulting::consult_receipt))
        .routes(routes!(consults::consult_as_authority))
        .routes(routes!(consults::held))
        .routes(routes!(feedback::give_feedback))
        .routes(routes!(feedback::figures))
        .routes(routes!(consults::withdrawals))
        .routes(routes!(consults::consults_of))
        .routes(routes!(handlers::record))
        .routes(routes!(handlers::proof))
        .routes(routes!(handlers::opening))
        .routes(routes!(handlers::opening_line))
        .routes(routes!(handlers::lists))
        .routes(routes!(handlers::list))
        .routes(routes!(handlers::log))
        .routes(routes!(handlers::sources))
        .routes(routes!(handlers::packs))
        .routes(routes!(cases::prepare))
        .routes(routes!(case_list::list, cases::submit))
        .routes(routes!(cases::step))
        .routes(routes!(cases::case))
        .routes(routes!(documents::case_documents))
        .routes(routes!(whole::authorities))
        .routes(routes!(whole::authority))
        .routes(routes!(whole::performance))
        .routes(routes!(whole::performance_csv))
        .routes(routes!(whole::statistics))
        .routes(routes!(whole::statistics_csv))
}

/// The document.
pub fn document() -> Document {
    described().split_for_parts().1
}

/// The routes, and the document that describes them.
pub fn routes() -> Router<App> {
    let (router, document) = described().split_for_parts();
    router.route("/api/v1/openapi.json", get(async move || Json(document)))
}

/// An answer as JSON.
fn sheet(body: &impl Serialize, until: Freshness, noindex: bool) -> Result<Sheet, Fault> {
    let body = serde_json::to_vec(body).map_err(|error| Fault::Internal(error.to_string()))?;
    Ok(Sheet { body, content_type: "application/json", until, noindex })
}
