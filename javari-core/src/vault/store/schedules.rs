//! When credentials are rotated, who does it, and which old values have still to be revoked.

use super::{CredentialRecord, read_credential, read_scope};
use crate::{
    error::Result,
    storage::{Database, Row, Transaction, values},
    types::{CredentialId, ScopeKey, Timestamp},
};

/// What a schedule says.
pub(in crate::vault) struct ScheduleWrite<'a> {
    pub(in crate::vault) credential: CredentialId,
    pub(in crate::vault) interval_days: Option<u32>,
    pub(in crate::vault) next_at: Option<Timestamp>,
    pub(in crate::vault) grace_seconds: u64,
    pub(in crate::vault) handler: Option<&'a str>,
}

/// Work that has come due: a rotation, or the revocation of an old version at its service.
pub(in crate::vault) struct DueWork {
    pub(in crate::vault) credential: CredentialId,
    pub(in crate::vault) scope: ScopeKey,
    pub(in crate::vault) name: String,
    pub(in crate::vault) handler: Option<String>,
    pub(in crate::vault) grace_seconds: u64,
    /// The old version to revoke; nothing where the credential is to be rotated.
    pub(in crate::vault) version: Option<u32>,
}

pub(in crate::vault) async fn write_schedule(
    transaction: &mut Transaction,
    schedule: &ScheduleWrite<'_>,
) -> Result<()> {
    transaction
        .execute(
            "UPDATE javari_credentials SET rotation_interval_days = $2, next_rotation_at = $3,
                 rotation_grace_seconds = $4, rotation_handler = $5, rotation_claimed_until = NULL
             WHERE id = $1",
            values![
                schedule.credential,
                schedule.interval_days,
                schedule.next_at,
                schedule.grace_seconds,
                schedule.handler
            ],
        )
        .await
        .map(drop)
}

/// The next rotation of a credential that has a new value.
pub(in crate::vault) async fn move_schedule(
    transaction: &mut Transaction,
    credential: CredentialId,
    next_at: Option<Timestamp>,
) -> Result<()> {
    transaction
        .execute(
            "UPDATE javari_credentials
             SET next_rotation_at = $2, rotation_claimed_until = NULL WHERE id = $1",
            values![credential, next_at],
        )
        .await
        .map(drop)
}

/// The scope's credentials and those inside it that expire or are to be rotated until then.
pub(in crate::vault) async fn due(
    database: &Database,
    scope: &ScopeKey,
    until: Timestamp,
    limit: u32,
) -> Result<Vec<CredentialRecord>> {
    let statement = select_credentials!(
        "WHERE user_id = $1 AND ($2 IS NULL OR project_id = $2)
           AND ($3 IS NULL OR subproject_id = $3)
           AND (expires_at <= $4 OR next_rotation_at <= $4)
         ORDER BY CASE WHEN next_rotation_at IS NULL OR expires_at < next_rotation_at
                       THEN expires_at ELSE next_rotation_at END, id
         LIMIT $5"
    );
    let values = values![scope.user, scope.project, scope.subproject, until, limit];
    database.query(scope, statement, values).await?.iter().map(read_credential).collect()
}

/// Rotations that are due and that nobody works at, the longest overdue first.
pub(in crate::vault) async fn due_rotations(
    database: &Database,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<DueWork>> {
    let rows = database
        .query(
            &ScopeKey::HOST,
            "SELECT id, user_id, project_id, subproject_id, name, rotation_handler AS handler,
                    rotation_grace_seconds, NULL AS version
             FROM javari_credentials
             WHERE next_rotation_at <= $1
               AND (rotation_claimed_until IS NULL OR rotation_claimed_until <= $1)
             ORDER BY next_rotation_at LIMIT $2",
            values![now, limit],
        )
        .await?;
    rows.iter().map(|row| read_work(row, false)).collect()
}

/// Old versions whose time of grace has ended and that their service still knows.
pub(in crate::vault) async fn due_revocations(
    database: &Database,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<DueWork>> {
    let rows = database
        .query(
            &ScopeKey::HOST,
            "SELECT c.id, c.user_id, c.project_id, c.subproject_id, c.name,
                    v.service_revocation AS handler, c.rotation_grace_seconds, v.version
             FROM javari_credential_versions v JOIN javari_credentials c ON c.id = v.credential_id
             WHERE v.service_revocation IS NOT NULL
               AND (v.state = 'revoked' OR (v.state = 'grace' AND v.grace_until <= $1))
               AND (c.rotation_claimed_until IS NULL OR c.rotation_claimed_until <= $1)
             ORDER BY v.created_at LIMIT $2",
            values![now, limit],
        )
        .await?;
    rows.iter().map(|row| read_work(row, true)).collect()
}

/// Takes a credential for oneself until then; says whether nobody else had it.
pub(in crate::vault) async fn claim(
    database: &Database,
    credential: CredentialId,
    (now, until): (Timestamp, Timestamp),
) -> Result<bool> {
    let mut transaction = database.begin(&ScopeKey::HOST).await?;
    let claimed = transaction
        .execute(
            "UPDATE javari_credentials SET rotation_claimed_until = $3
             WHERE id = $1 AND (rotation_claimed_until IS NULL OR rotation_claimed_until <= $2)",
            values![credential, now, until],
        )
        .await?;
    transaction.commit().await?;
    Ok(claimed > 0)
}

/// Gives a credential back, to be taken again from then on.
pub(in crate::vault) async fn release(
    transaction: &mut Transaction,
    credential: CredentialId,
    from: Option<Timestamp>,
) -> Result<()> {
    transaction
        .execute(
            "UPDATE javari_credentials SET rotation_claimed_until = $2 WHERE id = $1",
            values![credential, from],
        )
        .await
        .map(drop)
}

/// Writes down by whom an old version has to be revoked at its service, or that it was.
pub(in crate::vault) async fn note_revocation(
    transaction: &mut Transaction,
    (credential, version): (CredentialId, u32),
    handler: Option<&str>,
) -> Result<()> {
    transaction
        .execute(
            "UPDATE javari_credential_versions SET service_revocation = $3
             WHERE credential_id = $1 AND version = $2",
            values![credential, version, handler],
        )
        .await
        .map(drop)
}

fn read_work(row: &Row, is_revocation: bool) -> Result<DueWork> {
    Ok(DueWork {
        credential: row.get("id")?,
        scope: read_scope(row)?,
        name: row.get("name")?,
        handler: row.get("handler")?,
        grace_seconds: row.get::<Option<u64>>("rotation_grace_seconds")?.unwrap_or(0),
        version: if is_revocation { row.get("version")? } else { None },
    })
}
