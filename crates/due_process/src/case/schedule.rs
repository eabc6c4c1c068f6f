//! When the public sees what, as far as time alone decides it: read tables keep this instead of a
//! second copy of the rules.

use domain::civil::Instant;

use super::state::{Case, Exposure};

/// Time alone does a handful of things to a case; no input can make the list grow beyond this.
const STEPS_MAX: usize = 64;

impl Case {
    /// From this case's own instant on, what the public sees from which instant, until an event
    /// says otherwise: ascending, each different from the one before.
    pub fn schedule(&self) -> Vec<(Instant, Exposure)> {
        let mut case = self.clone();
        let mut schedule = vec![(case.at, case.exposure())];
        for _ in 0..STEPS_MAX {
            let Some(at) = case.next_boundary() else { break };
            case = case.as_of(at);
            let exposure = case.exposure();
            if schedule.last().is_some_and(|(_, before)| *before != exposure) {
                schedule.push((at, exposure));
            }
        }
        schedule
    }
}
