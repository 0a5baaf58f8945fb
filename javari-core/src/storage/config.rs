//! How long a database waits and how large it may grow.

use std::time::Duration;

/// How long a database waits for another writer and how large it may grow.
///
/// ```
/// use std::time::Duration;
/// use javari_core::storage::DatabaseConfig;
/// let patient = DatabaseConfig { busy_timeout: Duration::from_secs(30), ..DatabaseConfig::default() };
/// assert_eq!(patient.max_bytes, None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatabaseConfig {
    /// How long a write waits while another process writes, before `STORAGE_BUSY`; on PostgreSQL,
    /// how long it waits for rows that another writes.
    pub busy_timeout: Duration,
    /// The largest a SQLite database may be; a write beyond it is `STORAGE_FULL`. The write-ahead log
    /// beside the file is not counted. Without it the disk is the limit.
    pub max_bytes: Option<u64>,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self { busy_timeout: Duration::from_secs(5), max_bytes: None }
    }
}
