//! Lists, sources, packs and the log.

use policy::{PackInfo, Packs};
use serde::Serialize;
use utoipa::ToSchema;

use super::record::RecordShape;
use super::shared::{
    ByLanguage, CitationShape, NameShape, Publisher, RemedyShape, by_language, citations, remedy,
};
use crate::registry::{ListPage, ListSummary, SourceStatus};

/// A list that is quoted.
#[derive(Serialize, ToSchema)]
pub struct ListShape {
    id: String,
    title: ByLanguage,
    publisher: Option<Publisher>,
    /// Official page.
    url: Option<String>,
    /// Type of its records.
    #[serde(rename = "type")]
    kind: Option<String>,
    basis: Vec<CitationShape>,
    remedy: Option<RemedyShape>,
    /// Quotations shown now.
    shown: u64,
    /// Quotations that are current.
    current: u64,
    /// The last day it was read.
    last_read: Option<String>,
    /// Rows of that file.
    rows: u64,
}

impl ListShape {
    /// The shape of a list.
    pub fn of(packs: &Packs, summary: &ListSummary) -> ListShape {
        let list = packs.list(&summary.id);
        ListShape {
            id: summary.id.to_string(),
            title: list.map(|list| by_language(&list.title)).unwrap_or_default(),
            publisher: list.map(|list| Publisher::of(packs, &list.authority)),
            url: list.map(|list| list.url.clone()),
            kind: list.map(|list| list.record_type.key().to_owned()),
            basis: list.map(|list| citations(&list.basis)).unwrap_or_default(),
            remedy: list.and_then(|list| remedy(list.remedy.as_ref())),
            shown: summary.shown,
            current: summary.current,
            last_read: summary.last_read.map(|day| day.to_string()),
            rows: summary.rows,
        }
    }
}

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub struct ListPageShape {
    list: ListShape,
    entries: Vec<ListEntryShape>,
    /// Entries left out because their stored content does not match the log.
    broken: u64,
    /// Ask again with `after` set to this; null at the end.
    next: Option<String>,
}

/// One quotation of a list.
#[derive(Serialize, ToSchema)]
pub struct ListEntryShape {
    name: NameShape,
    record: RecordShape,
}

impl ListPageShape {
    /// The shape of a page.
    pub fn of(packs: &Packs, page: &ListPage) -> ListPageShape {
        ListPageShape {
            list: ListShape::of(packs, &page.summary),
            entries: page
                .entries
                .iter()
                .map(|row| ListEntryShape {
                    name: NameShape::from(&row.name),
                    record: RecordShape::of(packs, &row.record),
                })
                .collect(),
            broken: page.broken,
            next: page.next.map(|next| next.to_string()),
        }
    }
}

/// The log.
#[derive(Serialize, ToSchema)]
pub struct LogShape {
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// When the last of them was committed.
    pub checkpoint_at: String,
    /// The signed note (C2SP tlog-checkpoint).
    pub checkpoint: String,
    /// The log's key.
    pub vkey: String,
    /// Where its files are.
    pub url: String,
    pub organisations: u64,
    pub records: u64,
}

/// How a source stands.
#[derive(Serialize, ToSchema)]
pub struct SourceShape {
    list: String,
    title: ByLanguage,
    publisher: Publisher,
    /// The profile that read it last.
    profile: String,
    last_read: Option<String>,
    /// Rows of that file.
    rows: u64,
    /// Quotations that stood after it.
    standing: u64,
    /// Quotations that vanished with it.
    vanished: u64,
    /// Whether it is current.
    current: bool,
}

impl SourceShape {
    /// The shape of a source.
    pub fn of(packs: &Packs, status: &SourceStatus) -> SourceShape {
        let list = packs.list(&status.list);
        SourceShape {
            list: status.list.to_string(),
            title: list.map(|list| by_language(&list.title)).unwrap_or_default(),
            publisher: Publisher::of(packs, &status.authority),
            profile: status.profile.to_string(),
            last_read: status.last_read.map(|day| day.to_string()),
            rows: status.rows,
            standing: status.standing,
            vanished: status.vanished,
            current: status.current,
        }
    }
}

/// A law package in force.
#[derive(Serialize, ToSchema)]
pub struct PackShape {
    name: String,
    title: ByLanguage,
    version: String,
    /// SHA-256 over its files (`spec/wire.md`); the log names it in a `policy` entry.
    hash: String,
}

impl From<&PackInfo> for PackShape {
    fn from(pack: &PackInfo) -> PackShape {
        PackShape {
            name: pack.name.clone(),
            title: by_language(&pack.title),
            version: pack.version.clone(),
            hash: pack.hash.clone(),
        }
    }
}
