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
    kept::{self, KeptKeys},
    seal::{Binding, DataKey, Sealed, seal, unseal},
    store::{self, KeyRow, Registry},
};
use crate::{
    error::{Error, ErrorKind, Result, Retry},
    secret::{RootKey, RootKeys, Secret},
    storage::{Database, Transaction, hold_root_key},
    types::{Clock, ScopeKey},
};

/// The keys of one vault. Data keys are opened once and kept in memory, wiped on drop.
pub(super) struct Keyring {
    identity: RwLock<Identity>,
    roots: RootKeys,
    /// The root key of before that the seed's rows are sealed with, where they outlive it.
    seed: RwLock<Option<RootKey>>,
    opened: Mutex<HashMap<Uuid, DataKey>>,
}

/// Which vault it is; another one after a backup was restored into its database.
#[derive(Clone, Copy)]
pub(super) struct Identity {
    pub(super) vault_id: Uuid,
    pub(super) minimum_suite: u32,
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
        roots: RootKeys,
        kept: &KeptKeys,
    ) -> Result<Self> {
        let root = roots.current();
        let registry = match store::registry(database).await? {
            Some(registry) => registry,
            None => {
                let minimum = if store::holds_suite1(database).await? { 1 } else { 2 };
                let made = named(clock.new_id(), minimum, &root)?;
                store::make_registry(database, &made, clock.now()).await?
            }
        };
        Ok(Self {
            identity: RwLock::new(identity_of(&registry, &root)?),
            roots,
            seed: RwLock::new(kept.seed_key()),
            opened: Mutex::default(),
        })
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
        Ok(Self {
            identity: RwLock::new(identity_of(&registry, &root)?),
            roots: RootKeys::new(root)?,
            seed: RwLock::default(),
            opened: Mutex::default(),
        })
    }

    /// Takes on what the vault in `database` is now: after a backup was restored its name and its
    /// data keys are others, too.
    ///
    /// # Errors
    /// As [`open`](Self::open); the name stays then.
    pub(super) async fn reload(&self, database: &Database) -> Result<()> {
        let registry = store::registry(database).await?.ok_or_else(renamed)?;
        let identity = identity_of(&registry, &self.roots.of(&registry.root_key_id)?)?;
        let kept = KeptKeys::read(database, identity.vault_id, &self.roots).await?;
        self.opened().clear();
        self.take_seed(kept.seed_key());
        self.take_identity(identity);
        Ok(())
    }

    pub(super) fn take_identity(&self, identity: Identity) {
        *self.identity.write().unwrap_or_else(PoisonError::into_inner) = identity;
    }

    pub(super) fn take_seed(&self, seed: Option<RootKey>) {
        *self.seed.write().unwrap_or_else(PoisonError::into_inner) = seed;
    }

    pub(super) fn forget_key(&self, id: Uuid) {
        self.opened().remove(&id);
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

    pub(super) fn identity(&self) -> Identity {
        *self.identity.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The root keys that this process knows.
    pub(super) fn roots(&self) -> &RootKeys {
        &self.roots
    }

    /// The root key of which the bytes sealed the seed's rows directly.
    pub(super) fn seed_key(&self) -> RootKey {
        let seed = self.seed.read().unwrap_or_else(PoisonError::into_inner).clone();
        seed.unwrap_or_else(|| self.roots.current())
    }

    /// The scope's newest data key, made in this transaction when it has none.
    pub(super) async fn current(
        &self,
        transaction: &mut Transaction,
        clock: &dyn Clock,
        scope: &ScopeKey,
    ) -> Result<(Uuid, DataKey)> {
        if let Some(row) = store::current_key(transaction, scope).await? {
            match self.open_key(&row) {
                // The root key was rotated between the reading and now.
                Err(error) if error.kind() == ErrorKind::WrongKey => {}
                opened => return Ok((row.id, opened?)),
            }
            let row = store::current_key(transaction, scope).await?.ok_or_else(renamed)?;
            return Ok((row.id, self.open_key(&row)?));
        }
        self.make(transaction, clock, scope, 1).await
    }

    /// Makes a data key of that version in this transaction.
    pub(super) async fn make(
        &self,
        transaction: &mut Transaction,
        clock: &dyn Clock,
        scope: &ScopeKey,
        version: u32,
    ) -> Result<(Uuid, DataKey)> {
        // Whoever rotates the root key waits until this key is there to be sealed anew.
        hold_root_key(transaction).await?;
        // Another process may have restored a backup: a key bound to the name before would open
        // nothing.
        let registry = store::registry_within(transaction).await?;
        let registry = registry.filter(|it| it.vault_id == self.vault_id()).ok_or_else(renamed)?;
        let root = self.roots.of(&registry.root_key_id)?;
        let mut key: DataKey = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut()).map_err(|fault| {
            Error::new(ErrorKind::Unexpected, "vault.key", "the system gave no random bytes")
                .with("fault", fault)
        })?;
        let mut row = KeyRow {
            id: clock.new_id(),
            scope: *scope,
            version,
            root_key_id: registry.root_key_id,
            sealed: Sealed::empty(),
        };
        row.sealed = self.wrap(&row, &key, &Wrapping::of(&root)?)?;
        store::insert_key(transaction, &row, clock.now()).await?;
        Ok((row.id, key))
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
        let row = store::key_by_id(database, scope, id).await?.ok_or_else(|| shredded(id))?;
        let key = match self.open_key(&row) {
            // The root key was rotated between the reading and now.
            Err(error) if error.kind() == ErrorKind::WrongKey => {
                let row = store::key_by_id(database, scope, id).await?;
                self.open_key(&row.ok_or_else(|| shredded(id))?)?
            }
            opened => opened?,
        };
        self.opened().insert(id, key.clone());
        Ok(key)
    }

    /// Opens a data key with the root key that its row names.
    pub(super) fn open_key(&self, row: &KeyRow) -> Result<DataKey> {
        self.unwrap(row, &Wrapping::of(&self.roots.of(&row.root_key_id)?)?)
    }

    /// Opens a data key.
    pub(super) fn unwrap(&self, row: &KeyRow, under: &Wrapping) -> Result<DataKey> {
        let opened = unseal(&under.key, &self.binding(row, under), &row.sealed)?;
        kept::key_of(&opened)
    }

    /// Seals a data key.
    pub(super) fn wrap(&self, row: &KeyRow, key: &DataKey, under: &Wrapping) -> Result<Sealed> {
        seal(&under.key, &self.binding(row, under), key.as_ref())
    }

    fn binding(&self, row: &KeyRow, under: &Wrapping) -> Binding {
        let KeyRow { id, scope, version, .. } = row;
        Binding::new(vec![
            "table=javari_data_keys".to_owned(),
            format!("vault={}", self.vault_id()),
            format!("key={id}"),
            format!("version={version}"),
            format!("user={}", scope.user.map(|id| id.to_string()).unwrap_or_default()),
            format!("scope_kind={}", scope.level().name()),
            format!("scope={}", scope_id(scope)),
            format!("root={}", under.root_key_id),
        ])
    }

    fn opened(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, DataKey>> {
        // A panic while the map was held cannot leave it half changed.
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a root key seals other keys with.
pub(super) struct Wrapping {
    pub(super) root_key_id: String,
    pub(super) key: DataKey,
}

impl Wrapping {
    pub(super) fn of(root: &RootKey) -> Result<Self> {
        Ok(Self { root_key_id: root.id()?, key: root.derive(b"javari/kek/v2")? })
    }
}

/// Refuses a root key that is not the one the vault in `database` was made with.
pub(super) async fn check(database: &Database, root: &RootKey) -> Result<()> {
    match store::registry_if_made(database).await? {
        Some(registry) => require_key(&registry, &root.id()?),
        None => Ok(()),
    }
}

/// The registry row of a vault, as this root key writes it.
fn named(vault_id: Uuid, minimum_suite: u32, root: &RootKey) -> Result<Registry> {
    let mut made = Registry {
        vault_id,
        root_key_id: root.id()?,
        minimum_suite,
        authentication: String::new(),
        next_root_key_id: None,
    };
    made.authentication = authenticate(root, &made)?;
    Ok(made)
}

/// The vault that a registry row names, when the row is the one that this root key wrote.
pub(super) fn identity_of(registry: &Registry, root: &RootKey) -> Result<Identity> {
    require_key(registry, &root.id()?)?;
    let expected = authenticate(root, registry)?;
    if !bool::from(expected.as_bytes().ct_eq(registry.authentication.as_bytes())) {
        return Err(Error::new(
            ErrorKind::CannotUnseal,
            "vault.open",
            "the vault's registry was altered; restore it from a backup",
        ));
    }
    Ok(Identity { vault_id: registry.vault_id, minimum_suite: registry.minimum_suite })
}

fn shredded(id: Uuid) -> Error {
    let message = "the data key of this value was shredded";
    // What was read may have been sealed with another one just now.
    Error::new(ErrorKind::CannotUnseal, "vault.key", message).with("key", id).with_retry(Retry::Now)
}

pub(super) fn renamed() -> Error {
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
    let message = match registry.next_root_key_id.as_deref() == Some(given) {
        true => {
            "a rotation to this root key has not ended: open with the key before it and call \
             `vault.rotate_root_key` with this one again; nothing was read or written"
        }
        false => "this database was sealed with another root key; nothing was read or written",
    };
    Err(Error::new(ErrorKind::WrongKey, "vault.open", message)
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

pub(super) fn authenticate(root: &RootKey, registry: &Registry) -> Result<String> {
    let mut mac = hmac(&root.derive(b"javari/registry")?)?;
    let row = format!("{}|{}|{}", registry.vault_id, registry.root_key_id, registry.minimum_suite);
    mac.update(row.as_bytes());
    Ok(hex::encode(mac.finalize().into_bytes()))
}

fn hmac(key: &DataKey) -> Result<Hmac<Sha256>> {
    Hmac::new_from_slice(key.as_ref())
        .map_err(|_| Error::new(ErrorKind::Unexpected, "vault.derive", "a key has a wrong length"))
}
