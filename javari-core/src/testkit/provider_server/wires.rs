//! How an answer is told over each wire.

use bytes::Bytes;
use serde_json::{Value, json};

use super::reply::{Answer, Piece};

/// The wire that a request came in, and how it wants its answer.
#[derive(Debug)]
pub(super) struct Spoken {
    wire: Wire,
    pub(super) stream: bool,
    model: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wire {
    ChatCompletions,
    Responses,
    Messages,
    Gemini,
    Ollama,
}

impl Spoken {
    /// Tells the wire by the path of a request; one that is not known is taken for chat completions.
    pub(super) fn of(path: &str, body: &Value) -> Self {
        let wire = wire(path).unwrap_or(Wire::ChatCompletions);
        let asked = body.get("stream").and_then(Value::as_bool);
        let stream = match wire {
            Wire::Gemini => path.contains(":streamGenerateContent"),
            // Ollama streams unless it is told otherwise.
            Wire::Ollama => asked.unwrap_or(true),
            _ => asked.unwrap_or(false),
        };
        let in_path = path.split("/models/").nth(1).and_then(|rest| rest.split(':').next());
        let model = in_path.or(body.get("model").and_then(Value::as_str)).unwrap_or("unnamed");
        Self { wire, stream, model: model.to_owned() }
    }

    pub(super) fn is_known(path: &str) -> bool {
        wire(path).is_some()
    }

    pub(super) fn stream_type(&self) -> &'static str {
        match self.wire {
            Wire::Ollama => "application/x-ndjson",
            _ => "text/event-stream; charset=utf-8",
        }
    }

    /// An error reply.
    pub(super) fn error(&self, status: u16, code: &str, message: &str) -> Value {
        match self.wire {
            Wire::ChatCompletions | Wire::Responses => {
                json!({ "error": { "message": message, "type": code, "code": code } })
            }
            Wire::Messages => {
                json!({ "type": "error", "error": { "type": code, "message": message } })
            }
            Wire::Gemini => {
                json!({ "error": { "code": status, "message": message, "status": code } })
            }
            Wire::Ollama => json!({ "error": message }),
        }
    }

    /// The stream, one part for each event.
    pub(super) fn events(&self, answer: &Answer) -> Vec<Bytes> {
        match self.wire {
            Wire::ChatCompletions => self.chat_completion_events(answer),
            Wire::Responses => self.response_events(answer),
            Wire::Messages => self.message_events(answer),
            Wire::Gemini => self.gemini_events(answer),
            Wire::Ollama => self.ollama_lines(answer),
        }
    }

    /// The whole reply.
    pub(super) fn whole(&self, answer: &Answer) -> Value {
        if let Some(error) = &answer.error {
            return json!({ "error": error });
        }
        match self.wire {
            Wire::ChatCompletions => self.chat_completion(answer),
            Wire::Responses => self.response(answer, "completed"),
            Wire::Messages => self.message(answer),
            Wire::Gemini => self.gemini(&gemini_parts(answer), Some(answer)),
            Wire::Ollama => self.ollama(
                json!({ "content": answer.text(), "tool_calls": ollama_calls(answer) }),
                answer,
            ),
        }
    }

    fn chat_completion_events(&self, answer: &Answer) -> Vec<Bytes> {
        let chunk = |choices: Value, usage: Value| {
            let chunk = json!({ "id": "chatcmpl-1", "object": "chat.completion.chunk",
                "created": 0, "model": self.model, "choices": choices, "usage": usage });
            Bytes::from(format!("data: {chunk}\n\n"))
        };
        let choice = |delta: &Value, finish: Value| json!([{ "index": 0, "delta": delta, "finish_reason": finish, "logprobs": null }]);
        let role = json!({ "role": "assistant", "content": "" });
        let mut events = vec![chunk(choice(&role, Value::Null), Value::Null)];
        for piece in &answer.pieces {
            let call = |call: Value| json!({ "tool_calls": [call] });
            let delta = match piece {
                Piece::Text(text) => json!({ "content": text }),
                Piece::Reasoning(text) => json!({ "reasoning_content": text }),
                Piece::Call { id, name } => call(json!({ "index": 0, "id": id, "type": "function",
                    "function": { "name": name, "arguments": "" } })),
                Piece::Arguments(text) => {
                    call(json!({ "index": 0, "function": { "arguments": text } }))
                }
            };
            events.push(chunk(choice(&delta, Value::Null), Value::Null));
        }
        if let Some(error) = &answer.error {
            events.push(format!("data: {}\n\n", json!({ "error": error })).into());
            return events;
        }
        let finish = if answer.call().is_some() { "tool_calls" } else { "stop" };
        events.push(chunk(choice(&json!({}), json!(finish)), Value::Null));
        if let Some(usage) = &answer.usage {
            events.push(chunk(json!([]), usage.clone()));
        }
        if answer.done {
            events.push(Bytes::from_static(b"data: [DONE]\n\n"));
        }
        events
    }

    fn chat_completion(&self, answer: &Answer) -> Value {
        let message = match answer.call() {
            None => json!({ "role": "assistant", "content": answer.text() }),
            Some((id, name, arguments)) => {
                let function = json!({ "name": name, "arguments": arguments });
                let call = json!({ "id": id, "type": "function", "function": function });
                json!({ "role": "assistant", "content": null, "tool_calls": [call] })
            }
        };
        let finish = if answer.call().is_some() { "tool_calls" } else { "stop" };
        json!({ "id": "chatcmpl-1", "object": "chat.completion", "created": 0,
            "model": self.model, "usage": answer.usage,
            "choices": [{ "index": 0, "message": message, "finish_reason": finish }] })
    }

    fn response_events(&self, answer: &Answer) -> Vec<Bytes> {
        let mut number = 0;
        let mut events = Vec::new();
        let mut push = |mut event: Value| {
            if let Some(fields) = event.as_object_mut() {
                fields.insert("sequence_number".to_owned(), json!(number));
            }
            number += 1;
            events.push(named(&event));
        };
        push(json!({ "type": "response.created",
            "response": { "id": "resp_1", "model": self.model, "status": "in_progress" } }));
        let (mut opened, mut place) = (None, 0);
        for piece in &answer.pieces {
            match piece {
                Piece::Text(text) => {
                    if opened != Some("message") {
                        place += usize::from(opened.is_some());
                        opened = Some("message");
                        push(json!({ "type": "response.output_item.added", "output_index": place,
                            "item": { "id": "msg_1", "type": "message", "role": "assistant",
                                "status": "in_progress", "content": [] } }));
                    }
                    push(json!({ "type": "response.output_text.delta", "item_id": "msg_1",
                        "output_index": place, "content_index": 0, "delta": text }));
                }
                Piece::Reasoning(text) => {
                    opened = Some("reasoning");
                    push(json!({ "type": "response.reasoning_summary_text.delta",
                        "item_id": "rs_1", "output_index": place, "summary_index": 0,
                        "delta": text }));
                }
                Piece::Call { id, name } => {
                    place += usize::from(opened.is_some());
                    opened = Some("call");
                    push(json!({ "type": "response.output_item.added", "output_index": place,
                        "item": { "id": "fc_1", "type": "function_call", "call_id": id,
                            "name": name, "arguments": "", "status": "in_progress" } }));
                }
                Piece::Arguments(text) => {
                    push(json!({ "type": "response.function_call_arguments.delta",
                        "item_id": "fc_1", "output_index": place, "delta": text }));
                }
            }
        }
        match &answer.error {
            Some(error) => push(json!({ "type": "error", "error": error })),
            None => {
                push(json!({ "type": "response.completed",
                    "response": self.response(answer, "completed") }));
            }
        }
        events
    }

    fn response(&self, answer: &Answer, status: &str) -> Value {
        let mut output = Vec::new();
        if !answer.text().is_empty() {
            let content = json!([{ "type": "output_text", "text": answer.text(),
                "annotations": [] }]);
            output.push(json!({ "id": "msg_1", "type": "message", "role": "assistant",
                "status": "completed", "content": content }));
        }
        if let Some((id, name, arguments)) = answer.call() {
            output.push(json!({ "id": "fc_1", "type": "function_call", "call_id": id,
                "name": name, "arguments": arguments, "status": "completed" }));
        }
        let (read, written) = answer.tokens();
        let usage = answer.usage.as_ref().map(|_| {
            json!({ "input_tokens": read, "output_tokens": written,
                "total_tokens": read + written })
        });
        json!({ "id": "resp_1", "object": "response", "model": self.model, "status": status,
            "output": output, "usage": usage })
    }

    fn message_events(&self, answer: &Answer) -> Vec<Bytes> {
        let (read, written) = answer.tokens();
        let start = json!({ "type": "message_start", "message": { "id": "msg_1",
            "type": "message", "role": "assistant", "model": self.model, "content": [],
            "stop_reason": null, "usage": { "input_tokens": read, "output_tokens": 1 } } });
        let mut events = vec![named(&start), named(&json!({ "type": "ping" }))];
        let (mut opened, mut index) = (None, 0);
        for piece in &answer.pieces {
            let (kind, block, delta) = match piece {
                Piece::Text(text) => (
                    "text",
                    json!({ "type": "text", "text": "" }),
                    Some(json!({ "type": "text_delta", "text": text })),
                ),
                Piece::Reasoning(text) => (
                    "thinking",
                    json!({ "type": "thinking", "thinking": "", "signature": "" }),
                    Some(json!({ "type": "thinking_delta", "thinking": text })),
                ),
                Piece::Call { id, name } => (
                    "tool_use",
                    json!({ "type": "tool_use", "id": id, "name": name, "input": {} }),
                    None,
                ),
                Piece::Arguments(text) => (
                    "tool_use",
                    Value::Null,
                    Some(json!({ "type": "input_json_delta", "partial_json": text })),
                ),
            };
            if opened != Some(kind) {
                if opened.is_some() {
                    events.push(named(&json!({ "type": "content_block_stop", "index": index })));
                    index += 1;
                }
                opened = Some(kind);
                events.push(named(&json!({ "type": "content_block_start", "index": index,
                    "content_block": block })));
            }
            if let Some(delta) = delta {
                events.push(named(&json!({ "type": "content_block_delta", "index": index,
                    "delta": delta })));
            }
        }
        if let Some(error) = &answer.error {
            events.push(named(&json!({ "type": "error", "error": error })));
            return events;
        }
        if opened.is_some() {
            events.push(named(&json!({ "type": "content_block_stop", "index": index })));
        }
        let stop = if answer.call().is_some() { "tool_use" } else { "end_turn" };
        events.push(named(&json!({ "type": "message_delta", "delta": { "stop_reason": stop },
            "usage": { "output_tokens": written } })));
        events.push(named(&json!({ "type": "message_stop" })));
        events
    }

    fn message(&self, answer: &Answer) -> Value {
        let mut content = Vec::new();
        if !answer.reasoning().is_empty() {
            content.push(json!({ "type": "thinking", "thinking": answer.reasoning(),
                "signature": "" }));
        }
        if !answer.text().is_empty() {
            content.push(json!({ "type": "text", "text": answer.text() }));
        }
        if let Some((id, name, arguments)) = answer.call() {
            let input = parsed(&arguments);
            content.push(json!({ "type": "tool_use", "id": id, "name": name, "input": input }));
        }
        let (read, written) = answer.tokens();
        let stop = if answer.call().is_some() { "tool_use" } else { "end_turn" };
        json!({ "id": "msg_1", "type": "message", "role": "assistant", "model": self.model,
            "content": content, "stop_reason": stop,
            "usage": { "input_tokens": read, "output_tokens": written } })
    }

    fn gemini_events(&self, answer: &Answer) -> Vec<Bytes> {
        let framed = |json: Value| Bytes::from(format!("data: {json}\r\n\r\n"));
        let mut parts = gemini_parts(answer);
        let last = parts.pop();
        let mut events: Vec<Bytes> =
            parts.into_iter().map(|part| framed(self.gemini(&[part], None))).collect();
        let last: Vec<Value> = last.into_iter().collect();
        match &answer.error {
            Some(error) => {
                events.push(framed(self.gemini(&last, None)));
                events.push(framed(json!({ "error": error })));
            }
            None => events.push(framed(self.gemini(&last, Some(answer)))),
        }
        events
    }

    fn gemini(&self, parts: &[Value], ended: Option<&Answer>) -> Value {
        let mut candidate = json!({ "index": 0, "content": { "role": "model", "parts": parts } });
        let mut reply = json!({ "modelVersion": self.model, "responseId": "gemini-1" });
        if let (Some(answer), Some(candidate), Some(reply)) =
            (ended, candidate.as_object_mut(), reply.as_object_mut())
        {
            candidate.insert("finishReason".to_owned(), json!("STOP"));
            let (read, written) = answer.tokens();
            if answer.usage.is_some() {
                let usage = json!({ "promptTokenCount": read, "candidatesTokenCount": written,
                    "totalTokenCount": read + written });
                reply.insert("usageMetadata".to_owned(), usage);
            }
        }
        if let Some(reply) = reply.as_object_mut() {
            reply.insert("candidates".to_owned(), json!([candidate]));
        }
        reply
    }

    fn ollama_lines(&self, answer: &Answer) -> Vec<Bytes> {
        let line = |json: Value| Bytes::from(format!("{json}\n"));
        let open = |message: Value| {
            line(json!({ "model": self.model, "created_at": "2026-11-22T00:00:00Z",
                "message": message, "done": false }))
        };
        let mut lines = Vec::new();
        for piece in &answer.pieces {
            match piece {
                Piece::Text(text) => {
                    lines.push(open(json!({ "role": "assistant", "content": text })));
                }
                Piece::Reasoning(text) => lines
                    .push(open(json!({ "role": "assistant", "content": "", "thinking": text }))),
                Piece::Call { .. } => lines.push(open(json!({ "role": "assistant",
                    "content": "", "tool_calls": ollama_calls(answer) }))),
                Piece::Arguments(_) => {}
            }
        }
        match &answer.error {
            Some(error) => lines.push(line(json!({ "error": error.get("message") }))),
            None => lines.push(line(self.ollama(json!({ "content": "" }), answer))),
        }
        lines
    }

    fn ollama(&self, mut message: Value, answer: &Answer) -> Value {
        if let Some(message) = message.as_object_mut() {
            message.insert("role".to_owned(), json!("assistant"));
        }
        let (read, written) = answer.tokens();
        json!({ "model": self.model, "created_at": "2026-11-22T00:00:00Z", "message": message,
            "done": true, "done_reason": "stop", "prompt_eval_count": read,
            "eval_count": written })
    }
}

/// The text of the last message, in whichever shape a wire writes it.
pub(super) fn last_text(body: &Value) -> Option<&str> {
    let list = ["messages", "input", "contents"].into_iter().find_map(|name| body.get(name));
    let last = match list? {
        Value::String(text) => return Some(text),
        list => list.as_array()?.last()?,
    };
    let content = last.get("content").or_else(|| last.get("parts"))?;
    match content {
        Value::String(text) => Some(text),
        parts => parts.as_array()?.iter().rev().find_map(|part| part.get("text")?.as_str()),
    }
}

fn wire(path: &str) -> Option<Wire> {
    let path = path.split('?').next().unwrap_or(path);
    if path.contains(":generateContent") || path.contains(":streamGenerateContent") {
        return Some(Wire::Gemini);
    }
    match path.rsplit('/').next()? {
        "completions" => Some(Wire::ChatCompletions),
        "responses" => Some(Wire::Responses),
        "messages" => Some(Wire::Messages),
        "chat" => Some(Wire::Ollama),
        _ => None,
    }
}

/// A server-sent event that is named by its type.
fn named(event: &Value) -> Bytes {
    let name = event.get("type").and_then(Value::as_str).unwrap_or_default();
    format!("event: {name}\ndata: {event}\n\n").into()
}

fn gemini_parts(answer: &Answer) -> Vec<Value> {
    let part = |piece: &Piece| match piece {
        Piece::Text(text) => Some(json!({ "text": text })),
        Piece::Reasoning(text) => Some(json!({ "text": text, "thought": true })),
        Piece::Call { .. } => {
            let (id, name, arguments) = answer.call()?;
            let args = parsed(&arguments);
            Some(json!({ "functionCall": { "id": id, "name": name, "args": args } }))
        }
        Piece::Arguments(_) => None,
    };
    answer.pieces.iter().filter_map(part).collect()
}

fn ollama_calls(answer: &Answer) -> Vec<Value> {
    let call = answer.call().map(|(_, name, arguments)| {
        json!({ "function": { "name": name, "arguments": parsed(&arguments) } })
    });
    call.into_iter().collect()
}

fn parsed(arguments: &str) -> Value {
    serde_json::from_str(arguments).unwrap_or_else(|_| json!({}))
}
