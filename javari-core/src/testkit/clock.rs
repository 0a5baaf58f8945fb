//! A clock that a test moves.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use crate::types::{Clock, Timestamp};

/// A clock that a test moves by hand.
pub struct HandClock {
    now: AtomicI64,
    /// How far a reading moves it.
    step: i64,
}

impl HandClock {
    /// A clock of which each reading is a millisecond later than the one before, so that ids keep
    /// their order.
    #[allow(clippy::new_ret_no_self)]
    pub fn new() -> Arc<Self> {
        Self::with_step(1_000)
    }

    /// A clock that stands still between two moves.
    pub fn still() -> Arc<Self> {
        Self::with_step(0)
    }

    /// Moves it forward.
    pub fn forward(&self, by: Duration) {
        let by = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.now.fetch_add(by, Ordering::SeqCst);
    }

    fn with_step(step: i64) -> Arc<Self> {
        Arc::new(Self { now: AtomicI64::new(1_780_000_000_000_000), step })
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.now.fetch_add(self.step, Ordering::SeqCst))
    }
}
