//! `consult`: what follows from the public file of an organisation, for whom, on what law.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use domain::civil::Day;
use domain::identifiers;
use domain::ids::OrganisationId;
use domain::refusal::{Problem, Refusal};
use due_process::consult::Applicable;
use due_process::published::PublishedFacts;
use due_process::recognition::{Assessment, Standing, Told};
use policy::Packs;

use super::Context;
use super::authority::read_key;
use super::consult_as::{self, Question};
use crate::clock::SystemClock;
use crate::consulting::{self, Answered, Asking, Unfit};
use crate::output::{Exit, Failure};
use crate::registry::Registry;
use crate::server::ConsultShape;
use crate::setup;

const EXAMPLES: &str = "\
Examples:
  goodstanding consult 91110108551385082Q --purpose public_procurement --role procuring_entity --territory cn
  goodstanding consult lei:5493001KJTIIGC8Y1R12 --purpose public_funding --role granting_body --territory us --json
  goodstanding consult lei:5493001KJTIIGC8Y1R12 --purpose development_finance --role development_bank \\
    --territory mdb --addressee mdb.adb
  goodstanding consult 91110108551385082Q --purpose public_procurement --role procuring_entity --territory cn \\
    --receipt answer.txt
  goodstanding consult 91110108551385082Q --purpose licensing --role licensing_authority --territory cn \\
    --key officer-1.key --from https://NAME
  goodstanding consult journal 91110108551385082Q
  goodstanding consult feedback 91110108551385082Q --purpose licensing --role licensing_authority \\
    --territory cn --record RECORD --measure MEASURE --said applied --key officer-1.key
  goodstanding consult held answer.txt --key officer-1.key --from https://NAME

The answer is a basis for a decision by the addressee, never a decision: each measure or incentive
with its article, the record it follows from, its first and last day, or a plain `nothing applies`,
which says no more than it says. A quotation of another publisher's list carries a measure only
where an agreement of a pack recognises the decision, and each condition of it is shown; what the
list does not tell is never taken as met. With --addressee what that authority decided, enforces or
set aside itself counts too. --receipt writes the answer signed, to be checked with `goodstanding
verify`; it says until when it may be used, and is no certificate. Nothing of the question is kept, except
where a public authority asks as such, with the key of its account (--key): then organisation,
function and month are counted, for the organisation to read (`consult journal`).
Exit 0 answered, 1 nothing under this address, 2 could not.";

/// Arguments of `consult`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// Id of the organisation, or an identifier
    #[arg(value_name = "ORG", required = true)]
    organisation: Option<String>,
    /// For what: public_procurement, public_funding, licensing, inspection, ...
    #[arg(long, required = true)]
    purpose: Option<String>,
    /// In which function you ask: procuring_entity, granting_body, licensing_authority, ...
    #[arg(long, required = true)]
    role: Option<String>,
    /// Where: `cn`, `us`, ...
    #[arg(long, required = true)]
    territory: Option<String>,
    /// For this day instead of today (UTC): the records are those of now
    #[arg(long, value_name = "DAY")]
    on: Option<String>,
    /// Which authority of the packs asks: `mdb.adb`, ...
    #[arg(long, value_name = "AUTHORITY")]
    addressee: Option<String>,
    /// Write the answer signed and dated to this new file
    #[arg(long, value_name = "OUT")]
    receipt: Option<PathBuf>,
    /// Ask as a public authority, with the key of its account: it is journalled
    #[arg(long, value_name = "FILE", conflicts_with = "addressee")]
    key: Option<PathBuf>,
    /// With --key: ask the registry at this address instead of the one beside this program
    #[arg(long, value_name = "URL", requires = "key")]
    from: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// How often public authorities asked about an organisation, in months that are over
    #[command(after_help = consult_as::JOURNAL_EXAMPLES)]
    Journal(consult_as::JournalArguments),
    /// Say that you applied a measure, or why not
    #[command(after_help = consult_as::FEEDBACK_EXAMPLES)]
    Feedback(consult_as::FeedbackArguments),
    /// Which records that were received in answers stand, and which are over
    #[command(after_help = consult_as::HELD_EXAMPLES)]
    Held(consult_as::HeldArguments),
}

/// Runs `consult`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    match &arguments.action {
        Some(Action::Journal(arguments)) => return consult_as::journal(arguments, context),
        Some(Action::Feedback(arguments)) => return consult_as::feedback(arguments, context),
        Some(Action::Held(arguments)) => return consult_as::held(arguments, context),
        None => {}
    }
    let key = arguments.key.as_deref().map(read_key).transpose()?;
    if let (Some(url), Some(key)) = (&arguments.from, &key) {
        let question = Question {
            organisation: text(&arguments.organisation),
            purpose: text(&arguments.purpose),
            role: text(&arguments.role),
            territory: text(&arguments.territory),
            on: arguments.on.as_deref(),
        };
        return consult_as::ask(url, &question, key, arguments.receipt.as_deref(), context);
    }
    let directory = context.registry_directory()?;
    let registry = Registry::open(&directory, Arc::new(SystemClock))?;
    let account = key.as_ref().map(|key| consult_as::account(&directory, key)).transpose()?;
    let own = account.as_ref().map(|account| account.authority.as_str());
    let asking = asking(arguments, own, &registry.packs())?;
    let id = organisation(&registry, text(&arguments.organisation))?;
    let answered = match account {
        Some(_) => consulting::ask_as(&registry, id, &asking)?.map(|(answered, _)| answered),
        None => consulting::ask(&registry, id, &asking)?,
    };
    let answered = answered.ok_or_else(unknown)?;
    if let Some(out) = &arguments.receipt {
        write_receipt(&registry, &answered, out)?;
    }
    let shape = ConsultShape::of(&registry.packs(), &answered);
    let document = serde_json::to_value(&shape).map_err(Failure::could_not)?;
    context.format.result(&document, &to_text(&registry.packs(), &answered));
    Ok(Exit::Done)
}

fn write_receipt(registry: &Registry, answered: &Answered, out: &Path) -> Result<(), Failure> {
    let is_inside = registry.dir().canonicalize().is_ok_and(|dir| setup::is_within(out, &dir));
    if is_inside {
        let out = out.display();
        let failure = format!("`{out}` lies in the registry; write to a place outside of it");
        return Err(Failure::could_not(failure));
    }
    let note = consulting::signed(registry, answered)?.ok_or_else(|| {
        Failure::could_not(
            "this registry has no key for answers; make one with `goodstanding key answers`",
        )
    })?;
    let written = File::create_new(out).and_then(|mut file| file.write_all(note.as_bytes()));
    written.map_err(|error| Failure::file(out, &error))
}

/// An argument that is required where no subcommand is given.
fn text(argument: &Option<String>) -> &str {
    argument.as_deref().unwrap_or_default()
}

pub(super) fn unknown() -> Failure {
    Failure::refused(
        Problem::of_input(Refusal::OrganisationUnknown)
            .with_detail("find it with `goodstanding search`"),
    )
}

/// The organisation with this id or identifier.
pub(super) fn organisation(registry: &Registry, text: &str) -> Result<OrganisationId, Failure> {
    match text.parse::<OrganisationId>() {
        Ok(id) => Ok(id),
        Err(_) => {
            let claim = identifiers::recognise(text).ok_or_else(unknown)?;
            registry.redirect(&claim)?.ok_or_else(unknown)
        }
    }
}

fn asking(arguments: &Arguments, own: Option<&str>, packs: &Packs) -> Result<Asking, Failure> {
    let part = |name| match name {
        "purpose" => arguments.purpose.as_deref(),
        "role" => arguments.role.as_deref(),
        "territory" => arguments.territory.as_deref(),
        "on" => arguments.on.as_deref(),
        "addressee" => own.or(arguments.addressee.as_deref()),
        _ => None,
    };
    Asking::read(packs, part).map_err(unfit)
}

pub(super) fn unfit(Unfit { parameter, known }: Unfit) -> Failure {
    let detail = format!("--{parameter} is one of: {}", known.join(", "));
    Failure::refused(Problem::of_input(Refusal::QueryUnreadable).with_detail(detail))
}

fn to_text(packs: &Packs, answered: &Answered) -> String {
    let question = &answered.question;
    let mut text = format!(
        "{}\n{} for {} in {}, on {}; the file as of {}, log position {}.\n\
         It may be another answer from {} on.\n\n",
        answered.name.text,
        question.purpose.key().replace('_', " "),
        question.role.key().replace('_', " "),
        question.territory.as_str(),
        question.on,
        answered.as_of,
        answered.position,
        answered.usable_until,
    );
    if answered.found.is_empty() {
        text.push_str(
            "Nothing applies: no measure or incentive of the packs in force follows from what is \
             public here. That is no certificate.\n",
        );
    }
    for it in &answered.found.applicable {
        applicable(&mut text, packs, answered, it);
    }
    for assessment in &answered.assessments {
        text.push('\n');
        recognition(&mut text, packs, assessment);
    }
    if !answered.found.is_empty() {
        text.push_str("\nA basis for your decision, not a decision.\n");
    }
    text
}

fn day(day: Option<Day>) -> String {
    day.map_or("open".to_owned(), |day| day.to_string())
}

// Writing to a text cannot fail.
fn applicable(text: &mut String, packs: &Packs, answered: &Answered, it: &Applicable) {
    let measure = packs.measure(&it.measure);
    let title = measure.map_or(it.measure.as_str(), |measure| measure.title.in_language("en"));
    let choice = if it.mandatory { "by law" } else { "at the addressee's discretion" };
    let _ = writeln!(text, "{title}: {} ({choice})", it.effect.key());
    let _ = writeln!(text, "  measure {} version {}", it.measure.as_str(), it.version);
    for basis in measure.into_iter().flat_map(|measure| &measure.basis) {
        let _ = writeln!(text, "  on the basis of {}", basis.short("en"));
    }
    let _ = writeln!(text, "  from {} until {}", day(it.from), day(it.until));
    let _ = writeln!(text, "  follows from record {}", it.record);
    if let Some(facts) = answered.facts.get(&it.record) {
        reason(text, packs, facts);
    }
    if it.objected {
        text.push_str("  an objection against that record is open\n");
    }
    if it.interim {
        text.push_str("  that record is interim: not a finding\n");
    }
    for authority in &it.set_aside_by {
        let _ = writeln!(text, "  set aside for itself by {authority}, publicly and with reasons");
    }
}

fn reason(text: &mut String, packs: &Packs, facts: &PublishedFacts) {
    let name = |key: &domain::authority::AuthorityKey| match packs.authority(key) {
        Some(authority) => authority.names.in_language("en").to_owned(),
        None => key.to_string(),
    };
    let grounds: Vec<&str> = facts.grounds.iter().map(|ground| ground.key()).collect();
    let ground = if grounds.is_empty() { "none".to_owned() } else { grounds.join(", ") };
    let _ = writeln!(
        text,
        "    {} of {}, ground: {ground}, decided on {}",
        facts.record_type.key(),
        name(&facts.authority),
        day(facts.decided_on)
    );
    let list = facts.list.as_ref().and_then(|list| packs.list(list));
    let entry = facts.entry.as_ref().and_then(|entry| packs.catalogue_entry(entry));
    let of_list = list.into_iter().flat_map(|list| &list.basis);
    for basis in of_list.chain(entry.into_iter().flat_map(|entry| &entry.basis)) {
        let _ = writeln!(text, "    which rests on {}", basis.short("en"));
    }
}

fn recognition(text: &mut String, packs: &Packs, assessment: &Assessment) {
    let rule = packs.recognition(&assessment.rule);
    let title = rule.map_or(assessment.rule.as_str(), |rule| rule.title.in_language("en"));
    let _ = writeln!(text, "{title}, of record {}", assessment.record);
    for basis in rule.into_iter().flat_map(|rule| &rule.basis) {
        let _ = writeln!(text, "  on the basis of {}", basis.short("en"));
    }
    for (condition, told) in &assessment.conditions {
        let told = match told {
            Told::Met => "met",
            Told::NotMet => "not met",
            Told::Untold => "cannot be told from the source, so not taken as met",
        };
        let _ = writeln!(text, "  {:<15} {told}", condition.key().replace('_', " "));
    }
    for (party, standing) in &assessment.parties {
        let standing = match standing {
            Standing::Decided => "decided itself",
            Standing::Enforces => "names the decision on its own list",
            Standing::WouldEnforce => "would enforce",
            Standing::Open => "cannot be told; nothing follows",
            Standing::WouldNot => "would not enforce",
        };
        let _ = writeln!(text, "  {party}: {standing}");
    }
    if let Some(opt_out) = rule.and_then(|rule| rule.opt_out.as_ref()) {
        let _ = writeln!(text, "  {}", opt_out.in_language("en"));
    }
}
