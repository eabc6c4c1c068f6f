//! Where to take everything at once, on which terms, and how to hear of changes.

use askama::Template;
use axum::response::Response;

use super::super::data;
use super::super::visit::{Freshness, Visit};
use super::frame::Frame;
use super::record::{CitationShown, citations};
use super::sheet;
use super::shown::{self, Html, Phrase};
use crate::bulk::{DataFile, Snapshot};
use crate::messages::Messages;

#[derive(Template)]
#[template(path = "data.html")]
struct DataPage {
    f: Frame,
    snapshot: Option<SnapshotShown>,
    terms: Vec<Terms>,
}

struct SnapshotShown {
    position: String,
    made_at: Html,
    valid_until: Option<Html>,
    organisations: String,
    records: String,
    files: Vec<FileRow>,
}

struct FileRow {
    href: String,
    name: String,
    what: String,
    bytes: String,
    unpacked: String,
    sha256: String,
}

/// On what terms a list may be used again.
struct Terms {
    href: String,
    title: Phrase,
    publisher: Phrase,
    licence: Vec<CitationShown>,
}

pub async fn show(visit: Visit) -> Response {
    visit
        .without_validator()
        .answer(|visit| {
            let m = &visit.messages;
            let registry = visit.app.registry();
            let packs = registry.packs();
            let lists = registry.lists()?;
            let read = lists.iter().filter_map(|list| packs.list(&list.id));
            let page = DataPage {
                f: Frame::of(visit, m.t("data.title"), false),
                snapshot: data::served(registry).ok().map(|snapshot| shown(m, &snapshot)),
                terms: read
                    .map(|list| Terms {
                        href: format!("/{}/lists/{}", m.code(), list.id),
                        title: Phrase::of(m, &list.title),
                        publisher: shown::authority_name(m, &packs, &list.authority),
                        licence: list
                            .licence
                            .as_ref()
                            .map(|licence| citations(m, std::slice::from_ref(licence)))
                            .unwrap_or_default(),
                    })
                    .collect(),
            };
            sheet(&page, Freshness::AskAgain, false)
        })
        .await
}

fn shown(m: &Messages, snapshot: &Snapshot) -> SnapshotShown {
    let moment = |text: &str| match text.parse() {
        Ok(at) => shown::instant(m, at),
        Err(_) => Html::text(text),
    };
    let first = snapshot.files.first();
    SnapshotShown {
        position: m.number(snapshot.position),
        made_at: moment(&snapshot.made_at),
        valid_until: snapshot.valid_until.as_deref().map(moment),
        organisations: m.number(first.map_or(0, |file| file.organisations)),
        records: m.number(first.map_or(0, |file| file.records)),
        files: snapshot.files.iter().map(|file| file_row(m, file)).collect(),
    }
}

fn file_row(m: &Messages, file: &DataFile) -> FileRow {
    FileRow {
        href: format!("/data/{}", file.name),
        name: file.name.clone(),
        what: m.t(&format!("data.form_{}", file.form)).to_owned(),
        bytes: m.number(file.bytes),
        unpacked: m.number(file.bytes_unpacked),
        sha256: file.sha256.clone(),
    }
}
