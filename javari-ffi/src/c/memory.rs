//! Texts, bytes and owned buffers as they cross the border.

use std::{ffi::c_char, ptr, slice};

use javari_core::{Error, Result};
use serde_json::Value as Json;

/// UTF-8 text that its owner keeps: `len` bytes from `ptr`, with no NUL needed behind them.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Text {
    /// Where the text begins. NULL is no text, not even an empty one.
    pub ptr: *const c_char,
    /// How many bytes it has.
    pub len: usize,
}

/// Bytes that their owner keeps, such as a file.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes {
    /// Where they begin; may be NULL when there are none.
    pub ptr: *const u8,
    /// How many there are.
    pub len: usize,
}

/// UTF-8 text made by Javari and owned by whoever received it: free it with
/// `javari_buffer_free`. A NUL stands behind it, not counted in `len`.
#[repr(C)]
pub struct Buffer {
    /// Where the text begins, or NULL when there is none.
    pub ptr: *mut c_char,
    /// How many bytes it has, without the NUL.
    pub len: usize,
}

impl Text {
    /// # Safety
    /// 1. Unless `ptr` is NULL, `len` bytes from it must be readable and unchanged while `'a` lasts.
    pub(super) unsafe fn read<'a>(self, field: &'static str) -> Result<&'a str> {
        let wrong = |fault: &str| {
            Err(Error::invalid("host.call", "a text that was passed does not fit")
                .with_field(field, fault))
        };
        if self.ptr.is_null() {
            return wrong("is NULL");
        }
        if isize::try_from(self.len).is_err() {
            return wrong("is longer than memory");
        }
        // SAFETY: not NULL and not too long; the rest is the caller's promise.
        let bytes = unsafe { slice::from_raw_parts(self.ptr.cast::<u8>(), self.len) };
        str::from_utf8(bytes).or_else(|_| wrong("is not UTF-8"))
    }

    /// # Safety
    /// 1. As [`Text::read`].
    pub(super) unsafe fn read_json(self, field: &'static str) -> Result<Json> {
        // SAFETY: the caller's promise.
        let text = unsafe { self.read(field) }?;
        serde_json::from_str(text).map_err(|fault| {
            // Where it breaks helps; serde's words may repeat a value.
            let place = format!("is not JSON at line {}, column {}", fault.line(), fault.column());
            Error::invalid("host.call", "a text that was passed is not JSON")
                .with_field(field, place)
        })
    }
}

/// Copies the blobs in.
///
/// # Safety
/// 1. Unless `count` is 0, `blobs` is NULL or points to `count` readable elements.
/// 2. Each element's `ptr` is NULL or points to `len` readable bytes.
pub(super) unsafe fn read_blobs(blobs: *const Bytes, count: usize) -> Result<Vec<bytes::Bytes>> {
    let wrong = |fault: &str| {
        Error::invalid("host.call", "the blobs do not fit").with_field("/blobs", fault)
    };
    if count == 0 {
        return Ok(Vec::new());
    }
    if blobs.is_null() || !blobs.is_aligned() {
        return Err(wrong("is NULL or not aligned"));
    }
    if count > isize::MAX as usize / size_of::<Bytes>() {
        return Err(wrong("are more than memory holds"));
    }
    // SAFETY: not NULL, aligned and not too many; the rest is the caller's promise.
    let blobs = unsafe { slice::from_raw_parts(blobs, count) };
    blobs
        .iter()
        .map(|blob| match (blob.ptr.is_null(), isize::try_from(blob.len)) {
            (_, Ok(0)) => Ok(bytes::Bytes::new()),
            (true, _) => Err(wrong("one is NULL and has a length")),
            (false, Err(_)) => Err(wrong("one is longer than memory")),
            // SAFETY: not NULL and not too long; the rest is the caller's promise.
            (false, Ok(_)) => Ok(bytes::Bytes::copy_from_slice(unsafe {
                slice::from_raw_parts(blob.ptr, blob.len)
            })),
        })
        .collect()
}

impl Buffer {
    /// No text.
    pub(super) const NONE: Self = Self { ptr: ptr::null_mut(), len: 0 };

    pub(super) fn of(text: String) -> Self {
        let len = text.len();
        let mut bytes = text.into_bytes();
        bytes.push(0);
        let memory = Box::into_raw(bytes.into_boxed_slice());
        Self { ptr: memory.cast::<c_char>(), len }
    }
}

/// Frees a buffer and makes it `{NULL, 0}`; a NULL or an empty buffer is left alone.
///
/// # Safety
/// 1. `buffer` is NULL or points to a buffer that Javari filled or that is `{NULL, 0}`.
/// 2. Neither `ptr` nor `len` was changed, and no copy of it was freed before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn javari_buffer_free(buffer: *mut Buffer) {
    if buffer.is_null() || !buffer.is_aligned() {
        return;
    }
    // SAFETY: a pointer to a buffer, as promised.
    let Buffer { ptr, len } = unsafe { buffer.replace(Buffer::NONE) };
    if !ptr.is_null() {
        let bytes = ptr::slice_from_raw_parts_mut(ptr.cast::<u8>(), len + 1);
        // SAFETY: `Buffer::of` made it with a NUL behind `len` bytes.
        drop(unsafe { Box::from_raw(bytes) });
    }
}
