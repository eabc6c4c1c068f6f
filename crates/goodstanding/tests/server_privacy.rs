//! Reading leaves no trace (promise P9). A test of its own process: what is logged is decided once
//! for all threads of a process.

mod server_support;
mod support;

use std::io::Write;
use std::sync::{Arc, Mutex};

use server_support::{BANK, Fixture};

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
fn p9_the_log_line_names_neither_query_nor_id() {
    let server = Fixture::get().server();
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
    });
    let logged = String::from_utf8(collected.0.lock().unwrap().clone()).unwrap();
    for secret in ["secretname", &organisation, &record, "TEST00GS000000000497", "?", "scheme="] {
        assert!(!logged.contains(secret), "{secret} in: {logged}");
    }
    for route in ["/en/search", "/en/organisations/{key}", "/zh/records/{id}", "(none)"] {
        assert!(logged.contains(&format!("route=\"{route}\"")), "{route} in: {logged}");
    }
    assert!(logged.contains("status=404") && logged.contains("duration_ms="), "{logged}");
}
