//! A host's provider: a table of C functions, seen as an object of the host.

use std::{
    ffi::{c_char, c_void},
    ptr, slice,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use async_trait::async_trait;
use javari_core::{
    Error, ErrorKind, Result,
    host::{HostEvents, HostObject},
};
use serde_json::{Value as Json, json};
use tokio::sync::{mpsc, oneshot};

use super::memory::Text;

/// A provider of the host's: a table of functions that Javari calls.
///
/// Threads: each call of `stream` comes on a new thread of Javari's, and so do all calls of `next`
/// and `stop` for the iterator it gave, one after another. Several iterators may be at work at
/// once, and `models` may be called beside them, on threads of their own. `release` comes once, on
/// any thread, after everything else. The functions may call Javari. They must not throw or jump
/// out.
///
/// Texts that a function writes stay the host's. Javari copies them as soon as the function
/// returns, before it calls the host again on that thread: memory of the iterator, of the thread
/// or of the program will do.
///
/// Each function answers 0, or anything else for a failure; the text it wrote then says why.
/// The caller of the operation is told HOST_FAILED with these words.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Provider {
    /// `sizeof(javari_provider)`.
    pub size: usize,
    /// Whatever the host wants; handed to every function.
    pub user: *mut c_void,
    /// Begins to answer a chat request (JSON, the fields of `provider.chat`) and writes an
    /// iterator of the host's own making. On failure it writes `error` and no iterator.
    pub stream: Option<
        unsafe extern "C" fn(
            user: *mut c_void,
            request: Text,
            iterator: *mut *mut c_void,
            error: *mut Text,
        ) -> i32,
    >,
    /// Writes the next event (JSON, `{"type": "text", "delta": "..."}` and so on); leaves it
    /// `{NULL, 0}` at the end. On failure the text says why and the iterator is at its end.
    /// A caller that gave up waits for nothing, but this iterator is stopped only when `next`
    /// has returned: keep its waits short or bounded.
    pub next: Option<
        unsafe extern "C" fn(user: *mut c_void, iterator: *mut c_void, event: *mut Text) -> i32,
    >,
    /// Ends an iterator, read to its end or not; called exactly once for each.
    pub stop: Option<unsafe extern "C" fn(user: *mut c_void, iterator: *mut c_void)>,
    /// Writes the models on offer (JSON, `[{"id": "..."}]`). May be NULL: none.
    pub models: Option<unsafe extern "C" fn(user: *mut c_void, models: *mut Text) -> i32>,
    /// Frees `user`: the provider is never called again. May be NULL.
    pub release: Option<unsafe extern "C" fn(user: *mut c_void)>,
}

/// The longest text that is taken from a host's function.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The longest words of a failure that are passed on, in bytes.
const MOST_WORDS: usize = 500;

type Stream = unsafe extern "C" fn(*mut c_void, Text, *mut *mut c_void, *mut Text) -> i32;
type Next = unsafe extern "C" fn(*mut c_void, *mut c_void, *mut Text) -> i32;
type Stop = unsafe extern "C" fn(*mut c_void, *mut c_void);

/// A checked copy of a host's table.
#[derive(Clone, Copy)]
struct Functions {
    user: *mut c_void,
    stream: Stream,
    next: Next,
    stop: Stop,
    models: Option<unsafe extern "C" fn(*mut c_void, *mut Text) -> i32>,
    release: Option<unsafe extern "C" fn(*mut c_void)>,
}

// SAFETY: whoever registers a table promises that its functions may be called from any thread.
unsafe impl Send for Functions {}
// SAFETY: as above, also from several at once.
unsafe impl Sync for Functions {}

/// A registered provider. Dropping the last clone releases the host's object.
#[derive(Clone)]
pub(super) struct Registered(Arc<Owned>);

/// The table, released when the registration and every iterator are gone.
struct Owned {
    functions: Functions,
    is_kept: AtomicBool,
}

impl Registered {
    /// Copies and checks a table.
    ///
    /// # Safety
    /// 1. `object` is NULL or points to a table whose `size` bytes are readable.
    /// 2. Its functions are NULL or do as [`Provider`] says.
    pub(super) unsafe fn copy(object: *const Provider) -> Result<Self> {
        let wrong = |field: &'static str, fault: &str| {
            Error::invalid("host.register", "the table of functions does not fit")
                .with_field(field, fault)
        };
        if object.is_null() || !object.is_aligned() {
            return Err(wrong("/object", "is NULL or not aligned"));
        }
        // SAFETY: `size` comes first and is readable, as promised.
        let size = unsafe { ptr::addr_of!((*object).size).read() };
        if size < size_of::<Provider>() {
            return Err(wrong("/object/size", "is less than sizeof(javari_provider)"));
        }
        // SAFETY: all of it is readable, as promised.
        let Provider { user, stream, next, stop, models, release, .. } = unsafe { object.read() };
        let functions = Functions {
            user,
            stream: stream.ok_or_else(|| wrong("/object/stream", "is NULL"))?,
            next: next.ok_or_else(|| wrong("/object/next", "is NULL"))?,
            stop: stop.ok_or_else(|| wrong("/object/stop", "is NULL"))?,
            models,
            release,
        };
        Ok(Self(Arc::new(Owned { functions, is_kept: AtomicBool::new(false) })))
    }

    /// Takes the host's object over: it is released when the last use ends.
    pub(super) fn keep(&self) {
        self.0.is_kept.store(true, Ordering::Release);
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if let Some(release) = self.functions.release
            && self.is_kept.load(Ordering::Acquire)
        {
            // SAFETY: the host's promise at registration; this is the last call.
            unsafe { release(self.functions.user) };
        }
    }
}

#[async_trait]
impl HostObject for Registered {
    async fn call(&self, method: &str, _argument: Json) -> Result<Json> {
        let (Some(models), "models") = (self.0.functions.models, method) else {
            return Ok(json!([]));
        };
        let owned = self.0.clone();
        let (answer, answered) = oneshot::channel();
        start(move || drop(answer.send(owned.functions.models(models))))?;
        let text = answered.await.map_err(|_| failed("the host's function did not return"))??;
        serde_json::from_str(&text).map_err(|_| failed("the host's models are not JSON"))
    }

    async fn stream(&self, _method: &str, argument: Json) -> Result<HostEvents> {
        let owned = self.0.clone();
        let (begin, began) = oneshot::channel();
        let (sender, mut events) = mpsc::channel(1);
        start(move || drive(owned, &argument.to_string(), begin, &sender))?;
        began.await.map_err(|_| failed("the host's function did not return"))??;
        Ok(Box::pin(futures::stream::poll_fn(move |context| events.poll_recv(context))))
    }
}

impl Functions {
    fn models(self, models: unsafe extern "C" fn(*mut c_void, *mut Text) -> i32) -> Result<String> {
        let mut text = NO_TEXT;
        // SAFETY: the host's promise at registration.
        match unsafe { models(self.user, &raw mut text) } {
            0 => copied(text)?.ok_or_else(|| failed("the host's function wrote no models")),
            code => Err(refused(code, text)),
        }
    }
}

/// An iterator of the host's, stopped when dropped.
struct Open {
    owned: Arc<Owned>,
    iterator: *mut c_void,
}

impl Open {
    fn begin(owned: Arc<Owned>, request: &str) -> Result<Self> {
        let (mut iterator, mut words) = (ptr::null_mut(), NO_TEXT);
        let request = Text { ptr: request.as_ptr().cast::<c_char>(), len: request.len() };
        let Functions { user, stream, .. } = owned.functions;
        // SAFETY: the host's promise at registration.
        match unsafe { stream(user, request, &raw mut iterator, &raw mut words) } {
            0 => Ok(Self { owned, iterator }),
            code => Err(refused(code, words)),
        }
    }

    fn next(&mut self) -> Result<Option<Json>> {
        let mut event = NO_TEXT;
        let Functions { user, next, .. } = self.owned.functions;
        // SAFETY: the host's promise at registration; the iterator is not stopped yet.
        match unsafe { next(user, self.iterator, &raw mut event) } {
            0 => copied(event)?
                .map(|text| {
                    serde_json::from_str(&text).map_err(|_| failed("the host's event is not JSON"))
                })
                .transpose(),
            code => Err(refused(code, event)),
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let Functions { user, stop, .. } = self.owned.functions;
        // SAFETY: the host's promise at registration; this is the iterator's last call.
        unsafe { stop(user, self.iterator) };
    }
}

/// Reads an iterator to its end, on its own thread, as long as somebody listens.
fn drive(
    owned: Arc<Owned>,
    request: &str,
    begin: oneshot::Sender<Result<()>>,
    sender: &mpsc::Sender<Result<Json>>,
) {
    let mut open = match Open::begin(owned, request) {
        Ok(open) => open,
        Err(fault) => return drop(begin.send(Err(fault))),
    };
    if begin.send(Ok(())).is_err() {
        return;
    }
    while let Some(event) = open.next().transpose() {
        let ends = event.is_err();
        if sender.blocking_send(event).is_err() || ends {
            return;
        }
    }
}

fn start(work: impl FnOnce() + Send + 'static) -> Result<()> {
    let started = thread::Builder::new().name("javari-host".to_owned()).spawn(work);
    started.map(drop).map_err(|fault| {
        Error::new(ErrorKind::Unexpected, "host.provider", "no thread could be started")
            .with_source(fault)
    })
}

const NO_TEXT: Text = Text { ptr: ptr::null(), len: 0 };

/// A host's text, copied; nothing when it wrote none.
fn copied(text: Text) -> Result<Option<String>> {
    if text.ptr.is_null() {
        return Ok(None);
    }
    if text.len > MOST_BYTES {
        return Err(failed("the host's text is longer than 16 MiB"));
    }
    // SAFETY: not NULL and not too long; the host's function wrote it just now.
    let bytes = unsafe { slice::from_raw_parts(text.ptr.cast::<u8>(), text.len) };
    let text = str::from_utf8(bytes).map_err(|_| failed("the host's text is not UTF-8"))?;
    Ok(Some(text.to_owned()))
}

fn refused(code: i32, words: Text) -> Error {
    let mut words = words;
    words.len = words.len.min(MOST_WORDS);
    let bytes: &[u8] = match words.ptr.is_null() {
        true => b"the host's function failed",
        // SAFETY: not NULL and not too long; the host's function wrote it just now.
        false => unsafe { slice::from_raw_parts(words.ptr.cast::<u8>(), words.len) },
    };
    failed(&String::from_utf8_lossy(bytes)).with("host_code", code)
}

fn failed(words: &str) -> Error {
    Error::new(ErrorKind::HostFailed, "host.provider", words)
}
