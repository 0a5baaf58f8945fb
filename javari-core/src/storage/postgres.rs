//! The PostgreSQL engine: every statement runs in a transaction that says whose rows it may see.
//!
//! Row-level security reads the setting `javari.actor`, and where a member acts `javari.project` and
//! `javari.member`, which live as long as one transaction, so a pooler that hands connections round
//! between transactions (PgBouncer, Supabase's) changes nothing.
//! Where the connection's own role is above row-level security, the transaction takes the role
//! `javari_app`, which is not.

use std::fmt;

use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool, Postgres, Row as _,
    postgres::{PgArguments, PgConnectOptions, PgPoolOptions},
    query::Query,
    types::{Decimal, Json as SqlJson, Uuid, time::OffsetDateTime},
};

use super::{
    DatabaseConfig, Kind, PoolUse, Row, Value, database::ACQUIRE_TIMEOUT, fault, health::pool_use,
    location::Server, row::Raw,
};
use crate::{
    error::{Error, ErrorKind, Result},
    types::{ScopeKey, Timestamp, Usd},
};

const CONNECTIONS: u32 = 10;
/// The digits behind the point of money in the database: whole pico-dollars.
pub(super) const MONEY_SCALE: u32 = 12;

/// The pool over one server.
#[derive(Clone)]
pub(super) struct PostgresEngine {
    pool: PgPool,
    /// Whether the connection's own role would pass by row-level security.
    takes_role: bool,
    /// Whether a prepared statement finds its connection again.
    keeps_statements: bool,
    lock_timeout_ms: u128,
}

impl PostgresEngine {
    pub(super) async fn connect(server: &Server, config: DatabaseConfig) -> Result<Self> {
        use sqlx::ConnectOptions;
        let opened =
            |error| fault::from_driver("storage.open", error).with("location", server.to_string());
        // The address holds a password, which goes to the driver and nowhere else.
        let mut options: PgConnectOptions =
            server.address().expose().parse().map_err(|_: sqlx::Error| {
                Error::new(
                    ErrorKind::Configuration,
                    "storage.open",
                    "the address of the PostgreSQL server cannot be read: \
                     use postgres://USER:PASSWORD@HOST:PORT/DATABASE",
                )
            })?;
        if server.is_pooled() {
            // PgBouncer refuses a setting that it does not know; numbers cross as bytes anyway.
            options = options.statement_cache_capacity(0).extra_float_digits(None);
        }
        let options = options.disable_statement_logging();
        // A pool would try for half a minute and then say that it found no connection.
        let mut first = PgConnection::connect_with(&options).await.map_err(opened)?;
        // One message: outside a transaction a pooler hands every message to another connection.
        let bypasses = sqlx::raw_sql(
            "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user",
        )
        .fetch_one(&mut first)
        .await
        .and_then(|row| row.try_get::<bool, _>(0))
        .map_err(opened)?;
        first.close().await.map_err(opened)?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // A connection that died meanwhile is noticed here, not by the caller.
            .test_before_acquire(true)
            .connect_lazy_with(options);
        let lock_timeout_ms = config.busy_timeout.as_millis().max(1);
        let keeps_statements = !server.is_pooled();
        Ok(Self { pool, takes_role: bypasses, keeps_statements, lock_timeout_ms })
    }

    pub(super) async fn query(
        &self,
        scope: &ScopeKey,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>> {
        let mut transaction = self.transaction("BEGIN READ ONLY", scope).await?;
        let rows = transaction.query(statement, values).await?;
        transaction.commit().await?;
        Ok(rows)
    }

    pub(super) async fn query_one(
        &self,
        scope: &ScopeKey,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<Row>> {
        let mut transaction = self.transaction("BEGIN READ ONLY", scope).await?;
        let row = transaction.query_one(statement, values).await?;
        transaction.commit().await?;
        Ok(row)
    }

    pub(super) async fn begin(&self, scope: &ScopeKey) -> Result<PostgresTransaction> {
        self.transaction("BEGIN", scope).await
    }

    pub(super) async fn begin_snapshot(&self, scope: &ScopeKey) -> Result<PostgresTransaction> {
        self.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", scope).await
    }

    /// A transaction above row-level security, for the schema itself.
    pub(super) async fn begin_as_owner(&self) -> Result<PostgresTransaction> {
        self.begun("BEGIN".to_owned()).await
    }

    /// The same, held to what the host may see where the owner is held to anything.
    pub(super) async fn begin_as_owner_for_host(&self) -> Result<PostgresTransaction> {
        self.transaction_as("BEGIN", &ScopeKey::HOST, "").await
    }

    async fn transaction(&self, begin: &str, scope: &ScopeKey) -> Result<PostgresTransaction> {
        let role = if self.takes_role { "SET LOCAL ROLE javari_app;" } else { "" };
        self.transaction_as(begin, scope, role).await
    }

    async fn transaction_as(
        &self,
        begin: &str,
        scope: &ScopeKey,
        role: &'static str,
    ) -> Result<PostgresTransaction> {
        // One message: a beginning is one way to the server and back. What is put into it are
        // UUIDs, a number and names of our own.
        let (actor, member) = (Actor(scope), Member(scope));
        let statement = format!(
            "{begin}; SET LOCAL javari.actor = '{actor}'; {member}SET LOCAL lock_timeout = {}; {role}",
            self.lock_timeout_ms
        );
        self.begun(statement).await
    }

    /// A caller may leave at any wait. The driver would forget a beginning that is not answered yet, and
    /// give the next caller a connection with that transaction open: so the answer is waited for in any
    /// case, and a transaction that nobody takes is rolled back.
    async fn begun(&self, statement: String) -> Result<PostgresTransaction> {
        let pool = self.pool.clone();
        let beginning =
            tokio::spawn(async move { pool.begin_with(AssertSqlSafe(statement)).await });
        let open = beginning
            .await
            .map_err(|stopped| {
                Error::new(ErrorKind::Closed, "storage.begin", "the runtime has stopped")
                    .with_source(stopped)
            })?
            .map_err(|error| fault::from_driver("storage.begin", error))?;
        Ok(PostgresTransaction { open, keeps_statements: self.keeps_statements })
    }

    pub(super) async fn run_alone(&self, statement: &'static str) -> Result<()> {
        let done = sqlx::raw_sql(statement).execute(&self.pool).await;
        done.map(drop).map_err(|error| fault::from_driver("storage.execute", error))
    }

    pub(super) fn pool(&self) -> PoolUse {
        pool_use(&self.pool)
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

/// Whom row-level security takes the transaction for: a user, or the host itself.
struct Actor<'a>(&'a ScopeKey);

impl fmt::Display for Actor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.user {
            Some(user) => write!(f, "{user}"),
            None => f.write_str("host"),
        }
    }
}

/// What holds the transaction of a member to one project; nothing for everybody else.
struct Member<'a>(&'a ScopeKey);

impl fmt::Display for Member<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(member) = self.0.member else { return Ok(()) };
        // A member without a project sees the project that nobody has.
        let project = self.0.project.map_or_else(Uuid::nil, Uuid::from);
        write!(f, "SET LOCAL javari.project = '{project}'; SET LOCAL javari.member = '{member}'; ")
    }
}

/// An open transaction, undone on drop by the driver.
pub(super) struct PostgresTransaction {
    open: sqlx::Transaction<'static, Postgres>,
    keeps_statements: bool,
}

impl PostgresTransaction {
    pub(super) async fn execute(
        &mut self,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<u64> {
        let done = self.bind(statement, values)?.execute(&mut *self.open).await;
        done.map(|done| done.rows_affected())
            .map_err(|error| fault::from_driver("storage.execute", error))
    }

    pub(super) async fn query(
        &mut self,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>> {
        let rows = self.bind(statement, values)?.fetch_all(&mut *self.open).await;
        rows.map(|rows| rows.into_iter().map(|row| Row(Raw::Postgres(row))).collect())
            .map_err(|error| fault::from_driver("storage.query", error))
    }

    pub(super) async fn query_one(
        &mut self,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<Row>> {
        let row = self.bind(statement, values)?.fetch_optional(&mut *self.open).await;
        row.map(|row| row.map(|row| Row(Raw::Postgres(row))))
            .map_err(|error| fault::from_driver("storage.query", error))
    }

    pub(super) fn rows(
        &mut self,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<BoxStream<'_, Result<Row>>> {
        let rows = self.bind(statement, values)?.fetch(&mut *self.open);
        let rows = rows.map_ok(|row| Row(Raw::Postgres(row)));
        Ok(rows.map_err(|error| fault::from_driver("storage.query", error)).boxed())
    }

    pub(super) async fn run_script(&mut self, script: &'static str) -> Result<()> {
        let done = sqlx::raw_sql(script).execute(&mut *self.open).await;
        done.map(drop).map_err(|error| fault::from_driver("storage.migrate", error))
    }

    pub(super) async fn commit(self) -> Result<()> {
        self.open.commit().await.map_err(|error| fault::from_driver("storage.commit", error))
    }

    /// A prepared statement with a name belongs to one connection of the server, which the next
    /// transaction may not get behind a pooler; one without a name ends with the transaction.
    fn bind(&self, statement: &'static str, values: Vec<Value>) -> Result<Bound> {
        Ok(bind(statement, values)?.persistent(self.keeps_statements))
    }
}

fn bind(statement: &'static str, values: Vec<Value>) -> Result<Bound> {
    let mut query = sqlx::query(statement);
    for value in values {
        query = match value {
            Value::Null(kind) => null(query, kind),
            Value::Bool(value) => query.bind(value),
            Value::Int(value) => query.bind(value),
            Value::Real(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Blob(value) => query.bind(value),
            Value::Id(value) => query.bind(value),
            Value::Time(value) => query.bind(instant(value)?),
            Value::Json(value) => query.bind(SqlJson(value)),
            Value::Money(value) => query.bind(money(value)?),
        };
    }
    Ok(query)
}

type Bound = Query<'static, Postgres, PgArguments>;

fn null(query: Bound, kind: Kind) -> Bound {
    match kind {
        Kind::Bool => query.bind(None::<bool>),
        Kind::Int => query.bind(None::<i64>),
        Kind::Real => query.bind(None::<f64>),
        Kind::Text => query.bind(None::<String>),
        Kind::Blob => query.bind(None::<Vec<u8>>),
        Kind::Id => query.bind(None::<Uuid>),
        Kind::Time => query.bind(None::<OffsetDateTime>),
        Kind::Money => query.bind(None::<Decimal>),
        Kind::Json => query.bind(None::<SqlJson<serde_json::Value>>),
    }
}

fn instant(value: Timestamp) -> Result<OffsetDateTime> {
    let nanos = i128::from(value.as_micros()) * 1_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos).map_err(|_| {
        Error::new(ErrorKind::InvalidInput, "storage.bind", "the time is out of range")
            .with("time", value)
    })
}

fn money(value: Usd) -> Result<Decimal> {
    Decimal::try_from_i128_with_scale(value.picos(), MONEY_SCALE).map_err(|_| {
        Error::new(
            ErrorKind::InvalidInput,
            "storage.bind",
            "the amount is beyond what the database holds (about 79 quadrillion USD)",
        )
        .with("amount", value)
    })
}
