//! Small fixed addresses: the descriptor other registries read, health, the style sheet.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;

use super::visit::{App, Freshness, Sheet, Visit};

const STYLE: &str = include_str!("../../assets/style.css");
const ICON: &str = include_str!("../../assets/icon.svg");

/// The style sheet's address. The number changes with its content, so that it can be kept for good.
pub fn style_address() -> &'static str {
    static ADDRESS: std::sync::LazyLock<String> =
        std::sync::LazyLock::new(|| format!("/assets/style.css?v={:08x}", fingerprint(STYLE)));
    &ADDRESS
}

/// FNV-1a: tells two editions of a file apart, and is asked for nothing more.
fn fingerprint(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The fixed addresses.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/.well-known/goodstanding.json", get(descriptor))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/assets/style.css", get(async || asset("text/css; charset=utf-8", STYLE)))
        .route("/assets/icon.svg", get(async || asset("image/svg+xml", ICON)))
}

fn asset(content_type: &'static str, body: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    (headers, body).into_response()
}

/// Ready means: the tables and the log can be read.
async fn ready(State(app): State<App>) -> Response {
    let status = tokio::task::spawn_blocking(move || app.registry().status().is_ok()).await;
    match status {
        Ok(true) => "ready\n".into_response(),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response(),
    }
}

/// What another registry needs to follow this one (design 7). Addresses are relative to it unless
/// the operator said under which address readers find the server.
#[derive(Serialize)]
struct Descriptor<'a> {
    origin: &'a str,
    log: LogAddress<'a>,
    payload_url: String,
    /// Checks signed answers (spec/answer.md).
    answers_vkey: Option<String>,
    /// The same for answers that were signed before by other keys.
    answers_vkeys_former: &'a [String],
    witness_url: Option<&'static str>,
    report_issuer: Option<&'static str>,
    pack_versions: Vec<PackVersion<'a>>,
    limits: &'static str,
}

#[derive(Serialize)]
struct LogAddress<'a> {
    url: String,
    vkey: &'a str,
}

#[derive(Serialize)]
struct PackVersion<'a> {
    name: &'a str,
    version: &'a str,
    hash: &'a str,
}

async fn descriptor(visit: Visit) -> Response {
    visit
        .answer(|visit| {
            let registry = visit.app.registry();
            let status = registry.status()?;
            let base = visit.app.options().public_address.as_deref().unwrap_or_default();
            let packs = registry.packs();
            let descriptor = Descriptor {
                origin: registry.origin(),
                log: LogAddress { url: format!("{base}/log"), vkey: &status.vkey },
                payload_url: format!("{base}/log/payload"),
                answers_vkey: registry.answers_key().map(|key| key.vkey().to_string()),
                answers_vkeys_former: registry.answers_keys_former(),
                // No witness calls and no reports yet.
                witness_url: None,
                report_issuer: None,
                pack_versions: packs
                    .packs()
                    .map(|pack| PackVersion {
                        name: &pack.name,
                        version: &pack.version,
                        hash: &pack.hash,
                    })
                    .collect(),
                limits: "standard",
            };
            Ok(Sheet {
                body: serde_json::to_vec(&descriptor).unwrap_or_default(),
                content_type: "application/json",
                until: Freshness::Until(None),
                noindex: false,
            })
        })
        .await
}
