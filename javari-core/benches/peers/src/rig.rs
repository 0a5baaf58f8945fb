//! rig-core.

use futures::{StreamExt, future::BoxFuture};
use rig_core::{
    completion::CompletionRequest,
    providers::openai::{OpenAI, OpenAIConfig},
    streaming::{Item, StreamEvent},
};

use crate::{Client, MODEL, QUESTION};

/// On the client of `reqwest` that it brings along.
pub(crate) struct Rig(OpenAI);

impl Rig {
    pub(crate) fn new(base: &str) -> Self {
        Self(OpenAIConfig::new("sk-test").with_base_url(base).client())
    }
}

impl Client for Rig {
    fn name(&self) -> &'static str {
        "rig-core 0.44.0"
    }

    fn call(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let model = self.0.chat(MODEL);
            let reply = model.call(CompletionRequest::new(QUESTION)).await.unwrap();
            assert!(!reply.text().is_empty());
        })
    }

    fn stream(&self) -> BoxFuture<'_, Option<usize>> {
        Box::pin(async {
            let model = self.0.chat(MODEL);
            let mut items = model.stream(CompletionRequest::new(QUESTION)).unwrap();
            let mut texts = 0;
            while let Some(item) = items.next().await {
                if let Item::Event(StreamEvent::Text { text, .. }) = item.unwrap() {
                    texts += usize::from(!text.is_empty());
                }
            }
            Some(texts)
        })
    }
}
