//! Event to JSON.

use std::borrow::Cow;

use super::super::json::{Members, Node};
use super::{adoption, case, feedback};
use domain::civil::{Day, End};
use domain::event::{Event, EventBody, OrganisationRegistered, SnapshotTaken};
use domain::identity::{IdentityAnswer, IdentityDecision, IdentityKind, IdentityProposed};
use domain::organisation::Name;
use domain::record::Record;

/// An event taken apart: what is hashed in the clear of the payload, and what is disclosed beside
/// it.
pub struct Encoded<'a> {
    /// Members of the payload but `body` and `sig`.
    pub members: Members<'a>,
    /// The body but `_sd`.
    pub body: Members<'a>,
    /// Each disclosure.
    pub disclosed: Vec<Disclosed<'a>>,
}

/// Who may read a disclosure. Openings served to the public hold public ones only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Everybody.
    Public,
    /// The organisation it is about, and whom it lets.
    OnRequest,
    /// Those who decide.
    Restricted,
}

impl Class {
    /// The key on the wire.
    pub const fn key(self) -> &'static str {
        match self {
            Class::Public => "public",
            Class::OnRequest => "on_request",
            Class::Restricted => "restricted",
        }
    }

    /// The class with this key.
    pub fn from_key(key: &str) -> Option<Class> {
        [Class::Public, Class::OnRequest, Class::Restricted]
            .into_iter()
            .find(|class| class.key() == key)
    }
}

/// A text that is hashed apart from the payload. Ordered by field, as `_sd` is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Disclosed<'a> {
    /// Field key.
    pub field: Cow<'static, str>,
    /// Who may read it.
    pub class: Class,
    /// What it says.
    pub text: Cow<'a, str>,
}

impl<'a> Disclosed<'a> {
    /// What sources published, an opening may hold.
    fn public(field: &'static str, text: impl Into<Cow<'a, str>>) -> Disclosed<'a> {
        Disclosed { field: field.into(), class: Class::Public, text: text.into() }
    }
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
    match &event.body {
        EventBody::RecordSubmitted(record) | EventBody::RecordRevised(record) => {
            members.push(("law", Node::text(&record.pack)));
        }
        EventBody::Case(event) => members.extend(case::law(event)),
        _ => {}
    }
    let (body, disclosed) = body(&event.body);
    Encoded { members, body, disclosed }
}

pub type Parts<'a> = (Members<'a>, Vec<Disclosed<'a>>);

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
        EventBody::Case(event) => case::encode(event),
        EventBody::AuthorityKeyRegistered(registered) => {
            (adoption::key_members(registered), Vec::new())
        }
        EventBody::AuthorityKeyRevoked(revoked) => (adoption::revocation(revoked), Vec::new()),
        EventBody::PackAdopted(adopted) => (adoption::pack(adopted), Vec::new()),
        EventBody::MandateAdopted(adopted) => (adoption::mandate(adopted), Vec::new()),
        EventBody::MeasureFeedbackGiven(given) => (feedback::members(given), Vec::new()),
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
        disclosed.push(Disclosed::public("place", place.as_str()));
    }
    (body, disclosed)
}

fn name<'a>(name: &'a Name, mut body: Members<'a>) -> Parts<'a> {
    body.push(("name_language", Node::text(&name.language)));
    body.push(("name_role", Node::text(name.role.key())));
    body.push(("name_script", Node::text(&name.script)));
    (body, vec![Disclosed::public("name", name.text.as_str())])
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
        ("period", period(record.period.start, record.period.end.as_ref())),
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
        vec![Disclosed::public("name_as_written", record.subject.name_as_written.as_str())];
    let fields = record.body.fields().into_iter();
    disclosed.extend(fields.map(|(key, text)| Disclosed::public(key, text)));
    (body, disclosed)
}

/// First and last day, or the basis for having none.
pub fn period(start: Option<Day>, end: Option<&End>) -> Node<'_> {
    let mut members = Vec::new();
    if let Some(start) = start {
        members.push(("start", Node::printed(start)));
    }
    match end {
        Some(End::On(day)) => members.push(("end", Node::printed(day))),
        Some(End::Indefinite { basis }) => members.push(("indefinite", Node::text(basis))),
        None => {}
    }
    Node::Object(members)
}
