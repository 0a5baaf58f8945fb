//! The rows of keys.

use serde_json::Value as Json;

use super::{ApiKeyView, KeyBearer};
use crate::{
    error::{Error, ErrorKind, Result},
    storage::{Database, Row, Transaction, values},
    types::{ApiKeyId, Page, PageRequest, ScopeKey, Timestamp, UserId},
};

pub(super) async fn insert(
    transaction: &mut Transaction,
    user: UserId,
    view: &ApiKeyView,
    (digest, seal): (&str, &str),
) -> Result<()> {
    transaction
        .execute(
            "INSERT INTO javari_api_keys (id, user_id, project_id, name, prefix, digest, operations,
                 expires_at, created_at, member_id, seal)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            values![
                view.id,
                user,
                view.project,
                &view.name,
                &view.prefix,
                digest,
                Json::from(view.operations.clone()),
                view.expires_at,
                view.created_at,
                view.member,
                seal
            ],
        )
        .await
        .map(drop)
}

/// How many of the user's keys work at `now`.
pub(super) async fn working(
    transaction: &mut Transaction,
    user: UserId,
    now: Timestamp,
) -> Result<u64> {
    let row = transaction
        .query_one(
            "SELECT COUNT(*) AS working FROM javari_api_keys
             WHERE user_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)",
            values![user, now],
        )
        .await?;
    row.map_or(Ok(0), |row| row.get("working"))
}

pub(super) async fn list(
    database: &Database,
    scope: &ScopeKey,
    user: UserId,
    page: &PageRequest,
) -> Result<Page<ApiKeyView>> {
    let after = page.position::<ApiKeyId>("api_keys.list", "/cursor")?;
    let limit = page.bounded_limit();
    let rows = database
        .query(
            scope,
            "SELECT id, name, prefix, project_id, operations, expires_at, revoked_at, use_count,
                    last_used_at, created_at, member_id
             FROM javari_api_keys
             WHERE user_id = $1 AND ($2 IS NULL OR project_id = $2) AND ($3 IS NULL OR id > $3)
             ORDER BY id LIMIT $4",
            values![user, scope.project, after, limit + 1],
        )
        .await?;
    let keys = rows.iter().map(view).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(keys, limit, |key| key.id.to_string()))
}

pub(super) async fn one(
    database: &Database,
    scope: &ScopeKey,
    user: UserId,
    id: ApiKeyId,
) -> Result<Option<ApiKeyView>> {
    let row = database
        .query_one(
            scope,
            "SELECT id, name, prefix, project_id, operations, expires_at, revoked_at, use_count,
                    last_used_at, created_at, member_id
             FROM javari_api_keys
             WHERE user_id = $1 AND ($2 IS NULL OR project_id = $2) AND id = $3",
            values![user, scope.project, id],
        )
        .await?;
    row.as_ref().map(view).transpose()
}

/// How many keys were ended: none when it was before, or is not there.
pub(super) async fn revoke(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    user: UserId,
    id: ApiKeyId,
    now: Timestamp,
) -> Result<u64> {
    transaction
        .execute(
            "UPDATE javari_api_keys SET revoked_at = $4, digest = ''
             WHERE user_id = $1 AND ($2 IS NULL OR project_id = $2) AND id = $3
               AND revoked_at IS NULL",
            values![user, scope.project, id, now],
        )
        .await
}

/// A key by what it is recognised.
pub(super) struct Kept {
    pub(super) bearer: KeyBearer,
    pub(super) digest: String,
    /// Nothing on keys of before the root key was first rotated.
    pub(super) seal: Option<String>,
}

/// The key of that id. It is not known yet who asks, so the host does.
pub(super) async fn kept(database: &Database, id: ApiKeyId) -> Result<Option<Kept>> {
    let row = database
        .query_one(
            &ScopeKey::HOST,
            "SELECT id, user_id, project_id, member_id, operations, expires_at, digest, seal
             FROM javari_api_keys WHERE id = $1 AND revoked_at IS NULL",
            values![id],
        )
        .await?;
    row.map(|row| {
        let bearer = KeyBearer {
            id: row.get("id")?,
            user: row.get("user_id")?,
            project: row.get("project_id")?,
            member: row.get("member_id")?,
            operations: operations(&row)?,
            expires_at: row.get("expires_at")?,
        };
        Ok(Kept { bearer, digest: row.get("digest")?, seal: row.get("seal")? })
    })
    .transpose()
}

/// The keys behind `after` that may still be used: id, digest and seal.
pub(super) async fn sealed(
    transaction: &mut Transaction,
    after: ApiKeyId,
    limit: u32,
) -> Result<Vec<(ApiKeyId, String, Option<String>)>> {
    let rows = transaction
        .query(
            "SELECT id, digest, seal FROM javari_api_keys WHERE id > $1 AND revoked_at IS NULL
             ORDER BY id LIMIT $2",
            values![after, limit],
        )
        .await?;
    rows.iter().map(|row| Ok((row.get("id")?, row.get("digest")?, row.get("seal")?))).collect()
}

pub(super) async fn reseal(transaction: &mut Transaction, id: ApiKeyId, seal: &str) -> Result<()> {
    let statement = "UPDATE javari_api_keys SET seal = $2 WHERE id = $1";
    transaction.execute(statement, values![id, seal]).await.map(drop)
}

pub(super) async fn count_use(
    transaction: &mut Transaction,
    id: ApiKeyId,
    (uses, last): (u64, Timestamp),
) -> Result<()> {
    transaction
        .execute(
            "UPDATE javari_api_keys SET use_count = use_count + $2,
                 last_used_at = CASE WHEN last_used_at > $3 THEN last_used_at ELSE $3 END
             WHERE id = $1",
            values![id, uses, last],
        )
        .await
        .map(drop)
}

fn view(row: &Row) -> Result<ApiKeyView> {
    Ok(ApiKeyView {
        id: row.get("id")?,
        name: row.get("name")?,
        prefix: row.get("prefix")?,
        project: row.get("project_id")?,
        member: row.get("member_id")?,
        operations: operations(row)?,
        expires_at: row.get("expires_at")?,
        revoked_at: row.get("revoked_at")?,
        use_count: row.get("use_count")?,
        last_used_at: row.get("last_used_at")?,
        created_at: row.get("created_at")?,
    })
}

fn operations(row: &Row) -> Result<Vec<String>> {
    serde_json::from_value(row.get::<Json>("operations")?).map_err(|_| {
        let message = "a key's list of operations is damaged";
        Error::new(ErrorKind::StorageCorrupt, "api_keys.read", message)
    })
}
