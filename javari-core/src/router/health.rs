//! What is known of how targets and keys do: breakers, keys that rest, and how soon a target answers.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    BreakerConfig, BreakerState,
    breaker::{Breaker, Passage},
};
use crate::{error::ErrorKind, types::UserId};

/// The health of every target that was asked so far.
#[derive(Debug)]
pub(super) struct Health {
    config: BreakerConfig,
    start: Instant,
    targets: Mutex<HashMap<String, TargetHealth>>,
    /// Until when a key of a target is of no use, and why. The same name is another key for another
    /// user.
    resting: Mutex<HashMap<RestingKey, (Instant, ErrorKind)>>,
}

/// Whose key, of which target, by which name.
type RestingKey = (Option<UserId>, String, String);

/// More targets than this are not remembered: their names come from requests.
const MOST_TARGETS: usize = 1_024;

#[derive(Debug)]
struct TargetHealth {
    breaker: Breaker,
    last_asked: Instant,
    /// An exponentially weighted mean of the time to the first token.
    first_token: Option<Duration>,
}

/// How much a new measure weighs.
const WEIGHT: f64 = 0.2;

impl Health {
    pub(super) fn new(config: BreakerConfig) -> Self {
        Self { config, start: Instant::now(), targets: Mutex::default(), resting: Mutex::default() }
    }

    /// Lets one attempt through to `target`, or tells how long nobody is let through.
    pub(super) fn pass(self: &Arc<Self>, target: &str, is_only: bool) -> Result<Attempt, Duration> {
        let passage = self.with(target, |health| health.breaker.pass(Instant::now()));
        match passage {
            // Nobody else could answer: a ratio alone locks nobody out.
            Passage::Closed(wait) if !is_only => Err(wait),
            passage => Ok(Attempt {
                health: Arc::clone(self),
                target: target.to_owned(),
                passage,
                began: Instant::now(),
                is_counted: false,
                settled: false,
            }),
        }
    }

    pub(super) fn breaker(&self, target: &str) -> BreakerState {
        let known = lock(&self.targets);
        let health = known.get(target);
        health.map_or(BreakerState::Closed, |health| health.breaker.state(Instant::now()))
    }

    /// How soon a target says its first word, as far as it is known.
    pub(super) fn first_token(&self, target: &str) -> Option<Duration> {
        lock(&self.targets).get(target).and_then(|health| health.first_token)
    }

    /// A key of a target is of no use for so long.
    pub(super) fn rest(
        &self,
        (owner, target, key): (Option<UserId>, &str, &str),
        wait: Duration,
        why: ErrorKind,
    ) {
        let now = Instant::now();
        let mut resting = lock(&self.resting);
        resting.retain(|_, (until, _)| *until > now);
        if resting.len() < MOST_TARGETS {
            resting.insert((owner, target.to_owned(), key.to_owned()), (now + wait, why));
        }
    }

    /// How long a key of a target is still of no use, and why.
    pub(super) fn rests(
        &self,
        (owner, target, key): (Option<UserId>, &str, &str),
    ) -> Option<(Duration, ErrorKind)> {
        let resting = lock(&self.resting);
        if resting.is_empty() {
            return None;
        }
        let (until, why) = resting.get(&(owner, target.to_owned(), key.to_owned()))?;
        let wait = until.saturating_duration_since(Instant::now());
        (!wait.is_zero()).then_some((wait, *why))
    }

    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        lock(&self.targets).len()
    }

    fn with<T>(&self, target: &str, act: impl FnOnce(&mut TargetHealth) -> T) -> T {
        let now = Instant::now();
        let mut targets = lock(&self.targets);
        if let Some(health) = targets.get_mut(target) {
            health.last_asked = now;
            return act(health);
        }
        if targets.len() >= MOST_TARGETS {
            let window = Duration::from_secs(self.config.window_seconds.into());
            targets.retain(|_, health| now.saturating_duration_since(health.last_asked) < window);
        }
        let mut fresh =
            TargetHealth { breaker: Breaker::new(self.config), last_asked: now, first_token: None };
        if targets.len() >= MOST_TARGETS {
            return act(&mut fresh);
        }
        act(targets.entry(target.to_owned()).or_insert(fresh))
    }
}

/// One attempt that was let through; one that is dropped unsettled says nothing about its target.
#[derive(Debug)]
pub(super) struct Attempt {
    health: Arc<Health>,
    target: String,
    passage: Passage,
    began: Instant,
    /// Whether its good beginning was counted already.
    is_counted: bool,
    settled: bool,
}

impl Attempt {
    /// The model said its first word.
    pub(super) fn spoke(&mut self) {
        let took = self.began.elapsed();
        if self.passage == Passage::Probe {
            // A reader who takes long over the answer does not keep everybody else waiting.
            let (start, now) = (self.health.start, Instant::now());
            self.health.with(&self.target, |health| {
                health.breaker.record(Passage::Probe, false, (start, now));
            });
            self.passage = Passage::Free;
            self.is_counted = true;
        }
        self.health.with(&self.target, |health| {
            let mean = health.first_token.map_or(took, |mean| {
                Duration::from_secs_f64(
                    mean.as_secs_f64() * (1.0 - WEIGHT) + took.as_secs_f64() * WEIGHT,
                )
            });
            health.first_token = Some(mean);
        });
    }

    /// The attempt ended, by the target's fault or well.
    pub(super) fn settle(mut self, failed: bool) {
        self.settled = true;
        if self.is_counted && !failed {
            return;
        }
        let (start, now) = (self.health.start, Instant::now());
        self.health.with(&self.target, |health| {
            health.breaker.record(self.passage, failed, (start, now));
        });
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.settled {
            self.health.with(&self.target, |health| {
                health.breaker.forget(self.passage, Instant::now());
            });
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
