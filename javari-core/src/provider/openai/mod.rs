//! OpenAI chat completions and embeddings, and every server that speaks their wire.
//!
//! What it deliberately does not do: it does not speak the `responses` API, and it does not retry.

mod chat;
mod chunk;
mod config;
mod decode;
mod embeddings;
mod encode;
mod failure;
mod lenient;
#[cfg(test)]
mod recorded;

pub use chat::OpenAiProvider;
pub use config::OpenAiConfig;
pub use embeddings::OpenAiEmbedder;
