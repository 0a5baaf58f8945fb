//! A provider that says what a test tells it to.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use futures::stream;

use crate::{
    error::{Error, Result},
    provider::{Capabilities, ChatEvent, ChatRequest, ChatStream, ModelInfo, Provider},
    types::{FinishReason, ScopeKey, Usage, Usd},
};

/// A provider whose replies are pushed beforehand; without one it repeats the question.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> javari_core::Result<()> {
/// use javari_core::{
///     Error, ErrorKind,
///     provider::{ChatRequest, ProviderExt},
///     testkit::ScriptedProvider,
/// };
/// let provider = ScriptedProvider::new("fake");
/// provider.push_error(Error::new(ErrorKind::RateLimited, "provider.chat", "wait"));
/// provider.push_text(&["Hel", "lo"]);
/// assert!(provider.complete(ChatRequest::ask("Hi")).await.is_err());
/// assert_eq!(provider.complete(ChatRequest::ask("Hi")).await?.text, "Hello");
/// assert_eq!(provider.requests().len(), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ScriptedProvider {
    name: String,
    capabilities: Capabilities,
    keys: Vec<String>,
    script: Mutex<VecDeque<Result<Vec<Result<ChatEvent>>>>>,
    requests: Mutex<Vec<ChatRequest>>,
}

impl ScriptedProvider {
    /// A provider of this name that can do everything.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            capabilities: Capabilities {
                tools: true,
                images: true,
                response_schema: true,
                network: false,
                generates: true,
            },
            keys: Vec::new(),
            script: Mutex::default(),
            requests: Mutex::default(),
        }
    }

    /// The same provider with other abilities.
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// The same provider with these keys to choose from; each request holds the one that was chosen.
    #[must_use]
    pub fn with_keys(mut self, keys: &[&str]) -> Self {
        self.keys = keys.iter().map(|key| (*key).to_owned()).collect();
        self
    }

    /// The next reply is an answer of these pieces, with a token counted for each.
    pub fn push_text(&self, deltas: &[&str]) {
        let events = self.answer("scripted-1", deltas);
        self.push_events(events.into_iter().map(Ok).collect());
    }

    /// The next reply is exactly these events, errors among them.
    pub fn push_events(&self, events: Vec<Result<ChatEvent>>) {
        lock(&self.script).push_back(Ok(events));
    }

    /// The next call fails before any event.
    pub fn push_error(&self, error: Error) {
        lock(&self.script).push_back(Err(error));
    }

    /// Every request so far, in order.
    pub fn requests(&self) -> Vec<ChatRequest> {
        lock(&self.requests).clone()
    }

    fn answer(&self, model: &str, deltas: &[&str]) -> Vec<ChatEvent> {
        let started = ChatEvent::Started {
            provider: self.name.clone(),
            model: model.to_owned(),
            request_id: None,
        };
        let texts = deltas.iter().map(|delta| ChatEvent::Text { delta: (*delta).to_owned() });
        let usage = Usage { input: 1, output: deltas.len() as u64, ..Usage::default() };
        let finished = ChatEvent::finished(FinishReason::Stop, usage, model, Some(Usd::ZERO));
        std::iter::once(started).chain(texts).chain([finished]).collect()
    }
}

#[async_trait]
impl Provider for ScriptedProvider {
    fn name(&self) -> &str {
        &self.name
    }

    fn capabilities(&self) -> Capabilities {
        self.capabilities.clone()
    }

    fn keys(&self) -> &[String] {
        &self.keys
    }

    async fn stream(&self, request: ChatRequest) -> Result<ChatStream> {
        request.validate()?;
        let scripted = lock(&self.script).pop_front();
        let events = match scripted {
            Some(reply) => reply,
            None => {
                let said = format!("You said: {}", request.last_question());
                let words: Vec<&str> = said.split_inclusive(' ').collect();
                let model = request.model.as_deref().unwrap_or("scripted-1");
                Ok(self.answer(model, &words).into_iter().map(Ok).collect())
            }
        };
        lock(&self.requests).push(request);
        Ok(Box::pin(stream::iter(events?)))
    }

    async fn models(&self, _: ScopeKey) -> Result<Vec<ModelInfo>> {
        Ok(vec![ModelInfo::new("scripted-1")])
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
