//! What several wires ask of a message, and of a model's name.

use serde_json::{Map, Value};

use crate::types::{Content, ContentPart, Message, ToolCall};

/// The text of a message that is one, or else its parts.
pub(super) fn text_or_parts(content: &Content) -> (Option<&str>, &[ContentPart]) {
    match content {
        Content::Text(text) => (Some(text), &[]),
        Content::Parts(parts) => (None, parts),
    }
}

/// The arguments of a tool call as the object that a wire takes; what is none goes in one, under `name`.
pub(super) fn arguments(text: &str, name: &str) -> Value {
    if text.trim().is_empty() {
        return Value::Object(Map::new());
    }
    match serde_json::from_str(text) {
        Ok(object @ Value::Object(_)) => object,
        _ => Value::Object(Map::from_iter([(name.to_owned(), Value::from(text))])),
    }
}

/// The tool call that the message at `index` is the result of, among those that were asked for before.
pub(super) fn answered_call(messages: &[Message], index: usize) -> Option<&ToolCall> {
    let id = messages.get(index)?.tool_call_id.as_deref()?;
    let earlier = messages.iter().take(index).rev();
    earlier.flat_map(|message| &message.tool_calls).find(|call| call.id == id)
}

/// What is sent along, as an address that holds it.
pub(super) fn as_data_url(media_type: &str, data: &str) -> String {
    format!("data:{media_type};base64,{data}")
}

/// The media type and the base64 of a `data:` address.
pub(super) fn data_url(url: &str) -> Option<(&str, &str)> {
    url.strip_prefix("data:")?.split_once(";base64,")
}

/// The name alone of a model that is told with who makes it: `gpt-6-luna` of `openai/gpt-6-luna`.
pub(super) fn bare_name(model: &str) -> &str {
    model.rsplit('/').next().unwrap_or(model)
}
