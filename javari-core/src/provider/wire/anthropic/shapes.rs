//! Hand-written answers through the decoder: each shape that the wire has, cut at every byte.

use serde_json::{Value, json};

use super::{
    super::{
        super::ChatReply,
        testing::{
            self, Decoded, calls, chunks, decode, decode_whole, extra, fold, mutations,
            own_fixture, survives,
        },
    },
    AnthropicMessages,
};
use crate::{
    provider::{ChatEvent, Source, Warning},
    types::{FinishReason, ModelUsage, Usage},
};

pub(super) fn wire() -> AnthropicMessages {
    AnthropicMessages::new("anthropic", None)
}

/// Decodes a stream in every way. Its end is where the JSON of its last event is complete.
pub(super) fn decode_every_way(name: &str, stream: &[u8]) -> Decoded {
    let terminal = memchr::memmem::rfind(stream, b"\"message_stop\"")
        .and_then(|at| Some(at + memchr::memchr(b'}', &stream[at..])? + 1));
    testing::decode_every_way(&wire(), name, stream, terminal.unwrap_or(stream.len()))
}

fn reply(name: &str) -> ChatReply {
    let (events, error) = decode_every_way(name, &own_fixture(name));
    assert_eq!(error, None, "{name}");
    fold(events).unwrap()
}

fn error(name: &str) -> String {
    let (events, error) = decode_every_way(name, &own_fixture(name));
    let called = events.iter().any(|event| matches!(event, ChatEvent::ToolCall(_)));
    assert!(!called, "{name} handed a tool call over: {events:?}");
    error.unwrap()
}

fn unary(name: &str) -> ChatReply {
    decode_whole(&wire(), &own_fixture(name)).unwrap()
}

/// What goes back on the next turn.
pub(super) fn kept(reply: &ChatReply) -> Option<&Vec<Value>> {
    extra(reply, "anthropic_messages")?["content"].as_array()
}

#[test]
fn a_stream_with_pings_and_its_unary_twin_are_one_reply() {
    let streamed = reply("shape__anthropic_text.sse");
    assert_eq!(streamed.text, "Café 日本 🦀\n");
    assert_eq!(
        (streamed.finish.clone(), &*streamed.model),
        (FinishReason::Stop, "claude-haiku-5-5")
    );
    let used = Usage {
        input: 1312,
        output: 9,
        cached: 1000,
        cache_written: 300,
        cache_written_long: 200,
        ..Usage::default()
    };
    assert_eq!(streamed.usage, used);
    assert_eq!(streamed.extras, [], "common words say it all");
    assert_eq!(unary("shape__anthropic_text_unary.json"), streamed);
}

#[test]
fn parallel_calls_keep_their_arguments_apart_and_a_call_may_have_none() {
    let streamed = reply("shape__anthropic_tools.sse");
    let echo = ("toolu_a", "echo", "{\"message\":\"Grüße aus 東京, \\\"café\\\"\"}");
    assert_eq!(calls(&streamed), [echo, ("toolu_b", "ping", "{}")]);
    assert_eq!((&*streamed.text, &streamed.finish), ("Both at once.", &FinishReason::ToolCalls));
    assert_eq!(kept(&streamed), None);
    assert_eq!(unary("shape__anthropic_tools_unary.json"), streamed);
}

#[test]
fn signed_and_sealed_thinking_is_kept_whole_and_in_order() {
    let streamed = reply("shape__anthropic_thinking.sse");
    assert_eq!(streamed.reasoning, "They want the time.");
    assert_eq!((streamed.usage.output, streamed.usage.reasoning), (60, 25));
    assert_eq!(
        Value::from(kept(&streamed).unwrap().clone()),
        json!([
            { "type": "thinking", "thinking": "They want the time.", "signature": "c2lnbmVk" },
            { "type": "redacted_thinking", "data": "c2VhbGVk" },
            { "type": "text", "text": "I look it up." },
            { "type": "tool_use", "id": "toolu_t", "name": "clock", "input": { "zone": "UTC" } },
        ])
    );
    assert_eq!(unary("shape__anthropic_thinking_unary.json"), streamed);
}

#[test]
fn a_refusal_says_why_in_words_where_there_are_words() {
    let told = reply("shape__anthropic_refusal.sse");
    assert_eq!((&*told.refusal, &told.finish), ("This was blocked.", &FinishReason::Refusal));
    assert_eq!(told.extras[0].value["category"], "bio");
    let silent = reply("shape__anthropic_refusal_without_words.sse");
    assert_eq!((&*silent.refusal, &silent.finish), ("", &FinishReason::Refusal));
    assert_eq!(silent.extras[0].name, "stop_details");
}

#[test]
fn an_answer_that_was_handed_on_is_the_other_models_and_is_paid_by_model() {
    let reply = reply("shape__anthropic_fallback.sse");
    assert_eq!((&*reply.text, &*reply.model), ("Around 1440.", "claude-opus-5-5"));
    let used = |input, output| Usage { input, output, ..Usage::default() };
    assert_eq!(reply.usage, used(820, 266));
    let part = |model: &str, usage| ModelUsage { model: model.to_owned(), usage };
    let parts = [part("claude-fable-5-1", used(408, 2)), part("claude-opus-5-5", used(412, 264))];
    assert_eq!(reply.by_model, parts);
    assert_eq!(reply.extras[0].name, "fallback");
    let types: Vec<_> = kept(&reply).unwrap().iter().map(|block| &block["type"]).collect();
    assert_eq!(types, ["thinking", "text"], "the mark between the models does not go back");
}

#[test]
fn what_the_service_searched_and_cited_is_told_as_sources() {
    let reply = reply("shape__anthropic_citations.sse");
    assert_eq!(reply.text, "It rose and fell.");
    assert_eq!((reply.tool_calls.len(), reply.usage.searches), (0, 2));
    assert_eq!(reply.finish, FinishReason::Other("pause_turn".to_owned()));
    let source = |url: &str, title: &str, quote: Option<&str>, date: Option<&str>| Source {
        url: url.to_owned(),
        title: Some(title.to_owned()),
        quote: quote.map(str::to_owned),
        date: date.map(str::to_owned),
    };
    assert_eq!(
        reply.sources,
        [
            source("https://a.example/1", "One", None, Some("April 2026")),
            source("https://a.example/2", "Two", None, None),
            source("https://a.example/1", "One", Some("It rose."), None),
            source("", "Report", Some("It fell."), None),
        ]
    );
    let names: Vec<_> = reply.extras.iter().map(|extra| &*extra.name).collect();
    assert_eq!(names, ["server_tool_use", "web_search_tool_result", "anthropic_messages"]);
    assert_eq!(reply.extras[0].value["input"]["query"], "rates");
    let kept = kept(&reply).unwrap();
    assert_eq!(kept[1]["content"][0]["encrypted_content"], "eA==");
    assert_eq!(kept[2]["citations"][0]["encrypted_index"], "eg==");
}

#[test]
fn an_error_in_a_stream_ends_it_as_what_it_is() {
    let message = error("shape__anthropic_overloaded.sse");
    assert!(message.starts_with("PROVIDER_OVERLOADED at provider.chat"), "{message}");
    assert!(message.contains("words=Overloaded") && message.contains("delivered="), "{message}");
    for (data, code) in [
        (r#"{"type":"error","error":{"type":"rate_limit_error","message":"m"}}"#, "RATE_LIMITED"),
        (r#"{"error":{"type":"billing_error","message":"m"}}"#, "QUOTA_EXHAUSTED"),
        ("no json at all", "PROVIDER_FAILED"),
    ] {
        let stream = format!("event: error\ndata: {data}\n\n");
        let (events, error) = decode(&wire(), &[stream.as_bytes()]);
        assert!(events.is_empty() && error.unwrap().starts_with(code), "{data}");
    }
    let body = br#"{"type":"error","error":{"type":"not_found_error","message":"m"}}"#;
    let error = decode_whole(&wire(), body).unwrap_err();
    assert!(error.to_string().starts_with("MODEL_NOT_FOUND"), "{error}");
}

#[test]
fn no_tool_is_called_by_arguments_that_belong_to_none_or_by_arguments_that_were_cut() {
    let message = error("shape__anthropic_arguments_without_tool.sse");
    assert!(message.contains("arguments of a tool that it did not name"), "{message}");
    let cut = reply("shape__anthropic_cut_in_tool.sse");
    assert_eq!(calls(&cut), [("toolu_a", "whole", "{\"a\":1}")]);
    let codes: Vec<_> = cut.warnings.iter().map(|warning| &*warning.code).collect();
    assert_eq!(codes, ["tool_call_cut_off", "tool_call_cut_off"]);
    let body = json!({ "type": "message", "stop_reason": "max_tokens", "content": [
        { "type": "tool_use", "id": "a", "name": "write", "input": { "path": "/ho" } }] });
    let cut = decode_whole(&wire(), body.to_string().as_bytes()).unwrap();
    let why = Warning::new("tool_call_cut_off", "the call of `write` was cut off and is left out");
    assert_eq!((cut.tool_calls.len(), cut.warnings), (0, vec![why]));
}

#[test]
fn a_beginning_that_comes_twice_is_one_and_two_answers_in_one_are_none() {
    let twice = reply("shape__anthropic_begun_twice.sse");
    assert_eq!((&*twice.text, &twice.finish), ("once", &FinishReason::Stop));
    let message = error("shape__anthropic_two_in_one.sse");
    assert!(message.contains("two answers in one"), "{message}");
}

#[test]
fn a_call_that_begins_twice_is_an_error() {
    let block = json!({ "type": "content_block_start", "index": 0, "content_block":
        { "type": "tool_use", "id": "a", "name": "run", "input": {} } });
    let stream = format!("data: {block}\n\ndata: {block}\n\n");
    let (_, error) = decode(&wire(), &[stream.as_bytes()]);
    assert!(error.unwrap().contains("began one tool call twice"));
}

#[test]
fn blocks_that_stand_in_the_beginning_and_kinds_of_tomorrow_are_not_lost() {
    let events = [
        json!({ "type": "message_start", "message": { "id": "m", "stop_reason": "tool_use",
            "content": [{ "type": "tool_use", "id": "a", "name": "find", "input": { "id": 7 } }],
            "container": { "id": "c_1" }, "usage": { "input_tokens": 5 } } }),
        json!({ "type": "content_block_start", "index": 1, "content_block":
            { "type": "compaction", "content": "Sum" } }),
        json!({ "type": "content_block_delta", "index": 1, "delta":
            { "type": "compaction_delta", "content": "mary", "encrypted_content": "e" } }),
        json!({ "type": "content_block_stop", "index": 1 }),
        json!({ "type": "event_of_tomorrow", "delta": 7 }),
        json!({ "type": "message_stop" }),
    ];
    let stream: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    let (events, error) = decode(&wire(), &[stream.as_bytes()]);
    assert_eq!(error, None);
    let reply = fold(events).unwrap();
    assert_eq!(calls(&reply), [("a", "find", "{\"id\":7}")]);
    assert_eq!(reply.extras[0].value["id"], "c_1");
    assert_eq!(reply.extras[1].value["content"], "Summary");
    assert_eq!(kept(&reply).unwrap()[1]["encrypted_content"], "e");
}

/// A block of that index began in no recording: arguments for it are refused rightly.
fn mutations_of_known_blocks(event: &Value) -> Vec<Value> {
    mutations(event).into_iter().filter(|changed| changed["index"] != 7).collect()
}

#[test]
fn no_unknown_field_null_or_other_type_breaks_the_decoder() {
    let mut tried = 0;
    for name in ["tools", "thinking", "citations", "fallback", "refusal"] {
        let events = chunks(&own_fixture(&format!("shape__anthropic_{name}.sse")));
        tried += survives(&wire(), &events, mutations_of_known_blocks);
    }
    assert!(tried > 1000, "{tried}");
}
