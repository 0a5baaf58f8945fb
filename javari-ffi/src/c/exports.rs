//! The functions: each borrows, converts, calls the host inside the guard, and converts back.

use std::sync::Arc;

use javari_core::{
    Error, Result,
    host::{Host, block_on, error_value, guarded_sync, shutdown},
};

use super::{
    code::Code,
    handles::{self, Opened},
    memory::{Buffer, Bytes, Text, read_blobs},
    provider::{Provider, Registered},
};

/// Opens a Javari as `settings` (a JSON object, such as `{"database": "javari.db"}`) say and
/// writes its handle to `out`. Waits on this thread. Any number may be open; handles may be used
/// from any thread, also several at once.
///
/// # Safety
/// 1. `settings.ptr` is NULL or points to `settings.len` readable bytes.
/// 2. `out` is NULL or points to a writable handle.
/// 3. `error` is NULL or points to a writable buffer; what it held is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn javari_open(settings: Text, out: *mut u64, error: *mut Buffer) -> Code {
    let work = || {
        // SAFETY: the caller's promise 2.
        let out = unsafe { Out::new(out, 0) }?;
        // SAFETY: the caller's promise 1.
        let settings = unsafe { settings.read_json("/settings") }?;
        let host = block_on(Host::open(settings))?;
        out.write(handles::insert(Opened::Javari(host))?);
        Ok(())
    };
    // SAFETY: the caller's promise 3.
    unsafe { finish(error, work) }
}

/// Opens a Javari as the seed's eleven environment variables say and writes its handle to `out`.
/// The database is `JAVARI_DATABASE`, or `javari.db`. The `fields` of a CONFIGURATION error name
/// every missing and every malformed variable. Waits on this thread; no other thread may change
/// the environment meanwhile.
///
/// # Safety
/// 1. `out` is NULL or points to a writable handle.
/// 2. `error` is NULL or points to a writable buffer; what it held is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn javari_open_from_env(out: *mut u64, error: *mut Buffer) -> Code {
    let work = || {
        // SAFETY: the caller's promise 1.
        let out = unsafe { Out::new(out, 0) }?;
        let host = block_on(Host::from_env())?;
        out.write(handles::insert(Opened::Javari(host))?);
        Ok(())
    };
    // SAFETY: the caller's promise 2.
    unsafe { finish(error, work) }
}

/// Writes to `id` which root key the database of `settings` (as for `javari_open`) was sealed with, an empty
/// text where it is new. A host that keeps its keys by their ids asks this first and then gives
/// `root_key` among the settings. Nothing is made and nothing changed. Waits on this thread.
///
/// # Safety
/// 1. `settings.ptr` is NULL or points to `settings.len` readable bytes.
/// 2. `id` is NULL or points to a writable buffer; what it held is not freed.
/// 3. `error` is NULL or points to a writable buffer; what it held is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn javari_needed_key(
    settings: Text,
    id: *mut Buffer,
    error: *mut Buffer,
) -> Code {
    let work = || {
        // SAFETY: the caller's promise 2.
        let out = unsafe { Out::new(id, Buffer::NONE) }?;
        // SAFETY: the caller's promise 1.
        let settings = unsafe { settings.read_json("/settings") }?;
        let id = block_on(Host::needed_key(settings))?;
        out.write(Buffer::of(id.unwrap_or_default()));
        Ok(())
    };
    // SAFETY: the caller's promise 3.
    unsafe { finish(error, work) }
}

/// Closes a Javari and makes the handle 0. Closing a handle that is 0 does nothing; a copy of a
/// closed handle is answered with CLOSED.
///
/// # Safety
/// 1. `javari` is NULL or points to a writable handle.
/// 2. `error` is NULL or points to a writable buffer; what it held is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn javari_close(javari: *mut u64, error: *mut Buffer) -> Code {
    let work = || {
        // SAFETY: the caller's promise 1.
        match unsafe { take_handle(javari) }? {
            0 => Ok(()),
            handle => {
                let host = handles::take_javari(handle)?;
                block_on(host.close())
            }
        }
    };
    // SAFETY: the caller's promise 2.
    unsafe { finish(error, work) }
}

/// Runs an operation that answers once (see `javari_operations.h`) and writes its reply, JSON, to
/// `reply`. `scope` is `null` for the host itself, or a JSON object with the ids `user`,
/// `project` and `subproject`; `request` is a JSON object. Waits on this thread.
///
/// # Safety
/// 1. The `ptr` of each text is NULL or points to `len` readable bytes.
/// 2. `blobs` is NULL or points to `blob_count` elements, each with `len` readable bytes.
/// 3. `reply` is NULL or points to a writable buffer; what it held is not freed.
/// 4. `error` is NULL or points to a writable buffer; what it held is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn javari_call(
    javari: u64,
    operation: Text,
    scope: Text,
    request: Text,
    blobs: *const Bytes,
    blob_count: usize,
    reply: *mut Buffer,
    error: *mut Buffer,
) -> Code {
    let work = || {
        // SAFETY: the caller's promise 3.
        let out = unsafe { Out::new(reply, Buffer::NONE) }?;
        let host = handles::javari(javari)?;
        // SAFETY: the caller's promises 1 and 2.
        let (operation, scope, request, blobs) = unsafe {
            (
                operation.read("/operation")?.to_owned(),
                scope.read_json("/scope")?,
                request.read_json("/request")?,
                read_blobs(blobs, blob_count)?,
            )
        };
        let reply = block_on(host.call(operation, scope, request, blobs))?;
        out.write(Buffer::of(reply.to_string()));
        Ok(())
    };
    // SAFETY: the caller's promise 4.
    unsafe { finish(error, work) }
}

/// Begins an operation that answers with events and writes the stream's handle to `stream`. The
/// rest is as in `javari_call`. Free the stream with `javari_stream_free`.
///
/// # Safety
/// 1. The `ptr` of each text is NULL or points to `len` readable bytes.
/// 2. `blobs` is NULL or points to `blob_count` elements, each with `len` readable bytes.
/// 3. `stream` is NULL or points to a writable handle.
/// 4. `error` is NULL or points to a writable buffer; what it held is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn javari_stream(
    javari: u64,
    operation: Text,
    scope: Text,
    request: Text,
    blobs: *const Bytes,
    blob_count: usize,
    stream: *mut u64,
    error: *mut Buffer,
) -> Code {
    let work = || {
        // SAFETY: the caller's promise 3.
        let out = unsafe { Out::new(stream, 0) }?;
        let host = handles::javari(javari)?;
        // SAFETY: the caller's promises 1 and 2.
        let (operation, scope, request, blobs) = unsafe {
            (
                operation.read("/operation")?.to_owned(),
                scope.read_json("/scope")?,
                request.read_json("/request")?,
                read_blobs(blobs, blob_count)?,
            )
        };
        let events = block_on(host.stream(operation, scope, request, blobs))?;
        out.write(handles::insert(Opened::Stream(Arc::new(events)))?);
        Ok(())
    };
    // SAFETY: the caller's promise 4.
    unsafe { finish(error, work) }
}

/// Waits for the next event and writes it, JSON, to `event`; at the end `event` is `{NULL, 0}`.
/// After an error the stream is at its end.
///
/// # Safety
/// 1. `event` is NULL or points to a writable buffer; what it held is not freed.
/// 2. `error` is NULL or points to a writable buffer; what it held is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn javari_stream_next(
    stream: u64,
    event: *mut Buffer,
    error: *mut Buffer,
) -> Code {
    let work = || {
        // SAFETY: the caller's promise 1.
        let out = unsafe { Out::new(event, Buffer::NONE) }?;
        let events = handles::stream(stream)?;
        if let Some(event) = block_on(events.next())? {
            out.write(Buffer::of(event.to_string()));
        }
        Ok(())
    };
    // SAFETY: the caller's promise 2.
    unsafe { finish(error, work) }
}

/// Stops the work behind a stream, from any thread, also while another one waits for its next
/// event: that one then finds the end, and so does every later call. What was not read yet is
/// dropped. The stream must still be freed.
///
/// # Safety
/// 1. `error` is NULL or points to a writable buffer; what it held is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn javari_stream_cancel(stream: u64, error: *mut Buffer) -> Code {
    let work = || {
        handles::stream(stream)?.cancel();
        Ok(())
    };
    // SAFETY: the caller's promise 1.
    unsafe { finish(error, work) }
}

/// Stops the work behind a stream, frees it and makes the handle 0. Freeing a handle that is 0
/// does nothing; a copy of a freed handle is answered with CLOSED.
///
/// # Safety
/// 1. `stream` is NULL or points to a writable handle.
/// 2. `error` is NULL or points to a writable buffer; what it held is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn javari_stream_free(stream: *mut u64, error: *mut Buffer) -> Code {
    let work = || {
        // SAFETY: the caller's promise 1.
        match unsafe { take_handle(stream) }? {
            0 => Ok(()),
            handle => {
                // Another thread may still wait on it: stopping ends its wait.
                handles::take_stream(handle)?.cancel();
                Ok(())
            }
        }
    };
    // SAFETY: the caller's promise 2.
    unsafe { finish(error, work) }
}

/// Registers an object of the host's; today `kind` is `provider`. The table is copied. From then
/// on a request with the model `name/anything` is answered by it. When this fails, `release` is
/// not called.
///
/// # Safety
/// 1. The `ptr` of each text is NULL or points to `len` readable bytes.
/// 2. `object` is NULL or points to a table whose `size` bytes are readable and whose functions
///    are NULL or behave as `javari_provider` says.
/// 3. `error` is NULL or points to a writable buffer; what it held is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn javari_register(
    javari: u64,
    kind: Text,
    name: Text,
    object: *const Provider,
    error: *mut Buffer,
) -> Code {
    let work = || {
        let host = handles::javari(javari)?;
        // SAFETY: the caller's promises 1 and 2.
        let (kind, name, object) =
            unsafe { (kind.read("/kind")?, name.read("/name")?, Registered::copy(object)?) };
        host.register(kind, name, Arc::new(object.clone()))?;
        object.keep();
        Ok(())
    };
    // SAFETY: the caller's promise 3.
    unsafe { finish(error, work) }
}

/// Stops Javari's threads, waiting at most two seconds for work that still runs. For the end of a
/// program; close what is open before. A later call starts them again.
#[unsafe(no_mangle)]
pub extern "C" fn javari_shutdown() {
    drop(guarded_sync(|| {
        shutdown();
        Ok(())
    }));
}

/// Panics on purpose, for the test that no panic crosses the border.
///
/// # Safety
/// 1. `error` is NULL or points to a writable buffer; what it held is not freed.
///
/// cbindgen:ignore
#[cfg(feature = "panic-test")]
#[allow(clippy::panic)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn javari_test_panic(error: *mut Buffer) -> Code {
    // SAFETY: the caller's promise 1.
    unsafe { finish(error, || panic!("canary")) }
}

/// Runs `work` behind the guard and answers with its code and, where asked for, its error.
///
/// # Safety
/// 1. `error` is NULL or points to a writable buffer.
unsafe fn finish(error: *mut Buffer, work: impl FnOnce() -> Result<()>) -> Code {
    // SAFETY: the caller's promise.
    let error = unsafe { Out::new(error, Buffer::NONE) }.ok();
    match guarded_sync(work) {
        Ok(()) => Code::Ok,
        Err(fault) => {
            if let Some(error) = error {
                // A fault while writing the error leaves the code to speak for itself.
                drop(guarded_sync(|| {
                    error.write(Buffer::of(error_value(&fault).to_string()));
                    Ok(())
                }));
            }
            Code::of(fault.kind())
        }
    }
}

/// Reads a handle and makes it 0.
///
/// # Safety
/// 1. `handle` is NULL or points to a writable handle.
unsafe fn take_handle(handle: *mut u64) -> Result<u64> {
    if handle.is_null() || !handle.is_aligned() {
        return Err(null_out());
    }
    // SAFETY: the caller's promise.
    Ok(unsafe { handle.replace(0) })
}

/// A place to write a result to, known to be there.
struct Out<T>(*mut T);

impl<T> Out<T> {
    /// Writes `nothing` at once, so that no failure leaves the place as it was.
    ///
    /// # Safety
    /// 1. `place` is NULL or points to a writable `T`, which stays there as long as this.
    unsafe fn new(place: *mut T, nothing: T) -> Result<Self> {
        if place.is_null() || !place.is_aligned() {
            return Err(null_out());
        }
        // SAFETY: the caller's promise.
        unsafe { place.write(nothing) };
        Ok(Self(place))
    }

    fn write(self, value: T) {
        // SAFETY: `new` was promised a writable place; what it holds needs no drop.
        unsafe { self.0.write(value) };
    }
}

fn null_out() -> Error {
    Error::invalid("host.call", "there is no place to write the result to")
        .with_field("/out", "is NULL or not aligned")
}
