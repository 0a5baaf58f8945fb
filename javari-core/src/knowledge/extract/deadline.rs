//! Runs a reader that may never return on a thread of its own and stops waiting in time.
//!
//! A thread cannot be stopped from outside. One that does not answer in time is left behind: it
//! keeps its core and its memory until its work ends or the process does. So that hostile
//! documents cannot pile up such threads, further work is refused while too many run on.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering},
        mpsc::{RecvTimeoutError, sync_channel},
    },
    thread,
    time::Duration,
};

use super::{OPERATION, unreadable};
use crate::error::{Error, ErrorKind, Result, Retry};

/// Threads that were left behind and still run.
static LEFT_BEHIND: AtomicUsize = AtomicUsize::new(0);
const MAX_LEFT_BEHIND: usize = 4;

/// Readers of nested formats call themselves; an overflow of the stack would end the process.
const STACK_BYTES: usize = 32 * 1024 * 1024;

const RUNNING: u8 = 0;
const LEFT: u8 = 1;
const ENDED: u8 = 2;

/// The result of `work`, or [`ErrorKind::Unreadable`] when it takes longer or panics.
///
/// # Errors
///
/// Besides the work's own: [`ErrorKind::RateLimited`] while too many earlier threads still run.
pub(super) fn within<T: Send + 'static>(
    seconds: u64,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    if LEFT_BEHIND.load(Ordering::Acquire) >= MAX_LEFT_BEHIND {
        return Err(Error::new(
            ErrorKind::RateLimited,
            OPERATION,
            "several earlier documents are still being read after their time limit",
        )
        .with_retry(Retry::After(Duration::from_secs(60))));
    }
    let state = Arc::new(AtomicU8::new(RUNNING));
    let (sender, receiver) = sync_channel(1);
    let shared = Arc::clone(&state);
    let spawned = thread::Builder::new()
        .name("javari-extract".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            let outcome = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(panicked()));
            // Nobody listens after the time limit.
            let _ = sender.send(outcome);
            if shared.swap(ENDED, Ordering::AcqRel) == LEFT {
                LEFT_BEHIND.fetch_sub(1, Ordering::AcqRel);
            }
        });
    if let Err(fault) = spawned {
        let error =
            Error::new(ErrorKind::Unexpected, OPERATION, "no thread could be started for reading");
        return Err(error.with_source(fault));
    }
    match receiver.recv_timeout(Duration::from_secs(seconds)) {
        Ok(outcome) => outcome,
        Err(RecvTimeoutError::Disconnected) => Err(panicked()),
        Err(RecvTimeoutError::Timeout) => {
            LEFT_BEHIND.fetch_add(1, Ordering::AcqRel);
            if state.swap(LEFT, Ordering::AcqRel) == ENDED {
                LEFT_BEHIND.fetch_sub(1, Ordering::AcqRel);
            }
            Err(unreadable("reading timed out; the document is damaged or far too complicated")
                .with("seconds", seconds))
        }
    }
}

/// What a reader's panic becomes.
pub(super) fn panicked() -> Error {
    unreadable("the reader failed on this document; it is damaged or of an unknown variant")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_answers_gives_its_answer_and_work_that_panics_an_error() {
        assert_eq!(within(30, || Ok(7)).unwrap(), 7);
        let error = within(30, || -> Result<u8> { panic!("on purpose") }).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreadable);
    }

    #[test]
    fn work_that_never_answers_is_unreadable_and_counted_until_it_ends() {
        let (release, wait) = sync_channel::<()>(1);
        let error = within(0, move || {
            let _ = wait.recv();
            Ok(())
        })
        .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreadable);
        assert!(error.message().contains("timed out"));
        assert!(LEFT_BEHIND.load(Ordering::Acquire) >= 1);
        drop(release);
        while LEFT_BEHIND.load(Ordering::Acquire) > 0 {
            thread::yield_now();
        }
    }
}
