//! The rows of the audit trail.

use serde_json::Value as Json;

use super::{
    Entry, EntryView, Keys, Outcome, Verification,
    chain::{ChainKey, GENESIS},
};
use crate::{
    error::Result,
    storage::{
        Database, Dialect, Row, Transaction, hold_root_key, hold_root_key_id, root_key_id, values,
    },
    types::{Clock, EntryId, Page, PageRequest, ScopeKey, Timestamp},
};

pub(super) const HEAD: &str =
    "SELECT seq, hash, authentication FROM javari_work_log_heads WHERE chain = $1";
pub(super) const LAST: &str =
    "SELECT seq, id, user_id, project_id, action_type, action_description, details,
    reasoning_log, confidence_score, files_modified_json, outcome, timestamp, previous_hash, hash
    FROM javari_work_log WHERE chain = $1 AND seq = $2";

/// What is hashed first: no two kinds of hash have the same bytes. The oldest entries have none.
const ENTRY: &str = "javari.audit.entry.v2";
const SEAL: &str = "javari.audit.head.v1";
/// A column without a value; one with a value is hashed behind an `=`.
const NOTHING: &str = "";
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
                let previous: String = last.get("previous_hash")?;
                Ok(first_form(entries, chain, &previous, last)?.as_ref() == Some(&self.hash))
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
) -> Result<EntryId> {
    let chain = chain_of(scope);
    // Before the chain's own lock, as a rotation takes them.
    let root = hold_root_key_id(transaction).await?;
    let (key, seals) = (keys.entries(), seals(keys, root.as_deref())?);
    lock_chain(transaction, &chain).await?;
    let row = transaction.query_one(HEAD, values![&chain]).await?;
    let head = row.as_ref().map(Head::read).transpose()?;
    let is_whole = match &head {
        None => true,
        Some(head) => {
            let last = transaction.query_one(LAST, values![&chain, head.seq]).await?;
            head.fault((&key, &seals), &chain, last.as_ref())?.is_none()
        }
    };
    let (seq, previous) = match head {
        Some(head) => (head.seq + 1, head.hash),
        None => (1, GENESIS.to_owned()),
    };
    let id = EntryId(clock.new_id());
    let at = clock.now();
    let details = Json::Object(entry.details).to_string();
    let hash = key.hash(&[
        ENTRY,
        &previous,
        &chain,
        &seq.to_string(),
        &id.to_string(),
        &text_of(scope.actor()),
        &text_of(scope.project),
        entry.action,
        &entry.description,
        &details,
        entry.outcome.name(),
        &at.to_string(),
        // The seed's columns that no room fills yet: reasoning, confidence and files.
        NOTHING,
        NOTHING,
        NOTHING,
    ])?;
    // A head that was altered is never sealed anew: the trail goes on, and the fault stays visible.
    let authentication =
        if is_whole { seal_of(&seals, &chain, seq, &hash)? } else { ALTERED.to_owned() };
    transaction
        .execute(
            "INSERT INTO javari_work_log (id, chain, seq, user_id, project_id, action_type,
                 action_description, details, outcome, timestamp, previous_hash, hash)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            values![
                id,
                &chain,
                seq,
                scope.actor(),
                scope.project,
                entry.action,
                entry.description,
                details,
                entry.outcome.name(),
                at,
                previous,
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
    Ok(id)
}

pub(super) async fn list(
    database: &Database,
    scope: &ScopeKey,
    page: &PageRequest,
) -> Result<Page<EntryView>> {
    let before = page.position::<i64>("audit.list", "/cursor")?;
    let limit = page.bounded_limit();
    let rows = database
        .query(
            scope,
            "SELECT id, seq, user_id, project_id, action_type, action_description, details,
                    outcome, timestamp
             FROM javari_work_log
             WHERE chain = $1 AND ($2 IS NULL OR seq < $2) AND ($3 IS NULL OR project_id = $3)
             ORDER BY seq DESC LIMIT $4",
            values![chain_of(scope), before, scope.project, limit + 1],
        )
        .await?;
    let entries = rows.iter().map(view).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(entries, limit, |entry| entry.seq.to_string()))
}

pub(super) async fn newest(database: &Database) -> Result<Option<Timestamp>> {
    // Ids sort by the time they were made.
    let newest = "SELECT timestamp FROM javari_work_log ORDER BY id DESC LIMIT 1";
    let row = database.query_one(&ScopeKey::HOST, newest, values![]).await?;
    row.map(|row| row.get("timestamp")).transpose()
}

pub(super) async fn verify(
    database: &Database,
    keys: &Keys,
    scope: &ScopeKey,
) -> Result<Verification> {
    const BATCH: i64 = 1_000;
    let key = &*keys.entries();
    let seals_now = async || seals(keys, root_key_id(database).await?.as_deref());
    let seals = &seals_now().await?;
    let chain = chain_of(scope);
    // The head is read first: what is appended meanwhile lies behind it and is checked as well.
    let row = database.query_one(scope, HEAD, values![&chain]).await?;
    let head = row.as_ref().map(Head::read).transpose()?;
    let (mut checked, mut previous) = (0_u64, GENESIS.to_owned());
    let mut fault = head.as_ref().map(|_| "entries at the end are missing");
    loop {
        let rows = database
            .query(
                scope,
                "SELECT seq, id, user_id, project_id, action_type, action_description, details,
                        reasoning_log, confidence_score, files_modified_json, outcome, timestamp,
                        previous_hash, hash
                 FROM javari_work_log WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3",
                values![&chain, checked, BATCH],
            )
            .await?;
        for row in &rows {
            let seq: u64 = row.get("seq")?;
            if seq != checked + 1 {
                return Ok(broken(checked, checked + 1, "an entry is missing"));
            }
            let stated: String = row.get("hash")?;
            if row.get::<String>("previous_hash")? != previous
                || !is_hash_of(&stated, key, &chain, &previous, row)?
            {
                return Ok(broken(checked, seq, "the entry was altered or moved"));
            }
            if let Some(head) = head.as_ref().filter(|head| head.seq == seq) {
                fault = head.fault((key, seals), &chain, Some(row))?;
            }
            previous = stated;
            checked = seq;
        }
        if (rows.len() as i64) < BATCH {
            break;
        }
    }
    if fault == Some(SEAL_FAULT) || (head.is_none() && checked > 0) {
        // The chain may have begun after its head was looked for, and its end may have been sealed
        // with another root key since then.
        let seals = &seals_now().await?;
        let row = database.query_one(scope, HEAD, values![&chain]).await?;
        let begun = row.as_ref().map(Head::read).transpose()?;
        fault = match &begun {
            None => Some("the end of the chain was removed"),
            Some(head) => {
                let last = database.query_one(scope, LAST, values![&chain, head.seq]).await?;
                head.fault((key, seals), &chain, last.as_ref())?
            }
        };
    }
    match fault {
        Some(fault) => Ok(broken(checked, checked + 1, fault)),
        None => {
            Ok(Verification { verified: true, entries: checked, broken_at: None, reason: None })
        }
    }
}

pub(super) fn seal_of(key: &ChainKey, chain: &str, seq: u64, hash: &str) -> Result<String> {
    key.hash(&[SEAL, chain, &seq.to_string(), hash])
}

fn is_hash_of(
    stated: &str,
    key: &ChainKey,
    chain: &str,
    previous: &str,
    row: &Row,
) -> Result<bool> {
    Ok(hash_of(key, chain, previous, row)? == stated
        || first_form(key, chain, previous, row)?.is_some_and(|hash| hash == stated))
}

/// The hash of an entry with every column of the seed's.
pub(super) fn hash_of(key: &ChainKey, chain: &str, previous: &str, row: &Row) -> Result<String> {
    let mut fields = vec![ENTRY.to_owned()];
    fields.extend(fields_of(chain, previous, row)?);
    let reasoning: Option<String> = row.get("reasoning_log")?;
    // As it is read, not as an engine writes it: `1.50` is `1.5` wherever the row is kept.
    let files = row.get::<Option<Json>>("files_modified_json")?.map(|files| files.to_string());
    let confidence = row.get::<Option<f64>>("confidence_score")?;
    let shown = |text: Option<String>| text.map_or(NOTHING.to_owned(), |text| format!("={text}"));
    fields.extend([shown(reasoning), shown(confidence.map(|it| it.to_string())), shown(files)]);
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    key.hash(&fields)
}

/// The hash that the entry has in the first form, which had none of the seed's further columns;
/// nothing when one of them is filled.
fn first_form(key: &ChainKey, chain: &str, previous: &str, row: &Row) -> Result<Option<String>> {
    if row.get::<Option<String>>("reasoning_log")?.is_some()
        || row.get::<Option<f64>>("confidence_score")?.is_some()
        || row.get::<Option<String>>("files_modified_json")?.is_some()
    {
        return Ok(None);
    }
    let fields = fields_of(chain, previous, row)?;
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    key.hash(&fields).map(Some)
}

fn fields_of(chain: &str, previous: &str, row: &Row) -> Result<[String; 11]> {
    Ok([
        previous.to_owned(),
        chain.to_owned(),
        row.get::<u64>("seq")?.to_string(),
        row.get("id")?,
        row.get::<Option<String>>("user_id")?.unwrap_or_default(),
        row.get::<Option<String>>("project_id")?.unwrap_or_default(),
        row.get("action_type")?,
        row.get("action_description")?,
        row.get("details")?,
        row.get("outcome")?,
        row.get("timestamp")?,
    ])
}

fn broken(entries: u64, at: u64, reason: &str) -> Verification {
    Verification { verified: false, entries, broken_at: Some(at), reason: Some(reason.to_owned()) }
}

fn view(row: &Row) -> Result<EntryView> {
    let outcome: String = row.get("outcome")?;
    Ok(EntryView {
        id: row.get("id")?,
        seq: row.get("seq")?,
        user: row.get("user_id")?,
        project: row.get("project_id")?,
        action: row.get("action_type")?,
        description: row.get("action_description")?,
        details: row.get("details")?,
        outcome: match outcome.as_str() {
            "success" => Outcome::Success,
            "partial_success" => Outcome::PartialSuccess,
            _ => Outcome::Failure,
        },
        at: row.get("timestamp")?,
    })
}

fn chain_of(scope: &ScopeKey) -> String {
    scope.user.map_or_else(|| "host".to_owned(), |user| user.to_string())
}

fn text_of(id: Option<impl ToString>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}
