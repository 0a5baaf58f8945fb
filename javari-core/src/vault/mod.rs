//! Keeps credentials: sealed, versioned, inherited from user to project to subproject.
//!
//! `get`, `list` and `resolve` answer with metadata alone; only [`Vault::reveal`] returns a
//! secret, and it writes the audit entry before it does. Rooms inside Javari get a secret through
//! [`SecretSource`], which needs no reveal.
//!
//! What it deliberately does not do: it sends a credential nowhere but to its own service, to test,
//! rotate or refresh it there; it does not cache plaintext, and cannot protect against one who holds
//! the root key or the process's memory.

mod ageing;
mod credential;
mod handler;
mod import;
mod kept;
mod keys;
mod local;
mod oauth;
mod probe;
mod recovery;
mod resealing;
mod root_rotation;
mod rotation;
mod schedule;
pub(crate) mod seal;
mod snapshot;
mod source;
mod store;
mod webhook;

pub use ageing::Ageing;
use async_trait::async_trait;
pub use credential::{
    BindCredential, CredentialType, CredentialView, PutCredential, Resolution, ResolvedFrom,
    Revealed,
};
pub use handler::{RotationHandler, RotationHandlers};
pub use import::{
    CredentialImport, ImportCredentials, ImportFormat, ImportOutcome, ImportReport,
    ImportedCredential, OnExisting,
};
pub(crate) use kept::API_KEYS;
pub use kept::KeptKeys;
pub use local::LocalVault;
pub use oauth::{AccessToken, AccessTokens, GetAccessToken};
pub use probe::{
    CredentialProbe, CredentialTest, DatabaseConnector, PostgresConnector, ProbeAnswer,
    ProbeOutcome, ProbeQuestion, Probes, Service, TestCredential, TestReport,
};
pub use recovery::{
    MakeRecoveryCopy, NewKey, OpenRecoveryCopy, RecoveryCopy, is_recovery_copy, make_key,
    make_recovery_copy, open_recovery_copy,
};
pub use resealing::{DataKeyRotation, Reseal, ResealReport, RotateDataKey};
pub use root_rotation::{RootKeyRotation, RotateRootKey, SealedWithRoot};
pub use rotation::{
    Accepted, AcceptedValue, ListVersions, RevokeVersion, RollbackCredential, RotateCredential,
    Rotation, RotationType, VersionState, VersionView,
};
pub use schedule::{
    AutoRotate, AutoRotation, CredentialRotation, Due, DueCredential, DueReason, DueRequest,
    FailedRotation, RootKeyAge, RotateDue, RotatedDue, ScheduleRotation,
};
pub use snapshot::{
    CredentialSnapshots, DeleteSnapshot, ListSnapshots, MakeSnapshot, RestoreOutcome,
    RestoreReport, RestoreSnapshot, RestoredCredential, SnapshotCredential, SnapshotView,
};
pub use source::VaultSecrets;
pub(crate) use store::delete_rotations_within;
pub(crate) use webhook::verify as verify_webhook;
pub use webhook::{VerifiedWebhook, VerifyWebhook, WebhookScheme};

use crate::{
    error::{Error, ErrorKind, Result},
    types::{Page, PageRequest, ScopeKey},
};

/// Keeps credentials. Implemented by [`LocalVault`] and by hosts that have a vault of their own.
///
/// A vault that keeps one value a credential leaves out [`rotate`](Self::rotate) and what belongs
/// to it: they answer `UNSUPPORTED`.
#[async_trait]
pub trait Vault: Send + Sync {
    /// Stores a credential at the scope's innermost level; an existing one gets a new version and
    /// the value before it is revoked.
    ///
    /// # Errors
    /// `INVALID_INPUT` when a field does not fit; `FORBIDDEN` when an outer level locks the name
    /// with a credential that has not expired; `CONFLICT` when another version is there than the
    /// one expected.
    async fn put(&self, scope: &ScopeKey, request: PutCredential) -> Result<CredentialView>;

    /// Says where the credential at exactly the scope's innermost level may be sent with
    /// `{{cred:NAME}}`, in the place of what was said before. Its value and version stay.
    ///
    /// # Errors
    /// `NOT_FOUND` when that level has none; `INVALID_INPUT` naming each host that is none; `CONFLICT`
    /// when another version is there than the one expected; `UNSUPPORTED` by a vault that binds none.
    async fn bind(&self, scope: &ScopeKey, request: &BindCredential) -> Result<CredentialView> {
        let _ = (scope, request);
        Err(lacks_power("vault.bind"))
    }

    /// The credential of that name at exactly the scope's innermost level, without its value.
    ///
    /// # Errors
    /// `NOT_FOUND` when that level has none.
    async fn get(&self, scope: &ScopeKey, name: &str) -> Result<CredentialView>;

    /// The credential that the scope sees under that name, and which levels were looked at.
    ///
    /// # Errors
    /// `NOT_FOUND` when no level offers one to this scope.
    async fn resolve(&self, scope: &ScopeKey, name: &str) -> Result<Resolution>;

    /// The value that the scope sees under that name. Audited before it is returned.
    ///
    /// # Errors
    /// `NOT_FOUND`, `CANNOT_UNSEAL`, or those of the audit trail: no entry, no secret.
    async fn reveal(&self, scope: &ScopeKey, name: &str) -> Result<Revealed>;

    /// The credentials at exactly the scope's innermost level, by name, without their values.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a cursor that is not one of this list.
    async fn list(&self, scope: &ScopeKey, page: &PageRequest) -> Result<Page<CredentialView>>;

    /// Gives the credential at exactly the scope's innermost level a new value. The value before it
    /// is accepted until its time of grace ends, to the microsecond of the vault's clock, and never
    /// after; without one, every earlier value stops at once. Of two rotations at once that expect
    /// the same version only one wins.
    ///
    /// # Errors
    /// `NOT_FOUND` when that level has none; `INVALID_INPUT` when a field does not fit or the value
    /// is the active one; `CONFLICT` when another version is there than the one expected.
    async fn rotate(&self, scope: &ScopeKey, request: RotateCredential) -> Result<Rotation> {
        let _ = (scope, request);
        Err(keeps_no_versions("vault.rotate"))
    }

    /// Makes the value of an earlier version the newest one.
    ///
    /// # Errors
    /// Those of [`rotate`](Self::rotate), and `INVALID_INPUT` when that version is active, was
    /// destroyed, or was revoked and the request does not allow it.
    async fn rollback(&self, scope: &ScopeKey, request: RollbackCredential) -> Result<Rotation> {
        let _ = (scope, request);
        Err(keeps_no_versions("vault.rollback"))
    }

    /// The values that the credential at exactly the scope's innermost level has had, newest first,
    /// without the values.
    ///
    /// # Errors
    /// `NOT_FOUND` when that level has none; `INVALID_INPUT` for a cursor that is not one of this
    /// list.
    async fn versions(
        &self,
        scope: &ScopeKey,
        request: &ListVersions,
    ) -> Result<Page<VersionView>> {
        let _ = (scope, request);
        Err(keeps_no_versions("vault.versions"))
    }

    /// Every value that is accepted under that name now: the active one and those in their time of
    /// grace. For the side that checks a secret, such as a webhook's. Audited before they are
    /// returned.
    ///
    /// # Errors
    /// As [`reveal`](Self::reveal).
    async fn accepted(&self, scope: &ScopeKey, name: &str) -> Result<Accepted> {
        let _ = (scope, name);
        Err(keeps_no_versions("vault.accepted"))
    }

    /// As [`accepted`](Self::accepted), for a check inside Javari that gives no value away. A vault that
    /// tells the two apart writes no audit entry for it.
    ///
    /// # Errors
    /// As [`accepted`](Self::accepted).
    async fn accepted_inside(&self, scope: &ScopeKey, name: &str) -> Result<Accepted> {
        self.accepted(scope, name).await
    }

    /// Ends the time of grace of a version at once. One that is accepted no longer stays as it is.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is no such version; `INVALID_INPUT` when it is the active one.
    async fn revoke(&self, scope: &ScopeKey, request: &RevokeVersion) -> Result<VersionView> {
        let _ = (scope, request);
        Err(keeps_no_versions("vault.revoke"))
    }

    /// Deletes the credential of that name at exactly the scope's innermost level.
    ///
    /// # Errors
    /// `NOT_FOUND` when that level has none.
    async fn delete(&self, scope: &ScopeKey, name: &str) -> Result<()>;

    /// The power to take in many credentials at once, where this vault has it.
    fn importing(&self) -> Option<&dyn CredentialImport> {
        None
    }

    /// The power to ask services whether credentials work, where this vault has it.
    fn testing(&self) -> Option<&dyn CredentialTest> {
        None
    }

    /// The power to make, schedule and carry out rotations, where this vault has it.
    fn rotating(&self) -> Option<&dyn CredentialRotation> {
        None
    }

    /// The power to give out access tokens of OAuth clients, where this vault has it.
    fn giving_tokens(&self) -> Option<&dyn AccessTokens> {
        None
    }

    /// The power to keep which versions a scope sees and to go back to them, where this vault has it.
    fn snapshotting(&self) -> Option<&dyn CredentialSnapshots> {
        None
    }
}

/// The error of a vault that does not have the power an operation needs.
pub(crate) fn lacks_power(operation: &'static str) -> Error {
    Error::new(ErrorKind::Unsupported, operation, "this vault does not have this power")
}

fn keeps_no_versions(operation: &'static str) -> Error {
    Error::new(ErrorKind::Unsupported, operation, "this vault keeps one value a credential")
}

#[cfg(any(test, feature = "testkit"))]
pub mod suite;
#[cfg(test)]
mod tests;
