//! Keeps calls away from a target that fails.
//!
//! A circuit breaker over a sliding window (Nygard, "Release It!", ch. 5): when too large a share of
//! the recent calls failed it opens, after a while lets one call through as a probe, and closes when
//! the probe succeeds. Pure: the time is told to it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// When a target is given up for a while.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BreakerConfig {
    /// How far back calls are looked at, in seconds.
    pub window_seconds: u32,
    /// Fewer calls than this in the window say nothing.
    pub least_calls: u32,
    /// The share of failed calls that opens it.
    pub failure_ratio: f64,
    /// How long nobody is let through, in seconds.
    pub open_seconds: u32,
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self { window_seconds: 60, least_calls: 20, failure_ratio: 0.5, open_seconds: 30 }
    }
}

/// How a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Calls go through.
    Closed,
    /// No call goes through.
    Open,
    /// One call may go through, to see.
    HalfOpen,
}

/// The breaker of one target.
#[derive(Debug)]
pub(super) struct Breaker {
    config: BreakerConfig,
    buckets: [Bucket; BUCKETS],
    state: State,
}

const BUCKETS: usize = 10;

#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    /// Which stretch of time it counts.
    stretch: u64,
    calls: u32,
    failures: u32,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Closed,
    Open { until: Instant },
    Probing,
}

/// Whether a call may go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passage {
    /// It may.
    Free,
    /// It may, to see whether the target answers again.
    Probe,
    /// Not for so long.
    Closed(Duration),
}

impl Breaker {
    pub(super) fn new(config: BreakerConfig) -> Self {
        Self { config, buckets: [Bucket::default(); BUCKETS], state: State::Closed }
    }

    /// Asks for a passage; a probe is given to one caller until it is told how it went.
    pub(super) fn pass(&mut self, now: Instant) -> Passage {
        match self.state {
            State::Closed => Passage::Free,
            State::Open { until } if now < until => Passage::Closed(until - now),
            State::Open { .. } => {
                self.state = State::Probing;
                Passage::Probe
            }
            State::Probing => Passage::Closed(self.open_time()),
        }
    }

    pub(super) fn state(&self, now: Instant) -> BreakerState {
        match self.state {
            State::Closed => BreakerState::Closed,
            State::Open { until } if now < until => BreakerState::Open,
            State::Open { .. } | State::Probing => BreakerState::HalfOpen,
        }
    }

    /// The call that had `passage` went well, or failed by the target's fault.
    pub(super) fn record(
        &mut self,
        passage: Passage,
        failed: bool,
        (start, now): (Instant, Instant),
    ) {
        if passage == Passage::Probe {
            self.state = match failed {
                true => State::Open { until: now + self.open_time() },
                false => State::Closed,
            };
            self.buckets = [Bucket::default(); BUCKETS];
            return;
        }
        let stretch = self.stretch(start, now);
        let Some(bucket) = self.buckets.get_mut(stretch as usize % BUCKETS) else { return };
        if bucket.stretch != stretch {
            *bucket = Bucket { stretch, ..Bucket::default() };
        }
        bucket.calls = bucket.calls.saturating_add(1);
        bucket.failures = bucket.failures.saturating_add(u32::from(failed));
        if failed && matches!(self.state, State::Closed) && self.is_too_bad(stretch) {
            self.state = State::Open { until: now + self.open_time() };
        }
    }

    /// The call that had `passage` says nothing about the target: its caller left, or was refused for
    /// what it asked.
    pub(super) fn forget(&mut self, passage: Passage, now: Instant) {
        if passage == Passage::Probe {
            self.state = State::Open { until: now };
        }
    }

    fn is_too_bad(&self, stretch: u64) -> bool {
        let recent = self.buckets.iter().filter(|bucket| {
            bucket.stretch <= stretch && stretch - bucket.stretch < BUCKETS as u64
        });
        let (calls, failures) = recent.fold((0_u64, 0_u64), |(calls, failures), bucket| {
            (calls + u64::from(bucket.calls), failures + u64::from(bucket.failures))
        });
        calls >= u64::from(self.config.least_calls.max(1))
            && failures as f64 >= calls as f64 * self.config.failure_ratio
    }

    fn stretch(&self, start: Instant, now: Instant) -> u64 {
        let window = u64::from(self.config.window_seconds.max(1)) * 1_000;
        let elapsed = now.saturating_duration_since(start).as_millis();
        u64::try_from(elapsed).unwrap_or(u64::MAX) / (window / BUCKETS as u64).max(1)
    }

    fn open_time(&self) -> Duration {
        Duration::from_secs(self.config.open_seconds.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Passage = Passage::Free;

    fn open(start: Instant) -> Breaker {
        let mut breaker = Breaker::new(BreakerConfig::default());
        for call in 0..20 {
            assert_eq!(breaker.state(start), BreakerState::Closed, "after {call} calls");
            breaker.record(FREE, call % 2 == 1, (start, start));
        }
        breaker
    }

    #[test]
    fn it_opens_when_half_of_enough_calls_failed_and_not_before() {
        let start = Instant::now();
        let mut breaker = open(start);
        assert_eq!(breaker.pass(start), Passage::Closed(Duration::from_secs(30)));
    }

    #[test]
    fn failures_of_long_ago_count_no_more() {
        let start = Instant::now();
        let mut breaker = Breaker::new(BreakerConfig::default());
        for _ in 0..19 {
            breaker.record(FREE, true, (start, start));
        }
        let later = start + Duration::from_secs(61);
        breaker.record(FREE, true, (start, later));
        assert_eq!(breaker.pass(later), FREE);
    }

    #[test]
    fn one_probe_decides_and_an_abandoned_one_gives_way_to_the_next() {
        let start = Instant::now();
        let mut breaker = open(start);
        let then = start + Duration::from_secs(30);
        assert_eq!(breaker.pass(then), Passage::Probe);
        assert!(matches!(breaker.pass(then), Passage::Closed(_)));
        breaker.forget(Passage::Probe, then);
        assert_eq!(breaker.pass(then), Passage::Probe);
        breaker.record(Passage::Probe, true, (start, then));
        assert_eq!(breaker.pass(then), Passage::Closed(Duration::from_secs(30)));
        let again = then + Duration::from_secs(30);
        assert_eq!(breaker.pass(again), Passage::Probe);
        breaker.record(Passage::Probe, false, (start, again));
        assert_eq!(breaker.pass(again), FREE);
        breaker.record(FREE, true, (start, again));
        assert_eq!(breaker.pass(again), FREE, "what was before the probe is forgotten");
    }
}
