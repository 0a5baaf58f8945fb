//! The one runtime of a process, made at the first call and renewed after a fork.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinHandle,
};

use crate::error::{Error, ErrorKind, Result};

/// The runtime and the process that made it: the threads of a runtime do not survive a fork.
static RUNTIME: Mutex<Option<(u32, Runtime)>> = Mutex::new(None);

/// Starts `work` on the runtime. Dropping the returned handle does not stop it; aborting does.
///
/// # Errors
/// `UNEXPECTED` when the runtime cannot be started.
pub fn spawn<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<JoinHandle<T>> {
    Ok(handle()?.spawn(work))
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
    let taken = slot().take();
    if let Some((process, runtime)) = taken {
        if process == std::process::id() {
            runtime.shutdown_timeout(Duration::from_secs(2));
        } else {
            std::mem::forget(runtime);
        }
    }
}

fn handle() -> Result<Handle> {
    let mut slot = slot();
    let process = std::process::id();
    if let Some((owner, runtime)) = slot.as_ref()
        && *owner == process
    {
        return Ok(runtime.handle().clone());
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
    if let Some((_, inherited)) = slot.replace((process, runtime)) {
        // The parent's threads are not here to be joined: waiting for them would hang.
        std::mem::forget(inherited);
    }
    Ok(handle)
}

fn slot() -> std::sync::MutexGuard<'static, Option<(u32, Runtime)>> {
    RUNTIME.lock().unwrap_or_else(PoisonError::into_inner)
}
