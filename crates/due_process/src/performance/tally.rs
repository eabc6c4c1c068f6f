//! Occurrences added up by month.

use std::collections::{BTreeMap, BTreeSet};

use domain::civil::Instant;
use domain::performance::{Figure, Month};

use super::occurrence::{Occurrence, What};

/// How often something happened, and to how many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count {
    /// How often.
    pub times: u64,
    /// To whom, each once, by the number the caller gave.
    pub organisations: BTreeSet<u64>,
    /// Whether any of it was not for everybody to see.
    pub is_sealed: bool,
}

/// What is known of one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthTally {
    /// Which.
    pub month: Month,
    /// What happened in it.
    pub counts: BTreeMap<Figure, Count>,
    /// Cases that only their parties knew of, at its end or at the instant it was counted for.
    pub sealed: u64,
    /// Records hidden by somebody's silence, likewise.
    pub hidden: u64,
}

impl MonthTally {
    /// A month in which nothing happened.
    pub const fn empty(month: Month) -> MonthTally {
        MonthTally { month, counts: BTreeMap::new(), sealed: 0, hidden: 0 }
    }
}

/// The occurrences of one authority's cases, as far as they lie before an instant.
#[derive(Debug, Clone)]
pub struct Tally {
    until: Instant,
    counts: BTreeMap<Month, BTreeMap<Figure, Count>>,
    /// What the stock of sealed cases and of hidden records grew by.
    moves: BTreeMap<Month, (i64, i64)>,
}

impl Tally {
    /// Counts what happened until `until`, that instant included: what ends at midnight is over
    /// when the day begins.
    pub const fn new(until: Instant) -> Tally {
        Tally { until, counts: BTreeMap::new(), moves: BTreeMap::new() }
    }

    /// Takes in the occurrences of a case about `organisation`, whatever number tells it from
    /// others.
    pub fn add(&mut self, organisation: u64, occurred: &[Occurrence]) {
        for occurrence in occurred.iter().filter(|occurrence| occurrence.at <= self.until) {
            let month = Month::of(occurrence.at);
            let moves = self.moves.entry(month).or_default();
            match occurrence.what {
                What::SealedBegan => moves.0 += 1,
                What::SealedEnded => moves.0 -= 1,
                What::HiddenEnded => moves.1 -= 1,
                What::Counted(figure) => {
                    if figure == Figure::Hidden {
                        moves.1 += 1;
                    }
                    let count = self.counts.entry(month).or_default().entry(figure).or_default();
                    count.times += 1;
                    count.organisations.insert(organisation);
                    count.is_sealed |= !occurrence.is_public;
                }
            }
        }
    }

    /// The first month in which anything happened.
    pub fn first(&self) -> Option<Month> {
        self.moves.keys().next().copied()
    }

    /// Every month from the first to the one `until` lies in.
    pub fn months(mut self) -> Vec<MonthTally> {
        let Some(mut month) = self.first() else { return Vec::new() };
        let last = Month::of(self.until);
        let (mut sealed, mut hidden) = (0_i64, 0_i64);
        let mut months = Vec::new();
        while month <= last {
            let (more_sealed, more_hidden) = self.moves.remove(&month).unwrap_or_default();
            sealed += more_sealed;
            hidden += more_hidden;
            months.push(MonthTally {
                month,
                counts: self.counts.remove(&month).unwrap_or_default(),
                sealed: u64::try_from(sealed).unwrap_or_default(),
                hidden: u64::try_from(hidden).unwrap_or_default(),
            });
            month = month.next();
        }
        months
    }
}
