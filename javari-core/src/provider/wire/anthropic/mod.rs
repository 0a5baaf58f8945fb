//! Anthropic's messages, and the servers that speak them.
//!
//! The version of the API is data: under `2026-10-21` a temperature is refused, under `2023-06-01` it
//! is taken. What a model wants back on the next turn, its signed thinking above all, is kept whole
//! and goes back as it came.

mod block;
mod decode;
mod encode;
mod event;
mod model;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod shapes;
mod turn;
mod usage;

use self::{decode::MessagesDecoder, encode::encode_messages};
use super::{Answer, Call, Decode, Wire, json_body, openai_chat::decode_models};
use crate::{
    error::Result,
    provider::{ChatRequest, ModelInfo},
};

/// The wire's name, which is also that of the extra that carries blocks to the next turn.
const NAME: &str = "anthropic_messages";
/// The version that is asked for unless another one is set.
const VERSION: &str = "2026-10-21";

/// The wire, at one version of the API.
#[derive(Debug, Clone)]
pub(in crate::provider) struct AnthropicMessages {
    provider: String,
    version: String,
}

impl AnthropicMessages {
    /// The wire of a provider of this name.
    pub(in crate::provider) fn new(provider: &str, version: Option<&str>) -> Self {
        let version = version.unwrap_or(VERSION).to_owned();
        Self { provider: provider.to_owned(), version }
    }

    /// Whether a request may say how freely words are chosen. Versions are dates.
    fn takes_sampling(&self) -> bool {
        self.version.as_str() < VERSION
    }
}

impl Wire for AnthropicMessages {
    fn encode(&self, request: &ChatRequest, model: &str, whole: bool) -> Result<Call> {
        let written = encode_messages(request, model, !whole, self.takes_sampling());
        let body = json_body(&written.body, request, &self.provider)?;
        let mut headers = self.headers();
        if !written.betas.is_empty() {
            headers.push(("anthropic-beta", written.betas.join(",")));
        }
        let warnings = written.warnings;
        Ok(Call { path: "messages".to_owned(), headers, body, warnings, ..Call::default() })
    }

    fn decoder(&self, answer: Answer) -> Box<dyn Decode> {
        Box::new(MessagesDecoder::new(answer.keeping()))
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![("anthropic-version", self.version.clone())]
    }

    /// As many as it gives at once; unasked it gives twenty.
    fn models_query(&self) -> Option<&'static str> {
        Some("limit=1000")
    }

    fn decode_models(&self, body: &[u8]) -> Option<Vec<ModelInfo>> {
        decode_models(body)
    }
}
