//! Holds each user to so many chats and tokens a minute.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{StreamExt, stream};

use crate::{
    config::LimitSettings,
    error::{Error, ErrorKind, Result, Retry},
    limits::{Limits, Rate},
    provider::{Capabilities, ChatEvent, ChatRequest, ChatStream, ModelInfo, Provider},
    types::{Clock, ScopeKey, Usage, UserId},
};

/// A provider that refuses what is beyond a user's limits, before anything is sent. Cheap to clone.
///
/// How many tokens a chat has is known at its end: until then it counts as what it has about and may
/// write. A chat with more than a minute's tokens is let through to a user who used none of late.
#[derive(Clone)]
pub struct Limited {
    inner: Arc<dyn Provider>,
    requests: Option<Rate>,
    tokens: Option<Rate>,
    used: Limits<(Option<UserId>, Kind)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Requests,
    Tokens,
}

const MINUTE: Duration = Duration::from_secs(60);
/// An answer is taken to have so many tokens where a request does not limit it.
const USUAL_ANSWER: u64 = 1_000;

impl Limited {
    /// `inner` within these limits.
    ///
    /// # Errors
    /// `CONFIGURATION` for a limit of nothing.
    pub fn new(
        inner: Arc<dyn Provider>,
        limits: LimitSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        if limits.requests_per_minute == Some(0) || limits.tokens_per_minute == Some(0) {
            let message =
                "a limit of 0 in `limits` lets nobody ask anything: leave it out, or say 1";
            return Err(Error::new(ErrorKind::Configuration, "client.open", message));
        }
        Ok(Self {
            inner,
            requests: limits.requests_per_minute.map(|most| Rate::new(u64::from(most), MINUTE)),
            tokens: limits.tokens_per_minute.map(|most| Rate::new(most, MINUTE)),
            used: Limits::new(clock),
        })
    }

    /// Takes what a chat needs of a user's limits.
    fn take(&self, request: &ChatRequest) -> Result<Option<Taken>> {
        let user = request.scope.user;
        let refused = |wait: Duration, what: &str| {
            let message = format!("the limit of {what} in a minute is used up");
            Error::new(ErrorKind::RateLimited, request.purpose.0, message)
                .with_retry(Retry::After(wait))
        };
        if let Some(rate) = self.requests {
            let name = (user, Kind::Requests);
            self.used.take(&name, rate, 1).map_err(|wait| refused(wait, "requests"))?;
        }
        let Some(rate) = self.tokens else { return Ok(None) };
        let read = Usage::estimate(request.text_bytes(), 0).input;
        let taken = read.saturating_add(request.max_tokens.unwrap_or(USUAL_ANSWER));
        let name = (user, Kind::Tokens);
        match self.used.take(&name, rate, taken) {
            Ok(()) => {
                let (limited, written, used) = (self.clone(), 0, None);
                Ok(Some(Taken { limited, user, rate, taken, read, written, used }))
            }
            Err(wait) => {
                if let Some(requests) = self.requests {
                    // It was not made.
                    self.used.settle(&(user, Kind::Requests), requests, 1, 0);
                }
                Err(refused(wait, "tokens"))
            }
        }
    }
}

#[async_trait]
impl Provider for Limited {
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

    /// # Errors
    /// Those of the provider, and `RATE_LIMITED` with the time to wait: nothing was sent then.
    async fn stream(&self, request: ChatRequest) -> Result<ChatStream> {
        if self.requests.is_none() && self.tokens.is_none() {
            return self.inner.stream(request).await;
        }
        request.validate()?;
        let taken = self.take(&request)?;
        let events = self.inner.stream(request).await;
        match taken {
            Some(taken) => Ok(counted(events?, taken)),
            None => events,
        }
    }

    async fn models(&self, scope: ScopeKey) -> Result<Vec<ModelInfo>> {
        self.inner.models(scope).await
    }
}

/// The tokens that one chat took beforehand; what it did not use is given back.
struct Taken {
    limited: Limited,
    user: Option<UserId>,
    rate: Rate,
    taken: u64,
    /// About how many tokens it has, once a model reads them, and how many bytes were written.
    read: u64,
    written: usize,
    /// How many tokens it had, once that is told.
    used: Option<u64>,
}

impl Drop for Taken {
    fn drop(&mut self) {
        let used = self.used.unwrap_or_else(|| match self.written {
            // One that nobody answered used nothing.
            0 => 0,
            written => self.read.saturating_add(Usage::estimate(0, written).output),
        });
        let name = (self.user, Kind::Tokens);
        self.limited.used.settle(&name, self.rate, self.taken, used);
    }
}

fn counted(events: ChatStream, taken: Taken) -> ChatStream {
    Box::pin(stream::unfold((events, Some(taken)), |(mut events, mut taken)| async move {
        let event = events.next().await?;
        if let (Ok(event), Some(open)) = (&event, &mut taken) {
            open.written = open.written.saturating_add(event.written_bytes());
            if let ChatEvent::Finished { usage, .. } = event {
                open.used = Some(usage.input.saturating_add(usage.output));
                taken = None;
            }
        }
        Some((event, (events, taken)))
    }))
}
