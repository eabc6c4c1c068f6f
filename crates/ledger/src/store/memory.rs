//! The store in memory: for tests and simulations.

use std::collections::{BTreeMap, BTreeSet};

use domain::civil::Instant;
use domain::ids::RecordId;

use super::{Append, AppendOutcome, Head, StoredLeaf, TruthStore};
use crate::error::LedgerError;
use crate::vault::id_in;

/// A store that forgets everything when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryStore {
    epoch: u64,
    head: Option<Head>,
    leaves: Vec<StoredLeaf>,
    revisions: BTreeMap<RecordId, u32>,
    checkpoints: BTreeMap<u64, String>,
    erasing: BTreeSet<[u8; 17]>,
}

impl TruthStore for MemoryStore {
    fn take_lease(&mut self) -> Result<u64, LedgerError> {
        self.epoch += 1;
        Ok(self.epoch)
    }

    fn head(&self) -> Result<Head, LedgerError> {
        let empty = || Head { size: 0, at: Instant::from_micros(0), edge: Vec::new() };
        Ok(self.head.clone().unwrap_or_else(empty))
    }

    fn append(&mut self, append: &Append) -> Result<AppendOutcome, LedgerError> {
        if append.epoch != self.epoch || append.before != self.head()?.size {
            return Ok(AppendOutcome::Fenced);
        }
        for revision in &append.revisions {
            let standing = self.revision(revision.record)?;
            if standing != revision.expected {
                return Ok(AppendOutcome::Conflict {
                    record: revision.record,
                    standing,
                    expected: revision.expected,
                });
            }
        }
        for revision in &append.revisions {
            self.revisions.insert(revision.record, revision.becomes);
        }
        self.leaves.extend(append.leaves.iter().cloned());
        self.checkpoints.insert(append.head.size, append.checkpoint.clone());
        self.erasing.extend(&append.erasing);
        self.head = Some(append.head.clone());
        Ok(AppendOutcome::Committed)
    }

    fn leaves(&self, from: u64, to: u64) -> Result<Vec<StoredLeaf>, LedgerError> {
        let span = usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        Ok(self.leaves.iter().skip(from).take(span).cloned().collect())
    }

    fn revision(&self, record: RecordId) -> Result<u32, LedgerError> {
        Ok(self.revisions.get(&record).copied().unwrap_or(0))
    }

    fn checkpoint(&self, size: u64) -> Result<Option<String>, LedgerError> {
        Ok(self.checkpoints.get(&size).cloned())
    }

    fn positions(&self, units: &[[u8; 17]]) -> Result<Vec<u64>, LedgerError> {
        let is_wanted = |leaf: &StoredLeaf| {
            leaf.sealed.as_ref().is_some_and(|sealed| units.contains(&sealed.unit))
        };
        let leaves = (0_u64..).zip(&self.leaves);
        Ok(leaves.filter(|(_, leaf)| is_wanted(leaf)).map(|(position, _)| position).collect())
    }

    fn erasing(&self) -> Result<Vec<[u8; 17]>, LedgerError> {
        Ok(self.erasing.iter().copied().collect())
    }

    fn forget(&mut self, units: &[[u8; 17]]) -> Result<(), LedgerError> {
        for leaf in &mut self.leaves {
            leaf.sealed = leaf.sealed.take().filter(|sealed| !units.contains(&sealed.unit));
        }
        self.erasing.retain(|unit| !units.contains(unit));
        self.revisions.retain(|record, _| !units.iter().any(|unit| *id_in(unit) == record.bytes()));
        Ok(())
    }

    fn checkpoints(&self) -> Result<Vec<(u64, String)>, LedgerError> {
        Ok(self.checkpoints.iter().map(|(size, note)| (*size, note.clone())).collect())
    }
}
