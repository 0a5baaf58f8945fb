//! Takes the entries of the seed's log into chains, one a user, in the transaction that adopts a
//! database.

use serde_json::{Value as Json, json};

use super::{
    Audit,
    chain::{ChainKey, GENESIS},
    store::{EntryRecord, seal_of},
};
use crate::{
    error::Result,
    storage::{Transaction, values},
};

/// So many entries are chained at a time.
const BATCH: i64 = 1_000;

/// The entries in the order of `migrations/adopt/26_log.sql`, with what the chain is over.
const ENTRIES: &str = "SELECT a.place, a.seq, a.id, a.user_id, a.project_id, l.action_type,
        l.action_description, a.details, a.outcome, a.timestamp, l.reasoning_log,
        a.confidence_score, l.files_modified_json
    FROM javari_seed.adoption_log a JOIN javari_seed.javari_work_log l ON l.id = a.id
    WHERE a.place > $1 ORDER BY a.place LIMIT $2";

const CHAIN: &str = "INSERT INTO javari_work_log (id, chain, seq, user_id, project_id, action_type,
        action_description, reasoning_log, confidence_score, files_modified_json, details, outcome,
        timestamp, previous_hash, hash)
    SELECT a.id, a.user_id::text, a.seq, a.user_id, a.project_id, l.action_type,
        l.action_description, l.reasoning_log, a.confidence_score, l.files_modified_json, a.details,
        a.outcome, a.timestamp, made.previous, made.hash
    FROM jsonb_to_recordset($1) AS made (place bigint, previous text, hash text)
    JOIN javari_seed.adoption_log a ON a.place = made.place
    JOIN javari_seed.javari_work_log l ON l.id = a.id";

const HEADS: &str = "INSERT INTO javari_work_log_heads (chain, seq, hash, authentication)
    SELECT made.chain, made.seq, made.hash, made.seal
    FROM jsonb_to_recordset($1) AS made (chain text, seq bigint, hash text, seal text)
    ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash,
        authentication = excluded.authentication";

impl Audit {
    /// Chains every entry of the seed's log; says how many there are. What the seed wrote before is
    /// taken as it stands: a chain proves that nothing was altered since.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn adopt(&self, transaction: &mut Transaction) -> Result<u64> {
        let (mut after, mut entries) = (0_i64, 0_u64);
        let (key, seals) = (self.keys.entries(), ChainKey::derive(&self.keys.roots.current())?);
        let (mut chain, mut previous) = (String::new(), GENESIS.to_owned());
        loop {
            let rows = transaction.query(ENTRIES, values![after, BATCH]).await?;
            let (mut made, mut heads) = (Vec::with_capacity(rows.len()), Vec::new());
            for row in &rows {
                after = row.get("place")?;
                let owner: String = row.get("user_id")?;
                if owner != chain {
                    (chain, previous) = (owner, GENESIS.to_owned());
                    heads.push(Json::Null);
                }
                let hash = EntryRecord::read(&chain, previous.clone(), row)?.hash(&key)?;
                made.push(json!({ "place": after, "previous": previous, "hash": hash }));
                let seq: u64 = row.get("seq")?;
                let seal = seal_of(&seals, &chain, seq, &hash)?;
                let head = json!({ "chain": chain, "seq": seq, "hash": hash, "seal": seal });
                // One head a chain: the last entry's.
                heads.pop();
                heads.push(head);
                previous = hash;
            }
            let count = made.len();
            entries += count as u64;
            if count > 0 {
                transaction.execute(CHAIN, values![Json::Array(made)]).await?;
                transaction.execute(HEADS, values![Json::Array(heads)]).await?;
            }
            if (count as i64) < BATCH {
                return Ok(entries);
            }
        }
    }
}
