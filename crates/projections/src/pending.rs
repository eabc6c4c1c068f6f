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
use crate::rows::{ListedEvent, OrganisationRow, ReadingRow, RecordRow, TallyKey, Term};

/// What an event that is listed already becomes when it is listed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listed {
    /// What it was.
    Keep,
    /// What it is now.
    Replace,
}

/// How one name is found. Made from the folded name alone, which the organisation's row keeps, so
/// that what leads to it can be taken away when the name itself is destroyed.
pub(crate) struct NameIndex {
    /// As a whole, as a twin, and without its legal form; the last is `Core`.
    pub keys: [Option<i64>; 3],
    pub tokens: Vec<String>,
}

impl NameIndex {
    pub(crate) fn of(folded: &str) -> NameIndex {
        let key = |kind, text: &str| (!text.is_empty()).then(|| name_key(kind, text));
        NameIndex {
            keys: [
                key(NameKind::Full, folded),
                key(NameKind::Twin, &names::twin_key(folded)),
                key(NameKind::Core, &names::without_legal_form(folded)),
            ],
            tokens: names::tokens(folded),
        }
    }
}

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
    entries: BTreeSet<(i64, RowKey, u64)>,
    tokens: BTreeSet<(String, u64)>,
    names: BTreeSet<(i64, u64)>,
    tally: BTreeMap<TallyKey, i64>,
    /// How many records more or less have days of a zone.
    zones: BTreeMap<i64, i64>,
    /// How many rows more or less name a key.
    uses: BTreeMap<i64, i64>,
    /// Keys met: they may have no row yet, or lose it.
    texts: HashMap<i64, String>,
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
        if let Some(before) = before {
            self.count_record(before, -1);
        }
        self.count_record(&row, 1);
        self.record_ids.insert(row.id, row.position);
        self.records.insert(row.position, row);
    }

    /// Counts a record in, or out with -1.
    pub(crate) fn count_record(&mut self, row: &RecordRow, difference: i64) {
        if row.is_counted() {
            *self.tally.entry(row.tally()).or_default() += difference;
        }
        *self.zones.entry(row.zone).or_default() += difference;
    }

    /// Counts a row that names the key with this number, or one less with -1. Zero is no key.
    pub(crate) fn count_use(&mut self, number: i64, difference: i64) {
        if number != 0 {
            *self.uses.entry(number).or_default() += difference;
        }
    }

    /// The number of a key; one that has no row yet gets it when something uses it.
    pub(crate) fn term(&mut self, base: &Base, text: &str) -> Result<i64, ProjectionError> {
        let known = base.term(text)?;
        let mut number = known.unwrap_or_else(|| Term::home(text));
        while self.texts.get(&number).is_some_and(|other| other != text)
            || base.term_at(number)?.is_some_and(|other| other.text != text)
        {
            number += 1;
        }
        self.texts.insert(number, text.to_owned());
        Ok(number)
    }

    /// Lists an event with the organisation at `organisation`, which is there; `Keep` leaves one
    /// that is listed already as it is.
    pub(crate) fn list_event(
        &mut self,
        base: &Base,
        organisation: u64,
        (position, event): (u64, ListedEvent),
        listed: Listed,
    ) -> Result<(), ProjectionError> {
        let Some(row) = self.organisation_at(base, organisation)? else { return Ok(()) };
        let before = row.events.get(&position).copied();
        if before.is_some() && matches!(listed, Listed::Keep) {
            return Ok(());
        }
        row.events.insert(position, event);
        self.count_use(event.authority, 1);
        if let Some(before) = before {
            self.count_use(before.authority, -1);
        }
        Ok(())
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
        if self.entries.insert((authority, key, organisation)) {
            self.count_use(authority, 1);
        }
    }

    /// Makes a folded name findable: by its words, as a whole, without its legal form, and as a
    /// twin. Of organisations with a single owner only the whole name and the twin key are kept
    /// (design 7).
    pub(crate) fn add_name(&mut self, folded: &str, organisation: u64, single_owner: bool) {
        let index = NameIndex::of(folded);
        let [full, twin, core] = index.keys;
        let keys = [full, twin, core.filter(|_| !single_owner)];
        self.names.extend(keys.into_iter().flatten().map(|key| (key, organisation)));
        if !single_owner {
            self.tokens.extend(index.tokens.into_iter().map(|token| (token, organisation)));
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
        self.flush_zones(base)?;
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
        for (authority, key, organisation) in std::mem::take(&mut self.entries) {
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
        self.flush_uses(base)
    }

    fn flush_zones(&mut self, base: &Base) -> Result<(), ProjectionError> {
        for (zone, difference) in std::mem::take(&mut self.zones) {
            let before = base.zone_records(zone)?;
            let after = before + difference;
            base.put_zone(zone, after)?;
            self.count_use(zone, i64::from(after > 0) - i64::from(before > 0));
        }
        Ok(())
    }

    /// Last, for what is written before is counted here.
    fn flush_uses(&mut self, base: &Base) -> Result<(), ProjectionError> {
        for (number, difference) in std::mem::take(&mut self.uses) {
            if difference == 0 {
                continue;
            }
            let before = base.term_at(number)?.map(|term| (term.text, term.uses));
            let new = || self.texts.get(&number).cloned().map(|text| (text, 0));
            let (text, uses) = before.or_else(new).ok_or(ProjectionError::Broken("term"))?;
            base.put_term(&Term { number, text, uses: uses + difference })?;
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
