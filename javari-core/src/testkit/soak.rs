//! How much is tried: little at each run of the tests, more when they are left to run for long.

use std::env;

/// `quick` rounds, or fifty times as many under `JAVARI_SOAK=1`, which `tests/run soak` sets.
pub fn rounds(quick: u32) -> u32 {
    if env::var_os("JAVARI_SOAK").is_some_and(|value| value == "1") {
        quick.saturating_mul(50)
    } else {
        quick
    }
}
