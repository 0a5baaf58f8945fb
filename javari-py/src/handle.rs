//! The five verbs: open, close, call, stream, register.

use std::sync::Arc;

use bytes::Bytes;
use javari_core::{Result, host};
use pyo3::prelude::*;
use serde_json::Value as Json;

use crate::{
    convert::{to_blobs, to_json, to_python},
    failure::{guard, raise},
    object::PythonObject,
    stream::Stream,
    wait::{begun, promise, wait},
};

/// One opened Javari. The typed classes of `javari` stand in front of it.
#[pyclass(frozen, module = "javari._javari")]
pub(crate) struct Host(host::Host);

#[pymethods]
impl Host {
    /// Opens as the settings say.
    #[staticmethod]
    fn open(py: Python<'_>, settings: &Bound<'_, PyAny>) -> PyResult<Self> {
        guard(py, || {
            let settings = json(py, "host.open", settings)?;
            wait(py, host::Host::open(settings)).map(Self)
        })
    }

    /// Opens as the settings say; to be awaited.
    #[staticmethod]
    fn open_async<'py>(
        py: Python<'py>,
        settings: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            let settings = json(py, "host.open", settings)?;
            promise(py, host::Host::open(settings), |py, host| {
                Ok(Bound::new(py, Self(host))?.into_any())
            })
        })
    }

    /// The id of the root key that the database of the settings was sealed with, or `None`.
    #[staticmethod]
    fn needed_key(py: Python<'_>, settings: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
        guard(py, || wait(py, host::Host::needed_key(json(py, "host.open", settings)?)))
    }

    /// The same, to be awaited.
    #[staticmethod]
    fn needed_key_async<'py>(
        py: Python<'py>,
        settings: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            let settings = json(py, "host.open", settings)?;
            promise(py, host::Host::needed_key(settings), |py, id| {
                Ok(id.into_pyobject(py)?.into_any())
            })
        })
    }

    /// Opens as the seed's environment variables say.
    #[staticmethod]
    fn from_env(py: Python<'_>) -> PyResult<Self> {
        guard(py, || wait(py, host::Host::from_env()).map(Self))
    }

    /// Opens as the seed's environment variables say; to be awaited.
    #[staticmethod]
    fn from_env_async(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        guard(py, || {
            promise(py, host::Host::from_env(), |py, host| {
                Ok(Bound::new(py, Self(host))?.into_any())
            })
        })
    }

    /// Runs an operation that answers once.
    fn call<'py>(
        &self,
        py: Python<'py>,
        operation: &str,
        scope: &Bound<'py, PyAny>,
        request: &Bound<'py, PyAny>,
        blobs: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            let asked = Asked::read(self, operation, scope, request, blobs)?;
            to_python(py, &wait(py, asked.call())?)
        })
    }

    /// Runs an operation that answers once; to be awaited.
    fn call_async<'py>(
        &self,
        py: Python<'py>,
        operation: &str,
        scope: &Bound<'py, PyAny>,
        request: &Bound<'py, PyAny>,
        blobs: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            let asked = Asked::read(self, operation, scope, request, blobs)?;
            if asked.is_small() {
                begun(py, asked.call(), replied)
            } else {
                promise(py, asked.call(), replied)
            }
        })
    }

    /// Begins an operation that answers with events.
    fn stream(
        &self,
        py: Python<'_>,
        operation: &str,
        scope: &Bound<'_, PyAny>,
        request: &Bound<'_, PyAny>,
        blobs: &Bound<'_, PyAny>,
    ) -> PyResult<Stream> {
        guard(py, || {
            let asked = Asked::read(self, operation, scope, request, blobs)?;
            wait(py, asked.stream()).map(Stream::begun)
        })
    }

    /// The same, begun when its first event is awaited.
    fn stream_async(
        &self,
        py: Python<'_>,
        operation: &str,
        scope: &Bound<'_, PyAny>,
        request: &Bound<'_, PyAny>,
        blobs: &Bound<'_, PyAny>,
    ) -> PyResult<Stream> {
        guard(py, || {
            let asked = Asked::read(self, operation, scope, request, blobs)?;
            Ok(Stream::later(asked.stream()))
        })
    }

    /// Adds an object of the host under a name; see `javari/_hosted.py` for what it must have.
    fn register(&self, py: Python<'_>, kind: &str, name: &str, object: Py<PyAny>) -> PyResult<()> {
        guard(py, || {
            let object = Arc::new(PythonObject::new(object));
            self.0.register(kind, name, object).map_err(|error| raise(py, &error))
        })
    }

    /// Closes the database; later calls raise `ClosedError`.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        guard(py, || {
            let host = self.0.clone();
            wait(py, async move { host.close().await })
        })
    }

    /// Closes the database; to be awaited.
    fn close_async<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guard(py, || {
            let host = self.0.clone();
            promise(py, async move { host.close().await }, |py, ()| Ok(py.None().into_bound(py)))
        })
    }
}

/// A call with everything converted.
struct Asked {
    host: host::Host,
    operation: String,
    scope: Json,
    request: Json,
    blobs: Vec<Bytes>,
}

impl Asked {
    fn read(
        host: &Host,
        operation: &str,
        scope: &Bound<'_, PyAny>,
        request: &Bound<'_, PyAny>,
        blobs: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let py = request.py();
        Ok(Self {
            host: host.0.clone(),
            operation: operation.to_owned(),
            scope: json(py, operation, scope)?,
            request: json(py, operation, request)?,
            blobs: to_blobs(blobs)?,
        })
    }

    /// Whether little is done with it before it first waits.
    fn is_small(&self) -> bool {
        self.blobs.is_empty() && host::is_small(&self.request)
    }

    async fn call(self) -> Result<Json> {
        self.host.call(self.operation, self.scope, self.request, self.blobs).await
    }

    async fn stream(self) -> Result<host::EventStream> {
        self.host.stream(self.operation, self.scope, self.request, self.blobs).await
    }
}

fn replied(py: Python<'_>, reply: Json) -> PyResult<Bound<'_, PyAny>> {
    to_python(py, &reply)
}

fn json(py: Python<'_>, operation: &str, value: &Bound<'_, PyAny>) -> PyResult<Json> {
    to_json(operation, value).map_err(|error| raise(py, &error))
}
