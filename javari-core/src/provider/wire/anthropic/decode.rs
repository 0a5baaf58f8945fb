//! Turns the events of a stream, or one whole message, into events of Javari.

use std::collections::VecDeque;

use serde_json::{Map, Value};

use super::{
    super::{
        Answer, Decode,
        lenient::{Loose, Text},
        unstated,
    },
    NAME,
    block::{Block, Kind, kept, source},
    event::{Delta, Event, WireMessage},
    usage::{Running, WireUsage},
};
use crate::{error::Result, http::SseEvent, provider::ChatEvent, types::FinishReason};

type Events = VecDeque<ChatEvent>;

/// Reads one answer.
#[derive(Debug)]
pub(super) struct MessagesDecoder {
    answer: Answer,
    /// Whether the message has begun.
    is_begun: bool,
    message_id: String,
    blocks: Vec<Block>,
    usage: Running,
    reason: Option<FinishReason>,
}

impl MessagesDecoder {
    /// A decoder for an answer.
    pub(super) fn new(answer: Answer) -> Self {
        Self {
            answer,
            is_begun: false,
            message_id: String::new(),
            blocks: Vec::new(),
            usage: Running::default(),
            reason: None,
        }
    }

    /// The message begins, in a stream most often without a block. A server that says so twice is
    /// understood; another message in the midst of this one is not: its words are not this one's.
    fn begin(&mut self, message: WireMessage<'_>, out: &mut Events) -> Result<()> {
        let id = message.id.0;
        let is_another = !id.is_empty() && !self.message_id.is_empty() && self.message_id != id;
        if !self.blocks.is_empty() {
            if is_another {
                return Err(self.answer.broken("the provider sent two answers in one"));
            }
            self.take_usage(&message.usage.0);
            return Ok(());
        }
        self.is_begun = true;
        self.message_id = id.into_owned();
        self.answer.tell_model(&message.model.0);
        self.take_usage(&message.usage.0);
        if let Some(Value::Array(blocks)) = message.content {
            for block in blocks {
                self.whole_block(block, out)?;
            }
        }
        self.take_end(message.stop_reason, message.stop_details, message.container, out);
        Ok(())
    }

    fn take_usage(&mut self, told: &WireUsage<'_>) {
        self.usage.take(told);
        if self.usage.is_told {
            let (usage, by_model) = self.usage.usage(self.answer.model());
            self.answer.tell_usage(usage);
            self.answer.tell_usage_by_model(by_model);
        }
    }

    /// Why the model stopped, and what goes with it.
    fn take_end(
        &mut self,
        reason: Text<'_>,
        details: Option<Value>,
        container: Option<Value>,
        out: &mut Events,
    ) {
        if let Some(container) = container {
            self.answer.extra("container", container, out);
        }
        if !reason.is_empty() {
            self.reason = Some(finish_reason(&reason.0));
        }
        let Some(Value::Object(details)) = details else { return };
        let words = details.get("explanation").and_then(Value::as_str).unwrap_or_default();
        let is_refusal = self.reason == Some(FinishReason::Refusal) && !words.is_empty();
        if is_refusal {
            self.answer.refusal(words.to_owned(), out);
        }
        // The words alone do not say which rule it was and which model is worth asking.
        let says_more = details.iter().any(|(name, value)| {
            !matches!(name.as_str(), "type" | "explanation") && !value.is_null()
        });
        if says_more || !is_refusal {
            self.answer.extra("stop_details", Value::Object(details), out);
        }
    }

    /// A block of a message that is whole.
    fn whole_block(&mut self, block: Value, out: &mut Events) -> Result<()> {
        self.start_block(None, Some(block), out)?;
        self.stop_block(None, out);
        Ok(())
    }

    fn start_block(
        &mut self,
        index: Option<u64>,
        block: Option<Value>,
        out: &mut Events,
    ) -> Result<()> {
        let Some(Value::Object(fields)) = block else { return Ok(()) };
        self.is_begun = true;
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
        let kind = match text("type") {
            "text" => Kind::Text,
            "thinking" => Kind::Thinking,
            "fallback" => Kind::Fallback,
            "tool_use" => {
                let id = match text("id") {
                    "" => self.answer.make_call_id(&self.message_id),
                    id => id.to_owned(),
                };
                let mut known =
                    (0..self.answer.tool_calls()).filter_map(|place| self.answer.tool_call(place));
                if known.any(|call| call.id == id) {
                    // Played again, its arguments would be joined to themselves.
                    return Err(self.answer.broken("the provider began one tool call twice"));
                }
                let name = text("name").to_owned();
                Kind::Tool(self.answer.begin_tool_call(id, name, String::new(), out))
            }
            _ => Kind::Other,
        };
        let block = Block::new(index, kind, fields);
        match kind {
            Kind::Text => self.answer.text(block.grown().to_owned(), out),
            Kind::Thinking => self.answer.reasoning(block.grown().to_owned(), out),
            Kind::Fallback => self.hand_on(&block)?,
            _ => {}
        }
        if kind == Kind::Text {
            block.sources().for_each(|source| self.answer.source(source, out));
        }
        self.blocks.push(block);
        Ok(())
    }

    /// Another model answers from here on. What the first one asked of tools is void, and a call that
    /// was told cannot be taken back.
    fn hand_on(&mut self, block: &Block) -> Result<()> {
        if self.answer.tool_calls() > 0 {
            let why = "the provider handed the answer on to another model after a tool call";
            return Err(self.answer.broken(why));
        }
        let to = block.field("to").and_then(|to| to.get("model")).and_then(Value::as_str);
        if let Some(model) = to {
            self.answer.tell_model(model);
        }
        Ok(())
    }

    /// More of a block. Words without a block are taken for what they are; arguments without one are
    /// an error, because nobody can tell which tool they are meant for.
    fn more_of_block(
        &mut self,
        index: Option<u64>,
        delta: Delta<'_>,
        data: &[u8],
        out: &mut Events,
    ) -> Result<()> {
        let place = self.open_block(index);
        let kind = place.and_then(|place| self.blocks.get(place)).map(|block| block.kind);
        match delta.kind.0.as_ref() {
            "text_delta" => {
                self.grow(Kind::Text, index, place, &delta.text.0);
                self.answer.text(delta.text.0.into_owned(), out);
            }
            "thinking_delta" => {
                self.grow(Kind::Thinking, index, place, &delta.thinking.0);
                self.answer.reasoning(delta.thinking.0.into_owned(), out);
            }
            "signature_delta" => {
                if let (Some(Kind::Thinking), Some(block)) = (kind, self.block(place)) {
                    block.set("signature", Value::String(delta.signature.0.into_owned()));
                }
            }
            "input_json_delta" => match (kind, self.block(place)) {
                (Some(Kind::Tool(place)), _) => {
                    let more = delta.partial_json.0.into_owned();
                    self.answer.more_of_tool_call(place, String::new(), more, out);
                }
                (Some(Kind::Other | Kind::Fallback), Some(block)) => {
                    block.grow(&delta.partial_json.0);
                }
                _ if delta.partial_json.is_empty() => {}
                _ => {
                    let why = "the provider sent arguments of a tool that it did not name";
                    return Err(self.answer.broken(why));
                }
            },
            "citations_delta" => {
                let Some(citation) = delta.citation else { return Ok(()) };
                if let Some(source) = source(&citation) {
                    self.answer.source(source, out);
                }
                if let (Some(Kind::Text), Some(block)) = (kind, self.block(place)) {
                    block.cite(citation);
                }
            }
            _ => {
                if let (Some(Kind::Other), Some(block)) = (kind, self.block(place)) {
                    block.merge(delta_fields(data));
                }
            }
        }
        Ok(())
    }

    fn stop_block(&mut self, index: Option<u64>, out: &mut Events) {
        let Some(block) = self.open_block(index).and_then(|place| self.blocks.get_mut(place))
        else {
            return;
        };
        block.is_open = false;
        match block.kind {
            Kind::Tool(place) => {
                let is_empty =
                    self.answer.tool_call(place).is_some_and(|call| call.arguments.is_empty());
                if let Some(input) = block.first_input().filter(|_| is_empty) {
                    self.answer.more_of_tool_call(place, String::new(), input, out);
                }
            }
            Kind::Other | Kind::Fallback => {
                block.sources().for_each(|source| self.answer.source(source, out));
                if let Some((name, value)) = block.extra() {
                    self.answer.extra(&name, value, out);
                }
            }
            Kind::Text | Kind::Thinking => {}
        }
    }

    /// The place of the latest open block of this index; without an index, of the latest open one.
    fn open_block(&self, index: Option<u64>) -> Option<usize> {
        let is_meant = |block: &Block| block.is_open && (index.is_none() || block.index == index);
        self.blocks.iter().rposition(is_meant)
    }

    fn block(&mut self, place: Option<usize>) -> Option<&mut Block> {
        place.and_then(|place| self.blocks.get_mut(place))
    }

    /// Adds to the block at `place` where it is of this kind, else to a new one.
    fn grow(&mut self, kind: Kind, index: Option<u64>, place: Option<usize>, delta: &str) {
        if let Some(block) = self.block(place).filter(|block| block.kind == kind) {
            return block.grow(delta);
        }
        let name = if kind == Kind::Text { "text" } else { "thinking" };
        let fields = Map::from_iter([("type".to_owned(), Value::String(name.to_owned()))]);
        let mut block = Block::new(index, kind, fields);
        block.grow(delta);
        self.blocks.push(block);
    }

    fn finish(&mut self, out: &mut Events) -> Result<()> {
        if !self.is_begun && self.blocks.is_empty() && self.reason.is_none() {
            return Err(self.answer.missing());
        }
        while self.open_block(None).is_some() {
            self.stop_block(None, out);
        }
        let reason = match self.reason.take() {
            // It waits for something that was not told here, and that no caller can run.
            Some(FinishReason::ToolCalls) if self.answer.tool_calls() == 0 => other("tool_use"),
            Some(reason) => reason,
            None => unstated(),
        };
        let call = |place| self.answer.tool_call(place).cloned();
        if let Some(content) = kept(&self.blocks, &call, &reason) {
            self.answer.keep(NAME, content);
        }
        self.answer.finish(reason, out);
        Ok(())
    }

    /// The error that a body or an event holds.
    fn failure(&self, data: &[u8]) -> crate::error::Error {
        let failures = self.answer.failures();
        let error = serde_json::from_slice(data).map_or_else(
            |_| failures.broken("the provider failed"),
            |json| failures.of_body(&json),
        );
        self.answer.fail(error)
    }
}

impl Decode for MessagesDecoder {
    fn event(&mut self, event: SseEvent<'_>, out: &mut Events) -> Result<()> {
        let data = event.data.trim_ascii();
        if data.is_empty() || data == b"[DONE]" {
            return Ok(());
        }
        let told: Event<'_> = match serde_json::from_slice(data) {
            Ok(Loose(told)) => told,
            Err(_) if event.name == b"error" => return Err(self.failure(data)),
            Err(fault) => return Err(self.answer.malformed(&fault)),
        };
        let index = told.index.whole();
        // The JSON says what it is; the name of the event only where the JSON does not.
        let kind = match told.kind.0.as_bytes() {
            b"" => event.name,
            kind => kind,
        };
        match kind {
            b"error" => return Err(self.failure(data)),
            _ if told.error.is_some() => return Err(self.failure(data)),
            b"message_start" => self.begin(told.message.0, out)?,
            b"content_block_start" => self.start_block(index, told.content_block, out)?,
            b"content_block_delta" => self.more_of_block(index, told.delta.0, data, out)?,
            b"content_block_stop" => self.stop_block(index, out),
            b"message_delta" => {
                let Delta { stop_reason, stop_details, container, .. } = told.delta.0;
                self.take_usage(&told.usage.0);
                self.take_end(stop_reason, stop_details, container, out);
            }
            b"message_stop" => self.finish(out)?,
            // `ping`, and what is not known yet.
            _ => {}
        }
        Ok(())
    }

    fn whole(&mut self, body: &[u8], out: &mut Events) -> Result<()> {
        let Loose(mut message): Loose<WireMessage<'_>> =
            serde_json::from_slice(body).map_err(|fault| self.answer.malformed(&fault))?;
        if message.error.is_some() {
            return Err(self.failure(body));
        }
        let Some(Value::Array(blocks)) = &mut message.content else {
            return Err(self.answer.missing());
        };
        // Cut at the limit, a call at the end has lost arguments, and what is left is still JSON.
        let is_call = |block: &mut Value| block.get("type").is_some_and(|kind| kind == "tool_use");
        let is_cut = finish_reason(&message.stop_reason.0) == FinishReason::Length;
        if let Some(call) = blocks.pop_if(|block| is_cut && is_call(block)) {
            let name = call.get("name").and_then(Value::as_str).unwrap_or_default();
            self.answer.call_cut_off(name, out);
        }
        self.begin(message, out)?;
        self.finish(out)
    }

    fn end(&mut self, _: &mut Events) -> Result<()> {
        Err(self.answer.cut_short())
    }

    fn answer(&self) -> &Answer {
        &self.answer
    }
}

/// The fields of an event's delta.
fn delta_fields(data: &[u8]) -> Map<String, Value> {
    let event = serde_json::from_slice::<Value>(data).unwrap_or_default();
    match event {
        Value::Object(mut event) => match event.remove("delta") {
            Some(Value::Object(delta)) => delta,
            _ => Map::new(),
        },
        _ => Map::new(),
    }
}

fn finish_reason(word: &str) -> FinishReason {
    match word {
        "end_turn" | "stop_sequence" => FinishReason::Stop,
        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
        "tool_use" => FinishReason::ToolCalls,
        "refusal" => FinishReason::Refusal,
        word => other(word),
    }
}

fn other(word: &str) -> FinishReason {
    FinishReason::Other(word.to_owned())
}
