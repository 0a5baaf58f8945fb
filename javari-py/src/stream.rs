//! The events of a streaming operation: one object for `for` and for `async for`.

use std::{collections::VecDeque, sync::Arc};

use futures::future::BoxFuture;
use javari_core::{Result, host::EventStream};
use pyo3::{exceptions::PyStopAsyncIteration, prelude::*};
use serde_json::Value as Json;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio_util::sync::CancellationToken;

use crate::{
    convert::to_python,
    failure::{guard, raise},
    wait::{begun, promise, settled, wait},
};

/// How many events cross at once when they wait already.
const AT_ONCE: usize = 64;

/// The events of an operation, one by one, with `for` or with `async for`.
///
/// Closing it, leaving its `with` block or letting it go stops the work behind it.
#[pyclass(frozen, generic, weakref, module = "javari._javari")]
pub(crate) struct Stream {
    /// Held from a pull until its event was handed over, so that no event is lost between.
    state: Arc<Mutex<State>>,
    closed: CancellationToken,
}

struct State {
    source: Source,
    /// What was pulled and not yet handed over; an error is the last.
    ready: VecDeque<Result<Json>>,
}

enum Source {
    /// Not begun before the first pull.
    Later(BoxFuture<'static, Result<EventStream>>),
    Begun(EventStream),
    Ended,
}

impl Stream {
    pub(crate) fn begun(events: EventStream) -> Self {
        Self::new(Source::Begun(events))
    }

    pub(crate) fn later(
        beginning: impl Future<Output = Result<EventStream>> + Send + 'static,
    ) -> Self {
        Self::new(Source::Later(Box::pin(beginning)))
    }

    fn new(source: Source) -> Self {
        let state = State { source, ready: VecDeque::new() };
        Self { state: Arc::new(Mutex::new(state)), closed: CancellationToken::new() }
    }

    /// Whether its work goes on somewhere else, so that a pull only takes what is there.
    fn has_begun(&self) -> bool {
        self.state.try_lock().is_ok_and(|state| matches!(state.source, Source::Begun(_)))
    }

    /// What is handed over without waiting: an event, an error, or nothing at the end; `None` when
    /// it takes waiting.
    fn at_hand(&self) -> Option<Option<Result<Json>>> {
        let mut state = self.state.try_lock().ok()?;
        match state.ready.pop_front() {
            Some(event) => Some(Some(event)),
            None if matches!(state.source, Source::Ended) => Some(None),
            None => None,
        }
    }
}

impl State {
    /// Sees to it that something is ready unless the stream has ended. May be dropped at any await.
    async fn fill(&mut self, closed: &CancellationToken) {
        if !self.ready.is_empty() || matches!(self.source, Source::Ended) {
            return;
        }
        let pulled = tokio::select! {
            biased;
            () = closed.cancelled() => Ok(Vec::new()),
            pulled = self.pull() => pulled,
        };
        match pulled {
            Ok(events) if events.is_empty() => self.source = Source::Ended,
            Ok(events) => self.ready.extend(events.into_iter().map(Ok)),
            Err(error) => {
                self.source = Source::Ended;
                self.ready.push_back(Err(error));
            }
        }
    }

    async fn pull(&mut self) -> Result<Vec<Json>> {
        if let Source::Later(beginning) = &mut self.source {
            self.source = Source::Begun(beginning.await?);
        }
        match &self.source {
            Source::Begun(events) => events.next_batch(AT_ONCE).await,
            Source::Later(_) | Source::Ended => Ok(Vec::new()),
        }
    }

    fn end(&mut self) {
        self.source = Source::Ended;
        self.ready.clear();
    }
}

fn event<'py>(py: Python<'py>, event: Result<Json>) -> PyResult<Bound<'py, PyAny>> {
    event.map_err(|error| raise(py, &error)).and_then(|event| to_python(py, &event))
}

fn event_or_end<'py>(py: Python<'py>, next: Option<Result<Json>>) -> PyResult<Bound<'py, PyAny>> {
    next.map_or_else(|| Err(PyStopAsyncIteration::new_err(())), |next| event(py, next))
}

/// Hands over the next event of what was pulled.
fn taken(py: Python<'_>, mut state: OwnedMutexGuard<State>) -> PyResult<Bound<'_, PyAny>> {
    let next = state.ready.pop_front();
    drop(state);
    event_or_end(py, next)
}

#[pymethods]
impl Stream {
    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guard(py, || {
            if let Some(next) = self.at_hand() {
                return next.map(|next| event(py, next)).transpose();
            }
            let (state, closed) = (self.state.clone(), self.closed.clone());
            let next = wait(py, async move {
                let mut state = state.lock_owned().await;
                state.fill(&closed).await;
                Ok(state.ready.pop_front())
            })?;
            next.map(|next| event(py, next)).transpose()
        })
    }

    fn __aiter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __anext__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            if let Some(next) = self.at_hand() {
                return settled(py, event_or_end(py, next));
            }
            let (state, closed) = (self.state.clone(), self.closed.clone());
            let filled = async move {
                let mut state = state.lock_owned().await;
                state.fill(&closed).await;
                Ok(state)
            };
            if self.has_begun() { begun(py, filled, taken) } else { promise(py, filled, taken) }
        })
    }

    /// Stops the work; what was not read yet is dropped. Safe to call twice.
    fn close(&self) {
        self.closed.cancel();
        // Where a pull is under way, it hears of the closing and ends the stream itself.
        if let Ok(mut state) = self.state.try_lock() {
            state.end();
        }
    }

    /// The same, for `contextlib.aclosing`.
    fn aclose<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            self.close();
            settled(py, Ok(py.None().into_bound(py)))
        })
    }

    fn __enter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyAny>) {
        self.close();
    }

    fn __aenter__<'py>(this: Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        settled(this.py(), Ok(this.clone().into_any()))
    }

    #[pyo3(signature = (*_exception))]
    fn __aexit__<'py>(
        &self,
        py: Python<'py>,
        _exception: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.aclose(py)
    }

    fn __repr__(&self) -> &'static str {
        if self.closed.is_cancelled() { "<javari.Stream closed>" } else { "<javari.Stream>" }
    }
}
