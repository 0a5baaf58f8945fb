//! The credentials of one scope.

use super::Scope;
use crate::{
    error::Result,
    types::{Page, PageRequest},
    vault::{
        Accepted, AccessToken, AutoRotate, AutoRotation, BindCredential, CredentialRotation,
        CredentialSnapshots, CredentialView, DataKeyRotation, DeleteSnapshot, Due, DueRequest,
        GetAccessToken, ImportCredentials, ImportReport, ListSnapshots, ListVersions, MakeSnapshot,
        PutCredential, Resolution, RestoreReport, RestoreSnapshot, Revealed, RevokeVersion,
        RollbackCredential, RotateCredential, RotateDataKey, Rotation, ScheduleRotation,
        SnapshotView, TestCredential, TestReport, Vault, VerifiedWebhook, VerifyWebhook,
        VersionView, lacks_power, verify_webhook,
    },
};

/// The credentials of one scope; the errors are those of [`Vault`].
pub struct VaultOf<'a>(pub(super) &'a Scope);

impl VaultOf<'_> {
    fn vault(&self) -> &dyn Vault {
        self.0.javari().rooms().vault.as_ref()
    }

    /// Stores a credential at this level.
    ///
    /// # Errors
    /// As [`Vault::put`].
    pub async fn put(&self, request: PutCredential) -> Result<CredentialView> {
        self.vault().put(self.0.key(), request).await
    }

    /// Says where a credential may be sent: a header of a request that names it, such as one of a monitor's,
    /// is filled for these hosts and for no other.
    ///
    /// # Errors
    /// As [`Vault::bind`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> javari_core::Result<()> {
    /// # use javari_core::{Javari, secret::Secret, vault::{BindCredential, PutCredential}};
    /// # let javari = Javari::open(":memory:").await?;
    /// # let scope = javari.scope(javari.ensure_user("ann@example.com").await?.id);
    /// scope.vault().put(PutCredential::new("STATUS_TOKEN", Secret::new("t-1"))).await?;
    /// let bound = BindCredential::new("STATUS_TOKEN", ["status.example.com"]);
    /// let credential = scope.vault().bind(&bound).await?;
    /// assert_eq!(credential.hosts, ["https://status.example.com"]);
    /// # javari.close().await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn bind(&self, request: &BindCredential) -> Result<CredentialView> {
        self.vault().bind(self.0.key(), request).await
    }

    /// The credential at exactly this level, without its value.
    ///
    /// # Errors
    /// As [`Vault::get`].
    pub async fn get(&self, name: &str) -> Result<CredentialView> {
        self.vault().get(self.0.key(), name).await
    }

    /// The credential that this scope sees, and why.
    ///
    /// # Errors
    /// As [`Vault::resolve`].
    pub async fn resolve(&self, name: &str) -> Result<Resolution> {
        self.vault().resolve(self.0.key(), name).await
    }

    /// The value that this scope sees; audited before it is returned.
    ///
    /// # Errors
    /// As [`Vault::reveal`].
    pub async fn reveal(&self, name: &str) -> Result<Revealed> {
        self.vault().reveal(self.0.key(), name).await
    }

    /// The credentials at exactly this level.
    ///
    /// # Errors
    /// As [`Vault::list`].
    pub async fn list(&self, page: &PageRequest) -> Result<Page<CredentialView>> {
        self.vault().list(self.0.key(), page).await
    }

    /// Gives the credential at exactly this level a new value.
    ///
    /// # Errors
    /// As [`Vault::rotate`].
    pub async fn rotate(&self, request: RotateCredential) -> Result<Rotation> {
        self.vault().rotate(self.0.key(), request).await
    }

    /// Makes the value of an earlier version the newest one.
    ///
    /// # Errors
    /// As [`Vault::rollback`].
    pub async fn rollback(&self, request: RollbackCredential) -> Result<Rotation> {
        self.vault().rollback(self.0.key(), request).await
    }

    /// The values that the credential at exactly this level has had, without the values.
    ///
    /// # Errors
    /// As [`Vault::versions`].
    pub async fn versions(&self, request: &ListVersions) -> Result<Page<VersionView>> {
        self.vault().versions(self.0.key(), request).await
    }

    /// Every value that is accepted under that name now; audited before they are returned.
    ///
    /// # Errors
    /// As [`Vault::accepted`].
    pub async fn accepted(&self, name: &str) -> Result<Accepted> {
        self.vault().accepted(self.0.key(), name).await
    }

    /// Says whether a request that came in is signed with an accepted value of a credential that this
    /// scope sees. No value is given away, and none is audited.
    ///
    /// # Errors
    /// `UNAUTHORIZED` when it is not, with a `reason`: `header`, `time` or `signature`; those of
    /// [`Vault::accepted`].
    ///
    /// ```
    /// use javari_core::{
    ///     Javari, error::Error,
    ///     vault::{PutCredential, VerifyWebhook, WebhookScheme},
    /// };
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Error> {
    /// let javari = Javari::open(":memory:").await?;
    /// let ann = javari.scope(javari.ensure_user("ann@example.com").await?.id);
    /// ann.vault().put(PutCredential::new("HOOK", "It's a Secret to Everybody".to_owned().into())).await?;
    /// let delivery = VerifyWebhook::new("HOOK", WebhookScheme::Github)
    ///     .with_header(
    ///         "X-Hub-Signature-256",
    ///         "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    ///     )
    ///     .with_body("Hello, World!");
    /// assert_eq!(ann.vault().verify_webhook(&delivery).await?.version, 1);
    /// let forged = delivery.with_body("Hello, World?");
    /// assert_eq!(ann.vault().verify_webhook(&forged).await.unwrap_err().code(), "UNAUTHORIZED");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn verify_webhook(&self, request: &VerifyWebhook) -> Result<VerifiedWebhook> {
        let accepted = self.vault().accepted_inside(self.0.key(), &request.name).await?;
        verify_webhook(request, &accepted, self.0.javari().rooms().clock.now())
    }

    /// Ends the time of grace of a version at once.
    ///
    /// # Errors
    /// As [`Vault::revoke`].
    pub async fn revoke(&self, request: &RevokeVersion) -> Result<VersionView> {
        self.vault().revoke(self.0.key(), request).await
    }

    /// Deletes the credential at exactly this level.
    ///
    /// # Errors
    /// As [`Vault::delete`].
    pub async fn delete(&self, name: &str) -> Result<()> {
        self.vault().delete(self.0.key(), name).await
    }

    /// Stores many credentials at this level, in one transaction.
    ///
    /// # Errors
    /// As [`CredentialImport::import`](crate::vault::CredentialImport::import); `UNSUPPORTED` by a
    /// vault without that power.
    pub async fn import(&self, request: ImportCredentials) -> Result<ImportReport> {
        let vault = self.vault().importing().ok_or_else(|| lacks_power("vault.import"))?;
        vault.import(self.0.key(), request).await
    }

    /// Asks the credential's own service whether it works.
    ///
    /// # Errors
    /// As [`CredentialTest::test`](crate::vault::CredentialTest::test); `UNSUPPORTED` by a vault
    /// without that power.
    pub async fn test(&self, request: TestCredential) -> Result<TestReport> {
        let vault = self.vault().testing().ok_or_else(|| lacks_power("vault.test"))?;
        vault.test(self.0.key(), request).await
    }

    /// Keeps which versions this scope sees now, for a conversation.
    ///
    /// # Errors
    /// As [`CredentialSnapshots::snapshot`]; `UNSUPPORTED` by a vault without that power.
    pub async fn snapshot(&self, request: &MakeSnapshot) -> Result<SnapshotView> {
        self.snapshotting("vault.snapshot")?.snapshot(self.0.key(), request).await
    }

    /// Makes the versions of a snapshot active again, of credentials at exactly this level.
    ///
    /// # Errors
    /// As [`CredentialSnapshots::restore_snapshot`].
    pub async fn restore_snapshot(&self, request: &RestoreSnapshot) -> Result<RestoreReport> {
        let vault = self.snapshotting("vault.restore_snapshot")?;
        vault.restore_snapshot(self.0.key(), request).await
    }

    /// The snapshots of exactly this level that have not expired, newest first.
    ///
    /// # Errors
    /// As [`CredentialSnapshots::snapshots`].
    pub async fn snapshots(&self, request: &ListSnapshots) -> Result<Page<SnapshotView>> {
        self.snapshotting("vault.snapshots")?.snapshots(self.0.key(), request).await
    }

    /// Deletes a snapshot of exactly this level.
    ///
    /// # Errors
    /// As [`CredentialSnapshots::delete_snapshot`].
    pub async fn delete_snapshot(&self, request: &DeleteSnapshot) -> Result<()> {
        self.snapshotting("vault.delete_snapshot")?.delete_snapshot(self.0.key(), request).await
    }

    /// Makes a new value through a handler and stores it.
    ///
    /// # Errors
    /// As [`CredentialRotation::auto_rotate`]; `UNSUPPORTED` by a vault without that power.
    pub async fn auto_rotate(&self, request: AutoRotate) -> Result<AutoRotation> {
        self.rotating("vault.auto_rotate")?.auto_rotate(self.0.key(), request).await
    }

    /// Says when the credential at exactly this level is rotated.
    ///
    /// # Errors
    /// As [`CredentialRotation::schedule`].
    pub async fn schedule(&self, request: &ScheduleRotation) -> Result<CredentialView> {
        self.rotating("vault.schedule")?.schedule(self.0.key(), request).await
    }

    /// What expires or has to be rotated soon, at this level and inside it.
    ///
    /// # Errors
    /// As [`CredentialRotation::due`].
    pub async fn due(&self, request: &DueRequest) -> Result<Due> {
        self.rotating("vault.due")?.due(self.0.key(), request).await
    }

    /// The access token of an OAuth client that this scope sees, refreshed first where it ends too
    /// soon.
    ///
    /// # Errors
    /// As [`AccessTokens::access_token`](crate::vault::AccessTokens::access_token); `UNSUPPORTED` by a
    /// vault without that power.
    pub async fn access_token(&self, request: &GetAccessToken) -> Result<AccessToken> {
        const OPERATION: &str = "vault.access_token";
        let power = self.vault().giving_tokens().ok_or_else(|| lacks_power(OPERATION))?;
        power.access_token(self.0.key(), request).await
    }

    /// Gives exactly this level another data key and seals what is there with it; the old one is deleted
    /// when nothing needs it. In Javari's own vault, also where the host has one of its own.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> javari_core::Result<()> {
    /// # use javari_core::{Javari, secret::Secret, vault::{PutCredential, RotateDataKey}};
    /// # let javari = Javari::open(":memory:").await?;
    /// # let scope = javari.scope(javari.ensure_user("ann@example.com").await?.id);
    /// scope.vault().put(PutCredential::new("STRIPE", Secret::new("sk-1"))).await?;
    /// let done = scope.vault().rotate_data_key(&RotateDataKey::default()).await?;
    /// assert_eq!((done.version, done.shredded, done.more), (2, 1, false));
    /// # javari.close().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `NOT_FOUND` when nothing was ever sealed at this level; `CONFLICT` when another call made a new
    /// key at the same moment.
    pub async fn rotate_data_key(&self, request: &RotateDataKey) -> Result<DataKeyRotation> {
        self.0.javari().rooms().local.rotate_data_key(self.0.key(), request).await
    }

    fn rotating(&self, operation: &'static str) -> Result<&dyn CredentialRotation> {
        self.vault().rotating().ok_or_else(|| lacks_power(operation))
    }

    fn snapshotting(&self, operation: &'static str) -> Result<&dyn CredentialSnapshots> {
        self.vault().snapshotting().ok_or_else(|| lacks_power(operation))
    }
}
