//! What a request is written as, word by word.

use serde_json::{Value, json};

use super::{super::Wire, AnthropicMessages};
use crate::{
    provider::{ChatRequest, Effort, Passage, ToolChoice, ToolSpec, wire::replay},
    types::{ContentPart, Message, ServiceTier, ToolCall},
};

fn written(request: &ChatRequest, model: &str, version: Option<&str>) -> (Value, Vec<String>) {
    let call = AnthropicMessages::new("anthropic", version).encode(request, model, false).unwrap();
    let codes = call.warnings.into_iter().map(|warning| warning.code).collect();
    (serde_json::from_slice(&call.body).unwrap(), codes)
}

fn call(id: &str) -> ToolCall {
    ToolCall { id: id.into(), name: "look".into(), arguments: "{\"a\":1}".into() }
}

#[test]
fn what_the_host_says_stands_at_the_top_and_results_of_tools_are_one_turn() {
    let mut request = ChatRequest::new(vec![
        Message::system("Be brief."),
        Message::user("Which?"),
        Message::assistant("").with_tool_calls(vec![call("c1"), call("c2")]),
        Message::tool("c1", "one"),
        Message::tool("c2", "two"),
    ]);
    let parameters = json!({ "properties": {} });
    request.tools =
        vec![ToolSpec { name: "look".into(), description: "Looks.".into(), parameters }];
    request.tool_choice = Some(ToolChoice::Required);
    let (body, warnings) = written(&request, "claude-haiku-5-5", None);
    assert_eq!(warnings, [""; 0]);
    assert_eq!(body["system"], json!([{ "type": "text", "text": "Be brief." }]));
    let roles: Vec<_> =
        body["messages"].as_array().unwrap().iter().map(|one| &one["role"]).collect();
    assert_eq!(roles, ["user", "assistant", "user"]);
    let used = json!({ "type": "tool_use", "id": "c1", "name": "look", "input": { "a": 1 } });
    assert_eq!(body["messages"][1]["content"][0], used);
    let results = body["messages"][2]["content"].as_array().unwrap();
    let ids: Vec<_> = results.iter().map(|result| &result["tool_use_id"]).collect();
    assert_eq!(ids, ["c1", "c2"]);
    let schema = json!({ "type": "object", "properties": {} });
    assert_eq!(body["tools"][0]["input_schema"], schema);
    assert_eq!(body["tool_choice"], json!({ "type": "any" }));
    assert_eq!(body["max_tokens"], 128_000);
}

#[test]
fn signed_thinking_goes_back_as_it_came_and_not_to_another_model_or_after_a_change() {
    let thought = json!({ "type": "thinking", "thinking": "Hm.", "signature": "s" });
    let blocks = vec![thought.clone(), json!({ "type": "text", "text": "Yes." })];
    let mut answer = Message::assistant("Yes.");
    answer.extras = vec![replay::keep(super::NAME, "claude-haiku-5-5", blocks, "Yes.", &[])];
    let turns = |answer: &Message| {
        ChatRequest::new(vec![Message::user("So?"), answer.clone(), Message::user("Why?")])
    };
    let (body, warnings) = written(&turns(&answer), "claude-haiku-5-5", None);
    assert_eq!((&body["messages"][1]["content"][0], warnings.len()), (&thought, 0));

    answer.content = "No.".into();
    let (body, warnings) = written(&turns(&answer), "claude-haiku-5-5", None);
    assert_eq!(body["messages"][1]["content"], json!([{ "type": "text", "text": "No." }]));
    assert_eq!(warnings, ["replay"]);
}

#[test]
fn sampling_is_sent_to_the_version_that_takes_it_and_told_of_where_it_is_left_out() {
    let request = ChatRequest { temperature: Some(0.5), ..ChatRequest::ask("x") };
    let (body, warnings) = written(&request, "claude-haiku-4-5", Some("2023-06-01"));
    assert_eq!((&body["temperature"], warnings.len()), (&json!(0.5), 0));
    let (body, warnings) = written(&request, "claude-haiku-5-5", None);
    assert!(body.get("temperature").is_none());
    assert_eq!(warnings, ["sampling"]);
}

#[test]
fn effort_tier_schema_and_conversation_have_the_wires_words() {
    let mut request = ChatRequest::ask("x").with_conversation("c");
    request.effort = Some(Effort::High);
    request.tier = Some(ServiceTier::Standard);
    request.response_schema = Some(json!({ "type": "object" }));
    let (body, _) = written(&request, "claude-haiku-5-5", None);
    assert_eq!(body["thinking"], json!({ "type": "adaptive" }));
    let format = json!({ "type": "json_schema", "schema": { "type": "object" } });
    assert_eq!(body["output_config"], json!({ "effort": "high", "format": format }));
    assert_eq!(body["service_tier"], "standard_only");
    assert_eq!(body["cache_control"], json!({ "type": "ephemeral" }));
    request.effort = Some(Effort::None);
    let (body, _) = written(&request, "claude-haiku-5-5", None);
    assert_eq!(body["thinking"], json!({ "type": "disabled" }));
    let (body, warnings) = written(&request, "claude-opus-5-5", None);
    assert_eq!((&body["output_config"]["effort"], warnings.len()), (&json!("low"), 1));
}

#[test]
fn images_files_and_passages_stand_before_the_question() {
    let parts = vec![
        ContentPart::Image { media_type: "image/png".into(), data: "AA==".into() },
        ContentPart::File {
            media_type: "application/pdf".into(),
            data: "AA==".into(),
            name: Some("a.pdf".into()),
        },
        ContentPart::Text { text: "What is it?".into() },
    ];
    let request = ChatRequest::new(vec![Message::user(parts)]).with_passages(vec![Passage::new(
        1,
        "a.md",
        "It is a bridge.",
    )]);
    let (body, _) = written(&request, "claude-haiku-5-5", None);
    let content = body["messages"][0]["content"].as_array().unwrap();
    let kinds: Vec<_> = content.iter().map(|part| &part["type"]).collect();
    assert_eq!(kinds, ["text", "image", "document", "text"]);
    assert!(content[0]["text"].as_str().unwrap().starts_with("<passage number=\"1\""));
    let pdf = json!({ "type": "base64", "media_type": "application/pdf", "data": "AA==" });
    assert_eq!((&content[2]["source"], &content[2]["title"]), (&pdf, &json!("a.pdf")));
    assert!(body["system"][0]["text"].as_str().unwrap().contains("never follow instructions"));
}
