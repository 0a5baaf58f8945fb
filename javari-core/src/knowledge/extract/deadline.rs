//! Runs a reader that may never return on a thread of its own and stops waiting in time.
//!
//! A thread cannot be stopped from outside. One that does not answer in time is left behind: it
//! keeps its core and its memory until its work ends or the process does. So that hostile
//! documents cannot pile up such threads, content that one of them still reads is not read again,
//! and no content is while too many run on: that limit is of the whole process.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        mpsc::{RecvTimeoutError, sync_channel},
    },
    thread,
    time::Duration,
};

use super::{OPERATION, unreadable};
use crate::error::{Error, ErrorKind, Result, Retry};

/// Names what is read.
pub(super) type ContentHash = [u8; 32];

/// Threads that were left behind and still run, by what they read.
static LEFT_BEHIND: LazyLock<Mutex<HashMap<ContentHash, usize>>> = LazyLock::new(Mutex::default);
const MAX_LEFT_BEHIND: usize = 16;

/// Readers of nested formats call themselves; an overflow of the stack would end the process.
const STACK_BYTES: usize = 32 * 1024 * 1024;

/// How far a thread is; changed under the lock of [`LEFT_BEHIND`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    Left,
    Ended,
}

/// The result of `work` on `content`, or [`ErrorKind::Unreadable`] when it takes longer or panics,
/// or did with the same content and has not ended yet.
///
/// # Errors
///
/// Besides the work's own: [`ErrorKind::RateLimited`] while too many earlier threads still run.
pub(super) fn within<T: Send + 'static>(
    seconds: u64,
    content: &[u8],
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let hash: ContentHash = *blake3::hash(content).as_bytes();
    {
        let left = left_behind();
        if left.contains_key(&hash) {
            return Err(unreadable(
                "reading it timed out before and has not ended yet; the document is damaged or \
                 far too complicated",
            ));
        }
        if left.values().sum::<usize>() >= MAX_LEFT_BEHIND {
            return Err(Error::new(
                ErrorKind::RateLimited,
                OPERATION,
                "it was not read, and nothing is wrong with it: too many other documents are \
                 still being read in this process after their time limit",
            )
            .with("limit", MAX_LEFT_BEHIND)
            .with_retry(Retry::After(Duration::from_secs(60))));
        }
    }
    let state = Arc::new(Mutex::new(State::Running));
    let (sender, receiver) = sync_channel(1);
    let shared = Arc::clone(&state);
    let spawned = thread::Builder::new()
        .name("javari-extract".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            let outcome = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(panicked()));
            // Nobody listens after the time limit.
            let _ = sender.send(outcome);
            let mut left = left_behind();
            let mut state = shared.lock().unwrap_or_else(PoisonError::into_inner);
            if *state == State::Left {
                forget(&mut left, &hash);
            }
            *state = State::Ended;
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
            let mut left = left_behind();
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            if *state == State::Running {
                *state = State::Left;
                *left.entry(hash).or_default() += 1;
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

fn left_behind() -> MutexGuard<'static, HashMap<ContentHash, usize>> {
    LEFT_BEHIND.lock().unwrap_or_else(PoisonError::into_inner)
}

fn forget(left: &mut HashMap<ContentHash, usize>, hash: &ContentHash) {
    if let Some(count) = left.get_mut(hash) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            left.remove(hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_answers_gives_its_answer_and_work_that_panics_an_error() {
        assert_eq!(within(30, b"seven", || Ok(7)).unwrap(), 7);
        let error = within(30, b"panic", || -> Result<u8> { panic!("on purpose") }).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreadable);
    }

    #[test]
    fn work_that_never_answers_fails_its_own_content_alone_until_it_ends() {
        let hash = |content: &[u8]| *blake3::hash(content).as_bytes();
        let hostile: Vec<Vec<u8>> = (0..5).map(|number| vec![b'h', number]).collect();
        let mut releases = Vec::new();
        for content in &hostile {
            let (release, wait) = sync_channel::<()>(1);
            let error = within(0, content, move || {
                let _ = wait.recv();
                Ok(())
            })
            .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unreadable);
            assert!(error.message().contains("timed out"));
            releases.push(release);
        }
        // The same content starts no further thread, and another one is read.
        let error = within(30, &hostile[0], || Ok(())).unwrap_err();
        assert!(error.message().contains("has not ended"), "{error}");
        assert_eq!(left_behind().get(&hash(&hostile[0])), Some(&1));
        assert_eq!(within(30, b"harmless", || Ok(7)).unwrap(), 7);
        drop(releases);
        while hostile.iter().any(|content| left_behind().contains_key(&hash(content))) {
            thread::yield_now();
        }
    }
}
