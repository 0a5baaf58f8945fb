//! The rows of the audit trail: how one is written, what its hash is over, and where a chain ends.

mod list;
mod record;
mod walk;

use serde_json::Value as Json;

pub(super) use self::{
    list::{list, newest},
    record::EntryRecord,
    walk::{export, verify},
};
use super::{
    Entry, EntryView, Keys,
    chain::{ChainKey, GENESIS},
};
use crate::{
    error::Result,
    storage::{Dialect, Row, Transaction, hold_root_key, hold_root_key_id, values},
    types::{Clock, EntryId, ScopeKey},
};

pub(super) const HEAD: &str =
    "SELECT seq, hash, authentication FROM javari_work_log_heads WHERE chain = $1";
pub(super) const LAST: &str =
    "SELECT seq, id, user_id, project_id, action_type, action_description, details,
    reasoning_log, confidence_score, files_modified_json, outcome, timestamp, previous_hash, hash
    FROM javari_work_log WHERE chain = $1 AND seq = $2";

/// The head and the entry that it names, in one answer.
const END: &str =
    "SELECT head.seq AS head_seq, head.hash AS head_hash, head.authentication, last.seq,
    last.id, last.user_id, last.project_id, last.action_type, last.action_description, last.details,
    last.reasoning_log, last.confidence_score, last.files_modified_json, last.outcome,
    last.timestamp, last.previous_hash, last.hash
    FROM javari_work_log_heads AS head
    LEFT JOIN javari_work_log AS last ON last.chain = head.chain AND last.seq = head.seq
    WHERE head.chain = $1";

/// What is hashed first: no two kinds of hash have the same bytes.
const SEAL: &str = "javari.audit.head.v1";
/// In place of a seal where the head before was altered.
pub(super) const ALTERED: &str = "altered";
const SEAL_FAULT: &str = "the end of the chain was altered";

/// Where a chain ends.
pub(super) struct Head {
    pub(super) seq: u64,
    pub(super) hash: String,
    authentication: Option<String>,
}

impl Head {
    pub(super) fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            seq: row.get("seq")?,
            hash: row.get("hash")?,
            authentication: row.get("authentication")?,
        })
    }

    /// Out of an answer of [`END`].
    fn read_named(row: &Row) -> Result<Self> {
        Ok(Self {
            seq: row.get("head_seq")?,
            hash: row.get("head_hash")?,
            authentication: row.get("authentication")?,
        })
    }

    /// What is wrong with it; `last` is the entry it names.
    fn fault(
        &self,
        (entries, seals): (&ChainKey, &ChainKey),
        chain: &str,
        last: Option<&Row>,
    ) -> Result<Option<&'static str>> {
        let Some(last) = last else { return Ok(Some("entries at the end are missing")) };
        if last.get::<String>("hash")? != self.hash {
            return Ok(Some("entries at the end are missing"));
        }
        let is_sealed = self.is_sealed((entries, seals), chain, Some(last))?;
        Ok((!is_sealed).then_some(SEAL_FAULT))
    }

    /// Whether its seal is one of that key; `last` is looked at where there is none.
    pub(super) fn is_sealed(
        &self,
        (entries, seals): (&ChainKey, &ChainKey),
        chain: &str,
        last: Option<&Row>,
    ) -> Result<bool> {
        match (&self.authentication, last) {
            (Some(seal), _) => Ok(*seal == seal_of(seals, chain, self.seq, &self.hash)?),
            // Heads were not sealed when entries had their first form, and always are since then.
            (None, Some(last)) => {
                let last = EntryRecord::read(chain, last.get("previous_hash")?, last)?;
                Ok(last.first_hash(entries)?.as_ref() == Some(&self.hash))
            }
            (None, None) => Ok(false),
        }
    }

    /// Whether its last entry has to be looked at to tell whether it is sealed.
    pub(super) fn has_no_seal(&self) -> bool {
        self.authentication.is_none()
    }
}

/// The key of the seals under the root key of that id, or under the one that is known where the
/// database names none.
fn seals(keys: &Keys, id: Option<&str>) -> Result<ChainKey> {
    match id {
        Some(id) => ChainKey::derive(&keys.roots.of(id)?),
        None => ChainKey::derive(&keys.roots.current()),
    }
}

/// Before everything else that a transaction locks: first the root key, then the chain.
pub(super) async fn hold(transaction: &mut Transaction, scope: &ScopeKey) -> Result<()> {
    hold_root_key(transaction).await?;
    lock_chain(transaction, &chain_of(scope)).await
}

/// SQLite has one writer; with PostgreSQL two would read the same head and one of them fail.
pub(super) async fn lock_chain(transaction: &mut Transaction, chain: &str) -> Result<()> {
    if transaction.dialect() == Dialect::Postgres {
        let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
        transaction.execute(lock, values![chain]).await?;
    }
    Ok(())
}

pub(super) async fn append(
    transaction: &mut Transaction,
    clock: &dyn Clock,
    keys: &Keys,
    scope: &ScopeKey,
    entry: Entry,
) -> Result<EntryView> {
    let chain = chain_of(scope);
    // Before the chain's own lock, as a rotation takes them.
    let root = hold_root_key_id(transaction).await?;
    let (key, seals) = (keys.entries(), seals(keys, root.as_deref())?);
    lock_chain(transaction, &chain).await?;
    let (mut is_whole, mut seq, mut previous) = (true, 1, GENESIS.to_owned());
    if let Some(end) = transaction.query_one(END, values![&chain]).await? {
        let head = Head::read_named(&end)?;
        let last = end.get::<Option<u64>>("seq")?.map(|_| &end);
        is_whole = head.fault((&key, &seals), &chain, last)?.is_none();
        (seq, previous) = (head.seq + 1, head.hash);
    }
    let id = EntryId(clock.new_id());
    let at = clock.now();
    let (details, files) = (Json::Object(entry.details), entry.files.map(record::in_order));
    let record = EntryRecord {
        seq,
        id: id.to_string(),
        user: scope.actor().map(|user| user.to_string()),
        project: scope.project.map(|project| project.to_string()),
        action: entry.action.into_owned(),
        description: entry.description,
        reasoning: entry.reasoning,
        confidence: entry.confidence.map(|confidence| confidence.to_string()),
        files: files.as_ref().map(Json::to_string),
        details: details.to_string(),
        outcome: entry.outcome.name().to_owned(),
        at: at.to_string(),
        chain: chain.clone(),
        previous_hash: previous,
    };
    let hash = record.hash(&key)?;
    // A head that was altered is never sealed anew: the trail goes on, and the fault stays visible.
    let authentication =
        if is_whole { seal_of(&seals, &chain, seq, &hash)? } else { ALTERED.to_owned() };
    transaction
        .execute(
            "INSERT INTO javari_work_log (id, chain, seq, user_id, project_id, action_type,
                 action_description, reasoning_log, confidence_score, files_modified_json, details,
                 outcome, timestamp, previous_hash, hash)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            values![
                id,
                &chain,
                seq,
                scope.actor(),
                scope.project,
                &record.action,
                &record.description,
                record.reasoning.as_deref(),
                entry.confidence,
                files.clone(),
                record.details,
                record.outcome,
                at,
                record.previous_hash,
                &hash
            ],
        )
        .await?;
    transaction
        .execute(
            "INSERT INTO javari_work_log_heads (chain, seq, hash, authentication)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash,
                 authentication = excluded.authentication",
            values![chain, seq, hash, authentication],
        )
        .await?;
    Ok(EntryView {
        id,
        seq,
        user: scope.actor(),
        project: scope.project,
        action: record.action,
        description: record.description,
        reasoning: record.reasoning,
        confidence: entry.confidence,
        files,
        details,
        outcome: entry.outcome,
        at,
    })
}

pub(super) fn seal_of(key: &ChainKey, chain: &str, seq: u64, hash: &str) -> Result<String> {
    key.hash(&[SEAL, chain, &seq.to_string(), hash])
}

fn chain_of(scope: &ScopeKey) -> String {
    scope.user.map_or_else(|| "host".to_owned(), |user| user.to_string())
}
