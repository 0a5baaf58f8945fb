//! Python objects to JSON values and back, without text between.

use bytes::Bytes;
use javari_core::{Error, Result, api};
use pyo3::{
    buffer::PyBuffer,
    prelude::*,
    pybacked::PyBackedBytes,
    types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple},
};
use serde_json::{Map, Number, Value as Json};

/// How deep lists and dictionaries may lie in each other; one that holds itself ends here.
const DEEPEST: usize = 128;

/// What cannot be converted: where it lies, innermost name first, and what is wrong with it.
struct Fault {
    path: Vec<String>,
    words: &'static str,
}

/// # Errors
/// `INVALID_INPUT` naming the place of what has no form in JSON.
pub(crate) fn to_json(operation: &str, value: &Bound<'_, PyAny>) -> Result<Json> {
    read(value, DEEPEST).map_err(|fault| {
        let name = api::find(operation).map_or("host.call", |operation| operation.name);
        let path: String =
            fault.path.iter().rev().map(|part| format!("/{}", escape(part))).collect();
        Error::invalid(name, "a value has no form in JSON").with_field(path, fault.words)
    })
}

fn read(value: &Bound<'_, PyAny>, deeper: usize) -> Result<Json, Fault> {
    if value.is_none() {
        return Ok(Json::Null);
    }
    if let Ok(text) = value.cast::<PyString>() {
        return text.to_str().map(Json::from).map_err(|_| fault("must be text without surrogates"));
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(Json::Bool(flag.is_true()));
    }
    if value.is_instance_of::<PyInt>() {
        return integer(value);
    }
    if let Ok(number) = value.cast::<PyFloat>() {
        return Number::from_f64(number.value())
            .map(Json::Number)
            .ok_or_else(|| fault("must be a finite number"));
    }
    let Some(deeper) = deeper.checked_sub(1) else {
        return Err(fault("lies too deep or holds itself"));
    };
    if let Ok(fields) = value.cast::<PyDict>() {
        // A copy of the pairs: another thread may change the dictionary meanwhile.
        return object(fields.items().into_any(), deeper);
    }
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        return array(value, deeper);
    }
    if value.is_instance_of::<PyBytes>() {
        return Err(fault("must not be bytes: hand bytes over in `blobs`"));
    }
    other(value, deeper)
}

/// Integers beyond 64 bits have no exact form in JSON.
fn integer(value: &Bound<'_, PyAny>) -> Result<Json, Fault> {
    value
        .extract::<i64>()
        .map(Json::from)
        .or_else(|_| value.extract::<u64>().map(Json::from))
        .map_err(|_| fault("must be a number of at most 64 bits"))
}

fn object(pairs: Bound<'_, PyAny>, deeper: usize) -> Result<Json, Fault> {
    let broken = |_| fault("cannot be read as a dictionary");
    let mut fields = Map::new();
    for pair in pairs.try_iter().map_err(broken)? {
        let (key, value) = pair
            .and_then(|pair| pair.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>())
            .map_err(broken)?;
        let key: String = key
            .cast::<PyString>()
            .ok()
            .and_then(|key| key.to_str().ok().map(str::to_owned))
            .ok_or_else(|| fault("must have text for keys"))?;
        let value = read(&value, deeper).map_err(|fault| inside(fault, &key))?;
        fields.insert(key, value);
    }
    Ok(Json::Object(fields))
}

fn array(items: &Bound<'_, PyAny>, deeper: usize) -> Result<Json, Fault> {
    let broken = |_| fault("cannot be read as a list");
    let mut array = Vec::new();
    for (at, item) in items.try_iter().map_err(broken)?.enumerate() {
        let item = item.map_err(broken)?;
        array.push(read(&item, deeper).map_err(|fault| inside(fault, &at.to_string()))?);
    }
    Ok(Json::Array(array))
}

/// What Python programs hold in place of text and dictionaries: ids, times, money, paths, mappings.
fn other(value: &Bound<'_, PyAny>, deeper: usize) -> Result<Json, Fault> {
    let text = |method: &str| {
        let text = value.call_method0(method).and_then(|text| text.extract::<String>());
        text.map(Json::from).map_err(|_| fault("cannot be read as text"))
    };
    let has = |name: &str| value.hasattr(name).unwrap_or(false);
    let class = value.get_type().fully_qualified_name().map(|name| name.to_string());
    if matches!(class.as_deref(), Ok("uuid.UUID" | "decimal.Decimal")) {
        return text("__str__");
    }
    if has("isoformat") {
        return text("isoformat");
    }
    if has("__fspath__") {
        return text("__fspath__");
    }
    if let Ok(fields) = value.cast::<PyMapping>() {
        let items = fields.items().map_err(|_| fault("cannot be read as a dictionary"))?;
        return object(items.into_any(), deeper);
    }
    if has("__index__") {
        return integer(value);
    }
    Err(fault("is of a class that has no form in JSON"))
}

fn fault(words: &'static str) -> Fault {
    Fault { path: Vec::new(), words }
}

fn inside(mut fault: Fault, name: &str) -> Fault {
    fault.path.push(name.chars().take(80).collect());
    fault
}

/// A name as a part of a JSON Pointer (RFC 6901 §3).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The Python object for a JSON value.
pub(crate) fn to_python<'py>(py: Python<'py>, value: &Json) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Json::Null => py.None().into_bound(py),
        Json::Bool(flag) => PyBool::new(py, *flag).to_owned().into_any(),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => number.into_pyobject(py)?.into_any(),
            (None, Some(number)) => number.into_pyobject(py)?.into_any(),
            (None, None) => number.as_f64().into_pyobject(py)?.into_any(),
        },
        Json::String(text) => PyString::new(py, text).into_any(),
        Json::Array(items) => {
            let list = PyList::empty(py);
            for item in items {
                list.append(to_python(py, item)?)?;
            }
            list.into_any()
        }
        Json::Object(fields) => {
            let dict = PyDict::new(py);
            for (name, field) in fields {
                dict.set_item(PyString::intern(py, name), to_python(py, field)?)?;
            }
            dict.into_any()
        }
    })
}

/// The bytes that a request speaks of; those of `bytes` objects are not copied.
pub(crate) fn to_blobs(blobs: &Bound<'_, PyAny>) -> PyResult<Vec<Bytes>> {
    blobs
        .try_iter()?
        .map(|blob| {
            let blob = blob?;
            if blob.is_instance_of::<PyBytes>() {
                return Ok(Bytes::from_owner(blob.extract::<PyBackedBytes>()?));
            }
            // A copy, because the owner of a buffer may change it during the call.
            Ok(PyBuffer::<u8>::get(&blob)?.to_vec(blob.py())?.into())
        })
        .collect()
}
