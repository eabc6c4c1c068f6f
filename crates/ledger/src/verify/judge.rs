//! What was seen against what was announced (spec/wire.md, "Life of an opening").

use domain::civil::Instant;

use super::bundle::Seen;
use super::fold::{Announced, Fold};
use super::opening::At;
use super::report::Report;
use super::{ANNOUNCED_WITHIN_HOURS, Options};
use crate::note::Vkey;
use crate::tiles::FULL_WIDTH;

/// Judges every position, counts, and lists the gaps.
pub(super) fn judge(fold: &mut Fold, options: &Options, key: &Vkey, report: &mut Report) {
    judge_erasures(fold);
    judge_fields(fold, options);
    let key = key.to_string();
    if !fold.log_keys.is_empty() && !fold.log_keys.contains(&key) {
        fold.findings.refute("no `key` entry of the log names the key that signed the checkpoint");
    }
    let mut gaps = Vec::new();
    let states: Vec<(Seen, Announced)> =
        fold.seen.iter().copied().zip(fold.announced.iter().copied()).collect();
    for (position, (seen, announced)) in (0_u64..).zip(states) {
        count(fold, seen, announced);
        match (seen, announced) {
            (Seen::Sealed, Announced::Open) => fold.findings.refute(format!(
                "position {position} is said to be sealed, but an entry has opened it"
            )),
            (Seen::Withheld, Announced::Open) | (Seen::Destroyed, _)
                if announced != Announced::Erased =>
            {
                gaps.push(position);
                judge_gap(fold, options, position, seen);
            }
            (Seen::Opened, Announced::Erased) => fold
                .findings
                .warn(format!("position {position} was erased, but its opening is still there")),
            _ => {}
        }
    }
    report.gaps = ranges(gaps);
}

fn count(fold: &mut Fold, seen: Seen, announced: Announced) {
    let counts = &mut fold.counts;
    match seen {
        Seen::Nothing => return,
        Seen::Clear => {
            counts.clear += 1;
            return;
        }
        Seen::Opened => counts.opened += 1,
        _ => {}
    }
    counts.events += 1;
    match announced {
        Announced::Sealed => counts.sealed += 1,
        Announced::Open => counts.open += 1,
        Announced::Withheld => counts.withheld += 1,
        Announced::Erased => counts.erased += 1,
    }
}

/// A line may say "erased" only with the entry that did it.
fn judge_erasures(fold: &mut Fold) {
    for (position, by) in std::mem::take(&mut fold.erased) {
        let at = usize::try_from(position).unwrap_or(usize::MAX);
        let named = fold.announced.get(at) == Some(&Announced::Erased)
            && fold.announced_by.get(at) == Some(&by)
            && fold.erasures.contains(&by);
        if !named {
            fold.findings.refute(format!(
                "position {position} is said to be erased, but entry {by} does not name it"
            ));
        }
    }
}

/// A public field is there, or an entry says that it is withheld or erased.
fn judge_fields(fold: &mut Fold, options: &Options) {
    for missing in std::mem::take(&mut fold.missing) {
        if fold.fields.contains(&missing) {
            continue;
        }
        let (position, field) = missing;
        if young(fold, options, position) {
            fold.findings.doubt(format!(
                "position {position}: the field `{field}` is missing and no entry names it yet"
            ));
        } else {
            fold.findings.refute(format!(
                "position {position}: the field `{field}` is missing and no entry names it"
            ));
        }
    }
}

/// An opening is missing without an entry. The entry follows within 24 hours, and one look cannot
/// tell since when the opening has been missing: a line `withheld` may be minutes old. It is called
/// false when an earlier look, long enough ago, saw the same gap; or when the content was destroyed
/// and the event is old enough.
fn judge_gap(fold: &mut Fold, options: &Options, position: u64, seen: Seen) {
    let seen_before = options.earlier.as_ref().is_some_and(|earlier| {
        let old = earlier.at.plus_hours(ANNOUNCED_WITHIN_HOURS) < options.now;
        old && earlier.gaps.iter().any(|(first, last)| (*first..=*last).contains(&position))
    });
    if seen_before {
        fold.findings.refute(format!(
            "position {position}: its opening has been missing for more than {ANNOUNCED_WITHIN_HOURS} hours and no entry names it"
        ));
    } else if seen == Seen::Destroyed && !young(fold, options, position) {
        fold.findings
            .refute(format!("position {position}: its opening is lost and no entry names it"));
    } else {
        fold.findings.doubt(format!(
            "position {position}: its opening is missing and no entry names it yet; one must follow within {ANNOUNCED_WITHIN_HOURS} hours"
        ));
    }
}

/// Whether what the log last said about `position` is less than 24 hours old, by the last time
/// known in the bundle of that entry (or of the event itself).
fn young(fold: &Fold, options: &Options, position: u64) -> bool {
    let at = usize::try_from(position).unwrap_or(usize::MAX);
    let told = fold.announced_by.get(at).copied().unwrap_or_default().max(position);
    let bundle = usize::try_from(told / u64::from(FULL_WIDTH)).unwrap_or(usize::MAX);
    let last_known = fold.times.get(bundle).copied().flatten();
    match last_known.as_ref().and_then(instant) {
        Some(time) => options.now <= time.plus_hours(ANNOUNCED_WITHIN_HOURS),
        // Without any time in the log nothing can be called old.
        None => true,
    }
}

fn instant(at: &At) -> Option<Instant> {
    std::str::from_utf8(at).ok()?.parse().ok()
}

/// Positions in rising order as inclusive ranges.
fn ranges(positions: Vec<u64>) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for position in positions {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == position => *last = position,
            _ => ranges.push((position, position)),
        }
    }
    ranges
}
