//! Chats with an OpenAI-compatible server.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use async_trait::async_trait;
use futures::{Stream, stream};
use serde::Deserialize;
use url::Url;

use super::{
    OpenAiConfig,
    config::{Authorised, Server},
    decode::ChatDecoder,
    encode::{Wire, encode_chat},
    failure::Failures,
    lenient::{Count, Text},
};
use crate::{
    error::{Error, ErrorKind, Result},
    http::{Http, HttpBody, SseSplitter},
    provider::{Capabilities, ChatEvent, ChatRequest, ChatStream, Delivery, ModelInfo, Provider},
    secret::SecretSource,
    types::ScopeKey,
};

/// The largest event of a stream.
const EVENT_LIMIT: usize = 4 * 1024 * 1024;

/// A [`Provider`] that speaks OpenAI's chat completions.
pub struct OpenAiProvider {
    server: Server,
    chat_url: Url,
    models_url: Url,
}

impl OpenAiProvider {
    /// A provider for the server of `config`, whose key comes from `secrets` at every call.
    ///
    /// # Errors
    /// `CONFIGURATION` when the base address is none.
    pub fn new(config: OpenAiConfig, http: Http, secrets: Arc<dyn SecretSource>) -> Result<Self> {
        let server = Server::new(config, http, secrets)?;
        let (chat_url, models_url) =
            (server.address("chat/completions")?, server.address("models")?);
        Ok(Self { server, chat_url, models_url })
    }

    fn failures(&self, operation: &'static str, authorised: &Authorised) -> Failures {
        Failures {
            operation,
            provider: self.server.config.name.clone(),
            key: authorised.key.clone(),
            request_id: None,
        }
    }
}

#[async_trait]
impl Provider for OpenAiProvider {
    fn name(&self) -> &str {
        &self.server.config.name
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

    async fn stream(&self, request: ChatRequest) -> Result<ChatStream> {
        request.validate()?;
        let config = &self.server.config;
        let model = request.model.as_deref().unwrap_or(&config.chat_model);
        let whole = request.delivery == Delivery::Whole;
        let body = encode_chat(
            &request,
            Wire {
                model,
                stream: !whole,
                stream_usage: config.stream_usage,
                extras: !self.server.is_openai(),
            },
        )?;
        let sent = body.len();
        let timeout = request.timeout_ms.map(Duration::from_millis);
        let mut authorised =
            self.server.authorise("POST", &self.chat_url, request.scope, timeout).await?;
        let mut failures = self.failures("provider.chat", &authorised);
        authorised.request = authorised.request.with_body("application/json", body);
        authorised.request = if whole {
            // A whole reply is silent until the model has written all of it.
            let silence = timeout.unwrap_or(WHOLE_REPLY);
            authorised.request.with_header("accept", "application/json").with_idle_timeout(silence)
        } else {
            // Compression would hold tokens back.
            authorised
                .request
                .with_header("accept", "text/event-stream")
                .with_header("accept-encoding", "identity")
        };
        let reply = self
            .server
            .http
            .send(authorised.request)
            .await
            .map_err(|error| failures.context(error))?;
        failures.request_id = reply.header("x-request-id").map(str::to_owned);
        if !reply.is_success() {
            return Err(failures.of_reply(reply).await);
        }
        let is_json =
            reply.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
        let mut decoder =
            ChatDecoder::new(failures.clone(), model.to_owned(), config.done_marker, sent);
        // A server that cannot stream answers with one completion although it was asked to.
        if whole || is_json {
            let bytes = reply.bytes().await.map_err(|error| failures.context(error))?;
            let mut ready = VecDeque::with_capacity(3);
            decoder.decode_whole(&bytes, &mut ready)?;
            return Ok(Box::pin(stream::iter(ready.into_iter().map(Ok))));
        }
        Ok(Box::pin(EventStream {
            body: reply.into_body(),
            splitter: SseSplitter::new(EVENT_LIMIT),
            decoder,
            failures,
            ready: VecDeque::with_capacity(4),
            fault: None,
            reading: true,
        }))
    }

    async fn models(&self, scope: ScopeKey) -> Result<Vec<ModelInfo>> {
        let authorised = self.server.authorise("GET", &self.models_url, scope, None).await?;
        let mut failures = self.failures("provider.models", &authorised);
        let reply = self
            .server
            .http
            .send(authorised.request)
            .await
            .map_err(|error| failures.context(error))?;
        failures.request_id = reply.header("x-request-id").map(str::to_owned);
        if !reply.is_success() {
            return Err(failures.of_reply(reply).await);
        }
        let bytes = reply.bytes().await.map_err(|error| failures.context(error))?;
        let list: ModelList<'_> = serde_json::from_slice(&bytes)
            .map_err(|_| failures.broken("the provider sent no list of models"))?;
        let models = list.data.unwrap_or_default().into_iter();
        Ok(models.filter_map(WireModel::into_info).collect())
    }
}

/// The longest wait for a whole reply when the request states no limit: OpenAI's own clients wait
/// as long.
const WHOLE_REPLY: Duration = Duration::from_secs(600);

#[derive(Deserialize)]
struct ModelList<'a> {
    #[serde(borrow, default)]
    data: Option<Vec<WireModel<'a>>>,
}

#[derive(Deserialize)]
struct WireModel<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    /// vLLM's word for the context; OpenRouter's is below.
    #[serde(default)]
    max_model_len: Count,
    #[serde(default)]
    context_length: Count,
}

impl WireModel<'_> {
    fn into_info(self) -> Option<ModelInfo> {
        let context = self.max_model_len.0.max(self.context_length.0);
        let context_tokens = if context == 0 { None } else { Some(context) };
        Some(ModelInfo { context_tokens, ..ModelInfo::new(self.id.into_some()?) })
    }
}

/// Bytes in, events out. Dropping it closes the connection.
struct EventStream {
    body: HttpBody,
    splitter: SseSplitter,
    decoder: ChatDecoder,
    failures: Failures,
    ready: VecDeque<ChatEvent>,
    /// Given after what is ready: what came before the fault is not lost.
    fault: Option<Error>,
    reading: bool,
}

impl EventStream {
    /// Decodes every event received so far.
    fn decode_received(&mut self, at_end: bool) -> Result<()> {
        let Self { splitter, decoder, failures, ready, .. } = self;
        let mut oversized = None;
        loop {
            match splitter.next_event() {
                Ok(Some(event)) => decoder.decode(event, ready)?,
                Ok(None) => break,
                Err(error) => {
                    oversized = Some(error);
                    break;
                }
            }
        }
        if let Some(error) = oversized {
            return Err(decoder.fail(failures.context(error)));
        }
        if at_end {
            if let Ok(Some(event)) = splitter.finish() {
                decoder.decode(event, ready)?;
            }
            decoder.end(ready)?;
        }
        Ok(())
    }
}

impl Stream for EventStream {
    type Item = Result<ChatEvent>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(event) = this.ready.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            if !this.reading {
                return Poll::Ready(this.fault.take().map(Err));
            }
            let result = match Pin::new(&mut this.body).poll_next(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(bytes))) => {
                    this.splitter.push(&bytes);
                    this.decode_received(false)
                }
                Poll::Ready(Some(Err(error))) => {
                    Err(this.decoder.fail(this.failures.context(broken_off(error))))
                }
                Poll::Ready(None) => this.decode_received(true),
            };
            if this.decoder.is_finished() {
                this.reading = false;
            } else if let Err(error) = result {
                this.reading = false;
                this.fault = Some(error);
            }
        }
    }
}

/// A connection that breaks inside an answer is the provider's failure.
fn broken_off(error: Error) -> Error {
    if error.kind() != ErrorKind::Network {
        return error;
    }
    Error::new(ErrorKind::ProviderFailed, "provider.chat", "the answer broke off")
        .with_source(error)
}
