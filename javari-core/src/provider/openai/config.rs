//! The settings of an OpenAI-compatible server, and its authorised requests.

use std::{fmt, sync::Arc, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    error::{Error, ErrorKind, Result},
    http::{Http, HttpRequest, Trust},
    secret::{Secret, SecretRequest, SecretSource, shown_address},
    types::ScopeKey,
};

/// Where the server is, which models it is asked for and where its key is found.
///
/// ```
/// use javari_core::provider::OpenAiConfig;
/// let mut ollama = OpenAiConfig::at("http://127.0.0.1:11434/v1");
/// ollama.name = "ollama".into();
/// ollama.chat_model = "qwen3".into();
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct OpenAiConfig {
    /// The name this provider goes by. The default `openai` is OpenAI's own, whose list prices are
    /// known; a server elsewhere that is given no other name goes by `compatible`.
    pub name: String,
    /// The address that `/chat/completions` and `/embeddings` are added to.
    pub base_url: String,
    /// The model for chats that name none.
    pub chat_model: String,
    /// The model for embeddings.
    pub embedding_model: String,
    /// Numbers in one vector; needed for models that are not OpenAI's, asked for where the model
    /// can shorten its vectors.
    pub dimensions: Option<usize>,
    /// The most texts of one call for embeddings.
    pub embedding_batch: usize,
    /// The name of the secret that holds the key. A server elsewhere than at OpenAI may have none.
    pub secret_name: String,
    /// Whether a stream ends in `data: [DONE]`. For a server that leaves it out set this to false:
    /// then the finish reason is the end.
    pub done_marker: bool,
    /// Whether to ask for the usage at the end of a stream; some old servers refuse the question.
    pub stream_usage: bool,
}

const OPENAI: &str = "openai";
const COMPATIBLE: &str = "compatible";

impl Default for OpenAiConfig {
    fn default() -> Self {
        Self {
            name: OPENAI.to_owned(),
            base_url: "https://api.openai.com/v1".to_owned(),
            chat_model: "gpt-6-luna".to_owned(),
            embedding_model: "text-embedding-3-small".to_owned(),
            dimensions: None,
            embedding_batch: 2_048,
            secret_name: "OPENAI_API_KEY".to_owned(),
            done_marker: true,
            stream_usage: true,
        }
    }
}

impl fmt::Debug for OpenAiConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAiConfig")
            .field("name", &self.name)
            // A mistaken address may hold a password.
            .field("base_url", &shown_address(&self.base_url))
            .field("chat_model", &self.chat_model)
            .field("embedding_model", &self.embedding_model)
            .finish_non_exhaustive()
    }
}

impl OpenAiConfig {
    /// The defaults at another server.
    pub fn at(base_url: impl Into<String>) -> Self {
        Self { base_url: base_url.into(), ..Self::default() }
    }
}

/// One server: its addresses, its key and the client that reaches it.
pub(super) struct Server {
    pub(super) config: OpenAiConfig,
    pub(super) http: Http,
    secrets: Arc<dyn SecretSource>,
    is_openai: bool,
}

/// A request with its key, and the key again to remove it from what the server says.
pub(super) struct Authorised {
    pub(super) request: HttpRequest,
    pub(super) key: Option<Secret>,
}

impl Server {
    pub(super) fn new(
        mut config: OpenAiConfig,
        http: Http,
        secrets: Arc<dyn SecretSource>,
    ) -> Result<Self> {
        let base = parse_base(&config.base_url)?;
        let is_openai = base
            .host_str()
            .is_some_and(|host| host == "api.openai.com" || host.ends_with(".api.openai.com"));
        if !is_openai && config.name == OPENAI {
            COMPATIBLE.clone_into(&mut config.name);
        }
        Ok(Self { config, http, secrets, is_openai })
    }

    /// Whether this is OpenAI itself, which refuses what it does not know.
    pub(super) fn is_openai(&self) -> bool {
        self.is_openai
    }

    /// The address of an endpoint such as `chat/completions`.
    pub(super) fn address(&self, endpoint: &str) -> Result<Url> {
        let mut url = parse_base(&self.config.base_url)?;
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(endpoint.split('/'));
        }
        Ok(url)
    }

    /// A request with the key of the scope, or without one where the server needs none.
    pub(super) async fn authorise(
        &self,
        method: &str,
        url: &Url,
        scope: ScopeKey,
        timeout: Option<Duration>,
    ) -> Result<Authorised> {
        let asked = SecretRequest::new(scope, self.config.secret_name.as_str());
        let key = match self.secrets.secret(asked).await {
            Ok(key) => Some(key),
            Err(error) if error.kind() == ErrorKind::NotFound && !self.is_openai => None,
            Err(error) => return Err(error.with("provider", &self.config.name)),
        };
        let mut request =
            HttpRequest::new(method, url.clone(), Trust::Configured)?.without_redirects();
        if let Some(key) = key.as_ref().filter(|key| !key.is_empty()) {
            request = request.with_bearer(key);
        }
        if let Some(timeout) = timeout {
            request = request.with_timeout(timeout);
        }
        Ok(Authorised { request, key })
    }
}

fn parse_base(base: &str) -> Result<Url> {
    let fault = |why: &str| {
        // The address itself stays out: a mistaken one may hold a key.
        Error::new(ErrorKind::Configuration, "provider.open", why).with("setting", "base_url")
    };
    let url = Url::parse(base).map_err(|_| fault("the base address is no URL"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(fault("the base address must begin with http:// or https:// and a host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(fault("the base address must not hold a user name or password"));
    }
    Ok(url)
}
