//! Prices a chat and writes its cost down, when it ends and when its caller leaves.

use futures::{StreamExt, stream};

use crate::{
    cost::Meter,
    provider::{ChatEvent, ChatStream},
};

/// The same events; the last one carries the cost, which is recorded before it is passed on.
pub(super) fn metered(events: ChatStream, meter: Meter) -> ChatStream {
    Box::pin(stream::unfold((events, meter), |(mut events, mut meter)| async move {
        let mut event = events.next().await?;
        match &mut event {
            Ok(ChatEvent::Started { provider, model, .. }) => meter.began(provider, model),
            Ok(ChatEvent::Finished { usage, model, cost, by_model, .. }) => {
                *cost = meter.finish(model, *usage, by_model, *cost).await;
            }
            // What was said before it is void and paid for all the same.
            Ok(ChatEvent::Restarted { .. }) => meter = meter.again(),
            Ok(other) => meter.received(other.written_bytes()),
            // What came before a fault was paid for: the meter is dropped with the stream.
            Err(_) => {}
        }
        Some((event, (events, meter)))
    }))
}
