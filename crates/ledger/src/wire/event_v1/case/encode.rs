//! Step to JSON. Ids, codes, days and numbers are in the payload; every text that somebody wrote is
//! a disclosure with the class of its readers.

use std::borrow::Cow;
use std::fmt::Display;

use super::super::super::json::{Members, Node};
use super::super::encode::{Class, Disclosed, Parts, period};
use domain::case::{
    Actor, Answered, Attested, CaseEvent, Conduct, DecisionDocument, Notice, Revision, Step, Upheld,
};

/// The pack a revision rests on, as a member of the payload.
pub fn law(event: &CaseEvent) -> Option<(&'static str, Node<'_>)> {
    match &event.step {
        Step::Submitted(revision) => Some(("law", Node::text(&revision.pack))),
        _ => None,
    }
}

/// Body and disclosures of a step.
pub fn encode(event: &CaseEvent) -> Parts<'_> {
    let mut body = Body::default();
    body.put("actor", actor(&event.actor));
    body.text("event", event.step.wire_type());
    body.printed("record", event.record);
    body.printed("subject", event.organisation);
    step(&mut body, &event.step);
    (body.members, body.disclosed)
}

fn actor(actor: &Actor) -> Node<'_> {
    let mut members = vec![("role", Node::text(actor.key()))];
    if let Some(account) = actor.account() {
        members.push(("account", Node::text(account)));
    }
    Node::Object(members)
}

#[derive(Default)]
struct Body<'a> {
    members: Members<'a>,
    disclosed: Vec<Disclosed<'a>>,
}

impl<'a> Body<'a> {
    fn put(&mut self, key: &'static str, node: Node<'a>) {
        self.members.push((key, node));
    }

    fn text(&mut self, key: &'static str, text: &'a str) {
        self.put(key, Node::text(text));
    }

    fn printed(&mut self, key: &'static str, value: impl Display) {
        self.put(key, Node::printed(value));
    }

    fn printed_if(&mut self, key: &'static str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.printed(key, value);
        }
    }

    fn number(&mut self, key: &'static str, number: impl Into<u64>) {
        self.put(key, Node::Integer(number.into()));
    }

    fn list(&mut self, key: &'static str, items: impl Iterator<Item = &'a str>) {
        self.put(key, Node::Array(items.map(Node::text).collect()));
    }

    fn hide(
        &mut self,
        class: Class,
        field: impl Into<Cow<'static, str>>,
        text: impl Into<Cow<'a, str>>,
    ) {
        self.disclosed.push(Disclosed { field: field.into(), class, text: text.into() });
    }

    /// A field of its own for each, so that each can be shown or destroyed alone.
    fn numbered(&mut self, class: Class, field: &str, texts: &'a [String]) {
        for (number, text) in (1..).zip(texts) {
            self.hide(class, format!("{field}_{number}"), text);
        }
    }

    fn answered(&mut self, answered: Option<&'a Answered>) {
        if let Some(Answered { reasons, answers }) = answered {
            self.number("points_answered", answers.len() as u64);
            self.on_request("reasons", reasons);
            self.numbered(Class::OnRequest, "answer", answers);
        }
    }

    fn public(&mut self, field: &'static str, text: &'a str) {
        self.hide(Class::Public, field, text);
    }

    fn on_request(&mut self, field: &'static str, text: &'a str) {
        self.hide(Class::OnRequest, field, text);
    }

    fn restricted(&mut self, field: &'static str, text: &'a str) {
        self.hide(Class::Restricted, field, text);
    }

    fn document(&mut self, document: &'a DecisionDocument) {
        let days = vec![
            ("date", Node::printed(document.date)),
            ("served_on", Node::printed(document.served_on)),
        ];
        self.put("decision", Node::Object(days));
        self.public("decision_number", &document.number);
    }
}

/// Steps of the submission and its checks, up to the decision.
fn step<'a>(body: &mut Body<'a>, step: &'a Step) {
    match step {
        Step::Submitted(submitted) => revision(body, submitted),
        Step::ValidationPassed { next_by } => body.printed("next_by", next_by),
        Step::ValidationFailed { refusals } => {
            let numbers = refusals.iter().map(|number| Node::Integer((*number).into()));
            body.put("refusals", Node::Array(numbers.collect()));
        }
        Step::NoticeServed(served) => notice(body, served),
        Step::PrecheckOpened { service, standstill_until } => {
            body.on_request("service", service);
            body.printed("standstill_until", standstill_until);
        }
        Step::RepresentationMade { points, list, text } => {
            body.number("points", *points);
            body.restricted("text", text);
            body.numbered(Class::Restricted, "point", list);
        }
        Step::HearingRequested { hearing_on, close_by, decide_by } => {
            body.printed("hearing_on", hearing_on);
            body.printed("close_by", close_by);
            body.printed("decide_by", decide_by);
        }
        Step::HearingClosed { protocol } => body.on_request("protocol", protocol),
        Step::DecisionUpheld(decided) => upheld(body, decided),
        Step::DecisionNotUpheld { reasons } => body.on_request("reasons", reasons),
        Step::Published
        | Step::WindowWaived
        | Step::WaiverRevoked
        | Step::HearingWithdrawn
        | Step::FlagUpheld
        | Step::Abandoned
        | Step::ObjectionForwarded
        | Step::RepairGranted
        | Step::Erased
        | Step::OriginEnded => {}
        _ => contested(body, step),
    }
}

/// Flags, objections, what ends or stays a record.
fn contested<'a>(body: &mut Body<'a>, step: &'a Step) {
    match step {
        Step::ErrorFlagged { ground, answer_by, text } => {
            body.text("ground", ground.key());
            body.printed("answer_by", answer_by);
            body.restricted("text", text);
        }
        Step::FlagCleared { reasons, standstill_until } => {
            body.on_request("reasons", reasons);
            body.printed("standstill_until", standstill_until);
        }
        Step::ObjectionFiled { ground, mark_by, forward_by, decide_by, text } => {
            body.text("ground", ground.key());
            body.printed("mark_by", mark_by);
            body.printed("forward_by", forward_by);
            body.printed("decide_by", decide_by);
            body.restricted("text", text);
        }
        Step::ObjectionExtended { decide_by } | Step::ObjectionEscalated { decide_by } => {
            body.printed("decide_by", decide_by);
        }
        Step::ObjectionRejected { appeal_until, reasons } => {
            body.printed_if("appeal_until", *appeal_until);
            body.on_request("reasons", reasons);
        }
        Step::Corrected { successor, tombstone_until } => {
            body.printed("successor", successor);
            body.printed("tombstone_until", tombstone_until);
        }
        Step::Withdrawn { reason, reference, due_by, tombstone_until } => {
            body.text("reason", reason.key());
            body.public("reference", reference);
            body.printed_if("due_by", *due_by);
            body.printed("tombstone_until", tombstone_until);
        }
        Step::Stayed { reason, reference } => {
            body.text("reason", reason.key());
            body.on_request("reference", reference);
        }
        Step::StayLifted { reference, standstill_until, end_at } => {
            body.on_request("reference", reference);
            body.printed_if("standstill_until", *standstill_until);
            body.printed_if("end_at", *end_at);
        }
        Step::SubjectCeased { keep_until } => body.printed("keep_until", keep_until),
        Step::ImputationReviewed { successor } => body.printed("successor", successor),
        Step::Imputed { successor, reference } => {
            body.printed("successor", successor);
            body.on_request("reference", reference);
        }
        Step::HoldPlaced { reference } | Step::HoldReleased { reference } => {
            body.on_request("reference", reference);
        }
        _ => repaired(body, step),
    }
}

/// Repair, terms, and what comes from elsewhere or is added.
fn repaired<'a>(body: &mut Body<'a>, step: &'a Step) {
    match step {
        Step::RepairApplied { conditions, decide_by, review_by, text } => {
            body.list("conditions", conditions.iter().map(|condition| condition.as_str()));
            body.printed("decide_by", decide_by);
            body.printed("review_by", review_by);
            body.restricted("text", text);
        }
        Step::RepairExtended { decide_by, review_by } => {
            body.printed("decide_by", decide_by);
            body.printed("review_by", review_by);
        }
        Step::RepairRefused { unmet, reasons } => {
            body.list("unmet", unmet.iter().map(|condition| condition.as_str()));
            body.on_request("reasons", reasons);
        }
        Step::RepairRevoked { reference, end_at, answered } => {
            body.on_request("reference", reference);
            body.printed_if("end_at", *end_at);
            body.answered(answered.as_deref());
        }
        Step::ReleasedEarly { conditions } => {
            body.list("conditions", conditions.iter().map(|condition| condition.as_str()));
        }
        Step::Extended { end, end_at, effective_at, document, answered } => {
            body.printed("end", end);
            body.printed("end_at", end_at);
            body.printed("effective_at", effective_at);
            body.document(document);
            body.answered(answered.as_deref());
        }
        Step::TermShortened { end, end_at, pack } => {
            body.printed("end", end);
            body.printed("end_at", end_at);
            body.text("pack", pack);
        }
        Step::Recognised { origin, position, rule, fresh_until } => {
            body.text("origin", origin);
            body.number("position", *position);
            body.text("rule", rule.as_str());
            body.printed("fresh_until", fresh_until);
        }
        Step::OriginSeen { fresh_until } => body.printed("fresh_until", fresh_until),
        Step::InterimPublished { need, service, oppose_until, lapses_at } => {
            body.restricted("need", need);
            body.on_request("service", service);
            body.printed("oppose_until", oppose_until);
            body.printed("lapses_at", lapses_at);
        }
        Step::StatementAdded { text } => body.public("statement", text),
        Step::MeasureOverridden { measure, from, until, reasons } => {
            body.text("measure", measure.as_str());
            body.printed("from", from);
            body.printed("until", until);
            body.public("reasons", reasons);
        }
        // Every other step is written by `step` or `contested`; reading back what was sealed
        // refuses one that was forgotten.
        _ => {}
    }
}

fn revision<'a>(body: &mut Body<'a>, revision: &'a Revision) {
    body.text("type", revision.record_type().key());
    body.text("mode", revision.mode.key());
    body.number("revision", revision.number);
    body.text("entry", revision.entry.as_str());
    body.text("kind", revision.kind.key());
    body.list("grounds", revision.grounds.iter().map(|ground| ground.key()));
    body.text("act", revision.act.key());
    body.printed_if("severity", revision.severity.map(|severity| severity.key()));
    body.text("procedure", revision.procedure.key());
    if let Some(document) = &revision.decision {
        body.document(document);
    }
    if let Some(Conduct { from, to }) = revision.conduct {
        let days = vec![("from", Node::printed(from)), ("to", Node::printed(to))];
        body.put("conduct", Node::Object(days));
    }
    body.put("period", period(revision.start, revision.end.as_ref()));
    body.printed_if("end_at", revision.end_at);
    body.text("zone", &revision.zone);
    body.put("published", Node::Truth(revision.published));
    body.number("retention_days", revision.retention_days);
    body.put("under_review", Node::Truth(revision.under_review));
    body.put("late", Node::Truth(revision.late));
    let attestations = revision.attestations.iter();
    body.list("attestations", attestations.map(|attested| attested.attestation.key()));
    for Attested { attestation, reference } in &revision.attestations {
        body.on_request(attestation.key(), reference);
    }
    body.printed_if("predecessor", revision.predecessor);
    body.printed_if("resubmission_of", revision.resubmission_of);
    body.public("name_as_written", &revision.name_as_written);
    body.on_request("case_number", &revision.case_number);
    for (field, text) in revision.body.fields() {
        body.hide(Class::Public, field, text);
    }
}

fn notice<'a>(body: &mut Body<'a>, notice: &'a Notice) {
    body.text("purpose", notice.purpose.key());
    match &notice.texts {
        None => body.list("items", notice.items.iter().map(|item| item.key())),
        Some(texts) => {
            body.on_request("evidence", &texts.evidence);
            body.on_request("access", &texts.access);
            body.on_request("office", &texts.office);
        }
    }
    body.printed_if("severity", notice.severity.map(|severity| severity.key()));
    body.printed_if("end_max", notice.end_max);
    body.list("measures", notice.measures.iter().map(|measure| measure.as_str()));
    body.printed_if("successor", notice.successor);
    body.on_request("service", &notice.service);
    body.printed("served_on", notice.served_on);
    body.printed("represent_until", notice.represent_until);
    body.printed_if("hearing_until", notice.hearing_until);
    body.printed("window_ends_at", notice.window_ends_at);
    body.printed("decide_by", notice.decide_by);
    body.on_request("facts", &notice.facts);
}

fn upheld<'a>(body: &mut Body<'a>, upheld: &'a Upheld) {
    body.document(&upheld.document);
    body.printed_if("severity", upheld.severity.map(|severity| severity.key()));
    body.put("period", period(Some(upheld.start), Some(&upheld.end)));
    body.printed_if("end_at", upheld.end_at);
    body.list("measures", upheld.measures.iter().map(|measure| measure.as_str()));
    body.number("points_answered", upheld.points_answered);
    body.put("published", Node::Truth(upheld.published));
    body.printed("standstill_until", upheld.standstill_until);
    body.on_request("reasons", &upheld.reasons);
    body.numbered(Class::OnRequest, "answer", &upheld.answers);
}
