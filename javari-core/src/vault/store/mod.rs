//! The rows of the vault: here the credentials, beside them their versions and the keys.

macro_rules! columns {
    () => {
        "id, user_id, project_id, subproject_id, name, description, encrypted_value,
         encryption_iv, encryption_tag, enc_suite, key_id, current_version, credential_type,
         is_inherited, allow_override, expires_at, last_used_at, use_count, last_tested_at,
         last_test_outcome, rotation_interval_days, next_rotation_at, hosts, hosts_version,
         created_at, updated_at"
    };
}

macro_rules! select_credentials {
    ($rest:literal) => {
        concat!("SELECT ", columns!(), " FROM javari_credentials ", $rest)
    };
}

mod adopted;
mod bound;
mod keys;
mod reseal;
mod rotation;
mod schedules;
mod snapshots;
mod versions;

pub(super) use adopted::*;
pub(super) use bound::*;
pub(super) use keys::*;
pub(super) use reseal::*;
pub(super) use rotation::*;
pub(super) use schedules::*;
use serde_json::{Value as Json, json};
pub(super) use snapshots::*;
use uuid::Uuid;
pub(crate) use versions::delete_rotations_within;
pub(super) use versions::*;

use super::{
    credential::{CredentialType, CredentialView, PutCredential, origins},
    probe::ProbeOutcome,
    seal::Sealed,
};
use crate::{
    error::Result,
    storage::{Database, Row, Transaction, values},
    types::{
        CredentialId, Page, PageRequest, ProjectId, ScopeKey, ScopeLevel, SubprojectId, Timestamp,
        UserId,
    },
};

/// A credential as stored, with the sealed value of its active version.
pub(super) struct CredentialRecord {
    pub(super) view: CredentialView,
    pub(super) scope: ScopeKey,
    pub(super) suite: u32,
    pub(super) key_id: Option<Uuid>,
    pub(super) sealed: Sealed,
}

/// Every credential of that name on the scope's own path, outermost first.
const ON_PATH: &str = select_credentials!(
    "WHERE user_id = $1 AND name = $4
       AND (project_id IS NULL OR project_id = $2)
       AND (subproject_id IS NULL OR subproject_id = $3)
     ORDER BY CASE WHEN subproject_id IS NOT NULL THEN 2 WHEN project_id IS NOT NULL THEN 1 ELSE 0 END"
);

pub(super) async fn on_path(
    database: &Database,
    scope: &ScopeKey,
    name: &str,
) -> Result<Vec<CredentialRecord>> {
    let values = values![scope.user, scope.project, scope.subproject, name];
    database.look_up(scope, ON_PATH, values).await?.iter().map(read_credential).collect()
}

pub(super) async fn on_path_within(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    name: &str,
) -> Result<Vec<CredentialRecord>> {
    let values = values![scope.user, scope.project, scope.subproject, name];
    transaction.query(ON_PATH, values).await?.iter().map(read_credential).collect()
}

/// Every credential on the scope's own path, by name and outermost first, `limit` at most.
pub(super) async fn all_on_path(
    database: &Database,
    scope: &ScopeKey,
    limit: u32,
) -> Result<Vec<CredentialRecord>> {
    let statement = select_credentials!(
        "WHERE user_id = $1
           AND (project_id IS NULL OR project_id = $2)
           AND (subproject_id IS NULL OR subproject_id = $3)
         ORDER BY name,
             CASE WHEN subproject_id IS NOT NULL THEN 2 WHEN project_id IS NOT NULL THEN 1 ELSE 0 END
         LIMIT $4"
    );
    let values = values![scope.user, scope.project, scope.subproject, limit];
    database.query(scope, statement, values).await?.iter().map(read_credential).collect()
}

pub(super) async fn list(
    database: &Database,
    scope: &ScopeKey,
    page: &PageRequest,
) -> Result<Page<CredentialView>> {
    let limit = page.bounded_limit();
    let rows = database
        .query(
            scope,
            select_credentials!(
                "WHERE user_id = $1 AND project_id IS NOT DISTINCT FROM $2
                   AND subproject_id IS NOT DISTINCT FROM $3
                   AND ($4 IS NULL OR name > $4)
                 ORDER BY name LIMIT $5"
            ),
            values![scope.user, scope.project, scope.subproject, page.cursor.as_deref(), limit + 1],
        )
        .await?;
    let views = rows.iter().map(|row| read_credential(row).map(|record| record.view));
    Ok(Page::from_rows(views.collect::<Result<Vec<_>>>()?, limit, |view| view.name.clone()))
}

/// The credential at exactly the scope's innermost level, held until the transaction ends: of two
/// who change it at once, the later one sees what the first one did.
pub(super) async fn hold(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    name: &str,
) -> Result<Option<CredentialRecord>> {
    let row = transaction
        .query_one(
            concat!(
                "UPDATE javari_credentials SET updated_at = updated_at
                 WHERE user_id = $1 AND project_id IS NOT DISTINCT FROM $2
                   AND subproject_id IS NOT DISTINCT FROM $3 AND name = $4
                 RETURNING ",
                columns!()
            ),
            values![scope.user, scope.project, scope.subproject, name],
        )
        .await?;
    row.as_ref().map(read_credential).transpose()
}

/// A new value on its way in.
pub(super) struct NewVersion<'a> {
    pub(super) id: CredentialId,
    pub(super) version: u32,
    pub(super) key_id: Uuid,
    pub(super) sealed: &'a Sealed,
    pub(super) fingerprint: &'a str,
    pub(super) now: Timestamp,
}

/// Writes the credential with its new active version. The one before it is active no longer.
pub(super) async fn write(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    request: &PutCredential,
    new: &NewVersion<'_>,
) -> Result<()> {
    transaction
        .execute(
            "INSERT INTO javari_credentials (id, user_id, project_id, subproject_id, name,
                 description, encrypted_value, encryption_iv, encryption_tag, enc_suite, key_id,
                 current_version, credential_type, is_inherited, allow_override, expires_at,
                 created_at, updated_at, hosts, hosts_version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 2, $10, $11, $12, $13, $14, $15, $16, $16,
                 $17, $11)
             ON CONFLICT (id) DO UPDATE SET
                 description = coalesce(excluded.description, javari_credentials.description),
                 encrypted_value = excluded.encrypted_value,
                 encryption_iv = excluded.encryption_iv,
                 encryption_tag = excluded.encryption_tag,
                 enc_suite = 2,
                 key_id = excluded.key_id,
                 current_version = excluded.current_version,
                 credential_type = excluded.credential_type,
                 is_inherited = excluded.is_inherited,
                 allow_override = excluded.allow_override,
                 expires_at = excluded.expires_at,
                 hosts = excluded.hosts,
                 hosts_version = excluded.hosts_version,
                 last_tested_at = NULL,
                 last_test_outcome = NULL,
                 updated_at = excluded.updated_at",
            values![
                new.id,
                scope.user,
                scope.project,
                scope.subproject,
                &request.name,
                request.description.as_deref(),
                &new.sealed.encrypted_value,
                &new.sealed.encryption_iv,
                &new.sealed.encryption_tag,
                new.key_id,
                new.version,
                request.credential_type.name(),
                request.is_inherited,
                request.allow_override,
                request.expires_at,
                new.now,
                written_hosts(&request.hosts)
            ],
        )
        .await?;
    insert_version(transaction, scope, request, new).await
}

pub(super) async fn count_use(
    transaction: &mut Transaction,
    id: CredentialId,
    (uses, last): (u64, Timestamp),
) -> Result<()> {
    transaction
        .execute(
            "UPDATE javari_credentials SET use_count = use_count + $2,
                 last_used_at =
                     CASE WHEN last_used_at > $3 THEN last_used_at ELSE $3 END
             WHERE id = $1",
            values![id, uses, last],
        )
        .await
        .map(drop)
}

/// Counts many uses in one statement.
pub(super) async fn count_uses(
    transaction: &mut Transaction,
    uses: impl Iterator<Item = (CredentialId, (u64, Timestamp))>,
) -> Result<()> {
    let uses = uses.map(|(id, (count, last))| json!([id, count, last])).collect::<Vec<_>>();
    if uses.is_empty() {
        return Ok(());
    }
    let statement = transaction.dialect().choose(
        "UPDATE javari_credentials SET use_count = use_count + used.uses,
             last_used_at = CASE WHEN last_used_at > used.last THEN last_used_at ELSE used.last END
         FROM (SELECT value ->> 0 AS id, value ->> 1 AS uses, value ->> 2 AS last
               FROM json_each($1)) AS used
         WHERE javari_credentials.id = used.id",
        // Held in the order of their ids: two who count at once do not wait for each other.
        "WITH used AS (
             SELECT (value ->> 0)::uuid AS id, (value ->> 1)::bigint AS uses,
                    (value ->> 2)::timestamptz AS last
             FROM jsonb_array_elements($1) AS value
         ), held AS MATERIALIZED (
             SELECT id FROM javari_credentials WHERE id IN (SELECT id FROM used)
             ORDER BY id FOR UPDATE
         )
         UPDATE javari_credentials AS credential SET use_count = use_count + used.uses,
             last_used_at = CASE WHEN last_used_at > used.last THEN last_used_at ELSE used.last END
         FROM used JOIN held ON held.id = used.id
         WHERE credential.id = used.id",
    );
    transaction.execute(statement, values![Json::Array(uses)]).await.map(drop)
}

/// Keeps what a service said of the value, unless it has been replaced meanwhile.
pub(super) async fn note_test(
    transaction: &mut Transaction,
    (id, version): (CredentialId, u32),
    outcome: ProbeOutcome,
    now: Timestamp,
) -> Result<()> {
    transaction
        .execute(
            "UPDATE javari_credentials SET last_tested_at = $3, last_test_outcome = $4
             WHERE id = $1 AND current_version = $2",
            values![id, version, now, outcome.name()],
        )
        .await
        .map(drop)
}

pub(super) async fn delete(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    name: &str,
) -> Result<u64> {
    transaction
        .execute(
            "DELETE FROM javari_credentials
             WHERE user_id = $1 AND project_id IS NOT DISTINCT FROM $2
               AND subproject_id IS NOT DISTINCT FROM $3 AND name = $4",
            values![scope.user, scope.project, scope.subproject, name],
        )
        .await
}

fn read_credential(row: &Row) -> Result<CredentialRecord> {
    let scope = read_scope(row)?;
    Ok(CredentialRecord {
        view: CredentialView {
            id: row.get("id")?,
            name: row.get("name")?,
            credential_type: CredentialType::from_name(&row.get::<String>("credential_type")?),
            description: row.get("description")?,
            level: level_of(&scope),
            version: row.get("current_version")?,
            is_inherited: row.get("is_inherited")?,
            allow_override: row.get("allow_override")?,
            expires_at: row.get("expires_at")?,
            hosts: read_hosts(row, row.get("current_version")?)?,
            last_used_at: row.get("last_used_at")?,
            use_count: row.get("use_count")?,
            last_tested_at: row.get("last_tested_at")?,
            last_test_outcome: row
                .get::<Option<String>>("last_test_outcome")?
                .and_then(|name| ProbeOutcome::from_name(&name)),
            rotation_interval_days: row.get("rotation_interval_days")?,
            next_rotation_at: row.get("next_rotation_at")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
        },
        scope,
        suite: row.get("enc_suite")?,
        key_id: row.get("key_id")?,
        sealed: read_sealed(row)?,
    })
}

/// One text as the column holds it; nothing where there is no host.
fn written_hosts(hosts: &[String]) -> Option<String> {
    let origins = origins(hosts);
    (!origins.is_empty()).then(|| origins.join(" "))
}

/// The hosts of that version. Beside another one they are what was bound to the one before it.
fn read_hosts(row: &Row, version: u32) -> Result<Vec<String>> {
    let of: Option<u32> = row.get("hosts_version")?;
    let hosts: Option<String> = row.get("hosts")?;
    let hosts = hosts.filter(|_| of == Some(version)).unwrap_or_default();
    Ok(hosts.split_whitespace().map(str::to_owned).collect())
}

fn read_scope(row: &Row) -> Result<ScopeKey> {
    Ok(ScopeKey {
        user: row.get::<Option<UserId>>("user_id")?,
        project: row.get::<Option<ProjectId>>("project_id")?,
        subproject: row.get::<Option<SubprojectId>>("subproject_id")?,
        member: None,
    })
}

fn read_sealed(row: &Row) -> Result<Sealed> {
    Ok(Sealed {
        encrypted_value: row.get("encrypted_value")?,
        encryption_iv: row.get("encryption_iv")?,
        encryption_tag: row.get("encryption_tag")?,
    })
}

fn level_of(scope: &ScopeKey) -> ScopeLevel {
    scope.level()
}
