//! The cases of whoever asks: an authority sees its own and nobody else's, the subject that of its
//! token.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use domain::civil::{Day, Instant};
use domain::ids::RecordId;
use domain::refusal::Refusal;
use due_process::case::{Case, State};
use serde_json::Value;

use super::super::problem::{Fault, ProblemDocument};
use super::super::proceedings::{Caller, fault, panicked};
use super::super::visit::Visit;
use super::answers::{CasesShape, ListedCaseShape, last_day};
use super::cases::{open, refused, told, value};
use crate::cases::{CaseError, View, own_tokens};

/// Cases of a page, when nothing else is asked for and at most.
const PAGE: usize = 50;
const PAGE_MAX: usize = 100;
/// Cases looked at for one page: where few of many fit, a page is short and goes on. Not law: it
/// bounds what one request may cost.
const LOOKED_AT_MAX: usize = 500;

/// Your cases, with what is due
///
/// Of an authority (a signed request) in the order in which they were submitted, page by page: go
/// on with `after=` what `next` says, until it is null; a page can be short where few fit. With the
/// token that came with a notice, and `record=`, the one case that the token is for.
#[utoipa::path(
    get,
    path = "/api/v1/cases",
    operation_id = "cases",
    tag = "cases",
    params(
        ("state" = Option<String>, Query, description = "Only those in this state of \
          `spec/due-process.md`, such as `deciding`"),
        ("waiting" = Option<bool>, Query, description = "`true`: only those in which the authority \
          owes a step"),
        ("due_until" = Option<String>, Query, description = "Only those in which time does \
          something until and including this day (`YYYY-MM-DD`, in the zone of the case)"),
        ("after" = Option<String>, Query, description = "The `next` of the page before"),
        ("limit" = Option<usize>, Query, description = "1 to 100, 50 when absent"),
        ("record" = Option<String>, Query, description = "With a token: the record it is for")
    ),
    responses(
        (status = 200, description = "The cases", body = CasesShape),
        (status = 400, description = "A parameter cannot be read", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 401, description = "The request is not signed with a key that counts",
         body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "There is no case of yours with this number",
         body = ProblemDocument, content_type = "application/problem+json")
    )
)]
pub async fn list(visit: Visit, request: Request) -> Response {
    let answer = listed(&visit, request).await;
    told(&visit, answer)
}

/// What of the cases is asked for.
struct Wanted {
    state: Option<State>,
    waiting: bool,
    due_until: Option<Day>,
    after: Option<RecordId>,
    limit: usize,
    record: Option<RecordId>,
}

impl Wanted {
    fn read(visit: &Visit) -> Result<Wanted, Fault> {
        let state = match visit.parameter("state") {
            Some(key) => {
                let known = State::ALL.into_iter().find(|state| state.key() == key);
                Some(known.ok_or_else(|| Fault::unreadable("state"))?)
            }
            None => None,
        };
        let limit = visit.parsed("limit")?.unwrap_or(PAGE);
        if !(1..=PAGE_MAX).contains(&limit) {
            return Err(Fault::unreadable("limit"));
        }
        Ok(Wanted {
            state,
            waiting: visit.parsed("waiting")?.unwrap_or(false),
            due_until: visit.parsed("due_until")?,
            after: visit.parsed("after")?,
            limit,
            record: visit.parsed("record")?,
        })
    }

    fn fits(&self, case: &Case) -> bool {
        let is_due = |until: Day| {
            let next = case.next_clock_step();
            next.is_some_and(|(at, _)| last_day(case, at) <= until)
        };
        self.state.is_none_or(|state| case.state() == state)
            && (!self.waiting || !case.owed().is_empty())
            && self.due_until.is_none_or(is_due)
    }
}

async fn listed(visit: &Visit, request: Request) -> Result<(StatusCode, Value), Fault> {
    let (proceedings, asked) = open(visit, request).await?;
    let wanted = Wanted::read(visit)?;
    let language = visit.messages.refusal_language();
    let work = move || -> Result<Value, Fault> {
        let registry = proceedings.registry();
        let page = proceedings.look(|view| {
            let now = view.now(registry.clock())?;
            let shape = |case: &Case| ListedCaseShape::of(case, language);
            match &asked.caller {
                Caller::Authority(account) => {
                    let mut fits = |case: &Case| wanted.fits(&case.as_of(now));
                    let most = (wanted.limit, LOOKED_AT_MAX);
                    let authority = &account.authority;
                    let page = view.desk().page(
                        view.ledger(),
                        authority,
                        wanted.after,
                        most,
                        &mut fits,
                    )?;
                    Ok(page.map(|(cases, next)| CasesShape {
                        cases: cases.iter().map(|case| shape(&case.as_of(now))).collect(),
                        next: next.map(|record| record.to_string()),
                        as_of: now.to_string(),
                    }))
                }
                Caller::Bearer(token) => {
                    let case = own(view, wanted.record, token, now)?;
                    Ok(case.map(|case| CasesShape {
                        cases: vec![shape(&case)],
                        next: None,
                        as_of: now.to_string(),
                    }))
                }
                Caller::Anybody => Err(Refusal::RequestUnsigned.into()),
            }
        });
        value(&page.map_err(fault)?.ok_or_else(|| refused(Refusal::CaseUnknown))?)
    };
    let answer = visit.app.read(work).await.unwrap_or_else(|| Err(panicked()))?;
    Ok((StatusCode::OK, answer))
}

/// The case that `token` is for, as it stands at `now`; no other of its subject, for whoever
/// relayed
/// a notice has seen it. A token whose time is over is none.
fn own(
    view: &View,
    record: Option<RecordId>,
    token: &str,
    now: Instant,
) -> Result<Option<Case>, CaseError> {
    let Some(record) = record else { return Ok(None) };
    let bearer = own_tokens::bearer(view.directory(), view.registry_key(), record, token);
    let Ok(bearer) = bearer else { return Ok(None) };
    let case = view.standing(record)?.map(|(case, _)| case.as_of(now));
    Ok(case.filter(|case| bearer.acts_as(case).is_some()))
}
