//! What of API keys hangs on the present root key: the seals upon their digests.

use std::sync::{Arc, PoisonError};

use async_trait::async_trait;

use super::{
    ApiKeys, Digests,
    digest::{DigestKey, is_seal_of, seal_of},
    store,
};
use crate::{
    error::Result,
    secret::RootKey,
    storage::{Transaction, root_key_id},
    types::ApiKeyId,
    vault::{KeptKeys, SealedWithRoot},
};

/// So many keys are read at once.
const BATCH: u32 = 1_000;

impl ApiKeys {
    /// The key of the digests, and the root key under which they count without a seal.
    pub(super) fn digests(&self) -> (Arc<DigestKey>, Option<String>) {
        // A panic while the key was held cannot leave it half changed.
        let digests = self.digests.read().unwrap_or_else(PoisonError::into_inner);
        (digests.key.clone(), digests.first_root.clone())
    }

    /// Whether a digest counts without a seal: the root key was never rotated.
    pub(super) async fn needs_no_seal(&self, first_root: Option<String>) -> Result<bool> {
        let Some(first) = first_root else { return Ok(false) };
        Ok(root_key_id(&self.database).await?.is_none_or(|now| now == first))
    }

    /// Whether the seal is one of the root key that counts.
    pub(super) async fn is_sealed(&self, id: ApiKeyId, digest: &str, seal: &str) -> Result<bool> {
        if is_seal_of(&self.roots.current(), id, digest, seal)? {
            return Ok(true);
        }
        // It may have been rotated, by another process or between the reading and now.
        let Some(root) = root_key_id(&self.database).await? else { return Ok(false) };
        let root = self.roots.of(&root)?;
        let kept = store::kept(&self.database, id).await?;
        match kept.and_then(|kept| kept.seal.filter(|_| kept.digest == digest)) {
            Some(seal) => is_seal_of(&root, id, digest, &seal),
            None => Ok(false),
        }
    }
}

#[async_trait]
impl SealedWithRoot for ApiKeys {
    async fn reseal(
        &self,
        transaction: &mut Transaction,
        from: &RootKey,
        to: &RootKey,
    ) -> Result<()> {
        let (_, first_root) = self.digests();
        let needs_none = first_root.is_some() && first_root == from.id().ok();
        let mut after = ApiKeyId(uuid::Uuid::nil());
        loop {
            let keys = store::sealed(transaction, after, BATCH).await?;
            for (id, digest, seal) in &keys {
                // What was put there by somebody else is not made good.
                let is_good = match seal {
                    Some(seal) => is_seal_of(from, *id, digest, seal)?,
                    None => needs_none,
                };
                if is_good {
                    store::reseal(transaction, *id, &seal_of(to, *id, digest)?).await?;
                }
                after = *id;
            }
            if keys.len() < BATCH as usize {
                return Ok(());
            }
        }
    }

    fn keep(&self, kept: &KeptKeys) {
        let Some(key) = kept.api_keys.clone() else { return };
        let key = Arc::new(DigestKey::of_bytes(key));
        *self.digests.write().unwrap_or_else(PoisonError::into_inner) =
            Digests { key, first_root: None };
    }
}
