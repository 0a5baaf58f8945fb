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

pub mod accounts;
pub mod audit;
pub mod error;
pub mod http;
pub mod knowledge;
pub mod provider;
pub mod secret;
pub mod storage;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
pub mod types;
pub mod vault;

pub use error::{Error, ErrorKind, Result, Retry};
