//! What a provider offers: its abilities and its models.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a provider can do, so that a router does not ask in vain.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct Capabilities {
    /// It can ask for tools to be called.
    pub tools: bool,
    /// It reads images.
    pub images: bool,
    /// It can be held to a JSON schema.
    pub response_schema: bool,
    /// It sends what is said as data to another machine.
    pub network: bool,
    /// It is a language model: `local` is none, it only quotes.
    pub generates: bool,
}

/// A model that can be asked for by its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ModelInfo {
    /// What to put in `model`.
    pub id: String,
    /// The most tokens of one request, where the provider tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<u64>,
}

impl ModelInfo {
    /// A model of which only the id is known.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), context_tokens: None }
    }
}
