//! What a database says of itself: for a person who looks whether it is well, and for `doctor`.

use std::{path::PathBuf, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tokio::time::Instant;

use super::{Database, Dialect, Location, Row, SCHEMA_VERSION, migrate, tables::TABLES, values};
use crate::{
    error::Result,
    types::{ScopeKey, Timestamp},
};

/// How a database is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// `sqlite` or `postgres`.
    pub engine: String,
    /// The engine's version.
    pub engine_version: String,
    /// The schema version of the database.
    pub schema: u32,
    /// The schema version of this library.
    pub library_schema: u32,
    /// How many microseconds a smallest question took, there and back.
    pub round_trip_micros: u64,
    /// How many bytes the database has; on PostgreSQL with everything else in it.
    pub bytes: u64,
    /// How many bytes SQLite's write-ahead log has beside its file.
    pub write_ahead_bytes: Option<u64>,
    /// The connections.
    pub pool: PoolUse,
    /// Whether it takes writes now.
    pub writable: bool,
    /// Why not, when it does not.
    pub not_writable_because: Option<String>,
    /// PostgreSQL's slowest statements by their mean time, the slowest first.
    pub slowest: Option<Vec<SlowStatement>>,
    /// Why they are not known, when they are not.
    pub slowest_unknown_because: Option<String>,
}

/// How many connections are in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct PoolUse {
    /// Connections that a call holds.
    pub in_use: u32,
    /// Open connections that wait for one.
    pub idle: u32,
    /// How many there may be.
    pub most: u32,
}

impl PoolUse {
    /// This and the connections of another pool.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            in_use: self.in_use + other.in_use,
            idle: self.idle + other.idle,
            most: self.most + other.most,
        }
    }
}

/// The connections of a driver's pool.
pub(super) fn pool_use<DB: sqlx::Database>(pool: &sqlx::Pool<DB>) -> PoolUse {
    let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
    let most = pool.options().get_max_connections();
    PoolUse { in_use: pool.size().saturating_sub(idle), idle, most }
}

/// A statement that PostgreSQL counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SlowStatement {
    /// Its text without values, at most 300 characters.
    pub statement: String,
    /// How often it ran.
    pub calls: u64,
    /// Its mean time in milliseconds.
    pub mean_ms: f64,
}

/// How PostgreSQL keeps users apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowSecurity {
    /// Tables whose rows are not held to their users.
    pub unguarded: Vec<String>,
    /// The role that statements run as.
    pub role: String,
    /// Whether that role is above row-level security.
    pub bypasses: bool,
}

impl Database {
    /// Asks the database how it is.
    ///
    /// # Errors
    /// Those of the database when it does not answer at all.
    pub async fn health(&self) -> Result<Health> {
        let dialect = self.dialect();
        let start = Instant::now();
        self.query_one(&ScopeKey::HOST, "SELECT 1 AS one", values![]).await?;
        let round_trip = start.elapsed();
        let version = dialect.choose(
            "SELECT sqlite_version() AS version",
            "SELECT current_setting('server_version') AS version",
        );
        let version = self.query_one(&ScopeKey::HOST, version, values![]).await?;
        let written = self.try_to_write().await;
        let (slowest, unknown) = match self.slowest().await {
            Ok(slowest) => (Some(slowest), None),
            Err(reason) => (None, Some(reason)),
        };
        Ok(Health {
            engine: dialect.choose("sqlite", "postgres").to_owned(),
            engine_version: text(version.as_ref(), "version")?,
            schema: self.schema().await?,
            library_schema: SCHEMA_VERSION,
            round_trip_micros: u64::try_from(round_trip.as_micros()).unwrap_or(u64::MAX),
            bytes: self.bytes().await?,
            write_ahead_bytes: self.write_ahead_bytes(),
            pool: self.pool(),
            writable: written.is_ok(),
            not_writable_because: written.err().map(|error| error.message().to_owned()),
            slowest,
            slowest_unknown_because: unknown,
        })
    }

    /// The schema version that the database has.
    pub(crate) async fn schema(&self) -> Result<u32> {
        let mut transaction = self.begin_snapshot(&ScopeKey::HOST).await?;
        Ok(migrate::highest(&mut transaction).await?.unwrap_or(0))
    }

    /// How many bytes the database has.
    pub(crate) async fn bytes(&self) -> Result<u64> {
        let statement = self.dialect().choose(
            "SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size",
            "SELECT pg_database_size(current_database()) AS bytes",
        );
        let row = self.query_one(&ScopeKey::HOST, statement, values![]).await?;
        row.map_or(Ok(0), |row| row.get("bytes"))
    }

    pub(super) fn write_ahead_bytes(&self) -> Option<u64> {
        let Location::File(path) = self.location() else { return None };
        let mut log = path.clone().into_os_string();
        log.push("-wal");
        // Without the file there is nothing in it.
        Some(std::fs::metadata(PathBuf::from(log)).map_or(0, |log| log.len()))
    }

    async fn try_to_write(&self) -> Result<()> {
        // Changes nothing, and fails as every write would.
        let mut transaction = self.begin(&ScopeKey::HOST).await?;
        let nothing = "DELETE FROM users WHERE id IS NULL";
        transaction.execute(nothing, values![]).await.map(drop)
    }

    async fn slowest(&self) -> Result<Vec<SlowStatement>, String> {
        if self.dialect() == Dialect::Sqlite {
            return Err("SQLite keeps no count of its statements".to_owned());
        }
        let asked = async {
            let mut transaction = self.begin_as_owner().await?;
            let there = "SELECT 1 AS found WHERE to_regclass('pg_stat_statements') IS NOT NULL";
            if transaction.query_one(there, values![]).await?.is_none() {
                return Ok(None);
            }
            let slowest = "SELECT left(regexp_replace(query, '\\s+', ' ', 'g'), 300) AS statement,
                    calls, mean_exec_time AS mean_ms
                FROM pg_stat_statements
                WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                    AND query ~* '^\\s*(select|insert|update|delete|with)'
                ORDER BY mean_exec_time DESC LIMIT 10";
            transaction.query(slowest, values![]).await.map(Some)
        };
        match asked.await {
            Ok(Some(rows)) => rows
                .iter()
                .map(slow)
                .collect::<Result<_>>()
                .map_err(|error| error.message().to_owned()),
            Ok(None) => {
                Err("the extension pg_stat_statements is not there: an administrator makes \
                             it with CREATE EXTENSION pg_stat_statements"
                    .to_owned())
            }
            Err(_) => Err("pg_stat_statements does not answer: the server has to load it \
                           (shared_preload_libraries) and this role to read it (pg_read_all_stats)"
                .to_owned()),
        }
    }

    /// How PostgreSQL keeps users apart; nothing on SQLite, which has no row-level security.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn row_security(&self) -> Result<Option<RowSecurity>> {
        if self.dialect() == Dialect::Sqlite {
            return Ok(None);
        }
        let role = "SELECT current_user::text AS role, rolsuper OR rolbypassrls AS bypasses
                    FROM pg_roles WHERE rolname = current_user";
        let role = self.query_one(&ScopeKey::HOST, role, values![]).await?;
        let unguarded = "SELECT own.name FROM jsonb_array_elements_text($1) AS own (name)
            LEFT JOIN pg_class ON relname = own.name
                AND relnamespace = current_schema()::regnamespace
            WHERE (relrowsecurity AND relforcerowsecurity) IS NOT TRUE ORDER BY own.name";
        let own: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
        let unguarded = self.query(&ScopeKey::HOST, unguarded, values![Json::from(own)]).await?;
        Ok(Some(RowSecurity {
            unguarded: unguarded.iter().map(|row| row.get("name")).collect::<Result<_>>()?,
            role: text(role.as_ref(), "role")?,
            bypasses: role.map_or(Ok(true), |row| row.get("bypasses"))?,
        }))
    }

    /// What is wrong with the pages, indexes and references, in the engine's words; nothing wrong
    /// is an empty list.
    ///
    /// # Errors
    /// Those of the database; a damage so deep that the check itself fails is `STORAGE_CORRUPT`.
    pub(crate) async fn integrity(&self) -> Result<Vec<String>> {
        let statements: &[&'static str] = self.dialect().choose(
            &[
                "SELECT quick_check AS fault FROM pragma_quick_check
                 WHERE quick_check <> 'ok' LIMIT 20",
                "SELECT \"table\" || ' names rows of ' || parent || ' that are not there' AS fault
                 FROM pragma_foreign_key_check LIMIT 20",
            ],
            &[
                "SELECT indexrelid::regclass::text || ' is an index that was not finished' AS fault
                 FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
                 WHERE NOT indisvalid AND relnamespace = current_schema()::regnamespace LIMIT 20",
                "SELECT conname::text || ' was never checked on all rows' AS fault
                 FROM pg_constraint WHERE NOT convalidated
                     AND connamespace = current_schema()::regnamespace LIMIT 20",
            ],
        );
        let mut faults = Vec::new();
        for statement in statements {
            let rows = self.query(&ScopeKey::HOST, statement, values![]).await?;
            for row in &rows {
                faults.push(row.get("fault")?);
            }
        }
        Ok(faults)
    }

    /// PostgreSQL's extensions, each as `name version`.
    pub(crate) async fn extensions(&self) -> Result<Option<Vec<(String, String)>>> {
        if self.dialect() == Dialect::Sqlite {
            return Ok(None);
        }
        let all = "SELECT extname::text AS name, extversion AS version FROM pg_extension
                   ORDER BY extname";
        let rows = self.query(&ScopeKey::HOST, all, values![]).await?;
        rows.iter()
            .map(|row| Ok((row.get("name")?, row.get("version")?)))
            .collect::<Result<_>>()
            .map(Some)
    }

    /// How far the clock of the database's server is from `now`; nothing on SQLite, which has none.
    pub(crate) async fn clock_distance(&self, now: Timestamp) -> Result<Option<Duration>> {
        if self.dialect() == Dialect::Sqlite {
            return Ok(None);
        }
        let clock = "SELECT clock_timestamp() AS now";
        let row = self.query_one(&ScopeKey::HOST, clock, values![]).await?;
        row.map(|row| {
            let theirs: Timestamp = row.get("now")?;
            Ok(theirs.since(now).max(now.since(theirs)))
        })
        .transpose()
    }

    /// How many bytes the disk of a SQLite file has left, where the system says it.
    pub(crate) fn free_bytes(&self) -> Option<u64> {
        let Location::File(path) = self.location() else { return None };
        free_bytes_at(path)
    }
}

#[cfg(unix)]
fn free_bytes_at(path: &std::path::Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes_at(_: &std::path::Path) -> Option<u64> {
    None
}

fn text(row: Option<&Row>, name: &str) -> Result<String> {
    row.map_or_else(|| Ok(String::new()), |row| row.get(name))
}

fn slow(row: &Row) -> Result<SlowStatement> {
    Ok(SlowStatement {
        statement: row.get("statement")?,
        calls: row.get("calls")?,
        mean_ms: row.get("mean_ms")?,
    })
}
