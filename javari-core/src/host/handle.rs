//! One opened Javari as a door holds it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use futures::StreamExt;
use serde_json::Value as Json;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

use super::{
    guard::guarded,
    object::{HostObject, HostProvider},
    runtime,
};
use crate::{
    api,
    client::{Javari, needed_key},
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
        Self::opened(Javari::with_settings(read_settings(settings)?)).await
    }

    /// The id of the root key that the database of these settings was sealed with, for a host that keeps its
    /// keys by their ids; nothing where the database is new. Nothing is made and nothing changed.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the settings do not fit, else those of connecting.
    pub async fn needed_key(settings: Json) -> Result<Option<String>> {
        let settings = read_settings(settings)?;
        guarded(on_runtime(async move { needed_key(&settings).await })).await
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
    cancelled: CancellationToken,
    /// Whether it came to its own end, or its error was handed over.
    ended: Arc<AtomicBool>,
}

/// How many events wait for a slow reader before the work waits too.
const WAITING_EVENTS: usize = 64;

impl EventStream {
    fn new(mut events: api::Events) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_EVENTS);
        let ended = Arc::new(AtomicBool::new(false));
        let end = ended.clone();
        // A task of its own keeps the work going between two pulls of a slow language.
        let work = tokio::spawn(async move {
            loop {
                let next = guarded(async { Ok(events.next().await) }).await;
                let event = match next {
                    Ok(Some(event)) => event,
                    Ok(None) => return end.store(true, Ordering::Release),
                    Err(error) => Err(error),
                };
                let ends = event.is_err();
                if sender.send(event).await.is_err() || ends {
                    return;
                }
            }
        });
        Self {
            events: Mutex::new(receiver),
            work: work.abort_handle(),
            cancelled: CancellationToken::new(),
            ended,
        }
    }

    /// The next event; nothing at the end.
    ///
    /// # Errors
    /// Those of the operation, and `CANCELLED` when the work was stopped from outside, as by the
    /// end of the runtime; the stream ends then.
    pub async fn next(&self) -> Result<Option<Json>> {
        self.pull(&mut *self.events.lock().await).await
    }

    /// The next events that are ready, at least one and at most `most`; empty at the end.
    ///
    /// One crossing for several events is what makes a stream cheap in another language.
    ///
    /// # Errors
    /// As [`next`](Self::next), after the events before it were returned.
    pub async fn next_batch(&self, most: usize) -> Result<Vec<Json>> {
        let mut receiver = self.events.lock().await;
        let mut batch = Vec::new();
        match self.pull(&mut receiver).await? {
            None => return Ok(batch),
            Some(event) => batch.push(event),
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

    /// Stops the work; a pull that waits and every later one find the end. What was not pulled yet
    /// is dropped.
    pub fn cancel(&self) {
        self.cancelled.cancel();
        self.work.abort();
    }

    async fn pull(&self, receiver: &mut mpsc::Receiver<Result<Json>>) -> Result<Option<Json>> {
        let next = tokio::select! {
            biased;
            () = self.cancelled.cancelled() => {
                receiver.close();
                while receiver.try_recv().is_ok() {}
                return Ok(None);
            }
            next = receiver.recv() => next.transpose(),
        };
        match next {
            Ok(Some(event)) => Ok(Some(event)),
            Ok(None) if self.ended.swap(true, Ordering::AcqRel) => Ok(None),
            Ok(None) => Err(Error::new(
                ErrorKind::Cancelled,
                "host.stream",
                "the stream was stopped before it ended",
            )),
            Err(error) => {
                self.ended.store(true, Ordering::Release);
                Err(error)
            }
        }
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.work.abort();
    }
}

fn read_settings(settings: Json) -> Result<Settings> {
    serde_json::from_value(settings).map_err(|_| {
        // serde's words may repeat a value, and the value may be a key.
        Error::invalid("host.open", "the settings do not fit: see the fields of `Settings`")
    })
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
    if runtime::can_go_on_here() {
        // Another thread and back would cost more than most calls do.
        return guarded(work).await;
    }
    let task = runtime::spawn(guarded(work))?;
    let _stop = AbortOnDrop(task.abort_handle());
    task.await.unwrap_or_else(|_| Err(runtime::stopped()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn counting(to: u64) -> api::Events {
        futures::stream::iter((1..=to).map(|number| Ok(json!(number)))).boxed()
    }

    #[tokio::test]
    async fn nothing_that_waits_unread_is_handed_over_after_a_cancellation() {
        let events = EventStream::new(counting(u64::MAX));
        assert_eq!(events.next().await.unwrap(), Some(json!(1)));
        while events.events.lock().await.is_empty() {
            tokio::task::yield_now().await;
        }
        events.cancel();
        assert_eq!(events.next().await.unwrap(), None);
        assert_eq!(events.next_batch(8).await.unwrap(), Vec::<Json>::new());
    }

    #[tokio::test]
    async fn a_pull_that_waits_finds_the_end_when_the_stream_is_cancelled() {
        let events = EventStream::new(futures::stream::pending().boxed());
        let (pulled, ()) = tokio::join!(events.next(), async { events.cancel() });
        assert_eq!(pulled.unwrap(), None);
    }

    #[tokio::test]
    async fn a_stream_that_ends_by_itself_has_a_clean_end() {
        let events = EventStream::new(counting(2));
        let mut seen = Vec::new();
        while let Some(event) = events.next().await.unwrap() {
            seen.push(event);
        }
        assert_eq!(seen, [json!(1), json!(2)]);
        assert_eq!(events.next().await.unwrap(), None);
    }

    #[tokio::test]
    async fn an_error_is_told_once_and_then_the_stream_is_at_its_end() {
        for most in [1, 8] {
            let fault = Err(Error::new(ErrorKind::Network, "t.t", "broken"));
            let events = futures::stream::iter([Ok(json!(1)), fault]).boxed();
            let events = EventStream::new(events);
            assert_eq!(events.next_batch(most).await.unwrap(), [json!(1)]);
            assert_eq!(events.next_batch(most).await.unwrap_err().kind(), ErrorKind::Network);
            assert_eq!(events.next_batch(most).await.unwrap(), Vec::<Json>::new());
        }
    }

    #[test]
    fn the_end_of_the_runtime_is_an_error_for_the_reader_and_no_clean_end() {
        let start = || tokio::runtime::Builder::new_current_thread().build().unwrap();
        let working = start();
        let events = working.block_on(async {
            let begun = counting(1).chain(futures::stream::pending()).boxed();
            let events = EventStream::new(begun);
            assert_eq!(events.next().await.unwrap(), Some(json!(1)));
            events
        });
        drop(working);
        let error = start().block_on(events.next()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        assert_eq!(start().block_on(events.next()).unwrap(), None);
    }
}
