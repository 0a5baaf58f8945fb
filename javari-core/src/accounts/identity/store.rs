//! The rows of identities.

use super::Kept;
use crate::{
    accounts::Claims,
    error::Result,
    storage::{Database, Transaction, values},
    types::{IdentityId, ScopeKey, Timestamp, UserId},
};

/// It is not known yet who asks, so the host does.
pub(super) async fn find(database: &Database, claims: &Claims) -> Result<Option<Kept>> {
    let row = database
        .query_one(
            &ScopeKey::HOST,
            "SELECT id, user_id, last_seen_at FROM javari_identities
             WHERE issuer = $1 AND subject = $2",
            values![&claims.issuer, &claims.subject],
        )
        .await?;
    row.map(|row| {
        Ok(Kept {
            id: row.get("id")?,
            user: row.get("user_id")?,
            last_seen_at: row.get("last_seen_at")?,
        })
    })
    .transpose()
}

/// Whether a row was made; false when another caller was first.
pub(super) async fn insert(
    transaction: &mut Transaction,
    id: IdentityId,
    user: UserId,
    claims: &Claims,
    now: Timestamp,
) -> Result<bool> {
    let made = transaction
        .execute(
            "INSERT INTO javari_identities (id, user_id, issuer, subject, created_at, last_seen_at)
             VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT DO NOTHING",
            values![id, user, &claims.issuer, &claims.subject, now],
        )
        .await?;
    Ok(made > 0)
}

/// Whether another subject of this issuer is that user. Others who ask wait for this transaction.
pub(super) async fn has_another(
    transaction: &mut Transaction,
    claims: &Claims,
    user: UserId,
) -> Result<bool> {
    // SQLite has one writer.
    let lock = transaction.dialect().choose(
        "SELECT id FROM users WHERE id = $1",
        "SELECT id FROM users WHERE id = $1 FOR UPDATE",
    );
    transaction.query_one(lock, values![user]).await?;
    let row = transaction
        .query_one(
            "SELECT 1 AS found FROM javari_identities
             WHERE user_id = $1 AND issuer = $2 AND subject <> $3",
            values![user, &claims.issuer, &claims.subject],
        )
        .await?;
    Ok(row.is_some())
}

/// Unless another caller did since `earliest`.
pub(super) async fn note_seen(
    database: &Database,
    kept: &Kept,
    now: Timestamp,
    earliest: Timestamp,
) -> Result<()> {
    let mut transaction = database.begin(&ScopeKey::user(kept.user)).await?;
    transaction
        .execute(
            "UPDATE javari_identities SET last_seen_at = $2
             WHERE id = $1 AND last_seen_at <= $3",
            values![kept.id, now, earliest],
        )
        .await?;
    transaction.commit().await
}
