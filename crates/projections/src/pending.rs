//! Rows that changed since the last write, written table by table in the order of their keys: a
//! B-tree that is filled in order is several times faster than one that is filled at random.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::civil::{Day, Instant};
use domain::identifiers::IdentifierClaim;
use domain::ids::{OrganisationId, RecordId, RowKey};
use domain::names;
use rusqlite::params;

use crate::ProjectionError;
use crate::base::Base;
use crate::mac::{NameKind, name_key};
use crate::proceedings::ProceedingRow;
use crate::rows::{OrganisationRow, ReadingRow, RecordRow, TallyKey};

/// What is not written yet.
#[derive(Default)]
pub(crate) struct Pending {
    organisations: BTreeMap<u64, OrganisationRow>,
    organisation_ids: HashMap<OrganisationId, u64>,
    records: BTreeMap<u64, RecordRow>,
    record_ids: HashMap<RecordId, u64>,
    proceedings: BTreeMap<u64, ProceedingRow>,
    proceeding_ids: HashMap<RecordId, u64>,
    claims: BTreeSet<(String, u64)>,
    entries: BTreeMap<(i64, RowKey), u64>,
    tokens: BTreeSet<(String, u64)>,
    names: BTreeSet<(i64, u64)>,
    tally: BTreeMap<TallyKey, i64>,
}

impl Pending {
    /// The organisation with this id, to be changed; read from the tables when it is not here.
    pub(crate) fn organisation(
        &mut self,
        base: &Base,
        id: OrganisationId,
    ) -> Result<Option<&mut OrganisationRow>, ProjectionError> {
        let position = match self.organisation_ids.get(&id) {
            Some(position) => *position,
            None => {
                let Some(row) = base.organisation(id)? else { return Ok(None) };
                let position = row.position;
                self.organisation_ids.insert(id, position);
                self.organisations.insert(position, row);
                position
            }
        };
        Ok(self.organisations.get_mut(&position))
    }

    pub(crate) fn organisation_at(
        &mut self,
        base: &Base,
        position: u64,
    ) -> Result<Option<&mut OrganisationRow>, ProjectionError> {
        if !self.organisations.contains_key(&position) {
            let Some(row) = base.organisation_at(position)? else { return Ok(None) };
            self.add_organisation(row);
        }
        Ok(self.organisations.get_mut(&position))
    }

    pub(crate) fn add_organisation(&mut self, row: OrganisationRow) {
        self.organisation_ids.insert(row.id, row.position);
        self.organisations.insert(row.position, row);
    }

    /// The record with this id, to be looked at.
    pub(crate) fn record(
        &mut self,
        base: &Base,
        id: RecordId,
    ) -> Result<Option<RecordRow>, ProjectionError> {
        if let Some(row) = self.record_ids.get(&id).and_then(|at| self.records.get(at)) {
            return Ok(Some(*row));
        }
        base.record(id)
    }

    /// Puts a record, and counts it where it belongs now instead of where it belonged.
    pub(crate) fn put_record(&mut self, row: RecordRow, before: Option<&RecordRow>) {
        if let Some(before) = before.filter(|before| !before.vanished) {
            *self.tally.entry(before.tally()).or_default() -= 1;
        }
        if !row.vanished {
            *self.tally.entry(row.tally()).or_default() += 1;
        }
        self.record_ids.insert(row.id, row.position);
        self.records.insert(row.position, row);
    }

    /// The case of this record, to be changed and put back.
    pub(crate) fn proceeding(
        &self,
        base: &Base,
        id: RecordId,
    ) -> Result<Option<ProceedingRow>, ProjectionError> {
        if let Some(row) = self.proceeding_ids.get(&id).and_then(|at| self.proceedings.get(at)) {
            return Ok(Some(row.clone()));
        }
        base.proceeding(id)
    }

    pub(crate) fn put_proceeding(&mut self, row: ProceedingRow) {
        self.proceeding_ids.insert(row.id, row.position);
        self.proceedings.insert(row.position, row);
    }

    pub(crate) fn add_claim(&mut self, claim: &IdentifierClaim, organisation: u64) {
        self.claims.insert((claim.to_string(), organisation));
    }

    pub(crate) fn add_entry(&mut self, authority: i64, key: RowKey, organisation: u64) {
        self.entries.entry((authority, key)).or_insert(organisation);
    }

    /// Makes a name findable: by its words, as a whole, without its legal form, and as a twin. Of
    /// organisations with a single owner only the whole name and the twin key are kept (design 7).
    pub(crate) fn add_name(
        &mut self,
        name: &str,
        folded: &str,
        organisation: u64,
        single_owner: bool,
    ) {
        let mut put = |kind, text: &str| {
            if !text.is_empty() {
                self.names.insert((name_key(kind, text), organisation));
            }
        };
        put(NameKind::Full, folded);
        put(NameKind::Twin, &names::twin_key(name));
        if single_owner {
            return;
        }
        put(NameKind::Core, &names::without_legal_form(name));
        for token in names::tokens(name) {
            self.tokens.insert((token, organisation));
        }
    }

    /// Rows held, about: what a caller bounds memory by.
    pub(crate) fn len(&self) -> usize {
        let rows = self.organisations.len() + self.records.len() + self.proceedings.len();
        rows + self.tokens.len()
    }

    /// Writes everything and forgets it.
    pub(crate) fn flush(&mut self, base: &Base) -> Result<(), ProjectionError> {
        self.flush_organisations(base)?;
        self.flush_records(base)?;
        self.flush_tally(base)?;
        for row in std::mem::take(&mut self.proceedings).into_values() {
            base.put_proceeding(&row)?;
        }
        self.proceeding_ids.clear();
        let mut claim = base
            .statement("INSERT OR IGNORE INTO claim(key, organisation, mac) VALUES (?1, ?2, ?3)")?;
        for (key, organisation) in std::mem::take(&mut self.claims) {
            let tag = base.claim_tag(&key, organisation);
            claim.execute(params![key, organisation as i64, tag])?;
        }
        let mut entry = base.statement(
            "INSERT OR IGNORE INTO entry(authority, key, organisation, mac) VALUES (?1, ?2, ?3, ?4)",
        )?;
        for ((authority, key), organisation) in std::mem::take(&mut self.entries) {
            let tag = base.entry_tag(authority, key, organisation);
            entry.execute(params![authority, key.0, organisation as i64, tag])?;
        }
        let mut token =
            base.statement("INSERT OR IGNORE INTO token(token, organisation) VALUES (?1, ?2)")?;
        for (text, organisation) in std::mem::take(&mut self.tokens) {
            token.execute(params![text, organisation as i64])?;
        }
        let mut name =
            base.statement("INSERT OR IGNORE INTO name(key, organisation) VALUES (?1, ?2)")?;
        for (key, organisation) in std::mem::take(&mut self.names) {
            name.execute(params![key, organisation as i64])?;
        }
        Ok(())
    }

    fn flush_organisations(&mut self, base: &Base) -> Result<(), ProjectionError> {
        let mut put = base.statement(
            "INSERT INTO organisation(position, id, single_owner, events, claims, names, mac)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT(position) DO UPDATE SET
                events = excluded.events, claims = excluded.claims, names = excluded.names, mac = excluded.mac",
        )?;
        for row in std::mem::take(&mut self.organisations).into_values() {
            put.execute(params![
                row.position as i64,
                row.id.bytes(),
                row.is_single_owner,
                row.encoded_events(),
                row.encoded_claims(),
                row.names.join("\n"),
                row.tag(&base.mac),
            ])?;
        }
        self.organisation_ids.clear();
        Ok(())
    }

    fn flush_records(&mut self, base: &Base) -> Result<(), ProjectionError> {
        let mut put = base.statement(
            "INSERT INTO record(position, id, organisation, list, current, revision, row_key, row_digest, start,
                end_at, zone, read_on, reread_on, current_days, hidden_days, vanished, mac)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
             ON CONFLICT(position) DO UPDATE SET
                organisation = excluded.organisation, current = excluded.current,
                revision = excluded.revision, row_key = excluded.row_key,
                row_digest = excluded.row_digest, start = excluded.start, end_at = excluded.end_at,
                zone = excluded.zone, read_on = excluded.read_on, reread_on = excluded.reread_on,
                current_days = excluded.current_days, hidden_days = excluded.hidden_days,
                vanished = excluded.vanished, mac = excluded.mac",
        )?;
        for row in std::mem::take(&mut self.records).into_values() {
            put.execute(params![
                row.position as i64,
                row.id.bytes(),
                row.organisation as i64,
                row.list,
                row.current as i64,
                row.revision,
                row.row_key.0,
                row.row_digest.0,
                row.start.map(Day::days_since_epoch),
                row.end_at.map(Instant::micros),
                row.zone,
                row.read_on.days_since_epoch(),
                row.reread_on.map(Day::days_since_epoch),
                row.freshness.current_days_max,
                row.freshness.hidden_after_days,
                row.vanished,
                row.tag(&base.mac),
            ])?;
        }
        self.record_ids.clear();
        Ok(())
    }

    /// Adds the differences to the counts; a count that reaches zero is no row.
    fn flush_tally(&mut self, base: &Base) -> Result<(), ProjectionError> {
        const KEY: &str = "list = ?1 AND zone = ?2 AND end_at = ?3 AND own_read = ?4
                           AND current_days = ?5 AND hidden_days = ?6";
        let sql = format!(
            "SELECT list, zone, end_at, own_read, current_days, hidden_days, records, mac
             FROM tally WHERE {KEY}"
        );
        let mut get = base.statement(&sql)?;
        let mut delete = base.statement(&format!("DELETE FROM tally WHERE {KEY}"))?;
        let mut put =
            base.statement("INSERT OR REPLACE INTO tally VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
        let mut by_list: BTreeMap<i64, i64> = BTreeMap::new();
        for (key, difference) in std::mem::take(&mut self.tally) {
            if difference == 0 {
                continue;
            }
            *by_list.entry(key.list).or_default() += difference;
            let k = params![
                key.list,
                key.zone,
                key.end_at,
                key.own_read,
                key.current_days,
                key.hidden_days
            ];
            let mut rows = get.query(k)?;
            let before = match rows.next()? {
                Some(row) => {
                    let (_, records, tag) = crate::base::read_tally(row)?;
                    crate::base::check("tally", &key.tag(&base.mac, records), &tag)?;
                    records
                }
                None => 0,
            };
            drop(rows);
            let records = before + difference;
            if records == 0 {
                delete.execute(k)?;
                continue;
            }
            put.execute(params![
                key.list,
                key.zone,
                key.end_at,
                key.own_read,
                key.current_days,
                key.hidden_days,
                records,
                key.tag(&base.mac, records)
            ])?;
        }
        for (list, difference) in by_list {
            let row = base.reading(list)?.ok_or(ProjectionError::Broken("reading"))?;
            base.put_reading(&ReadingRow { standing: row.standing + difference, ..row })?;
        }
        Ok(())
    }
}
