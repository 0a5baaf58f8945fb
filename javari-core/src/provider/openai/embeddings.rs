//! Vectors from an OpenAI-compatible server.

use std::sync::Arc;

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{
    OpenAiConfig,
    chunk::WireUsage,
    config::Server,
    failure::Failures,
    lenient::{Digits, Number},
};
use crate::{
    error::{Error, ErrorKind, Result},
    http::Http,
    provider::{EmbedRequest, Embedder, EmbeddingModel, Embeddings},
    secret::SecretSource,
    types::Usage,
};

/// OpenAI takes at most 300,000 tokens in one call. Text of any language takes two bytes or more
/// to a token, so this needs no tokenizer; text that is no language may be refused.
const BATCH_BYTES: usize = 600_000;
/// Tokens that OpenAI's models read of one text.
const MAX_TOKENS: usize = 8_192;

/// An [`Embedder`] that speaks OpenAI's embeddings.
pub struct OpenAiEmbedder {
    server: Server,
    url: Url,
    model: EmbeddingModel,
}

impl OpenAiEmbedder {
    /// An embedder for the server and embedding model of `config`.
    ///
    /// # Errors
    /// `CONFIGURATION` when the base address is none, or the model is not one of OpenAI's and
    /// `dimensions` is absent.
    pub fn new(config: OpenAiConfig, http: Http, secrets: Arc<dyn SecretSource>) -> Result<Self> {
        let own = own_dimensions(&config.embedding_model);
        let dimensions =
            config.dimensions.or(own).filter(|number| *number > 0).ok_or_else(|| {
                Error::new(
                    ErrorKind::Configuration,
                    "provider.open",
                    "set `dimensions`: how many numbers a vector of this embedding model has",
                )
                .with("model", &config.embedding_model)
            })?;
        // A shortened vector lies in another space than a whole one.
        let id = match own {
            Some(own) if own != dimensions => format!("{}@{dimensions}", config.embedding_model),
            _ => config.embedding_model.clone(),
        };
        let max_batch = config.embedding_batch.clamp(1, 2_048);
        let server = Server::new(config, http, secrets)?;
        let url = server.address("embeddings")?;
        let model = EmbeddingModel { id, dimensions, max_tokens: MAX_TOKENS, max_batch };
        Ok(Self { server, url, model })
    }

    async fn embed_batch(
        &self,
        request: &EmbedRequest,
        texts: &[String],
        vectors: &mut Vec<Vec<f32>>,
    ) -> Result<Usage> {
        let config = &self.server.config;
        let shortened =
            own_dimensions(&config.embedding_model).is_some_and(|own| own != self.model.dimensions);
        let body = Body {
            model: &config.embedding_model,
            input: texts,
            encoding_format: "base64",
            dimensions: shortened.then_some(self.model.dimensions),
        };
        let authorised = self.server.authorise("POST", &self.url, request.scope, None).await?;
        let mut failures = Failures {
            operation: "provider.embed",
            provider: config.name.clone(),
            key: authorised.key,
            request_id: None,
        };
        let reply = self
            .server
            .http
            .send(authorised.request.with_json(&body)?)
            .await
            .map_err(|error| failures.context(error))?;
        failures.request_id = reply.header("x-request-id").map(str::to_owned);
        if !reply.is_success() {
            return Err(failures.of_reply(reply).await);
        }
        let bytes = reply.bytes().await.map_err(|error| failures.context(error))?;
        let usage = decode_embeddings(&bytes, texts.len(), &failures, vectors)?;
        let expected = self.model.dimensions;
        if let Some(vector) = vectors.iter().find(|vector| vector.len() != expected) {
            return Err(failures
                .broken("the vectors are of another length than `dimensions` says")
                .with("expected", expected)
                .with("received", vector.len()));
        }
        Ok(usage.unwrap_or_else(|| Usage {
            input: texts.iter().map(|text| Usage::estimate(text.len(), 0).input).sum(),
            estimated: true,
            ..Usage::default()
        }))
    }
}

#[async_trait]
impl Embedder for OpenAiEmbedder {
    fn model(&self) -> EmbeddingModel {
        self.model.clone()
    }

    fn service(&self) -> &str {
        &self.server.config.name
    }

    async fn embed(&self, request: EmbedRequest) -> Result<Embeddings> {
        if let Some(index) = request.texts.iter().position(|text| text.trim().is_empty()) {
            return Err(Error::invalid("provider.embed", "an empty text has no vector")
                .with_field(format!("/texts/{index}"), "must not be empty"));
        }
        let mut vectors = Vec::with_capacity(request.texts.len());
        let mut usage = Usage::default();
        let mut rest = request.texts.as_slice();
        while !rest.is_empty() {
            let (batch, later) = rest.split_at(batch_length(rest, self.model.max_batch));
            let batch_usage = self.embed_batch(&request, batch, &mut vectors).await?;
            usage += batch_usage;
            rest = later;
        }
        Ok(Embeddings { vectors, usage })
    }
}

/// How many of the texts go into one call: at least one, whatever its length.
fn batch_length(texts: &[String], max_batch: usize) -> usize {
    let mut bytes = 0;
    let fitting = texts.iter().take(max_batch).take_while(|text| {
        bytes += text.len();
        bytes <= BATCH_BYTES
    });
    fitting.count().max(1)
}

fn own_dimensions(model: &str) -> Option<usize> {
    match model {
        "text-embedding-3-small" | "text-embedding-ada-002" => Some(1_536),
        "text-embedding-3-large" => Some(3_072),
        _ => None,
    }
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: &'a [String],
    encoding_format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<usize>,
}

#[derive(Deserialize)]
struct WireReply<'a> {
    #[serde(borrow, default)]
    data: Option<Vec<WireVector<'a>>>,
    #[serde(default)]
    usage: Option<WireUsage>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct WireVector<'a> {
    #[serde(default)]
    index: Number,
    #[serde(borrow)]
    embedding: Numbers<'a>,
}

/// Asked for is base64; servers that do not know it send a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum Numbers<'a> {
    Base64(#[serde(borrow)] std::borrow::Cow<'a, str>),
    List(Vec<f32>),
}

/// Reads the reply of `POST /embeddings` for `count` texts, appends the vectors in the order of
/// the texts and returns the usage where it is told.
pub(super) fn decode_embeddings(
    body: &[u8],
    count: usize,
    failures: &Failures,
    vectors: &mut Vec<Vec<f32>>,
) -> Result<Option<Usage>> {
    let reply: WireReply<'_> = serde_json::from_slice(body)
        .map_err(|_| failures.broken("the provider sent something that is not its protocol"))?;
    if let Some(error) = reply.error {
        return Err(failures.of_body(&serde_json::json!({ "error": error })));
    }
    let data = reply.data.unwrap_or_default();
    if data.len() != count {
        return Err(failures
            .broken("the provider sent another number of vectors than texts")
            .with("texts", count)
            .with("vectors", data.len()));
    }
    let mut placed: Vec<Option<Vec<f32>>> = vec![None; count];
    for (position, item) in data.into_iter().enumerate() {
        let place = match item.index.0 {
            Some(Digits::Whole(index)) => usize::try_from(index).unwrap_or(usize::MAX),
            _ => position,
        };
        let vector = item.embedding.into_vector();
        match (placed.get_mut(place), vector) {
            (Some(slot @ None), Some(vector)) => *slot = Some(vector),
            _ => return Err(failures.broken("the provider sent a vector that cannot be placed")),
        }
    }
    vectors.extend(placed.into_iter().flatten());
    Ok(reply.usage.map(|usage| usage.usage()))
}

impl Numbers<'_> {
    /// The vector; nothing when it is no list of finite numbers.
    fn into_vector(self) -> Option<Vec<f32>> {
        let vector = match self {
            Self::List(list) => list,
            Self::Base64(text) => {
                let bytes = STANDARD.decode(text.as_bytes()).ok()?;
                let (numbers, rest) = bytes.as_chunks::<4>();
                if !rest.is_empty() {
                    return None;
                }
                numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
            }
        };
        (!vector.is_empty() && vector.iter().all(|number| number.is_finite())).then_some(vector)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures() -> Failures {
        Failures {
            operation: "provider.embed",
            provider: "openai".to_owned(),
            key: None,
            request_id: None,
        }
    }

    fn decode(json: &Value, count: usize) -> Result<Vec<Vec<f32>>> {
        let mut vectors = Vec::new();
        decode_embeddings(json.to_string().as_bytes(), count, &failures(), &mut vectors)?;
        Ok(vectors)
    }

    #[test]
    fn base64_and_lists_are_read_and_put_in_the_order_of_the_texts() {
        let base64 = STANDARD.encode([1.0_f32, -0.5].map(f32::to_le_bytes).concat());
        let json = serde_json::json!({ "data": [
            { "index": 1, "embedding": [0.25, 2] },
            { "index": 0, "embedding": base64 },
        ], "usage": { "prompt_tokens": 3 } });
        assert_eq!(decode(&json, 2).unwrap(), [[1.0, -0.5], [0.25, 2.0]]);
    }

    #[test]
    fn a_reply_that_does_not_fit_its_texts_is_refused() {
        for (json, count) in [
            (serde_json::json!({}), 1),
            (serde_json::json!({ "data": [{ "embedding": [1.0] }] }), 2),
            (serde_json::json!({ "data": [{ "index": 7, "embedding": [1.0] }] }), 1),
            (
                serde_json::json!({ "data": [{ "index": 0, "embedding": [1.0] },
                { "index": 0, "embedding": [1.0] }] }),
                2,
            ),
            (serde_json::json!({ "data": [{ "embedding": [] }] }), 1),
            (serde_json::json!({ "data": [{ "embedding": "AAA=" }] }), 1),
            (serde_json::json!({ "data": [{ "embedding": "AADAfw==" }] }), 1),
            (serde_json::json!({ "data": [{ "embedding": null }] }), 1),
            (serde_json::json!({ "error": { "message": "no" } }), 1),
        ] {
            let error = decode(&json, count).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ProviderFailed, "{json}");
        }
    }

    #[test]
    fn batches_hold_to_count_and_bytes_and_always_move_on() {
        let texts = |lengths: &[usize]| -> Vec<String> {
            lengths.iter().map(|length| "x".repeat(*length)).collect()
        };
        assert_eq!(batch_length(&texts(&[1; 5]), 3), 3);
        assert_eq!(batch_length(&texts(&[BATCH_BYTES, 1]), 9), 1);
        assert_eq!(batch_length(&texts(&[BATCH_BYTES + 1, 1]), 9), 1);
        assert_eq!(batch_length(&texts(&[BATCH_BYTES - 1, 1, 1]), 9), 2);
    }
}
