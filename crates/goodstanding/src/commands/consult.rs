//! `consult`: what follows from the public file of an organisation, for whom, on what law.

use std::fmt::Write as _;
use std::sync::Arc;

use clap::Args;
use domain::case::Territory;
use domain::civil::{Day, Zone};
use domain::identifiers;
use domain::ids::OrganisationId;
use domain::refusal::{Problem, Refusal};
use due_process::consult::{self, Applicable, Consultation, NoRecognition, Question};
use policy::measure::{AddresseeRole, Measure, MeasureFamily};
use serde_json::{Value, json};

use super::Context;
use crate::clock::{Clock, SystemClock};
use crate::laws;
use crate::output::{Exit, Failure};
use crate::registry::Registry;

const EXAMPLES: &str = "\
Examples:
  goodstanding consult 91110108551385082Q --purpose public_procurement --role procuring_entity --territory cn
  goodstanding consult lei:5493001KJTIIGC8Y1R12 --purpose public_funding --role granting_body --territory us --json

The answer is a basis for a decision by the addressee, never a decision: each measure or incentive
with its article, the record it follows from, its first and last day, or a plain `nothing applies`,
which says no more than it says. Quotations of other publishers' lists carry no measure. Nothing
of the question is kept. Exit 0 answered, 1 nothing under this address, 2 could not.";

/// Arguments of `consult`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Id of the organisation, or an identifier
    #[arg(value_name = "ORG")]
    organisation: String,
    /// For what: public_procurement, public_funding, licensing, inspection, ...
    #[arg(long)]
    purpose: String,
    /// In which function you ask: procuring_entity, granting_body, licensing_authority, ...
    #[arg(long)]
    role: String,
    /// Where: `cn`, `us`, ...
    #[arg(long)]
    territory: String,
    /// For this day instead of today (UTC): the records are those of now
    #[arg(long, value_name = "DAY")]
    on: Option<String>,
}

/// Runs `consult`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let registry = Registry::open(&directory, Arc::new(SystemClock))?;
    let unknown = || {
        Failure::refused(
            Problem::of_input(Refusal::OrganisationUnknown)
                .with_detail("find it with `goodstanding search`"),
        )
    };
    let id = match arguments.organisation.parse::<OrganisationId>() {
        Ok(id) => id,
        Err(_) => {
            let claim = identifiers::recognise(&arguments.organisation).ok_or_else(unknown)?;
            registry.redirect(&claim)?.ok_or_else(unknown)?
        }
    };
    let answer = registry.file(id, None, None)?.ok_or_else(unknown)?;
    let now = SystemClock.now();
    let today = now.day_in(&Zone::UTC);
    let question = question(arguments, answer.file.kind, today)?;
    let published = registry.published(id)?;
    let packs = registry.in_use(laws::asked_at(question.on, now))?.packs;
    let found = consult::consult(&published, &question, packs.measures(), &[], &NoRecognition);
    let document = json!({
        "organisation": answer.file.id.to_string(),
        "purpose": question.purpose.key(),
        "role": question.role.key(),
        "territory": question.territory.as_str(),
        "on": question.on.to_string(),
        "as_of": answer.as_of.to_string(),
        "position": answer.position,
        "applicable": found.applicable.iter().map(|it| {
            applicable_json(it, packs.measure(&it.measure))
        }).collect::<Vec<_>>(),
        "considered": found.considered.iter().map(|it| json!({
            "measure": it.measure.as_str(), "record": it.record.to_string(), "why_not": it.why.key(),
        })).collect::<Vec<_>>(),
        "basis_for_a_decision_by_the_addressee": true,
    });
    let head = format!(
        "{}\n{} for {} in {}, on {}; the file as of {}, log position {}.\n\n",
        answer.file.name.text,
        question.purpose.key().replace('_', " "),
        question.role.key().replace('_', " "),
        question.territory.as_str(),
        question.on,
        answer.as_of,
        answer.position,
    );
    let text = head + &to_text(&found, &|it: &Applicable| packs.measure(&it.measure));
    context.format.result(&document, &text);
    Ok(Exit::Done)
}

fn question(
    arguments: &Arguments,
    kind: domain::organisation::OrganisationKind,
    today: Day,
) -> Result<Question, Failure> {
    let unreadable = |what: &str, known: Vec<&str>| {
        let detail = format!("{what} is one of: {}", known.join(", "));
        Failure::refused(Problem::of_input(Refusal::QueryUnreadable).with_detail(detail))
    };
    let purpose = MeasureFamily::from_key(&arguments.purpose).ok_or_else(|| {
        unreadable("--purpose", MeasureFamily::ALL.iter().map(|it| it.key()).collect())
    })?;
    let role = AddresseeRole::from_key(&arguments.role).ok_or_else(|| {
        unreadable("--role", AddresseeRole::ALL.iter().map(|it| it.key()).collect())
    })?;
    let territory = Territory::new(&arguments.territory)
        .ok_or_else(|| unreadable("--territory", vec!["cn", "us", "demo", "cn-sh"]))?;
    let on = match &arguments.on {
        Some(text) => text.parse().map_err(|_| unreadable("--on", vec!["a day, YYYY-MM-DD"]))?,
        None => today,
    };
    Ok(Question { kind, purpose, role, territory, on })
}

fn applicable_json(it: &Applicable, measure: Option<&Measure>) -> Value {
    json!({
        "measure": it.measure.as_str(),
        "version": it.version,
        "title": measure.map(|measure| measure.title.0.clone()),
        "basis": measure.map(|measure| {
            measure.basis.iter().map(|basis| basis.short("en")).collect::<Vec<_>>()
        }),
        "nexus": measure.map(|measure| measure.nexus.0.clone()),
        "kind": it.kind.key(),
        "effect": it.effect.key(),
        "mandatory": it.mandatory,
        "record": it.record.to_string(),
        "from": it.from.map(|day| day.to_string()),
        "until": it.until.map(|day| day.to_string()),
        "objected": it.objected,
        "interim": it.interim,
    })
}

fn to_text<'a>(
    found: &Consultation,
    measure: &dyn Fn(&Applicable) -> Option<&'a Measure>,
) -> String {
    if found.is_empty() {
        return "Nothing applies: no measure or incentive of the packs in force follows from what is \
                public here. That is no certificate.\n"
            .to_owned();
    }
    let mut text = String::new();
    for it in &found.applicable {
        let measure = measure(it);
        let title = measure.map_or(it.measure.as_str(), |measure| measure.title.in_language("en"));
        let choice = if it.mandatory { "by law" } else { "at the addressee's discretion" };
        let _ = writeln!(text, "{title}: {} ({choice})", it.effect.key());
        for basis in measure.into_iter().flat_map(|measure| &measure.basis) {
            let _ = writeln!(text, "  on the basis of {}", basis.short("en"));
        }
        let day = |day: Option<Day>| day.map_or("open".to_owned(), |day| day.to_string());
        let _ = writeln!(text, "  from {} until {}", day(it.from), day(it.until));
        let _ = writeln!(text, "  follows from record {}", it.record);
        if it.objected {
            text.push_str("  an objection against that record is open\n");
        }
        if it.interim {
            text.push_str("  that record is interim: not a finding\n");
        }
    }
    text.push_str("\nA basis for your decision, not a decision.\n");
    text
}
