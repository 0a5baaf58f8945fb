//! The rotation of the root key: in batches, while others read and write, and in force at once.
//!
//! ```text
//! 1  the registry names the next root key
//! 2  each data key is sealed for it as well, beside the seal that everybody reads, batch by batch
//! 3  one transaction: the new seals take the place of the old ones; the kept keys, the ends of the
//!    audit chains and the digests of API keys are sealed anew; the registry names the new root key
//! ```
//!
//! A process that is killed in 1 or 2 leaves a vault that its old root key opens as ever; the next
//! call goes on. Readers find the seal of the root key that counts, and its name beside it.

use uuid::Uuid;

use super::LocalVault;
use crate::{
    audit::Entry,
    error::{Error, ErrorKind, Result, Retry},
    secret::RootKey,
    storage::{Transaction, root_key_id, shut_out_older_than, take_root_key_id},
    types::ScopeKey,
    vault::{
        kept::KeptKeys,
        keys::{Wrapping, authenticate, identity_of, renamed},
        root_rotation::{RootKeyRotation, SealedWithRoot},
        store::{self, KeyRow, Registry},
    },
};

const OPERATION: &str = "vault.rotate_root_key";
/// The first schema whose library finds the keys that outlive a root key.
const KNOWS_KEPT_KEYS: u32 = 17;
/// So many data keys are sealed in one transaction.
const BATCH: u32 = 500;

/// How the last step went.
enum Ended {
    Done(Counts),
    /// So many data keys were made meanwhile that they are sealed before.
    TooManyLeft,
}

struct Counts {
    data_keys: u64,
    chains: u64,
}

impl LocalVault {
    /// Makes `new` the root key of the vault. Others go on reading and writing meanwhile; a call
    /// that was cut off is gone on with by the next one. Of two calls with different keys one wins.
    ///
    /// # Errors
    /// `CONFLICT` when another call rotates to another key; those of the database.
    pub(crate) async fn rotate_root_key(
        &self,
        new: &RootKey,
        may_give_up: bool,
        rooms: &[&dyn SealedWithRoot],
    ) -> Result<RootKeyRotation> {
        let to = new.id()?;
        let registry = store::registry(&self.database).await?.ok_or_else(renamed)?;
        let mut from = registry.root_key_id.clone();
        if from == to {
            identity_of(&registry, new)?;
            return self.follow(new, rooms).await;
        }
        let old = self.keys.roots().of(&from)?;
        identity_of(&registry, &old)?;
        // Another process may have rotated it before.
        let kept = KeptKeys::read(&self.database, registry.vault_id, self.keys.roots()).await?;
        rooms.iter().for_each(|room| room.keep(&kept));
        let mut transaction = self.database.begin_as_owner().await?;
        shut_out_older_than(&mut transaction, KNOWS_KEPT_KEYS).await?;
        transaction.commit().await?;
        self.begin_rotation(&registry, (&from, &to), may_give_up).await?;
        self.keys.roots().prepare(new.clone())?;
        let counts = loop {
            self.stage(&old, new).await?;
            match self.end_rotation(&old, new, rooms).await {
                Ok(Ended::Done(counts)) => break counts,
                Ok(Ended::TooManyLeft) => {}
                // Another process ended the same rotation.
                Err(error)
                    if error.kind() == ErrorKind::Conflict
                        && root_key_id(&self.database).await?.as_ref() == Some(&to) =>
                {
                    return self.follow(new, rooms).await;
                }
                Err(error) => return Err(error),
            }
        };
        let mut report = self.follow(new, rooms).await?;
        std::mem::swap(&mut report.previous_key_id, &mut from);
        Ok(RootKeyRotation {
            rotated: true,
            data_keys: counts.data_keys,
            audit_chains: counts.chains,
            ..report
        })
    }

    /// The root key that the database is sealed with now.
    ///
    /// # Errors
    /// `WRONG_KEY` when it was rotated to one that this process does not know.
    pub(crate) async fn root_key(&self) -> Result<RootKey> {
        match root_key_id(&self.database).await? {
            Some(id) => self.keys.roots().of(&id),
            None => Ok(self.keys.roots().current()),
        }
    }

    /// The keys that outlive the root key, as a transaction sees them that puts a vault back, and that
    /// owns the tables.
    pub(crate) async fn kept_within(&self, transaction: &mut Transaction) -> Result<KeptKeys> {
        let registry = store::registry_within(transaction).await?.ok_or_else(renamed)?;
        let kept = KeptKeys::within(transaction, registry.vault_id, self.keys.roots()).await?;
        if kept.audit.is_some() {
            shut_out_older_than(transaction, KNOWS_KEPT_KEYS).await?;
        }
        Ok(kept)
    }

    /// Uses the root key that is the database's already.
    async fn follow(
        &self,
        new: &RootKey,
        rooms: &[&dyn SealedWithRoot],
    ) -> Result<RootKeyRotation> {
        let roots = self.keys.roots();
        let previous_key_id = roots.current_id();
        roots.adopt(new.clone())?;
        let kept = KeptKeys::read(&self.database, self.keys.vault_id(), roots).await?;
        self.keys.take_seed(kept.seed_key());
        rooms.iter().for_each(|room| room.keep(&kept));
        let (key_id, since) = store::root_key_since(&self.database).await?;
        Ok(RootKeyRotation {
            key_id,
            previous_key_id,
            rotated: false,
            data_keys: 0,
            audit_chains: 0,
            since,
            key_file: None,
            previous_key_file: None,
        })
    }

    async fn begin_rotation(
        &self,
        registry: &Registry,
        (from, to): (&str, &str),
        may_give_up: bool,
    ) -> Result<()> {
        let mut transaction = self.database.begin(&ScopeKey::HOST).await?;
        self.audit.hold(&mut transaction, &ScopeKey::HOST).await?;
        if store::begin_rotation(&mut transaction, (from, to), may_give_up).await? == 0 {
            return Err(lost(
                "another rotation to another root key has not ended: call with that key, or say \
                 `give_up_unfinished`",
            )
            .with("unfinished_key", registry.next_root_key_id.as_deref().unwrap_or("?")));
        }
        // Going on with what was cut off is no second beginning.
        if registry.next_root_key_id.as_deref() != Some(to) {
            let entry = Entry::new(OPERATION, "began to change the root key")
                .with("from", from)
                .with("to", to);
            self.audit.append(&mut transaction, &ScopeKey::HOST, entry).await?;
        }
        transaction.commit().await
    }

    /// Seals every data key for the next root key, beside the seal of the present one.
    async fn stage(&self, old: &RootKey, new: &RootKey) -> Result<()> {
        let (from, to) = (Wrapping::of(old)?, Wrapping::of(new)?);
        let mut after = Uuid::nil();
        loop {
            let rows = store::unstaged(&self.database, after, &to.root_key_id, BATCH).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.id;
            let mut transaction = self.database.begin(&ScopeKey::HOST).await?;
            self.stage_rows(&mut transaction, &rows, (&from, &to)).await?;
            transaction.commit().await?;
        }
    }

    async fn stage_rows(
        &self,
        transaction: &mut Transaction,
        rows: &[KeyRow],
        (from, to): (&Wrapping, &Wrapping),
    ) -> Result<()> {
        for row in rows {
            if row.root_key_id != from.root_key_id {
                return Err(lost("another call changed the root key meanwhile"));
            }
            let key = self.keys.unwrap(row, from)?;
            let sealed = self.keys.wrap(row, &key, to)?;
            store::stage(transaction, row, &to.root_key_id, &sealed).await?;
        }
        Ok(())
    }

    /// The one transaction after which the new root key counts.
    async fn end_rotation(
        &self,
        old: &RootKey,
        new: &RootKey,
        rooms: &[&dyn SealedWithRoot],
    ) -> Result<Ended> {
        let (from, to) = (Wrapping::of(old)?, Wrapping::of(new)?);
        let now = self.clock.now();
        let mut transaction = self.database.begin(&ScopeKey::HOST).await?;
        // Held until the end: who makes a data key, an API key or an entry waits.
        let there = take_root_key_id(&mut transaction).await?;
        let mut registry = store::registry_within(&mut transaction).await?.ok_or_else(renamed)?;
        if there.as_ref() != Some(&from.root_key_id)
            || registry.next_root_key_id.as_ref() != Some(&to.root_key_id)
        {
            return Err(lost("another call changed the root key meanwhile"));
        }
        let identity = identity_of(&registry, old)?;
        let left = store::unstaged_within(&mut transaction, &to.root_key_id, BATCH + 1).await?;
        if left.len() > BATCH as usize {
            return Ok(Ended::TooManyLeft);
        }
        self.stage_rows(&mut transaction, &left, (&from, &to)).await?;
        let kept = KeptKeys::within(&mut transaction, identity.vault_id, self.keys.roots()).await?;
        let kept = kept.outliving(old, identity.minimum_suite == 1)?;
        kept.write(&mut transaction, identity.vault_id, new, now).await?;
        let data_keys = store::take_over(&mut transaction, &to.root_key_id).await?;
        registry.root_key_id.clone_from(&to.root_key_id);
        registry.authentication = authenticate(new, &registry)?;
        if store::end_rotation(&mut transaction, &from.root_key_id, &registry, now).await? != 1 {
            return Err(lost("another call changed the root key meanwhile"));
        }
        let chains = self.audit.reseal(&mut transaction, old, new).await?;
        for room in rooms {
            room.reseal(&mut transaction, old, new).await?;
        }
        let entry = Entry::new(OPERATION, "changed the root key")
            .with("from", from.root_key_id.as_str())
            .with("to", to.root_key_id.as_str())
            .with("data_keys", data_keys)
            .with("audit_chains", chains);
        self.audit.append(&mut transaction, &ScopeKey::HOST, entry).await?;
        transaction.commit().await?;
        Ok(Ended::Done(Counts { data_keys, chains }))
    }

    /// Whether the database is sealed with `key`, or is on its way to it.
    pub(crate) async fn leads_to(&self, key: &RootKey) -> Result<bool> {
        let id = Some(key.id()?);
        let registry = store::registry(&self.database).await?;
        Ok(registry.is_some_and(|it| Some(it.root_key_id) == id || it.next_root_key_id == id))
    }
}

fn lost(message: &str) -> Error {
    Error::new(ErrorKind::Conflict, OPERATION, message).with_retry(Retry::Never)
}
