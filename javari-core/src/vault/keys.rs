//! The key hierarchy: root key, key-encryption key, one data key for each scope.
//!
//! ```text
//! root key ── HKDF "javari/kek/v2"  ── seals the data keys (suite 2)
//!          ├─ HKDF "javari/registry" ── authenticates the registry row
//!          └─ HKDF "javari/root-id"  ── names the root key without telling it
//! data key (random, one a user, project or subproject) ── seals credentials (suite 2)
//! ```

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError, RwLock},
};

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    seal::{Binding, DataKey, seal, unseal},
    store::{self, KeyRow, Registry},
};
use crate::{
    error::{Error, ErrorKind, Result, Retry},
    secret::{RootKey, Secret},
    storage::{Database, Transaction},
    types::{Clock, ScopeKey},
};

/// The keys of one vault. Data keys are opened once and kept in memory, wiped on drop.
pub(super) struct Keyring {
    identity: RwLock<Identity>,
    root: RootKey,
    root_id: String,
    key_encryption: DataKey,
    opened: Mutex<HashMap<Uuid, DataKey>>,
}

/// Which vault it is; another one after a backup was restored into its database.
#[derive(Clone, Copy)]
struct Identity {
    vault_id: Uuid,
    minimum_suite: u32,
}

impl Keyring {
    /// The keyring of the vault in `database`; makes the vault's registry row at the first opening.
    /// A vault that holds values of the seed then goes on to read that format; a new one never does.
    ///
    /// # Errors
    /// `WRONG_KEY` before anything is written when the vault was sealed with another root key.
    pub(super) async fn open(
        database: &Database,
        clock: &dyn Clock,
        root: RootKey,
    ) -> Result<Self> {
        let registry = match store::registry(database).await? {
            Some(registry) => registry,
            None => {
                let minimum = if store::holds_suite1(database).await? { 1 } else { 2 };
                let made = named(clock.new_id(), minimum, &root)?;
                store::make_registry(database, &made, clock.now()).await?
            }
        };
        Self::of(&registry, root)
    }

    /// The keyring of a vault that is made in a transaction which somebody else ends, and reads the
    /// seed's format.
    pub(super) async fn make_within(
        transaction: &mut Transaction,
        clock: &dyn Clock,
        root: RootKey,
    ) -> Result<Self> {
        let made = named(clock.new_id(), 1, &root)?;
        let registry = store::make_registry_within(transaction, &made, clock.now()).await?;
        Self::of(&registry, root)
    }

    fn of(registry: &Registry, root: RootKey) -> Result<Self> {
        Ok(Self {
            identity: RwLock::new(identity_of(registry, &root)?),
            key_encryption: root.derive(b"javari/kek/v2")?,
            root_id: root.id()?,
            root,
            opened: Mutex::default(),
        })
    }

    /// Reads the seed's format no longer, from when the transaction ends. Others who have the vault
    /// open go on reading it until they open it again.
    pub(super) async fn end_suite1(&self, transaction: &mut Transaction) -> Result<()> {
        let registry = named(self.vault_id(), 2, &self.root)?;
        store::raise_suite(transaction, &registry).await
    }

    /// Takes on the name that the vault in `database` has now. Its data keys are others, too.
    ///
    /// # Errors
    /// As [`open`](Self::open); the name stays then.
    pub(super) async fn reload(&self, database: &Database) -> Result<()> {
        let registry = store::registry(database).await?.ok_or_else(renamed)?;
        let identity = identity_of(&registry, &self.root)?;
        self.opened().clear();
        *self.identity.write().unwrap_or_else(PoisonError::into_inner) = identity;
        Ok(())
    }

    pub(super) fn forget(&self) {
        self.opened().clear();
    }

    pub(super) fn vault_id(&self) -> Uuid {
        self.identity().vault_id
    }

    /// Values in an older format than this were put there by somebody else.
    pub(super) fn minimum_suite(&self) -> u32 {
        self.identity().minimum_suite
    }

    fn identity(&self) -> Identity {
        *self.identity.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The root key's bytes, which sealed the seed's rows directly.
    pub(super) fn suite1_key(&self) -> &[u8; 32] {
        // Exposed to the strict reader of the seed's format alone.
        self.root.expose()
    }

    /// The root key, for a copy of it that is sealed under a passphrase.
    pub(super) fn root(&self) -> &RootKey {
        &self.root
    }

    /// The scope's newest data key, made in this transaction when it has none.
    pub(super) async fn current(
        &self,
        transaction: &mut Transaction,
        clock: &dyn Clock,
        scope: &ScopeKey,
    ) -> Result<(Uuid, DataKey)> {
        if let Some(row) = store::current_key(transaction, scope).await? {
            return Ok((row.id, self.open_key(&row)?));
        }
        // Another process may have restored a backup: a key bound to the name before would open
        // nothing.
        if store::vault_id(transaction).await? != Some(self.vault_id()) {
            return Err(renamed());
        }
        let mut key: DataKey = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut()).map_err(|fault| {
            Error::new(ErrorKind::Unexpected, "vault.key", "the system gave no random bytes")
                .with("fault", fault)
        })?;
        let id = clock.new_id();
        let sealed = seal(&self.key_encryption, &self.binding(id, scope, 1), key.as_ref())?;
        let row = KeyRow { id, scope: *scope, version: 1, sealed };
        store::insert_key(transaction, &row, &self.root_id, clock.now()).await?;
        Ok((id, key))
    }

    /// The data key of that id, opened from its row at the first use.
    pub(super) async fn by_id(
        &self,
        database: &Database,
        scope: &ScopeKey,
        id: Uuid,
    ) -> Result<DataKey> {
        if let Some(key) = self.opened().get(&id) {
            return Ok(key.clone());
        }
        let row = store::key_by_id(database, scope, id).await?.ok_or_else(|| {
            Error::new(
                ErrorKind::CannotUnseal,
                "vault.key",
                "the data key of this value was shredded",
            )
            .with("key", id)
        })?;
        let key = self.open_key(&row)?;
        self.opened().insert(id, key.clone());
        Ok(key)
    }

    fn open_key(&self, row: &KeyRow) -> Result<DataKey> {
        let binding = self.binding(row.id, &row.scope, row.version);
        let opened = unseal(&self.key_encryption, &binding, &row.sealed)?;
        let bytes: [u8; 32] = opened.as_slice().try_into().map_err(|_| {
            Error::new(ErrorKind::CannotUnseal, "vault.key", "the data key has a wrong length")
        })?;
        Ok(Zeroizing::new(bytes))
    }

    fn binding(&self, id: Uuid, scope: &ScopeKey, version: u32) -> Binding {
        Binding::new(vec![
            "table=javari_data_keys".to_owned(),
            format!("vault={}", self.vault_id()),
            format!("key={id}"),
            format!("version={version}"),
            format!("user={}", scope.user.map(|id| id.to_string()).unwrap_or_default()),
            format!("scope_kind={}", scope.level().name()),
            format!("scope={}", scope_id(scope)),
            format!("root={}", self.root_id),
        ])
    }

    fn opened(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, DataKey>> {
        // A panic while the map was held cannot leave it half changed.
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses a root key that is not the one the vault in `database` was made with.
pub(super) async fn check(database: &Database, root: &RootKey) -> Result<()> {
    match store::registry_if_made(database).await? {
        Some(registry) => require_key(&registry, &root.id()?),
        None => Ok(()),
    }
}

const REGISTRY: &[u8] = b"javari/registry";

/// The registry row of a vault, as this root key writes it.
fn named(vault_id: Uuid, minimum_suite: u32, root: &RootKey) -> Result<Registry> {
    let mut made = Registry {
        vault_id,
        root_key_id: root.id()?,
        minimum_suite,
        authentication: String::new(),
    };
    made.authentication = authenticate(&root.derive(REGISTRY)?, &made)?;
    Ok(made)
}

/// The vault that a registry row names, when the row is the one that this root key wrote.
fn identity_of(registry: &Registry, root: &RootKey) -> Result<Identity> {
    require_key(registry, &root.id()?)?;
    let expected = authenticate(&root.derive(REGISTRY)?, registry)?;
    if !bool::from(expected.as_bytes().ct_eq(registry.authentication.as_bytes())) {
        return Err(Error::new(
            ErrorKind::CannotUnseal,
            "vault.open",
            "the vault's registry was altered; restore it from a backup",
        ));
    }
    Ok(Identity { vault_id: registry.vault_id, minimum_suite: registry.minimum_suite })
}

fn renamed() -> Error {
    Error::new(
        ErrorKind::Conflict,
        "vault.open",
        "a backup was restored into this database since it was opened: close it and open it again",
    )
    .with_retry(Retry::Never)
}

fn require_key(registry: &Registry, given: &str) -> Result<()> {
    if registry.root_key_id == given {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::WrongKey,
        "vault.open",
        "this database was sealed with another root key; nothing was read or written",
    )
    .with("needs_key", &registry.root_key_id)
    .with("given_key", given))
}

/// The id of the scope's innermost level.
pub(super) fn scope_id(scope: &ScopeKey) -> String {
    match (scope.user, scope.project, scope.subproject) {
        (_, _, Some(id)) => id.to_string(),
        (_, Some(id), None) => id.to_string(),
        (Some(id), None, None) => id.to_string(),
        (None, None, None) => String::new(),
    }
}

/// A keyed fingerprint of a value: equal for equal values of one data key, and useless to one who
/// does not hold it.
pub(super) fn fingerprint(key: &DataKey, value: &Secret) -> Result<String> {
    let mut mac = hmac(&expand(key, b"javari/fingerprint")?)?;
    // Exposed to be hashed; it goes no further.
    mac.update(value.expose().as_bytes());
    Ok(hex::encode(mac.finalize().into_bytes()))
}

/// What shows that a snapshot is as this vault wrote it.
pub(super) fn authenticate_snapshot(key: &DataKey, text: &str) -> Result<String> {
    let mut mac = hmac(&expand(key, b"javari/snapshot")?)?;
    mac.update(text.as_bytes());
    Ok(hex::encode(mac.finalize().into_bytes()))
}

/// A key from another one (RFC 5869).
fn expand(key: &[u8; 32], label: &[u8]) -> Result<DataKey> {
    let mut expanded = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, key)
        .expand(label, expanded.as_mut())
        .map_err(|_| Error::new(ErrorKind::Unexpected, "vault.derive", "a key was not derived"))?;
    Ok(expanded)
}

fn authenticate(key: &DataKey, registry: &Registry) -> Result<String> {
    let mut mac = hmac(key)?;
    let row = format!("{}|{}|{}", registry.vault_id, registry.root_key_id, registry.minimum_suite);
    mac.update(row.as_bytes());
    Ok(hex::encode(mac.finalize().into_bytes()))
}

fn hmac(key: &DataKey) -> Result<Hmac<Sha256>> {
    Hmac::new_from_slice(key.as_ref())
        .map_err(|_| Error::new(ErrorKind::Unexpected, "vault.derive", "a key has a wrong length"))
}
