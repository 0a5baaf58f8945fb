//! Gives back what deleted rows took.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Database, tables};
use crate::error::Result;

/// What a vacuum gave back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VacuumReply {
    /// How many bytes the database had, its write-ahead log included.
    pub bytes_before: u64,
    /// How many it has.
    pub bytes_after: u64,
}

impl Database {
    /// Rewrites a SQLite file without its holes, merges its full-text index and empties its log; on
    /// PostgreSQL makes room that deleted rows took usable again. Both look anew at how values are
    /// spread, by which statements are planned.
    ///
    /// SQLite needs about as much free disk as the database has, and other writers wait.
    ///
    /// # Errors
    /// `STORAGE_BUSY`, `STORAGE_FULL`; nothing is lost then.
    pub async fn vacuum(&self) -> Result<VacuumReply> {
        let before = self.bytes_with_log().await?;
        let steps: &[&'static str] =
            self.dialect().choose(tables::SQLITE_VACUUM, &[tables::VACUUM]);
        for step in steps {
            self.run_alone(step).await?;
        }
        Ok(VacuumReply { bytes_before: before, bytes_after: self.bytes_with_log().await? })
    }

    async fn bytes_with_log(&self) -> Result<u64> {
        Ok(self.bytes().await?.saturating_add(self.write_ahead_bytes().unwrap_or(0)))
    }
}
