//! Authorities and how their lists stand.

use domain::authority::AuthorityKey;
use policy::Packs;
use serde::Serialize;
use utoipa::ToSchema;

use super::list::ListShape;
use super::shared::Publisher;
use crate::registry::{ListSummary, Registry, SourceStatus};
use crate::statistics::unless_small;

/// Who speaks here.
#[derive(Serialize, ToSchema)]
pub struct AuthoritySummaryShape {
    publisher: Publisher,
    /// Its lists that the packs in force define.
    lists: Vec<String>,
    /// Quotations that stood after the last readings of them.
    standing: u64,
    /// The last day one of them was read.
    last_read: Option<String>,
}

impl AuthoritySummaryShape {
    /// The shape of an authority.
    pub fn of(
        packs: &Packs,
        key: &AuthorityKey,
        sources: &[SourceStatus],
    ) -> AuthoritySummaryShape {
        let own = || sources.iter().filter(|source| source.authority == *key);
        let lists = packs.lists().filter(|list| list.authority == *key);
        AuthoritySummaryShape {
            publisher: Publisher::of(packs, key),
            lists: lists.map(|list| list.id.to_string()).collect(),
            standing: own().map(|source| source.standing).sum(),
            last_read: own().filter_map(|source| source.last_read).max().map(|day| day.to_string()),
        }
    }
}

/// An authority with its lists.
#[derive(Serialize, ToSchema)]
pub struct AuthorityShape {
    publisher: Publisher,
    lists: Vec<AuthorityListShape>,
}

/// One list of an authority and what came of its last reading.
#[derive(Serialize, ToSchema)]
pub struct AuthorityListShape {
    /// With legal basis and remedy.
    list: ListShape,
    /// Quotations that stood after the last reading; null when it was never read.
    standing: Option<u64>,
    /// Quotations that were no longer in it.
    gone: Option<u64>,
    /// Rows that wait for a correction; null where fewer than 3 and not none, or not known.
    quarantined: Option<u64>,
    /// Whether the last file was held, so that the reading before it stands.
    held: bool,
}

impl AuthorityShape {
    /// The shape of an authority.
    pub fn of(
        registry: &Registry,
        key: &AuthorityKey,
        sources: &[SourceStatus],
        summaries: &[ListSummary],
    ) -> AuthorityShape {
        let packs = registry.packs();
        let lists = packs.lists().filter(|list| list.authority == *key).map(|list| {
            let source = sources.iter().find(|source| source.list == list.id);
            let import = source.and_then(|source| registry.last_import(&source.profile).0);
            let unread =
                ListSummary { id: list.id.clone(), shown: 0, current: 0, last_read: None, rows: 0 };
            let summary = summaries.iter().find(|summary| summary.id == list.id);
            AuthorityListShape {
                list: ListShape::of(&packs, summary.unwrap_or(&unread)),
                standing: source.map(|source| source.standing),
                gone: source.map(|source| source.vanished),
                quarantined: import.as_ref().and_then(|import| unless_small(import.quarantined)),
                held: import.is_some_and(|import| import.message.is_some()),
            }
        });
        AuthorityShape { publisher: Publisher::of(&packs, key), lists: lists.collect() }
    }
}
