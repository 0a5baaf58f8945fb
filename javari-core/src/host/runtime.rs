//! The one runtime of a process, made at the first call and renewed after a fork.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    thread,
    time::{Duration, Instant},
};

use futures::{FutureExt, future::BoxFuture};
use serde_json::Value as Json;
use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use crate::error::{Error, ErrorKind, Result};

static RUNNING: Mutex<Option<Running>> = Mutex::new(None);

struct Running {
    runtime: Runtime,
    /// The process that made it: the threads of a runtime do not survive a fork.
    process: u32,
    /// Cancelled before it is shut down, for the calls that threads of the host poll themselves.
    ending: CancellationToken,
    /// Held by each such thread: a timer that is polled on a runtime that is gone panics.
    pollers: Arc<()>,
}

/// The runtime as a thread of the host uses it.
struct Entry {
    handle: Handle,
    ending: CancellationToken,
    _poller: Arc<()>,
}

/// How long the end of the runtime waits for its own work, and before that for threads of the host.
const LAST_WORK: Duration = Duration::from_secs(2);

/// Starts `work` on the runtime. Dropping the returned handle does not stop it; aborting does.
///
/// # Errors
/// `UNEXPECTED` when the runtime cannot be started.
pub fn spawn<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<JoinHandle<T>> {
    Ok(entry()?.handle.spawn(work))
}

/// Work that was begun.
pub enum Begun<T> {
    /// It had nothing to wait for.
    Done(T),
    /// It waits; [`spawn`] goes on with it.
    Waiting(BoxFuture<'static, T>),
}

/// Begins `work` on this thread, up to where it first waits: handing it to another thread and back
/// would cost more than many calls do. For work that does little until then; see [`is_small`].
///
/// # Errors
/// `UNEXPECTED` when the runtime cannot be started.
pub fn begin<T>(work: impl Future<Output = T> + Send + 'static) -> Result<Begun<T>> {
    let entry = entry()?;
    let _inside = entry.handle.enter();
    let mut work = work.boxed();
    // Whoever goes on with it polls it again, and is woken then.
    match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => Ok(Begun::Done(done)),
        Poll::Pending => Ok(Begun::Waiting(work)),
    }
}

/// Whether a request is so small that what is done with it before the first wait is short: nothing
/// else is at hand by then.
pub fn is_small(request: &Json) -> bool {
    /// In texts and values, of which each counts as much as a short text.
    const LARGEST: usize = 4_096;
    const VALUE: usize = 16;
    fn spend(value: &Json, left: usize) -> Option<usize> {
        let left = left.checked_sub(VALUE)?;
        match value {
            Json::String(text) => left.checked_sub(text.len()),
            Json::Array(items) => items.iter().try_fold(left, |left, item| spend(item, left)),
            Json::Object(fields) => fields
                .iter()
                .try_fold(left, |left, (name, field)| spend(field, left.checked_sub(name.len())?)),
            Json::Null | Json::Bool(_) | Json::Number(_) => Some(left),
        }
    }
    spend(request, LARGEST).is_some()
}

/// Waits for `work` on this thread.
///
/// # Errors
/// Those of `work`; `CANCELLED` when the runtime is shut down meanwhile; `UNEXPECTED` when the runtime cannot be started or this thread already runs asynchronous work.
pub fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    if Handle::try_current().is_ok() {
        return Err(Error::new(
            ErrorKind::Unexpected,
            "host.block_on",
            "a blocking call was made from inside asynchronous work: use the asynchronous one",
        ));
    }
    let Entry { handle, ending, _poller } = entry()?;
    handle.block_on(unless_ending(work, &ending))
}

async fn unless_ending<T>(
    work: impl Future<Output = Result<T>>,
    ending: &CancellationToken,
) -> Result<T> {
    tokio::select! {
        biased;
        done = work => done,
        () = ending.cancelled() => Err(stopped()),
    }
}

/// The error of a call that was stopped from outside.
pub(super) fn stopped() -> Error {
    Error::new(ErrorKind::Cancelled, "host.call", "the call was stopped before it ended")
}

/// Stops the runtime; work still running is dropped after two seconds. For a process's exit.
pub fn shutdown() {
    let taken = running().take();
    let Some(Running { runtime, process, ending, pollers }) = taken else { return };
    if process != std::process::id() {
        return std::mem::forget(runtime);
    }
    ending.cancel();
    let asked = Instant::now();
    while Arc::strong_count(&pollers) > 1 && asked.elapsed() < LAST_WORK {
        thread::sleep(Duration::from_millis(1));
    }
    runtime.shutdown_timeout(LAST_WORK);
}

/// Whether work can go on where its caller is polled: the runtime drives it already, and the thread,
/// which may be one of the host's with a small stack, has room for it.
pub(super) fn can_go_on_here() -> bool {
    /// Twice what the deepest call was seen to take in a build without optimisation.
    const ROOM: usize = 512 * 1024;
    let current = Handle::try_current().ok().map(|handle| handle.id());
    let here = running().as_ref().map(|running| running.runtime.handle().id());
    current.is_some()
        && current == here
        && stacker::remaining_stack().is_some_and(|room| room >= ROOM)
}

fn entry() -> Result<Entry> {
    let mut running = running();
    let process = std::process::id();
    if let Some(current) = running.as_ref().filter(|current| current.process == process) {
        return Ok(current.entry());
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("javari")
        .enable_all()
        .build()
        .map_err(|fault| {
            Error::new(ErrorKind::Unexpected, "host.runtime", "the runtime cannot be started")
                .with_source(fault)
        })?;
    let (ending, pollers) = (CancellationToken::new(), Arc::default());
    let started = Running { runtime, process, ending, pollers };
    let entry = started.entry();
    if let Some(inherited) = running.replace(started) {
        // The parent's threads are not here to be joined: waiting for them would hang.
        std::mem::forget(inherited.runtime);
    }
    Ok(entry)
}

impl Running {
    fn entry(&self) -> Entry {
        Entry {
            handle: self.runtime.handle().clone(),
            ending: self.ending.clone(),
            _poller: self.pollers.clone(),
        }
    }
}

fn running() -> MutexGuard<'static, Option<Running>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_that_a_thread_of_the_host_polls_is_stopped_before_the_runtime_ends() {
        let ending = CancellationToken::new();
        let waits = unless_ending(std::future::pending::<Result<()>>(), &ending);
        let (call, ()) = tokio::join!(waits, async { ending.cancel() });
        assert_eq!(call.unwrap_err().kind(), ErrorKind::Cancelled);
        assert_eq!(unless_ending(async { Ok(1) }, &ending).await.unwrap(), 1);
    }
}
