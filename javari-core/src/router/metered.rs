//! Keeps budgets and writes down what chats cost, around the router.

use std::sync::Arc;

use async_trait::async_trait;
use futures::{StreamExt, stream};

use super::Router;
use crate::{
    cost::{Ledger, Meter, Prices, Reservation},
    error::Result,
    provider::{Capabilities, ChatEvent, ChatRequest, ChatStream, ModelInfo, Provider},
    types::ScopeKey,
};

/// A router whose chats are paid for: each reserves what it may cost at most where a budget limits its
/// scope, and is charged when it ends, when its caller leaves and when it breaks off.
#[derive(Clone)]
pub struct Metered {
    router: Arc<Router>,
    ledger: Ledger,
    prices: Prices,
}

impl Metered {
    /// `router` with its chats charged to `ledger` by `prices`.
    pub fn new(router: Arc<Router>, ledger: Ledger, prices: Prices) -> Self {
        Self { router, ledger, prices }
    }

    /// Keeps free what the chat may cost at most. Where a budget limits it, a request without a limit
    /// of its own is given one, for nobody knows otherwise what it costs.
    async fn reserve(&self, request: &mut ChatRequest) -> Result<Option<Reservation>> {
        if !self.ledger.is_limited(&request.scope).await? {
            return Ok(None);
        }
        let most = self.router.limit(request);
        self.ledger.reserve(&request.scope, request.purpose.0, most).await
    }
}

#[async_trait]
impl Provider for Metered {
    fn name(&self) -> &str {
        self.router.name()
    }

    fn capabilities(&self) -> Capabilities {
        self.router.capabilities()
    }

    fn capabilities_for(&self, model: Option<&str>) -> Capabilities {
        self.router.capabilities_for(model)
    }

    /// # Errors
    /// Those of the router, and `BUDGET_EXCEEDED`: nothing was sent then.
    async fn stream(&self, mut request: ChatRequest) -> Result<ChatStream> {
        request.validate()?;
        let reservation = self.reserve(&mut request).await?;
        let (ledger, prices) = (Some(self.ledger.clone()), self.prices.clone());
        let (scope, purpose, read) = (request.scope, request.purpose, request.text_bytes());
        let events = self.router.stream(request).await?;
        let meter = Meter::new(ledger, prices, scope, purpose.0, self.name(), read);
        Ok(metered(events, meter.with_reservation(reservation)))
    }

    async fn models(&self, scope: ScopeKey) -> Result<Vec<ModelInfo>> {
        self.router.models(scope).await
    }
}

/// The same events; the last one carries the cost, which is recorded before it is passed on.
fn metered(events: ChatStream, meter: Meter) -> ChatStream {
    // Boxed, so that no event moves the whole meter.
    Box::pin(stream::unfold((events, Box::new(meter)), |(mut events, mut meter)| async move {
        let mut event = events.next().await?;
        match &mut event {
            Ok(ChatEvent::Started { provider, model, .. }) => meter.began(provider, model),
            Ok(ChatEvent::Finished { usage, model, cost, by_model, .. }) => {
                *cost = meter.finish(model, *usage, by_model, *cost).await;
            }
            // What was said before it is void and paid for all the same.
            Ok(ChatEvent::Restarted { .. }) => *meter = (*meter).again(),
            Ok(other) => meter.received(other.written_bytes()),
            // What came before a fault was paid for: the meter is dropped with the stream.
            Err(_) => {}
        }
        Some((event, (events, meter)))
    }))
}
