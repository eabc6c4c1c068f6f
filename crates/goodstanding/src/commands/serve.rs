//! `serve`: pages, API and log of a registry.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::Context;
use crate::clock::{Clock, SystemClock};
use crate::failing::explained;
use crate::output::{Exit, Failure, chain, note};
use crate::registry::Registry;
use crate::server::{self, Listening};
use crate::{sources, upkeep};

/// How often entries that became due are announced; the bound is 24 hours (design 3).
const UPKEEP_EVERY: Duration = Duration::from_secs(3_600);

/// How often it is looked whether a source is due.
const SOURCES_EVERY: Duration = Duration::from_secs(60);

const EXAMPLES: &str = "\
Examples:
  goodstanding serve
  goodstanding serve --listen 0.0.0.0:8080 --dir /srv/goodstanding

Serves HTTP without TLS: put a proxy before it that adds TLS and does not log queries. Imports may
run beside it; sources (see `goodstanding source`) are read when they are due. Ctrl-C or SIGTERM lets running requests end and stops. Exit 0 stopped, 2 could not.";

/// Arguments of `serve`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

/// Runs `serve`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    serve(&directory, &[arguments.listen], &mut |address, _| {
        note(format_args!("Serving http://{address}/ . Stop with Ctrl-C."));
    })?;
    Ok(Exit::Done)
}

/// Serves the registry in `directory` on the first of `addresses` that is free, until the process
/// is told to stop. `ready` is called once requests are answered.
pub fn serve(
    directory: &Path,
    addresses: &[SocketAddr],
    ready: &mut dyn FnMut(SocketAddr, &Registry),
) -> Result<(), Failure> {
    allow_many_files();
    let clock = Arc::new(SystemClock);
    report(upkeep::run(directory, clock.now()));
    let registry = Arc::new(Registry::open(directory, clock)?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::could_not(format_args!("cannot start threads: {error}")))?;
    runtime.block_on(async {
        let router = server::router(Arc::clone(&registry)).map_err(|error| could_not(&error))?;
        let listening = bind_first(addresses).await?;
        // Before anybody is told the address: whoever knows it may also tell us to stop.
        let stopped = stopped()
            .map_err(|error| Failure::could_not(format_args!("cannot take signals: {error}")))?;
        ready(listening.address(), &registry);
        let upkeep = tokio::spawn(keep_up(directory.to_owned()));
        let sources = tokio::spawn(keep_reading(directory.to_owned()));
        listening.serve(router, stopped).await;
        upkeep.abort();
        sources.abort();
        Ok(())
    })
}

/// Asks for as many open files as the system grants: each connection is one, each thread that
/// reads has a dozen, and what systems give without being asked is a thousand.
fn allow_many_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        // Where it is not granted the server works, and says so when files run out.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    }
}

fn could_not(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::could_not(explained(error))
}

async fn bind_first(addresses: &[SocketAddr]) -> Result<Listening, Failure> {
    let mut failure = Failure::could_not("no address to listen on was given");
    for address in addresses {
        match Listening::bind(*address).await {
            Ok(listening) => return Ok(listening),
            // It speaks for itself: "not allowed" is said of a port here, not of a file.
            Err(error) => failure = Failure::could_not(chain(&error)),
        }
    }
    Err(failure)
}

async fn keep_up(directory: PathBuf) {
    loop {
        tokio::time::sleep(UPKEEP_EVERY).await;
        let directory = directory.clone();
        let run = move || upkeep::run(&directory, SystemClock.now());
        // A join error means the runtime stops: nothing is left to report to.
        if let Ok(result) = tokio::task::spawn_blocking(run).await {
            report(result);
        }
    }
}

/// Reads the sources that are due, one after the other, for as long as serving goes on.
async fn keep_reading(directory: PathBuf) {
    loop {
        let directory = directory.clone();
        let run = move || {
            sources::refresh::refresh_due(&directory, &SystemClock, &mut |source, result| {
                match result {
                    Ok(one) => tracing::info!(source = source.name, outcome = one.outcome, "read"),
                    Err(error) => {
                        tracing::warn!(source = source.name, error = %explained(error), "not read");
                    }
                }
            })
        };
        // A join error means the runtime stops: nothing is left to report to.
        if let Ok(Err(error)) = tokio::task::spawn_blocking(run).await {
            tracing::warn!(error = %explained(&error), "the sources cannot be read");
        }
        tokio::time::sleep(SOURCES_EVERY).await;
    }
}

/// Serving goes on without upkeep: what may be shown is decided at reading anyway.
fn report(result: Result<Option<ledger::Appended>, upkeep::UpkeepError>) {
    match result {
        Ok(Some(appended)) => {
            tracing::info!(from = appended.from, to = appended.to, "announced what was due");
        }
        Ok(None) => {}
        Err(error) => {
            tracing::warn!(error = %explained(&error), "what was due could not be announced");
        }
    }
}

/// Listens for Ctrl-C and SIGTERM from now on; done when one comes.
#[cfg(unix)]
fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Done when Ctrl-C comes.
#[cfg(not(unix))]
fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
