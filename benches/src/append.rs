//! Append through the API: an authority with many clients hands in new records, each batch
//! prepared, signed and committed, while the server proves what it did.
//!
//! Open loop: batches are due at fixed instants, whether the last ones were answered or not, and
//! every time is measured from the instant at which a batch was due. A server that cannot keep up
//! shows it as a growing time, not as fewer requests.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use domain::adoption::{AuthorityKeyRegistered, ReviewerPair, key_name};
use domain::authority::AuthorityKey;
use domain::case::AccountHandle;
use domain::event::EventBody;
use domain::identity::ReviewerHandle;
use goodstanding::cases::Desk;
use goodstanding::cases::remote::{Party, Remote};
use goodstanding::clock::{Clock, SystemClock};
use goodstanding::setup::{self, NewRegistry, Purpose};
use goodstanding::{reviewers, shipped};
use ledger::SystemEntropy;
use ledger::note::SignerKey;
use policy::PackFile;
use serde_json::{Value, json};

use crate::{limits, row};

/// What is asked of the server.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// For how long.
    pub time: Duration,
    /// Clients, each with a connection of its own.
    pub clients: u64,
    /// Records of a batch.
    pub batch: u64,
    /// Events a second that are due, from all clients together.
    pub events_per_second: u64,
}

const AUTHORITY: &str = "demo.environment-bureau";
const LISTEN: &str = "127.0.0.1:18089";
/// A record of a hosted case is its submission and the check of it; a batch is about one
/// organisation the registry did not know, which are two more.
const EVENTS_PER_RECORD: u64 = 2;
const EVENTS_PER_BATCH: u64 = 2;

/// Measures one load against a new registry below `folder`.
pub fn measure(program: &Path, folder: &Path, load: Load) -> anyhow::Result<()> {
    let registry = folder.join(format!("append-{}", load.batch));
    ensure!(!registry.exists(), "`{}` exists; give an empty folder", registry.display());
    std::fs::create_dir_all(folder)?;
    let key = create(&registry).context("creating the registry")?;
    let log = File::create(folder.join("append.log"))?;
    let mut server = Command::new(program)
        .args(["serve", "--proceedings", "--listen", LISTEN, "--dir"])
        .arg(&registry)
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .context("starting the server")?;
    let measured = (|| {
        crate::http::wait_until_ready(LISTEN, Duration::from_secs(60))?;
        run(&key, load)
    })();
    server.kill()?;
    server.wait()?;
    let measured = measured?;
    let truth = rusqlite::Connection::open(registry.join("truth.db"))?;
    let commits: i64 = truth.query_row("SELECT count(*) FROM checkpoint", [], |row| row.get(0))?;
    let flush = limits::flush(folder)?;
    let events = measured.batches * EVENTS_PER_BATCH + measured.records * EVENTS_PER_RECORD;
    row(
        &format!(
            "append through the API, batches of {}, {} open-loop clients, {} s, {} events/s due",
            load.batch,
            load.clients,
            load.time.as_secs(),
            load.events_per_second
        ),
        format!(
            "{:.0} events/s, receipt p50 {:.0} ms, p99 {:.0} ms from the instant it was due \
             ({:.0} and {:.0} ms from being sent); {} batches failed",
            events as f64 / measured.took.as_secs_f64(),
            quantile(&measured.due, 0.5),
            quantile(&measured.due, 0.99),
            quantile(&measured.sent, 0.5),
            quantile(&measured.sent, 0.99),
            measured.failed,
        ),
        format!("8 KiB write + fdatasync {:.2} ms", flush.as_secs_f64() * 1000.0),
        format!("{commits} commits"),
    );
    Ok(())
}

#[derive(Default)]
struct Measured {
    batches: u64,
    records: u64,
    failed: u64,
    took: Duration,
    /// Milliseconds from the instant a batch was due to its receipts.
    due: Vec<f64>,
    /// Milliseconds from handing it in, prepared and signed, to its receipts.
    sent: Vec<f64>,
}

fn quantile(times: &[f64], share: f64) -> f64 {
    let at = (times.len().saturating_sub(1) as f64 * share) as usize;
    times.get(at).copied().unwrap_or(f64::NAN)
}

fn run(key: &SignerKey, load: Load) -> anyhow::Result<Measured> {
    let events = load.batch * EVENTS_PER_RECORD + EVENTS_PER_BATCH;
    let between = Duration::from_secs_f64(events as f64 / load.events_per_second as f64);
    let (next, begun) = (AtomicU64::new(0), Instant::now());
    let parts: Vec<anyhow::Result<Measured>> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..load.clients)
            .map(|_| scope.spawn(|| client(key, load, between, &next, begun)))
            .collect();
        let died = || Err(anyhow::anyhow!("a client died"));
        clients.into_iter().map(|client| client.join().unwrap_or_else(|_| died())).collect()
    });
    let mut sum = Measured { took: begun.elapsed(), ..Measured::default() };
    for part in parts {
        let part = part?;
        sum.batches += part.batches;
        sum.records += part.records;
        sum.failed += part.failed;
        sum.due.extend(part.due);
        sum.sent.extend(part.sent);
    }
    sum.due.sort_by(f64::total_cmp);
    sum.sent.sort_by(f64::total_cmp);
    Ok(sum)
}

fn client(
    key: &SignerKey,
    load: Load,
    between: Duration,
    next: &AtomicU64,
    begun: Instant,
) -> anyhow::Result<Measured> {
    let remote = Remote::open(&format!("http://{LISTEN}"))?.with_tries(1);
    let mut measured = Measured::default();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let due = between.mul_f64(number as f64);
        if due > load.time {
            return Ok(measured);
        }
        if let Some(wait) = due.checked_sub(begun.elapsed()) {
            std::thread::sleep(wait);
        }
        let items: Vec<Value> =
            (0..load.batch).map(|at| json!({ "submit": record(number, at) })).collect();
        let prepared = remote.prepare(&items, key);
        let sent = Instant::now();
        let answered = prepared.and_then(|(_, signed)| {
            let bodies: Vec<&Value> = signed.iter().map(|item| &item.body).collect();
            remote.hand_in(&json!({ "items": bodies }), &Party::Key(key))
        });
        let receipts = answered.map(|answer| {
            let items = answer.get("items").and_then(Value::as_array).map(Vec::as_slice);
            items.unwrap_or_default().iter().filter(|item| item.get("receipt").is_some()).count()
        });
        match receipts {
            Ok(receipts) if receipts as u64 == load.batch => {
                measured.batches += 1;
                measured.records += load.batch;
                measured.due.push((begun.elapsed().saturating_sub(due)).as_secs_f64() * 1000.0);
                measured.sent.push(sent.elapsed().as_secs_f64() * 1000.0);
            }
            _ => measured.failed += 1,
        }
    }
}

fn record(batch: u64, at: u64) -> Value {
    json!({
        "subject": {
            "identifier": format!("lei:{}", lei(batch)), "name": "Fictional Tannery Ltd",
            "kind": "enterprise", "country": "ZZ",
        },
        "entry": "demo.penalty-environment", "territory": "demo", "mode": "hosted",
        "grounds": ["environment"], "procedure": "ordinary",
        "case_number": format!("EB {batch}/{at}"),
        // Each about a day of its own: one act is put on record once.
        "conduct": {"from": day(at), "to": day(at)},
        "fields": {"sanction": "a fine"},
    })
}

fn day(at: u64) -> String {
    format!("202{}-{:02}-{:02}", 1 + at / 336 % 5, 1 + at / 28 % 12, 1 + at % 28)
}

/// A legal entity identifier with right check digits, made from a number.
fn lei(seed: u64) -> String {
    let base = format!("TEST00BENCH{:07}", seed % 10_000_000);
    let digits = base.chars().filter_map(|c| c.to_digit(36)).fold(0_u64, |rest, digit| {
        let digit = u64::from(digit);
        (rest * if digit < 10 { 10 } else { 100 } + digit) % 97
    });
    format!("{base}{:02}", 98 - digits * 100 % 97)
}

/// A registry of the invented jurisdiction with one account.
fn create(directory: &Path) -> anyhow::Result<SignerKey> {
    let invented = shipped::demo().into_iter().filter_map(|file| {
        let path = file.path.strip_prefix("packs/")?.to_owned();
        Some(PackFile { path, text: file.text })
    });
    let packs: Vec<PackFile> = shipped::packs().into_iter().chain(invented).collect();
    let new = NewRegistry {
        directory,
        origin: "bench.example/append",
        packs: &packs,
        profiles: &[],
        purpose: Purpose::Demonstration("a measurement"),
    };
    setup::create(&new, SystemClock.now(), Box::new(SystemEntropy))?;
    let handle = |text| ReviewerHandle::new(text).context("a handle");
    let (first, second) = (handle("registrar-1")?, handle("registrar-2")?);
    reviewers::save(directory, &[first.clone(), second.clone()].into())?;
    let authority = AuthorityKey::new(AUTHORITY).context("an authority")?;
    let account = AccountHandle::new("officer-1").context("an account")?;
    let key = SignerKey::generate(&mut SystemEntropy, &key_name(&authority, &account))?;
    let by = ReviewerPair::new(first, second).context("two reviewers")?;
    let vkey = key.vkey().to_string();
    let packs = setup::load_packs(directory)?;
    let registered = AuthorityKeyRegistered { authority, account, vkey, by };
    Desk::open(directory, &packs, &SystemClock)?
        .adopt(EventBody::AuthorityKeyRegistered(registered))?;
    Ok(key)
}
