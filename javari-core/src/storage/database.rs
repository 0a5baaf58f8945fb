//! Connections and transactions over one database.

use std::{sync::Arc, time::Duration};

use sqlx::{
    Sqlite, SqlitePool,
    query::Query,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions,
        SqliteSynchronous,
    },
};

use super::{Location, Row, Value, fault, migrate};
use crate::{
    error::{Error, ErrorKind, Result},
    types::{Clock, ScopeKey},
};

/// A database, opened and migrated. Cheap to clone.
///
/// SQLite runs with a write-ahead log, full synchronisation and foreign keys; one connection
/// writes and a pool of others reads, so that a reader never waits for a writer.
#[derive(Clone)]
pub struct Database {
    writer: SqlitePool,
    readers: SqlitePool,
    location: Arc<Location>,
}

const READERS: u32 = 4;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

impl Database {
    /// Opens the database at `location`, creating and migrating it where needed.
    ///
    /// # Errors
    /// `CONFIGURATION` when the file cannot be opened, `STORAGE_CORRUPT` when it is no database,
    /// `SCHEMA_TOO_NEW` when it needs a newer library, `STORAGE_BUSY` when another process holds it.
    pub async fn open(location: Location, clock: &dyn Clock) -> Result<Self> {
        let database = Self::connect(location).await?;
        migrate::run(&database, clock).await?;
        Ok(database)
    }

    async fn connect(location: Location) -> Result<Self> {
        let opened = |error| {
            fault::from_driver("storage.open", error).with("location", location.to_string())
        };
        let (writer, readers) = match &location {
            Location::Memory => {
                // Every connection to `:memory:` is a database of its own, so there is one.
                let pool = pool(1, options().in_memory(true)).await.map_err(opened)?;
                (pool.clone(), pool)
            }
            Location::File(path) => {
                let options = options().filename(path);
                let writing = options.clone().create_if_missing(true);
                // A mapped page is read anew at each visit, and checking its cells each time takes
                // as long as a full-text search itself.
                let writing = writing.pragma("cell_size_check", "on");
                let writer = pool(1, writing).await.map_err(opened)?;
                let readers = pool(READERS, options.read_only(true)).await.map_err(opened)?;
                (writer, readers)
            }
        };
        Ok(Self { writer, readers, location: Arc::new(location) })
    }

    /// Where the database lies.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The rows that `statement` selects in `scope`.
    pub async fn query(
        &self,
        _scope: &ScopeKey,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>> {
        let rows = bind(statement, values)?.fetch_all(&self.readers).await;
        rows.map(|rows| rows.into_iter().map(Row).collect())
            .map_err(|error| fault::from_driver("storage.query", error))
    }

    /// The first row that `statement` selects in `scope`.
    pub async fn query_one(
        &self,
        _scope: &ScopeKey,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<Row>> {
        let row = bind(statement, values)?.fetch_optional(&self.readers).await;
        row.map(|row| row.map(Row)).map_err(|error| fault::from_driver("storage.query", error))
    }

    /// Begins a transaction that may write the data of `scope`. It is undone unless committed.
    ///
    /// Never call the database itself while a transaction is open: use the transaction, which
    /// sees its own writes; an in-memory database has no second connection to answer.
    pub async fn begin(&self, _scope: &ScopeKey) -> Result<Transaction> {
        // An immediate transaction waits for the write lock now: one that upgraded later would
        // fail at once with SQLITE_BUSY_SNAPSHOT, whatever the busy timeout.
        let begun = self.writer.begin_with("BEGIN IMMEDIATE").await;
        begun.map(Transaction).map_err(|error| fault::from_driver("storage.begin", error))
    }

    /// Closes every connection; later calls fail with `CLOSED`.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// An open transaction: what it did is kept by [`commit`](Self::commit) and undone on drop.
pub struct Transaction(sqlx::Transaction<'static, Sqlite>);

impl Transaction {
    /// Runs `statement` and returns how many rows it changed.
    pub async fn execute(&mut self, statement: &'static str, values: Vec<Value>) -> Result<u64> {
        let done = bind(statement, values)?.execute(&mut *self.0).await;
        done.map(|done| done.rows_affected())
            .map_err(|error| fault::from_driver("storage.execute", error))
    }

    /// The rows that `statement` selects or returns.
    pub async fn query(&mut self, statement: &'static str, values: Vec<Value>) -> Result<Vec<Row>> {
        let rows = bind(statement, values)?.fetch_all(&mut *self.0).await;
        rows.map(|rows| rows.into_iter().map(Row).collect())
            .map_err(|error| fault::from_driver("storage.query", error))
    }

    /// The first row that `statement` selects or returns.
    pub async fn query_one(
        &mut self,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<Row>> {
        let row = bind(statement, values)?.fetch_optional(&mut *self.0).await;
        row.map(|row| row.map(Row)).map_err(|error| fault::from_driver("storage.query", error))
    }

    /// Runs a script of several statements without parameters, for migrations.
    pub(super) async fn run_script(&mut self, script: &'static str) -> Result<()> {
        sqlx::raw_sql(script)
            .execute(&mut *self.0)
            .await
            .map(drop)
            .map_err(|error| fault::from_driver("storage.migrate", error))
    }

    /// Keeps what the transaction did.
    pub async fn commit(self) -> Result<()> {
        self.0.commit().await.map_err(|error| fault::from_driver("storage.commit", error))
    }
}

fn options() -> SqliteConnectOptions {
    use sqlx::ConnectOptions;
    SqliteConnectOptions::new()
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .page_size(8192)
        .pragma("mmap_size", "268435456")
        .statement_cache_capacity(256)
        // A driver that logs statements would log at every call; spans tell more and hide values.
        .disable_statement_logging()
}

async fn pool(size: u32, options: SqliteConnectOptions) -> sqlx::Result<SqlitePool> {
    SqlitePoolOptions::new()
        .max_connections(size)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
        .await
}

fn bind(
    statement: &'static str,
    values: Vec<Value>,
) -> Result<Query<'static, Sqlite, SqliteArguments>> {
    let mut query = sqlx::query(statement);
    for value in values {
        query = match value {
            Value::Null => query.bind(None::<String>),
            Value::Bool(value) => query.bind(value),
            Value::Int(value) => query.bind(value),
            Value::Real(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Blob(value) => query.bind(value),
            Value::Id(value) => query.bind(value.to_string()),
            Value::Time(value) => query.bind(value.to_string()),
            Value::Json(value) => query.bind(value.to_string()),
            Value::Money(value) => query.bind(i64::try_from(value.picos()).map_err(|_| {
                Error::new(
                    ErrorKind::InvalidInput,
                    "storage.bind",
                    "the amount is beyond what a SQLite database holds (about 9.2 million USD)",
                )
                .with("amount", value)
            })?),
        };
    }
    Ok(query)
}
