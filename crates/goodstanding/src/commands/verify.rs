//! `verify`: true, false, or could not tell.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use domain::civil::Instant;
use ledger::note::{Checkpoint, Vkey};
use ledger::verify::{
    DirectoryLog, EarlierLook, FetchError, KeySource, Options, Outcome, ReceiptCheck, RemoteLog,
    Report, verify_receipt,
};
use serde_json::{Value, json};

use super::Context;
use crate::cases::receipt;
use crate::clock::{Clock, SystemClock};
use crate::output::{Exit, Failure, chain, thousands};
use crate::setup::TRUTH;
use crate::signed_answer;
use crate::verification::{self, watched};

const EXAMPLES: &str = "\
Examples:
  goodstanding verify ./goodstanding-data
  goodstanding verify https://registry.example.org --vkey 'registry.example.org/log+1a2b3c4d+AX...'
  goodstanding verify https://registry.example.org --since checkpoint-of-last-month
  goodstanding verify receipt.json --vkey '...'
  goodstanding verify answer.txt --vkey 'registry.example.org/log/answers+5e6f7a8b+AX...'
  goodstanding verify record.tlog-proof --entry entry.bin --opening opening.txt --vkey '...'

Every entry is hashed into the tree the signed checkpoint names, every opening against its
commitment; announced withheld, erased and sealed entries are counted. With --since the log must
continue that checkpoint. Without --vkey the key is taken from the log itself: that shows that the
log agrees with itself, not whose it is. A signed answer of `consult --receipt` needs the key for
answers, and cannot be told once its time is over. Exit 0 true, 1 false, 2 could not tell.";

/// How long one file of a remote log may take.
const FETCH_TIMEOUT: Duration = Duration::from_secs(30);
/// Largest file of a remote log: a payload bundle of 256 openings of 60 KiB and their disclosures.
const FETCH_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Arguments of `verify`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Directory of a registry or an export, address of a registry or its log, a receipt, a
    /// .tlog-proof file or a signed answer
    #[arg(value_name = "FILE|DIR|URL")]
    target: String,
    /// The key you trust, as `goodstanding key show` prints it
    #[arg(long, value_name = "KEY", value_parser = vkey)]
    vkey: Option<Vkey>,
    /// File with a checkpoint seen earlier, which the log must continue
    #[arg(long, value_name = "CHECKPOINT")]
    since: Option<PathBuf>,
    /// What an earlier run printed with --json: tells an old gap in the openings from a young one
    #[arg(long, value_name = "REPORT")]
    earlier: Option<PathBuf>,
    /// For a .tlog-proof file: the bytes of the entry, where the proof does not carry them
    #[arg(long, value_name = "FILE")]
    entry: Option<PathBuf>,
    /// For a .tlog-proof file: the line of the payload bundle that opens the entry
    #[arg(long, value_name = "FILE")]
    opening: Option<PathBuf>,
}

fn vkey(text: &str) -> Result<Vkey, String> {
    Vkey::parse(text.trim()).map_err(|error| {
        format!("not a verification key ({error}); give the whole line `name+id+key`")
    })
}

/// Runs `verify`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let since = arguments.since.as_deref().map(read_checkpoint).transpose()?;
    let options = Options {
        vkey: arguments.vkey.clone(),
        since,
        earlier: arguments.earlier.as_deref().map(read_earlier).transpose()?,
        now: SystemClock.now(),
        threads: std::thread::available_parallelism().map_or(2, usize::from),
    };
    let path = Path::new(&arguments.target);
    let report = if is_url(&arguments.target)? {
        verify_url(&arguments.target, &options)?
    } else if path.is_file() {
        return verify_proof(path, arguments, context);
    } else if path.join(TRUTH).is_file() {
        verification::registry(path, &options)
    } else {
        let folder = log_folder(path)?;
        let log = DirectoryLog::new(&folder);
        watched(&log, &|| log.payloads(), &options)
    };
    context.format.result(&describe(&report, options.now), &to_text(&report, &arguments.target));
    Ok(exit_of(&report.outcome))
}

fn exit_of(outcome: &Outcome) -> Exit {
    match outcome {
        Outcome::True => Exit::Done,
        Outcome::False(_) => Exit::Refused,
        Outcome::CouldNotTell(_) => Exit::CouldNot,
    }
}

fn read_text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))
}

/// When an earlier run looked, and what it found missing.
fn read_earlier(path: &Path) -> Result<EarlierLook, Failure> {
    let look = || -> Option<EarlierLook> {
        let report: Value = serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()?;
        let at = report.get("at")?.as_str()?.parse().ok()?;
        let gaps = report.get("gaps")?.as_array()?.iter();
        let gaps = gaps
            .map(|gap| Some((gap.get(0)?.as_u64()?, gap.get(1)?.as_u64()?)))
            .collect::<Option<_>>()?;
        Some(EarlierLook { at, gaps })
    };
    look().ok_or_else(|| {
        Failure::could_not(format_args!(
            "`{}` is no report; give the file that `goodstanding verify --json` wrote earlier",
            path.display()
        ))
    })
}

/// A file with a signed checkpoint; whether its signature holds is for the verification to say.
fn read_checkpoint(path: &Path) -> Result<String, Failure> {
    let note = read_text(path)?;
    let text = note.split_once("\n\n").map(|(text, _)| format!("{text}\n"));
    match text.as_deref().map(Checkpoint::parse) {
        Some(Ok(_)) => Ok(note),
        _ => Err(Failure::could_not(format_args!(
            "`{}` is no checkpoint; give the file `checkpoint` of an earlier day, as the log served it",
            path.display()
        ))),
    }
}

fn is_url(target: &str) -> Result<bool, Failure> {
    match target.split_once("://") {
        None => Ok(false),
        Some(("http" | "https", _)) => Ok(true),
        Some((scheme, _)) => Err(Failure::could_not(format_args!(
            "`{scheme}` addresses cannot be read; give http or https, or a folder"
        ))),
    }
}

/// The folder of an export that holds `checkpoint`.
fn log_folder(path: &Path) -> Result<PathBuf, Failure> {
    [path.to_owned(), path.join("log")]
        .into_iter()
        .find(|folder| folder.join("checkpoint").is_file())
        .ok_or_else(|| {
            Failure::could_not(format_args!(
                "`{}` holds neither a registry nor a log; give the folder of one, an address, or a .tlog-proof file",
                path.display()
            ))
        })
}

fn verify_url(target: &str, options: &Options) -> Result<Report, Failure> {
    let log = remote_log(target)?;
    Ok(watched(&log, &|| log.payloads(), options))
}

type Fetched = Result<Option<Vec<u8>>, FetchError>;

/// The log published at an address: that of a registry, or of its folder `log`.
pub(super) fn remote_log(
    target: &str,
) -> Result<RemoteLog<impl Fn(&str) -> Fetched + Sync>, Failure> {
    let base = target.trim_end_matches('/');
    let base = if base.ends_with("/log") { format!("{base}/") } else { format!("{base}/log/") };
    let client = reqwest::blocking::Client::builder()
        .timeout(FETCH_TIMEOUT)
        .user_agent(concat!("goodstanding/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| Failure::could_not(chain(&error)))?;
    Ok(RemoteLog::new(move |path: &str| fetch(&client, &format!("{base}{path}"))))
}

fn fetch(client: &reqwest::blocking::Client, url: &str) -> Fetched {
    use std::io::Read as _;
    let failed = |error: reqwest::Error| FetchError(chain(&error));
    let response = client.get(url).send().map_err(failed)?;
    let status = response.status();
    if status == reqwest::StatusCode::NOT_FOUND || status == reqwest::StatusCode::GONE {
        return Ok(None);
    }
    if !status.is_success() {
        return Err(FetchError(format!("the server answered {status}")));
    }
    let mut bytes = Vec::new();
    response
        .take(FETCH_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| FetchError(error.to_string()))?;
    if bytes.len() as u64 > FETCH_BYTES_MAX {
        return Err(FetchError("the file is larger than any file of a log".to_owned()));
    }
    Ok(Some(bytes))
}

fn verify_proof(path: &Path, arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let proof = read_text(path)?;
    if let Ok(value) = serde_json::from_str::<Value>(&proof)
        && receipt::is_receipt(&value)
    {
        let (outcome, checkpoint) = receipt::verify(&value, arguments.vkey.as_ref());
        return told_of_proof(&outcome, checkpoint.as_ref(), false, context);
    }
    if proof.starts_with(signed_answer::FIRST_LINE) {
        return Ok(verify_answer(&proof, arguments, context));
    }
    if !proof.starts_with("c2sp.org/tlog-proof@v1") {
        return Err(Failure::could_not(format_args!(
            "`{}` is no proof of a record (its first line is not c2sp.org/tlog-proof@v1); give a receipt, a .tlog-proof file, a folder or an address",
            path.display()
        )));
    }
    let entry = arguments
        .entry
        .as_ref()
        .map(|path| std::fs::read(path).map_err(|error| Failure::file(path, &error)))
        .transpose()?;
    let opening = arguments.opening.as_deref().map(read_text).transpose()?;
    let receipt = ReceiptCheck {
        proof: &proof,
        entry: entry.as_deref(),
        opening: opening.as_deref(),
        vkey: arguments.vkey.as_ref(),
    };
    let (outcome, checkpoint) = verify_receipt(&receipt);
    told_of_proof(&outcome, checkpoint.as_ref(), opening.is_some(), context)
}

fn told_of_proof(
    outcome: &Outcome,
    checkpoint: Option<&Checkpoint>,
    opening: bool,
    context: &Context,
) -> Result<Exit, Failure> {
    let text = proof_text(outcome, checkpoint, opening);
    let value = json!({
        "outcome": key_of(outcome),
        "reasons": outcome.reasons(),
        "origin": checkpoint.map(|checkpoint| &checkpoint.origin),
        "size": checkpoint.map(|checkpoint| checkpoint.size),
        "opening_checked": opening,
    });
    context.format.result(&value, &text);
    Ok(exit_of(outcome))
}

fn verify_answer(note: &str, arguments: &Arguments, context: &Context) -> Exit {
    let now = SystemClock.now();
    let (outcome, read) = signed_answer::verify(note, arguments.vkey.as_ref(), now);
    let words = read.as_ref().map(signed_answer::in_words).unwrap_or_default();
    let value = json!({
        "outcome": key_of(&outcome),
        "reasons": outcome.reasons(),
        "origin": read.as_ref().map(|read| &read.origin),
        "organisation": read.as_ref().map(|read| &read.organisation),
        "as_of": read.as_ref().map(|read| read.as_of.to_string()),
        "usable_until": read.as_ref().map(|read| read.usable_until.to_string()),
        "follows": read.as_ref().map(|read| &read.follows),
    });
    context.format.result(&value, &(verdict(&outcome) + &words));
    exit_of(&outcome)
}

fn proof_text(outcome: &Outcome, checkpoint: Option<&Checkpoint>, opening: bool) -> String {
    let mut text = verdict(outcome);
    if let Some(checkpoint) = checkpoint {
        let _ = writeln!(
            text,
            "The entry is in the log {} of {} entries, under a checkpoint signed by the key given.",
            checkpoint.origin,
            thousands(checkpoint.size)
        );
    }
    if outcome == &Outcome::True && !opening {
        text.push_str("Its content was not checked: give it with --opening.\n");
    }
    text
}

const fn key_of(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::True => "true",
        Outcome::False(_) => "false",
        Outcome::CouldNotTell(_) => "could_not_tell",
    }
}

fn verdict(outcome: &Outcome) -> String {
    let mut text = match outcome {
        Outcome::True => "True: every hash and signature holds.\n",
        Outcome::False(_) => "False: something does not fit.\n",
        Outcome::CouldNotTell(_) => "Could not tell: something needed is not there.\n",
    }
    .to_owned();
    for reason in outcome.reasons() {
        let _ = writeln!(text, "- {reason}");
    }
    text
}

fn describe(report: &Report, now: Instant) -> Value {
    let counts = &report.counts;
    json!({
        "at": now.to_string(),
        "outcome": key_of(&report.outcome),
        "reasons": report.outcome.reasons(),
        "origin": report.origin,
        "size": report.size,
        "root": report.root.map(|root| hex(&root)),
        "key": match report.key {
            KeySource::Given => "given",
            KeySource::FromLog => "taken from the log itself",
        },
        "counts": {
            "leaves": counts.leaves,
            "events": counts.events,
            "open": counts.open,
            "withheld": counts.withheld,
            "sealed": counts.sealed,
            "erased": counts.erased,
            "clear": counts.clear,
            "opened": counts.opened,
            "checked_tiles": counts.checked_tiles,
        },
        "gaps": report.gaps,
        "warnings": report.warnings,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn to_text(report: &Report, target: &str) -> String {
    let mut text = format!("{target}\n");
    let counts = &report.counts;
    if let Some(origin) = &report.origin {
        let _ = writeln!(text, "  log        {origin}, {} entries", thousands(report.size));
        let _ = writeln!(
            text,
            "  key        {}",
            match report.key {
                KeySource::Given => "the one given",
                KeySource::FromLog =>
                    "taken from the log itself; give the one you trust with --vkey",
            }
        );
        let lines = [
            ("hashed", counts.leaves, "entries, against the signed root"),
            ("openings", counts.opened, "against their commitments"),
            ("open", counts.open, "events"),
            ("withheld", counts.withheld, "events, announced"),
            ("sealed", counts.sealed, "events, not announced"),
            ("erased", counts.erased, "events, announced"),
            ("clear", counts.clear, "entries in the clear"),
            ("tiles", counts.checked_tiles, "against the entries"),
        ];
        for (what, count, meaning) in lines {
            let _ = writeln!(text, "  {what:<10} {} {meaning}", thousands(count));
        }
    }
    for warning in &report.warnings {
        let _ = writeln!(text, "  note: {warning}");
    }
    text.push_str(&verdict(&report.outcome));
    text
}
