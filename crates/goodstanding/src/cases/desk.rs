//! The desk: the one place where commands about cases become entries of the log.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use domain::authority::AuthorityKey;
use domain::case::{Actor, CaseEvent, Severity, Step};
use domain::civil::{End, Instant};
use domain::event::{Event, EventBody, IdentifierClaimed, OrganisationRegistered};
use domain::identity::ReviewerHandle;
use domain::ids::{OrganisationId, RecordId};
use domain::names;
use domain::organisation::{Name, NameRole, OrganisationKind};
use domain::record::{Money, Polarity};
use domain::refusal::{Problem, Refusal};
use due_process::case::{self, Case, Command, Refused, Setting, Submission, SubmissionFacts};
use ledger::manifest::{self, Replay};
use ledger::note::SignerKey;
use ledger::{Batch, Draft, Ledger, LedgerError, LedgerReader, wire};
use policy::Packs;
use policy::catalogue::{CatalogueEntry, Mandate};
use policy::expression::Facts;
use policy::procedure::ProcedureRules;
use projections::{DeskCase, DeskReader, ProjectionError, PublicReader, ReadTables};

mod guard;

use super::accounts::{self, Account};
use super::request::{EndAsked, Request, SubmitRequest};
use crate::clock::Clock;
use crate::erasure::{self, ErasureError};
use crate::reviewers::{self, ReviewersError};
use crate::setup::{self, READ_TABLES};
use crate::upkeep::{self, UpkeepError};

/// Who asks, as they proved it.
#[derive(Debug)]
pub enum By {
    /// An account of an authority, with the key it signs with.
    Key(Box<SignerKey>),
    /// An account of an authority, which signed what was prepared for it.
    Signed {
        /// Whose.
        authority: AuthorityKey,
        /// Which account.
        account: domain::case::AccountHandle,
        /// The instant for which it was prepared.
        prepared_at: Instant,
        /// The new record, as it was prepared.
        record: RecordId,
        /// Whom it is about, as it was prepared.
        organisation: OrganisationId,
        /// What it signed, step by step.
        submissions: Vec<manifest::Submission>,
    },
    /// The subject, by the token that came with the notice.
    Subject(String),
    /// A third party; objections only.
    ThirdParty,
    /// A reviewer of the registry.
    Reviewer(ReviewerHandle),
    /// A court's order, entered by a reviewer who has seen it.
    Court(ReviewerHandle),
    /// The registry's own duty: opening a precheck, forwarding, erasing.
    Registry,
}

/// What was committed.
#[derive(Debug, Clone)]
pub struct Committed {
    /// The record.
    pub record: RecordId,
    /// Whom it is about.
    pub organisation: OrganisationId,
    /// The steps, in order.
    pub steps: Vec<CaseEvent>,
    /// First position written.
    pub from: u64,
    /// Position after the last one written.
    pub to: u64,
    /// When.
    pub at: Instant,
    /// The signed checkpoint that covers it.
    pub checkpoint: String,
    /// What the subject needs to act, where it has just been told or is about to be.
    pub subject_token: String,
}

/// What an account of an authority has to sign.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The record, new for a submission.
    pub record: RecordId,
    /// Whom it is about, new where the registry did not know it.
    pub organisation: OrganisationId,
    /// The instant it is prepared for: it is to be sent back with it.
    pub at: Instant,
    /// The steps, each to be signed in its canonical form.
    pub steps: Vec<CaseEvent>,
    /// Their bodies with disclosures.
    pub items: Vec<manifest::Item>,
}

/// Why nothing was committed.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// Rules say no, each with its number.
    #[error("{}", .0.first().map_or_else(String::new, |problem| problem.refusal.to_string()))]
    Refused(Refused),
    /// The accounts could not be read.
    #[error(transparent)]
    Reviewers(#[from] ReviewersError),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The read tables failed.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
    /// It was committed, and its openings will be announced with the next upkeep.
    #[error(transparent)]
    Upkeep(#[from] UpkeepError),
    /// Content was not destroyed, or not everywhere; the next upkeep goes on with it.
    #[error(transparent)]
    Erasure(#[from] ErasureError),
}

impl From<Refused> for CaseError {
    fn from(refused: Refused) -> CaseError {
        CaseError::Refused(refused)
    }
}

impl From<Refusal> for CaseError {
    fn from(refusal: Refusal) -> CaseError {
        CaseError::Refused(vec![Problem::of_input(refusal)])
    }
}

/// For how long what was prepared may be signed. Not law: the time a person needs to sign.
const PREPARED_MINUTES_MAX: i64 = 30;

/// Holds the directory's lock: one desk at a time, so that what is decided is what is committed.
pub struct Desk<'a> {
    directory: PathBuf,
    packs: &'a Packs,
    clock: &'a dyn Clock,
    ledger: Ledger,
    reader: LedgerReader,
    tables: ReadTables,
    desk: DeskReader,
    public: PublicReader,
    registry_key: [u8; 32],
    reviewers: BTreeSet<ReviewerHandle>,
}

impl<'a> Desk<'a> {
    /// Opens the desk of the registry at `directory`.
    pub fn open(
        directory: &Path,
        packs: &'a Packs,
        clock: &'a dyn Clock,
    ) -> Result<Desk<'a>, CaseError> {
        let ledger = setup::open_writer(directory)?;
        let reader = ledger.reader()?;
        let path = directory.join(READ_TABLES);
        let registry_key = reader.mac_key()?;
        let mut tables = ReadTables::open(&path, registry_key)?;
        tables.follow(&reader, reader.size()?, &mut |_| {})?;
        Ok(Desk {
            directory: directory.to_owned(),
            packs,
            clock,
            desk: DeskReader::open(&path, registry_key)?,
            public: PublicReader::open(&path, registry_key)?,
            reviewers: reviewers::load(directory)?,
            ledger,
            reader,
            tables,
            registry_key,
        })
    }

    /// Leaves the files of the log to the next opening ([`Ledger::defer_files`]).
    pub fn defer_files(&mut self) {
        self.ledger.defer_files();
    }

    /// max(clock, last committed time): a clock that went back shortens no period.
    pub fn now(&self) -> Result<Instant, CaseError> {
        Ok(self.clock.now().max(self.reader.last_at()?))
    }

    /// The case of `record`, as its last step left it.
    pub fn case(&self, record: RecordId) -> Result<Option<DeskCase>, CaseError> {
        Ok(self.desk.case(&self.reader, record)?)
    }

    /// The cases of `authority`, of `organisation`, or of both, in the order of submission.
    pub fn cases(
        &self,
        authority: Option<&AuthorityKey>,
        organisation: Option<OrganisationId>,
    ) -> Result<Vec<Case>, CaseError> {
        Ok(self.desk.cases(&self.reader, authority, organisation)?)
    }

    /// Accounts of authorities.
    pub fn accounts(&self) -> Result<Vec<Account>, CaseError> {
        let adoptions = self.desk.adoptions(&self.reader)?;
        Ok(accounts::accounts(adoptions.iter().map(|(_, event)| event)))
    }

    /// What an account of an authority would have to sign for `request`; commits nothing.
    pub fn prepare(
        &mut self,
        request: &Request,
        authority: &AuthorityKey,
        account: &domain::case::AccountHandle,
    ) -> Result<Prepared, CaseError> {
        let now = self.now()?;
        let actor = Actor::Authority(account.clone());
        let decided = self.decide(request, &actor, Some(authority), now, None)?;
        let items = self.items(&decided.steps)?;
        Ok(Prepared {
            record: decided.record,
            organisation: decided.organisation,
            at: now,
            steps: decided.steps,
            items,
        })
    }

    /// Does what `request` asks, or refuses. A crash before the commit leaves nothing; after it,
    /// the openings stay sealed until the next upkeep announces them.
    pub fn execute(&mut self, request: &Request, by: &By) -> Result<Committed, CaseError> {
        let now = self.now()?;
        let (actor, authority, decided_at) = self.actor(request, by, now)?;
        let ids = match by {
            By::Signed { record, organisation, .. } => Some((*record, *organisation)),
            _ => None,
        };
        let decided = self.decide(request, &actor, authority.as_ref(), decided_at, ids)?;
        if decided.steps.iter().any(|step| matches!(step.step, Step::Erased)) {
            return self.erase(decided, now);
        }
        let submissions = self.signed(&decided, by, decided_at)?;
        let mut drafts: Vec<Draft> = decided
            .registrations
            .iter()
            .cloned()
            .map(|event| Draft { event, open: false, submission: None })
            .collect();
        for (index, step) in decided.steps.iter().enumerate() {
            drafts.push(Draft {
                event: EventBody::Case(Box::new(step.clone())),
                open: false,
                submission: submissions.get(index).cloned().map(Box::new),
            });
        }
        let batch = Batch { drafts, leaves: Vec::new(), expected: Vec::new() };
        let appended = self.ledger.append(batch, now)?;
        self.tables.follow(&self.reader, self.reader.size()?, &mut |_| {})?;
        upkeep::announce(&mut self.ledger, &mut self.tables, now)?;
        Ok(Committed {
            record: decided.record,
            organisation: decided.organisation,
            steps: decided.steps,
            from: appended.from,
            to: appended.to,
            at: appended.at,
            checkpoint: appended.checkpoint,
            subject_token: accounts::subject_token(&self.registry_key, decided.record),
        })
    }

    /// T47: the `erasure` entry is the step's entry on the log. An event would be content again.
    fn erase(&mut self, decided: Decided, now: Instant) -> Result<Committed, CaseError> {
        let units = erasure::units_of_records(&self.tables, &[decided.record])?;
        let units = units.ok_or(Refusal::CaseUnknown)?;
        let erased = erasure::destroy(&mut self.ledger, &mut self.tables, &units, now)?;
        let appended = erased.ok_or(Refusal::CaseUnknown)?;
        Ok(Committed {
            record: decided.record,
            organisation: decided.organisation,
            steps: decided.steps,
            from: appended.from,
            to: appended.to,
            at: appended.at,
            checkpoint: appended.checkpoint,
            subject_token: String::new(),
        })
    }

    /// Commits what was adopted: keys, mandates, packs.
    pub fn adopt(&mut self, event: EventBody) -> Result<(u64, Instant), CaseError> {
        let now = self.now()?;
        let mut replay = self.replay()?;
        let trial = Event { at: now, body: event.clone() };
        if replay.apply(&trial, None).is_err() {
            return Err(Refusal::KeyUnfit.into());
        }
        let drafts = vec![Draft { event, open: true, submission: None }];
        let batch = Batch { drafts, leaves: Vec::new(), expected: Vec::new() };
        let appended = self.ledger.append(batch, now)?;
        self.tables.follow(&self.reader, self.reader.size()?, &mut |_| {})?;
        Ok((appended.from, appended.at))
    }

    /// Whether `token` is the one that came with the notice of `record`.
    pub fn is_token_of(&self, record: RecordId, token: &str) -> bool {
        accounts::is_subject_token(&self.registry_key, record, token)
    }

    /// Whether `handle` is a reviewer of this registry.
    pub fn is_reviewer(&self, handle: &ReviewerHandle) -> bool {
        self.reviewers.contains(handle)
    }

    /// Who acts, as the log will say it; for whose authority; and for which instant it is decided.
    fn actor(
        &self,
        request: &Request,
        by: &By,
        now: Instant,
    ) -> Result<(Actor, Option<AuthorityKey>, Instant), CaseError> {
        let known = |handle: &ReviewerHandle| {
            if self.is_reviewer(handle) { Ok(()) } else { Err(Refusal::ReviewerUnknown) }
        };
        match by {
            By::Key(key) => {
                let accounts = self.accounts()?;
                let account = accounts::by_key(&accounts, key.vkey()).ok_or(Refusal::KeyUnfit)?;
                let authority = account.authority.clone();
                Ok((Actor::Authority(account.account.clone()), Some(authority), now))
            }
            By::Signed { authority, account, prepared_at, .. } => {
                let oldest = now.plus_minutes(-PREPARED_MINUTES_MAX);
                if *prepared_at > now || *prepared_at < oldest {
                    return Err(Refusal::PreparedTooOld.into());
                }
                Ok((Actor::Authority(account.clone()), Some(authority.clone()), *prepared_at))
            }
            By::Subject(token) => match request {
                Request::Step { record, .. }
                    if accounts::is_subject_token(&self.registry_key, *record, token) =>
                {
                    Ok((Actor::Subject, None, now))
                }
                _ => Err(Refusal::TokenUnfit.into()),
            },
            By::ThirdParty => Ok((Actor::ThirdParty, None, now)),
            By::Reviewer(handle) => {
                known(handle)?;
                Ok((Actor::Reviewer(handle.clone()), None, now))
            }
            By::Court(handle) => {
                known(handle)?;
                Ok((Actor::Court, None, now))
            }
            By::Registry => Ok((Actor::Registry, None, now)),
        }
    }

    fn decide(
        &mut self,
        request: &Request,
        actor: &Actor,
        authority: Option<&AuthorityKey>,
        at: Instant,
        ids: Option<(RecordId, OrganisationId)>,
    ) -> Result<Decided, CaseError> {
        match request {
            Request::Submit(submit) => {
                let authority = authority.ok_or(Refusal::ActorUnfit)?;
                self.submit(submit, actor, authority, at, ids)
            }
            Request::Step { record, command } => self.step(*record, command, actor, authority, at),
        }
    }

    fn step(
        &self,
        record: RecordId,
        command: &Command,
        actor: &Actor,
        authority: Option<&AuthorityKey>,
        at: Instant,
    ) -> Result<Decided, CaseError> {
        let found = self.case(record)?.ok_or(Refusal::CaseUnknown)?;
        let case = found.case;
        // Another authority learns no more than that there is nothing of its own here.
        if authority.is_some_and(|authority| *authority != case.authority) {
            return Err(Refusal::CaseUnknown.into());
        }
        // What was prepared before the last step was prepared for another case.
        if case.at > at {
            return Err(Refusal::PreparedTooOld.into());
        }
        let (entry, rules) = self.law(&case.revision.entry)?;
        let counterpart = self.counterpart(&case, command)?;
        let counterpart = counterpart.as_ref();
        let setting = Setting { actor, now: at, entry, rules, counterpart };
        self.check_measures(&case, command)?;
        let command = with_basis(command, entry);
        let steps = case::decide(&case, &command, &setting)?;
        Ok(Decided { record, organisation: case.organisation, registrations: Vec::new(), steps })
    }

    /// The other record of a correction (I-12): the successor a command names, else the record this
    /// one replaces.
    fn counterpart(&self, case: &Case, command: &Command) -> Result<Option<Case>, CaseError> {
        let other = match command {
            Command::Correct { successor } => Some(*successor),
            _ => case.revision.predecessor,
        };
        let Some(other) = other else { return Ok(None) };
        Ok(self.case(other)?.map(|found| found.case))
    }

    fn law(
        &self,
        entry: &domain::case::CatalogueKey,
    ) -> Result<(&'a CatalogueEntry, &'a ProcedureRules), CaseError> {
        let entry = self.packs.catalogue_entry(entry).ok_or(Refusal::EntryUnknown)?;
        let rules = self.packs.procedure(&entry.pack).ok_or(Refusal::PeriodMissing)?;
        Ok((entry, rules))
    }

    fn submit(
        &mut self,
        request: &SubmitRequest,
        actor: &Actor,
        authority: &AuthorityKey,
        at: Instant,
        ids: Option<(RecordId, OrganisationId)>,
    ) -> Result<Decided, CaseError> {
        let (entry, rules) = self.law(&request.entry)?;
        let record = match ids {
            Some((record, _)) if self.case(record)?.is_some() => {
                return Err(Refusal::SignatureUnfit.into());
            }
            Some((record, _)) => record,
            None => self.ledger.mint_record(at),
        };
        let subject = self.subject(request, authority, at, ids.map(|(_, id)| id))?;
        self.check_subject(request, &subject, authority, entry)?;
        let draft = &request.draft;
        let body = draft.body(entry.record_type).map_err(|field| {
            let problem = Problem::of_input(Refusal::FieldUnreadable);
            CaseError::Refused(vec![Problem { column: Some(field), ..problem }])
        })?;
        let severity = severity(entry, draft, &body);
        let mandates: Vec<Mandate> = self.packs.mandates_of(authority).cloned().collect();
        let (mandates, in_use_from) = self.in_use(mandates, authority, entry)?;
        let of = |id: Option<RecordId>| -> Result<Option<Case>, CaseError> {
            let Some(id) = id else { return Ok(None) };
            Ok(self.case(id)?.map(|found| found.case.as_of(at)))
        };
        let (predecessor, resubmission_of) = (of(draft.predecessor)?, of(draft.resubmission_of)?);
        let document_repeated = self.is_document_repeated(authority, entry, draft)?;
        self.check_repeated(authority, subject.organisation, entry, draft, at)?;
        let pack_hash = self.packs.pack(&entry.pack).map_or("", |pack| pack.hash.as_str());
        let submission = Submission {
            record,
            organisation: subject.organisation,
            authority: authority.clone(),
            mode: draft.mode,
            name_as_written: request.subject.name.clone(),
            grounds: draft.grounds.clone(),
            severity: draft.severity,
            procedure: draft.procedure,
            case_number: draft.case_number.clone(),
            decision: draft.decision.clone(),
            conduct: draft.conduct,
            start: draft.start,
            end: draft.end.map(|end| end_of(end, entry)),
            under_review: draft.under_review,
            attestations: draft.attestations.clone(),
            predecessor: draft.predecessor,
            resubmission_of: draft.resubmission_of,
            body,
        };
        let facts = SubmissionFacts {
            kind: subject.kind,
            is_identified: true,
            mandates: &mandates,
            territory: &request.territory,
            severity,
            document_repeated,
            predecessor: predecessor.as_ref(),
            resubmission_of: resubmission_of.as_ref(),
            in_use_from,
            pack_hash,
            above_rate: self.is_above_rate(authority, rules, at)?,
        };
        let counterpart = predecessor.as_ref();
        let setting = Setting { actor, now: at, entry, rules, counterpart };
        let mut steps = case::submit(&submission, &facts, &setting)?;
        // Neither waits for anybody: the registry does its own part at once.
        steps.extend(follow_up(&steps, entry, rules, at)?);
        Ok(Decided {
            record: submission.record,
            organisation: submission.organisation,
            registrations: subject.registrations,
            steps,
        })
    }

    /// Mandates that count now, and from when pack and mandate may be used against somebody.
    fn in_use(
        &self,
        of_packs: Vec<Mandate>,
        authority: &AuthorityKey,
        entry: &CatalogueEntry,
    ) -> Result<(Vec<Mandate>, Instant), CaseError> {
        let adoptions = self.desk.adoptions(&self.reader)?;
        let mut in_use_from = Instant::from_micros(0);
        let hash = self.packs.pack(&entry.pack).map(|pack| pack.hash.clone());
        let adopted_first = self.packs_at_the_start()?;
        let is_first = hash.as_ref().is_some_and(|hash| adopted_first.contains(hash));
        if !is_first {
            let adopted = adoptions.iter().rev().find_map(|(_, event)| match &event.body {
                EventBody::PackAdopted(adopted) if Some(&adopted.hash) == hash.as_ref() => {
                    Some(adopted.in_use_from)
                }
                _ => None,
            });
            // A pack on disk that nobody adopted is used against nobody.
            in_use_from = adopted.ok_or(Refusal::PackNotAdopted)?;
        }
        let mut mandates = of_packs;
        for (_, event) in &adoptions {
            if let EventBody::MandateAdopted(adopted) = &event.body
                && adopted.authority == *authority
                && adopted.entries.contains(&entry.id)
            {
                in_use_from = in_use_from.max(adopted.in_use_from);
                if let Some(like) = self.packs.mandates().next() {
                    mandates.push(Mandate {
                        authority: authority.clone(),
                        entries: adopted.entries.clone(),
                        territory: adopted.territory.clone(),
                        from: event.at.day_in(&domain::civil::Zone::UTC),
                        until: None,
                        ..like.clone()
                    });
                }
            }
        }
        Ok((mandates, in_use_from))
    }

    /// Hashes of the packs that the registry began with.
    fn packs_at_the_start(&self) -> Result<BTreeSet<String>, CaseError> {
        // What was committed first is what the first checkpoint covers.
        let first = self.reader.checkpoints()?.first().map_or(0, |(size, _)| *size);
        let mut hashes = BTreeSet::new();
        for position in 0..first {
            if let Some(wire::Leaf::Policy { hash, .. }) = self.reader.leaf(position)? {
                hashes.insert(hash);
            }
        }
        Ok(hashes)
    }

    fn subject(
        &mut self,
        request: &SubmitRequest,
        authority: &AuthorityKey,
        at: Instant,
        prepared: Option<OrganisationId>,
    ) -> Result<SubjectFound, CaseError> {
        let asked = &request.subject;
        if let Some(id) = asked.organisation {
            let file = self.public.file(&self.reader, id, None, None, at)?;
            let file = file.ok_or(Refusal::OrganisationUnknown)?.file;
            return Ok(SubjectFound {
                organisation: file.id,
                kind: file.kind,
                registrations: Vec::new(),
            });
        }
        let claim = asked.identifier.as_ref().ok_or(Refusal::SubjectUnidentified)?;
        // A name never joins, and neither does a number without a check (I-29).
        if !claim.joins() {
            return Err(Refusal::SubjectUnidentified.into());
        }
        // Also where nothing about it is public: two cases about one organisation are about one.
        if let Some(id) = self.tables.organisation_by_claim(&self.reader, claim)? {
            let kind = self.kind_of(id)?;
            return Ok(SubjectFound { organisation: id, kind, registrations: Vec::new() });
        }
        let kind = asked.kind.ok_or(Refusal::KindUnknown)?;
        let organisation = match prepared {
            Some(id) => id,
            None => self.ledger.mint_organisation(at),
        };
        let registered = EventBody::OrganisationRegistered(OrganisationRegistered {
            organisation,
            authority: authority.clone(),
            kind,
            legal_form: None,
            country: asked.country,
            place: None,
            name: Name {
                text: asked.name.clone(),
                language: String::new(),
                script: names::script_of(&asked.name).to_owned(),
                role: NameRole::Main,
            },
            entry: None,
        });
        let claimed = EventBody::IdentifierClaimed(IdentifierClaimed {
            organisation,
            authority: authority.clone(),
            claim: claim.clone(),
        });
        Ok(SubjectFound { organisation, kind, registrations: vec![registered, claimed] })
    }

    fn items(&mut self, steps: &[CaseEvent]) -> Result<Vec<manifest::Item>, CaseError> {
        let mut items = Vec::new();
        for step in steps {
            items.push(self.ledger.item(step)?);
        }
        Ok(items)
    }

    /// What the authority signed, step by step; nothing for other actors.
    fn signed(
        &mut self,
        decided: &Decided,
        by: &By,
        at: Instant,
    ) -> Result<Vec<manifest::Submission>, CaseError> {
        let own = |step: &CaseEvent| matches!(step.actor, Actor::Authority(_));
        let steps: Vec<CaseEvent> =
            decided.steps.iter().filter(|step| own(step)).cloned().collect();
        let submissions = match by {
            By::Key(key) => {
                let items = self.items(&steps)?;
                let authority = steps.first().map(|step| step.authority.clone());
                let authority = authority.ok_or(Refusal::ActorUnfit)?;
                self.ledger.sign_items(&authority, items, at, key)
            }
            By::Signed { submissions, .. } => submissions.clone(),
            _ => return Ok(Vec::new()),
        };
        if submissions.len() != steps.len() {
            return Err(Refusal::SignatureUnfit.into());
        }
        let mut replay = self.replay()?;
        for (step, submission) in steps.iter().zip(&submissions) {
            let event = Event { at, body: EventBody::Case(Box::new(step.clone())) };
            if replay.apply(&event, Some(submission)).is_err() {
                return Err(Refusal::SignatureUnfit.into());
            }
        }
        Ok(submissions)
    }

    fn replay(&self) -> Result<Replay, CaseError> {
        let mut replay = Replay::new(self.reader.origin());
        for (_, event) in self.desk.adoptions(&self.reader)? {
            // What is on the log was authorised when it was committed.
            let _ = replay.apply(&event, None);
        }
        Ok(replay)
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }
}

/// T05 for good and neutral records follows their submission in the same batch.
fn follow_up(
    steps: &[CaseEvent],
    entry: &CatalogueEntry,
    rules: &ProcedureRules,
    at: Instant,
) -> Result<Vec<CaseEvent>, CaseError> {
    if entry.polarity() == Polarity::Adverse {
        return Ok(Vec::new());
    }
    let Some(case) = case::fold(steps.iter().map(|step| (at, step))) else {
        return Ok(Vec::new());
    };
    let actor = &Actor::Registry;
    let setting = Setting { actor, now: at, entry, rules, counterpart: None };
    Ok(case::decide(&case, &Command::PublishNeutral, &setting)?)
}

struct Decided {
    record: RecordId,
    organisation: OrganisationId,
    registrations: Vec<EventBody>,
    steps: Vec<CaseEvent>,
}

struct SubjectFound {
    organisation: OrganisationId,
    kind: OrganisationKind,
    registrations: Vec<EventBody>,
}

/// The entry's own basis for a term without end: what is asked for says only that there be none.
fn end_of(end: EndAsked, entry: &CatalogueEntry) -> End {
    match end {
        EndAsked::On(day) => End::On(day),
        EndAsked::Indefinite => End::Indefinite {
            basis: entry.indefinite.as_ref().map_or_else(String::new, |basis| basis.short("en")),
        },
    }
}

fn with_basis(command: &Command, entry: &CatalogueEntry) -> Command {
    let mut command = command.clone();
    if let Command::Uphold(outcome) = &mut command
        && matches!(outcome.end, End::Indefinite { .. })
    {
        outcome.end = end_of(EndAsked::Indefinite, entry);
    }
    command
}

/// V07: the first rule of the entry that holds.
fn severity(
    entry: &CatalogueEntry,
    draft: &super::request::SubmissionDraft,
    body: &domain::record::Body,
) -> Option<Severity> {
    let amounts: BTreeMap<String, rust_decimal::Decimal> = match body {
        domain::record::Body::AdminPenalty(penalty) => {
            let fine: Option<&Money> = penalty.fine.as_ref();
            fine.map(|fine| (fine.currency.clone(), fine.amount)).into_iter().collect()
        }
        _ => BTreeMap::new(),
    };
    let facts = Facts {
        record_type: Some(entry.record_type),
        grounds: draft.grounds.clone(),
        severity: None,
        decision_date: draft.decision.as_ref().map(|decision| decision.date),
        conduct: draft.conduct,
        amounts,
        procedure: Some(draft.procedure),
        act: Some(entry.act),
        kind: None,
        territory: None,
        addressee: None,
    };
    let rule = entry.severity_rules.iter().find(|rule| rule.when.evaluate(&facts));
    rule.map(|rule| rule.severity).or(entry.severity_default)
}
