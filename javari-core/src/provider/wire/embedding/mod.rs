//! How texts to embed are written, and vectors read.

mod gemini;
mod ollama;
mod openai;
mod perplexity;
#[cfg(test)]
mod recorded;

#[cfg(test)]
pub(in crate::provider::wire) use self::openai::{decode_embeddings, floats};
pub(in crate::provider) use self::{
    gemini::GeminiEmbeddings, ollama::OllamaEmbeddings, openai::OpenAiEmbeddings,
    perplexity::PerplexityEmbeddings,
};
use serde::{Deserialize, Serialize};

use super::{Call, Failures};
use crate::{
    error::{Error, ErrorKind, Result},
    provider::EmbedPurpose,
    types::Usage,
};

/// One way of asking a model service for vectors.
pub(in crate::provider) trait EmbedWire: Send + Sync {
    /// How many numbers a vector of this model has by itself, for the models that are known.
    fn own_dimensions(&self, model: &str) -> Option<usize>;

    /// The tokens that this model reads of one text.
    fn max_tokens(&self, _model: &str) -> usize {
        8_192
    }

    /// The most texts of one call.
    fn max_batch(&self) -> usize {
        2_048
    }

    /// The most bytes of the texts of one call. OpenAI takes 300,000 tokens in one call. Text of any
    /// language takes two bytes or more to a token, so this needs no tokenizer; text that is no
    /// language may be refused.
    fn max_batch_bytes(&self) -> usize {
        600_000
    }

    /// The texts as they go over the wire.
    ///
    /// # Errors
    /// `UNEXPECTED` when they cannot be written.
    fn encode(&self, call: EmbedCall<'_>) -> Result<Call>;

    /// Reads the vectors of `count` texts, appends them in the order of the texts and returns what the
    /// call used where it is told.
    ///
    /// # Errors
    /// `PROVIDER_FAILED` when they are not all there, or the service's own error.
    fn decode(
        &self,
        body: &[u8],
        count: usize,
        failures: &Failures,
        vectors: &mut Vec<Vec<f32>>,
    ) -> Result<Option<Usage>>;
}

/// One call for vectors.
#[derive(Debug, Clone, Copy)]
pub(in crate::provider) struct EmbedCall<'a> {
    pub(in crate::provider) model: &'a str,
    pub(in crate::provider) texts: &'a [String],
    /// Where the model is to shorten its vectors.
    pub(in crate::provider) dimensions: Option<usize>,
    pub(in crate::provider) purpose: EmbedPurpose,
}

/// A reply of this shape.
fn read<'a, T: Deserialize<'a>>(body: &'a [u8], failures: &Failures) -> Result<T> {
    serde_json::from_slice(body)
        .map_err(|_| failures.broken("the provider sent something that is not its protocol"))
}

/// The vectors of a reply, in the order of its texts, appended when they are all there.
fn append(
    received: Vec<Vec<f32>>,
    count: usize,
    failures: &Failures,
    vectors: &mut Vec<Vec<f32>>,
) -> Result<()> {
    require_count(received.len(), count, failures)?;
    if !received.iter().all(|vector| is_vector(vector)) {
        return Err(failures.broken("the provider sent something that is no vector"));
    }
    vectors.extend(received);
    Ok(())
}

/// Refuses a reply that has not a vector for each text.
fn require_count(received: usize, count: usize, failures: &Failures) -> Result<()> {
    if received == count {
        return Ok(());
    }
    Err(failures
        .broken("the provider sent another number of vectors than texts")
        .with("texts", count)
        .with("vectors", received))
}

/// Whether these are finite numbers, one at least.
fn is_vector(numbers: &[f32]) -> bool {
    !numbers.is_empty() && numbers.iter().all(|number| number.is_finite())
}

fn json(body: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(body).map_err(|fault| {
        Error::new(ErrorKind::Unexpected, "provider.embed", "the texts cannot be written as JSON")
            .with_source(fault)
    })
}
