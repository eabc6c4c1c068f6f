//! Proceedings in the read tables: where the steps of a case are on the log, and what the public
//! sees from which instant. No content: texts, facts and parties stay in the openings.

use domain::case::{CatalogueKey, WithdrawalReason};
use domain::civil::Instant;
use domain::event::EventBody;
use domain::ids::{OrganisationId, RecordId};
use due_process::case::{Case, Exposure, StepAudience};
use due_process::performance::{Occurrence, What};
use ledger::{LedgerReader, Opened};
use rusqlite::{OptionalExtension as _, Row, params};
use sha2::{Digest as _, Sha256};

use crate::ProjectionError;
use crate::base::{Base, check};
use crate::mac::{Column, RowMac, Tag};
use crate::rows::{NOBODY, numbers, put_number};

/// A case: the position of its first event is its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProceedingRow {
    pub position: u64,
    pub id: RecordId,
    /// Key of the organisation it is about now.
    pub organisation: u64,
    /// Number of the authority's key.
    pub authority: i64,
    /// Its steps by position, and whom each is for.
    pub steps: Vec<(u64, StepAudience)>,
    /// What the public sees from which instant, ascending; until then nothing.
    pub schedule: Vec<(Instant, Exposure)>,
    /// From when its content may be destroyed, if nobody does anything more.
    pub erasable: Option<Instant>,
    /// Whether it is against its subject.
    pub adverse: bool,
    /// A number for the organisation it was about when it was submitted: figures count that one,
    /// its own row destroyed or not.
    pub subject: u64,
    /// What counts in the figures of its authority; what time alone brings included, until another
    /// step says otherwise.
    pub occurred: Vec<Occurrence>,
    /// The record that took its place.
    pub successor: Option<RecordId>,
    /// What its decision document is found by ([`Base::document_key`]), where it has one.
    pub document: Option<Tag>,
}

const COLUMNS: &str = "position, id, organisation, authority, steps, schedule, \
     erasable, adverse, subject, occurred, successor, document, mac";

impl ProceedingRow {
    /// The number that figures tell an organisation from others by.
    pub(crate) fn subject_number(organisation: OrganisationId) -> u64 {
        let hash = Sha256::digest(organisation.bytes());
        // One bit less than there is room for: SQLite's numbers have a sign.
        hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte)) >> 1
    }

    /// What the public sees of it on `now`.
    pub(crate) fn exposure(&self, now: Instant) -> Exposure {
        if self.organisation == NOBODY {
            return Exposure::Nothing;
        }
        let begun = self.schedule.iter().rev().find(|(at, _)| *at <= now);
        begun.map_or(Exposure::Nothing, |(_, exposure)| *exposure)
    }

    /// A number that differs whenever what everybody may read of it does; `None` when that is
    /// nothing.
    pub(crate) fn shown_as(&self, now: Instant) -> Option<u64> {
        let exposure = self.exposure(now);
        let steps = self.steps.iter().filter(|(_, audience)| audience.may_read(exposure)).count();
        (exposure != Exposure::Nothing).then(|| (steps as u64) << 8 | exposure_code(exposure))
    }

    /// Whether its content is shown on `now`.
    pub(crate) fn is_shown(&self, now: Instant) -> bool {
        matches!(self.exposure(now), Exposure::Shown { .. })
    }

    fn encoded_steps(&self) -> Vec<u8> {
        let (mut bytes, mut last) = (Vec::with_capacity(self.steps.len() * 2), 0);
        for (position, audience) in &self.steps {
            put_number(&mut bytes, (position - last) << 2 | *audience as u64);
            last = *position;
        }
        bytes
    }

    fn decoded_steps(bytes: &[u8]) -> Option<Vec<(u64, StepAudience)>> {
        let mut last = 0_u64;
        numbers(bytes)?
            .into_iter()
            .map(|number| {
                last = last.checked_add(number >> 2)?;
                Some((last, *StepAudience::ALL.get((number & 3) as usize)?))
            })
            .collect()
    }

    fn encoded_schedule(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.schedule.len() * 10);
        for (at, exposure) in &self.schedule {
            put_number(&mut bytes, u64::try_from(at.micros()).unwrap_or(0));
            put_number(&mut bytes, exposure_code(*exposure));
        }
        bytes
    }

    fn decoded_schedule(bytes: &[u8]) -> Option<Vec<(Instant, Exposure)>> {
        let numbers = numbers(bytes)?;
        let (pairs, rest) = numbers.as_chunks::<2>();
        let schedule = pairs
            .iter()
            .map(|[at, code]| {
                let at = Instant::from_micros(i64::try_from(*at).ok()?);
                Some((at, exposure_of(*code)?))
            })
            .collect();
        if rest.is_empty() { schedule } else { None }
    }

    fn encoded_occurred(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.occurred.len() * 10);
        for occurrence in &self.occurred {
            put_number(&mut bytes, u64::try_from(occurrence.at.micros()).unwrap_or(0));
            let place = What::all().position(|what| what == occurrence.what).unwrap_or_default();
            put_number(&mut bytes, (place as u64) << 1 | u64::from(occurrence.is_public));
        }
        bytes
    }

    fn decoded_occurred(bytes: &[u8]) -> Option<Vec<Occurrence>> {
        let numbers = numbers(bytes)?;
        let (pairs, rest) = numbers.as_chunks::<2>();
        let occurred = pairs
            .iter()
            .map(|[at, code]| {
                let at = Instant::from_micros(i64::try_from(*at).ok()?);
                let what = What::all().nth(usize::try_from(code >> 1).ok()?)?;
                Some(Occurrence { at, what, is_public: code & 1 != 0 })
            })
            .collect();
        if rest.is_empty() { occurred } else { None }
    }

    fn tag(&self, mac: &RowMac) -> Tag {
        let successor = self.successor.map(RecordId::bytes);
        mac.tag(
            "proceeding",
            &[
                Column::Integer(self.position as i64),
                Column::Bytes(&self.id.bytes()),
                Column::Integer(self.organisation as i64),
                Column::Integer(self.authority),
                Column::Bytes(&self.encoded_steps()),
                Column::Bytes(&self.encoded_schedule()),
                Column::Integer(self.erasable.map_or(-1, Instant::micros)),
                Column::Integer(i64::from(self.adverse)),
                Column::Integer(self.subject as i64),
                Column::Bytes(&self.encoded_occurred()),
                successor.as_ref().map_or(Column::Absent, |id| Column::Bytes(id)),
                self.document.as_ref().map_or(Column::Absent, |key| Column::Bytes(key)),
            ],
        )
    }
}

/// Bits of a shown record's labels, and what is no content.
const SHOWN: u64 = 1;
const OBJECTED: u64 = 2;
const INTERIM: u64 = 4;
const CORRECTED: u64 = 8;
const WITHDRAWN: u64 = 16;

fn exposure_code(exposure: Exposure) -> u64 {
    match exposure {
        Exposure::Nothing => 0,
        Exposure::Shown { objected, interim } => {
            SHOWN | if objected { OBJECTED } else { 0 } | if interim { INTERIM } else { 0 }
        }
        Exposure::CorrectedTombstone => CORRECTED,
        Exposure::WithdrawnTombstone(reason) => {
            let place = WithdrawalReason::ALL.iter().position(|other| *other == reason);
            WITHDRAWN + place.unwrap_or_default() as u64
        }
    }
}

fn exposure_of(code: u64) -> Option<Exposure> {
    Some(match code {
        0 => Exposure::Nothing,
        CORRECTED => Exposure::CorrectedTombstone,
        code if code & SHOWN != 0 && code < CORRECTED => {
            Exposure::Shown { objected: code & OBJECTED != 0, interim: code & INTERIM != 0 }
        }
        code => {
            let place = usize::try_from(code.checked_sub(WITHDRAWN)?).ok()?;
            Exposure::WithdrawnTombstone(*WithdrawalReason::ALL.get(place)?)
        }
    })
}

/// The case of `row`, folded from its steps; `None` where its submission was destroyed.
pub(crate) fn folded(
    reader: &LedgerReader,
    row: &ProceedingRow,
) -> Result<Option<Case>, ProjectionError> {
    let mut case: Option<Case> = None;
    for (position, _) in &row.steps {
        let event = match reader.event(*position)? {
            Some(Opened::Event(event, _)) => event,
            Some(Opened::Destroyed) => continue,
            // A step of a version this program does not know: the record is hidden (design 3).
            Some(Opened::Unknown { .. }) => return Ok(None),
            _ => return Err(ProjectionError::BrokenEntry(*position)),
        };
        let EventBody::Case(step) = &event.body else {
            return Err(ProjectionError::BrokenEntry(*position));
        };
        match &mut case {
            Some(case) => case.apply(event.at, step),
            None => case = Case::begin(event.at, step),
        }
    }
    Ok(case)
}

impl Base {
    /// The case of `record`.
    pub(crate) fn proceeding(
        &self,
        record: RecordId,
    ) -> Result<Option<ProceedingRow>, ProjectionError> {
        let mut statement =
            self.statement(&format!("SELECT {COLUMNS} FROM proceeding WHERE id = ?1"))?;
        let found = statement.query_row([record.bytes()], read).optional()?;
        found.map(|found| self.checked_proceeding(found)).transpose()
    }

    /// What a decision document of the authority with this number is found by: the number of the
    /// document itself stays in the opening.
    pub(crate) fn document_key(&self, authority: i64, entry: &CatalogueKey, number: &str) -> Tag {
        let (entry, number) = (entry.as_str().as_bytes(), number.trim().as_bytes());
        let columns = [Column::Integer(authority), Column::Bytes(entry), Column::Bytes(number)];
        self.mac.tag("document", &columns)
    }

    /// The records whose decision document has this key.
    pub(crate) fn records_with_document(
        &self,
        key: &Tag,
    ) -> Result<Vec<RecordId>, ProjectionError> {
        let sql = format!("SELECT {COLUMNS} FROM proceeding WHERE document = ?1 ORDER BY position");
        let mut statement = self.statement(&sql)?;
        let mut rows = statement.query([key])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(self.checked_proceeding(read(row)?)?.id);
        }
        Ok(found)
    }

    /// The case whose first step is at `position`.
    pub(crate) fn proceeding_at(
        &self,
        position: u64,
    ) -> Result<Option<ProceedingRow>, ProjectionError> {
        let mut statement =
            self.statement(&format!("SELECT {COLUMNS} FROM proceeding WHERE position = ?1"))?;
        let found = statement.query_row([position as i64], read).optional()?;
        found.map(|found| self.checked_proceeding(found)).transpose()
    }

    /// The record that `successor` took the place of.
    pub(crate) fn predecessor(
        &self,
        successor: RecordId,
    ) -> Result<Option<RecordId>, ProjectionError> {
        let mut statement =
            self.statement(&format!("SELECT {COLUMNS} FROM proceeding WHERE successor = ?1"))?;
        let found = statement.query_row([successor.bytes()], read).optional()?;
        found.map(|found| self.checked_proceeding(found).map(|row| row.id)).transpose()
    }

    /// The cases about the organisation with this key, by position.
    pub(crate) fn proceedings_of(
        &self,
        organisation: u64,
    ) -> Result<Vec<ProceedingRow>, ProjectionError> {
        let sql =
            format!("SELECT {COLUMNS} FROM proceeding WHERE organisation = ?1 ORDER BY position");
        let mut statement = self.statement(&sql)?;
        let mut rows = statement.query([organisation as i64])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(self.checked_proceeding(read(row)?)?);
        }
        Ok(found)
    }

    /// The last instant until `now`, and the first after it, at which what the public sees of some
    /// case changes.
    pub(crate) fn turns(
        &self,
        now: Instant,
    ) -> Result<(Option<Instant>, Option<Instant>), ProjectionError> {
        let ask = |sql: &str| -> Result<Option<Instant>, ProjectionError> {
            let at: Option<i64> =
                self.statement(sql)?.query_row([now.micros()], |row| row.get(0))?;
            Ok(at.map(Instant::from_micros))
        };
        Ok((
            ask("SELECT max(at) FROM turn WHERE at <= ?1")?,
            ask("SELECT min(at) FROM turn WHERE at > ?1")?,
        ))
    }

    /// How many adverse records of the authority with this number have ids from `first` on, up to
    /// `most`: ids grow with the time of the submission.
    pub(crate) fn adverse_since(
        &self,
        authority: i64,
        first: [u8; 16],
        most: u16,
    ) -> Result<u16, ProjectionError> {
        let mut statement = self.statement(
            "SELECT count(*) FROM (SELECT 1 FROM proceeding
             WHERE authority = ?1 AND adverse = 1 AND id >= ?2 LIMIT ?3)",
        )?;
        Ok(statement.query_row(params![authority, first, most], |row| row.get(0))?)
    }

    /// The cases whose content may be destroyed on `now`, the longest due first.
    pub(crate) fn erasable_proceedings(
        &self,
        now: Instant,
    ) -> Result<Vec<ProceedingRow>, ProjectionError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM proceeding WHERE erasable <= ?1 ORDER BY erasable, position"
        );
        let mut statement = self.statement(&sql)?;
        let mut rows = statement.query([now.micros()])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(self.checked_proceeding(read(row)?)?);
        }
        Ok(found)
    }

    /// Every case, by position.
    pub(crate) fn each_proceeding(
        &self,
        each: &mut dyn FnMut(ProceedingRow) -> Result<(), ProjectionError>,
    ) -> Result<(), ProjectionError> {
        let mut statement =
            self.statement(&format!("SELECT {COLUMNS} FROM proceeding ORDER BY position"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(self.checked_proceeding(read(row)?)?)?;
        }
        Ok(())
    }

    /// The cases of the authority with this number, by position.
    pub(crate) fn each_proceeding_of(
        &self,
        authority: i64,
        each: &mut dyn FnMut(ProceedingRow) -> Result<(), ProjectionError>,
    ) -> Result<(), ProjectionError> {
        let sql =
            format!("SELECT {COLUMNS} FROM proceeding WHERE authority = ?1 ORDER BY position");
        let mut statement = self.statement(&sql)?;
        let mut rows = statement.query([authority])?;
        while let Some(row) = rows.next()? {
            each(self.checked_proceeding(read(row)?)?)?;
        }
        Ok(())
    }

    /// The next cases of the authority with this number after a position, at most `most`.
    pub(crate) fn proceedings_after(
        &self,
        authority: i64,
        after: u64,
        most: usize,
    ) -> Result<Vec<ProceedingRow>, ProjectionError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM proceeding WHERE authority = ?1 AND position > ?2
             ORDER BY position LIMIT ?3"
        );
        let mut statement = self.statement(&sql)?;
        let mut rows = statement.query(params![authority, after as i64, most as i64])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(self.checked_proceeding(read(row)?)?);
        }
        Ok(found)
    }

    /// Whether any record was submitted by an authority.
    pub(crate) fn has_proceedings(&self) -> Result<bool, ProjectionError> {
        let mut statement = self.statement("SELECT EXISTS (SELECT 1 FROM proceeding)")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    fn checked_proceeding(
        &self,
        (row, tag): (Option<ProceedingRow>, Vec<u8>),
    ) -> Result<ProceedingRow, ProjectionError> {
        let row = row.ok_or(ProjectionError::Broken("proceeding"))?;
        check("proceeding", &row.tag(&self.mac), &tag)?;
        Ok(row)
    }

    pub(crate) fn put_proceeding(&self, row: &ProceedingRow) -> Result<(), ProjectionError> {
        self.statement(
            "INSERT INTO proceeding(position, id, organisation, authority, steps, schedule, erasable,
                adverse, subject, occurred, successor, document, mac)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT(position) DO UPDATE SET
                organisation = excluded.organisation, steps = excluded.steps,
                schedule = excluded.schedule, erasable = excluded.erasable,
                occurred = excluded.occurred, successor = excluded.successor,
                document = excluded.document, mac = excluded.mac",
        )?
        .execute(params![
            row.position as i64,
            row.id.bytes(),
            row.organisation as i64,
            row.authority,
            row.encoded_steps(),
            row.encoded_schedule(),
            row.erasable.map(Instant::micros),
            row.adverse,
            row.subject as i64,
            row.encoded_occurred(),
            row.successor.map(RecordId::bytes),
            row.document,
            row.tag(&self.mac),
        ])?;
        self.statement("DELETE FROM turn WHERE proceeding = ?1")?.execute([row.position as i64])?;
        let mut turn =
            self.statement("INSERT OR IGNORE INTO turn(at, proceeding) VALUES (?1, ?2)")?;
        for (at, _) in &row.schedule {
            turn.execute(params![at.micros(), row.position as i64])?;
        }
        Ok(())
    }
}

/// The row and its tag; no row where the columns cannot be what was written.
fn read(row: &Row<'_>) -> rusqlite::Result<(Option<ProceedingRow>, Vec<u8>)> {
    let read = || -> Option<ProceedingRow> {
        Some(ProceedingRow {
            position: row.get::<_, i64>(0).ok()? as u64,
            id: RecordId::from_bytes(row.get(1).ok()?),
            organisation: row.get::<_, i64>(2).ok()? as u64,
            authority: row.get(3).ok()?,
            steps: ProceedingRow::decoded_steps(row.get_ref(4).ok()?.as_blob().ok()?)?,
            schedule: ProceedingRow::decoded_schedule(row.get_ref(5).ok()?.as_blob().ok()?)?,
            erasable: row.get::<_, Option<i64>>(6).ok()?.map(Instant::from_micros),
            adverse: row.get(7).ok()?,
            subject: row.get::<_, i64>(8).ok()? as u64,
            occurred: ProceedingRow::decoded_occurred(row.get_ref(9).ok()?.as_blob().ok()?)?,
            successor: row.get::<_, Option<[u8; 16]>>(10).ok()?.map(RecordId::from_bytes),
            document: row.get(11).ok()?,
        })
    };
    Ok((read(), row.get(12)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exposures_round_trip() {
        let mut exposures = vec![Exposure::Nothing, Exposure::CorrectedTombstone];
        for objected in [false, true] {
            for interim in [false, true] {
                exposures.push(Exposure::Shown { objected, interim });
            }
        }
        exposures.extend(WithdrawalReason::ALL.iter().map(|it| Exposure::WithdrawnTombstone(*it)));
        for exposure in exposures {
            assert_eq!(exposure_of(exposure_code(exposure)), Some(exposure));
        }
        for code in [9, 15, 99, u64::MAX] {
            assert_eq!(exposure_of(code), None, "{code}");
        }
    }
}
