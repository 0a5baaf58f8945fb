//! What the user or project of a scope may spend.

use super::Scope;
use crate::{
    cost::{BudgetList, BudgetName, BudgetView, Budgets, SetBudget},
    error::Result,
};

/// The budgets of one scope: those of its project, or of its user as a whole.
pub struct BudgetsOf<'a>(pub(super) &'a Scope);

impl BudgetsOf<'_> {
    fn budgets(&self) -> &Budgets {
        &self.0.javari().rooms().budgets
    }

    /// Sets what may be spent in a period. A call that might pass it is refused before it is made,
    /// with `BUDGET_EXCEEDED`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> javari_core::Result<()> {
    /// use javari_core::{Javari, cost::{BudgetPeriod, SetBudget}};
    /// let javari = Javari::open(":memory:").await?;
    /// let ann = javari.scope(javari.ensure_user("ann@example.com").await?.id);
    /// let request = SetBudget::new(BudgetPeriod::Month, "25".parse().unwrap());
    /// let budget = ann.budgets().set(&request).await?;
    /// assert_eq!((budget.left.to_string(), budget.spent.to_string()), ("25".into(), "0".into()));
    /// # javari.close().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Budgets::set`].
    pub async fn set(&self, request: &SetBudget) -> Result<BudgetView> {
        self.budgets().set(self.0.key(), request).await
    }

    /// How they stand.
    ///
    /// # Errors
    /// As [`Budgets::list`].
    pub async fn list(&self) -> Result<BudgetList> {
        self.budgets().list(self.0.key()).await
    }

    /// Deletes the one of a period.
    ///
    /// # Errors
    /// As [`Budgets::delete`].
    pub async fn delete(&self, name: BudgetName) -> Result<()> {
        self.budgets().delete(self.0.key(), name).await
    }
}
