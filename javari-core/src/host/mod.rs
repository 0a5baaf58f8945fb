//! What every language's door stands on: a runtime, a panic guard, a handle and host objects.
//!
//! A door function is: borrow, convert, call a [`Host`], convert. Only this room starts a runtime.
//! What it deliberately does not do: it knows no language and holds no rule of the domain.

mod guard;
mod handle;
mod object;
mod runtime;

pub use guard::{guarded, guarded_sync};
pub use handle::{EventStream, Host};
pub use object::{HostEvents, HostObject};
pub use runtime::{Begun, begin, block_on, is_small, shutdown, spawn};

/// The error as JSON, as doors hand it to their language: code, message, operation, retry advice,
/// and details with the wrong fields and the context.
pub fn error_value(error: &crate::Error) -> serde_json::Value {
    crate::api::error_body(error)
}

#[cfg(test)]
mod tests;
