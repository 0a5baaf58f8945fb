//! One block of a message while it comes in, kept so that it can go back as it came.

use serde_json::{Map, Value};

use super::turn::input;
use crate::{
    provider::Source,
    types::{FinishReason, ToolCall},
};

/// One block.
#[derive(Debug)]
pub(super) struct Block {
    /// The service's number for it, where it gave one.
    pub(super) index: Option<u64>,
    pub(super) kind: Kind,
    /// Whether more of it may come.
    pub(super) is_open: bool,
    /// Its fields beside what grows.
    fields: Map<String, Value>,
    /// What grows: its text, its thinking, or the JSON text of its input.
    grown: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Thinking,
    /// A call, at this place of the answer.
    Tool(usize),
    /// The word that another model answers from here on.
    Fallback,
    /// Whatever else the service has: the tools it runs itself, sealed thinking.
    Other,
}

impl Block {
    /// A block that begins with these fields.
    pub(super) fn new(index: Option<u64>, kind: Kind, mut fields: Map<String, Value>) -> Self {
        let grown = match (kind, fields.get_mut(grown_field(kind))) {
            (Kind::Text | Kind::Thinking, Some(Value::String(text))) => std::mem::take(text),
            _ => String::new(),
        };
        Self { index, kind, is_open: true, fields, grown }
    }

    /// What it holds at its beginning.
    pub(super) fn grown(&self) -> &str {
        &self.grown
    }

    /// The field of this name.
    pub(super) fn field(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    /// The field of this name, where it is a text.
    pub(super) fn text(&self, name: &str) -> &str {
        self.fields.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn grow(&mut self, delta: &str) {
        self.grown.push_str(delta);
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.fields.insert(name.to_owned(), value);
    }

    pub(super) fn cite(&mut self, citation: Value) {
        match self.fields.get_mut("citations") {
            Some(Value::Array(citations)) => citations.push(citation),
            _ => self.set("citations", Value::Array(vec![citation])),
        }
    }

    /// Takes in a delta of a kind that has no word here: texts go on, all else is set.
    pub(super) fn merge(&mut self, delta: Map<String, Value>) {
        for (name, value) in delta {
            match (name.as_str(), self.fields.get_mut(&name), &value) {
                ("type", ..) => {}
                (_, Some(Value::String(known)), Value::String(more)) => known.push_str(more),
                _ => self.set(&name, value),
            }
        }
    }

    /// The input that a call began with, as JSON text; nothing where it is empty or no object.
    pub(super) fn first_input(&self) -> Option<String> {
        let input = self.fields.get("input")?.as_object().filter(|input| !input.is_empty())?;
        serde_json::to_string(input).ok()
    }

    /// What the answer is from, as far as the block says it.
    pub(super) fn sources(&self) -> impl Iterator<Item = Source> + '_ {
        let name = if self.kind == Kind::Text { "citations" } else { "content" };
        let told = self.kind == Kind::Text || self.text("type") == "web_search_tool_result";
        let list = self.fields.get(name).filter(|_| told).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(source)
    }

    /// A block without a common word, whole; nothing for one that is told in another way.
    pub(super) fn extra(&self) -> Option<(String, Value)> {
        match self.text("type") {
            "" | "redacted_thinking" => None,
            "web_search_tool_result" if self.field("content").is_some_and(Value::is_array) => None,
            kind => Some((kind.to_owned(), self.whole())),
        }
    }

    /// Whether common words cannot say it, so that it has to go back as it came.
    pub(super) fn is_special(&self) -> bool {
        let is_something = |name: &str| match self.fields.get(name) {
            None | Some(Value::Null) => false,
            Some(Value::Array(items)) => !items.is_empty(),
            Some(_) => true,
        };
        match self.kind {
            Kind::Text => is_something("citations"),
            Kind::Tool(_) => {
                let caller = self.fields.get("caller").and_then(|caller| caller.get("type"));
                let by_itself = caller.is_none_or(|kind| kind == "direct");
                !by_itself || is_something("toolset_name")
            }
            Kind::Thinking => !self.text("signature").is_empty(),
            Kind::Fallback => false,
            Kind::Other => !self.text("type").is_empty(),
        }
    }

    /// The block as it goes back; nothing for one that the service would not take.
    fn kept(
        &self,
        calls: &dyn Fn(usize) -> Option<ToolCall>,
        reason: &FinishReason,
    ) -> Option<Value> {
        match self.kind {
            Kind::Text if self.grown.is_empty() => None,
            // Thinking that was cut off has no signature.
            Kind::Thinking if self.text("signature").is_empty() => None,
            Kind::Fallback => None,
            Kind::Tool(place) => {
                let call = calls(place)?;
                let is_whole = match reason {
                    FinishReason::ToolCalls | FinishReason::Stop => true,
                    FinishReason::Length if call.arguments.trim().is_empty() => false,
                    _ => {
                        call.arguments.trim().is_empty()
                            || serde_json::from_str::<Value>(&call.arguments).is_ok()
                    }
                };
                if !is_whole {
                    return None;
                }
                let mut fields = self.fields.clone();
                fields.insert("id".to_owned(), Value::String(call.id));
                fields.insert("input".to_owned(), input(&call.arguments));
                Some(Value::Object(fields))
            }
            Kind::Other if self.text("type").is_empty() => None,
            _ => Some(self.whole()),
        }
    }

    fn whole(&self) -> Value {
        let mut fields = self.fields.clone();
        let grown = match self.kind {
            Kind::Text | Kind::Thinking => Value::String(self.grown.clone()),
            _ if self.grown.is_empty() => return Value::Object(fields),
            _ => input(&self.grown),
        };
        fields.insert(grown_field(self.kind).to_owned(), grown);
        Value::Object(fields)
    }
}

/// What of an answer has to go back as it came, all blocks in their order; nothing where common words
/// say it all.
pub(super) fn kept(
    blocks: &[Block],
    calls: &dyn Fn(usize) -> Option<ToolCall>,
    reason: &FinishReason,
) -> Option<Vec<Value>> {
    if !blocks.iter().any(Block::is_special) {
        return None;
    }
    // What a model that gave way thought is its own: only its words stay. The service takes the mark
    // between the two models back only where its test of handing on is switched on.
    let last = blocks.iter().rposition(|block| block.kind == Kind::Fallback).unwrap_or(0);
    let stays = |(place, block): &(usize, &Block)| *place >= last || block.kind == Kind::Text;
    let blocks = blocks.iter().enumerate().filter(stays);
    let mut content: Vec<_> = blocks.filter_map(|(_, block)| block.kept(calls, reason)).collect();
    // The service takes no answer that ends in thinking.
    while content.last().is_some_and(super::turn::is_thinking) {
        content.pop();
    }
    (!content.is_empty()).then_some(content)
}

/// A citation, or a result of a search of the web.
pub(super) fn source(told: &Value) -> Option<Source> {
    let text = |name: &str| {
        told.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let source = Source {
        url: text("url").or_else(|| text("source")).unwrap_or_default(),
        title: text("title").or_else(|| text("document_title")),
        quote: text("cited_text"),
        date: text("page_age"),
    };
    (source != Source::default()).then_some(source)
}

fn grown_field(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Thinking => "thinking",
        _ => "input",
    }
}
