//! The model services that a host names.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::settings::read_secret;
use crate::secret::{Secret, shown_address};

/// A model service to ask.
///
/// ```
/// use javari_core::config::Settings;
/// let settings: Settings = serde_json::from_str(
///     r#"{ "providers": [{ "service": "anthropic" },
///          { "service": "compatible", "name": "vllm", "base_url": "http://127.0.0.1:8000/v1" }] }"#,
/// )
/// .unwrap();
/// assert_eq!(settings.providers.len(), 2);
/// ```
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ProviderSettings {
    /// Which service it is.
    pub service: ServiceName,
    /// The name it goes by in `provider/model`; the service's own when left out.
    pub name: Option<String>,
    /// Where it is; the service's own address when left out.
    pub base_url: Option<String>,
    /// The model for chats that name none.
    pub chat_model: Option<String>,
    /// The key, when it is not in the vault.
    #[serde(deserialize_with = "read_secret")]
    #[schemars(with = "Option<String>")]
    pub api_key: Option<Secret>,
    /// The names under which the vault keeps its keys; the service's usual one when empty. Of several
    /// the one is used that rests least, and a conversation keeps to its own.
    pub secret_names: Vec<String>,
    /// The version of the API to ask for, at Anthropic.
    pub api_version: Option<String>,
}

/// The model services that Javari knows by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ServiceName {
    /// OpenAI's chat completions.
    #[default]
    Openai,
    /// OpenAI's responses.
    OpenaiResponses,
    /// Anthropic's messages.
    Anthropic,
    /// Google's Gemini.
    Gemini,
    /// Perplexity's Agent API.
    Perplexity,
    /// An Ollama server's own wire.
    Ollama,
    /// A server with OpenAI's chat completions at `base_url`.
    Compatible,
}

impl fmt::Debug for ProviderSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderSettings")
            .field("service", &self.service)
            .field("name", &self.name)
            // A mistaken address may hold a password.
            .field("base_url", &self.base_url.as_deref().map(shown_address))
            .field("chat_model", &self.chat_model)
            .field("api_key", &self.api_key)
            .field("secret_names", &self.secret_names)
            .field("api_version", &self.api_version)
            .finish()
    }
}

impl ProviderSettings {
    /// A service at its own address, with its key.
    pub fn of(service: ServiceName, api_key: Option<Secret>) -> Self {
        Self { service, api_key, ..Self::default() }
    }
}
