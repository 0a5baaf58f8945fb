//! Turns the lines of a stream, or one whole reply, into events: both are one shape, in which every
//! field may be missing, null or unknown.

use std::collections::VecDeque;

use serde::Deserialize;
use serde_json::Value;

use super::super::{
    Answer, Decode,
    lenient::{Arguments, Count, Flag, Text},
    unstated,
};
use crate::{
    error::Result,
    http::SseEvent,
    provider::ChatEvent,
    types::{FinishReason, Usage},
};

/// One line of a stream, or one whole reply.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Line<'a> {
    #[serde(borrow)]
    model: Text<'a>,
    #[serde(borrow)]
    created_at: Text<'a>,
    #[serde(borrow)]
    message: Option<Message<'a>>,
    done: Flag,
    #[serde(borrow)]
    done_reason: Text<'a>,
    prompt_eval_count: Count,
    eval_count: Count,
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Message<'a> {
    #[serde(borrow)]
    content: Text<'a>,
    #[serde(borrow)]
    thinking: Text<'a>,
    #[serde(borrow)]
    tool_calls: Option<Vec<ToolCall<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ToolCall<'a> {
    /// Newer versions give one.
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    function: Option<Function<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Function<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    arguments: Arguments<'a>,
}

/// Reads one answer.
#[derive(Debug)]
pub(super) struct OllamaDecoder {
    answer: Answer,
}

type Events = VecDeque<ChatEvent>;

impl OllamaDecoder {
    pub(super) fn new(answer: Answer) -> Self {
        Self { answer }
    }

    /// Takes in what a line says and tells whether it held any of the answer.
    fn read(&mut self, data: &[u8], out: &mut Events) -> Result<bool> {
        let line: Line<'_> =
            serde_json::from_slice(data).map_err(|fault| self.answer.malformed(&fault))?;
        if let Some(error) = line.error {
            return Err(self.answer.refused(error));
        }
        self.answer.tell_model(&line.model.0);
        let answered = line.message.is_some() || line.done.0;
        if let Some(message) = line.message {
            self.answer.reasoning(message.thinking.0.into_owned(), out);
            self.answer.text(message.content.0.into_owned(), out);
            for call in message.tool_calls.into_iter().flatten() {
                self.take_call(call, &line.created_at.0, out);
            }
        }
        let (input, output) = (line.prompt_eval_count.0, line.eval_count.0);
        if input > 0 || output > 0 {
            self.answer.tell_usage(Usage { input, output, ..Usage::default() });
        }
        if line.done.0 {
            self.answer.finish(finish_reason(&line.done_reason.0), out);
        }
        Ok(answered)
    }

    fn take_call(&mut self, call: ToolCall<'_>, created_at: &str, out: &mut Events) {
        let function = call.function.unwrap_or_default();
        // The answer has no id of its own but the time of its lines.
        let id = call.id.into_some().unwrap_or_else(|| self.answer.make_call_id(created_at));
        let (name, arguments) = (function.name.0, function.arguments.0);
        self.answer.begin_tool_call(id, name.into_owned(), arguments.into_owned(), out);
    }
}

impl Decode for OllamaDecoder {
    fn event(&mut self, event: SseEvent<'_>, out: &mut VecDeque<ChatEvent>) -> Result<()> {
        self.read(event.data, out).map(|_| ())
    }

    fn whole(&mut self, body: &[u8], out: &mut VecDeque<ChatEvent>) -> Result<()> {
        if !self.read(body, out)? {
            return Err(self.answer.missing());
        }
        // Does nothing where the reply said that it is done.
        self.answer.finish(unstated(), out);
        Ok(())
    }

    fn end(&mut self, _: &mut VecDeque<ChatEvent>) -> Result<()> {
        Err(self.answer.cut_short())
    }

    fn answer(&self) -> &Answer {
        &self.answer
    }
}

fn finish_reason(word: &str) -> FinishReason {
    match word {
        // Older versions say no more than that they are done.
        "" | "stop" => FinishReason::Stop,
        "length" => FinishReason::Length,
        other => FinishReason::Other(other.to_owned()),
    }
}
