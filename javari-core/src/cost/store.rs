//! The rows of costs.

use super::{CostEntry, CostLine, budget::store::settle};
use crate::{
    error::Result,
    storage::{Database, Dialect, values},
    types::{CostId, ScopeKey, Timestamp, Usage, Usd, UserId},
};

pub(super) async fn insert(
    database: &Database,
    scope: &ScopeKey,
    (id, user, now): (CostId, UserId, Timestamp),
    entry: &CostEntry,
    reserved: Option<CostId>,
) -> Result<()> {
    // In the owner's name: what a member used is charged though they are removed meanwhile.
    let mut transaction = database.begin(&ScopeKey { member: None, ..*scope }).await?;
    transaction
        .execute(
            "INSERT INTO javari_cost_tracking (id, user_id, project_id, service, feature_used,
                 model, input_tokens, output_tokens, cached_tokens, reasoning_tokens, estimated,
                 cost_usd, timestamp)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            values![
                id,
                user,
                scope.project,
                &entry.service,
                entry.feature,
                &entry.model,
                entry.usage.input,
                entry.usage.output,
                entry.usage.cached,
                entry.usage.reasoning,
                entry.usage.estimated,
                entry.cost,
                now
            ],
        )
        .await?;
    settle(&mut transaction, scope, reserved, (entry.cost, now)).await?;
    transaction.commit().await
}

/// Tokens are summed up to what a call can have: SQLite refuses a sum of integers beyond 64 bits.
/// So are micro-dollars and the pico-dollars beyond, apart: some nine million dollars are that much.
const SQLITE_SUMS: &str = "SELECT service, coalesce(model, '') AS model, count(*) AS calls,
        count(*) - count(cost_usd) AS unpriced,
        coalesce(sum(cost_usd / 1000000), 0) AS micros,
        coalesce(sum(cost_usd % 1000000), 0) AS picos,
        sum(min(input_tokens, $3)) AS input, sum(min(output_tokens, $3)) AS output
    FROM javari_cost_tracking WHERE user_id = $1 AND ($2 IS NULL OR project_id = $2)
    GROUP BY service, model ORDER BY service, model";
const POSTGRES_SUMS: &str = "SELECT service, coalesce(model, '') AS model, count(*) AS calls,
        count(*) - count(cost_usd) AS unpriced, coalesce(sum(cost_usd), 0) AS total,
        sum(least(input_tokens, $3)) AS input, sum(least(output_tokens, $3)) AS output
    FROM javari_cost_tracking WHERE user_id = $1 AND ($2 IS NULL OR project_id = $2)
    GROUP BY service, model ORDER BY service COLLATE \"C\", model COLLATE \"C\"";
const PICOS_PER_MICRO: i128 = 1_000_000;

/// The sums by service and model.
pub(super) async fn sums(
    database: &Database,
    scope: &ScopeKey,
    user: UserId,
) -> Result<Vec<(String, String, CostLine)>> {
    let dialect = database.dialect();
    let statement = dialect.choose(SQLITE_SUMS, POSTGRES_SUMS);
    let values = values![user, scope.project, Usage::MAX_TOKENS];
    let rows = database.query(scope, statement, values).await?;
    rows.iter()
        .map(|row| {
            let total = match dialect {
                Dialect::Sqlite => {
                    let micros = i128::from(row.get::<i64>("micros")?);
                    let beyond = i128::from(row.get::<i64>("picos")?);
                    Usd::from_picos(micros * PICOS_PER_MICRO + beyond)
                }
                Dialect::Postgres => row.get("total")?,
            };
            let line = CostLine {
                name: String::new(),
                total,
                calls: row.get("calls")?,
                unpriced_calls: row.get("unpriced")?,
                input_tokens: row.get("input")?,
                output_tokens: row.get("output")?,
            };
            Ok((row.get("service")?, row.get("model")?, line))
        })
        .collect()
}
