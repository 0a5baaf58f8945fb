//! A host's provider in a language of the kit, seen as an object of the host.

use std::sync::Arc;

use async_trait::async_trait;
use javari_core::{
    Error, ErrorKind, Result,
    host::{self, HostObject},
};
use serde_json::Value as Json;

/// A provider that the host writes in its own language.
///
/// Its methods are called on the language's event loop, several requests at once. In Python, say
/// once which loop that is: `uniffi_set_event_loop(asyncio.get_running_loop())`.
#[uniffi::export(foreign)]
#[async_trait]
pub trait HostProvider: Send + Sync {
    /// Begins to answer a chat request (JSON, the fields of `provider.chat`).
    async fn stream(&self, request: String) -> Result<HostAnswer, HostFault>;

    /// The models on offer (JSON, `[{"id": "..."}]`).
    async fn models(&self) -> Result<String, HostFault>;
}

/// An answer that has begun. (A record, because rustc cannot see a bare `dyn` through an
/// asynchronous foreign method: <https://github.com/rust-lang/rust/issues/110338>.)
#[derive(uniffi::Record)]
pub struct HostAnswer {
    /// Its events.
    pub events: Arc<dyn HostEvents>,
}

/// The events of one answer.
#[uniffi::export(foreign)]
#[async_trait]
pub trait HostEvents: Send + Sync {
    /// The next event (JSON, `{"type": "text", "delta": "..."}` and so on); nothing at the end.
    async fn next(&self) -> Result<Option<String>, HostFault>;

    /// Ends the answer, read to its end or not; called once.
    async fn stop(&self) -> Result<(), HostFault>;
}

/// Why a method of the host's failed; the caller is told `HostFailed` with these words.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum HostFault {
    /// It failed.
    #[error("{detail}")]
    Failed {
        /// One sentence for a person.
        detail: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for HostFault {
    fn from(fault: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed { detail: fault.reason }
    }
}

/// A provider as the host's object.
pub(super) struct Registered(pub(super) Arc<dyn HostProvider>);

#[async_trait]
impl HostObject for Registered {
    async fn call(&self, _method: &str, _argument: Json) -> Result<Json> {
        let models = self.0.models().await.map_err(failed)?;
        parsed(&models)
    }

    async fn stream(&self, _method: &str, argument: Json) -> Result<host::HostEvents> {
        let answer = self.0.stream(argument.to_string()).await.map_err(failed)?;
        let open = Open(answer.events);
        Ok(Box::pin(futures::stream::try_unfold(open, |open| async move {
            let event = open.0.next().await.map_err(failed)?;
            event.map(|event| Ok((parsed(&event)?, open))).transpose()
        })))
    }
}

/// The host's events, stopped when dropped.
struct Open(Arc<dyn HostEvents>);

impl Drop for Open {
    fn drop(&mut self) {
        let events = self.0.clone();
        // Streams live on the runtime; when it is gone nobody is left to be told.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { drop(events.stop().await) });
        }
    }
}

/// The longest words of a failure that are passed on, in characters.
const MOST_WORDS: usize = 500;

fn failed(fault: HostFault) -> Error {
    let HostFault::Failed { detail } = fault;
    let words: String = detail.chars().take(MOST_WORDS).collect();
    Error::new(ErrorKind::HostFailed, "host.provider", words)
}

fn parsed(text: &str) -> Result<Json> {
    serde_json::from_str(text).map_err(|_| {
        Error::new(ErrorKind::HostFailed, "host.provider", "the host's answer is not JSON")
    })
}
