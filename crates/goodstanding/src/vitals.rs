//! How a registry is in numbers that cost nothing to read, for operators.

use domain::civil::Instant;
use ledger::{LedgerError, LedgerReader, Opened};

/// How a registry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vitals {
    /// Entries on the log.
    pub size: u64,
    /// Entries the published checkpoint covers.
    pub published: u64,
    /// When the last entries were committed and their checkpoint was signed.
    pub last_at: Instant,
    /// Entries the read tables have.
    pub followed: u64,
    /// When the oldest event they do not have was committed, if one is near.
    pub oldest_pending_at: Option<Instant>,
}

/// Entries looked at for one that carries a time: those in the clear and erased ones do not.
const LOOKED_AT_MAX: u64 = 64;

/// Reads them; `followed` is the position of the read tables.
pub fn read(ledger: &LedgerReader, followed: u64) -> Result<Vitals, LedgerError> {
    let size = ledger.size()?;
    let last_at = ledger.last_at()?;
    let mut oldest_pending_at = None;
    for position in followed..size.min(followed.saturating_add(LOOKED_AT_MAX)) {
        if let Some(Opened::Event(event, _)) = ledger.event(position)? {
            oldest_pending_at = Some(event.at);
            break;
        }
    }
    if followed < size && oldest_pending_at.is_none() {
        oldest_pending_at = Some(last_at);
    }
    let (_, checkpoint) = ledger.checkpoint()?;
    Ok(Vitals { size, published: checkpoint.size, last_at, followed, oldest_pending_at })
}
