//! The shapes of what a service sends: all 59 events are one shape, of which each fills a part, and a
//! whole reply is the `response` of the last one.
//!
//! Every field may be missing, null, of another type or unknown. A delta borrows its text from the
//! bytes received.

use serde::Deserialize;
use serde_json::Value;

use super::{
    super::lenient::{Arguments, Number, Shape, Text},
    usage::{ToolUsage, WireUsage},
};

/// One event of a stream.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    /// More of a text, of a refusal, of reasoning or of arguments.
    #[serde(borrow)]
    pub(super) delta: Text<'a>,
    #[serde(borrow)]
    pub(super) item_id: Text<'a>,
    pub(super) output_index: Number,
    /// The whole arguments of a function.
    #[serde(borrow)]
    pub(super) arguments: Arguments<'a>,
    pub(super) item: Option<Value>,
    pub(super) annotation: Option<Value>,
    #[serde(borrow)]
    pub(super) response: Shape<Response<'a>>,
    /// What Perplexity thinks, searches for, finds, opens and reads.
    #[serde(borrow)]
    pub(super) thought: Text<'a>,
    pub(super) queries: Option<Value>,
    pub(super) results: Option<Value>,
    pub(super) urls: Option<Value>,
    pub(super) contents: Option<Value>,
}

/// A response, whole or so far.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Response<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) model: Text<'a>,
    #[serde(borrow)]
    pub(super) status: Text<'a>,
    pub(super) error: Option<Value>,
    #[serde(borrow)]
    pub(super) incomplete_details: Shape<Incomplete<'a>>,
    pub(super) output: Option<Value>,
    #[serde(borrow)]
    pub(super) service_tier: Text<'a>,
    pub(super) usage: Shape<WireUsage>,
    pub(super) tool_usage: Shape<ToolUsage>,
}

/// Why a response is not complete.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Incomplete<'a> {
    #[serde(borrow)]
    pub(super) reason: Text<'a>,
}

/// The text field of an item, empty where it has none.
pub(super) fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The list in a field of an item, empty where it has none.
pub(super) fn list<'a>(item: &'a Value, name: &str) -> &'a [Value] {
    item.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The arguments of an item: JSON text, or from some servers the JSON itself.
pub(super) fn arguments(item: &Value) -> String {
    match item.get("arguments") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(json) => json.to_string(),
    }
}
