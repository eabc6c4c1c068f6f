//! Questions about the registry as a whole: what a snapshot of it holds, whether that still stands,
//! how the log grew and what it says about openings.

use domain::civil::Instant;
use domain::event::Event;
use domain::ids::OrganisationId;
use ledger::{LedgerReader, Opened};
use sha2::{Digest, Sha256};

use super::{PublicReader, Request};
use crate::ProjectionError;
use crate::announced::Announced;
use crate::answers::{Growth, Holding, Openings};

/// Entries looked at for the time of one: those in the clear and destroyed ones tell none.
const NEIGHBOURS_MAX: u64 = 4_096;

impl PublicReader {
    /// What is shown now of the records that were there below position `below`: equal answers mean
    /// that a snapshot made at that position still says nothing that may not be shown. Looks at
    /// every record; callers keep the answer until position or boundary change.
    pub fn holding(
        &self,
        ledger: &LedgerReader,
        below: u64,
        now: Instant,
    ) -> Result<Holding, ProjectionError> {
        self.asked(ledger, now, |request| {
            let mut holding = Holding { records: 0, digest: 0, decisions: 0 };
            request.base.each_record(&mut |row| {
                if row.position < below && request.is_shown(&row)? {
                    holding.records += 1;
                    // A sum: the order in which rows are met does not matter.
                    let one = digest_of(&row.id.bytes(), row.current, row.organisation);
                    holding.digest = holding.digest.wrapping_add(one);
                }
                Ok(())
            })?;
            request.base.each_proceeding(&mut |row| {
                if row.position < below
                    && let Some(shown) = row.shown_as(request.now)
                {
                    let one = digest_of(&row.id.bytes(), shown, row.organisation);
                    holding.digest = holding.digest.wrapping_add(one);
                }
                Ok(())
            })?;
            holding.decisions = request.base.identity_entries()?;
            Ok(holding)
        })
    }

    /// Every organisation by id, and whether its legal form has one owner: those stand in no bulk
    /// file (design 7). Whether one answers is for [`PublicReader::file`] to say.
    pub fn all_organisations(
        &self,
        ledger: &LedgerReader,
        now: Instant,
    ) -> Result<Vec<(OrganisationId, bool)>, ProjectionError> {
        self.asked(ledger, now, |request| {
            let mut ids = Vec::new();
            request.base.each_organisation(&mut |row| {
                ids.push((row.id, row.is_single_owner));
                Ok(())
            })?;
            ids.sort_unstable();
            Ok(ids)
        })
    }

    /// What the log announces about its openings, counted.
    pub fn openings(
        &self,
        ledger: &LedgerReader,
        now: Instant,
    ) -> Result<Openings, ProjectionError> {
        self.asked(ledger, now, |request| {
            let mut openings = Openings::default();
            let Some(last) = request.cursor.checked_sub(1) else { return Ok(openings) };
            for range in request.base.announced_between(0, last)? {
                let entries = range.last - range.first + 1;
                let count = match range.announced {
                    Announced::Open => &mut openings.open,
                    Announced::Withheld => &mut openings.withheld,
                    Announced::Erased { .. } => &mut openings.erased,
                    Announced::Sealed => &mut openings.never_open,
                };
                *count += entries;
            }
            Ok(openings)
        })
    }

    /// Entries on the log before each of `instants`. Entries are in the order of time, so a few
    /// are looked at for each.
    pub fn growth(
        &self,
        ledger: &LedgerReader,
        instants: &[Instant],
        now: Instant,
    ) -> Result<Vec<Growth>, ProjectionError> {
        self.asked(ledger, now, |request| {
            let mut grown = Vec::new();
            for until in instants {
                grown.push(Growth { until: *until, entries: request.entries_before(*until)? });
            }
            Ok(grown)
        })
    }

    /// What was adopted so far, by position, as far as its content stands on the log: keys, packs
    /// and mandates.
    pub fn adoptions(
        &self,
        ledger: &LedgerReader,
        now: Instant,
    ) -> Result<Vec<(u64, Event)>, ProjectionError> {
        self.asked(ledger, now, |request| {
            let mut adoptions = Vec::new();
            for position in request.base.adopted()? {
                let event = request.event(position)?;
                let event = event.map_err(|_| ProjectionError::BrokenEntry(position))?;
                adoptions.push((position, event));
            }
            Ok(adoptions)
        })
    }
}

fn digest_of(id: &[u8; 16], current: u64, organisation: u64) -> u128 {
    let mut hash = Sha256::new();
    hash.update(id);
    hash.update(current.to_be_bytes());
    hash.update(organisation.to_be_bytes());
    // SHA-256 has more than sixteen bytes: the first of them are there.
    hash.finalize().first_chunk().map_or(0, |first| u128::from_be_bytes(*first))
}

impl Request<'_> {
    /// The first position whose entry is not before `until`.
    fn entries_before(&self, until: Instant) -> Result<u64, ProjectionError> {
        // Entries in the clear tell no time: those at the end are as old as the last that does.
        if until > self.ledger.last_at()? {
            return Ok(self.cursor);
        }
        let (mut low, mut high) = (0, self.cursor);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.at_or_after(middle, high)? {
                // Nothing from here to `high` tells its time: what does lies before.
                None => high = middle,
                Some((_, at)) if at >= until => high = middle,
                Some((position, _)) => low = position + 1,
            }
        }
        Ok(low)
    }

    /// The first entry from `from` on that tells its time.
    fn at_or_after(
        &self,
        from: u64,
        until: u64,
    ) -> Result<Option<(u64, Instant)>, ProjectionError> {
        for position in from..until.min(from.saturating_add(NEIGHBOURS_MAX)) {
            if let Some(Opened::Event(event, _)) = self.ledger.event(position)? {
                return Ok(Some((position, event.at)));
            }
        }
        Ok(None)
    }
}
