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
use domain::ids::{OrganisationId, RecordId};
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
use crate::erase::{Local, erase};
use crate::pending::{Listed, Pending};
use crate::proceedings::{ProceedingRow, folded};
use crate::remnants::Remnants;
use crate::rows::{EventKind, ListedEvent, NOBODY, OrganisationRow, ReadingRow, RecordRow};
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
    /// Up to an entry that says content was destroyed whose rows cannot be told from others: the
    /// way to be sure that they go is to begin again.
    Erased,
}

/// Folds `from..to` into `base`. `from_start`: destroyed content never got into these tables.
pub(crate) fn fold_range(
    base: &Base,
    reader: &LedgerReader,
    (from, to): (u64, u64),
    from_start: bool,
    remnants: &mut Remnants,
    progress: &mut dyn FnMut(u64),
) -> Result<Folded, ProjectionError> {
    let mut fold = Fold {
        base,
        reader,
        remnants,
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
        let local = fold.entry(position, leaf, opened)?;
        is_erased = matches!(local, Local::Anew) && !from_start;
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

/// What of `ranges` an entry at `position` can speak about.
fn before(position: u64, ranges: &[(u64, u64)]) -> impl Iterator<Item = (u64, u64)> {
    let cut = ranges.iter().map(move |(first, last)| (*first, (*last).min(position)));
    cut.filter(|(first, last)| first <= last)
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
    remnants: &'a mut Remnants,
    pending: Pending,
    /// Lists known to have their row.
    lists: HashSet<i64>,
    /// Numbers of keys met so far: a few dozen lists, zones and authorities.
    terms: HashMap<String, i64>,
    /// Cases met lately: what is not here is folded again from its steps.
    cases: HashMap<RecordId, Case>,
}

impl Fold<'_> {
    fn entry(
        &mut self,
        position: u64,
        leaf: &Leaf,
        opened: Opened,
    ) -> Result<Local, ProjectionError> {
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
                self.base.put_withdrawing(position)?;
            }
            Leaf::Erasure { ranges, .. } => {
                self.announce(position, ranges, Announced::Erased { leaf: position })?;
                self.base.put_withdrawing(position)?;
                return self.erase(position, ranges);
            }
            // What it says is read from the log.
            Leaf::Statistics(_) => self.base.put_stated(position)?,
            Leaf::Key { .. } | Leaf::Policy { .. } | Leaf::Predecessor { .. } => {}
        }
        if self.pending.len() > PENDING_ROWS_MAX {
            self.pending.flush(self.base)?;
        }
        Ok(Local::Done)
    }

    /// Takes out what stems from what this entry says was destroyed.
    fn erase(&mut self, position: u64, ranges: &[(u64, u64)]) -> Result<Local, ProjectionError> {
        self.pending.flush(self.base)?;
        // What was kept of rows may be gone.
        self.cases.clear();
        self.terms.clear();
        self.lists.clear();
        let ranges: Vec<(u64, u64)> = before(position, ranges).collect();
        erase(self.base, self.reader, &ranges, self.remnants)
    }

    /// The position of an organisation, or nobody's where it was destroyed.
    fn about(&mut self, organisation: OrganisationId) -> Result<u64, ProjectionError> {
        let row = self.pending.organisation(self.base, organisation)?;
        Ok(row.map_or(NOBODY, |row| row.position))
    }

    /// An entry speaks about what is before it; what it says beyond is said about nothing.
    fn announce(
        &self,
        position: u64,
        ranges: &[(u64, u64)],
        to: Announced,
    ) -> Result<(), ProjectionError> {
        before(position, ranges).try_for_each(|(first, last)| self.base.announce(first, last, to))
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
            EventBody::MeasureFeedbackGiven(given) => {
                let authority = self.term(given.authority.as_str())?;
                let measure = self.term(given.measure.as_str())?;
                [authority, measure].into_iter().for_each(|term| self.pending.count_use(term, 1));
                self.base.put_feedback(position, event.at, &given, (authority, measure))
            }
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
            let organisation = self.about(organisation)?;
            self.pending.list_event(self.base, organisation, (position, step), Listed::Replace)?;
            if let Some(number) = proposal {
                self.pending.list_event(self.base, organisation, (number, step), Listed::Keep)?;
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
        let organisation = self.about(case.organisation)?;
        let mut proceeding = match self.pending.proceeding(self.base, event.record)? {
            Some(proceeding) => proceeding,
            None => self.new_proceeding(position, event, &case)?,
        };
        let listed = ListedEvent { kind: EventKind::Case, authority: proceeding.authority };
        let first = (proceeding.position, listed);
        self.pending.list_event(self.base, organisation, first, Listed::Keep)?;
        if proceeding.position < position {
            self.moved(proceeding.position, proceeding.organisation, organisation)?;
        }
        proceeding.organisation = organisation;
        proceeding.successor = case.successor();
        proceeding.steps.push((position, StepAudience::of(&event.step)));
        proceeding.schedule = match case.successor() {
            Some(successor) => {
                let successor = self.case_of(successor)?;
                case.schedule_beside(successor.as_ref())
            }
            None => case.schedule(),
        };
        proceeding.erasable = case.erasable_by_time();
        proceeding.document = case.revision.decision.as_ref().map(|decision| {
            self.base.document_key(proceeding.authority, &case.revision.entry, &decision.number)
        });
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

    fn new_proceeding(
        &mut self,
        position: u64,
        event: &CaseEvent,
        case: &Case,
    ) -> Result<ProceedingRow, ProjectionError> {
        let authority = self.term(event.authority.as_str())?;
        self.pending.count_use(authority, 1);
        Ok(ProceedingRow {
            position,
            id: event.record,
            organisation: NOBODY,
            authority,
            steps: Vec::new(),
            schedule: Vec::new(),
            erasable: None,
            adverse: case.is_adverse(),
            subject: ProceedingRow::subject_number(case.organisation),
            occurred: Vec::new(),
            successor: None,
            document: None,
        })
    }

    /// A record or case at `item` is about another organisation now: the one it was about lists it
    /// too, and is noted, so that it can be found when the item is destroyed.
    fn moved(&self, item: u64, before: u64, after: u64) -> Result<(), ProjectionError> {
        if before == after || before == NOBODY {
            return Ok(());
        }
        self.base.put_moved(item, before)
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
        let known = self.about(event.organisation)?;
        if known != NOBODY {
            return self.pending.list_event(self.base, known, (position, own), Listed::Replace);
        }
        let folded = names::fold(&event.name.text);
        let is_single_owner = is_single_owner(event.legal_form.as_ref(), &folded);
        self.pending.add_name(&folded, position, is_single_owner);
        self.pending.count_use(own.authority, 1);
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
        let organisation = row.position;
        if !row.claims.contains(&event.claim) {
            row.claims.push(event.claim.clone());
        }
        self.pending.list_event(self.base, organisation, (position, own), Listed::Replace)?;
        self.pending.add_claim(&event.claim, organisation);
        Ok(())
    }

    fn name(&mut self, position: u64, event: &NameClaimed) -> Result<(), ProjectionError> {
        let own = self.listed(EventKind::Own, &event.authority)?;
        let Some(row) = self.pending.organisation(self.base, event.organisation)? else {
            return Ok(());
        };
        let folded = names::fold(&event.name.text);
        let is_single_owner = row.is_single_owner || single_owner::is_single_owner(None, &folded);
        let organisation = row.position;
        if !row.names.contains(&folded) {
            row.names.push(folded.clone());
        }
        self.pending.list_event(self.base, organisation, (position, own), Listed::Replace)?;
        self.pending.add_name(&folded, organisation, is_single_owner);
        Ok(())
    }

    fn submitted(&mut self, position: u64, record: &Record) -> Result<(), ProjectionError> {
        let organisation = self.about(record.subject.organisation)?;
        let submitted = self.listed(EventKind::Submitted, &record.quotation.publisher)?;
        let listed = (position, submitted);
        self.pending.list_event(self.base, organisation, listed, Listed::Replace)?;
        let row = self.record_row(position, position, organisation, record)?;
        self.pending.put_record(row, None);
        Ok(())
    }

    fn revised(&mut self, position: u64, record: &Record) -> Result<(), ProjectionError> {
        let Some(before) = self.pending.record(self.base, record.id)? else { return Ok(()) };
        let revised = self.listed(EventKind::Revised, &record.quotation.publisher)?;
        // The organisation it was about keeps the event too: it says that the record is not its own
        // any more.
        let listed = (position, revised);
        self.pending.list_event(self.base, before.organisation, listed, Listed::Replace)?;
        let organisation = self.about(record.subject.organisation)?;
        let submitted = ListedEvent { kind: EventKind::Submitted, ..revised };
        let first = (before.position, submitted);
        self.pending.list_event(self.base, organisation, first, Listed::Keep)?;
        self.pending.list_event(self.base, organisation, listed, Listed::Replace)?;
        self.moved(before.position, before.organisation, organisation)?;
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
            zone: self.term(&record.zone)?,
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
        let listed = (position, vanished);
        self.pending.list_event(self.base, before.organisation, listed, Listed::Replace)?;
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
            self.pending.count_use(list, 1);
        }
        Ok(list)
    }

    /// The number of a key, given to it where it occurs for the first time.
    fn term(&mut self, text: &str) -> Result<i64, ProjectionError> {
        if let Some(number) = self.terms.get(text) {
            return Ok(*number);
        }
        let number = self.pending.term(self.base, text)?;
        self.terms.insert(text.to_owned(), number);
        Ok(number)
    }
}
