//! An object written in Python, seen as a host object.
//!
//! `javari/_hosted.py` runs its methods on threads and loops of Python; this side only asks for the
//! next answer and waits for the reply.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use javari_core::{
    Error, ErrorKind, Result, Retry,
    host::{HostEvents, HostObject},
};
use pyo3::prelude::*;
use serde_json::Value as Json;
use tokio::sync::oneshot;

use crate::{
    convert::{to_json, to_python},
    exit::Inside,
    wait::attached,
};

/// The operation that errors of a host's object name.
const OPERATION: &str = "host.object";

/// A `Hosted` of `javari/_hosted.py`.
pub(crate) struct PythonObject(Py<PyAny>);

impl PythonObject {
    pub(crate) fn new(hosted: Py<PyAny>) -> Self {
        Self(hosted)
    }

    fn begin(&self, method: &str, argument: &Json) -> Result<Source> {
        with_python(|py| {
            let source = self.0.call_method1(py, "begin", (method, to_python(py, argument)?))?;
            Ok(Source(source))
        })
    }
}

#[async_trait]
impl HostObject for PythonObject {
    async fn call(&self, method: &str, argument: Json) -> Result<Json> {
        let answer = self.begin(method, &argument)?.next().await?;
        answer.ok_or_else(|| failed("the host's object gave no answer"))
    }

    async fn stream(&self, method: &str, argument: Json) -> Result<HostEvents> {
        let source = self.begin(method, &argument)?;
        let events = stream::unfold(Some(source), |source| async {
            let source = source?;
            match source.next().await {
                Ok(None) => None,
                Ok(Some(event)) => Some((Ok(event), Some(source))),
                Err(error) => Some((Err(error), None)),
            }
        });
        Ok(events.boxed())
    }
}

/// The answers of one method call. Dropping it tells Python to stop.
struct Source(Py<PyAny>);

impl Source {
    async fn next(&self) -> Result<Option<Json>> {
        let (answer, answered) = oneshot::channel();
        let reply = Reply(Mutex::new(Some(answer)));
        with_python(|py| self.0.call_method1(py, "next", (reply,)).map(drop))?;
        answered.await.unwrap_or_else(|_| Err(failed("the host's object went without an answer")))
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        // Nobody is left to hear of a failure here.
        drop(crate::wait::try_enter(|py| self.0.call_method0(py, "close").map(drop)));
    }
}

type Answer = oneshot::Sender<Result<Option<Json>>>;

/// Where Python puts its next answer.
#[pyclass(frozen, module = "javari._javari")]
pub(crate) struct Reply(Mutex<Option<Answer>>);

impl Reply {
    fn answer(&self, answer: Result<Option<Json>>) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            // Whoever asked may have gone away.
            drop(sender.send(answer));
        }
    }
}

#[pymethods]
impl Reply {
    /// Answers with a value.
    fn send(&self, value: &Bound<'_, PyAny>) {
        let _inside = Inside::enter_from_python(value.py());
        let answer = to_json(OPERATION, value).map_err(|fault| {
            let error = failed("the host's object answered with what has no form in JSON");
            fault.fields().iter().fold(error, |error, field| {
                error.with_field(field.path.as_str(), field.message.as_str())
            })
        });
        self.answer(answer.map(Some));
    }

    /// Tells that there is nothing more.
    fn end(&self) {
        self.answer(Ok(None));
    }

    /// Tells that it failed, under a code of Javari's.
    fn fail(&self, code: &str, message: &str, retry_after: Option<f64>) {
        let kind = ErrorKind::ALL.iter().find(|kind| kind.code() == code);
        let kind = kind.copied().unwrap_or(ErrorKind::HostFailed);
        let message: String = message.chars().take(2_000).collect();
        let error = Error::new(kind, OPERATION, message);
        let wait = retry_after.and_then(|wait| Duration::try_from_secs_f64(wait).ok());
        self.answer(Err(match wait {
            Some(wait) => error.with_retry(Retry::After(wait)),
            None => error,
        }));
    }
}

fn with_python<T>(work: impl FnOnce(Python<'_>) -> PyResult<T>) -> Result<T> {
    attached(|py| work(py).map_err(|error| failed(&error.to_string())))
        .unwrap_or_else(|| Err(failed("the interpreter has ended")))
}

fn failed(message: &str) -> Error {
    Error::new(ErrorKind::HostFailed, OPERATION, message.chars().take(2_000).collect::<String>())
}
