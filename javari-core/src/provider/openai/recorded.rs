//! Recorded and hand-written traffic through the decoder, cut at every byte.

use std::{collections::VecDeque, fs};

use futures::FutureExt;
use serde_json::{Value, json};

use super::{decode::ChatDecoder, embeddings::decode_embeddings, failure::Failures};
use crate::{
    error::{Error, ErrorKind, Result},
    http::{SseEvent, SseSplitter},
    provider::{ChatEvent, ChatReply},
    testkit,
    types::FinishReason,
};

fn failures() -> Failures {
    Failures {
        operation: "provider.chat",
        provider: "openai".to_owned(),
        key: None,
        request_id: None,
    }
}

type Decoded = (Vec<ChatEvent>, Option<String>);

fn decoder() -> ChatDecoder {
    ChatDecoder::new(failures(), "asked".to_owned(), true, 1)
}

/// A stream that arrives in these pieces: its events, and its error.
fn decode(pieces: &[&[u8]]) -> Decoded {
    let mut decoder = decoder();
    let mut events = VecDeque::new();
    let result = feed(&mut decoder, pieces, &mut events);
    assert_eq!(
        decoder.is_finished(),
        matches!(events.back(), Some(ChatEvent::Finished { .. })),
        "finished means the last event says so"
    );
    (events.into(), result.err().map(|error| error.to_string()))
}

fn feed(
    decoder: &mut ChatDecoder,
    pieces: &[&[u8]],
    events: &mut VecDeque<ChatEvent>,
) -> Result<()> {
    let mut splitter = SseSplitter::new(1 << 22);
    for piece in pieces {
        splitter.push(piece);
        while let Some(event) = splitter.next_event()? {
            decoder.decode(event, events)?;
        }
    }
    if let Some(event) = splitter.finish()? {
        decoder.decode(event, events)?;
    }
    decoder.end(events)
}

fn decode_whole(body: &[u8]) -> Result<ChatReply> {
    let mut events = VecDeque::new();
    decoder().decode_whole(body, &mut events)?;
    fold(events.into())
}

fn fold(events: Vec<ChatEvent>) -> Result<ChatReply> {
    let stream = Box::pin(futures::stream::iter(events.into_iter().map(Ok)));
    ChatReply::from_stream(stream).now_or_never().unwrap()
}

/// Decodes a stream whole, cut in two at every place, with other line ends, and cut short at every
/// place; returns its events.
fn decode_every_way(name: &str, stream: &[u8]) -> Decoded {
    let whole = decode(&[stream]);
    // Long recordings are cut at five hundred places spread over them.
    let step = if stream.len() < 8_000 { 1 } else { stream.len() / 500 };
    for cut in (0..=stream.len()).step_by(step) {
        let (left, right) = stream.split_at(cut);
        assert_eq!(decode(&[left, right]), whole, "{name} cut at {cut}");
    }
    assert_eq!(decode(&stream.chunks(1).collect::<Vec<_>>()), whole, "{name} byte by byte");
    if !stream.contains(&b'\r') {
        let text = String::from_utf8(stream.to_vec()).unwrap();
        for end in ["\r\n", "\r"] {
            assert_eq!(decode(&[text.replace('\n', end).as_bytes()]), whole, "{name} {end:?}");
        }
    }
    let done = memchr::memmem::find(stream, b"[DONE]").map_or(stream.len(), |at| at + 6);
    for length in (0..done).step_by(step) {
        let (events, error) = decode(&[&stream[..length]]);
        assert!(error.is_some(), "{name} of {length} bytes passed for whole: {events:?}");
    }
    whole
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/providers/");
    fs::read(format!("{folder}{name}")).unwrap()
}

fn reply(name: &str) -> ChatReply {
    let (events, error) = decode_every_way(name, &fixture(name));
    assert_eq!(error, None, "{name}");
    fold(events).unwrap()
}

fn calls(reply: &ChatReply) -> Vec<(&str, &str, &str)> {
    reply
        .tool_calls
        .iter()
        .map(|call| (call.id.as_str(), call.name.as_str(), call.arguments.as_str()))
        .collect()
}

#[test]
fn a_stream_and_its_unary_twin_are_one_reply() {
    let streamed = reply("shape__openai_stream.sse");
    assert_eq!(streamed.text, "Café 日本 🦀\n");
    assert_eq!((streamed.usage.input, streamed.usage.cached), (19, 5));
    assert_eq!(streamed.model, "gpt-4o-2024-08-06");
    assert_eq!(decode_whole(&fixture("shape__openai_unary.json")).unwrap(), streamed);
}

#[test]
fn parallel_tool_calls_are_joined_by_index_else_id_else_place() {
    let parallel = reply("shape__parallel_tools.sse");
    assert_eq!(
        calls(&parallel),
        [("call_a", "alpha", "{\"a\":1}"), ("call_b", "beta", "{\"b\":2}")]
    );
    let same_index = reply("shape__tools_same_index.sse");
    assert_eq!(calls(&same_index), [("x1", "alpha", "{\"a\":1}"), ("x2", "beta", "{\"b\":2}")]);
    assert_eq!(same_index.finish, FinishReason::ToolCalls);
    let without_id = reply("shape__tools_without_id.sse");
    assert_eq!(calls(&without_id), [("call_c3_0", "alpha", "{\"a\":1}")]);
    let unary = decode_whole(&fixture("shape__tool_without_id_unary.json")).unwrap();
    assert_eq!(calls(&unary), [("call_c4_0", "get_current_time", "{}")]);
}

#[test]
fn dialects_are_understood() {
    let reasoning = reply("shape__reasoning_crlf.sse");
    assert_eq!((reasoning.reasoning.as_str(), reasoning.text.as_str()), ("Let me think", "Yes"));
    assert_eq!(reasoning.finish, FinishReason::Other("eos_token".to_owned()));
    assert_eq!((reasoning.usage.output, reasoning.usage.estimated), (3, false));
    assert_eq!(reasoning.extras[0].value[0]["signature"], "s");
    let sonar = reply("shape__sonar.sse");
    assert_eq!(sonar.text, "One two");
    assert_eq!(sonar.extras[0].value, json!(["https://a.example"]));
    let refusal = reply("shape__refusal.sse");
    assert_eq!((refusal.refusal.as_str(), refusal.text.as_str()), ("I cannot", ""));
    assert_eq!(refusal.finish, FinishReason::ContentFilter);
}

#[test]
fn an_error_in_a_stream_ends_it() {
    let (events, error) = decode_every_way("error", &fixture("shape__error_in_stream.sse"));
    assert_eq!(events.len(), 2);
    assert!(error.unwrap().starts_with("PROVIDER_REFUSED at provider.chat"));
    let (_, error) = decode(&[b"event: error\ndata: {\"code\":429,\"message\":\"slow\"}\n\n"]);
    assert!(error.unwrap().starts_with("RATE_LIMITED at provider.chat"));
}

/// Puts nulls, other types, unknown values and unknown fields in every place of every chunk.
#[test]
fn no_unknown_field_null_or_other_type_breaks_the_decoder() {
    let stream = String::from_utf8(fixture("shape__parallel_tools.sse")).unwrap();
    let chunks: Vec<Value> =
        stream.lines().filter_map(|line| serde_json::from_str(line.get(6..)?).ok()).collect();
    assert_eq!(chunks.len(), 5);
    let mut tried = 0;
    for chunk in &chunks {
        let mut paths = Vec::new();
        collect_paths(chunk, String::new(), &mut paths);
        for path in &paths {
            for odd in [json!(null), json!("odd"), json!(7), json!(-1.5), json!(true)] {
                let mut changed = chunk.clone();
                let place = changed.pointer_mut(path).unwrap();
                // Another type is tried in place of a text or number; what was a list, an object or
                // may be one is tried as null alone.
                let is_scalar = place.is_string() || place.is_number();
                if !odd.is_null() && !is_scalar {
                    continue;
                }
                *place = odd;
                decodes(&changed);
                tried += 1;
            }
            let mut changed = chunk.clone();
            if let Some(Value::Object(map)) = changed.pointer_mut(path) {
                map.insert("unheard_of".to_owned(), json!({ "a": [1] }));
                decodes(&changed);
                tried += 1;
            }
        }
    }
    assert!(tried > 100, "{tried}");
}

fn decodes(chunk: &Value) {
    let mut events = VecDeque::new();
    let data = chunk.to_string();
    let event = SseEvent { name: b"", data: data.as_bytes() };
    let result = decoder().decode(event, &mut events);
    assert!(result.is_ok(), "{chunk}: {result:?}");
}

fn collect_paths(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                collect_paths(value, format!("{path}/{key}"), paths);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                collect_paths(value, format!("{path}/{index}"), paths);
            }
        }
        _ => {}
    }
    // The chunk itself and an element of a list are never null in any server seen.
    let last = path.rsplit('/').next().unwrap_or_default();
    if !path.is_empty() && last.parse::<usize>().is_err() {
        paths.push(path);
    }
}

/// One recorded exchange: path, status, body.
struct Exchange {
    path: String,
    status: u16,
    body: String,
}

/// Reads the two forms of YAML the recorders write: block texts and single-quoted texts.
fn exchanges(yaml: &str) -> Vec<Exchange> {
    let mut exchanges = Vec::new();
    for document in yaml.split("\n---\n") {
        let mut path = String::new();
        let mut status = 200;
        let mut body = None;
        let mut lines = document.lines().peekable();
        let mut in_reply = false;
        while let Some(line) = lines.next() {
            let text = line.trim_start();
            in_reply |= text == "then:" || text == "response:";
            if let Some(value) = text.strip_prefix("path: ").or(text.strip_prefix("uri: ")) {
                path = value.to_owned();
            } else if let Some(code) =
                text.strip_prefix("status: ").or(text.strip_prefix("code: ")).filter(|_| in_reply)
            {
                status = code.parse().unwrap();
            } else if let Some(value) =
                text.strip_prefix("body: ").or(text.strip_prefix("string: ")).filter(|_| in_reply)
            {
                body = Some(if value.starts_with('|') {
                    let indent = line.len() - text.len() + 2;
                    let mut block = String::new();
                    while let Some(line) = lines.next_if(|line| {
                        line.trim().is_empty()
                            || line.get(..indent).is_some_and(|lead| lead.trim().is_empty())
                    }) {
                        block.push_str(line.get(indent..).unwrap_or_default());
                        block.push('\n');
                    }
                    block
                } else {
                    let quoted =
                        value.strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
                    quoted.unwrap_or(value).replace("''", "'")
                });
            }
        }
        exchanges.extend(body.map(|body| Exchange { path, status, body }));
    }
    exchanges
}

#[test]
fn recorded_traffic_decodes_the_same_under_every_cut() {
    let Some(root) = testkit::fixtures("providers") else { return };
    let (mut streams, mut wholes, mut errors, mut vectors) = (0, 0, 0, 0);
    for folder in ["openai_chat", "compat"] {
        let mut files: Vec<_> =
            fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files {
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&file).unwrap();
            let raw =
                |path: &str| vec![Exchange { path: path.into(), status: 200, body: text.clone() }];
            let exchanges = match name.as_str() {
                _ if name.ends_with(".yaml") => exchanges(&text),
                _ if name.starts_with("genai__openai__") => raw("/v1/chat/completions"),
                // Ollama's own wire and bare error bodies are read elsewhere or below.
                _ => Vec::new(),
            };
            for Exchange { path, status, body } in exchanges {
                let is_chat = path.ends_with("/chat/completions");
                if status >= 400 {
                    let json: Value = serde_json::from_str(&body).unwrap();
                    let error = failures().of_body(&json);
                    assert!(error.to_string().contains("words="), "{name}: {error}");
                    errors += 1;
                } else if is_chat && body.contains("data: ") {
                    let (events, error) = decode_every_way(&name, body.as_bytes());
                    if name.contains("stream_error") {
                        assert!(error.unwrap().contains("Token limit reached"));
                    } else {
                        assert_eq!(error, None, "{name}");
                        let reply = fold(events).unwrap();
                        let said = !reply.text.is_empty()
                            || !reply.refusal.is_empty()
                            || !reply.reasoning.is_empty()
                            || !reply.tool_calls.is_empty();
                        assert!(said, "{name}: {reply:?}");
                        let is_told = body.contains("\"usage\":{");
                        assert_eq!(reply.usage.estimated, !is_told, "{name}");
                        for call in reply
                            .tool_calls
                            .iter()
                            .filter(|_| reply.finish == FinishReason::ToolCalls)
                        {
                            serde_json::from_str::<Value>(&call.arguments)
                                .unwrap_or_else(|fault| panic!("{name}: {fault}: {call:?}"));
                        }
                    }
                    streams += 1;
                } else if is_chat {
                    let reply = decode_whole(body.as_bytes()).unwrap();
                    assert!(!reply.text.is_empty() || !reply.tool_calls.is_empty(), "{name}");
                    wholes += 1;
                } else if path.ends_with("/embeddings") {
                    let mut found = Vec::new();
                    let usage =
                        decode_embeddings(body.as_bytes(), 1, &failures(), &mut found).unwrap();
                    assert!(usage.is_some_and(|usage| usage.input > 0) && !found[0].is_empty());
                    vectors += 1;
                }
            }
        }
    }
    println!(
        "decoded {streams} streams, {wholes} whole replies, {errors} errors, {vectors} vectors"
    );
    assert!(streams >= 8 && wholes >= 1 && errors >= 2 && vectors >= 2);
}

#[test]
fn a_recorded_refusal_of_a_parameter_names_it() {
    let Some(root) = testkit::fixtures("providers") else { return };
    let file =
        root.join("openai_chat/ai__openai__chat__reasoning-model-legacy-parameter-error.json");
    let json: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let error: Error = failures().of_body(&json);
    assert_eq!(error.kind(), ErrorKind::ProviderRefused);
    assert!(error.to_string().contains("param=max_tokens"));
}
