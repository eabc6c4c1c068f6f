//! The first page: one search box, what this is and is not, how the registry stands now.

use askama::Template;
use axum::response::Response;

use super::super::visit::{Freshness, Visit};
use super::frame::Frame;
use super::sheet;
use super::shown::{self, Html};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    f: Frame,
    entries: String,
    organisations: String,
    records: String,
    checkpoint_at: Html,
}

pub async fn show(visit: Visit) -> Response {
    visit
        .answer(|visit| {
            let m = &visit.messages;
            let status = visit.app.registry().status()?;
            let page = HomePage {
                f: Frame::of(visit, m.t("home.title"), false),
                entries: m.number(status.size),
                organisations: m.number(status.organisations),
                records: m.number(status.records),
                checkpoint_at: shown::instant(m, status.checkpoint_at),
            };
            sheet(&page, Freshness::Boundary, false)
        })
        .await
}
