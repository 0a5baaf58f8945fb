//! The only way to HTTP: one client, a guard against steered requests, limits, event streams.
//!
//! Every request states its [`Trust`]. A `Configured` address stands in the host's own
//! configuration and may be local; a `Steered` one can be chosen by a user or a page, so every
//! address it leads to must be public, redirects included. The guard judges the address that is
//! connected to, not the name, so a name that changes its answer gains nothing.
//!
//! `{{cred:NAME}}` in a header is filled here, for the host that the credential is bound to.
//!
//! What it deliberately does not do: it does not retry (the layers around a provider do), keeps no
//! cookies, reads no proxy from the environment, and knows nothing of any provider's wire.

mod address;
mod body;
mod client;
mod config;
mod credentials;
mod guard;
mod lines;
mod request;
mod resolver;
mod retry_after;
mod sse;
#[cfg(test)]
mod tests;
mod tls;

pub use address::is_public;
pub use body::HttpBody;
pub use client::{Http, HttpReply};
pub use config::HttpConfig;
pub use guard::Trust;
pub use lines::LineSplitter;
pub use request::HttpRequest;
pub use resolver::{NameLookup, SystemLookup};
pub use retry_after::parse_retry_after;
pub use sse::{SseEvent, SseSplitter};
