//! Javari's doors for C and C++ ([`c`]) and, through uniffi, for Kotlin, Swift, Ruby and Python
//! (`kit`). One library carries both.
//!
//! What it deliberately does not do: it holds no rule of the domain. A function here borrows,
//! converts, calls a `Host` of javari-core and converts the answer.

pub mod c;
#[cfg(feature = "kit")]
pub mod kit;

#[cfg(feature = "kit")]
uniffi::setup_scaffolding!("javari");
