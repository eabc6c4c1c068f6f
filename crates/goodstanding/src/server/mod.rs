//! The HTTP server: pages in every language of `messages/`, the same as data under `/api/v1`, and
//! the log as static files.
//!
//! **Invariant:** handlers ask [`Registry`] and show what it answers. No table is queried and
//! nothing is hashed here.
//!
//! **Invariant:** reading leaves no trace (promise P9): no cookie is set, nothing is loaded from
//! elsewhere, and a log line holds method, route template, status and duration, never a query or
//! an id of the path.
//!
//! Read the modules in this order.

pub mod problem;

mod visit;

mod layers;
mod listen;

mod log_files;
mod wellknown;

mod api;
mod pages;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;

use crate::messages::{Catalogue, MessagesError};
use crate::registry::Registry;

pub use api::OrganisationFileShape;
pub use listen::Listening;
pub use visit::App;

/// Why the server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be had.
    #[error("cannot listen on {address}: {source}; choose another address or port with --listen")]
    Address {
        /// Which address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// A fault of the program itself.
    #[error(transparent)]
    Messages(#[from] MessagesError),
}

/// Everything the server answers, with its limits and headers: what [`Listening::serve`] serves and
/// tests ask.
pub fn router(registry: Arc<Registry>) -> Result<Router, ServeError> {
    let app = App::new(registry, Catalogue::load()?);
    let routes = Router::new()
        .merge(pages::routes(&app))
        .merge(api::routes())
        .merge(log_files::routes())
        .merge(wellknown::routes())
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed);
    Ok(layers::wrap(routes, &app).with_state(app))
}

/// The OpenAPI document `/api/v1/openapi.json` serves.
pub fn openapi() -> utoipa::openapi::OpenApi {
    api::document()
}

async fn not_found(visit: visit::Visit, _request: Request) -> Response {
    visit.fault(problem::Fault::not_found())
}

async fn method_not_allowed(visit: visit::Visit, _request: Request) -> Response {
    visit.fault(problem::Fault::MethodNotAllowed)
}
