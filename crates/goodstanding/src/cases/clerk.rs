//! The clerk: one thread that writes for everybody who asks over HTTP. It takes what waits, lets
//! the desk decide it in order and commit it at once, and answers each caller with what became of
//! his part. The directory's lock is held only while there is work, and given up when another
//! writer waits for it: an import beside a server goes on as before.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use domain::ids::OrganisationId;
use domain::refusal::Problem;
use due_process::case::Exposure;
use ledger::LedgerError;
use tokio::sync::oneshot;

use super::desk::{CaseError, Committed, Desk, Order};
use crate::failing::explained;
use crate::registry::Registry;
use crate::setup;

/// Callers that may wait; the next one is told to come again.
const QUEUE_MAX: usize = 256;
/// Orders committed together: what one commit costs is shared, and nobody waits long for it.
const GROUP_ORDERS_MAX: usize = 2_000;
/// How long the lock is kept when nothing waits.
const IDLE: Duration = Duration::from_millis(50);
/// How long a caller waits for another writer.
const LOCK_WAIT_MAX: Duration = Duration::from_secs(10);
/// Between two tries for the lock.
const LOCK_PAUSE: Duration = Duration::from_millis(50);
/// How long another writer is let in before the clerk tries again.
const GIVE_WAY: Duration = Duration::from_secs(2);

/// What became of one order.
pub type Answer = Result<Committed, Vec<Problem>>;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// Too many wait, or another writer is at work: nothing was done, ask again.
    Busy,
    /// The machine failed, and it was logged. Whether it was done is told by asking again.
    Failed,
}

struct Job {
    orders: Vec<Order>,
    since: Instant,
    reply: oneshot::Sender<Result<Vec<Answer>, Unanswered>>,
}

/// The way to the clerk.
#[derive(Debug, Clone)]
pub struct Clerk {
    sender: SyncSender<Job>,
}

impl Clerk {
    /// Begins work for `registry`; ends when the last way to it is gone.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(registry: Arc<Registry>) -> std::io::Result<Clerk> {
        let (sender, receiver) = sync_channel(QUEUE_MAX);
        thread::Builder::new()
            .name("clerk".to_owned())
            .spawn(move || work(&registry, &receiver))?;
        Ok(Clerk { sender })
    }

    /// Lets `orders` be done, in their order, and waits for what becomes of each.
    pub async fn execute(&self, orders: Vec<Order>) -> Result<Vec<Answer>, Unanswered> {
        let (reply, answer) = oneshot::channel();
        match self.sender.try_send(Job { orders, since: Instant::now(), reply }) {
            Ok(()) => answer.await.unwrap_or(Err(Unanswered::Failed)),
            Err(TrySendError::Full(_)) => Err(Unanswered::Busy),
            Err(TrySendError::Disconnected(_)) => Err(Unanswered::Failed),
        }
    }
}

fn work(registry: &Registry, receiver: &Receiver<Job>) {
    let mut waiting = VecDeque::new();
    loop {
        if waiting.is_empty() {
            match receiver.recv() {
                Ok(job) => waiting.push_back(job),
                Err(_) => return,
            }
        }
        let packs = registry.packs();
        match Desk::open_now(registry.dir(), &packs, registry.clock()) {
            Ok(mut desk) => sit(&mut desk, &mut waiting, receiver),
            Err(CaseError::Ledger(LedgerError::Locked(_))) => {
                thread::sleep(LOCK_PAUSE);
                send_away(&mut waiting, receiver);
                continue;
            }
            Err(error) => fail(&error, waiting.drain(..)),
        }
        give_way(registry);
    }
}

/// Whoever has waited too long for another writer is told so.
fn send_away(waiting: &mut VecDeque<Job>, receiver: &Receiver<Job>) {
    waiting.extend(receiver.try_iter());
    for job in std::mem::take(waiting) {
        if job.since.elapsed() > LOCK_WAIT_MAX {
            let _ = job.reply.send(Err(Unanswered::Busy));
        } else {
            waiting.push_back(job);
        }
    }
}

/// Works with the lock held, until nothing is left to do, somebody else wants it, or it failed.
fn sit(desk: &mut Desk<'_>, waiting: &mut VecDeque<Job>, receiver: &Receiver<Job>) {
    loop {
        let group = next_group(waiting, receiver);
        if let Err(failed) = commit(desk, group) {
            let (error, group) = *failed;
            fail(&error, group.into_iter());
            return;
        }
        if setup::is_wanted(desk.directory()) {
            return;
        }
        if waiting.is_empty() {
            match receiver.recv_timeout(IDLE) {
                Ok(job) => waiting.push_back(job),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

/// As many of those who wait as are committed together. Whoever went away before his turn has
/// nothing done for him: he does not know, and asks again.
fn next_group(waiting: &mut VecDeque<Job>, receiver: &Receiver<Job>) -> Vec<Job> {
    let (mut group, mut orders) = (Vec::new(), 0);
    while orders < GROUP_ORDERS_MAX {
        let Some(job) = waiting.pop_front().or_else(|| receiver.try_recv().ok()) else { break };
        if !job.reply.is_closed() {
            orders += job.orders.len();
            group.push(job);
        }
    }
    group
}

type Failed = Box<(CaseError, Vec<Job>)>;

fn commit(desk: &mut Desk<'_>, mut group: Vec<Job>) -> Result<(), Failed> {
    let counts: Vec<usize> = group.iter().map(|job| job.orders.len()).collect();
    let orders: Vec<Order> =
        group.iter_mut().flat_map(|job| std::mem::take(&mut job.orders)).collect();
    let outcomes = match desk.execute_all(&orders) {
        Ok(outcomes) => outcomes,
        Err(error) => return Err(Box::new((error, group))),
    };
    let mut public: Vec<OrganisationId> = outcomes
        .iter()
        .flatten()
        .filter(|committed| is_public(desk, committed))
        .map(|committed| committed.organisation)
        .collect();
    public.sort_unstable();
    public.dedup();
    let mut outcomes = outcomes.into_iter().map(|outcome| {
        outcome.map_err(|error| match error {
            CaseError::Refused(problems) => problems,
            // Failures of the machine end the whole group above.
            _ => Vec::new(),
        })
    });
    for (job, count) in group.into_iter().zip(counts) {
        // Whoever went away meanwhile asks again, and is told what was done.
        let _ = job.reply.send(Ok(outcomes.by_ref().take(count).collect()));
    }
    // Everybody has his answer: what fails from here on is mended by the next upkeep.
    if !public.is_empty()
        && let Err(error) = desk.announce(&public)
    {
        tracing::warn!(error = %explained(&error), "what became public could not be announced");
    }
    Ok(())
}

/// Whether the public sees something of the record, so that openings may be due.
fn is_public(desk: &Desk<'_>, committed: &Committed) -> bool {
    let standing = desk.view().standing(committed.record);
    standing
        .ok()
        .flatten()
        .is_some_and(|(case, _)| !matches!(case.as_of(committed.at).exposure(), Exposure::Nothing))
}

fn fail(error: &CaseError, jobs: impl Iterator<Item = Job>) {
    tracing::error!(error = %explained(error), "the desk failed");
    for job in jobs {
        let _ = job.reply.send(Err(Unanswered::Failed));
    }
}

/// Another writer polls for the lock: it gets a moment in which it is free.
fn give_way(registry: &Registry) {
    let begun = Instant::now();
    while setup::is_wanted(registry.dir()) && begun.elapsed() < GIVE_WAY {
        thread::sleep(Duration::from_millis(10));
    }
}
