//! The rows that a rotation of the root key goes through.

use super::{KeyRow, Registry, Sealed, read_key, read_sealed, select_keys};
use crate::{
    error::Result,
    storage::{Database, Row, Transaction, values},
    types::{ScopeKey, Timestamp},
};
use uuid::Uuid;

/// A kept key as stored.
pub(in crate::vault) struct KeptRow {
    pub(in crate::vault) purpose: String,
    pub(in crate::vault) root_key_id: String,
    pub(in crate::vault) sealed: Sealed,
}

const KEPT: &str = "SELECT purpose, root_key_id, encrypted_value, encryption_iv, encryption_tag
    FROM javari_kept_keys ORDER BY purpose";

pub(in crate::vault) async fn kept_keys(database: &Database) -> Result<Vec<KeptRow>> {
    database.query(&ScopeKey::HOST, KEPT, values![]).await?.iter().map(read_kept).collect()
}

pub(in crate::vault) async fn kept_keys_within(
    transaction: &mut Transaction,
) -> Result<Vec<KeptRow>> {
    transaction.query(KEPT, values![]).await?.iter().map(read_kept).collect()
}

pub(in crate::vault) async fn keep_key(
    transaction: &mut Transaction,
    row: &KeptRow,
    now: Timestamp,
) -> Result<()> {
    transaction
        .execute(
            "INSERT INTO javari_kept_keys (purpose, root_key_id, encrypted_value, encryption_iv,
                 encryption_tag, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (purpose) DO UPDATE SET root_key_id = excluded.root_key_id,
                 encrypted_value = excluded.encrypted_value,
                 encryption_iv = excluded.encryption_iv,
                 encryption_tag = excluded.encryption_tag",
            values![
                &row.purpose,
                &row.root_key_id,
                &row.sealed.encrypted_value,
                &row.sealed.encryption_iv,
                &row.sealed.encryption_tag,
                now
            ],
        )
        .await
        .map(drop)
}

/// Says where the rotation is on its way to; no row when the database has another root key, or is on
/// its way to another one that may not be given up.
pub(in crate::vault) async fn begin_rotation(
    transaction: &mut Transaction,
    (from, to): (&str, &str),
    may_give_up: bool,
) -> Result<u64> {
    transaction
        .execute(
            "UPDATE javari_key_registry SET next_root_key_id = $2
             WHERE root_key_id = $1
               AND (next_root_key_id IS NULL OR next_root_key_id = $2 OR $3)",
            values![from, to, may_give_up],
        )
        .await
}

const UNSTAGED: &str =
    select_keys!("WHERE id > $1 AND next_root_key_id IS DISTINCT FROM $2 ORDER BY id LIMIT $3");

/// Data keys behind `after` that are not sealed for the next root key yet, `limit` at most.
pub(in crate::vault) async fn unstaged(
    database: &Database,
    after: Uuid,
    next: &str,
    limit: u32,
) -> Result<Vec<KeyRow>> {
    let rows = database.query(&ScopeKey::HOST, UNSTAGED, values![after, next, limit]).await?;
    rows.iter().map(read_key).collect()
}

pub(in crate::vault) async fn unstaged_within(
    transaction: &mut Transaction,
    next: &str,
    limit: u32,
) -> Result<Vec<KeyRow>> {
    let rows = transaction.query(UNSTAGED, values![Uuid::nil(), next, limit]).await?;
    rows.iter().map(read_key).collect()
}

/// Keeps the seal for the next root key beside the present one.
pub(in crate::vault) async fn stage(
    transaction: &mut Transaction,
    row: &KeyRow,
    next: &str,
    sealed: &Sealed,
) -> Result<()> {
    transaction
        .execute(
            "UPDATE javari_data_keys SET next_root_key_id = $3, next_value = $4, next_iv = $5,
                 next_tag = $6
             WHERE id = $1 AND root_key_id = $2",
            values![
                row.id,
                &row.root_key_id,
                next,
                &sealed.encrypted_value,
                &sealed.encryption_iv,
                &sealed.encryption_tag
            ],
        )
        .await
        .map(drop)
}

/// Lets every data key be sealed with the next root key alone; says how many there are.
pub(in crate::vault) async fn take_over(transaction: &mut Transaction, next: &str) -> Result<u64> {
    transaction
        .execute(
            "UPDATE javari_data_keys SET root_key_id = next_root_key_id,
                 encrypted_value = next_value, encryption_iv = next_iv, encryption_tag = next_tag,
                 next_root_key_id = NULL, next_value = NULL, next_iv = NULL, next_tag = NULL
             WHERE next_root_key_id = $1",
            values![next],
        )
        .await
}

/// Names the next root key as the present one; no row when somebody else was first.
pub(in crate::vault) async fn end_rotation(
    transaction: &mut Transaction,
    from: &str,
    to: &Registry,
    now: Timestamp,
) -> Result<u64> {
    transaction
        .execute(
            "UPDATE javari_key_registry SET root_key_id = $2, authentication = $3,
                 next_root_key_id = NULL, root_key_since = $4
             WHERE root_key_id = $1 AND next_root_key_id = $2",
            values![from, &to.root_key_id, &to.authentication, now],
        )
        .await
}

fn read_kept(row: &Row) -> Result<KeptRow> {
    Ok(KeptRow {
        purpose: row.get("purpose")?,
        root_key_id: row.get("root_key_id")?,
        sealed: read_sealed(row)?,
    })
}
