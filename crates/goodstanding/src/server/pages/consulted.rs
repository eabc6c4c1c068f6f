//! How often public authorities asked what follows from an organisation's file: for the
//! organisation to read, in months that are over.

use askama::Template;
use axum::response::Response;
use domain::ids::OrganisationId;
use domain::performance::Month;

use super::super::problem::Fault;
use super::super::visit::{Freshness, Sheet, Visit};
use super::frame::Frame;
use super::shown::Phrase;
use super::{Key, sheet};

#[derive(Template)]
#[template(path = "consulted.html")]
struct ConsultedPage {
    f: Frame,
    name: Phrase,
    href: String,
    before: String,
    rows: Vec<Row>,
    data: String,
}

/// One function in one month.
struct Row {
    month: String,
    class: String,
    times: String,
}

/// `/organisations/{id}/consults`.
pub async fn show(visit: Visit, key: Key) -> Response {
    let Ok(key) = key else { return visit.fault(Fault::not_found()) };
    // A month that is over is told from an instant that no validator knows.
    visit.for_its_day().answer(move |visit| render(visit, &key)).await
}

fn render(visit: &Visit, key: &str) -> Result<Sheet, Fault> {
    let (m, registry) = (&visit.messages, visit.app.registry());
    let id: OrganisationId = key.parse().map_err(|_| Fault::not_found())?;
    let answer = registry.file(id, None, None)?.ok_or_else(Fault::not_found)?;
    if answer.file.id != id {
        let to = format!("/{}/organisations/{}/consults", m.code(), answer.file.id);
        return Err(Fault::moved(to, None, None));
    }
    let rows = registry.journal_of(&answer)?.into_iter().map(|told| Row {
        month: told.month.to_string(),
        class: m.t(&format!("consult.function.{}", told.class.key())).to_owned(),
        times: m.number(told.times),
    });
    let page = ConsultedPage {
        f: Frame::of(visit, m.t("consulted.title"), true),
        name: Phrase::name(m, &answer.file.name),
        href: format!("/{}/organisations/{id}", m.code()),
        before: Month::of(registry.now()).to_string(),
        rows: rows.collect(),
        data: format!("/api/v1/organisations/{id}/consults"),
    };
    sheet(&page, Freshness::AskAgain, true)
}
