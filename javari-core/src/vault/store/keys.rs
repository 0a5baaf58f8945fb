//! The rows of the key registry and of the data keys.

use uuid::Uuid;

use super::{Sealed, read_scope, read_sealed};
use crate::{
    error::{Error, ErrorKind, Result},
    storage::{Database, Row, Transaction, values},
    types::{ScopeKey, Timestamp},
    vault::Ageing,
};

/// The one row that says which vault this is.
pub(in crate::vault) struct Registry {
    pub(in crate::vault) vault_id: Uuid,
    pub(in crate::vault) root_key_id: String,
    pub(in crate::vault) minimum_suite: u32,
    pub(in crate::vault) authentication: String,
    /// The root key that a rotation is on its way to.
    pub(in crate::vault) next_root_key_id: Option<String>,
}

/// A data key as stored.
pub(in crate::vault) struct KeyRow {
    pub(in crate::vault) id: Uuid,
    pub(in crate::vault) scope: ScopeKey,
    pub(in crate::vault) version: u32,
    /// The root key that it is sealed with.
    pub(in crate::vault) root_key_id: String,
    pub(in crate::vault) sealed: Sealed,
}

const REGISTRY: &str = "SELECT vault_id, root_key_id, minimum_suite, authentication,
    next_root_key_id FROM javari_key_registry";

macro_rules! select_keys {
    ($rest:literal) => {
        concat!(
            "SELECT id, user_id, project_id, subproject_id, version, root_key_id, encrypted_value,
                    encryption_iv, encryption_tag
             FROM javari_data_keys ",
            $rest
        )
    };
}
pub(in crate::vault) use select_keys;

pub(in crate::vault) async fn registry(database: &Database) -> Result<Option<Registry>> {
    let row = database.query_one(&ScopeKey::HOST, REGISTRY, values![]).await?;
    row.as_ref().map(read_registry).transpose()
}

/// What names the root key, and since when the vault is sealed with it.
pub(in crate::vault) async fn root_key_since(database: &Database) -> Result<(String, Timestamp)> {
    let statement = "SELECT root_key_id, coalesce(root_key_since, created_at) AS since
                     FROM javari_key_registry";
    let row = database.query_one(&ScopeKey::HOST, statement, values![]).await?;
    let row = row.ok_or_else(|| {
        Error::new(ErrorKind::Storage, "vault.due", "the vault's registry row is gone")
    })?;
    Ok((row.get("root_key_id")?, row.get("since")?))
}

/// The registry of a database that may have no tables yet.
pub(in crate::vault) async fn registry_if_made(database: &Database) -> Result<Option<Registry>> {
    if !database.has_table("javari_key_registry").await? {
        return Ok(None);
    }
    if database.has_table("javari_kept_keys").await? {
        return registry(database).await;
    }
    let statement = "SELECT vault_id, root_key_id, minimum_suite, authentication,
        CAST(NULL AS TEXT) AS next_root_key_id FROM javari_key_registry";
    let row = database.query_one(&ScopeKey::HOST, statement, values![]).await?;
    row.as_ref().map(read_registry).transpose()
}

/// Which vault this is, as the transaction sees it.
pub(in crate::vault) async fn registry_within(
    transaction: &mut Transaction,
) -> Result<Option<Registry>> {
    let row = transaction.query_one(REGISTRY, values![]).await?;
    row.as_ref().map(read_registry).transpose()
}

/// Counts data keys made before `before`, and credentials that end between `now` and `soon` or have
/// ended.
pub(in crate::vault) async fn ageing(
    database: &Database,
    before: Timestamp,
    now: Timestamp,
    soon: Timestamp,
) -> Result<Ageing> {
    let row = database
        .query_one(
            &ScopeKey::HOST,
            "SELECT (SELECT count(*) FROM javari_data_keys WHERE created_at < $1) AS old_keys,
                    (SELECT count(*) FROM javari_credentials
                     WHERE expires_at > $2 AND expires_at <= $3) AS ending_soon,
                    (SELECT count(*) FROM javari_credentials WHERE expires_at <= $2) AS ended",
            values![before, now, soon],
        )
        .await?;
    let count = |name| row.as_ref().map_or(Ok(0), |row| row.get::<u64>(name));
    Ok(Ageing {
        old_keys: count("old_keys")?,
        ending_soon: count("ending_soon")?,
        ended: count("ended")?,
    })
}

/// Whether a value in the seed's format is there.
pub(in crate::vault) async fn holds_suite1(database: &Database) -> Result<bool> {
    let statement = "SELECT 1 AS found FROM javari_credentials WHERE enc_suite = 1 LIMIT 1";
    Ok(database.query_one(&ScopeKey::HOST, statement, values![]).await?.is_some())
}

/// Inserts the registry row and returns the one that stands: another process may have been first.
pub(in crate::vault) async fn make_registry(
    database: &Database,
    made: &Registry,
    now: Timestamp,
) -> Result<Registry> {
    let mut transaction = database.begin(&ScopeKey::HOST).await?;
    let registry = make_registry_within(&mut transaction, made, now).await?;
    transaction.commit().await?;
    Ok(registry)
}

/// The same inside a transaction that somebody else ends.
pub(in crate::vault) async fn make_registry_within(
    transaction: &mut Transaction,
    made: &Registry,
    now: Timestamp,
) -> Result<Registry> {
    transaction
        .execute(
            "INSERT INTO javari_key_registry
                 (vault_id, root_key_id, minimum_suite, authentication, created_at)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            values![
                made.vault_id,
                &made.root_key_id,
                made.minimum_suite,
                &made.authentication,
                now
            ],
        )
        .await?;
    let row = transaction.query_one(REGISTRY, values![]).await?;
    let row = row.ok_or_else(|| {
        Error::new(ErrorKind::Storage, "vault.open", "the vault's registry row was not kept")
    })?;
    read_registry(&row)
}

/// The scope's newest data key. It is not shredded before the transaction ends.
pub(in crate::vault) async fn current_key(
    transaction: &mut Transaction,
    scope: &ScopeKey,
) -> Result<Option<KeyRow>> {
    let statement = transaction.dialect().choose(
        select_keys!(
            "WHERE user_id = $1 AND project_id IS NOT DISTINCT FROM $2
               AND subproject_id IS NOT DISTINCT FROM $3
             ORDER BY version DESC LIMIT 1"
        ),
        select_keys!(
            "WHERE user_id = $1 AND project_id IS NOT DISTINCT FROM $2
               AND subproject_id IS NOT DISTINCT FROM $3
             ORDER BY version DESC LIMIT 1 FOR KEY SHARE"
        ),
    );
    // A second look where the one before was shredded while this one waited for it.
    for _ in 0..2 {
        let values = values![scope.user, scope.project, scope.subproject];
        if let Some(row) = transaction.query_one(statement, values).await? {
            return read_key(&row).map(Some);
        }
    }
    Ok(None)
}

pub(in crate::vault) async fn key_by_id(
    database: &Database,
    scope: &ScopeKey,
    id: Uuid,
) -> Result<Option<KeyRow>> {
    let statement = select_keys!("WHERE id = $1 AND user_id = $2");
    let rows = database.look_up(scope, statement, values![id, scope.user]).await?;
    rows.first().map(read_key).transpose()
}

pub(in crate::vault) async fn insert_key(
    transaction: &mut Transaction,
    key: &KeyRow,
    now: Timestamp,
) -> Result<()> {
    transaction
        .execute(
            "INSERT INTO javari_data_keys (id, user_id, project_id, subproject_id, version,
                 root_key_id, encrypted_value, encryption_iv, encryption_tag, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            values![
                key.id,
                key.scope.user,
                key.scope.project,
                key.scope.subproject,
                key.version,
                &key.root_key_id,
                &key.sealed.encrypted_value,
                &key.sealed.encryption_iv,
                &key.sealed.encryption_tag,
                now
            ],
        )
        .await
        .map(drop)
}

fn read_registry(row: &Row) -> Result<Registry> {
    Ok(Registry {
        vault_id: row.get("vault_id")?,
        root_key_id: row.get("root_key_id")?,
        minimum_suite: row.get("minimum_suite")?,
        authentication: row.get("authentication")?,
        next_root_key_id: row.get("next_root_key_id")?,
    })
}

pub(in crate::vault) fn read_key(row: &Row) -> Result<KeyRow> {
    Ok(KeyRow {
        id: row.get("id")?,
        scope: read_scope(row)?,
        version: row.get("version")?,
        root_key_id: row.get("root_key_id")?,
        sealed: read_sealed(row)?,
    })
}
