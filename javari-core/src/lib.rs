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

pub mod audit;
pub mod error;
pub mod healer;
pub mod monitor;
pub mod secret;
pub mod storage;
pub mod types;

pub use error::{Error, ErrorKind, Result, Retry};
