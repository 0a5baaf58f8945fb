//! Perplexity's embeddings: OpenAI's shape, with one signed byte for each number.

use super::{
    super::{Call, Failures},
    EmbedCall, EmbedWire,
    openai::{decode_embeddings, encode_texts},
};
use crate::{error::Result, types::Usage};

/// Perplexity's embeddings.
pub(in crate::provider) struct PerplexityEmbeddings;

impl EmbedWire for PerplexityEmbeddings {
    fn own_dimensions(&self, model: &str) -> Option<usize> {
        match model {
            "pplx-embed-v1-0.6b" => Some(1_024),
            "pplx-embed-v1-4b" => Some(2_560),
            _ => None,
        }
    }

    fn max_tokens(&self, _: &str) -> usize {
        32_768
    }

    fn max_batch(&self) -> usize {
        512
    }

    /// Perplexity takes 120,000 tokens in one call.
    fn max_batch_bytes(&self) -> usize {
        240_000
    }

    fn encode(&self, call: EmbedCall<'_>) -> Result<Call> {
        encode_texts(call, "base64_int8")
    }

    fn decode(
        &self,
        body: &[u8],
        count: usize,
        failures: &Failures,
        vectors: &mut Vec<Vec<f32>>,
    ) -> Result<Option<Usage>> {
        decode_embeddings(body, count, failures, vectors, signed_bytes)
    }
}

/// One byte for each number. The vectors have no length of their own and are compared by their
/// direction, so one scale for all of them is as good as another; this one leads back to the -1 to 1
/// that the model counts in.
fn signed_bytes(bytes: &[u8]) -> Option<Vec<f32>> {
    Some(bytes.iter().map(|byte| f32::from(byte.cast_signed()) / 127.0).collect())
}
