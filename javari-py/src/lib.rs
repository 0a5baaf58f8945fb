//! The native half of `javari` for Python: five verbs, each in a blocking and an asyncio variant.
//!
//! A verb borrows, converts, calls the host and converts back. The typed face that people use is
//! Python source in `python/javari`. What this crate deliberately does not do: it holds no rule of
//! the domain and knows no operation by name.

mod convert;
mod exit;
mod failure;
mod handle;
mod object;
mod stream;
mod wait;

use javari_core::host;
use pyo3::{prelude::*, types::IntoPyDict};

/// Stops Javari's runtime. Runs by itself when the interpreter exits.
#[pyfunction]
fn shutdown(py: Python<'_>) {
    exit::note_exit(py);
    // The work that is stopped may need the interpreter to end.
    py.detach(host::shutdown);
}

/// Forgets the threads of the parent. Runs by itself in a process that was forked off.
#[pyfunction]
fn forked() {
    exit::forget_other_threads();
}

/// Panics inside the guard, for the test that a panic becomes an exception.
#[cfg(debug_assertions)]
#[pyfunction]
fn _panic(py: Python<'_>) -> PyResult<()> {
    #[allow(clippy::panic)]
    failure::guard(py, || panic!("canary"))
}

/// The native half of the package `javari`.
#[pymodule(gil_used = false)]
fn _javari(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<handle::Host>()?;
    module.add_class::<stream::Stream>()?;
    module.add_class::<object::Reply>()?;
    let shutdown = wrap_pyfunction!(shutdown, module)?;
    module.py().import("atexit")?.call_method1("register", (&shutdown,))?;
    module.add_function(shutdown)?;
    watch_forks(module)?;
    #[cfg(debug_assertions)]
    module.add_function(wrap_pyfunction!(_panic, module)?)?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))
}

fn watch_forks(module: &Bound<'_, PyModule>) -> PyResult<()> {
    // Only where processes fork.
    if let Ok(register) = module.py().import("os")?.getattr("register_at_fork") {
        let forked = wrap_pyfunction!(forked, module)?;
        let options = [("after_in_child", forked)].into_py_dict(module.py())?;
        register.call((), Some(&options))?;
    }
    Ok(())
}
