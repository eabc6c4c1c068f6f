//! The handlers: each asks the registry one question and gives the answer its shape.

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use domain::civil::Instant;
use domain::identifiers::{IdentifierClaim, recognise};
use domain::ids::{OrganisationId, RecordId};
use domain::record::Polarity;
use domain::refusal::Refusal;
use domain::text::ListId;

use super::super::problem::{Fault, ProblemDocument};
use super::super::visit::{Freshness, Sheet, Visit};
use super::answers::{
    ListPageShape, ListShape, LogShape, OpeningShape, OrganisationFileShape, PackShape,
    RecordAnswerShape, SearchShape, SourceShape,
};
use super::sheet;
use crate::registry::RecordAnswer;

/// Longest query, in characters.
const QUERY_CHARACTERS_MAX: usize = 200;
/// Hits of a search unless the caller asks for another number.
const HITS_DEFAULT: usize = 20;
/// Most hits of a search.
const HITS_MAX: usize = 100;
/// Entries of a list's page unless the caller asks for another number.
const ENTRIES_DEFAULT: usize = 100;
/// Most entries of a list's page.
const ENTRIES_MAX: usize = 500;

pub(super) type Key = Result<Path<String>, axum::extract::rejection::PathRejection>;

pub(super) fn text_of(key: Key) -> String {
    // What is no text is no id either: the empty key leads to the same "nothing here".
    key.map(|Path(text)| text).unwrap_or_default()
}

fn limit(visit: &Visit, default: usize, max: usize) -> Result<usize, Fault> {
    let asked: Option<usize> = visit.parsed("limit")?;
    match asked {
        None => Ok(default),
        Some(asked) if (1..=max).contains(&asked) => Ok(asked),
        Some(_) => Err(Fault::unreadable("limit")),
    }
}

/// The file of an organisation
///
/// With `at`, as known at a log position; with `on`, as in effect on an instant. Either is
/// narrowed by what may still be shown now: what was repaired, ended or erased does not come back.
#[utoipa::path(
    get,
    path = "/api/v1/organisations/{id}",
    tag = "organisations",
    params(
        ("id" = String, Path, description = "Id of the organisation (UUIDv7)"),
        ("at" = Option<u64>, Query, description = "Only log entries below this position are known"),
        ("on" = Option<String>, Query, description = "As in effect on this instant (RFC 3339, UTC)")
    ),
    responses(
        (status = 200, description = "The file", body = OrganisationFileShape),
        (status = 303, description = "It was decided to be the same as another: to that file",
         headers(("location" = String)), body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 304, description = "Unchanged since the validator given"),
        (status = 400, description = "A parameter cannot be read", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 404, description = "Unknown, or nothing supports it any more",
         body = ProblemDocument, content_type = "application/problem+json")
    )
)]
pub async fn organisation(visit: Visit, id: Key) -> Response {
    let id = text_of(id);
    visit
        .answer(move |visit| {
            let registry = visit.app.registry();
            let id: OrganisationId = id.parse().map_err(|_| Fault::not_found())?;
            let (at, on): (Option<u64>, Option<Instant>) =
                (visit.parsed("at")?, visit.parsed("on")?);
            if at.is_some_and(|at| registry.status().is_ok_and(|status| at > status.size)) {
                return Err(Fault::Refused(Refusal::PositionUnknown, Some("at")));
            }
            let answer = registry.file(id, at, on)?.ok_or_else(Fault::not_found)?;
            if answer.file.id != id {
                let to = format!("/api/v1/organisations/{}", answer.file.id);
                return Err(Fault::moved(to, at, on));
            }
            let mut polarities = answer.file.records.iter().map(|view| view.record.polarity());
            let noindex = polarities.any(|polarity| polarity == Polarity::Adverse);
            let body = OrganisationFileShape::of(&registry.packs(), &answer);
            // Twins, names and what `on` selects change at other midnights than what is listed.
            sheet(&body, Freshness::Boundary, noindex)
        })
        .await
}

/// The organisation that bears an identifier
///
/// Redirects to its file. Only identifiers whose check digit holds lead anywhere.
#[utoipa::path(
    get,
    path = "/api/v1/organisations",
    tag = "organisations",
    params(
        ("identifier" = String, Query, description = "`scheme:value`, or a bare value whose check \
          digit tells the scheme", example = "lei:529900T8BM49AURSDO55")
    ),
    responses(
        (status = 303, description = "To its file", headers(("location" = String))),
        (status = 400, description = "No identifier was given", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 404, description = "No organisation here bears it", body = ProblemDocument,
         content_type = "application/problem+json")
    )
)]
pub async fn organisation_by_identifier(visit: Visit) -> Response {
    let Some(identifier) = visit.parameter("identifier").map(str::to_owned) else {
        return visit.fault(Fault::unreadable("identifier"));
    };
    let registry = visit.app.registry().clone();
    let found = visit
        .app
        .read(move || {
            let claim = recognise(&identifier).filter(IdentifierClaim::joins)?;
            registry.redirect(&claim).transpose()
        })
        .await;
    match found {
        Some(Some(Ok(id))) => Redirect::to(&format!("/api/v1/organisations/{id}")).into_response(),
        Some(Some(Err(error))) => visit.fault(error.into()),
        Some(None) => visit.fault(Fault::not_found()),
        None => visit.fault(Fault::Internal("a redirect panicked".to_owned())),
    }
}

/// Organisations by name or identifier
///
/// Each with the reason why it was found. A likeness of names is not a finding, and finding
/// nothing says nothing about an organisation.
#[utoipa::path(
    get,
    path = "/api/v1/search",
    tag = "organisations",
    params(
        ("q" = String, Query, description = "Name or identifier, at most 200 characters"),
        ("limit" = Option<usize>, Query, description = "1 to 100, 20 when absent")
    ),
    responses(
        (status = 200, description = "What was found", body = SearchShape),
        (status = 304, description = "Unchanged since the validator given"),
        (status = 400, description = "A parameter cannot be read", body = ProblemDocument,
         content_type = "application/problem+json")
    )
)]
pub async fn search(visit: Visit) -> Response {
    visit
        .answer(|visit| {
            let query = visit.parameter("q").ok_or(Fault::unreadable("q"))?;
            if query.chars().count() > QUERY_CHARACTERS_MAX {
                return Err(Fault::unreadable("q"));
            }
            let limit = limit(visit, HITS_DEFAULT, HITS_MAX)?;
            let answer = visit.app.registry().search(query, limit)?;
            sheet(&SearchShape::from(&answer), Freshness::Boundary, true)
        })
        .await
}

fn record_answer(visit: &Visit, id: &str) -> Result<RecordAnswer, Fault> {
    let unknown = || Fault::Refused(Refusal::RecordUnknown, None);
    let id: RecordId = id.parse().map_err(|_| unknown())?;
    visit.app.registry().record(id)?.ok_or_else(unknown)
}

fn is_adverse(answer: &RecordAnswer) -> bool {
    answer.view.record.polarity() == Polarity::Adverse
}

/// One record
#[utoipa::path(
    get,
    path = "/api/v1/records/{id}",
    tag = "records",
    params(("id" = String, Path, description = "Id of the record (UUIDv7)")),
    responses(
        (status = 200, description = "The record", body = RecordAnswerShape),
        (status = 304, description = "Unchanged since the validator given"),
        (status = 404, description = "No public record under this id", body = ProblemDocument,
         content_type = "application/problem+json")
    )
)]
pub async fn record(visit: Visit, id: Key) -> Response {
    let id = text_of(id);
    visit
        .answer(move |visit| {
            let answer = record_answer(visit, &id)?;
            let body = RecordAnswerShape::of(&visit.app.registry().packs(), &answer);
            // The organisation's name changes at other midnights than the record.
            sheet(&body, Freshness::Boundary, is_adverse(&answer))
        })
        .await
}

/// The proof that a record is on the log
///
/// A C2SP tlog-proof (`c2sp.org/tlog-proof@v1`), checked before it is handed out.
#[utoipa::path(
    get,
    path = "/api/v1/records/{id}/proof",
    tag = "records",
    params(("id" = String, Path, description = "Id of the record (UUIDv7)")),
    responses(
        (status = 200, description = "The proof", body = String, content_type = "text/plain"),
        (status = 304, description = "Unchanged since the validator given"),
        (status = 404, description = "No public record under this id", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 500, description = "The proof does not hold", body = ProblemDocument,
         content_type = "application/problem+json")
    )
)]
pub async fn proof(visit: Visit, id: Key) -> Response {
    let id = text_of(id);
    visit
        .answer(move |visit| {
            let answer = record_answer(visit, &id)?;
            if !answer.proof.holds {
                return Err(Fault::Refused(Refusal::ProofBroken, None));
            }
            Ok(Sheet {
                noindex: is_adverse(&answer),
                body: answer.proof.tlog_proof.into_bytes(),
                content_type: "text/plain; charset=utf-8",
                until: Freshness::Until(answer.next_boundary),
            })
        })
        .await
}

/// What a record's commitment was made of
///
/// Salt, payload and public disclosures, as `spec/wire.md` defines them.
#[utoipa::path(
    get,
    path = "/api/v1/records/{id}/opening",
    tag = "records",
    params(("id" = String, Path, description = "Id of the record (UUIDv7)")),
    responses(
        (status = 200, description = "The opening", body = OpeningShape),
        (status = 304, description = "Unchanged since the validator given"),
        (status = 404, description = "No public record under this id", body = ProblemDocument,
         content_type = "application/problem+json")
    )
)]
pub async fn opening(visit: Visit, id: Key) -> Response {
    let id = text_of(id);
    visit
        .answer(move |visit| {
            let answer = record_answer(visit, &id)?;
            let until = Freshness::Until(answer.next_boundary);
            sheet(&OpeningShape::from(&answer), until, is_adverse(&answer))
        })
        .await
}

/// The same as one line of a payload bundle
///
/// What `goodstanding verify FILE.tlog-proof --opening` takes.
#[utoipa::path(
    get,
    path = "/api/v1/records/{id}/opening.txt",
    tag = "records",
    params(("id" = String, Path, description = "Id of the record (UUIDv7)")),
    responses(
        (status = 200, description = "The line", body = String, content_type = "text/plain"),
        (status = 304, description = "Unchanged since the validator given"),
        (status = 404, description = "No public record under this id", body = ProblemDocument,
         content_type = "application/problem+json")
    )
)]
pub async fn opening_line(visit: Visit, id: Key) -> Response {
    let id = text_of(id);
    visit
        .answer(move |visit| {
            let answer = record_answer(visit, &id)?;
            let line = ledger::wire::payload_line(answer.view.position, &answer.opening);
            Ok(Sheet {
                body: format!("{line}\n").into_bytes(),
                content_type: "text/plain; charset=utf-8",
                until: Freshness::Until(answer.next_boundary),
                noindex: is_adverse(&answer),
            })
        })
        .await
}

/// The lists that are quoted
#[utoipa::path(
    get,
    path = "/api/v1/lists",
    tag = "lists",
    responses(
        (status = 200, description = "The lists", body = Vec<ListShape>),
        (status = 304, description = "Unchanged since the validator given")
    )
)]
pub async fn lists(visit: Visit) -> Response {
    visit
        .answer(|visit| {
            let registry = visit.app.registry();
            let summaries = registry.lists()?;
            let lists: Vec<ListShape> =
                summaries.iter().map(|summary| ListShape::of(&registry.packs(), summary)).collect();
            sheet(&lists, Freshness::Boundary, false)
        })
        .await
}

/// One list with its entries, in pages
#[utoipa::path(
    get,
    path = "/api/v1/lists/{id}",
    tag = "lists",
    params(
        ("id" = String, Path, description = "Id of the list", example = "mdb.idb-sanctioned-firms"),
        ("after" = Option<String>, Query, description = "`next` of the page before"),
        ("limit" = Option<usize>, Query, description = "1 to 500, 100 when absent")
    ),
    responses(
        (status = 200, description = "A page of the list", body = ListPageShape),
        (status = 304, description = "Unchanged since the validator given"),
        (status = 400, description = "A parameter cannot be read", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 404, description = "No such list here", body = ProblemDocument,
         content_type = "application/problem+json")
    )
)]
pub async fn list(visit: Visit, id: Key) -> Response {
    let id = text_of(id);
    visit
        .answer(move |visit| {
            let registry = visit.app.registry();
            let id = ListId::new(&id).ok_or_else(Fault::not_found)?;
            let after: Option<RecordId> = visit.parsed("after")?;
            let limit = limit(visit, ENTRIES_DEFAULT, ENTRIES_MAX)?;
            let page = registry.list(&id, after, limit)?.ok_or_else(Fault::not_found)?;
            let noindex =
                page.entries.iter().any(|row| row.record.record.polarity() == Polarity::Adverse);
            sheet(&ListPageShape::of(&registry.packs(), &page), Freshness::Boundary, noindex)
        })
        .await
}

/// The state of the log
#[utoipa::path(
    get,
    path = "/api/v1/log",
    tag = "log",
    responses(
        (status = 200, description = "Size, checkpoint and key", body = LogShape),
        (status = 304, description = "Unchanged since the validator given")
    )
)]
pub async fn log(visit: Visit) -> Response {
    visit
        .answer(|visit| {
            let registry = visit.app.registry();
            let status = registry.status()?;
            let body = LogShape {
                origin: status.origin,
                size: status.size,
                checkpoint_at: status.checkpoint_at.to_string(),
                checkpoint: registry.log_page(None, 1)?.checkpoint,
                vkey: status.vkey,
                url: "/log".to_owned(),
                organisations: status.organisations,
                records: status.records,
            };
            sheet(&body, Freshness::Boundary, false)
        })
        .await
}

/// What was read, and when
#[utoipa::path(
    get,
    path = "/api/v1/sources",
    tag = "lists",
    responses(
        (status = 200, description = "The sources", body = Vec<SourceShape>),
        (status = 304, description = "Unchanged since the validator given")
    )
)]
pub async fn sources(visit: Visit) -> Response {
    visit
        .answer(|visit| {
            let registry = visit.app.registry();
            let statuses = registry.sources()?;
            let sources: Vec<SourceShape> =
                statuses.iter().map(|status| SourceShape::of(&registry.packs(), status)).collect();
            sheet(&sources, Freshness::Boundary, false)
        })
        .await
}

/// The law packages in force
#[utoipa::path(
    get,
    path = "/api/v1/packs",
    tag = "lists",
    responses(
        (status = 200, description = "The packages", body = Vec<PackShape>),
        (status = 304, description = "Unchanged since the validator given")
    )
)]
pub async fn packs(visit: Visit) -> Response {
    visit
        .answer(|visit| {
            let packs: Vec<PackShape> =
                visit.app.registry().packs().packs().map(PackShape::from).collect();
            sheet(&packs, Freshness::Boundary, false)
        })
        .await
}
