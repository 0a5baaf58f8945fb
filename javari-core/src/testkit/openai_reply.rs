//! What the loopback server answers: an answer of a model, an error, or raw bytes, with faults.

use bytes::Bytes;
use serde_json::{Value, json};

use super::Gate;

/// One scripted reply.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Body,
    pub(super) gate: Option<Gate>,
    pub(super) cut: Option<usize>,
    pub(super) stall: Option<usize>,
    pub(super) piece: Option<usize>,
}

#[derive(Debug, Clone)]
pub(super) enum Body {
    Answer(Answer),
    Raw { content_type: String, parts: Vec<Bytes> },
}

/// An answer of a model, streamed or whole as the request asks.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    deltas: Vec<Value>,
    finish: &'static str,
    usage: Option<Value>,
    error: Option<Value>,
    done: bool,
}

impl Reply {
    /// An answer whose stream has one event for each of these texts.
    pub fn text(deltas: &[&str]) -> Self {
        Self::answer(deltas.iter().map(|text| json!({ "content": text })).collect(), "stop")
    }

    /// A tool call whose arguments come in these pieces.
    pub fn tool_call(id: &str, name: &str, arguments: &[&str]) -> Self {
        let deltas = arguments.iter().enumerate().map(|(place, piece)| {
            let mut call = json!({ "index": 0, "function": { "arguments": piece } });
            if let (0, Some(call)) = (place, call.as_object_mut()) {
                call.insert("id".to_owned(), json!(id));
                call.insert("type".to_owned(), json!("function"));
                call.insert("function".to_owned(), json!({ "name": name, "arguments": piece }));
            }
            json!({ "tool_calls": [call] })
        });
        Self::answer(deltas.collect(), "tool_calls")
    }

    /// An error in OpenAI's form.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let error = json!({ "error": { "message": message, "type": code, "code": code } });
        let mut reply = Self::raw("application/json", vec![error.to_string().into()]);
        reply.status = status;
        reply
    }

    /// These bytes, each part in a write of its own.
    pub fn raw(content_type: &str, parts: Vec<Bytes>) -> Self {
        Self::of(Body::Raw { content_type: content_type.to_owned(), parts })
    }

    /// A stream of these bytes.
    pub fn raw_stream(parts: Vec<Bytes>) -> Self {
        Self::raw("text/event-stream", parts)
    }

    fn answer(deltas: Vec<Value>, finish: &'static str) -> Self {
        let usage = json!({ "prompt_tokens": 11, "completion_tokens": deltas.len(),
            "total_tokens": 11 + deltas.len() });
        Self::of(Body::Answer(Answer {
            deltas,
            finish,
            usage: Some(usage),
            error: None,
            done: true,
        }))
    }

    fn of(body: Body) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body,
            gate: None,
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

    /// The same reply, its body sent in pieces of so many bytes.
    #[must_use]
    pub fn in_pieces_of(mut self, bytes: usize) -> Self {
        self.piece = Some(bytes.max(1));
        self
    }

    /// The content type and the parts of the body.
    pub(super) fn render(&self, model: &str, stream: bool) -> (String, Vec<Bytes>) {
        let (content_type, parts) = match &self.body {
            Body::Raw { content_type, parts } => (content_type.clone(), parts.clone()),
            Body::Answer(answer) if stream => {
                ("text/event-stream; charset=utf-8".to_owned(), answer.events(model))
            }
            Body::Answer(answer) => {
                ("application/json".to_owned(), vec![answer.whole(model).to_string().into()])
            }
        };
        let Some(piece) = self.piece else { return (content_type, parts) };
        let body = parts.concat();
        (content_type, body.chunks(piece).map(Bytes::copy_from_slice).collect())
    }
}

impl Answer {
    /// The stream, one part for each event.
    fn events(&self, model: &str) -> Vec<Bytes> {
        let chunk = |choices: Value, usage: Value| {
            let chunk = json!({ "id": "chatcmpl-1", "object": "chat.completion.chunk",
                "created": 0, "model": model, "choices": choices, "usage": usage });
            Bytes::from(format!("data: {chunk}\n\n"))
        };
        let choice = |delta: &Value, finish: Value| json!([{ "index": 0, "delta": delta, "finish_reason": finish, "logprobs": null }]);
        let role = json!({ "role": "assistant", "content": "" });
        let mut events = vec![chunk(choice(&role, Value::Null), Value::Null)];
        events
            .extend(self.deltas.iter().map(|delta| chunk(choice(delta, Value::Null), Value::Null)));
        if let Some(error) = &self.error {
            events.push(format!("data: {}\n\n", json!({ "error": error })).into());
            return events;
        }
        events.push(chunk(choice(&json!({}), json!(self.finish)), Value::Null));
        if let Some(usage) = &self.usage {
            events.push(chunk(json!([]), usage.clone()));
        }
        if self.done {
            events.push(Bytes::from_static(b"data: [DONE]\n\n"));
        }
        events
    }

    fn whole(&self, model: &str) -> Value {
        if let Some(error) = &self.error {
            return json!({ "error": error });
        }
        let joined = |name: &str| -> String {
            self.deltas.iter().filter_map(|delta| delta.get(name)?.as_str()).collect()
        };
        let mut message = json!({ "role": "assistant", "content": joined("content") });
        let calls: Vec<&Value> =
            self.deltas.iter().filter_map(|delta| delta.pointer("/tool_calls/0")).collect();
        if let (Some(first), Some(message)) = (calls.first(), message.as_object_mut()) {
            let arguments: String = calls
                .iter()
                .filter_map(|call| call.pointer("/function/arguments")?.as_str())
                .collect();
            let name = first.pointer("/function/name");
            let function = json!({ "name": name, "arguments": arguments });
            let call = json!({ "id": first.get("id"), "type": "function", "function": function });
            message.insert("content".to_owned(), Value::Null);
            message.insert("tool_calls".to_owned(), json!([call]));
        }
        json!({ "id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": model,
            "choices": [{ "index": 0, "message": message, "finish_reason": self.finish }],
            "usage": self.usage })
    }
}
