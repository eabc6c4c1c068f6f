//! Cases of the demonstration, played through the desk like any other: each step at the instant at
//! which it was taken, the earliest first, by the account that takes it.
//!
//! The files in `demo/cases/` say days relative to the day of the build; nothing here knows what a
//! rule would say, and a step that is refused stops the build.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use domain::adoption::{AuthorityKeyRegistered, ReviewerPair, key_name};
use domain::authority::AuthorityKey;
use domain::case::AccountHandle;
use domain::civil::{Day, Instant};
use domain::event::EventBody;
use domain::identity::ReviewerHandle;
use domain::ids::RecordId;
use domain::refusal::Language;
use ledger::SystemEntropy;
use ledger::note::SignerKey;
use policy::Packs;
use policy::procedure::ProcedureRules;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{DemoError, file_error, resolve_dates};
use crate::cases::{By, CaseError, Desk, request, templates};
use crate::clock::{Clock as _, FixedClock};
use crate::reviewers;
use crate::shipped::ShippedFile;

/// Where the cases are among the demonstration data.
const FOLDER: &str = "cases/";
/// Whose calendar and zone the days of the cases are counted by.
const PACK: &str = "demo";
/// The hour of the day, in that zone, at which a day's first step is taken.
const HOUR: i64 = 10;
/// The folder of a demonstration with the keys of the fictional accounts and the tokens of the
/// subjects: whoever tries it plays every part.
pub const TRY: &str = "try";
/// What that folder says of the cases.
const INDEX: &str = "cases.json";

/// A case as the data describe it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseText {
    /// What there is to see.
    shows: String,
    #[serde(rename = "step")]
    steps: Vec<StepText>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepText {
    /// The day it is taken: `@today-40d`, or `@next-10w` for working days before the next one.
    on: String,
    /// `AUTHORITY/ACCOUNT`, `subject`, `registry`, `reviewer:HANDLE` or `court:HANDLE`.
    by: String,
    /// The step, as `case template` names it.
    #[serde(rename = "do")]
    command: String,
    /// What it needs.
    #[serde(default)]
    with: Map<String, Value>,
}

/// A case that was played.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlayedCase {
    /// Its file in the data.
    pub name: String,
    /// What there is to see.
    pub shows: String,
    /// Its record.
    pub record: String,
    /// Whom it is about.
    pub organisation: String,
    /// What the subject acts with.
    pub token: String,
}

/// What is asked for on the command line to walk one case, with `{record}`, `{token}` and `{try}`
/// for what the build made.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Walk {
    /// Which case.
    case: String,
    /// The commands, in order.
    #[serde(rename = "command")]
    commands: Vec<WalkCommand>,
    /// Files that the commands name, in the folder `try`.
    #[serde(rename = "file", default)]
    files: Vec<WalkFile>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct WalkCommand {
    /// What it shows.
    does: String,
    run: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct WalkFile {
    name: String,
    text: String,
}

/// A command of a walk, ready to be pasted.
#[derive(Debug, Clone, Serialize)]
pub struct WalkStep {
    /// What it shows.
    pub does: String,
    /// Its arguments.
    pub arguments: Vec<String>,
}

/// A step with everything resolved but the records it names.
struct Planned {
    at: Instant,
    case: usize,
    by: String,
    command: String,
    with: Value,
}

/// Plays every case of the data up to `until` in the registry at `directory`, whose clock starts at
/// `begins`, and writes the keys and tokens of all parties into its folder `try`.
pub fn play(
    directory: &Path,
    files: &[ShippedFile],
    packs: &Packs,
    (begins, until): (Instant, Instant),
    today: Day,
    walk: Option<&Walk>,
) -> Result<(), DemoError> {
    let cases = cases(files)?;
    if cases.is_empty() {
        return Ok(());
    }
    let rules = packs.procedure(PACK).ok_or_else(|| data("the pack has no procedure"))?;
    let mut planned = Vec::new();
    for (case, (name, text)) in cases.iter().enumerate() {
        for step in &text.steps {
            planned.push(plan(case, step, rules, today).map_err(|error| of(name, &error))?);
        }
    }
    // The log tells one time: what happened in different cases is told in the order it happened.
    planned.sort_by_key(|step| step.at);
    let handles: BTreeSet<&str> = planned.iter().filter_map(|step| reviewer_in(&step.by)).collect();
    adopt_reviewers(directory, &handles)?;
    let clock = FixedClock::new(begins);
    let mut desk = Desk::open(directory, packs, &clock).map_err(|error| told(&error))?;
    // Nobody reads it before it is built: a hundred commits do not wait for the disk one by one.
    desk.defer_files();
    let keys = register_accounts(&mut desk, &planned)?;
    let mut played: Vec<Option<PlayedCase>> = vec![None; cases.len()];
    for step in &planned {
        clock.set(step.at.min(until).max(clock.now()));
        let name = cases.get(step.case).map_or("", |(name, _)| name.as_str());
        play_one(&mut desk, step, &keys, &cases, &mut played)
            .map_err(|error| of(&format!("{name}, {} by {}", step.command, step.by), &error))?;
    }
    let played: Vec<PlayedCase> = played.into_iter().flatten().collect();
    write_try(directory, &keys, &played, walk)
}

fn data(what: impl Into<String>) -> DemoError {
    DemoError::Data(what.into())
}

fn of(name: &str, error: &DemoError) -> DemoError {
    data(format!("{FOLDER}{name}: {error}"))
}

/// Every refusal of a step with its number: the data are wrong, and whoever changes them wants to
/// know how.
fn told(error: &CaseError) -> DemoError {
    match error {
        CaseError::Refused(problems) => {
            let texts = problems.iter().map(|problem| {
                format!("{} {}", problem.refusal.number(), problem.message(Language::En))
            });
            data(texts.collect::<Vec<_>>().join("; "))
        }
        other => data(other.to_string()),
    }
}

fn cases(files: &[ShippedFile]) -> Result<Vec<(String, CaseText)>, DemoError> {
    let mut cases = Vec::new();
    for file in files {
        let name = file.path.strip_prefix(FOLDER).and_then(|name| name.strip_suffix(".toml"));
        let Some(name) = name else { continue };
        let text = toml::from_str(&file.text).map_err(|error| data(error.to_string()));
        cases.push((name.to_owned(), text.map_err(|error| of(name, &error))?));
    }
    Ok(cases)
}

fn plan(
    case: usize,
    step: &StepText,
    rules: &ProcedureRules,
    today: Day,
) -> Result<Planned, DemoError> {
    let text = resolve(&step.on, None, rules, today)?;
    let day: Day = text.parse().map_err(|_| data(format!("`{}` is no day", step.on)))?;
    let with = resolve_in(&Value::Object(step.with.clone()), day, rules, today)?;
    let at = rules.zone().start_of(day).plus_hours(HOUR);
    Ok(Planned { at, case, by: step.by.clone(), command: step.command.clone(), with })
}

fn resolve_in(
    value: &Value,
    day: Day,
    rules: &ProcedureRules,
    today: Day,
) -> Result<Value, DemoError> {
    Ok(match value {
        Value::String(text) => Value::String(resolve(text, Some(day), rules, today)?),
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| resolve_in(item, day, rules, today))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(members) => {
            let resolved = members
                .iter()
                .map(|(key, member)| Ok((key.clone(), resolve_in(member, day, rules, today)?)));
            Value::Object(resolved.collect::<Result<_, DemoError>>()?)
        }
        other => other.clone(),
    })
}

/// `@today-40d`, `@next-10w` (working days counted from the next one) and `@day` (the day of the
/// step) as days.
fn resolve(
    text: &str,
    day: Option<Day>,
    rules: &ProcedureRules,
    today: Day,
) -> Result<String, DemoError> {
    let mut text = text.to_owned();
    if let Some(day) = day {
        text = text.replace("@day", &day.to_string());
    }
    if let Some(rest) = text.strip_prefix("@next") {
        let uncovered = |_| data("the calendar of the pack does not reach so far");
        let mut day = rules.calendar.working_day_from(today.next()).map_err(uncovered)?;
        if !rest.is_empty() {
            let back = rest.strip_prefix('-').and_then(|rest| rest.strip_suffix('w'));
            let back: u16 = back
                .and_then(|digits| digits.parse().ok())
                .ok_or_else(|| data("`@next` without a number of working days"))?;
            for _ in 0..back {
                day = day.plus_days(-1);
                while !rules.calendar.is_working_day(day).map_err(uncovered)? {
                    day = day.plus_days(-1);
                }
            }
        }
        return Ok(day.to_string());
    }
    resolve_dates(&text, today)
}

fn reviewer_in(by: &str) -> Option<&str> {
    by.strip_prefix("reviewer:").or_else(|| by.strip_prefix("court:"))
}

/// Two registrars adopt keys; the reviewers of the steps decide appeals and enter orders.
const REGISTRARS: [&str; 2] = ["registrar-1", "registrar-2"];

fn handle(text: &str) -> Result<ReviewerHandle, DemoError> {
    ReviewerHandle::new(text).ok_or_else(|| data(format!("`{text}` is no handle")))
}

fn adopt_reviewers(directory: &Path, more: &BTreeSet<&str>) -> Result<(), DemoError> {
    let handles = REGISTRARS.iter().chain(more).map(|text| handle(text));
    let handles: BTreeSet<ReviewerHandle> = handles.collect::<Result<_, _>>()?;
    reviewers::save(directory, &handles).map_err(|error| data(error.to_string()))
}

/// Makes and registers a key for each account that takes a step.
fn register_accounts(
    desk: &mut Desk<'_>,
    planned: &[Planned],
) -> Result<BTreeMap<String, SignerKey>, DemoError> {
    let [one, two] = REGISTRARS;
    let by = ReviewerPair::new(handle(one)?, handle(two)?)
        .ok_or_else(|| data("two registrars are one"))?;
    let accounts: BTreeSet<&str> =
        planned.iter().filter(|step| step.by.contains('/')).map(|step| step.by.as_str()).collect();
    let mut keys = BTreeMap::new();
    for name in accounts {
        let unfit = || data(format!("`{name}` is no account"));
        let (authority, account) = name.split_once('/').ok_or_else(unfit)?;
        let authority = AuthorityKey::new(authority).ok_or_else(unfit)?;
        let account = AccountHandle::new(account).ok_or_else(unfit)?;
        let key = SignerKey::generate(&mut SystemEntropy, &key_name(&authority, &account))
            .map_err(|error| data(error.to_string()))?;
        let vkey = key.vkey().to_string();
        let registered = AuthorityKeyRegistered { authority, account, vkey, by: by.clone() };
        desk.adopt(EventBody::AuthorityKeyRegistered(registered)).map_err(|error| told(&error))?;
        keys.insert(name.to_owned(), key);
    }
    Ok(keys)
}

fn play_one(
    desk: &mut Desk<'_>,
    step: &Planned,
    keys: &BTreeMap<String, SignerKey>,
    cases: &[(String, CaseText)],
    played: &mut [Option<PlayedCase>],
) -> Result<(), DemoError> {
    let mut text = step.with.to_string();
    for case in played.iter().flatten() {
        text = text.replace(&format!("@record:{}\"", case.name), &format!("{}\"", case.record));
    }
    let own = played.get(step.case).cloned().flatten();
    let refused = |problems| told(&CaseError::Refused(problems));
    let request = match &own {
        None => request::read(&text, None),
        Some(own) => {
            let record: RecordId = own.record.parse().map_err(|_| data("no record id"))?;
            templates::with_command(&text, &step.command)
                .and_then(|text| request::read(&text, Some(record)))
        }
    };
    let request = request.map_err(refused)?;
    let by = match (step.by.as_str(), keys.get(&step.by)) {
        (_, Some(key)) => By::Key(Box::new(
            SignerKey::from_text(key.to_text().trim_end()).map_err(|e| data(e.to_string()))?,
        )),
        ("registry", None) => By::Registry,
        ("subject", None) => By::Subject(own.map(|own| own.token).unwrap_or_default()),
        (by, None) => match (by.strip_prefix("reviewer:"), by.strip_prefix("court:")) {
            (Some(reviewer), _) => By::Reviewer(handle(reviewer)?),
            (_, Some(reviewer)) => By::Court(handle(reviewer)?),
            _ => return Err(data(format!("nobody is called `{by}`"))),
        },
    };
    let committed = desk.execute(&request, &by).map_err(|error| told(&error))?;
    if let (Some(place @ None), Some((name, text))) =
        (played.get_mut(step.case), cases.get(step.case))
    {
        *place = Some(PlayedCase {
            name: name.clone(),
            shows: text.shows.clone(),
            record: committed.record.to_string(),
            organisation: committed.organisation.to_string(),
            token: committed.subject_token,
        });
    }
    Ok(())
}

/// Keys, tokens and files for whoever tries the demonstration. Nothing in it is secret: the
/// accounts are invented, and so is whatever they sign.
fn write_try(
    directory: &Path,
    keys: &BTreeMap<String, SignerKey>,
    played: &[PlayedCase],
    walk: Option<&Walk>,
) -> Result<(), DemoError> {
    let folder = directory.join(TRY);
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|source| file_error(&path, source))
    };
    fs::create_dir_all(&folder).map_err(|source| file_error(&folder, source))?;
    for (name, key) in keys {
        write(&key_file(name), &key.to_text())?;
    }
    for file in walk.iter().flat_map(|walk| &walk.files) {
        write(&file.name, &file.text)?;
    }
    let index = serde_json::to_string_pretty(played).map_err(|error| data(error.to_string()))?;
    write(INDEX, &format!("{index}\n"))
}

fn key_file(account: &str) -> String {
    format!("{}.key", account.replace('/', "."))
}

/// The cases that were played in the demonstration at `directory`.
pub fn played(directory: &Path) -> Result<Vec<PlayedCase>, DemoError> {
    let path = directory.join(TRY).join(INDEX);
    let text = fs::read_to_string(&path).map_err(|source| file_error(&path, source))?;
    serde_json::from_str(&text).map_err(|error| data(format!("{}: {error}", path.display())))
}

/// The commands that walk one case of the demonstration at `directory`.
pub fn walk(directory: &Path, walk: &Walk) -> Result<Vec<WalkStep>, DemoError> {
    let played = played(directory)?;
    let case = played
        .iter()
        .find(|case| case.name == walk.case)
        .ok_or_else(|| data(format!("there is no case `{}`", walk.case)))?;
    let folder = directory.join(TRY);
    let filled = |text: &String| {
        text.replace("{record}", &case.record)
            .replace("{token}", &case.token)
            .replace("{try}", &folder.display().to_string())
    };
    let mut steps = Vec::new();
    for command in &walk.commands {
        let mut arguments = vec!["--dir".to_owned(), directory.display().to_string()];
        arguments.extend(command.run.iter().map(filled));
        steps.push(WalkStep { does: command.does.clone(), arguments });
    }
    Ok(steps)
}
