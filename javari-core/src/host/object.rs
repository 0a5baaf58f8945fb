//! Objects that a host registers in its own language, seen as Javari's traits.

use std::{pin::Pin, sync::Arc};

use async_trait::async_trait;
use futures::{Stream, StreamExt};
use serde_json::{Value as Json, json};

use crate::{
    error::{Error, ErrorKind, Result},
    provider::{Capabilities, ChatEvent, ChatRequest, ChatStream, ModelInfo, Provider},
    types::ScopeKey,
};

/// Events of a host's object, as JSON, pulled.
pub type HostEvents = Pin<Box<dyn Stream<Item = Result<Json>> + Send>>;

/// An object of the host, called by the names of a trait's methods with JSON.
///
/// A door implements it once for its language; this room makes each trait of it.
#[async_trait]
pub trait HostObject: Send + Sync {
    /// Calls a method that answers once.
    ///
    /// # Errors
    /// `HOST_FAILED` with the host's words.
    async fn call(&self, method: &str, argument: Json) -> Result<Json>;

    /// Calls a method that answers with events. Dropping the stream tells the host to stop.
    ///
    /// # Errors
    /// `HOST_FAILED` with the host's words; the same may come as an item.
    async fn stream(&self, method: &str, argument: Json) -> Result<HostEvents>;
}

/// A provider of the host: `stream(request)` gives events in the form of [`ChatEvent`].
pub(super) struct HostProvider {
    name: String,
    object: Arc<dyn HostObject>,
}

impl HostProvider {
    pub(super) fn new(name: String, object: Arc<dyn HostObject>) -> Self {
        Self { name, object }
    }
}

#[async_trait]
impl Provider for HostProvider {
    fn name(&self) -> &str {
        &self.name
    }

    fn capabilities(&self) -> Capabilities {
        // What a host registers is a model of its own, and what it cannot do is for it to say; `local`
        // is the only one that only quotes.
        Capabilities {
            tools: true,
            images: true,
            response_schema: true,
            generates: true,
            ..Capabilities::default()
        }
    }

    async fn stream(&self, request: ChatRequest) -> Result<ChatStream> {
        let argument = serde_json::to_value(&request).map_err(|fault| {
            Error::new(ErrorKind::Unexpected, "host.provider", "the request cannot be written")
                .with_source(fault)
        })?;
        let name = self.name.clone();
        let events = self.object.stream("stream", argument).await?;
        Ok(Box::pin(events.map(move |event| {
            serde_json::from_value::<ChatEvent>(event?).map_err(|fault| {
                Error::new(
                    ErrorKind::HostFailed,
                    "host.provider",
                    "the host's provider sent something that is no chat event",
                )
                .with("provider", &name)
                .with_source(fault)
            })
        })))
    }

    async fn models(&self, _scope: ScopeKey) -> Result<Vec<ModelInfo>> {
        let models = self.object.call("models", json!({})).await?;
        serde_json::from_value(models).map_err(|fault| {
            Error::new(ErrorKind::HostFailed, "host.provider", "the host's models do not fit")
                .with("provider", &self.name)
                .with_source(fault)
        })
    }
}
