//! Handlers about what follows from a file.

use axum::response::Response;
use domain::identifiers::{IdentifierClaim, recognise};
use domain::ids::OrganisationId;

use super::super::problem::{Fault, ProblemDocument};
use super::super::visit::{Freshness, Sheet, Visit};
use super::answers::ConsultShape;
use super::sheet;
use crate::consulting::{self, Answered, Asking};
use crate::registry::Registry;

/// The organisation a question names: by id, or by an identifier that joins.
pub fn organisation(visit: &Visit, text: &str) -> Result<OrganisationId, Fault> {
    find(visit.app.registry(), text)
}

/// The same without a visit.
pub fn find(registry: &Registry, text: &str) -> Result<OrganisationId, Fault> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let claim = recognise(text).filter(IdentifierClaim::joins).ok_or_else(Fault::not_found)?;
    registry.redirect(&claim)?.ok_or_else(Fault::not_found)
}

fn answered(visit: &Visit) -> Result<Answered, Fault> {
    let registry = visit.app.registry();
    let organisation_text = visit.parameter("organisation");
    let organisation_text = organisation_text.ok_or(Fault::unreadable("organisation"))?;
    let asking = Asking::read(&registry.packs(), |name| visit.parameter(name))
        .map_err(|unfit| Fault::unreadable(unfit.parameter))?;
    let id = organisation(visit, organisation_text)?;
    consulting::ask(registry, id, &asking)?.ok_or_else(Fault::not_found)
}

/// May this organisation take part, under this law, on this day?
///
/// Each measure or incentive that follows from the public file, explained from record to article,
/// or none. A basis for a decision by whoever asked, never a decision, and no certificate. Of the
/// question nothing is kept, and nobody is asked who asks: an authority that asks as such uses
/// `/api/v1/consults`, which is journalled.
#[utoipa::path(
    get,
    path = "/api/v1/consult",
    tag = "organisations",
    params(
        ("organisation" = String, Query, description = "Id of the organisation, or an identifier \
          whose check digit holds", example = "lei:529900T8BM49AURSDO55"),
        ("purpose" = String, Query, description = "For what", example = "public_procurement"),
        ("role" = String, Query, description = "In which function", example = "procuring_entity"),
        ("territory" = String, Query, description = "Where", example = "cn"),
        ("on" = Option<String>, Query, description = "For this day, YYYY-MM-DD; today when absent"),
        ("addressee" = Option<String>, Query, description = "Which authority asks, where an \
          agreement or an override depends on it", example = "mdb.adb")
    ),
    responses(
        (status = 200, description = "What follows", body = ConsultShape),
        (status = 400, description = "A parameter is missing or cannot be read",
         body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "Unknown, or nothing supports it any more",
         body = ProblemDocument, content_type = "application/problem+json")
    )
)]
pub async fn consult(visit: Visit) -> Response {
    visit
        .for_its_day()
        .answer(|visit| {
            let answered = answered(visit)?;
            let shape = ConsultShape::of(&visit.app.registry().packs(), &answered);
            sheet(&shape, Freshness::Until(Some(answered.usable_until)), true)
        })
        .await
}

/// The same answer, signed and dated
///
/// A C2SP signed note (spec/answer.md) by the key `answers_vkey` of
/// `/.well-known/goodstanding.json`, to be checked with `goodstanding verify`. It says until when
/// it may be used, and is no certificate.
#[utoipa::path(
    get,
    path = "/api/v1/consult/receipt",
    tag = "organisations",
    params(
        ("organisation" = String, Query, description = "As for the answer itself",
          example = "lei:529900T8BM49AURSDO55"),
        ("purpose" = String, Query, description = "For what", example = "public_procurement"),
        ("role" = String, Query, description = "In which function", example = "procuring_entity"),
        ("territory" = String, Query, description = "Where", example = "cn"),
        ("on" = Option<String>, Query, description = "For this day, YYYY-MM-DD; today when absent"),
        ("addressee" = Option<String>, Query, description = "Which authority asks",
          example = "mdb.adb")
    ),
    responses(
        (status = 200, description = "The signed note", body = String,
         content_type = "text/plain; charset=utf-8"),
        (status = 400, description = "A parameter is missing or cannot be read",
         body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, description = "Unknown, nothing supports it any more, or the registry signs \
          no answers", body = ProblemDocument, content_type = "application/problem+json")
    )
)]
pub async fn consult_receipt(visit: Visit) -> Response {
    visit
        .for_its_day()
        .answer(|visit| {
            let answered = answered(visit)?;
            let note = consulting::signed(visit.app.registry(), &answered)?;
            Ok(Sheet {
                body: note.ok_or_else(Fault::not_found)?.into_bytes(),
                content_type: "text/plain; charset=utf-8",
                until: Freshness::Until(Some(answered.usable_until)),
                noindex: true,
            })
        })
        .await
}
