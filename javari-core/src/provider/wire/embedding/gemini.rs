//! Gemini's embeddings.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    super::{Call, Failures, gemini::resource, lenient::Count},
    EmbedCall, EmbedWire,
};
use crate::{error::Result, provider::EmbedPurpose, types::Usage};

/// Gemini's embeddings.
pub(in crate::provider) struct GeminiEmbeddings;

impl EmbedWire for GeminiEmbeddings {
    fn own_dimensions(&self, model: &str) -> Option<usize> {
        match model {
            "text-embedding-004" | "embedding-001" => Some(768),
            "gemini-embedding-001" => Some(3_072),
            _ if is_second(model) => Some(3_072),
            _ => None,
        }
    }

    fn max_tokens(&self, model: &str) -> usize {
        if is_second(model) { 8_192 } else { 2_048 }
    }

    fn max_batch(&self) -> usize {
        100
    }

    fn encode(&self, call: EmbedCall<'_>) -> Result<Call> {
        let EmbedCall { model, texts, dimensions, purpose } = call;
        let name = resource(model);
        let requests = texts.iter().map(|text| Request {
            model: &name,
            content: Content { parts: [Part { text: worded(text, model, purpose) }] },
            task_type: task(purpose).filter(|_| !is_second(model)),
            output_dimensionality: dimensions,
        });
        let body = super::json(&Body { requests: requests.collect() })?;
        Ok(Call { path: format!("{name}:batchEmbedContents"), body, ..Call::default() })
    }

    fn decode(
        &self,
        body: &[u8],
        count: usize,
        failures: &Failures,
        vectors: &mut Vec<Vec<f32>>,
    ) -> Result<Option<Usage>> {
        let reply: Reply = super::read(body, failures)?;
        if let Some(error) = reply.error {
            return Err(failures.of_error(error));
        }
        let received = reply.embeddings.unwrap_or_default().into_iter();
        let received = received.map(|vector| vector.values.unwrap_or_default()).collect();
        super::append(received, count, failures, vectors)?;
        let told = reply.usage_metadata.map_or(0, |usage| usage.prompt_token_count.0);
        Ok((told > 0).then(|| Usage { input: told, ..Usage::default() }.capped()))
    }
}

/// The second generation takes no task but is told it in the text.
fn is_second(model: &str) -> bool {
    model.starts_with("gemini-embedding-2")
}

fn worded<'a>(text: &'a str, model: &str, purpose: EmbedPurpose) -> Cow<'a, str> {
    match purpose {
        _ if !is_second(model) => Cow::Borrowed(text),
        EmbedPurpose::Query => Cow::Owned(format!("task: search result | query: {text}")),
        EmbedPurpose::Document => Cow::Owned(format!("title: none | text: {text}")),
    }
}

fn task(purpose: EmbedPurpose) -> Option<&'static str> {
    Some(match purpose {
        EmbedPurpose::Document => "RETRIEVAL_DOCUMENT",
        EmbedPurpose::Query => "RETRIEVAL_QUERY",
    })
}

#[derive(Serialize)]
struct Body<'a> {
    requests: Vec<Request<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    model: &'a str,
    content: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimensionality: Option<usize>,
}

#[derive(Serialize)]
struct Content<'a> {
    parts: [Part<'a>; 1],
}

#[derive(Serialize)]
struct Part<'a> {
    text: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply {
    #[serde(default)]
    embeddings: Option<Vec<Vector>>,
    #[serde(default)]
    usage_metadata: Option<WireUsage>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Vector {
    #[serde(default)]
    values: Option<Vec<f32>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireUsage {
    #[serde(default)]
    prompt_token_count: Count,
}
