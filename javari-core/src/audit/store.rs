//! The rows of the audit trail.

use serde_json::Value as Json;

use super::{
    Entry, EntryView, Outcome, Verification,
    chain::{ChainKey, GENESIS},
};
use crate::{
    error::{Error, Result},
    storage::{Database, Row, Transaction, values},
    types::{Clock, EntryId, Page, PageRequest, ScopeKey},
};

pub(super) async fn append(
    transaction: &mut Transaction,
    clock: &dyn Clock,
    key: &ChainKey,
    scope: &ScopeKey,
    entry: Entry,
) -> Result<EntryId> {
    let chain = chain_of(scope);
    let head = transaction
        .query_one("SELECT seq, hash FROM javari_work_log_heads WHERE chain = $1", values![&chain])
        .await?;
    let (seq, previous) = match head {
        Some(row) => (row.get::<u64>("seq")? + 1, row.get::<String>("hash")?),
        None => (1, GENESIS.to_owned()),
    };
    let id = EntryId(clock.new_id());
    let at = clock.now();
    let details = Json::Object(entry.details).to_string();
    let hash = key.hash(&[
        &previous,
        &chain,
        &seq.to_string(),
        &id.to_string(),
        &text_of(scope.user),
        &text_of(scope.project),
        entry.action,
        &entry.description,
        &details,
        entry.outcome.name(),
        &at.to_string(),
    ])?;
    transaction
        .execute(
            "INSERT INTO javari_work_log (id, chain, seq, user_id, project_id, action_type,
                 action_description, details, outcome, timestamp, previous_hash, hash)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            values![
                id,
                &chain,
                seq,
                scope.user,
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
            "INSERT INTO javari_work_log_heads (chain, seq, hash) VALUES ($1, $2, $3)
             ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
            values![chain, seq, hash],
        )
        .await?;
    Ok(id)
}

pub(super) async fn list(
    database: &Database,
    scope: &ScopeKey,
    page: &PageRequest,
) -> Result<Page<EntryView>> {
    let before = match &page.cursor {
        None => None,
        Some(cursor) => Some(cursor.parse::<i64>().map_err(|_| {
            Error::invalid("audit.list", "the cursor is not one of this list")
                .with_field("/cursor", "must be `next` of the page before")
        })?),
    };
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

pub(super) async fn verify(
    database: &Database,
    key: &ChainKey,
    scope: &ScopeKey,
) -> Result<Verification> {
    const BATCH: i64 = 1_000;
    let chain = chain_of(scope);
    let (mut checked, mut previous) = (0_u64, GENESIS.to_owned());
    loop {
        let rows = database
            .query(
                scope,
                "SELECT seq, id, user_id, project_id, action_type, action_description, details,
                        outcome, timestamp, previous_hash, hash
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
                || stated != rehash(key, &chain, &previous, row)?
            {
                return Ok(broken(checked, seq, "the entry was altered or moved"));
            }
            previous = stated;
            checked = seq;
        }
        if (rows.len() as i64) < BATCH {
            break;
        }
    }
    let head = database
        .query_one(
            scope,
            "SELECT seq, hash FROM javari_work_log_heads WHERE chain = $1",
            values![&chain],
        )
        .await?;
    let (expected, hash) = match head {
        Some(row) => (row.get::<u64>("seq")?, row.get::<String>("hash")?),
        None => (0, GENESIS.to_owned()),
    };
    if expected != checked || hash != previous {
        return Ok(broken(checked, checked + 1, "entries at the end are missing"));
    }
    Ok(Verification { verified: true, entries: checked, broken_at: None, reason: None })
}

fn rehash(key: &ChainKey, chain: &str, previous: &str, row: &Row) -> Result<String> {
    key.hash(&[
        previous,
        chain,
        &row.get::<u64>("seq")?.to_string(),
        &row.get::<String>("id")?,
        &row.get::<Option<String>>("user_id")?.unwrap_or_default(),
        &row.get::<Option<String>>("project_id")?.unwrap_or_default(),
        &row.get::<String>("action_type")?,
        &row.get::<String>("action_description")?,
        &row.get::<String>("details")?,
        &row.get::<String>("outcome")?,
        &row.get::<String>("timestamp")?,
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
