//! Reads a chain from its first entry to its last and checks every hash.

use futures::TryStreamExt;

use super::{EntryRecord, HEAD, Head, LAST, SEAL_FAULT, chain_of, seals};
use crate::{
    audit::{
        Keys, Verification,
        chain::{ChainKey, GENESIS},
        export::Lines,
    },
    error::Result,
    storage::{Database, Row, root_key_id, root_key_id_within, values},
    types::ScopeKey,
};

pub(in crate::audit) async fn verify(
    database: &Database,
    keys: &Keys,
    scope: &ScopeKey,
) -> Result<Verification> {
    const BATCH: i64 = 1_000;
    let key = &*keys.entries();
    let seals_now = async || seals(keys, root_key_id(database).await?.as_deref());
    let first_seals = seals_now().await?;
    let chain = chain_of(scope);
    // The head is read first: what is appended meanwhile lies behind it and is checked as well.
    let row = database.query_one(scope, HEAD, values![&chain]).await?;
    let mut walk = Walk::new((key, &first_seals), &chain, row.as_ref())?;
    loop {
        let rows = database
            .query(
                scope,
                "SELECT seq, id, user_id, project_id, action_type, action_description, details,
                        reasoning_log, confidence_score, files_modified_json, outcome, timestamp,
                        previous_hash, hash
                 FROM javari_work_log WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3",
                values![&chain, walk.checked, BATCH],
            )
            .await?;
        for row in &rows {
            walk.step(row)?;
        }
        if (rows.len() as i64) < BATCH || walk.broken.is_some() {
            break;
        }
    }
    if walk.end_is_unclear() {
        // The chain may have begun after its head was looked for, and its end may have been sealed
        // with another root key since then.
        let seals = &seals_now().await?;
        let row = database.query_one(scope, HEAD, values![&chain]).await?;
        walk.head = row.as_ref().map(Head::read).transpose()?;
        if let Some(head) = &walk.head {
            let last = database.query_one(scope, LAST, values![&chain, head.seq]).await?;
            walk.fault = head.fault((key, seals), &chain, last.as_ref())?;
        }
    }
    Ok(walk.end())
}

/// Gives every entry of the scope's chain to `lines`, oldest first, and checks the chain. Both see one
/// state of the database, and one row at a time is in memory.
pub(in crate::audit) async fn export(
    database: &Database,
    keys: &Keys,
    scope: &ScopeKey,
    lines: &mut Lines,
) -> Result<Verification> {
    let key = &*keys.entries();
    let chain = chain_of(scope);
    let mut snapshot = database.begin_snapshot(scope).await?;
    let seals = seals(keys, root_key_id_within(&mut snapshot).await?.as_deref())?;
    let row = snapshot.query_one(HEAD, values![&chain]).await?;
    let mut walk = Walk::new((key, &seals), &chain, row.as_ref())?;
    let mut rows = snapshot.rows(
        "SELECT seq, id, user_id, project_id, action_type, action_description, details,
                reasoning_log, confidence_score, files_modified_json, outcome, timestamp,
                previous_hash, hash
         FROM javari_work_log WHERE chain = $1 ORDER BY seq",
        values![&chain],
    )?;
    while let Some(row) = rows.try_next().await? {
        let row: Row = row;
        let entry = walk.step(&row)?;
        lines.take(&entry, &row.get::<String>("hash")?).await?;
    }
    drop(rows);
    Ok(walk.end())
}

/// How far a chain is checked, and what is wrong with it.
struct Walk<'a> {
    entries: &'a ChainKey,
    seals: &'a ChainKey,
    chain: &'a str,
    head: Option<Head>,
    checked: u64,
    previous: String,
    /// What is wrong with the end, as far as that is known.
    fault: Option<&'static str>,
    /// The first entry that is wrong: those behind it are not checked.
    broken: Option<Verification>,
}

impl<'a> Walk<'a> {
    fn new(
        (entries, seals): (&'a ChainKey, &'a ChainKey),
        chain: &'a str,
        head: Option<&Row>,
    ) -> Result<Self> {
        let head = head.map(Head::read).transpose()?;
        let fault = head.as_ref().map(|_| "entries at the end are missing");
        let (checked, previous) = (0, GENESIS.to_owned());
        Ok(Self { entries, seals, chain, head, checked, previous, fault, broken: None })
    }

    /// Checks the next entry, and returns it.
    fn step(&mut self, row: &Row) -> Result<EntryRecord> {
        let entry = EntryRecord::read(self.chain, row.get("previous_hash")?, row)?;
        if self.broken.is_some() {
            return Ok(entry);
        }
        let stated: String = row.get("hash")?;
        if entry.seq != self.checked + 1 {
            self.broken = Some(broken(self.checked, self.checked + 1, "an entry is missing"));
        } else if entry.previous_hash != self.previous || !entry.has_hash(self.entries, &stated)? {
            self.broken = Some(broken(self.checked, entry.seq, "the entry was altered or moved"));
        } else {
            if let Some(head) = self.head.as_ref().filter(|head| head.seq == entry.seq) {
                self.fault = head.fault((self.entries, self.seals), self.chain, Some(row))?;
            }
            self.checked = entry.seq;
            self.previous = stated;
        }
        Ok(entry)
    }

    /// Whether the end, as it was looked for first, tells nothing yet.
    fn end_is_unclear(&self) -> bool {
        let is_unclear = self.fault == Some(SEAL_FAULT) || self.has_lost_its_head();
        is_unclear && self.broken.is_none()
    }

    /// Whether there are entries and nothing says which of them is the last.
    fn has_lost_its_head(&self) -> bool {
        self.head.is_none() && self.checked > 0
    }

    fn end(self) -> Verification {
        let lost = self.has_lost_its_head().then_some("the end of the chain was removed");
        match (self.broken, lost.or(self.fault)) {
            (Some(found), _) => found,
            (None, Some(fault)) => broken(self.checked, self.checked + 1, fault),
            (None, None) => Verification {
                verified: true,
                entries: self.checked,
                broken_at: None,
                reason: None,
            },
        }
    }
}

fn broken(entries: u64, at: u64, reason: &str) -> Verification {
    Verification { verified: false, entries, broken_at: Some(at), reason: Some(reason.to_owned()) }
}
