//! The shapes of Gemini's replies: a chunk of a stream and a whole reply are one shape.
//!
//! Every field may be missing, null or unknown. Texts are borrowed from the bytes received; only what
//! is neither text nor a flag becomes JSON values.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Map, Value};

use super::super::lenient::{Count, Flag, Text};
use crate::types::{ServiceTier, Usage};

/// One chunk of a stream, or one whole reply.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Chunk<'a> {
    #[serde(borrow)]
    pub(super) candidates: Option<Vec<Candidate<'a>>>,
    #[serde(borrow)]
    pub(super) usage_metadata: Option<WireUsage<'a>>,
    #[serde(borrow)]
    pub(super) model_version: Text<'a>,
    #[serde(borrow)]
    pub(super) response_id: Text<'a>,
    pub(super) prompt_feedback: Option<Value>,
    pub(super) error: Option<Value>,
}

/// One of the answers: Javari asks for one.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Candidate<'a> {
    pub(super) index: Count,
    #[serde(borrow)]
    pub(super) content: Option<Content<'a>>,
    #[serde(borrow)]
    pub(super) finish_reason: Text<'a>,
    #[serde(borrow)]
    pub(super) finish_message: Text<'a>,
    pub(super) grounding_metadata: Option<Value>,
    pub(super) citation_metadata: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Content<'a> {
    #[serde(borrow)]
    pub(super) parts: Option<Vec<Part<'a>>>,
}

/// One part of an answer.
#[derive(Debug, Default)]
pub(super) struct Part<'a> {
    pub(super) text: Option<Text<'a>>,
    /// Whether the text is a thought.
    pub(super) thought: bool,
    /// Proves to Gemini on the next turn that it thought this.
    pub(super) signature: Option<Text<'a>>,
    pub(super) function_call: Option<Value>,
    /// Images, code and its results, and whatever else there may be.
    pub(super) rest: Map<String, Value>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Part<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PartVisitor)
    }
}

struct PartVisitor;

impl<'de> Visitor<'de> for PartVisitor {
    type Value = Part<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a part of an answer")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Part::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut part = Part::default();
        while let Some(key) = map.next_key::<Text<'de>>()? {
            match key.0.as_ref() {
                "text" => part.text = map.next_value()?,
                "thought" => part.thought = map.next_value::<Flag>()?.0,
                "thoughtSignature" => part.signature = map.next_value()?,
                "functionCall" => part.function_call = map.next_value()?,
                _ => {
                    let value = map.next_value()?;
                    part.rest.insert(key.0.into_owned(), value);
                }
            }
        }
        part.signature = part.signature.filter(|signature| !signature.is_empty());
        Ok(part)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WireUsage<'a> {
    prompt_token_count: Count,
    cached_content_token_count: Count,
    candidates_token_count: Count,
    thoughts_token_count: Count,
    tool_use_prompt_token_count: Count,
    #[serde(borrow)]
    service_tier: Text<'a>,
    /// Google Cloud's word for the tier.
    #[serde(borrow)]
    traffic_type: Text<'a>,
}

impl WireUsage<'_> {
    /// What the call used so far; nothing while only its tier is told.
    pub(super) fn usage(&self) -> Option<Usage> {
        let input = self.prompt_token_count.0.saturating_add(self.tool_use_prompt_token_count.0);
        // The answer is counted without the thoughts, which are billed like it.
        let reasoning = self.thoughts_token_count.0;
        let output = self.candidates_token_count.0.saturating_add(reasoning);
        let cached = self.cached_content_token_count.0.min(input);
        let tier = self.tier();
        (input > 0 || output > 0).then(|| Usage {
            input,
            output,
            cached,
            reasoning,
            tier,
            ..Usage::default()
        })
    }

    fn tier(&self) -> ServiceTier {
        let traffic = self.traffic_type.0.to_ascii_lowercase();
        let word = match traffic.as_str() {
            "" => self.service_tier.0.to_ascii_lowercase(),
            "provisioned_throughput" => "provisioned".to_owned(),
            other => other.strip_prefix("on_demand_").unwrap_or(other).to_owned(),
        };
        match word.as_str() {
            "unspecified" | "traffic_type_unspecified" => ServiceTier::Standard,
            word => ServiceTier::named(word),
        }
    }
}
