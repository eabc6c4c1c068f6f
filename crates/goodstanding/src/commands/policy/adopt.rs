//! `policy adopt` and `policy list`: which versions of packs stand, by whose act, and what waits.

use std::fmt::Write as _;
use std::path::Path;

use domain::refusal::{Language, Problem, Refusal};
use policy::{Change, Waiting};
use serde_json::{Value, json};

use super::super::{Context, authority};
use super::changes_json;
use crate::adoption::{self, Candidate, CandidateError, Changed};
use crate::cases::Desk;
use crate::clock::SystemClock;
use crate::laws::{Adopted, Laws};
use crate::output::{Exit, Failure, thousands};
use crate::setup;
use crate::standing;

/// A failure to read packs, as the command line tells it.
pub fn failed(error: CandidateError) -> Failure {
    match error {
        CandidateError::Refused(problem) => Failure::refused(problem),
        CandidateError::Setup(error) => error.into(),
    }
}

/// What is adopted, by whom, and what was read before.
pub struct Asked<'a> {
    /// The folder of the packs.
    pub folder: &'a Path,
    /// Who adopts them.
    pub pair: &'a authority::Pair,
    /// Hashes of what was read before; empty where nobody says.
    pub hashes: &'a [String],
    /// Whether records are withdrawn whose entry or ground is dropped.
    pub withdraw: bool,
    /// Whether nothing is to be written.
    pub is_trial: bool,
}

/// Runs `policy adopt`.
pub fn adopt(asked: &Asked<'_>, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let packs = setup::load_packs(&directory)?;
    let mut desk = Desk::open(&directory, &packs, &SystemClock).map_err(authority::failed)?;
    let by = authority::pair(asked.pair, &desk)?;
    let candidate = adoption::candidate(&directory, asked.folder, &packs, desk.laws());
    let candidate = candidate.map_err(failed)?;
    check_hashes(&candidate, asked.hashes)?;
    let now = desk.now().map_err(authority::failed)?;
    let (told, in_use_from, concerned) = if asked.is_trial {
        let until = adoption::in_use_from(&candidate.changed, &desk.in_use(now), now);
        let until = until.map_err(Failure::refused)?;
        let laws = desk.laws().with(&candidate.packs, now, until);
        let concerned = standing::concerned(desk.view(), &laws, &candidate, now);
        (None, until, concerned.map_err(authority::failed)?)
    } else {
        let told = adoption::adopt(&mut desk, &candidate, &by, asked.withdraw);
        let told = told.map_err(authority::failed)?;
        (Some((told.position, told.at)), told.in_use_from, told.concerned)
    };
    let waiting = desk.laws().with(&candidate.packs, now, in_use_from).at(now).waiting.clone();
    let mut text = candidate_text(&candidate);
    let _ = match told {
        Some((position, at)) => writeln!(
            text,
            "Adopted at {at} by {} and {}, entry {} of the log.",
            asked.pair.by,
            asked.pair.and,
            thousands(position)
        ),
        None => writeln!(text, "Nothing was written: this was a trial."),
    };
    text.push_str(&concerned.to_text());
    text.push_str(&waiting_text(&waiting));
    let value = json!({
        "records": concerned.to_json(),
        "packs": candidate.changed.iter().map(changed_json).collect::<Vec<_>>(),
        "changes": changes_json(&candidate.changes),
        "by": [asked.pair.by, asked.pair.and],
        "adopted": told.is_some(),
        "position": told.map(|(position, _)| position),
        "at": told.map(|(_, at)| at.to_string()),
        "in_use_from": in_use_from.to_string(),
        "waiting": waiting.iter().map(waiting_json).collect::<Vec<_>>(),
    });
    context.format.result(&value, &text);
    Ok(Exit::Done)
}

/// Where hashes are given, every pack that changes is one of them: what two people read is what is
/// adopted.
fn check_hashes(candidate: &Candidate, hashes: &[String]) -> Result<(), Failure> {
    let other = |pack: &&Changed| !hashes.contains(&pack.hash);
    match candidate.changed.iter().find(other).filter(|_| !hashes.is_empty()) {
        Some(pack) => {
            let detail = format!("{} {}", pack.name, pack.hash);
            let problem = Problem::of_input(Refusal::PackHashOther);
            Err(Failure::refused(problem.with_detail(detail)))
        }
        None => Ok(()),
    }
}

/// Which packs change and how, a line each.
pub fn candidate_text(candidate: &Candidate) -> String {
    let mut text = String::new();
    for pack in &candidate.changed {
        let before = pack
            .before
            .as_ref()
            .map_or("new here".to_owned(), |(version, _)| format!("before: {version}"));
        let _ = writeln!(text, "{}  {} ({before})  {}", pack.name, pack.version, pack.hash);
    }
    for change in &candidate.changes {
        let _ = writeln!(text, "{}", Change::text(change, Language::En));
    }
    text
}

/// A pack that changes, for programs.
pub fn changed_json(pack: &Changed) -> Value {
    json!({
        "name": pack.name,
        "version": pack.version,
        "hash": pack.hash,
        "before": pack.before.as_ref().map(|(version, hash)| {
            json!({ "version": version, "hash": hash })
        }),
    })
}

fn waiting_text(waiting: &[Waiting]) -> String {
    if waiting.is_empty() {
        return "Nothing waits: all of it may be used.\n".to_owned();
    }
    let mut text = "Waits, because it is heavier for organisations:\n".to_owned();
    for it in waiting {
        let _ = writeln!(text, "  {}", it.text(Language::En));
    }
    text
}

fn waiting_json(waiting: &Waiting) -> Value {
    json!({
        "of": waiting.of.key(),
        "id": waiting.id,
        "until": waiting.until.to_string(),
        "is_new": waiting.is_new,
        "en": waiting.text(Language::En),
        "zh": waiting.text(Language::Zh),
    })
}

/// Runs `policy list`.
pub fn list(context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let registry = super::open(&directory)?;
    let laws = registry.laws()?;
    let waiting = laws.at(registry.now()).waiting.clone();
    let (mut text, mut values) = (String::new(), Vec::new());
    for pack in registry.packs().packs() {
        let _ = writeln!(text, "{}  {}  {}", pack.name, pack.version, pack.hash);
        let versions: Vec<&Adopted> =
            laws.adopted().iter().filter(|one| one.pack == pack.name).collect();
        for one in versions.iter().rev() {
            let _ = writeln!(text, "  {}", adopted_text(one, &laws));
        }
        if laws.check_adopted(&pack.name).is_err() {
            text.push_str("  not adopted: nothing may rest on it\n");
        }
        values.push(json!({
            "name": pack.name,
            "version": pack.version,
            "hash": pack.hash,
            "adopted": laws.check_adopted(&pack.name).is_ok(),
            "versions": versions.iter().map(|one| adopted_json(one, &laws)).collect::<Vec<_>>(),
        }));
    }
    text.push_str(&waiting_text(&waiting));
    let waiting: Vec<Value> = waiting.iter().map(waiting_json).collect();
    context.format.result(&json!({ "packs": values, "waiting": waiting }), &text);
    Ok(Exit::Done)
}

fn version<'a>(one: &Adopted, laws: &'a Laws) -> &'a str {
    laws.info(&one.pack, &one.hash).map_or("?", |info| info.version.as_str())
}

fn adopted_text(one: &Adopted, laws: &Laws) -> String {
    let version = version(one, laws);
    let entry = thousands(one.position);
    match &one.act {
        None => format!("{version} since the registry began, entry {entry} of the log"),
        Some(act) => {
            let [first, second] = &act.by;
            format!("{version} since {}, by {first} and {second}, entry {entry} of the log", act.at)
        }
    }
}

fn adopted_json(one: &Adopted, laws: &Laws) -> Value {
    json!({
        "version": version(one, laws),
        "hash": one.hash,
        "position": one.position,
        "since": one.act.as_ref().map(|act| act.at.to_string()),
        "in_use_from": one.act.as_ref().map(|act| act.in_use_from.to_string()),
        "by": one.act.as_ref().map(|act| act.by.clone()),
    })
}
