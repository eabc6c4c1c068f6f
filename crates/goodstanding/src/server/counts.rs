//! How many requests were answered, by class and status, and how long it took.
//!
//! **Invariant:** nothing of a request is kept here but its class, which is one of a closed list:
//! no query, no id, no address of a reader can be expressed (promise P9).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the buckets of durations, in seconds; the last bucket has none.
pub const BOUNDS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

const BUCKETS: usize = BOUNDS.len() + 1;

/// What kind of address was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Pages and data of organisations.
    Organisation,
    /// Pages and data of records, proofs and openings.
    Record,
    /// Searches.
    Search,
    /// Lists and sources.
    List,
    /// Pages and data about the log.
    Log,
    /// Static files of the log and openings.
    LogFile,
    /// Health, descriptor, style sheet, reference pages.
    Fixed,
    /// Any other page or data.
    Other,
    /// Addresses under which there is nothing.
    Unknown,
}

impl Class {
    /// Every class.
    pub const ALL: [Class; 9] = [
        Class::Organisation,
        Class::Record,
        Class::Search,
        Class::List,
        Class::Log,
        Class::LogFile,
        Class::Fixed,
        Class::Other,
        Class::Unknown,
    ];

    /// Its name in figures and log lines.
    pub const fn key(self) -> &'static str {
        match self {
            Class::Organisation => "organisation",
            Class::Record => "record",
            Class::Search => "search",
            Class::List => "list",
            Class::Log => "log",
            Class::LogFile => "log_file",
            Class::Fixed => "fixed",
            Class::Other => "other",
            Class::Unknown => "unknown",
        }
    }

    /// The class of a route, by its template; `None` when no route matched.
    pub fn of(template: Option<&str>) -> Class {
        let Some(template) = template else { return Class::Unknown };
        let mut parts = template.trim_start_matches('/').split('/');
        let first = parts.next().unwrap_or("");
        match first {
            "log" => return Class::LogFile,
            "healthz" | "readyz" | ".well-known" | "assets" | "" => return Class::Fixed,
            _ => {}
        }
        // Behind the language, or the version of the interface.
        let what = match first {
            "api" => parts.nth(1).unwrap_or(""),
            "organisations" | "records" => first,
            _ => parts.next().unwrap_or(""),
        };
        match what {
            "organisations" => Class::Organisation,
            "records" => Class::Record,
            "search" => Class::Search,
            "lists" | "sources" => Class::List,
            "log" => Class::Log,
            "scope" | "api" | "refusals" | "openapi.json" | "status" => Class::Fixed,
            _ => Class::Other,
        }
    }
}

/// Durations of one class.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Durations {
    /// Requests by bucket, not cumulative.
    pub buckets: [u64; BUCKETS],
    /// All of them together, in microseconds.
    pub micros: u64,
}

impl Durations {
    /// Requests.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// The bound below which `share` of the requests lie, in seconds; `None` beyond the last.
    pub fn below(&self, share: f64) -> Option<f64> {
        let wanted = (self.count() as f64 * share).ceil();
        let mut seen = 0;
        for (bound, requests) in BOUNDS.iter().zip(self.buckets) {
            seen += requests;
            if seen as f64 >= wanted {
                return Some(*bound);
            }
        }
        None
    }

    /// What came since `earlier`.
    pub fn since(&self, earlier: &Durations) -> Durations {
        let mut since = *self;
        since.micros = since.micros.saturating_sub(earlier.micros);
        for (now, before) in since.buckets.iter_mut().zip(earlier.buckets) {
            *now = now.saturating_sub(before);
        }
        since
    }
}

/// All figures at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// Requests by class and status.
    pub requests: BTreeMap<(Class, u16), u64>,
    /// Durations by class.
    pub durations: BTreeMap<Class, Durations>,
}

/// Counts what the server answers and what it does by itself.
#[derive(Debug, Default)]
pub struct Counts {
    tally: Mutex<Tally>,
    /// Entries the server's upkeep appended.
    pub appended_by_upkeep: AtomicU64,
    /// Entries its readings of sources appended.
    pub appended_by_sources: AtomicU64,
    /// Times upkeep failed.
    pub upkeep_failed: AtomicU64,
}

impl Counts {
    /// Counts one answer.
    pub fn answered(&self, class: Class, status: u16, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        // Nothing is left half-changed under the lock, so a thread that died is no obstacle.
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        *tally.requests.entry((class, status)).or_default() += 1;
        let durations = tally.durations.entry(class).or_default();
        if let Some(requests) = durations.buckets.get_mut(bucket) {
            *requests += 1;
        }
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        durations.micros = durations.micros.saturating_add(micros);
    }

    /// All figures now.
    pub fn tally(&self) -> Tally {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes a log line for each class that was asked since `earlier`, and gives the figures now.
    pub fn log_since(&self, earlier: &Tally) -> Tally {
        let now = self.tally();
        for (class, durations) in &now.durations {
            let before = earlier.durations.get(class).copied().unwrap_or_default();
            let durations = durations.since(&before);
            let requests = durations.count();
            if requests == 0 {
                continue;
            }
            let with = |hundred: u16| -> u64 {
                let of = |tally: &Tally| -> u64 {
                    tally
                        .requests
                        .iter()
                        .filter(|((of, status), _)| of == class && status / 100 == hundred)
                        .map(|(_, requests)| requests)
                        .sum()
                };
                of(&now).saturating_sub(of(earlier))
            };
            let p99 = durations.below(0.99).unwrap_or(f64::INFINITY);
            tracing::info!(
                class = class.key(),
                requests,
                refused = with(4),
                failed = with(5),
                mean_ms = durations.micros as f64 / requests as f64 / 1000.0,
                p99_below_ms = p99 * 1000.0,
                "answered"
            );
        }
        now
    }
}

/// Reads a counter.
pub fn value(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// Adds to a counter.
pub fn add(counter: &AtomicU64, number: u64) {
    counter.fetch_add(number, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_have_classes() {
        for (template, class) in [
            (Some("/en/organisations/{key}"), Class::Organisation),
            (Some("/organisations/{key}"), Class::Organisation),
            (Some("/api/v1/records/{id}/proof"), Class::Record),
            (Some("/api/v1/search"), Class::Search),
            (Some("/zh/search"), Class::Search),
            (Some("/zh/sources"), Class::List),
            (Some("/en/log/{position}"), Class::Log),
            (Some("/log/tile/{*path}"), Class::LogFile),
            (Some("/"), Class::Fixed),
            (Some("/readyz"), Class::Fixed),
            (Some("/en/scope"), Class::Fixed),
            (Some("/en/"), Class::Other),
            (None, Class::Unknown),
        ] {
            assert_eq!(Class::of(template), class, "{template:?}");
        }
    }

    #[test]
    fn durations_fall_into_their_bucket_and_sum() {
        let counts = Counts::default();
        for millis in [0, 1, 2, 30, 9_000] {
            counts.answered(Class::Search, 200, Duration::from_millis(millis));
        }
        counts.answered(Class::Search, 404, Duration::ZERO);
        let tally = counts.tally();
        assert_eq!(tally.requests[&(Class::Search, 200)], 5);
        let durations = tally.durations[&Class::Search];
        assert_eq!(durations.count(), 6);
        assert_eq!(durations.buckets[BOUNDS.len()], 1, "nine seconds are beyond the last bound");
        assert_eq!(durations.micros, 9_033_000);
        assert_eq!((durations.below(0.5), durations.below(1.0)), (Some(0.001), None));
        assert_eq!(counts.tally().durations[&Class::Search].since(&durations).count(), 0);
    }
}
