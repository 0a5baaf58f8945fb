//! Whether to try again, whom, and after which wait. Pure: nothing sleeps here.
//!
//! Backoff with full jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015); a server's own wait
//! is a floor, taken from the latest error. Retries of all calls together are held to a share of the
//! calls by a token bucket, so that they do not become a storm.

use std::{
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
    time::Duration,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, ErrorKind, Retry},
    provider::SERVER_WAIT,
};

/// How failed attempts are repeated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RetryConfig {
    /// How often one target is asked again.
    pub retries: u32,
    /// The first wait is up to so many milliseconds; each later one up to twice the one before.
    pub first_wait_ms: u64,
    /// No wait of our own is longer.
    pub longest_wait_ms: u64,
    /// A server that asks to wait longer is not waited for.
    pub longest_server_wait_ms: u64,
    /// A server that asks to wait longer is not waited for while another target is left.
    pub switch_after_ms: u64,
    /// Retries of all calls together, as a share of the calls.
    pub share: f64,
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            retries: 2,
            first_wait_ms: 500,
            longest_wait_ms: 8_000,
            longest_server_wait_ms: 60_000,
            switch_after_ms: 2_000,
            share: 0.1,
        }
    }
}

/// Whether the same target may succeed when it is asked again.
pub(super) fn may_succeed_again(error: &Error) -> bool {
    error.retry() != Retry::Never
        && matches!(
            error.kind(),
            ErrorKind::RateLimited
                | ErrorKind::ProviderOverloaded
                | ErrorKind::ProviderFailed
                | ErrorKind::Network
                | ErrorKind::Timeout
                | ErrorKind::HostFailed
        )
}

/// Whether another target may succeed where this one failed. A request that is wrong is wrong
/// everywhere.
pub(super) fn may_succeed_elsewhere(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::RateLimited
            | ErrorKind::ProviderOverloaded
            | ErrorKind::ProviderFailed
            | ErrorKind::Network
            | ErrorKind::TlsFailed
            | ErrorKind::Timeout
            | ErrorKind::HostFailed
            | ErrorKind::CredentialRefused
            | ErrorKind::QuotaExhausted
            | ErrorKind::ModelNotFound
            | ErrorKind::ContextTooLong
            // No key for this provider.
            | ErrorKind::NotFound
    )
}

/// Whether it is the target's fault, for its breaker to count.
pub(super) fn is_targets_fault(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ProviderOverloaded
            | ErrorKind::ProviderFailed
            | ErrorKind::Network
            | ErrorKind::Timeout
            | ErrorKind::HostFailed
    )
}

/// Whether it is about the key and not about the target.
pub(super) fn is_of_the_key(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::RateLimited | ErrorKind::CredentialRefused | ErrorKind::QuotaExhausted
    )
}

/// How long the key is of no use after this error; nothing when the key is not to blame.
pub(super) fn key_cooldown(error: &Error) -> Option<Duration> {
    match error.kind() {
        ErrorKind::RateLimited => match error.retry() {
            // A server whose clock is behind may name a moment that has passed.
            Retry::After(wait) => Some(wait.max(SHORTEST_REST)),
            _ => Some(SHORTEST_REST),
        },
        // A key that is known may not do this one thing.
        ErrorKind::CredentialRefused if names(error, "status", "403") => None,
        ErrorKind::CredentialRefused => Some(Duration::from_secs(5 * 60)),
        ErrorKind::QuotaExhausted => Some(Duration::from_secs(10 * 60)),
        _ => None,
    }
}

const SHORTEST_REST: Duration = Duration::from_secs(1);

/// The wait that the server asks for; nothing when it named none.
pub(super) fn server_wait(error: &Error) -> Option<Duration> {
    match error.retry() {
        Retry::After(wait) if stated_wait(error).is_some() => Some(wait),
        // A server that limits calls and names no wait gets the usual one.
        Retry::After(wait) if error.kind() == ErrorKind::RateLimited => Some(wait),
        _ => None,
    }
}

/// The wait that the server stated, whatever became of the advice since.
pub(super) fn stated_wait(error: &Error) -> Option<Duration> {
    let (_, stated) = error.context().iter().find(|(name, _)| *name == SERVER_WAIT)?;
    stated.parse().ok().map(Duration::from_millis)
}

fn names(error: &Error, name: &str, value: &str) -> bool {
    error.context().iter().any(|(own, stated)| *own == name && stated == value)
}

/// The wait before the retry of that number, counted from 0: a share of the longest one, and never
/// less than the server asks for.
pub(super) fn wait(
    config: &RetryConfig,
    retry: u32,
    share: f64,
    server_wait: Option<Duration>,
) -> Duration {
    let doubled = config.first_wait_ms.saturating_mul(1_u64 << retry.min(32));
    let longest = doubled.min(config.longest_wait_ms);
    // Whole milliseconds, as timers count.
    let own = Duration::from_millis((longest as f64 * share.clamp(0.0, 1.0)) as u64);
    own.max(server_wait.unwrap_or_default())
}

/// Holds retries to a share of the calls.
#[derive(Debug)]
pub(super) struct RetryBudget {
    /// In thousandths of a retry.
    tokens: AtomicI64,
    deposit: i64,
}

const WHOLE: i64 = 1_000;
/// Few calls may all be repeated.
const RESERVE: i64 = 10 * WHOLE;
const MOST: i64 = 100 * WHOLE;

impl RetryBudget {
    pub(super) fn new(share: f64) -> Self {
        let deposit = (share.clamp(0.0, 10.0) * WHOLE as f64) as i64;
        Self { tokens: AtomicI64::new(RESERVE), deposit }
    }

    /// A call was made.
    pub(super) fn deposit(&self) {
        let before = self.tokens.fetch_add(self.deposit, Ordering::Relaxed);
        if before > MOST {
            self.tokens.store(MOST, Ordering::Relaxed);
        }
    }

    /// Whether one more retry is within the share.
    pub(super) fn withdraw(&self) -> bool {
        let taken = |tokens: i64| (tokens >= WHOLE).then_some(tokens - WHOLE);
        self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).is_ok()
    }
}

/// Shares of a wait, evenly spread (splitmix64, Steele et al. 2014).
#[derive(Debug)]
pub(super) struct Jitter(AtomicU64);

impl Jitter {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// From the system's randomness.
    pub(super) fn random() -> Self {
        let mut seed = [0; 8];
        // Without randomness the waits are the same in every process, which harms nobody.
        let _ = getrandom::fill(&mut seed);
        Self::seeded(u64::from_le_bytes(seed))
    }

    /// From 0 to less than 1.
    pub(super) fn share(&self) -> f64 {
        let mut mixed = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        mixed = mixed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind) -> Error {
        Error::new(kind, "provider.chat", "failed")
    }

    #[test]
    fn waits_double_up_to_the_longest_and_a_server_may_ask_for_more() {
        let config = RetryConfig::default();
        let longest: Vec<u128> =
            (0..7).map(|retry| wait(&config, retry, 1.0, None).as_millis()).collect();
        assert_eq!(longest, [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
        assert_eq!(wait(&config, 0, 0.0, None), Duration::ZERO);
        let asked = Duration::from_secs(107);
        assert_eq!(wait(&config, 3, 1.0, Some(asked)), asked);
        assert_eq!(wait(&config, 4, 1.0, Some(Duration::ZERO)).as_secs(), 8);
        assert_eq!(wait(&config, u32::MAX, 1.0, None).as_secs(), 8);
    }

    #[test]
    fn shares_are_spread_over_the_whole_wait_and_the_same_for_the_same_seed() {
        let (one, other) = (Jitter::seeded(7), Jitter::seeded(7));
        let shares: Vec<f64> = (0..1_000).map(|_| one.share()).collect();
        assert!(shares.iter().all(|share| (0.0..1.0).contains(share)));
        let mean = shares.iter().sum::<f64>() / 1_000.0;
        assert!((0.45..0.55).contains(&mean), "{mean}");
        assert!(shares.iter().all(|share| *share == other.share()));
    }

    #[test]
    fn retries_of_many_calls_stay_within_their_share() {
        let budget = RetryBudget::new(0.1);
        let mut retries = 0;
        for _ in 0..1_000 {
            budget.deposit();
            while budget.withdraw() {
                retries += 1;
            }
        }
        assert_eq!(retries, 10 + 100);
    }

    #[test]
    fn what_is_wrong_everywhere_is_tried_nowhere_else() {
        for kind in [ErrorKind::InvalidInput, ErrorKind::ProviderRefused, ErrorKind::BudgetExceeded]
        {
            assert!(!may_succeed_elsewhere(&error(kind)) && !may_succeed_again(&error(kind)));
        }
        for kind in [ErrorKind::CredentialRefused, ErrorKind::QuotaExhausted] {
            assert!(may_succeed_elsewhere(&error(kind)) && !may_succeed_again(&error(kind)));
            assert!(key_cooldown(&error(kind)).is_some());
        }
        let refused = error(ErrorKind::RateLimited).with_retry(Retry::Never);
        assert!(may_succeed_elsewhere(&refused) && !may_succeed_again(&refused));
    }
}
