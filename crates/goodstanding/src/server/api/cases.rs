//! Proceedings: what parties of a case send. Who asks is proved before anything else is looked at
//! (`server/proceedings.rs`); what is decided is decided by the desk.

use std::sync::Arc;

use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::ids::RecordId;
use domain::refusal::{Language, Problem, Refusal};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::problem::{Fault, ProblemDocument, problem_shapes, status_of_all};
use super::super::proceedings::{Asked, Caller, Proceedings, asked, fault, panicked};
use super::super::visit::Visit;
use super::answers::{
    OutcomeShape, OutcomesShape, PrepareShape, PreparedItemShape, PreparedShape, ProceedingShape,
    ReceiptShape, StandingShape, StepShape, SubmitShape, receipt_json,
};
use super::documents::party_of;
use super::handlers::{Key, text_of};
use crate::cases::accounts::Account;
use crate::cases::clerk::Unanswered;
use crate::cases::file::CaseFile;
use crate::cases::own_tokens;
use crate::cases::receipt::Receipt;
use crate::cases::request::{self, Request as Wanted};
use crate::cases::ticket::Ticket;
use crate::cases::{By, Committed, Once, Order, View, handed_in, prepare as prepare_all, repeated};
use crate::cases::{CaseError, templates};

/// Items of a batch. Not law: it bounds what one request may cost.
const ITEMS_MAX: usize = 100;

pub(super) fn refused(refusal: Refusal) -> Fault {
    Fault::Refused(refusal, None)
}

fn problem(refusal: Refusal, column: Option<&str>) -> Problem {
    Problem { column: column.map(str::to_owned), ..Problem::of_input(refusal) }
}

/// Reads the request; what it answers is put into words for the visit.
pub(super) async fn open(
    visit: &Visit,
    request: Request,
) -> Result<(Arc<Proceedings>, Asked), Fault> {
    let proceedings = visit.app.proceedings();
    let proceedings = proceedings.ok_or_else(|| refused(Refusal::ProceedingsNotServed))?.clone();
    let (parts, body) = request.into_parts();
    let asked = asked(&visit.app, &proceedings, &parts, body).await?;
    Ok((proceedings, asked))
}

pub(super) fn told(visit: &Visit, answer: Result<(StatusCode, Value), Fault>) -> Response {
    match answer {
        Ok((status, body)) => (status, Json(body)).into_response(),
        Err(fault) => visit.fault(fault),
    }
}

pub(super) fn shape<T: DeserializeOwned>(body: Value) -> Result<T, Fault> {
    // What serde says may quote what was sent.
    serde_json::from_value(body).map_err(|_| refused(Refusal::RequestUnreadable))
}

pub(super) fn value(answer: &impl serde::Serialize) -> Result<Value, Fault> {
    serde_json::to_value(answer).map_err(|error| Fault::Internal(error.to_string()))
}

pub(super) fn only_authority(caller: Caller) -> Result<Account, Fault> {
    match caller {
        Caller::Authority(account) => Ok(account),
        Caller::Bearer(_) | Caller::Anybody => Err(refused(Refusal::RequestUnsigned)),
    }
}

fn check_number(items: usize) -> Result<(), Fault> {
    if (1..=ITEMS_MAX).contains(&items) { Ok(()) } else { Err(refused(Refusal::BatchUnfit)) }
}

/// What an account has to sign
///
/// For new records and for steps. Nothing is committed. All problems of each item come back at
/// once; items that have none can be signed together as one manifest (`spec/wire.md`, 6.1).
#[utoipa::path(
    post,
    path = "/api/v1/cases/prepare",
    operation_id = "prepare_cases",
    tag = "cases",
    request_body = PrepareShape,
    responses(
        (status = 200, description = "What to sign, item by item", body = PreparedShape),
        (status = 401, description = "The request is not signed with a key that counts",
         body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "The batch is empty or too large", body = ProblemDocument,
         content_type = "application/problem+json")
    )
)]
pub async fn prepare(visit: Visit, request: Request) -> Response {
    let answer = prepared(&visit, request).await;
    told(&visit, answer)
}

async fn prepared(visit: &Visit, request: Request) -> Result<(StatusCode, Value), Fault> {
    let (proceedings, asked) = open(visit, request).await?;
    let account = only_authority(asked.caller.clone())?;
    let items = shape::<PrepareShape>(asked.body.clone())?.items;
    check_number(items.len())?;
    let messages = Arc::clone(&visit.messages);
    let work = move || -> Result<Value, Fault> {
        let _held_until_done = asked;
        let read: Vec<Result<Wanted, Vec<Problem>>> = items.iter().map(wanted).collect();
        let requests: Vec<Wanted> = read.iter().flatten().cloned().collect();
        let registry = proceedings.registry();
        let (now, key, outcomes) = proceedings
            .look(|view| {
                let now = view.now(registry.clock())?;
                let outcomes = prepare_all(view, &registry.packs(), &requests, &account, now)?;
                Ok((now, *view.registry_key(), outcomes))
            })
            .map_err(fault)?;
        let mut outcomes = outcomes.into_iter();
        let mut shapes = Vec::with_capacity(items.len());
        for (item, read) in items.iter().zip(read) {
            let outcome = match read {
                Err(problems) => Err(problems),
                Ok(_) => match outcomes.next() {
                    Some(Ok(prepared)) => Ok(prepared),
                    Some(Err(CaseError::Refused(problems))) => Err(problems),
                    Some(Err(error)) => return Err(fault(error)),
                    None => return Err(panicked()),
                },
            };
            shapes.push(match outcome {
                Ok(mut prepared) => {
                    prepared.ticket.request = Ticket::hash(item);
                    PreparedItemShape::ready(&prepared, &key)
                }
                Err(problems) => PreparedItemShape::refused(problem_shapes(&problems, &messages)),
            });
        }
        value(&PreparedShape {
            origin: registry.origin().to_owned(),
            authority: account.authority.to_string(),
            account: account.account.to_string(),
            at: now.to_string(),
            items: shapes,
        })
    };
    let answer = visit.app.read(work).await.unwrap_or_else(|| Err(panicked()))?;
    Ok((StatusCode::OK, answer))
}

/// One item of what is to be prepared.
fn wanted(item: &Value) -> Result<Wanted, Vec<Problem>> {
    let unreadable = || vec![problem(Refusal::RequestUnreadable, None)];
    let members = item.as_object().ok_or_else(unreadable)?;
    match (members.get("submit"), members.get("record"), members.get("step")) {
        (Some(submit), None, None) if members.len() == 1 => {
            request::read_value(submit.clone(), None)
        }
        (None, Some(record), Some(step)) if members.len() == 2 => {
            let record = record.as_str().and_then(|text| text.parse().ok());
            let record = record.ok_or_else(|| vec![problem(Refusal::CaseUnknown, None)])?;
            request::read_value(step.clone(), Some(record))
        }
        _ => Err(unreadable()),
    }
}

/// Hand in new records
///
/// Each item as it was prepared, with what was signed over it. One that is refused leaves the
/// others alone. The same item handed in again gets its receipt again and is committed once.
#[utoipa::path(
    post,
    path = "/api/v1/cases",
    operation_id = "submit_cases",
    tag = "cases",
    request_body = SubmitShape,
    responses(
        (status = 201, description = "All are committed", body = OutcomesShape),
        (status = 207, description = "Not all are: each item says what became of it",
         body = OutcomesShape),
        (status = 401, description = "The request is not signed with a key that counts",
         body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "The batch is empty or too large", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 503, description = "Too many wait, or an import is at work: nothing was done",
         body = ProblemDocument, content_type = "application/problem+json")
    )
)]
pub async fn submit(visit: Visit, request: Request) -> Response {
    let answer = submitted(&visit, request).await;
    told(&visit, answer)
}

async fn submitted(visit: &Visit, request: Request) -> Result<(StatusCode, Value), Fault> {
    let (proceedings, asked) = open(visit, request).await?;
    let account = only_authority(asked.caller.clone())?;
    let items = shape::<SubmitShape>(asked.body.clone())?.items;
    check_number(items.len())?;
    let key = registry_key(visit, &proceedings).await?;
    let read = items.into_iter().map(|item| {
        let whole = json!({ "submit": item.submit });
        let submission = submission(&item.ticket, &item.signed, &whole, &account, &key)?;
        let request = request::read_value(item.submit, None)?;
        Ok(Order { request, by: submission, once: None })
    });
    let orders = read.collect();
    let outcomes = executed(visit, &proceedings, orders).await?;
    let all_new = outcomes.iter().all(|outcome| outcome.status == 201);
    let status = if all_new { StatusCode::CREATED } else { StatusCode::MULTI_STATUS };
    Ok((status, value(&OutcomesShape { items: outcomes })?))
}

async fn registry_key(visit: &Visit, proceedings: &Arc<Proceedings>) -> Result<[u8; 32], Fault> {
    let proceedings = Arc::clone(proceedings);
    let key = move || proceedings.look(|view| Ok(*view.registry_key())).map_err(fault);
    visit.app.read(key).await.unwrap_or_else(|| Err(panicked()))
}

/// What the step of a subject is known by, should it be sent again.
fn once(record: RecordId, token: &str, id: &str, step: &Value) -> Once {
    let key = json!([record.to_string(), token.trim(), id]);
    Once { key: Ticket::hash(&key), content: Ticket::hash(step) }
}

async fn check_token(
    visit: &Visit,
    proceedings: &Arc<Proceedings>,
    record: RecordId,
    token: &str,
) -> Result<(), Fault> {
    let (proceedings, token) = (Arc::clone(proceedings), token.to_owned());
    let check = move || {
        proceedings
            .look(|view| {
                Ok(own_tokens::bearer(view.directory(), view.registry_key(), record, &token)?)
            })
            .map_err(fault)
    };
    visit.app.read(check).await.unwrap_or_else(|| Err(panicked())).map(|_| ())
}

/// What an account signed, if it is what was prepared for it.
fn submission(
    ticket: &str,
    signed: &Value,
    whole: &Value,
    account: &Account,
    registry_key: &[u8; 32],
) -> Result<By, Vec<Problem>> {
    let one = |refusal, column| vec![problem(refusal, Some(column))];
    let ticket = Ticket::from_text(ticket, registry_key)
        .ok_or_else(|| one(Refusal::PreparedTooOld, "ticket"))?;
    if (&ticket.authority, &ticket.account) != (&account.authority, &account.account) {
        return Err(one(Refusal::KeyUnfit, "ticket"));
    }
    if ticket.request != Ticket::hash(whole) {
        return Err(one(Refusal::SignatureUnfit, "ticket"));
    }
    let submissions = handed_in::submissions_of(signed)
        .ok_or_else(|| one(Refusal::RequestUnreadable, "signed"))?;
    Ok(By::Signed { ticket: Box::new(ticket), submissions })
}

/// Take a step in a case
///
/// An authority sends it as it was prepared, signed. The subject sends its token; a third party
/// with an interest of its own, objections to public records only, needs none. Reviewers and courts
/// act beside the registry.
#[utoipa::path(
    post,
    path = "/api/v1/cases/{record}/steps",
    operation_id = "take_step",
    tag = "cases",
    params(
        ("record" = String, Path, description = "Id of the record (UUIDv7)"),
        ("Idempotency-Key" = Option<String>, Header, description = "Of the subject: an id of its \
          own choice, 8 to 128 letters, digits, `-` or `_`. The same sent again with it is done \
          once and gets its receipt again (200)")
    ),
    request_body = StepShape,
    responses(
        (status = 201, description = "Committed", body = ReceiptShape),
        (status = 200, description = "This very step was committed before", body = ReceiptShape),
        (status = 400, description = "The body is no step", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 401, description = "The request is not signed with a key that counts",
         body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, description = "Not by this account, or with this token",
         body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "There is no case of yours with this number",
         body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, description = "Not in this state, something happened since it was \
          prepared, or another step was sent with this `Idempotency-Key`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "Rules say no", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 503, description = "Too many wait, or an import is at work: nothing was done",
         body = ProblemDocument, content_type = "application/problem+json")
    )
)]
pub async fn step(visit: Visit, record: Key, request: Request) -> Response {
    let answer = stepped(&visit, &text_of(record), request).await;
    told(&visit, answer)
}

async fn stepped(
    visit: &Visit,
    record: &str,
    request: Request,
) -> Result<(StatusCode, Value), Fault> {
    let (proceedings, asked) = open(visit, request).await?;
    let key = registry_key(visit, &proceedings).await?;
    let record: RecordId = record.parse().map_err(|_| refused(Refusal::CaseUnknown))?;
    let given = shape::<StepShape>(asked.body.clone())?;
    let command = given.step.get("command").and_then(Value::as_str).unwrap_or_default().to_owned();
    let by = match (&asked.caller, given.ticket, given.signed) {
        (Caller::Authority(account), Some(ticket), Some(signed)) => {
            let whole = json!({ "record": record.to_string(), "step": given.step });
            submission(&ticket, &signed, &whole, account, &key).map_err(Fault::RefusedAll)?
        }
        (Caller::Authority(_), ..) => return Err(refused(Refusal::SignatureUnfit)),
        // Before what is asked is looked at: a wrong token learns nothing about the case.
        (Caller::Bearer(token), ..) => {
            check_token(visit, &proceedings, record, token).await?;
            By::Subject(token.clone())
        }
        (Caller::Anybody, ..) if command == "object" => By::ThirdParty,
        (Caller::Anybody, ..) => return Err(refused(Refusal::RequestUnsigned)),
    };
    // What an authority prepared is known by its ticket.
    let once = match (&by, &asked.request_id) {
        (By::Subject(token), Some(id)) => Some(once(record, token, id, &given.step)),
        _ => None,
    };
    let wanted = request::read_value(given.step, Some(record)).map_err(Fault::RefusedAll)?;
    let by_anybody = matches!(by, By::ThirdParty);
    let orders = vec![Ok(Order { request: wanted, by, once })];
    let outcome = one_executed(visit, &proceedings, orders, !by_anybody).await?;
    match outcome {
        Ok((status, receipt)) => Ok((status, receipt)),
        Err(problems) => Err(Fault::RefusedAll(problems)),
    }
}

type Read = Vec<Result<Order, Vec<Problem>>>;

/// What became of one order, in full.
enum Done {
    Receipt { is_new: bool, receipt: Value },
    Refused(Vec<Problem>),
}

async fn one_executed(
    visit: &Visit,
    proceedings: &Arc<Proceedings>,
    orders: Read,
    tells_standing: bool,
) -> Result<Result<(StatusCode, Value), Vec<Problem>>, Fault> {
    let done = done(visit, proceedings, orders, tells_standing).await?.pop();
    Ok(match done {
        Some(Done::Receipt { is_new: true, receipt }) => Ok((StatusCode::CREATED, receipt)),
        Some(Done::Receipt { is_new: false, receipt }) => Ok((StatusCode::OK, receipt)),
        Some(Done::Refused(problems)) => Err(problems),
        None => return Err(panicked()),
    })
}

async fn executed(
    visit: &Visit,
    proceedings: &Arc<Proceedings>,
    orders: Read,
) -> Result<Vec<OutcomeShape>, Fault> {
    let done = done(visit, proceedings, orders, true).await?;
    let outcome = |done| match done {
        Done::Receipt { is_new, receipt } => OutcomeShape {
            status: if is_new { 201 } else { 200 },
            receipt: Some(receipt),
            problems: Vec::new(),
        },
        Done::Refused(problems) => OutcomeShape {
            status: status_of_all(&problems).as_u16(),
            receipt: None,
            problems: problem_shapes(&problems, &visit.messages),
        },
    };
    Ok(done.into_iter().map(outcome).collect())
}

/// Lets the clerk do the orders that could be read, and proves what he did.
async fn done(
    visit: &Visit,
    proceedings: &Arc<Proceedings>,
    read: Read,
    tells_standing: bool,
) -> Result<Vec<Done>, Fault> {
    let mut orders = Vec::new();
    let mut places = Vec::with_capacity(read.len());
    for order in read {
        places.push(match order {
            Ok(order) => {
                let signed = match &order.by {
                    By::Signed { ticket, submissions } => {
                        Some((ticket.clone(), submissions.clone()))
                    }
                    _ => None,
                };
                orders.push(order);
                Ok(signed)
            }
            Err(problems) => Err(problems),
        });
    }
    let answers = match orders.is_empty() {
        true => Vec::new(),
        false => {
            proceedings.clerk().execute(orders).await.map_err(|unanswered| match unanswered {
                Unanswered::Busy => Fault::Overloaded,
                Unanswered::Failed => Fault::Noted,
            })?
        }
    };
    let proceedings = Arc::clone(proceedings);
    let language = visit.messages.refusal_language();
    let prove = move || -> Result<Vec<Done>, Fault> {
        let mut answers = answers.into_iter();
        proceedings
            .look(|view| {
                let mut done = Vec::with_capacity(places.len());
                for place in places {
                    let signed = match place {
                        Err(problems) => {
                            done.push(Done::Refused(problems));
                            continue;
                        }
                        Ok(signed) => signed,
                    };
                    done.push(match answers.next().unwrap_or_else(|| Err(Vec::new())) {
                        Ok(committed) => {
                            let is_new = !committed.is_repeated;
                            given(view, &committed, is_new, language, tells_standing)?
                        }
                        Err(problems) => match before(view, &problems, signed)? {
                            Some(committed) => {
                                given(view, &committed, false, language, tells_standing)?
                            }
                            None => Done::Refused(problems),
                        },
                    });
                }
                Ok(done)
            })
            .map_err(fault)
    };
    visit.app.read(prove).await.unwrap_or_else(|| Err(panicked()))
}

/// What was committed before, where the same is handed in again.
fn before(
    view: &View,
    problems: &[Problem],
    signed: Option<(Box<Ticket>, Vec<ledger::manifest::Submission>)>,
) -> Result<Option<Committed>, CaseError> {
    let is_late = problems.iter().any(|problem| problem.refusal == Refusal::PreparedTooOld);
    match signed.filter(|_| is_late) {
        Some((ticket, submissions)) => repeated::find(view, &ticket, &submissions),
        None => Ok(None),
    }
}

fn given(
    view: &View,
    committed: &Committed,
    is_new: bool,
    language: Language,
    tells_standing: bool,
) -> Result<Done, CaseError> {
    let receipt = Receipt::of(committed, view.ledger())?;
    let successor = committed.successor_token.clone();
    let is_told = committed.steps.iter().any(|step| templates::tells_subject(&step.step));
    let token = Some(committed.subject_token.clone()).filter(|it| is_told && !it.is_empty());
    let standing = match tells_standing {
        true => view.standing(committed.record)?,
        false => None,
    };
    let standing = standing.map(|(case, _)| StandingShape::of(&case.as_of(committed.at), language));
    Ok(Done::Receipt { is_new, receipt: receipt_json(&receipt, (token, successor), standing) })
}

/// Where a case stands
///
/// For its authority (a signed request) and its subject (the token that came with the notice): its
/// steps, what is due on which date, and what happens if nobody acts. Everybody else gets one
/// answer, whether there is a case or not.
#[utoipa::path(
    get,
    path = "/api/v1/cases/{record}",
    operation_id = "case",
    tag = "cases",
    params(
        ("record" = String, Path, description = "Id of the record (UUIDv7)"),
        ("on" = Option<String>, Query, description = "As it will stand on this instant if nobody \
          does anything (RFC 3339, UTC)")
    ),
    responses(
        (status = 200, description = "The case", body = ProceedingShape),
        (status = 401, description = "The request is not signed with a key that counts",
         body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "There is no case of yours with this number",
         body = ProblemDocument, content_type = "application/problem+json")
    )
)]
pub async fn case(visit: Visit, record: Key, request: Request) -> Response {
    let answer = shown(&visit, &text_of(record), request).await;
    told(&visit, answer)
}

async fn shown(
    visit: &Visit,
    record: &str,
    request: Request,
) -> Result<(StatusCode, Value), Fault> {
    let (proceedings, asked) = open(visit, request).await?;
    let on = visit.parsed("on")?;
    let unknown = || refused(Refusal::CaseUnknown);
    let record: RecordId = record.parse().map_err(|_| unknown())?;
    let messages = Arc::clone(&visit.messages);
    let work = move || -> Result<Value, Fault> {
        let registry = proceedings.registry();
        let shape = proceedings
            .look(|view| {
                let now = view.now(registry.clock())?;
                let party = party_of(view, &asked.caller, record, now)?;
                let Some(party) = party else { return Ok(None) };
                let file = CaseFile::of(view, &registry.packs(), record, on.unwrap_or(now))?;
                let Some(file) = file else { return Ok(None) };
                Ok(Some(ProceedingShape::of(&file, party, view.ledger(), &messages)?))
            })
            .map_err(fault)?;
        value(&shape.ok_or_else(unknown)?)
    };
    let answer = visit.app.read(work).await.unwrap_or_else(|| Err(panicked()))?;
    Ok((StatusCode::OK, answer))
}
