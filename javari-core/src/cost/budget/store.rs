//! The rows of budgets and of what calls reserve.

use uuid::Uuid;

use super::{BudgetPeriod, BudgetView, SetBudget};
use crate::{
    error::{Error, ErrorKind, Result},
    storage::{Database, Row, Transaction, values},
    types::{CostId, ScopeKey, Timestamp, Usd, UserId},
};

/// One budget that a call has to fit into.
pub(super) struct Limit {
    pub(super) id: Uuid,
    /// Whether it is the user's as a whole.
    pub(super) of_user: bool,
    pub(super) budget: BudgetView,
}

/// Whether anything limits what the scope spends.
pub(super) async fn is_limited(database: &Database, scope: &ScopeKey) -> Result<bool> {
    let owner = of_owner(scope);
    let rows = database.look_up(
        &owner,
        "SELECT id FROM javari_budgets
         WHERE user_id = $1 AND (project_id IS NULL OR project_id = $2) LIMIT 1",
        values![scope.user, scope.project],
    );
    Ok(!rows.await?.is_empty())
}

/// The budgets at exactly this level.
pub(super) async fn list(
    database: &Database,
    scope: &ScopeKey,
    now: Timestamp,
) -> Result<Vec<BudgetView>> {
    let rows = database.query(scope, OF_LEVEL, values![scope.user, scope.project, now]).await?;
    rows.iter().map(|row| view(row, now)).collect()
}

/// The budget of a period at exactly this level.
pub(super) async fn find(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    period: BudgetPeriod,
    now: Timestamp,
) -> Result<Option<BudgetView>> {
    let rows = transaction.query(OF_LEVEL, values![scope.user, scope.project, now]).await?;
    let mut budgets = rows.iter().map(|row| view(row, now));
    budgets
        .find(|budget| budget.as_ref().map_or(true, |budget| budget.period == period))
        .transpose()
}

const OF_LEVEL: &str = "SELECT period, limit_usd, allow_unpriced, spent_usd, period_start,
        coalesce((SELECT sum(amount_usd) FROM javari_budget_reservations r
                  WHERE r.budget_id = b.id AND r.expires_at > $3), 0) AS reserved_usd
    FROM javari_budgets b WHERE user_id = $1 AND project_id IS NOT DISTINCT FROM $2";

/// A new budget, in which counts what was spent in its period already.
pub(super) async fn insert(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    (id, user, now): (Uuid, UserId, Timestamp),
    budget: &SetBudget,
) -> Result<()> {
    let start = budget.period.start(now);
    transaction
        .execute(
            "INSERT INTO javari_budgets (id, user_id, project_id, period, limit_usd, allow_unpriced,
                 spent_usd, period_start, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6,
                 (SELECT coalesce(sum(cost_usd), 0) FROM javari_cost_tracking
                  WHERE user_id = $2 AND ($3 IS NULL OR project_id = $3) AND timestamp >= $7),
                 $7, $8, $8)",
            values![
                id,
                user,
                scope.project,
                budget.period.name(),
                budget.limit,
                budget.allow_unpriced,
                start,
                now
            ],
        )
        .await?;
    Ok(())
}

/// Another limit for a budget.
pub(super) async fn change(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    budget: &SetBudget,
    now: Timestamp,
) -> Result<()> {
    transaction
        .execute(
            "UPDATE javari_budgets SET limit_usd = $4, allow_unpriced = $5, updated_at = $6
             WHERE user_id = $1 AND project_id IS NOT DISTINCT FROM $2 AND period = $3",
            values![
                scope.user,
                scope.project,
                budget.period.name(),
                budget.limit,
                budget.allow_unpriced,
                now
            ],
        )
        .await?;
    Ok(())
}

/// Whether there was one to delete.
pub(super) async fn delete(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    period: BudgetPeriod,
) -> Result<bool> {
    let deleted = transaction.execute(
        "DELETE FROM javari_budgets
         WHERE user_id = $1 AND project_id IS NOT DISTINCT FROM $2 AND period = $3",
        values![scope.user, scope.project, period.name()],
    );
    Ok(deleted.await? > 0)
}

/// The budgets that a call in this scope has to fit into, held until the transaction ends.
pub(super) async fn limits(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    now: Timestamp,
) -> Result<Vec<Limit>> {
    if !hold(transaction, scope).await? {
        return Ok(Vec::new());
    }
    // A statement of its own: PostgreSQL shows it what those wrote who held them before.
    let rows = transaction.query(
        "SELECT id, project_id IS NULL AS of_user, period, limit_usd, allow_unpriced, spent_usd,
             period_start,
             coalesce((SELECT sum(amount_usd) FROM javari_budget_reservations r
                       WHERE r.budget_id = b.id AND r.expires_at > $3), 0) AS reserved_usd
         FROM javari_budgets b
         WHERE user_id = $1 AND (project_id IS NULL OR project_id = $2) ORDER BY id",
        values![scope.user, scope.project, now],
    );
    let limits = rows.await?.into_iter().map(|row| {
        let budget = view(&row, now)?;
        Ok(Limit { id: row.get("id")?, of_user: row.get("of_user")?, budget })
    });
    limits.collect()
}

/// Waits for the budgets of the scope and holds them, always in the same order. Whether there are any.
async fn hold(transaction: &mut Transaction, scope: &ScopeKey) -> Result<bool> {
    let statement = transaction.dialect().choose(
        "SELECT id FROM javari_budgets
         WHERE user_id = $1 AND (project_id IS NULL OR project_id = $2)",
        "SELECT id FROM javari_budgets
         WHERE user_id = $1 AND (project_id IS NULL OR project_id = $2) ORDER BY id FOR UPDATE",
    );
    let held = transaction.query(statement, values![scope.user, scope.project]).await?;
    Ok(!held.is_empty())
}

/// Reserves an amount in a budget, and forgets what was lost there.
pub(super) async fn reserve(
    transaction: &mut Transaction,
    (call, budget, user): (CostId, Uuid, UserId),
    amount: Usd,
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<()> {
    transaction
        .execute(
            "DELETE FROM javari_budget_reservations WHERE budget_id = $1 AND expires_at <= $2",
            values![budget, now],
        )
        .await?;
    transaction
        .execute(
            "INSERT INTO javari_budget_reservations (id, budget_id, user_id, amount_usd, expires_at)
             VALUES ($1, $2, $3, $4, $5)",
            values![call, budget, user, amount, expires_at],
        )
        .await?;
    Ok(())
}

/// What a call reserved is free again.
pub(super) async fn release(transaction: &mut Transaction, call: CostId) -> Result<()> {
    let delete = "DELETE FROM javari_budget_reservations WHERE id = $1";
    transaction.execute(delete, values![call]).await.map(drop)
}

/// Counts what was spent in every budget of the scope.
pub(in crate::cost) async fn spend(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    cost: Usd,
    now: Timestamp,
) -> Result<()> {
    if cost <= Usd::ZERO || !hold(transaction, scope).await? {
        return Ok(());
    }
    let statement = transaction.dialect().choose(
        "UPDATE javari_budgets SET
             spent_usd = $3 + CASE WHEN period_start >= CASE period WHEN 'day' THEN $5
                     WHEN 'week' THEN $6 WHEN 'month' THEN $7 ELSE period_start END
                 THEN min(spent_usd, $4) ELSE 0 END,
             period_start = max(period_start, CASE period WHEN 'day' THEN $5 WHEN 'week' THEN $6
                 WHEN 'month' THEN $7 ELSE period_start END)
         WHERE user_id = $1 AND (project_id IS NULL OR project_id = $2)",
        "UPDATE javari_budgets SET
             spent_usd = $3 + CASE WHEN period_start >= CASE period WHEN 'day' THEN $5
                     WHEN 'week' THEN $6 WHEN 'month' THEN $7 ELSE period_start END
                 THEN least(spent_usd, $4) ELSE 0 END,
             period_start = greatest(period_start, CASE period WHEN 'day' THEN $5 WHEN 'week' THEN $6
                 WHEN 'month' THEN $7 ELSE period_start END)
         WHERE user_id = $1 AND (project_id IS NULL OR project_id = $2)",
    );
    let (day, week) = (BudgetPeriod::Day.start(now), BudgetPeriod::Week.start(now));
    let month = BudgetPeriod::Month.start(now);
    transaction
        .execute(statement, values![scope.user, scope.project, cost, MOST_SUM, day, week, month])
        .await
        .map(drop)
}

/// The same for what a call reserved, which is free again.
pub(in crate::cost) async fn settle(
    transaction: &mut Transaction,
    scope: &ScopeKey,
    call: Option<CostId>,
    (cost, now): (Option<Usd>, Timestamp),
) -> Result<()> {
    spend(transaction, scope, cost.unwrap_or_default(), now).await?;
    match call {
        Some(call) => release(transaction, call).await,
        None => Ok(()),
    }
}

fn view(row: &Row, now: Timestamp) -> Result<BudgetView> {
    let name: String = row.get("period")?;
    let period: BudgetPeriod = name.parse().map_err(|fault| {
        let message = "a budget has a period that this version does not know";
        Error::new(ErrorKind::StorageCorrupt, "budgets.list", message).with_source(fault)
    })?;
    let (start, limit): (_, Usd) = (period.start(now), row.get("limit_usd")?);
    // What was spent in a period that is over was spent then.
    let is_present = row.get::<Timestamp>("period_start")? >= start;
    let spent = if is_present { row.get("spent_usd")? } else { Usd::ZERO };
    let reserved: Usd = row.get("reserved_usd")?;
    let left = limit.picos() - spent.picos() - reserved.picos();
    Ok(BudgetView {
        period,
        limit,
        spent,
        reserved,
        left: Usd::from_picos(left.max(0)),
        allow_unpriced: row.get("allow_unpriced")?,
        period_start: start,
        period_end: period.end(now),
    })
}

/// More than any limit, and so little that SQLite can count on.
const MOST_SUM: Usd = Usd::from_picos(8_000_000_000_000_000_000);

/// What a project's members spend is the owner's, who alone sees all that limits it.
pub(super) fn of_owner(scope: &ScopeKey) -> ScopeKey {
    ScopeKey { member: None, ..*scope }
}
