//! Turns texts into vectors.

use std::sync::Arc;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    error::Result,
    types::{ScopeKey, Usage},
};

/// A model that turns texts into vectors.
#[async_trait]
pub trait Embedder: Send + Sync {
    /// The model and its limits.
    fn model(&self) -> EmbeddingModel;

    /// The name of the service that is paid, such as `openai`; empty where none is.
    fn service(&self) -> &str {
        ""
    }

    /// One vector for each text, in the order of the texts.
    ///
    /// # Errors
    /// `INVALID_INPUT`, and for a remote model as [`Provider::stream`](super::Provider::stream).
    async fn embed(&self, request: EmbedRequest) -> Result<Embeddings>;
}

#[async_trait]
impl<E: Embedder + ?Sized> Embedder for Arc<E> {
    fn model(&self) -> EmbeddingModel {
        self.as_ref().model()
    }

    fn service(&self) -> &str {
        self.as_ref().service()
    }

    async fn embed(&self, request: EmbedRequest) -> Result<Embeddings> {
        self.as_ref().embed(request).await
    }
}

/// A model of vectors. Vectors of models with different ids are never compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmbeddingModel {
    /// Names the space that the vectors lie in.
    pub id: String,
    /// Numbers in one vector.
    pub dimensions: usize,
    /// The most tokens of one text.
    pub max_tokens: usize,
    /// The most texts of one call to the model; longer requests are cut into several calls.
    pub max_batch: usize,
}

/// Texts to turn into vectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct EmbedRequest {
    /// Whose call it is; decides which key is used.
    #[serde(skip)]
    pub scope: ScopeKey,
    /// The texts; none may be empty.
    pub texts: Vec<String>,
    /// What the vectors are for.
    #[serde(default)]
    pub purpose: EmbedPurpose,
}

/// What vectors are for: some models treat a question otherwise than a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmbedPurpose {
    /// To be found.
    #[default]
    Document,
    /// To find with.
    Query,
}

/// The vectors of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Embeddings {
    /// One for each text, in the same order.
    pub vectors: Vec<Vec<f32>>,
    /// The tokens of the call.
    pub usage: Usage,
}

impl EmbedRequest {
    /// A request to embed texts of documents.
    pub fn new(scope: ScopeKey, texts: Vec<String>) -> Self {
        Self { scope, texts, purpose: EmbedPurpose::Document }
    }

    /// The same request for questions.
    #[must_use]
    pub fn for_query(mut self) -> Self {
        self.purpose = EmbedPurpose::Query;
        self
    }
}
