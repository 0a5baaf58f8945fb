//! What in the vault grows old: keys of great age, and credentials that end.

use std::time::Duration;

use super::{LocalVault, store};
use crate::{error::Result, types::Timestamp};

/// How much in the vault grows old, of all users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ageing {
    /// Data keys that are older than was asked.
    pub old_keys: u64,
    /// Credentials that end as soon as was asked.
    pub ending_soon: u64,
    /// Credentials that have ended.
    pub ended: u64,
}

impl LocalVault {
    /// Counts the data keys older than `old` and the credentials that end within `soon` of `now`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn ageing(&self, now: Timestamp, old: Duration, soon: Duration) -> Result<Ageing> {
        let age = i64::try_from(old.as_micros()).unwrap_or(i64::MAX);
        let before = Timestamp::from_micros(now.as_micros().saturating_sub(age));
        store::ageing(self.database(), before, now, now.plus(soon)).await
    }
}
