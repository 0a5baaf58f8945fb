//! Money: what models cost and what was spent.
//!
//! [`Prices`] turns what a call used into exact dollars, by the catalogue in `models`; [`Ledger`] records each call and
//! reports the sums. A cost that is not known stays unknown: it is counted, and never taken for
//! nothing. A [`Meter`] charges a streamed call also when its caller leaves in the middle. [`Budgets`]
//! limit what a user or a project spends: a call that might pass a limit is refused before it is made.
//!
//! What it deliberately does not do: it asks no provider, neither for an answer nor for its bill.

mod budget;
mod meter;
mod prices;
mod store;

use std::sync::Arc;

pub use budget::{
    BudgetList, BudgetName, BudgetPeriod, BudgetView, Budgets, Reservation, SetBudget,
};
pub use meter::Meter;
pub use prices::Prices;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::{runtime::Handle, task::JoinHandle};
use tokio_util::task::TaskTracker;

use crate::{
    error::{ErrorKind, Result},
    storage::Database,
    types::{Clock, CostId, ScopeKey, Usage, Usd},
};

/// One call to record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostEntry {
    /// Who was paid: the provider's name.
    pub service: String,
    /// What it was for: the operation.
    pub feature: &'static str,
    /// The model.
    pub model: String,
    /// The tokens.
    pub usage: Usage,
    /// The cost, where it is known.
    pub cost: Option<Usd>,
}

/// What a scope spent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct CostReport {
    /// All known costs together.
    pub total: Usd,
    /// How many calls.
    pub calls: u64,
    /// How many of them have no known cost, so that the total is less than what was spent.
    pub unpriced_calls: u64,
    /// By provider, the dearest first.
    pub by_service: Vec<CostLine>,
    /// By model, the dearest first.
    pub by_model: Vec<CostLine>,
}

/// What one provider or model cost.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct CostLine {
    /// The provider or the model.
    pub name: String,
    /// Its known costs together.
    pub total: Usd,
    /// How many calls.
    pub calls: u64,
    /// How many of them have no known cost.
    pub unpriced_calls: u64,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
}

/// Records what calls cost. Cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    database: Database,
    clock: Arc<dyn Clock>,
    /// Charges being written. It is closed, so that waiting ends when it is empty.
    running: TaskTracker,
}

impl Ledger {
    /// The ledger in this database.
    pub fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        let running = TaskTracker::new();
        running.close();
        Self { database, clock, running }
    }

    /// Records a call. Counts of tokens that no call has are recorded as
    /// [`Usage::MAX_TOKENS`], and a cost below nothing or beyond a million dollars as unknown.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a user, `NOT_FOUND` when the user or project does not exist.
    pub async fn record(&self, scope: &ScopeKey, entry: CostEntry) -> Result<CostId> {
        self.record_settling(scope, entry, None).await
    }

    /// The same, giving back what the call had reserved in the same transaction.
    async fn record_settling(
        &self,
        scope: &ScopeKey,
        entry: CostEntry,
        reserved: Option<CostId>,
    ) -> Result<CostId> {
        let user = scope.require_user("cost.record")?;
        let (usage, cost) = (entry.usage.capped(), entry.cost.filter(is_plausible));
        let entry = CostEntry { usage, cost, ..entry };
        let id = CostId(self.clock.new_id());
        let now = self.clock.now();
        store::insert(&self.database, scope, (id, user, now), &entry, reserved).await?;
        Ok(id)
    }

    /// Records a call that was paid for, and gives back what it had reserved. Once begun it goes on although the caller leaves. What was
    /// paid for is never withheld because its cost could not be written: the fault is logged.
    pub async fn charge(
        &self,
        scope: ScopeKey,
        entry: CostEntry,
        reservation: Option<Reservation>,
    ) {
        match Handle::try_current() {
            Ok(runtime) => {
                drop(self.record_later(&runtime, scope, entry, reservation).await);
            }
            Err(error) => {
                tracing::error!(target: "javari", %error, "the cost of a call was not recorded");
            }
        }
    }

    /// The same, begun at once on `runtime` and waited for where the caller likes.
    fn record_later(
        &self,
        runtime: &Handle,
        scope: ScopeKey,
        entry: CostEntry,
        reservation: Option<Reservation>,
    ) -> JoinHandle<()> {
        let ledger = self.clone();
        let work = async move {
            let reserved = reservation.and_then(Reservation::settled_by_charge);
            let recorded = match ledger.record_settling(&scope, entry.clone(), reserved).await {
                // What was paid for in a project that was deleted meanwhile outlives it.
                Err(error) if error.kind() == ErrorKind::NotFound && scope.project.is_some() => {
                    let owner = ScopeKey { user: scope.user, ..ScopeKey::HOST };
                    ledger.record_settling(&owner, entry, reserved).await
                }
                recorded => recorded,
            };
            if let Err(error) = recorded {
                tracing::error!(target: "javari", %error, "the cost of a call was not recorded");
            }
        };
        self.running.spawn_on(work, runtime)
    }

    /// Waits until every charge that was begun is recorded: those of streams that were left too.
    pub async fn settled(&self) {
        self.running.wait().await;
    }

    /// What the scope spent: a project's scope the project's calls, a user's scope all of theirs.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a user.
    pub async fn report(&self, scope: &ScopeKey) -> Result<CostReport> {
        let user = scope.require_user("cost.report")?;
        let mut report = CostReport::default();
        for (service, model, line) in store::sums(&self.database, scope, user).await? {
            report.total += line.total;
            report.calls = report.calls.saturating_add(line.calls);
            report.unpriced_calls = report.unpriced_calls.saturating_add(line.unpriced_calls);
            add(&mut report.by_service, service, &line);
            add(&mut report.by_model, model, &line);
        }
        for lines in [&mut report.by_service, &mut report.by_model] {
            lines.sort_by(|one, other| {
                other.total.cmp(&one.total).then_with(|| one.name.cmp(&other.name))
            });
        }
        Ok(report)
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger").field("database", self.database.location()).finish()
    }
}

/// Whether a service can have meant it: a cost beyond that of any call is no cost, and none pays.
fn is_plausible(cost: &Usd) -> bool {
    const MOST: Usd = Usd::from_picos(1_000_000 * 1_000_000_000_000);
    (Usd::ZERO..=MOST).contains(cost)
}

fn add(lines: &mut Vec<CostLine>, name: String, line: &CostLine) {
    match lines.iter_mut().find(|one| one.name == name) {
        Some(one) => {
            one.total += line.total;
            for (sum, more) in [
                (&mut one.calls, line.calls),
                (&mut one.unpriced_calls, line.unpriced_calls),
                (&mut one.input_tokens, line.input_tokens),
                (&mut one.output_tokens, line.output_tokens),
            ] {
                *sum = sum.saturating_add(more);
            }
        }
        None => lines.push(CostLine { name, ..line.clone() }),
    }
}

#[cfg(test)]
mod exact;
#[cfg(test)]
mod tests;
