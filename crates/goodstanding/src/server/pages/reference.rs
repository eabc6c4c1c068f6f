//! Pages that say how the registry works: what it never records, its refusals.

use askama::Template;
use axum::response::Response;
use domain::limits::{Ground, is_protected};
use domain::organisation::OrganisationKind;
use domain::refusal::Refusal;

use super::super::visit::{Freshness, Visit};
use super::frame::Frame;
use super::sheet;

#[derive(Template)]
#[template(path = "scope.html")]
struct ScopePage {
    f: Frame,
    grounds: Vec<String>,
    protected: Vec<String>,
}

pub async fn scope(visit: Visit) -> Response {
    visit
        .answer(|visit| {
            let m = &visit.messages;
            let kinds = OrganisationKind::ALL.into_iter().filter(|kind| is_protected(*kind));
            let page = ScopePage {
                f: Frame::of(visit, m.t("scope.title"), false),
                grounds: Ground::ALL
                    .iter()
                    .map(|ground| m.t(&format!("ground.{}", ground.key())).to_owned())
                    .collect(),
                protected: kinds
                    .map(|kind| m.t(&format!("kind.{}", kind.key())).to_owned())
                    .collect(),
            };
            sheet(&page, Freshness::Until(None), false)
        })
        .await
}

#[derive(Template)]
#[template(path = "refusals.html")]
struct RefusalsPage {
    f: Frame,
    refusals: Vec<RefusalRow>,
}

struct RefusalRow {
    number: u16,
    name: &'static str,
    text: &'static str,
}

pub async fn refusals(visit: Visit) -> Response {
    visit
        .answer(|visit| {
            let m = &visit.messages;
            let page = RefusalsPage {
                f: Frame::of(visit, m.t("refusals.title"), false),
                refusals: Refusal::ALL
                    .iter()
                    .map(|refusal| RefusalRow {
                        number: refusal.number(),
                        name: refusal.name(),
                        text: refusal.text(m.refusal_language()),
                    })
                    .collect(),
            };
            sheet(&page, Freshness::Until(None), false)
        })
        .await
}
