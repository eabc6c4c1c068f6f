//! What the parties of a case are given to read, as data.

use std::sync::Arc;

use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
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
use crate::cases::{CaseError, View, accounts};

/// As which of the parties somebody reads the case of `record`; `None` for everybody else.
pub(super) fn party_of(
    view: &View,
    caller: &Caller,
    record: RecordId,
) -> Result<Option<Party>, CaseError> {
    Ok(match caller {
        Caller::Authority(account) => {
            view.desk().is_of(record, &account.authority)?.then_some(Party::Authority)
        }
        Caller::Bearer(token) => {
            let fits = accounts::is_subject_token(view.registry_key(), record, token);
            fits.then_some(Party::Subject)
        }
        Caller::Anybody => None,
    })
}

/// Notice and decision in full
///
/// For its authority (a signed request) and its subject (the token that came with the notice):
/// every notice and decision of the case written out (what is alleged, evidence and how to see it, law,
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
                if party_of(view, &asked.caller, record)?.is_none() {
                    return Ok(None);
                }
                let on = on.unwrap_or(view.now(registry.clock())?);
                let file = CaseFile::of(view, &registry.packs(), record, on)?;
                Ok(file.map(|file| documents(&messages, &file)))
            })
            .map_err(fault)?;
        found.ok_or_else(unknown)
    };
    visit.app.read(work).await.unwrap_or_else(|| Err(panicked()))
}
