//! Model services on other machines: a wire, an address, a key and the client that reaches them.
//!
//! What it deliberately does not do: it does not retry and chooses nobody else.

mod config;
mod embedder;
mod provider;
mod server;
#[cfg(test)]
mod spoken;
mod stream;

pub use config::{Authentication, ProviderConfig, WireName};
pub use embedder::{EmbedderConfig, EmbeddingWire, RemoteEmbedder};
pub use provider::RemoteProvider;
