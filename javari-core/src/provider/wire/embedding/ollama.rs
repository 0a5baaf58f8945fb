//! Ollama's embeddings.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    super::{Call, Failures, lenient::Count},
    EmbedCall, EmbedWire,
};
use crate::{error::Result, types::Usage};

/// Ollama's embeddings.
pub(in crate::provider) struct OllamaEmbeddings;

impl EmbedWire for OllamaEmbeddings {
    fn own_dimensions(&self, model: &str) -> Option<usize> {
        known(model).map(|(dimensions, _)| dimensions)
    }

    fn max_tokens(&self, model: &str) -> usize {
        known(model).map_or(2_048, |(_, tokens)| tokens)
    }

    fn encode(&self, call: EmbedCall<'_>) -> Result<Call> {
        let EmbedCall { model, texts, dimensions, .. } = call;
        // Unasked, Ollama cuts a text that is too long and tells nobody.
        let body = Body { model, input: texts, truncate: false, dimensions };
        Ok(Call { path: "embed".to_owned(), body: super::json(&body)?, ..Call::default() })
    }

    fn decode(
        &self,
        body: &[u8],
        count: usize,
        failures: &Failures,
        vectors: &mut Vec<Vec<f32>>,
    ) -> Result<Option<Usage>> {
        let reply: Reply = super::read(body, failures)?;
        if let Some(error) = reply.error {
            return Err(failures.of_error(error));
        }
        super::append(reply.embeddings.unwrap_or_default(), count, failures, vectors)?;
        let told = reply.prompt_eval_count.0;
        Ok((told > 0).then(|| Usage { input: told, ..Usage::default() }.capped()))
    }
}

/// The numbers of a vector, and the tokens that are read of a text, of models in Ollama's library.
fn known(model: &str) -> Option<(usize, usize)> {
    match model.strip_suffix(":latest").unwrap_or(model) {
        "bge-m3" | "snowflake-arctic-embed2" => Some((1_024, 8_192)),
        "nomic-embed-text" | "embeddinggemma" => Some((768, 2_048)),
        "mxbai-embed-large" | "bge-large" | "snowflake-arctic-embed" => Some((1_024, 512)),
        "all-minilm" => Some((384, 256)),
        "qwen3-embedding:0.6b" => Some((1_024, 32_768)),
        "qwen3-embedding:4b" => Some((2_560, 32_768)),
        "qwen3-embedding" | "qwen3-embedding:8b" => Some((4_096, 32_768)),
        _ => None,
    }
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: &'a [String],
    truncate: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<usize>,
}

#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    embeddings: Option<Vec<Vec<f32>>>,
    #[serde(default)]
    prompt_eval_count: Count,
    #[serde(default)]
    error: Option<Value>,
}
