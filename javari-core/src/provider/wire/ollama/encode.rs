//! Writes requests in Ollama's wire.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Value, json};

use super::super::{
    message::{answered_call, arguments, data_url},
    openai::FunctionTool,
};
use crate::{
    error::{Error, Result},
    provider::{ChatRequest, Effort, ToolChoice, ToolSpec, Warning, grounding},
    types::{Content, ContentPart, Message, Role, ToolCall},
};

/// The body of `POST /chat`, and what of the request it cannot say.
pub(super) fn encode_chat<'a>(
    request: &'a ChatRequest,
    model: &'a str,
    stream: bool,
) -> Result<(Body<'a>, Vec<Warning>)> {
    let mut warnings = Vec::new();
    let body = Body {
        model,
        messages: messages(request)?,
        stream,
        think: think(request.effort, model, &mut warnings),
        format: request.response_schema.as_ref(),
        options: Options {
            temperature: request.temperature,
            top_p: request.top_p,
            // Ollama's seed has a sign; equal seeds stay equal.
            seed: request.seed.map(|seed| seed & (u64::MAX >> 1)),
            num_predict: request.max_tokens,
            stop: &request.stop,
        },
        tools: tools(request, &mut warnings),
    };
    Ok((body, warnings))
}

#[derive(Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    messages: Vec<WireMessage<'a>>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    think: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'a Value>,
    options: Options<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<FunctionTool<'a>>,
}

#[derive(Serialize)]
struct Options<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    num_predict: Option<u64>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop: &'a [String],
}

/// `gpt-oss` thinks by levels and always; any other model thinks or does not.
fn think(effort: Option<Effort>, model: &str, warnings: &mut Vec<Warning>) -> Option<Value> {
    let effort = effort?;
    if !model.contains("gpt-oss") {
        return Some(Value::Bool(effort != Effort::None));
    }
    if effort == Effort::None {
        let why = "this model always thinks; it is asked to think as little as it can";
        warnings.push(Warning::new("effort", why));
    }
    Some(match effort {
        Effort::None | Effort::Minimal | Effort::Low => json!("low"),
        Effort::Medium => json!("medium"),
        Effort::High | Effort::Xhigh | Effort::Max => json!("high"),
    })
}

/// The tools that may be asked for. Ollama has no word for which of them must be.
fn tools<'a>(request: &'a ChatRequest, warnings: &mut Vec<Warning>) -> Vec<FunctionTool<'a>> {
    let choice = request.tool_choice.as_ref();
    if matches!(choice, Some(ToolChoice::Required | ToolChoice::Tool(_))) {
        let why = "Ollama cannot be made to ask for a tool; it is offered and may be left";
        warnings.push(Warning::new("tool_choice", why));
    }
    let offered = |tool: &&ToolSpec| match choice {
        Some(ToolChoice::None) => false,
        Some(ToolChoice::Tool(name)) => tool.name == *name,
        _ => true,
    };
    request.tools.iter().filter(offered).map(FunctionTool::from).collect()
}

#[derive(Serialize)]
struct WireMessage<'a> {
    role: Role,
    content: Cow<'a, str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<WireCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
}

#[derive(Serialize)]
struct WireCall<'a> {
    id: &'a str,
    function: WireFunction<'a>,
}

#[derive(Serialize)]
struct WireFunction<'a> {
    name: &'a str,
    arguments: Value,
}

impl<'a> From<&'a ToolCall> for WireCall<'a> {
    fn from(call: &'a ToolCall) -> Self {
        let arguments = arguments(&call.arguments, "arguments");
        Self { id: &call.id, function: WireFunction { name: &call.name, arguments } }
    }
}

/// The messages, with the passages before the question and the word about them in the system message,
/// as over OpenAI's wire: many templates take only one system message.
fn messages(request: &ChatRequest) -> Result<Vec<WireMessage<'_>>> {
    let ChatRequest { messages, passages, .. } = request;
    let mut written = Vec::with_capacity(messages.len() + 2);
    for (index, message) in messages.iter().enumerate() {
        written.push(wire_message(messages, index, message)?);
    }
    if passages.is_empty() {
        return Ok(written);
    }
    let passages = grounding::render(passages);
    match written.iter_mut().rfind(|message| message.role == Role::User) {
        Some(question) => question.content = format!("{passages}\n{}", question.content).into(),
        None => written.push(WireMessage::of(Role::User, passages.into())),
    }
    match written.first_mut().filter(|first| first.role == Role::System) {
        Some(first) => {
            first.content = format!("{}\n\n{}", first.content, grounding::INSTRUCTION).into();
        }
        None => {
            written.insert(0, WireMessage::of(Role::System, grounding::INSTRUCTION.into()));
        }
    }
    Ok(written)
}

fn wire_message<'a>(
    messages: &'a [Message],
    index: usize,
    message: &'a Message,
) -> Result<WireMessage<'a>> {
    Ok(WireMessage {
        images: images(&message.content, index)?,
        tool_calls: message.tool_calls.iter().map(WireCall::from).collect(),
        tool_name: answered_call(messages, index).map(|call| call.name.as_str()),
        tool_call_id: message.tool_call_id.as_deref(),
        ..WireMessage::of(message.role, message.content.text())
    })
}

impl<'a> WireMessage<'a> {
    fn of(role: Role, content: Cow<'a, str>) -> Self {
        let (images, tool_calls) = (Vec::new(), Vec::new());
        Self { role, content, images, tool_calls, tool_name: None, tool_call_id: None }
    }
}

/// The images as base64. Ollama fetches none and reads no other files.
fn images(content: &Content, index: usize) -> Result<Vec<&str>> {
    let Content::Parts(parts) = content else { return Ok(Vec::new()) };
    let mut images = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let image = match part {
            ContentPart::Text { .. } => continue,
            ContentPart::Image { data, .. } => Some(data.as_str()),
            ContentPart::ImageUrl { url } => data_url(url).map(|(_, data)| data),
            ContentPart::File { .. } | ContentPart::FileUrl { .. } => None,
        };
        let Some(image) = image else {
            let path = format!("/messages/{index}/content/{place}");
            let error =
                Error::invalid("provider.chat", "Ollama reads text and images sent along alone");
            return Err(error.with_field(path, "must be a text or an image sent along"));
        };
        images.push(image);
    }
    Ok(images)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{
        Passage,
        wire::{Wire, ollama::Ollama},
    };

    fn encode(request: &ChatRequest, model: &str) -> (Value, Vec<Warning>) {
        let wire = Ollama { provider: "ollama".to_owned() };
        let call = wire.encode(request, model, true).unwrap();
        assert_eq!((call.path.as_str(), call.query), ("chat", None));
        (serde_json::from_slice(&call.body).unwrap(), call.warnings)
    }

    #[test]
    fn limits_schema_images_and_tools_take_ollamas_shapes() {
        let image = ContentPart::Image { media_type: "image/png".into(), data: "AA".into() };
        let linked = ContentPart::ImageUrl { url: "data:image/png;base64,BB".into() };
        let call = ToolCall { id: "c".into(), name: "f".into(), arguments: "{\"a\":1}".into() };
        let mut request = ChatRequest::new(vec![
            Message::user(vec![ContentPart::Text { text: "See".into() }, image, linked]),
            Message::assistant("").with_tool_calls(vec![call]),
            Message::tool("c", "42"),
        ]);
        request.temperature = Some(0.5);
        request.top_p = Some(0.25);
        request.seed = Some(u64::MAX);
        request.max_tokens = Some(7);
        request.stop = vec!["END".to_owned()];
        request.response_schema = Some(json!({ "type": "object" }));
        let (body, warnings) = encode(&request, "qwen3");
        assert_eq!(
            body,
            json!({ "model": "qwen3", "stream": false, "format": { "type": "object" },
                "options": { "temperature": 0.5, "top_p": 0.25, "seed": i64::MAX, "num_predict": 7,
                    "stop": ["END"] },
                "messages": [
                    { "role": "user", "content": "See", "images": ["AA", "BB"] },
                    { "role": "assistant", "content": "", "tool_calls": [
                        { "id": "c", "function": { "name": "f", "arguments": { "a": 1 } } }] },
                    { "role": "tool", "content": "42", "tool_name": "f", "tool_call_id": "c" },
                ] })
        );
        assert!(warnings.is_empty());
    }

    #[test]
    fn a_tool_that_must_be_asked_for_is_the_only_one_offered_and_the_caller_is_warned() {
        let tool = |name: &str| ToolSpec {
            name: name.to_owned(),
            description: String::new(),
            parameters: json!({}),
        };
        let mut request = ChatRequest::ask("Hello");
        request.tools = vec![tool("f"), tool("g")];
        request.tool_choice = Some(ToolChoice::Tool("g".into()));
        let (body, warnings) = encode(&request, "qwen3");
        assert_eq!(body["tools"].as_array().unwrap().len(), 1);
        assert_eq!(
            (&body["tools"][0]["function"]["name"], warnings[0].code.as_str()),
            (&json!("g"), "tool_choice")
        );
        request.tool_choice = Some(ToolChoice::None);
        let (body, warnings) = encode(&request, "qwen3");
        assert!(body.get("tools").is_none() && warnings.is_empty());
    }

    #[test]
    fn thinking_is_a_flag_and_for_gpt_oss_a_level() {
        let mut request = ChatRequest::ask("Hello");
        assert!(encode(&request, "qwen3").0.get("think").is_none());
        for (effort, flag, level) in [
            (Effort::None, false, "low"),
            (Effort::Medium, true, "medium"),
            (Effort::Max, true, "high"),
        ] {
            request.effort = Some(effort);
            assert_eq!(encode(&request, "qwen3").0["think"], flag);
            assert_eq!(encode(&request, "gpt-oss:20b").0["think"], level);
        }
    }

    #[test]
    fn passages_join_the_question_and_the_system_message() {
        let passages = vec![Passage::new(1, "a.md", "Text.")];
        let asked = ChatRequest::new(vec![Message::system("Be brief."), Message::user("Why?")]);
        let (body, _) = encode(&asked.with_passages(passages.clone()), "qwen3");
        let text = |index: usize| body["messages"][index]["content"].as_str().unwrap();
        assert!(text(0).starts_with("Be brief.\n\nAnswer from the passages"));
        assert!(text(1).starts_with("<passage number=\"1\"") && text(1).ends_with("\n\nWhy?"));
        let (body, _) = encode(&ChatRequest::ask("Why?").with_passages(passages), "qwen3");
        assert_eq!(body["messages"][0]["role"], "system");
    }

    #[test]
    fn what_ollama_cannot_read_is_refused_with_its_place() {
        let file = ContentPart::FileUrl { url: "https://a.example/b.pdf".into(), media_type: None };
        let linked = ContentPart::ImageUrl { url: "https://a.example/b.png".into() };
        for part in [file, linked] {
            let request = ChatRequest::new(vec![Message::user(vec![part])]);
            let wire = Ollama { provider: "ollama".to_owned() };
            let error = wire.encode(&request, "qwen3", true).unwrap_err();
            assert_eq!(error.fields()[0].path, "/messages/0/content/0");
        }
    }
}
