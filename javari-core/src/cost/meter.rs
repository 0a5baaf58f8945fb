//! Charges one streamed call, also when its caller leaves in the middle.

use tokio::runtime::Handle;

use super::{CostEntry, Ledger, Prices, Reservation, is_plausible};
use crate::types::{ModelUsage, ScopeKey, Usage, Usd};

/// Charges one streamed call once: with the usage that its end states, or, when it is dropped
/// before, with an estimate of what went over the wire until then, marked as estimated.
///
/// A call of which nothing arrived is not charged. What a dropped meter owes is written by a task
/// of the runtime it was last used on, moments later; [`Ledger::settled`] waits for it, and closing
/// does.
pub struct Meter {
    ledger: Option<Ledger>,
    prices: Prices,
    scope: ScopeKey,
    feature: &'static str,
    service: String,
    model: String,
    read: usize,
    written: usize,
    /// Whether something arrived that is not charged yet.
    owes: bool,
    /// What the call may cost at most, kept free until it is charged.
    reservation: Option<Reservation>,
    runtime: Option<Handle>,
}

impl Meter {
    /// A meter of a call to `service` for the operation `feature`, whose request has `read` bytes
    /// of text. Without a ledger it only tells the cost.
    pub fn new(
        ledger: Option<Ledger>,
        prices: Prices,
        scope: ScopeKey,
        feature: &'static str,
        service: impl Into<String>,
        read: usize,
    ) -> Self {
        Self {
            ledger,
            prices,
            scope,
            feature,
            service: service.into(),
            model: String::new(),
            read,
            written: 0,
            owes: false,
            reservation: None,
            runtime: Handle::try_current().ok(),
        }
    }

    /// The same meter of a call that has reserved what it may cost.
    #[must_use]
    pub fn with_reservation(mut self, reservation: Option<Reservation>) -> Self {
        self.reservation = reservation;
        self
    }

    /// A meter of another attempt at the same call. What this one owes is charged as of a call that its
    /// caller left; what was reserved stays so for the other.
    #[must_use]
    pub fn again(mut self) -> Self {
        let (prices, scope) = (self.prices.clone(), self.scope);
        let reservation = self.reservation.take();
        let (ledger, service) = (self.ledger.clone(), self.service.as_str());
        Self::new(ledger, prices, scope, self.feature, service, self.read)
            .with_reservation(reservation)
    }

    /// The service has begun to answer: from now on the call costs.
    pub fn began(&mut self, service: &str, model: &str) {
        service.clone_into(&mut self.service);
        model.clone_into(&mut self.model);
        self.owes = true;
    }

    /// More bytes of the answer arrived.
    pub fn received(&mut self, bytes: usize) {
        self.written = self.written.saturating_add(bytes);
        self.owes = true;
    }

    /// The call is over: records it and tells its cost, `cost` itself where the service told it.
    /// Once begun it is recorded once, also when the caller leaves meanwhile.
    /// `by_model` are the parts of `usage` where several models answered: each is priced by its own.
    pub async fn finish(
        &mut self,
        model: &str,
        usage: Usage,
        by_model: &[ModelUsage],
        cost: Option<Usd>,
    ) -> Option<Usd> {
        if !model.is_empty() {
            model.clone_into(&mut self.model);
        }
        let usage = usage.capped();
        let cost = cost
            .filter(is_plausible)
            .or_else(|| self.prices.cost_by_model(&self.service, &self.model, &usage, by_model));
        if let Some(recording) = self.charge(usage, cost) {
            // Its own fault is logged; a runtime that ends here ends the caller as well.
            drop(recording.await);
        }
        cost
    }

    /// The model that answers, as far as it is known.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Who is asked.
    pub fn service(&self) -> &str {
        &self.service
    }

    fn charge(&mut self, usage: Usage, cost: Option<Usd>) -> Option<tokio::task::JoinHandle<()>> {
        self.owes = false;
        let ledger = self.ledger.take()?;
        let entry = CostEntry {
            service: self.service.clone(),
            feature: self.feature,
            model: self.model.clone(),
            usage,
            cost,
        };
        let Some(runtime) = Handle::try_current().ok().or(self.runtime.take()) else {
            tracing::error!(target: "javari", "the cost of a call was not recorded: no runtime");
            return None;
        };
        Some(ledger.record_later(&runtime, self.scope, entry, self.reservation.take()))
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if self.owes {
            let usage = Usage::estimate(self.read, self.written);
            let cost = self.prices.cost_at(&self.service, &self.model, &usage);
            drop(self.charge(usage, cost));
        }
    }
}
