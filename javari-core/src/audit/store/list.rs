//! The rows that a request asks for.

use super::chain_of;
use crate::{
    audit::{EntryView, ListEntries, Outcome},
    error::Result,
    storage::{Database, Row, values},
    types::{Page, ScopeKey, Timestamp},
};

/// Goes along the chain by its own index, newest first, and ends with the page.
const LIST: &str = "SELECT id, seq, user_id, project_id, action_type, action_description,
        reasoning_log, confidence_score, files_modified_json, details, outcome, timestamp
    FROM javari_work_log
    WHERE chain = $1 AND seq < $2 AND ($3 IS NULL OR project_id = $3)
        AND ($4 IS NULL OR project_id = $4) AND ($5 IS NULL OR user_id = $5)
        AND ($6 IS NULL OR action_type = $6)
        AND ($7 IS NULL OR substr(action_type, 1, length($7)) = $7)
        AND ($8 IS NULL OR outcome = $8)
        AND ($9 IS NULL OR timestamp >= $9) AND ($10 IS NULL OR timestamp < $10)
    ORDER BY seq DESC LIMIT $11";

pub(in crate::audit) async fn list(
    database: &Database,
    scope: &ScopeKey,
    request: ListEntries,
) -> Result<Page<EntryView>> {
    let page = request.page();
    let before = page.position::<i64>("audit.list", "/cursor")?.unwrap_or(i64::MAX);
    let limit = page.bounded_limit();
    let (action, prefix) = request.action_or_prefix();
    let rows = database
        .query(
            scope,
            LIST,
            values![
                chain_of(scope),
                before,
                scope.project,
                request.project,
                request.user,
                action,
                prefix,
                request.outcome.map(Outcome::name),
                request.since,
                request.until,
                limit + 1
            ],
        )
        .await?;
    let entries = rows.iter().map(view).collect::<Result<Vec<_>>>()?;
    Ok(Page::from_rows(entries, limit, |entry| entry.seq.to_string()))
}

pub(in crate::audit) async fn newest(database: &Database) -> Result<Option<Timestamp>> {
    // Ids sort by the time they were made.
    let newest = "SELECT timestamp FROM javari_work_log ORDER BY id DESC LIMIT 1";
    let row = database.query_one(&ScopeKey::HOST, newest, values![]).await?;
    row.map(|row| row.get("timestamp")).transpose()
}

fn view(row: &Row) -> Result<EntryView> {
    Ok(EntryView {
        id: row.get("id")?,
        seq: row.get("seq")?,
        user: row.get("user_id")?,
        project: row.get("project_id")?,
        action: row.get("action_type")?,
        description: row.get("action_description")?,
        reasoning: row.get("reasoning_log")?,
        confidence: row.get("confidence_score")?,
        files: row.get("files_modified_json")?,
        details: row.get("details")?,
        outcome: Outcome::from_name(&row.get::<String>("outcome")?),
        at: row.get("timestamp")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{storage::scratch, types::SystemClock};

    #[tokio::test]
    async fn a_page_is_read_along_the_index_of_the_chain_and_never_sorted() {
        let database =
            Database::open(scratch().await.parse().unwrap(), &SystemClock).await.unwrap();
        let explain = database.dialect().choose("EXPLAIN QUERY PLAN ", "EXPLAIN ");
        let statement: &'static str = format!("{explain}{LIST}").leak();
        let mut transaction = database.begin_as_owner().await.unwrap();
        if database.dialect() == crate::storage::Dialect::Postgres {
            // A table without rows is read whole.
            let settings = "SELECT set_config('enable_seqscan', 'off', true),
                set_config('enable_bitmapscan', 'off', true)";
            transaction.query(settings, values![]).await.unwrap();
        }
        let none = crate::storage::Value::Null;
        use crate::storage::Kind;
        let mut asked = values!["host", i64::MAX];
        asked.extend([Kind::Id, Kind::Id, Kind::Id, Kind::Text, Kind::Text, Kind::Text].map(none));
        asked.extend([Kind::Time, Kind::Time].map(none));
        asked.extend(values![101_u32]);
        let rows = transaction.query(statement, asked).await.unwrap();
        let column = database.dialect().choose("detail", "QUERY PLAN");
        let plan: Vec<String> = rows.iter().map(|row| row.get(column).unwrap()).collect();
        let plan = plan.join("\n");
        let along = database.dialect().choose(
            "USING INDEX sqlite_autoindex_javari_work_log_2 (chain=? AND seq<?)",
            "Index Scan Backward using javari_work_log_chain_seq_key",
        );
        assert!(plan.contains(along), "{plan}");
        assert!(!plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}
