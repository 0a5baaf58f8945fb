//! Cuts, embeds, stores and finds what a project knows.
//!
//! [`extract`] reads documents into text with blocks, [`chunk`] cuts that text into pieces that fit
//! an embedding model.
//!
//! What it deliberately does not do: it fetches nothing; bytes come from the caller or the crawler.

pub mod chunk;
pub mod extract;
