//! Which root key the database is sealed with, as a transaction sees it: for every room that keeps
//! what only the present root key can have written.

use super::{Database, Dialect, Transaction, values};
use crate::{error::Result, types::ScopeKey};

const ROOT_KEY_ID: &str = "SELECT root_key_id FROM javari_key_registry";

/// The id of the root key, from outside a transaction; nothing before a vault was made.
pub(crate) async fn root_key_id(database: &Database) -> Result<Option<String>> {
    let row = database.query_one(&ScopeKey::HOST, ROOT_KEY_ID, values![]).await?;
    row.map(|row| row.get("root_key_id")).transpose()
}

/// Lets the root key stay the one until the transaction ends. On PostgreSQL it is asked for before any
/// lock that a rotation takes as well.
pub(crate) async fn hold_root_key(transaction: &mut Transaction) -> Result<()> {
    if transaction.dialect() == Dialect::Postgres {
        // SQLite has one writer. The number is `javaroot` in bytes.
        let lock = "SELECT pg_advisory_xact_lock_shared(7665538201665105780)";
        transaction.execute(lock, values![]).await?;
    }
    Ok(())
}

/// The id of the root key, which stays the one until the transaction ends, as with [`hold_root_key`].
pub(crate) async fn hold_root_key_id(transaction: &mut Transaction) -> Result<Option<String>> {
    hold_root_key(transaction).await?;
    root_key_id_within(transaction).await
}

/// The id of the root key, for a transaction that will change it: nobody else holds it meanwhile.
pub(crate) async fn take_root_key_id(transaction: &mut Transaction) -> Result<Option<String>> {
    if transaction.dialect() == Dialect::Postgres {
        let lock = "SELECT pg_advisory_xact_lock(7665538201665105780)";
        transaction.execute(lock, values![]).await?;
    }
    root_key_id_within(transaction).await
}

/// The id of the root key as a transaction sees it, which holds nothing: for one that only reads.
pub(crate) async fn root_key_id_within(transaction: &mut Transaction) -> Result<Option<String>> {
    let row = transaction.query_one(ROOT_KEY_ID, values![]).await?;
    row.map(|row| row.get("root_key_id")).transpose()
}
