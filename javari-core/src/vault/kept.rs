//! The keys that outlive the root key they derived from: kept sealed with the present one.
//!
//! Entries of the audit trail are append-only and an API key is known by its digest alone, so neither
//! can be hashed anew with another key; and rows of the seed are sealed with the root key itself. Their
//! keys are kept from the first rotation on. They prove nothing by themselves any more: the end of
//! each chain and each API key's digest are sealed with the present root key as well.

use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    keys::{Wrapping, identity_of},
    seal::{Binding, DataKey, seal, unseal},
    store::{self, KeptRow},
};
use crate::{
    audit,
    error::{Error, ErrorKind, Result},
    secret::{RootKey, RootKeys},
    storage::{Database, Transaction},
    types::Timestamp,
};

/// The keys that were kept in a database. None of them before its root key was first rotated.
#[derive(Clone, Default)]
pub struct KeptKeys {
    /// The key of the entries of the audit trail.
    pub audit: Option<Zeroizing<[u8; 32]>>,
    /// The key of the digests of API keys.
    pub api_keys: Option<Zeroizing<[u8; 32]>>,
    /// The root key that rows of the seed are sealed with.
    pub(super) seed: Option<Zeroizing<[u8; 32]>>,
}

/// What the key of API keys' digests derives from the root key by.
pub(crate) const API_KEYS: &[u8] = b"javari/api-keys/v1";

impl KeptKeys {
    /// The kept keys of the vault in `database`, which is migrated.
    ///
    /// # Errors
    /// `WRONG_KEY` when `roots` are others, `CANNOT_UNSEAL` when a row was altered.
    pub async fn of(database: &Database, roots: &RootKeys) -> Result<Self> {
        let Some(registry) = store::registry(database).await? else { return Ok(Self::default()) };
        let identity = identity_of(&registry, &roots.of(&registry.root_key_id)?)?;
        Self::read(database, identity.vault_id, roots).await
    }

    pub(super) async fn read(
        database: &Database,
        vault_id: Uuid,
        roots: &RootKeys,
    ) -> Result<Self> {
        Self::open(vault_id, store::kept_keys(database).await?, roots)
    }

    /// Those that the transaction sees.
    pub(super) async fn within(
        transaction: &mut Transaction,
        vault_id: Uuid,
        roots: &RootKeys,
    ) -> Result<Self> {
        Self::open(vault_id, store::kept_keys_within(transaction).await?, roots)
    }

    /// The root key that rows of the seed are sealed with, where they outlive it.
    pub(super) fn seed_key(&self) -> Option<RootKey> {
        self.seed.as_ref().map(|key| RootKey::from_bytes(**key))
    }

    /// Those that are kept when `root`, with which these were sealed, is not used any more.
    pub(super) fn outliving(mut self, root: &RootKey, holds_seed: bool) -> Result<Self> {
        if self.audit.is_none() {
            self.audit = Some(root.derive(audit::KEY_LABEL)?);
        }
        if self.api_keys.is_none() {
            self.api_keys = Some(root.derive(API_KEYS)?);
        }
        if self.seed.is_none() && holds_seed {
            // Exposed to be sealed.
            self.seed = Some(Zeroizing::new(*root.expose()));
        }
        Ok(self)
    }

    /// Seals them in the place of what is there.
    pub(super) async fn write(
        &self,
        transaction: &mut Transaction,
        vault_id: Uuid,
        root: &RootKey,
        now: Timestamp,
    ) -> Result<()> {
        let under = Wrapping::of(root)?;
        for (purpose, key) in
            [("audit", &self.audit), ("api_keys", &self.api_keys), ("seed", &self.seed)]
        {
            let Some(key) = key else { continue };
            let sealed = seal(&under.key, &binding(vault_id, purpose, &under), key.as_ref())?;
            let root_key_id = under.root_key_id.clone();
            let row = KeptRow { purpose: purpose.to_owned(), root_key_id, sealed };
            store::keep_key(transaction, &row, now).await?;
        }
        Ok(())
    }

    fn open(vault_id: Uuid, rows: Vec<KeptRow>, roots: &RootKeys) -> Result<Self> {
        let mut kept = Self::default();
        for row in rows {
            let under = Wrapping::of(&roots.of(&row.root_key_id)?)?;
            let binding = binding(vault_id, &row.purpose, &under);
            let key = Some(key_of(&unseal(&under.key, &binding, &row.sealed)?)?);
            match row.purpose.as_str() {
                "audit" => kept.audit = key,
                "api_keys" => kept.api_keys = key,
                _ => kept.seed = key,
            }
        }
        Ok(kept)
    }
}

fn binding(vault_id: Uuid, purpose: &str, under: &Wrapping) -> Binding {
    Binding::new(vec![
        "table=javari_kept_keys".to_owned(),
        format!("vault={vault_id}"),
        format!("purpose={purpose}"),
        format!("root={}", under.root_key_id),
    ])
}

/// The bytes of a key that was sealed.
pub(super) fn key_of(opened: &[u8]) -> Result<DataKey> {
    let bytes: [u8; 32] = opened.try_into().map_err(|_| {
        Error::new(ErrorKind::CannotUnseal, "vault.key", "the key has a wrong length")
    })?;
    Ok(Zeroizing::new(bytes))
}
