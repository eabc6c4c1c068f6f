//! `show`: the file of one organisation as text.

use std::fmt::Write as _;
use std::sync::Arc;

use clap::Args;
use domain::civil::{Day, End, Instant, Zone};
use domain::identifiers::{self, ClaimStatus};
use domain::ids::OrganisationId;
use domain::record::{Polarity, RecordType};
use domain::refusal::{Problem, Refusal};
use due_process::case::Exposure;
use due_process::quotation::State;

use super::Context;
use crate::clock::SystemClock;
use crate::output::{Exit, Failure, counted, thousands};
use crate::registry::{
    CaseView, FileAnswer, IdentifierShown, OrganisationFile, RecordView, Registry,
};
use crate::server::OrganisationFileShape;

const EXAMPLES: &str = "\
Examples:
  goodstanding show 91110108551385082Q
  goodstanding show 01930f4e-5a7e-7c3f-8a55-3b9d6c1c2f10 --at 81204
  goodstanding show lei:5493001KJTIIGC8Y1R12 --on 2024-06-30 --json

--at shows what was known at that position of the log, --on what was in effect on that day; neither
brings back what may not be shown any more. --json is the document of /api/v1. Exit 0 done, 1 nothing under this address, 2 could not.";

/// Arguments of `show`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Id of the organisation, or an identifier such as cn-uscc:91110108551385082Q
    #[arg(value_name = "ORG")]
    organisation: String,
    /// As known at this position of the log
    #[arg(long, value_name = "POSITION", allow_negative_numbers = true)]
    at: Option<u64>,
    /// As in effect on this instant (RFC 3339) or day (YYYY-MM-DD, its first instant in UTC)
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    on: Option<Instant>,
}

fn instant(text: &str) -> Result<Instant, String> {
    if let Ok(day) = text.parse::<Day>() {
        return Ok(Zone::UTC.start_of(day));
    }
    text.parse().map_err(|_| {
        "not an instant; write it like 2024-06-30T12:00:00Z, or a day like 2024-06-30".to_owned()
    })
}

/// Runs `show`.
pub fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let directory = context.registry_directory()?;
    let registry = Registry::open(&directory, Arc::new(SystemClock))?;
    let size = registry.status()?.size;
    if arguments.at.is_some_and(|at| at > size) {
        let problem = Problem::of_input(Refusal::PositionUnknown);
        let detail = format!("the log has {} entries", thousands(size));
        return Err(Failure::refused(problem.with_detail(detail)));
    }
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
    let answer = registry.file(id, arguments.at, arguments.on)?.ok_or_else(unknown)?;
    // The same document as `/api/v1/organisations/{id}`.
    let document = serde_json::to_value(OrganisationFileShape::of(&registry.packs(), &answer))
        .map_err(Failure::could_not)?;
    context.format.result(&document, &to_text(&answer, &registry));
    Ok(Exit::Done)
}

fn to_text(answer: &FileAnswer, registry: &Registry) -> String {
    let file = &answer.file;
    let mut text = format!("{}\n{}\n", file.name.text, file.id);
    let mut facts = vec![file.kind.key().replace('_', " ")];
    facts.extend(file.legal_form.as_ref().map(|form| format!("legal form {}", form.as_str())));
    facts.extend(file.place.clone());
    facts.extend(file.country.as_ref().map(|country| country.as_str().to_owned()));
    let _ = writeln!(text, "{}", facts.join(", "));
    for shown in &file.identifiers {
        let _ = writeln!(text, "{}{}", shown.claim, remark(shown));
    }
    for claim in &file.other_names {
        let _ = writeln!(text, "also: {}", claim.name.text);
    }
    let _ = writeln!(
        text,
        "\nAs of {}, log position {}.\n{}\n",
        answer.as_of,
        thousands(answer.position),
        in_effect(file)
    );
    for view in &file.records {
        text.push_str(&record_text(view, registry));
    }
    for view in &file.proceedings {
        text.push_str(&case_text(view, registry));
    }
    for twin in &answer.twins {
        let _ = writeln!(
            text,
            "May be the same organisation ({}): {} {}",
            twin.reason_key.replace('_', " "),
            twin.name.text,
            twin.id
        );
    }
    for decided in &answer.identity {
        let [one, other] = decided.decision.pair();
        let _ = writeln!(
            text,
            "Decision {} on identity, {}: {} {one} {other} ({})",
            decided.number,
            decided.stage.key(),
            decided.decision.kind.key(),
            decided.reason.key().replace('_', " ")
        );
    }
    if answer.broken > 0 {
        let _ = writeln!(
            text,
            "{} not shown: the stored content does not match the log. Run `goodstanding verify`.",
            counted(answer.broken, "entry is", "entries are")
        );
    }
    text
}

fn remark(shown: &IdentifierShown) -> &'static str {
    match shown.claim.status() {
        ClaimStatus::Checked => "",
        ClaimStatus::Unchecked => " (no check digit)",
        ClaimStatus::InvalidButOfficial => {
            " (as published; its check digit is wrong, it joins nothing)"
        }
    }
}

/// What is in effect, as a sentence; a file without entries says what that does not mean.
fn in_effect(file: &OrganisationFile) -> String {
    let sum = |polarity: Polarity| -> u64 {
        RecordType::ALL
            .into_iter()
            .filter(|record_type| record_type.polarity() == polarity)
            .map(|record_type| file.in_effect(record_type))
            .sum()
    };
    let [adverse, others, good] = [Polarity::Adverse, Polarity::Neutral, Polarity::Good].map(sum);
    let mut sentence = match adverse {
        0 => "No entry against this organisation counts at that instant in the lists read here; lists not read here may have one."
            .to_owned(),
        _ => format!("{} in effect.", counted(adverse, "entry of an official list is", "entries of official lists are")),
    };
    if good > 0 {
        let _ = write!(
            sentence,
            " {}.",
            counted(
                good,
                "honour or kept commitment is on record",
                "honours and kept commitments are on record"
            )
        );
    }
    if others > 0 {
        let _ = write!(
            sentence,
            " {}.",
            counted(
                others,
                "permit or registration is on record",
                "permits and registrations are on record"
            )
        );
    }
    sentence
}

fn case_text(view: &CaseView, registry: &Registry) -> String {
    let packs = registry.packs();
    let authority = packs
        .authority(&view.authority)
        .map_or(view.authority.as_str(), |authority| authority.names.in_language("en"));
    let Some(content) = &view.content else {
        let what = match view.exposure {
            Exposure::WithdrawnTombstone(reason) => format!("withdrawn: {}", reason.key()),
            _ => "corrected".to_owned(),
        };
        return format!("record of {authority}, {}\n\n", what.replace('_', " "));
    };
    let title = packs
        .catalogue_entry(&content.entry)
        .map_or(content.entry.as_str(), |entry| entry.title.in_language("en"));
    let labels = match view.exposure {
        Exposure::Shown { interim: true, .. } => " (interim: not a finding)",
        Exposure::Shown { objected: true, .. } => " (objection open)",
        _ => "",
    };
    let mut text =
        format!("{}: record of {authority}, {title}{labels}\n", content.record_type.key());
    let from = content.term.start.map(|day| format!("from {day} ")).unwrap_or_default();
    let until = match &content.term.end {
        Some(End::On(day)) => format!("until and including {day}"),
        Some(End::Indefinite { basis }) => format!("no end, on the basis of {basis}"),
        None => String::new(),
    };
    if !(from.is_empty() && until.is_empty()) {
        let _ = writeln!(text, "  {}", format!("{from}{until}").trim_end());
    }
    let grounds: Vec<&str> = content.grounds.iter().map(|ground| ground.key()).collect();
    if !grounds.is_empty() {
        let severity = content.severity.map_or("", |severity| severity.key());
        let _ = writeln!(text, "  ground: {} {severity}", grounds.join(", "));
    }
    if let Some(decision) = &content.decision {
        let _ = writeln!(text, "  decision: {}, {}", decision.number, decision.date);
    }
    if let Some(statement) = &content.statement {
        let _ = writeln!(text, "  the organisation says: {statement}");
    }
    let _ = writeln!(text, "  record {}, entry {} of the log\n", view.record, view.position);
    text
}

fn record_text(view: &RecordView, registry: &Registry) -> String {
    let record = &view.record;
    let packs = registry.packs();
    let publisher = packs
        .authority(&record.quotation.publisher)
        .map_or(record.quotation.publisher.as_str(), |authority| authority.names.in_language("en"));
    let list = packs
        .list(&record.quotation.list)
        .map_or(record.quotation.list.as_str(), |list| list.title.in_language("en"));
    let mut text = format!(
        "{}: quotation of {publisher}, {list}, as read on {}{}\n",
        record.record_type().key(),
        view.read_on,
        match view.state {
            State::NotCurrent => " (not current: not read again in time)",
            _ => "",
        },
    );
    let from = record.period.start.map(|day| format!("from {day} ")).unwrap_or_default();
    let until = match &record.period.end {
        Some(End::On(day)) => format!("until and including {day}"),
        Some(End::Indefinite { basis }) => format!("no end, on the basis of {basis}"),
        None => String::new(),
    };
    if !(from.is_empty() && until.is_empty()) {
        let _ = writeln!(text, "  {}", format!("{from}{until}").trim_end());
    }
    if !record.grounds.is_empty() {
        let grounds: Vec<&str> = record.grounds.iter().map(|ground| ground.key()).collect();
        let _ = writeln!(text, "  ground: {}", grounds.join(", "));
    }
    for (key, value) in record.body.fields() {
        let _ = writeln!(text, "  {}: {value}", key.replace('_', " "));
    }
    let _ = writeln!(
        text,
        "  record {} revision {}, entry {} of the log\n",
        record.id, record.revision, view.position
    );
    text
}
