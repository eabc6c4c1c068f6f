//! The file of an organisation and the page of a record.

use std::collections::BTreeSet;

use domain::civil::Instant;
use domain::identifiers::{ClaimStatus, IdentifierClaim};
use domain::ids::{OrganisationId, RecordId};
use domain::names;
use due_process::identity::Identities;
use ledger::wire::{self, Leaf};
use ledger::{LedgerError, LedgerReader, Opened, merkle};

use super::visible::for_the_public;
use super::{PublicReader, Request};
use crate::ProjectionError;
use crate::answers::{FileAnswer, ProofAnswer, RecordAnswer, Twin};
use crate::file::{IdentifierShown, OrganisationFile, View, next_boundary};
use crate::mac::{NameKind, name_key};

/// Likely twins looked at, and shown.
const TWINS_LOOKED_AT: usize = 64;
const TWINS_SHOWN: usize = 10;
/// Organisations looked at for the bearer of one checked identifier.
const CLAIMANTS_MAX: usize = 16;

impl PublicReader {
    /// The file of `id`, which is that of the organisation it is an alias of, as known at `at` and
    /// in effect on `on`, and only what may be shown at `now` (promise P5). `None` for an unknown
    /// id and for one that nothing supports any more.
    pub fn file(
        &self,
        ledger: &LedgerReader,
        id: OrganisationId,
        at: Option<u64>,
        on: Option<Instant>,
        now: Instant,
    ) -> Result<Option<FileAnswer>, ProjectionError> {
        self.asked(ledger, now, |request| {
            let Some(row) = request.base.organisation(id)? else { return Ok(None) };
            let position = at.map_or(request.cursor, |at| at.min(request.cursor));
            let as_of = on.unwrap_or(request.now);
            let view = View { at: position, on: as_of, now: request.now };
            let shown = request.shown_as_one(&row, &view)?;
            let assembled = shown.assembled;
            let Some(file) = assembled.file else {
                return if assembled.broken > 0 && request.is_supported(&row)? {
                    Err(ProjectionError::Broken("truth"))
                } else {
                    Ok(None)
                };
            };
            Ok(Some(FileAnswer {
                position,
                as_of,
                next_boundary: file.next_boundary(request.now),
                twins: request.twins(&file, &shown.identities)?,
                identity: request.identity_shown(&file, &shown.identities)?,
                broken: assembled.broken,
                file,
            }))
        })
    }

    /// The record `id` as it stands, with the proof of its revision.
    pub fn record(
        &self,
        ledger: &LedgerReader,
        id: RecordId,
        now: Instant,
    ) -> Result<Option<RecordAnswer>, ProjectionError> {
        self.asked(ledger, now, |request| {
            let Some(row) = request.base.record(id)? else { return Ok(None) };
            if !request.is_shown(&row)? {
                return Ok(None);
            }
            let organisation = request.base.organisation_at(row.organisation)?;
            let organisation = organisation.ok_or(ProjectionError::Broken("organisation"))?;
            let assembled = request.shown_as_one(&organisation, &request.view())?.assembled;
            let broken = || ProjectionError::Broken("truth");
            let broken_entries = assembled.broken;
            let file = assembled.file.ok_or_else(broken)?;
            let view = file.records.into_iter().find(|view| view.record.id == id);
            let view = view.ok_or_else(broken)?;
            let opening = match ledger.event(view.position)? {
                Some(Opened::Event(event, opening)) => for_the_public(event, opening)?.1,
                _ => return Err(broken()),
            };
            let mut history = file.timeline;
            history.retain(|entry| entry.record == Some(id));
            Ok(Some(RecordAnswer {
                organisation_name: file.name,
                position: request.cursor,
                proof: proof(ledger, view.position)?,
                opening,
                history,
                next_boundary: next_boundary(std::slice::from_ref(&view), request.now),
                broken: broken_entries,
                view,
            }))
        })
    }

    /// The one organisation that bears a checked identifier: where its URL leads.
    pub fn redirect(
        &self,
        ledger: &LedgerReader,
        claim: &IdentifierClaim,
        now: Instant,
    ) -> Result<Option<OrganisationId>, ProjectionError> {
        if !claim.joins() {
            return Ok(None);
        }
        self.asked(ledger, now, |request| {
            let bears = |file: &OrganisationFile| {
                file.identifiers.iter().any(|shown| shown.claim == *claim)
            };
            // One, unless a split took it along.
            for position in request.base.claimants(&claim.to_string(), CLAIMANTS_MAX)? {
                let row = request.base.organisation_at(position)?;
                let row = row.ok_or(ProjectionError::Broken("organisation"))?;
                let file = request.shown_as_one(&row, &request.view())?.assembled.file;
                if let Some(file) = file.filter(bears) {
                    return Ok(Some(file.id));
                }
            }
            Ok(None)
        })
    }
}

/// Proof that the entry at `position` is on the log; `holds` is false when hashes, signature or
/// tiles do not fit, and nothing is handed out then.
pub(super) fn proof(ledger: &LedgerReader, position: u64) -> Result<ProofAnswer, ProjectionError> {
    let entry = ledger.entry(position)?.unwrap_or_default();
    let commitment = match Leaf::parse(&entry) {
        Ok(Leaf::Event { commitment }) => hex(&commitment),
        _ => String::new(),
    };
    let tlog_proof = match ledger.proof(position) {
        Ok(proof) => proof.to_text(),
        // Not covered yet, or damaged: either way there is no proof to show.
        Err(LedgerError::Damaged { .. } | LedgerError::Io { .. }) => String::new(),
        Err(error) => return Err(error.into()),
    };
    Ok(ProofAnswer {
        holds: !tlog_proof.is_empty(),
        tlog_proof,
        leaf_hash: hex(&merkle::leaf_hash(&entry)),
        commitment,
    })
}

pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0xf])
        .filter_map(|digit| DIGITS.get(usize::from(digit)))
        .map(|digit| char::from(*digit))
        .collect()
}

/// Why two organisations with a name (`keys`, of the first) or an identifier in common are not told
/// apart, or `None` when they are: by two
/// checked identifiers of one scheme.
fn twin_reason(
    one: &OrganisationFile,
    other: &OrganisationFile,
    keys: &[String],
) -> Option<&'static str> {
    let tells_apart = |one: &IdentifierShown, other: &IdentifierShown| {
        // A check digit makes a number comparable between sources; without one, only the source
        // that gives both numbers says that they differ.
        let is_comparable = one.claim.joins() && other.claim.joins()
            || one.authority == other.authority
                && one.claim.status() == ClaimStatus::Unchecked
                && other.claim.status() == ClaimStatus::Unchecked;
        is_comparable && one.claim.scheme() == other.claim.scheme()
    };
    let is_distinct = one.identifiers.iter().any(|claim| {
        let mut comparable =
            other.identifiers.iter().filter(|other| tells_apart(claim, other)).peekable();
        comparable.peek().is_some()
            && comparable.all(|other| other.claim.value() != claim.claim.value())
    });
    if is_distinct {
        return None;
    }
    let has = |claim: &IdentifierClaim| other.identifiers.iter().any(|shown| shown.claim == *claim);
    if one.identifiers.iter().any(|shown| !shown.claim.joins() && has(&shown.claim)) {
        return Some("same_identifier");
    }
    if !twin_keys(other).iter().any(|key| keys.contains(key)) {
        return None;
    }
    Some(match (one.country, other.country) {
        (Some(one), Some(other)) if one == other => "same_name",
        (Some(_), Some(_)) => "same_name_other_country",
        _ => "same_name_country_unknown",
    })
}

pub(super) fn twin_keys(file: &OrganisationFile) -> Vec<String> {
    let names = std::iter::once(&file.name).chain(file.other_names.iter().map(|claim| &claim.name));
    let mut keys: Vec<String> = names.map(|name| names::twin_key(&name.text)).collect();
    keys.retain(|key| !key.is_empty());
    keys.sort_unstable();
    keys.dedup();
    keys
}

impl Request<'_> {
    /// Organisations that may be the same as `file`'s: they have a name like one of its names, or
    /// an identifier that joins nothing in common. Those that were decided to be distinct are none.
    pub(super) fn twins(
        &self,
        file: &OrganisationFile,
        identities: &Identities,
    ) -> Result<Vec<Twin>, ProjectionError> {
        let mut twins: Vec<Twin> = Vec::new();
        let keys = twin_keys(file);
        let mut likely = Vec::new();
        for shown in file.identifiers.iter().filter(|shown| !shown.claim.joins()) {
            likely.extend(self.base.claimants(&shown.claim.to_string(), TWINS_LOOKED_AT)?);
        }
        for key in &keys {
            likely.extend(self.named(name_key(NameKind::Twin, key), TWINS_LOOKED_AT)?);
        }
        let mut seen = BTreeSet::new();
        likely.retain(|position| seen.insert(*position));
        for position in likely {
            if twins.len() >= TWINS_SHOWN {
                break;
            }
            let Some(row) = self.base.organisation_at(position)? else { continue };
            if row.id == file.id || !self.is_supported(&row)? {
                continue;
            }
            let Some(other) = self.shown_as_one(&row, &self.view())?.assembled.file else {
                continue;
            };
            let is_known = other.id == file.id || twins.iter().any(|twin| twin.id == other.id);
            if is_known || identities.is_distinct(file.id, other.id) {
                continue;
            }
            // Numbers can collide, names as decoded decide.
            if let Some(reason_key) = twin_reason(file, &other, &keys) {
                twins.push(Twin { id: other.id, name: other.name, reason_key });
            }
        }
        twins.sort_by_key(|twin| twin.id);
        Ok(twins)
    }

    /// Organisations one of whose names has this number, in the order of registration.
    pub(super) fn named(&self, key: i64, limit: usize) -> Result<Vec<u64>, ProjectionError> {
        let mut statement = self.base.statement(
            "SELECT organisation FROM name WHERE key = ?1 ORDER BY organisation LIMIT ?2",
        )?;
        let rows = statement
            .query_map(rusqlite::params![key, limit as i64], |row| row.get::<_, i64>(0))?;
        Ok(rows.map(|row| row.map(|position| position as u64)).collect::<Result<_, _>>()?)
    }
}

/// The public part of an opening as a line of a payload bundle.
pub(super) fn opening_line(position: u64, opening: &wire::Opening) -> String {
    wire::payload_line(position, opening)
}
