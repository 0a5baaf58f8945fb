//! Sealing anew what is there already, batch by batch, while others read and write.
//!
//! A batch is read and opened, then written in one transaction that leaves alone what was changed
//! meanwhile. A call that is cut off leaves whole batches; the next one finds what is left.

use std::{
    collections::{BTreeSet, HashMap, hash_map},
    time::Duration,
};

use uuid::Uuid;

use super::{LocalVault, open::Held, open::Named};
use crate::{
    audit::Entry,
    error::{Error, ErrorKind, Result, Retry},
    storage::take_root_key_id,
    types::{CredentialId, ScopeKey, Timestamp},
    vault::{
        keys::{self, Identity, authenticate, identity_of, renamed},
        resealing::{Reseal, ResealReport},
        seal::{DataKey, seal},
        store::{self, Place, ResealWrite, SealedRow, Wanted},
    },
};

/// So many values are sealed in one transaction.
const BATCH: u32 = 500;
/// A list of rows is gone through once more where some of them were changed meanwhile.
const ROUNDS: u32 = 3;

/// What came of a pass.
#[derive(Default)]
pub(super) struct Pass {
    pub(super) resealed: u64,
    pub(super) damaged: u64,
    /// Whether the time was up before the end.
    pub(super) more: bool,
}

impl LocalVault {
    /// Seals every value that is in the seed's format in the present one. That two rows of the seed were
    /// swapped before cannot be told.
    ///
    /// # Errors
    /// `CONFLICT` when the seed's format is to be refused and something is left in it.
    pub(crate) async fn reseal(&self, request: &Reseal) -> Result<ResealReport> {
        const OPERATION: &str = "vault.reseal";
        let end = self.end_of(request.seconds);
        let pass = match self.keys.minimum_suite() {
            1 => self.reseal_all(Wanted::Seeds, end).await?,
            // What is there in the seed's format was put there by somebody else.
            _ => Pass::default(),
        };
        if pass.resealed > 0 || pass.damaged > 0 {
            let entry = Entry::new(OPERATION, "sealed values of the seed in the present format")
                .with("resealed", pass.resealed)
                .with("damaged", pass.damaged);
            self.audit.record(&ScopeKey::HOST, entry).await?;
        }
        if request.raise_minimum && !pass.more && self.keys.minimum_suite() == 1 {
            self.raise_minimum(OPERATION).await?;
        }
        let Pass { resealed, damaged, more } = pass;
        Ok(ResealReport { resealed, damaged, more, minimum_suite: self.keys.minimum_suite() })
    }

    /// When a call of so many seconds has to end.
    pub(super) fn end_of(&self, seconds: u32) -> Timestamp {
        self.clock.now().plus(Duration::from_secs(u64::from(seconds.clamp(1, 600))))
    }

    /// Seals everything of that kind anew, under the newest data key of its scope.
    pub(super) async fn reseal_all(&self, wanted: Wanted, end: Timestamp) -> Result<Pass> {
        let mut all = Pass::default();
        for place in [Place::Credential, Place::Version] {
            for _ in 0..ROUNDS {
                let (pass, changed) = self.reseal_place(wanted, place, end).await?;
                all.resealed += pass.resealed;
                if pass.more {
                    all.more = true;
                    return Ok(all);
                }
                if !changed {
                    all.damaged += pass.damaged;
                    break;
                }
            }
        }
        Ok(all)
    }

    /// One way through a table, and whether rows were changed under it.
    async fn reseal_place(
        &self,
        wanted: Wanted,
        place: Place,
        end: Timestamp,
    ) -> Result<(Pass, bool)> {
        let (mut pass, mut changed) = (Pass::default(), false);
        let mut after = (CredentialId(Uuid::nil()), 0);
        loop {
            let rows = store::sealed_rows(&self.database, wanted, place, after, BATCH).await?;
            let Some(last) = rows.last() else { return Ok((pass, changed)) };
            after = (last.id, last.version);
            let mut opened = Vec::with_capacity(rows.len());
            for row in &rows {
                match self.open_row(row).await {
                    Ok(value) => opened.push((row, value)),
                    // Its data key was shredded: it was sealed anew by somebody else.
                    Err(error) if error.retry() == Retry::Now => changed = true,
                    Err(error) if error.kind() == ErrorKind::CannotUnseal => {
                        tracing::warn!(
                            target: "javari",
                            credential = %row.id, version = row.version, %error,
                            "a value that does not open was not sealed anew"
                        );
                        pass.damaged += 1;
                    }
                    Err(error) => return Err(error),
                }
            }
            let scope = match wanted {
                Wanted::Seeds => ScopeKey::HOST,
                Wanted::Under(scope, _) => scope,
            };
            let mut transaction = self.database.begin(&scope).await?;
            // In one order, as every transaction takes the chains before the rows.
            let users: BTreeSet<_> = opened.iter().filter_map(|(row, _)| row.scope.user).collect();
            for user in users {
                self.audit.hold(&mut transaction, &ScopeKey::user(user)).await?;
            }
            let mut current: HashMap<ScopeKey, (Uuid, DataKey)> = HashMap::new();
            for (row, value) in &opened {
                let (key_id, key) = match current.entry(row.scope) {
                    hash_map::Entry::Occupied(there) => there.into_mut(),
                    hash_map::Entry::Vacant(place) => {
                        let clock = self.clock.as_ref();
                        place.insert(self.keys.current(&mut transaction, clock, &row.scope).await?)
                    }
                };
                let binding = self.bind(&row.scope, &named(row), &row.flags, *key_id);
                // Exposed to seal it anew.
                let sealed = &seal(key, &binding, value.expose().as_bytes())?;
                let fingerprint = &keys::fingerprint(key, value)?;
                let new = ResealWrite { key_id: *key_id, sealed, fingerprint };
                match store::write_resealed(&mut transaction, row, &new).await? {
                    0 => changed = true,
                    _ => pass.resealed += 1,
                }
            }
            transaction.commit().await?;
            if self.clock.now() >= end {
                pass.more = true;
                return Ok((pass, changed));
            }
        }
    }

    async fn open_row(&self, row: &SealedRow) -> Result<crate::secret::Secret> {
        self.open_sealed(&Held {
            scope: &row.scope,
            named: named(row),
            flags: &row.flags,
            suite: row.suite,
            key_id: row.key_id,
            sealed: &row.sealed,
        })
        .await
    }

    /// Refuses the seed's format from now on, and forgets its key. A process that is open already does
    /// so when it opens the database again.
    async fn raise_minimum(&self, operation: &'static str) -> Result<()> {
        let mut transaction = self.database.begin(&ScopeKey::HOST).await?;
        take_root_key_id(&mut transaction).await?;
        let mut registry = store::registry_within(&mut transaction).await?.ok_or_else(renamed)?;
        let root = self.keys.roots().of(&registry.root_key_id)?;
        let identity = identity_of(&registry, &root)?;
        if store::holds_seeds(&mut transaction).await? {
            let message = "some values are in the seed's format still: delete or replace those that \
                           do not open, and call again";
            return Err(
                Error::new(ErrorKind::Conflict, operation, message).with_retry(Retry::Never)
            );
        }
        if identity.minimum_suite == 1 {
            registry.minimum_suite = 2;
            registry.authentication = authenticate(&root, &registry)?;
            let (id, proof) = (&registry.root_key_id, &registry.authentication);
            store::raise_minimum(&mut transaction, id, proof).await?;
            let entry = Entry::new(operation, "refuses the seed's format from now on");
            self.audit.append(&mut transaction, &ScopeKey::HOST, entry).await?;
            transaction.commit().await?;
        }
        self.keys.take_identity(Identity { minimum_suite: 2, ..identity });
        self.keys.take_seed(None);
        Ok(())
    }
}

fn named(row: &SealedRow) -> Named<'_> {
    let SealedRow { id, version, name, credential_type, .. } = row;
    Named { id: *id, version: *version, name, credential_type: *credential_type }
}
