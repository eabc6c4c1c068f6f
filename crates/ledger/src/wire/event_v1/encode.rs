//! Event to JSON.

use std::borrow::Cow;

use super::super::json::{Members, Node};
use domain::civil::{End, Period};
use domain::event::{Event, EventBody, OrganisationRegistered, SnapshotTaken};
use domain::identity::{IdentityAnswer, IdentityDecision, IdentityKind, IdentityProposed};
use domain::organisation::Name;
use domain::record::Record;

/// An event taken apart: what is hashed in the clear of the payload, and what is disclosed beside
/// it.
pub struct Encoded<'a> {
    /// Members of the payload but `body`.
    pub members: Members<'a>,
    /// The body but `_sd`.
    pub body: Members<'a>,
    /// Field and text of each disclosure.
    pub disclosed: Vec<(&'static str, Cow<'a, str>)>,
}

/// Takes `event` apart.
pub fn event(event: &Event) -> Encoded<'_> {
    let mut members =
        vec![("type", Node::text(event.body.wire_type())), ("at", Node::printed(event.at))];
    if let Some(organisation) = event.body.organisation() {
        members.push(("subject", Node::printed(organisation)));
    }
    if let Some(record) = event.body.record() {
        members.push(("record", Node::printed(record)));
    }
    if let Some(authority) = event.body.authority() {
        members.push(("authority", Node::text(authority.as_str())));
    }
    if let EventBody::RecordSubmitted(record) | EventBody::RecordRevised(record) = &event.body {
        members.push(("law", Node::text(&record.pack)));
    }
    // System and quotation events are authorised by the registry's job identity (design 9.3).
    members.push(("sig", Node::Object(vec![("job", Node::text("registry"))])));
    let (body, disclosed) = body(&event.body);
    Encoded { members, body, disclosed }
}

type Parts<'a> = (Members<'a>, Vec<(&'static str, Cow<'a, str>)>);

fn body(event: &EventBody) -> Parts<'_> {
    match event {
        EventBody::OrganisationRegistered(registered) => organisation(registered),
        EventBody::IdentifierClaimed(claimed) => (
            vec![
                ("scheme", Node::text(claimed.claim.scheme().key())),
                ("status", Node::text(claimed.claim.status().key())),
                ("value", Node::text(claimed.claim.value())),
            ],
            Vec::new(),
        ),
        EventBody::NameClaimed(claimed) => name(&claimed.name, Vec::new()),
        EventBody::RecordSubmitted(body) | EventBody::RecordRevised(body) => record(body),
        EventBody::QuotationVanished(vanished) => (
            vec![
                ("list", Node::text(vanished.list.as_str())),
                ("read_on", Node::printed(vanished.read_on)),
            ],
            Vec::new(),
        ),
        EventBody::SnapshotTaken(taken) => (snapshot(taken), Vec::new()),
        EventBody::ProfileAdopted(adopted) => (
            vec![
                ("hash", Node::text(&adopted.hash)),
                ("licence", Node::text(&adopted.licence)),
                ("profile", Node::text(adopted.profile.as_str())),
            ],
            Vec::new(),
        ),
        EventBody::IdentityProposed(proposed) => (proposal(proposed), Vec::new()),
        EventBody::IdentityConfirmed(answer) | EventBody::IdentityRefused(answer) => {
            (identity_answer(answer), Vec::new())
        }
    }
}

fn proposal(proposed: &IdentityProposed) -> Members<'_> {
    let mut body = decision(&proposed.decision);
    body.push(("reason", Node::text(proposed.reason.key())));
    body.push(("reviewer", Node::text(proposed.reviewer.as_str())));
    if let Some(source) = &proposed.source {
        body.push(("source", Node::text(source.url())));
        body.push(("source_read_on", Node::printed(source.day())));
    }
    if let Some(until) = proposed.answer_until {
        body.push(("answer_until", Node::printed(until)));
    }
    body
}

fn identity_answer(answer: &IdentityAnswer) -> Members<'_> {
    let mut body = decision(&answer.decision);
    body.push(("proposal", Node::Integer(answer.proposal)));
    body.push(("reviewer", Node::text(answer.reviewer.as_str())));
    body
}

fn decision(decision: &IdentityDecision) -> Members<'_> {
    let mut body = vec![
        ("decision", Node::text(decision.kind.key())),
        ("other", Node::printed(decision.other)),
    ];
    match &decision.kind {
        IdentityKind::Same | IdentityKind::Distinct => {}
        IdentityKind::Split { records, identifiers } => {
            body.push(("records", Node::Array(records.iter().map(Node::printed).collect())));
            let identifiers = identifiers.iter().map(Node::printed).collect();
            body.push(("identifiers", Node::Array(identifiers)));
        }
        IdentityKind::Reversal { of } => body.push(("of", Node::Integer(*of))),
    }
    body
}

fn organisation(registered: &OrganisationRegistered) -> Parts<'_> {
    let mut body = vec![("kind", Node::text(registered.kind.key()))];
    if let Some(form) = &registered.legal_form {
        body.push(("legal_form", Node::text(form.as_str())));
    }
    if let Some(country) = &registered.country {
        body.push(("country", Node::text(country.as_str())));
    }
    if let Some(entry) = &registered.entry {
        body.push(("entry", Node::printed(entry)));
    }
    let (body, mut disclosed) = name(&registered.name, body);
    if let Some(place) = &registered.place {
        disclosed.push(("place", Cow::Borrowed(place.as_str())));
    }
    (body, disclosed)
}

fn name<'a>(name: &'a Name, mut body: Members<'a>) -> Parts<'a> {
    body.push(("name_language", Node::text(&name.language)));
    body.push(("name_role", Node::text(name.role.key())));
    body.push(("name_script", Node::text(&name.script)));
    (body, vec![("name", Cow::Borrowed(name.text.as_str()))])
}

fn snapshot(taken: &SnapshotTaken) -> Members<'_> {
    vec![
        ("extent", Node::text(taken.extent.key())),
        ("list", Node::text(taken.list.as_str())),
        ("part", Node::Integer(taken.part.into())),
        ("parts", Node::Integer(taken.parts.into())),
        ("profile", Node::text(taken.profile.as_str())),
        ("read_on", Node::printed(taken.read_on)),
        ("reread", Node::Array(taken.reread.iter().map(Node::printed).collect())),
        ("rows", Node::Integer(taken.rows)),
        ("standing", Node::Integer(taken.standing)),
        ("vanished", Node::Integer(taken.vanished)),
    ]
}

fn record(record: &Record) -> Parts<'_> {
    let quotation = &record.quotation;
    let entries = quotation.entries.iter().map(|entry| Node::text(entry.as_str())).collect();
    let mut body = vec![
        ("type", Node::text(record.record_type().key())),
        ("mode", Node::text("quoted")),
        ("revision", Node::Integer(record.revision.into())),
        ("list", Node::text(quotation.list.as_str())),
        ("entries", Node::Array(entries)),
        ("profile", Node::text(quotation.profile.as_str())),
        ("row", Node::printed(quotation.row_key)),
        ("digest", Node::printed(quotation.row_digest)),
        ("read_on", Node::printed(quotation.read_on)),
        ("zone", Node::text(&record.zone)),
        ("period", period(&record.period)),
    ];
    if let Some(days) = quotation.current_days_max {
        body.push(("current_days_max", Node::Integer(days.into())));
    }
    if let Some(days) = quotation.hidden_after_days {
        body.push(("hidden_after_days", Node::Integer(days.into())));
    }
    if !record.grounds.is_empty() {
        let grounds = record.grounds.iter().map(|ground| Node::text(ground.key())).collect();
        body.push(("grounds", Node::Array(grounds)));
    }
    if let Some(act) = record.act {
        body.push(("act", Node::text(act.key())));
    }
    if let Some(end_at) = record.end_at {
        body.push(("end_at", Node::printed(end_at)));
    }
    let mut disclosed =
        vec![("name_as_written", Cow::Borrowed(record.subject.name_as_written.as_str()))];
    disclosed.extend(record.body.fields().into_iter().map(|(key, text)| (key, Cow::Owned(text))));
    (body, disclosed)
}

fn period(period: &Period) -> Node<'_> {
    let mut members = Vec::new();
    if let Some(start) = period.start {
        members.push(("start", Node::printed(start)));
    }
    match &period.end {
        Some(End::On(day)) => members.push(("end", Node::printed(day))),
        Some(End::Indefinite { basis }) => members.push(("indefinite", Node::text(basis))),
        None => {}
    }
    Node::Object(members)
}
