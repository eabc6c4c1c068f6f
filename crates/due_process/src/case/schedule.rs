//! When the public sees what, as far as time alone decides it: read tables keep this instead of a
//! second copy of the rules.

use domain::civil::Instant;
use domain::ids::RecordId;

use super::state::{Case, Ended, Exposure, Phase};

/// Time alone does a handful of things to a case; no input can make the list grow beyond this.
const STEPS_MAX: usize = 64;

impl Case {
    /// From this case's own instant on, what the public sees from which instant, until an event
    /// says otherwise: ascending, each different from the one before.
    pub fn schedule(&self) -> Vec<(Instant, Exposure)> {
        self.schedule_beside(None)
    }

    /// The same, told what became of its successor so far: its tombstone goes with the successor's
    /// record (I-15).
    pub fn schedule_beside(&self, successor: Option<&Case>) -> Vec<(Instant, Exposure)> {
        let mut case = self.clone();
        let mut beside = successor.cloned();
        let mut schedule = vec![(case.at, case.exposure_beside(beside.as_ref()))];
        for _ in 0..STEPS_MAX {
            let later = beside.as_ref().and_then(Case::next_boundary);
            let boundaries = [case.next_boundary(), later];
            let Some(at) = boundaries.into_iter().flatten().min() else { break };
            case = case.as_of(at);
            beside = beside.map(|beside| beside.as_of(at));
            let exposure = case.exposure_beside(beside.as_ref());
            if schedule.last().is_some_and(|(_, before)| *before != exposure) {
                schedule.push((at, exposure));
            }
        }
        schedule
    }

    /// The record that took the place of this one.
    pub fn successor(&self) -> Option<RecordId> {
        match &self.phase {
            Phase::Ended { how: Ended::Corrected { successor, .. }, .. } => Some(*successor),
            _ => None,
        }
    }
}
