//! Turns a PostgreSQL database of the seed into one of Javari, in one transaction that somebody else
//! ends.
//!
//! The seed's tables move to the schema `javari_seed` as they are; the migrations make the new ones
//! where they stood; set-based statements copy the rows over; what the host made upon the old tables
//! (views, foreign keys, triggers, grants, columns, …) is made again upon the new ones. The statements
//! stand in `migrations/adopt`, one file a subject, in the order of their numbers.
//!
//! What it deliberately does not do: it seals, opens and chains nothing, for that takes the root key:
//! the rooms whose tables need it do their part in the same transaction (`client::adopt`). It changes
//! no row of the old tables, ever.

mod hashes;
mod report;

pub(crate) use hashes::key_hashes;
pub use report::{SeedChange, SeedDependent, SeedStop, SeedTable};
pub(crate) use report::{changes, dependents, old_bytes, stops, tables};
use serde_json::Value as Json;

use super::{Database, Dialect, Transaction, migrate, tables::TABLES, values};
use crate::{
    error::{Error, ErrorKind, Result, Retry},
    types::{Clock, Timestamp},
};

const OPERATION: &str = "system.adopt";

macro_rules! scripts {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../migrations/adopt/", $name, ".sql")))),+]
    };
}

type Scripts = &'static [(&'static str, &'static str)];

const SCHEMA: Scripts = scripts!["01_schema", "02_known"];
const MOVE: Scripts = scripts!["03_judge", "04_record", "05_move"];
const VALUES: Scripts = scripts!["10_values"];
const COPY: Scripts = scripts![
    "20_accounts",
    "21_conversations",
    "22_vault",
    "23_knowledge",
    "24_work",
    "25_operations",
    "26_log",
];
const RESTORE: Scripts = scripts!["80_restore", "90_count"];

/// What a database is, as far as adopting goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SeedState {
    /// The seed's.
    Seed,
    /// The seed's once, and adopted; the old tables are still there.
    Adopted,
    /// Javari's, or nothing yet.
    Other,
}

/// An error when the database holds the seed's tables.
pub(super) async fn refuse_seed(database: &Database) -> Result<()> {
    match state(database).await? {
        SeedState::Seed => Err(Error::new(
            ErrorKind::AdoptionNeeded,
            "storage.open",
            "this is a database of the seed: adopt it first (`system.adopt`, with a dry run before); nothing was changed",
        )),
        SeedState::Adopted | SeedState::Other => Ok(()),
    }
}

/// What the database is.
pub(crate) async fn state(database: &Database) -> Result<SeedState> {
    if database.dialect() != Dialect::Postgres {
        return Ok(SeedState::Other);
    }
    // Looked for before Javari's own table, with which the first of these comes when another process
    // makes this database just now.
    let has_tables =
        database.has_table("javari_credentials").await? && database.has_table("users").await?;
    Ok(match database.has_table("javari_schema").await? {
        true if database.has_table("javari_seed.adoption").await? => SeedState::Adopted,
        false if has_tables => SeedState::Seed,
        _ => SeedState::Other,
    })
}

/// Begins an adoption: everything up to where the root key is needed. Nothing is copied when there is
/// something that stops it.
///
/// `request` has `emails`, an object of user ids and what becomes of them, `ownerless_owner` and
/// `leave_behind`.
///
/// # Errors
/// `STORAGE_BUSY` when somebody works with the tables; `CONFLICT` when another process adopted the
/// database meanwhile.
pub(crate) async fn begin(
    database: &Database,
    clock: &dyn Clock,
    mut request: Json,
) -> Result<Transaction> {
    let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    if let Some(request) = request.as_object_mut() {
        request.insert("tables".to_owned(), names.into());
    }
    let mut transaction = database.begin_as_owner_for_host().await?;
    transaction
        .run_script(
            "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
             SET LOCAL client_min_messages = 'error';
             -- A server that can tell notices in the middle of a statement that its client is gone.
             DO $$ BEGIN
                 PERFORM set_config('client_connection_check_interval', '1s', true);
             EXCEPTION WHEN OTHERS THEN NULL;
             END $$;
             SELECT pg_advisory_xact_lock(116752326850153)",
        )
        .await?;
    let there = "SELECT 1 AS found WHERE to_regclass('javari_schema') IS NOT NULL";
    if transaction.query_one(there, values![]).await?.is_some() {
        return Err(Error::new(
            ErrorKind::Conflict,
            OPERATION,
            "another process adopted this database meanwhile: open it",
        )
        .with_retry(Retry::Never));
    }
    run(&mut transaction, SCHEMA).await?;
    transaction
        .execute(
            "INSERT INTO javari_seed.adoption (request, adopted_at) VALUES ($1, $2)",
            values![request, clock.now()],
        )
        .await?;
    run(&mut transaction, MOVE).await?;
    let moved = "SELECT 1 AS found WHERE to_regclass('javari_seed.users') IS NOT NULL";
    if transaction.query_one(moved, values![]).await?.is_some() {
        run(&mut transaction, VALUES).await?;
    }
    if stops(&mut transaction).await?.is_empty() {
        migrate::run_within(&mut transaction, clock).await?;
        run(&mut transaction, COPY).await?;
    }
    Ok(transaction)
}

/// Makes again what the host had made, and counts. What could not be made is among the stops.
pub(crate) async fn finish(transaction: &mut Transaction) -> Result<()> {
    run(transaction, RESTORE).await
}

/// Keeps the report beside the old tables, for who asks again.
pub(crate) async fn keep_report(transaction: &mut Transaction, report: &str) -> Result<()> {
    transaction
        .execute("UPDATE javari_seed.adoption SET report = $1", values![report])
        .await
        .map(drop)
}

/// The report that was kept, and when the database was adopted.
pub(crate) async fn kept_report(database: &Database) -> Result<(Option<String>, Timestamp)> {
    let mut transaction = database.begin_as_owner().await?;
    let kept = "SELECT report, adopted_at FROM javari_seed.adoption";
    let row = transaction.query_one(kept, values![]).await?;
    let row = row.ok_or_else(|| {
        let message = "the schema `javari_seed` holds no adoption: was it changed by hand?";
        Error::new(ErrorKind::Storage, OPERATION, message)
    })?;
    Ok((row.get("report")?, row.get("adopted_at")?))
}

/// Removes the old tables for good, in a transaction that somebody else ends.
pub(crate) async fn drop_old(transaction: &mut Transaction) -> Result<()> {
    transaction.run_script("DROP SCHEMA javari_seed CASCADE").await
}

async fn run(transaction: &mut Transaction, scripts: Scripts) -> Result<()> {
    for (name, script) in scripts {
        transaction.run_script(script).await.map_err(|error| error.with("step", name))?;
    }
    Ok(())
}
