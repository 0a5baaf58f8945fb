//! The end of the interpreter, which other threads must not be in the middle of.
//!
//! Once the interpreter is on its way out it ends every other thread that asks for it, by unwinding
//! its stack (`pthread_exit`, before Python 3.14). A frame of Rust on that stack aborts the
//! process. Python code gives the interpreter away and asks for it again all by itself, so it is
//! not enough to ask no more: who is inside comes out first, and nobody goes in again.

use std::{
    cell::Cell,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, ThreadId},
    time::{Duration, Instant},
};

use pyo3::prelude::*;

/// The thread that takes the interpreter out of use, once one does.
static EXIT: OnceLock<ThreadId> = OnceLock::new();

/// How many threads have the interpreter, or are about to get it, with our frames below.
static INSIDE: AtomicUsize = AtomicUsize::new(0);

/// How long the exit waits for them.
const LAST_TO_LEAVE: Duration = Duration::from_secs(2);

thread_local! {
    /// How deep this thread is inside: Python that we call may call us.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Notes that the interpreter is on its way out, and waits until everybody else is outside.
pub(crate) fn note_exit(py: Python<'_>) {
    // The first to say so is the one.
    let _ = EXIT.set(thread::current().id());
    let own = usize::from(DEPTH.get() > 0);
    py.detach(|| {
        let asked = Instant::now();
        while INSIDE.load(Ordering::SeqCst) > own && asked.elapsed() < LAST_TO_LEAVE {
            thread::sleep(Duration::from_millis(1));
        }
    });
}

/// Forgets, in a process that was forked off, the threads that stayed behind in its parent.
pub(crate) fn forget_other_threads() {
    INSIDE.store(usize::from(DEPTH.get() > 0), Ordering::SeqCst);
}

/// While it lives, this thread may have the interpreter with our frames below, and the exit waits.
pub(crate) struct Inside(());

impl Inside {
    /// Nothing when the interpreter is on its way out and this thread must not ask for it.
    pub(crate) fn enter() -> Option<Self> {
        if DEPTH.get() == 0 && !go_in() {
            return None;
        }
        DEPTH.set(DEPTH.get() + 1);
        Some(Self(()))
    }

    /// The same for a thread that Python called. One that comes too late sleeps until the process
    /// ends, as every thread of a later Python does.
    pub(crate) fn enter_from_python(py: Python<'_>) -> Self {
        Self::enter().unwrap_or_else(|| py.detach(|| sleep_forever()))
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
        if DEPTH.get() == 0 {
            go_out();
        }
    }
}

/// Runs `work` without the interpreter, and outside: the exit does not wait for it. A thread that
/// would come back too late sleeps until the process ends.
pub(crate) fn outside<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> T {
    py.detach(|| {
        let _back = Outside::leave();
        work()
    })
}

/// While it lives, the exit does not wait for this thread, however deep it was inside.
struct Outside {
    depth: usize,
}

impl Outside {
    fn leave() -> Self {
        let depth = DEPTH.replace(0);
        if depth > 0 {
            go_out();
        }
        Self { depth }
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        if self.depth > 0 && !go_in() {
            sleep_forever();
        }
        DEPTH.set(self.depth);
    }
}

fn go_in() -> bool {
    // Counted before looking: whoever leads the exit either sees the count or is seen.
    INSIDE.fetch_add(1, Ordering::SeqCst);
    let may = EXIT.get().is_none_or(|exit| *exit == thread::current().id());
    if !may {
        go_out();
    }
    may
}

fn go_out() {
    INSIDE.fetch_sub(1, Ordering::SeqCst);
}

fn sleep_forever() -> ! {
    loop {
        thread::park();
    }
}
