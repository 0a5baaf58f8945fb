//! Javari's errors as Python exceptions, and the guard that no panic passes.

use javari_core::{Error, host};
use pyo3::{prelude::*, sync::PyOnceLock};

use crate::{convert, exit::Inside};

/// The exception for an error: an instance of its kind's class in `javari.errors`.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    exception(py, error).map_or_else(|failure| failure, PyErr::from_value)
}

fn exception<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    static FROM_VALUE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let value = convert::to_python(py, &host::error_value(error))?;
    FROM_VALUE.import(py, "javari.errors", "from_value")?.call1((value,))
}

/// Runs a verb; a panic inside becomes `UnexpectedError`, which `except Exception` catches, and an
/// interpreter on its way out waits for it.
pub(crate) fn guard<T>(py: Python<'_>, verb: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    let _inside = Inside::enter_from_python(py);
    host::guarded_sync(|| Ok(verb())).unwrap_or_else(|error| Err(raise(py, &error)))
}
