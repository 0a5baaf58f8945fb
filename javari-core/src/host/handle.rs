//! One opened Javari as a door holds it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use futures::StreamExt;
use serde_json::Value as Json;
use tokio::sync::{Mutex, mpsc};

use super::{
    guard::guarded,
    object::{HostObject, HostProvider},
    runtime,
};
use crate::{
    api,
    client::Javari,
    config::Settings,
    error::{Error, ErrorKind, Result},
    types::ScopeKey,
};

/// One opened Javari as a door holds it. Cheap to clone.
#[derive(Clone)]
pub struct Host {
    javari: Javari,
    /// The process that opened it: database connections do not survive a fork.
    process: u32,
    closed: Arc<AtomicBool>,
}

impl Host {
    /// Opens as `settings` say; see [`Settings`] for its fields.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the settings do not fit, else those of opening.
    pub async fn open(settings: Json) -> Result<Self> {
        let settings: Settings = serde_json::from_value(settings).map_err(|_| {
            // serde's words may repeat a value, and the value may be a key.
            Error::invalid("host.open", "the settings do not fit: see the fields of `Settings`")
        })?;
        Self::opened(Javari::with_settings(settings)).await
    }

    /// Opens as the seed's environment variables say; see [`Javari::from_env`].
    ///
    /// # Errors
    /// `CONFIGURATION` naming every missing and every malformed variable at once, else those of
    /// opening.
    pub async fn from_env() -> Result<Self> {
        Self::opened(Javari::from_env()).await
    }

    async fn opened(
        opening: impl Future<Output = Result<Javari>> + Send + 'static,
    ) -> Result<Self> {
        let javari = guarded(on_runtime(opening)).await?;
        Ok(Self { javari, process: std::process::id(), closed: Arc::default() })
    }

    /// The Javari itself, for hosts in Rust.
    pub fn javari(&self) -> &Javari {
        &self.javari
    }

    /// Runs an operation that answers once. Dropping the future stops the work.
    ///
    /// # Errors
    /// Those of [`api::call`].
    pub async fn call(
        &self,
        operation: String,
        scope: Json,
        request: Json,
        blobs: Vec<Bytes>,
    ) -> Result<Json> {
        let scope = self.enter(scope)?;
        let javari = self.javari.clone();
        on_runtime(async move { api::call(&javari, &operation, scope, request, blobs).await }).await
    }

    /// Begins an operation that answers with events.
    ///
    /// # Errors
    /// Those of [`api::stream`].
    pub async fn stream(
        &self,
        operation: String,
        scope: Json,
        request: Json,
        blobs: Vec<Bytes>,
    ) -> Result<EventStream> {
        let scope = self.enter(scope)?;
        let javari = self.javari.clone();
        on_runtime(async move {
            let events = api::stream(&javari, &operation, scope, request, blobs).await?;
            Ok(EventStream::new(events))
        })
        .await
    }

    /// Adds an object of the host; today the kind is `provider`.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the kind is unknown or the name does not fit, `CLOSED`.
    pub fn register(&self, kind: &str, name: &str, object: Arc<dyn HostObject>) -> Result<()> {
        self.require_open()?;
        match kind {
            "provider" => {
                let provider = HostProvider::new(name.to_owned(), object);
                self.javari.add_provider(name, Arc::new(provider))
            }
            _ => Err(Error::invalid("host.register", "this kind of object cannot be registered")
                .with_field("/kind", "must be `provider`")),
        }
    }

    /// Closes the database; later calls fail with `CLOSED`. In a process that was forked off it
    /// does nothing: the database is open in the process that opened it.
    ///
    /// # Errors
    /// `UNEXPECTED` when the runtime is gone.
    pub async fn close(&self) -> Result<()> {
        if self.process != std::process::id() {
            return Ok(());
        }
        self.closed.store(true, Ordering::Release);
        let javari = self.javari.clone();
        on_runtime(async move {
            javari.close().await;
            Ok(())
        })
        .await
    }

    /// Also for what asks no database, such as a chat with a model.
    fn require_open(&self) -> Result<()> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::new(ErrorKind::Closed, "host.call", "this Javari was closed"));
        }
        Ok(())
    }

    fn enter(&self, scope: Json) -> Result<ScopeKey> {
        if self.process != std::process::id() {
            return Err(Error::new(
                ErrorKind::Closed,
                "host.call",
                "this Javari was opened before the process forked: open it again in the child",
            ));
        }
        self.require_open()?;
        if scope.is_null() {
            return Ok(ScopeKey::HOST);
        }
        serde_json::from_value(scope).map_err(|_| {
            Error::invalid("host.call", "the scope does not fit")
                .with_field("/scope", "must hold the ids `user`, `project` and `subproject`")
        })
    }
}

/// Events pulled one by one. Dropping it stops the work behind it.
pub struct EventStream {
    events: Mutex<mpsc::Receiver<Result<Json>>>,
    work: tokio::task::AbortHandle,
}

/// How many events wait for a slow reader before the work waits too.
const WAITING_EVENTS: usize = 64;

impl EventStream {
    fn new(mut events: api::Events) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_EVENTS);
        // A task of its own keeps the work going between two pulls of a slow language.
        let work = tokio::spawn(async move {
            loop {
                let next = guarded(async { Ok(events.next().await) }).await;
                let event = match next {
                    Ok(Some(event)) => event,
                    Ok(None) => return,
                    Err(error) => Err(error),
                };
                let ends = event.is_err();
                if sender.send(event).await.is_err() || ends {
                    return;
                }
            }
        });
        Self { events: Mutex::new(receiver), work: work.abort_handle() }
    }

    /// The next event; nothing at the end.
    ///
    /// # Errors
    /// Those of the operation; the stream ends then.
    pub async fn next(&self) -> Result<Option<Json>> {
        self.events.lock().await.recv().await.transpose()
    }

    /// The next events that are ready, at least one and at most `most`; empty at the end.
    ///
    /// One crossing for several events is what makes a stream cheap in another language.
    ///
    /// # Errors
    /// Those of the operation, after the events before it were returned.
    pub async fn next_batch(&self, most: usize) -> Result<Vec<Json>> {
        let mut receiver = self.events.lock().await;
        let mut batch = Vec::new();
        match receiver.recv().await {
            None => return Ok(batch),
            Some(event) => batch.push(event?),
        }
        // An error stays in the channel's place by being looked at only when nothing is before it.
        while batch.len() < most {
            match receiver.try_recv() {
                Ok(Ok(event)) => batch.push(event),
                Ok(Err(error)) => {
                    let (sender, failed) = mpsc::channel(1);
                    drop(sender.try_send(Err(error)));
                    *receiver = failed;
                    break;
                }
                Err(_) => break,
            }
        }
        Ok(batch)
    }

    /// Stops the work; later pulls find the end.
    pub fn cancel(&self) {
        self.work.abort();
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.work.abort();
    }
}

/// Runs `work` on Javari's own runtime, whatever drives the caller, and stops it when the caller's
/// future is dropped.
async fn on_runtime<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    struct AbortOnDrop(tokio::task::AbortHandle);
    impl Drop for AbortOnDrop {
        fn drop(&mut self) {
            self.0.abort();
        }
    }
    let task = runtime::spawn(guarded(work))?;
    let _stop = AbortOnDrop(task.abort_handle());
    task.await.unwrap_or_else(|_| {
        Err(Error::new(ErrorKind::Cancelled, "host.call", "the call was stopped before it ended"))
    })
}
