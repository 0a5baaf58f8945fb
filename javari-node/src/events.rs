//! The events of one stream, pulled in batches.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use javari_core::{
    Result,
    host::{EventStream, Host},
};
use napi::{Env, bindgen_prelude::Object};
use napi_derive::napi;
use serde_json::Value as Json;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::{
    plain::Plain,
    promise::{begun, promise},
};

/// At most this many events cross at once.
const BATCH: usize = 64;

/// The events of one stream. The work begins at the first pull and stops when this is collected.
#[napi]
pub struct Events(Arc<Shared>);

struct Shared {
    /// What to ask; nothing once it was asked.
    question: Mutex<Option<Question>>,
    events: OnceCell<EventStream>,
    cancelled: CancellationToken,
}

struct Question {
    host: Host,
    operation: String,
    scope: Json,
    request: Json,
    blobs: Vec<Bytes>,
}

impl Events {
    pub(crate) fn new(
        host: Host,
        operation: String,
        scope: Json,
        request: Json,
        blobs: Vec<Bytes>,
    ) -> Self {
        let question = Question { host, operation, scope, request, blobs };
        Self(Arc::new(Shared {
            question: Mutex::new(Some(question)),
            events: OnceCell::new(),
            cancelled: CancellationToken::new(),
        }))
    }
}

#[napi]
impl Events {
    /// The events that are ready, at least one; none at the end.
    #[napi(catch_unwind)]
    pub fn next_batch<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let shared = self.0.clone();
        let has_begun = shared.events.initialized();
        let pull = async move { shared.pull().await.map(|batch| Plain(Json::Array(batch))) };
        if has_begun { begun(env, pull) } else { promise(env, pull) }
    }

    /// Stops the work; a pull that waits finds the end.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.0.cancelled.cancel();
        self.0.stop();
    }
}

impl Shared {
    async fn pull(&self) -> Result<Vec<Json>> {
        let pulled = async {
            let Some(events) = self.begun().await? else { return Ok(Vec::new()) };
            events.next_batch(BATCH).await
        };
        tokio::select! {
            biased;
            () = self.cancelled.cancelled() => {
                // It may have begun between the cancelling and now.
                self.stop();
                Ok(Vec::new())
            }
            batch = pulled => batch,
        }
    }

    /// The stream, begun at the first pull; nothing when it could not begin.
    async fn begun(&self) -> Result<Option<&EventStream>> {
        if let Some(events) = self.events.get() {
            return Ok(Some(events));
        }
        let question = self.question.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Question { host, operation, scope, request, blobs }) = question else {
            return Ok(None);
        };
        let events = host.stream(operation, scope, request, blobs).await?;
        Ok(Some(self.events.get_or_init(|| async { events }).await))
    }

    fn stop(&self) {
        if let Some(events) = self.events.get() {
            events.cancel();
        }
    }
}
