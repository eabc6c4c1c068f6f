//! `policy recognition`: which parties of an agreement would enforce which decisions, and why.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use domain::case::CatalogueKey;
use domain::civil::{Day, Zone};
use domain::refusal::{Problem, Refusal};
use due_process::recognition::{Condition, Standing};
use intake::{FileSummary, Profile};
use policy::Packs;
use policy::recognition::Recognition;
use serde_json::{Value, json};

use super::super::Context;
use crate::clock::{Clock, SystemClock};
use crate::output::{Exit, Failure, counted, thousands};
use crate::progress::Progress;
use crate::recognising::{self, Judged, Measured};
use crate::registry::Registry;
use crate::server::assessment;
use crate::setup::{self, DEFAULT_DIRECTORY, TRUTH};
use crate::shipped;

const EXAMPLES: &str = "\
Examples:
  goodstanding policy recognition mdb.mutual-enforcement
  goodstanding policy recognition mdb.mutual-enforcement --csv who-enforces.csv
  goodstanding policy recognition mdb.mutual-enforcement --file sanctioned-firms.xlsx --profile idb --as-of 2025-01-02

For every decision that is public in the registry, or for every row of a file without any registry:
who decided, each condition of the agreement with met, not met or untold, and how each party
stands to it. What the source does not tell is never taken as met. Where the list itself says
that it enforces another's decision, the conditions are held against that. Exit 0 done, 1 refused,
2 could not.";

/// Arguments of `policy recognition`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The rule of the packs in force
    #[arg(value_name = "RULE")]
    rule: String,
    /// Read this file of a list instead of the registry
    #[arg(long, value_name = "FILE", requires = "profile")]
    file: Option<PathBuf>,
    /// The profile that reads it
    #[arg(long, value_name = "NAME", requires = "file")]
    profile: Option<String>,
    /// Day the file was read at its publisher [default: today, UTC]
    #[arg(long, value_name = "DATE", requires = "file")]
    as_of: Option<Day>,
    /// Write one row for each decision to this new file
    #[arg(long, value_name = "OUT.csv")]
    csv: Option<PathBuf>,
}

/// Runs `policy recognition`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let id = CatalogueKey::new(&arguments.rule);
    let directory = context.directory_or(DEFAULT_DIRECTORY);
    let is_registry = directory.join(TRUTH).is_file();
    if arguments.file.is_none() {
        setup::check_present(&directory)?;
    }
    let packs = if is_registry {
        setup::load_packs(&directory)?
    } else {
        setup::load_pack_files(&shipped::packs())?
    };
    let rule = id.as_ref().and_then(|id| packs.recognition(id)).ok_or_else(|| {
        let known: Vec<&str> = packs.recognitions().map(|rule| rule.id.as_str()).collect();
        let detail = format!("the rules of the packs in force: {}", known.join(", "));
        Failure::refused(Problem::of_input(Refusal::QueryUnreadable).with_detail(detail))
    })?;
    let (judged, summary) = match (&arguments.file, &arguments.profile) {
        (Some(file), Some(profile)) => {
            let registry = is_registry.then_some(directory.as_path());
            let profile = profile_of(registry, profile, &packs)?;
            let (judged, summary) = of_file(&packs, &profile, file, arguments.as_of, rule)?;
            (judged, Some(summary))
        }
        _ => (of_registry(&directory, rule)?, None),
    };
    if let Some(out) = &arguments.csv {
        write_csv(rule, &judged, out)?;
    }
    let measured = recognising::measure(&judged);
    let document = json!({
        "rule": rule.id.as_str(),
        "file": summary.as_ref().map(summary_json),
        "decisions": judged.iter().map(|it| decision_json(&packs, it)).collect::<Vec<_>>(),
        "measured": measured_json(&measured),
    });
    context.format.result(&document, &to_text(rule, &judged, summary.as_ref(), &measured));
    Ok(Exit::Done)
}

fn profile_of(registry: Option<&Path>, name: &str, packs: &Packs) -> Result<Profile, Failure> {
    if let Some(directory) = registry {
        return Ok(setup::load_profile(directory, name, packs)?);
    }
    let file = format!("{name}.toml");
    let found = shipped::profiles().into_iter().find(|shipped| shipped.path == file);
    let found = found.ok_or(setup::SetupError::ProfileUnknown)?;
    Ok(setup::parse_profile(&found.path, &found.text, packs)?)
}

fn of_file(
    packs: &Packs,
    profile: &Profile,
    file: &Path,
    as_of: Option<Day>,
    rule: &Recognition,
) -> Result<(Vec<Judged>, FileSummary), Failure> {
    let today = SystemClock.now().day_in(&Zone::UTC);
    let as_of = as_of.unwrap_or(today);
    if as_of > today {
        return Err(Failure::refused(Problem::of_input(Refusal::ReadInFuture)));
    }
    recognising::of_file(packs, profile, file, as_of, &rule.id)
        .map_err(|error| Failure::reading(file, error))
}

fn of_registry(directory: &Path, rule: &Recognition) -> Result<Vec<Judged>, Failure> {
    let registry = Registry::open(directory, Arc::new(SystemClock))?;
    let mut progress = None;
    let judged = recognising::of_registry(&registry, &rule.id, &mut |done, total| {
        progress.get_or_insert_with(|| Progress::bar("looking, organisations", total)).at(done);
    });
    drop(progress);
    Ok(judged?)
}

fn write_csv(rule: &Recognition, judged: &[Judged], out: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::file(out, &error);
    let mut file = BufWriter::new(File::create_new(out).map_err(failed)?);
    recognising::write_csv(rule, judged, &mut file).map_err(|error| failed(error.into()))
}

fn summary_json(summary: &FileSummary) -> Value {
    json!({
        "rows": summary.rows,
        "already_ended": summary.already_ended,
        "quarantined": summary.quarantined,
        "duplicate": summary.duplicate,
        "refused": summary.refused,
        "refused_persons": summary.refused_persons,
    })
}

fn decision_json(packs: &Packs, judged: &Judged) -> Value {
    let shape = serde_json::to_value(assessment(packs, &judged.assessment));
    let mut value = json!({ "key": judged.key, "organisation": judged.name });
    if let (Some(value), Ok(Value::Object(shape))) = (value.as_object_mut(), shape) {
        // The rule and its articles are the same for all.
        let of_one = ["decider", "publisher", "parties"];
        value.extend(shape.into_iter().filter(|(key, _)| of_one.contains(&key.as_str())));
        let conditions: serde_json::Map<String, Value> = judged
            .assessment
            .conditions
            .iter()
            .map(|(condition, told)| (condition.key().to_owned(), told.key().into()))
            .collect();
        value.insert("conditions".to_owned(), conditions.into());
    }
    value
}

fn by_standing(counts: &BTreeMap<Standing, u64>) -> Value {
    counts.iter().map(|(standing, count)| (standing.key(), *count)).collect()
}

fn measured_json(measured: &Measured) -> Value {
    let keys = |conditions: &[Condition]| -> Vec<&'static str> {
        conditions.iter().map(|it| it.key()).collect()
    };
    json!({
        "by_decider": measured.by_decider.iter().map(|(decider, (decisions, conditions))| {
            let conditions: Value = conditions
                .iter()
                .map(|(condition, [met, not_met, untold])| {
                    (condition.key(), json!({"met": met, "not_met": not_met, "untold": untold}))
                })
                .collect();
            json!({"decider": decider, "decisions": decisions, "conditions": conditions})
        }).collect::<Vec<_>>(),
        "own": by_standing(&measured.own),
        "cross": by_standing(&measured.cross),
        "in_the_way": measured.in_the_way.iter().map(|((not_met, untold), decisions)| {
            json!({"not_met": keys(not_met), "untold": keys(untold), "decisions": decisions})
        }).collect::<Vec<_>>(),
        "parties": measured.parties.iter().map(|(party, counts)| {
            json!({"party": party, "standings": by_standing(counts)})
        }).collect::<Vec<_>>(),
    })
}

fn to_text(
    rule: &Recognition,
    judged: &[Judged],
    summary: Option<&FileSummary>,
    measured: &Measured,
) -> String {
    let mut text = format!("{}\n", rule.title.in_language("en"));
    for basis in &rule.basis {
        let _ = writeln!(text, "  on the basis of {}", basis.short("en"));
    }
    if let Some(summary) = summary {
        let _ = writeln!(
            text,
            "{} read: {} already ended, {} quarantined, {} about persons.",
            counted(summary.rows, "row", "rows"),
            thousands(summary.already_ended),
            thousands(summary.quarantined),
            thousands(summary.refused_persons),
        );
    }
    let _ =
        writeln!(text, "{} looked at.\n", counted(judged.len() as u64, "decision", "decisions"));
    for (decider, (decisions, conditions)) in &measured.by_decider {
        let decider = if decider == "?" { "cannot be told" } else { decider };
        let _ = writeln!(text, "decided by {decider}: {}", thousands(*decisions));
        for (condition, [met, not_met, untold]) in conditions {
            let key = condition.key().replace('_', " ");
            let _ = writeln!(text, "  {key:<15} {met} met, {not_met} not met, {untold} untold");
        }
    }
    text.push('\n');
    for (party, standings) in &measured.parties {
        let counts: Vec<String> = standings
            .iter()
            .map(|(standing, count)| format!("{} {count}", standing.key().replace('_', " ")))
            .collect();
        let _ = writeln!(text, "{party}: {}", counts.join(", "));
    }
    let cross: u64 = measured.cross.values().sum();
    if cross > 0 {
        let _ = writeln!(text, "\n{cross} that the list itself enforces for another:");
        for ((not_met, untold), decisions) in &measured.in_the_way {
            let named = |conditions: &[Condition]| match conditions {
                [] => "none".to_owned(),
                some => some.iter().map(|it| it.key()).collect::<Vec<_>>().join(", "),
            };
            let _ = writeln!(
                text,
                "  {decisions}: not met: {}; untold: {}",
                named(not_met),
                named(untold)
            );
        }
    }
    text
}
