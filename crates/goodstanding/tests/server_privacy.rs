//! Reading leaves no trace (promise P9). A test of its own process: what is logged is decided once
//! for all threads of a process.

mod server_support;
mod support;

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use goodstanding::clock::SystemClock;
use goodstanding::registry::Registry;
use goodstanding::server::counts::Tally;
use goodstanding::server::metrics::{self, Figures};
use goodstanding::server::{Counts, Options};
use server_support::{BANK, Fixture, Server};
use tower::ServiceExt;

/// Collects what is logged on this thread.
#[derive(Clone, Default)]
struct Collected(Arc<Mutex<Vec<u8>>>);

impl Write for Collected {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn p9_no_request_leaves_a_log_line() {
    let (server, counts) = counting();
    let (organisation, record) = (server.organisation(BANK), server.record(BANK));
    let collected = Collected::default();
    let writer = collected.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        server.get("/en/search?q=secretname");
        server.get(&format!("/en/organisations/{organisation}"));
        server.get(&format!("/zh/records/{record}"));
        server.get("/en/organisations/lei:TEST00GS000000000497");
        server.get("/en/organisations?scheme=lei&value=TEST00GS000000000497");
        server.get(&format!("/api/v1/organisations/{organisation}"));
        server.get("/secretname");
        counts.log_since(&Tally::default());
    });
    let logged = String::from_utf8(collected.0.lock().unwrap().clone()).unwrap();
    for secret in ["secretname", &organisation, &record, "TEST00GS000000000497", "?", "scheme="] {
        assert!(!logged.contains(secret), "{secret} in: {logged}");
    }
    assert!(!logged.contains("/en/"), "a request left a line: {logged}");
}

/// A server of its own, and what it counts.
fn counting() -> (Server, Arc<Counts>) {
    let options = Options::default();
    let counts = Arc::clone(&options.counts);
    (Fixture::get().server().with_options(options), counts)
}

/// The body of `/metrics`.
fn scraped(figures: Figures) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let request = Request::builder().uri("/metrics").body(Body::empty()).unwrap();
        let answer = metrics::router(figures).oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let kind = answer.headers()["content-type"].to_str().unwrap();
        assert_eq!(kind, "text/plain; version=0.0.4");
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    })
}

fn figures(counts: &Arc<Counts>) -> Figures {
    let registry = Registry::open(&Fixture::get().directory(), Arc::new(SystemClock)).unwrap();
    Figures::new(Arc::new(registry), Arc::clone(counts))
}

#[test]
fn p9_figures_name_no_query_and_no_id() {
    let (server, counts) = counting();
    let (organisation, record) = (server.organisation(BANK), server.record(BANK));
    for path in [
        "/en/search?q=secretname".to_owned(),
        "/api/v1/search?q=secretname".to_owned(),
        format!("/en/organisations/{organisation}"),
        format!("/api/v1/organisations/{organisation}"),
        format!("/zh/records/{record}"),
        "/en/organisations/lei:TEST00GS000000000497".to_owned(),
        "/secretname".to_owned(),
    ] {
        server.get(&path);
    }
    let text = scraped(figures(&counts));
    for secret in ["secretname", &organisation, &record, "TEST00GS000000000497", "/en", BANK] {
        assert!(!text.contains(secret), "{secret} in: {text}");
    }
    for line in [
        "goodstanding_requests_total{class=\"search\",status=\"200\"} 2",
        "goodstanding_requests_total{class=\"unknown\",status=\"404\"} 1",
        "goodstanding_request_duration_seconds_bucket{class=\"search\",le=\"+Inf\"} 2",
        "goodstanding_request_duration_seconds_count{class=\"record\"} 1",
        "goodstanding_readable 1",
        "goodstanding_projection_lag_entries 0",
        "goodstanding_projection_lag_seconds 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in: {text}");
    }
    let size = text.lines().find_map(|line| line.strip_prefix("goodstanding_log_entries_total "));
    let covered =
        text.lines().find_map(|line| line.strip_prefix("goodstanding_checkpoint_entries "));
    assert!(size.is_some() && size == covered, "{text}");
}

#[test]
fn the_page_of_figures_names_exactly_those_there_are() {
    let counts = Arc::default();
    let text = scraped(figures(&counts));
    let names: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let page = support::workspace().join("docs/operating/metrics.md");
    let page = std::fs::read_to_string(page).unwrap();
    let told: BTreeSet<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert_eq!(names, told);
    // Each family once, with help, and nothing outside a family.
    assert_eq!(text.matches("# TYPE ").count(), names.len());
    assert_eq!(text.matches("# HELP ").count(), names.len());
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(['{', ' ']).next().unwrap();
        let suffixes = ["_bucket", "_sum", "_count"];
        let stem = suffixes.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
        assert!(names.contains(name) || names.contains(stem), "{line}");
        line.rsplit(' ').next().unwrap().parse::<f64>().unwrap();
    }
    let alerts = support::workspace().join("deploy/alerts.yml");
    let alerts = std::fs::read_to_string(alerts).unwrap();
    for word in alerts.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        assert!(!word.starts_with("goodstanding_") || names.contains(word), "{word}");
    }
}

#[test]
fn a_registry_that_cannot_be_read_is_told_so() {
    let copy = Fixture::get().copy();
    let registry = Registry::open(copy.path(), Arc::new(SystemClock)).unwrap();
    let counts = Arc::default();
    let figures = Figures::new(Arc::new(registry), counts);
    std::fs::write(copy.path().join("log/checkpoint"), "spoilt").unwrap();
    std::fs::write(copy.path().join("sources.toml"), "[[source]]\nnam = 1\n").unwrap();
    let text = scraped(figures);
    assert!(text.contains("goodstanding_readable 0\n"), "{text}");
    assert!(text.contains("goodstanding_sources_readable 0\n"), "{text}");
    assert!(!text.contains("goodstanding_checkpoint_entries "), "{text}");
}
