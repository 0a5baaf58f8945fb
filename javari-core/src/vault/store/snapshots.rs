//! The rows of snapshots.

use serde_json::Value as Json;
use uuid::Uuid;

use super::read_scope;
use crate::{
    error::{Error, ErrorKind, Result},
    storage::{Database, Row, Transaction, values},
    types::{PageRequest, ScopeKey, SnapshotId, Timestamp},
    vault::snapshot::Held,
};

/// A snapshot as stored.
pub(in crate::vault) struct SnapshotRecord {
    pub(in crate::vault) id: SnapshotId,
    pub(in crate::vault) conversation: Uuid,
    pub(in crate::vault) scope: ScopeKey,
    pub(in crate::vault) credentials: Vec<Held>,
    pub(in crate::vault) key_id: Uuid,
    pub(in crate::vault) authentication: String,
    pub(in crate::vault) created_at: Timestamp,
    pub(in crate::vault) expires_at: Timestamp,
}

macro_rules! select_snapshots {
    ($rest:literal) => {
        concat!(
            "SELECT id, conversation_id, user_id, project_id, subproject_id, credentials_snapshot,
                    key_id, authentication, created_at, expires_at
             FROM javari_credential_snapshots ",
            $rest
        )
    };
}

/// A snapshot of this level or of one inside it that has not expired.
pub(in crate::vault) async fn snapshot(
    database: &Database,
    scope: &ScopeKey,
    (id, conversation): (SnapshotId, Uuid),
    now: Timestamp,
) -> Result<Option<SnapshotRecord>> {
    let statement = select_snapshots!(
        "WHERE id = $1 AND user_id = $2 AND ($3 IS NULL OR project_id = $3)
           AND ($4 IS NULL OR subproject_id = $4) AND conversation_id = $5 AND expires_at > $6"
    );
    let values = values![id, scope.user, scope.project, scope.subproject, conversation, now];
    let row = database.query_one(scope, statement, values).await?;
    row.as_ref().map(read_snapshot).transpose()
}

/// The snapshots of exactly this level, newest first, one more than the page.
pub(in crate::vault) async fn snapshots(
    database: &Database,
    scope: &ScopeKey,
    conversation: Option<Uuid>,
    (page, before): (&PageRequest, Option<Uuid>),
    now: Timestamp,
) -> Result<Vec<SnapshotRecord>> {
    let rows = database
        .query(
            scope,
            select_snapshots!(
                "WHERE user_id = $1 AND project_id IS NOT DISTINCT FROM $2
                   AND subproject_id IS NOT DISTINCT FROM $3
                   AND ($4 IS NULL OR conversation_id = $4) AND ($5 IS NULL OR id < $5)
                   AND expires_at > $6
                 ORDER BY id DESC LIMIT $7"
            ),
            values![
                scope.user,
                scope.project,
                scope.subproject,
                conversation,
                before,
                now,
                page.bounded_limit() + 1
            ],
        )
        .await?;
    rows.iter().map(read_snapshot).collect()
}

pub(in crate::vault) async fn insert_snapshot(
    transaction: &mut Transaction,
    record: &SnapshotRecord,
) -> Result<()> {
    let credentials = serde_json::to_value(&record.credentials).map_err(|fault| {
        Error::new(ErrorKind::Unexpected, "vault.snapshot", "the snapshot cannot be written")
            .with_source(fault)
    })?;
    transaction
        .execute(
            "INSERT INTO javari_credential_snapshots (id, conversation_id, user_id, project_id,
                 subproject_id, credentials_snapshot, key_id, authentication, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            values![
                record.id,
                record.conversation,
                record.scope.user,
                record.scope.project,
                record.scope.subproject,
                credentials,
                record.key_id,
                &record.authentication,
                record.created_at,
                record.expires_at
            ],
        )
        .await
        .map(drop)
}

pub(in crate::vault) async fn delete_snapshot(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    id: SnapshotId,
) -> Result<u64> {
    transaction
        .execute(
            "DELETE FROM javari_credential_snapshots
             WHERE id = $1 AND user_id = $2 AND project_id IS NOT DISTINCT FROM $3
               AND subproject_id IS NOT DISTINCT FROM $4",
            values![id, scope.user, scope.project, scope.subproject],
        )
        .await
}

/// Deletes what has expired of the user's.
pub(in crate::vault) async fn delete_expired_snapshots(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    now: Timestamp,
) -> Result<()> {
    transaction
        .execute(
            "DELETE FROM javari_credential_snapshots WHERE user_id = $1 AND expires_at <= $2",
            values![scope.user, now],
        )
        .await
        .map(drop)
}

pub(super) fn read_snapshot(row: &Row) -> Result<SnapshotRecord> {
    // What is there and cannot be read was not written by this vault.
    let credentials = serde_json::from_value(row.get::<Json>("credentials_snapshot")?);
    Ok(SnapshotRecord {
        id: row.get("id")?,
        conversation: row.get("conversation_id")?,
        scope: read_scope(row)?,
        credentials: credentials.map_err(|_| {
            let message = "the row of this snapshot was altered or put there";
            Error::new(ErrorKind::CannotUnseal, "vault.snapshots", message)
        })?,
        key_id: row.get("key_id")?,
        authentication: row.get("authentication")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
    })
}
