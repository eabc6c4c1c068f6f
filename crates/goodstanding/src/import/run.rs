//! One import from the first row to the last announcement.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::mpsc::{Receiver, sync_channel};

use domain::event::{EventBody, Extent, QuotationVanished};
use domain::ids::RecordId;
use domain::refusal::{Language, Problem, Refusal};
use domain::submission::Submission;
use domain::text::ListId;
use due_process::quotation::{self, Decision, Reading as ReadingContext};
use intake::quarantine;
use intake::{FileSummary, ListSource, Row};
use ledger::{Batch, Draft, Ledger};
use projections::ReadTables;

use super::follower::Follower;
use super::lists::{Lists, Term};
use super::organisations::Organisations;
use super::outcome::Outcome;
use super::reading::{csv_error, freshness, read, read_ahead};
use super::receipts::{Receipts, RowIndex};
use super::{Effect, ImportError, Reading, Request};
use crate::clock::Clock;
use crate::progress::Progress;
use crate::setup::READ_TABLES;
use crate::sources::{Try, note_import};
use crate::upkeep;

/// Parts of a snapshot committed together, each up to 60 KiB. A crash between two batches leaves
/// rows that count as read the time before: older than they are, never fresher.
const SNAPSHOT_PARTS_PER_BATCH: usize = 64;

/// Pages kept by each of the two handles that look things up, in MiB. The files are in the memory
/// of the system besides, which gives it up when others need it.
const LOOKUP_MEBIBYTES: u32 = 48;

/// Handovers that may wait: reading stays ahead without holding the file in memory.
const HANDOVERS_WAITING: usize = 16;

/// Imports `request.file` into the registry whose writer `ledger` is.
pub fn run(
    request: &Request<'_>,
    ledger: &mut Ledger,
    clock: &dyn Clock,
) -> Result<Outcome, ImportError> {
    if request.as_of > request.today {
        return Err(ImportError::refused(Refusal::ReadInFuture));
    }
    let reader = ledger.reader()?;
    let path = request.directory.join(READ_TABLES);
    let mut tables = ReadTables::open(&path, reader.mac_key()?)?;
    // What an interrupted run committed last may not be in the read tables yet.
    tables.follow(&reader, reader.size()?, &mut |_| {})?;
    let lookup = ReadTables::open(&path, reader.mac_key()?)?;
    lookup.keep_pages(LOOKUP_MEBIBYTES)?;
    let fixed = match &request.profile.list {
        ListSource::Fixed(list) => Some(list.clone()),
        ListSource::Column(_) => None,
    };
    let extent = match request.extent {
        Reading::AsProfiled => match request.profile.extent {
            intake::Extent::Full => Extent::Full,
            intake::Extent::Partial => Extent::Partial,
        },
        Reading::Partial => Extent::Partial,
    };
    let lists = Lists::load(fixed.as_ref(), request, &lookup, clock.now())?;
    let mut import = Import {
        request,
        extent,
        fixed,
        lists,
        lookup,
        effect: request.effect,
        outcome: Outcome::default(),
        pending: Pending::default(),
        receipts: None,
        quarantine: None,
    };
    let expected_rows = import.hold_or_go_on(ledger)?;
    import.open_side_files()?;
    let follower = Follower::start(request.directory.to_owned(), tables)?;
    let known = ReadTables::open(&path, reader.mac_key()?)?;
    known.keep_pages(LOOKUP_MEBIBYTES)?;
    let organisations = Organisations::new(known, reader);
    let mut writer = Writer { ledger, clock, follower, organisations };
    let summary = import.read_and_decide(&mut writer)?;
    if expected_rows.is_some_and(|rows| rows != summary.rows) {
        return Err(ImportError::FileChanged(request.file.to_owned()));
    }
    import.outcome.rows = summary.rows;
    let outcome = import.finish(writer)?;
    if request.effect == Effect::Commit {
        let noted = Try::of(&outcome, clock.now());
        // For a page of figures only: what was imported is on the log.
        if let Err(error) = note_import(request.directory, &request.profile.name, &noted) {
            tracing::warn!(error = %error, "the import could not be noted for the page of sources");
        }
        log_import(request, &outcome);
    }
    Ok(outcome)
}

/// Figures only: never a value of a row.
fn log_import(request: &Request<'_>, outcome: &Outcome) {
    let (from, to) = outcome.log.unwrap_or_default();
    tracing::info!(
        profile = request.profile.name.as_str(),
        as_of = %request.as_of,
        rows = outcome.rows,
        accepted = outcome.accepted,
        changed = outcome.changed,
        ended = outcome.ended,
        quarantined = outcome.quarantined,
        refused = outcome.refused + outcome.refused_persons,
        held = outcome.held.is_some(),
        from,
        to,
        "imported"
    );
}

struct Import<'a> {
    request: &'a Request<'a>,
    extent: Extent,
    fixed: Option<ListId>,
    lists: Lists,
    lookup: ReadTables,
    effect: Effect,
    outcome: Outcome,
    pending: Pending,
    receipts: Option<Receipts>,
    quarantine: Option<quarantine::Writer<BufWriter<File>>>,
}

/// What was decided and not committed yet.
#[derive(Default)]
struct Pending {
    drafts: Vec<Draft>,
    expected: Vec<(RecordId, u32)>,
    /// Row and index of its record within `drafts`.
    rows: Vec<(u64, usize)>,
    decided: usize,
}

struct Writer<'a> {
    ledger: &'a mut Ledger,
    clock: &'a dyn Clock,
    follower: Follower,
    organisations: Organisations,
}

impl Import<'_> {
    /// Where a snapshot stands, the keys of the whole file are collected first: a file that must be
    /// held is held before anything of it is committed (I-65). Gives the rows counted, if it did.
    fn hold_or_go_on(&mut self, ledger: &Ledger) -> Result<Option<u64>, ImportError> {
        if self.extent == Extent::Partial || !self.lists.any_snapshot() {
            return Ok(None);
        }
        let progress = Progress::counter("comparing with the last snapshot, rows");
        let mut seen = 0_u64;
        let summary = read(self.request, &mut |row| {
            seen += 1;
            if seen.is_multiple_of(1_000) {
                progress.at(seen);
            }
            self.meet(&row, ledger)
        })?;
        if let Some(refusal) = self.lists.hold(self.request, summary.rows) {
            self.outcome.held = Some(refusal);
            let vanishing = format!("{} would vanish", self.lists.vanishing());
            self.outcome.note(Problem::of_input(refusal).with_detail(vanishing));
            self.effect = Effect::DryRun;
        }
        Ok(Some(summary.rows))
    }

    fn open_side_files(&mut self) -> Result<(), ImportError> {
        if let Some(path) = self.request.quarantine {
            let file = BufWriter::new(File::create(path).map_err(ImportError::file(path))?);
            let writer = quarantine::Writer::new(file, self.request.profile, Language::En)
                .map_err(csv_error(path))?;
            self.quarantine = Some(writer);
        }
        if let (Some(path), Effect::Commit) = (self.request.receipts, self.effect) {
            self.receipts = Some(Receipts::open(path)?);
        }
        Ok(())
    }

    /// Notes in the lists concerned that a row with this key is in the file, whatever becomes of
    /// it.
    fn meet(&mut self, row: &Row, ledger: &Ledger) -> Result<(), ImportError> {
        // Rows about persons have no key and are never hashed.
        let Some(key) = &row.row_key else { return Ok(()) };
        let lists = match (&row.list, &self.fixed) {
            (_, Some(list)) => vec![list.clone()],
            (Some(list), None) => {
                self.lists.note_in_file(list, self.request, &self.lookup)?;
                vec![list.clone()]
            }
            (None, None) => self.lists.ids(),
        };
        let term = match row.outcome {
            intake::Outcome::AlreadyEnded => Term::Over,
            _ => Term::InForce,
        };
        for list in lists {
            self.lists.met(&list, term, || ledger.row_hash(&list, key))?;
        }
        Ok(())
    }

    /// Reads in one thread, decides and commits in this one.
    fn read_and_decide(&mut self, writer: &mut Writer<'_>) -> Result<FileSummary, ImportError> {
        let request = self.request;
        let (sender, receiver) = sync_channel(HANDOVERS_WAITING);
        std::thread::scope(|scope| {
            let reading = scope.spawn(move || read_ahead(request, &sender));
            let decided = self.decide_all(&receiver, writer);
            // Ends the thread that reads when deciding failed: its next handover finds nobody.
            drop(receiver);
            let read = reading.join().map_err(|_| ImportError::Stopped("reading thread"))?;
            decided?;
            read
        })
    }

    fn decide_all(
        &mut self,
        receiver: &Receiver<Vec<Row>>,
        writer: &mut Writer<'_>,
    ) -> Result<(), ImportError> {
        let progress = Progress::counter(match self.effect {
            Effect::Commit => "importing, rows",
            Effect::DryRun => "checking, rows",
        });
        let mut seen = 0;
        while let Ok(rows) = receiver.recv() {
            seen += rows.len() as u64;
            for row in rows {
                self.take(row, writer)?;
            }
            progress.at(seen);
        }
        self.commit(writer)
    }

    /// One row, first match wins (design 9.15).
    fn take(&mut self, row: Row, writer: &mut Writer<'_>) -> Result<(), ImportError> {
        self.meet(&row, writer.ledger)?;
        if let (Some(quarantine), Some(path)) = (&mut self.quarantine, self.request.quarantine) {
            quarantine.write(&row).map_err(csv_error(path))?;
        }
        let outcome = &mut self.outcome;
        // Cells that were emptied because they held a personal identifier: told, the row goes on.
        row.notes.into_iter().for_each(|problem| outcome.note(problem));
        match row.outcome {
            intake::Outcome::RefusedPerson(problem) => {
                outcome.refused_persons += 1;
                outcome.note(problem);
            }
            intake::Outcome::Refused(problems) => {
                outcome.refused += 1;
                problems.into_iter().for_each(|problem| outcome.note(problem));
            }
            intake::Outcome::Quarantined { problems, .. } => {
                outcome.quarantined += 1;
                problems.into_iter().for_each(|problem| outcome.note(problem));
            }
            intake::Outcome::Duplicate => outcome.duplicate += 1,
            intake::Outcome::AlreadyEnded => outcome.already_ended += 1,
            intake::Outcome::Ready(submission) => self.decide(&submission, writer)?,
        }
        Ok(())
    }

    fn decide(&mut self, row: &Submission, writer: &mut Writer<'_>) -> Result<(), ImportError> {
        let now = writer.clock.now();
        let state = self.lists.state(&row.list, self.request, &self.lookup)?;
        let row_key = writer.ledger.row_hash(&row.list, &row.row_key);
        let row_digest = writer.ledger.row_hash(&row.list, &row.content());
        let standing = state.standing(row_key)?;
        let entry = match &row.organisation.entry {
            Some(entry) => writer.ledger.row_hash(&row.list, entry),
            None => row_key,
        };
        let subject = match &standing {
            // Nothing new can be said of the organisation: no need to look it up.
            Some(standing) if !standing.vanished && standing.row_digest == row_digest => {
                quotation::Resolved {
                    organisation: standing.organisation,
                    is_new: false,
                    known_kind: None,
                    entry,
                    known_claims: Vec::new(),
                    known_names: Vec::new(),
                }
            }
            _ => {
                let resolved = writer.organisations.resolve(
                    row,
                    &state.definition.authority,
                    entry,
                    standing.as_ref(),
                    writer.ledger,
                    now,
                )?;
                match resolved {
                    Ok(subject) => subject,
                    Err(refusal) => return self.set_aside(row, refusal),
                }
            }
        };
        let (current_days_max, hidden_after_days) = freshness(self.request, &state.definition);
        let reading = ReadingContext {
            list: &state.definition,
            pack_hash: &state.pack_hash,
            profile: &self.request.profile.name,
            read_on: self.request.as_of,
            current_days_max,
            hidden_after_days,
        };
        let new_record = writer.ledger.mint_record(now);
        let decision = quotation::decide(
            row,
            row_key,
            row_digest,
            standing.as_ref(),
            &subject,
            new_record,
            &reading,
        );
        let bodies = match decision {
            // Not noted as read again: what stands of it was not in the row.
            Decision::Refused(refusal) => {
                self.outcome.refused += 1;
                self.outcome.note(Problem::of_row(row.row, None, refusal));
                return Ok(());
            }
            Decision::Unchanged => {
                self.outcome.unchanged += 1;
                Vec::new()
            }
            Decision::Changed(bodies) => {
                self.outcome.changed += 1;
                bodies
            }
            Decision::Accepted(bodies) => {
                self.outcome.accepted += 1;
                state.count_accepted();
                bodies
            }
        };
        let flagged =
            row.organisation.claims.iter().filter(|claim| {
                claim.status() == domain::identifiers::ClaimStatus::InvalidButOfficial
            });
        self.outcome.flagged_identifiers += flagged.count() as u64;
        if self.extent == Extent::Partial {
            state.count_reread(row_key);
        }
        if bodies.is_empty() {
            return Ok(());
        }
        self.put(row.row, bodies, writer, now);
        if self.pending.decided >= self.request.rows_per_batch {
            self.commit(writer)?;
        }
        Ok(())
    }

    /// Quarantines a row that intake found fit and the registry cannot place. Its cells are gone by
    /// then: the quarantine file gets its number and the problem.
    fn set_aside(&mut self, row: &Submission, refusal: Refusal) -> Result<(), ImportError> {
        let problem = Problem::of_row(row.row, None, refusal);
        self.outcome.quarantined += 1;
        self.outcome.note(problem.clone());
        if let (Some(quarantine), Some(path)) = (&mut self.quarantine, self.request.quarantine) {
            let outcome = intake::Outcome::Quarantined { problems: vec![problem], cells: None };
            let row = Row { number: row.row, row_key: None, list: None, outcome, notes: vec![] };
            quarantine.write(&row).map_err(csv_error(path))?;
        }
        Ok(())
    }

    /// Puts what was decided about one row into the batch.
    fn put(
        &mut self,
        row: u64,
        bodies: Vec<EventBody>,
        writer: &mut Writer<'_>,
        now: domain::civil::Instant,
    ) {
        // A row that ended between --as-of and now is on the log, its opening is never served
        // (9.14).
        let open = !bodies.iter().any(|body| match body {
            EventBody::RecordSubmitted(record) | EventBody::RecordRevised(record) => {
                record.end_at.is_some_and(|end_at| end_at <= now)
            }
            _ => false,
        });
        for event in bodies {
            writer.organisations.learn(&event);
            if let EventBody::RecordSubmitted(record) | EventBody::RecordRevised(record) = &event {
                self.pending.expected.push((record.id, record.revision.saturating_sub(1)));
                self.pending.rows.push((row, self.pending.drafts.len()));
            }
            self.pending.drafts.push(Draft { event, open, submission: None });
        }
        self.pending.decided += 1;
    }

    /// Commits what is pending, hands out its receipt and lets the read tables follow.
    fn commit(&mut self, writer: &mut Writer<'_>) -> Result<(), ImportError> {
        let pending = std::mem::take(&mut self.pending);
        if self.effect == Effect::DryRun {
            writer.organisations.tried();
            return Ok(());
        }
        if pending.drafts.is_empty() {
            return Ok(());
        }
        let batch =
            Batch { drafts: pending.drafts, leaves: Vec::new(), expected: pending.expected };
        let appended = writer.ledger.append(batch, writer.clock.now())?;
        if let Some(receipts) = &mut self.receipts {
            let rows: Vec<RowIndex> = pending
                .rows
                .iter()
                .map(|(row, at)| RowIndex { row: *row, index: appended.from + *at as u64 })
                .collect();
            receipts.write(&appended, &rows)?;
        }
        self.outcome.extend_log(appended.from, appended.to);
        writer.follower.follow(appended.to)?;
        writer.organisations.committed(appended.to, writer.follower.cursor());
        Ok(())
    }

    /// Ends what vanished, records the snapshot, announces what changed for the public.
    fn finish(mut self, mut writer: Writer<'_>) -> Result<Outcome, ImportError> {
        if let (Some(quarantine), Some(path)) = (self.quarantine.take(), self.request.quarantine) {
            quarantine
                .finish()
                .and_then(|mut file| file.flush())
                .map_err(ImportError::file(path))?;
        }
        self.end_vanished(&mut writer)?;
        let rows = self.outcome.rows;
        let mut snapshots = Vec::new();
        for state in self.lists.in_file() {
            snapshots.extend(state.snapshot(self.request, self.extent, rows));
        }
        for event in snapshots {
            let event = EventBody::SnapshotTaken(event);
            self.pending.drafts.push(Draft { event, open: true, submission: None });
            if self.pending.drafts.len() >= SNAPSHOT_PARTS_PER_BATCH {
                self.commit(&mut writer)?;
            }
        }
        self.commit(&mut writer)?;
        let Writer { ledger, clock, follower, .. } = writer;
        follower.finish()?;
        if self.effect == Effect::Commit
            && let Some(announced) = upkeep::announce(ledger, &mut self.lookup, clock.now())?
        {
            self.outcome.extend_log(announced.from, announced.to);
        }
        let mut outcome = self.outcome;
        outcome.problems.sort_by_key(|problem| problem.row);
        Ok(outcome)
    }

    fn end_vanished(&mut self, writer: &mut Writer<'_>) -> Result<(), ImportError> {
        let mut events = Vec::new();
        for state in self.lists.in_file() {
            let vanished = state.vanished(self.extent)?;
            events.extend(vanished.into_iter().map(|standing| QuotationVanished {
                record: standing.record,
                organisation: standing.organisation,
                authority: state.definition.authority.clone(),
                list: state.definition.id.clone(),
                read_on: self.request.as_of,
            }));
        }
        let ended = events.len() as u64;
        for event in events {
            // Sealed: that a row is gone says nothing the public needs, its record is withheld.
            let event = EventBody::QuotationVanished(event);
            self.pending.drafts.push(Draft { event, open: false, submission: None });
            self.pending.decided += 1;
            if self.pending.decided >= self.request.rows_per_batch {
                self.commit(writer)?;
            }
        }
        if self.outcome.held.is_none() {
            self.outcome.ended = ended;
        }
        Ok(())
    }
}
