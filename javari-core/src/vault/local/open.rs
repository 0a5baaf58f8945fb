//! Opening what is sealed: with what it was bound to, and once more where its data key was changed.

use crate::{
    error::{Error, ErrorKind, Result, Retry},
    secret::Secret,
    types::{CredentialId, ScopeKey},
    vault::{
        credential::{CredentialType, CredentialView, flags},
        keys::scope_id,
        seal::{Binding, Sealed, unseal, unseal_suite1},
        store::CredentialRecord,
    },
};

use super::LocalVault;

/// A sealed value with everything it was bound to.
pub(super) struct Held<'a> {
    pub(super) scope: &'a ScopeKey,
    pub(super) named: Named<'a>,
    pub(super) flags: &'a str,
    pub(super) suite: u32,
    pub(super) key_id: Option<uuid::Uuid>,
    pub(super) sealed: &'a Sealed,
}

/// What a sealed value is called.
pub(super) struct Named<'a> {
    pub(super) id: CredentialId,
    pub(super) version: u32,
    pub(super) name: &'a str,
    pub(super) credential_type: CredentialType,
}

impl<'a> From<&'a CredentialView> for Named<'a> {
    fn from(view: &'a CredentialView) -> Self {
        let CredentialView { id, version, name, credential_type, .. } = view;
        Self { id: *id, version: *version, name, credential_type: *credential_type }
    }
}

impl LocalVault {
    /// The credential that the scope sees under that name, with its value.
    pub(super) async fn opened_value(
        &self,
        operation: &'static str,
        scope: &ScopeKey,
        name: &str,
    ) -> Result<(CredentialRecord, Secret)> {
        read_again!({
            let (record, _) = self.resolve_record(operation, scope, name).await?;
            let value = self.open_value(&record).await?;
            Ok((record, value))
        })
    }

    pub(super) async fn open_value(&self, record: &CredentialRecord) -> Result<Secret> {
        let CredentialRecord { view, scope, suite, key_id, sealed } = record;
        let flags = flags_of(view);
        self.open_sealed(&Held {
            scope,
            named: view.into(),
            flags: &flags,
            suite: *suite,
            key_id: *key_id,
            sealed,
        })
        .await
    }

    pub(super) async fn open_sealed(&self, held: &Held<'_>) -> Result<Secret> {
        if held.suite < self.keys.minimum_suite() {
            return Err(Error::new(
                ErrorKind::CannotUnseal,
                "vault.open",
                "this vault holds no value in the seed's format: the row was altered or put there",
            ));
        }
        if held.suite == 1 {
            // Exposed to the strict reader of the seed's format alone.
            return unseal_suite1(self.keys.seed_key().expose(), held.sealed);
        }
        let key_id = held.key_id.ok_or_else(|| {
            Error::new(ErrorKind::CannotUnseal, "vault.open", "the row names no data key")
        })?;
        let key = self.keys.by_id(&self.database, held.scope, key_id).await?;
        let binding = self.bind(held.scope, &held.named, held.flags, key_id);
        let opened = unseal(&key, &binding, held.sealed)?;
        std::str::from_utf8(&opened)
            .map(Secret::new)
            .map_err(|_| Error::new(ErrorKind::CannotUnseal, "vault.open", "the value is not text"))
    }

    pub(super) fn binding(
        &self,
        scope: &ScopeKey,
        view: &CredentialView,
        flags: &str,
        key: uuid::Uuid,
    ) -> Binding {
        self.bind(scope, &view.into(), flags, key)
    }

    pub(super) fn bind(
        &self,
        scope: &ScopeKey,
        named: &Named<'_>,
        flags: &str,
        key: uuid::Uuid,
    ) -> Binding {
        Binding::new(vec![
            "table=javari_credentials".to_owned(),
            format!("vault={}", self.keys.vault_id()),
            format!("cred={}", named.id),
            format!("version={}", named.version),
            format!("user={}", scope.user.map(|id| id.to_string()).unwrap_or_default()),
            format!("scope_kind={}", scope.level().name()),
            format!("scope={}", scope_id(scope)),
            format!("name={}", named.name),
            format!("type={}", named.credential_type.name()),
            format!("flags={flags}"),
            format!("dek={key}"),
        ])
    }
}

/// Reads again what was sealed with another data key between reading it and reading its key. A macro:
/// the compiler cannot show yet that such a closure's future may go to another thread.
macro_rules! read_again {
    ($read:block) => {{
        let mut left = 2;
        loop {
            let read: crate::error::Result<_> = async $read.await;
            match read {
                Err(error) if left > 0 && crate::vault::local::open::was_shredded(&error) => {
                    left -= 1;
                }
                done => break done.map_err(crate::vault::local::open::for_good),
            }
        }
    }};
}
pub(super) use read_again;

/// Whether a value's data key was not there any more when it was read.
pub(super) fn was_shredded(error: &Error) -> bool {
    error.kind() == ErrorKind::CannotUnseal && error.retry() == Retry::Now
}

/// What reading again does not change.
pub(super) fn for_good(error: Error) -> Error {
    if was_shredded(&error) { error.with_retry(Retry::Never) } else { error }
}

pub(super) fn flags_of(view: &CredentialView) -> String {
    flags(view.is_inherited, view.allow_override, view.expires_at, &view.hosts)
}
