//! The one runtime of a process, made at the first call and renewed after a fork.

use std::{
    future::Future,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
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
    /// Cancelled when it is shut down, for the calls that threads of the host poll themselves.
    ending: CancellationToken,
}

/// Starts `work` on the runtime. Dropping the returned handle does not stop it; aborting does.
///
/// # Errors
/// `UNEXPECTED` when the runtime cannot be started.
pub fn spawn<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<JoinHandle<T>> {
    Ok(handle()?.spawn(work))
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
    let handle = handle()?;
    let _inside = handle.enter();
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
/// `UNEXPECTED` when the runtime cannot be started or this thread already runs asynchronous work.
pub fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    if Handle::try_current().is_ok() {
        return Err(Error::new(
            ErrorKind::Unexpected,
            "host.block_on",
            "a blocking call was made from inside asynchronous work: use the asynchronous one",
        ));
    }
    handle()?.block_on(work)
}

/// Stops the runtime; work still running is dropped after two seconds. For a process's exit.
pub fn shutdown() {
    let taken = running().take();
    if let Some(Running { runtime, process, ending }) = taken {
        if process == std::process::id() {
            ending.cancel();
            runtime.shutdown_timeout(Duration::from_secs(2));
        } else {
            std::mem::forget(runtime);
        }
    }
}

/// Where the runtime drives the caller already: what tells that the runtime ends.
pub(super) fn ending_if_inside() -> Option<CancellationToken> {
    let current = Handle::try_current().ok()?.id();
    let running = running();
    let Running { runtime, ending, .. } = running.as_ref()?;
    (runtime.handle().id() == current).then(|| ending.clone())
}

fn handle() -> Result<Handle> {
    let mut running = running();
    let process = std::process::id();
    if let Some(current) = running.as_ref()
        && current.process == process
    {
        return Ok(current.runtime.handle().clone());
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
    let handle = runtime.handle().clone();
    let ending = CancellationToken::new();
    if let Some(inherited) = running.replace(Running { runtime, process, ending }) {
        // The parent's threads are not here to be joined: waiting for them would hang.
        std::mem::forget(inherited.runtime);
    }
    Ok(handle)
}

fn running() -> MutexGuard<'static, Option<Running>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}
