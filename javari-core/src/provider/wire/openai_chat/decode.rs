//! Turns the chunks of a stream, or one whole completion, into events.

use std::collections::VecDeque;

use serde_json::Value;

use super::{
    super::{Answer, Decode, lenient::Text, openai::source, unstated},
    chunk::{Choice, Chunk, Delta, ToolDelta},
};
use crate::{
    error::Result,
    http::SseEvent,
    provider::ChatEvent,
    types::{FinishReason, ServiceTier, Usage},
};

/// Reads one answer.
#[derive(Debug)]
pub(super) struct ChatDecoder {
    answer: Answer,
    /// Whether only `[DONE]` ends a stream.
    done_marker: bool,
    /// Whether a chunk said that it is the last: Perplexity's streams end so.
    closed: bool,
    completion_id: String,
    tier: ServiceTier,
    reason: Option<FinishReason>,
    citations: Option<Box<Value>>,
    search_results: Option<Box<Value>>,
    /// For each tool call, the index the server gave it.
    tools: Vec<Option<u64>>,
}

impl ChatDecoder {
    /// A decoder for an answer; with `done_marker` only `[DONE]` ends its stream.
    pub(super) fn new(answer: Answer, done_marker: bool) -> Self {
        Self {
            answer,
            done_marker,
            closed: false,
            completion_id: String::new(),
            tier: ServiceTier::Standard,
            reason: None,
            citations: None,
            search_results: None,
            tools: Vec::new(),
        }
    }

    fn parse<'a>(&self, data: &'a [u8]) -> Result<Chunk<'a>> {
        serde_json::from_slice(data).map_err(|fault| self.answer.malformed(&fault))
    }

    /// Takes in what a chunk says about the whole answer and returns what it adds to it.
    fn take<'a>(
        &mut self,
        chunk: Chunk<'a>,
        pick: impl FnOnce(Choice<'a>) -> Option<Delta<'a>>,
    ) -> Result<Option<Delta<'a>>> {
        let failures = self.answer.failures();
        if let Some(error) = chunk.error {
            return Err(self.answer.refused(*error));
        }
        if chunk.object.0 == "error" {
            let error = failures.of_body(&serde_json::json!({ "message": chunk.message.0 }));
            return Err(self.answer.fail(error));
        }
        self.closed |= chunk.object.0 == "chat.completion.done" || chunk.kind.0 == "end_of_stream";
        self.answer.tell_model(&chunk.model.0);
        if self.completion_id.is_empty() && !chunk.id.is_empty() {
            self.completion_id = chunk.id.0.into_owned();
        }
        if !chunk.service_tier.is_empty() {
            self.tier = ServiceTier::named(&chunk.service_tier.0);
        }
        if let Some(usage) = chunk.usage {
            if let Some(cost) = usage.cost() {
                self.answer.tell_cost(cost);
            }
            self.answer.tell_usage(usage.usage());
        }
        self.citations = chunk.citations.or(self.citations.take());
        self.search_results = chunk.search_results.or(self.search_results.take());
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
        self.answer.reasoning(reasoning.0.into_owned(), out);
        for (name, value) in
            [("reasoning_details", delta.reasoning_details), ("annotations", delta.annotations)]
        {
            if let Some(value) = value.filter(|value| is_something(value)) {
                if name == "annotations" {
                    self.cite(&value, out);
                }
                self.answer.extra(name, *value, out);
            }
        }
        self.answer.text(delta.content.0.into_owned(), out);
        self.answer.refusal(delta.refusal.0.into_owned(), out);
        for (position, call) in delta.tool_calls.into_iter().flatten().enumerate() {
            self.deliver_tool_call(position, call, out);
        }
    }

    /// OpenAI's citations of a web search.
    fn cite(&mut self, annotations: &Value, out: &mut VecDeque<ChatEvent>) {
        for annotation in annotations.as_array().into_iter().flatten() {
            let cited = annotation.get("url_citation").unwrap_or(annotation);
            self.answer_source(cited, out);
        }
    }

    fn answer_source(&mut self, told: &Value, out: &mut VecDeque<ChatEvent>) {
        if let Some(source) = source(told) {
            self.answer.source(source, out);
        }
    }

    /// Joins a piece to its call by the wire's index, else by id, else by its place in the list.
    fn deliver_tool_call(
        &mut self,
        position: usize,
        call: ToolDelta<'_>,
        out: &mut VecDeque<ChatEvent>,
    ) {
        let wire_index = call.index.whole();
        let function = call.function.unwrap_or_default();
        let (name, arguments) = (function.name.0, function.arguments.0);
        let known = (0..self.tools.len()).rev().find(|place| {
            let Some(tool) = self.answer.tool_call(*place) else { return false };
            let same_index = self.tools.get(*place).copied().flatten() == wire_index;
            match (wire_index, call.id.is_empty()) {
                // Some servers give every parallel call the index 0 and tell them apart by id.
                (Some(_), false) => same_index && (tool.id == call.id.0 || tool.name.is_empty()),
                (Some(_), true) => same_index,
                (None, false) => tool.id == call.id.0,
                (None, true) => false,
            }
        });
        let by_place = wire_index.is_none()
            && call.id.is_empty()
            && name.is_empty()
            && position < self.tools.len();
        let (name, arguments) = (name.into_owned(), arguments.into_owned());
        match known.or(by_place.then_some(position)) {
            Some(place) => self.answer.more_of_tool_call(place, name, arguments, out),
            None => {
                let made = || self.answer.make_call_id(&self.completion_id);
                let id = call.id.into_some().unwrap_or_else(made);
                self.tools.push(wire_index);
                self.answer.begin_tool_call(id, name, arguments, out);
            }
        }
    }

    fn finish(&mut self, out: &mut VecDeque<ChatEvent>) {
        let (results, citations) = (self.search_results.take(), self.citations.take());
        // Perplexity tells the same sources twice, the second time with their titles.
        let told = results
            .filter(|value| is_something(value))
            .or(citations.filter(|value| is_something(value)));
        for source in told.iter().filter_map(|told| told.as_array()).flatten() {
            self.answer_source(source, out);
        }
        if let Some(usage) = self.answer.usage() {
            self.answer.tell_usage(Usage { tier: self.tier, ..usage });
        }
        let called = self.answer.tool_calls() > 0;
        let unstated = if called { FinishReason::ToolCalls } else { unstated() };
        let reason = self.reason.take().unwrap_or(unstated);
        self.answer.finish(reason, out);
    }
}

impl Decode for ChatDecoder {
    fn event(&mut self, event: SseEvent<'_>, out: &mut VecDeque<ChatEvent>) -> Result<()> {
        let data = event.data.trim_ascii();
        if event.name == b"error" {
            // Some servers name the event and send the bare error, others wrap it as usual.
            let failures = self.answer.failures();
            let error = serde_json::from_slice(data).map_or_else(
                |_| failures.broken("the provider failed"),
                |json| failures.of_body(&json),
            );
            return Err(self.answer.fail(error));
        }
        if data == b"[DONE]" {
            self.finish(out);
            return Ok(());
        }
        if data.is_empty() {
            return Ok(());
        }
        let chunk = self.parse(data)?;
        // Beside deltas a `message` is the whole text so far, and would say it twice.
        let message_alone = !self.answer.is_started();
        let delta = self.take(chunk, |choice| {
            choice.delta.or(choice.message.filter(|_| message_alone).map(|whole| *whole))
        })?;
        if let Some(delta) = delta {
            self.deliver(delta, out);
        }
        Ok(())
    }

    fn whole(&mut self, body: &[u8], out: &mut VecDeque<ChatEvent>) -> Result<()> {
        let chunk = self.parse(body)?;
        let Some(delta) =
            self.take(chunk, |choice| choice.message.map(|whole| *whole).or(choice.delta))?
        else {
            return Err(self.answer.missing());
        };
        self.deliver(delta, out);
        self.finish(out);
        Ok(())
    }

    fn end(&mut self, out: &mut VecDeque<ChatEvent>) -> Result<()> {
        if (self.closed || !self.done_marker) && self.reason.is_some() {
            self.finish(out);
            return Ok(());
        }
        Err(self.answer.cut_short())
    }

    fn answer(&self) -> &Answer {
        &self.answer
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
