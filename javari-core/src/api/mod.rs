//! The catalogue of operations: the one list that every language is made from.
//!
//! [`call`] and [`stream`] find an operation by name, check the request against its schema, run it
//! in a scope and answer with JSON. Rust programs call the rooms directly; this is the rim of the
//! house, where other languages and HTTP come in.
//!
//! What it deliberately does not do: it holds no rule of any room and no knowledge of a language.

mod call;
mod caller;
#[cfg(test)]
mod caller_tests;
mod catalog;
mod envelope;
mod operation;
mod request;
mod roles;
mod validate;

pub use call::{call, stream};
pub use caller::Caller;
pub use catalog::{catalog, find};
pub(crate) use envelope::error_body;
pub use envelope::respond;
pub use operation::{Access, Events, Operation, Shape};

#[cfg(test)]
mod tests;
