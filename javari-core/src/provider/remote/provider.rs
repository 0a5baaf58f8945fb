//! Chats with a model service over its wire.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::stream;

use super::{
    Authentication, ProviderConfig, WireName,
    server::{Reach, Server},
    stream::EventStream,
};
use crate::{
    error::Result,
    http::{Http, HttpRequest},
    provider::{
        Capabilities, ChatRequest, ChatStream, Delivery, ModelInfo, Provider,
        wire::{
            Answer, AnthropicMessages, Call, Dialect, Framing, Gemini, Ollama, OpenAiChat,
            OpenAiResponses, Wire,
        },
    },
    secret::SecretSource,
    types::ScopeKey,
};

/// A [`Provider`] that speaks to a model service on another machine, over any wire that Javari knows.
pub struct RemoteProvider {
    server: Server,
    wire: Box<dyn Wire>,
    chat_model: String,
    keys: Vec<String>,
}

impl RemoteProvider {
    /// A provider for the service of `config`, whose key comes from `secrets` at every call.
    ///
    /// # Errors
    /// `CONFIGURATION` when the base address is none.
    pub fn new(config: ProviderConfig, http: Http, secrets: Arc<dyn SecretSource>) -> Result<Self> {
        let reach = Reach {
            name: &config.name,
            base_url: &config.base_url,
            secret_name: &config.secret_name,
            authentication: config.authentication.unwrap_or(usual_way(config.wire)),
            keyless: config.keyless,
        };
        let server = Server::new(reach, http, secrets)?;
        let wire = wire(&config, &server);
        let mut keys = vec![config.secret_name];
        keys.extend(config.further_secret_names);
        Ok(Self { server, wire, chat_model: config.chat_model, keys })
    }

    /// Whose key to use, and which of several.
    fn key<'a>(&self, request: &'a ChatRequest) -> (ScopeKey, Option<&'a str>) {
        let named = request.key.as_deref();
        (request.scope, named.filter(|name| self.keys.iter().any(|key| key == name)))
    }
}

#[async_trait]
impl Provider for RemoteProvider {
    fn name(&self) -> &str {
        &self.server.name
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            tools: true,
            images: true,
            response_schema: true,
            network: true,
            generates: true,
        }
    }

    fn default_model(&self) -> Option<&str> {
        Some(&self.chat_model)
    }

    fn keys(&self) -> &[String] {
        &self.keys
    }

    async fn stream(&self, request: ChatRequest) -> Result<ChatStream> {
        request.validate()?;
        let model = request.model.as_deref().unwrap_or(&self.chat_model);
        let whole = request.delivery == Delivery::Whole;
        let Call { path, query, headers, body, warnings } =
            self.wire.encode(&request, model, whole)?;
        let sent = body.len().saturating_sub(request.attached_bytes());
        let timeout = request.timeout_ms.map(Duration::from_millis);
        let url = self.server.address(&path, query);
        let authorised = self.server.authorise("POST", url, self.key(&request)).await?;
        let mut failures = self.server.failures("provider.chat", &authorised);
        let mut outgoing = authorised.request.with_body("application/json", body);
        // How long a stream may be is for its caller to say.
        outgoing = outgoing.with_timeout(timeout.unwrap_or(LONGEST_STREAM));
        for (name, value) in headers {
            outgoing = outgoing.with_header(name, &value);
        }
        // Before its first word a model may be silent for as long as the caller allows.
        let first_token = request.first_token_timeout_ms.map(Duration::from_millis);
        let idle = request.idle_timeout_ms.map(Duration::from_millis);
        outgoing = if whole {
            // A whole reply is silent until the model has written all of it.
            let silence = timeout.unwrap_or(WHOLE_REPLY);
            outgoing
                .with_header("accept", "application/json")
                .with_timeout(silence)
                .with_idle_timeout(silence)
        } else {
            // Compression would hold tokens back.
            let outgoing = outgoing
                .with_header("accept", accepted(self.wire.framing()))
                .with_header("accept-encoding", "identity");
            let outgoing =
                first_token.into_iter().fold(outgoing, HttpRequest::with_least_idle_timeout);
            idle.into_iter().fold(outgoing, HttpRequest::with_idle_timeout)
        };
        let reply = self.server.send(outgoing, &mut failures).await?;
        let is_json =
            reply.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
        let answer = Answer::new(failures.clone(), model.to_owned(), sent, warnings);
        let mut decoder = self.wire.decoder(answer);
        // A server that cannot stream answers with one reply although it was asked to.
        if whole || (is_json && self.wire.framing() == Framing::Sse) {
            let bytes = reply.bytes().await.map_err(|error| failures.context(error))?;
            let mut ready = VecDeque::with_capacity(3);
            decoder.whole(&bytes, &mut ready)?;
            return Ok(Box::pin(stream::iter(ready.into_iter().map(Ok))));
        }
        Ok(Box::pin(EventStream::new(reply.into_body(), self.wire.framing(), decoder)))
    }

    async fn models(&self, scope: ScopeKey) -> Result<Vec<ModelInfo>> {
        let url = self.server.address(self.wire.models_path(), self.wire.models_query());
        let authorised = self.server.authorise("GET", url, (scope, None)).await?;
        let mut failures = self.server.failures("provider.models", &authorised);
        let headers = self.wire.headers().into_iter();
        let outgoing = headers
            .fold(authorised.request, |request, (name, value)| request.with_header(name, &value));
        let reply = self.server.send(outgoing, &mut failures).await?;
        let bytes = reply.bytes().await.map_err(|error| failures.context(error))?;
        self.wire
            .decode_models(&bytes)
            .ok_or_else(|| failures.broken("the provider sent no list of models"))
    }
}

/// No stream is longer.
const LONGEST_STREAM: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest wait for a whole reply when the request states no limit: OpenAI's own clients wait
/// as long.
const WHOLE_REPLY: Duration = Duration::from_secs(600);

fn wire(config: &ProviderConfig, server: &Server) -> Box<dyn Wire> {
    match config.wire {
        WireName::OpenaiChat => Box::new(OpenAiChat {
            provider: server.name.clone(),
            strict: server.is_openai,
            done_marker: config.done_marker,
            stream_usage: config.stream_usage,
        }),
        WireName::Gemini => Box::new(Gemini { provider: server.name.clone() }),
        WireName::Ollama => Box::new(Ollama { provider: server.name.clone() }),
        WireName::OpenaiResponses => {
            let dialect = if server.is_openai { Dialect::OpenAi } else { Dialect::Compatible };
            Box::new(OpenAiResponses { provider: server.name.clone(), dialect })
        }
        WireName::PerplexityAgent => {
            let dialect = Dialect::Perplexity;
            Box::new(OpenAiResponses { provider: server.name.clone(), dialect })
        }
        WireName::AnthropicMessages => {
            Box::new(AnthropicMessages::new(&server.name, config.api_version.as_deref()))
        }
    }
}

fn usual_way(wire: WireName) -> Authentication {
    match wire {
        WireName::OpenaiChat
        | WireName::OpenaiResponses
        | WireName::PerplexityAgent
        | WireName::Ollama => Authentication::Bearer,
        WireName::Gemini => Authentication::XGoogApiKey,
        WireName::AnthropicMessages => Authentication::XApiKey,
    }
}

fn accepted(framing: Framing) -> &'static str {
    match framing {
        Framing::Sse => "text/event-stream",
        Framing::Lines => "application/x-ndjson",
    }
}
