//! Waits for work: a blocking call on this thread, or a future of asyncio.

use std::{
    future::Future,
    pin::pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use javari_core::{
    Result,
    host::{Begun, begin, block_on, guarded, guarded_sync, spawn},
};
use pyo3::prelude::*;
use tokio::task::AbortHandle;

use crate::{
    exit::{Inside, outside},
    failure::{guard, raise},
};

/// How long a blocking call may be deaf to Ctrl-C.
const DEAF: Duration = Duration::from_millis(50);

/// [`Python::try_attach`], but for a thread that would not come back from it.
pub(crate) fn try_enter<T>(work: impl FnOnce(Python<'_>) -> T) -> Option<T> {
    // Dropped last: the exit waits until the interpreter is given back.
    let _inside = Inside::enter()?;
    Python::try_attach(work)
}

enum Ended<T> {
    Done(Result<T>),
    Interrupted(PyErr),
}

/// Waits on this thread while other threads run Python, and stops the work when Ctrl-C comes.
///
/// # Errors
/// The work's own as an exception, or what a signal handler raised.
pub(crate) fn wait<T: Send>(
    py: Python<'_>,
    work: impl Future<Output = Result<T>> + Send,
) -> PyResult<T> {
    let listening = async {
        let mut work = pin!(guarded(work));
        loop {
            if let Ok(done) = tokio::time::timeout(DEAF, &mut work).await {
                return Ok(Ended::Done(done));
            }
            if let Some(Err(signal)) = try_enter(|py| py.check_signals()) {
                return Ok(Ended::Interrupted(signal));
            }
        }
    };
    match outside(py, || guarded_sync(|| block_on(listening))) {
        Ok(Ended::Done(Ok(value))) => Ok(value),
        Ok(Ended::Interrupted(signal)) => Err(signal),
        Ok(Ended::Done(Err(error))) | Err(error) => Err(raise(py, &error)),
    }
}

/// A future of the running asyncio loop for `work`. Cancelling it stops the work.
///
/// `finish` runs on the loop's thread, and only when the future still wants its result.
///
/// # Errors
/// `RuntimeError` without a running loop.
pub(crate) fn promise<'py, T: Send + 'static>(
    py: Python<'py>,
    work: impl Future<Output = Result<T>> + Send + 'static,
    finish: impl for<'a> FnOnce(Python<'a>, T) -> PyResult<Bound<'a, PyAny>> + Send + 'static,
) -> PyResult<Bound<'py, PyAny>> {
    let event_loop = py.import("asyncio")?.call_method0("get_running_loop")?;
    let future = event_loop.call_method0("create_future")?;
    let (waiting, event_loop) = (future.clone().unbind(), event_loop.unbind());
    let task = spawn(async move {
        let outcome = guarded(work).await;
        let finish: Finish = Box::new(move |py| match outcome {
            Ok(value) => finish(py, value),
            Err(error) => Err(raise(py, &error)),
        });
        attached(|py| {
            let settle = Settle { future: waiting, finish: Mutex::new(Some(finish)) };
            // A loop that is closed waits for nothing.
            drop(event_loop.call_method1(py, "call_soon_threadsafe", (settle,)));
        });
    })
    .map_err(|error| raise(py, &error))?;
    future.call_method1("add_done_callback", (Stop(task.abort_handle()),))?;
    Ok(future)
}

/// The same for work that does little until it first waits: it is begun on this thread, and where
/// it waits for nothing, the future is done already.
///
/// # Errors
/// `RuntimeError` without a running loop.
pub(crate) fn begun<'py, T: Send + 'static>(
    py: Python<'py>,
    work: impl Future<Output = Result<T>> + Send + 'static,
    finish: impl for<'a> FnOnce(Python<'a>, T) -> PyResult<Bound<'a, PyAny>> + Send + 'static,
) -> PyResult<Bound<'py, PyAny>> {
    // Nothing is begun for a future that cannot be.
    py.import("asyncio")?.call_method0("get_running_loop")?;
    match outside(py, || begin(guarded(work))).map_err(|error| raise(py, &error))? {
        Begun::Done(Ok(value)) => settled(py, finish(py, value)),
        Begun::Done(Err(error)) => settled(py, Err(raise(py, &error))),
        Begun::Waiting(work) => promise(py, work, finish),
    }
}

/// A future of the running asyncio loop that has its outcome already.
///
/// # Errors
/// `RuntimeError` without a running loop.
pub(crate) fn settled<'py>(
    py: Python<'py>,
    outcome: PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let event_loop = py.import("asyncio")?.call_method0("get_running_loop")?;
    let future = event_loop.call_method0("create_future")?;
    settle(&future, outcome)?;
    Ok(future)
}

/// Runs `work` with the interpreter, from a thread of the runtime; nothing when the interpreter is
/// gone.
pub(crate) fn attached<T>(work: impl FnOnce(Python<'_>) -> T) -> Option<T> {
    // Another thread may hold the interpreter for long: the runtime's other work goes on meanwhile.
    tokio::task::block_in_place(|| try_enter(work))
}

fn settle<'py>(future: &Bound<'py, PyAny>, outcome: PyResult<Bound<'py, PyAny>>) -> PyResult<()> {
    match outcome {
        Ok(value) => future.call_method1("set_result", (value,))?,
        Err(error) => future.call_method1("set_exception", (error,))?,
    };
    Ok(())
}

type Finish = Box<dyn for<'a> FnOnce(Python<'a>) -> PyResult<Bound<'a, PyAny>> + Send>;

/// Gives a future its outcome, on the loop's thread.
#[pyclass(frozen, module = "javari._javari")]
struct Settle {
    future: Py<PyAny>,
    finish: Mutex<Option<Finish>>,
}

#[pymethods]
impl Settle {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        guard(py, || {
            let finish = self.finish.lock().unwrap_or_else(PoisonError::into_inner).take();
            let future = self.future.bind(py);
            let Some(finish) = finish else { return Ok(()) };
            if future.call_method0("done")?.is_truthy()? {
                return Ok(());
            }
            settle(future, guard(py, || finish(py)))
        })
    }
}

/// Stops the work behind a future that is done, cancelled ones included.
#[pyclass(frozen, module = "javari._javari")]
struct Stop(AbortHandle);

#[pymethods]
impl Stop {
    fn __call__(&self, _future: &Bound<'_, PyAny>) {
        self.0.abort();
    }
}
