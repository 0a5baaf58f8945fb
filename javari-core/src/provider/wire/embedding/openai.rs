//! OpenAI's embeddings, and every server that speaks them.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    super::{Call, Failures, OpenAiUsage, lenient::Number},
    EmbedCall, EmbedWire,
};
use crate::{error::Result, types::Usage};

/// OpenAI's embeddings.
pub(in crate::provider) struct OpenAiEmbeddings;

impl EmbedWire for OpenAiEmbeddings {
    fn own_dimensions(&self, model: &str) -> Option<usize> {
        own_dimensions(model)
    }

    fn encode(&self, call: EmbedCall<'_>) -> Result<Call> {
        encode_texts(call, "base64")
    }

    fn decode(
        &self,
        body: &[u8],
        count: usize,
        failures: &Failures,
        vectors: &mut Vec<Vec<f32>>,
    ) -> Result<Option<Usage>> {
        decode_embeddings(body, count, failures, vectors, floats)
    }
}

/// `POST /embeddings`, whose vectors are to come in this encoding.
pub(super) fn encode_texts(call: EmbedCall<'_>, encoding_format: &'static str) -> Result<Call> {
    let EmbedCall { model, texts, dimensions, .. } = call;
    let body = Body { model, input: texts, encoding_format, dimensions };
    Ok(Call { path: "embeddings".to_owned(), body: super::json(&body)?, ..Call::default() })
}

fn own_dimensions(model: &str) -> Option<usize> {
    match model {
        "text-embedding-3-small" | "text-embedding-ada-002" => Some(1_536),
        "text-embedding-3-large" => Some(3_072),
        _ => None,
    }
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: &'a [String],
    encoding_format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<usize>,
}

#[derive(Deserialize)]
struct WireReply<'a> {
    #[serde(borrow, default)]
    data: Option<Vec<WireVector<'a>>>,
    #[serde(default)]
    usage: Option<OpenAiUsage>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct WireVector<'a> {
    #[serde(default)]
    index: Number,
    #[serde(borrow)]
    embedding: Numbers<'a>,
}

/// Asked for is base64; servers that do not know it send a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum Numbers<'a> {
    Base64(#[serde(borrow)] std::borrow::Cow<'a, str>),
    List(Vec<f32>),
}

/// Reads the reply of `POST /embeddings` for `count` texts, appends the vectors in the order of
/// the texts and returns the usage where it is told. `unpack` reads the bytes of a vector.
pub(in crate::provider::wire) fn decode_embeddings(
    body: &[u8],
    count: usize,
    failures: &Failures,
    vectors: &mut Vec<Vec<f32>>,
    unpack: fn(&[u8]) -> Option<Vec<f32>>,
) -> Result<Option<Usage>> {
    let reply: WireReply<'_> = super::read(body, failures)?;
    if let Some(error) = reply.error {
        return Err(failures.of_error(error));
    }
    let data = reply.data.unwrap_or_default();
    super::require_count(data.len(), count, failures)?;
    let mut placed: Vec<Option<Vec<f32>>> = vec![None; count];
    for (position, item) in data.into_iter().enumerate() {
        let index = item.index.whole();
        let place = index.map_or(position, |index| usize::try_from(index).unwrap_or(usize::MAX));
        let vector = item.embedding.into_vector(unpack);
        match (placed.get_mut(place), vector) {
            (Some(slot @ None), Some(vector)) => *slot = Some(vector),
            _ => return Err(failures.broken("the provider sent a vector that cannot be placed")),
        }
    }
    vectors.extend(placed.into_iter().flatten());
    Ok(reply.usage.map(|usage| usage.usage()))
}

impl Numbers<'_> {
    /// The vector; nothing when it is no list of finite numbers.
    fn into_vector(self, unpack: fn(&[u8]) -> Option<Vec<f32>>) -> Option<Vec<f32>> {
        let vector = match self {
            Self::List(list) => list,
            Self::Base64(text) => unpack(&STANDARD.decode(text.as_bytes()).ok()?)?,
        };
        super::is_vector(&vector).then_some(vector)
    }
}

/// Four bytes for each number.
pub(in crate::provider::wire) fn floats(bytes: &[u8]) -> Option<Vec<f32>> {
    let (numbers, rest) = bytes.as_chunks::<4>();
    rest.is_empty().then(|| numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn failures() -> Failures {
        Failures {
            operation: "provider.embed",
            provider: "openai".to_owned(),
            key: None,
            request_id: None,
        }
    }

    fn decode(json: &Value, count: usize) -> Result<Vec<Vec<f32>>> {
        let mut vectors = Vec::new();
        decode_embeddings(json.to_string().as_bytes(), count, &failures(), &mut vectors, floats)?;
        Ok(vectors)
    }

    #[test]
    fn base64_and_lists_are_read_and_put_in_the_order_of_the_texts() {
        let base64 = STANDARD.encode([1.0_f32, -0.5].map(f32::to_le_bytes).concat());
        let json = serde_json::json!({ "data": [
            { "index": 1, "embedding": [0.25, 2] },
            { "index": 0, "embedding": base64 },
        ], "usage": { "prompt_tokens": 3 } });
        assert_eq!(decode(&json, 2).unwrap(), [[1.0, -0.5], [0.25, 2.0]]);
    }

    #[test]
    fn a_reply_that_does_not_fit_its_texts_is_refused() {
        for (json, count) in [
            (serde_json::json!({}), 1),
            (serde_json::json!({ "data": [{ "embedding": [1.0] }] }), 2),
            (serde_json::json!({ "data": [{ "index": 7, "embedding": [1.0] }] }), 1),
            (
                serde_json::json!({ "data": [{ "index": 0, "embedding": [1.0] },
                { "index": 0, "embedding": [1.0] }] }),
                2,
            ),
            (serde_json::json!({ "data": [{ "embedding": [] }] }), 1),
            (serde_json::json!({ "data": [{ "embedding": "AAA=" }] }), 1),
            (serde_json::json!({ "data": [{ "embedding": "AADAfw==" }] }), 1),
            (serde_json::json!({ "data": [{ "embedding": null }] }), 1),
            (serde_json::json!({ "error": { "message": "no" } }), 1),
        ] {
            let error = decode(&json, count).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ProviderFailed, "{json}");
        }
    }
}
