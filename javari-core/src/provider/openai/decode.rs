//! Turns the chunks of a stream, or one whole completion, into events.
//!
//! Pure: no clock, no network, so that recorded traffic runs through it cut at every byte.

use std::collections::VecDeque;

use serde_json::Value;

use super::{
    chunk::{Chunk, Delta, ToolDelta},
    failure::Failures,
    lenient::{Digits, Text},
};
use crate::{
    error::{Error, Result, Retry},
    http::SseEvent,
    provider::ChatEvent,
    types::{FinishReason, Usage, Usd},
};

/// Reads one answer.
#[derive(Debug)]
pub(super) struct ChatDecoder {
    failures: Failures,
    /// Whether only `[DONE]` ends a stream.
    done_marker: bool,
    /// The bytes of the request, to estimate its tokens for a server that tells none.
    sent: usize,
    model: String,
    completion_id: String,
    started: bool,
    finished: bool,
    reason: Option<FinishReason>,
    usage: Option<Usage>,
    cost: Option<Usd>,
    citations: Option<Value>,
    tools: Vec<Tool>,
    /// Bytes of text, reasoning and arguments so far.
    written: usize,
}

/// A tool call that has begun.
#[derive(Debug)]
struct Tool {
    wire_index: Option<u64>,
    id: String,
    named: bool,
}

impl ChatDecoder {
    /// A decoder for the answer of `model`.
    pub(super) fn new(failures: Failures, model: String, done_marker: bool, sent: usize) -> Self {
        Self {
            failures,
            done_marker,
            sent,
            model,
            completion_id: String::new(),
            started: false,
            finished: false,
            reason: None,
            usage: None,
            cost: None,
            citations: None,
            tools: Vec::new(),
            written: 0,
        }
    }

    /// Whether `finished` was given.
    pub(super) fn is_finished(&self) -> bool {
        self.finished
    }

    /// Reads one event of the stream.
    ///
    /// # Errors
    /// The server's own error, or `PROVIDER_FAILED` when the data is not its protocol.
    pub(super) fn decode(
        &mut self,
        event: SseEvent<'_>,
        out: &mut VecDeque<ChatEvent>,
    ) -> Result<()> {
        if self.finished {
            return Ok(());
        }
        let data = event.data.trim_ascii();
        if event.name == b"error" {
            // Some servers name the event and send the bare error, others wrap it as usual.
            let error = serde_json::from_slice(data).map_or_else(
                |_| self.failures.broken("the provider failed"),
                |json| self.failures.of_body(&json),
            );
            return Err(self.fail(error));
        }
        if data == b"[DONE]" {
            self.finish(out);
            return Ok(());
        }
        if data.is_empty() {
            return Ok(());
        }
        let chunk = self.parse(data)?;
        let delta = self.take(chunk, |choice| choice.delta.or(choice.message))?;
        if let Some(delta) = delta {
            self.deliver(delta, out);
        }
        Ok(())
    }

    /// Reads one whole completion.
    ///
    /// # Errors
    /// As [`decode`](Self::decode), and `PROVIDER_FAILED` when it holds no answer.
    pub(super) fn decode_whole(
        &mut self,
        body: &[u8],
        out: &mut VecDeque<ChatEvent>,
    ) -> Result<()> {
        let chunk = self.parse(body)?;
        let Some(delta) = self.take(chunk, |choice| choice.message.or(choice.delta))? else {
            return Err(self.failures.broken("the provider sent no answer"));
        };
        self.deliver(delta, out);
        self.finish(out);
        Ok(())
    }

    /// The stream is at its end.
    ///
    /// # Errors
    /// `PROVIDER_FAILED` unless it said that it is.
    pub(super) fn end(&mut self, out: &mut VecDeque<ChatEvent>) -> Result<()> {
        if self.finished {
            return Ok(());
        }
        if !self.done_marker && self.reason.is_some() {
            self.finish(out);
            return Ok(());
        }
        Err(self.fail(self.failures.broken("the answer ended before it was complete")))
    }

    /// The error as the stream may give it: once something was delivered, doing the call again
    /// would deliver it twice, so no layer is advised to.
    pub(super) fn fail(&self, error: Error) -> Error {
        if self.started {
            error.with_retry(Retry::Never).with("delivered", "a part of the answer")
        } else {
            error
        }
    }

    fn parse<'a>(&self, data: &'a [u8]) -> Result<Chunk<'a>> {
        serde_json::from_slice(data).map_err(|fault| {
            // The fault's text may repeat the data, so only its place is kept.
            let error = self
                .failures
                .broken("the provider sent something that is not its protocol")
                .with("fault", format!("{:?} at column {}", fault.classify(), fault.column()));
            self.fail(error)
        })
    }

    /// Takes in what a chunk says about the whole answer and returns what it adds to it.
    fn take<'a>(
        &mut self,
        chunk: Chunk<'a>,
        pick: impl FnOnce(super::chunk::Choice<'a>) -> Option<Delta<'a>>,
    ) -> Result<Option<Delta<'a>>> {
        if let Some(error) = chunk.error {
            let error = serde_json::json!({ "error": error });
            return Err(self.fail(self.failures.of_body(&error)));
        }
        if chunk.object.0 == "error" {
            let error = serde_json::json!({ "message": chunk.message.0 });
            return Err(self.fail(self.failures.of_body(&error)));
        }
        if !self.started {
            // What is the same in every chunk is read from those before the first delivery.
            if let Some(model) = chunk.model.into_some() {
                self.model = model;
            }
            if let Some(id) = chunk.id.into_some() {
                self.completion_id = id;
            }
        }
        if let Some(usage) = chunk.usage {
            self.cost = usage.cost().or(self.cost);
            self.usage = Some(usage.usage());
        }
        if chunk.citations.is_some() {
            self.citations = chunk.citations;
        }
        let Some(mut choice) = chunk.choices else { return Ok(None) };
        if !choice.finish_reason.is_empty() {
            self.reason = Some(finish_reason(std::mem::take(&mut choice.finish_reason)));
        }
        Ok(pick(choice))
    }

    fn deliver(&mut self, delta: Delta<'_>, out: &mut VecDeque<ChatEvent>) {
        let reasoning = if delta.reasoning_content.is_empty() {
            delta.reasoning
        } else {
            delta.reasoning_content
        };
        if let Some(delta) = reasoning.into_some() {
            self.push_text(out, delta, |delta| ChatEvent::Reasoning { delta });
        }
        for (name, value) in
            [("reasoning_details", delta.reasoning_details), ("annotations", delta.annotations)]
        {
            if let Some(value) = value.filter(is_something) {
                self.start(out);
                out.push_back(ChatEvent::Extra { name: name.to_owned(), value });
            }
        }
        if let Some(delta) = delta.content.into_some() {
            self.push_text(out, delta, |delta| ChatEvent::Text { delta });
        }
        if let Some(delta) = delta.refusal.into_some() {
            self.push_text(out, delta, |delta| ChatEvent::Refusal { delta });
        }
        for (position, call) in delta.tool_calls.into_iter().flatten().enumerate() {
            self.deliver_tool_call(position, call, out);
        }
    }

    fn push_text(
        &mut self,
        out: &mut VecDeque<ChatEvent>,
        delta: String,
        event: impl FnOnce(String) -> ChatEvent,
    ) {
        self.start(out);
        self.written += delta.len();
        out.push_back(event(delta));
    }

    /// Joins a piece to its call by the wire's index, else by id, else by its place in the list.
    fn deliver_tool_call(
        &mut self,
        position: usize,
        call: ToolDelta<'_>,
        out: &mut VecDeque<ChatEvent>,
    ) {
        self.start(out);
        let wire_index = match call.index.0 {
            Some(Digits::Whole(index)) => Some(index),
            _ => None,
        };
        let function = call.function.unwrap_or_default();
        let known = self.tools.iter().rposition(|tool| match (wire_index, call.id.is_empty()) {
            // Some servers give every parallel call the index 0 and tell them apart by id.
            (Some(index), false) => {
                tool.wire_index == Some(index) && (tool.id == call.id.0 || !tool.named)
            }
            (Some(index), true) => tool.wire_index == Some(index),
            (None, false) => tool.id == call.id.0,
            (None, true) => false,
        });
        let by_place = wire_index.is_none()
            && call.id.is_empty()
            && function.name.is_empty()
            && position < self.tools.len();
        let known = known.or(if by_place { Some(position) } else { None });
        let arguments = function.arguments.0.into_owned();
        self.written += arguments.len();
        let index = known.unwrap_or(self.tools.len());
        let first = known.is_none();
        if first {
            let id = match call.id.into_some() {
                Some(id) => id,
                // Made from the answer's own id, so that calls of two turns do not share one.
                None => format!("call_{}_{index}", self.completion_id),
            };
            self.tools.push(Tool { wire_index, id, named: false });
        }
        let Some(tool) = self.tools.get_mut(index) else { return };
        let name = if tool.named { None } else { function.name.into_some() };
        tool.named |= name.is_some();
        out.push_back(ChatEvent::ToolCall {
            index: u32::try_from(index).unwrap_or(u32::MAX),
            id: first.then(|| tool.id.clone()),
            name,
            arguments,
        });
    }

    /// Says who answers, right before the first thing that is delivered: an error that comes
    /// before it is still one that a router may answer with another provider.
    fn start(&mut self, out: &mut VecDeque<ChatEvent>) {
        if !self.started {
            self.started = true;
            out.push_back(ChatEvent::Started {
                provider: self.failures.provider.clone(),
                model: self.model.clone(),
                request_id: self.failures.request_id.clone(),
            });
        }
    }

    fn finish(&mut self, out: &mut VecDeque<ChatEvent>) {
        self.start(out);
        if let Some(value) = self.citations.take().filter(is_something) {
            out.push_back(ChatEvent::Extra { name: "citations".to_owned(), value });
        }
        self.finished = true;
        let reason = match self.reason.take() {
            Some(FinishReason::Stop) | None if !self.tools.is_empty() => FinishReason::ToolCalls,
            Some(reason) => reason,
            None => FinishReason::Other("unstated".to_owned()),
        };
        let usage = self.usage.unwrap_or(Usage::estimate(self.sent, self.written));
        let model = std::mem::take(&mut self.model);
        out.push_back(ChatEvent::Finished { reason, usage, model, cost: self.cost });
    }
}

fn finish_reason(word: Text<'_>) -> FinishReason {
    match word.0.as_ref() {
        "stop" => FinishReason::Stop,
        "length" => FinishReason::Length,
        "tool_calls" | "function_call" => FinishReason::ToolCalls,
        "content_filter" => FinishReason::ContentFilter,
        _ => FinishReason::Other(word.0.into_owned()),
    }
}

fn is_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}
