//! Measures the program as its users run it: the release binary, a real file, a real directory.
//!
//! ```text
//! cargo build --release --workspace
//! target/release/goodstanding-bench --records 1000000 --dir /some/empty/folder
//! target/release/goodstanding-bench --records 5000000 --dir /another/empty/folder
//! target/release/goodstanding-bench --append 300 --dir /a/third/empty/folder
//! target/release/goodstanding-bench --append 300 --batch 1 --events-per-second 500 --dir /a/fourth
//! target/release/goodstanding-bench --decisions 10
//! target/release/goodstanding-bench --simulate --records 1000000 --dir /an/empty/folder
//! target/release/goodstanding-bench --existing /a/registry --dir /another/empty/folder
//! ```
//!
//! Prints one row per figure in the form of `benches/RESULTS.md`, each beside a limit of the same
//! machine measured in the same run. Nothing here is asserted: figures are facts, not tests.

mod append;
mod decisions;
mod during;
mod generate;
mod http;
mod limits;
mod sampling;

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::Parser;
use sampling::{Samples, resident, sample};
use serde_json::Value;

/// Measure import, rebuild, verification, the organisation page, and pages while an import runs.
#[derive(Parser)]
struct Arguments {
    /// Number of synthetic records; each is three events.
    #[arg(long, default_value_t = 1_000_000)]
    records: u64,
    /// An empty folder for the registry and the generated file.
    #[arg(long, required_unless_present = "decisions")]
    dir: Option<PathBuf>,
    /// Only this: decisions of the rules a second on one core, for so many seconds; run it in the
    /// root of the repository.
    #[arg(long, value_name = "SECONDS")]
    decisions: Option<u64>,
    /// Only this: `policy simulate` of a draft over so many records, after their import.
    #[arg(long)]
    simulate: bool,
    /// Ask for pages and consultations of the registry that lies in this directory, and measure
    /// nothing else; organisations that do not answer are an error.
    #[arg(long, value_name = "REGISTRY")]
    existing: Option<PathBuf>,
    /// Requests of the page measurement.
    #[arg(long, default_value_t = 20_000)]
    requests: u64,
    /// The program; by default the one beside this binary.
    #[arg(long)]
    program: Option<PathBuf>,
    /// Measure append through the API instead, for this many seconds.
    #[arg(long, value_name = "SECONDS")]
    append: Option<u64>,
    /// Records of a batch handed in over the API.
    #[arg(long, default_value_t = 100)]
    batch: u64,
    /// Clients that hand in batches, whether earlier ones were answered or not.
    #[arg(long, default_value_t = 32)]
    clients: u64,
    /// Events a second that are due.
    #[arg(long, default_value_t = 10_000)]
    events_per_second: u64,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    println!("| what | figure | limit measured in the same run | ratio |");
    println!("|---|---|---|---|");
    if let Some(seconds) = arguments.decisions {
        return decided(seconds);
    }
    let bench = Bench::new(&arguments)?;
    if let Some(seconds) = arguments.append {
        let load = append::Load {
            time: Duration::from_secs(seconds),
            clients: arguments.clients.max(1),
            batch: arguments.batch.clamp(1, 100),
            events_per_second: arguments.events_per_second.max(1),
        };
        return append::measure(&bench.program, &bench.folder, load);
    }
    if arguments.existing.is_some() {
        return bench.pages(arguments.requests);
    }
    bench.import(arguments.records)?;
    if arguments.simulate {
        return bench.simulate(arguments.records);
    }
    bench.import_again(arguments.records)?;
    bench.rebuild()?;
    bench.verify()?;
    bench.pages(arguments.requests)?;
    bench.during_import(arguments.records)?;
    Ok(())
}

struct Bench {
    program: PathBuf,
    folder: PathBuf,
    registry: PathBuf,
}

impl Bench {
    fn new(arguments: &Arguments) -> anyhow::Result<Bench> {
        let beside = std::env::current_exe()?.with_file_name("goodstanding");
        let program = arguments.program.clone().unwrap_or(beside);
        ensure!(program.exists(), "build the program first: cargo build --release --workspace");
        let folder = arguments.dir.clone().context("give an empty folder with --dir")?;
        std::fs::create_dir_all(&folder)?;
        let registry = match &arguments.existing {
            Some(existing) => existing.clone(),
            None => folder.join("registry"),
        };
        let is_new = arguments.existing.is_some() || !registry.exists();
        ensure!(is_new, "`{}` exists; give an empty folder", registry.display());
        Ok(Bench { program, folder, registry })
    }

    /// A draft of the `us` pack whose one measure is gone, over every record.
    fn simulate(&self, records: u64) -> anyhow::Result<()> {
        let draft = self.folder.join("draft");
        let stored = self.registry.join("packs");
        let named = std::fs::read_to_string(stored.join("us.in_force"))?;
        copy_folder(&stored.join(named.trim()), &draft)?;
        std::fs::remove_file(draft.join("us/measures/far-exclusion.toml"))?;
        let pack = draft.join("us/pack.toml");
        let text = std::fs::read_to_string(&pack)?;
        let changed: Vec<String> = text
            .lines()
            .map(|line| match line.starts_with("version") {
                true => "version = \"bench\"".to_owned(),
                false => line.to_owned(),
            })
            .collect();
        std::fs::write(&pack, changed.join("\n"))?;
        let (took, answer, memory) =
            self.run_watched(&["policy", "simulate", &draft.to_string_lossy(), "--json"])?;
        let organisations = answer["organisations"].as_u64().context("no organisations")?;
        row(
            &format!("`policy simulate` over {records} records, {organisations} organisations"),
            format!(
                "{:.0} organisations/s ({:.1} s)",
                per_second(organisations, took),
                took.as_secs_f64()
            ),
            "".into(),
            "".into(),
        );
        memory.rows("the simulation");
        Ok(())
    }

    fn import(&self, records: u64) -> anyhow::Result<()> {
        let csv = self.folder.join("synthetic.csv");
        generate::ceis(&csv, 0..records).context("generating the file")?;
        self.run(&["init", "--origin", "bench.example/log"])?;
        let (took, answer, memory) =
            self.run_watched(&["import", "--profile", "ceis", &csv.to_string_lossy(), "--json"])?;
        let accepted = answer["accepted"].as_u64().unwrap_or(0);
        ensure!(accepted == records, "accepted {accepted} of {records}: {answer}");
        let flush = limits::flush(&self.folder)?;
        row(
            "import of quotations, durable, read tables complete at the end",
            format!("{:.0} records/s ({:.1} s)", per_second(records, took), took.as_secs_f64()),
            format!("8 KiB write + fdatasync {:.2} ms", flush.as_secs_f64() * 1000.0),
            format!("{:.2} flushes' time per 1,000 records", {
                took.as_secs_f64() / (records as f64 / 1000.0) / flush.as_secs_f64()
            }),
        );
        memory.rows("the import");
        for name in ["truth.db", "vault-keys.db", "read.db"] {
            let bytes = std::fs::metadata(self.registry.join(name)).map_or(0, |data| data.len());
            row(
                &format!("size of {name}"),
                format!("{:.0} bytes/record", bytes as f64 / records as f64),
                "".into(),
                "".into(),
            );
        }
        Ok(())
    }

    /// The same file a second time: everything stands, everything is compared.
    fn import_again(&self, records: u64) -> anyhow::Result<()> {
        let csv = self.folder.join("synthetic.csv");
        let (took, answer, memory) =
            self.run_watched(&["import", "--profile", "ceis", &csv.to_string_lossy(), "--json"])?;
        let unchanged = answer["unchanged"].as_u64().unwrap_or(0);
        ensure!(unchanged == records, "unchanged {unchanged} of {records}: {answer}");
        row(
            "import of the same file again, nothing changed",
            format!("{:.0} records/s ({:.1} s)", per_second(records, took), took.as_secs_f64()),
            "".into(),
            "".into(),
        );
        memory.rows("the second import");
        Ok(())
    }

    fn rebuild(&self) -> anyhow::Result<()> {
        let events = self.events()?;
        let (took, _) = self.run(&["rebuild", "--json"])?;
        let scan = limits::scan(&self.registry.join("truth.db"))?;
        row(
            "rebuild of all read tables",
            format!("{:.0} events/s ({:.1} s)", per_second(events, took), took.as_secs_f64()),
            format!("plain scan of truth.db {:.0} rows/s", per_second(events, scan)),
            format!("{:.2}", scan.as_secs_f64() / took.as_secs_f64()),
        );
        Ok(())
    }

    fn verify(&self) -> anyhow::Result<()> {
        let leaves = self.events()?;
        let directory = self.registry.to_string_lossy().into_owned();
        // Once to warm the caches of the system, once to measure.
        let (cold, _) = self.run(&["verify", &directory, "--json"])?;
        let (warm, _) = self.run(&["verify", &directory, "--json"])?;
        let hashing = limits::hashing();
        row(
            "full verification including openings, warm",
            format!("{:.0} leaves/s ({:.1} s)", per_second(leaves, warm), warm.as_secs_f64()),
            format!("SHA-256 of 600 + 70 + 65 bytes {hashing:.0}/s on one core"),
            format!("{:.2}", per_second(leaves, warm) / hashing),
        );
        row(
            "full verification, first run after the rebuild",
            format!("{:.0} leaves/s ({:.1} s)", per_second(leaves, cold), cold.as_secs_f64()),
            "".into(),
            "".into(),
        );
        Ok(())
    }

    fn pages(&self, requests: u64) -> anyhow::Result<()> {
        let ids = self.organisations()?;
        let mut server = self.serve()?;
        let measured = (|| -> anyhow::Result<()> {
            let address = server.address.as_str();
            let bare = http::measure(address, requests, |_| "/healthz".to_owned())?;
            for (what, before, after) in [
                ("organisation page", "/en/organisations/", ""),
                ("file API", "/api/v1/organisations/", ""),
                ("consult, API", "/api/v1/consult?organisation=", BUYER),
                ("consult, signed answer", "/api/v1/consult/receipt?organisation=", BUYER),
                ("consult, page", "/en/consult?organisation=", BUYER),
            ] {
                let pick = |number: u64| {
                    // A fixed stride through all ids, coprime to their number: each at most once.
                    let at = number.wrapping_mul(2_654_435_761) % ids.len() as u64;
                    format!("{before}{}{after}", ids.get(at as usize).map_or("", String::as_str))
                };
                let page = http::measure(address, requests, pick)?;
                row(
                    &format!("{what}, {} organisations at random, server on one core", ids.len()),
                    format!("{page}"),
                    format!("empty handler {bare}"),
                    format!("{:.3}", page.per_second / bare.per_second),
                );
            }
            if let Some((all, own)) = resident(server.child.id()) {
                let figure = format!("{own:.0} MiB; with mapped pages of files {all:.0} MiB");
                row("memory of the server after it", figure, "".into(), "".into());
            }
            Ok(())
        })();
        server.child.kill()?;
        server.child.wait()?;
        measured
    }

    fn serve(&self) -> anyhow::Result<Server> {
        let log = File::create(self.folder.join("serve.log"))?;
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]).arg(&self.program).args(["serve", "--listen", "127.0.0.1:18087"]);
        command.args(["--metrics", METRICS]);
        command.arg("--dir").arg(&self.registry);
        let child =
            command.stdout(Stdio::null()).stderr(log).spawn().context("starting the server")?;
        let server = Server { child, address: "127.0.0.1:18087".to_owned() };
        http::wait_until_ready(&server.address, Duration::from_secs(60))?;
        Ok(server)
    }

    fn organisations(&self) -> anyhow::Result<Vec<String>> {
        let tables = rusqlite::Connection::open(self.registry.join("read.db"))?;
        let mut statement = tables.prepare("SELECT id FROM organisation ORDER BY id")?;
        let ids = statement.query_map([], |row| row.get::<_, [u8; 16]>(0))?;
        Ok(ids
            .map(|id| id.map(|id| uuid::Uuid::from_bytes(id).to_string()))
            .collect::<Result<_, _>>()?)
    }

    fn events(&self) -> anyhow::Result<u64> {
        let truth = rusqlite::Connection::open(self.registry.join("truth.db"))?;
        let size: i64 = truth.query_row("SELECT size FROM head", [], |row| row.get(0))?;
        Ok(size.unsigned_abs())
    }

    /// The same, with its resident memory.
    fn run_watched(&self, arguments: &[&str]) -> anyhow::Result<(Duration, Value, Memory)> {
        let start = Instant::now();
        let child = Command::new(&self.program)
            .args(arguments)
            .args(["--dir".as_ref(), self.registry.as_os_str()])
            .stdout(Stdio::piped())
            .spawn()?;
        let process = child.id();
        let done = AtomicBool::new(false);
        let (output, all, own) = std::thread::scope(|scope| {
            let all = scope.spawn(|| sample(&done, || Some(resident(process)?.0)));
            let own = scope.spawn(|| sample(&done, || Some(resident(process)?.1)));
            let output = child.wait_with_output();
            done.store(true, Ordering::Relaxed);
            (output, all.join().unwrap_or_default(), own.join().unwrap_or_default())
        });
        let (output, took) = (output?, start.elapsed());
        let ended_well = matches!(output.status.code(), Some(0 | 3));
        ensure!(ended_well, "`goodstanding {}` ended with {}", arguments.join(" "), output.status);
        let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        Ok((took, answer, Memory { all, own }))
    }

    /// Runs a command over the registry; exit code 3 (done with problems) counts as done.
    fn run(&self, arguments: &[&str]) -> anyhow::Result<(Duration, Value)> {
        let start = Instant::now();
        let output = Command::new(&self.program)
            .args(arguments)
            .args(["--dir".as_ref(), self.registry.as_os_str()])
            .stderr(Stdio::inherit())
            .output()?;
        let took = start.elapsed();
        let done = matches!(output.status.code(), Some(0 | 3));
        ensure!(done, "`goodstanding {}` ended with {}", arguments.join(" "), output.status);
        Ok((took, serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)))
    }
}

/// What a public buyer asks of each organisation.
const BUYER: &str = "&purpose=public_procurement&role=procuring_entity&territory=us";

/// Where the server's figures are.
const METRICS: &str = "127.0.0.1:18088";

struct Server {
    child: Child,
    address: String,
}

/// Resident memory of a run in MiB: all of it, and what belongs to no file.
struct Memory {
    all: Samples,
    own: Samples,
}

impl Memory {
    fn rows(&self, of: &str) {
        for (what, samples) in [("", &self.all), (", without mapped files", &self.own)] {
            let [first, second, third, end] = samples.quarters();
            row(
                &format!("resident memory of {of}{what}"),
                format!(
                    "{first:.0}, {second:.0}, {third:.0}, {end:.0} MiB by quarters of the time; \
                     most {:.0} MiB",
                    samples.most()
                ),
                "".into(),
                "".into(),
            );
        }
    }
}

fn decided(seconds: u64) -> anyhow::Result<()> {
    let measured = decisions::measure(std::path::Path::new("."), seconds)?;
    let all = measured.decided + measured.refused;
    row(
        "decisions of the rules on one core, each on a case folded anew",
        format!(
            "{:.0} decisions/s ({} decided, {} refused, {} events of {} cases in {:.1} s)",
            per_second(all, measured.took),
            measured.decided,
            measured.refused,
            measured.events,
            measured.cases,
            measured.took.as_secs_f64()
        ),
        format!("SHA-256 of 600 + 70 + 65 bytes {:.0}/s on one core", limits::hashing()),
        format!("{:.2}", per_second(all, measured.took) / limits::hashing()),
    );
    Ok(())
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let path = entry?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_folder(&path, &target)?;
        } else {
            std::fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

fn per_second(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

fn row(what: &str, figure: String, limit: String, ratio: String) {
    println!("| {what} | {figure} | {limit} | {ratio} |");
}
