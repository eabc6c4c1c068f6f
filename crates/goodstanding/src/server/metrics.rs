//! `/metrics`: figures for operators, on an address of their own.
//!
//! **Invariant:** no figure names an organisation, a record, a query or a reader. Labels are names
//! of lists and sources, and words of closed lists.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::counts::{self, BOUNDS, Counts};
use super::exposition::{Exposition, Kind, number};
use crate::calendars;
use crate::disk;
use crate::registry::{AppError, Registry};
use crate::setup::{READ_TABLES, TRUTH, VAULT};
use crate::sources::{self, Notes};
use crate::vitals::Vitals;

/// What the figures are taken from.
#[derive(Clone)]
pub struct Figures {
    registry: Arc<Registry>,
    counts: Arc<Counts>,
    started_seconds: f64,
}

impl Figures {
    /// Of `registry` and its server, which starts now.
    pub fn new(registry: Arc<Registry>, counts: Arc<Counts>) -> Figures {
        let started_seconds = seconds(registry.now().micros());
        Figures { registry, counts, started_seconds }
    }
}

/// Answers `/metrics` and nothing else.
pub fn router(figures: Figures) -> Router {
    Router::new().route("/metrics", get(show)).with_state(figures)
}

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4");

async fn show(State(figures): State<Figures>) -> Response {
    match tokio::task::spawn_blocking(move || text(&figures)).await {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Every figure. What cannot be read is left out and told by `goodstanding_readable`.
fn text(figures: &Figures) -> String {
    let mut out = Exposition::default();
    process(&mut out, figures);
    let registry = &figures.registry;
    let readable = vitals(&mut out, registry).and_then(|()| lists(&mut out, registry));
    if let Err(error) = &readable {
        tracing::warn!(error = %crate::output::chain(error), "figures cannot be read");
    }
    out.single(
        "goodstanding_readable",
        Kind::Gauge,
        "1 when log and read tables could be read for these figures",
        f64::from(u8::from(readable.is_ok())),
    );
    files(&mut out, registry);
    read_sources(&mut out, registry);
    work(&mut out, &figures.counts);
    requests(&mut out, &figures.counts);
    out.into_text()
}

fn process(out: &mut Exposition, figures: &Figures) {
    out.family(
        "goodstanding_build_info",
        Kind::Gauge,
        "Version of the program and name of the log",
    );
    let labels = [("version", env!("CARGO_PKG_VERSION")), ("origin", figures.registry.origin())];
    out.sample("goodstanding_build_info", &labels, 1.0);
    out.single(
        "process_start_time_seconds",
        Kind::Gauge,
        "When the server started, seconds since 1970",
        figures.started_seconds,
    );
    if let Some(bytes) = resident_bytes() {
        out.single("process_resident_memory_bytes", Kind::Gauge, "Resident memory", bytes as f64);
    }
}

/// Resident memory, where the system tells it in `/proc`.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1024)
}

fn vitals(out: &mut Exposition, registry: &Registry) -> Result<(), AppError> {
    let vitals: Vitals = registry.vitals()?;
    let now = registry.now().micros();
    let age = |micros: i64| seconds((now - micros).max(0));
    for (name, kind, help, value) in [
        (
            "goodstanding_log_entries_total",
            Kind::Counter,
            "Entries committed to the log",
            vitals.size as f64,
        ),
        (
            "goodstanding_checkpoint_entries",
            Kind::Gauge,
            "Entries the published checkpoint covers",
            vitals.published as f64,
        ),
        (
            "goodstanding_checkpoint_age_seconds",
            Kind::Gauge,
            "Age of the last signed checkpoint",
            age(vitals.last_at.micros()),
        ),
        (
            "goodstanding_projection_lag_entries",
            Kind::Gauge,
            "Committed entries the read tables do not have yet",
            vitals.size.saturating_sub(vitals.followed) as f64,
        ),
        (
            "goodstanding_projection_lag_seconds",
            Kind::Gauge,
            "Age of the oldest entry the read tables do not have yet",
            vitals.oldest_pending_at.map_or(0.0, |at| age(at.micros())),
        ),
        (
            "goodstanding_clock_behind_seconds",
            Kind::Gauge,
            "How far the clock is behind the last entry of the log; above 0 it is wrong",
            seconds((vitals.last_at.micros() - now).max(0)),
        ),
    ] {
        out.single(name, kind, help, value);
    }
    Ok(())
}

fn lists(out: &mut Exposition, registry: &Registry) -> Result<(), AppError> {
    let lists = registry.sources()?;
    let today = registry.now().day_in(&domain::civil::Zone::UTC);
    out.family(
        "goodstanding_list_read_age_days",
        Kind::Gauge,
        "Days since the day a list was read at its publisher",
    );
    for list in &lists {
        let Some(read) = list.last_read else { continue };
        let days = today.days_since(read).max(0) as f64;
        out.sample("goodstanding_list_read_age_days", &[("list", list.list.as_str())], days);
    }
    out.family("goodstanding_list_current", Kind::Gauge, "1 while a list counts as current");
    for list in &lists {
        let current = f64::from(u8::from(list.current));
        out.sample("goodstanding_list_current", &[("list", list.list.as_str())], current);
    }
    out.family(
        "goodstanding_calendar_days_left",
        Kind::Gauge,
        "Days until a calendar that cases are counted by ends",
    );
    let packs = registry.packs();
    for calendar in calendars::in_use(&packs) {
        let days = calendars::days_left(calendar, registry.now()) as f64;
        out.sample("goodstanding_calendar_days_left", &[("calendar", &calendar.id)], days);
    }
    out.family(
        "goodstanding_import_held",
        Kind::Gauge,
        "1 when the last import by a profile was held and waits for somebody to look",
    );
    let mut profiles: Vec<_> = lists.iter().map(|list| &list.profile).collect();
    profiles.sort();
    profiles.dedup();
    for profile in profiles {
        let held = sources::last_import(registry.dir(), profile).is_some_and(|one| one.is_held());
        let held = f64::from(u8::from(held));
        out.sample("goodstanding_import_held", &[("profile", profile.as_str())], held);
    }
    Ok(())
}

fn files(out: &mut Exposition, registry: &Registry) {
    out.family(
        "goodstanding_database_bytes",
        Kind::Gauge,
        "Size of a database with what is not folded into it yet",
    );
    for (name, file) in [("truth", TRUTH), ("vault", VAULT), ("read", READ_TABLES)] {
        let bytes = disk::database_size(&registry.dir().join(file)) as f64;
        out.sample("goodstanding_database_bytes", &[("database", name)], bytes);
    }
    if let Some(room) = disk::room(registry.dir()) {
        let (free, total) = (room.free as f64, room.total as f64);
        out.single("goodstanding_disk_free_bytes", Kind::Gauge, "Room left for us", free);
        out.single("goodstanding_disk_bytes", Kind::Gauge, "Room in all", total);
    }
}

fn read_sources(out: &mut Exposition, registry: &Registry) {
    let known = sources::load(registry.dir());
    out.single(
        "goodstanding_sources_readable",
        Kind::Gauge,
        "1 unless sources.toml has a mistake, in which case no source is read",
        f64::from(u8::from(known.is_ok())),
    );
    let known: Vec<(String, Notes)> = known
        .unwrap_or_default()
        .into_iter()
        .map(|source| {
            let notes = sources::notes(registry.dir(), &source);
            (source.name, notes)
        })
        .collect();
    out.family(
        "goodstanding_source_age_seconds",
        Kind::Gauge,
        "Time since a source was read; absent until it was",
    );
    for (name, notes) in &known {
        let read = notes.last_read().and_then(|one| one.at.parse().ok());
        let Some(read): Option<domain::civil::Instant> = read else { continue };
        let age = seconds((registry.now().micros() - read.micros()).max(0));
        out.sample("goodstanding_source_age_seconds", &[("source", name)], age);
    }
    out.family(
        "goodstanding_source_failures",
        Kind::Gauge,
        "Tries since a source was read last that failed or were held",
    );
    for (name, notes) in &known {
        let failures = notes.failures() as f64;
        out.sample("goodstanding_source_failures", &[("source", name)], failures);
    }
}

fn work(out: &mut Exposition, counts: &Counts) {
    out.family(
        "goodstanding_appended_entries_total",
        Kind::Counter,
        "Entries this process appended",
    );
    for (by, counter) in
        [("upkeep", &counts.appended_by_upkeep), ("sources", &counts.appended_by_sources)]
    {
        let value = counts::value(counter) as f64;
        out.sample("goodstanding_appended_entries_total", &[("by", by)], value);
    }
    out.single(
        "goodstanding_upkeep_failures_total",
        Kind::Counter,
        "Times that what was due could not be announced",
        counts::value(&counts.upkeep_failed) as f64,
    );
}

fn requests(out: &mut Exposition, counts: &Counts) {
    let tally = counts.tally();
    out.family(
        "goodstanding_requests_total",
        Kind::Counter,
        "Requests answered, by class of address and status",
    );
    for ((class, status), requests) in &tally.requests {
        let status = status.to_string();
        let labels = [("class", class.key()), ("status", status.as_str())];
        out.sample("goodstanding_requests_total", &labels, *requests as f64);
    }
    let name = "goodstanding_request_duration_seconds";
    out.family(name, Kind::Histogram, "Time from the head of a request to its answer");
    for (class, durations) in &tally.durations {
        let class = ("class", class.key());
        let mut below = 0;
        let bounds = BOUNDS.iter().copied().chain([f64::INFINITY]);
        for (bound, requests) in bounds.zip(durations.buckets) {
            below += requests;
            let labels = [class, ("le", &number(bound))];
            out.sample(&format!("{name}_bucket"), &labels, below as f64);
        }
        out.sample(&format!("{name}_sum"), &[class], durations.micros as f64 / 1e6);
        out.sample(&format!("{name}_count"), &[class], durations.count() as f64);
    }
}

fn seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}
