//! Vectors from a model service on another machine.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Authentication, ProviderConfig,
    server::{Reach, Server},
};
use crate::{
    error::{Error, ErrorKind, Result},
    http::Http,
    provider::{
        EmbedRequest, Embedder, EmbeddingModel, Embeddings,
        wire::{
            Call, EmbedCall, EmbedWire, GeminiEmbeddings, OllamaEmbeddings, OpenAiEmbeddings,
            PerplexityEmbeddings,
        },
    },
    secret::{SecretSource, shown_address},
    types::Usage,
};

/// Where vectors are made, by which model and over which wire.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct EmbedderConfig {
    /// The name of the service, by which its list prices are known.
    pub name: String,
    /// The wire it speaks.
    pub wire: EmbeddingWire,
    /// The address that the wire's paths, such as `/embeddings`, are added to.
    pub base_url: String,
    /// The model.
    pub model: String,
    /// Numbers in one vector; needed for models that Javari does not know, asked for where the model
    /// can shorten its vectors.
    pub dimensions: Option<usize>,
    /// The most texts of one call.
    pub batch: usize,
    /// The name of the secret that holds the key.
    pub secret_name: String,
    /// Whether it may be asked without a key where there is none.
    pub keyless: bool,
}

/// The wires for vectors that Javari speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EmbeddingWire {
    /// OpenAI's, and every server's that is compatible with it.
    #[default]
    Openai,
    /// Google's Gemini.
    Gemini,
    /// Perplexity's.
    Perplexity,
    /// Ollama's own.
    Ollama,
}

impl Default for EmbedderConfig {
    fn default() -> Self {
        Self::openai()
    }
}

impl fmt::Debug for EmbedderConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbedderConfig")
            .field("name", &self.name)
            .field("wire", &self.wire)
            // A mistaken address may hold a password.
            .field("base_url", &shown_address(&self.base_url))
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

impl EmbedderConfig {
    /// OpenAI itself.
    pub fn openai() -> Self {
        Self::of(ProviderConfig::openai(), EmbeddingWire::Openai, OPENAIS_MODEL)
    }

    /// Google's Gemini.
    pub fn gemini() -> Self {
        let service = ProviderConfig::gemini();
        Self { batch: 100, ..Self::of(service, EmbeddingWire::Gemini, "gemini-embedding-001") }
    }

    /// Perplexity.
    pub fn perplexity() -> Self {
        let service = ProviderConfig::perplexity();
        Self { batch: 512, ..Self::of(service, EmbeddingWire::Perplexity, "pplx-embed-v1-0.6b") }
    }

    /// Ollama on this machine.
    pub fn ollama() -> Self {
        // On this machine a call of many texts is slow, and one that fails is made again whole.
        Self { batch: 64, ..Self::of(ProviderConfig::ollama(), EmbeddingWire::Ollama, "bge-m3") }
    }

    /// A server with OpenAI's embeddings at another address; it may have no key.
    pub fn compatible(base_url: impl Into<String>) -> Self {
        Self::of(ProviderConfig::compatible(base_url), EmbeddingWire::Openai, OPENAIS_MODEL)
    }

    /// A service as it is reached for chats, asked for the vectors of a model.
    fn of(service: ProviderConfig, wire: EmbeddingWire, model: &str) -> Self {
        let ProviderConfig { name, base_url, secret_name, keyless, .. } = service;
        let (model, batch) = (model.to_owned(), 2_048);
        Self { name, wire, base_url, model, dimensions: None, batch, secret_name, keyless }
    }
}

const OPENAIS_MODEL: &str = "text-embedding-3-small";

/// An [`Embedder`] that speaks to a model service on another machine.
pub struct RemoteEmbedder {
    server: Server,
    wire: Box<dyn EmbedWire>,
    /// As the service names it.
    name: String,
    shortened: bool,
    model: EmbeddingModel,
}

impl RemoteEmbedder {
    /// An embedder for the service and model of `config`.
    ///
    /// # Errors
    /// `CONFIGURATION` when the base address is none, or the model is not one that Javari knows and
    /// `dimensions` is absent.
    pub fn new(config: EmbedderConfig, http: Http, secrets: Arc<dyn SecretSource>) -> Result<Self> {
        let (wire, authentication): (Box<dyn EmbedWire>, _) = match config.wire {
            EmbeddingWire::Openai => (Box::new(OpenAiEmbeddings), Authentication::Bearer),
            EmbeddingWire::Gemini => (Box::new(GeminiEmbeddings), Authentication::XGoogApiKey),
            EmbeddingWire::Perplexity => (Box::new(PerplexityEmbeddings), Authentication::Bearer),
            EmbeddingWire::Ollama => (Box::new(OllamaEmbeddings), Authentication::Bearer),
        };
        let own = wire.own_dimensions(&config.model);
        let dimensions =
            config.dimensions.or(own).filter(|number| *number > 0).ok_or_else(|| {
                Error::new(
                    ErrorKind::Configuration,
                    "provider.open",
                    "set `dimensions`: how many numbers a vector of this embedding model has",
                )
                .with("model", &config.model)
            })?;
        // A shortened vector lies in another space than a whole one.
        let shortened = own.is_some_and(|own| own != dimensions);
        let id = match shortened {
            true => format!("{}@{dimensions}", config.model),
            false => config.model.clone(),
        };
        let max_tokens = wire.max_tokens(&config.model);
        let max_batch = config.batch.clamp(1, wire.max_batch());
        let reach = Reach {
            name: &config.name,
            base_url: &config.base_url,
            secret_name: &config.secret_name,
            authentication,
            keyless: config.keyless,
        };
        let server = Server::new(reach, http, secrets)?;
        let model = EmbeddingModel { id, dimensions, max_tokens, max_batch };
        Ok(Self { server, wire, name: config.model, shortened, model })
    }

    async fn embed_batch(
        &self,
        request: &EmbedRequest,
        texts: &[String],
        vectors: &mut Vec<Vec<f32>>,
    ) -> Result<Usage> {
        let expected = self.model.dimensions;
        let Call { path, query, headers, body, .. } = self.wire.encode(EmbedCall {
            model: &self.name,
            texts,
            dimensions: self.shortened.then_some(expected),
            purpose: request.purpose,
        })?;
        let url = self.server.address(&path, query);
        let authorised = self.server.authorise("POST", url, (request.scope, None)).await?;
        let mut failures = self.server.failures("provider.embed", &authorised);
        let outgoing = authorised.request.with_body("application/json", body);
        let outgoing = headers
            .iter()
            .fold(outgoing, |outgoing, (name, value)| outgoing.with_header(name, value));
        let reply = self.server.send(outgoing, &mut failures).await?;
        let bytes = reply.bytes().await.map_err(|error| failures.context(error))?;
        let usage = self.wire.decode(&bytes, texts.len(), &failures, vectors)?;
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
impl Embedder for RemoteEmbedder {
    fn model(&self) -> EmbeddingModel {
        self.model.clone()
    }

    fn service(&self) -> &str {
        &self.server.name
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
            let (batch, later) = rest.split_at(batch_length(
                rest,
                self.model.max_batch,
                self.wire.max_batch_bytes(),
            ));
            let batch_usage = self.embed_batch(&request, batch, &mut vectors).await?;
            usage += batch_usage;
            rest = later;
        }
        Ok(Embeddings { vectors, usage })
    }
}

/// How many of the texts go into one call: at least one, whatever its length.
fn batch_length(texts: &[String], max_batch: usize, max_bytes: usize) -> usize {
    let mut bytes = 0;
    let fitting = texts.iter().take(max_batch).take_while(|text| {
        bytes += text.len();
        bytes <= max_bytes
    });
    fitting.count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_to_count_and_bytes_and_always_move_on() {
        let texts = |lengths: &[usize]| -> Vec<String> {
            lengths.iter().map(|length| "x".repeat(*length)).collect()
        };
        assert_eq!(batch_length(&texts(&[1; 5]), 3, 100), 3);
        assert_eq!(batch_length(&texts(&[100, 1]), 9, 100), 1);
        assert_eq!(batch_length(&texts(&[101, 1]), 9, 100), 1);
        assert_eq!(batch_length(&texts(&[99, 1, 1]), 9, 100), 2);
    }
}
