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
pub mod api;
pub mod audit;
pub mod client;
pub mod config;
pub mod cost;
pub mod error;
pub mod healer;
pub mod host;
pub mod http;
pub mod knowledge;
pub mod limits;
pub mod models;
pub mod monitor;
pub mod provider;
pub mod router;
pub mod secret;
pub mod storage;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
pub mod types;
pub mod vault;

pub use client::{Javari, Scope};
pub use error::{Error, ErrorKind, Result, Retry};
