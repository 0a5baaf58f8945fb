//! OpenAI's responses, and Perplexity's Agent API, which is a dialect of them.
//!
//! Nothing is left on the server at OpenAI: reasoning comes back encrypted and is sent along on the
//! next turn.

mod calls;
mod decode;
mod encode;
mod event;
mod input;
mod kept;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod shapes;
mod usage;

use self::{decode::ResponsesDecoder, encode::encode_response};
use super::{Answer, Call, Decode, Wire, json_body, openai_chat::decode_models};
use crate::{
    error::Result,
    provider::{ChatRequest, ModelInfo},
};

/// The wire, with what differs from server to server.
#[derive(Debug, Clone)]
pub(in crate::provider) struct OpenAiResponses {
    /// The provider's name, for fields that a request holds for it.
    pub(in crate::provider) provider: String,
    pub(in crate::provider) dialect: Dialect,
}

/// Whose responses they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::provider) enum Dialect {
    /// OpenAI's own, which keep nothing and give the reasoning back encrypted.
    OpenAi,
    /// Those of another server, which may refuse a field that it does not know.
    Compatible,
    /// Perplexity's Agent API.
    Perplexity,
}

impl Dialect {
    /// The name of the wire, under which output is kept for the next turn.
    fn name(self) -> &'static str {
        match self {
            Self::OpenAi | Self::Compatible => "openai_responses",
            Self::Perplexity => "perplexity_agent",
        }
    }
}

impl Wire for OpenAiResponses {
    fn encode(&self, request: &ChatRequest, model: &str, whole: bool) -> Result<Call> {
        let (body, warnings) = encode_response(request, model, !whole, self);
        let body = json_body(&body, request, &self.provider)?;
        Ok(Call { path: "responses".to_owned(), body, warnings, ..Call::default() })
    }

    fn decoder(&self, answer: Answer) -> Box<dyn Decode> {
        Box::new(ResponsesDecoder::new(answer.keeping(), self.dialect))
    }

    fn decode_models(&self, body: &[u8]) -> Option<Vec<ModelInfo>> {
        decode_models(body)
    }
}
