//! What a call that runs may cost at most, kept free in every budget that it counts in.

use std::time::Duration;

use tokio::runtime::Handle;

use super::store::{self, Limit};
use crate::{
    cost::Ledger,
    error::{Error, ErrorKind, Result, Retry},
    types::{CostId, ScopeKey, Usd},
};

/// What one call may cost at most, kept free until the call is charged or this is dropped.
///
/// A process that ends in between leaves it behind; it counts no more once its time is over.
#[derive(Debug)]
pub struct Reservation {
    ledger: Ledger,
    scope: ScopeKey,
    /// Nothing once it was settled.
    call: Option<CostId>,
    runtime: Handle,
}

/// For how long a reservation counts when nobody settles it.
const KEPT_FOR: Duration = Duration::from_secs(60 * 60);
/// After how long a call that others keep from fitting may be tried again.
const OTHERS_SETTLE: Duration = Duration::from_secs(2);

impl Ledger {
    /// Whether a budget limits what the scope spends.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn is_limited(&self, scope: &ScopeKey) -> Result<bool> {
        match scope.user {
            Some(_) => store::is_limited(&self.database, scope).await,
            None => Ok(false),
        }
    }

    /// Keeps free what a call may cost at most, in every budget that it counts in; nothing where it
    /// costs nothing or no budget limits it. A cost that is not known fits where every one of them
    /// allows that.
    ///
    /// # Errors
    /// `BUDGET_EXCEEDED` when it does not fit; it may be tried again where only calls that run now keep
    /// it from fitting.
    pub async fn reserve(
        &self,
        scope: &ScopeKey,
        operation: &'static str,
        most: Option<Usd>,
    ) -> Result<Option<Reservation>> {
        let Some(user) = scope.user else { return Ok(None) };
        if most == Some(Usd::ZERO) {
            return Ok(None);
        }
        let now = self.clock.now();
        let mut transaction = self.database.begin_noting(&store::of_owner(scope)).await?;
        let limits = store::limits(&mut transaction, scope, now).await?;
        for limit in &limits {
            fits(operation, scope, limit, most)?;
        }
        let Some(amount) = most.filter(|_| !limits.is_empty()) else { return Ok(None) };
        let call = CostId(self.clock.new_id());
        for limit in &limits {
            let key = (call, limit.id, user);
            store::reserve(&mut transaction, key, amount, (now, now.plus(KEPT_FOR))).await?;
        }
        // From here on there is something to give back, also when the caller leaves.
        let reservation = Reservation {
            ledger: self.clone(),
            scope: *scope,
            call: Some(call),
            runtime: Handle::current(),
        };
        transaction.commit().await?;
        Ok(Some(reservation))
    }

    async fn release(&self, scope: &ScopeKey, call: CostId) -> Result<()> {
        let mut transaction = self.database.begin_noting(&store::of_owner(scope)).await?;
        store::release(&mut transaction, call).await?;
        transaction.commit().await
    }
}

impl Reservation {
    /// Who settles it, by charging the call, gives it back.
    pub(in crate::cost) fn settled_by_charge(mut self) -> Option<CostId> {
        self.call.take()
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let Some(call) = self.call.take() else { return };
        let (ledger, scope) = (self.ledger.clone(), self.scope);
        self.ledger.running.spawn_on(
            async move {
                if let Err(error) = ledger.release(&scope, call).await {
                    tracing::warn!(target: "javari", %error, "what a call reserved counts on for a while");
                }
            },
            &self.runtime,
        );
    }
}

/// Whether a budget has room for a call.
fn fits(operation: &'static str, scope: &ScopeKey, limit: &Limit, most: Option<Usd>) -> Result<()> {
    let Limit { budget, of_user, .. } = limit;
    let whose = if *of_user { "user" } else { "project" };
    let refused = |message: String| {
        let error =
            Error::new(ErrorKind::BudgetExceeded, operation, message).with("period", budget.period);
        budget.period_end.iter().fold(error, |error, end| error.with("period_end", end))
    };
    let Some(most) = most else {
        return match budget.allow_unpriced {
            true => Ok(()),
            false => Err(refused(format!(
                "the {whose} has a budget, and what this model costs is not known: give its price in \
                 `models_file`, or let the budget `allow_unpriced`"
            ))),
        };
    };
    if most <= budget.left {
        return Ok(());
    }
    // What the owner may spend as a whole is no member's to know.
    let told = match *of_user && scope.member.is_some() {
        true => format!("the budget of the {whose} has no room for this call"),
        false => format!(
            "of {} dollars that the {whose} may spend a period {} are left, and this call could cost {}: \
             raise the budget, or lower `max_tokens`",
            budget.limit, budget.left, most
        ),
    };
    let alone = budget.left.picos() + budget.reserved.picos();
    let error = refused(told);
    // Once those that run have settled there may be room.
    let others = budget.reserved > Usd::ZERO && most.picos() <= alone;
    Err(if others { error.with_retry(Retry::After(OTHERS_SETTLE)) } else { error })
}
