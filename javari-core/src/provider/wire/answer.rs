//! One answer while it comes in: what every wire tells in the same way.

use std::collections::VecDeque;

use serde_json::Value;

use super::{Failures, replay};
use crate::{
    error::{Error, Retry},
    provider::{ChatEvent, Source, Warning},
    types::{Extra, FinishReason, ModelUsage, ToolCall, Usage, Usd},
};

/// The answer of one call, as far as it is known.
///
/// It says who answers right before the first thing that is delivered, so that an error that comes
/// before is still one that a router may answer with another provider; it hands over tool calls when
/// the answer is known to be complete; it ends once.
#[derive(Debug)]
pub(in crate::provider) struct Answer {
    failures: Failures,
    model: String,
    warnings: Vec<Warning>,
    /// The bytes of the request without images and files, to estimate its tokens for a service that tells none.
    sent: usize,
    /// Bytes of text, reasoning and arguments so far.
    written: usize,
    /// The text so far, where something of the answer may be kept for the next turn.
    text: Option<String>,
    started: bool,
    finished: bool,
    usage: Option<Usage>,
    by_model: Vec<ModelUsage>,
    cost: Option<Usd>,
    tools: Vec<ToolCall>,
    sources: Vec<Source>,
    kept: Option<(&'static str, Vec<Value>)>,
}

type Events = VecDeque<ChatEvent>;

impl Answer {
    /// The answer of `model` to a request of `sent` bytes. `warnings` are passed on with it.
    pub(in crate::provider) fn new(
        failures: Failures,
        model: String,
        sent: usize,
        warnings: Vec<Warning>,
    ) -> Self {
        Self {
            failures,
            model,
            warnings,
            sent,
            written: 0,
            text: None,
            started: false,
            finished: false,
            usage: None,
            by_model: Vec::new(),
            cost: None,
            tools: Vec::new(),
            sources: Vec::new(),
            kept: None,
        }
    }

    /// The same answer, of which something may be kept for the next turn.
    pub(in crate::provider) fn keeping(mut self) -> Self {
        self.text = Some(String::new());
        self
    }

    /// Whether `finished` was given.
    pub(in crate::provider) fn is_finished(&self) -> bool {
        self.finished
    }

    /// Whether anything was delivered.
    pub(in crate::provider) fn is_started(&self) -> bool {
        self.started
    }

    /// How errors of this call are made.
    pub(in crate::provider) fn failures(&self) -> &Failures {
        &self.failures
    }

    /// The model that answers, as far as it is known.
    pub(in crate::provider) fn model(&self) -> &str {
        &self.model
    }

    /// Whether the service told what the call used.
    pub(in crate::provider) fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// The error as a stream may give it: once something was delivered, doing the call again would
    /// deliver it twice, so no layer is advised to.
    pub(in crate::provider) fn fail(&self, error: Error) -> Error {
        if self.started {
            error.with_retry(Retry::Never).with("delivered", "a part of the answer")
        } else {
            error
        }
    }

    /// The error that the service told in its field for one.
    pub(in crate::provider) fn refused(&self, error: Value) -> Error {
        self.fail(self.failures.of_error(error))
    }

    /// The error of a reply without an answer.
    pub(in crate::provider) fn missing(&self) -> Error {
        self.broken("the provider sent no answer")
    }

    /// The error of a stream that ends before it said that it does.
    pub(in crate::provider) fn cut_short(&self) -> Error {
        self.broken("the answer ended before it was complete")
    }

    /// The error of data that is not the service's protocol.
    pub(in crate::provider) fn broken(&self, why: &str) -> Error {
        self.fail(self.failures.broken(why))
    }

    /// The error of text that is no JSON of the protocol; the text itself is not repeated.
    pub(in crate::provider) fn malformed(&self, fault: &serde_json::Error) -> Error {
        let place = format!("{:?} at column {}", fault.classify(), fault.column());
        self.broken("the provider sent something that is not its protocol").with("fault", place)
    }

    /// The service names the model that answers. Once something was delivered it stays.
    pub(in crate::provider) fn tell_model(&mut self, model: &str) {
        if !self.started && !model.is_empty() && self.model != model {
            model.clone_into(&mut self.model);
        }
    }

    /// The service tells what the call used so far, all of it.
    pub(in crate::provider) fn tell_usage(&mut self, usage: Usage) {
        self.usage = Some(usage.capped());
    }

    /// The service tells what several models used.
    pub(in crate::provider) fn tell_usage_by_model(&mut self, by_model: Vec<ModelUsage>) {
        self.by_model = by_model;
    }

    /// The service tells what the call costs.
    pub(in crate::provider) fn tell_cost(&mut self, cost: Usd) {
        self.cost = Some(cost);
    }

    /// Keeps what the service wants back on the next turn, in place of what was kept before. The answer
    /// has to be one that is [`keeping`](Self::keeping).
    pub(in crate::provider) fn keep(&mut self, wire: &'static str, content: Vec<Value>) {
        self.kept = Some((wire, content));
    }

    /// More of the answer; nothing is done without words.
    pub(in crate::provider) fn text(&mut self, delta: String, out: &mut Events) {
        if !delta.is_empty() {
            if let Some(text) = &mut self.text {
                text.push_str(&delta);
            }
            self.deliver(delta.len(), ChatEvent::Text { delta }, out);
        }
    }

    /// More of the reasoning; nothing is done without words.
    pub(in crate::provider) fn reasoning(&mut self, delta: String, out: &mut Events) {
        if !delta.is_empty() {
            self.deliver(delta.len(), ChatEvent::Reasoning { delta }, out);
        }
    }

    /// More of a refusal; nothing is done without words.
    pub(in crate::provider) fn refusal(&mut self, delta: String, out: &mut Events) {
        if !delta.is_empty() {
            self.deliver(delta.len(), ChatEvent::Refusal { delta }, out);
        }
    }

    /// Something without a common word.
    pub(in crate::provider) fn extra(&mut self, name: &str, value: Value, out: &mut Events) {
        self.deliver(0, ChatEvent::Extra { name: name.to_owned(), value }, out);
    }

    /// Where the answer is from; one that was told already is not told again.
    pub(in crate::provider) fn source(&mut self, source: Source, out: &mut Events) {
        if !self.sources.contains(&source) {
            self.sources.push(source.clone());
            self.deliver(0, ChatEvent::Source(source), out);
        }
    }

    /// Something is otherwise than was asked.
    pub(in crate::provider) fn warning(&mut self, warning: Warning, out: &mut Events) {
        if self.started {
            out.push_back(ChatEvent::Warning(warning));
        } else {
            self.warnings.push(warning);
        }
    }

    /// A tool call was cut off with its answer, so that it is not handed over.
    pub(in crate::provider) fn call_cut_off(&mut self, name: &str, out: &mut Events) {
        let message = format!("the call of `{name}` was cut off and is left out");
        self.warning(Warning::new("tool_call_cut_off", message), out);
    }

    /// An id for a call that has none: made from the answer's own, so that calls of two turns do not
    /// share one.
    pub(in crate::provider) fn make_call_id(&self, answer_id: &str) -> String {
        format!("call_{answer_id}_{}", self.tools.len())
    }

    /// How many tool calls there are.
    pub(in crate::provider) fn tool_calls(&self) -> usize {
        self.tools.len()
    }

    /// Begins a tool call and returns its place. A call without an id gets one.
    pub(in crate::provider) fn begin_tool_call(
        &mut self,
        id: String,
        name: String,
        arguments: String,
        out: &mut Events,
    ) -> usize {
        let place = self.tools.len();
        let told = Some(name.clone()).filter(|name| !name.is_empty());
        let event = ChatEvent::ToolCallDelta {
            index: wire_index(place),
            id: Some(id.clone()),
            name: told,
            arguments: arguments.clone(),
        };
        self.deliver(arguments.len(), event, out);
        self.tools.push(ToolCall { id, name, arguments });
        place
    }

    /// More of a tool call that has begun. A name is taken once.
    pub(in crate::provider) fn more_of_tool_call(
        &mut self,
        place: usize,
        name: String,
        arguments: String,
        out: &mut Events,
    ) {
        let Some(tool) = self.tools.get_mut(place) else { return };
        let named = tool.name.is_empty() && !name.is_empty();
        if arguments.is_empty() && !named {
            return;
        }
        tool.arguments.push_str(&arguments);
        let name = named.then_some(name);
        if let Some(name) = &name {
            tool.name.clone_from(name);
        }
        let (index, written) = (wire_index(place), arguments.len());
        let event = ChatEvent::ToolCallDelta { index, id: None, name, arguments };
        self.deliver(written, event, out);
    }

    /// The tool call that has begun at `place`.
    pub(in crate::provider) fn tool_call(&self, place: usize) -> Option<&ToolCall> {
        self.tools.get(place)
    }

    /// The answer is complete. A tool call whose arguments were cut off with the answer is told as a
    /// warning and not handed over.
    pub(in crate::provider) fn finish(&mut self, reason: FinishReason, out: &mut Events) {
        if self.finished {
            return;
        }
        self.start(out);
        let reason = match reason {
            FinishReason::Stop if !self.tools.is_empty() => FinishReason::ToolCalls,
            reason => reason,
        };
        let complete = matches!(reason, FinishReason::ToolCalls);
        let mut calls = Vec::with_capacity(self.tools.len());
        for mut call in std::mem::take(&mut self.tools) {
            // Where the answer was cut, no arguments yet and none at all look the same.
            let lost = !complete && call.arguments.trim().is_empty();
            if call.arguments.trim().is_empty() {
                "{}".clone_into(&mut call.arguments);
            }
            if !lost && (complete || is_json(&call.arguments)) {
                calls.push(call.clone());
                out.push_back(ChatEvent::ToolCall(call));
            } else {
                self.call_cut_off(&call.name, out);
            }
        }
        if let Some((wire, content)) = self.kept.take() {
            let text = self.text.take().unwrap_or_default();
            let Extra { name, value } = replay::keep(wire, &self.model, content, &text, &calls);
            out.push_back(ChatEvent::Extra { name, value });
        }
        self.finished = true;
        out.push_back(ChatEvent::Finished {
            reason,
            usage: self.usage.unwrap_or_else(|| Usage::estimate(self.sent, self.written)),
            model: self.model.clone(),
            cost: self.cost,
            by_model: std::mem::take(&mut self.by_model),
            failed_attempts: Vec::new(),
            cached: false,
        });
    }

    /// Says who answers, once.
    fn start(&mut self, out: &mut Events) {
        if self.started {
            return;
        }
        self.started = true;
        out.push_back(ChatEvent::Started {
            provider: self.failures.provider.clone(),
            model: self.model.clone(),
            request_id: self.failures.request_id.clone(),
        });
        out.extend(self.warnings.drain(..).map(ChatEvent::Warning));
    }

    fn deliver(&mut self, written: usize, event: ChatEvent, out: &mut Events) {
        self.start(out);
        self.written += written;
        out.push_back(event);
    }
}

/// The reason of an answer that is complete and does not say why.
pub(in crate::provider) fn unstated() -> FinishReason {
    FinishReason::Other("unstated".to_owned())
}

fn wire_index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}
