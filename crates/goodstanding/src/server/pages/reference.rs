//! Pages that say how the registry works: what it never records, its API, its refusals.

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
#[template(path = "api.html")]
struct ApiPage {
    f: Frame,
    addresses: Vec<Address>,
}

struct Address {
    path: &'static str,
    text: String,
}

/// The addresses in the order of a reader's needs, each with the message that explains it.
const ADDRESSES: [(&str, &str); 17] = [
    ("/api/v1/organisations/{id}?at=&on=", "api.organisation"),
    ("/api/v1/organisations?identifier=lei:529900T8BM49AURSDO55", "api.identifier"),
    ("/api/v1/search?q=&limit=", "api.search"),
    ("/api/v1/records/{id}", "api.record"),
    ("/api/v1/records/{id}/proof", "api.proof"),
    ("/api/v1/records/{id}/opening", "api.opening"),
    ("/api/v1/records/{id}/opening.txt", "api.opening_line"),
    ("/api/v1/lists", "api.lists"),
    ("/api/v1/lists/{id}?after=&limit=", "api.list"),
    ("/api/v1/log", "api.log"),
    ("/api/v1/sources", "api.sources"),
    ("/api/v1/packs", "api.packs"),
    ("/log/checkpoint", "api.checkpoint"),
    ("/log/tile/{level}/{index}", "api.static"),
    ("/log/tile/entries/{index}", "api.bundle"),
    ("/log/payload/{index}", "api.payload"),
    ("/.well-known/goodstanding.json", "api.descriptor"),
];

pub async fn api(visit: Visit) -> Response {
    visit
        .answer(|visit| {
            let m = &visit.messages;
            let page = ApiPage {
                f: Frame::of(visit, m.t("api.title"), false),
                addresses: ADDRESSES
                    .iter()
                    .map(|(path, key)| Address { path, text: m.t(key).to_owned() })
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
