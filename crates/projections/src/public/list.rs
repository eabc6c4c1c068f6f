//! Lists in figures and page by page, and how their sources stand.

use std::collections::HashMap;

use domain::civil::Instant;
use domain::event::{EventBody, SnapshotTaken};
use domain::ids::RecordId;
use domain::organisation::Name;
use domain::text::ListId;
use due_process::quotation::{self, State};
use ledger::LedgerReader;
use rusqlite::params;

use super::{Missing, PublicReader, Request};
use crate::ProjectionError;
use crate::answers::{Figures, ListPage, ListRow, ListSummary, SourceStatus};
use crate::file::RecordView;
use crate::rows::RecordRow;

impl PublicReader {
    /// Organisations that answer and records that are shown. Looks at every record: callers keep
    /// the answer until position or boundary change.
    pub fn figures(&self, ledger: &LedgerReader, now: Instant) -> Result<Figures, ProjectionError> {
        self.asked(ledger, now, |request| {
            let mut records = 0;
            let mut organisations = std::collections::HashSet::new();
            request.base.each_record(&mut |row| {
                if request.is_shown(&row)? {
                    records += 1;
                    organisations.insert(row.organisation);
                }
                Ok(())
            })?;
            let organisations = request.without_aliases(organisations)?;
            Ok(Figures { position: request.cursor, organisations, records })
        })
    }

    /// Every list that was ever read, by id.
    pub fn lists(
        &self,
        ledger: &LedgerReader,
        now: Instant,
    ) -> Result<Vec<ListSummary>, ProjectionError> {
        self.asked(ledger, now, |request| {
            let mut lists = Vec::new();
            for list in request.base.lists()? {
                lists.push(request.summary(list)?);
            }
            lists.sort_by(|one, other| one.id.cmp(&other.id));
            Ok(lists)
        })
    }

    /// A page of a list, by record id, after `after`; `None` for a list that was never read.
    pub fn list(
        &self,
        ledger: &LedgerReader,
        id: &ListId,
        after: Option<RecordId>,
        limit: usize,
        now: Instant,
    ) -> Result<Option<ListPage>, ProjectionError> {
        self.asked(ledger, now, |request| {
            let Some(list) = request.base.term(id.as_str())? else { return Ok(None) };
            if !request.base.lists()?.contains(&list) {
                return Ok(None);
            }
            let mut page = ListPage {
                summary: request.summary(list)?,
                entries: Vec::new(),
                next: None,
                broken: 0,
            };
            let (mut last, mut met, is_first) = (None, 0, after.is_none());
            let after = after.map_or([0; 16], RecordId::bytes);
            let rest = "WHERE list = ?1 AND id > ?2 ORDER BY id";
            request.base.records(rest, params![list, after], &mut |row| {
                if !request.is_shown(&row)? {
                    return Ok(true);
                }
                if page.entries.len() >= limit {
                    page.next = last;
                    return Ok(false);
                }
                match request.list_row(&row, id)? {
                    Ok(entry) => page.entries.push(entry),
                    Err(Missing::Broken) => page.broken += 1,
                    Err(Missing::Destroyed) => {}
                }
                last = Some(row.id);
                met += 1;
                Ok(true)
            })?;
            // On a page that is the whole list a row that is missing is noticed.
            if is_first && page.next.is_none() && met != page.summary.shown {
                return Err(ProjectionError::Broken("record"));
            }
            Ok(Some(page))
        })
    }

    /// How each source stands, by list.
    pub fn sources(
        &self,
        ledger: &LedgerReader,
        now: Instant,
    ) -> Result<Vec<SourceStatus>, ProjectionError> {
        self.asked(ledger, now, |request| {
            let mut sources = Vec::new();
            for list in request.base.lists()? {
                let Some(taken) = request.last_reading(list)? else { continue };
                sources.push(SourceStatus {
                    list: taken.list,
                    authority: taken.authority,
                    profile: taken.profile,
                    last_read: Some(taken.read_on),
                    rows: taken.rows,
                    standing: taken.standing,
                    vanished: taken.vanished,
                    current: request.is_current(list)?,
                });
            }
            sources.sort_by(|one, other| one.list.cmp(&other.list));
            Ok(sources)
        })
    }
}

impl Request<'_> {
    fn summary(&self, list: i64) -> Result<ListSummary, ProjectionError> {
        let id = self.base.term_text(list)?;
        let id = ListId::new(&id).ok_or(ProjectionError::Broken("term"))?;
        let states = self.states(list)?;
        let count = |is: fn(State) -> bool| -> u64 {
            states.iter().filter(|(state, _)| is(**state)).map(|(_, records)| records).sum()
        };
        let taken = self.last_reading(list)?;
        Ok(ListSummary {
            id,
            shown: count(quotation::is_shown),
            current: count(quotation::counts),
            last_read: taken.as_ref().map(|taken| taken.read_on),
            rows: taken.map_or(0, |taken| taken.rows),
        })
    }

    /// Quotations of a list by state; vanished ones are not counted.
    fn states(&self, list: i64) -> Result<HashMap<State, u64>, ProjectionError> {
        let mut clock = self.clock.borrow_mut();
        let full = clock.full_reading(list)?;
        let mut states = HashMap::new();
        for (tally, records) in self.base.tallies(list)? {
            let state = tally.terms(full).state(self.now, clock.today(tally.zone)?);
            *states.entry(state).or_default() += records;
        }
        Ok(states)
    }

    /// Whether nothing that stands is older than its source allows.
    fn is_current(&self, list: i64) -> Result<bool, ProjectionError> {
        let states = self.states(list)?;
        Ok(!states.contains_key(&State::NotCurrent) && !states.contains_key(&State::Hidden))
    }

    /// The last reading from beginning to end, else the last one in part, from its opening.
    fn last_reading(&self, list: i64) -> Result<Option<SnapshotTaken>, ProjectionError> {
        let row = self.base.reading(list)?.ok_or(ProjectionError::Broken("reading"))?;
        let Some((position, _)) = row.full.or(row.part) else { return Ok(None) };
        match self.event(position)? {
            Ok(event) => match event.body {
                EventBody::SnapshotTaken(taken) => Ok(Some(taken)),
                _ => Err(ProjectionError::Broken("reading")),
            },
            Err(_) => Err(ProjectionError::Broken("truth")),
        }
    }

    fn list_row(
        &self,
        row: &RecordRow,
        list: &ListId,
    ) -> Result<Result<ListRow, Missing>, ProjectionError> {
        let registered = match self.event(row.organisation)? {
            Ok(event) => match event.body {
                EventBody::OrganisationRegistered(registered) => registered,
                _ => return Err(ProjectionError::Broken("record")),
            },
            Err(missing) => return Ok(Err(missing)),
        };
        let organisation = registered.organisation;
        let (at, record) = match self.event(row.current)? {
            Ok(event) => match event.body {
                EventBody::RecordSubmitted(record) | EventBody::RecordRevised(record) => {
                    (event.at, record)
                }
                _ => return Err(ProjectionError::Broken("record")),
            },
            Err(missing) => return Ok(Err(missing)),
        };
        let is_same = record.id == row.id
            && record.quotation.list == *list
            && record.subject.organisation == organisation;
        if !is_same {
            return Err(ProjectionError::Broken("record"));
        }
        // The record is shown, so what its publisher says about the organisation is too; what
        // another said may be withheld.
        let name = if registered.authority == record.quotation.publisher {
            registered.name
        } else {
            match self.main_name(row.organisation)? {
                Some(name) => name,
                None => return Ok(Err(Missing::Broken)),
            }
        };
        let read_on = self.last_read(row)?;
        let state = quotation::state(&record, read_on, row.vanished, self.now);
        let record =
            RecordView { record: *record, position: row.current, submitted_at: at, read_on, state };
        Ok(Ok(ListRow { record, name }))
    }

    /// The main name in the file of the organisation registered at `position`.
    fn main_name(&self, position: u64) -> Result<Option<Name>, ProjectionError> {
        let row = self.base.organisation_at(position)?;
        let row = row.ok_or(ProjectionError::Broken("organisation"))?;
        Ok(self.assemble(&row, &self.view())?.file.map(|file| file.name))
    }
}
