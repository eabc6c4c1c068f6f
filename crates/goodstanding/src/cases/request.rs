//! What a party asks for, as JSON: the same on the command line and over HTTP. An unknown member is
//! refused, and every text is looked through for personal identifiers before anything else happens
//! (I-27).

use std::collections::{BTreeMap, BTreeSet};

use domain::authority::AuthorityKey;
use domain::case::{
    Attestation, Attested, CatalogueKey, ConditionKey, Conduct, DecisionDocument, FlagGround,
    MeasureId, Mode, NoticeItem, NoticeTexts, ObjectionGround, Procedure, Purpose, Severity,
    StayReason, Territory, WithdrawalReason,
};
use domain::civil::{Day, End, Instant};
use domain::identifiers::scheme::Scheme;
use domain::identifiers::{self, IdentifierClaim, IdentifierError, personal};
use domain::ids::{OrganisationId, RecordId};
use domain::limits::Ground;
use domain::organisation::{Country, OrganisationKind};
use domain::record::{Body, RecordType};
use domain::refusal::{Problem, Refusal};
use due_process::case::{Command, NoticeDraft, Outcome};
use serde::Deserialize;
use serde_json::Value;

use super::points;

/// Longest text of a case, in characters: an event holds at most 60 KiB.
const TEXT_CHARACTERS_MAX: usize = 8_000;

/// A new record, or a step of one that exists.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// A new record.
    Submit(Box<SubmitRequest>),
    /// A step.
    Step {
        /// Of which record.
        record: RecordId,
        /// Which.
        command: Command,
    },
}

/// Whom a new record is about.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectText {
    /// An organisation of this registry.
    pub organisation: Option<String>,
    /// Else a checked identifier, `scheme:value`.
    pub identifier: Option<String>,
    /// Its name, as the authority writes it.
    pub name: String,
    /// Its kind, where it is new to the registry.
    pub kind: Option<String>,
    /// Its country, where it is new to the registry.
    pub country: Option<String>,
}

/// A new record as an authority hands it in.
#[derive(Debug, Clone, PartialEq)]
pub struct SubmitRequest {
    /// Whom it is about.
    pub subject: Subject,
    /// The catalogue entry.
    pub entry: CatalogueKey,
    /// Where the decision holds.
    pub territory: Territory,
    /// Everything else; ids and hashes are filled in by the registry.
    pub draft: SubmissionDraft,
}

/// Whom it is about, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// An organisation of this registry.
    pub organisation: Option<OrganisationId>,
    /// Else a checked identifier.
    pub identifier: Option<IdentifierClaim>,
    /// Its name.
    pub name: String,
    /// Its kind, where it is new.
    pub kind: Option<OrganisationKind>,
    /// Its country, where it is new.
    pub country: Option<Country>,
}

/// The part of a submission that comes from outside.
#[derive(Debug, Clone, PartialEq)]
pub struct SubmissionDraft {
    /// Hosted or imported.
    pub mode: Mode,
    /// Grounds.
    pub grounds: Vec<Ground>,
    /// How grave, as the authority says.
    pub severity: Option<Severity>,
    /// By which procedure.
    pub procedure: Procedure,
    /// Number at the authority.
    pub case_number: String,
    /// The decision.
    pub decision: Option<DecisionDocument>,
    /// When the conduct happened.
    pub conduct: Option<Conduct>,
    /// First day.
    pub start: Option<Day>,
    /// Its end; an indefinite one gets its basis from the entry.
    pub end: Option<EndAsked>,
    /// Whether a remedy is pending.
    pub under_review: bool,
    /// Attestations.
    pub attestations: Vec<Attested>,
    /// The record it corrects.
    pub predecessor: Option<RecordId>,
    /// The submission it repeats.
    pub resubmission_of: Option<RecordId>,
    /// Fields by key.
    pub fields: BTreeMap<String, String>,
}

/// An end as asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndAsked {
    /// The last day.
    On(Day),
    /// As long as the entry's law allows.
    Indefinite,
}

impl SubmissionDraft {
    /// The body of `record_type`.
    ///
    /// # Errors
    /// The field that the type does not have, or cannot read.
    pub fn body(&self, record_type: RecordType) -> Result<Body, String> {
        Body::from_fields(record_type, self.fields.clone())
    }
}

/// Reads a request.
///
/// # Errors
/// Every problem found: shape (216), personal identifiers (102), texts that are too long (214),
/// values outside a closed list (211).
pub fn read(text: &str, record: Option<RecordId>) -> Result<Request, Vec<Problem>> {
    read_value(serde_json::from_str(text).map_err(|error| vec![shape(&error)])?, record)
}

/// The same of what was parsed already.
///
/// # Errors
/// As [`read`].
pub fn read_value(value: Value, record: Option<RecordId>) -> Result<Request, Vec<Problem>> {
    let mut problems = Vec::new();
    look_through(&value, "", &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    match record {
        None => {
            let text: SubmitText = serde_json::from_value(value).map_err(|e| vec![shape(&e)])?;
            submit(text).map(|request| Request::Submit(Box::new(request)))
        }
        Some(record) => {
            let text: CommandText = serde_json::from_value(value).map_err(|e| vec![shape(&e)])?;
            Ok(Request::Step { record, command: command(text)? })
        }
    }
}

fn shape(error: &serde_json::Error) -> Problem {
    // The message names the member and the line, never a value: serde quotes unknown variants,
    // which may be anything, so those are told by place only.
    let text = error.to_string();
    let is_plain =
        ["missing field", "unknown field", "expected"].iter().any(|it| text.contains(it));
    let detail = if is_plain && !text.contains("unknown variant") && !text.contains("invalid") {
        text
    } else {
        format!("line {} column {}", error.line(), error.column())
    };
    Problem::of_input(Refusal::RequestUnreadable).with_detail(detail)
}

/// No text of a case holds a personal identifier or is longer than a page or two (I-26, I-27).
fn look_through(value: &Value, path: &str, problems: &mut Vec<Problem>) {
    match value {
        Value::String(text) => {
            let column = (!path.is_empty()).then_some(path);
            let mut put = |refusal| {
                problems.push(Problem {
                    row: None,
                    column: column.map(str::to_owned),
                    refusal,
                    detail: None,
                });
            };
            // Ids of this registry and documents' numbers are checked by their own types.
            let is_id = path.ends_with("organisation") || path.ends_with("record");
            if !is_id && personal::scan(text).is_some() {
                put(Refusal::PersonalIdentifier);
            }
            if text.chars().count() > TEXT_CHARACTERS_MAX {
                put(Refusal::TextTooLong);
            }
            if text.chars().any(is_control) {
                put(Refusal::ControlCharacters);
            }
        }
        Value::Array(items) => {
            for item in items {
                look_through(item, path, problems);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                look_through(member, &path, problems);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_control(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DecisionText {
    number: String,
    date: String,
    served_on: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConductText {
    from: String,
    to: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AttestedText {
    attestation: String,
    reference: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SubmitText {
    subject: SubjectText,
    entry: String,
    territory: String,
    mode: String,
    #[serde(default)]
    grounds: Vec<String>,
    severity: Option<String>,
    procedure: String,
    case_number: String,
    decision: Option<DecisionText>,
    conduct: Option<ConductText>,
    start: Option<String>,
    end: Option<String>,
    #[serde(default)]
    under_review: bool,
    #[serde(default)]
    attestations: Vec<AttestedText>,
    predecessor: Option<String>,
    resubmission_of: Option<String>,
    #[serde(default)]
    fields: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoticeText {
    #[serde(default)]
    purpose: Option<String>,
    /// What older forms tick off: the registry writes out what it knows, so nothing follows from
    /// it, but a form that leaves an item open was not finished.
    items: Option<Vec<String>>,
    severity: Option<String>,
    end_max: Option<String>,
    #[serde(default)]
    measures: Vec<String>,
    #[serde(default)]
    successor: Option<String>,
    service: String,
    served_on: String,
    facts: String,
    #[serde(default)]
    evidence: String,
    #[serde(default)]
    access: String,
    #[serde(default)]
    office: String,
}

/// What is said to one point of the subject.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerText {
    point: u32,
    text: String,
}

/// The points of the subject: listed, or how many there are, numbered in the text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum PointsText {
    Listed(Vec<String>),
    Numbered(u32),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OutcomeText {
    document: DecisionText,
    severity: Option<String>,
    end: String,
    #[serde(default)]
    measures: Vec<String>,
    #[serde(default)]
    answers: Vec<AnswerText>,
    /// How many there are, for whoever counts them: a number that differs is refused.
    points_answered: Option<u32>,
    reasons: String,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
enum CommandText {
    AdmitSubmission {},
    ReturnSubmission {},
    PublishNeutral {},
    ServeNotice {
        notice: NoticeText,
    },
    RenewNotice {
        notice: NoticeText,
    },
    OpenPrecheck {
        service: String,
    },
    Represent {
        points: PointsText,
        #[serde(default)]
        text: String,
    },
    RequestHearing {},
    Waive {},
    RevokeWaiver {},
    CloseHearing {
        protocol: String,
    },
    WithdrawHearing {},
    Uphold {
        outcome: OutcomeText,
    },
    NotUphold {
        reasons: String,
    },
    Abandon {},
    FlagError {
        ground: String,
        text: String,
    },
    ClearFlag {
        reasons: String,
    },
    UpholdFlag {},
    PublishInterim {
        need: String,
        service: String,
    },
    Object {
        ground: String,
        text: String,
    },
    ForwardObjection {},
    ExtendObjection {},
    RejectObjection {
        reasons: String,
    },
    Escalate {},
    Correct {
        successor: String,
    },
    Withdraw {
        reason: String,
        reference: String,
        ordered_on: Option<String>,
    },
    Stay {
        reason: String,
        reference: String,
    },
    LiftStay {
        reference: String,
        stayed_time_counts: bool,
    },
    ApplyRepair {
        conditions: Vec<String>,
        text: String,
    },
    ExtendRepair {},
    GrantRepair {},
    RefuseRepair {
        unmet: Vec<String>,
        reasons: String,
    },
    ReleaseEarly {
        conditions: Vec<String>,
    },
    CeaseSubject {
        on: String,
    },
    Impute {
        successor: String,
        reference: String,
    },
    AddStatement {
        text: String,
    },
    OverrideMeasure {
        measure: String,
        from: String,
        until: String,
        reasons: String,
    },
    PlaceHold {
        reference: String,
    },
    ReleaseHold {
        reference: String,
    },
    Erase {},
    SeeOrigin {
        fresh_until: String,
    },
    EndOrigin {},
}

/// Values of closed lists and days, with every problem collected.
#[derive(Default)]
struct Reading {
    problems: Vec<Problem>,
}

impl Reading {
    fn put(&mut self, column: &str, refusal: Refusal, detail: Option<String>) {
        let column = Some(column.to_owned());
        self.problems.push(Problem { row: None, column, refusal, detail });
    }

    fn of<T>(&mut self, column: &str, text: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = read(text);
        if value.is_none() {
            self.put(column, Refusal::FieldUnreadable, None);
        }
        value
    }

    /// A value of a closed list; the message names the list.
    fn key<T: Copy>(
        &mut self,
        column: &str,
        text: &str,
        all: &[T],
        key: impl Fn(T) -> &'static str,
    ) -> Option<T> {
        let value = all.iter().copied().find(|value| key(*value) == text);
        if value.is_none() {
            let keys: Vec<&str> = all.iter().map(|value| key(*value)).collect();
            let detail = format!("one of: {}", keys.join(", "));
            self.put(column, Refusal::FieldUnreadable, Some(detail));
        }
        value
    }

    fn day(&mut self, column: &str, text: &str) -> Option<Day> {
        self.of(column, text, |text| text.parse().ok())
    }

    fn optional_day(&mut self, column: &str, text: Option<&str>) -> Option<Day> {
        text.and_then(|text| self.day(column, text))
    }

    fn severity(&mut self, column: &str, text: Option<&str>) -> Option<Severity> {
        text.and_then(|text| self.key(column, text, Severity::ALL, Severity::key))
    }

    fn decision(&mut self, text: &DecisionText) -> Option<DecisionDocument> {
        let date = self.day("decision.date", &text.date);
        let served_on = self.day("decision.served_on", &text.served_on);
        Some(DecisionDocument { number: text.number.clone(), date: date?, served_on: served_on? })
    }

    fn ids<T: Ord>(
        &mut self,
        column: &str,
        texts: &[String],
        read: impl Fn(&str) -> Option<T>,
    ) -> BTreeSet<T> {
        texts.iter().filter_map(|text| self.of(column, text, &read)).collect()
    }

    fn notice(&mut self, text: &NoticeText) -> Option<NoticeDraft> {
        let purpose = match &text.purpose {
            Some(purpose) => self.key("purpose", purpose, Purpose::ALL, Purpose::key),
            None => Some(Purpose::Record),
        };
        if let Some(items) = &text.items {
            let ticked: BTreeSet<NoticeItem> = items
                .iter()
                .filter_map(|item| self.key("items", item, NoticeItem::ALL, NoticeItem::key))
                .collect();
            for item in NoticeItem::ALL.iter().filter(|item| !ticked.contains(item)) {
                self.put("items", Refusal::NoticeIncomplete, Some(item.key().to_owned()));
            }
        }
        let served_on = self.day("served_on", &text.served_on);
        let successor = text.successor.as_ref();
        Some(NoticeDraft {
            successor: successor.and_then(|text| self.of("successor", text, |id| id.parse().ok())),
            // The registry says what it is, not whoever asks.
            successor_kind: None,
            severity: self.severity("severity", text.severity.as_deref()),
            end_max: self.optional_day("end_max", text.end_max.as_deref()),
            measures: self.ids("measures", &text.measures, MeasureId::new),
            service: text.service.clone(),
            facts: text.facts.clone(),
            texts: NoticeTexts {
                evidence: text.evidence.clone(),
                access: text.access.clone(),
                office: text.office.clone(),
            },
            purpose: purpose?,
            served_on: served_on?,
        })
    }

    /// The points listed, or those that the text numbers.
    fn points(&mut self, points: PointsText, text: &str) -> Option<Vec<String>> {
        match points {
            PointsText::Listed(points) => Some(points),
            // Without any, the rules say what is missing.
            PointsText::Numbered(_) if text.trim().is_empty() => Some(Vec::new()),
            PointsText::Numbered(0) => Some(Vec::new()),
            PointsText::Numbered(count) => {
                let points = points::numbered(text, count);
                if points.is_none() {
                    self.put("points", Refusal::PointsUnnumbered, Some(count.to_string()));
                }
                points
            }
        }
    }

    /// Each point answered once.
    fn answers(&mut self, text: &OutcomeText) -> BTreeMap<u32, String> {
        let mut answers = BTreeMap::new();
        for AnswerText { point, text } in &text.answers {
            if answers.insert(*point, text.clone()).is_some() {
                self.put("answers", Refusal::PointForeign, Some(point.to_string()));
            }
        }
        let counted = text.points_answered.map(u64::from);
        if counted.is_some_and(|counted| counted != answers.len() as u64) {
            let detail = format!("{} in `answers`", answers.len());
            self.put("points_answered", Refusal::PointsUnanswered, Some(detail));
        }
        answers
    }

    fn outcome(&mut self, text: &OutcomeText) -> Option<Outcome> {
        let document = self.decision(&text.document);
        // The basis is the entry's: what is asked for is only that there be no end.
        let end = match text.end.as_str() {
            "indefinite" => Some(End::Indefinite { basis: String::new() }),
            day => self.day("end", day).map(End::On),
        };
        Some(Outcome {
            severity: self.severity("severity", text.severity.as_deref()),
            measures: self.ids("measures", &text.measures, MeasureId::new),
            answers: self.answers(text),
            reasons: text.reasons.clone(),
            document: document?,
            end: end?,
        })
    }

    fn done<T>(self, value: Option<T>) -> Result<T, Vec<Problem>> {
        match (value, self.problems.is_empty()) {
            (Some(value), true) => Ok(value),
            (_, false) => Err(self.problems),
            (None, true) => Err(vec![Problem::of_input(Refusal::RequestUnreadable)]),
        }
    }
}

fn subject(text: &SubjectText, reading: &mut Reading) -> Subject {
    let organisation = text.organisation.as_ref();
    let identifier = text.identifier.as_ref();
    if organisation.is_none() == identifier.is_none() {
        let detail = "give `organisation` or `identifier`".to_owned();
        reading.put("subject", Refusal::SubjectUnidentified, Some(detail));
    }
    let kinds = OrganisationKind::ALL;
    Subject {
        organisation: organisation
            .and_then(|text| reading.of("subject.organisation", text, |it| it.parse().ok())),
        identifier: identifier.and_then(|text| {
            let claim = claim(text);
            if let Err(refusal) = claim {
                reading.put("subject.identifier", refusal, None);
            }
            claim.ok()
        }),
        name: text.name.clone(),
        kind: text
            .kind
            .as_ref()
            .and_then(|text| reading.key("subject.kind", text, &kinds, OrganisationKind::key)),
        country: text
            .country
            .as_ref()
            .and_then(|text| reading.of("subject.country", text, Country::new)),
    }
}

/// The identifier, or why it cannot name a subject here.
fn claim(text: &str) -> Result<IdentifierClaim, Refusal> {
    let (scheme, value) = text.split_once(':').ok_or(Refusal::FieldUnreadable)?;
    let scheme = Scheme::new(scheme).ok_or(Refusal::FieldUnreadable)?;
    identifiers::claim(&scheme, value).map_err(|error| match error {
        IdentifierError::Personal => Refusal::PersonalIdentifier,
        IdentifierError::SoleTrader => Refusal::PersonAsSubject,
        IdentifierError::Military => Refusal::MilitaryBody,
        _ => Refusal::FieldUnreadable,
    })
}

fn submit(text: SubmitText) -> Result<SubmitRequest, Vec<Problem>> {
    let mut reading = Reading::default();
    let it = &mut reading;
    let subject = subject(&text.subject, it);
    let entry = it.of("entry", &text.entry, CatalogueKey::new);
    let territory = it.of("territory", &text.territory, Territory::new);
    let mode = it.key("mode", &text.mode, Mode::ALL, Mode::key);
    let procedure = it.key("procedure", &text.procedure, Procedure::ALL, Procedure::key);
    let grounds = text
        .grounds
        .iter()
        .filter_map(|ground| it.key("grounds", ground, &Ground::ALL, Ground::key))
        .collect();
    let attestations = text
        .attestations
        .iter()
        .filter_map(|given| {
            let all = Attestation::ALL;
            let attestation = it.key("attestations", &given.attestation, all, Attestation::key)?;
            Some(Attested { attestation, reference: given.reference.clone() })
        })
        .collect();
    let record = |it: &mut Reading, column: &str, text: Option<&String>| {
        text.and_then(|text| it.of::<RecordId>(column, text, |id| id.parse().ok()))
    };
    let conduct = text.conduct.as_ref().and_then(|conduct| {
        let from = it.day("conduct.from", &conduct.from);
        let to = it.day("conduct.to", &conduct.to);
        Some(Conduct { from: from?, to: to? })
    });
    let draft = SubmissionDraft {
        grounds,
        severity: it.severity("severity", text.severity.as_deref()),
        case_number: text.case_number.clone(),
        decision: text.decision.as_ref().and_then(|decision| it.decision(decision)),
        conduct,
        start: it.optional_day("start", text.start.as_deref()),
        end: match text.end.as_deref() {
            None => None,
            Some("indefinite") => Some(EndAsked::Indefinite),
            Some(day) => it.day("end", day).map(EndAsked::On),
        },
        under_review: text.under_review,
        attestations,
        predecessor: record(it, "predecessor", text.predecessor.as_ref()),
        resubmission_of: record(it, "resubmission_of", text.resubmission_of.as_ref()),
        fields: text.fields,
        // Replaced below where they could be read; where not, the problems are returned.
        mode: mode.unwrap_or(Mode::Hosted),
        procedure: procedure.unwrap_or(Procedure::Ordinary),
    };
    let request = match (entry, territory) {
        (Some(entry), Some(territory)) => Some(SubmitRequest { subject, entry, territory, draft }),
        _ => None,
    };
    reading.done(request)
}

fn command(text: CommandText) -> Result<Command, Vec<Problem>> {
    let mut reading = Reading::default();
    let it = &mut reading;
    let command = match text {
        CommandText::AdmitSubmission {} => Some(Command::AdmitSubmission),
        CommandText::ReturnSubmission {} => Some(Command::ReturnSubmission),
        CommandText::PublishNeutral {} => Some(Command::PublishNeutral),
        CommandText::ServeNotice { notice } => it.notice(&notice).map(Command::ServeNotice),
        CommandText::RenewNotice { notice } => it.notice(&notice).map(Command::RenewNotice),
        CommandText::OpenPrecheck { service } => Some(Command::OpenPrecheck { service }),
        CommandText::Represent { points, text } => {
            it.points(points, &text).map(|points| Command::Represent { points, text })
        }
        CommandText::RequestHearing {} => Some(Command::RequestHearing),
        CommandText::Waive {} => Some(Command::Waive),
        CommandText::RevokeWaiver {} => Some(Command::RevokeWaiver),
        CommandText::CloseHearing { protocol } => Some(Command::CloseHearing { protocol }),
        CommandText::WithdrawHearing {} => Some(Command::WithdrawHearing),
        CommandText::Uphold { outcome } => it.outcome(&outcome).map(Command::Uphold),
        CommandText::NotUphold { reasons } => Some(Command::NotUphold { reasons }),
        CommandText::Abandon {} => Some(Command::Abandon),
        CommandText::FlagError { ground, text } => it
            .key("ground", &ground, FlagGround::ALL, FlagGround::key)
            .map(|ground| Command::FlagError { ground, text }),
        CommandText::ClearFlag { reasons } => Some(Command::ClearFlag { reasons }),
        CommandText::UpholdFlag {} => Some(Command::UpholdFlag),
        CommandText::PublishInterim { need, service } => {
            // How long others stood is counted when it is decided, never asked for.
            Some(Command::PublishInterim { need, service, served_days: 0 })
        }
        CommandText::Object { ground, text } => it
            .key("ground", &ground, ObjectionGround::ALL, ObjectionGround::key)
            .map(|ground| Command::Object { ground, text }),
        CommandText::ForwardObjection {} => Some(Command::ForwardObjection),
        CommandText::ExtendObjection {} => Some(Command::ExtendObjection),
        CommandText::RejectObjection { reasons } => Some(Command::RejectObjection { reasons }),
        CommandText::Escalate {} => Some(Command::Escalate),
        CommandText::Correct { successor } => it
            .of("successor", &successor, |id| id.parse().ok())
            .map(|successor| Command::Correct { successor }),
        CommandText::Withdraw { reason, reference, ordered_on } => {
            let ordered_on = it.optional_day("ordered_on", ordered_on.as_deref());
            it.key("reason", &reason, WithdrawalReason::ALL, WithdrawalReason::key)
                .map(|reason| Command::Withdraw { reason, reference, ordered_on })
        }
        CommandText::Stay { reason, reference } => it
            .key("reason", &reason, StayReason::ALL, StayReason::key)
            .map(|reason| Command::Stay { reason, reference }),
        CommandText::LiftStay { reference, stayed_time_counts } => {
            Some(Command::LiftStay { reference, stayed_time_counts })
        }
        CommandText::ApplyRepair { conditions, text } => Some(Command::ApplyRepair {
            conditions: it.ids("conditions", &conditions, ConditionKey::new),
            text,
        }),
        CommandText::ExtendRepair {} => Some(Command::ExtendRepair),
        CommandText::GrantRepair {} => Some(Command::GrantRepair),
        CommandText::RefuseRepair { unmet, reasons } => Some(Command::RefuseRepair {
            unmet: it.ids("unmet", &unmet, ConditionKey::new),
            reasons,
        }),
        CommandText::ReleaseEarly { conditions } => Some(Command::ReleaseEarly {
            conditions: it.ids("conditions", &conditions, ConditionKey::new),
        }),
        CommandText::CeaseSubject { on } => {
            it.day("on", &on).map(|on| Command::CeaseSubject { on })
        }
        CommandText::Impute { successor, reference } => it
            .of("successor", &successor, |id| id.parse().ok())
            .map(|successor| Command::Impute { successor, kind: None, reference }),
        CommandText::AddStatement { text } => Some(Command::AddStatement { text }),
        CommandText::OverrideMeasure { measure, from, until, reasons } => {
            let measure = it.of("measure", &measure, MeasureId::new);
            let (from, until) = (it.day("from", &from), it.day("until", &until));
            match (measure, from, until) {
                (Some(measure), Some(from), Some(until)) => {
                    Some(Command::OverrideMeasure { measure, from, until, reasons })
                }
                _ => None,
            }
        }
        CommandText::PlaceHold { reference } => Some(Command::PlaceHold { reference }),
        CommandText::ReleaseHold { reference } => Some(Command::ReleaseHold { reference }),
        CommandText::Erase {} => Some(Command::Erase),
        CommandText::SeeOrigin { fresh_until } => it
            .of("fresh_until", &fresh_until, |text| text.parse::<Instant>().ok())
            .map(|fresh_until| Command::SeeOrigin { fresh_until }),
        CommandText::EndOrigin {} => Some(Command::EndOrigin),
    };
    reading.done(command)
}

/// The authority whose account a key name stands for: `cn.mee/officer-7`.
pub fn account_of(key_name: &str) -> Option<(AuthorityKey, domain::case::AccountHandle)> {
    let (authority, account) = key_name.split_once('/')?;
    Some((AuthorityKey::new(authority)?, domain::case::AccountHandle::new(account)?))
}
