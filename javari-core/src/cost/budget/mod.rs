//! What a user, or a project of theirs, may spend on models in a period.
//!
//! A call reserves beforehand what it may cost at most ([`Ledger::reserve`](super::Ledger::reserve)),
//! and what it did cost takes the place of that when it ends. So calls that run at once, in as many
//! processes as there are, never pass a limit together.

mod period;
mod reservation;
pub(super) mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use period::BudgetPeriod;
pub use reservation::Reservation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    audit::{Audit, Entry},
    error::{Error, ErrorKind, Result},
    storage::Database,
    types::{Clock, ScopeKey, Timestamp, Usd},
};

/// The limit of one period at the scope's level: the user as a whole, or a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetBudget {
    /// The period.
    pub period: BudgetPeriod,
    /// The most to spend in it: 0 to 1000000 dollars.
    pub limit: Usd,
    /// Whether models may be asked whose price is not known: what they cost is not counted. Such a call
    /// is refused otherwise.
    #[serde(default)]
    pub allow_unpriced: bool,
}

impl SetBudget {
    /// At most `limit` in each `period`, and no model without a price.
    pub fn new(period: BudgetPeriod, limit: Usd) -> Self {
        Self { period, limit, allow_unpriced: false }
    }
}

/// Which budget of the scope's level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetName {
    /// Its period.
    pub period: BudgetPeriod,
}

/// How a budget stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct BudgetView {
    /// Its period.
    pub period: BudgetPeriod,
    /// The most to spend in it.
    pub limit: Usd,
    /// What was spent in it so far.
    pub spent: Usd,
    /// What calls that run now may cost at most.
    pub reserved: Usd,
    /// What another call may cost: the limit less both, and never below nothing.
    pub left: Usd,
    /// Whether models may be asked whose price is not known.
    pub allow_unpriced: bool,
    /// When the period began.
    pub period_start: Timestamp,
    /// When the next one begins; nothing where there is none.
    pub period_end: Option<Timestamp>,
}

/// The budgets of a level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BudgetList {
    /// The shortest period first; at most one of each.
    pub budgets: Vec<BudgetView>,
}

/// The budgets of users and projects. Cheap to clone.
#[derive(Clone)]
pub struct Budgets {
    database: Database,
    clock: Arc<dyn Clock>,
    audit: Audit,
}

const MOST: Usd = Usd::from_picos(1_000_000 * 1_000_000_000_000);

impl Budgets {
    /// The budgets in this database.
    pub fn new(database: Database, clock: Arc<dyn Clock>, audit: Audit) -> Self {
        Self { database, clock, audit }
    }

    /// Sets the limit of a period at the scope's level. What was spent in the period already counts.
    /// Calls that run keep what they reserved.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming a limit that is none, `NOT_FOUND` when the user or project does not exist.
    pub async fn set(&self, scope: &ScopeKey, request: &SetBudget) -> Result<BudgetView> {
        const OPERATION: &str = "budgets.set";
        let user = scope.require_user(OPERATION)?;
        require_level(OPERATION, scope)?;
        if !(Usd::ZERO..=MOST).contains(&request.limit) {
            return Err(Error::invalid(OPERATION, "the limit does not fit")
                .with_field("/limit", "must be 0 to 1000000 dollars"));
        }
        let now = self.clock.now();
        let mut transaction = self.database.begin(scope).await?;
        self.audit.hold(&mut transaction, scope).await?;
        let before = store::find(&mut transaction, scope, request.period, now).await?;
        match &before {
            Some(_) => store::change(&mut transaction, scope, request, now).await?,
            None => {
                let id = self.clock.new_id();
                store::insert(&mut transaction, scope, (id, user, now), request).await?;
            }
        }
        let after = store::find(&mut transaction, scope, request.period, now).await?;
        let after = after.ok_or_else(|| missing(OPERATION, request.period))?;
        if before.is_none_or(|before| {
            (before.limit, before.allow_unpriced) != (after.limit, after.allow_unpriced)
        }) {
            let entry = Entry::new(OPERATION, "set what may be spent in a period")
                .with("period", after.period.name())
                .with("limit_usd", after.limit.to_string())
                .with("allow_unpriced", after.allow_unpriced);
            self.audit.append(&mut transaction, scope, entry).await?;
        }
        transaction.commit().await?;
        Ok(after)
    }

    /// How the budgets at exactly the scope's level stand.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a user.
    pub async fn list(&self, scope: &ScopeKey) -> Result<BudgetList> {
        const OPERATION: &str = "budgets.list";
        scope.require_user(OPERATION)?;
        require_level(OPERATION, scope)?;
        let mut budgets = store::list(&self.database, scope, self.clock.now()).await?;
        budgets.sort_by_key(|budget| budget.period);
        Ok(BudgetList { budgets })
    }

    /// Deletes a budget: what it limited is limited no more.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is none.
    pub async fn delete(&self, scope: &ScopeKey, name: BudgetName) -> Result<()> {
        const OPERATION: &str = "budgets.delete";
        scope.require_user(OPERATION)?;
        require_level(OPERATION, scope)?;
        let mut transaction = self.database.begin(scope).await?;
        self.audit.hold(&mut transaction, scope).await?;
        if !store::delete(&mut transaction, scope, name.period).await? {
            return Err(missing(OPERATION, name.period));
        }
        let entry = Entry::new(OPERATION, "deleted a budget").with("period", name.period.name());
        self.audit.append(&mut transaction, scope, entry).await?;
        transaction.commit().await
    }
}

impl std::fmt::Debug for Budgets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Budgets").field("database", self.database.location()).finish()
    }
}

/// What a subproject spends is spent by its project.
fn require_level(operation: &'static str, scope: &ScopeKey) -> Result<()> {
    match scope.subproject {
        None => Ok(()),
        Some(_) => Err(Error::invalid(operation, "budgets are a user's or a project's")
            .with_field("/scope/subproject", "must be left out")),
    }
}

fn missing(operation: &'static str, period: BudgetPeriod) -> Error {
    let message = "this level has no budget of that period";
    Error::new(ErrorKind::NotFound, operation, message).with("period", period)
}
