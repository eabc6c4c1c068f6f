//! The log, page by page and entry by entry, and its payload bundles.

use domain::civil::Instant;
use ledger::LedgerReader;
use ledger::wire::Leaf;

use super::file::{hex, proof};
use super::visible::Visible;
use super::{PublicReader, Request};
use crate::ProjectionError;
use crate::announced::AnnouncedMap;
use crate::answers::{LogEntry, LogEntryAnswer, LogPage};

/// Entries of a full bundle (C2SP tlog-tiles).
const BUNDLE_ENTRIES: u16 = 256;

/// Ranges named in the detail of an entry.
const RANGES_SHOWN: usize = 8;

impl PublicReader {
    /// Entries from `from` downwards, newest first; from the end where `from` is not given.
    pub fn log_page(
        &self,
        ledger: &LedgerReader,
        from: Option<u64>,
        limit: usize,
        now: Instant,
    ) -> Result<LogPage, ProjectionError> {
        let (checkpoint, _) = ledger.checkpoint()?;
        self.asked(ledger, now, |request| {
            let end =
                from.map_or(request.cursor, |from| from.saturating_add(1).min(request.cursor));
            let begin = end.saturating_sub(limit as u64);
            let announced = request.announced(begin, end)?;
            let mut entries = Vec::new();
            for position in (begin..end).rev() {
                entries.push(request.log_entry(position, &announced)?.0);
            }
            Ok(LogPage { size: request.cursor, checkpoint, entries, older: begin.checked_sub(1) })
        })
    }

    /// The entry at `position` with its proof; `None` beyond the end.
    pub fn log_entry(
        &self,
        ledger: &LedgerReader,
        position: u64,
        now: Instant,
    ) -> Result<Option<LogEntryAnswer>, ProjectionError> {
        self.asked(ledger, now, |request| {
            if position >= request.cursor {
                return Ok(None);
            }
            let announced = request.announced(position, position)?;
            let (entry, visible) = request.log_entry(position, &announced)?;
            let opening = match visible {
                Visible::Open(_, opening) => Some(opening),
                _ => None,
            };
            let leaf = hex(&ledger.entry(position)?.unwrap_or_default());
            Ok(Some(LogEntryAnswer { entry, leaf, proof: proof(ledger, position)?, opening }))
        })
    }

    /// The payload bundle of the entries from 256 times `index`, `width` of them, as of `now`: one
    /// line each. `None` when the tables do not reach that far, or for a width no bundle has.
    pub fn payload_bundle(
        &self,
        ledger: &LedgerReader,
        index: u64,
        width: u16,
        now: Instant,
    ) -> Result<Option<String>, ProjectionError> {
        let first = index.checked_mul(BUNDLE_ENTRIES.into());
        let range = first.and_then(|first| Some((first, first.checked_add(width.into())?)));
        let Some((first, end)) = range.filter(|_| (1..=BUNDLE_ENTRIES).contains(&width)) else {
            return Ok(None);
        };
        self.asked(ledger, now, |request| {
            if end > request.cursor {
                return Ok(None);
            }
            let announced = request.announced(first, end)?;
            let mut bundle = String::new();
            for position in first..end {
                bundle.push_str(&request.visible(position, &announced)?.line(position));
                bundle.push('\n');
            }
            Ok(Some(bundle))
        })
    }
}

impl Request<'_> {
    fn log_entry(
        &self,
        position: u64,
        announced: &AnnouncedMap,
    ) -> Result<(LogEntry, Visible), ProjectionError> {
        let leaf = self.leaf(position)?;
        let visible = match &leaf {
            Some(_) => self.visible(position, announced)?,
            None => Visible::Broken,
        };
        let detail = match (&leaf, &visible) {
            (_, Visible::Open(event, _)) => event.body.wire_type().to_owned(),
            (_, Visible::Unknown(kind)) => kind.clone(),
            (Some(Leaf::Event { .. }) | None, _) => String::new(),
            (Some(Leaf::Open { ranges } | Leaf::Withhold { ranges, .. }), _) => spelled(ranges),
            (Some(Leaf::Erasure { ranges, .. }), _) => spelled(ranges),
            (Some(Leaf::Key { purpose, vkey }), _) => format!("{purpose} {vkey}"),
            (Some(Leaf::Policy { pack, hash }), _) => format!("{pack} {hash}"),
            (Some(Leaf::Statistics(statement)), _) => {
                format!("{} {}/{}", statement.month, statement.part, statement.parts)
            }
            // Origin, size and root of the other log.
            (Some(Leaf::Predecessor { checkpoint }), _) => {
                checkpoint.lines().take(3).collect::<Vec<_>>().join(" ")
            }
        };
        let body = match &visible {
            Visible::Open(event, _) => Some(&event.body),
            _ => None,
        };
        let entry = LogEntry {
            position,
            kind: leaf.as_ref().map_or("event", Leaf::kind),
            detail,
            state: visible.key(),
            record: body.and_then(|body| body.record()),
            organisation: body.and_then(|body| body.organisation()),
        };
        Ok((entry, visible))
    }
}

/// `3-5, 9`: the first few ranges.
fn spelled(ranges: &[(u64, u64)]) -> String {
    let mut parts: Vec<String> = ranges
        .iter()
        .take(RANGES_SHOWN)
        .map(
            |(first, last)| {
                if first == last { first.to_string() } else { format!("{first}-{last}") }
            },
        )
        .collect();
    if ranges.len() > RANGES_SHOWN {
        parts.push("...".to_owned());
    }
    parts.join(", ")
}
