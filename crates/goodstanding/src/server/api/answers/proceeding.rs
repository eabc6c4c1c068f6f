//! What parties of a case send and get.

use std::collections::BTreeMap;

use domain::case::{Actor, CaseEvent, Step};
use domain::civil::{Day, Instant, Zone};
use domain::refusal::Language;
use due_process::case::{Case, Exposure};
use ledger::LedgerReader;
use ledger::wire::{Opening, from_base64url};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::super::super::problem::ProblemShape;
use crate::cases::Prepared;
use crate::cases::document::{Due, due};
use crate::cases::file::CaseFile;
use crate::cases::handed_in::item_json;
use crate::cases::receipt::Receipt;
use crate::messages::Messages;

/// What is to be prepared: each item `{"submit": {...}}` or `{"record": ID, "step": {...}}`, as
/// `goodstanding case template` prints them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrepareShape {
    /// 1 to 100.
    pub items: Vec<Value>,
}

/// New records, each as it was prepared.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitShape {
    /// 1 to 100.
    pub items: Vec<SubmitItemShape>,
}

/// One new record.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitItemShape {
    /// As it came with what was prepared.
    pub ticket: String,
    /// The record, as it was sent to be prepared.
    pub submit: Value,
    /// The steps with what was signed over them.
    pub signed: Value,
}

/// A step of a case.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepShape {
    /// The step, as `goodstanding case template` prints it, with its name as `command`.
    pub step: Value,
    /// Of an authority: as it came with what was prepared.
    pub ticket: Option<String>,
    /// Of an authority: the steps with what was signed over them.
    pub signed: Option<Value>,
}

/// What an account has to sign.
#[derive(Serialize, ToSchema)]
pub struct PreparedShape {
    /// Name of the log the signature is for.
    pub origin: String,
    /// Whose account.
    pub authority: String,
    /// Which account.
    pub account: String,
    /// The instant to be signed.
    pub at: String,
    /// One for each item that was sent, in that order.
    pub items: Vec<PreparedItemShape>,
}

/// One item, prepared or refused.
#[derive(Serialize, ToSchema)]
pub struct PreparedItemShape {
    /// To be sent back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// The record; new for a submission.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// Whom it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// To be signed: each with `body` (the very bytes) and its disclosures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Value>,
    /// Why not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<ProblemShape>,
}

impl PreparedItemShape {
    /// What can be signed.
    pub fn ready(prepared: &Prepared, registry_key: &[u8; 32]) -> PreparedItemShape {
        let ticket = &prepared.ticket;
        let steps = prepared.steps.iter().zip(&prepared.items);
        PreparedItemShape {
            ticket: Some(ticket.to_text(registry_key)),
            record: Some(ticket.record.to_string()),
            organisation: Some(ticket.organisation.to_string()),
            steps: steps.map(|(step, item)| item_json(step.step.name(), item)).collect(),
            problems: Vec::new(),
        }
    }

    /// What was refused.
    pub fn refused(problems: Vec<ProblemShape>) -> PreparedItemShape {
        let (ticket, record, organisation) = (None, None, None);
        PreparedItemShape { ticket, record, organisation, steps: Vec::new(), problems }
    }
}

/// What became of each item of a batch.
#[derive(Serialize, ToSchema)]
pub struct OutcomesShape {
    /// One for each item that was sent, in that order.
    pub items: Vec<OutcomeShape>,
}

/// What became of one item.
#[derive(Serialize, ToSchema)]
pub struct OutcomeShape {
    /// 201 committed now, 200 committed before; else why not.
    pub status: u16,
    /// The receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Value>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<ProblemShape>,
}

/// A receipt: checked offline with `goodstanding verify RECEIPT --vkey KEY`.
#[derive(Serialize, ToSchema)]
pub struct ReceiptShape {
    /// `goodstanding/receipt/v1`.
    format: String,
    /// The record.
    record: String,
    /// Whom it is about.
    organisation: String,
    /// When it was committed.
    at: String,
    /// Names of the steps.
    steps: Vec<String>,
    /// Name of the log, positions `from..to`, and the signed checkpoint.
    log: ReceiptLogShape,
    /// For each position a proof (`c2sp.org/tlog-proof@v1`) that leads to the checkpoint.
    entries: Vec<ReceiptEntryShape>,
    /// What the subject acts with: it goes with the notice, to nobody else. Only where it was told
    /// something for the first time.
    subject_token: Option<String>,
    /// What the organisation acts with that a notice names as successor of the subject.
    successor_token: Option<String>,
    /// How the case stands now.
    case: Option<StandingShape>,
}

/// Where on the log.
#[derive(Serialize, ToSchema)]
struct ReceiptLogShape {
    origin: String,
    from: u64,
    to: u64,
    checkpoint: String,
}

/// One entry with its proof.
#[derive(Serialize, ToSchema)]
struct ReceiptEntryShape {
    position: u64,
    proof: String,
}

/// The receipt as JSON, with what only its holder is told.
pub fn receipt_json(
    receipt: &Receipt,
    (token, successor): (Option<String>, Option<String>),
    case: Option<StandingShape>,
) -> Value {
    let mut value = receipt.to_json();
    if let Value::Object(members) = &mut value {
        members.insert("subject_token".to_owned(), token.into());
        members.insert("successor_token".to_owned(), successor.into());
        let case = case.and_then(|case| serde_json::to_value(case).ok());
        members.insert("case".to_owned(), case.unwrap_or_default());
    }
    value
}

/// Where a case stands.
#[derive(Serialize, ToSchema)]
pub struct StandingShape {
    /// The state of `spec/due-process.md`.
    #[schema(example = "noticed")]
    state: String,
    /// Its number there: S4 is 4.
    state_number: usize,
    /// Whether the public sees anything of it.
    public: bool,
    /// What time does next if nobody acts; null when time does nothing.
    next: Option<NextShape>,
    /// Dates that bind, by what is due.
    dates: BTreeMap<String, String>,
    /// The instant its last day is over.
    end_at: Option<String>,
    /// The instant this holds for.
    as_of: String,
}

/// What happens if nobody acts.
#[derive(Serialize, ToSchema)]
struct NextShape {
    /// When.
    at: String,
    /// The step of `spec/due-process.md`.
    what: String,
    /// The same in words.
    words: String,
}

impl StandingShape {
    /// Of a case that was evaluated for an instant.
    pub fn of(case: &Case, language: Language) -> StandingShape {
        StandingShape {
            state: case.state().key().to_owned(),
            state_number: case.state().number(),
            public: !matches!(case.exposure(), Exposure::Nothing),
            next: case.next_clock_step().map(|(at, step)| NextShape {
                at: at.to_string(),
                what: step.key().to_owned(),
                words: step.words(language).to_owned(),
            }),
            dates: dates(case),
            end_at: case.term.end_at.map(|at| at.to_string()),
            as_of: case.at.to_string(),
        }
    }
}

/// Every open deadline by its key: the instant it is over.
fn dates(case: &Case) -> BTreeMap<String, String> {
    let deadlines = case.deadlines();
    deadlines.iter().map(|it| (it.key.key().to_owned(), it.at.to_string())).collect()
}

/// A page of cases.
#[derive(Serialize, ToSchema)]
pub struct CasesShape {
    /// In the order in which they were submitted.
    pub cases: Vec<ListedCaseShape>,
    /// To go on, give it as `after`; null at the end.
    pub next: Option<String>,
    /// The instant this holds for.
    pub as_of: String,
}

/// A case in a list.
#[derive(Serialize, ToSchema)]
pub struct ListedCaseShape {
    record: String,
    organisation: String,
    /// The subject's name, as the authority writes it.
    name_as_written: String,
    authority: String,
    /// The catalogue entry.
    entry: String,
    /// Number at the authority.
    case_number: String,
    #[serde(flatten)]
    standing: StandingShape,
    /// What the authority owes now: `notice`, `hearing`, `decision`, `flag`, `objection` or
    /// `repair`.
    waiting: Vec<&'static str>,
    /// The last day before time does what `next` says, in the zone of the case.
    #[schema(example = "2026-12-10")]
    due_on: Option<String>,
}

impl ListedCaseShape {
    /// Of a case that was evaluated for an instant.
    pub fn of(case: &Case, language: Language) -> ListedCaseShape {
        let revision = &case.revision;
        ListedCaseShape {
            record: case.record.to_string(),
            organisation: case.organisation.to_string(),
            name_as_written: revision.name_as_written.clone(),
            authority: case.authority.to_string(),
            entry: revision.entry.to_string(),
            case_number: revision.case_number.clone(),
            standing: StandingShape::of(case, language),
            waiting: case.owed(),
            due_on: case.next_clock_step().map(|(at, _)| last_day(case, at).to_string()),
        }
    }
}

/// The last day before `at`, in the zone of the case: what ends at midnight is due the day before.
pub fn last_day(case: &Case, at: Instant) -> Day {
    let zone = case.revision.zone.parse().unwrap_or(Zone::UTC);
    Instant::from_micros(at.micros().saturating_sub(1)).day_in(&zone)
}

/// A case as one of its parties sees it.
#[derive(Serialize, ToSchema)]
pub struct ProceedingShape {
    record: String,
    organisation: String,
    /// The subject's name, as the authority writes it.
    name_as_written: String,
    authority: String,
    /// The catalogue entry.
    entry: String,
    #[serde(flatten)]
    standing: StandingShape,
    /// What is open, for whom, by which article, the next first.
    deadlines: Vec<Due>,
    /// Its steps.
    history: Vec<HistoryShape>,
    /// What time did since the last of them.
    passed: Vec<PassedShape>,
}

/// One step.
#[derive(Serialize, ToSchema)]
struct HistoryShape {
    /// Position on the log.
    position: u64,
    at: String,
    step: String,
    /// The account or role.
    actor: String,
    /// What it says that this party may read.
    texts: BTreeMap<String, String>,
}

/// Something time did.
#[derive(Serialize, ToSchema)]
struct PassedShape {
    at: String,
    step: String,
}

/// Which of the parties reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// Whose record it is: decides, and reads everything.
    Authority,
    /// Whom it is about: what is public or for it, and what it said itself.
    Subject,
    /// A successor that is named, or that it was made the record of: what somebody else said before
    /// is not its own.
    Successor,
}

impl ProceedingShape {
    /// The case of `file`, for `party`.
    pub fn of(
        file: &CaseFile,
        party: Party,
        reader: &LedgerReader,
        messages: &Messages,
    ) -> Result<ProceedingShape, ledger::LedgerError> {
        let (found, case) = (&file.found, &file.case);
        let mut history = Vec::with_capacity(found.steps.len());
        let imputed =
            |(_, _, event): &&(u64, Instant, CaseEvent)| matches!(event.step, Step::Imputed { .. });
        let own_from = match party {
            Party::Authority | Party::Subject => Some(0),
            Party::Successor => found.steps.iter().rev().find(imputed).map(|(at, ..)| *at),
        };
        for (position, at, step) in &found.steps {
            let is_own = step.actor == Actor::Subject && own_from.is_some_and(|it| it <= *position);
            let all = party == Party::Authority || is_own;
            let opening = reader.opening(*position)?;
            history.push(HistoryShape {
                position: *position,
                at: at.to_string(),
                step: step.step.name().to_owned(),
                actor: step.actor.account().unwrap_or(step.actor.key()).to_owned(),
                texts: opening.map(|opening| texts(&opening, all)).unwrap_or_default(),
            });
        }
        let passed = found.case.passed(case.at).into_iter();
        Ok(ProceedingShape {
            record: case.record.to_string(),
            organisation: case.organisation.to_string(),
            name_as_written: case.revision.name_as_written.clone(),
            authority: case.authority.to_string(),
            entry: case.revision.entry.to_string(),
            standing: StandingShape::of(case, messages.refusal_language()),
            deadlines: due(messages, file),
            history,
            passed: passed
                .map(|(at, step)| PassedShape { at: at.to_string(), step: step.key().to_owned() })
                .collect(),
        })
    }
}

/// The texts of a step: `all`, or those that are not for the ones who decide only.
fn texts(opening: &Opening, all: bool) -> BTreeMap<String, String> {
    let payload: Value = serde_json::from_str(&opening.payload).unwrap_or_default();
    let digests = payload.pointer("/body/_sd").and_then(Value::as_array);
    let may_read = |field: &str| {
        all || digests.into_iter().flatten().any(|digest| {
            digest.get("f").and_then(Value::as_str) == Some(field)
                && digest.get("c").and_then(Value::as_str) != Some("restricted")
        })
    };
    let disclosed = opening.disclosures.iter().filter_map(|disclosure| {
        let array: Value = serde_json::from_slice(&from_base64url(disclosure)?).ok()?;
        let text = |at: usize| array.get(at).and_then(Value::as_str).map(str::to_owned);
        Some((text(1)?, text(2)?))
    });
    disclosed.filter(|(field, _)| may_read(field)).collect()
}
