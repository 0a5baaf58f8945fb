//! Answers a question from what a search found, with citations that point into the documents.

use std::{collections::BTreeSet, mem, pin::Pin};

use futures::{Stream, StreamExt, stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Knowledge, SearchHit, SearchMode, SearchRequest};
use crate::{
    error::{Error, ErrorKind, Result},
    provider::{ChatEvent, ChatRequest, ChatStream, Passage, Purpose},
    types::{DocumentId, ScopeKey, Usage, Usd},
};

/// The events of one answer, pulled by the caller. Dropping it stops the work.
pub type AnswerStream = Pin<Box<dyn Stream<Item = Result<AnswerEvent>> + Send>>;

const OPERATION: &str = "knowledge.answer";
/// The most tokens of passages that a model is given.
const PASSAGE_TOKENS: u32 = 6_000;
/// How near a chunk that shares no word with the question must be to count as relevant.
const RELEVANT_COSINE: f64 = 0.3;
/// What is said where nothing was found; no model is asked.
const NOTHING: &str =
    "Nothing in your documents is relevant to this question. (No model was asked.)";

/// A question to the documents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AnswerRequest {
    /// The question.
    pub question: String,
    /// At most this many passages, 1 to 50.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 50))]
    pub limit: u32,
    /// Only documents whose path begins so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The model; the provider's own default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How freely to choose words, 0 to 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 2.0))]
    pub temperature: Option<f32>,
    /// The most tokens to write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u64>,
    /// Gives a model's answer again that is at most so many seconds old, where the same passages were
    /// found for the same question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 31_536_000))]
    pub cache_seconds: Option<u32>,
}

fn default_limit() -> u32 {
    SearchRequest::DEFAULT_LIMIT
}

impl AnswerRequest {
    /// A question with the default limits.
    pub fn new(question: impl Into<String>) -> Self {
        Self {
            question: question.into(),
            limit: SearchRequest::DEFAULT_LIMIT,
            prefix: None,
            model: None,
            temperature: None,
            max_tokens: None,
            cache_seconds: None,
        }
    }
}

/// One event of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnswerEvent {
    /// The documents were searched; the first event.
    Searched {
        /// What the answer may cite.
        citations: Vec<Citation>,
    },
    /// More of the answer.
    Text {
        /// What is added.
        delta: String,
    },
    /// The answer is complete; the last event.
    Finished {
        /// The whole answer.
        reply: Box<AnswerReply>,
    },
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct AnswerReply {
    /// The answer; `[1]` in it is citation 1.
    pub answer: String,
    /// The provider that answered; nothing when none was asked.
    pub provider: Option<String>,
    /// The model that answered; nothing when none was asked.
    pub model: Option<String>,
    /// What the answer cites; when it cites nothing, all that the model was given.
    pub citations: Vec<Citation>,
    /// Whether the answer itself names the citations.
    pub cited: bool,
    /// The tokens of the call.
    pub usage: Usage,
    /// What the call cost; nothing when the price is not known.
    pub cost: Option<Usd>,
}

/// A place in a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Citation {
    /// The number in the answer.
    pub number: u32,
    /// The document.
    pub document_id: DocumentId,
    /// Where the document is from.
    pub path: String,
    /// The document's title.
    pub title: Option<String>,
    /// The headings above the place, joined by ` > `.
    pub heading: Option<String>,
    /// Its page, from 1.
    pub page: Option<u32>,
    /// Where it begins in the document's text, in characters (Unicode code points).
    pub start: u64,
    /// Where it ends.
    pub end: u64,
    /// How well it fits the question, 0 to 1 relative to the best.
    pub score: f64,
    /// The place's text: exactly the characters `start..end` of the document's text.
    pub quote: String,
}

impl AnswerReply {
    /// The reply at the end of the stream.
    ///
    /// # Errors
    /// The stream's own error.
    pub async fn from_stream(mut events: AnswerStream) -> Result<Self> {
        while let Some(event) = events.next().await {
            if let AnswerEvent::Finished { reply } = event? {
                return Ok(*reply);
            }
        }
        Err(Error::new(ErrorKind::Unexpected, OPERATION, "the answer ended without a reply"))
    }
}

struct Work {
    knowledge: Knowledge,
    scope: ScopeKey,
    citations: Vec<Citation>,
    answer: String,
    /// Whether a language model is asked, and not one that only quotes.
    generates: bool,
    /// Who answers, and with which model.
    provider: String,
    model: String,
    stage: Stage,
}

enum Stage {
    Search(AnswerRequest),
    Ask(Box<ChatRequest>),
    Listen(ChatStream),
    SayNothing,
    FinishNothing,
    Done,
}

/// The answer to `request`. Nothing happens until it is pulled.
pub(super) fn run(knowledge: Knowledge, scope: ScopeKey, request: AnswerRequest) -> AnswerStream {
    let work = Work {
        knowledge,
        scope,
        citations: Vec::new(),
        answer: String::new(),
        generates: true,
        provider: String::new(),
        model: String::new(),
        stage: Stage::Search(request),
    };
    Box::pin(stream::unfold(work, |mut work| async move {
        let event = work.next().await.transpose()?;
        Some((event, work))
    }))
}

impl Work {
    async fn next(&mut self) -> Result<Option<AnswerEvent>> {
        loop {
            // A stage that fails is the last: the stream ends after its error.
            match mem::replace(&mut self.stage, Stage::Done) {
                Stage::Search(request) => return self.search(request).await.map(Some),
                Stage::Ask(request) => {
                    let provider = &self.knowledge.provider;
                    provider.name().clone_into(&mut self.provider);
                    let model = request.model.as_deref();
                    self.generates = provider.capabilities_for(model).generates;
                    self.stage = Stage::Listen(provider.stream(*request).await?);
                }
                Stage::Listen(mut events) => {
                    let Some(event) = events.next().await else {
                        return Err(Error::new(
                            ErrorKind::ProviderFailed,
                            OPERATION,
                            "the answer ended before it was complete",
                        ));
                    };
                    if let Some(told) = self.take(event?, events) {
                        return Ok(Some(told));
                    }
                }
                Stage::SayNothing => {
                    self.stage = Stage::FinishNothing;
                    return Ok(Some(AnswerEvent::Text { delta: NOTHING.to_owned() }));
                }
                Stage::FinishNothing => {
                    return Ok(Some(AnswerEvent::Finished {
                        reply: Box::new(AnswerReply {
                            answer: NOTHING.to_owned(),
                            provider: None,
                            model: None,
                            citations: Vec::new(),
                            cited: false,
                            usage: Usage::default(),
                            cost: Some(Usd::ZERO),
                        }),
                    }));
                }
                Stage::Done => return Ok(None),
            }
        }
    }

    async fn search(&mut self, request: AnswerRequest) -> Result<AnswerEvent> {
        if request.question.trim().is_empty() {
            return Err(Error::invalid(OPERATION, "there is no question")
                .with_field("/question", "must not be empty"));
        }
        let mut search = SearchRequest::new(request.question.clone())
            .with_limit(request.limit)
            .with_mode(SearchMode::Hybrid);
        search.prefix = request.prefix;
        let hits = self.knowledge.search(&self.scope, search).await?.hits;
        let mut passages = Vec::new();
        let mut tokens = 0_u32;
        for hit in hits.into_iter().filter(is_relevant) {
            tokens = tokens.saturating_add(hit.tokens);
            if tokens > PASSAGE_TOKENS && !passages.is_empty() {
                break;
            }
            let number = u32::try_from(passages.len() + 1).unwrap_or(u32::MAX);
            let citation = citation(number, hit);
            let passage = Passage::new(number, &citation.path, &citation.quote);
            passages.push(match &citation.heading {
                Some(heading) => passage.with_heading(heading),
                None => passage,
            });
            self.citations.push(citation);
        }
        self.stage = if passages.is_empty() {
            Stage::SayNothing
        } else {
            let mut chat =
                ChatRequest::ask(request.question).with_scope(self.scope).with_passages(passages);
            chat.model = request.model;
            chat.temperature = request.temperature;
            chat.max_tokens = request.max_tokens;
            chat.cache_seconds = request.cache_seconds;
            chat.purpose = Purpose(OPERATION);
            Stage::Ask(Box::new(chat))
        };
        Ok(AnswerEvent::Searched { citations: self.citations.clone() })
    }

    /// What an event of the provider tells the caller.
    fn take(&mut self, event: ChatEvent, events: ChatStream) -> Option<AnswerEvent> {
        let delta = match event {
            ChatEvent::Finished { usage, model, cost, .. } => {
                if !model.is_empty() {
                    self.model = model;
                }
                let reply = Box::new(self.finish(usage, cost));
                return Some(AnswerEvent::Finished { reply });
            }
            ChatEvent::Started { provider, model, .. } => {
                (self.provider, self.model) = (provider, model);
                None
            }
            // A refusal is what the model answers.
            ChatEvent::Text { delta } | ChatEvent::Refusal { delta } => {
                self.answer.push_str(&delta);
                Some(AnswerEvent::Text { delta })
            }
            _ => None,
        };
        self.stage = Stage::Listen(events);
        delta
    }

    fn finish(&mut self, usage: Usage, cost: Option<Usd>) -> AnswerReply {
        let numbers = cited_numbers(&self.answer);
        let mut citations = mem::take(&mut self.citations);
        let cited = citations.iter().any(|citation| numbers.contains(&citation.number));
        if cited {
            citations.retain(|citation| numbers.contains(&citation.number));
        } else if !self.generates {
            // One that only quotes and quotes nothing has found no answer.
            citations.clear();
        }
        AnswerReply {
            answer: mem::take(&mut self.answer),
            provider: Some(mem::take(&mut self.provider)),
            model: Some(mem::take(&mut self.model)),
            citations,
            cited,
            usage,
            cost,
        }
    }
}

/// Whether a hit has to do with the question: the vectors always find something nearest.
fn is_relevant(hit: &SearchHit) -> bool {
    hit.scores.lexical.is_some()
        || hit.scores.vector.is_some_and(|cosine| cosine >= RELEVANT_COSINE)
}

fn citation(number: u32, hit: SearchHit) -> Citation {
    Citation {
        number,
        document_id: hit.document_id,
        path: hit.path,
        title: hit.title,
        heading: (!hit.headings.is_empty()).then(|| hit.headings.join(" > ")),
        page: hit.page,
        start: hit.start,
        end: hit.end,
        score: hit.score,
        quote: hit.text,
    }
}

/// The numbers in brackets, as in `[1]` and `[2, 3]`.
fn cited_numbers(answer: &str) -> BTreeSet<u32> {
    let mut numbers = BTreeSet::new();
    for part in answer.split('[').skip(1) {
        let Some((inside, _)) = part.split_once(']') else { continue };
        let listed: Option<Vec<u32>> =
            inside.split(',').map(|number| number.trim().parse().ok()).collect();
        numbers.extend(listed.unwrap_or_default());
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cited_numbers_are_those_in_brackets() {
        let numbers = cited_numbers("So [1], so [3, 4][7]. Not [a], [1a], a[i] or [12");
        assert_eq!(numbers.into_iter().collect::<Vec<_>>(), [1, 3, 4, 7]);
    }
}
