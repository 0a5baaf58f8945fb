//! Javari: its wire alone, with the router, with the meter, and all of it as a host calls it.

use std::sync::Arc;

use futures::{StreamExt, future::BoxFuture};
use javari_core::{
    Scope,
    client::Builder,
    config::Settings,
    cost::{Meter, Prices},
    http::{Http, HttpConfig},
    provider::{
        ChatEvent, ChatReply, ChatRequest, ChatStream, Delivery, Provider, ProviderConfig,
        RemoteProvider,
    },
    router::Router,
    secret::{FixedSecrets, Secret},
    types::{ScopeKey, SystemClock},
};

use crate::{Client, MODEL, QUESTION};

/// The wire alone.
pub(crate) struct Wire(RemoteProvider);

/// The wire behind the router: plan, breaker, keys, retries.
pub(crate) struct Routed(Router);

/// The same, counted and priced, and written nowhere.
pub(crate) struct Metered(Router, Prices);

/// A scope's chat: the same with each cost as a row of a database in memory before the answer ends.
pub(crate) struct Whole(Scope);

fn remote(base: &str) -> RemoteProvider {
    let http = Http::new(HttpConfig::default(), Arc::new(SystemClock)).unwrap();
    let secrets = FixedSecrets::default().with("OPENAI_API_KEY", Secret::new("sk-test"));
    let mut config = ProviderConfig::compatible(base);
    config.chat_model = MODEL.to_owned();
    RemoteProvider::new(config, http, Arc::new(secrets)).unwrap()
}

fn ask(delivery: Delivery) -> ChatRequest {
    let mut request = ChatRequest::ask(QUESTION);
    request.delivery = delivery;
    request
}

async fn whole(events: ChatStream) {
    let reply = ChatReply::from_stream(events).await.unwrap();
    assert!(!reply.text.is_empty() && reply.usage.output > 0);
}

async fn texts(mut events: ChatStream) -> Option<usize> {
    let (mut texts, mut written) = (0, 0);
    while let Some(event) = events.next().await {
        match event.unwrap() {
            ChatEvent::Text { .. } => texts += 1,
            ChatEvent::Finished { usage, .. } => written = usage.output,
            _ => {}
        }
    }
    assert!(written > 0);
    Some(texts)
}

impl Wire {
    pub(crate) fn new(base: &str) -> Self {
        Self(remote(base))
    }
}

impl Routed {
    pub(crate) fn new(base: &str) -> Self {
        Self(Router::new(Arc::new(remote(base))))
    }
}

impl Metered {
    pub(crate) fn new(base: &str) -> Self {
        Self(Router::new(Arc::new(remote(base))), Prices::builtin())
    }

    async fn chat(&self, delivery: Delivery) -> ChatStream {
        let request = ask(delivery);
        let read = request.text_bytes();
        let events = self.0.stream(request).await.unwrap();
        let meter = Meter::new(None, self.1.clone(), ScopeKey::HOST, "provider.chat", "", read);
        metered(events, meter)
    }
}

impl Whole {
    pub(crate) async fn open(base: &str) -> Self {
        let builder = Builder::new(Settings::for_database(":memory:"));
        let javari = builder.with_provider(Arc::new(remote(base))).open().await.unwrap();
        let ann = javari.ensure_user("ann@example.com").await.unwrap();
        Self(javari.scope(ann.id))
    }
}

/// As the client does it.
fn metered(events: ChatStream, meter: Meter) -> ChatStream {
    Box::pin(futures::stream::unfold(
        (events, Box::new(meter)),
        |(mut events, mut meter)| async move {
            let mut event = events.next().await?;
            match &mut event {
                Ok(ChatEvent::Started { provider, model, .. }) => meter.began(provider, model),
                Ok(ChatEvent::Finished { usage, model, cost, by_model, .. }) => {
                    *cost = meter.finish(model, *usage, by_model, *cost).await;
                }
                Ok(other) => meter.received(other.written_bytes()),
                Err(_) => {}
            }
            Some((event, (events, meter)))
        },
    ))
}

macro_rules! client {
    ($type:ident, $name:literal, |$self:ident, $delivery:ident| $chat:expr) => {
        impl Client for $type {
            fn name(&self) -> &'static str {
                $name
            }

            fn call(&self) -> BoxFuture<'_, ()> {
                let ($self, $delivery) = (self, Delivery::Whole);
                Box::pin(async move { whole($chat).await })
            }

            fn stream(&self) -> BoxFuture<'_, Option<usize>> {
                let ($self, $delivery) = (self, Delivery::Streamed);
                Box::pin(async move { texts($chat).await })
            }
        }
    };
}

client!(Wire, "Javari, wire", |this, delivery| this.0.stream(ask(delivery)).await.unwrap());
client!(Routed, "Javari, routed", |this, delivery| this.0.stream(ask(delivery)).await.unwrap());
client!(Metered, "Javari, routed and priced", |this, delivery| this.chat(delivery).await);
client!(Whole, "Javari, all, cost written", |this, delivery| {
    this.0.chat(ask(delivery)).await.unwrap()
});
