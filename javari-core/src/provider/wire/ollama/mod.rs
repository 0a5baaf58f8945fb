//! Ollama's own chat, a line of JSON for each piece of the answer. Its OpenAI-compatible one is
//! [`OpenAiChat`](super::OpenAiChat)'s.

mod decode;
mod encode;
#[cfg(test)]
mod recorded;

use serde::Deserialize;

use self::{decode::OllamaDecoder, encode::encode_chat};
use super::{Answer, Call, Decode, Framing, Wire, json_body, lenient::Text};
use crate::{
    error::Result,
    provider::{ChatRequest, ModelInfo},
};

/// The wire.
#[derive(Debug, Clone)]
pub(in crate::provider) struct Ollama {
    /// The provider's name, for fields that a request holds for it.
    pub(in crate::provider) provider: String,
}

impl Wire for Ollama {
    fn encode(&self, request: &ChatRequest, model: &str, whole: bool) -> Result<Call> {
        let (body, warnings) = encode_chat(request, model, !whole)?;
        let body = json_body(&body, request, &self.provider)?;
        Ok(Call { path: "chat".to_owned(), body, warnings, ..Call::default() })
    }

    fn decoder(&self, answer: Answer) -> Box<dyn Decode> {
        Box::new(OllamaDecoder::new(answer))
    }

    fn framing(&self) -> Framing {
        Framing::Lines
    }

    fn models_path(&self) -> &'static str {
        "tags"
    }

    fn decode_models(&self, body: &[u8]) -> Option<Vec<ModelInfo>> {
        let list: ModelList<'_> = serde_json::from_slice(body).ok()?;
        let named = |model: WireModel<'_>| model.model.into_some().or(model.name.into_some());
        Some(list.models?.into_iter().filter_map(named).map(ModelInfo::new).collect())
    }
}

#[derive(Deserialize)]
struct ModelList<'a> {
    #[serde(borrow, default)]
    models: Option<Vec<WireModel<'a>>>,
}

#[derive(Deserialize)]
struct WireModel<'a> {
    #[serde(borrow, default)]
    model: Text<'a>,
    #[serde(borrow, default)]
    name: Text<'a>,
}
