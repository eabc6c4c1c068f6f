//! What addressees say became of measures: what one says, and the figures of all.

use std::collections::BTreeMap;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::super::problem::{Fault, ProblemDocument};
use super::super::proceedings::{fault, panicked};
use super::super::visit::{Freshness, Visit};
use super::cases::{only_authority, open, shape, told, value};
use super::consulting::find;
use super::sheet;
use crate::cases::clerk::Unanswered;
use crate::consulting::{self, Asking};
use crate::feedback::Feedback;
use crate::registry::Told;

/// What an addressee says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedbackShape {
    /// Id of the organisation, or an identifier; looked at and not kept.
    #[schema(example = "lei:529900T8BM49AURSDO55")]
    pub organisation: String,
    /// For what it was asked; not kept.
    #[schema(example = "public_procurement")]
    pub purpose: String,
    /// In which function; not kept.
    #[schema(example = "procuring_entity")]
    pub role: String,
    /// Where; not kept.
    #[schema(example = "cn")]
    pub territory: String,
    /// For which day; today when absent; not kept.
    pub on: Option<String>,
    /// The record from which the measure follows; not kept.
    pub record: String,
    /// The measure.
    pub measure: String,
    /// `applied` or `not_applied`.
    pub said: String,
    /// Why not: `disproportionate`, `set_aside`, `contested`, `identity_doubted`,
    /// `nothing_to_decide` or `other_law`.
    pub reason: Option<String>,
}

/// What is kept of it.
#[derive(Serialize, ToSchema)]
struct GivenShape {
    /// Who said it.
    authority: String,
    /// Of which measure.
    measure: String,
    /// Of which version.
    version: u16,
    /// What was said.
    said: &'static str,
    /// Why not.
    reason: Option<&'static str>,
    /// Position of its entry on the log. Its opening stays sealed.
    position: u64,
}

/// Say what became of a measure
///
/// By the addressee that was told of it, signed as a consult is. It is looked at whether the
/// measure follows from the record for it; kept are authority, measure and what was said, nothing
/// of the organisation or the record. What is said later of the same takes its place.
#[utoipa::path(
    post,
    path = "/api/v1/consults/feedback",
    operation_id = "give_feedback",
    tag = "organisations",
    request_body = FeedbackShape,
    responses(
        (status = 201, description = "It is on the log", body = GivenShape),
        (status = 400, description = "A part is missing or cannot be read",
         body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, description = "The request is not signed with a key that counts",
         body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "The organisation is unknown, or nothing supports it any more",
         body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, description = "The measure does not follow from that record for who asks, \
          what was said is not of the closed list, or was said before", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 503, description = "Too many wait, or an import is at work: nothing was done",
         body = ProblemDocument, content_type = "application/problem+json")
    )
)]
pub async fn give_feedback(visit: Visit, request: Request) -> Response {
    let answer = given(&visit, request).await;
    told(&visit, answer)
}

async fn given(visit: &Visit, request: Request) -> Result<(StatusCode, Value), Fault> {
    let (proceedings, asked) = open(visit, request).await?;
    let account = only_authority(asked.caller.clone())?;
    let said = shape::<FeedbackShape>(asked.body.clone())?;
    let read = Feedback::read(&said.measure, &said.record, &said.said, said.reason.as_deref());
    let feedback = read.map_err(|refusal| Fault::Refused(refusal, None))?;
    let (app, of) = (visit.app.clone(), std::sync::Arc::clone(&proceedings));
    let work = move || {
        let registry = app.registry();
        let packs = registry.packs();
        let own = packs.authority(&account.authority).map(|_| account.authority.as_str());
        let asking = Asking::read(&packs, |name| match name {
            "purpose" => Some(said.purpose.as_str()),
            "role" => Some(said.role.as_str()),
            "territory" => Some(said.territory.as_str()),
            "on" => said.on.as_deref(),
            "addressee" => own,
            _ => None,
        })
        .map_err(|unfit| Fault::unreadable(unfit.parameter))?;
        let id = find(registry, &said.organisation)?;
        // What it says of it was asked before, and counted then.
        let answered = consulting::ask(registry, id, &asking)?.ok_or_else(Fault::not_found)?;
        let key = of.look(|view| Ok(*view.registry_key())).map_err(fault)?;
        let event = feedback.event(&answered, &packs, &account.authority, &key);
        event.map_err(|refusal| Fault::Refused(refusal, None))
    };
    let event = visit.app.read(work).await.unwrap_or_else(|| Err(panicked()))?;
    let shape = GivenShape {
        authority: event.authority.to_string(),
        measure: event.measure.as_str().to_owned(),
        version: event.version,
        said: event.said.key(),
        reason: event.said.reason().map(|reason| reason.key()),
        position: 0,
    };
    let noted = proceedings.clerk().take_feedback(event).await;
    drop(asked);
    match noted {
        Ok(Ok(position)) => Ok((StatusCode::CREATED, value(&GivenShape { position, ..shape })?)),
        Ok(Err(problems)) => Err(Fault::RefusedAll(problems)),
        Err(Unanswered::Busy) => Err(Fault::Overloaded),
        Err(Unanswered::Failed) => Err(Fault::Noted),
    }
}

/// What addressees said of measures.
#[derive(Serialize, ToSchema)]
struct FeedbackFiguresShape {
    /// Months before this one are in it, twelve of them.
    before: String,
    /// By measure.
    measures: BTreeMap<String, ToldShape>,
    /// By who said it.
    authorities: BTreeMap<String, ToldShape>,
}

/// Each number by its class of size: `under_3` (none included), `3_to_9`, `10_to_29`, `30_to_99`,
/// `100_to_299`, `300_to_999`, `1000_or_more`.
#[derive(Serialize, ToSchema)]
struct ToldShape {
    /// How often it was applied.
    applied: &'static str,
    /// How often it was not.
    not_applied: &'static str,
    /// Why not.
    reasons: BTreeMap<&'static str, &'static str>,
}

impl ToldShape {
    fn of(told: &Told) -> ToldShape {
        let reasons = told.reasons.iter().map(|(reason, size)| (reason.key(), size.key()));
        ToldShape {
            applied: told.applied.key(),
            not_applied: told.not_applied.key(),
            reasons: reasons.collect(),
        }
    }
}

/// What became of measures
///
/// What addressees said in the last twelve months that are over, by measure and by who said it, in
/// classes of size. What is not named was said fewer than three times, or never. It says nothing
/// about an organisation.
#[utoipa::path(
    get,
    path = "/api/v1/feedback",
    operation_id = "feedback",
    tag = "statistics",
    responses(
        (status = 200, description = "The figures", body = FeedbackFiguresShape)
    )
)]
pub async fn figures(visit: Visit) -> Response {
    visit
        .for_its_day()
        .answer(|visit| {
            let feedback = visit.app.registry().feedback()?;
            let measures = feedback.measures.iter();
            let authorities = feedback.authorities.iter();
            let body = FeedbackFiguresShape {
                before: feedback.before.to_string(),
                measures: measures
                    .map(|(key, told)| (key.as_str().to_owned(), ToldShape::of(told)))
                    .collect(),
                authorities: authorities
                    .map(|(key, told)| (key.to_string(), ToldShape::of(told)))
                    .collect(),
            };
            sheet(&body, Freshness::AskAgain, false)
        })
        .await
}
