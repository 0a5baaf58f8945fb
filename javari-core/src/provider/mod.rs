//! Model services behind two narrow traits: [`Provider`] streams a chat, [`Embedder`] makes vectors.
//!
//! [`RemoteProvider`] speaks to model services over their own wires, [`RemoteEmbedder`] likewise.
//! [`LocalProvider`] and [`HashedEmbedder`] need no network, no key and no download.
//! A stream ends in exactly one `finished` event or one error: a stream that was cut is never taken
//! for a success, and no provider here starts over once something was delivered.
//!
//! What it deliberately does not do: it does not retry, route, price, cache or meter. Those are
//! layers around any `Provider`, so that a host's own provider gets them as well.

mod embed;
mod event;
mod grounding;
mod local;
mod model;
mod remote;
mod request;
mod wire;

use std::{pin::Pin, sync::Arc};

use async_trait::async_trait;
use futures::Stream;

pub(crate) use self::wire::SERVER_WAIT;
pub use self::{
    embed::{EmbedPurpose, EmbedRequest, Embedder, EmbeddingModel, Embeddings},
    event::{ChatEvent, ChatReply, FailedAttempt, Source, Warning},
    local::{HashedEmbedder, LocalProvider},
    model::{Capabilities, ModelInfo},
    remote::{
        Authentication, EmbedderConfig, EmbeddingWire, ProviderConfig, RemoteEmbedder,
        RemoteProvider, WireName,
    },
    request::{ChatRequest, Delivery, Effort, Passage, Preference, Purpose, ToolChoice, ToolSpec},
};
use crate::{error::Result, types::ScopeKey};

/// The events of one chat, pulled by the caller. Dropping it stops the work.
pub type ChatStream = Pin<Box<dyn Stream<Item = Result<ChatEvent>> + Send>>;

/// A model service.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> javari_core::Result<()> {
/// use javari_core::provider::{ChatRequest, LocalProvider, Passage, ProviderExt};
/// let mut request = ChatRequest::ask("How long do refunds take?");
/// request.passages = vec![Passage::new(1, "guide.md", "Refunds take five working days.")];
/// let reply = LocalProvider::default().complete(request).await?;
/// assert!(reply.text.contains("\"Refunds take five working days.\" [1]"));
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait Provider: Send + Sync {
    /// Its name, such as `openai`.
    fn name(&self) -> &str;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// What it can do when a request names this model: another answer where another provider
    /// stands behind it.
    fn capabilities_for(&self, model: Option<&str>) -> Capabilities {
        let _ = model;
        self.capabilities()
    }

    /// The model that answers where a request names none, as far as it is known beforehand.
    fn default_model(&self) -> Option<&str> {
        None
    }

    /// The names of the keys it may be asked with, one of which a request may choose; none where it
    /// takes no choice.
    fn keys(&self) -> &[String] {
        &[]
    }

    /// Begins a chat. The first event is `started`, the last is `finished` or an error.
    ///
    /// # Errors
    /// `PROVIDER_REFUSED`, `RATE_LIMITED`, `PROVIDER_FAILED`, `NETWORK`, `TIMEOUT`,
    /// `INVALID_INPUT`; the same kinds may come as the stream's last item.
    async fn stream(&self, request: ChatRequest) -> Result<ChatStream>;

    /// The models it offers to this scope.
    ///
    /// # Errors
    /// As [`stream`](Self::stream).
    async fn models(&self, scope: ScopeKey) -> Result<Vec<ModelInfo>>;
}

/// Comfort on top of every [`Provider`].
#[async_trait]
pub trait ProviderExt: Provider {
    /// The whole reply at once.
    ///
    /// # Errors
    /// As [`Provider::stream`].
    async fn complete(&self, request: ChatRequest) -> Result<ChatReply> {
        let request = ChatRequest { delivery: Delivery::Whole, ..request };
        ChatReply::from_stream(self.stream(request).await?).await
    }
}

impl<P: Provider + ?Sized> ProviderExt for P {}

#[async_trait]
impl<P: Provider + ?Sized> Provider for Arc<P> {
    fn name(&self) -> &str {
        self.as_ref().name()
    }

    fn capabilities(&self) -> Capabilities {
        self.as_ref().capabilities()
    }

    fn capabilities_for(&self, model: Option<&str>) -> Capabilities {
        self.as_ref().capabilities_for(model)
    }

    fn default_model(&self) -> Option<&str> {
        self.as_ref().default_model()
    }

    fn keys(&self) -> &[String] {
        self.as_ref().keys()
    }

    async fn stream(&self, request: ChatRequest) -> Result<ChatStream> {
        self.as_ref().stream(request).await
    }

    async fn models(&self, scope: ScopeKey) -> Result<Vec<ModelInfo>> {
        self.as_ref().models(scope).await
    }
}
