//! For those who received something: what was withdrawn since, and whether what they hold stands.

use domain::civil::Instant;
use domain::ids::RecordId;
use ledger::LedgerReader;

use super::PublicReader;
use crate::ProjectionError;
use crate::feedback::Feedback;
use crate::withdrawn::{Since, Withdrawals};

impl PublicReader {
    /// What was withdrawn from `since` on. It names positions and marks, never a record, an
    /// organisation or a reason.
    pub fn withdrawals(
        &self,
        ledger: &LedgerReader,
        since: Since,
        now: Instant,
    ) -> Result<Withdrawals, ProjectionError> {
        self.asked(ledger, now, |request| request.base.withdrawals(ledger, since, request.cursor))
    }

    /// What addressees said of measures, in numbers that tell of no organisation.
    pub fn feedback(
        &self,
        ledger: &LedgerReader,
        now: Instant,
    ) -> Result<Feedback, ProjectionError> {
        self.asked(ledger, now, |request| request.base.feedback(request.now))
    }

    /// Which of `records` are public now, in their order, and entries below which position are
    /// known. One that ended, was repaired or corrected, and one that never was, are alike.
    pub fn standing_of(
        &self,
        ledger: &LedgerReader,
        records: &[RecordId],
        now: Instant,
    ) -> Result<(u64, Vec<bool>), ProjectionError> {
        self.asked(ledger, now, |request| {
            let mut standing = Vec::with_capacity(records.len());
            for id in records {
                let of_list = match request.base.record(*id)? {
                    Some(row) => request.is_shown(&row)?,
                    None => false,
                };
                let of_authority =
                    request.base.proceeding(*id)?.is_some_and(|row| row.is_shown(request.now));
                standing.push(of_list || of_authority);
            }
            Ok((request.cursor, standing))
        })
    }
}
