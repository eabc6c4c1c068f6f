//! Handlers about the registry as a whole: who speaks here, and the figures.

use axum::extract::Path;
use axum::response::Response;
use domain::authority::AuthorityKey;

use super::super::problem::{Fault, ProblemDocument};
use super::super::visit::{Freshness, Sheet, Visit};
use super::answers::{AuthorityShape, AuthoritySummaryShape};
use super::sheet;
use crate::bulk;
use crate::performance::{COLUMNS, PerformanceShape};
use crate::statistics::Statistics;

type Key = Result<Path<String>, axum::extract::rejection::PathRejection>;

/// Who speaks here
///
/// Authorities and publishers of the packs in force.
#[utoipa::path(
    get,
    path = "/api/v1/authorities",
    tag = "authorities",
    responses(
        (status = 200, description = "The authorities", body = Vec<AuthoritySummaryShape>),
        (status = 304, description = "Unchanged since the validator given")
    )
)]
pub async fn authorities(visit: Visit) -> Response {
    visit
        .answer(|visit| {
            let registry = visit.app.registry();
            let sources = registry.sources()?;
            let authorities: Vec<AuthoritySummaryShape> = registry
                .packs()
                .authorities()
                .map(|authority| {
                    AuthoritySummaryShape::of(&registry.packs(), &authority.key, &sources)
                })
                .collect();
            sheet(&authorities, Freshness::Boundary, false)
        })
        .await
}

/// One authority with its lists
///
/// For each list: legal basis, remedy, the last reading and what came of it.
#[utoipa::path(
    get,
    path = "/api/v1/authorities/{key}",
    tag = "authorities",
    params(("key" = String, Path, description = "Key in the packs", example = "us.occ")),
    responses(
        (status = 200, description = "The authority", body = AuthorityShape),
        (status = 404, description = "No pack in force names it", body = ProblemDocument,
         content_type = "application/problem+json")
    )
)]
pub async fn authority(visit: Visit, key: Key) -> Response {
    let key = key.map(|Path(key)| key).unwrap_or_default();
    visit
        .without_validator()
        .answer(move |visit| {
            let registry = visit.app.registry();
            let key = AuthorityKey::new(&key).ok_or_else(Fault::not_found)?;
            registry.packs().authority(&key).ok_or_else(Fault::not_found)?;
            let (sources, lists) = (registry.sources()?, registry.lists()?);
            sheet(&AuthorityShape::of(registry, &key, &sources, &lists), Freshness::AskAgain, false)
        })
        .await
}

fn performance_of(visit: &Visit, key: &str) -> Result<PerformanceShape, Fault> {
    let registry = visit.app.registry();
    let key = AuthorityKey::new(key).ok_or_else(Fault::not_found)?;
    registry.packs().authority(&key).ok_or_else(Fault::not_found)?;
    let performance = registry.performance(&key, visit.parsed("on")?)?;
    Ok(PerformanceShape::of(key.as_str(), performance.as_ref()))
}

/// How well an authority keeps its own deadlines
///
/// Month by month, from the log alone, as of the beginning of the day (UTC). A number about fewer
/// than three organisations of which something is not public is not told.
#[utoipa::path(
    get,
    path = "/api/v1/authorities/{key}/performance",
    tag = "authorities",
    params(
        ("key" = String, Path, description = "Key in the packs", example = "us.occ"),
        ("on" = Option<String>, Query,
         description = "As known on this instant (RFC 3339), at the beginning of its day")
    ),
    responses(
        (status = 200, description = "The figures", body = PerformanceShape),
        (status = 304, description = "Unchanged since the validator given"),
        (status = 400, description = "A parameter cannot be read", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 404, description = "No pack in force names it", body = ProblemDocument,
         content_type = "application/problem+json")
    )
)]
pub async fn performance(visit: Visit, key: Key) -> Response {
    let key = key.map(|Path(key)| key).unwrap_or_default();
    visit
        .answer(move |visit| sheet(&performance_of(visit, &key)?, Freshness::Boundary, false))
        .await
}

/// The same for spreadsheets
///
/// Rows of authority, month, whether it is over, figure, how it is told, and count.
#[utoipa::path(
    get,
    path = "/api/v1/authorities/{key}/performance.csv",
    tag = "authorities",
    params(
        ("key" = String, Path, description = "Key in the packs", example = "us.occ"),
        ("on" = Option<String>, Query,
         description = "As known on this instant (RFC 3339), at the beginning of its day")
    ),
    responses(
        (status = 200, description = "The figures", body = String, content_type = "text/csv"),
        (status = 304, description = "Unchanged since the validator given"),
        (status = 400, description = "A parameter cannot be read", body = ProblemDocument,
         content_type = "application/problem+json"),
        (status = 404, description = "No pack in force names it", body = ProblemDocument,
         content_type = "application/problem+json")
    )
)]
pub async fn performance_csv(visit: Visit, key: Key) -> Response {
    let key = key.map(|Path(key)| key).unwrap_or_default();
    visit
        .answer(move |visit| {
            let rows = performance_of(visit, &key)?.rows();
            csv_sheet(&COLUMNS, rows, Freshness::Boundary)
        })
        .await
}

fn csv_sheet<const N: usize>(
    head: &[&str; N],
    rows: Vec<[String; N]>,
    until: Freshness,
) -> Result<Sheet, Fault> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| Fault::Internal(error.to_string());
    csv.write_record(head).map_err(failed)?;
    for row in rows {
        csv.write_record(row).map_err(failed)?;
    }
    let body = csv.into_inner().map_err(|error| Fault::Internal(error.to_string()))?;
    Ok(Sheet { body, content_type: "text/csv; charset=utf-8", until, noindex: false })
}

fn last_figures(visit: &Visit) -> Result<Statistics, Fault> {
    let snapshot = bulk::last(visit.app.registry().dir()).ok_or(Fault::BeingMade)?;
    Ok(snapshot.statistics)
}

/// The registry in figures
///
/// As of the last snapshot, which names its position and instant. Figures about what is not public
/// are null where they are small.
#[utoipa::path(
    get,
    path = "/api/v1/statistics",
    tag = "statistics",
    responses(
        (status = 200, description = "The figures", body = Statistics),
        (status = 503, description = "They are being counted for the first time",
         body = ProblemDocument, content_type = "application/problem+json")
    )
)]
pub async fn statistics(visit: Visit) -> Response {
    visit
        .without_validator()
        .answer(|visit| sheet(&last_figures(visit)?, Freshness::AskAgain, false))
        .await
}

/// The same for spreadsheets
///
/// Rows of group, key, figure and value; a figure that is withheld has no value.
#[utoipa::path(
    get,
    path = "/api/v1/statistics.csv",
    tag = "statistics",
    responses(
        (status = 200, description = "The figures", body = String, content_type = "text/csv"),
        (status = 503, description = "They are being counted for the first time",
         body = ProblemDocument, content_type = "application/problem+json")
    )
)]
pub async fn statistics_csv(visit: Visit) -> Response {
    visit
        .without_validator()
        .answer(|visit| {
            let rows = last_figures(visit)?.rows();
            csv_sheet(&["group", "key", "figure", "value"], rows, Freshness::AskAgain)
        })
        .await
}
