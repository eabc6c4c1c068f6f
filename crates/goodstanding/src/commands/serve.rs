//! `serve`: pages, API and log of a registry.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::Context;
use crate::clock::SystemClock;
use crate::configuration::{self, Configuration, ConfigurationError, Effective, Origin};
use crate::failing::explained;
use crate::logging::{self, LogFormat};
use crate::output::{Exit, Failure, chain, note};
use crate::registry::{Caching, Registry};
use crate::server::metrics::{self, Figures};
use crate::server::{self, Listening, Options};
use crate::serving;

const EXAMPLES: &str = "\
Examples:
  goodstanding serve
  goodstanding serve --listen 0.0.0.0:8080 --dir /srv/goodstanding
  goodstanding serve --metrics 127.0.0.1:9464 --log-format json
  goodstanding serve --proceedings
  goodstanding serve --config /etc/goodstanding.toml --check

Serves HTTP without TLS: put a proxy before it that adds TLS and does not log queries. Imports may
run beside it; sources (see `goodstanding source`) are read when they are due. Settings stand in
`goodstanding.toml` in the registry's directory, or in the file of --config; arguments weigh more.
Requests leave no line in the log: they are counted by class, and told in sum once a minute.
Ctrl-C or SIGTERM lets running requests end and stops. Exit 0 stopped (or, with --check, in order),
1 the configuration was refused, 2 could not.";

/// Arguments of `serve`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Address and port; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Serve figures for operators at /metrics of this address, which should not be public
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics: Option<SocketAddr>,
    /// Read settings from this file, instead of `goodstanding.toml` in the registry's directory
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Take cases from authorities and organisations under /api/v1/cases
    #[arg(long)]
    proceedings: bool,
    /// Print the settings that would be in effect, with where each comes from, and stop
    #[arg(long)]
    check: bool,
}

impl From<ConfigurationError> for Failure {
    fn from(error: ConfigurationError) -> Failure {
        let message = error.to_string();
        Failure::refused_all(error.problems).saying(message)
    }
}

/// Runs `serve`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let effective = settings(arguments, context, &directory)?;
    if arguments.check {
        context.format.result(&effective.to_json(), &effective.to_toml());
        return Ok(Exit::Done);
    }
    let values = &effective.values;
    logging::install(&values.log_filter, values.log_format);
    let serving = Serving { directory: &directory, addresses: &[values.listen], values };
    serve(&serving, &mut |address, _| {
        // In the other format every line of standard error is JSON.
        if values.log_format == LogFormat::Text {
            note(format_args!("Serving http://{address}/ . Stop with Ctrl-C."));
        }
    })?;
    Ok(Exit::Done)
}

/// Arguments weigh more than the environment, and both more than the file.
fn settings(
    arguments: &Arguments,
    context: &Context,
    directory: &Path,
) -> Result<Effective, Failure> {
    let mut effective = configuration::load(directory, arguments.config.as_deref())?;
    if let Some(filter) = logging::from_environment()? {
        effective.values.log_filter = filter;
        effective.overruled("log.filter", Origin::Environment);
    }
    if let Some(filter) = &context.log_level {
        if !logging::is_filter(filter) {
            return Err(logging::unfit("--log-level"));
        }
        effective.values.log_filter.clone_from(filter);
        effective.overruled("log.filter", Origin::Argument);
    }
    if let Some(format) = context.log_format {
        effective.values.log_format = format;
        effective.overruled("log.format", Origin::Argument);
    }
    if let Some(listen) = arguments.listen {
        effective.values.listen = listen;
        effective.overruled("listen", Origin::Argument);
    }
    if let Some(metrics) = arguments.metrics {
        effective.values.metrics = Some(metrics);
        effective.overruled("metrics.listen", Origin::Argument);
    }
    if arguments.proceedings {
        effective.values.proceedings = true;
        effective.overruled("proceedings.serve", Origin::Argument);
    }
    let values = &effective.values;
    if values.metrics == Some(values.listen) && values.listen.port() != 0 {
        return Err(Failure::could_not(
            "--listen and --metrics are one address; figures are for operators and need their own",
        ));
    }
    Ok(effective)
}

/// What is served, where and how.
pub struct Serving<'a> {
    /// Directory of the registry.
    pub directory: &'a Path,
    /// The first that is free is taken.
    pub addresses: &'a [SocketAddr],
    /// Everything else.
    pub values: &'a Configuration,
}

/// Serves until the process is told to stop. `ready` is called once requests are answered.
pub fn serve(
    serving: &Serving<'_>,
    ready: &mut dyn FnMut(SocketAddr, &Registry),
) -> Result<(), Failure> {
    allow_many_files();
    let (directory, values) = (serving.directory, serving.values);
    let options = Options::of(values);
    let counts = Arc::clone(&options.counts);
    serving::keep_up_once(directory, &counts);
    let caching = Caching {
        readers: number(values.readers_kept),
        reader_mebibytes: u32::try_from(values.reader_mebibytes).ok(),
    };
    let registry = Registry::open(directory, Arc::new(SystemClock))?.with_caching(caching);
    let registry = Arc::new(registry);
    runtime(values)?.block_on(async {
        let router = server::router_with(Arc::clone(&registry), options)
            .map_err(|error| could_not(&error))?;
        let listening = bind_first(serving.addresses).await?;
        let listening = listening.with_connections(number(values.connections));
        let figures = match values.metrics {
            Some(address) => {
                Some(Listening::bind(address).await.map_err(|error| could_not(&error))?)
            }
            None => None,
        };
        // Before anybody is told the address: whoever knows it may also tell us to stop.
        let stopped = stopped()
            .map_err(|error| Failure::could_not(format_args!("cannot take signals: {error}")))?;
        log_start(&registry, &listening, figures.as_ref());
        ready(listening.address(), &registry);
        let mut tasks = serving::start(directory, values, &counts);
        tasks.spawn(serving::keep_data(Arc::clone(&registry)));
        if let Some(listening) = figures {
            let router = metrics::router(Figures::new(Arc::clone(&registry), Arc::clone(&counts)));
            tasks.spawn(listening.serve(router, std::future::pending()));
        }
        let before = serving::Sums::new(&counts);
        tasks.spawn(before.clone().tell());
        listening.serve(router, stopped).await;
        tasks.abort_all();
        before.tell_once();
        tracing::info!("stopped");
        Ok(())
    })
}

fn runtime(values: &Configuration) -> Result<tokio::runtime::Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if values.threads > 0 {
        builder.worker_threads(number(values.threads));
    }
    builder
        .enable_all()
        .build()
        .map_err(|error| Failure::could_not(format_args!("cannot start threads: {error}")))
}

fn log_start(registry: &Registry, listening: &Listening, figures: Option<&Listening>) {
    let entries = registry.vitals().map(|vitals| vitals.size).unwrap_or_default();
    let metrics = figures.map(|figures| figures.address().to_string());
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        address = %listening.address(),
        metrics = metrics.as_deref().unwrap_or("off"),
        origin = registry.origin(),
        entries,
        "serving"
    );
}

fn number(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
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
