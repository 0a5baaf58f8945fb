//! Recorded traffic: every answer through the decoder, and requests as others' clients sent them.

use std::{fs, iter::Peekable, path::PathBuf};

use serde_json::{Map, Value, json};

use super::{
    super::{
        Wire,
        testing::{Exchange, calls, decode_whole, exchanges, failures, fold, framed, used},
    },
    AnthropicMessages,
    shapes::{decode_every_way, kept, wire},
};
use crate::{
    error::ErrorKind,
    provider::{ChatReply, ChatRequest, ToolChoice, ToolSpec},
    testkit,
    types::{FinishReason, Message, Usage},
};

fn folder() -> Option<PathBuf> {
    Some(testkit::fixtures("providers")?.join("anthropic"))
}

fn read(name: &str) -> Option<String> {
    Some(fs::read_to_string(folder()?.join(name)).unwrap())
}

/// The recorded exchanges of a file, in order.
fn exchanged(name: &str) -> Option<Vec<Exchange>> {
    Some(exchanges(&read(&format!("rig__anthropic__{name}.yaml"))?))
}

fn streamed(name: &str, stream: &str) -> ChatReply {
    let (events, error) = decode_every_way(name, stream.as_bytes());
    assert_eq!(error, None, "{name}");
    fold(events).unwrap()
}

/// The text, the reason and the usage of an answer that says no more.
fn plain(reply: &ChatReply) -> (&str, &FinishReason, Usage) {
    assert_eq!((calls(reply), kept(reply), &*reply.refusal), (Vec::new(), None, ""));
    (&reply.text, &reply.finish, reply.usage)
}

#[test]
fn every_recording_of_this_wire_is_read_by_a_test_of_this_file() {
    let Some(folder) = folder() else { return };
    let own = include_str!("recorded.rs");
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let short = name.trim_start_matches("rig__anthropic__").trim_end_matches(".yaml");
        assert!(own.contains(short), "{name} is read by no test");
    }
}

#[test]
fn recorded_texts_are_read_with_pings_and_with_padding() {
    let Some(lines) = read("ai__anthropic__anthropic-text.chunks.txt") else { return };
    let reply = streamed("text", &framed(&lines));
    let text = "Hello! I'm doing well, thank you for asking. How are you doing today? Is there \
                anything I can help you with?";
    assert_eq!(plain(&reply), (text, &FinishReason::Stop, used(12, 30)));
    assert_eq!(reply.model, "claude-sonnet-4-5-20250929");

    let stream = read("genai__anthropic__ping_stream__response_000.txt").unwrap();
    let reply = streamed("ping", &stream);
    assert_eq!(plain(&reply), ("Hello!", &FinishReason::Stop, used(25, 15)));
}

#[test]
fn recorded_reads_and_writes_of_the_cache_are_counted_as_input() {
    let Some(stream) = read("genai__anthropic__usage_cache_creation_stream__response_000.txt")
    else {
        return;
    };
    let wrote = Usage { cache_written: 4202, ..used(4211, 5) };
    assert_eq!(plain(&streamed("write", &stream)), ("OK.", &FinishReason::Stop, wrote));

    let stream = read("genai__anthropic__usage_cache_stream__response_000.txt").unwrap();
    let served = Usage { cached: 4202, ..used(4211, 5) };
    assert_eq!(plain(&streamed("read", &stream)), ("OK.", &FinishReason::Stop, served));
}

#[test]
fn a_recorded_refusal_says_why_and_which_rule_it_was() {
    let Some(lines) = read("ai__anthropic__anthropic-refusal.chunks.txt") else { return };
    let reply = streamed("refusal", &framed(&lines));
    assert_eq!((&*reply.text, &reply.finish), ("", &FinishReason::Refusal));
    assert!(reply.refusal.starts_with("This request triggered restrictions on violative cyber"));
    assert_eq!(reply.extras[0].value["category"], "cyber");
    assert_eq!(reply.extras[0].value["recommended_model"], "claude-fable-5");
    assert_eq!(reply.usage, used(18, 5));
}

#[test]
fn recorded_tool_calls_have_their_arguments_whole() {
    let Some(unicode) = exchanged("messages_tool_args__unicode_arguments_streaming") else {
        return;
    };
    let reply = streamed("unicode", &unicode[0].body);
    let arguments = "{\"message\": \"Grüße aus 東京, from the \\\"naïve café\\\"!\"}";
    assert_eq!(calls(&reply), [("toolu_REDACTED_1", "echo", arguments)]);
    assert_eq!((&reply.finish, reply.usage), (&FinishReason::ToolCalls, used(618, 68)));

    let none = exchanged("messages_tool_args__zero_argument_tool_use_streaming").unwrap();
    let reply = streamed("zero", &none[0].body);
    assert_eq!(calls(&reply), [("toolu_REDACTED_1", "ping", "{}")]);
    assert_eq!((&reply.finish, reply.usage), (&FinishReason::ToolCalls, used(575, 35)));

    let parallel =
        exchanged("messages_sessions__parallel_tool_use_single_turn_nonstreaming").unwrap();
    let asked = decode_whole(&wire(), parallel[0].body.as_bytes()).unwrap();
    let both = [
        ("toolu_REDACTED_1", "lookup_harbor_label", "{}"),
        ("toolu_REDACTED_2", "lookup_orchard_label", "{}"),
    ];
    assert_eq!(calls(&asked), both);
    assert_eq!(asked.text, "I'll call both tools simultaneously right away!");
    assert_eq!((&asked.finish, asked.usage), (&FinishReason::ToolCalls, used(700, 70)));
    let answered = decode_whole(&wire(), parallel[1].body.as_bytes()).unwrap();
    let (text, finish, usage) = plain(&answered);
    assert!(text.contains("**crimson-harbor**") && text.contains("**silver-orchard**"));
    assert_eq!((finish, usage), (&FinishReason::Stop, used(846, 26)));
}

#[test]
fn recorded_whole_replies_are_read() {
    let Some(body) = read("ai__anthropic__anthropic-json-output-format.1.json") else { return };
    let reply = decode_whole(&wire(), body.as_bytes()).unwrap();
    let recipe: Value = serde_json::from_str(&reply.text).unwrap();
    assert_eq!(recipe["recipe"]["name"], "Classic Lasagna");
    assert_eq!((&reply.finish, reply.usage), (&FinishReason::Stop, used(371, 629)));

    // Its headers ask to wait although it succeeded; nothing here reads them.
    let yaml = read("pyd__test_gateway__test_gateway_provider_with_anthropic.yaml").unwrap();
    let body = parsed_body(&yaml, "  response:").to_string();
    let reply = decode_whole(&wire(), body.as_bytes()).unwrap();
    let said = ("The capital of France is Paris.", &FinishReason::Stop, used(14, 10));
    assert_eq!(plain(&reply), said);
}

#[test]
fn a_recorded_stop_before_the_first_word_is_an_empty_answer() {
    let Some(stopped) = exchanged("empty_stop_sequence_matrix__streaming_empty_stop_sequence")
    else {
        return;
    };
    let reply = streamed("stopped", &stopped[0].body);
    assert_eq!(plain(&reply), ("", &FinishReason::Stop, used(18, 1)));
}

#[test]
fn recorded_streams_that_break_off_or_leave_a_tool_out_are_errors() {
    let Some(stream) = read("dd__stream_truncated_before_message_stop.sse") else { return };
    let (events, error) = decode_every_way("truncated", stream.as_bytes());
    assert!(events.is_empty(), "{events:?}");
    assert!(error.unwrap().contains("the answer ended before it was complete"));

    let stream = read("dd__delta_without_content_block_start.sse").unwrap();
    let (events, error) = decode_every_way("without start", stream.as_bytes());
    assert_eq!(events.len(), 2, "{events:?}");
    assert!(error.unwrap().contains("arguments of a tool that it did not name"));
}

#[test]
fn a_recorded_refusal_of_a_key_is_one() {
    let Some(refused) = exchanged("error_identity_edge__auth_rejection_carries_identity") else {
        return;
    };
    assert_eq!(refused[0].status, 401);
    let json: Value = serde_json::from_str(&refused[0].body).unwrap();
    let error = failures().of_body(&json);
    assert_eq!(error.kind(), ErrorKind::CredentialRefused);
    assert!(error.to_string().contains("words=API key is invalid."), "{error}");
}

#[test]
fn requests_are_written_as_other_clients_of_the_service_wrote_them() {
    let Some(parallel) = exchanged("messages_sessions__parallel_tool_use_single_turn_nonstreaming")
    else {
        return;
    };
    let recorded =
        |exchange: &Exchange| -> Value { serde_json::from_str(&exchange.request).unwrap() };
    let text = |json: &Value, path: &str| json.pointer(path).unwrap().as_str().unwrap().to_owned();
    let question = |json: &Value| text(json, "/messages/0/content/0/text");
    let system = |json: &Value| Message::system(text(json, "/system/0/text"));

    let first = recorded(&parallel[0]);
    let mut request = ChatRequest::new(vec![system(&first), Message::user(question(&first))]);
    request.max_tokens = Some(2048);
    request.tools = vec![
        tool("lookup_harbor_label", "Return the alpha signal marker.", json!({})),
        tool("lookup_orchard_label", "Return the beta signal marker.", json!({})),
    ];
    assert_eq!(written(&request, "claude-sonnet-4-6", true), first);

    let asked = decode_whole(&wire(), parallel[0].body.as_bytes()).unwrap();
    request.messages.push(asked.to_message());
    request.messages.push(Message::tool("toolu_REDACTED_1", "crimson-harbor"));
    request.messages.push(Message::tool("toolu_REDACTED_2", "silver-orchard"));
    assert_eq!(written(&request, "claude-sonnet-4-6", true), recorded(&parallel[1]));

    for (name, tool) in [
        (
            "unicode_arguments",
            tool(
                "echo",
                "Echo a message back to the user.",
                json!({ "message": { "type": "string" } }),
            ),
        ),
        ("zero_argument_tool_use", tool("ping", "A zero-argument tool named ping.", json!({}))),
    ] {
        let name = format!("messages_tool_args__{name}_streaming");
        let stream = recorded(&exchanged(&name).unwrap()[0]);
        let mut request = ChatRequest::new(vec![system(&stream), Message::user(question(&stream))]);
        request.max_tokens = Some(1024);
        request.tool_choice = Some(ToolChoice::Auto);
        request.tools = vec![tool];
        assert_eq!(written(&request, "claude-sonnet-4-6", false), stream, "{name}");
    }

    let stopped = exchanged("empty_stop_sequence_matrix__streaming_empty_stop_sequence").unwrap();
    let stopped = recorded(&stopped[0]);
    let mut request = ChatRequest::ask(question(&stopped));
    request.max_tokens = Some(32);
    request.stop = vec!["alpha".to_owned()];
    assert_eq!(written(&request, "claude-haiku-4-5", false), stopped);

    let yaml = read("pyd__test_gateway__test_gateway_provider_with_anthropic.yaml").unwrap();
    let mut sent = parsed_body(&yaml, "- request:");
    sent.as_object_mut().unwrap().remove("stream");
    let mut request = ChatRequest::ask(question(&sent));
    request.max_tokens = Some(4096);
    assert_eq!(written(&request, "claude-sonnet-4-5", true), sent);
}

fn written(request: &ChatRequest, model: &str, whole: bool) -> Value {
    let wire = AnthropicMessages::new("anthropic", Some("2023-06-01"));
    let call = wire.encode(request, model, whole).unwrap();
    assert_eq!((&*call.path, call.warnings), ("messages", Vec::new()));
    assert_eq!(call.headers, [("anthropic-version", "2023-06-01".to_owned())]);
    serde_json::from_slice(&call.body).unwrap()
}

fn tool(name: &str, description: &str, properties: Value) -> ToolSpec {
    let required: Vec<String> = properties.as_object().unwrap().keys().cloned().collect();
    let parameters = json!({ "type": "object", "properties": properties, "required": required });
    ToolSpec { name: name.to_owned(), description: description.to_owned(), parameters }
}

/// A body that a recording holds as YAML, after the line that opens its side.
fn parsed_body(yaml: &str, side: &str) -> Value {
    let (_, rest) = yaml.split_once(side).unwrap();
    let (_, rest) = rest.split_once("    parsed_body:\n").unwrap();
    let lines = rest.lines().map(|line| {
        let text = line.trim_start();
        (line.len() - text.len(), text)
    });
    block(&mut lines.collect::<Vec<_>>().into_iter().peekable(), 6)
}

/// The maps and plain values of block YAML at a depth, with the lists in them.
fn block<'a>(lines: &mut Peekable<impl Iterator<Item = (usize, &'a str)>>, depth: usize) -> Value {
    let mut map = Map::new();
    while let Some((_, text)) =
        lines.next_if(|(indent, text)| *indent == depth && !text.starts_with("- "))
    {
        let (name, value) = text.split_once(':').unwrap();
        map.insert(name.to_owned(), value_of(lines, value.trim(), depth));
    }
    Value::Object(map)
}

fn value_of<'a>(
    lines: &mut Peekable<impl Iterator<Item = (usize, &'a str)>>,
    value: &str,
    depth: usize,
) -> Value {
    if !value.is_empty() {
        return serde_json::from_str(value).unwrap_or_else(|_| json!(value));
    }
    // A list may stand as deep as its name.
    let inner = lines.peek().filter(|(_, next)| next.starts_with("- ")).map(|(indent, _)| *indent);
    let Some(inner) = inner.filter(|inner| *inner >= depth) else {
        return block(lines, depth + 2);
    };
    let mut items = Vec::new();
    while let Some((_, text)) =
        lines.next_if(|(indent, text)| *indent == inner && text.starts_with("- "))
    {
        let (name, value) = text.trim_start_matches("- ").split_once(':').unwrap();
        let value = value_of(lines, value.trim(), inner + 2);
        let mut item = block(lines, inner + 2);
        item[name] = value;
        items.push(item);
    }
    Value::Array(items)
}
