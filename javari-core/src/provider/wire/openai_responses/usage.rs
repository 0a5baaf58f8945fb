//! What a response used, in the words of OpenAI and of Perplexity.

use serde::Deserialize;
use serde_json::Value;

use super::super::{
    cost::Cost,
    lenient::{Count, Shape},
};
use crate::types::{Usage, Usd};

/// `usage` of a response.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireUsage {
    input_tokens: Count,
    output_tokens: Count,
    input_tokens_details: Shape<InputDetails>,
    output_tokens_details: Shape<OutputDetails>,
    /// Perplexity's bill in US dollars.
    cost: Cost,
    /// How often Perplexity used which of its tools.
    tool_calls_details: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct InputDetails {
    cached_tokens: Count,
    cache_write_tokens: Count,
    cache_write_tokens_details: Shape<WriteDetails>,
    /// Perplexity's words for the two above.
    cache_read_input_tokens: Count,
    cache_creation_input_tokens: Count,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WriteDetails {
    ttl_12h_tokens: Count,
    ttl_12h: Count,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OutputDetails {
    reasoning_tokens: Count,
}

/// `tool_usage` of a response: what OpenAI's own tools did.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ToolUsage {
    web_search: Shape<WebSearch>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WebSearch {
    num_requests: Count,
}

impl WireUsage {
    /// The tokens, and the searches that are counted among them.
    pub(super) fn usage(&self) -> Usage {
        let (input, output) = (self.input_tokens.0, self.output_tokens.0);
        let mut usage = Usage { input, output, searches: self.searches(), ..Usage::default() };
        if let Some(details) = &self.output_tokens_details.0 {
            usage.reasoning = details.reasoning_tokens.0;
        }
        if let Some(details) = &self.input_tokens_details.0 {
            let cached = details.cached_tokens.0.max(details.cache_read_input_tokens.0);
            let written = details.cache_write_tokens.0.max(details.cache_creation_input_tokens.0);
            let lives = details.cache_write_tokens_details.0.as_ref();
            let long = lives.map_or(0, |lives| lives.ttl_12h_tokens.0.max(lives.ttl_12h.0));
            usage.cached = cached.min(input);
            usage.cache_written = written.min(input - usage.cached);
            usage.cache_written_long = long.min(usage.cache_written);
        }
        usage
    }

    /// What Perplexity charges.
    pub(super) fn cost(&self) -> Option<Usd> {
        self.cost.0
    }

    /// `search_web`, `web_search` and the like, as a count or as `{"invocation": count}`.
    fn searches(&self) -> u64 {
        let tools = self.tool_calls_details.as_ref().and_then(Value::as_object);
        let searches = tools.into_iter().flatten().filter(|(name, _)| name.contains("search"));
        let count = |told: &Value| told.get("invocation").unwrap_or(told).as_u64().unwrap_or(0);
        searches.map(|(_, told)| count(told)).fold(0, u64::saturating_add)
    }
}

impl ToolUsage {
    /// The searches that OpenAI charges for, where it tells.
    pub(super) fn searches(&self) -> Option<u64> {
        self.web_search.0.as_ref().map(|search| search.num_requests.0)
    }
}
