//! Connections and transactions over one database, whichever engine keeps it.

use std::{sync::Arc, time::Duration};

use futures::stream::BoxStream;
use tokio::time::Instant;

use super::{
    DatabaseConfig, Location, PoolUse, Row, Value, migrate,
    postgres::{PostgresEngine, PostgresTransaction},
    sqlite::{SqliteEngine, SqliteTransaction},
};
use crate::{
    error::{ErrorKind, Result},
    types::{Clock, ScopeKey},
};

/// A database, opened and migrated. Cheap to clone.
///
/// SQLite runs with a write-ahead log, full synchronisation and foreign keys; one connection
/// writes and a pool of others reads, so that a reader never waits for a writer. PostgreSQL runs
/// every statement in a transaction that names the user whose rows it may see, for row-level
/// security to hold it to them.
#[derive(Clone)]
pub struct Database {
    engine: Engine,
    location: Arc<Location>,
}

#[derive(Clone)]
enum Engine {
    Sqlite(SqliteEngine),
    Postgres(PostgresEngine),
}

/// How long an opening waits before it tries a busy file again.
const OPEN_AGAIN: Duration = Duration::from_millis(10);
/// How long a call waits for a connection of the pool.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

impl Database {
    /// Opens the database at `location`, creating and migrating it where needed.
    ///
    /// # Errors
    /// `CONFIGURATION` when the file or server cannot be opened, `STORAGE_CORRUPT` when it is no
    /// database, `SCHEMA_TOO_NEW` when it needs a newer library, `STORAGE_BUSY` when another
    /// process holds it.
    pub async fn open(location: Location, clock: &dyn Clock) -> Result<Self> {
        let database = Self::connect(location, DatabaseConfig::default()).await?;
        database.migrate(clock).await?;
        Ok(database)
    }

    /// Connects to the database at `location`, creating an empty one where there is no file, and
    /// leaves its schema as it is: [`migrate`](Self::migrate) comes next, after whatever has to be
    /// checked before anything is written.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn connect(location: Location, config: DatabaseConfig) -> Result<Self> {
        let start = Instant::now();
        loop {
            match Self::try_connect(location.clone(), config).await {
                // Who makes a file switches it to the write-ahead log, and meanwhile SQLite lets
                // nobody wait: it says at once that the file is busy.
                Err(error)
                    if error.kind() == ErrorKind::StorageBusy
                        && start.elapsed() < config.busy_timeout =>
                {
                    tokio::time::sleep(OPEN_AGAIN).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn try_connect(location: Location, config: DatabaseConfig) -> Result<Self> {
        let engine = match &location {
            Location::Memory => {
                Engine::Sqlite(SqliteEngine::connect(&location, None, config).await?)
            }
            Location::File(path) => {
                Engine::Sqlite(SqliteEngine::connect(&location, Some(path), config).await?)
            }
            Location::Postgres(server) => {
                Engine::Postgres(PostgresEngine::connect(server, config).await?)
            }
        };
        let database = Self { engine, location: Arc::new(location) };
        match migrate::refuse_too_new(&database).await {
            Ok(()) => Ok(database),
            // Closed here, so that a refused file is left without a log beside it.
            Err(error) => {
                database.close().await;
                Err(error)
            }
        }
    }

    /// Brings the schema to this library's version.
    ///
    /// # Errors
    /// `STORAGE_BUSY`, `STORAGE_FULL`; each step is kept whole or not at all.
    pub async fn migrate(&self, clock: &dyn Clock) -> Result<()> {
        migrate::run(self, clock).await
    }

    /// Where the database lies.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Which engine keeps it, for the few statements that differ.
    pub fn dialect(&self) -> Dialect {
        match self.engine {
            Engine::Sqlite(_) => Dialect::Sqlite,
            Engine::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The rows that `statement` selects in `scope`.
    pub async fn query(
        &self,
        scope: &ScopeKey,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>> {
        match &self.engine {
            Engine::Sqlite(engine) => engine.query(statement, values).await,
            Engine::Postgres(engine) => engine.query(scope, statement, values).await,
        }
    }

    /// The first row that `statement` selects in `scope`.
    pub async fn query_one(
        &self,
        scope: &ScopeKey,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<Row>> {
        match &self.engine {
            Engine::Sqlite(engine) => engine.query_one(statement, values).await,
            Engine::Postgres(engine) => engine.query_one(scope, statement, values).await,
        }
    }

    /// The few rows that `statement` finds in `scope` by an index. Where a SQLite file is near they are
    /// read on the caller's own thread, in the tenth part of the time that a message to the thread of a
    /// connection takes; never ask so for what looks through many rows.
    pub(crate) async fn look_up(
        &self,
        scope: &ScopeKey,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>> {
        match &self.engine {
            Engine::Sqlite(engine) => engine.look_up(statement, values).await,
            Engine::Postgres(engine) => engine.query(scope, statement, values).await,
        }
    }

    /// Begins a transaction that may write the data of `scope`. It is undone unless committed.
    ///
    /// Never call the database itself while a transaction is open: use the transaction, which
    /// sees its own writes; an in-memory database has no second connection to answer.
    pub async fn begin(&self, scope: &ScopeKey) -> Result<Transaction> {
        Ok(Transaction(match &self.engine {
            Engine::Sqlite(engine) => Open::Sqlite(engine.begin().await?),
            Engine::Postgres(engine) => Open::Postgres(engine.begin(scope).await?),
        }))
    }

    /// Begins a transaction that notes what somebody read. It survives the end of the process like any
    /// other; with SQLite a loss of power may take the last of them, for none waits for the disk.
    pub(crate) async fn begin_noting(&self, scope: &ScopeKey) -> Result<Transaction> {
        Ok(Transaction(match &self.engine {
            Engine::Sqlite(engine) => Open::Sqlite(engine.begin_noting().await?),
            Engine::Postgres(engine) => Open::Postgres(engine.begin(scope).await?),
        }))
    }

    /// Begins a transaction that reads one unchanging state of what `scope` may see, while others
    /// write. In memory there is one connection: others wait until it ends.
    pub(crate) async fn begin_snapshot(&self, scope: &ScopeKey) -> Result<Transaction> {
        Ok(Transaction(match &self.engine {
            Engine::Sqlite(engine) => Open::Sqlite(engine.begin_snapshot().await?),
            Engine::Postgres(engine) => Open::Postgres(engine.begin_snapshot(scope).await?),
        }))
    }

    /// A transaction over the schema itself, above the rules that tell users apart.
    pub(crate) async fn begin_as_owner(&self) -> Result<Transaction> {
        Ok(Transaction(match &self.engine {
            Engine::Sqlite(engine) => Open::Sqlite(engine.begin().await?),
            Engine::Postgres(engine) => Open::Postgres(engine.begin_as_owner().await?),
        }))
    }

    /// Runs a statement that may stand in no transaction.
    pub(super) async fn run_alone(&self, statement: &'static str) -> Result<()> {
        match &self.engine {
            Engine::Sqlite(engine) => engine.run_alone(statement).await,
            Engine::Postgres(engine) => engine.run_alone(statement).await,
        }
    }

    /// The connections.
    pub(super) fn pool(&self) -> PoolUse {
        match &self.engine {
            Engine::Sqlite(engine) => engine.pool(),
            Engine::Postgres(engine) => engine.pool(),
        }
    }

    /// A transaction of the role that owns the tables, in which row-level security takes it for
    /// the host: for what concerns all tables alike.
    pub(crate) async fn begin_as_owner_for_host(&self) -> Result<Transaction> {
        Ok(Transaction(match &self.engine {
            Engine::Sqlite(engine) => Open::Sqlite(engine.begin().await?),
            Engine::Postgres(engine) => Open::Postgres(engine.begin_as_owner_for_host().await?),
        }))
    }

    /// Whether the schema has a table of that name.
    pub async fn has_table(&self, name: &'static str) -> Result<bool> {
        let statement = self.dialect().choose(
            "SELECT 1 AS found FROM sqlite_schema WHERE type = 'table' AND name = $1",
            "SELECT 1 AS found WHERE to_regclass($1) IS NOT NULL",
        );
        Ok(self.query_one_as_owner(statement, vec![name.into()]).await?.is_some())
    }

    /// A row about the schema itself. The role that a tenant's statements run as may not exist yet.
    pub(super) async fn query_one_as_owner(
        &self,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<Row>> {
        match &self.engine {
            Engine::Sqlite(engine) => engine.query_one(statement, values).await,
            Engine::Postgres(engine) => {
                engine.begin_as_owner().await?.query_one(statement, values).await
            }
        }
    }

    /// Closes every connection; later calls fail with `CLOSED`.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite(engine) => engine.close().await,
            Engine::Postgres(engine) => engine.close().await,
        }
    }
}

/// Which engine keeps a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Dialect {
    /// The one of two statements, or whatever else differs, that is for this engine.
    pub fn choose<T>(self, sqlite: T, postgres: T) -> T {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres => postgres,
        }
    }
}

/// An open transaction: what it did is kept by [`commit`](Self::commit) and undone on drop.
pub struct Transaction(Open);

enum Open {
    Sqlite(SqliteTransaction),
    Postgres(PostgresTransaction),
}

impl Transaction {
    /// Which engine keeps the database.
    pub fn dialect(&self) -> Dialect {
        match self.0 {
            Open::Sqlite(_) => Dialect::Sqlite,
            Open::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs `statement` and returns how many rows it changed.
    pub async fn execute(&mut self, statement: &'static str, values: Vec<Value>) -> Result<u64> {
        match &mut self.0 {
            Open::Sqlite(open) => open.execute(statement, values).await,
            Open::Postgres(open) => open.execute(statement, values).await,
        }
    }

    /// The rows that `statement` selects or returns.
    pub async fn query(&mut self, statement: &'static str, values: Vec<Value>) -> Result<Vec<Row>> {
        match &mut self.0 {
            Open::Sqlite(open) => open.query(statement, values).await,
            Open::Postgres(open) => open.query(statement, values).await,
        }
    }

    /// The first row that `statement` selects or returns.
    pub async fn query_one(
        &mut self,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<Row>> {
        match &mut self.0 {
            Open::Sqlite(open) => open.query_one(statement, values).await,
            Open::Postgres(open) => open.query_one(statement, values).await,
        }
    }

    /// The rows that `statement` selects, one after the other: they are never in memory together.
    pub(crate) fn rows(
        &mut self,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<BoxStream<'_, Result<Row>>> {
        match &mut self.0 {
            Open::Sqlite(open) => open.rows(statement, values),
            Open::Postgres(open) => open.rows(statement, values),
        }
    }

    /// Runs a script of several statements without parameters, for migrations.
    pub(crate) async fn run_script(&mut self, script: &'static str) -> Result<()> {
        match &mut self.0 {
            Open::Sqlite(open) => open.run_script(script).await,
            Open::Postgres(open) => open.run_script(script).await,
        }
    }

    /// Keeps what the transaction did.
    pub async fn commit(self) -> Result<()> {
        match self.0 {
            Open::Sqlite(open) => open.commit().await,
            Open::Postgres(open) => open.commit().await,
        }
    }
}
