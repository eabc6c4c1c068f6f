//! What lies beside the log and follows from it, or is set by the operator: packs, profiles,
//! sources, reviewers, and what `truth.db` notes beside its entries. The log is the witness.

use std::collections::BTreeMap;
use std::path::Path;

use domain::civil::Instant;
use ledger::health::{self, Told};
use policy::hash_of;

use super::{Finding, PUT_BACK, State};
use crate::output::chain;
use crate::setup::{self, InForce};
use crate::{calendars, reviewers, sources};

pub fn look(directory: &Path, now: Instant) -> Vec<Finding> {
    let mut findings = match health::told(directory) {
        Ok(told) => vec![noted(&told), texts(directory, &told)],
        Err(error) => vec![Finding::unknown("packs", &error)],
    };
    findings.extend(calendars(directory, now));
    findings.push(operators(directory));
    findings
}

/// Calendars in use that end soon: from then on an authority's steps are refused, for nobody
/// computes its days by a calendar that does not reach them. Left out where the packs cannot be
/// read, which is told already.
fn calendars(directory: &Path, now: Instant) -> Option<Finding> {
    let packs = setup::load_packs(directory).ok()?;
    let ending: Vec<String> = calendars::in_use(&packs)
        .into_iter()
        .filter(|calendar| calendars::days_left(calendar, now) < calendars::SOON_DAYS)
        .map(|calendar| format!("`{}` ends on {}", calendar.id, calendar.until))
        .collect();
    if ending.is_empty() {
        return Some(Finding::good("calendars", "every calendar in use reaches far enough"));
    }
    Some(Finding::of(
        "calendars",
        State::Attention,
        ending.join("; "),
        "adopt a pack with the working days of the next year (`goodstanding policy adopt FOLDER`): \
         beyond its end steps of authorities are refused (747)",
    ))
}

/// Rows beside the entries.
fn noted(told: &Told) -> Finding {
    if told.faults.is_empty() {
        return Finding::good("notes", "what truth.db notes beside its entries fits them");
    }
    let what = format!("truth.db: {}", told.faults.join("; "));
    Finding::of("notes", State::Wrong, what, PUT_BACK)
}

/// Packs and profiles in force are those that the log names, and their texts have their hashes.
fn texts(directory: &Path, told: &Told) -> Finding {
    let in_force = match setup::in_force(directory) {
        Ok(in_force) => in_force,
        Err(error) => return damaged(chain(&error)),
    };
    let InForce { packs, profiles } = &in_force;
    let mut differing = differing(packs, &told.packs);
    differing.extend(self::differing(profiles, &told.profiles));
    if !differing.is_empty() {
        return Finding::of(
            "packs",
            State::Wrong,
            format!("in force otherwise than the log says: {}", differing.join(", ")),
            "if adopting was interrupted, adopt again with `goodstanding profile adopt FILE` or \
             `goodstanding policy adopt FOLDER`; else put the folders `packs` and `profiles` back from a backup",
        );
    }
    // Older versions too: records and cases of their time rest on them.
    for (name, hash) in &told.versions {
        let files = setup::pack_files_under(&setup::pack_folder(directory, hash));
        match files.map(|files| hash_of(&files)) {
            Ok(found) if found == *hash => {}
            Ok(_) => {
                return damaged(format!("a version of `{name}` was changed after it was adopted"));
            }
            Err(error) => return damaged(chain(&error)),
        }
    }
    let loaded = setup::load_packs(directory)
        .and_then(|packs| setup::load_profiles(directory, &packs).map(|profiles| profiles.len()));
    match loaded {
        Ok(_) => Finding::good(
            "packs",
            format!(
                "{} packs in {} versions and {} profiles as the log names them",
                packs.len(),
                told.versions.len(),
                profiles.len()
            ),
        ),
        Err(error) => damaged(chain(&error)),
    }
}

fn damaged(what: String) -> Finding {
    let advice = "put the folders `packs` and `profiles` back from a backup";
    Finding::of("packs", State::Wrong, what, advice)
}

fn differing(there: &BTreeMap<String, String>, told: &BTreeMap<String, String>) -> Vec<String> {
    let names = there.keys().chain(told.keys()).collect::<std::collections::BTreeSet<_>>();
    names.into_iter().filter(|name| there.get(*name) != told.get(*name)).cloned().collect()
}

/// What the operator set by hand or by command.
fn operators(directory: &Path) -> Finding {
    let sources = sources::load(directory).map_err(|error| chain(&error));
    let reviewers = reviewers::load(directory).map_err(|error| chain(&error));
    match (sources, reviewers) {
        (Ok(sources), Ok(reviewers)) => Finding::good(
            "operator",
            format!("{} sources and {} reviewers are named", sources.len(), reviewers.len()),
        ),
        (sources, reviewers) => {
            let what = [sources.err(), reviewers.err()].into_iter().flatten();
            let advice = "correct the file by hand, or put it back from a backup";
            Finding::of("operator", State::Wrong, what.collect::<Vec<_>>().join("; "), advice)
        }
    }
}
