//! The rows of costs.

use super::{CostEntry, CostLine};
use crate::{
    error::Result,
    storage::{Database, values},
    types::{CostId, ScopeKey, Timestamp, Usage, Usd, UserId},
};

pub(super) async fn insert(
    database: &Database,
    scope: &ScopeKey,
    (id, user, now): (CostId, UserId, Timestamp),
    entry: &CostEntry,
) -> Result<()> {
    let mut transaction = database.begin(scope).await?;
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
    transaction.commit().await
}

/// Micro-dollars and the pico-dollars beyond are summed apart: SQLite refuses a sum of integers
/// beyond 64 bits, which some nine million dollars are. Tokens are summed up to what a call can
/// have, for the same reason.
const PICOS_PER_MICRO: i128 = 1_000_000;

/// The sums by service and model.
pub(super) async fn sums(
    database: &Database,
    scope: &ScopeKey,
    user: UserId,
) -> Result<Vec<(String, String, CostLine)>> {
    let rows = database
        .query(
            scope,
            "SELECT service, coalesce(model, '') AS model, count(*) AS calls,
                    count(*) - count(cost_usd) AS unpriced,
                    coalesce(sum(cost_usd / 1000000), 0) AS micros,
                    coalesce(sum(cost_usd % 1000000), 0) AS picos,
                    sum(min(input_tokens, $3)) AS input, sum(min(output_tokens, $3)) AS output
             FROM javari_cost_tracking
             WHERE user_id = $1 AND ($2 IS NULL OR project_id = $2)
             GROUP BY service, model ORDER BY service, model",
            values![user, scope.project, Usage::MAX_TOKENS],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let micros = i128::from(row.get::<i64>("micros")?);
            let picos = micros * PICOS_PER_MICRO + i128::from(row.get::<i64>("picos")?);
            let line = CostLine {
                name: String::new(),
                total: Usd::from_picos(picos),
                calls: row.get("calls")?,
                unpriced_calls: row.get("unpriced")?,
                input_tokens: row.get("input")?,
                output_tokens: row.get("output")?,
            };
            Ok((row.get("service")?, row.get("model")?, line))
        })
        .collect()
}
