//! Prices a chat and writes its cost down when it ends.

use futures::StreamExt;

use crate::{
    cost::{CostEntry, Ledger, Prices},
    provider::{ChatEvent, ChatStream},
    types::ScopeKey,
};

/// The same events; the last one carries the cost, which is recorded before it is passed on.
///
/// An answer that was paid for is never withheld because its cost could not be written: the fault
/// is logged then.
pub(super) fn metered(events: ChatStream, ledger: Ledger, scope: ScopeKey) -> ChatStream {
    let mut service = String::new();
    Box::pin(events.then(move |event| {
        if let Ok(ChatEvent::Started { provider, .. }) = &event {
            service.clone_from(provider);
        }
        let (ledger, service) = (ledger.clone(), service.clone());
        async move {
            let mut event = event?;
            if let ChatEvent::Finished { usage, model, cost, .. } = &mut event {
                *cost = cost.or_else(|| Prices::builtin().cost(model, usage));
                let entry = CostEntry {
                    service,
                    feature: "provider.chat",
                    model: model.clone(),
                    usage: *usage,
                    cost: *cost,
                };
                if let Err(error) = ledger.record(&scope, entry).await {
                    tracing::error!(target: "javari", %error, "the cost of a chat was not recorded");
                }
            }
            Ok(event)
        }
    }))
}
