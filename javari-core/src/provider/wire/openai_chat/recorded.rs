//! Recorded and hand-written traffic through the decoder, cut at every byte.

use std::fs;

use serde_json::Value;

use super::{
    super::{
        embedding::{decode_embeddings, floats},
        testing::{
            self, Decoded, Exchange, calls, decode, end_of, exchanges, failures, fold, own_fixture,
        },
    },
    OpenAiChat,
};
use crate::{
    error::{Error, ErrorKind, Result},
    provider::ChatReply,
    testkit,
    types::FinishReason,
};

fn wire() -> OpenAiChat {
    OpenAiChat {
        provider: "openai".to_owned(),
        strict: false,
        done_marker: true,
        stream_usage: true,
    }
}

fn decode_every_way(name: &str, stream: &[u8]) -> Decoded {
    testing::decode_every_way(&wire(), name, stream, end_of(stream, "[DONE]"))
}

fn decode_whole(body: &[u8]) -> Result<ChatReply> {
    testing::decode_whole(&wire(), body)
}

fn reply(name: &str) -> ChatReply {
    let (events, error) = decode_every_way(name, &own_fixture(name));
    assert_eq!(error, None, "{name}");
    fold(events).unwrap()
}

#[test]
fn a_stream_and_its_unary_twin_are_one_reply() {
    let streamed = reply("shape__openai_stream.sse");
    assert_eq!(streamed.text, "Café 日本 🦀\n");
    assert_eq!((streamed.usage.input, streamed.usage.cached), (19, 5));
    assert_eq!(streamed.model, "gpt-4o-2024-08-06");
    assert_eq!(decode_whole(&own_fixture("shape__openai_unary.json")).unwrap(), streamed);
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
    let unary = decode_whole(&own_fixture("shape__tool_without_id_unary.json")).unwrap();
    assert_eq!(calls(&unary), [("call_c4_0", "get_current_time", "{}")]);
}

#[test]
fn dialects_are_understood() {
    let reasoning = reply("shape__reasoning_crlf.sse");
    assert_eq!((reasoning.reasoning.as_str(), reasoning.text.as_str()), ("Let me think", "Yes"));
    assert_eq!(reasoning.finish, FinishReason::Other("eos_token".to_owned()));
    assert_eq!((reasoning.usage.output, reasoning.usage.estimated), (3, false));
    assert_eq!(reasoning.extras[0].value[0]["signature"], "s");
    let refusal = reply("shape__refusal.sse");
    assert_eq!((refusal.refusal.as_str(), refusal.text.as_str()), ("I cannot", ""));
    assert_eq!(refusal.finish, FinishReason::ContentFilter);
}

#[test]
fn an_error_in_a_stream_ends_it() {
    let (events, error) = decode_every_way("error", &own_fixture("shape__error_in_stream.sse"));
    assert_eq!(events.len(), 2);
    assert!(error.unwrap().starts_with("PROVIDER_REFUSED at provider.chat"));
    let (_, error) =
        decode(&wire(), &[b"event: error\ndata: {\"code\":429,\"message\":\"slow\"}\n\n"]);
    assert!(error.unwrap().starts_with("RATE_LIMITED at provider.chat"));
}

#[test]
fn no_unknown_field_null_or_other_type_breaks_the_decoder() {
    let chunks = testing::chunks(&own_fixture("shape__parallel_tools.sse"));
    assert_eq!(chunks.len(), 5);
    let tried = testing::survives(&wire(), &chunks, testing::mild_mutations);
    assert!(tried > 100, "{tried}");
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
            let raw = |path: &str| {
                vec![Exchange {
                    path: path.into(),
                    request: String::new(),
                    status: 200,
                    body: text.clone(),
                }]
            };
            let exchanges = match name.as_str() {
                _ if name.ends_with(".yaml") => exchanges(&text),
                _ if name.starts_with("genai__openai__") => raw("/v1/chat/completions"),
                // Ollama's own wire and bare error bodies are read elsewhere or below.
                _ => Vec::new(),
            };
            for Exchange { path, status, body, .. } in exchanges {
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
                            || !reply.tool_calls.is_empty()
                            || !reply.warnings.is_empty();
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
                        decode_embeddings(body.as_bytes(), 1, &failures(), &mut found, floats)
                            .unwrap();
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
