//! The rotation of a scope's data key: new values are sealed with the new one at once, what is there is
//! sealed anew, and the old one is deleted when nothing needs it.

use uuid::Uuid;

use super::{LocalVault, reseal::Pass};
use crate::{
    audit::Entry,
    error::{Error, ErrorKind, Result, Retry},
    storage::hold_root_key,
    types::{ScopeKey, SnapshotId, Timestamp},
    vault::{
        keys::renamed,
        resealing::{DataKeyRotation, RotateDataKey},
        store::{self, KeyRow, Wanted},
    },
};

const OPERATION: &str = "vault.rotate_data_key";
const BATCH: u32 = 100;

impl LocalVault {
    /// Gives exactly the scope's level another data key, or goes on where an earlier call was cut off.
    /// Of two that begin at once one makes a key.
    ///
    /// # Errors
    /// `NOT_FOUND` when nothing was ever sealed at that level; `CONFLICT` when another call made a new
    /// key at the same moment.
    pub(crate) async fn rotate_data_key(
        &self,
        scope: &ScopeKey,
        request: &RotateDataKey,
    ) -> Result<DataKeyRotation> {
        scope.require_user(OPERATION)?;
        let end = self.end_of(request.seconds);
        let before = store::keys_of(&self.database, scope).await?;
        let Some(newest) = before.first() else {
            let message = "nothing was sealed at this level of the scope yet: it has no data key";
            return Err(Error::new(ErrorKind::NotFound, OPERATION, message));
        };
        let rotated = before.len() == 1;
        if rotated {
            self.next_data_key(scope, newest).await?;
        }
        let keys = store::keys_of(&self.database, scope).await?;
        let (newest, older) = keys.split_first().ok_or_else(renamed)?;
        let mut done = DataKeyRotation {
            version: newest.version,
            rotated,
            resealed: 0,
            shredded: 0,
            damaged: 0,
            more: false,
        };
        for old in older {
            let pass = self.reseal_all(Wanted::Under(*scope, old.id), end).await?;
            done.resealed += pass.resealed;
            done.damaged += pass.damaged;
            done.more |= pass.more;
            if !pass.more {
                let pass = self.reseal_snapshots(scope, old.id, end).await?;
                done.resealed += pass.resealed;
                done.damaged += pass.damaged;
                done.more |= pass.more;
            }
            if !done.more && self.shred(scope, old).await? {
                done.shredded += 1;
            }
        }
        // Somebody was about to write with an old one.
        done.more |= done.damaged == 0 && done.shredded < older.len() as u64;
        Ok(done)
    }

    async fn next_data_key(&self, scope: &ScopeKey, newest: &KeyRow) -> Result<()> {
        let mut transaction = self.begin(scope).await?;
        hold_root_key(&mut transaction).await?;
        store::take_key(&mut transaction, newest.id).await?;
        let now = store::keys_of_within(&mut transaction, scope).await?;
        if now.first().is_none_or(|now| now.id != newest.id) {
            let message = "another call gave this level a new data key at the same moment";
            return Err(
                Error::new(ErrorKind::Conflict, OPERATION, message).with_retry(Retry::Never)
            );
        }
        let version = newest.version + 1;
        self.keys.make(&mut transaction, self.clock.as_ref(), scope, version).await?;
        let entry = Entry::new(OPERATION, "made a new data key")
            .with("version", version)
            .with("level", scope.level().name());
        self.audit.append(&mut transaction, scope, entry).await?;
        transaction.commit().await
    }

    async fn reseal_snapshots(&self, scope: &ScopeKey, old: Uuid, end: Timestamp) -> Result<Pass> {
        let mut pass = Pass::default();
        let mut after = SnapshotId(Uuid::nil());
        loop {
            let records = store::snapshots_under(&self.database, scope, old, after, BATCH).await?;
            let Some(last) = records.last() else { return Ok(pass) };
            after = last.id;
            let (key_id, key) = self.newest(scope).await?;
            let mut resealed = Vec::new();
            for record in records {
                let id = record.id;
                match self.resealed_snapshot(record, (key_id, &key)).await {
                    Ok(written) => resealed.push((id, written)),
                    Err(error) if error.kind() == ErrorKind::CannotUnseal => pass.damaged += 1,
                    Err(error) => return Err(error),
                }
            }
            let mut transaction = self.begin(scope).await?;
            for (id, (credentials, authentication)) in &resealed {
                let new = (key_id, credentials.as_slice(), authentication.as_str());
                pass.resealed +=
                    store::write_resealed_snapshot(&mut transaction, *id, old, new).await?;
            }
            transaction.commit().await?;
            if self.clock.now() >= end {
                pass.more = true;
                return Ok(pass);
            }
        }
    }

    async fn newest(&self, scope: &ScopeKey) -> Result<(Uuid, crate::vault::seal::DataKey)> {
        let keys = store::keys_of(&self.database, scope).await?;
        let newest = keys.first().ok_or_else(renamed)?;
        Ok((newest.id, self.keys.by_id(&self.database, scope, newest.id).await?))
    }

    /// Deletes an old data key when nothing needs it any more.
    async fn shred(&self, scope: &ScopeKey, old: &KeyRow) -> Result<bool> {
        let mut transaction = self.begin(scope).await?;
        hold_root_key(&mut transaction).await?;
        if store::shred_key(&mut transaction, old.id).await? == 0 {
            // What was changed of destroyed versions is undone with it.
            return Ok(false);
        }
        let entry = Entry::new(OPERATION, "deleted an old data key that nothing is sealed with")
            .with("version", old.version)
            .with("level", scope.level().name());
        self.audit.append(&mut transaction, scope, entry).await?;
        transaction.commit().await?;
        self.keys.forget_key(old.id);
        Ok(true)
    }
}
