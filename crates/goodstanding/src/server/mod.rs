//! The HTTP server: pages in every language of `messages/`, the same as data under `/api/v1`, and
//! the log as static files.
//!
//! **Invariant:** handlers ask [`Registry`] and show what it answers. No table is queried and
//! nothing is hashed here. What is written goes to the clerk of `cases`.
//!
//! **Invariant:** reading leaves no trace (promise P9): no cookie is set, nothing is loaded from
//! elsewhere, and a request leaves no log line. What was answered is counted by class of address
//! and told in sum.
//!
//! Read the modules in this order.

pub mod problem;

mod visit;

pub mod counts;
mod layers;
mod listen;

mod exposition;
pub mod metrics;

mod proceedings;

mod data;
mod feeds;
mod log_files;
mod wellknown;

mod api;
mod pages;

pub use pages::your_case::document_page;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;

use crate::configuration::Configuration;
use crate::messages::{Catalogue, MessagesError};
use crate::registry::Registry;

pub use api::{AssessmentShape, ConsultShape, JournalShape, OrganisationFileShape, assessment};
pub use counts::Counts;
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
    /// The thread that writes.
    #[error("the system gives no thread for proceedings: {0}")]
    Thread(std::io::Error),
}

/// What an operator may set.
#[derive(Debug, Clone)]
pub struct Options {
    /// Requests answered at once; the next one gets 503 instead of a place in a queue.
    pub requests_max: usize,
    /// Answers worked on at once; more wait, and give up at the time limit.
    pub readers_max: usize,
    /// Time an answer may take.
    pub answer_timeout: Duration,
    /// The address readers use, where it is known: `https://registry.example.org`.
    pub public_address: Option<String>,
    /// Whether cases are taken from authorities and organisations.
    pub proceedings: bool,
    /// Where answers are counted.
    pub counts: Arc<Counts>,
}

impl Default for Options {
    fn default() -> Options {
        Options::of(&Configuration::default())
    }
}

impl Options {
    /// As `values` say.
    pub fn of(values: &Configuration) -> Options {
        let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
        Options {
            requests_max: number(values.requests),
            readers_max: number(values.readers),
            answer_timeout: values.answer_timeout(),
            public_address: values.public_address.clone(),
            proceedings: values.proceedings,
            counts: Arc::default(),
        }
    }
}

/// Everything the server answers, with its limits and headers: what [`Listening::serve`] serves and
/// tests ask.
pub fn router(registry: Arc<Registry>) -> Result<Router, ServeError> {
    router_with(registry, Options::default())
}

/// The same with other limits than the usual ones.
pub fn router_with(registry: Arc<Registry>, options: Options) -> Result<Router, ServeError> {
    let proceedings = match options.proceedings {
        true => {
            let started = proceedings::Proceedings::start(Arc::clone(&registry));
            Some(Arc::new(started.map_err(ServeError::Thread)?))
        }
        false => None,
    };
    let app = App::new(registry, Catalogue::load()?, options, proceedings);
    let routes = Router::new()
        .merge(pages::routes(&app))
        .merge(api::routes())
        .merge(log_files::routes())
        .merge(data::routes())
        .merge(feeds::routes(&app))
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
