//! Writes the messages of a conversation as turns that alternate, and what the host says at the top.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::Value;

use super::{
    super::{
        message::{arguments, data_url, text_or_parts},
        replay::{self, Replay, replayed},
    },
    NAME,
};
use crate::{
    provider::{ChatRequest, Warning, grounding},
    types::{Content, ContentPart, Message, Role, ToolCall},
};

/// A conversation as the wire wants it.
#[derive(Default)]
pub(super) struct Conversation<'a> {
    /// What the host says.
    pub(super) system: Vec<Part<'a>>,
    /// What the person, the tools and the model said in turn.
    pub(super) turns: Vec<Turn<'a>>,
    /// Whether thinking goes back.
    pub(super) replays_thinking: bool,
    pub(super) warnings: Vec<Warning>,
}

/// One turn; messages of one side that follow each other are one.
#[derive(Serialize)]
pub(super) struct Turn<'a> {
    role: &'static str,
    content: Vec<Part<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Part<'a> {
    Text {
        text: Cow<'a, str>,
    },
    Image {
        source: Source<'a>,
    },
    Document {
        source: Source<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<&'a str>,
    },
    ToolUse {
        id: Cow<'a, str>,
        name: &'a str,
        input: Value,
    },
    ToolResult {
        tool_use_id: Cow<'a, str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        content: Vec<Part<'a>>,
    },
    /// A block of an earlier answer, as it came.
    #[serde(untagged)]
    Kept(&'a Value),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Source<'a> {
    Base64 { media_type: &'a str, data: &'a str },
    Url { url: &'a str },
    Text { media_type: &'static str, data: String },
}

impl<'a> Conversation<'a> {
    /// The conversation of a request to `model`. The passages stand before the last question, the word
    /// about them after what the host says. Without `thinks` no thinking goes back.
    pub(super) fn of(request: &'a ChatRequest, model: &str, thinks: bool) -> Self {
        let ChatRequest { messages, passages, .. } = request;
        let mut all = Self::default();
        let mut passages = (!passages.is_empty()).then(|| grounding::render(passages));
        let question = messages.iter().rposition(|message| message.role == Role::User);
        let is_grounded = passages.is_some();
        for (index, message) in messages.iter().enumerate() {
            match message.role {
                Role::System => all.system.extend(texts(&message.content)),
                Role::User => {
                    let before = passages.take_if(|_| Some(index) == question).map(Part::text);
                    all.say("user", before.into_iter().chain(parts(&message.content)));
                }
                Role::Tool => all.say("user", [Part::result(message)]),
                Role::Assistant => all.answer(message, model, thinks),
            }
        }
        all.say("user", passages.map(Part::text));
        if is_grounded {
            all.system.push(Part::text(grounding::INSTRUCTION));
        }
        all
    }

    /// What the model said: its own blocks where they may go back, else built from its words.
    fn answer(&mut self, message: &'a Message, model: &str, thinks: bool) {
        match replayed(message, NAME, model) {
            Replay::Content(blocks) => {
                let mut sent = false;
                let kept = blocks.iter().filter(|block| thinks || !is_thinking(block));
                self.say("assistant", kept.map(Part::Kept).inspect(|_| sent = true));
                self.replays_thinking |= sent && thinks && blocks.iter().any(is_thinking);
                return;
            }
            Replay::Dropped => self.warn(replay::dropped()),
            Replay::Nothing => {}
        }
        if let Content::Parts(parts) = &message.content
            && parts.iter().any(|part| !matches!(part, ContentPart::Text { .. }))
        {
            let why = "an answer takes back text alone; its images and files are left out";
            self.warn(Warning::new("content", why));
        }
        let calls = message.tool_calls.iter().map(Part::call);
        self.say("assistant", texts(&message.content).chain(calls));
    }

    /// Adds to the turn of this side. Results of tools open a turn, or the service refuses it.
    fn say(&mut self, role: &'static str, parts: impl IntoIterator<Item = Part<'a>>) {
        for part in parts {
            if self.turns.last().is_none_or(|turn| turn.role != role) {
                self.turns.push(Turn { role, content: Vec::new() });
            }
            let Some(turn) = self.turns.last_mut() else { continue };
            let is_result = |part: &Part<'_>| matches!(part, Part::ToolResult { .. });
            if is_result(&part) {
                let results = turn.content.iter().take_while(|part| is_result(part)).count();
                turn.content.insert(results, part);
            } else {
                turn.content.push(part);
            }
        }
    }

    /// Says it once, of however many messages it is true.
    fn warn(&mut self, warning: Warning) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }
}

/// Whether a block holds thinking, in the open or not.
pub(super) fn is_thinking(block: &Value) -> bool {
    let kind = block.get("type").and_then(Value::as_str);
    matches!(kind, Some("thinking" | "redacted_thinking"))
}

/// The arguments of a call as an object. What is none is wrapped, under the name that Anthropic
/// advises.
pub(super) fn input(text: &str) -> Value {
    arguments(text, "INVALID_JSON")
}

/// The texts of a message; the service refuses empty ones.
fn texts(content: &Content) -> impl Iterator<Item = Part<'_>> {
    let (whole, parts) = text_or_parts(content);
    let texts = parts.iter().filter_map(|part| match part {
        ContentPart::Text { text } => Some(text.as_str()),
        _ => None,
    });
    whole.into_iter().chain(texts).filter(|text| !text.is_empty()).map(Part::text)
}

/// All parts of a message.
fn parts(content: &Content) -> impl Iterator<Item = Part<'_>> {
    let (whole, parts) = text_or_parts(content);
    let whole = whole.filter(|text| !text.is_empty()).map(Part::text);
    whole.into_iter().chain(parts.iter().filter_map(Part::of))
}

impl<'a> Part<'a> {
    fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text { text: text.into() }
    }

    fn call(call: &'a ToolCall) -> Self {
        Self::ToolUse { id: id(&call.id), name: &call.name, input: input(&call.arguments) }
    }

    fn result(message: &'a Message) -> Self {
        let tool_use_id = id(message.tool_call_id.as_deref().unwrap_or_default());
        Self::ToolResult { tool_use_id, content: parts(&message.content).collect() }
    }

    fn of(part: &'a ContentPart) -> Option<Self> {
        Some(match part {
            ContentPart::Text { text } if text.is_empty() => return None,
            ContentPart::Text { text } => Self::text(text.as_str()),
            ContentPart::ImageUrl { url } => Self::Image { source: Source::at(url) },
            ContentPart::Image { media_type, data } => {
                Self::Image { source: Source::Base64 { media_type, data } }
            }
            ContentPart::FileUrl { url, media_type } if is_image(media_type.as_deref()) => {
                Self::Image { source: Source::at(url) }
            }
            ContentPart::FileUrl { url, .. } => {
                Self::Document { source: Source::at(url), title: None }
            }
            ContentPart::File { media_type, data, .. } if is_image(Some(media_type)) => {
                Self::Image { source: Source::Base64 { media_type, data } }
            }
            ContentPart::File { media_type, data, name } => {
                let source = Source::file(media_type, data);
                Self::Document { source, title: name.as_deref() }
            }
        })
    }
}

impl<'a> Source<'a> {
    /// An address, or what a `data:` address holds.
    fn at(url: &'a str) -> Self {
        match data_url(url) {
            Some((media_type, data)) => Self::Base64 { media_type, data },
            None => Self::Url { url },
        }
    }

    /// A file: the service takes the text of a text and the bytes of all else.
    fn file(media_type: &'a str, data: &'a str) -> Self {
        let text = media_type
            .starts_with("text/")
            .then(|| STANDARD.decode(data).ok().and_then(|bytes| String::from_utf8(bytes).ok()));
        match text.flatten() {
            Some(data) => Self::Text { media_type: "text/plain", data },
            None => Self::Base64 { media_type, data },
        }
    }
}

fn is_image(media_type: Option<&str>) -> bool {
    media_type.is_some_and(|media_type| media_type.starts_with("image/"))
}

/// The id of a call in the letters that the service takes: other services use others.
fn id(id: &str) -> Cow<'_, str> {
    let is_taken = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if id.chars().all(is_taken) {
        return Cow::Borrowed(id);
    }
    Cow::Owned(id.chars().map(|c| if is_taken(c) { c } else { '_' }).collect())
}
