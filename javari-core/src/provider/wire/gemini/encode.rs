//! Writes requests in Gemini's wire, the texts borrowed from the request.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    super::{
        message::{answered_call, arguments, data_url, text_or_parts},
        replay::{self, Replay},
    },
    MADE_ID, NAME,
    thinking::{ThinkingConfig, thinking, wants_signatures},
};
use crate::{
    error::{Error, Result},
    provider::{ChatRequest, ToolChoice, ToolSpec, Warning, grounding},
    types::{Content, ContentPart, Message, Role, ServiceTier},
};

/// The body of a call, and what of the request it cannot say.
pub(super) fn encode_chat<'a>(
    request: &'a ChatRequest,
    model: &'a str,
) -> Result<(Body<'a>, Vec<Warning>)> {
    let mut conversation = Conversation::new(request, model);
    for (index, message) in request.messages.iter().enumerate() {
        conversation.add(index, message)?;
    }
    let Conversation { system, contents, mut warnings, .. } = conversation.end();
    let (thinking_config, warning) = thinking(request.effort, model);
    warnings.extend(warning);
    let service_tier = request.tier.and_then(tier_word);
    if service_tier.is_none() && request.tier.is_some() {
        warnings.push(Warning::new("tier", "Gemini has no such tier; it is left out"));
    }
    let declarations: Vec<_> = request.tools.iter().map(Declaration::from).collect();
    let body = Body {
        system_instruction: (!system.is_empty())
            .then_some(WireContent { role: None, parts: system }),
        contents,
        tools: match declarations.is_empty() {
            true => Vec::new(),
            false => vec![Tools { function_declarations: declarations }],
        },
        tool_config: request.tool_choice.as_ref().map(tool_config),
        generation_config: GenerationConfig::of(request, thinking_config),
        service_tier,
    };
    Ok((body, warnings))
}

fn tier_word(tier: ServiceTier) -> Option<&'static str> {
    match tier {
        ServiceTier::Standard => Some("standard"),
        ServiceTier::Flex => Some("flex"),
        ServiceTier::Priority => Some("priority"),
        _ => None,
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<WireContent<'a>>,
    contents: Vec<WireContent<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tools<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_config: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    generation_config: Option<GenerationConfig<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'static str>,
}

#[derive(Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop_sequences: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    response_mime_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_json_schema: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_config: Option<ThinkingConfig>,
}

impl<'a> GenerationConfig<'a> {
    /// Nothing when nothing was asked for.
    fn of(request: &'a ChatRequest, thinking_config: Option<ThinkingConfig>) -> Option<Self> {
        let schema = request.response_schema.as_ref();
        let config = Self {
            temperature: request.temperature,
            top_p: request.top_p,
            // Gemini's seed has 31 bits; equal seeds stay equal.
            seed: request.seed.map(|seed| seed & 0x7fff_ffff),
            max_output_tokens: request.max_tokens,
            stop_sequences: &request.stop,
            response_mime_type: schema.map(|_| "application/json"),
            response_json_schema: schema,
            thinking_config,
        };
        (config != Self::default()).then_some(config)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tools<'a> {
    function_declarations: Vec<Declaration<'a>>,
}

/// The schema goes in the field for full JSON Schema, not in the one for Google's own dialect.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Declaration<'a> {
    name: &'a str,
    description: &'a str,
    parameters_json_schema: &'a Value,
}

impl<'a> From<&'a ToolSpec> for Declaration<'a> {
    fn from(tool: &'a ToolSpec) -> Self {
        let ToolSpec { name, description, parameters } = tool;
        Self { name, description, parameters_json_schema: parameters }
    }
}

fn tool_config(choice: &ToolChoice) -> Value {
    let calling = match choice {
        ToolChoice::Auto => json!({ "mode": "AUTO" }),
        ToolChoice::None => json!({ "mode": "NONE" }),
        ToolChoice::Required => json!({ "mode": "ANY" }),
        ToolChoice::Tool(name) => json!({ "mode": "ANY", "allowedFunctionNames": [name] }),
    };
    json!({ "functionCallingConfig": calling })
}

#[derive(Serialize)]
struct WireContent<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    parts: Vec<Part<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Part<'a> {
    Text {
        text: Cow<'a, str>,
    },
    #[serde(rename_all = "camelCase")]
    InlineData {
        inline_data: Blob<'a>,
    },
    #[serde(rename_all = "camelCase")]
    FileData {
        file_data: FileData<'a>,
    },
    #[serde(rename_all = "camelCase")]
    Call {
        function_call: FunctionCall<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        thought_signature: Option<&'static str>,
    },
    #[serde(rename_all = "camelCase")]
    Response {
        function_response: FunctionResponse<'a>,
    },
    /// As Gemini sent it.
    Replayed(&'a Value),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Blob<'a> {
    mime_type: &'a str,
    data: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FileData<'a> {
    file_uri: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mime_type: Option<&'a str>,
}

#[derive(Serialize)]
struct FunctionCall<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: &'a str,
    args: Value,
}

#[derive(Serialize)]
struct FunctionResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: &'a str,
    response: Value,
}

/// What Gemini takes in place of the signature of a call that it did not make.
const NOT_SIGNED: &str = "skip_thought_signature_validator";

/// The messages on their way into contents.
struct Conversation<'a> {
    request: &'a ChatRequest,
    model: &'a str,
    /// The message that the passages stand before.
    question: Option<usize>,
    system: Vec<Part<'a>>,
    contents: Vec<WireContent<'a>>,
    /// Whether the last content holds results of tools, which the next one joins: Gemini wants the
    /// results of one turn together.
    results: bool,
    warnings: Vec<Warning>,
}

impl<'a> Conversation<'a> {
    fn new(request: &'a ChatRequest, model: &'a str) -> Self {
        let last = request.messages.iter().rposition(|message| message.role == Role::User);
        Self {
            request,
            model,
            question: last.filter(|_| !request.passages.is_empty()),
            system: Vec::new(),
            contents: Vec::new(),
            results: false,
            warnings: Vec::new(),
        }
    }

    fn add(&mut self, index: usize, message: &'a Message) -> Result<()> {
        let (role, parts) = match message.role {
            Role::System => {
                self.system.extend(content_parts(&message.content));
                return Ok(());
            }
            Role::User => {
                let passages = self.question.filter(|question| *question == index);
                let mut parts: Vec<_> = passages.map(|_| self.passages()).into_iter().collect();
                parts.extend(content_parts(&message.content));
                ("user", parts)
            }
            Role::Assistant => ("model", self.answer_parts(message)),
            Role::Tool => ("user", self.result_parts(index, message)?),
        };
        let results = message.role == Role::Tool;
        match self.contents.last_mut().filter(|_| self.results && results) {
            Some(last) => last.parts.extend(parts),
            // Gemini refuses a content without parts.
            None if parts.is_empty() => {}
            None => self.contents.push(WireContent { role: Some(role), parts }),
        }
        self.results = results;
        Ok(())
    }

    /// The word about the passages, and the passages where no question stands for them to precede.
    fn end(mut self) -> Self {
        if !self.request.passages.is_empty() {
            self.system.push(Part::text(grounding::INSTRUCTION));
            if self.question.is_none() {
                let parts = vec![self.passages()];
                self.contents.push(WireContent { role: Some("user"), parts });
            }
        }
        self
    }

    fn passages(&self) -> Part<'a> {
        Part::Text { text: Cow::Owned(grounding::render(&self.request.passages)) }
    }

    /// What the model said, as it said it where that was kept.
    fn answer_parts(&mut self, message: &'a Message) -> Vec<Part<'a>> {
        match replay::replayed(message, NAME, self.model) {
            Replay::Content(parts) => return parts.iter().map(Part::Replayed).collect(),
            Replay::Dropped => {
                let warning = replay::dropped();
                if !self.warnings.contains(&warning) {
                    self.warnings.push(warning);
                }
            }
            Replay::Nothing => {}
        }
        let mut parts = match &message.content {
            content if content.is_empty() => Vec::new(),
            content => content_parts(content).collect(),
        };
        // Of calls made together the first one carries the signature.
        let mut signature = Some(NOT_SIGNED).filter(|_| wants_signatures(self.model));
        for call in &message.tool_calls {
            let function_call = FunctionCall {
                id: told_id(&call.id),
                name: &call.name,
                args: arguments(&call.arguments, "arguments"),
            };
            parts.push(Part::Call { function_call, thought_signature: signature.take() });
        }
        parts
    }

    fn result_parts(&self, index: usize, message: &'a Message) -> Result<Vec<Part<'a>>> {
        let Some(call) = answered_call(&self.request.messages, index) else {
            let error = Error::invalid(
                "provider.chat",
                "Gemini wants the name of the tool that a \
                message is the result of, and no earlier message asks for this one",
            );
            let path = format!("/messages/{index}/tool_call_id");
            return Err(error.with_field(path, "must be the id of an earlier tool call"));
        };
        let response = response(&message.content.text());
        let function_response =
            FunctionResponse { id: told_id(&call.id), name: &call.name, response };
        let mut parts = vec![Part::Response { function_response }];
        if let Content::Parts(content) = &message.content {
            let is_text = |part: &&ContentPart| matches!(part, ContentPart::Text { .. });
            parts.extend(content.iter().filter(|part| !is_text(part)).map(Part::from));
        }
        Ok(parts)
    }
}

/// The id of a call, unless it was made here for one that came without.
fn told_id(id: &str) -> Option<&str> {
    Some(id).filter(|id| !id.is_empty() && !id.starts_with(MADE_ID))
}

/// What a tool said: its own object, or its words under Google's name for them.
fn response(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(Value::Object(map)) => Value::Object(map),
        _ => json!({ "output": text }),
    }
}

fn content_parts(content: &Content) -> impl Iterator<Item = Part<'_>> {
    let (text, parts) = text_or_parts(content);
    text.map(Part::text).into_iter().chain(parts.iter().map(Part::from))
}

impl<'a> Part<'a> {
    fn text(text: &'a str) -> Self {
        Self::Text { text: Cow::Borrowed(text) }
    }

    fn inline(mime_type: &'a str, data: &'a str) -> Self {
        Self::InlineData { inline_data: Blob { mime_type, data } }
    }

    fn file(file_uri: &'a str, mime_type: Option<&'a str>) -> Self {
        Self::FileData { file_data: FileData { file_uri, mime_type } }
    }
}

impl<'a> From<&'a ContentPart> for Part<'a> {
    fn from(part: &'a ContentPart) -> Self {
        match part {
            ContentPart::Text { text } => Self::text(text),
            ContentPart::ImageUrl { url } => match data_url(url) {
                Some((media_type, data)) => Self::inline(media_type, data),
                None => Self::file(url, image_type(url)),
            },
            ContentPart::Image { media_type, data }
            | ContentPart::File { media_type, data, .. } => Self::inline(media_type, data),
            ContentPart::FileUrl { url, media_type } => Self::file(url, media_type.as_deref()),
        }
    }
}

/// What an image at this address is, by its ending.
fn image_type(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let (_, ending) = path.rsplit_once('.')?;
    match ending.to_ascii_lowercase().as_str() {
        "png" => Some("image/png"),
        "jpg" | "jpeg" => Some("image/jpeg"),
        "webp" => Some("image/webp"),
        "gif" => Some("image/gif"),
        "heic" => Some("image/heic"),
        "heif" => Some("image/heif"),
        _ => None,
    }
}
