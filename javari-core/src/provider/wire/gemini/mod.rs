//! Google's Gemini: `generateContent`, whole or as a stream.
//!
//! What it deliberately does not do: it speaks no Interactions API; an answer in those words is told
//! as an answer that never ended, not as an empty success.

mod chunk;
mod decode;
mod encode;
mod partial;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod requests;
mod thinking;

use serde::Deserialize;

use self::{decode::GeminiDecoder, encode::encode_chat};
use super::{
    Answer, Call, Decode, Wire, json_body,
    lenient::{Count, Text},
};
use crate::{
    error::Result,
    provider::{ChatRequest, ModelInfo},
};

/// The wire.
#[derive(Debug, Clone)]
pub(in crate::provider) struct Gemini {
    /// The provider's name, for fields that a request holds for it.
    pub(in crate::provider) provider: String,
}

/// The name under which a message keeps what Gemini wants back.
const NAME: &str = "gemini";
/// Begins the ids of calls that came without one; Gemini is never told them.
const MADE_ID: &str = "made_";

impl Wire for Gemini {
    fn encode(&self, request: &ChatRequest, model: &str, whole: bool) -> Result<Call> {
        let (body, warnings) = encode_chat(request, model)?;
        let body = json_body(&body, request, &self.provider)?;
        let (verb, query) = match whole {
            true => ("generateContent", None),
            false => ("streamGenerateContent", Some("alt=sse")),
        };
        let path = format!("{}:{verb}", resource(model));
        Ok(Call { path, query, body, warnings, ..Call::default() })
    }

    fn decoder(&self, answer: Answer) -> Box<dyn Decode> {
        Box::new(GeminiDecoder::new(answer))
    }

    fn models_query(&self) -> Option<&'static str> {
        // Unasked, the list ends after fifty.
        Some("pageSize=1000")
    }

    fn decode_models(&self, body: &[u8]) -> Option<Vec<ModelInfo>> {
        let list: ModelList<'_> = serde_json::from_slice(body).ok()?;
        Some(list.models?.into_iter().filter_map(WireModel::into_info).collect())
    }
}

/// `models/gemini-3.8-flash`; a tuned model is named with its own collection.
pub(in crate::provider::wire) fn resource(model: &str) -> String {
    if model.contains('/') { model.to_owned() } else { format!("models/{model}") }
}

#[derive(Deserialize)]
struct ModelList<'a> {
    #[serde(borrow, default)]
    models: Option<Vec<WireModel<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireModel<'a> {
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(default)]
    input_token_limit: Count,
    #[serde(borrow, default)]
    supported_generation_methods: Option<Vec<Text<'a>>>,
}

impl WireModel<'_> {
    /// The model, unless it says that it is none to chat with.
    fn into_info(self) -> Option<ModelInfo> {
        let methods = self.supported_generation_methods.unwrap_or_default();
        if !methods.is_empty() && !methods.iter().any(|method| method.0 == "generateContent") {
            return None;
        }
        let name = self.name.into_some()?;
        let id = name.strip_prefix("models/").unwrap_or(&name);
        let context_tokens = Some(self.input_token_limit.0).filter(|most| *most > 0);
        Some(ModelInfo { context_tokens, ..ModelInfo::new(id) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_listed_by_the_names_they_are_asked_by_and_only_those_that_chat() {
        let wire = Gemini { provider: "gemini".to_owned() };
        let body = br#"{"models":[
            {"name":"models/gemini-3.8-flash","inputTokenLimit":1048576,
             "supportedGenerationMethods":["generateContent","countTokens"]},
            {"name":"models/gemini-embedding-001","supportedGenerationMethods":["embedContent"]},
            {"name":"tunedModels/mine","inputTokenLimit":null}, {"name":null}]}"#;
        let models = wire.decode_models(body).unwrap();
        let listed: Vec<_> =
            models.iter().map(|model| (model.id.as_str(), model.context_tokens)).collect();
        assert_eq!(listed, [("gemini-3.8-flash", Some(1_048_576)), ("tunedModels/mine", None)]);
        assert!(wire.decode_models(br#"{"data":[]}"#).is_none());
        assert_eq!(resource("tunedModels/mine"), "tunedModels/mine");
    }
}
