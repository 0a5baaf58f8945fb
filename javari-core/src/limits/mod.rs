//! Says wait or go: how often something may be done, and how much of it.
//!
//! A [`Rate`] is so many units in a time; [`Limits`] counts what each name has taken, by the generic cell
//! rate algorithm (ITU-T I.371): all of a time's units may be taken at once, and come back evenly.
//!
//! What it deliberately does not do: it knows no user and no call, only names; and it keeps what it
//! counts in the memory of this process.

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::types::{Clock, Timestamp};

/// So many units in a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    units: u64,
    period: Duration,
}

impl Rate {
    /// So many units in `period`, at least one.
    pub fn new(units: u64, period: Duration) -> Self {
        Self { units: units.max(1), period }
    }

    /// How long so many units take to come back, in microseconds.
    fn micros(self, units: u64) -> i64 {
        let period = self.period.as_micros();
        let micros = u128::from(units).saturating_mul(period).div_ceil(u128::from(self.units));
        i64::try_from(micros).unwrap_or(i64::MAX / 4).min(i64::MAX / 4)
    }
}

/// What names have taken. Cheap to clone.
#[derive(Clone)]
pub struct Limits<Name> {
    /// For each name when all that it took will have come back.
    full_at: Arc<Mutex<HashMap<Name, i64>>>,
    clock: Arc<dyn Clock>,
}

/// So many names are remembered before those are forgotten that have everything back.
const CROWD: usize = 10_000;

impl<Name: Clone + Eq + std::hash::Hash> Limits<Name> {
    /// Nobody has taken anything.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { full_at: Arc::default(), clock }
    }

    /// Takes units of a name, all or none. What is more than a time has is taken by who has everything,
    /// who then waits for the rest to come back.
    ///
    /// # Errors
    /// How long to wait until they are there.
    pub fn take(&self, name: &Name, rate: Rate, units: u64) -> Result<(), Duration> {
        let now = micros(self.clock.now());
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= CROWD && !full_at.contains_key(name) {
            full_at.retain(|_, at| *at > now);
        }
        let at = full_at.get(name).copied().unwrap_or(now).max(now);
        let (wanted, all) = (rate.micros(units), rate.micros(rate.units));
        let missing = (at - now) + wanted.min(all) - all;
        if missing > 0 {
            return Err(Duration::from_micros(u64::try_from(missing).unwrap_or(0)));
        }
        full_at.insert(name.clone(), at.saturating_add(wanted));
        Ok(())
    }

    /// Corrects what was taken beforehand to what was used.
    pub fn settle(&self, name: &Name, rate: Rate, taken: u64, used: u64) {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = full_at.get_mut(name) {
            *at = at.saturating_sub(rate.micros(taken)).saturating_add(rate.micros(used));
        }
    }
}

impl<Name> std::fmt::Debug for Limits<Name> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Limits").finish_non_exhaustive()
    }
}

fn micros(at: Timestamp) -> i64 {
    at.as_micros()
}
