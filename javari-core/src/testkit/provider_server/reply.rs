//! What the loopback server answers: an answer of a model, an error, or raw bytes, with faults.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{super::Gate, wires::Spoken};

/// One scripted reply.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Body,
    pub(super) gate: Option<Gate>,
    pub(super) silent: bool,
    pub(super) cut: Option<usize>,
    pub(super) stall: Option<usize>,
    pub(super) piece: Option<usize>,
}

#[derive(Debug, Clone)]
pub(super) enum Body {
    Answer(Answer),
    Error { status: u16, code: String, message: String },
    Raw { content_type: String, parts: Vec<Bytes> },
}

/// An answer of a model, streamed or whole as the request asks.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) pieces: Vec<Piece>,
    /// What the answer used, in OpenAI's shape; nothing where the service does not tell.
    pub(super) usage: Option<Value>,
    /// What stands in the place of its end.
    pub(super) error: Option<Value>,
    pub(super) done: bool,
}

/// One event of an answer.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    Text(String),
    Reasoning(String),
    /// The first piece of a tool call.
    Call {
        id: String,
        name: String,
    },
    /// More of the arguments of the call before.
    Arguments(String),
}

impl Reply {
    /// An answer whose stream has one event for each of these texts.
    pub fn text(deltas: &[&str]) -> Self {
        Self::answer(deltas.iter().map(|text| Piece::Text((*text).to_owned())).collect())
    }

    /// The same answer after this reasoning.
    #[must_use]
    pub fn after_reasoning(mut self, reasoning: &str) -> Self {
        if let Body::Answer(answer) = &mut self.body {
            answer.pieces.insert(0, Piece::Reasoning(reasoning.to_owned()));
        }
        self
    }

    /// A tool call whose arguments come in these pieces.
    pub fn tool_call(id: &str, name: &str, arguments: &[&str]) -> Self {
        let call = Piece::Call { id: id.to_owned(), name: name.to_owned() };
        let arguments = arguments.iter().map(|piece| Piece::Arguments((*piece).to_owned()));
        Self::answer(std::iter::once(call).chain(arguments).collect())
    }

    /// An error as the wire that is asked tells it.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let error = Body::Error { status, code: code.to_owned(), message: message.to_owned() };
        Self { status, ..Self::of(error) }
    }

    /// These bytes, each part in a write of its own.
    pub fn raw(content_type: &str, parts: Vec<Bytes>) -> Self {
        Self::of(Body::Raw { content_type: content_type.to_owned(), parts })
    }

    /// A stream of these bytes.
    pub fn raw_stream(parts: Vec<Bytes>) -> Self {
        Self::raw("text/event-stream", parts)
    }

    fn answer(pieces: Vec<Piece>) -> Self {
        let written = pieces.len();
        let usage = json!({ "prompt_tokens": 11, "completion_tokens": written,
            "total_tokens": 11 + written });
        Self::of(Body::Answer(Answer { pieces, usage: Some(usage), error: None, done: true }))
    }

    fn of(body: Body) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body,
            gate: None,
            silent: false,
            cut: None,
            stall: None,
            piece: None,
        }
    }

    /// The same reply with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same answer with this usage object, or without any.
    #[must_use]
    pub fn with_usage(mut self, usage: Option<Value>) -> Self {
        if let Body::Answer(answer) = &mut self.body {
            answer.usage = usage;
        }
        self
    }

    /// The same answer with an error in place of its end, inside the success reply.
    #[must_use]
    pub fn then_error(mut self, error: Value) -> Self {
        if let Body::Answer(answer) = &mut self.body {
            answer.error = Some(error);
        }
        self
    }

    /// The same stream without `[DONE]`, ended as if all were well.
    #[must_use]
    pub fn without_done(mut self) -> Self {
        if let Body::Answer(answer) = &mut self.body {
            answer.done = false;
        }
        self
    }

    /// The same reply, each part of its body sent when the gate lets it through.
    #[must_use]
    pub fn gated(mut self, gate: &Gate) -> Self {
        self.gate = Some(gate.clone());
        self
    }

    /// The same reply, whose connection is cut after so many bytes of the body.
    #[must_use]
    pub fn cut_at(mut self, bytes: usize) -> Self {
        self.cut = Some(bytes);
        self
    }

    /// The same reply, which goes silent for good after so many parts of its body.
    #[must_use]
    pub fn stalled_after(mut self, parts: usize) -> Self {
        self.stall = Some(parts);
        self
    }

    /// The same reply, of which not even the headers come.
    #[must_use]
    pub fn silent(mut self) -> Self {
        self.silent = true;
        self
    }

    /// The same reply, its body sent in pieces of so many bytes.
    #[must_use]
    pub fn in_pieces_of(mut self, bytes: usize) -> Self {
        self.piece = Some(bytes.max(1));
        self
    }

    /// The content type and the parts of the body, over the wire that is asked.
    pub(super) fn render(&self, spoken: &Spoken) -> (String, Vec<Bytes>) {
        let (content_type, parts) = match &self.body {
            Body::Raw { content_type, parts } => (content_type.clone(), parts.clone()),
            Body::Error { status, code, message } => {
                let error = spoken.error(*status, code, message);
                (JSON.to_owned(), vec![error.to_string().into()])
            }
            Body::Answer(answer) if spoken.stream => {
                (spoken.stream_type().to_owned(), spoken.events(answer))
            }
            Body::Answer(answer) => {
                (JSON.to_owned(), vec![spoken.whole(answer).to_string().into()])
            }
        };
        let Some(piece) = self.piece else { return (content_type, parts) };
        let body = parts.concat();
        (content_type, body.chunks(piece).map(Bytes::copy_from_slice).collect())
    }
}

const JSON: &str = "application/json";

impl Answer {
    /// The text of the whole answer.
    pub(super) fn text(&self) -> String {
        self.joined(|piece| match piece {
            Piece::Text(text) => Some(text),
            _ => None,
        })
    }

    /// The reasoning of the whole answer.
    pub(super) fn reasoning(&self) -> String {
        self.joined(|piece| match piece {
            Piece::Reasoning(text) => Some(text),
            _ => None,
        })
    }

    /// The tool call: its id, its name and its arguments.
    pub(super) fn call(&self) -> Option<(&str, &str, String)> {
        let (id, name) = self.pieces.iter().find_map(|piece| match piece {
            Piece::Call { id, name } => Some((id.as_str(), name.as_str())),
            _ => None,
        })?;
        let arguments = self.joined(|piece| match piece {
            Piece::Arguments(text) => Some(text),
            _ => None,
        });
        Some((id, name, arguments))
    }

    /// The tokens read and written that it states.
    pub(super) fn tokens(&self) -> (u64, u64) {
        let count = |name: &str| self.usage.as_ref().and_then(|usage| usage.get(name)?.as_u64());
        (count("prompt_tokens").unwrap_or(0), count("completion_tokens").unwrap_or(0))
    }

    fn joined(&self, pick: impl Fn(&Piece) -> Option<&String>) -> String {
        self.pieces.iter().filter_map(|piece| pick(piece).map(String::as_str)).collect()
    }
}
