//! Turns the events of a stream, or one whole response, into events of a chat.

use std::{collections::VecDeque, mem};

use serde_json::Value;

use super::{
    super::{Answer, Decode, openai::source},
    Dialect,
    calls::Calls,
    event::{Event, Response, list, text},
    kept::kept,
    usage::{ToolUsage, WireUsage},
};
use crate::{
    error::{Error, Result},
    http::SseEvent,
    provider::{ChatEvent, Source},
    types::{FinishReason, ServiceTier, Usage},
};

type Events = VecDeque<ChatEvent>;

/// Reads one answer.
#[derive(Debug)]
pub(super) struct ResponsesDecoder {
    answer: Answer,
    dialect: Dialect,
    calls: Calls,
    /// The output items that are complete, with their places.
    items: Vec<(Option<u64>, Value)>,
    /// Whether anything was said or refused in pieces.
    said: bool,
    /// Whether any reasoning was shown in pieces.
    reasoned: bool,
    /// Whether what comes next is another paragraph of the reasoning.
    paragraph: bool,
    /// The addresses of the sources so far.
    cited: Vec<String>,
}

impl ResponsesDecoder {
    /// A decoder for an answer in a dialect.
    pub(super) fn new(answer: Answer, dialect: Dialect) -> Self {
        Self {
            answer,
            dialect,
            calls: Calls::default(),
            items: Vec::new(),
            said: false,
            reasoned: false,
            paragraph: false,
            cited: Vec::new(),
        }
    }

    fn take(&mut self, event: Event<'_>, out: &mut Events) {
        let place = event.output_index.whole();
        let Self { answer, calls, .. } = self;
        match event.kind.0.as_ref() {
            "response.output_text.delta" => {
                self.said |= !event.delta.is_empty();
                answer.text(event.delta.0.into_owned(), out);
            }
            "response.refusal.delta" => {
                self.said |= !event.delta.is_empty();
                answer.refusal(event.delta.0.into_owned(), out);
            }
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                self.reason(event.delta.0.into_owned(), out);
            }
            "response.reasoning_summary_part.added" => self.paragraph = true,
            "response.function_call_arguments.delta" => {
                calls.more(place, &event.item_id.0, &event.delta.0, answer, out);
            }
            "response.function_call_arguments.done" => {
                calls.settle(place, &event.item_id.0, &event.arguments.0, answer, out);
            }
            "response.output_text.annotation.added" => {
                self.cite(&event.annotation.unwrap_or_default(), out);
            }
            "response.output_item.added" => self.begin(place, event.item, out),
            "response.output_item.done" => {
                let item = event.item.unwrap_or_default();
                if text(&item, "type") == "function_call" {
                    calls.complete(place, &item, answer, out);
                }
                self.items.push((place, item));
            }
            kind if kind.starts_with("response.reasoning.") => self.research(event, out),
            _ => {
                let response = event.response.0.unwrap_or_default();
                self.tell(&response);
            }
        }
    }

    /// An output item begins.
    fn begin(&mut self, place: Option<u64>, item: Option<Value>, out: &mut Events) {
        let Some(item) = item else { return };
        match text(&item, "type") {
            "function_call" => {
                self.calls.begin(place, &item, &mut self.answer, out);
            }
            "reasoning" => self.paragraph = true,
            _ => {}
        }
    }

    /// Perplexity tells what it does to find the answer.
    fn research(&mut self, event: Event<'_>, out: &mut Events) {
        self.paragraph = true;
        self.reason(event.thought.0.into_owned(), out);
        for (name, sought) in [("search_queries", event.queries), ("fetch_urls", event.urls)] {
            if let Some(sought) = sought.filter(|sought| sought.is_array()) {
                self.answer.extra(name, sought, out);
            }
        }
        for found in [event.results, event.contents].iter().flatten() {
            self.find(found.as_array().map_or(&[], Vec::as_slice), out);
        }
    }

    fn reason(&mut self, delta: String, out: &mut Events) {
        if delta.is_empty() {
            return;
        }
        let another = mem::take(&mut self.paragraph) && self.reasoned;
        self.reasoned = true;
        self.answer.reasoning(if another { format!("\n\n{delta}") } else { delta }, out);
    }

    /// What a search found.
    fn find(&mut self, results: &[Value], out: &mut Events) {
        for found in results.iter().filter_map(source) {
            self.remember(&found);
            self.answer.source(found, out);
        }
    }

    /// What the words are from: an address that a search found is not told again without what it says.
    fn cite(&mut self, annotation: &Value, out: &mut Events) {
        let cited = match text(annotation, "filename") {
            "" => source(annotation),
            name => Some(Source { title: Some(name.to_owned()), ..Source::default() }),
        };
        let Some(cited) = cited.filter(|cited| !self.cited.contains(&cited.url)) else { return };
        self.remember(&cited);
        self.answer.source(cited, out);
    }

    fn remember(&mut self, source: &Source) {
        if !source.url.is_empty() {
            self.cited.push(source.url.clone());
        }
    }

    /// Takes in what a response says about itself.
    fn tell(&mut self, response: &Response<'_>) {
        self.answer.tell_model(&response.model.0);
        if self.calls.response_id.is_empty() {
            response.id.0.as_ref().clone_into(&mut self.calls.response_id);
        }
    }

    /// The response is at its end. What no event told is told from its output.
    fn finish(&mut self, mut response: Response<'_>, reason: FinishReason, out: &mut Events) {
        self.tell(&response);
        let items = self.output(response.output.take());
        let told = Told { said: self.said, reasoned: self.reasoned };
        let mut annotations = Vec::new();
        for (place, item) in items.iter().enumerate() {
            self.fill(place as u64, item, told, &mut annotations, out);
        }
        if !annotations.is_empty() {
            self.answer.extra("annotations", Value::Array(annotations), out);
        }
        self.calls.release(&mut self.answer, out);
        if let Some(usage) = &response.usage.0 {
            let searched = searches(&items);
            self.answer.tell_usage(used(&response, usage, searched));
            if let Some(cost) = usage.cost() {
                self.answer.tell_cost(cost);
            }
        }
        let cut = !matches!(reason, FinishReason::Stop);
        if let Some(kept) = kept(items, cut, self.dialect) {
            self.answer.keep(self.dialect.name(), kept);
        }
        self.answer.finish(reason, out);
    }

    /// The output items: as each was told to be complete, or as the response has them where it has
    /// more.
    fn output(&mut self, output: Option<Value>) -> Vec<Value> {
        let mut items = mem::take(&mut self.items);
        items.sort_by_key(|(place, _)| place.unwrap_or(u64::MAX));
        match output {
            Some(Value::Array(output)) if output.len() > items.len() => output,
            _ => items.into_iter().map(|(_, item)| item).collect(),
        }
    }

    /// Tells of an item what no event has told.
    fn fill(
        &mut self,
        place: u64,
        item: &Value,
        told: Told,
        annotations: &mut Vec<Value>,
        out: &mut Events,
    ) {
        match text(item, "type") {
            "message" => {
                for part in list(item, "content") {
                    if !told.said {
                        self.answer.text(text(part, "text").to_owned(), out);
                        self.answer.refusal(text(part, "refusal").to_owned(), out);
                    }
                    for annotation in list(part, "annotations") {
                        self.cite(annotation, out);
                        annotations.push(annotation.clone());
                    }
                }
            }
            "reasoning" if told.reasoned => {}
            "reasoning" => {
                for part in list(item, "summary").iter().chain(list(item, "content")) {
                    self.paragraph = true;
                    self.reason(text(part, "text").to_owned(), out);
                }
            }
            "function_call" => self.calls.complete(Some(place), item, &mut self.answer, out),
            "search_results" => self.find(list(item, "results"), out),
            "fetch_url_results" => self.find(list(item, "contents"), out),
            "" => {}
            kind => self.answer.extra(kind, item.clone(), out),
        }
    }

    /// The error that a response ended in.
    fn failed(&self, data: &[u8]) -> Error {
        let json: Value = serde_json::from_slice(data).unwrap_or_default();
        let places = [json.get("error"), json.pointer("/response/error"), Some(&json)];
        let told = places.into_iter().flatten().find(|told| !told.is_null());
        self.answer.refused(told.cloned().unwrap_or_default())
    }
}

impl Decode for ResponsesDecoder {
    fn event(&mut self, event: SseEvent<'_>, out: &mut Events) -> Result<()> {
        let data = event.data.trim_ascii();
        // The terminal event is the end; what some servers send after it says nothing.
        if data.is_empty() || data == b"[DONE]" {
            return Ok(());
        }
        let told: Event<'_> =
            serde_json::from_slice(data).map_err(|fault| self.answer.malformed(&fault))?;
        match told.kind.0.as_ref() {
            "error" | "response.failed" => Err(self.failed(data)),
            "" if event.name == b"error" => Err(self.failed(data)),
            "response.completed" | "response.incomplete" => {
                let response = told.response.0.unwrap_or_default();
                if is_failed(&response) {
                    return Err(self.failed(data));
                }
                let incomplete = told.kind.0 == "response.incomplete";
                let reason = finish_reason(&response, incomplete);
                self.finish(response, reason, out);
                Ok(())
            }
            _ => {
                self.take(told, out);
                Ok(())
            }
        }
    }

    fn whole(&mut self, body: &[u8], out: &mut Events) -> Result<()> {
        let response: Response<'_> =
            serde_json::from_slice(body).map_err(|fault| self.answer.malformed(&fault))?;
        if is_failed(&response) {
            return Err(self.failed(body));
        }
        match response.status.0.as_ref() {
            "queued" | "in_progress" => {
                Err(self.answer.broken("the provider sent an answer that it has not finished"))
            }
            "" if !response.output.as_ref().is_some_and(Value::is_array) => {
                Err(self.answer.missing())
            }
            status => {
                let reason = finish_reason(&response, status == "incomplete");
                self.finish(response, reason, out);
                Ok(())
            }
        }
    }

    fn end(&mut self, _: &mut Events) -> Result<()> {
        Err(self.answer.cut_short())
    }

    fn answer(&self) -> &Answer {
        &self.answer
    }
}

/// What came in pieces.
#[derive(Clone, Copy)]
struct Told {
    said: bool,
    reasoned: bool,
}

fn is_failed(response: &Response<'_>) -> bool {
    let error = response.error.as_ref();
    error.is_some_and(|error| error.is_object() || error.is_string())
        || matches!(response.status.0.as_ref(), "failed" | "cancelled")
}

fn finish_reason(response: &Response<'_>, incomplete: bool) -> FinishReason {
    let incomplete = incomplete || response.status.0 == "incomplete";
    let details = response.incomplete_details.0.as_ref();
    match details.map_or("", |details| details.reason.0.as_ref()) {
        "max_output_tokens" => FinishReason::Length,
        "content_filter" => FinishReason::ContentFilter,
        "" if incomplete => FinishReason::Other("incomplete".to_owned()),
        "" => FinishReason::Stop,
        reason => FinishReason::Other(reason.to_owned()),
    }
}

/// What a response used; the searches as they are charged, where that is told, else as many as it
/// shows.
fn used(response: &Response<'_>, usage: &WireUsage, searched: u64) -> Usage {
    let told = usage.usage();
    let charged = response.tool_usage.0.as_ref().and_then(ToolUsage::searches);
    Usage {
        searches: charged.unwrap_or(told.searches.max(searched)),
        tier: ServiceTier::named(&response.service_tier.0),
        ..told
    }
}

/// How often the answer says that it searched the web.
fn searches(items: &[Value]) -> u64 {
    let is_search = |item: &&Value| {
        let action = item.pointer("/action/type").and_then(Value::as_str).unwrap_or("search");
        text(item, "type") == "web_search_call" && action == "search"
    };
    items.iter().filter(is_search).count() as u64
}
