//! The log: its checkpoint, its entries in pages, and one entry with its proof.

use askama::Template;
use axum::response::Response;
use domain::refusal::Refusal;

use super::super::problem::Fault;
use super::super::visit::{Freshness, Sheet, Visit};
use super::frame::Frame;
use super::record::{ProofShown, proof_shown};
use super::{Key, sheet};
use crate::messages::Messages;
use crate::registry::LogEntry;

/// Entries on one page.
const ENTRIES_MAX: usize = 50;
/// Characters of an entry's detail that are shown.
const DETAIL_CHARACTERS_MAX: usize = 80;

#[derive(Template)]
#[template(path = "log.html")]
struct LogPage {
    f: Frame,
    origin: String,
    size: String,
    vkey: String,
    checkpoint: String,
    command: String,
    caption: String,
    rows: Vec<EntryRow>,
    jump_hint: String,
    newer: Option<String>,
    older: Option<String>,
}

struct EntryRow {
    href: String,
    position: String,
    kind: String,
    detail: String,
    state: String,
    state_class: &'static str,
    record: Option<String>,
}

pub async fn show(visit: Visit) -> Response {
    visit.answer(render).await
}

fn render(visit: &Visit) -> Result<Sheet, Fault> {
    let m = &visit.messages;
    let registry = visit.app.registry();
    let from: Option<u64> = visit.parsed("from")?;
    let page = registry.log_page(from, ENTRIES_MAX)?;
    let status = registry.status()?;
    if from.is_some_and(|from| from >= page.size) {
        return Err(Fault::Refused(Refusal::PositionUnknown, Some("from")));
    }
    let here = format!("/{}/log", m.code());
    let newest = page.entries.first().map_or(0, |entry| entry.position);
    let oldest = page.entries.last().map_or(0, |entry| entry.position);
    let newer = (newest + 1 < page.size)
        .then(|| format!("{here}?from={}", (newest + ENTRIES_MAX as u64).min(page.size - 1)));
    let numbers = [m.number(oldest), m.number(newest), m.number(page.size)];
    let [first, last, size] = &numbers;
    let shown = LogPage {
        f: Frame::of(visit, m.t("log.title"), from.is_some()),
        origin: status.origin,
        command: m.fill("log.check_command", &[("vkey", &status.vkey)]),
        vkey: status.vkey,
        caption: m.fill("log.entries_caption", &[("first", first), ("last", last), ("size", size)]),
        checkpoint: page.checkpoint,
        rows: page.entries.iter().map(|entry| entry_row(m, entry)).collect(),
        jump_hint: m.fill("log.jump_hint", &[("last", &page.size.saturating_sub(1))]),
        newer,
        older: page.older.map(|older| format!("{here}?from={older}")),
        size: m.number(page.size),
    };
    sheet(&shown, Freshness::Boundary, from.is_some())
}

fn entry_row(m: &Messages, entry: &LogEntry) -> EntryRow {
    EntryRow {
        href: format!("/{}/log/{}", m.code(), entry.position),
        position: m.number(entry.position),
        kind: m.t(&format!("entry.{}", entry.kind)).to_owned(),
        detail: short(&entry.detail),
        state: m.t(&format!("entry_state.{}", entry.state)).to_owned(),
        state_class: if entry.state == "broken" { "tag tag-strong" } else { "tag tag-weak" },
        record: entry.record.map(|record| format!("/{}/records/{record}", m.code())),
    }
}

/// An `open` entry may name a thousand ranges; all are in the entry's bytes on its own page.
fn short(detail: &str) -> String {
    if detail.chars().count() <= DETAIL_CHARACTERS_MAX {
        return detail.to_owned();
    }
    detail.chars().take(DETAIL_CHARACTERS_MAX).chain(['…']).collect()
}

#[derive(Template)]
#[template(path = "log_entry.html")]
struct EntryPage {
    f: Frame,
    heading: String,
    row: EntryRow,
    organisation: Option<String>,
    leaf: String,
    proof: ProofShown,
    opening: Option<OpeningShown>,
    newer: Option<String>,
    older: Option<String>,
}

struct OpeningShown {
    salt: String,
    payload: String,
    disclosures: Vec<String>,
}

pub async fn entry(visit: Visit, position: Key) -> Response {
    let unknown = Fault::Refused(Refusal::PositionUnknown, None);
    let position = position.ok().and_then(|position| {
        // One address for one entry: no signs, no leading zeros.
        position.parse::<u64>().ok().filter(|n| n.to_string() == position.0)
    });
    match position {
        Some(position) => visit.answer(move |visit| render_entry(visit, position)).await,
        None => visit.fault(unknown),
    }
}

fn render_entry(visit: &Visit, position: u64) -> Result<Sheet, Fault> {
    let m = &visit.messages;
    let registry = visit.app.registry();
    let answer =
        registry.log_entry(position)?.ok_or(Fault::Refused(Refusal::PositionUnknown, None))?;
    let status = registry.status()?;
    let heading = m.fill("log.entry_title", &[("position", &m.number(position))]);
    let at = |position: u64| format!("/{}/log/{position}", m.code());
    let page = EntryPage {
        // An entry may open a record that is adverse, and content may be withheld tomorrow.
        f: Frame::of(visit, &heading, true),
        row: entry_row(m, &answer.entry),
        organisation: answer
            .entry
            .organisation
            .map(|organisation| format!("/{}/organisations/{organisation}", m.code())),
        leaf: text_of_hex(&answer.leaf),
        proof: proof_shown(m, &answer.proof, position, status.vkey),
        opening: answer.opening.map(|opening| OpeningShown {
            salt: ledger::wire::to_base64url(&opening.salt),
            payload: opening.payload,
            disclosures: opening.disclosures.iter().map(|text| disclosed(text)).collect(),
        }),
        newer: (position + 1 < status.size).then(|| at(position + 1)),
        older: position.checked_sub(1).map(at),
        heading,
    };
    sheet(&page, Freshness::Boundary, true)
}

/// The entry's bytes, which are JSON; the hex as it is should they ever not be.
fn text_of_hex(hex: &str) -> String {
    let bytes: Option<Vec<u8>> = (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok())
        .collect();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| hex.to_owned())
}

/// A disclosure decoded: `[salt, field, value]`.
fn disclosed(text: &str) -> String {
    ledger::wire::from_base64url(text)
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_else(|| text.to_owned())
}
