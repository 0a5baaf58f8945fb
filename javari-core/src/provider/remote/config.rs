//! The settings of a model service.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::secret::shown_address;

/// Where a model service is, which wire it speaks, which model it is asked for and where its key is
/// found.
///
/// ```
/// use javari_core::provider::ProviderConfig;
/// let mut vllm = ProviderConfig::compatible("http://127.0.0.1:8000/v1");
/// vllm.name = "vllm".into();
/// vllm.chat_model = "qwen3".into();
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ProviderConfig {
    /// The name this provider goes by. List prices are known for the services that Javari knows, by
    /// their own names; a server elsewhere that goes by `openai` is renamed to `compatible`.
    pub name: String,
    /// The wire it speaks.
    pub wire: WireName,
    /// The address that the wire's paths, such as `/chat/completions`, are added to.
    pub base_url: String,
    /// The model for chats that name none.
    pub chat_model: String,
    /// The name of the secret that holds the key.
    pub secret_name: String,
    /// The names of further secrets that hold keys of the same service. Of several keys the one is
    /// used that rests least, and a conversation keeps to its own.
    pub further_secret_names: Vec<String>,
    /// In which header the key goes; the wire's own way when absent.
    pub authentication: Option<Authentication>,
    /// Whether it may be asked without a key where there is none.
    pub keyless: bool,
    /// The version of the API that is asked for, at Anthropic: `2026-10-21` when absent, which takes no
    /// `temperature` and no `top_p`; `2023-06-01` takes them.
    pub api_version: Option<String>,
    /// Whether a stream of chat completions ends in `data: [DONE]`. For a server that leaves it out
    /// set this to false: then the finish reason is the end.
    pub done_marker: bool,
    /// Whether to ask for the usage at the end of a stream of chat completions; some old servers
    /// refuse the question.
    pub stream_usage: bool,
}

/// The wires that Javari speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WireName {
    /// OpenAI's chat completions, and every server that is compatible with them.
    #[default]
    OpenaiChat,
    /// Google's Gemini.
    Gemini,
    /// Ollama's own chat.
    Ollama,
    /// OpenAI's responses. Reasoning comes back encrypted and is sent along on the next turn.
    OpenaiResponses,
    /// Perplexity's Agent API, which searches the web and tells what each answer costs.
    PerplexityAgent,
    /// Anthropic's messages.
    AnthropicMessages,
}

/// In which header a key goes. It never goes into an address, which ends up in logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Authentication {
    /// `Authorization: Bearer …`
    Bearer,
    /// `x-api-key: …`
    XApiKey,
    /// `x-goog-api-key: …`
    XGoogApiKey,
}

pub(super) const OPENAI: &str = "openai";
pub(super) const COMPATIBLE: &str = "compatible";

impl Default for ProviderConfig {
    fn default() -> Self {
        Self::openai()
    }
}

impl fmt::Debug for ProviderConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderConfig")
            .field("name", &self.name)
            .field("wire", &self.wire)
            // A mistaken address may hold a password.
            .field("base_url", &shown_address(&self.base_url))
            .field("chat_model", &self.chat_model)
            .finish_non_exhaustive()
    }
}

impl ProviderConfig {
    /// OpenAI itself.
    pub fn openai() -> Self {
        Self {
            name: OPENAI.to_owned(),
            wire: WireName::OpenaiChat,
            base_url: "https://api.openai.com/v1".to_owned(),
            chat_model: "gpt-6-luna".to_owned(),
            secret_name: "OPENAI_API_KEY".to_owned(),
            further_secret_names: Vec::new(),
            authentication: None,
            keyless: false,
            api_version: None,
            done_marker: true,
            stream_usage: true,
        }
    }

    /// Anthropic itself.
    pub fn anthropic() -> Self {
        Self {
            name: "anthropic".to_owned(),
            wire: WireName::AnthropicMessages,
            base_url: "https://api.anthropic.com/v1".to_owned(),
            chat_model: "claude-haiku-5-5".to_owned(),
            secret_name: "ANTHROPIC_API_KEY".to_owned(),
            ..Self::openai()
        }
    }

    /// Google's Gemini.
    pub fn gemini() -> Self {
        Self {
            name: "gemini".to_owned(),
            wire: WireName::Gemini,
            base_url: "https://generativelanguage.googleapis.com/v1beta".to_owned(),
            chat_model: "gemini-3.8-flash".to_owned(),
            secret_name: "GOOGLE_API_KEY".to_owned(),
            ..Self::openai()
        }
    }

    /// Ollama on this machine, over its own wire.
    pub fn ollama() -> Self {
        Self {
            name: "ollama".to_owned(),
            wire: WireName::Ollama,
            base_url: "http://127.0.0.1:11434/api".to_owned(),
            chat_model: "qwen3".to_owned(),
            secret_name: "OLLAMA_API_KEY".to_owned(),
            keyless: true,
            ..Self::openai()
        }
    }

    /// OpenAI itself over its responses, which keep the reasoning from turn to turn.
    pub fn openai_responses() -> Self {
        Self { wire: WireName::OpenaiResponses, ..Self::openai() }
    }

    /// Perplexity's Agent API: Sonar, which searches the web, and models of others by
    /// `provider/model`.
    pub fn perplexity() -> Self {
        Self {
            name: "perplexity".to_owned(),
            wire: WireName::PerplexityAgent,
            base_url: "https://api.perplexity.ai/v1".to_owned(),
            chat_model: "perplexity/sonar".to_owned(),
            secret_name: "PERPLEXITY_API_KEY".to_owned(),
            ..Self::openai()
        }
    }

    /// A server with OpenAI's chat completions at another address; it may have no key.
    pub fn compatible(base_url: impl Into<String>) -> Self {
        let name = COMPATIBLE.to_owned();
        Self { name, base_url: base_url.into(), keyless: true, ..Self::openai() }
    }
}
