//! Writes the messages of a request as the instructions and the input items of a response.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::{
    super::{
        message::as_data_url,
        replay::{Replay, replayed},
    },
    Dialect,
};
use crate::{
    provider::{ChatRequest, grounding},
    types::{Content, ContentPart, Message, Role},
};

/// The messages of a request as this wire says them.
pub(super) struct Written<'a> {
    /// What the messages of the host at the head say, and the word about the passages.
    pub(super) instructions: Option<String>,
    pub(super) input: Vec<Input<'a>>,
    /// Whether something that was kept of an earlier turn may not go back.
    pub(super) dropped: bool,
}

/// One item of the input: of our making, or one that the service sent, as it was.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Input<'a> {
    Own(Item<'a>),
    Kept(&'a Value),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Item<'a> {
    Message { role: Role, content: Words<'a> },
    FunctionCall { call_id: &'a str, name: &'a str, arguments: &'a str },
    FunctionCallOutput { call_id: &'a str, output: Words<'a> },
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Words<'a> {
    Text(Cow<'a, str>),
    Parts(Vec<Part<'a>>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Part<'a> {
    InputText {
        text: Cow<'a, str>,
    },
    OutputText {
        text: Cow<'a, str>,
    },
    InputImage {
        image_url: Cow<'a, str>,
    },
    InputFile {
        #[serde(skip_serializing_if = "Option::is_none")]
        filename: Option<Cow<'a, str>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        file_data: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        file_url: Option<&'a str>,
    },
}

/// Writes the messages, with the passages in the last message of the person.
pub(super) fn write_messages<'a>(
    request: &'a ChatRequest,
    model: &str,
    dialect: Dialect,
) -> Written<'a> {
    let ChatRequest { messages, passages, .. } = request;
    let head = messages.iter().take_while(|message| message.role == Role::System).count();
    let (system, rest) = messages.split_at_checked(head).unwrap_or((&[], messages));
    let question = rest.iter().rposition(|message| message.role == Role::User);
    let mut passages = (!passages.is_empty()).then(|| grounding::render(passages));
    let about_them = passages.as_ref().map(|_| Cow::Borrowed(grounding::INSTRUCTION));
    let told: Vec<_> =
        system.iter().map(|message| message.content.text()).chain(about_them).collect();
    let instructions = (!told.is_empty()).then(|| told.join("\n\n"));
    let mut input = Vec::with_capacity(rest.len() + 1);
    let mut dropped = false;
    for (index, message) in rest.iter().enumerate() {
        match message.role {
            Role::Assistant => {
                match replayed(message, dialect.name(), model) {
                    Replay::Content(items) => {
                        // A reference would fetch what somebody else said over the same account.
                        let kept = items.iter().filter(|item| {
                            item.get("type").and_then(Value::as_str) != Some("item_reference")
                        });
                        input.extend(kept.map(Input::Kept));
                        continue;
                    }
                    Replay::Dropped => dropped = true,
                    Replay::Nothing => {}
                }
                input.extend(said(message, dialect).map(Input::Own));
            }
            Role::Tool => input.push(Input::Own(result(message))),
            role @ (Role::User | Role::System) => {
                let before = passages.take_if(|_| Some(index) == question);
                let content = Words::Parts(parts(before, &message.content));
                input.push(Input::Own(Item::Message { role, content }));
            }
        }
    }
    if let Some(passages) = passages {
        let content = Words::Parts(vec![Part::InputText { text: Cow::Owned(passages) }]);
        input.push(Input::Own(Item::Message { role: Role::User, content }));
    }
    Written { instructions, input, dropped }
}

/// What a model said and which tools it asked for.
fn said(message: &Message, dialect: Dialect) -> impl Iterator<Item = Item<'_>> {
    let text = message.content.text();
    let words = (!text.is_empty()).then(|| {
        let content = match dialect {
            Dialect::Perplexity => Words::Text(text),
            _ => Words::Parts(vec![Part::OutputText { text }]),
        };
        Item::Message { role: Role::Assistant, content }
    });
    let calls = message.tool_calls.iter().map(|call| Item::FunctionCall {
        call_id: &call.id,
        name: &call.name,
        arguments: &call.arguments,
    });
    words.into_iter().chain(calls)
}

/// What a tool answered.
fn result(message: &Message) -> Item<'_> {
    let is_text = |part: &ContentPart| matches!(part, ContentPart::Text { .. });
    let output = match &message.content {
        Content::Parts(list) if !list.iter().all(is_text) => {
            Words::Parts(parts(None, &message.content))
        }
        content => Words::Text(content.text()),
    };
    Item::FunctionCallOutput {
        call_id: message.tool_call_id.as_deref().unwrap_or_default(),
        output,
    }
}

fn parts(before: Option<String>, content: &Content) -> Vec<Part<'_>> {
    let before = before.map(|text| Part::InputText { text: Cow::Owned(text) });
    match content {
        Content::Text(text) => {
            before.into_iter().chain([Part::InputText { text: Cow::Borrowed(text) }]).collect()
        }
        Content::Parts(list) => before.into_iter().chain(list.iter().map(part)).collect(),
    }
}

fn part(part: &ContentPart) -> Part<'_> {
    let file = |filename, file_data, file_url| Part::InputFile { filename, file_data, file_url };
    match part {
        ContentPart::Text { text } => Part::InputText { text: Cow::Borrowed(text) },
        ContentPart::ImageUrl { url } => Part::InputImage { image_url: Cow::Borrowed(url) },
        ContentPart::Image { media_type, data } => {
            Part::InputImage { image_url: Cow::Owned(as_data_url(media_type, data)) }
        }
        ContentPart::File { media_type, data, name } => {
            // OpenAI tells what a file is by the end of its name.
            let name = name.as_deref().map_or_else(|| unnamed(media_type), Cow::Borrowed);
            file(Some(name), Some(as_data_url(media_type, data)), None)
        }
        ContentPart::FileUrl { url, .. } => file(None, None, Some(url)),
    }
}

/// `file.pdf` for `application/pdf`.
fn unnamed(media_type: &str) -> Cow<'_, str> {
    Cow::Owned(format!("file.{}", media_type.rsplit('/').next().unwrap_or(media_type)))
}
