//! The clock: the only place of the program that asks what time it is.

use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use domain::civil::Instant;

/// What time it is. Injected, so that a test can let a year pass.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Instant;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        // A clock before 1970 counts as 1970: the ledger takes max(clock, last committed time)
        // anyway.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Instant::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct FixedClock(Mutex<Instant>);

impl FixedClock {
    /// A clock that shows `now`.
    pub fn new(now: Instant) -> FixedClock {
        FixedClock(Mutex::new(now))
    }

    /// Moves the clock `hours` ahead, or back when negative.
    pub fn advance(&self, hours: i64) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.plus_hours(hours);
    }

    /// Sets the clock.
    pub fn set(&self, to: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = FixedClock::new(Instant::from_micros(5));
        assert_eq!(clock.now(), clock.now());
        clock.advance(1);
        assert_eq!(clock.now().micros(), 3_600_000_005);
        clock.set(Instant::from_micros(7));
        assert_eq!(clock.now().micros(), 7);
    }
}
