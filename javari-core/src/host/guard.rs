//! Turns a panic into an error, so that none crosses a language border.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
};

use futures::FutureExt;

use crate::error::{Error, ErrorKind, Result};

/// Runs `work`; a panic inside becomes `UNEXPECTED`.
///
/// # Errors
/// Those of `work`, or `UNEXPECTED`.
pub fn guarded_sync<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    // What a panicking call leaves half done is dropped with it: nothing else can see it.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(from_panic(panic.as_ref())))
}

/// Awaits `work`; a panic inside becomes `UNEXPECTED`.
///
/// # Errors
/// Those of `work`, or `UNEXPECTED`.
pub async fn guarded<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let done = AssertUnwindSafe(work).catch_unwind().await;
    done.unwrap_or_else(|panic| Err(from_panic(panic.as_ref())))
}

fn from_panic(_panic: &(dyn Any + Send)) -> Error {
    // A panic's words may hold a value; the process's own panic hook has shown them already.
    Error::new(
        ErrorKind::Unexpected,
        "host.guard",
        "Javari met a fault of its own; please report it with the lines on standard error",
    )
}
