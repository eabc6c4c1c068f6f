//! How well authorities keep their own deadlines, as far as everybody is told.

use domain::authority::AuthorityKey;
use domain::civil::Instant;
use ledger::LedgerReader;

use super::PublicReader;
use crate::ProjectionError;
use crate::answers::{Performance, PerformanceBasis};
use crate::performance::{basis, performances};

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

    /// The figures of every authority that submitted records, by key, and what they follow from.
    /// Looks at every case: callers keep the answer while [`PublicReader::performance_basis`] is
    /// the same.
    pub fn performances(
        &self,
        ledger: &LedgerReader,
        on: Option<Instant>,
        now: Instant,
    ) -> Result<(PerformanceBasis, Vec<Performance>), ProjectionError> {
        // Before the tables: what is committed in between makes the basis pass once more.
        let head = (ledger.last_at()?, ledger.size()?);
        self.asked(ledger, now, |request| {
            let on = on.map_or(request.now, |on| on.min(request.now));
            let basis = basis(request.base, request.cursor, head, on)?;
            let told = performances(request.base, ledger, None, on)?;
            Ok((basis, told.into_values().collect()))
        })
    }

    /// What the figures follow from: as long as it is the same, so are they. Costs the same however
    /// many cases there are.
    pub fn performance_basis(
        &self,
        ledger: &LedgerReader,
        on: Option<Instant>,
        now: Instant,
    ) -> Result<PerformanceBasis, ProjectionError> {
        let head = (ledger.last_at()?, ledger.size()?);
        self.asked(ledger, now, |request| {
            let on = on.map_or(request.now, |on| on.min(request.now));
            basis(request.base, request.cursor, head, on)
        })
    }
}
