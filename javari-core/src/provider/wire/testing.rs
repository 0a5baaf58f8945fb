//! What every wire is tested by: its recorded traffic whole, cut at every byte and cut short.

use std::{collections::VecDeque, fs};

use futures::FutureExt;
use serde_json::{Value, json};

use super::{Answer, Decode, Failures, Framing, Splitter, Wire};
use crate::{
    error::Result,
    http::SseEvent,
    provider::{ChatEvent, ChatReply},
    types::Usage,
};

/// The events of an answer, and its error.
pub(in crate::provider::wire) type Decoded = (Vec<ChatEvent>, Option<String>);

/// How errors are made of a call to `openai` without a key.
pub(in crate::provider::wire) fn failures() -> Failures {
    Failures {
        operation: "provider.chat",
        provider: "openai".to_owned(),
        key: None,
        request_id: None,
    }
}

/// The decoder of an answer to a request of one byte to the model `asked`.
pub(in crate::provider::wire) fn decoder(wire: &dyn Wire) -> Box<dyn Decode> {
    wire.decoder(Answer::new(failures(), "asked".to_owned(), 1, Vec::new()))
}

/// A stream that arrives in these pieces.
pub(in crate::provider::wire) fn decode(wire: &dyn Wire, pieces: &[&[u8]]) -> Decoded {
    let mut decoder = decoder(wire);
    let mut events = VecDeque::new();
    let splitter = Splitter::new(wire.framing(), 1 << 22);
    let result = feed(splitter, decoder.as_mut(), pieces, &mut events);
    assert_eq!(
        decoder.answer().is_finished(),
        matches!(events.back(), Some(ChatEvent::Finished { .. })),
        "finished means the last event says so"
    );
    (events.into(), result.err().map(|error| error.to_string()))
}

fn feed(
    mut splitter: Splitter,
    decoder: &mut dyn Decode,
    pieces: &[&[u8]],
    events: &mut VecDeque<ChatEvent>,
) -> Result<()> {
    for piece in pieces {
        splitter.push(piece);
        while let Some(event) = splitter.next_event()? {
            step(decoder, event, events)?;
        }
    }
    if let Some(event) = splitter.finish()? {
        step(decoder, event, events)?;
    }
    if decoder.answer().is_finished() { Ok(()) } else { decoder.end(events) }
}

fn step(
    decoder: &mut dyn Decode,
    event: SseEvent<'_>,
    events: &mut VecDeque<ChatEvent>,
) -> Result<()> {
    if decoder.answer().is_finished() { Ok(()) } else { decoder.event(event, events) }
}

/// The reply that a whole body holds.
pub(in crate::provider::wire) fn decode_whole(wire: &dyn Wire, body: &[u8]) -> Result<ChatReply> {
    let mut events = VecDeque::new();
    decoder(wire).whole(body, &mut events)?;
    fold(events.into())
}

/// The reply that events add up to.
pub(in crate::provider::wire) fn fold(events: Vec<ChatEvent>) -> Result<ChatReply> {
    let stream = Box::pin(futures::stream::iter(events.into_iter().map(Ok)));
    ChatReply::from_stream(stream).now_or_never().unwrap()
}

/// Decodes a stream whole, cut in two at every place and with other line ends, and returns its events;
/// cut short anywhere before `terminal`, where the event that ends it is complete, it has to be an
/// error.
pub(in crate::provider::wire) fn decode_every_way(
    wire: &dyn Wire,
    name: &str,
    stream: &[u8],
    terminal: usize,
) -> Decoded {
    let whole = decode(wire, &[stream]);
    // Long recordings are cut at five hundred places spread over them.
    let step = if stream.len() < 16_384 { 1 } else { stream.len() / 500 };
    for cut in (0..=stream.len()).step_by(step) {
        let (left, right) = stream.split_at(cut);
        assert_eq!(decode(wire, &[left, right]), whole, "{name} cut at {cut}");
    }
    assert_eq!(decode(wire, &stream.chunks(1).collect::<Vec<_>>()), whole, "{name} byte by byte");
    if wire.framing() == Framing::Sse && !stream.contains(&b'\r') {
        let text = String::from_utf8(stream.to_vec()).unwrap();
        for end in ["\r\n", "\r"] {
            let other = text.replace('\n', end);
            assert_eq!(decode(wire, &[other.as_bytes()]), whole, "{name} {end:?}");
        }
    }
    for length in (0..terminal).step_by(step).chain(terminal.saturating_sub(200)..terminal) {
        let (events, error) = decode(wire, &[&stream[..length]]);
        assert!(error.is_some(), "{name} of {length} bytes passed for whole: {events:?}");
    }
    whole
}

/// Takes every chunk of a stream as each of the `mutated` ones, behind the chunks before it; each has to
/// be read without a fault. Tells how many were tried.
pub(in crate::provider::wire) fn survives(
    wire: &dyn Wire,
    chunks: &[Value],
    mutated: impl Fn(&Value) -> Vec<Value>,
) -> usize {
    let mut tried = 0;
    for (place, chunk) in chunks.iter().enumerate() {
        for changed in mutated(chunk) {
            let mut decoder = decoder(wire);
            let mut events = VecDeque::new();
            for chunk in chunks[..place].iter().chain([&changed]) {
                let data = chunk.to_string();
                let event = SseEvent { name: b"", data: data.as_bytes() };
                let result = step(decoder.as_mut(), event, &mut events);
                assert!(result.is_ok(), "{changed}: {result:?}");
            }
            tried += 1;
        }
    }
    tried
}

/// The same JSON with each of its values, itself included, in turn taken for null and for other types,
/// and with an unknown field in each of its objects.
pub(in crate::provider::wire) fn mutations(json: &Value) -> Vec<Value> {
    mutated(json, |_, _, _| true)
}

/// Of the [`mutations`] those that servers may send: no element of a list and not the chunk itself is
/// another than it is, and what is a list, an object or may be one is null at the most.
pub(in crate::provider::wire) fn mild_mutations(json: &Value) -> Vec<Value> {
    mutated(json, |place, value, odd| {
        let is_field = place.rsplit('/').next().is_some_and(|name| name.parse::<usize>().is_err());
        let is_plain = value.is_string() || value.is_number() || value.is_boolean();
        is_field && !place.is_empty() && (odd.is_null() || is_plain)
    })
}

/// The mutations of a JSON, where `takes` allows a value at its place to be another.
fn mutated(json: &Value, takes: impl Fn(&str, &Value, &Value) -> bool) -> Vec<Value> {
    let odd = [
        json!(null),
        json!("odd"),
        json!(7),
        json!(-1.5),
        json!(true),
        json!([1]),
        json!({}),
        json!({ "odd": [1] }),
    ];
    let mut mutations = Vec::new();
    for place in places(json, String::new()) {
        for odd in &odd {
            let mut changed = json.clone();
            let value = changed.pointer_mut(&place).unwrap();
            if takes(&place, value, odd) {
                value.clone_from(odd);
                mutations.push(changed);
            }
        }
        let mut changed = json.clone();
        if let Some(Value::Object(fields)) = changed.pointer_mut(&place) {
            fields.insert("unheard_of".to_owned(), json!({ "a": [1] }));
            mutations.push(changed);
        }
    }
    mutations
}

/// Where each value of the JSON stands, itself last.
fn places(json: &Value, place: String) -> Vec<String> {
    let mut found: Vec<String> = match json {
        Value::Object(fields) => {
            let fields = fields.iter();
            fields.flat_map(|(name, value)| places(value, format!("{place}/{name}"))).collect()
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.flat_map(|(index, value)| places(value, format!("{place}/{index}"))).collect()
        }
        _ => Vec::new(),
    };
    found.push(place);
    found
}

/// The tool calls of a reply: id, name, arguments.
pub(in crate::provider::wire) fn calls(reply: &ChatReply) -> Vec<(&str, &str, &str)> {
    let calls = reply.tool_calls.iter();
    calls.map(|call| (&*call.id, &*call.name, &*call.arguments)).collect()
}

/// What a service said beyond the common words, under this name.
pub(in crate::provider::wire) fn extra<'a>(reply: &'a ChatReply, name: &str) -> Option<&'a Value> {
    reply.extras.iter().find(|extra| extra.name == name).map(|extra| &extra.value)
}

/// So many tokens went in and came out, and nothing else is known.
pub(in crate::provider::wire) fn used(input: u64, output: u64) -> Usage {
    Usage { input, output, ..Usage::default() }
}

/// A stream as it went over the wire, of a recording that holds the data of an event in each line. An
/// event that has a type has it as its name too.
pub(in crate::provider::wire) fn framed(recorded: &str) -> String {
    let lines = recorded.lines().filter(|line| !line.is_empty());
    let events = lines.map(|line| {
        let event: Value = serde_json::from_str(line).unwrap();
        let name = event["type"].as_str().map(|name| format!("event: {name}\n"));
        format!("{}data: {line}\n\n", name.unwrap_or_default())
    });
    events.collect()
}

/// The chunks of a stream of server-sent events.
pub(in crate::provider::wire) fn chunks(stream: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(stream).unwrap();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter_map(|data| serde_json::from_str(data).ok()).collect()
}

/// The end of the last occurrence of `mark`, or of the stream where it does not occur.
pub(in crate::provider::wire) fn end_of(stream: &[u8], mark: &str) -> usize {
    let found = memchr::memmem::rfind(stream, mark.as_bytes());
    found.map_or(stream.len(), |at| at + mark.len())
}

/// One of the project's own fixtures.
pub(in crate::provider::wire) fn own_fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/providers/");
    fs::read(format!("{folder}{name}")).unwrap()
}

/// One recorded exchange.
pub(in crate::provider::wire) struct Exchange {
    pub(in crate::provider::wire) path: String,
    /// What was asked; empty where the recording leaves it out.
    pub(in crate::provider::wire) request: String,
    pub(in crate::provider::wire) status: u16,
    pub(in crate::provider::wire) body: String,
}

/// Reads the forms of YAML the recorders write: block texts, single-quoted and double-quoted texts.
pub(in crate::provider::wire) fn exchanges(yaml: &str) -> Vec<Exchange> {
    let mut exchanges = Vec::new();
    for document in yaml.split("\n---\n") {
        let (mut path, mut request) = (String::new(), String::new());
        let mut status = 200;
        let mut body = None;
        let mut lines = document.lines().peekable();
        let mut in_reply = false;
        while let Some(line) = lines.next() {
            let text = line.trim_start();
            in_reply |= text == "then:" || text == "response:";
            if let Some(value) = text.strip_prefix("path: ").or(text.strip_prefix("uri: ")) {
                value.clone_into(&mut path);
            } else if let Some(code) =
                text.strip_prefix("status: ").or(text.strip_prefix("code: ")).filter(|_| in_reply)
            {
                status = code.parse().unwrap();
            } else if let Some(value) =
                text.strip_prefix("body: ").or(text.strip_prefix("string: "))
            {
                let value = if value.starts_with('|') {
                    let indent = line.len() - text.len() + 2;
                    let mut block = String::new();
                    while let Some(line) = lines.next_if(|line| {
                        line.trim().is_empty()
                            || line.get(..indent).is_some_and(|lead| lead.trim().is_empty())
                    }) {
                        block.push_str(line.get(indent..).unwrap_or_default());
                        block.push('\n');
                    }
                    block
                } else if value.starts_with('"') {
                    serde_json::from_str(value).unwrap()
                } else {
                    let quoted =
                        value.strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
                    quoted.unwrap_or(value).replace("''", "'")
                };
                if in_reply {
                    body = Some(value);
                } else {
                    request = value;
                }
            }
        }
        exchanges.extend(body.map(|body| Exchange { path, request, status, body }));
    }
    exchanges
}
