//! `case --to`, `case --from`: the same at a registry elsewhere.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use domain::refusal::{Problem, Refusal};
use ledger::note::{SignerKey, Vkey};
use serde_json::{Value, json};

use super::Context;
use crate::cases::remote::{Party, Remote, RemoteError, Trust};
use crate::cases::{request, templates};
use crate::output::{Exit, Failure, note, place_and_message, problem_json};

impl From<RemoteError> for Failure {
    fn from(error: RemoteError) -> Failure {
        match error {
            RemoteError::Refused(problems) => Failure::refused_all(problems),
            other => Failure::could_not(other),
        }
    }
}

fn parsed(text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text)
        .map_err(|_| Failure::refused(Problem::of_input(Refusal::RequestUnreadable)))
}

/// Keeps a receipt, or what came back for a batch, in a file that must not exist.
fn keep(file: Option<&Path>, value: &Value) -> Result<(), Failure> {
    use std::io::Write as _;
    let Some(path) = file else { return Ok(()) };
    let written = std::fs::File::create_new(path).and_then(|mut file| {
        file.write_all(format!("{value:#}\n").as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| Failure::file(path, &error))
}

/// A registry elsewhere, and which key of it is trusted.
#[derive(Debug)]
pub struct Place<'a> {
    /// Its address.
    pub url: &'a str,
    /// The key, where it is given.
    pub vkey: Option<&'a str>,
    /// Else where the keys are kept that were seen first.
    pub known: &'a Path,
}

impl Place<'_> {
    /// The way to it, when it shows the key that is trusted.
    pub(super) fn open(&self) -> Result<Remote, Failure> {
        let vkey = self.vkey.map(|text| Vkey::parse(text.trim())).transpose();
        let vkey = vkey.map_err(|_| Failure::could_not("--vkey is no verifier key"))?;
        let trust = vkey.as_ref().map_or(Trust::FirstUse(self.known), Trust::Key);
        let (remote, is_first) = Remote::trusting(self.url, &trust)?;
        if is_first {
            note(format_args!(
                "The key of {} was not known here; it is kept in {} from now on. Compare it with \
                 what the operator publishes elsewhere: {}",
                self.url,
                self.known.display(),
                remote.vkey()
            ));
        }
        Ok(remote)
    }
}

/// Hands in the records of `files`, each read by `text_of`.
pub fn submit(
    place: &Place<'_>,
    files: &[PathBuf],
    text_of: impl Fn(&PathBuf) -> Result<String, Failure>,
    key: &SignerKey,
    receipt: Option<&Path>,
    context: &Context,
) -> Result<Exit, Failure> {
    let mut submits = Vec::with_capacity(files.len());
    for file in files {
        let text = text_of(file)?;
        // What is refused here need not travel: a text with somebody's number least of all.
        request::read(&text, None).map_err(Failure::refused_all)?;
        submits.push(parsed(&text)?);
    }
    let outcomes = place.open()?.submit(&submits, key)?;
    let mut text = String::new();
    let mut items = Vec::with_capacity(outcomes.len());
    let (mut done, mut refused) = (0_u64, 0_u64);
    for (file, outcome) in files.iter().zip(outcomes) {
        match outcome {
            Ok(receipt) => {
                done += 1;
                let _ = write!(text, "{}: {}", file.display(), told(&receipt));
                items.push(json!({ "receipt": receipt }));
            }
            Err(problems) => {
                refused += 1;
                for problem in &problems {
                    let _ = writeln!(text, "{}: {}", file.display(), place_and_message(problem));
                }
                let problems: Vec<Value> = problems.iter().map(problem_json).collect();
                items.push(json!({ "problems": problems }));
            }
        }
    }
    let value = json!({ "items": items });
    keep(receipt, &value)?;
    context.format.result(&value, &text);
    Ok(match (done, refused) {
        (_, 0) => Exit::Done,
        (0, _) => Exit::Refused,
        _ => Exit::DoneWithProblems,
    })
}

/// Takes a step.
pub fn act(
    place: &Place<'_>,
    record: &str,
    (command, text): (&str, &str),
    party: &Party<'_>,
    receipt: Option<&Path>,
    context: &Context,
) -> Result<Exit, Failure> {
    let step = templates::with_command(text, command).map_err(Failure::refused_all)?;
    let id =
        record.parse().map_err(|_| Failure::refused(Problem::of_input(Refusal::CaseUnknown)))?;
    request::read(&step, Some(id)).map_err(Failure::refused_all)?;
    let value = place.open()?.act(record, &parsed(&step)?, party)?;
    keep(receipt, &value)?;
    context.format.result(&value, &told(&value));
    Ok(Exit::Done)
}

/// Where a case stands.
pub fn show(
    place: &Place<'_>,
    record: &str,
    on: Option<&str>,
    party: &Party<'_>,
    context: &Context,
) -> Result<Exit, Failure> {
    let value = place.open()?.show(record, on, party)?;
    let word = |member: &str| value.get(member).and_then(Value::as_str).unwrap_or_default();
    let mut text = format!(
        "record        {}\nabout         {}\nof            {}, {}\nstate         {}\n",
        word("record"),
        plain(word("name_as_written")),
        word("authority"),
        word("entry"),
        standing(&value),
    );
    if let Some(next) = next(&value) {
        let _ = writeln!(text, "next          {next}");
    }
    for due in value.get("deadlines").and_then(Value::as_array).into_iter().flatten() {
        let word = |member: &str| due.get(member).and_then(Value::as_str).unwrap_or_default();
        let (last_day, who, what) = (word("last_day"), word("who"), word("what"));
        let _ = writeln!(text, "open          {last_day}  {}: {}", plain(who), plain(what));
        if !word("law").is_empty() {
            let _ = writeln!(text, "                          {}", plain(word("law")));
        }
    }
    if !word("end_at").is_empty() {
        let _ = writeln!(text, "ends          {}", word("end_at"));
    }
    text.push('\n');
    for step in value.get("history").and_then(Value::as_array).into_iter().flatten() {
        let word = |member: &str| step.get(member).and_then(Value::as_str).unwrap_or_default();
        let position = step.get("position").and_then(Value::as_u64).unwrap_or_default();
        let (at, name, actor) = (word("at"), word("step"), word("actor"));
        let _ = writeln!(text, "{position:>8}  {at}  {name} by {actor}");
        for (field, words) in step.get("texts").and_then(Value::as_object).into_iter().flatten() {
            let _ =
                writeln!(text, "          {field}: {}", plain(words.as_str().unwrap_or_default()));
        }
    }
    for step in value.get("passed").and_then(Value::as_array).into_iter().flatten() {
        let word = |member: &str| step.get(member).and_then(Value::as_str).unwrap_or_default();
        let _ = writeln!(text, "          {}  {} (time)", word("at"), word("step"));
    }
    context.format.result(&value, &text);
    Ok(Exit::Done)
}

/// The cases of whoever asks; `due` puts first what time does something to first.
pub fn list(
    place: &Place<'_>,
    query: &[(&str, String)],
    due: bool,
    party: &Party<'_>,
    context: &Context,
) -> Result<Exit, Failure> {
    let mut cases = place.open()?.list(query, party)?;
    if due {
        let at = |case: &Value| case.pointer("/next/at").and_then(Value::as_str).map(str::to_owned);
        cases.retain(|case| at(case).is_some());
        cases.sort_by_key(at);
    }
    let mut text = String::new();
    for case in &cases {
        let word = |member: &str| case.get(member).and_then(Value::as_str).unwrap_or_default();
        let _ = write!(
            text,
            "{}  {}  {}; {}",
            word("record"),
            word("entry"),
            standing(case),
            plain(word("case_number"))
        );
        let waiting = case.get("waiting").and_then(Value::as_array).into_iter().flatten();
        let waiting: Vec<&str> = waiting.filter_map(Value::as_str).collect();
        if !waiting.is_empty() {
            let _ = write!(text, "; waits for: {}", waiting.join(", "));
        }
        if let Some(words) = case.pointer("/next/words").and_then(Value::as_str) {
            let _ = write!(text, "; until {}, then {words}", word("due_on"));
        }
        text.push('\n');
    }
    if cases.is_empty() {
        text.push_str("No cases.\n");
    }
    context.format.result(&json!({ "cases": cases }), &text);
    Ok(Exit::Done)
}

fn standing(value: &Value) -> String {
    let state = value.get("state").and_then(Value::as_str).unwrap_or_default().replace('_', " ");
    let number = value.get("state_number").and_then(Value::as_u64).unwrap_or_default();
    let public = value.get("public") == Some(&Value::Bool(true));
    format!("{state} (S{number}), {}", if public { "public" } else { "not public" })
}

fn next(value: &Value) -> Option<String> {
    let next = value.get("next").filter(|next| !next.is_null())?;
    let word = |member: &str| next.get(member).and_then(Value::as_str).unwrap_or_default();
    Some(format!("{}: {}", word("at"), word("words")))
}

/// Words of somebody else on this terminal: nothing in them moves its cursor.
fn plain(words: &str) -> String {
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A receipt for people.
fn told(receipt: &Value) -> String {
    let word = |pointer: &str| receipt.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let number = |pointer: &str| receipt.pointer(pointer).and_then(Value::as_u64);
    let steps: Vec<&str> = receipt
        .get("steps")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut text = format!(
        "{} on record {}.\nEntries {} to {} of the log, {}; the proofs hold.\n",
        steps.join(", "),
        word("/record"),
        number("/log/from").unwrap_or_default(),
        number("/log/to").unwrap_or_default().saturating_sub(1),
        word("/at"),
    );
    if !word("/subject_token").is_empty() {
        let _ = writeln!(
            text,
            "The subject acts with this token; it goes with the notice: {}",
            word("/subject_token")
        );
    }
    if !word("/successor_token").is_empty() {
        let _ = writeln!(
            text,
            "The successor named in the notice is heard with this one: {}",
            word("/successor_token")
        );
    }
    if let Some(case) = receipt.get("case").filter(|case| !case.is_null()) {
        let _ = writeln!(text, "It is {}.", standing(case));
        if let Some(next) = next(case) {
            let _ = writeln!(text, "Unless somebody acts: {next}.");
        }
    }
    text
}
