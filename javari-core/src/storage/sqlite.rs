//! The SQLite engine: one connection writes, a pool of others reads.

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use sqlx::{
    Sqlite, SqliteConnection, SqlitePool,
    pool::PoolConnection,
    query::Query,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions,
        SqliteSynchronous,
    },
};

use super::{
    DatabaseConfig, Location, PoolUse, Row, Value, database::ACQUIRE_TIMEOUT, fault,
    health::pool_use, lookup::Lookups, row::Raw,
};
use crate::{
    error::{Error, ErrorKind, Result},
    secret::create_private,
};

/// The pools over one file, or over one database in memory.
#[derive(Clone)]
pub(super) struct SqliteEngine {
    writer: SqlitePool,
    readers: SqlitePool,
    /// Nothing in memory, where there is one connection.
    lookups: Option<Arc<Lookups>>,
}

const READERS: u32 = 4;
/// The size of a page in a new file.
const PAGE_BYTES: u32 = 8192;
/// So much of a file is read where the system maps it.
pub(super) const MAPPED_BYTES: i64 = 268_435_456;
/// SQLite counts no more pages than this.
const MOST_PAGES: u64 = 0xffff_fffe;

impl SqliteEngine {
    /// In the file of that path, made where there is none; in memory without a path.
    pub(super) async fn connect(
        location: &Location,
        path: Option<&std::path::Path>,
        config: DatabaseConfig,
    ) -> Result<Self> {
        let opened = |error| {
            fault::from_driver("storage.open", error).with("location", location.to_string())
        };
        let Some(path) = path else {
            // Every connection to `:memory:` is a database of its own, so there is one.
            let pool = pool(1, options(config).in_memory(true)).await.map_err(opened)?;
            return Ok(Self { writer: pool.clone(), readers: pool, lookups: None });
        };
        // For its owner alone where there is none: documents stand in it readable. SQLite gives its
        // neighbours (`-wal`, `-shm`) the same mode, and tells of what cannot be made.
        let _ = create_private(path);
        let options = options(config).filename(path);
        let writing = options.clone().create_if_missing(true);
        // A mapped page is read anew at each visit, and checking its cells each time takes as long
        // as a full-text search itself.
        let writing = writing.pragma("cell_size_check", "on");
        let writer = pool(1, writing).await.map_err(opened)?;
        let readers = pool(READERS, options.read_only(true)).await.map_err(opened)?;
        let lookups = Some(Arc::new(Lookups::of(path)));
        Ok(Self { writer, readers, lookups })
    }

    pub(super) async fn query(
        &self,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>> {
        let rows = bind(statement, values)?.fetch_all(&self.readers).await;
        rows.map(|rows| rows.into_iter().map(|row| Row(Raw::Sqlite(row))).collect())
            .map_err(|error| fault::from_driver("storage.query", error))
    }

    pub(super) async fn look_up(
        &self,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>> {
        if let Some(lookups) = &self.lookups {
            // An answer that is there at once is no place where other tasks get their turn.
            tokio::task::coop::consume_budget().await;
            if let Some(rows) = lookups.find(statement, &values) {
                return Ok(rows);
            }
        }
        // Who waits in the queue of the pool is told there what is wrong.
        self.query(statement, values).await
    }

    pub(super) async fn query_one(
        &self,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<Row>> {
        let row = bind(statement, values)?.fetch_optional(&self.readers).await;
        row.map(|row| row.map(|row| Row(Raw::Sqlite(row))))
            .map_err(|error| fault::from_driver("storage.query", error))
    }

    pub(super) async fn begin(&self) -> Result<SqliteTransaction> {
        self.begin_with("PRAGMA synchronous = FULL; BEGIN IMMEDIATE").await
    }

    /// A transaction that is kept when the process ends, and not waited for until the disk has it.
    /// The next one of the other kind takes it along.
    pub(super) async fn begin_noting(&self) -> Result<SqliteTransaction> {
        self.begin_with("PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE").await
    }

    /// Each beginning says how it is kept, so that none inherits that of the one before.
    async fn begin_with(&self, begin: &'static str) -> Result<SqliteTransaction> {
        // An immediate transaction waits for the write lock now: one that upgraded later would
        // fail at once with SQLITE_BUSY_SNAPSHOT, whatever the busy timeout.
        let fault = |error| fault::from_driver("storage.begin", error);
        let connection = self.writer.acquire().await.map_err(fault)?;
        // Held by the transaction from here on: a caller who gives up meanwhile undoes it.
        let mut transaction = SqliteTransaction { connection: Some(connection), is_undone: false };
        let begun = sqlx::raw_sql(begin).execute(transaction.connection()?).await;
        begun.map(|_| transaction).map_err(fault)
    }

    /// A transaction of a reader: what it reads first is what it goes on to see.
    pub(super) async fn begin_snapshot(&self) -> Result<SqliteTransaction> {
        let fault = |error| fault::from_driver("storage.begin", error);
        let connection = self.readers.acquire().await.map_err(fault)?;
        let mut transaction = SqliteTransaction { connection: Some(connection), is_undone: false };
        let begun = sqlx::raw_sql("BEGIN").execute(transaction.connection()?).await;
        begun.map(|_| transaction).map_err(fault)
    }

    pub(super) async fn run_alone(&self, statement: &'static str) -> Result<()> {
        let mut connection = self
            .writer
            .acquire()
            .await
            .map_err(|error| fault::from_driver("storage.execute", error))?;
        let done = sqlx::raw_sql(statement).execute(&mut *connection).await;
        done.map(drop).map_err(|error| fault::from_driver("storage.execute", error))
    }

    pub(super) fn pool(&self) -> PoolUse {
        let in_memory = self.writer.options().get_max_connections()
            == self.readers.options().get_max_connections();
        let pools: &[&SqlitePool] =
            if in_memory { &[&self.writer] } else { &[&self.writer, &self.readers] };
        pools.iter().map(|pool| pool_use(pool)).fold(PoolUse::default(), PoolUse::and)
    }

    pub(super) async fn close(&self) {
        if let Some(lookups) = &self.lookups {
            lookups.close();
        }
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// An open transaction, undone on drop.
///
/// It is not the driver's own: that one counts open transactions by itself, and when the disk is
/// full, where SQLite ends one unasked, it would refuse every later one on the connection.
pub(super) struct SqliteTransaction {
    /// Nothing once it was committed.
    connection: Option<PoolConnection<Sqlite>>,
    /// Whether SQLite itself may have undone it: a further statement would then stand alone.
    is_undone: bool,
}

impl SqliteTransaction {
    pub(super) async fn execute(
        &mut self,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<u64> {
        let done = bind(statement, values)?.execute(self.connection()?).await;
        let done = done.map(|done| done.rows_affected());
        self.note("storage.execute", done)
    }

    pub(super) async fn query(
        &mut self,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>> {
        let rows = bind(statement, values)?.fetch_all(self.connection()?).await;
        let rows = rows.map(|rows| rows.into_iter().map(|row| Row(Raw::Sqlite(row))).collect());
        self.note("storage.query", rows)
    }

    pub(super) async fn query_one(
        &mut self,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<Row>> {
        let row = bind(statement, values)?.fetch_optional(self.connection()?).await;
        self.note("storage.query", row.map(|row| row.map(|row| Row(Raw::Sqlite(row)))))
    }

    pub(super) fn rows(
        &mut self,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<BoxStream<'_, Result<Row>>> {
        let rows = bind(statement, values)?.fetch(self.connection()?);
        let rows = rows.map_ok(|row| Row(Raw::Sqlite(row)));
        Ok(rows.map_err(|error| fault::from_driver("storage.query", error)).boxed())
    }

    pub(super) async fn run_script(&mut self, script: &'static str) -> Result<()> {
        let done = sqlx::raw_sql(script).execute(self.connection()?).await;
        self.note("storage.migrate", done.map(drop))
    }

    pub(super) async fn commit(mut self) -> Result<()> {
        let done = sqlx::raw_sql("COMMIT").execute(self.connection()?).await;
        self.note("storage.commit", done)?;
        // Nothing is left to undo: the connection goes back as it is.
        drop(self.connection.take());
        Ok(())
    }

    /// The outcome with the driver's error as a kind. SQLite undoes the whole transaction when the
    /// disk is full or fails (<https://www.sqlite.org/lang_transaction.html>, section 3.1).
    fn note<T>(&mut self, operation: &'static str, outcome: sqlx::Result<T>) -> Result<T> {
        outcome.map_err(|error| {
            let error = fault::from_driver(operation, error);
            self.is_undone |=
                matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::StorageBusy);
            error
        })
    }

    /// The connection, as long as the transaction on it is whole.
    fn connection(&mut self) -> Result<&mut SqliteConnection> {
        match self.connection.as_deref_mut().filter(|_| !self.is_undone) {
            Some(connection) => Ok(connection),
            None => Err(Error::new(
                ErrorKind::StorageFull,
                "storage.execute",
                "the transaction was undone by an earlier fault of the disk; nothing was written",
            )),
        }
    }
}

impl Drop for SqliteTransaction {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        // Without a runtime the pool cannot take it back either: it is closed then, which undoes.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(undo(connection));
        }
    }
}

/// Ends the transaction of a connection before another caller gets it.
async fn undo(mut connection: PoolConnection<Sqlite>) {
    if sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await.is_ok() {
        return;
    }
    // SQLite ended it already, or cannot: then the connection is of no use any more.
    if sqlx::raw_sql("BEGIN; ROLLBACK").execute(&mut *connection).await.is_err() {
        let _ = connection.close().await;
    }
}

fn options(config: DatabaseConfig) -> SqliteConnectOptions {
    use sqlx::ConnectOptions;
    let pages = config.max_bytes.map_or(MOST_PAGES, |bytes| bytes / u64::from(PAGE_BYTES));
    SqliteConnectOptions::new()
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(config.busy_timeout)
        .page_size(PAGE_BYTES)
        // Zero pages would mean no limit.
        .pragma("max_page_count", pages.clamp(1, MOST_PAGES).to_string())
        .pragma("mmap_size", MAPPED_BYTES.to_string())
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
        // A connection to a file does not die. Asking it first costs a message between threads at
        // each call, and a caller who leaves meanwhile would have it closed: in memory that is the
        // database.
        .test_before_acquire(false)
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
            Value::Null(_) => query.bind(None::<String>),
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
