//! The vault's part of adopting a database of the seed: its name and key, a look at every value, and
//! the way from the seed's format to Javari's own.

use std::sync::Arc;

use uuid::Uuid;

use super::LocalVault;
use crate::{
    audit::Audit,
    error::Result,
    secret::{RootKey, Secret},
    storage::{Database, Transaction},
    types::{Clock, CredentialId, ScopeKey},
    vault::{
        RotationHandlers,
        credential::{CredentialType, PutCredential},
        keys::Keyring,
        resealing::Reseal,
        seal::unseal_suite1,
        store,
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
                match unseal_suite1(self.keys.seed_key().expose(), &record.sealed) {
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

    /// Seals every value of the seed's format anew in Javari's own, batch by batch: whoever is stopped
    /// goes on where it stood. Tells how many credentials were sealed and how many are left, which the
    /// root key does not open. When none is left the vault reads the seed's format no longer.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn reseal_adopted(&self) -> Result<(u64, u64)> {
        let before = store::count_suite1(&self.database).await?;
        let mut request = Reseal { seconds: 600, ..Reseal::default() };
        while self.reseal(&request).await?.more {}
        let left = store::count_suite1(&self.database).await?;
        if left == 0 && self.keys.minimum_suite() < 2 {
            request.raise_minimum = true;
            self.reseal(&request).await?;
        }
        Ok((before.saturating_sub(left), left))
    }
}
