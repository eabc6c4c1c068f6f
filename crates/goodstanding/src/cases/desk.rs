//! The desk: the one place where commands about cases become entries of the log.

use std::path::Path;
use std::sync::Arc;

use domain::authority::AuthorityKey;
use domain::case::{Actor, CaseEvent, Step};
use domain::civil::Instant;
use domain::event::{Event, EventBody};
use domain::feedback::MeasureFeedbackGiven;
use domain::identity::ReviewerHandle;
use domain::ids::{OrganisationId, RecordId};
use domain::refusal::{Problem, Refusal};
use due_process::case::{Case, Command, Refused};
use ledger::manifest::{self, Replay};
use ledger::note::SignerKey;
use ledger::{Batch, Draft, Ledger, LedgerError, SystemEntropy, wire};
use policy::{InUse, Packs};
use projections::{DeskCase, ProjectionError, ReadTables};

use super::accounts::{self, Account};
use super::decide::{Asking, Decided, Deciding, Pending};
use super::own_tokens::{self, Bearer};
use super::request::Request;
use super::ticket::Ticket;
use super::view::View;
use crate::clock::Clock;
use crate::erasure::{self, ErasureError};
use crate::laws::{Laws, LawsError};
use crate::reviewers::ReviewersError;
use crate::setup::{self, READ_TABLES, SetupError};
use crate::upkeep::{self, UpkeepError};

/// Who asks, as they proved it.
#[derive(Debug)]
pub enum By {
    /// An account of an authority, with the key it signs with.
    Key(Box<SignerKey>),
    /// An account of an authority, which signed what was prepared for it.
    Signed {
        /// What the registry said when it prepared it.
        ticket: Box<Ticket>,
        /// What it signed, step by step.
        submissions: Vec<manifest::Submission>,
    },
    /// The subject, by the token that came with the notice or one of its own.
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
    /// What the organisation needs that a notice names as successor (T45).
    pub successor_token: Option<String>,
    /// Whether it was committed before, and asked for again.
    pub is_repeated: bool,
}

/// What an account of an authority has to sign.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// To be sent back with it.
    pub ticket: Ticket,
    /// The steps, each to be signed in its canonical form.
    pub steps: Vec<CaseEvent>,
    /// Their bodies with disclosures.
    pub items: Vec<manifest::Item>,
}

/// One command and who proved to give it.
#[derive(Debug)]
pub struct Order {
    /// What.
    pub request: Request,
    /// Who.
    pub by: By,
    /// Where the same may be sent again: what it is known by.
    pub once: Option<Once>,
}

/// What a request that may be sent again is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Once {
    /// Of whom, and its id.
    pub key: [u8; 32],
    /// What it asks for.
    pub content: [u8; 32],
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
    /// What is kept for a token of a subject could not be written.
    #[error("the token could not be kept: {0}")]
    Tokens(#[source] std::io::Error),
    /// A pack could not be read, stored or put in force.
    #[error(transparent)]
    Setup(#[from] SetupError),
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

impl From<LawsError> for CaseError {
    fn from(error: LawsError) -> CaseError {
        match error {
            LawsError::Ledger(error) => CaseError::Ledger(error),
            LawsError::Setup(error) => CaseError::Setup(error),
        }
    }
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
    packs: &'a Packs,
    clock: &'a dyn Clock,
    ledger: Ledger,
    tables: ReadTables,
    view: View,
    laws: Arc<Laws>,
}

impl<'a> Desk<'a> {
    /// Opens the desk of the registry at `directory`, waiting for another writer for a while.
    pub fn open(
        directory: &Path,
        packs: &'a Packs,
        clock: &'a dyn Clock,
    ) -> Result<Desk<'a>, CaseError> {
        Desk::of(setup::open_writer(directory)?, directory, packs, clock)
    }

    /// The same without waiting.
    ///
    /// # Errors
    /// [`LedgerError::Locked`] while another writer is at work.
    pub fn open_now(
        directory: &Path,
        packs: &'a Packs,
        clock: &'a dyn Clock,
    ) -> Result<Desk<'a>, CaseError> {
        let ledger = Ledger::open(directory, Box::new(SystemEntropy))?;
        Desk::of(ledger, directory, packs, clock)
    }

    fn of(
        ledger: Ledger,
        directory: &Path,
        packs: &'a Packs,
        clock: &'a dyn Clock,
    ) -> Result<Desk<'a>, CaseError> {
        let reader = ledger.reader()?;
        let mut tables = ReadTables::open(&directory.join(READ_TABLES), reader.mac_key()?)?;
        tables.follow(&reader, reader.size()?, &mut |_| {})?;
        let view = View::open(directory)?;
        let laws = view.laws(packs)?;
        Ok(Desk { packs, clock, ledger, tables, view, laws })
    }

    /// Leaves the files of the log to the next opening ([`Ledger::defer_files`]).
    pub fn defer_files(&mut self) {
        self.ledger.defer_files();
    }

    /// Which token of a party of `record` this is, and as whom its holder acts there.
    pub fn bearer(&self, record: RecordId, token: &str) -> Result<(Bearer, Actor), CaseError> {
        let (case, now) = (self.view.standing(record)?.map(|(case, _)| case), self.now()?);
        Ok(self.bearer_in(record, case.map(|case| case.as_of(now)).as_ref(), token)?)
    }

    fn bearer_in(
        &self,
        record: RecordId,
        case: Option<&Case>,
        token: &str,
    ) -> Result<(Bearer, Actor), Refusal> {
        let bearer = own_tokens::bearer(self.directory(), &self.view.registry_key, record, token)?;
        let actor = case.and_then(|case| bearer.acts_as(case));
        Ok((bearer, actor.ok_or(Refusal::TokenUnfit)?))
    }

    /// Gives the subject of `record`, which showed the reviewer who it is, a token of its own.
    pub fn give_token(&self, record: RecordId, by: &ReviewerHandle) -> Result<String, CaseError> {
        if !self.is_reviewer(by) {
            return Err(Refusal::ReviewerUnknown.into());
        }
        self.case(record)?.ok_or(Refusal::CaseUnknown)?;
        let (key, by) = (&self.view.registry_key, (by, self.now()?));
        own_tokens::give(self.directory(), key, record, by, &mut SystemEntropy)
            .map_err(CaseError::Tokens)
    }

    /// max(clock, last committed time): a clock that went back shortens no period.
    pub fn now(&self) -> Result<Instant, CaseError> {
        self.view.now(self.clock)
    }

    /// The case of `record`, as its last step left it.
    pub fn case(&self, record: RecordId) -> Result<Option<DeskCase>, CaseError> {
        Ok(self.view.desk.case(&self.view.reader, record)?)
    }

    /// The cases of `authority`, of `organisation`, or of both, in the order of submission.
    pub fn cases(
        &self,
        authority: Option<&AuthorityKey>,
        organisation: Option<OrganisationId>,
    ) -> Result<Vec<Case>, CaseError> {
        Ok(self.view.desk.cases(&self.view.reader, authority, organisation)?)
    }

    /// Accounts of authorities.
    pub fn accounts(&self) -> Result<Vec<Account>, CaseError> {
        self.view.accounts()
    }

    /// Does what `request` asks, or refuses. A crash before the commit leaves nothing; after it,
    /// the openings stay sealed until the next upkeep announces them.
    pub fn execute(&mut self, request: &Request, by: &By) -> Result<Committed, CaseError> {
        if matches!(request, Request::Step { command: Command::Erase, .. }) {
            return self.erase(request, by);
        }
        let mut committed = self.commit(&[(request, by)])?;
        let committed = committed.pop().unwrap_or_else(|| Err(Refusal::StepUnfit.into()))?;
        // A registry without a server has no other upkeep than this.
        self.announce_all()?;
        Ok(committed)
    }

    /// T47: the `erasure` entry is the step's entry on the log. An event would be content again.
    fn erase(&mut self, request: &Request, by: &By) -> Result<Committed, CaseError> {
        let now = self.now()?;
        let mut replay = self.replay()?;
        let pending = Pending::default();
        let (decided, _) = self.decided(request, by, now, &pending, &mut replay)?;
        let units = erasure::units_of_records(&self.tables, &self.view.reader, &[decided.record])?;
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
            successor_token: None,
            is_repeated: false,
        })
    }

    /// Does what each of `orders` asks, or refuses it, one decided after the other on what the ones
    /// before it leave, and all that are not refused committed at once: all of it or nothing.
    ///
    /// # Errors
    /// When the machine failed. Whether anything was committed is then not known until the desk is
    /// opened again.
    pub fn execute_all(
        &mut self,
        orders: &[Order],
    ) -> Result<Vec<Result<Committed, CaseError>>, CaseError> {
        let orders: Vec<(&Request, &By)> =
            orders.iter().map(|order| (&order.request, &order.by)).collect();
        self.commit(&orders)
    }

    /// Lets openings about `organisations` be announced that became public, or are no longer: the
    /// public answer does not wait for it.
    pub fn announce(&mut self, organisations: &[OrganisationId]) -> Result<(), CaseError> {
        let now = self.now()?;
        upkeep::announce_about(&mut self.ledger, &mut self.tables, organisations, now)?;
        Ok(())
    }

    /// Lets everything be announced that is due.
    pub fn announce_all(&mut self) -> Result<(), CaseError> {
        let now = self.now()?;
        upkeep::announce(&mut self.ledger, &mut self.tables, now)?;
        Ok(())
    }

    fn commit(
        &mut self,
        orders: &[(&Request, &By)],
    ) -> Result<Vec<Result<Committed, CaseError>>, CaseError> {
        let now = self.now()?;
        let mut pending = Pending::default();
        // One for all: a manifest that several of them are part of is checked once.
        let mut replay = self.replay()?;
        let mut drafts: Vec<Draft> = Vec::new();
        let mut outcomes: Vec<Result<(Decided, u64), CaseError>> = Vec::with_capacity(orders.len());
        for (request, by) in orders {
            match self.decided(request, by, now, &pending, &mut replay) {
                Ok((decided, submissions)) => {
                    pending.add(&decided, decided.before.clone(), now);
                    let from = drafts.len() as u64;
                    drafts.extend(drafts_of(&decided, submissions));
                    outcomes.push(Ok((decided, from)));
                }
                Err(CaseError::Refused(refused)) => outcomes.push(Err(refused.into())),
                Err(error) => return Err(error),
            }
        }
        self.forget_tokens(&outcomes).map_err(CaseError::Tokens)?;
        if drafts.is_empty() {
            return Ok(outcomes.into_iter().map(|outcome| Err(refused(outcome))).collect());
        }
        let batch = Batch { drafts, leaves: Vec::new(), expected: Vec::new() };
        let appended = match self.ledger.append(batch, now) {
            Ok(appended) => appended,
            // What was signed is not word for word what was decided: nothing was written, and the
            // others do not suffer for it.
            Err(LedgerError::Wire(error)) => return self.one_by_one(orders, error),
            Err(error) => return Err(error.into()),
        };
        self.tables.follow(&self.view.reader, appended.to, &mut |_| {})?;
        let committed = |(decided, from): (Decided, u64)| {
            let from = appended.from + from;
            // What happened to another record beside it stands after them.
            let entries = decided.registrations.len() + decided.steps.len();
            Committed {
                record: decided.record,
                organisation: decided.organisation,
                from,
                to: from + entries as u64,
                at: appended.at,
                checkpoint: appended.checkpoint.clone(),
                subject_token: own_tokens::of_case(
                    self.view.directory(),
                    &self.view.registry_key,
                    decided.record,
                    decided.before.as_ref(),
                ),
                successor_token: accounts::told_successor(&self.view.registry_key, &decided.steps),
                is_repeated: false,
                steps: decided.steps,
            }
        };
        Ok(outcomes.into_iter().map(|outcome| outcome.map(committed)).collect())
    }

    fn one_by_one(
        &mut self,
        orders: &[(&Request, &By)],
        error: wire::WireError,
    ) -> Result<Vec<Result<Committed, CaseError>>, CaseError> {
        if let [(_, by)] = orders {
            return match by {
                By::Signed { .. } => Ok(vec![Err(Refusal::SignatureUnfit.into())]),
                _ => Err(LedgerError::Wire(error).into()),
            };
        }
        let mut outcomes = Vec::with_capacity(orders.len());
        for order in orders {
            outcomes.extend(self.commit(std::slice::from_ref(order))?);
        }
        Ok(outcomes)
    }

    /// What follows from one order, with what its authority signed.
    fn decided(
        &mut self,
        request: &Request,
        by: &By,
        now: Instant,
        pending: &Pending,
        replay: &mut Replay,
    ) -> Result<(Decided, Vec<manifest::Submission>), CaseError> {
        let asking = self.asking(request, by, now, pending)?;
        let deciding = Deciding { view: &self.view, packs: self.packs, pending };
        let decided = deciding.decide(request, &asking, &mut SystemEntropy)?;
        let submissions = self.signed(&decided, by, asking.at, replay)?;
        Ok((decided, submissions))
    }

    /// Commits what was adopted: a key or a mandate.
    pub fn adopt(&mut self, event: EventBody) -> Result<(u64, Instant), CaseError> {
        self.adopt_all(vec![event], Vec::new(), Vec::new())
    }

    /// Commits what was adopted together, with what it does to records and the entries in the clear
    /// that tell it to everybody: all of it or nothing.
    pub fn adopt_all(
        &mut self,
        events: Vec<EventBody>,
        steps: Vec<CaseEvent>,
        leaves: Vec<wire::Leaf>,
    ) -> Result<(u64, Instant), CaseError> {
        let now = self.now()?;
        let mut replay = self.replay()?;
        for event in &events {
            let trial = Event { at: now, body: event.clone() };
            if replay.apply(&trial, None).is_err() {
                return Err(Refusal::KeyUnfit.into());
            }
        }
        let draft = |event| Draft { event, open: true, submission: None };
        let mut drafts: Vec<Draft> = events.into_iter().map(draft).collect();
        drafts.extend(steps.into_iter().map(|step| Draft {
            event: EventBody::Case(Box::new(step)),
            open: false,
            submission: None,
        }));
        let appended = self.ledger.append(Batch { drafts, leaves, expected: Vec::new() }, now)?;
        self.tables.follow(&self.view.reader, appended.to, &mut |_| {})?;
        Ok((appended.from, appended.at))
    }

    /// Commits what an addressee said of a measure. Its opening stays sealed: it is for figures.
    ///
    /// # Errors
    /// 822 when it said so before.
    pub fn take_feedback(&mut self, given: MeasureFeedbackGiven) -> Result<u64, CaseError> {
        if self.view.desk.feedback_once(given.once)? == Some(given.said) {
            return Err(Refusal::FeedbackRepeated.into());
        }
        let now = self.now()?;
        let event = EventBody::MeasureFeedbackGiven(given);
        let drafts = vec![Draft { event, open: false, submission: None }];
        let batch = Batch { drafts, leaves: Vec::new(), expected: Vec::new() };
        let appended = self.ledger.append(batch, now)?;
        self.tables.follow(&self.view.reader, appended.to, &mut |_| {})?;
        Ok(appended.from)
    }

    /// The position that the next entry will have: the lock is held.
    pub fn position(&self) -> Result<u64, CaseError> {
        Ok(self.view.reader.size()?)
    }

    /// Every version of the packs that the log names, as of when the desk was opened.
    pub fn laws(&self) -> &Laws {
        &self.laws
    }

    /// What of the packs may be used at `at`.
    pub fn in_use(&self, at: Instant) -> Arc<InUse> {
        self.laws.at(at)
    }

    /// Whether `handle` is a reviewer of this registry.
    pub fn is_reviewer(&self, handle: &ReviewerHandle) -> bool {
        self.view.is_reviewer(handle)
    }

    /// Who acts, as the log will say it; for whose authority; and for which instant it is decided.
    fn asking<'b>(
        &self,
        request: &Request,
        by: &'b By,
        now: Instant,
        pending: &Pending,
    ) -> Result<Asking<'b>, CaseError> {
        let known = |handle: &ReviewerHandle| {
            if self.is_reviewer(handle) { Ok(()) } else { Err(Refusal::ReviewerUnknown) }
        };
        let asking = |actor| Asking {
            actor,
            authority: None,
            at: now,
            now,
            is_party: matches!(by, By::Subject(_)),
            ticket: None,
        };
        Ok(match by {
            By::Key(key) => {
                let accounts = self.accounts()?;
                let account = accounts::by_key(&accounts, key.vkey()).ok_or(Refusal::KeyUnfit)?;
                let authority = Some(account.authority.clone());
                Asking { authority, ..asking(Actor::Authority(account.account.clone())) }
            }
            By::Signed { ticket, .. } => {
                let oldest = now.plus_minutes(-PREPARED_MINUTES_MAX);
                if ticket.at > now || ticket.at < oldest {
                    return Err(Refusal::PreparedTooOld.into());
                }
                Asking {
                    actor: Actor::Authority(ticket.account.clone()),
                    authority: Some(ticket.authority.clone()),
                    at: ticket.at,
                    now,
                    is_party: false,
                    ticket: Some(ticket),
                }
            }
            By::Subject(token) => match request {
                Request::Step { record, command } => {
                    let case = match pending.cases.get(record) {
                        Some(case) => Some(case.clone()),
                        None => self.view.standing(*record)?.map(|(case, _)| case),
                    };
                    let case = case.map(|case| case.as_of(now));
                    let (bearer, actor) = self.bearer_in(*record, case.as_ref(), token)?;
                    bearer.check(command)?;
                    asking(actor)
                }
                Request::Submit(_) => return Err(Refusal::TokenUnfit.into()),
            },
            By::ThirdParty => match request {
                // Anybody may object; to be heard as a successor takes the token of one.
                Request::Step { command: Command::Object { .. }, .. } => asking(Actor::ThirdParty),
                _ => return Err(Refusal::ActorUnfit.into()),
            },
            By::Reviewer(handle) => {
                known(handle)?;
                asking(Actor::Reviewer(handle.clone()))
            }
            By::Court(handle) => {
                known(handle)?;
                asking(Actor::Court)
            }
            By::Registry => asking(Actor::Registry),
        })
    }

    /// Before a record comes to a successor: what the registry gave to whoever it was about counts
    /// no
    /// more. A crash in between leaves it to be given anew.
    fn forget_tokens(&self, outcomes: &[Result<(Decided, u64), CaseError>]) -> std::io::Result<()> {
        let imputed = |event: &CaseEvent| matches!(event.step, Step::Imputed { .. });
        for (decided, _) in outcomes.iter().flatten() {
            if decided.steps.iter().any(imputed) {
                own_tokens::forget(self.directory(), decided.record)?;
            }
        }
        Ok(())
    }

    /// What the authority signed, step by step; nothing for other actors.
    fn signed(
        &mut self,
        decided: &Decided,
        by: &By,
        at: Instant,
        replay: &mut Replay,
    ) -> Result<Vec<manifest::Submission>, CaseError> {
        let own = |step: &CaseEvent| matches!(step.actor, Actor::Authority(_));
        let steps: Vec<CaseEvent> =
            decided.steps.iter().filter(|step| own(step)).cloned().collect();
        let submissions = match by {
            By::Key(key) => {
                let items: Result<Vec<_>, _> =
                    steps.iter().map(|step| self.ledger.item(step)).collect();
                let authority = steps.first().map(|step| step.authority.clone());
                let authority = authority.ok_or(Refusal::ActorUnfit)?;
                self.ledger.sign_items(&authority, items?, at, key)
            }
            By::Signed { submissions, .. } => submissions.clone(),
            _ => return Ok(Vec::new()),
        };
        if submissions.len() != steps.len() {
            return Err(Refusal::SignatureUnfit.into());
        }
        for (step, submission) in steps.iter().zip(&submissions) {
            let event = Event { at, body: EventBody::Case(Box::new(step.clone())) };
            if replay.apply(&event, Some(submission)).is_err() {
                return Err(Refusal::SignatureUnfit.into());
            }
        }
        Ok(submissions)
    }

    /// The keys that count.
    fn replay(&self) -> Result<Replay, CaseError> {
        Ok(self.view.adopted()?.replay.clone())
    }

    /// What the desk reads.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        self.view.directory()
    }
}

fn drafts_of(decided: &Decided, submissions: Vec<manifest::Submission>) -> Vec<Draft> {
    let registered = decided.registrations.iter().cloned();
    let mut drafts: Vec<Draft> =
        registered.map(|event| Draft { event, open: false, submission: None }).collect();
    let mut submissions = submissions.into_iter();
    let beside = decided.beside.iter().flat_map(|(_, steps)| steps);
    for step in decided.steps.iter().chain(beside) {
        // The registry's own part of a submission is signed by nobody else.
        let submission = match step.actor {
            Actor::Authority(_) => submissions.next().map(Box::new),
            _ => None,
        };
        let event = EventBody::Case(Box::new(step.clone()));
        drafts.push(Draft { event, open: false, submission });
    }
    drafts
}

/// Of a batch of which nothing is left to commit.
fn refused(outcome: Result<(Decided, u64), CaseError>) -> CaseError {
    match outcome {
        Err(error) => error,
        // Every decision has steps.
        Ok(_) => Refusal::StepUnfit.into(),
    }
}

/// What an account of an authority would have to sign for `request` at `now`; commits nothing.
pub fn prepare(
    view: &View,
    packs: &Packs,
    requests: &[Request],
    account: &Account,
    now: Instant,
) -> Result<Vec<Result<Prepared, CaseError>>, CaseError> {
    let mut pending = Pending::default();
    let mut outcomes = Vec::with_capacity(requests.len());
    for request in requests {
        let asking = Asking {
            actor: Actor::Authority(account.account.clone()),
            authority: Some(account.authority.clone()),
            at: now,
            now,
            is_party: false,
            ticket: None,
        };
        let deciding = Deciding { view, packs, pending: &pending };
        let decided = match deciding.decide(request, &asking, &mut SystemEntropy) {
            Err(CaseError::Refused(refused)) => {
                outcomes.push(Err(refused.into()));
                continue;
            }
            Err(error) => return Err(error),
            Ok(decided) => decided,
        };
        pending.add(&decided, decided.before.clone(), now);
        let own = |step: &&CaseEvent| matches!(step.actor, Actor::Authority(_));
        let steps: Vec<CaseEvent> = decided.steps.iter().filter(own).cloned().collect();
        let items: Result<Vec<_>, _> =
            steps.iter().map(|step| wire::item(step, &mut SystemEntropy)).collect();
        let items = items.map_err(LedgerError::Wire)?;
        let ticket = Ticket {
            authority: account.authority.clone(),
            account: account.account.clone(),
            at: now,
            record: decided.record,
            organisation: decided.organisation,
            seen: decided.seen,
            request: [0; 32],
        };
        outcomes.push(Ok(Prepared { ticket, steps, items }));
    }
    Ok(outcomes)
}
