//! The rows that are sealed anew: values of credentials and of their versions, and snapshots.

use uuid::Uuid;

use super::{
    KeyRow, Sealed, SnapshotRecord, read_hosts, read_key, read_scope, read_sealed, read_snapshot,
};
use crate::{
    error::{Error, ErrorKind, Result},
    storage::{Database, Dialect, Row, Transaction, values},
    types::{CredentialId, ScopeKey, SnapshotId},
    vault::{
        credential::{CredentialType, flags},
        snapshot::Held,
    },
};

/// Where a sealed value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::vault) enum Place {
    /// In the credential itself: the active value.
    Credential,
    /// In one of its versions.
    Version,
}

/// What is to be sealed anew.
#[derive(Debug, Clone, Copy)]
pub(in crate::vault) enum Wanted {
    /// Everything in the seed's format.
    Seeds,
    /// Everything under this data key of this scope.
    Under(ScopeKey, Uuid),
}

/// A sealed value with what it is bound to.
pub(in crate::vault) struct SealedRow {
    pub(in crate::vault) place: Place,
    pub(in crate::vault) scope: ScopeKey,
    pub(in crate::vault) id: CredentialId,
    pub(in crate::vault) version: u32,
    pub(in crate::vault) name: String,
    pub(in crate::vault) credential_type: CredentialType,
    pub(in crate::vault) flags: String,
    pub(in crate::vault) suite: u32,
    pub(in crate::vault) key_id: Option<Uuid>,
    pub(in crate::vault) sealed: Sealed,
}

/// A value that was sealed anew.
pub(in crate::vault) struct ResealWrite<'a> {
    pub(in crate::vault) key_id: Uuid,
    pub(in crate::vault) sealed: &'a Sealed,
    pub(in crate::vault) fingerprint: &'a str,
}

macro_rules! credentials {
    ($which:literal) => {
        concat!(
            "SELECT id, user_id, project_id, subproject_id, name, current_version AS version,
                    credential_type, is_inherited, allow_override, expires_at, hosts, hosts_version,
                    enc_suite, key_id, encrypted_value, encryption_iv, encryption_tag
             FROM javari_credentials WHERE ",
            $which,
            " AND id > $1 ORDER BY id LIMIT $2"
        )
    };
}

macro_rules! versions {
    ($which:literal) => {
        concat!(
            "SELECT v.credential_id AS id, v.user_id, c.project_id, c.subproject_id, c.name,
                    v.version, v.credential_type, v.flags, v.enc_suite, v.key_id,
                    v.encrypted_value, v.encryption_iv, v.encryption_tag
             FROM javari_credential_versions v JOIN javari_credentials c ON c.id = v.credential_id
             WHERE ",
            $which,
            " AND v.encrypted_value IS NOT NULL
               AND (v.credential_id > $1 OR (v.credential_id = $1 AND v.version > $3))
             ORDER BY v.credential_id, v.version LIMIT $2"
        )
    };
}

/// Sealed values behind a credential and a version, `limit` at most.
pub(in crate::vault) async fn sealed_rows(
    database: &Database,
    wanted: Wanted,
    place: Place,
    (after, version): (CredentialId, u32),
    limit: u32,
) -> Result<Vec<SealedRow>> {
    let mut values = values![after, limit];
    if place == Place::Version {
        values.push(version.into());
    }
    let (scope, statement) = match (wanted, place) {
        (Wanted::Seeds, Place::Credential) => (ScopeKey::HOST, credentials!("enc_suite = 1")),
        (Wanted::Seeds, Place::Version) => (ScopeKey::HOST, versions!("v.enc_suite = 1")),
        (Wanted::Under(scope, key), Place::Credential) => {
            values.push(key.into());
            (scope, credentials!("enc_suite = 2 AND key_id = $3"))
        }
        (Wanted::Under(scope, key), Place::Version) => {
            values.push(key.into());
            (scope, versions!("v.enc_suite = 2 AND v.key_id = $4"))
        }
    };
    let rows = database.query(&scope, statement, values).await?;
    rows.iter().map(|row| read_row(row, place)).collect()
}

/// Writes a value that was sealed anew, unless its row was changed since it was read; says how many
/// values that are. The active version of a credential is the same text in both tables.
pub(in crate::vault) async fn write_resealed(
    transaction: &mut Transaction,
    row: &SealedRow,
    new: &ResealWrite<'_>,
) -> Result<u64> {
    let mut values = values![
        row.id,
        row.version,
        &row.sealed.encryption_iv,
        &row.sealed.encryption_tag,
        &new.sealed.encrypted_value,
        &new.sealed.encryption_iv,
        &new.sealed.encryption_tag,
        new.key_id
    ];
    let statement = match row.place {
        Place::Credential => {
            "UPDATE javari_credentials SET enc_suite = 2, encrypted_value = $5, encryption_iv = $6,
                 encryption_tag = $7, key_id = $8
             WHERE id = $1 AND current_version = $2 AND encryption_iv = $3 AND encryption_tag = $4"
        }
        Place::Version => {
            values.push(new.fingerprint.into());
            "UPDATE javari_credential_versions SET enc_suite = 2, encrypted_value = $5,
                 encryption_iv = $6, encryption_tag = $7, key_id = $8, fingerprint = $9
             WHERE credential_id = $1 AND version = $2 AND encryption_iv = $3
               AND encryption_tag = $4"
        }
    };
    let written = transaction.execute(statement, values).await?;
    if written > 0 && row.place == Place::Credential {
        write_resealed_version(transaction, (row.id, row.version), &row.flags, new).await?;
    }
    Ok(written)
}

/// Writes what the active version of a credential is sealed as now.
pub(in crate::vault) async fn write_resealed_version(
    transaction: &mut Transaction,
    (id, version): (CredentialId, u32),
    flags: &str,
    new: &ResealWrite<'_>,
) -> Result<()> {
    let statement = "UPDATE javari_credential_versions SET enc_suite = 2, encrypted_value = $3,
            encryption_iv = $4, encryption_tag = $5, key_id = $6, flags = $7, fingerprint = $8
        WHERE credential_id = $1 AND version = $2";
    let values = values![
        id,
        version,
        &new.sealed.encrypted_value,
        &new.sealed.encryption_iv,
        &new.sealed.encryption_tag,
        new.key_id,
        flags,
        new.fingerprint
    ];
    transaction.execute(statement, values).await.map(drop)
}

/// Snapshots of the scope under that data key, `limit` at most.
pub(in crate::vault) async fn snapshots_under(
    database: &Database,
    scope: &ScopeKey,
    key: Uuid,
    after: SnapshotId,
    limit: u32,
) -> Result<Vec<SnapshotRecord>> {
    let statement = "SELECT id, conversation_id, user_id, project_id, subproject_id,
            credentials_snapshot, key_id, authentication, created_at, expires_at
        FROM javari_credential_snapshots WHERE key_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    let rows = database.query(scope, statement, values![key, after, limit]).await?;
    // One that cannot be read was altered; it is passed over.
    Ok(rows.iter().filter_map(|row| read_snapshot(row).ok()).collect())
}

pub(in crate::vault) async fn write_resealed_snapshot(
    transaction: &mut Transaction,
    id: SnapshotId,
    before: Uuid,
    (key, credentials, authentication): (Uuid, &[Held], &str),
) -> Result<u64> {
    let credentials = serde_json::to_value(credentials).map_err(|fault| {
        let message = "the snapshot cannot be written";
        Error::new(ErrorKind::Unexpected, "vault.rotate_data_key", message).with_source(fault)
    })?;
    transaction
        .execute(
            "UPDATE javari_credential_snapshots SET key_id = $3, credentials_snapshot = $4,
                 authentication = $5
             WHERE id = $1 AND key_id = $2",
            values![id, before, key, credentials, authentication],
        )
        .await
}

/// The data keys of exactly the scope's level, newest first.
pub(in crate::vault) async fn keys_of(
    database: &Database,
    scope: &ScopeKey,
) -> Result<Vec<KeyRow>> {
    let values = values![scope.user, scope.project, scope.subproject];
    let rows = database.query(scope, KEYS_OF, values).await?;
    rows.iter().map(read_key).collect()
}

pub(in crate::vault) async fn keys_of_within(
    transaction: &mut Transaction,
    scope: &ScopeKey,
) -> Result<Vec<KeyRow>> {
    let values = values![scope.user, scope.project, scope.subproject];
    transaction.query(KEYS_OF, values).await?.iter().map(read_key).collect()
}

const KEYS_OF: &str = super::select_keys!(
    "WHERE user_id = $1 AND project_id IS NOT DISTINCT FROM $2
       AND subproject_id IS NOT DISTINCT FROM $3
     ORDER BY version DESC LIMIT 100"
);

/// Waits until nobody is about to seal with that data key, and holds it until the transaction ends.
pub(in crate::vault) async fn take_key(transaction: &mut Transaction, key: Uuid) -> Result<()> {
    if transaction.dialect() == Dialect::Postgres {
        // SQLite has one writer.
        let lock = "SELECT id FROM javari_data_keys WHERE id = $1 FOR UPDATE";
        transaction.query(lock, values![key]).await?;
    }
    Ok(())
}

/// Deletes a data key that seals nothing any more; says how many that are. Fingerprints of destroyed
/// values go with it: nothing can be compared with them.
pub(in crate::vault) async fn shred_key(transaction: &mut Transaction, key: Uuid) -> Result<u64> {
    take_key(transaction, key).await?;
    transaction
        .execute(
            "UPDATE javari_credential_versions SET key_id = NULL, fingerprint = NULL
             WHERE key_id = $1 AND encrypted_value IS NULL",
            values![key],
        )
        .await?;
    transaction
        .execute(
            "DELETE FROM javari_data_keys WHERE id = $1
               AND NOT EXISTS (SELECT 1 FROM javari_credentials WHERE key_id = $1)
               AND NOT EXISTS (SELECT 1 FROM javari_credential_versions WHERE key_id = $1)
               AND NOT EXISTS (SELECT 1 FROM javari_credential_snapshots WHERE key_id = $1)",
            values![key],
        )
        .await
}

/// Refuses the seed's format from now on; no row when the registry was changed meanwhile.
pub(in crate::vault) async fn raise_minimum(
    transaction: &mut Transaction,
    root_key_id: &str,
    authentication: &str,
) -> Result<u64> {
    let raised = transaction
        .execute(
            "UPDATE javari_key_registry SET minimum_suite = 2, authentication = $2
             WHERE root_key_id = $1 AND minimum_suite = 1",
            values![root_key_id, authentication],
        )
        .await?;
    let kept = "DELETE FROM javari_kept_keys WHERE purpose = 'seed'";
    transaction.execute(kept, values![]).await?;
    Ok(raised)
}

/// Whether a value in the seed's format is there, in a credential or a version.
pub(in crate::vault) async fn holds_seeds(transaction: &mut Transaction) -> Result<bool> {
    let statement = "SELECT 1 AS found FROM javari_credentials WHERE enc_suite = 1
        UNION ALL SELECT 1 FROM javari_credential_versions
            WHERE enc_suite = 1 AND encrypted_value IS NOT NULL
        LIMIT 1";
    Ok(transaction.query_one(statement, values![]).await?.is_some())
}

fn read_row(row: &Row, place: Place) -> Result<SealedRow> {
    let flags = match place {
        Place::Version => row.get("flags")?,
        Place::Credential => {
            let hosts = read_hosts(row, row.get("version")?)?;
            let (inherited, overriding) = (row.get("is_inherited")?, row.get("allow_override")?);
            flags(inherited, overriding, row.get("expires_at")?, &hosts)
        }
    };
    Ok(SealedRow {
        place,
        scope: read_scope(row)?,
        id: row.get("id")?,
        version: row.get("version")?,
        name: row.get("name")?,
        credential_type: CredentialType::from_name(&row.get::<String>("credential_type")?),
        flags,
        suite: row.get("enc_suite")?,
        key_id: row.get("key_id")?,
        sealed: read_sealed(row)?,
    })
}
