//! Brings a database to this library's schema, one transaction a step.

use super::{Database, Transaction, values};
use crate::{
    error::{Error, ErrorKind, Result},
    types::Clock,
};

/// The schema version this library writes.
pub const SCHEMA_VERSION: u32 = {
    let last = &MIGRATIONS[MIGRATIONS.len() - 1];
    last.version
};

struct Migration {
    version: u32,
    name: &'static str,
    /// The oldest library schema that may still use the database afterwards.
    minimum: u32,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migration {
    ($version:literal, $name:literal, minimum $minimum:literal) => {
        Migration {
            version: $version,
            name: $name,
            minimum: $minimum,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
        }
    };
}

const MIGRATIONS: &[Migration] = &[
    migration!(1, "0001_accounts", minimum 1),
    migration!(2, "0002_audit", minimum 1),
    migration!(3, "0003_vault", minimum 1),
    migration!(4, "0004_knowledge", minimum 1),
    migration!(5, "0005_operations", minimum 1),
    // An older library would move a chain's head without sealing it.
    migration!(6, "0006_audit_heads", minimum 6),
    migration!(7, "0007_rotation", minimum 6),
    migration!(8, "0008_conversations", minimum 6),
    migration!(9, "0009_work", minimum 6),
    migration!(10, "0010_money", minimum 6),
    migration!(11, "0011_telemetry", minimum 6),
    migration!(12, "0012_tenancy", minimum 6),
    migration!(13, "0013_vault_life", minimum 6),
    migration!(14, "0014_identity", minimum 6),
    migration!(15, "0015_members", minimum 6),
    migration!(16, "0016_supabase_roles", minimum 6),
    migration!(17, "0017_key_rotation", minimum 6),
    migration!(18, "0018_credential_use", minimum 6),
    migration!(19, "0019_budgets", minimum 6),
];

const SQLITE_SCHEMA_TABLE: &str = "CREATE TABLE IF NOT EXISTS javari_schema (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    minimum_version INTEGER NOT NULL,
    applied_at TEXT NOT NULL
) STRICT";

/// The lock makes two processes that start at once take turns; its number is `javari` in bytes.
const POSTGRES_SCHEMA_TABLE: &str = "
SELECT pg_advisory_xact_lock(116752326850153);
CREATE TABLE IF NOT EXISTS javari_schema (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    minimum_version INTEGER NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL
)";

/// Applies what is missing. Two processes that start at once take turns.
pub(super) async fn run(database: &Database, clock: &dyn Clock) -> Result<()> {
    match current_version(database).await? {
        Some(current) if current >= SCHEMA_VERSION => return Ok(()),
        Some(_) => {}
        None => super::adopt::refuse_seed(database).await?,
    }
    for migration in MIGRATIONS {
        let mut transaction = database.begin_as_owner().await?;
        if apply(&mut transaction, migration, clock).await? {
            transaction.commit().await?;
        }
    }
    Ok(())
}

/// Applies everything in one transaction, which somebody else ends.
pub(super) async fn run_within(transaction: &mut Transaction, clock: &dyn Clock) -> Result<()> {
    for migration in MIGRATIONS {
        apply(transaction, migration, clock).await?;
    }
    Ok(())
}

/// Applies one step where it is missing, and says whether it was.
async fn apply(
    transaction: &mut Transaction,
    migration: &Migration,
    clock: &dyn Clock,
) -> Result<bool> {
    let (schema_table, script) = transaction.dialect().choose(
        (SQLITE_SCHEMA_TABLE, migration.sqlite),
        (POSTGRES_SCHEMA_TABLE, migration.postgres),
    );
    transaction.run_script(schema_table).await?;
    if highest(transaction).await?.is_some_and(|version| version >= migration.version) {
        return Ok(false);
    }
    transaction
        .run_script(script)
        .await
        .map_err(|error| error.with("migration", migration.name))?;
    transaction
        .execute(
            "INSERT INTO javari_schema (version, name, minimum_version, applied_at)
             VALUES ($1, $2, $3, $4)",
            values![migration.version, migration.name, migration.minimum, clock.now()],
        )
        .await?;
    Ok(true)
}

/// Shuts out libraries whose schema is older than `version`: what they do not know is in use from now on.
/// One that has the database open already is not stopped.
/// The transaction is one of the role that owns the tables.
pub(crate) async fn shut_out_older_than(transaction: &mut Transaction, version: u32) -> Result<()> {
    transaction
        .execute(
            "UPDATE javari_schema SET minimum_version = $1 WHERE version = $1 AND minimum_version < $1",
            values![version],
        )
        .await
        .map(drop)
}

/// An error when the database needs a newer library than this.
pub(super) async fn refuse_too_new(database: &Database) -> Result<()> {
    current_version(database).await.map(drop)
}

/// The database's version; an error when it refuses a library of this version.
async fn current_version(database: &Database) -> Result<Option<u32>> {
    if !database.has_table("javari_schema").await? {
        return Ok(None);
    }
    let row = database
        .query_one_as_owner(
            "SELECT MAX(version) AS version, MAX(minimum_version) AS minimum FROM javari_schema",
            values![],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let minimum = row.get::<Option<u32>>("minimum")?.unwrap_or(0);
    if minimum > SCHEMA_VERSION {
        return Err(Error::new(
            ErrorKind::SchemaTooNew,
            "storage.open",
            "this database needs a newer version of Javari; nothing was changed",
        )
        .with("minimum_schema", minimum)
        .with("library_schema", SCHEMA_VERSION));
    }
    row.get("version")
}

pub(super) async fn highest(transaction: &mut Transaction) -> Result<Option<u32>> {
    match transaction
        .query_one("SELECT MAX(version) AS version FROM javari_schema", values![])
        .await?
    {
        Some(row) => row.get("version"),
        None => Ok(None),
    }
}
