//! The C ABI: handles, buffers and five verbs, described for people in `include/javari.h`.
//!
//! No panic leaves it, no NULL is trusted, and a handle that is stale, freed or made up is
//! answered with `CLOSED`. JSON is text here; bytes cross beside it.
//!
//! What it deliberately does not do: it cannot tell a pointer into nowhere from a good one; each
//! function says what it needs of its pointers.

mod code;
mod exports;
mod handles;
mod memory;
mod provider;

pub use code::Code;
pub use exports::*;
pub use memory::{Buffer, Bytes, Text, javari_buffer_free};
pub use provider::Provider;
