//! Recorded and hand-written traffic through the decoder, cut at every byte.

use std::fs;

use serde_json::{Value, json};

use super::{
    super::testing::{
        self, Exchange, calls, decode_every_way, end_of, exchanges, fold, mild_mutations,
        own_fixture, survives,
    },
    Ollama,
};
use crate::{
    error::ErrorKind,
    provider::{ChatReply, ChatRequest, Effort, ToolSpec, wire::Wire},
    testkit,
    types::{FinishReason, Message},
};

fn wire() -> Ollama {
    Ollama { provider: "ollama".to_owned() }
}

fn streamed(name: &str, stream: &[u8]) -> ChatReply {
    // The line feed is no part of the line that ends the answer.
    let terminal = end_of(stream.trim_ascii_end(), "}");
    let (events, error) = decode_every_way(&wire(), name, stream, terminal);
    assert_eq!(error, None, "{name}");
    fold(events).unwrap()
}

fn reply(name: &str) -> ChatReply {
    streamed(name, &own_fixture(name))
}

#[test]
fn a_stream_and_its_unary_twin_are_one_reply() {
    let streamed = reply("shape__ollama_text.ndjson");
    assert_eq!((streamed.text.as_str(), streamed.model.as_str()), ("Café 日本 🦀\n", "qwen3"));
    assert_eq!(
        (streamed.usage.input, streamed.usage.output, streamed.usage.estimated),
        (19, 6, false)
    );
    assert_eq!(streamed.finish, FinishReason::Stop);
    let unary = own_fixture("shape__ollama_unary.json");
    assert_eq!(testing::decode_whole(&wire(), &unary).unwrap(), streamed);
}

#[test]
fn thinking_is_reasoning_and_calls_get_the_ids_they_lack() {
    let called = reply("shape__ollama_thinking_tools.ndjson");
    assert_eq!((called.reasoning.as_str(), called.text.as_str()), ("Let me think", ""));
    assert_eq!(
        calls(&called),
        [("call_2026-08-04T19:59:02Z_0", "alpha", "{\"a\":1}"), ("call_x", "beta", "{}")]
    );
    assert_eq!(called.finish, FinishReason::ToolCalls);
    assert_eq!(reply("shape__ollama_length.ndjson").finish, FinishReason::Length);
}

#[test]
fn a_line_with_an_error_ends_a_stream_and_a_body_with_one_is_no_reply() {
    let stream = own_fixture("shape__ollama_error.ndjson");
    let (events, error) = decode_every_way(&wire(), "error", &stream, stream.len());
    assert_eq!(events.len(), 2);
    assert!(error.unwrap().contains("unexpected EOF"));
    for body in ["{\"error\":\"model 'x' not found\"}", "{}", "no JSON"] {
        let error = testing::decode_whole(&wire(), body.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProviderFailed, "{body}");
    }
}

#[test]
fn no_unknown_field_null_or_other_type_breaks_the_decoder() {
    let mut tried = 0;
    for name in ["shape__ollama_text.ndjson", "shape__ollama_thinking_tools.ndjson"] {
        let text = String::from_utf8(own_fixture(name)).unwrap();
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        tried += survives(&wire(), &lines, mild_mutations);
    }
    assert!(tried > 250, "{tried}");
}

#[test]
fn the_models_of_the_machine_are_listed() {
    let body = br#"{"models":[{"name":"qwen3:latest","model":"qwen3:latest","size":5},
        {"name":"gpt-oss:20b"},{"model":null}]}"#;
    let models = wire().decode_models(body).unwrap();
    let names: Vec<_> = models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!((names, wire().models_path()), (vec!["qwen3:latest", "gpt-oss:20b"], "tags"));
    assert!(wire().decode_models(b"{\"data\":[]}").is_none());
}

#[test]
fn every_recording_of_ollama_means_what_its_manifest_says() {
    let Some(root) = testkit::fixtures("providers") else { return };
    let read = |name: &str| fs::read_to_string(root.join("compat").join(name)).unwrap();

    let raw = read("genai__ollama_cloud__simple_stream__response_000.txt");
    let sky = streamed("simple_stream", raw.as_bytes());
    assert!(sky.text.starts_with("The sky appears blue") && sky.text.ends_with("red and orange."));
    assert_eq!((sky.usage.input, sky.usage.output, sky.model.as_str()), (21, 40, "gemma3:4b"));

    let recorded = exchanges(&read("rig__ollama__streaming_tools__streaming_tools_smoke.yaml"));
    let [first, second] = recorded.as_slice() else { panic!("two turns were recorded") };
    let asks = streamed("first turn", first.body.as_bytes());
    assert_eq!(calls(&asks), [("call_REDACTED_1", "subtract", "{\"x\":2,\"y\":5}")]);
    assert_eq!((asks.usage.input, asks.usage.output), (237, 321));
    assert_eq!(asks.finish, FinishReason::ToolCalls);
    let says = streamed("second turn", second.body.as_bytes());
    assert!(says.text.ends_with("is **-3**.") && says.tool_calls.is_empty());
    assert_eq!(
        (says.usage.input, says.usage.output, &says.finish),
        (570, 192, &FinishReason::Stop)
    );

    assert_requests_as_recorded(first, second, &asks);
}

/// Both turns as Javari asks for them, beside the recorded requests.
fn assert_requests_as_recorded(first: &Exchange, second: &Exchange, asks: &ChatReply) {
    let recorded = |exchange: &Exchange| -> Value {
        assert_eq!(exchange.path, "/api/chat");
        serde_json::from_str(&exchange.request).unwrap()
    };
    let encode = |request: &ChatRequest| -> Value {
        let call = wire().encode(request, "qwen3:4b", false).unwrap();
        serde_json::from_slice(&call.body).unwrap()
    };
    let mut request = ChatRequest::new(vec![
        Message::system(
            "You are a calculator. Use the provided tools before answering arithmetic questions.",
        ),
        Message::user("Calculate 2 - 5."),
    ]);
    request.effort = Some(Effort::None);
    let number = |description: &str| json!({ "type": "number", "description": description });
    let tool = |name: &str, description: &str, x: &str, y: &str| ToolSpec {
        name: name.to_owned(),
        description: description.to_owned(),
        parameters: json!({ "type": "object", "required": ["x", "y"],
            "properties": { "x": number(x), "y": number(y) } }),
    };
    request.tools = vec![
        tool("add", "Add x and y together", "The first number to add", "The second number to add"),
        tool(
            "subtract",
            "Subtract y from x (i.e.: x - y)",
            "The number to subtract from",
            "The number to subtract",
        ),
    ];
    assert_eq!(encode(&request), recorded(first));
    request.messages.extend([asks.to_message(), Message::tool("call_REDACTED_1", "-3")]);
    let (mut ours, mut theirs) = (encode(&request), recorded(second));
    // Newer versions of Ollama give ids, and take them back.
    let id = ours["messages"][2]["tool_calls"][0].as_object_mut().unwrap().remove("id");
    let of = ours["messages"][3].as_object_mut().unwrap().remove("tool_call_id");
    assert_eq!((id, of), (Some(json!("call_REDACTED_1")), Some(json!("call_REDACTED_1"))));
    theirs["messages"][2]["tool_calls"][0].as_object_mut().unwrap().remove("type");
    assert_eq!(ours, theirs);
}
