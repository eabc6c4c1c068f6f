//! Clock, disk, and how long ago lists were read.

use std::path::Path;

use domain::civil::Instant;
use ledger::LedgerReader;
use projections::PublicReader;

use super::{Finding, State};
use crate::setup::{READ_TABLES, TRUTH};
use crate::{configuration, disk};

/// A clock this much behind the last entry is wrong, and not merely corrected.
const CLOCK_BEHIND_SECONDS: i64 = 5;
/// Below this much room nothing sensible can be done any more.
const ROOM_MIN: u64 = 512 << 20;

pub fn look(directory: &Path, now: Instant) -> Vec<Finding> {
    let mut findings = vec![clock(directory, now)];
    findings.extend(room(directory));
    findings.extend(sources(directory, now));
    findings.extend(settings(directory));
    findings
}

/// Settings that keep the server from starting are better found while it runs.
fn settings(directory: &Path) -> Option<Finding> {
    if !directory.join(configuration::FILE).exists() {
        return None;
    }
    Some(match configuration::load(directory, None) {
        Ok(_) => Finding::good("settings", format!("{} is in order", configuration::FILE)),
        Err(error) => Finding::of(
            "settings",
            State::Wrong,
            error.to_string(),
            "correct the lines; `goodstanding serve --check` shows what would be in effect",
        ),
    })
}

fn clock(directory: &Path, now: Instant) -> Finding {
    let last = match LedgerReader::open(directory).and_then(|reader| reader.last_at()) {
        Ok(last) => last,
        Err(error) => return Finding::unknown("clock", &error),
    };
    let behind = (last.micros() - now.micros()) / 1_000_000;
    if behind <= CLOCK_BEHIND_SECONDS {
        return Finding::good("clock", format!("{now}, not before the last entry ({last})"));
    }
    Finding::of(
        "clock",
        State::Wrong,
        format!("it shows {now}, {behind} seconds before the last entry of the log ({last})"),
        "set the clock by a time service (systemd-timesyncd, chrony). Until it has caught up, new \
         entries carry the time of the last one; nothing is lost. If the last entry was made while \
         the clock ran ahead, wait: times on the log never go back",
    )
}

fn room(directory: &Path) -> Option<Finding> {
    let room = disk::room(directory)?;
    let tables = disk::database_size(&directory.join(READ_TABLES));
    let truth = disk::database_size(&directory.join(TRUTH));
    let what = format!(
        "{} free of {}; truth.db {}, read.db {}",
        disk::bytes(room.free),
        disk::bytes(room.total),
        disk::bytes(truth),
        disk::bytes(tables)
    );
    // A rebuild makes a second set of read tables before it drops the first.
    let needed = tables.saturating_add(ROOM_MIN);
    if room.free >= needed {
        return Some(Finding::good("disk", what));
    }
    let state = if room.free < ROOM_MIN { State::Wrong } else { State::Attention };
    let advice = format!(
        "make room: {} are needed for a rebuild and to go on writing. What was acknowledged is \
         safe; an import that finds the disk full stops and can be run again",
        disk::bytes(needed)
    );
    Some(Finding::of("disk", state, what, advice))
}

/// Lists that were not read again in time and count no more.
fn sources(directory: &Path, now: Instant) -> Option<Finding> {
    let asked = || -> Result<_, Box<dyn std::error::Error>> {
        let ledger = LedgerReader::open(directory)?;
        let public = PublicReader::open(&directory.join(READ_TABLES), ledger.mac_key()?)?;
        Ok(public.sources(&ledger, now)?)
    };
    // Tables that cannot be read are told by their own check.
    let sources = asked().ok()?;
    let late: Vec<String> = sources
        .iter()
        .filter(|source| !source.current)
        .map(|source| match source.last_read {
            Some(day) => format!("{} (read on {day})", source.list),
            None => source.list.to_string(),
        })
        .collect();
    if late.is_empty() {
        return Some(Finding::good("lists", format!("{} read, all current", sources.len())));
    }
    Some(Finding::of(
        "lists",
        State::Attention,
        format!("not read again in time, so they count no more: {}", late.join(", ")),
        "import their newest files, or have `goodstanding source refresh` do it",
    ))
}
