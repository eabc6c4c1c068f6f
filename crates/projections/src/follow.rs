//! Folding events into rows. Which rows an event touches is decided here; what a state means is
//! decided by `due_process` when somebody reads.

use std::collections::{HashMap, HashSet};

use domain::authority::AuthorityKey;
use domain::case::CaseEvent;
use domain::civil::Instant;
use domain::event::{
    Event, EventBody, Extent, IdentifierClaimed, NameClaimed, OrganisationRegistered,
    QuotationVanished, SnapshotTaken,
};
use domain::identity::IdentityDecision;
use domain::ids::RecordId;
use domain::names;
use domain::record::Record;
use due_process::case::{Case, StepAudience};
use due_process::performance;
use due_process::quotation::Freshness;
use ledger::wire::Leaf;
use ledger::{LedgerReader, Opened};
use rusqlite::params;

use crate::announced::Announced;
use crate::base::Base;
use crate::decided::UnknownEntry;
use crate::pending::Pending;
use crate::proceedings::{ProceedingRow, folded};
use crate::rows::{EventKind, ListedEvent, OrganisationRow, ReadingRow, RecordRow};
use crate::single_owner::is_single_owner;
use crate::{ProjectionError, single_owner};

/// Cases held so that each of their steps is folded once only: a few kilobytes each.
const CASES_HELD_MAX: usize = 20_000;

/// Rows held before they are written: a few hundred bytes each.
const PENDING_ROWS_MAX: usize = 100_000;

/// How far a range was folded.
pub(crate) enum Folded {
    /// To its end.
    Done,
    /// Up to an entry that says content was destroyed of which rows were made: they have to go, and
    /// the way to be sure of that is to begin again.
    Erased,
}

/// Folds `from..to` into `base`. `from_start`: destroyed content never got into these tables.
pub(crate) fn fold_range(
    base: &Base,
    reader: &LedgerReader,
    (from, to): (u64, u64),
    from_start: bool,
    progress: &mut dyn FnMut(u64),
) -> Result<Folded, ProjectionError> {
    let mut fold = Fold {
        base,
        reader,
        pending: Pending::default(),
        lists: HashSet::new(),
        terms: HashMap::new(),
        cases: HashMap::new(),
    };
    let mut is_erased = false;
    // Every position is in exactly one range, sealed ones too: a range that is missing is noticed.
    if from < to {
        base.announce(from, to - 1, Announced::Sealed)?;
    }
    reader.scan_ahead(from, to, &mut |position, leaf, opened| {
        if is_erased {
            return Ok(());
        }
        if matches!(leaf, Leaf::Erasure { .. }) && !from_start {
            is_erased = true;
            return Ok(());
        }
        fold.entry(position, leaf, opened)?;
        if position % 1_024 == 0 {
            progress(position);
        }
        Ok::<(), ProjectionError>(())
    })?;
    if is_erased {
        return Ok(Folded::Erased);
    }
    fold.pending.flush(base)?;
    progress(to);
    Ok(Folded::Done)
}

/// The case with this step taken in; `None` where its submission was destroyed.
fn after(before: Option<&Case>, at: Instant, event: &CaseEvent) -> Option<Case> {
    let Some(before) = before else { return Case::begin(at, event) };
    let mut case = before.clone();
    case.apply(at, event);
    Some(case)
}

struct Fold<'a> {
    base: &'a Base,
    reader: &'a LedgerReader,
    pending: Pending,
    /// Lists known to have their row.
    lists: HashSet<i64>,
    /// Numbers of keys met so far: a few dozen lists, zones and authorities.
    terms: HashMap<String, i64>,
    /// Cases met lately: what is not here is folded again from its steps.
    cases: HashMap<RecordId, Case>,
}

impl Fold<'_> {
    fn entry(&mut self, position: u64, leaf: &Leaf, opened: Opened) -> Result<(), ProjectionError> {
        match leaf {
            Leaf::Event { .. } => match opened {
                Opened::Event(event, _) => self.event(position, *event)?,
                Opened::Destroyed => {}
                Opened::Unknown { kind, record } => self.unknown(position, kind, record)?,
                Opened::Broken | Opened::Clear => {
                    return Err(ProjectionError::BrokenEntry(position));
                }
            },
            Leaf::Open { ranges } => self.announce(position, ranges, Announced::Open)?,
            Leaf::Withhold { ranges, .. } => {
                self.announce(position, ranges, Announced::Withheld)?;
            }
            Leaf::Erasure { ranges, .. } => {
                self.announce(position, ranges, Announced::Erased { leaf: position })?;
            }
            // What it says is read from the log.
            Leaf::Statistics(_) => self.base.put_stated(position)?,
            Leaf::Key { .. } | Leaf::Policy { .. } | Leaf::Predecessor { .. } => {}
        }
        if self.pending.len() > PENDING_ROWS_MAX {
            self.pending.flush(self.base)?;
        }
        Ok(())
    }

    /// An entry speaks about what is before it; what it says beyond is said about nothing.
    fn announce(
        &self,
        position: u64,
        ranges: &[(u64, u64)],
        to: Announced,
    ) -> Result<(), ProjectionError> {
        ranges
            .iter()
            .map(|(first, last)| (*first, (*last).min(position)))
            .filter(|(first, last)| first <= last)
            .try_for_each(|(first, last)| self.base.announce(first, last, to))
    }

    fn event(&mut self, position: u64, event: Event) -> Result<(), ProjectionError> {
        match event.body {
            EventBody::OrganisationRegistered(event) => self.registered(position, &event),
            EventBody::IdentifierClaimed(event) => self.identifier(position, event),
            EventBody::NameClaimed(event) => self.name(position, &event),
            EventBody::RecordSubmitted(record) => self.submitted(position, &record),
            EventBody::RecordRevised(record) => self.revised(position, &record),
            EventBody::QuotationVanished(event) => self.vanished(position, &event),
            EventBody::SnapshotTaken(event) => self.snapshot(position, &event),
            EventBody::Case(step) => self.case(position, event.at, &step),
            // What they say is read from the log.
            EventBody::AuthorityKeyRegistered(_)
            | EventBody::AuthorityKeyRevoked(_)
            | EventBody::PackAdopted(_)
            | EventBody::MandateAdopted(_) => self.base.put_adopted(position),
            EventBody::ProfileAdopted(_) => Ok(()),
            EventBody::IdentityProposed(event) => self.identity(position, &event.decision, None),
            EventBody::IdentityConfirmed(event) | EventBody::IdentityRefused(event) => {
                self.identity(position, &event.decision, Some(event.proposal))
            }
        }
    }

    /// An event of a version this program does not know: skipped and flagged. A record it names is
    /// hidden, for the event may have ended or corrected it (design 3).
    fn unknown(
        &mut self,
        position: u64,
        kind: String,
        record: Option<RecordId>,
    ) -> Result<(), ProjectionError> {
        self.base.put_unknown(&UnknownEntry { position, kind, record })?;
        let Some(id) = record else { return Ok(()) };
        if let Some(mut proceeding) = self.pending.proceeding(self.base, id)? {
            self.cases.remove(&id);
            proceeding.steps.push((position, StepAudience::Parties));
            proceeding.schedule.clear();
            // Nor is it destroyed by a program that does not know what became of it.
            proceeding.erasable = None;
            // Whether it kept or missed anything is not known any more.
            proceeding.occurred.clear();
            self.pending.put_proceeding(proceeding);
            return Ok(());
        }
        let Some(before) = self.pending.record(self.base, id)? else { return Ok(()) };
        self.pending.put_record(RecordRow { vanished: true, ..before }, Some(&before));
        Ok(())
    }

    /// A step of a decision is listed with every organisation that it names and that is registered;
    /// the file of a split gets the proposal when it is registered.
    fn identity(
        &mut self,
        position: u64,
        decision: &IdentityDecision,
        proposal: Option<u64>,
    ) -> Result<(), ProjectionError> {
        self.base.put_identity(position)?;
        let step = ListedEvent { kind: EventKind::Identity, authority: 0 };
        let proposal = match proposal {
            Some(number) if self.base.is_identity(number)? => Some(number),
            _ => None,
        };
        for organisation in decision.pair() {
            let Some(row) = self.pending.organisation(self.base, organisation)? else { continue };
            row.events.insert(position, step);
            if let Some(number) = proposal {
                row.events.entry(number).or_insert(step);
            }
        }
        Ok(())
    }

    /// A step of a case: where it is, and what the public sees from now on.
    fn case(
        &mut self,
        position: u64,
        at: Instant,
        event: &CaseEvent,
    ) -> Result<(), ProjectionError> {
        let before = self.case_before(event.record)?;
        let Some(case) = after(before.as_ref(), at, event) else { return Ok(()) };
        let Some(row) = self.pending.organisation(self.base, case.organisation)? else {
            return self.case_of_nobody(position, event);
        };
        let organisation = row.position;
        let mut proceeding = match self.pending.proceeding(self.base, event.record)? {
            Some(proceeding) => proceeding,
            None => ProceedingRow {
                position,
                id: event.record,
                organisation,
                authority: self.term(event.authority.as_str())?,
                steps: Vec::new(),
                schedule: Vec::new(),
                erasable: None,
                adverse: case.is_adverse(),
                subject: organisation,
                occurred: Vec::new(),
            },
        };
        let listed = ListedEvent { kind: EventKind::Case, authority: proceeding.authority };
        if let Some(row) = self.pending.organisation(self.base, case.organisation)? {
            row.events.entry(proceeding.position).or_insert(listed);
        }
        proceeding.organisation = organisation;
        proceeding.steps.push((position, StepAudience::of(&event.step)));
        proceeding.schedule = match case.successor() {
            Some(successor) => {
                let successor = self.case_of(successor)?;
                case.schedule_beside(successor.as_ref())
            }
            None => case.schedule(),
        };
        proceeding.erasable = case.erasable_by_time();
        let occurred = std::mem::take(&mut proceeding.occurred);
        proceeding.occurred = performance::extended(occurred, before.as_ref(), at, event, &case);
        self.pending.put_proceeding(proceeding);
        self.refresh_predecessor(&case)?;
        if self.cases.len() >= CASES_HELD_MAX {
            self.cases.clear();
        }
        self.cases.insert(event.record, case);
        Ok(())
    }

    /// About an organisation that was destroyed, or never was: the case goes with it. What was
    /// about another one before must not stay there as if nothing had happened.
    fn case_of_nobody(&mut self, position: u64, event: &CaseEvent) -> Result<(), ProjectionError> {
        if let Some(mut proceeding) = self.pending.proceeding(self.base, event.record)? {
            proceeding.steps.push((position, StepAudience::Parties));
            proceeding.schedule.clear();
            proceeding.erasable = None;
            self.pending.put_proceeding(proceeding);
        }
        Ok(())
    }

    /// What is left of the record that `case` replaced goes when `case` does (I-15).
    fn refresh_predecessor(&mut self, case: &Case) -> Result<(), ProjectionError> {
        let Some(id) = case.revision.predecessor else { return Ok(()) };
        let Some(predecessor) = self.case_of(id)? else { return Ok(()) };
        if predecessor.successor() != Some(case.record) {
            return Ok(());
        }
        let Some(mut row) = self.pending.proceeding(self.base, id)? else { return Ok(()) };
        row.schedule = predecessor.schedule_beside(Some(case));
        self.pending.put_proceeding(row);
        Ok(())
    }

    /// The case of `record` as far as it was folded.
    fn case_of(&self, record: RecordId) -> Result<Option<Case>, ProjectionError> {
        if let Some(case) = self.cases.get(&record) {
            return Ok(Some(case.clone()));
        }
        let row = self.pending.proceeding(self.base, record)?;
        row.map_or(Ok(None), |row| folded(self.reader, &row))
    }

    /// The case before its next step; `None` where there is none yet.
    fn case_before(&mut self, record: RecordId) -> Result<Option<Case>, ProjectionError> {
        match self.cases.remove(&record) {
            Some(case) => Ok(Some(case)),
            None => self.case_of(record),
        }
    }

    fn registered(
        &mut self,
        position: u64,
        event: &OrganisationRegistered,
    ) -> Result<(), ProjectionError> {
        let own = self.listed(EventKind::Own, &event.authority)?;
        if let Some(row) = self.pending.organisation(self.base, event.organisation)? {
            row.events.insert(position, own);
            return Ok(());
        }
        let folded = names::fold(&event.name.text);
        let is_single_owner = is_single_owner(event.legal_form.as_ref(), &folded);
        self.pending.add_name(&event.name.text, &folded, position, is_single_owner);
        self.pending.add_organisation(OrganisationRow {
            position,
            id: event.organisation,
            is_single_owner,
            events: [(position, own)].into(),
            claims: Vec::new(),
            names: vec![folded],
        });
        if let Some(entry) = event.entry {
            self.pending.add_entry(own.authority, entry, position);
        }
        Ok(())
    }

    // Events about an organisation whose own registration was destroyed lead nowhere and are left
    // out.

    fn identifier(
        &mut self,
        position: u64,
        event: IdentifierClaimed,
    ) -> Result<(), ProjectionError> {
        let own = self.listed(EventKind::Own, &event.authority)?;
        let Some(row) = self.pending.organisation(self.base, event.organisation)? else {
            return Ok(());
        };
        row.events.insert(position, own);
        let organisation = row.position;
        if !row.claims.contains(&event.claim) {
            row.claims.push(event.claim.clone());
        }
        self.pending.add_claim(&event.claim, organisation);
        Ok(())
    }

    fn name(&mut self, position: u64, event: &NameClaimed) -> Result<(), ProjectionError> {
        let own = self.listed(EventKind::Own, &event.authority)?;
        let Some(row) = self.pending.organisation(self.base, event.organisation)? else {
            return Ok(());
        };
        row.events.insert(position, own);
        let folded = names::fold(&event.name.text);
        let is_single_owner = row.is_single_owner || single_owner::is_single_owner(None, &folded);
        let organisation = row.position;
        if !row.names.contains(&folded) {
            row.names.push(folded.clone());
        }
        self.pending.add_name(&event.name.text, &folded, organisation, is_single_owner);
        Ok(())
    }

    fn submitted(&mut self, position: u64, record: &Record) -> Result<(), ProjectionError> {
        let organisation = record.subject.organisation;
        let submitted = self.listed(EventKind::Submitted, &record.quotation.publisher)?;
        let Some(row) = self.pending.organisation(self.base, organisation)? else {
            return Ok(());
        };
        row.events.insert(position, submitted);
        let organisation = row.position;
        let row = self.record_row(position, position, organisation, record)?;
        self.pending.put_record(row, None);
        Ok(())
    }

    fn revised(&mut self, position: u64, record: &Record) -> Result<(), ProjectionError> {
        let Some(before) = self.pending.record(self.base, record.id)? else { return Ok(()) };
        let revised = self.listed(EventKind::Revised, &record.quotation.publisher)?;
        // The organisation it was about keeps the event too: it says that the record is not its own
        // any more.
        if let Some(old) = self.pending.organisation_at(self.base, before.organisation)? {
            old.events.insert(position, revised);
        }
        let organisation = record.subject.organisation;
        let Some(row) = self.pending.organisation(self.base, organisation)? else {
            // About an organisation that was destroyed: the record goes with it, and the revision
            // before must not come back.
            self.pending.put_record(RecordRow { vanished: true, ..before }, Some(&before));
            return Ok(());
        };
        let submitted = ListedEvent { kind: EventKind::Submitted, ..revised };
        row.events.entry(before.position).or_insert(submitted);
        row.events.insert(position, revised);
        let organisation = row.position;
        let row = RecordRow {
            vanished: before.vanished,
            reread_on: before.reread_on,
            ..self.record_row(before.position, position, organisation, record)?
        };
        self.pending.put_record(row, Some(&before));
        Ok(())
    }

    fn record_row(
        &mut self,
        position: u64,
        current: u64,
        organisation: u64,
        record: &Record,
    ) -> Result<RecordRow, ProjectionError> {
        let quotation = &record.quotation;
        Ok(RecordRow {
            position,
            id: record.id,
            organisation,
            list: self.list(quotation.list.as_str())?,
            current,
            revision: record.revision,
            row_key: quotation.row_key,
            row_digest: quotation.row_digest,
            start: record.period.start,
            end_at: record.end_at,
            zone: self.zone(&record.zone)?,
            read_on: quotation.read_on,
            reread_on: None,
            freshness: Freshness {
                current_days_max: quotation.current_days_max,
                hidden_after_days: quotation.hidden_after_days,
            },
            vanished: false,
        })
    }

    fn vanished(
        &mut self,
        position: u64,
        event: &QuotationVanished,
    ) -> Result<(), ProjectionError> {
        let Some(before) = self.pending.record(self.base, event.record)? else { return Ok(()) };
        let vanished = self.listed(EventKind::Vanished, &event.authority)?;
        if let Some(row) = self.pending.organisation_at(self.base, before.organisation)? {
            row.events.insert(position, vanished);
        }
        self.pending.put_record(RecordRow { vanished: true, ..before }, Some(&before));
        Ok(())
    }

    fn snapshot(&mut self, position: u64, event: &SnapshotTaken) -> Result<(), ProjectionError> {
        let list = self.list(event.list.as_str())?;
        let mut row = self.base.reading(list)?.unwrap_or(ReadingRow::unread(list));
        match event.extent {
            Extent::Full => row.full = Some((position, event.read_on)),
            Extent::Partial => row.part = Some((position, event.read_on)),
        }
        self.base.put_reading(&row)?;
        if event.extent == Extent::Full || event.reread.is_empty() {
            return Ok(());
        }
        // Rows are found by key in the tables, so what is held has to be there first.
        self.pending.flush(self.base)?;
        for key in &event.reread {
            let mut found = Vec::new();
            self.base.records(
                "WHERE list = ?1 AND row_key = ?2 AND vanished = 0",
                params![list, key.0],
                &mut |row| {
                    found.push(row);
                    Ok(true)
                },
            )?;
            for before in found {
                let day = before.reread_on.map_or(event.read_on, |day| day.max(event.read_on));
                let row = RecordRow { reread_on: Some(day), ..before };
                self.pending.put_record(row, Some(&before));
            }
        }
        Ok(())
    }

    /// How an organisation's row lists an event of `authority`.
    fn listed(
        &mut self,
        kind: EventKind,
        authority: &AuthorityKey,
    ) -> Result<ListedEvent, ProjectionError> {
        Ok(ListedEvent { kind, authority: self.term(authority.as_str())? })
    }

    /// The number of a list, which gets its row where it occurs for the first time.
    fn list(&mut self, id: &str) -> Result<i64, ProjectionError> {
        let list = self.term(id)?;
        if self.lists.insert(list) && self.base.reading(list)?.is_none() {
            self.base.put_reading(&ReadingRow::unread(list))?;
        }
        Ok(list)
    }

    /// The number of a zone, noted as one where it occurs for the first time.
    fn zone(&mut self, name: &str) -> Result<i64, ProjectionError> {
        let is_new = !self.terms.contains_key(name);
        let zone = self.term(name)?;
        if is_new {
            self.base.put_zone(zone)?;
        }
        Ok(zone)
    }

    /// The number of a key, given to it where it occurs for the first time.
    fn term(&mut self, text: &str) -> Result<i64, ProjectionError> {
        if let Some(number) = self.terms.get(text) {
            return Ok(*number);
        }
        let number = match self.base.term(text)? {
            Some(number) => number,
            None => self.new_term(text)?,
        };
        self.terms.insert(text.to_owned(), number);
        Ok(number)
    }

    fn new_term(&self, text: &str) -> Result<i64, ProjectionError> {
        let mut last = self.base.statement("SELECT coalesce(max(number), 0) FROM term")?;
        let number = last.query_row([], |row| row.get::<_, i64>(0))? + 1;
        self.base
            .statement("INSERT INTO term(number, text, mac) VALUES (?1, ?2, ?3)")?
            .execute(params![number, text, self.base.term_tag(number, text)])?;
        Ok(number)
    }
}
