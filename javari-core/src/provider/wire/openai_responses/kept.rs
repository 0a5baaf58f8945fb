//! Which output items go back on the next turn: all of an answer, where common words cannot say it.

use serde_json::{Value, json};

use super::{
    Dialect,
    calls::{single_id, unwrapped},
    event::{arguments, list, text},
};

/// The items of an answer as they go back, nothing where its message says all of them. Of an answer
/// that was `cut` short calls that were cut are left out, as they are left out of its message.
pub(super) fn kept(items: Vec<Value>, cut: bool, dialect: Dialect) -> Option<Vec<Value>> {
    let mut kept: Vec<Value> = items
        .into_iter()
        .flat_map(single_calls)
        .filter(|item| goes_back(item, dialect) && !(cut && is_cut_call(item)))
        .collect();
    // OpenAI refuses reasoning that nothing follows from.
    while kept.last().is_some_and(|last| text(last, "type") == "reasoning") {
        kept.pop();
    }
    kept.iter().any(is_beyond_words).then_some(kept)
}

/// A call that was several is as many, so that each has its result.
fn single_calls(item: Value) -> Vec<Value> {
    let is_call = text(&item, "type") == "function_call";
    let uses = is_call.then(|| unwrapped(text(&item, "name"), &arguments(&item))).flatten();
    let Some(uses) = uses else { return vec![item] };
    let call_id = match text(&item, "call_id") {
        "" => text(&item, "id"),
        call_id => call_id,
    };
    let single = |(number, (name, arguments))| {
        json!({ "type": "function_call", "call_id": single_id(call_id, number), "name": name,
            "arguments": arguments })
    };
    uses.into_iter().enumerate().map(single).collect()
}

fn goes_back(item: &Value, dialect: Dialect) -> bool {
    match text(item, "type") {
        "message" | "function_call" => true,
        "" => false,
        // Perplexity takes back nothing else.
        _ if dialect == Dialect::Perplexity => false,
        // A summary alone stands for reasoning that the server did not keep.
        "reasoning" => has_reasoning(item),
        _ => true,
    }
}

fn is_cut_call(item: &Value) -> bool {
    let arguments = arguments(item);
    text(item, "type") == "function_call"
        && !arguments.trim().is_empty()
        && serde_json::from_str::<serde::de::IgnoredAny>(&arguments).is_err()
}

fn is_beyond_words(item: &Value) -> bool {
    match text(item, "type") {
        // Whether it is a comment on the way or the answer.
        "message" => !text(item, "phase").is_empty(),
        "function_call" => {
            !text(item, "thought_signature").is_empty() || !text(item, "namespace").is_empty()
        }
        _ => true,
    }
}

fn has_reasoning(item: &Value) -> bool {
    !text(item, "encrypted_content").is_empty() || !list(item, "content").is_empty()
}
