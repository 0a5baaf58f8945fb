//! The wires of model services: how a request is written and an answer read.
//!
//! Pure: no clock, no network, so that recorded traffic runs through them cut at every byte, and one
//! wire serves whole replies, streams and replays alike. A [`Wire`] writes a request into a [`Call`]
//! and hands out a [`Decode`] for its answer; what every wire shares about an answer, its beginning,
//! its tool calls, its end, stands in [`Answer`].
//!
//! What it deliberately does not do: it sends nothing (`remote` does) and retries nothing.

mod answer;
mod anthropic;
mod cost;
mod embedding;
mod failure;
mod framing;
mod gemini;
mod lenient;
mod message;
mod ollama;
mod openai;
pub(super) mod openai_chat;
mod openai_responses;
mod replay;
#[cfg(test)]
mod testing;

use std::collections::VecDeque;

pub(crate) use self::failure::SERVER_WAIT;
pub(super) use self::{
    answer::{Answer, unstated},
    anthropic::AnthropicMessages,
    embedding::{
        EmbedCall, EmbedWire, GeminiEmbeddings, OllamaEmbeddings, OpenAiEmbeddings,
        PerplexityEmbeddings,
    },
    failure::Failures,
    framing::{Framing, Splitter},
    gemini::Gemini,
    ollama::Ollama,
    openai_chat::{OpenAiChat, WireUsage as OpenAiUsage},
    openai_responses::{Dialect, OpenAiResponses},
};
use super::{ChatEvent, ChatRequest, ModelInfo, Warning};
use crate::{
    error::{Error, ErrorKind, Result},
    http::SseEvent,
};

/// One way of speaking to a model service.
pub(super) trait Wire: Send + Sync {
    /// The request as it goes over the wire: to be answered event by event, or `whole`.
    ///
    /// # Errors
    /// `INVALID_INPUT` for what this wire cannot say and leaving it out would change the meaning of.
    fn encode(&self, request: &ChatRequest, model: &str, whole: bool) -> Result<Call>;

    /// Reads one answer.
    fn decoder(&self, answer: Answer) -> Box<dyn Decode>;

    /// How the events of a stream are told apart.
    fn framing(&self) -> Framing {
        Framing::Sse
    }

    /// Headers that every request over this wire has, beside the key's.
    fn headers(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Where the models are listed, below the base address.
    fn models_path(&self) -> &'static str {
        "models"
    }

    /// What stands after the question mark where the models are listed.
    fn models_query(&self) -> Option<&'static str> {
        None
    }

    /// The list of models in a reply; nothing when it is none.
    fn decode_models(&self, body: &[u8]) -> Option<Vec<ModelInfo>>;
}

/// A request, ready to be sent.
#[derive(Debug, Default)]
pub(super) struct Call {
    /// Below the base address, such as `chat/completions`.
    pub(super) path: String,
    /// What stands after the question mark.
    pub(super) query: Option<&'static str>,
    /// Headers of this wire; the key's is not among them.
    pub(super) headers: Vec<(&'static str, String)>,
    /// JSON.
    pub(super) body: Vec<u8>,
    /// What was asked for and could not be said.
    pub(super) warnings: Vec<Warning>,
}

/// Reads one answer into events. After an error, or once it is finished, it is not asked again.
pub(super) trait Decode: Send {
    /// Reads one event of the stream.
    ///
    /// # Errors
    /// The service's own error, or `PROVIDER_FAILED` when the data is not its protocol.
    fn event(&mut self, event: SseEvent<'_>, out: &mut VecDeque<ChatEvent>) -> Result<()>;

    /// Reads a reply that is whole.
    ///
    /// # Errors
    /// As [`event`](Self::event), and `PROVIDER_FAILED` when it holds no answer.
    fn whole(&mut self, body: &[u8], out: &mut VecDeque<ChatEvent>) -> Result<()>;

    /// The stream is at its end.
    ///
    /// # Errors
    /// `PROVIDER_FAILED` unless it said that it is.
    fn end(&mut self, out: &mut VecDeque<ChatEvent>) -> Result<()>;

    /// What is known of the answer so far.
    fn answer(&self) -> &Answer;
}

/// A body as JSON text, with the fields that the request holds for `provider` written over it.
fn json_body(
    body: &impl serde::Serialize,
    request: &ChatRequest,
    provider: &str,
) -> Result<Vec<u8>> {
    let fault = |fault: serde_json::Error| {
        Error::new(ErrorKind::Unexpected, "provider.chat", "the request cannot be written as JSON")
            .with_source(fault)
    };
    let Some(options) = request.options.get(provider).filter(|options| !options.is_empty()) else {
        return serde_json::to_vec(body).map_err(fault);
    };
    let mut json = serde_json::to_value(body).map_err(fault)?;
    if let Some(fields) = json.as_object_mut() {
        for (name, value) in options {
            fields.insert(name.clone(), value.clone());
        }
    }
    serde_json::to_vec(&json).map_err(fault)
}
