//! Checking a whole log from the outside: signature, tree, tiles, entries, openings, announcements.
//!
//! The rules are those of `spec/wire.md`, section 9 ("Verification"). Three answers exist: *true*
//! (everything that can be hashed was hashed and fits), *false* (something does not fit), and
//! *could not tell* (a file is missing, or a gap is too young to be called one). False beats
//! "could not tell", which beats true.

mod acts;
mod bundle;
mod directory;
mod fold;
mod judge;
mod opening;
mod proof;
mod remote;
mod report;

pub use directory::DirectoryLog;
pub use opening::{BundleLines, Content, PayloadItem};
pub use proof::{ReceiptCheck, verify_receipt};
pub use remote::RemoteLog;
pub use report::{Counts, EarlierLook, KeySource, Outcome, Report};

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;

use domain::civil::Instant;

use crate::format::FormatError;
use crate::merkle::verify_consistency;
use crate::note::{Checkpoint, Vkey};
use crate::tiles::FULL_WIDTH;
use bundle::Checker;
use fold::Fold;
use report::Findings;

/// How long an opening may be missing before an entry must name it (design 3).
pub const ANNOUNCED_WITHIN_HOURS: i64 = 24;

/// A file of the log could not be had for a reason other than not being there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FetchError(pub String);

/// The static files of a log, by their path below `/log/`.
pub trait LogSource: Sync {
    /// Bytes of the file, `None` when there is none.
    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, FetchError>;
}

/// Where openings come from. One is opened for each thread.
pub trait PayloadSource {
    /// Hands every position of `first..first + count`, in order, to `each`. Returns `false` when
    /// the openings of this range are not there as a whole (a missing file).
    fn items(
        &mut self,
        first: u64,
        count: u16,
        each: &mut dyn FnMut(PayloadItem<'_>),
    ) -> Result<bool, FetchError>;
}

/// Opens one source of openings for a thread.
pub type OpenPayloads<'a> = dyn Fn() -> Result<Box<dyn PayloadSource + 'a>, FetchError> + Sync + 'a;

/// What to check against, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The key one trusts. Without it the log's own `vkey` file is used, and the report says so.
    pub vkey: Option<Vkey>,
    /// A checkpoint (signed note) seen earlier, which the log must continue.
    pub since: Option<String>,
    /// What an earlier run found missing: tells an old gap from a young one.
    pub earlier: Option<EarlierLook>,
    /// The time now.
    pub now: Instant,
    /// Threads that hash; at least one.
    pub threads: usize,
}

impl Options {
    /// Nothing given but the time: two threads.
    pub fn at(now: Instant) -> Options {
        Options { vkey: None, since: None, earlier: None, now, threads: 2 }
    }
}

/// Checks the log behind `source` with the openings behind `payloads`. `progress` hears of leaves
/// done and leaves in all.
pub fn verify(
    source: &dyn LogSource,
    payloads: &OpenPayloads<'_>,
    options: &Options,
    progress: &mut dyn FnMut(u64, u64),
) -> Report {
    let mut report = Report::new();
    let mut findings = Findings::default();
    if let Some(head) = read_head(source, options, &mut report, &mut findings) {
        check_log(source, payloads, options, &head, progress, &mut report, &mut findings);
    }
    report.conclude(findings);
    report
}

/// Everything behind a head whose signature was checked.
fn check_log(
    source: &dyn LogSource,
    payloads: &OpenPayloads<'_>,
    options: &Options,
    head: &Head,
    progress: &mut dyn FnMut(u64, u64),
    report: &mut Report,
    findings: &mut Findings,
) {
    let since = read_since(options, head, findings);
    let mut fold = Fold::new(&head.checkpoint, since.as_ref());
    check_bundles(source, payloads, options, &mut fold, progress);
    fold.finish(source);
    judge::judge(&mut fold, options, &head.key, report);
    report.counts = fold.counts;
    findings.absorb(fold.findings);
}

/// The signed head of the log and the key that signed it.
struct Head {
    key: Vkey,
    checkpoint: Checkpoint,
}

fn read_head(
    source: &dyn LogSource,
    options: &Options,
    report: &mut Report,
    findings: &mut Findings,
) -> Option<Head> {
    let own_key = read_key(source, options.vkey.is_none(), findings);
    let key = match (&options.vkey, own_key) {
        (Some(given), own) => {
            if own.is_some_and(|own| own != *given) {
                findings.refute("`vkey` of the log is not the key that was given");
            }
            report.key = KeySource::Given;
            given.clone()
        }
        (None, own) => own?,
    };
    let note = fetch_text(source, "checkpoint", findings)?;
    let checkpoint = match Checkpoint::open(&note, &key) {
        Ok(checkpoint) => checkpoint,
        Err(error) => {
            findings.refute(format!("`checkpoint`: {error}"));
            return None;
        }
    };
    report.origin = Some(checkpoint.origin.clone());
    report.size = checkpoint.size;
    report.root = Some(checkpoint.root);
    Some(Head { key, checkpoint })
}

/// The log's own key. It is needed only when none was given; a malformed one is wrong either way.
fn read_key(source: &dyn LogSource, needed: bool, findings: &mut Findings) -> Option<Vkey> {
    let mut ignored = Findings::default();
    let text = fetch_text(source, "vkey", if needed { findings } else { &mut ignored })?;
    // One key and its line end, nothing else: the file has one spelling.
    let key = text.strip_suffix('\n').ok_or(FormatError::Key("<name>+<8 hex digits>+<base64>"));
    match key.and_then(Vkey::parse) {
        Ok(key) => Some(key),
        Err(error) => {
            findings.refute(format!("`vkey`: {error}"));
            None
        }
    }
}

fn fetch_text(source: &dyn LogSource, path: &str, findings: &mut Findings) -> Option<String> {
    let bytes = fetch(source, path, findings)?;
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(_) => {
            findings.refute(format!("`{path}` is not text"));
            None
        }
    }
}

/// A file; what is missing or unreadable is noted as "could not tell".
fn fetch(source: &dyn LogSource, path: &str, findings: &mut Findings) -> Option<Vec<u8>> {
    match source.fetch(path) {
        Ok(Some(bytes)) => Some(bytes),
        Ok(None) => {
            findings.doubt(format!("`{path}` is missing"));
            None
        }
        Err(error) => {
            findings.doubt(format!("`{path}` could not be read: {error}"));
            None
        }
    }
}

/// A file that is named by its width: the full one serves as well, cut to the width. Tells how many
/// hashes, entries or lines the bytes hold.
fn fetch_wide(
    source: &dyn LogSource,
    path: impl Fn(u16) -> String,
    width: u16,
    findings: &mut Findings,
) -> Option<(Vec<u8>, u16)> {
    if width < FULL_WIDTH {
        // A log that has grown since its checkpoint was read may have dropped the partial file.
        let mut ignored = Findings::default();
        if let Some(bytes) = fetch(source, &path(width), &mut ignored) {
            return Some((bytes, width));
        }
        if let Some(bytes) = fetch(source, &path(FULL_WIDTH), &mut ignored) {
            return Some((bytes, FULL_WIDTH));
        }
    }
    fetch(source, &path(width), findings).map(|bytes| (bytes, width))
}

/// The earlier checkpoint, if it is one of this log and not larger.
fn read_since(options: &Options, head: &Head, findings: &mut Findings) -> Option<Checkpoint> {
    let note = options.since.as_ref()?;
    let since = match Checkpoint::open(note, &head.key) {
        Ok(since) => since,
        Err(error) => {
            findings.refute(format!("the earlier checkpoint: {error}"));
            return None;
        }
    };
    if since.size > head.checkpoint.size {
        findings.refute(format!(
            "the log has {} entries now; the earlier checkpoint signed {}",
            head.checkpoint.size, since.size
        ));
        return None;
    }
    let (old, new) = (&since, &head.checkpoint);
    let trivial = old.size == 0 || old.size == new.size;
    if trivial && !verify_consistency(old.size, &old.root, new.size, &new.root, &[]) {
        findings.refute("the log does not continue the earlier checkpoint");
        return None;
    }
    Some(since)
}

/// Bundles in a row that one thread takes: neighbours lie together on the disk and in the vault.
const RUN: u64 = 8;

/// Checks every bundle on `options.threads` threads and folds the results in order.
fn check_bundles(
    source: &dyn LogSource,
    payloads: &OpenPayloads<'_>,
    options: &Options,
    fold: &mut Fold,
    progress: &mut dyn FnMut(u64, u64),
) {
    let size = fold.size();
    let next = AtomicU64::new(0);
    let stop = AtomicBool::new(false);
    // Bounded, so that fast threads cannot run ahead of the fold by much.
    let (sender, receiver) = sync_channel(64);
    std::thread::scope(|scope| {
        for _ in 0..options.threads.max(1) {
            let (sender, next, stop) = (sender.clone(), &next, &stop);
            let since = fold.since_size();
            scope.spawn(move || {
                let mut checker = Checker::new(source, payloads(), size, since);
                loop {
                    let first = next.fetch_add(RUN, Ordering::Relaxed);
                    for index in first..first.saturating_add(RUN) {
                        if stop.load(Ordering::Relaxed)
                            || index * u64::from(FULL_WIDTH) >= size
                            || sender.send(checker.check(index)).is_err()
                        {
                            return;
                        }
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = std::collections::BTreeMap::new();
        for checked in receiver {
            waiting.insert(checked.index, checked);
            while let Some(checked) = waiting.remove(&fold.bundles_done()) {
                fold.take(checked);
                progress(fold.leaves_done(), size);
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
}

#[cfg(test)]
mod tests;
