//! `consult` as a public authority: the journal of it, and what became of records that were
//! received in answers.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use domain::ids::RecordId;
use domain::refusal::{Problem, Refusal};
use ledger::note::SignerKey;
use projections::mark;
use serde_json::{Value, json};

use super::Context;
use super::authority::{failed, read_key};
use super::consult::{organisation, unfit, unknown};
use crate::cases::accounts::{self, Account};
use crate::cases::remote::Remote;
use crate::cases::{Desk, View};
use crate::clock::SystemClock;
use crate::consulting::{self, Asking};
use crate::feedback::Feedback;
use crate::output::{Exit, Failure};
use crate::registry::Registry;
use crate::server::JournalShape;

/// Records asked for at once.
const HELD_AT_ONCE: usize = 1_000;

pub const JOURNAL_EXAMPLES: &str = "\
Examples:
  goodstanding consult journal 91110108551385082Q
  goodstanding consult journal lei:5493001KJTIIGC8Y1R12 --json

Months that are over, newest first, by the function in which was asked. Which authority asked, for
what, on which day and with what answer is kept nowhere. Exit 0 told, 1 nothing under this address.";

/// Arguments of `consult journal`.
#[derive(Debug, Args)]
pub struct JournalArguments {
    /// Id of the organisation, or an identifier
    #[arg(value_name = "ORG")]
    organisation: String,
}

/// Runs `consult journal`.
pub fn journal(arguments: &JournalArguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let registry = Registry::open(&directory, Arc::new(SystemClock))?;
    let id = organisation(&registry, &arguments.organisation)?;
    let answer = registry.file(id, None, None)?.ok_or_else(unknown)?;
    let told = registry.journal_of(&answer)?;
    let shape = JournalShape::of(answer.file.id, registry.now(), &told);
    let mut text = String::new();
    for told in &told {
        let class = told.class.key().replace('_', " ");
        let _ = writeln!(text, "{}  {class:<22} {:>6}", told.month, told.times);
    }
    if told.is_empty() {
        text.push_str("No public authority asked with its key in the months that are told.\n");
    }
    context.format.result(&serde_json::to_value(&shape).map_err(Failure::could_not)?, &text);
    Ok(Exit::Done)
}

/// The account that signs with `key`, if it counts.
pub fn account(directory: &Path, key: &SignerKey) -> Result<Account, Failure> {
    let known = View::open(directory).and_then(|view| view.accounts()).map_err(failed)?;
    let account = accounts::by_key(&known, key.vkey()).cloned();
    account.ok_or_else(|| Failure::refused(Problem::of_input(Refusal::KeyUnfit)))
}

/// A question for a registry elsewhere.
pub struct Question<'a> {
    pub organisation: &'a str,
    pub purpose: &'a str,
    pub role: &'a str,
    pub territory: &'a str,
    pub on: Option<&'a str>,
}

/// Asks the registry at `url` as the authority of `key`.
pub fn ask(
    url: &str,
    question: &Question<'_>,
    key: &SignerKey,
    receipt: Option<&Path>,
    context: &Context,
) -> Result<Exit, Failure> {
    let mut body = json!({
        "organisation": question.organisation,
        "purpose": question.purpose,
        "role": question.role,
        "territory": question.territory,
    });
    if let (Some(on), Some(members)) = (question.on, body.as_object_mut()) {
        members.insert("on".to_owned(), on.into());
    }
    let answer = Remote::open(url)?.consult(&body, key)?;
    if let Some(out) = receipt {
        let note = answer.get("receipt").and_then(Value::as_str);
        let note = note.ok_or_else(|| Failure::could_not("that registry signs no answers"))?;
        let written = std::fs::File::create_new(out)
            .and_then(|mut file| std::io::Write::write_all(&mut file, note.as_bytes()));
        written.map_err(|error| Failure::file(out, &error))?;
    }
    context.format.result(&answer, &told(&answer));
    Ok(Exit::Done)
}

/// Words of somebody else on this terminal: nothing in them moves its cursor.
fn plain(words: &str) -> String {
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn told(answer: &Value) -> String {
    let word =
        |pointer: &str| plain(answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default());
    let mut text = format!(
        "{}\nAs of {}. It may be another answer from {} on.\n\n",
        word("/answer/name/text"),
        word("/answer/as_of"),
        word("/answer/usable_until")
    );
    let applicable = answer.pointer("/answer/applicable").and_then(Value::as_array);
    for it in applicable.into_iter().flatten() {
        let word = |name: &str| plain(it.get(name).and_then(Value::as_str).unwrap_or_default());
        let _ = writeln!(text, "{}: {}", word("measure"), word("effect"));
        let _ = writeln!(text, "  follows from record {}", word("record"));
    }
    if applicable.is_none_or(Vec::is_empty) {
        text.push_str("Nothing applies, which is no certificate.\n");
    }
    let _ = writeln!(
        text,
        "\nA basis for your decision, not a decision. Journalled: {} in {}, no more.",
        word("/journalled/class").replace('_', " "),
        word("/journalled/month")
    );
    text
}

pub const FEEDBACK_EXAMPLES: &str = "\
Examples:
  goodstanding consult feedback 91110108551385082Q --purpose public_procurement --role procuring_entity \\
    --territory cn --record RECORD --measure cn.exclusion --said applied --key officer-1.key
  goodstanding consult feedback 91110108551385082Q --purpose public_procurement --role procuring_entity \\
    --territory cn --record RECORD --measure cn.exclusion --said not_applied --reason contested \\
    --key officer-1.key --from https://NAME

The question is the one you asked; it is looked at whether the measure follows from that record for you,
and not kept. Kept are your authority, the measure and what you say; no organisation, no record, no words.
Reasons: disproportionate, set_aside, contested, identity_doubted, nothing_to_decide, other_law. What you
say later of the same takes its place. It is told in numbers on the page of the pack and of the authority,
in months that are over. Exit 0 it is on the log, 1 refused, 2 could not.";

/// Arguments of `consult feedback`.
#[derive(Debug, Args)]
pub struct FeedbackArguments {
    /// Id of the organisation, or an identifier
    #[arg(value_name = "ORG")]
    organisation: String,
    /// For what you asked
    #[arg(long)]
    purpose: String,
    /// In which function
    #[arg(long)]
    role: String,
    /// Where
    #[arg(long)]
    territory: String,
    /// For which day, today (UTC) when left out
    #[arg(long, value_name = "DAY")]
    on: Option<String>,
    /// The record from which the measure follows
    #[arg(long)]
    record: String,
    /// The measure
    #[arg(long)]
    measure: String,
    /// applied or not_applied
    #[arg(long)]
    said: String,
    /// Why not, from the closed list
    #[arg(long)]
    reason: Option<String>,
    /// The key of your account
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Say it to the registry at this address instead of the one beside this program
    #[arg(long, value_name = "URL")]
    from: Option<String>,
}

/// Runs `consult feedback`.
pub fn feedback(arguments: &FeedbackArguments, context: &Context) -> Result<Exit, Failure> {
    let key = read_key(&arguments.key)?;
    let said = Feedback::read(
        &arguments.measure,
        &arguments.record,
        &arguments.said,
        arguments.reason.as_deref(),
    )
    .map_err(|refusal| Failure::refused(Problem::of_input(refusal)))?;
    let position = match &arguments.from {
        Some(url) => {
            let body = json!({
                "organisation": arguments.organisation,
                "purpose": arguments.purpose,
                "role": arguments.role,
                "territory": arguments.territory,
                "on": arguments.on,
                "record": arguments.record,
                "measure": arguments.measure,
                "said": arguments.said,
                "reason": arguments.reason,
            });
            let answer = Remote::open(url)?.give_feedback(&body, &key)?;
            let position = answer.get("position").and_then(Value::as_u64);
            position.ok_or_else(|| Failure::could_not("the answer cannot be read"))?
        }
        None => give_beside(arguments, &said, &key, context)?,
    };
    context.format.result(
        &json!({
            "measure": said.measure.as_str(),
            "said": said.said.key(),
            "reason": said.said.reason().map(|reason| reason.key()),
            "position": position,
        }),
        &format!(
            "{}: {}. Entry {position} of the log; of organisation and record nothing is in it.\n",
            said.measure.as_str(),
            said.said.key().replace('_', " ")
        ),
    );
    Ok(Exit::Done)
}

fn give_beside(
    arguments: &FeedbackArguments,
    said: &Feedback,
    key: &SignerKey,
    context: &Context,
) -> Result<u64, Failure> {
    let directory = context.registry_directory()?;
    let registry = Registry::open(&directory, Arc::new(SystemClock))?;
    let account = account(&directory, key)?;
    let packs = registry.packs();
    let own = packs.authority(&account.authority).map(|_| account.authority.as_str());
    let asking = Asking::read(&packs, |name| match name {
        "purpose" => Some(arguments.purpose.as_str()),
        "role" => Some(arguments.role.as_str()),
        "territory" => Some(arguments.territory.as_str()),
        "on" => arguments.on.as_deref(),
        "addressee" => own,
        _ => None,
    })
    .map_err(unfit)?;
    let id = organisation(&registry, &arguments.organisation)?;
    let answered = consulting::ask(&registry, id, &asking)?.ok_or_else(unknown)?;
    let mut desk = Desk::open(&directory, &packs, &SystemClock).map_err(failed)?;
    let event = said
        .event(&answered, &packs, &account.authority, desk.view().registry_key())
        .map_err(|refusal| Failure::refused(Problem::of_input(refusal)))?;
    desk.take_feedback(event).map_err(failed)
}

pub const HELD_EXAMPLES: &str = "\
Examples:
  goodstanding consult held answer.txt --key officer-1.key --from https://NAME
  goodstanding consult held records.txt --since 5120 --from https://NAME
  goodstanding consult held answer.txt

FILE holds ids of records, one a line, or is a signed answer. With --key the registry is asked which of
them stand. Without, the public feed of what was withdrawn is pulled and compared here: what you hold
leaves this machine for nobody; keep the number it prints and give it as --since the next time. Records
that are told ended, were repaired, corrected or withdrawn (the feed also tells those that say something
else now): do not use what you drew from them, and ask again. Exit 0 all stand, 3 some do not, 1 refused,
2 could not.";

/// Arguments of `consult held`.
#[derive(Debug, Args)]
pub struct HeldArguments {
    /// Ids of records, one a line, or a signed answer
    file: PathBuf,
    /// Ask the registry at this address instead of the one beside this program
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// Ask with the key of an authority's account
    #[arg(long, value_name = "FILE", requires = "from", conflicts_with = "since")]
    key: Option<PathBuf>,
    /// Without --key: compare with what was withdrawn from this entry of the log on
    #[arg(long, value_name = "ENTRY", default_value_t = 0, requires = "from")]
    since: u64,
}

/// What became of what is held.
struct Found {
    /// Not public any more; of the feed: over, or changed.
    gone: Vec<RecordId>,
    /// Where to go on, where the feed was pulled.
    next: Option<u64>,
    /// Content was destroyed, so that the feed cannot name all.
    is_incomplete: bool,
}

/// Runs `consult held`.
pub fn held(arguments: &HeldArguments, context: &Context) -> Result<Exit, Failure> {
    if !arguments.file.is_file() {
        return Err(Failure::could_not(format_args!(
            "`{}` is not a file that can be read; check the path",
            arguments.file.display()
        )));
    }
    let text = std::fs::read_to_string(&arguments.file)
        .map_err(|error| Failure::file(&arguments.file, &error))?;
    let held = records_of(&text);
    if held.is_empty() {
        return Err(Failure::refused(Problem::of_input(Refusal::HeldTooMany)));
    }
    let found = match (&arguments.from, &arguments.key) {
        (Some(url), Some(key)) => by_key(url, &held, &read_key(key)?)?,
        (Some(url), None) => by_feed(url, &held, arguments.since)?,
        (None, _) => beside(&held, context)?,
    };
    let is_feed = arguments.from.is_some() && arguments.key.is_none();
    let word = if is_feed { "over or changed" } else { "over" };
    let gone: Vec<String> = found.gone.iter().map(RecordId::to_string).collect();
    let mut text = String::new();
    for id in &gone {
        let _ = writeln!(text, "{word}  {id}");
    }
    let _ = writeln!(text, "{} held, {} {word}.", held.len(), gone.len());
    if found.is_incomplete {
        text.push_str(
            "Content was destroyed since: the feed cannot name all. Ask with --key too.\n",
        );
    }
    if let Some(next) = found.next {
        let _ = writeln!(text, "Next time: --since {next}");
    }
    let value = json!({
        "held": held.len(),
        "told": word,
        "records": gone,
        "next": found.next,
        "is_incomplete": found.is_incomplete,
    });
    context.format.result(&value, &text);
    Ok(if gone.is_empty() { Exit::Done } else { Exit::DoneWithProblems })
}

/// Ids on lines of their own, and those of the records that a signed answer names.
fn records_of(text: &str) -> BTreeSet<RecordId> {
    let id = |line: &str| {
        let of_answer = line.starts_with("follows ") || line.starts_with("not ");
        match of_answer {
            true => line.split(' ').find_map(|word| word.parse().ok()),
            false => line.trim().parse().ok(),
        }
    };
    text.lines().filter_map(id).collect()
}

fn by_key(url: &str, held: &BTreeSet<RecordId>, key: &SignerKey) -> Result<Found, Failure> {
    let remote = Remote::open(url)?;
    let ids: Vec<String> = held.iter().map(RecordId::to_string).collect();
    let mut gone = Vec::new();
    for part in ids.chunks(HELD_AT_ONCE) {
        let answer = remote.held(part, key)?;
        let listed = answer.get("gone").and_then(Value::as_array);
        let listed = listed.ok_or_else(|| Failure::could_not("the answer cannot be read"))?;
        let named = listed.iter().filter_map(|id| id.as_str()?.parse().ok());
        gone.extend(named.filter(|id| held.contains(id)));
    }
    Ok(Found { gone, next: None, is_incomplete: false })
}

fn by_feed(url: &str, held: &BTreeSet<RecordId>, since: u64) -> Result<Found, Failure> {
    let remote = Remote::open(url)?;
    let unreadable = || Failure::could_not("the feed cannot be read");
    let (mut marks, mut is_incomplete) = (BTreeSet::new(), false);
    let (mut since, mut after) = (since, None);
    loop {
        let answer = remote.withdrawals(since, after)?;
        let told = answer.get("withdrawals").and_then(Value::as_array).ok_or_else(unreadable)?;
        for one in told {
            let of = one.get("marks").and_then(Value::as_array).ok_or_else(unreadable)?;
            marks.extend(of.iter().filter_map(Value::as_str).map(str::to_owned));
            is_incomplete |= one.get("has_all_marks") != Some(&Value::Bool(true));
        }
        let next = (
            answer.pointer("/next/since").and_then(Value::as_u64).ok_or_else(unreadable)?,
            answer.pointer("/next/after").and_then(Value::as_u64),
        );
        let has_more = answer.get("has_more") == Some(&Value::Bool(true));
        // A registry that leads nowhere is not followed for ever.
        if has_more && next <= (since, after) {
            return Err(unreadable());
        }
        (since, after) = next;
        if !has_more {
            break;
        }
    }
    let gone = held.iter().filter(|id| marks.contains(&mark(**id))).copied().collect();
    Ok(Found { gone, next: Some(since), is_incomplete })
}

fn beside(held: &BTreeSet<RecordId>, context: &Context) -> Result<Found, Failure> {
    let directory = context.registry_directory()?;
    let registry = Registry::open(&directory, Arc::new(SystemClock))?;
    let ids: Vec<RecordId> = held.iter().copied().collect();
    let (position, stands) = registry.standing_of(&ids)?;
    let gone = ids.iter().zip(stands).filter(|(_, stands)| !stands).map(|(id, _)| *id).collect();
    Ok(Found { gone, next: Some(position), is_incomplete: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_from_lists_and_from_signed_answers() {
        let (one, two) =
            ("01a2057c-4747-7a7a-8ae8-c358ca03ca41", "01a2057c-4747-7a7a-8ae8-c358ca03ca42");
        let text = format!(
            "goodstanding/answer/v1\norganisation 01a2057c-4644-7200-b8df-55c0b72b53e2\n\
             follows zz.ban 3 EXCLUDE mandatory {one} 2026-01-10 - -\nnot zz.x 1 {two} over\n{one}\n"
        );
        let ids: Vec<String> = records_of(&text).iter().map(RecordId::to_string).collect();
        assert_eq!(ids, [one, two], "each once, and no organisation");
    }
}
