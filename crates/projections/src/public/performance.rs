//! How well authorities keep their own deadlines, as far as everybody is told.

use domain::authority::AuthorityKey;
use domain::civil::Instant;
use ledger::LedgerReader;

use super::PublicReader;
use crate::ProjectionError;
use crate::answers::Performance;
use crate::performance::performances;

impl PublicReader {
    /// The figures of `authority` at the beginning of the day of `now`, or of an earlier day `on`;
    /// `None` while it submitted nothing.
    pub fn performance(
        &self,
        ledger: &LedgerReader,
        authority: &AuthorityKey,
        on: Option<Instant>,
        now: Instant,
    ) -> Result<Option<Performance>, ProjectionError> {
        self.asked(ledger, now, |request| {
            let on = on.map_or(request.now, |on| on.min(request.now));
            Ok(performances(request.base, ledger, Some(authority), on)?.remove(authority))
        })
    }

    /// The figures of every authority that submitted records, by key.
    pub fn performances(
        &self,
        ledger: &LedgerReader,
        on: Option<Instant>,
        now: Instant,
    ) -> Result<Vec<Performance>, ProjectionError> {
        self.asked(ledger, now, |request| {
            let on = on.map_or(request.now, |on| on.min(request.now));
            Ok(performances(request.base, ledger, None, on)?.into_values().collect())
        })
    }
}
