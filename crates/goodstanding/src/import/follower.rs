//! The read tables follow the log in a thread of their own while rows are still being decided.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use ledger::LedgerReader;
use projections::ReadTables;

use super::ImportError;

/// Entries the read tables may be behind before the import waits for them: what it committed and
/// they do not know yet is kept in memory meanwhile. About three seconds of work.
const BEHIND_MAX: u64 = 120_000;

/// How often it is looked whether they have come nearer.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// The thread that follows, and how far it got.
pub struct Follower {
    sender: Option<Sender<u64>>,
    cursor: Arc<AtomicU64>,
    thread: Option<JoinHandle<Result<(), ImportError>>>,
}

impl Follower {
    /// Starts following in the registry at `directory`.
    pub fn start(directory: PathBuf, tables: ReadTables) -> Result<Follower, ImportError> {
        let cursor = Arc::new(AtomicU64::new(tables.cursor()?));
        let (sender, receiver) = channel();
        let reached = Arc::clone(&cursor);
        let reader = LedgerReader::open(&directory)?;
        let thread = std::thread::spawn(move || follow(&reader, tables, &receiver, &reached));
        Ok(Follower { sender: Some(sender), cursor, thread: Some(thread) })
    }

    /// Asks the read tables to follow up to `to`, and waits while they are far behind.
    pub fn follow(&mut self, to: u64) -> Result<(), ImportError> {
        let sent = self.sender.as_ref().is_some_and(|sender| sender.send(to).is_ok());
        // The thread ends early only with an error: joining brings it here.
        if !sent {
            return self.join();
        }
        while to.saturating_sub(self.cursor()) > BEHIND_MAX && !self.has_stopped() {
            std::thread::sleep(LOOK_AGAIN);
        }
        Ok(())
    }

    fn has_stopped(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// The position up to which the read tables have followed.
    pub fn cursor(&self) -> u64 {
        self.cursor.load(Ordering::Acquire)
    }

    /// Waits until everything asked for is in the read tables.
    pub fn finish(mut self) -> Result<(), ImportError> {
        self.join()
    }

    fn join(&mut self) -> Result<(), ImportError> {
        self.sender = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) | None => Err(ImportError::Stopped("thread of the read tables")),
        }
    }
}

fn follow(
    reader: &LedgerReader,
    mut tables: ReadTables,
    receiver: &Receiver<u64>,
    reached: &AtomicU64,
) -> Result<(), ImportError> {
    while let Ok(first) = receiver.recv() {
        // Several batches may have been committed meanwhile: one transaction takes them all.
        let to = receiver.try_iter().last().unwrap_or(first);
        tables.follow(reader, to, &mut |_| {})?;
        reached.store(to, Ordering::Release);
    }
    Ok(())
}
