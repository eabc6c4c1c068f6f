//! Reading rows of `read.db`, each checked against its keyed hash. Shared by the handle that
//! follows the log and by the public reader.

use domain::civil::{Day, Instant, Zone};
use domain::ids::{OrganisationId, RecordId, RowKey};
use due_process::quotation::Freshness;
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, Row, params};

use crate::ProjectionError;
use crate::mac::{Column, RowMac, Tag};
use crate::rows::{OrganisationRow, ReadingRow, RecordRow, TallyKey, Term};

/// A connection with the key of its rows.
pub(crate) struct Base {
    pub connection: Connection,
    pub mac: RowMac,
}

const ORGANISATION: &str = "position, id, single_owner, events, claims, names, mac";
const RECORD: &str = "position, id, organisation, list, current, revision, row_key, row_digest, start, end_at, \
                      zone, read_on, reread_on, current_days, hidden_days, vanished, mac";

impl Base {
    pub(crate) fn new(connection: Connection, mac_key: [u8; 32]) -> Base {
        Base { connection, mac: RowMac::new(&mac_key) }
    }

    pub(crate) fn statement(&self, sql: &str) -> Result<CachedStatement<'_>, ProjectionError> {
        Ok(self.connection.prepare_cached(sql)?)
    }

    /// Keeps pages of at most `mebibytes` MiB in memory. SQLite counts them in KiB, as a negative
    /// number.
    pub(crate) fn keep_pages(&self, mebibytes: u32) -> Result<(), ProjectionError> {
        let kibibytes = i64::from(mebibytes) * 1024;
        Ok(self.connection.pragma_update(None, "cache_size", -kibibytes)?)
    }

    /// Events at positions below this one are in the tables.
    pub(crate) fn cursor(&self) -> Result<u64, ProjectionError> {
        let mut statement = self.statement("SELECT value, mac FROM meta WHERE key = 'cursor'")?;
        let row: Option<(i64, Vec<u8>)> =
            statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let (value, tag) = row.ok_or(ProjectionError::Broken("meta"))?;
        check("meta", &self.meta_tag("cursor", value), &tag)?;
        Ok(value as u64)
    }

    pub(crate) fn set_cursor(&self, cursor: u64) -> Result<(), ProjectionError> {
        self.statement("INSERT OR REPLACE INTO meta(key, value, mac) VALUES ('cursor', ?1, ?2)")?
            .execute(params![cursor as i64, self.meta_tag("cursor", cursor as i64)])?;
        Ok(())
    }

    fn meta_tag(&self, key: &str, value: i64) -> Tag {
        self.mac.tag("meta", &[Column::Bytes(key.as_bytes()), Column::Integer(value)])
    }

    /// The number that stands for a key (a list, a zone, an authority); `None` when it never
    /// occurred.
    pub(crate) fn term(&self, text: &str) -> Result<Option<i64>, ProjectionError> {
        let mut statement =
            self.statement("SELECT number, text, uses, mac FROM term WHERE text = ?1")?;
        let row = statement.query_row([text], read_term).optional()?;
        row.map(|row| self.checked_term(row).map(|term| term.number)).transpose()
    }

    /// The key a number stands for.
    pub(crate) fn term_text(&self, number: i64) -> Result<String, ProjectionError> {
        Ok(self.term_at(number)?.ok_or(ProjectionError::Broken("term"))?.text)
    }

    /// The key with this number, and how often it is used.
    pub(crate) fn term_at(&self, number: i64) -> Result<Option<Term>, ProjectionError> {
        let mut statement =
            self.statement("SELECT number, text, uses, mac FROM term WHERE number = ?1")?;
        let row = statement.query_row([number], read_term).optional()?;
        row.map(|row| self.checked_term(row)).transpose()
    }

    /// Every key that occurs: a few hundred at most.
    pub(crate) fn terms(&self) -> Result<Vec<Term>, ProjectionError> {
        let mut statement =
            self.statement("SELECT number, text, uses, mac FROM term ORDER BY number")?;
        let mut rows = statement.query([])?;
        let mut terms = Vec::new();
        while let Some(row) = rows.next()? {
            terms.push(self.checked_term(read_term(row)?)?);
        }
        Ok(terms)
    }

    fn checked_term(&self, (term, tag): (Term, Vec<u8>)) -> Result<Term, ProjectionError> {
        check("term", &self.term_tag(&term), &tag)?;
        Ok(term)
    }

    fn term_tag(&self, term: &Term) -> Tag {
        let text = Column::Bytes(term.text.as_bytes());
        self.mac.tag("term", &[Column::Integer(term.number), text, Column::Integer(term.uses)])
    }

    /// Puts a key with its count; one that nothing uses any more is no row.
    pub(crate) fn put_term(&self, term: &Term) -> Result<(), ProjectionError> {
        if term.uses == 0 {
            self.statement("DELETE FROM term WHERE number = ?1")?.execute([term.number])?;
            return Ok(());
        }
        self.statement(
            "INSERT OR REPLACE INTO term(number, text, uses, mac) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![term.number, term.text, term.uses, self.term_tag(term)])?;
        Ok(())
    }

    /// Puts how many records have days of this zone; a zone without any is no row.
    pub(crate) fn put_zone(&self, number: i64, records: i64) -> Result<(), ProjectionError> {
        if records == 0 {
            self.statement("DELETE FROM zone WHERE number = ?1")?.execute([number])?;
            return Ok(());
        }
        self.statement("INSERT OR REPLACE INTO zone(number, records, mac) VALUES (?1, ?2, ?3)")?
            .execute(params![number, records, self.zone_tag(number, records)])?;
        Ok(())
    }

    /// How many records have days of this zone.
    pub(crate) fn zone_records(&self, number: i64) -> Result<i64, ProjectionError> {
        let mut statement = self.statement("SELECT records, mac FROM zone WHERE number = ?1")?;
        let row: Option<(i64, Vec<u8>)> =
            statement.query_row([number], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((records, tag)) = row else { return Ok(0) };
        check("zone", &self.zone_tag(number, records), &tag)?;
        Ok(records)
    }

    fn zone_tag(&self, number: i64, records: i64) -> Tag {
        self.mac.tag("zone", &[Column::Integer(number), Column::Integer(records)])
    }

    /// Zones that records have days of: a handful, asked for with every page.
    pub(crate) fn zones(&self) -> Result<Vec<Zone>, ProjectionError> {
        let mut statement =
            self.statement("SELECT number, records, mac FROM zone ORDER BY number")?;
        let mut rows = statement.query([])?;
        let mut zones = Vec::new();
        while let Some(row) = rows.next()? {
            let (number, records, tag): (i64, i64, Vec<u8>) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            check("zone", &self.zone_tag(number, records), &tag)?;
            zones.push(self.zone(number)?);
        }
        Ok(zones)
    }

    /// The zone a number stands for.
    pub(crate) fn zone(&self, number: i64) -> Result<Zone, ProjectionError> {
        Ok(self.term_text(number)?.parse().unwrap_or(Zone::UTC))
    }

    pub(crate) fn organisation(
        &self,
        id: OrganisationId,
    ) -> Result<Option<OrganisationRow>, ProjectionError> {
        let mut statement =
            self.statement(&format!("SELECT {ORGANISATION} FROM organisation WHERE id = ?1"))?;
        self.checked_organisation(statement.query_row([id.bytes()], read_organisation).optional()?)
    }

    pub(crate) fn organisation_at(
        &self,
        position: u64,
    ) -> Result<Option<OrganisationRow>, ProjectionError> {
        let sql = format!("SELECT {ORGANISATION} FROM organisation WHERE position = ?1");
        let mut statement = self.statement(&sql)?;
        self.checked_organisation(
            statement.query_row([position as i64], read_organisation).optional()?,
        )
    }

    fn checked_organisation(
        &self,
        found: Option<(Option<OrganisationRow>, Vec<u8>)>,
    ) -> Result<Option<OrganisationRow>, ProjectionError> {
        let Some((row, tag)) = found else { return Ok(None) };
        let row = row.ok_or(ProjectionError::Broken("organisation"))?;
        check("organisation", &row.tag(&self.mac), &tag)?;
        Ok(Some(row))
    }

    /// Entries about identity.
    pub(crate) fn identity_entries(&self) -> Result<u64, ProjectionError> {
        let mut statement = self.statement("SELECT count(*) FROM identity")?;
        Ok(statement.query_row([], |row| row.get::<_, i64>(0))? as u64)
    }

    /// Every organisation in the order of registration.
    pub(crate) fn each_organisation(
        &self,
        each: &mut dyn FnMut(OrganisationRow) -> Result<(), ProjectionError>,
    ) -> Result<(), ProjectionError> {
        let sql = format!("SELECT {ORGANISATION} FROM organisation ORDER BY position");
        let mut statement = self.statement(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if let Some(row) = self.checked_organisation(Some(read_organisation(row)?))? {
                each(row)?;
            }
        }
        Ok(())
    }

    pub(crate) fn record(&self, id: RecordId) -> Result<Option<RecordRow>, ProjectionError> {
        let mut statement =
            self.statement(&format!("SELECT {RECORD} FROM record WHERE id = ?1"))?;
        self.checked_record(statement.query_row([id.bytes()], read_record).optional()?)
    }

    pub(crate) fn record_at(&self, position: u64) -> Result<Option<RecordRow>, ProjectionError> {
        let mut statement =
            self.statement(&format!("SELECT {RECORD} FROM record WHERE position = ?1"))?;
        self.checked_record(statement.query_row([position as i64], read_record).optional()?)
    }

    pub(crate) fn each_record(
        &self,
        each: &mut dyn FnMut(RecordRow) -> Result<(), ProjectionError>,
    ) -> Result<(), ProjectionError> {
        self.records("ORDER BY position", params![], &mut |row| each(row).map(|()| true))
    }

    /// The records that `rest` of the statement selects, until `each` says `false`.
    pub(crate) fn records(
        &self,
        rest: &str,
        parameters: &[&dyn rusqlite::ToSql],
        each: &mut dyn FnMut(RecordRow) -> Result<bool, ProjectionError>,
    ) -> Result<(), ProjectionError> {
        let mut statement = self.statement(&format!("SELECT {RECORD} FROM record {rest}"))?;
        let mut rows = statement.query(parameters)?;
        while let Some(row) = rows.next()? {
            if let Some(row) = self.checked_record(Some(read_record(row)?))?
                && !each(row)?
            {
                break;
            }
        }
        Ok(())
    }

    fn checked_record(
        &self,
        found: Option<(Option<RecordRow>, Vec<u8>)>,
    ) -> Result<Option<RecordRow>, ProjectionError> {
        let Some((row, tag)) = found else { return Ok(None) };
        let row = row.ok_or(ProjectionError::Broken("record"))?;
        check("record", &row.tag(&self.mac), &tag)?;
        Ok(Some(row))
    }

    pub(crate) fn claim_tag(&self, key: &str, organisation: u64) -> Tag {
        let organisation = Column::Integer(organisation as i64);
        self.mac.tag("claim", &[Column::Bytes(key.as_bytes()), organisation])
    }

    /// Organisations said to bear the identifier `scheme:value`, in the order of registration.
    pub(crate) fn claimants(&self, key: &str, limit: usize) -> Result<Vec<u64>, ProjectionError> {
        let mut statement = self.statement(
            "SELECT organisation, mac FROM claim WHERE key = ?1 ORDER BY organisation LIMIT ?2",
        )?;
        let rows = statement.query_map(params![key, limit as i64], |row| {
            Ok((row.get::<_, i64>(0)?, row.get(1)?))
        })?;
        let mut found = Vec::new();
        for row in rows {
            let (organisation, tag): (i64, Vec<u8>) = row?;
            check("claim", &self.claim_tag(key, organisation as u64), &tag)?;
            found.push(organisation as u64);
        }
        Ok(found)
    }

    pub(crate) fn entry_tag(&self, authority: i64, key: RowKey, organisation: u64) -> Tag {
        self.mac.tag(
            "entry",
            &[
                Column::Integer(authority),
                Column::Bytes(&key.0),
                Column::Integer(organisation as i64),
            ],
        )
    }

    /// The organisation that stands for a publisher's entry: the first that was registered for it.
    pub(crate) fn entry(
        &self,
        authority: i64,
        key: RowKey,
    ) -> Result<Option<u64>, ProjectionError> {
        let mut statement = self.statement(
            "SELECT organisation, mac FROM entry WHERE authority = ?1 AND key = ?2
                 ORDER BY organisation LIMIT 1",
        )?;
        let row: Option<(i64, Vec<u8>)> = statement
            .query_row(params![authority, key.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((organisation, tag)) = row else { return Ok(None) };
        check("entry", &self.entry_tag(authority, key, organisation as u64), &tag)?;
        Ok(Some(organisation as u64))
    }

    /// The last readings of a list; `None` when the list never occurred.
    pub(crate) fn reading(&self, list: i64) -> Result<Option<ReadingRow>, ProjectionError> {
        let mut statement = self.statement(
            "SELECT full_position, full_read_on, part_position, part_read_on, standing, mac
             FROM reading WHERE list = ?1",
        )?;
        let row: Option<([Option<i64>; 5], Vec<u8>)> = statement
            .query_row([list], |row| {
                let columns = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
                Ok((columns, row.get(5)?))
            })
            .optional()?;
        let Some((columns, tag)) = row else { return Ok(None) };
        check("reading", &ReadingRow::tag(&self.mac, list, columns), &tag)?;
        Ok(Some(ReadingRow::from_columns(list, columns)))
    }

    pub(crate) fn put_reading(&self, row: &ReadingRow) -> Result<(), ProjectionError> {
        let tag = ReadingRow::tag(&self.mac, row.list, row.columns());
        let [one, two, three, four, five] = row.columns();
        self.statement("INSERT OR REPLACE INTO reading VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
            .execute(params![row.list, one, two, three, four, five, tag])?;
        Ok(())
    }

    /// Lists that occur, as numbers of their terms.
    pub(crate) fn lists(&self) -> Result<Vec<i64>, ProjectionError> {
        let mut statement = self.statement("SELECT list FROM reading ORDER BY list")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<Vec<i64>, _>>()?)
    }

    /// Counts of records that time treats alike, of one list; what stands is in one of them.
    pub(crate) fn tallies(&self, list: i64) -> Result<Vec<(TallyKey, u64)>, ProjectionError> {
        let reading = self.reading(list)?.ok_or(ProjectionError::Broken("reading"))?;
        let mut statement = self.statement(
            "SELECT list, zone, end_at, own_read, current_days, hidden_days, records, mac FROM tally
             WHERE list = ?1",
        )?;
        let mut rows = statement.query([list])?;
        let mut tallies = Vec::new();
        while let Some(row) = rows.next()? {
            let (key, records, tag) = read_tally(row)?;
            check("tally", &key.tag(&self.mac, records), &tag)?;
            tallies.push((key, records as u64));
        }
        if tallies.iter().map(|(_, records)| *records as i64).sum::<i64>() != reading.standing {
            return Err(ProjectionError::Broken("tally"));
        }
        Ok(tallies)
    }
}

/// Compares a row with its keyed hash.
pub(crate) fn check(table: &'static str, made: &Tag, stored: &[u8]) -> Result<(), ProjectionError> {
    if made.as_slice() == stored { Ok(()) } else { Err(ProjectionError::Broken(table)) }
}

fn read_term(row: &Row<'_>) -> rusqlite::Result<(Term, Vec<u8>)> {
    let term = Term { number: row.get(0)?, text: row.get(1)?, uses: row.get(2)? };
    Ok((term, row.get(3)?))
}

type Read<T> = rusqlite::Result<(Option<T>, Vec<u8>)>;

/// The row and its tag; no row where the columns cannot be what was written.
fn read_organisation(row: &Row<'_>) -> Read<OrganisationRow> {
    let read = || -> Option<OrganisationRow> {
        let names: String = row.get(5).ok()?;
        Some(OrganisationRow {
            position: row.get::<_, i64>(0).ok()? as u64,
            id: OrganisationId::from_bytes(row.get(1).ok()?),
            is_single_owner: row.get::<_, i64>(2).ok()? != 0,
            events: OrganisationRow::decoded_events(row.get_ref(3).ok()?.as_blob().ok()?)?,
            claims: OrganisationRow::decoded_claims(row.get_ref(4).ok()?.as_str().ok()?)?,
            names: names.lines().map(str::to_owned).collect(),
        })
    };
    Ok((read(), row.get(6)?))
}

fn read_record(row: &Row<'_>) -> Read<RecordRow> {
    let day = |days: i64| Day::from_days_since_epoch(days);
    let read = || -> Option<RecordRow> {
        Some(RecordRow {
            position: row.get::<_, i64>(0).ok()? as u64,
            id: RecordId::from_bytes(row.get(1).ok()?),
            organisation: row.get::<_, i64>(2).ok()? as u64,
            list: row.get(3).ok()?,
            current: row.get::<_, i64>(4).ok()? as u64,
            revision: row.get(5).ok()?,
            row_key: RowKey(row.get(6).ok()?),
            row_digest: RowKey(row.get(7).ok()?),
            start: row.get::<_, Option<i64>>(8).ok()?.map(day),
            end_at: row.get::<_, Option<i64>>(9).ok()?.map(Instant::from_micros),
            zone: row.get(10).ok()?,
            read_on: day(row.get(11).ok()?),
            reread_on: row.get::<_, Option<i64>>(12).ok()?.map(day),
            freshness: Freshness {
                current_days_max: row.get(13).ok()?,
                hidden_after_days: row.get(14).ok()?,
            },
            vanished: row.get::<_, i64>(15).ok()? != 0,
        })
    };
    Ok((read(), row.get(16)?))
}

pub(crate) fn read_tally(row: &Row<'_>) -> rusqlite::Result<(TallyKey, i64, Vec<u8>)> {
    let key = TallyKey {
        list: row.get(0)?,
        zone: row.get(1)?,
        end_at: row.get(2)?,
        own_read: row.get(3)?,
        current_days: row.get(4)?,
        hidden_days: row.get(5)?,
    };
    Ok((key, row.get(6)?, row.get(7)?))
}
