//! `case`: proceedings from an intended decision to the end of a record.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::authority::AuthorityKey;
use domain::case::Actor;
use domain::civil::Instant;
use domain::ids::{OrganisationId, RecordId};
use domain::refusal::{Language, Problem, Refusal};
use due_process::case::repair::{FEE, prospect};
use due_process::case::{Case, ClockStep, Exposure, Setting, State};
use policy::catalogue::Needs;
use projections::DeskCase;
use serde_json::{Value, json};

use super::authority::{failed, read_key};
use super::case_remote::Place;
use super::{Context, case_document, case_remote, reviewer};
use crate::cases::file::CaseFile;
use crate::cases::remote::Party;
use crate::cases::request::{self, Request};
use crate::cases::{By, Committed, Desk, document, templates};
use crate::clock::SystemClock;
use crate::laws::Laws;
use crate::messages::Catalogue;
use crate::output::{Exit, Failure};
use crate::setup;

const EXAMPLES: &str = "\
Examples:
  goodstanding case template submit > tax.json
  goodstanding case submit tax.json --key officer-1.key
  goodstanding case act RECORD serve_notice notice.json --key officer-1.key
  goodstanding case act RECORD represent answer.json --token TOKEN
  goodstanding case act RECORD uphold decision.json --key decider-2.key
  goodstanding case act RECORD stay order.json --court --reviewer registrar-3
  goodstanding case show RECORD
  goodstanding case document RECORD --language zh --page notice.html
  goodstanding case list --authority zz.harbour-tax --due
  goodstanding case list --waiting
  goodstanding case list --owed --key decider-2.key --to https://NAME
  goodstanding case act RECORD admit_submission --reviewer registrar-3
  goodstanding case submit a.json b.json --key officer-1.key --to https://NAME --receipt r.json
  goodstanding case show RECORD --key decider-2.key --from https://NAME

Who acts is who proves it: an account of an authority by its key, the subject by the token that came
with the notice (or one of its own: `case token`), a reviewer of the registry by handle. With --to and --from it
is a registry elsewhere that serves with --proceedings, whose key is --vkey or the one it showed first; reviewers act
beside the registry only. Time needs nobody: windows close, decisions
lapse, records begin and end at their instant. Exit 0 done, 1 refused, 2 could not, 3 some of several
records refused.";

/// Arguments of `case`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Hand in new records
    #[command(after_help = "Examples:\n  \
        goodstanding case submit tax.json --key officer-1.key\n  \
        goodstanding case submit a.json b.json --key officer-1.key --to https://NAME")]
    Submit {
        /// The record as JSON, `-` for standard input; with --to several, signed together
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// The key of the officer's account
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        #[command(flatten)]
        elsewhere: Elsewhere,
    },
    /// Take a step in a case
    #[command(after_help = "Examples:\n  \
        goodstanding case act RECORD waive --token TOKEN\n  \
        goodstanding case act RECORD uphold decision.json --key decider-2.key\n  \
        goodstanding case act RECORD open_precheck told.json --registry")]
    Act {
        /// Id of the record
        record: String,
        /// The step; `case template` lists them
        command: String,
        /// What it needs as JSON, `-` for standard input; left out where it needs nothing
        file: Option<PathBuf>,
        #[command(flatten)]
        who: Box<Who>,
        #[command(flatten)]
        elsewhere: Elsewhere,
    },
    /// Where a case stands, what is due, and what happened
    #[command(after_help = "Examples:\n  goodstanding case show RECORD --json\n  \
        goodstanding case show RECORD --token TOKEN")]
    Show {
        /// Id of the record
        record: String,
        /// As it will stand on this instant if nobody does anything
        #[arg(long, value_name = "INSTANT")]
        on: Option<String>,
        /// Ask the registry at this address
        #[arg(long, value_name = "URL")]
        from: Option<String>,
        /// With --from: the key of an account of its authority
        #[arg(long, value_name = "FILE", requires = "from")]
        key: Option<PathBuf>,
        /// The token that came with the notice: refused when it is not that of this case
        #[arg(long, conflicts_with = "key")]
        token: Option<String>,
        #[command(flatten)]
        trust: Box<Trust>,
    },
    /// Notice and decision in full, and every open deadline as a date
    #[command(after_help = case_document::EXAMPLES)]
    Document(case_document::Arguments),
    /// Cases, with what is due next
    #[command(
        after_help = "Examples:\n  goodstanding case list --authority zz.harbour-tax --due\n  \
        goodstanding case list --state deciding\n  \
        goodstanding case list --owed --key decider-2.key --to https://NAME"
    )]
    List {
        /// Of this authority only
        #[arg(long)]
        authority: Option<String>,
        /// About this organisation only
        #[arg(long)]
        organisation: Option<String>,
        /// Only those in which time will do something, the next first
        #[arg(long)]
        due: bool,
        /// Only those that wait for a reviewer, because the authority handed in so many
        #[arg(long)]
        waiting: bool,
        /// Only those in this state, such as deciding
        #[arg(long, value_name = "STATE")]
        state: Option<String>,
        /// Only those in which the authority owes a step
        #[arg(long)]
        owed: bool,
        /// Ask the registry at this address for your own cases
        #[arg(long, value_name = "URL", conflicts_with_all = ["authority", "organisation"])]
        to: Option<String>,
        /// With --to: the key of an account of the authority
        #[arg(long, value_name = "FILE", requires = "to")]
        key: Option<PathBuf>,
        #[command(flatten)]
        trust: Box<Trust>,
    },
    /// Give the subject of a case a token that its authority has not seen
    ///
    /// Once it has shown you who it is, on a way the authority has no part in: by its entry in a
    /// register, in person, by a signature. The token that went with the notice, and one given
    /// before, count no more.
    #[command(after_help = "Examples:\n  goodstanding case token RECORD --reviewer registrar-3")]
    Token {
        /// Id of the record
        record: String,
        /// Who saw the proof
        #[arg(long, value_name = "REVIEWER")]
        reviewer: String,
    },
    /// Print what a step needs, to be filled in
    #[command(after_help = "Examples:\n  \
        goodstanding case template\n  goodstanding case template uphold > decision.json")]
    Template {
        /// The step; left out, all are listed with who may take them
        command: Option<String>,
    },
}

#[derive(Debug, Args)]
#[group(required = false, multiple = true)]
struct Elsewhere {
    /// Act at the registry of this address instead of the one in --dir
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// With --to: keep the receipt in this file, for `goodstanding verify`; it must not exist
    #[arg(long, value_name = "FILE", requires = "to")]
    receipt: Option<PathBuf>,
    #[command(flatten)]
    trust: Trust,
}

/// Which key of a registry elsewhere is trusted.
#[derive(Debug, Args)]
#[group(required = false, multiple = true)]
pub(super) struct Trust {
    /// Elsewhere: the key its log has to be signed with, as its operator publishes it
    #[arg(long, value_name = "KEY")]
    vkey: Option<String>,
    /// Elsewhere, without --vkey: where the key that is seen first is kept and compared
    #[arg(long, value_name = "FILE", default_value = "goodstanding-known-registries")]
    known: PathBuf,
}

impl Trust {
    pub(super) fn place<'a>(&'a self, url: &'a str) -> Place<'a> {
        Place { url, vkey: self.vkey.as_deref(), known: &self.known }
    }
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Who {
    /// The key of an authority's account
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The token that came with the notice: you act as the subject
    #[arg(long)]
    token: Option<String>,
    /// You are a third party with an interest of your own (objections only)
    #[arg(long)]
    third_party: bool,
    /// You act as a reviewer of the registry
    #[arg(long, value_name = "REVIEWER")]
    reviewer: Option<String>,
    /// With --reviewer: you enter the order of a court that you have seen
    #[arg(long)]
    court: bool,
    /// The registry's own duty
    #[arg(long)]
    registry: bool,
}

impl Who {
    fn by(&self) -> Result<By, Failure> {
        let handle = self.reviewer.as_deref().map(reviewer::handle).transpose()?;
        let given = [
            self.key.is_some(),
            self.token.is_some(),
            self.third_party,
            handle.is_some(),
            self.registry,
        ];
        let is_one = given.iter().filter(|given| **given).count() == 1;
        if !is_one || (self.court && handle.is_none()) {
            return Err(refused(Refusal::ActorUnfit));
        }
        Ok(match (&self.key, &self.token, handle) {
            (Some(key), ..) => By::Key(Box::new(read_key(key)?)),
            (_, Some(token), _) => By::Subject(token.clone()),
            (_, _, Some(handle)) if self.court => By::Court(handle),
            (_, _, Some(handle)) => By::Reviewer(handle),
            _ if self.third_party => By::ThirdParty,
            _ => By::Registry,
        })
    }
}

fn refused(refusal: Refusal) -> Failure {
    Failure::refused(Problem::of_input(refusal))
}

/// Who can prove elsewhere to be who they are.
fn party(by: &By) -> Result<Party<'_>, Failure> {
    match by {
        By::Key(key) => Ok(Party::Key(key)),
        By::Subject(token) => Ok(Party::Token(token)),
        By::ThirdParty => Ok(Party::Anybody),
        _ => Err(refused(Refusal::ActorUnfit)),
    }
}

/// Runs `case`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    match &arguments.action {
        Action::Template { command } => template(command.as_deref(), context),
        Action::Submit { files, key, elsewhere } => {
            let key = read_key(key)?;
            if let Some(url) = &elsewhere.to {
                let receipt = elsewhere.receipt.as_deref();
                let place = elsewhere.trust.place(url);
                return case_remote::submit(&place, files, text_of, &key, receipt, context);
            }
            let [file] = files.as_slice() else {
                return Err(Failure::could_not("several records at once need --to"));
            };
            let request = request::read(&text_of(file)?, None).map_err(Failure::refused_all)?;
            act(&request, &By::Key(Box::new(key)), context)
        }
        Action::Act { record, command, file, who, elsewhere } => {
            let text = match file {
                Some(file) => text_of(file)?,
                None => "{}".to_owned(),
            };
            if let Some(url) = &elsewhere.to {
                let by = who.by()?;
                let party = party(&by)?;
                let receipt = elsewhere.receipt.as_deref();
                let (place, step) = (elsewhere.trust.place(url), (command.as_str(), text.as_str()));
                return case_remote::act(&place, record, step, &party, receipt, context);
            }
            let record = record_id(record)?;
            let text = templates::with_command(&text, command).map_err(Failure::refused_all)?;
            let request = request::read(&text, Some(record)).map_err(Failure::refused_all)?;
            act(&request, &who.by()?, context)
        }
        Action::Show { record, on, from: Some(url), key, token, trust } => {
            let key = key.as_ref().map(|path| read_key(path)).transpose()?;
            let party = match (&key, token) {
                (Some(key), _) => Party::Key(key),
                (None, Some(token)) => Party::Token(token),
                (None, None) => Party::Anybody,
            };
            case_remote::show(&trust.place(url), record, on.as_deref(), &party, context)
        }
        Action::Show { record, on, token, .. } => {
            show(record, on.as_deref(), token.as_deref(), context)
        }
        Action::Document(arguments) => case_document::run(arguments, context),
        Action::Token { record, reviewer } => give_token(record, reviewer, context),
        Action::List { to: Some(url), key, due, waiting, state, owed, trust, .. } => {
            let key = key.as_ref().map(|path| read_key(path)).transpose()?;
            let party = key.as_ref().map_or(Party::Anybody, Party::Key);
            let state = state.clone().or(waiting.then(|| "submitted".to_owned()));
            let mut query: Vec<(&str, String)> = vec![("limit", "100".to_owned())];
            query.extend(state.map(|state| ("state", state)));
            query.extend(owed.then(|| ("waiting", true.to_string())));
            case_remote::list(&trust.place(url), &query, *due, &party, context)
        }
        Action::List { authority, organisation, due, waiting, state, owed, .. } => {
            let of = (authority.as_deref(), organisation.as_deref());
            let state = state.as_deref().or(waiting.then_some("submitted"));
            list(of, *due, (state, *owed), context)
        }
    }
}

fn record_id(text: &str) -> Result<RecordId, Failure> {
    text.parse().map_err(|_| refused(Refusal::CaseUnknown))
}

fn text_of(file: &PathBuf) -> Result<String, Failure> {
    let mut text = String::new();
    if file.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text).map_err(Failure::could_not)?;
        return Ok(text);
    }
    std::fs::read_to_string(file)
        .map_err(|error| Failure::could_not(format_args!("{}: {error}", file.display())))
}

fn act(request: &Request, by: &By, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let packs = setup::load_packs(&directory)?;
    let mut desk = Desk::open(&directory, &packs, &SystemClock).map_err(failed)?;
    let committed = desk.execute(request, by).map_err(failed)?;
    let case = desk.case(committed.record).map_err(failed)?;
    let is_told = committed.steps.iter().any(|step| templates::tells_subject(&step.step));
    let (value, mut text) = receipt(&committed, is_told);
    if let Some(found) = case {
        let case = found.case.as_of(committed.at);
        let _ = writeln!(text, "It is {}.", standing(&case));
        if let Some((at, step)) = case.next_clock_step() {
            let _ = writeln!(text, "Unless somebody acts: {} at {at}.", clock_words(step));
        }
    }
    context.format.result(&value, &text);
    Ok(Exit::Done)
}

fn receipt(committed: &Committed, is_told: bool) -> (Value, String) {
    let names: Vec<&str> = committed.steps.iter().map(|step| step.step.name()).collect();
    let mut text = format!(
        "{} on record {}.\nEntries {} to {} of the log, {}.\n",
        names.join(", "),
        committed.record,
        committed.from,
        committed.to.saturating_sub(1),
        committed.at,
    );
    let token = Some(committed.subject_token.clone()).filter(|it| is_told && !it.is_empty());
    if let Some(token) = &token {
        let _ =
            writeln!(text, "The subject acts with this token; it goes with the notice: {token}");
    }
    if let Some(token) = &committed.successor_token {
        let _ = writeln!(text, "The successor named in the notice is heard with this one: {token}");
    }
    let value = json!({
        "record": committed.record.to_string(),
        "organisation": committed.organisation.to_string(),
        "steps": names,
        "log": { "from": committed.from, "to": committed.to, "checkpoint": committed.checkpoint },
        "at": committed.at.to_string(),
        "subject_token": token,
        "successor_token": committed.successor_token,
    });
    (value, text)
}

fn give_token(record: &str, by: &str, context: &Context) -> Result<Exit, Failure> {
    let (record, by) = (record_id(record)?, reviewer::handle(by)?);
    let directory = context.registry_directory()?;
    let packs = setup::load_packs(&directory)?;
    let desk = Desk::open(&directory, &packs, &SystemClock).map_err(failed)?;
    let token = desk.give_token(record, &by).map_err(failed)?;
    let text = format!(
        "The subject of record {record} acts with this token from now on; give it to nobody else:\n\
         {token}\nThe one that went with the notice counts no more.\n"
    );
    let value = json!({ "record": record.to_string(), "subject_token": token });
    context.format.result(&value, &text);
    Ok(Exit::Done)
}

fn standing(case: &Case) -> String {
    let seen = match case.exposure() {
        Exposure::Nothing => "not public",
        Exposure::Shown { interim: true, .. } => "public, labelled as no finding",
        Exposure::Shown { objected: true, .. } => "public, marked as objected to",
        Exposure::Shown { .. } => "public",
        Exposure::CorrectedTombstone | Exposure::WithdrawnTombstone(_) => {
            "gone, and a notice of that is public"
        }
    };
    let waits = if case.state() == State::Submitted { ", waits for a reviewer" } else { "" };
    let state = case.state();
    format!("{} (S{}){waits}, {seen}", state.key().replace('_', " "), state.number())
}

fn clock_words(step: ClockStep) -> String {
    let language = Language::En;
    step.words(language).to_owned()
}

fn case_json(case: &Case) -> Value {
    json!({
        "record": case.record.to_string(),
        "organisation": case.organisation.to_string(),
        "authority": case.authority.as_str(),
        "entry": case.revision.entry.as_str(),
        "state": case.state().key(),
        "state_number": case.state().number(),
        "waits_for_reviewer": case.state() == State::Submitted,
        "public": !matches!(case.exposure(), Exposure::Nothing),
        "next": case.next_clock_step().map(|(at, step)| {
            json!({ "at": at.to_string(), "what": step.key() })
        }),
        "end_at": case.term.end_at.map(|at| at.to_string()),
        "as_of": case.at.to_string(),
    })
}

/// What repair needs, with what the parties said about each condition and since when (I-16).
fn repair(
    found: &DeskCase,
    case: &Case,
    laws: &Laws,
    on: Instant,
) -> Result<(Value, String), Failure> {
    let Some((entry, rules)) = laws.of_record(&case.revision.entry, case.submitted_at, on) else {
        return Ok((Value::Null, String::new()));
    };
    let (entry, rules) = (&entry, &rules);
    let setting = Setting { actor: &Actor::Subject, now: on, entry, rules, counterpart: None };
    let steps = found.steps.iter().map(|(_, at, event)| (*at, &event.step));
    let prospect = prospect(case, steps, &setting).map_err(Failure::refused_all)?;
    let Some(prospect) = prospect else {
        return Ok((
            Value::Null,
            "repair        none: the record ends on its last day\n".to_owned(),
        ));
    };
    let today = on.day_in(rules.zone());
    let is_reached = prospect.from.is_none_or(|day| day <= today);
    let mut text = match prospect.from {
        None => "repair        at any time".to_owned(),
        Some(day) if is_reached => format!("repair        since {day}"),
        Some(day) => format!("repair        from {day} on"),
    };
    let needed = match prospect.needs {
        Needs::All => "conditions",
        Needs::Any => "one of these conditions is enough",
    };
    let _ = writeln!(text, ", fee {FEE}; {needed}:");
    let mut conditions = Vec::new();
    for (key, standing) in &prospect.conditions {
        let rule = entry.repair.iter().flat_map(|rule| &rule.conditions);
        let words = rule.clone().find(|condition| condition.key == *key);
        let words = words.map_or("", |condition| condition.text.in_language("en"));
        let since = standing.since().map(|at| at.day_in(rules.zone()).to_string());
        let said = match (standing.key(), &since) {
            ("open", _) | (_, None) => "not claimed yet".to_owned(),
            ("claimed", Some(day)) => format!("claimed as met on {day}"),
            ("unmet", Some(day)) => format!("not met, said the authority on {day}"),
            (_, Some(day)) => format!("met, since {day}"),
        };
        let _ = writeln!(text, "              - {key}: {words} ({said})");
        conditions.push(json!({
            "condition": key.as_str(), "text": words, "standing": standing.key(), "since": since,
        }));
    }
    let value = json!({
        "from": prospect.from.map(|day| day.to_string()),
        "open_now": is_reached,
        "fee": FEE,
        "needs": prospect.needs.key(),
        "conditions": conditions,
    });
    Ok((value, text))
}

fn show(
    record: &str,
    on: Option<&str>,
    token: Option<&str>,
    context: &Context,
) -> Result<Exit, Failure> {
    let record = record_id(record)?;
    let directory = context.registry_directory()?;
    let packs = setup::load_packs(&directory)?;
    let desk = Desk::open(&directory, &packs, &SystemClock).map_err(failed)?;
    let on = match on {
        Some(text) => text.parse().map_err(|_| refused(Refusal::QueryUnreadable))?,
        None => desk.now().map_err(failed)?,
    };
    if let Some(token) = token {
        desk.bearer(record, token).map_err(failed)?;
    }
    let found = desk.case(record).map_err(failed)?;
    let found = found.ok_or_else(|| refused(Refusal::CaseUnknown))?;
    let case = found.case.as_of(on);
    let mut text = format!(
        "record        {}\nabout         {}\nof            {}, {}\nstate         {}\n",
        case.record,
        case.revision.name_as_written,
        case.authority,
        case.revision.entry,
        standing(&case),
    );
    if let Some((at, step)) = case.next_clock_step() {
        let _ = writeln!(text, "next          {at}: {}", clock_words(step));
    }
    if let Some(end_at) = case.term.end_at {
        let _ = writeln!(text, "ends          {end_at}");
    }
    let file = CaseFile::of(desk.view(), &packs, record, on).map_err(failed)?;
    let file = file.ok_or_else(|| refused(Refusal::CaseUnknown))?;
    let catalogue = Catalogue::load().map_err(Failure::could_not)?;
    let deadlines = document::due(catalogue.preferred(None), &file);
    if !deadlines.is_empty() {
        text.push_str("open\n");
        text.push_str(&document::deadlines(catalogue.preferred(None), &deadlines));
    }
    let (repair_value, repair_text) = repair(&found, &case, desk.laws(), on)?;
    text.push_str(&repair_text);
    text.push('\n');
    let mut history = Vec::new();
    for (position, at, step) in &found.steps {
        let actor = step.actor.account().unwrap_or(step.actor.key());
        let _ = writeln!(text, "{position:>8}  {at}  {} by {actor}", step.step.name());
        history.push(json!({
            "position": position, "at": at.to_string(), "step": step.step.name(), "actor": actor,
        }));
    }
    let mut passed = Vec::new();
    for (at, step) in found.case.passed(on) {
        let _ = writeln!(text, "          {at}  {} (time)", clock_words(step));
        passed.push(json!({ "at": at.to_string(), "step": step.key() }));
    }
    let mut value = case_json(&case);
    if let Value::Object(members) = &mut value {
        members.insert("history".to_owned(), Value::Array(history));
        members.insert("passed".to_owned(), Value::Array(passed));
        members.insert("repair".to_owned(), repair_value);
        let deadlines = serde_json::to_value(&deadlines).map_err(Failure::could_not)?;
        members.insert("deadlines".to_owned(), deadlines);
    }
    context.format.result(&value, &text);
    Ok(Exit::Done)
}

fn list(
    (authority, organisation): (Option<&str>, Option<&str>),
    due: bool,
    (state, owed): (Option<&str>, bool),
    context: &Context,
) -> Result<Exit, Failure> {
    let state = state.map(|key| {
        let known = State::ALL.into_iter().find(|state| state.key() == key);
        known.ok_or_else(|| refused(Refusal::QueryUnreadable))
    });
    let state = state.transpose()?;
    let authority = authority
        .map(|text| AuthorityKey::new(text).ok_or_else(|| refused(Refusal::AuthorityUnknown)));
    let authority = authority.transpose()?;
    let organisation: Option<OrganisationId> = organisation
        .map(|text| text.parse().map_err(|_| refused(Refusal::OrganisationUnknown)))
        .transpose()?;
    let directory = context.registry_directory()?;
    let packs = setup::load_packs(&directory)?;
    let desk = Desk::open(&directory, &packs, &SystemClock).map_err(failed)?;
    let now = desk.now().map_err(failed)?;
    let mut cases: Vec<Case> = desk
        .cases(authority.as_ref(), organisation)
        .map_err(failed)?
        .into_iter()
        .map(|case| case.as_of(now))
        .collect();
    cases.retain(|case| state.is_none_or(|state| case.state() == state));
    if owed {
        cases.retain(|case| !case.owed().is_empty());
    }
    if due {
        cases.retain(|case| case.next_clock_step().is_some());
        cases.sort_by_key(|case| case.next_clock_step().map(|(at, _): (Instant, _)| at));
    }
    let mut text = String::new();
    for case in &cases {
        let next = case.next_clock_step();
        let next = next
            .map_or_else(String::new, |(at, step)| format!("; next {at}: {}", clock_words(step)));
        let _ =
            writeln!(text, "{}  {}  {}{next}", case.record, case.revision.entry, standing(case));
    }
    if cases.is_empty() {
        text.push_str("No cases.\n");
    }
    let values: Vec<Value> = cases.iter().map(case_json).collect();
    context.format.result(&json!({ "cases": values }), &text);
    Ok(Exit::Done)
}

fn template(command: Option<&str>, context: &Context) -> Result<Exit, Failure> {
    let Some(command) = command else {
        let text: String = templates::all()
            .map(|template| format!("{:18} {}\n", template.command, template.who))
            .collect();
        let values: Vec<Value> = templates::all()
            .map(|template| json!({ "command": template.command, "who": template.who }))
            .collect();
        context.format.result(&json!({ "commands": values }), &text);
        return Ok(Exit::Done);
    };
    let template = templates::of(command).ok_or_else(|| {
        let known: Vec<&str> = templates::all().map(|template| template.command).collect();
        let problem = Problem::of_input(Refusal::RequestUnreadable);
        Failure::refused(problem.with_detail(format!("one of: {}", known.join(", "))))
    })?;
    let value: Value = serde_json::from_str(template.json).map_err(Failure::could_not)?;
    let text = serde_json::to_string_pretty(&value).map_err(Failure::could_not)?;
    context.format.result(&value, &format!("{text}\n"));
    Ok(Exit::Done)
}
