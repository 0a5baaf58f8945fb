//! # Javari
//!
//! A complete AI operations backbone in one dependency.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::print_stdout,
        clippy::print_stderr
    )
)]

pub mod error;
pub mod http;
pub mod provider;
pub mod secret;
#[cfg(feature = "testkit")]
pub mod testkit;
pub mod types;

pub use error::{Error, ErrorKind, Result, Retry};
