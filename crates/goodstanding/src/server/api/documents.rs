//! What the parties of a case are given to read, as data.

use std::sync::Arc;

use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::civil::Instant;
use domain::ids::RecordId;
use domain::refusal::Refusal;

use super::super::problem::{Fault, ProblemDocument};
use super::super::proceedings::{Caller, fault, panicked};
use super::super::visit::Visit;
use super::answers::Party;
use super::cases::open;
use super::handlers::{Key, text_of};
use crate::cases::document::{Documents, documents};
use crate::cases::file::CaseFile;
use crate::cases::own_tokens::{self, Bearer};
use crate::cases::{CaseError, View};

/// As which of the parties somebody reads the case of `record`; `None` for everybody else.
pub(super) fn party_of(
    view: &View,
    caller: &Caller,
    record: RecordId,
    now: Instant,
) -> Result<Option<Party>, CaseError> {
    let token = match caller {
        Caller::Authority(account) => {
            let is_theirs = view.desk().is_of(record, &account.authority)?;
            return Ok(is_theirs.then_some(Party::Authority));
        }
        Caller::Bearer(token) => token,
        Caller::Anybody => return Ok(None),
    };
    // Nothing is looked up for a forged token.
    let bearer = own_tokens::bearer(view.directory(), view.registry_key(), record, token);
    let Ok(bearer) = bearer else { return Ok(None) };
    let Some((case, _)) = view.standing(record)? else { return Ok(None) };
    // A token whose time is over is none.
    let case = case.as_of(now);
    Ok(bearer.acts_as(&case).map(|_| match bearer {
        Bearer::Successor(_) => Party::Successor,
        // What a successor was given by the registry shows it no more than its notice did.
        Bearer::Own if case.is_imputed => Party::Successor,
        Bearer::Notice | Bearer::Own => Party::Subject,
    }))
}

/// Notice and decision in full
///
/// For its authority (a signed request) and its subject (the token that came with the notice):
/// every notice and decision of the case written out (what is alleged, evidence and how to see it,
/// law,
/// measures with their articles, publication, repair, remedies), and every open deadline as a date,
/// for whom and by which article. Everybody else gets one answer, whether there is a case or not.
#[utoipa::path(
    get,
    path = "/api/v1/cases/{record}/documents",
    operation_id = "case_documents",
    tag = "cases",
    params(
        ("record" = String, Path, description = "Id of the record (UUIDv7)"),
        ("language" = Option<String>, Query, description = "`en` or `zh`; without it as \
          `Accept-Language` asks"),
        ("on" = Option<String>, Query, description = "As it will stand on this instant if nobody \
          does anything (RFC 3339, UTC)")
    ),
    responses(
        (status = 200, description = "The documents", body = Documents),
        (status = 400, description = "There is no such language", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 401, description = "The request is not signed with a key that counts",
         body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "There is no case of yours with this number",
         body = ProblemDocument, content_type = "application/problem+json")
    )
)]
pub async fn case_documents(visit: Visit, record: Key, request: Request) -> Response {
    match written(&visit, &text_of(record), request).await {
        Ok(documents) => (StatusCode::OK, Json(documents)).into_response(),
        Err(fault) => visit.fault(fault),
    }
}

async fn written(visit: &Visit, record: &str, request: Request) -> Result<Documents, Fault> {
    let (proceedings, asked) = open(visit, request).await?;
    let on = visit.parsed("on")?;
    let unknown = || Fault::Refused(Refusal::CaseUnknown, None);
    let record: RecordId = record.parse().map_err(|_| unknown())?;
    let messages = match visit.parameter("language") {
        Some(code) => {
            let found = visit.app.catalogue().get(code);
            Arc::clone(found.ok_or_else(|| Fault::unreadable("language"))?)
        }
        None => Arc::clone(&visit.messages),
    };
    let work = move || -> Result<Documents, Fault> {
        let registry = proceedings.registry();
        let found = proceedings
            .look(|view| {
                let now = view.now(registry.clock())?;
                // What was said before a successor was named is not written out for it: it reads
                // the case step by step, as `/api/v1/cases/{record}` shows it.
                match party_of(view, &asked.caller, record, now)? {
                    Some(Party::Authority | Party::Subject) => {}
                    Some(Party::Successor) | None => return Ok(None),
                }
                let file = CaseFile::of(view, &registry.packs(), record, on.unwrap_or(now))?;
                Ok(file.map(|file| documents(&messages, &file)))
            })
            .map_err(fault)?;
        found.ok_or_else(unknown)
    };
    visit.app.read(work).await.unwrap_or_else(|| Err(panicked()))
}
