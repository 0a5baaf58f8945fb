//! The shapes of OpenAI's replies: a chunk of a stream and a whole completion are one shape.
//!
//! Every field may be missing, null or unknown. A chunk borrows its texts from the bytes received
//! and allocates nothing unless it holds tool calls, an error or extras. What few chunks hold is boxed:
//! a chunk is moved several times on its way, and is smaller so.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::Value;

use super::super::{
    cost::Cost,
    lenient::{Arguments, Count, Number, Text},
};
use crate::types::{SearchContext, Usage, Usd};

/// One chunk of a stream, or one whole completion.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chunk<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) model: Text<'a>,
    #[serde(borrow, deserialize_with = "first_choice")]
    pub(super) choices: Option<Choice<'a>>,
    pub(super) usage: Option<Box<WireUsage>>,
    pub(super) error: Option<Box<Value>>,
    #[serde(borrow)]
    pub(super) service_tier: Text<'a>,
    /// Perplexity's sources, the whole list in every chunk.
    pub(super) citations: Option<Box<Value>>,
    /// The same with their titles.
    pub(super) search_results: Option<Box<Value>>,
    /// `error` where a server answers with the bare error.
    #[serde(borrow)]
    pub(super) object: Text<'a>,
    #[serde(borrow)]
    pub(super) message: Text<'a>,
    /// `end_of_stream` in Perplexity's last chunk.
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
}

/// The first of the answers: Javari asks for one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice<'a> {
    pub(super) index: Count,
    /// In a chunk.
    #[serde(borrow)]
    pub(super) delta: Option<Delta<'a>>,
    /// In a whole completion; Perplexity repeats the whole text here beside `delta`.
    #[serde(borrow)]
    pub(super) message: Option<Box<Delta<'a>>>,
    #[serde(borrow)]
    pub(super) finish_reason: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Delta<'a> {
    #[serde(borrow)]
    pub(super) content: Text<'a>,
    #[serde(borrow)]
    pub(super) refusal: Text<'a>,
    /// DeepSeek, vLLM, llama.cpp.
    #[serde(borrow)]
    pub(super) reasoning_content: Text<'a>,
    /// OpenRouter, Ollama.
    #[serde(borrow)]
    pub(super) reasoning: Text<'a>,
    /// OpenRouter's signed reasoning, to be sent back on the next turn.
    pub(super) reasoning_details: Option<Box<Value>>,
    /// OpenAI's citations of web search.
    pub(super) annotations: Option<Box<Value>>,
    #[serde(borrow)]
    pub(super) tool_calls: Option<Vec<ToolDelta<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ToolDelta<'a> {
    pub(super) index: Number,
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) function: Option<FunctionDelta<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FunctionDelta<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) arguments: Arguments<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::provider) struct WireUsage {
    prompt_tokens: Count,
    completion_tokens: Count,
    total_tokens: Count,
    prompt_tokens_details: Option<PromptDetails>,
    completion_tokens_details: Option<CompletionDetails>,
    /// In US dollars: a number from OpenRouter, an object from Perplexity.
    cost: Cost,
    /// DeepSeek's word for what its cache served.
    prompt_cache_hit_tokens: Count,
    /// Perplexity's searches.
    num_search_queries: Count,
    /// By how much Perplexity's searches read, which sets its fee.
    #[serde(rename = "search_context_size", deserialize_with = "search_context")]
    search_context: Option<SearchContext>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PromptDetails {
    cached_tokens: Count,
    cache_write_tokens: Count,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CompletionDetails {
    reasoning_tokens: Count,
}

impl WireUsage {
    pub(in crate::provider) fn usage(&self) -> Usage {
        let (input, output) = (self.prompt_tokens.0, self.completion_tokens.0);
        // Gemini's compatible server leaves its reasoning out of `completion_tokens` and counts it
        // in the total; it is billed as output.
        let hidden = self.total_tokens.0.saturating_sub(input.saturating_add(output));
        let stated =
            self.completion_tokens_details.as_ref().map_or(0, |details| details.reasoning_tokens.0);
        let details = self.prompt_tokens_details.as_ref();
        let cached = details.map_or(0, |details| details.cached_tokens.0);
        let cached = cached.max(self.prompt_cache_hit_tokens.0).min(input);
        let written = details.map_or(0, |details| details.cache_write_tokens.0);
        Usage {
            input,
            output: output.saturating_add(hidden),
            cached,
            cache_written: written.min(input - cached),
            reasoning: stated.max(hidden),
            searches: self.num_search_queries.0,
            search_context: self.search_context,
            ..Usage::default()
        }
        .capped()
    }

    pub(super) fn cost(&self) -> Option<Usd> {
        self.cost.0
    }
}

/// A word that is no size is none.
fn search_context<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SearchContext>, D::Error> {
    Ok(SearchContext::named(&Text::deserialize(deserializer)?.0))
}

/// Keeps the choice of index 0 without a list for it.
fn first_choice<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Choice<'a>>, D::Error> {
    deserializer.deserialize_any(FirstChoice)
}

struct FirstChoice;

impl<'de> Visitor<'de> for FirstChoice {
    type Value = Option<Choice<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of choices")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut choices: A) -> Result<Self::Value, A::Error> {
        while let Some(choice) = choices.next_element::<Choice<'de>>()? {
            if choice.index.0 == 0 {
                while choices.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(Some(choice));
            }
        }
        Ok(None)
    }
}
