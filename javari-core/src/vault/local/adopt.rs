//! The vault's part of adopting a database of the seed: its name and key, a look at every value, and
//! the way from the seed's format to Javari's own.

use std::sync::Arc;

use uuid::Uuid;

use super::{LocalVault, flags_of};
use crate::{
    audit::{Audit, Entry},
    error::Result,
    secret::{RootKey, Secret},
    storage::{Database, Transaction},
    types::{Clock, CredentialId, ScopeKey},
    vault::{
        RotationHandlers,
        credential::{CredentialType, PutCredential},
        keys::{self, Keyring},
        seal::{seal, unseal_suite1},
        store::{self, CredentialRecord, Resealed},
    },
};

/// So many credentials are read at a time.
const BATCH: u32 = 500;
/// So many ids are told at most.
const MOST: usize = 1_000;
const FIRST: CredentialId = CredentialId(Uuid::nil());

/// What the root key opens of the seed's values.
#[derive(Debug, Default)]
pub(crate) struct SeedValues {
    pub(crate) opened: u64,
    pub(crate) unopened: u64,
    /// Some of those that it does not open.
    pub(crate) unopened_ids: Vec<CredentialId>,
}

impl LocalVault {
    /// A vault that is made in the transaction which adopts a database.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn adopt(
        transaction: &mut Transaction,
        database: &Database,
        clock: Arc<dyn Clock>,
        audit: Audit,
        root: RootKey,
    ) -> Result<Self> {
        let keys = Keyring::make_within(transaction, clock.as_ref(), root).await?;
        Ok(Self {
            database: database.clone(),
            clock,
            audit,
            keys: Arc::new(keys),
            uses: Arc::default(),
            probes: None,
            handlers: RotationHandlers::default(),
        })
    }

    /// Tries the root key on every value in the seed's format.
    ///
    /// # Errors
    /// Those of the database; a value that does not open is an answer.
    pub(crate) async fn try_seed_values(
        &self,
        transaction: &mut Transaction,
    ) -> Result<SeedValues> {
        let (mut tried, mut after) = (SeedValues::default(), FIRST);
        loop {
            let records = store::in_suite1(transaction, after, BATCH).await?;
            for record in &records {
                after = record.view.id;
                match unseal_suite1(self.keys.suite1_key(), &record.sealed) {
                    Ok(_) => tried.opened += 1,
                    Err(_) => {
                        tried.unopened += 1;
                        if tried.unopened_ids.len() < MOST {
                            tried.unopened_ids.push(after);
                        }
                    }
                }
            }
            if records.len() < BATCH as usize {
                return Ok(tried);
            }
        }
    }

    /// Stores a secret that the seed kept in clear, under a name that is free at this level; tells
    /// the name.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn take_in_secret(
        &self,
        transaction: &mut Transaction,
        operation: &'static str,
        scope: &ScopeKey,
        (wanted, credential_type): (&str, CredentialType),
        value: Secret,
    ) -> Result<String> {
        let mut name = wanted.to_owned();
        for number in 2_u32.. {
            let there = store::on_path_within(transaction, scope, &name).await?;
            if there.iter().all(|record| record.view.level != scope.level()) {
                break;
            }
            name = format!("{wanted}__{number}");
        }
        let mut put = PutCredential::new(name.clone(), value);
        put.credential_type = credential_type;
        put.check()?;
        self.store_value(transaction, operation, scope, &put, None).await?;
        Ok(name)
    }

    /// Seals every value of the seed's format anew in Javari's own, one transaction a credential with
    /// its audit entry: whoever is stopped goes on where it stood. Tells how many were sealed and how
    /// many are left, which the root key does not open. When none is left the vault reads the seed's
    /// format no longer.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn reseal(&self) -> Result<(u64, u64)> {
        let (mut resealed, mut left, mut after) = (0, 0, FIRST);
        loop {
            let mut reading = self.database.begin(&ScopeKey::HOST).await?;
            let records = store::in_suite1(&mut reading, after, BATCH).await?;
            drop(reading);
            for record in &records {
                after = record.view.id;
                match unseal_suite1(self.keys.suite1_key(), &record.sealed) {
                    Ok(value) => resealed += u64::from(self.reseal_one(record, &value).await?),
                    Err(_) => left += 1,
                }
            }
            if records.len() < BATCH as usize {
                break;
            }
        }
        let mut transaction = self.database.begin(&ScopeKey::HOST).await?;
        if self.keys.minimum_suite() < 2 && !store::any_in_suite1(&mut transaction).await? {
            self.keys.end_suite1(&mut transaction).await?;
            let entry = Entry::new("vault.reseal", "no value is left in the seed's format");
            self.audit.append(&mut transaction, &ScopeKey::HOST, entry).await?;
            transaction.commit().await?;
            self.keys.reload(&self.database).await?;
        }
        Ok((resealed, left))
    }

    async fn reseal_one(&self, record: &CredentialRecord, value: &Secret) -> Result<bool> {
        let CredentialRecord { view, scope, .. } = record;
        let mut transaction = self.database.begin(scope).await?;
        let (key_id, key) = self.keys.current(&mut transaction, self.clock.as_ref(), scope).await?;
        let flags = flags_of(view);
        let binding = self.binding(scope, view, &flags, key_id);
        // Exposed to seal it.
        let sealed = seal(&key, &binding, value.expose().as_bytes())?;
        let made = Resealed {
            credential: view.id,
            version: view.version,
            key_id,
            sealed: &sealed,
            flags: &flags,
            fingerprint: &keys::fingerprint(&key, value)?,
        };
        if !store::put_resealed(&mut transaction, &made).await? {
            return Ok(false);
        }
        let entry = Entry::new("vault.reseal", format!("sealed credential {} anew", view.name))
            .with("credential", view.id.to_string())
            .with("version", view.version);
        self.audit.append(&mut transaction, scope, entry).await?;
        transaction.commit().await?;
        Ok(true)
    }
}
