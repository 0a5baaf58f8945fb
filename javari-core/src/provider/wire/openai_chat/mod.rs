//! OpenAI's chat completions, and every server that speaks them with quirks of its own: DeepSeek,
//! Groq, llama.cpp, LM Studio, Mistral, OpenRouter, Perplexity's older Sonar, vLLM, xAI.

mod chunk;
mod decode;
mod encode;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod sonar;
#[cfg(test)]
mod stated_costs;

use serde::Deserialize;

pub(in crate::provider) use self::chunk::WireUsage;
use self::{decode::ChatDecoder, encode::encode_chat};
use super::{
    Answer, Call, Decode, Wire, json_body,
    lenient::{Count, Text},
};
use crate::{
    error::Result,
    provider::{ChatRequest, ModelInfo},
};

/// The wire, with what differs from server to server.
#[derive(Debug, Clone)]
pub(in crate::provider) struct OpenAiChat {
    /// The provider's name, for fields that a request holds for it.
    pub(in crate::provider) provider: String,
    /// Whether this is OpenAI itself, which refuses fields that it does not know.
    pub(in crate::provider) strict: bool,
    /// Whether only `data: [DONE]` ends a stream.
    pub(in crate::provider) done_marker: bool,
    /// Whether to ask for the usage at the end of a stream.
    pub(in crate::provider) stream_usage: bool,
}

impl Wire for OpenAiChat {
    fn encode(&self, request: &ChatRequest, model: &str, whole: bool) -> Result<Call> {
        let (body, warnings) = encode_chat(request, model, !whole, self);
        let body = json_body(&body, request, &self.provider)?;
        Ok(Call { path: "chat/completions".to_owned(), body, warnings, ..Call::default() })
    }

    fn decoder(&self, answer: Answer) -> Box<dyn Decode> {
        Box::new(ChatDecoder::new(answer, self.done_marker))
    }

    fn decode_models(&self, body: &[u8]) -> Option<Vec<ModelInfo>> {
        decode_models(body)
    }
}

/// The list that OpenAI and its likes answer with.
pub(in crate::provider::wire) fn decode_models(body: &[u8]) -> Option<Vec<ModelInfo>> {
    let list: ModelList<'_> = serde_json::from_slice(body).ok()?;
    Some(list.data.unwrap_or_default().into_iter().filter_map(WireModel::into_info).collect())
}

#[derive(Deserialize)]
struct ModelList<'a> {
    #[serde(borrow, default)]
    data: Option<Vec<WireModel<'a>>>,
}

#[derive(Deserialize)]
struct WireModel<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    /// vLLM's word for the context; OpenRouter's and Anthropic's are below.
    #[serde(default)]
    max_model_len: Count,
    #[serde(default)]
    context_length: Count,
    #[serde(default)]
    max_input_tokens: Count,
}

impl WireModel<'_> {
    fn into_info(self) -> Option<ModelInfo> {
        let stated = [self.max_model_len, self.context_length, self.max_input_tokens];
        let context_tokens = stated.into_iter().map(|count| count.0).max().filter(|most| *most > 0);
        Some(ModelInfo { context_tokens, ..ModelInfo::new(self.id.into_some()?) })
    }
}
