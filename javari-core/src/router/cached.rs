//! Gives an answer again that was given to an equal request.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use quick_cache::{Weighter, sync::Cache};
use tokio::{sync::watch, time::Instant};

use crate::{
    error::{Error, ErrorKind, Result},
    provider::{Capabilities, ChatEvent, ChatRequest, ChatStream, ModelInfo, Provider},
    types::{Clock, FinishReason, ScopeKey, Timestamp, Usage, Usd, UserId},
};

/// A provider that remembers whole answers, for requests that ask for that by
/// [`cache_seconds`](ChatRequest::cache_seconds). Cheap to clone.
///
/// An answer is given again to an equal request of exactly the same scope. Several equal requests at
/// once are one: the others wait for its end. Nothing else is remembered than an answer that came to its
/// own end: no error, nothing that was cut off or blocked, and none that asks for a tool.
#[derive(Clone)]
pub struct Cached {
    inner: Arc<dyn Provider>,
    memory: Arc<Memory>,
    clock: Arc<dyn Clock>,
}

struct Memory {
    answers: Cache<Key, Arc<Answer>, Bytes>,
    /// The requests that somebody is answering. Who answers holds the other end.
    running: Mutex<HashMap<Key, watch::Receiver<()>>>,
    /// The most bytes of one answer.
    largest: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    user: Option<UserId>,
    request: [u8; 32],
}

/// What is told again, ending with `finished`.
struct Answer {
    events: Vec<ChatEvent>,
    bytes: usize,
    at: Timestamp,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Key, Arc<Answer>> for Bytes {
    fn weight(&self, _: &Key, answer: &Arc<Answer>) -> u64 {
        answer.bytes as u64
    }
}

/// What an answer and each of its events take beside their texts.
const EVENT_BYTES: usize = 256;
/// How long an equal request is waited for: whoever reads its answer may have stopped reading.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

impl Cached {
    /// `inner` with at most so many bytes of answers remembered in memory.
    pub fn new(inner: Arc<dyn Provider>, bytes: u64, clock: Arc<dyn Clock>) -> Self {
        let largest = usize::try_from(bytes / 16).unwrap_or(usize::MAX);
        let items = usize::try_from(bytes / 4_096).unwrap_or(usize::MAX).clamp(16, 1_000_000);
        let answers = Cache::with_weighter(items, bytes, Bytes);
        let memory = Memory { answers, running: Mutex::default(), largest };
        Self { inner, memory: Arc::new(memory), clock }
    }

    /// Forgets every answer that a user was given.
    pub fn forget(&self, user: UserId) {
        self.memory.answers.retain(|key, _| key.user != Some(user));
    }

    fn remembered(&self, key: &Key, seconds: u32) -> Option<ChatStream> {
        let answer = self.memory.answers.get(key)?;
        let age = self.clock.now().since(answer.at);
        (age <= Duration::from_secs(u64::from(seconds))).then(|| replayed(answer))
    }

    /// The answer of the equal request that runs, or one of its own.
    async fn after(
        self,
        (key, seconds): (Key, u32),
        mut running: watch::Receiver<()>,
        mut request: ChatRequest,
    ) -> Result<ChatStream> {
        let begun = Instant::now();
        let total = request.timeout_ms.map(Duration::from_millis);
        let wait = total.map_or(LONGEST_WAIT, |total| total.min(LONGEST_WAIT));
        // It ends when the other end is dropped, whether there is an answer then or not.
        drop(tokio::time::timeout(wait, running.changed()).await);
        if let Some(answer) = self.remembered(&key, seconds) {
            return Ok(answer);
        }
        if let Some(total) = total {
            let left = total.saturating_sub(begun.elapsed());
            if left.is_zero() {
                let message = "an equal request that was answered meanwhile took too long";
                return Err(Error::new(ErrorKind::Timeout, request.purpose.0, message));
            }
            request.timeout_ms = u64::try_from(left.as_millis()).ok().map(|left| left.max(1));
        }
        let answering = Answering::alone(self.clone(), key);
        Ok(answering.remembering(self.inner.stream(request).await?))
    }
}

#[async_trait]
impl Provider for Cached {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn capabilities_for(&self, model: Option<&str>) -> Capabilities {
        self.inner.capabilities_for(model)
    }

    fn default_model(&self) -> Option<&str> {
        self.inner.default_model()
    }

    async fn stream(&self, request: ChatRequest) -> Result<ChatStream> {
        let wanted = request.cache_seconds.filter(|_| self.memory.largest > 0);
        let Some((seconds, key)) = wanted.and_then(|seconds| Some((seconds, key(&request)?)))
        else {
            return self.inner.stream(request).await;
        };
        if let Some(answer) = self.remembered(&key, seconds) {
            return Ok(answer);
        }
        match Answering::begun(self.clone(), key) {
            Ok(answering) => Ok(answering.remembering(self.inner.stream(request).await?)),
            // Waiting begins when the answer is read: whoever reads both may read the other first.
            Err(running) => {
                let after = self.clone().after((key, seconds), running, request);
                Ok(Box::pin(stream::once(after).try_flatten()))
            }
        }
    }

    async fn models(&self, scope: ScopeKey) -> Result<Vec<ModelInfo>> {
        self.inner.models(scope).await
    }
}

/// An answer in the making, which is remembered when it ends.
struct Answering {
    cached: Cached,
    key: Key,
    events: Vec<ChatEvent>,
    bytes: usize,
    /// Whether it may still be remembered.
    whole: bool,
    /// What those wait for who ask the same. Dropped, it wakes them.
    waited_for: Option<watch::Sender<()>>,
}

impl Answering {
    /// The first of equal requests; or what tells the end of the one that runs.
    fn begun(cached: Cached, key: Key) -> Result<Self, watch::Receiver<()>> {
        let (sender, receiver) = watch::channel(());
        let memory = cached.memory.clone();
        let mut running = memory.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(other) = running.get(&key) {
            return Err(other.clone());
        }
        running.insert(key, receiver);
        let mut answering = Self::alone(cached, key);
        answering.waited_for = Some(sender);
        Ok(answering)
    }

    /// One that nobody waits for.
    fn alone(cached: Cached, key: Key) -> Self {
        Self { cached, key, events: Vec::new(), bytes: 0, whole: true, waited_for: None }
    }

    /// The same events, remembered when they come to their end.
    fn remembering(self, events: ChatStream) -> ChatStream {
        Box::pin(stream::unfold((events, self), |(mut events, mut answering)| async move {
            let event = events.next().await?;
            match &event {
                Ok(event) => answering.take(event),
                Err(_) => answering.whole = false,
            }
            Some((event, (events, answering)))
        }))
    }

    fn take(&mut self, event: &ChatEvent) {
        if !self.whole {
            return;
        }
        match event {
            // What was said before is void.
            ChatEvent::Restarted { .. } => {
                (self.events, self.bytes) = (Vec::new(), 0);
                return;
            }
            ChatEvent::ToolCall(_) | ChatEvent::ToolCallDelta { .. } => {
                self.whole = false;
                return;
            }
            ChatEvent::Finished { reason, model, .. } => {
                if *reason == FinishReason::Stop {
                    let end = ChatEvent::Finished {
                        reason: reason.clone(),
                        usage: Usage::default(),
                        model: model.clone(),
                        cost: Some(Usd::ZERO),
                        by_model: Vec::new(),
                        failed_attempts: Vec::new(),
                        cached: true,
                    };
                    self.keep(end);
                }
                self.whole = false;
                return;
            }
            _ => {}
        }
        self.bytes = self.bytes.saturating_add(size(event));
        if self.bytes > self.cached.memory.largest {
            (self.events, self.whole) = (Vec::new(), false);
        } else if !joined(self.events.last_mut(), event) {
            self.events.push(event.clone());
        }
    }

    fn keep(&mut self, end: ChatEvent) {
        let mut events = mem::take(&mut self.events);
        events.push(end);
        events.shrink_to_fit();
        let bytes = self.bytes.saturating_add(EVENT_BYTES);
        let answer = Answer { events, bytes, at: self.cached.clock.now() };
        self.cached.memory.answers.insert(self.key, Arc::new(answer));
        self.end();
    }

    /// Lets those go on who ask the same.
    fn end(&mut self) {
        if self.waited_for.is_some() {
            let memory = &self.cached.memory;
            memory.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
            self.waited_for = None;
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.end();
    }
}

/// What two requests have in common that are one to us: all that an answer hangs on.
fn key(request: &ChatRequest) -> Option<Key> {
    let ChatRequest { timeout_ms, first_token_timeout_ms, idle_timeout_ms, .. } = request;
    let limits = [timeout_ms, first_token_timeout_ms, idle_timeout_ms];
    let mut hash = blake3::Hasher::new();
    let volatile = request.cache_seconds.is_some()
        || request.conversation.is_some()
        || limits.into_iter().any(Option::is_some);
    let written = if volatile {
        let lasting = ChatRequest {
            cache_seconds: None,
            conversation: None,
            timeout_ms: None,
            first_token_timeout_ms: None,
            idle_timeout_ms: None,
            ..request.clone()
        };
        serde_json::to_writer(&mut hash, &lasting)
    } else {
        serde_json::to_writer(&mut hash, request)
    };
    // Always the last 48 bytes, so that no request can look like one of another scope.
    let ScopeKey { user, project, subproject, member: _ } = request.scope;
    for id in [user.map(|id| id.0), project.map(|id| id.0), subproject.map(|id| id.0)] {
        hash.update(id.unwrap_or_default().as_bytes());
    }
    written.ok().map(|()| Key { user, request: *hash.finalize().as_bytes() })
}

fn replayed(answer: Arc<Answer>) -> ChatStream {
    Box::pin(stream::unfold((answer, 0), |(answer, at)| async move {
        let event = answer.events.get(at)?.clone();
        Some((Ok(event), (answer, at + 1)))
    }))
}

/// Whether the event could be joined to the one before it.
fn joined(last: Option<&mut ChatEvent>, event: &ChatEvent) -> bool {
    match (last, event) {
        (Some(ChatEvent::Text { delta }), ChatEvent::Text { delta: more })
        | (Some(ChatEvent::Reasoning { delta }), ChatEvent::Reasoning { delta: more })
        | (Some(ChatEvent::Refusal { delta }), ChatEvent::Refusal { delta: more }) => {
            delta.push_str(more);
            true
        }
        _ => false,
    }
}

/// About how much memory an event takes.
fn size(event: &ChatEvent) -> usize {
    match event {
        ChatEvent::Text { delta }
        | ChatEvent::Reasoning { delta }
        | ChatEvent::Refusal { delta } => delta.len(),
        ChatEvent::Extra { value, .. } => value.to_string().len().saturating_add(EVENT_BYTES),
        ChatEvent::Source(source) => {
            let texts = [&source.title, &source.quote].into_iter().flatten();
            texts.map(String::len).sum::<usize>() + source.url.len() + EVENT_BYTES
        }
        _ => EVENT_BYTES,
    }
}
