//! What the tables know of decisions on identity and of entries this program does not know: where
//! they are. What they say is read from the log and folded by `due_process`.

use std::collections::{BTreeMap, BTreeSet};

use domain::event::Event;
use domain::identifiers::IdentifierClaim;
use domain::ids::{OrganisationId, RecordId};
use due_process::identity::Identities;
use ledger::{LedgerReader, Opened};
use rusqlite::params;

use crate::base::{Base, check};
use crate::mac::{Column, Tag};
use crate::rows::{EventKind, OrganisationRow};
use crate::{ProjectionError, ReadTables};

/// An event of a version this program does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownEntry {
    /// Its position.
    pub position: u64,
    /// Its name and version.
    pub kind: String,
    /// The record it is about, which is hidden.
    pub record: Option<RecordId>,
}

impl Base {
    pub(crate) fn put_identity(&self, position: u64) -> Result<(), ProjectionError> {
        self.statement("INSERT OR REPLACE INTO identity(position, mac) VALUES (?1, ?2)")?
            .execute(params![position as i64, self.identity_tag(position)])?;
        Ok(())
    }

    fn identity_tag(&self, position: u64) -> Tag {
        self.mac.tag("identity", &[Column::Integer(position as i64)])
    }

    pub(crate) fn is_identity(&self, position: u64) -> Result<bool, ProjectionError> {
        let mut statement = self.statement("SELECT 1 FROM identity WHERE position = ?1")?;
        Ok(statement.exists([position as i64])?)
    }

    /// Positions of all steps of decisions on identity, ascending.
    fn identity_positions(&self) -> Result<Vec<u64>, ProjectionError> {
        let mut statement =
            self.statement("SELECT position, mac FROM identity ORDER BY position")?;
        let mut rows = statement.query([])?;
        let mut positions = Vec::new();
        while let Some(row) = rows.next()? {
            let (position, tag): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
            check("identity", &self.identity_tag(position as u64), &tag)?;
            positions.push(position as u64);
        }
        Ok(positions)
    }

    /// Notes where a key, a pack or a mandate was adopted or revoked.
    pub(crate) fn put_adopted(&self, position: u64) -> Result<(), ProjectionError> {
        self.statement("INSERT OR REPLACE INTO adopted(position, mac) VALUES (?1, ?2)")?
            .execute(params![position as i64, self.adopted_tag(position)])?;
        Ok(())
    }

    fn adopted_tag(&self, position: u64) -> Tag {
        self.mac.tag("adopted", &[Column::Integer(position as i64)])
    }

    /// Positions of everything adopted or revoked, ascending.
    pub(crate) fn adopted(&self) -> Result<Vec<u64>, ProjectionError> {
        let mut statement =
            self.statement("SELECT position, mac FROM adopted ORDER BY position")?;
        let mut rows = statement.query([])?;
        let mut positions = Vec::new();
        while let Some(row) = rows.next()? {
            let (position, tag): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
            check("adopted", &self.adopted_tag(position as u64), &tag)?;
            positions.push(position as u64);
        }
        Ok(positions)
    }

    pub(crate) fn put_unknown(&self, entry: &UnknownEntry) -> Result<(), ProjectionError> {
        self.statement(
            "INSERT OR REPLACE INTO unknown(position, kind, record, mac) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            entry.position as i64,
            entry.kind,
            entry.record.map(RecordId::bytes),
            self.unknown_tag(entry)
        ])?;
        Ok(())
    }

    fn unknown_tag(&self, entry: &UnknownEntry) -> Tag {
        let record = entry.record.map(RecordId::bytes);
        self.mac.tag(
            "unknown",
            &[
                Column::Integer(entry.position as i64),
                Column::Bytes(entry.kind.as_bytes()),
                record.as_ref().map_or(Column::Absent, |id| Column::Bytes(id)),
            ],
        )
    }

    /// Entries this program does not know, ascending.
    pub(crate) fn unknown_entries(&self) -> Result<Vec<UnknownEntry>, ProjectionError> {
        let mut statement =
            self.statement("SELECT position, kind, record, mac FROM unknown ORDER BY position")?;
        let mut rows = statement.query([])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            let entry = UnknownEntry {
                position: row.get::<_, i64>(0)? as u64,
                kind: row.get(1)?,
                record: row.get::<_, Option<[u8; 16]>>(2)?.map(RecordId::from_bytes),
            };
            check("unknown", &self.unknown_tag(&entry), &row.get::<_, Vec<u8>>(3)?)?;
            entries.push(entry);
        }
        Ok(entries)
    }

    /// Every decision made or proposed below `at`.
    pub(crate) fn all_decided(
        &self,
        ledger: &LedgerReader,
        at: u64,
    ) -> Result<Identities, ProjectionError> {
        let mut identities = Identities::default();
        for position in self.identity_positions()?.into_iter().filter(|position| *position < at) {
            identities.apply(position, &step(ledger, position)?);
        }
        Ok(identities)
    }

    /// The decisions that concern the organisation of `row`, or one that a decision ties it to,
    /// made or proposed below `at`.
    pub(crate) fn decided_about(
        &self,
        ledger: &LedgerReader,
        row: &OrganisationRow,
        at: u64,
    ) -> Result<Identities, ProjectionError> {
        let mut steps: BTreeMap<u64, Event> = BTreeMap::new();
        let mut met: BTreeSet<OrganisationId> = [row.id].into();
        let mut waiting = vec![positions(row)];
        while let Some(positions) = waiting.pop() {
            for position in positions {
                if steps.contains_key(&position) {
                    continue;
                }
                let event = step(ledger, position)?;
                let pair = event.body.identity().map(|decision| decision.pair());
                for organisation in pair.into_iter().flatten().filter(|id| met.insert(*id)) {
                    if let Some(row) = self.organisation(organisation)? {
                        waiting.push(self::positions(&row));
                    }
                }
                steps.insert(position, event);
            }
        }
        let mut identities = Identities::default();
        for (position, event) in steps.range(..at) {
            identities.apply(*position, event);
        }
        Ok(identities)
    }
}

fn positions(row: &OrganisationRow) -> Vec<u64> {
    let steps = row.events.iter().filter(|(_, event)| event.kind == EventKind::Identity);
    steps.map(|(position, _)| *position).collect()
}

/// A decision that cannot be read is not skipped: two files would fall apart, or become one.
fn step(ledger: &LedgerReader, position: u64) -> Result<Event, ProjectionError> {
    match ledger.event(position)? {
        Some(Opened::Event(event, _)) if event.body.identity().is_some() => Ok(*event),
        _ => Err(ProjectionError::BrokenEntry(position)),
    }
}

impl ReadTables {
    /// Entries of versions this program does not know; records they name are hidden.
    pub fn unknown_entries(&self) -> Result<Vec<UnknownEntry>, ProjectionError> {
        self.base.unknown_entries()
    }

    /// The decisions that concern `organisation`; `None`, which is nearly always, when nothing was
    /// ever proposed.
    pub fn decided_about(
        &self,
        reader: &LedgerReader,
        organisation: OrganisationId,
    ) -> Result<Option<Identities>, ProjectionError> {
        match self.base.organisation(organisation)?.filter(OrganisationRow::is_decided_about) {
            Some(row) => self.base.decided_about(reader, &row, u64::MAX).map(Some),
            None => Ok(None),
        }
    }

    /// The organisation that a checked identifier names; `None` for one that joins nothing. An
    /// identifier that a split took along names the organisation that was split off.
    pub fn organisation_by_claim(
        &self,
        reader: &LedgerReader,
        claim: &IdentifierClaim,
    ) -> Result<Option<OrganisationId>, ProjectionError> {
        self.base.organisation_by_claim(reader, claim)
    }

    /// Positions of the events that registered an organisation and what is one with it, its own
    /// first. What they say, the kind included, is on the log only.
    pub fn registered_at(
        &self,
        reader: &LedgerReader,
        organisation: OrganisationId,
    ) -> Result<Vec<u64>, ProjectionError> {
        self.base.registered_at(reader, organisation)
    }
}

impl Base {
    /// The organisation that a checked identifier names; `None` for one that joins nothing. An
    /// identifier that a split took along names the organisation that was split off.
    pub(crate) fn organisation_by_claim(
        &self,
        reader: &LedgerReader,
        claim: &IdentifierClaim,
    ) -> Result<Option<OrganisationId>, ProjectionError> {
        if !claim.joins() {
            return Ok(None);
        }
        let found = self.claimants(&claim.to_string(), 1)?;
        let Some(position) = found.first() else { return Ok(None) };
        let row = self.organisation_at(*position)?;
        let row = row.ok_or(ProjectionError::Broken("organisation"))?;
        if !row.is_decided_about() {
            return Ok(Some(row.id));
        }
        let identities = self.decided_about(reader, &row, u64::MAX)?;
        Ok(Some(identities.bearer(row.id, claim)))
    }

    /// Positions of the events that registered an organisation and what is one with it, its own
    /// first. What they say, the kind included, is on the log only.
    pub(crate) fn registered_at(
        &self,
        reader: &LedgerReader,
        organisation: OrganisationId,
    ) -> Result<Vec<u64>, ProjectionError> {
        let Some(row) = self.organisation(organisation)? else { return Ok(Vec::new()) };
        let (own, mut registered) = (row.position, vec![row.position]);
        if row.is_decided_about() {
            let identities = self.decided_about(reader, &row, u64::MAX)?;
            for member in identities.members(organisation) {
                let row = self.organisation(member)?;
                registered.extend(row.map(|row| row.position).filter(|at| *at != own));
            }
        }
        Ok(registered)
    }
}
