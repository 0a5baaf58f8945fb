//! What OpenAI's two ways to chat have in common: which models reason, the words for tiers and for
//! choosing tools, the shapes of a tool, of a schema and of a source.

use serde::Serialize;
use serde_json::{Value, json};

use super::message::bare_name;
use crate::{
    provider::{Source, ToolChoice, ToolSpec},
    types::ServiceTier,
};

/// Whether OpenAI takes this for a reasoning model: o1, o3, o4, gpt-5 and later, but no chat alias.
pub(super) fn is_reasoning_model(model: &str) -> bool {
    let name = bare_name(model);
    let of_series = |letter| {
        name.strip_prefix(letter).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let generation = name.strip_prefix("gpt-").and_then(|rest| {
        rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok())
    });
    !name.contains("-chat") && (of_series('o') || generation.is_some_and(|number: u32| number >= 5))
}

/// OpenAI's word for a tier that can be asked for.
pub(super) fn tier_word(tier: ServiceTier) -> Option<&'static str> {
    match tier {
        ServiceTier::Standard => Some("default"),
        ServiceTier::Flex => Some("flex"),
        ServiceTier::Priority => Some("priority"),
        ServiceTier::Fast => Some("fast"),
        ServiceTier::Ultrafast => Some("ultrafast"),
        _ => None,
    }
}

/// A schema that the answer must fit, under the name that OpenAI wants it to have.
pub(super) fn named_schema(schema: &Value) -> Value {
    // Strict decoding wants closed objects; an open schema is held to as well as the model can.
    let strict = schema.get("additionalProperties") == Some(&Value::Bool(false));
    json!({ "name": "reply", "schema": schema, "strict": strict })
}

/// A tool, as chat completions and Ollama write it.
#[derive(Serialize)]
pub(super) struct FunctionTool<'a> {
    r#type: &'static str,
    function: &'a ToolSpec,
}

impl<'a> From<&'a ToolSpec> for FunctionTool<'a> {
    fn from(function: &'a ToolSpec) -> Self {
        Self { r#type: "function", function }
    }
}

/// Whether tools may be asked for; `named` writes the one that must be.
pub(super) fn tool_choice(choice: &ToolChoice, named: fn(&str) -> Value) -> Value {
    match choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::None => json!("none"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Tool(name) => named(name),
    }
}

/// A schema that the answer must fit, in the field for it of chat completions and of Perplexity.
pub(super) fn response_format(schema: &Value) -> Value {
    json!({ "type": "json_schema", "json_schema": named_schema(schema) })
}

/// A source: an address, or an object with one and what is known of it.
pub(super) fn source(told: &Value) -> Option<Source> {
    let text = |name: &str| told.get(name).and_then(Value::as_str).map(str::to_owned);
    let url = told.as_str().map(str::to_owned).or_else(|| text("url"))?;
    let date = text("date").or_else(|| text("last_updated"));
    let quote = text("snippet").filter(|quote| !quote.is_empty());
    Some(Source { url, title: text("title"), quote, date })
}
