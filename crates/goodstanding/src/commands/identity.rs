//! `identity`: which files are about one organisation.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use clap::{Args, Subcommand};
use domain::civil::Day;
use domain::identifiers::{self, IdentifierClaim};
use domain::identity::{IdentityReason, OfficialSource};
use domain::ids::{OrganisationId, RecordId};
use domain::refusal::{Problem, Refusal};
use due_process::identity::{Proposal, Stage};
use serde_json::{Value, json};

use super::{Context, reviewer};
use crate::clock::SystemClock;
use crate::identity::{self, Asked, Done, IdentityError, What};
use crate::output::{Exit, Failure};
use crate::progress::Progress;
use crate::registry::{Registry, SuggestedTwins};
use crate::setup;

const EXAMPLES: &str = "\
Examples:
  goodstanding identity suggest
  goodstanding identity propose same KEPT ALIAS --reviewer officer-7 --reason same_identifier
  goodstanding identity propose distinct ONE OTHER --reviewer officer-7 --reason different_places
  goodstanding identity propose split ORG --record RECORD --reviewer officer-7 --reason mixed_records
  goodstanding identity confirm 812 --reviewer officer-9
  goodstanding identity reverse 812 --reviewer officer-7 --reason decided_in_error

A decision has the number of its first entry on the log. Two reviewers decide; where adverse records
would come to another file, both organisations have notice first. Exit 0 done, 1 refused, 2 could not.";

/// Arguments of `identity`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Pairs that may be one organisation, with the reason; decides nothing
    #[command(after_help = "Examples:\n  goodstanding identity suggest --limit 20 --json")]
    Suggest {
        /// Most pairs listed
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Propose a decision; the entry on the log is the notice
    #[command(after_help = "Examples:\n  \
        goodstanding identity propose same KEPT ALIAS --reviewer officer-7 --reason same_identifier")]
    Propose {
        #[command(subcommand)]
        what: Proposed,
    },
    /// Confirm a proposal of another reviewer
    #[command(after_help = "Examples:\n  goodstanding identity confirm 812 --reviewer officer-9")]
    Confirm(Answer),
    /// Refuse a proposal, or take one's own back
    #[command(after_help = "Examples:\n  goodstanding identity refuse 812 --reviewer officer-9")]
    Refuse(Answer),
    /// Propose that a decision no longer holds; it is confirmed like any other
    #[command(after_help = "Examples:\n  \
        goodstanding identity reverse 812 --reviewer officer-7 --reason decided_in_error")]
    Reverse {
        /// Number of the decision
        number: u64,
        #[command(flatten)]
        grounds: Grounds,
    },
    /// Every decision and where it stands
    #[command(after_help = "Examples:\n  goodstanding identity list --open")]
    List {
        /// Only those that wait for an answer
        #[arg(long)]
        open: bool,
    },
}

#[derive(Debug, Subcommand)]
enum Proposed {
    /// The second file is about the organisation of the first, which keeps its address
    Same {
        /// Id or identifier of the one that is kept
        kept: String,
        /// Id or identifier of the one that becomes an alias
        alias: String,
        #[command(flatten)]
        grounds: Grounds,
    },
    /// The two are two organisations, for good
    Distinct {
        /// Id or identifier
        one: String,
        /// Id or identifier
        other: String,
        #[command(flatten)]
        grounds: Grounds,
    },
    /// Records on a file are about another organisation, which gets a file of its own
    Split {
        /// Id or identifier of the file
        organisation: String,
        /// A record that goes; repeat it for each
        #[arg(long = "record", value_name = "RECORD", required = true)]
        records: Vec<String>,
        /// An identifier that goes, as scheme:value; repeat it for each
        #[arg(long = "identifier", value_name = "IDENTIFIER")]
        identifiers: Vec<String>,
        #[command(flatten)]
        grounds: Grounds,
    },
}

#[derive(Debug, Args)]
struct Grounds {
    /// Account of the reviewer
    #[arg(long, value_name = "HANDLE")]
    reviewer: String,
    /// Code of the reason: same_identifier, same_register_entry, official_notice,
    /// corrected_typing_error, name_and_place_alike, different_identifiers,
    /// different_register_entries, different_places, mixed_records or decided_in_error
    #[arg(long, value_name = "CODE")]
    reason: String,
    /// Address of the official document it rests on
    #[arg(long, value_name = "URL", requires = "read_on")]
    source: Option<String>,
    /// The day the document was read
    #[arg(long, value_name = "YYYY-MM-DD", requires = "source")]
    read_on: Option<String>,
}

#[derive(Debug, Args)]
struct Answer {
    /// Number of the proposal
    number: u64,
    /// Account of the reviewer
    #[arg(long, value_name = "HANDLE")]
    reviewer: String,
}

/// Runs `identity`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    match &arguments.action {
        Action::Suggest { limit } => suggest(&directory, *limit, context),
        Action::List { open } => list(&directory, *open, context),
        Action::Propose { what } => {
            let (what, grounds) = what.read(&directory)?;
            decide(&directory, &grounds.reviewer, &grounds.proposal(what)?, context)
        }
        Action::Reverse { number, grounds } => {
            let asked = grounds.proposal(What::Reversal(*number))?;
            decide(&directory, &grounds.reviewer, &asked, context)
        }
        Action::Confirm(answer) => {
            decide(&directory, &answer.reviewer, &Asked::Confirm(answer.number), context)
        }
        Action::Refuse(answer) => {
            decide(&directory, &answer.reviewer, &Asked::Refuse(answer.number), context)
        }
    }
}

impl Proposed {
    fn read(&self, directory: &Path) -> Result<(What, &Grounds), Failure> {
        let registry = Registry::open(directory, Arc::new(SystemClock))?;
        Ok(match self {
            Proposed::Same { kept, alias, grounds } => {
                let what =
                    What::Same(organisation(kept, &registry)?, organisation(alias, &registry)?);
                (what, grounds)
            }
            Proposed::Distinct { one, other, grounds } => {
                let pair = (organisation(one, &registry)?, organisation(other, &registry)?);
                (What::Distinct(pair.0, pair.1), grounds)
            }
            Proposed::Split { organisation: from, records, identifiers, grounds } => {
                let from = organisation(from, &registry)?;
                let records: Option<Vec<RecordId>> =
                    records.iter().map(|id| id.parse().ok()).collect();
                let identifiers: Option<Vec<IdentifierClaim>> =
                    identifiers.iter().map(|text| identifiers::recognise(text)).collect();
                let (Some(records), Some(identifiers)) = (records, identifiers) else {
                    return Err(refused(Refusal::SplitUnfit));
                };
                (What::Split(from, records, identifiers), grounds)
            }
        })
    }
}

impl Grounds {
    fn proposal(&self, what: What) -> Result<Asked, Failure> {
        let reason = IdentityReason::from_key(&self.reason);
        let reason = reason.ok_or_else(|| refused(Refusal::ReasonUnfit))?;
        let source = match (&self.source, &self.read_on) {
            (Some(url), Some(day)) => {
                let day: Option<Day> = day.parse().ok();
                let source = day.and_then(|day| OfficialSource::new(url, day));
                Some(source.ok_or_else(|| {
                    let problem = Problem::of_input(Refusal::ReasonUnfit);
                    Failure::refused(problem.with_detail(
                        "a source is a plain https address without account or query, and a day \
                         like 2026-01-31",
                    ))
                })?)
            }
            _ => None,
        };
        Ok(Asked::Propose { what, reason, source })
    }
}

fn refused(refusal: Refusal) -> Failure {
    Failure::refused(Problem::of_input(refusal))
}

/// An id, or what a checked identifier leads to.
fn organisation(text: &str, registry: &Registry) -> Result<OrganisationId, Failure> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let unknown = || refused(Refusal::OrganisationUnknown);
    let claim = identifiers::recognise(text).ok_or_else(unknown)?;
    registry.redirect(&claim)?.ok_or_else(unknown)
}

fn decide(
    directory: &Path,
    reviewer: &str,
    asked: &Asked,
    context: &Context,
) -> Result<Exit, Failure> {
    let reviewer = reviewer::handle(reviewer)?;
    let packs = setup::load_packs(directory)?;
    let done = identity::run(directory, &packs, &SystemClock, &reviewer, asked);
    let done = done.map_err(|error| match error {
        IdentityError::Refused(refusal) => refused(refusal),
        other => Failure::could_not(crate::failing::explained(&other)),
    })?;
    context.format.result(&done_json(&done), &done_text(&done, asked));
    Ok(Exit::Done)
}

fn done_json(done: &Done) -> Value {
    json!({
        "decision": done.number,
        "kind": done.decision.kind.key(),
        "organisation": done.decision.organisation.to_string(),
        "other": done.decision.other.to_string(),
        "answer_until": done.answer_until.map(|until| until.to_string()),
        "log": { "from": done.from, "to": done.to },
    })
}

fn done_text(done: &Done, asked: &Asked) -> String {
    let Done { number, decision, .. } = done;
    let what = match asked {
        Asked::Propose { .. } => "is proposed",
        Asked::Confirm(_) => "holds from here on",
        Asked::Refuse(_) => "is refused",
    };
    let mut text = format!("Decision {number} ({}) {what}.\n", decision.kind.key());
    if let Some(until) = done.answer_until {
        let _ = writeln!(
            text,
            "Both organisations may answer until {until}; where adverse records would come to another \
             file it can be confirmed after that only."
        );
    }
    if matches!(asked, Asked::Propose { .. }) {
        let _ = writeln!(
            text,
            "Another reviewer confirms it: goodstanding identity confirm {number} --reviewer HANDLE"
        );
    }
    text
}

fn list(directory: &Path, only_open: bool, context: &Context) -> Result<Exit, Failure> {
    let registry = Registry::open(directory, Arc::new(SystemClock))?;
    let identities = registry.identities()?;
    let listed: Vec<&Proposal> = identities
        .proposals()
        .filter(|proposal| !only_open || proposal.stage == Stage::Open)
        .collect();
    let mut text = String::new();
    for proposal in &listed {
        let decision = &proposal.proposed.decision;
        let _ = writeln!(
            text,
            "{}  {}  {} {} {}  {}  by {}{}",
            proposal.number,
            proposal.stage.key(),
            decision.kind.key(),
            decision.organisation,
            decision.other,
            proposal.proposed.reason.key(),
            proposal.proposed.reviewer,
            proposal
                .proposed
                .answer_until
                .filter(|_| proposal.stage == Stage::Open)
                .map(|until| format!("  answer until {until}"))
                .unwrap_or_default(),
        );
    }
    if listed.is_empty() {
        text.push_str("No decisions.\n");
    }
    let values: Vec<Value> = listed.iter().map(|proposal| proposal_json(proposal)).collect();
    context.format.result(&json!({ "decisions": values }), &text);
    Ok(Exit::Done)
}

fn proposal_json(proposal: &Proposal) -> Value {
    let proposed = &proposal.proposed;
    json!({
        "decision": proposal.number,
        "stage": proposal.stage.key(),
        "kind": proposed.decision.kind.key(),
        "organisation": proposed.decision.organisation.to_string(),
        "other": proposed.decision.other.to_string(),
        "reason": proposed.reason.key(),
        "reviewer": proposed.reviewer.as_str(),
        "source": proposed.source.as_ref().map(OfficialSource::url),
        "at": proposal.at.to_string(),
        "answer_until": proposed.answer_until.map(|until| until.to_string()),
    })
}

fn suggest(directory: &Path, limit: usize, context: &Context) -> Result<Exit, Failure> {
    let registry = Registry::open(directory, Arc::new(SystemClock))?;
    let pairs = {
        let progress = Progress::counter("comparing, organisations");
        registry.suggested_twins(limit, &mut |at| progress.at(at))?
    };
    let mut text = String::new();
    for SuggestedTwins { one: (id, name), other } in &pairs {
        let _ = writeln!(
            text,
            "{}: {id} {} / {} {}",
            other.reason_key.replace('_', " "),
            name.text,
            other.id,
            other.name.text
        );
    }
    if pairs.is_empty() {
        text.push_str("Nothing looks like two files of one organisation.\n");
    }
    let values: Vec<Value> = pairs
        .iter()
        .map(|pair| {
            json!({
                "one": { "id": pair.one.0.to_string(), "name": pair.one.1.text },
                "other": { "id": pair.other.id.to_string(), "name": pair.other.name.text },
                "reason": pair.other.reason_key,
            })
        })
        .collect();
    context.format.result(&json!({ "suggestions": values }), &text);
    Ok(Exit::Done)
}
