//! Turns the chunks of a stream, or one whole reply, into events.

use std::collections::VecDeque;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    super::{Answer, Decode, unstated},
    MADE_ID, NAME,
    chunk::{Candidate, Chunk, Part},
    partial::OpenCall,
    thinking::generation,
};
use crate::{
    error::Result,
    http::SseEvent,
    provider::{ChatEvent, Source, Warning},
    types::{FinishReason, Usage},
};

/// Reads one answer.
#[derive(Debug)]
pub(super) struct GeminiDecoder {
    answer: Answer,
    response_id: String,
    /// Whether an answer was seen at all, be it empty.
    answered: bool,
    reason: Option<FinishReason>,
    /// What the service says of a reason that is neither the end nor a limit.
    reason_told: String,
    /// A call whose arguments are still being written.
    open: Option<OpenCall>,
    /// The parts so far, to be sent back if one of them is signed.
    parts: Vec<Kept>,
    signed: bool,
    grounding: Option<Value>,
    searches: usize,
}

/// A part to be sent back: a text that more may be added to, or any other as it came.
#[derive(Debug)]
enum Kept {
    Text { text: String, thought: bool },
    Whole(Value),
}

type Events = VecDeque<ChatEvent>;

impl GeminiDecoder {
    pub(super) fn new(answer: Answer) -> Self {
        Self {
            answer: answer.keeping(),
            response_id: String::new(),
            answered: false,
            reason: None,
            reason_told: String::new(),
            open: None,
            parts: Vec::new(),
            signed: false,
            grounding: None,
            searches: 0,
        }
    }

    /// Reads a chunk, or the list of chunks that a stream is where no events were asked for.
    fn read(&mut self, data: &[u8], out: &mut Events) -> Result<()> {
        if data.first() == Some(&b'[') {
            let chunks: Vec<Chunk<'_>> = self.parse(data)?;
            chunks.into_iter().try_for_each(|chunk| self.take(chunk, out))
        } else {
            let chunk = self.parse(data)?;
            self.take(chunk, out)
        }
    }

    fn parse<'a, T: Deserialize<'a>>(&self, data: &'a [u8]) -> Result<T> {
        serde_json::from_slice(data).map_err(|fault| self.answer.malformed(&fault))
    }

    fn take(&mut self, chunk: Chunk<'_>, out: &mut Events) -> Result<()> {
        if let Some(error) = chunk.error {
            return Err(self.answer.refused(error));
        }
        self.answer.tell_model(&chunk.model_version.0);
        if self.response_id.is_empty() && !chunk.response_id.is_empty() {
            self.response_id = chunk.response_id.0.into_owned();
        }
        if let Some(usage) = chunk.usage_metadata.and_then(|usage| usage.usage()) {
            self.answer.tell_usage(usage);
        }
        let candidates = chunk.candidates.unwrap_or_default();
        if let Some(candidate) = candidates.into_iter().find(|candidate| candidate.index.0 == 0) {
            self.take_candidate(candidate, out);
        } else if let Some(feedback) = chunk.prompt_feedback {
            self.take_feedback(feedback, out);
        }
        Ok(())
    }

    fn take_candidate(&mut self, candidate: Candidate<'_>, out: &mut Events) {
        self.answered = true;
        let parts = candidate.content.and_then(|content| content.parts).unwrap_or_default();
        for part in parts {
            self.take_part(part, out);
        }
        if let Some(grounding) = candidate.grounding_metadata {
            self.take_grounding(grounding, out);
        }
        let citations = candidate.citation_metadata.as_ref();
        for name in ["citationSources", "citations"] {
            for citation in list(citations, name) {
                self.source(citation, None, out);
            }
        }
        if !candidate.finish_reason.is_empty() {
            self.reason = Some(finish_reason(&candidate.finish_reason.0));
            self.reason_told = candidate.finish_message.0.into_owned();
        }
    }

    /// A prompt that was blocked has no answer, and its reason is the answer.
    fn take_feedback(&mut self, feedback: Value, out: &mut Events) {
        let text = |name: &str| feedback.get(name).and_then(Value::as_str).unwrap_or_default();
        if text("blockReason").is_empty() {
            return;
        }
        self.answered = true;
        self.reason = Some(FinishReason::ContentFilter);
        self.answer.refusal(text("blockReasonMessage").to_owned(), out);
        self.answer.extra("promptFeedback", feedback, out);
    }

    fn take_part(&mut self, part: Part<'_>, out: &mut Events) {
        self.signed |= part.signature.is_some();
        if let Some(call) = part.function_call {
            self.take_call(call, part.signature.map(|signature| signature.0.into_owned()), out);
            return;
        }
        let text = part.text.map(|text| text.0.into_owned()).unwrap_or_default();
        for (name, value) in &part.rest {
            if !is_about_a_part(name) {
                self.answer.extra(name, value.clone(), out);
            }
        }
        if part.signature.is_none() && part.rest.is_empty() {
            self.keep_text(&text, part.thought);
        } else {
            let mut whole = part.rest;
            if !text.is_empty() || whole.is_empty() {
                whole.insert("text".to_owned(), text.as_str().into());
            }
            if part.thought {
                whole.insert("thought".to_owned(), true.into());
            }
            if let Some(signature) = part.signature {
                whole.insert("thoughtSignature".to_owned(), signature.0.into());
            }
            self.parts.push(Kept::Whole(Value::Object(whole)));
        }
        match part.thought {
            true => self.answer.reasoning(text, out),
            false => self.answer.text(text, out),
        }
    }

    /// Keeps a text without a signature: nothing hangs on where such a one was cut.
    fn keep_text(&mut self, more: &str, is_thought: bool) {
        if more.is_empty() {
            return;
        }
        match self.parts.last_mut() {
            Some(Kept::Text { text, thought }) if *thought == is_thought => text.push_str(more),
            _ => self.parts.push(Kept::Text { text: more.to_owned(), thought: is_thought }),
        }
    }

    /// A call comes whole, or begins with its name and goes on in nameless parts that end with one
    /// that does not say that it will continue.
    fn take_call(&mut self, call: Value, signature: Option<String>, out: &mut Events) {
        let text = |name: &str| call.get(name).and_then(Value::as_str).unwrap_or_default();
        let goes_on = call.get("willContinue") == Some(&Value::Bool(true));
        let name = text("name");
        if name.is_empty() || goes_on || call.get("partialArgs").is_some() {
            let same = |open: &mut OpenCall| name.is_empty() || open.name == name;
            let mut open = match self.open.take_if(same) {
                Some(open) => open,
                None if name.is_empty() => return,
                None => {
                    self.close_call(out);
                    OpenCall::new(text("id").to_owned(), name.to_owned())
                }
            };
            open.take(&call);
            open.signature = open.signature.or(signature);
            self.open = Some(open);
            if !goes_on {
                self.close_call(out);
            }
            return;
        }
        self.close_call(out);
        let arguments = match call.get("args") {
            None | Some(Value::Null) => "{}".to_owned(),
            Some(arguments) => arguments.to_string(),
        };
        self.begin_call(text("id").to_owned(), name.to_owned(), arguments, out);
        self.keep_call(call, signature);
    }

    /// The arguments of the open call are complete.
    fn close_call(&mut self, out: &mut Events) {
        let Some(mut open) = self.open.take() else { return };
        let (id, name) = (std::mem::take(&mut open.id), std::mem::take(&mut open.name));
        let signature = open.signature.take();
        let arguments = open.into_arguments();
        let mut call = json!({ "name": name, "args": arguments });
        if let (false, Some(call)) = (id.is_empty(), call.as_object_mut()) {
            call.insert("id".to_owned(), id.as_str().into());
        }
        self.begin_call(id, name, arguments.to_string(), out);
        self.keep_call(call, signature);
    }

    fn begin_call(&mut self, id: String, name: String, arguments: String, out: &mut Events) {
        let id = match id.is_empty() {
            // Made from the answer's own id, so that calls of two turns do not share one.
            true => format!("{MADE_ID}{}_{}", self.response_id, self.answer.tool_calls()),
            false => id,
        };
        self.answer.begin_tool_call(id, name, arguments, out);
    }

    fn keep_call(&mut self, call: Value, signature: Option<String>) {
        let mut part = json!({ "functionCall": call });
        if let (Some(signature), Some(part)) = (signature, part.as_object_mut()) {
            part.insert("thoughtSignature".to_owned(), signature.into());
        }
        self.parts.push(Kept::Whole(part));
    }

    fn take_grounding(&mut self, grounding: Value, out: &mut Events) {
        for chunk in list(Some(&grounding), "groundingChunks") {
            for kind in ["web", "retrievedContext", "maps", "image"] {
                if let Some(told) = chunk.get(kind) {
                    let quote = told.get("text").and_then(Value::as_str);
                    self.source(told, quote, out);
                }
            }
        }
        let queries = list(Some(&grounding), "webSearchQueries").count();
        self.searches = self.searches.max(queries);
        self.grounding = Some(grounding);
    }

    fn source(&mut self, told: &Value, quote: Option<&str>, out: &mut Events) {
        let text = |name: &str| told.get(name).and_then(Value::as_str);
        let Some(url) = text("uri").or_else(|| text("sourceUri")) else { return };
        let (title, quote) = (text("title").map(str::to_owned), quote.map(str::to_owned));
        self.answer.source(Source { title, quote, ..Source::at(url) }, out);
    }

    fn finish(&mut self, reason: FinishReason, out: &mut Events) {
        if let Some(open) = self.open.take() {
            self.answer.call_cut_off(&open.name, out);
        }
        let usual = matches!(reason, FinishReason::Stop | FinishReason::Length);
        if !usual && !self.reason_told.is_empty() {
            let message = std::mem::take(&mut self.reason_told);
            self.answer.warning(Warning::new("finish_reason", message), out);
        }
        if let Some(grounding) = self.grounding.take() {
            self.answer.extra("groundingMetadata", grounding, out);
        }
        if let Some(usage) = self.answer.usage() {
            let searches = self.searches_charged();
            self.answer.tell_usage(Usage { searches, ..usage });
        }
        if self.signed {
            let parts = std::mem::take(&mut self.parts);
            self.answer.keep(NAME, parts.into_iter().map(Kept::into_part).collect());
        }
        self.answer.finish(reason, out);
    }

    /// From the third generation on each search is charged for, before it a grounded answer is.
    fn searches_charged(&self) -> u64 {
        match generation(self.answer.model()) {
            Some(generation) if generation < 3.0 => self.searches.min(1) as u64,
            _ => self.searches as u64,
        }
    }
}

impl Decode for GeminiDecoder {
    fn event(&mut self, event: SseEvent<'_>, out: &mut VecDeque<ChatEvent>) -> Result<()> {
        match event.data.trim_ascii() {
            // Said by servers that translate; the end of the stream says more.
            b"" | b"[DONE]" => Ok(()),
            data => self.read(data, out),
        }
    }

    fn whole(&mut self, body: &[u8], out: &mut VecDeque<ChatEvent>) -> Result<()> {
        let body = body.trim_ascii();
        self.read(body, out)?;
        if !self.answered {
            return Err(self.answer.missing());
        }
        if self.reason.is_none() && body.first() != Some(&b'[') {
            self.reason = Some(unstated());
        }
        self.end(out)
    }

    fn end(&mut self, out: &mut VecDeque<ChatEvent>) -> Result<()> {
        // A reason may come twice with text between, so only the end of the stream is the end.
        match self.reason.take() {
            Some(reason) => {
                self.finish(reason, out);
                Ok(())
            }
            None => Err(self.answer.cut_short()),
        }
    }

    fn answer(&self) -> &Answer {
        &self.answer
    }
}

impl Kept {
    fn into_part(self) -> Value {
        match self {
            Self::Text { text, thought: false } => json!({ "text": text }),
            Self::Text { text, thought: true } => json!({ "text": text, "thought": true }),
            Self::Whole(part) => part,
        }
    }
}

fn finish_reason(word: &str) -> FinishReason {
    match word {
        "STOP" => FinishReason::Stop,
        "MAX_TOKENS" => FinishReason::Length,
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "MODEL_ARMOR" => FinishReason::ContentFilter,
        other => FinishReason::Other(other.to_owned()),
    }
}

/// Fields of a part that say something about it and are nothing of their own.
fn is_about_a_part(name: &str) -> bool {
    name.ends_with("Metadata") || name == "mediaResolution"
}

fn list<'v>(value: Option<&'v Value>, name: &str) -> impl Iterator<Item = &'v Value> {
    value.and_then(|value| value.get(name)).and_then(Value::as_array).into_iter().flatten()
}
