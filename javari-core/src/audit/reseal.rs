//! What of the trail hangs on the present root key: the seals upon the ends of chains.

use std::sync::{Arc, PoisonError};

use zeroize::Zeroizing;

use super::{
    Audit,
    chain::ChainKey,
    store::{ALTERED, Head, LAST, seal_of},
};
use crate::{
    error::Result,
    secret::RootKey,
    storage::{Transaction, values},
};

/// So many ends are read at once.
const BATCH: u32 = 1_000;

impl Audit {
    /// Seals the end of every chain with the root key `to`, in the transaction that makes it the
    /// database's. One that was not sealed with `from` stays broken. Says how many there are.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn reseal(
        &self,
        transaction: &mut Transaction,
        from: &RootKey,
        to: &RootKey,
    ) -> Result<u64> {
        let entries = self.keys.entries();
        let (from, to) = (ChainKey::derive(from)?, ChainKey::derive(to)?);
        let (mut after, mut count) = (String::new(), 0);
        loop {
            let rows = transaction
                .query(
                    "SELECT chain, seq, hash, authentication FROM javari_work_log_heads
                     WHERE chain > $1 ORDER BY chain LIMIT $2",
                    values![&after, BATCH],
                )
                .await?;
            for row in &rows {
                let chain: String = row.get("chain")?;
                let head = Head::read(row)?;
                let last = match head.has_no_seal() {
                    true => transaction.query_one(LAST, values![&chain, head.seq]).await?,
                    false => None,
                };
                let seal = match head.is_sealed((&entries, &from), &chain, last.as_ref())? {
                    true => seal_of(&to, &chain, head.seq, &head.hash)?,
                    false => ALTERED.to_owned(),
                };
                transaction
                    .execute(
                        "UPDATE javari_work_log_heads SET authentication = $2 WHERE chain = $1",
                        values![&chain, seal],
                    )
                    .await?;
                after = chain;
                count += 1;
            }
            if rows.len() < BATCH as usize {
                return Ok(count);
            }
        }
    }

    /// Hashes entries with `key` from now on: a backup that holds another trail is put back. Returns
    /// the key before.
    pub(crate) fn take_entry_key(&self, key: Zeroizing<[u8; 32]>) -> Zeroizing<[u8; 32]> {
        let mut entries = self.keys.entries.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *entries, Arc::new(ChainKey::of(key))).bytes().clone()
    }
}
