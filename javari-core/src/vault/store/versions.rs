//! The rows of a credential's versions and of what followed what.

use uuid::Uuid;

use super::{NewVersion, Sealed};
use crate::{
    error::{Error, ErrorKind, Result},
    storage::{Database, Row, Transaction, values},
    types::{CredentialId, Page, PageRequest, ScopeKey, Timestamp},
    vault::{
        credential::{CredentialType, PutCredential},
        rotation::{RotationType, VersionState, VersionView},
    },
};

/// A version as stored.
pub(in crate::vault) struct VersionRecord {
    pub(in crate::vault) view: VersionView,
    pub(in crate::vault) credential_type: CredentialType,
    /// What its seal was bound to.
    pub(in crate::vault) flags: String,
    pub(in crate::vault) suite: u32,
    pub(in crate::vault) key_id: Option<Uuid>,
    /// Nothing once it was destroyed.
    pub(in crate::vault) sealed: Option<Sealed>,
}

/// Which value followed which.
pub(in crate::vault) struct RotationWrite {
    pub(in crate::vault) id: Uuid,
    pub(in crate::vault) credential: CredentialId,
    pub(in crate::vault) from: u32,
    pub(in crate::vault) to: u32,
    pub(in crate::vault) old_fingerprint: Option<String>,
    pub(in crate::vault) new_fingerprint: String,
    pub(in crate::vault) rotation_type: RotationType,
    pub(in crate::vault) grace_until: Option<Timestamp>,
    pub(in crate::vault) now: Timestamp,
}

/// A version sealed anew for its time of grace.
pub(in crate::vault) struct GraceWrite<'a> {
    pub(in crate::vault) credential: CredentialId,
    pub(in crate::vault) version: u32,
    pub(in crate::vault) until: Timestamp,
    pub(in crate::vault) flags: &'a str,
    pub(in crate::vault) key_id: Uuid,
    pub(in crate::vault) sealed: &'a Sealed,
}

macro_rules! select_versions {
    ($rest:literal) => {
        concat!(
            "SELECT version, state, enc_suite, key_id, encrypted_value, encryption_iv,
                    encryption_tag, flags, credential_type, grace_until, created_at
             FROM javari_credential_versions ",
            $rest
        )
    };
}

/// The versions of a credential, newest first. The cursor is the last version of the page before.
pub(in crate::vault) async fn versions(
    database: &Database,
    scope: &ScopeKey,
    credential: CredentialId,
    page: &PageRequest,
    before: Option<u32>,
    now: Timestamp,
) -> Result<Page<VersionView>> {
    let limit = page.bounded_limit();
    let rows = database
        .query(
            scope,
            select_versions!(
                "WHERE credential_id = $1 AND user_id = $2 AND ($3 IS NULL OR version < $3)
                 ORDER BY version DESC LIMIT $4"
            ),
            values![credential, scope.user, before, limit + 1],
        )
        .await?;
    let views = rows.iter().map(|row| read_version(row, now).map(|record| record.view));
    let views = views.collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(views, limit, |view| view.version.to_string()))
}

/// One version.
pub(in crate::vault) async fn version(
    database: &Database,
    scope: &ScopeKey,
    credential: CredentialId,
    version: u32,
    now: Timestamp,
) -> Result<Option<VersionRecord>> {
    let statement = select_versions!("WHERE credential_id = $1 AND user_id = $2 AND version = $3");
    let row =
        database.query_one(scope, statement, values![credential, scope.user, version]).await?;
    row.as_ref().map(|row| read_version(row, now)).transpose()
}

/// The versions whose time of grace may not have ended, newest first.
pub(in crate::vault) async fn in_grace(
    database: &Database,
    scope: &ScopeKey,
    credential: CredentialId,
    now: Timestamp,
) -> Result<Vec<VersionRecord>> {
    let rows = database
        .query(
            scope,
            select_versions!(
                "WHERE credential_id = $1 AND user_id = $2 AND state = 'grace' AND grace_until > $3
                 ORDER BY version DESC LIMIT 100"
            ),
            values![credential, scope.user, now],
        )
        .await?;
    rows.iter().map(|row| read_version(row, now)).collect()
}

/// The fingerprint of a version and the data key it was made with.
pub(in crate::vault) async fn fingerprint(
    transaction: &mut Transaction,
    credential: CredentialId,
    version: u32,
) -> Result<Option<(String, Option<Uuid>)>> {
    let row = transaction
        .query_one(
            "SELECT fingerprint, key_id FROM javari_credential_versions
             WHERE credential_id = $1 AND version = $2 AND fingerprint IS NOT NULL",
            values![credential, version],
        )
        .await?;
    row.map(|row| Ok((row.get("fingerprint")?, row.get("key_id")?))).transpose()
}

/// Stops every version that is active or in its time of grace.
pub(in crate::vault) async fn revoke_all(
    transaction: &mut Transaction,
    credential: CredentialId,
) -> Result<()> {
    transaction
        .execute(
            "UPDATE javari_credential_versions SET state = 'revoked', grace_until = NULL
             WHERE credential_id = $1 AND state IN ('active', 'grace')",
            values![credential],
        )
        .await
        .map(drop)
}

/// Stops one version that is in its time of grace; says how many there were.
pub(in crate::vault) async fn revoke(
    transaction: &mut Transaction,
    credential: CredentialId,
    version: u32,
) -> Result<u64> {
    transaction
        .execute(
            "UPDATE javari_credential_versions SET state = 'revoked', grace_until = NULL
             WHERE credential_id = $1 AND version = $2 AND state = 'grace'",
            values![credential, version],
        )
        .await
}

/// Lets the active version be accepted until its time of grace ends.
pub(in crate::vault) async fn keep_in_grace(
    transaction: &mut Transaction,
    kept: &GraceWrite<'_>,
) -> Result<()> {
    let written = transaction
        .execute(
            "UPDATE javari_credential_versions
             SET state = 'grace', grace_until = $3, flags = $4, enc_suite = 2, key_id = $5,
                 encrypted_value = $6, encryption_iv = $7, encryption_tag = $8
             WHERE credential_id = $1 AND version = $2 AND state = 'active'",
            values![
                kept.credential,
                kept.version,
                kept.until,
                kept.flags,
                kept.key_id,
                &kept.sealed.encrypted_value,
                &kept.sealed.encryption_iv,
                &kept.sealed.encryption_tag
            ],
        )
        .await?;
    if written == 1 {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::StorageCorrupt,
        "vault.rotate",
        "the active version of this credential has no row: rotate it without a time of grace",
    )
    .with("version", kept.version))
}

/// Writes down the versions whose time of grace has ended; they were accepted no longer before.
pub(in crate::vault) async fn end_graces(
    transaction: &mut Transaction,
    credential: CredentialId,
    now: Timestamp,
) -> Result<()> {
    transaction
        .execute(
            "UPDATE javari_credential_versions SET state = 'revoked', grace_until = NULL
             WHERE credential_id = $1 AND state = 'grace' AND grace_until <= $2",
            values![credential, now],
        )
        .await
        .map(drop)
}

pub(super) async fn insert_version(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    request: &PutCredential,
    new: &NewVersion<'_>,
) -> Result<()> {
    transaction
        .execute(
            "INSERT INTO javari_credential_versions (credential_id, user_id, version, state,
                 enc_suite, key_id, encrypted_value, encryption_iv, encryption_tag, flags,
                 credential_type, fingerprint, created_at)
             VALUES ($1, $2, $3, 'active', 2, $4, $5, $6, $7, $8, $9, $10, $11)",
            values![
                new.id,
                scope.user,
                new.version,
                new.key_id,
                &new.sealed.encrypted_value,
                &new.sealed.encryption_iv,
                &new.sealed.encryption_tag,
                request.flags(),
                request.credential_type.name(),
                new.fingerprint,
                new.now
            ],
        )
        .await
        .map(drop)
}

pub(in crate::vault) async fn note_rotation(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    rotation: &RotationWrite,
) -> Result<()> {
    transaction
        .execute(
            "INSERT INTO javari_credential_rotations (id, credential_id, user_id, old_version,
                 new_version, old_value_hash, new_value_hash, rotation_type, grace_period_end,
                 rotated_by, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $11, $10)",
            values![
                rotation.id,
                rotation.credential,
                scope.user,
                rotation.from,
                rotation.to,
                rotation.old_fingerprint.as_deref(),
                &rotation.new_fingerprint,
                rotation.rotation_type.name(),
                rotation.grace_until,
                rotation.now,
                scope.actor()
            ],
        )
        .await
        .map(drop)
}

/// Deletes which value followed which in the scope's project, or in its subproject: such a row names a
/// credential, and no key carries a deletion on to it. Tells how many there were.
pub(crate) async fn delete_rotations_within(
    transaction: &mut Transaction,
    scope: &ScopeKey,
) -> Result<u64> {
    transaction
        .execute(
            "DELETE FROM javari_credential_rotations
             WHERE user_id = $1 AND credential_id IN (
                 SELECT id FROM javari_credentials
                 WHERE user_id = $1 AND project_id = $2 AND ($3 IS NULL OR subproject_id = $3))",
            values![scope.user, scope.project, scope.subproject],
        )
        .await
}

fn read_version(row: &Row, now: Timestamp) -> Result<VersionRecord> {
    let grace_until = row.get("grace_until")?;
    let sealed = row.get::<Option<String>>("encrypted_value")?.map(|_| super::read_sealed(row));
    Ok(VersionRecord {
        view: VersionView {
            version: row.get("version")?,
            state: VersionState::at(&row.get::<String>("state")?, grace_until, now),
            grace_until,
            created_at: row.get("created_at")?,
        },
        credential_type: CredentialType::from_name(&row.get::<String>("credential_type")?),
        flags: row.get("flags")?,
        suite: row.get("enc_suite")?,
        key_id: row.get("key_id")?,
        sealed: sealed.transpose()?,
    })
}
