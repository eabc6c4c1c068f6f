//! What a server does beside answering: announce what became due, read sources, tell its sums.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ledger::Appended;
use tokio::task::JoinSet;

use crate::bulk;
use crate::clock::{Clock, SystemClock};
use crate::configuration::Configuration;
use crate::failing::explained;
use crate::output::chain;
use crate::registry::Registry;
use crate::server::Counts;
use crate::server::counts::{self, Tally};
use crate::sources::{self, refresh::RefreshError};
use crate::upkeep::{self, UpkeepError};

/// How often what was answered is told in the log.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// How often it is looked whether the files for download still fit.
const DATA_EVERY: Duration = Duration::from_secs(10);
const DATA_REST_FACTOR: u32 = 5;

/// Starts what goes on beside answering; dropping or aborting it ends it.
pub fn start(directory: &Path, values: &Configuration, counts: &Arc<Counts>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(keep_up(directory.to_owned(), values.upkeep_every(), Arc::clone(counts)));
    if values.sources {
        tasks.spawn(keep_reading(directory.to_owned(), values.sources_every(), Arc::clone(counts)));
    }
    tasks
}

async fn keep_up(directory: PathBuf, every: Duration, counts: Arc<Counts>) {
    loop {
        tokio::time::sleep(every).await;
        let (directory, counts) = (directory.clone(), Arc::clone(&counts));
        // A join error means the runtime stops: nothing is left to report to.
        let _ = tokio::task::spawn_blocking(move || {
            tell_upkeep(upkeep::run_in_turn(&directory, SystemClock.now()), &counts);
        })
        .await;
    }
}

/// Makes the files for download anew when they no longer fit. Making them may take long: between
/// two makings is at least [`DATA_REST_FACTOR`] times what the last one took.
pub async fn keep_data(registry: Arc<Registry>) {
    loop {
        let begun = std::time::Instant::now();
        let registry = Arc::clone(&registry);
        // A join error means the runtime stops: nothing is left to report to.
        if let Ok(result) = tokio::task::spawn_blocking(move || bulk::keep_up(&registry)).await {
            match result {
                Ok(Some(snapshot)) => tracing::info!(position = snapshot.position, "made the data"),
                Ok(None) => {}
                Err(error) => tracing::warn!(error = %chain(&error), "the data cannot be made"),
            }
        }
        tokio::time::sleep(DATA_EVERY.max(begun.elapsed() * DATA_REST_FACTOR)).await;
    }
}

/// Announces what became due. Serving goes on without it: what may be shown is decided at reading.
pub fn keep_up_once(directory: &Path, counts: &Counts) {
    tell_upkeep(upkeep::run(directory, SystemClock.now()), counts);
}

fn tell_upkeep(kept_up: Result<Option<Appended>, UpkeepError>, counts: &Counts) {
    match kept_up {
        Ok(Some(appended)) => {
            counts::add(&counts.appended_by_upkeep, appended.to.saturating_sub(appended.from));
            tracing::info!(from = appended.from, to = appended.to, "announced what was due");
        }
        Ok(None) => {}
        Err(error) => {
            counts::add(&counts.upkeep_failed, 1);
            tracing::warn!(error = %explained(&error), "what was due could not be announced");
        }
    }
}

/// Reads the sources that are due, one after the other, for as long as serving goes on.
async fn keep_reading(directory: PathBuf, every: Duration, counts: Arc<Counts>) {
    loop {
        let (directory, counts) = (directory.clone(), Arc::clone(&counts));
        let run = move || {
            sources::refresh::refresh_due(&directory, &SystemClock, &mut |source, result| {
                tell_reading(&source.name, result, &counts);
            })
        };
        // A join error means the runtime stops: nothing is left to report to.
        if let Ok(Err(error)) = tokio::task::spawn_blocking(run).await {
            tracing::warn!(error = %explained(&error), "the sources cannot be read");
        }
        tokio::time::sleep(every).await;
    }
}

fn tell_reading(source: &str, result: &Result<sources::Try, RefreshError>, counts: &Counts) {
    match result {
        Ok(one) => {
            let (from, to) = (one.from.unwrap_or_default(), one.to.unwrap_or_default());
            counts::add(&counts.appended_by_sources, to.saturating_sub(from));
            if one.is_held() {
                tracing::warn!(source, outcome = one.outcome, "a source was held");
            } else {
                tracing::info!(source, outcome = one.outcome, from, to, "a source was read");
            }
        }
        Err(error) => tracing::warn!(source, error = %explained(error), "a source was not read"),
    }
}

/// Tells what was answered since it was told last.
#[derive(Clone)]
pub struct Sums {
    counts: Arc<Counts>,
    told: Arc<Mutex<Tally>>,
}

impl Sums {
    /// From now on.
    pub fn new(counts: &Arc<Counts>) -> Sums {
        Sums { counts: Arc::clone(counts), told: Arc::default() }
    }

    /// Tells again and again.
    pub async fn tell(self) {
        loop {
            tokio::time::sleep(TOLD_EVERY).await;
            self.tell_once();
        }
    }

    /// Tells now.
    pub fn tell_once(&self) {
        // Nothing is left half-changed under the lock, so a thread that died is no obstacle.
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        *told = self.counts.log_since(&told);
    }
}
