//! Which versions a scope saw when a conversation was held, and the way back to them.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    credential::{CredentialType, CredentialView, Faults},
    rotation::check_grace,
    seal::Sealed,
};
use crate::{
    error::Result,
    types::{CredentialId, Page, PageRequest, ScopeKey, ScopeLevel, SnapshotId, Timestamp},
};

/// The power to keep which versions a scope sees, and to go back to them.
#[async_trait]
pub trait CredentialSnapshots: Send + Sync {
    /// Keeps which versions the scope sees now, for a conversation, until the snapshot expires.
    ///
    /// # Errors
    /// `INVALID_INPUT` when it would expire before now or after 366 days; `TOO_LARGE` beyond 500
    /// credentials or 4 MiB of values.
    async fn snapshot(&self, scope: &ScopeKey, request: &MakeSnapshot) -> Result<SnapshotView>;

    /// Makes the versions of a snapshot active again, as new versions, of those credentials that
    /// are at exactly the scope's innermost level, in one transaction. The snapshot may be of this
    /// level or of one inside it.
    ///
    /// # Errors
    /// `NOT_FOUND` when this conversation has no such snapshot or it has expired; `CANNOT_UNSEAL`
    /// when it was altered.
    async fn restore_snapshot(
        &self,
        scope: &ScopeKey,
        request: &RestoreSnapshot,
    ) -> Result<RestoreReport>;

    /// The snapshots of exactly the scope's innermost level that have not expired, newest first.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a cursor that is not one of this list.
    async fn snapshots(
        &self,
        scope: &ScopeKey,
        request: &ListSnapshots,
    ) -> Result<Page<SnapshotView>>;

    /// Deletes a snapshot of exactly the scope's innermost level.
    ///
    /// # Errors
    /// `NOT_FOUND` when that level has none of that id.
    async fn delete_snapshot(&self, scope: &ScopeKey, request: &DeleteSnapshot) -> Result<()>;
}

/// A snapshot to be made.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeSnapshot {
    /// The conversation it is for; it can be restored for no other.
    pub conversation_id: Uuid,
    /// Whether to keep a sealed copy of each value too, for credentials that are deleted meanwhile.
    #[serde(default)]
    pub with_values: bool,
    /// When it ends, at most 366 days from now; after 30 days when left out.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

impl MakeSnapshot {
    /// A snapshot without values that ends after 30 days.
    pub fn new(conversation_id: Uuid) -> Self {
        Self { conversation_id, with_values: false, expires_at: None }
    }
}

/// A snapshot to go back to.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreSnapshot {
    /// The snapshot.
    pub id: SnapshotId,
    /// The conversation it was made for.
    pub conversation_id: Uuid,
    /// Whether values that were revoked since may become active again.
    #[serde(default)]
    pub allow_revoked: bool,
    /// For how many seconds the values that are replaced are accepted too, at most 366 days.
    #[serde(default)]
    #[schemars(range(max = 31_622_400))]
    pub grace_seconds: u64,
}

impl RestoreSnapshot {
    /// The way back to what was not revoked since.
    pub fn new(id: SnapshotId, conversation_id: Uuid) -> Self {
        Self { id, conversation_id, allow_revoked: false, grace_seconds: 0 }
    }

    pub(super) fn check(&self) -> Result<()> {
        let mut faults = Faults::of("vault.restore_snapshot");
        check_grace(&mut faults, self.grace_seconds);
        faults.into_result()
    }
}

/// Which snapshots are wanted.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListSnapshots {
    /// Those of one conversation alone.
    pub conversation_id: Option<Uuid>,
    /// Which part of the list.
    pub page: PageRequest,
}

/// A snapshot to be deleted.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteSnapshot {
    /// The snapshot.
    pub id: SnapshotId,
}

/// Which versions a scope saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SnapshotView {
    /// Its id.
    pub id: SnapshotId,
    /// The conversation it is for.
    pub conversation_id: Uuid,
    /// What the scope saw, by name.
    pub credentials: Vec<SnapshotCredential>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A credential of a snapshot, without its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SnapshotCredential {
    /// The credential.
    pub id: CredentialId,
    /// Its name.
    pub name: String,
    /// The level it is stored at.
    pub level: ScopeLevel,
    /// Its version.
    pub version: u32,
    /// Whether a sealed copy of the value is kept.
    pub has_value: bool,
}

/// What became of one credential of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RestoreOutcome {
    /// Its value is active again, as a new version.
    Restored,
    /// It was active still.
    Unchanged,
    /// It is stored at another level: restore it there.
    Elsewhere,
    /// It was revoked since, and the request does not allow that.
    Revoked,
    /// It is no longer there, or another credential has its name.
    Missing,
}

/// One credential of a snapshot that was gone back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RestoredCredential {
    /// Its name.
    pub name: String,
    /// The level it is stored at.
    pub level: ScopeLevel,
    /// What became of it.
    pub outcome: RestoreOutcome,
    /// The version that the snapshot holds.
    pub snapshot_version: u32,
    /// The version it has now, where it was looked at.
    pub version: Option<u32>,
}

/// What the way back did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RestoreReport {
    /// The snapshot.
    pub id: SnapshotId,
    /// Each credential of it.
    pub credentials: Vec<RestoredCredential>,
}

/// A credential of a snapshot as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) credential_id: CredentialId,
    pub(super) name: String,
    pub(super) level: ScopeLevel,
    pub(super) version: u32,
    #[serde(rename = "type")]
    pub(super) credential_type: CredentialType,
    pub(super) is_inherited: bool,
    pub(super) allow_override: bool,
    pub(super) expires_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<HeldValue>,
}

/// A sealed copy of a value.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct HeldValue {
    encrypted_value: String,
    encryption_iv: String,
    encryption_tag: String,
}

impl Held {
    pub(super) fn of(view: &CredentialView) -> Self {
        Self {
            credential_id: view.id,
            name: view.name.clone(),
            level: view.level,
            version: view.version,
            credential_type: view.credential_type,
            is_inherited: view.is_inherited,
            allow_override: view.allow_override,
            expires_at: view.expires_at,
            value: None,
        }
    }

    pub(super) fn shown(&self) -> SnapshotCredential {
        SnapshotCredential {
            id: self.credential_id,
            name: self.name.clone(),
            level: self.level,
            version: self.version,
            has_value: self.value.is_some(),
        }
    }

    pub(super) fn outcome(
        &self,
        outcome: RestoreOutcome,
        version: Option<u32>,
    ) -> RestoredCredential {
        RestoredCredential {
            name: self.name.clone(),
            level: self.level,
            outcome,
            snapshot_version: self.version,
            version,
        }
    }
}

impl From<Sealed> for HeldValue {
    fn from(sealed: Sealed) -> Self {
        let Sealed { encrypted_value, encryption_iv, encryption_tag } = sealed;
        Self { encrypted_value, encryption_iv, encryption_tag }
    }
}

impl From<&HeldValue> for Sealed {
    fn from(held: &HeldValue) -> Self {
        Self {
            encrypted_value: held.encrypted_value.clone(),
            encryption_iv: held.encryption_iv.clone(),
            encryption_tag: held.encryption_tag.clone(),
        }
    }
}
