//! The public reader: answers made of openings that were re-hashed in the same request. It has no
//! way to name a table, so nothing that is not public can be asked for through it.

mod file;
mod identity;
mod list;
mod log;
mod performance;
mod proceedings;
mod search;
mod standing;
mod visible;
mod withdrawn;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::rc::Rc;

use domain::authority::AuthorityKey;
use domain::civil::{Day, Instant, Zone};
use domain::event::{Event, EventBody};
use domain::ids::RecordId;
use domain::record::Record;
use due_process::quotation::{self, State};
use ledger::{LedgerReader, Opened};
use rusqlite::{Connection, OpenFlags};

use crate::announcements::Clock;
use crate::base::Base;
use crate::file::{OrganisationFile, View, fold};
use crate::rows::{EventKind, OrganisationRow, RecordRow};
use crate::{ProjectionError, schema};
use visible::for_the_public;

/// Reads `read.db`; one per thread.
pub struct PublicReader {
    base: Base,
}

impl PublicReader {
    /// Opens the file for reading.
    ///
    /// # Errors
    /// [`ProjectionError::Outdated`] when it was made by another version or for another registry.
    pub fn open(path: &Path, mac_key: [u8; 32]) -> Result<PublicReader, ProjectionError> {
        let unfit = |error: ProjectionError| error.on_opening(path);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        schema::configure_reader(&connection)?;
        if schema::version(&connection).map_err(unfit)? != schema::VERSION {
            return Err(ProjectionError::Outdated(path.to_owned()));
        }
        let base = Base::new(connection, mac_key);
        base.cursor().map_err(unfit)?;
        Ok(PublicReader { base })
    }

    /// Keeps pages of at most `mebibytes` MiB in memory.
    pub fn keep_pages(&self, mebibytes: u32) -> Result<(), ProjectionError> {
        self.base.keep_pages(mebibytes)
    }

    /// Entries at positions below this one are in the tables.
    pub fn cursor(&self) -> Result<u64, ProjectionError> {
        self.base.cursor()
    }

    /// The last instant at which time alone may have changed an answer, and the next one. Ends and
    /// ages of quotations count in days of a publisher's zone, so these are midnights; cases turn
    /// at instants of their own.
    pub fn boundaries(
        &self,
        now: Instant,
    ) -> Result<(Option<Instant>, Option<Instant>), ProjectionError> {
        let (mut last, mut next) = (None, None);
        let mut zones = self.base.zones()?;
        // Figures of authorities are those of the last midnight of UTC.
        if self.base.has_proceedings()? {
            zones.push(Zone::UTC);
        }
        for zone in zones {
            let today = now.day_in(&zone);
            let (begun, over) = (zone.start_of(today), zone.end_of(today));
            last = last.max(Some(begun));
            next = Some(next.map_or(over, |next: Instant| next.min(over)));
        }
        let (turned, turns) = self.base.turns(now)?;
        last = last.max(turned);
        next = match (next, turns) {
            (Some(next), Some(turns)) => Some(next.min(turns)),
            (next, turns) => next.or(turns),
        };
        Ok((last, next))
    }

    /// Runs `answer` on one state of the tables.
    fn asked<'a, T>(
        &'a self,
        ledger: &'a LedgerReader,
        now: Instant,
        answer: impl FnOnce(&Request<'a>) -> Result<T, ProjectionError>,
    ) -> Result<T, ProjectionError> {
        // Dropped at the end without a commit: nothing was written.
        let _snapshot = self.base.connection.unchecked_transaction()?;
        // A clock that went back does not bring back what was over when the last entry was made.
        let now = now.max(ledger.last_at()?);
        let request = Request {
            base: &self.base,
            ledger,
            now,
            cursor: self.base.cursor()?,
            clock: RefCell::new(Clock::new(&self.base, now)),
            supporters: RefCell::new(HashMap::new()),
        };
        answer(&request)
    }
}

/// One request: tables and ledger at one moment.
struct Request<'a> {
    base: &'a Base,
    ledger: &'a LedgerReader,
    now: Instant,
    cursor: u64,
    clock: RefCell<Clock<'a>>,
    /// Authorities that have a record shown, by organisation, as far as asked.
    supporters: RefCell<HashMap<u64, Rc<BTreeSet<i64>>>>,
}

/// An organisation's file as far as its openings hold.
struct Assembled {
    file: Option<OrganisationFile>,
    /// Entries that do not match the log.
    broken: u64,
}

impl Request<'_> {
    fn view(&self) -> View {
        View { at: self.cursor, on: self.now, now: self.now }
    }

    fn state(&self, row: &RecordRow) -> Result<State, ProjectionError> {
        let mut clock = self.clock.borrow_mut();
        let terms = row.terms(clock.full_reading(row.list)?);
        Ok(terms.state(self.now, clock.today(row.zone)?))
    }

    fn is_shown(&self, row: &RecordRow) -> Result<bool, ProjectionError> {
        Ok(quotation::is_shown(self.state(row)?))
    }

    /// The day a row was last read.
    fn last_read(&self, row: &RecordRow) -> Result<Day, ProjectionError> {
        let full = self.clock.borrow_mut().full_reading(row.list)?;
        Ok(row.terms(full).last_read)
    }

    /// The rows of an organisation's records, those that moved elsewhere included.
    fn record_rows(&self, row: &OrganisationRow) -> Result<Vec<RecordRow>, ProjectionError> {
        row.events
            .iter()
            .filter(|(_, event)| event.kind == EventKind::Submitted)
            .map(|(position, _)| {
                self.base.record_at(*position)?.ok_or(ProjectionError::Broken("record"))
            })
            .collect()
    }

    /// Whether a record that is shown supports the organisation (design 9.10).
    fn is_supported(&self, row: &OrganisationRow) -> Result<bool, ProjectionError> {
        Ok(!self.supporters(row)?.is_empty())
    }

    /// Whether a record of `authority` that is shown supports what it says about the organisation.
    fn is_supported_by(
        &self,
        row: &OrganisationRow,
        authority: &AuthorityKey,
    ) -> Result<bool, ProjectionError> {
        for supporter in self.supporters(row)?.iter() {
            if self.base.term_text(*supporter)? == authority.as_str() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Authorities that have a record of the organisation shown, as numbers of their keys.
    fn supporters(&self, row: &OrganisationRow) -> Result<Rc<BTreeSet<i64>>, ProjectionError> {
        if let Some(known) = self.supporters.borrow().get(&row.position) {
            return Ok(known.clone());
        }
        let mut supporters = BTreeSet::new();
        for record in self.record_rows(row)? {
            if record.organisation == row.position && self.is_shown(&record)? {
                let event = row.events.get(&record.current);
                supporters.insert(event.ok_or(ProjectionError::Broken("organisation"))?.authority);
            }
        }
        for case in self.base.proceedings_of(row.position)? {
            if case.is_shown(self.now) {
                supporters.insert(case.authority);
            }
        }
        let supporters = Rc::new(supporters);
        self.supporters.borrow_mut().insert(row.position, supporters.clone());
        Ok(supporters)
    }

    /// The event at `position`, checked against the log: `Err` says why there is none.
    fn event(&self, position: u64) -> Result<Result<Event, Missing>, ProjectionError> {
        Ok(match self.ledger.event(position)? {
            Some(Opened::Event(event, opening)) => Ok(*for_the_public(event, opening)?.0),
            Some(Opened::Destroyed) => Err(Missing::Destroyed),
            _ => Err(Missing::Broken),
        })
    }

    /// Puts an organisation's file together. A record whose standing revision does not match the
    /// log is left out with all its revisions: an older one must not take its place.
    fn assemble(&self, row: &OrganisationRow, view: &View) -> Result<Assembled, ProjectionError> {
        let records = self.record_rows(row)?;
        let (mut events, mut missing) = (Vec::new(), HashMap::new());
        let listed = row.events.iter().filter(|(_, event)| event.kind != EventKind::Case);
        for (position, _) in listed {
            match self.event(*position)? {
                Ok(event) => events.push((*position, event)),
                Err(reason) => {
                    missing.insert(*position, reason);
                }
            }
        }
        match missing.get(&row.position) {
            Some(Missing::Broken) => return Err(ProjectionError::Broken("organisation")),
            Some(Missing::Destroyed) => return Ok(Assembled { file: None, broken: 0 }),
            None => {}
        }
        let broken = self.broken(row, &records, &missing)?;
        let mut kept: HashMap<RecordId, (u64, Day)> = HashMap::new();
        // A record that is about another organisation now is told there, with all its revisions.
        for record in records.iter().filter(|record| record.organisation == row.position) {
            match missing.get(&record.current) {
                Some(_) => {}
                // The row knows of an end that the events no longer tell.
                None if record.vanished => {}
                None => {
                    kept.insert(record.id, (record.current, self.last_read(record)?));
                }
            }
        }
        events.retain(|(_, event)| event.body.record().is_none_or(|id| kept.contains_key(&id)));
        for (id, (current, _)) in &kept {
            let last = events.iter().rev().find_map(|(position, event)| match &event.body {
                EventBody::RecordSubmitted(record) | EventBody::RecordRevised(record) => {
                    (record.id == *id).then_some(position)
                }
                _ => None,
            });
            if last != Some(current) {
                return Err(ProjectionError::Broken("record"));
            }
        }
        let last_read = |record: &Record| {
            kept.get(&record.id).map_or(record.quotation.read_on, |(_, last_read)| *last_read)
        };
        let cases = self.case_views(row, view.at)?;
        let file = fold(&events, &last_read, view, cases);
        if file.as_ref().is_some_and(|file| file.id != row.id) {
            return Err(ProjectionError::Broken("organisation"));
        }
        Ok(Assembled { file, broken })
    }

    /// Entries that do not match the log and would be seen otherwise: those of the organisation,
    /// and those of records that may be shown. What may not be shown is not hinted at either.
    fn broken(
        &self,
        row: &OrganisationRow,
        records: &[RecordRow],
        missing: &HashMap<u64, Missing>,
    ) -> Result<u64, ProjectionError> {
        let mut shown = Vec::new();
        for record in records.iter().filter(|record| record.organisation == row.position) {
            if self.is_shown(record)? {
                shown.push(record);
            }
        }
        let supporters = self.supporters(row)?;
        let mut broken = 0;
        for (position, event) in &row.events {
            let is_seen = match event.kind {
                EventKind::Own => supporters.contains(&event.authority),
                EventKind::Submitted => shown.iter().any(|record| record.position == *position),
                // An intermediate revision does not say whose it is while it cannot be read.
                EventKind::Revised => {
                    shown.iter().any(|record| record.current == *position || record.revision > 2)
                }
                EventKind::Vanished | EventKind::Identity | EventKind::Case => false,
            };
            if is_seen && missing.get(position) == Some(&Missing::Broken) {
                broken += 1;
            }
        }
        Ok(broken)
    }
}

/// Why there is no event at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    Destroyed,
    Broken,
}
