//! What a provider wants back unchanged on the next turn: signed reasoning, encrypted items.
//!
//! It is kept in the message as an [`Extra`] named after its wire, with the model that made it and a
//! digest of what the message said. It goes back byte for byte, and only to the same wire and family of
//! models, and only while the message still says what it said: a host that shortened or redacted a
//! message does not want the old words sent.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::message::bare_name;
use crate::{
    provider::Warning,
    types::{Extra, Message, ToolCall},
};

/// The extra that carries `content` to the next turn.
pub(super) fn keep(
    wire: &str,
    model: &str,
    content: Vec<Value>,
    text: &str,
    calls: &[ToolCall],
) -> Extra {
    let value = json!({ "model": model, "digest": digest(text, calls), "content": content });
    Extra { name: wire.to_owned(), value }
}

/// What of a message goes back to `model` over `wire`.
pub(super) enum Replay<'a> {
    /// Nothing was kept.
    Nothing,
    /// This, in place of the message's own words.
    Content(&'a [Value]),
    /// What was kept is of another model or the message was changed since.
    Dropped,
}

/// What was kept in `message`, where it may go back.
pub(super) fn replayed<'a>(message: &'a Message, wire: &str, model: &str) -> Replay<'a> {
    let kept = message.extras.iter().find(|extra| extra.name == wire);
    let Some(Extra { value, .. }) = kept else { return Replay::Nothing };
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    let Some(content) = value.get("content").and_then(Value::as_array) else {
        return Replay::Dropped;
    };
    let same_words = text("digest") == digest(&message.content.text(), &message.tool_calls);
    if same_words && family(text("model")) == family(model) {
        Replay::Content(content)
    } else {
        Replay::Dropped
    }
}

/// Tells the caller that what was kept did not go back, under one code whatever the wire.
pub(super) fn dropped() -> Warning {
    let why = "what an earlier turn kept for the model is of another model or its message was changed \
               since; its words are sent without it";
    Warning::new("replay", why)
}

/// `claude` of `anthropic/claude-opus-5-5`, `gpt` of `gpt-6.1-sol`, `o` of `o3`.
fn family(model: &str) -> &str {
    let name = bare_name(model);
    name.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or(name)
}

fn digest(text: &str, calls: &[ToolCall]) -> String {
    let mut hash = Sha256::new();
    let calls = calls.iter().flat_map(|call| [&call.id, &call.name, &call.arguments]);
    for part in std::iter::once(text).chain(calls.map(String::as_str)) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Message {
        let call = ToolCall { id: "c".into(), name: "f".into(), arguments: "{}".into() };
        let mut message = Message::assistant("words").with_tool_calls(vec![call]);
        let kept = vec![json!({ "type": "thinking", "signature": "s" })];
        let extra = keep("w", "claude-opus-5-5", kept, "words", &message.tool_calls);
        message.extras.push(extra);
        message
    }

    fn goes_back(message: &Message, wire: &str, model: &str) -> bool {
        matches!(replayed(message, wire, model), Replay::Content(_))
    }

    #[test]
    fn what_was_kept_goes_back_to_the_same_family_over_the_same_wire_alone() {
        assert!(goes_back(&message(), "w", "claude-haiku-5-5"));
        assert!(goes_back(&message(), "w", "anthropic/claude-opus-5-5"));
        assert!(!goes_back(&message(), "w", "gpt-6-luna"));
        assert!(matches!(replayed(&message(), "other", "claude-opus-5-5"), Replay::Nothing));
    }

    #[test]
    fn what_was_kept_of_a_message_that_was_changed_stays_here() {
        let mut shortened = message();
        shortened.content = "word".into();
        assert!(!goes_back(&shortened, "w", "claude-opus-5-5"));
        let mut recalled = message();
        recalled.tool_calls[0].arguments = "{\"a\":1}".into();
        assert!(!goes_back(&recalled, "w", "claude-opus-5-5"));
        let mut odd = message();
        odd.extras[0].value = json!([1]);
        assert!(matches!(replayed(&odd, "w", "claude-opus-5-5"), Replay::Dropped));
    }
}
