//! Asks one target after the other until one speaks.

use std::{
    collections::VecDeque,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures::StreamExt;
use tokio::time::{Instant, sleep, timeout_at};

use super::{
    Shared,
    health::Attempt,
    plan::Target,
    retry::{
        is_of_the_key, is_targets_fault, key_cooldown, may_succeed_again, may_succeed_elsewhere,
        server_wait, stated_wait, wait,
    },
};
use crate::{
    error::{Error, ErrorKind, Result, Retry},
    provider::{ChatEvent, ChatRequest, ChatStream, Delivery, FailedAttempt},
};

/// One request on its way through its targets.
pub(super) struct Driver {
    shared: Arc<Shared>,
    request: ChatRequest,
    targets: VecDeque<Arc<Target>>,
    /// How often the target in front was asked again.
    retries: u32,
    /// The keys that it was asked with since the last wait.
    tried: Vec<String>,
    is_only: bool,
    deadline: Option<Instant>,
    failed: Vec<FailedAttempt>,
    /// The soonest that a target, or one of its keys, is of use again.
    soonest: Option<Duration>,
    /// Why the first target that was passed over rests.
    resting: Option<ErrorKind>,
    last: Option<Error>,
}

/// A target that has begun to speak.
pub(super) struct Answering {
    pub(super) attempt: Attempt,
    /// What it said up to its first word.
    pub(super) held: VecDeque<ChatEvent>,
    pub(super) rest: ChatStream,
}

impl Driver {
    pub(super) fn new(
        shared: Arc<Shared>,
        request: ChatRequest,
        targets: VecDeque<Arc<Target>>,
    ) -> Self {
        let total = request.timeout_ms.map(Duration::from_millis);
        Self {
            shared,
            request,
            is_only: targets.len() == 1,
            targets,
            retries: 0,
            tried: Vec::new(),
            deadline: total.map(|total| Instant::now() + total),
            failed: Vec::new(),
            soonest: None,
            resting: None,
            last: None,
        }
    }

    /// Whether an answer that breaks off may be begun anew.
    pub(super) fn may_restart(&self, error: &Error) -> bool {
        self.request.restart
            && (is_targets_fault(error) || error.kind() == ErrorKind::RateLimited)
            && !self.targets.is_empty()
    }

    /// The attempts that failed.
    pub(super) fn take_failed(&mut self) -> Vec<FailedAttempt> {
        std::mem::take(&mut self.failed)
    }

    /// An answer broke off after its first word.
    pub(super) async fn broke_off(&mut self, error: Error) {
        // What was delivered is void, so that doing it again delivers nothing twice.
        let advice = match stated_wait(&error) {
            Some(wait) => Retry::After(wait),
            None => error.kind().default_retry(),
        };
        let key = self.chosen_key();
        self.after(&key, error.with_retry(advice)).await;
    }

    /// The first answer that begins.
    ///
    /// # Errors
    /// The last target's, when none can answer.
    pub(super) async fn answer(&mut self) -> Result<Answering> {
        while let Some(target) = self.targets.front().cloned() {
            if self.is_late() {
                break;
            }
            let Some(key) = self.lease(&target) else {
                self.next_target();
                continue;
            };
            let attempt = match self.shared.health.pass(&target.name, self.is_only) {
                Ok(attempt) => attempt,
                Err(wait) => {
                    self.note_wait(wait);
                    self.next_target();
                    continue;
                }
            };
            self.tried.push(key.clone());
            let request = self.request_to(&target, &key);
            match self.speak(&target, request).await {
                Ok((mut held, rest)) => {
                    let mut attempt = attempt;
                    attempt.spoke();
                    if let Some(warning) = target.warning.clone() {
                        // Behind `started`, which is always the first.
                        let behind = held.len().min(1);
                        held.insert(behind, ChatEvent::Warning(warning));
                    }
                    return Ok(Answering { attempt, held, rest });
                }
                Err(error) => {
                    attempt.settle_by(&error, self.is_own_limit(&error));
                    if !may_succeed_elsewhere(&error) {
                        return Err(error);
                    }
                    self.after(&key, error).await;
                }
            }
        }
        Err(self.exhausted())
    }

    /// Notes what failed and waits, or goes on to the next target.
    async fn after(&mut self, key: &str, error: Error) {
        let Some(target) = self.targets.front().cloned() else { return };
        let asked = server_wait(&error);
        let another_key = key_cooldown(&error).is_some_and(|cooldown| {
            let owner = self.request.scope.user;
            self.shared.health.rest((owner, &target.name, key), cooldown, error.kind());
            self.has_another_key(&target)
        });
        // The next key of the same target is asked at once.
        let waited =
            if another_key { Some(Duration::ZERO) } else { self.wait_again(&error, asked) };
        match waited {
            Some(_) if another_key => {}
            Some(_) => {
                self.retries += 1;
                self.tried.clear();
            }
            None => {
                if let Some(wait) = asked {
                    self.note_wait(wait);
                }
                self.next_target();
            }
        }
        let waited = waited.unwrap_or_default();
        self.failed.push(FailedAttempt {
            target: target.name.clone(),
            code: error.code().to_owned(),
            message: error.message().to_owned(),
            waited_ms: u64::try_from(waited.as_millis()).unwrap_or(u64::MAX),
        });
        // That there is no key for one provider says less than what another one answered.
        if self.last.is_none() || error.kind() != ErrorKind::NotFound {
            self.last = Some(error);
        }
        if !waited.is_zero() {
            sleep(waited).await;
        }
    }

    /// How long to wait before the same target is asked again; nothing when it is not to be asked.
    fn wait_again(&self, error: &Error, asked: Option<Duration>) -> Option<Duration> {
        let config = &self.shared.config.retry;
        let mut longest = config.longest_server_wait_ms;
        if self.targets.len() > 1 {
            longest = longest.min(config.switch_after_ms);
        }
        // Who was silent once is not waited for again while somebody else is left.
        let silent = error.kind() == ErrorKind::Timeout && self.targets.len() > 1;
        let may_again = may_succeed_again(error)
            && !silent
            && self.retries < config.retries
            && asked.is_none_or(|wait| wait <= Duration::from_millis(longest));
        if !may_again {
            return None;
        }
        let wait = wait(config, self.retries, self.shared.jitter.share(), asked);
        let in_time = self.deadline.is_none_or(|deadline| Instant::now() + wait < deadline);
        (in_time && self.shared.retry_budget.withdraw()).then_some(wait)
    }

    /// Asks one target and waits for its first word.
    async fn speak(
        &self,
        target: &Target,
        request: ChatRequest,
    ) -> Result<(VecDeque<ChatEvent>, ChatStream)> {
        let usual = u64::from(self.shared.config.first_token_seconds) * 1_000;
        let first_token = Duration::from_millis(request.first_token_timeout_ms.unwrap_or(usual));
        // A whole reply comes at its end, so that its first word is no measure.
        let streamed = request.delivery == Delivery::Streamed;
        let first_token = streamed.then(|| Instant::now() + first_token);
        let speaking = first_word(target, request, self.is_only);
        let Some(limit) = first_token.into_iter().chain(self.deadline).min() else {
            return speaking.await;
        };
        timeout_at(limit, speaking).await.unwrap_or_else(|_| {
            let message = "the model said nothing in the time for its first token";
            Err(Error::new(ErrorKind::Timeout, "provider.chat", message)
                .with("target", &target.name))
        })
    }

    /// When the whole answer has to be there.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Whether the time that ran out is one that the caller set, which says nothing about the target.
    pub(super) fn is_own_limit(&self, error: &Error) -> bool {
        let request = &self.request;
        let limits = [request.timeout_ms, request.first_token_timeout_ms, request.idle_timeout_ms];
        error.kind() == ErrorKind::Timeout && limits.iter().any(Option::is_some)
    }

    /// A key of the target that is of use; nothing when all rest. A target without keys to choose from
    /// has one without a name.
    fn lease(&mut self, target: &Target) -> Option<String> {
        let keys = target.provider.keys();
        let count = keys.len().max(1);
        let first = match &self.request.conversation {
            // The provider's cache knows the beginning of a conversation by the account.
            Some(conversation) => fold_hash(conversation),
            None => self.shared.turns.fetch_add(1, Ordering::Relaxed),
        };
        let mut resting: Option<(Duration, ErrorKind)> = None;
        for step in 0..count {
            let key = keys.get(first.wrapping_add(step) % count).map_or("", String::as_str);
            match self.rests(target, key) {
                None if self.tried.iter().any(|tried| tried == key) => {}
                None => return Some(key.to_owned()),
                Some(rest) if resting.is_none_or(|known| rest.0 < known.0) => resting = Some(rest),
                Some(_) => {}
            }
        }
        if let Some((wait, kind)) = resting {
            self.note_wait(wait);
            self.resting.get_or_insert(kind);
        }
        None
    }

    fn has_another_key(&self, target: &Target) -> bool {
        let is_of_use =
            |key: &String| !self.tried.contains(key) && self.rests(target, key).is_none();
        target.provider.keys().iter().any(is_of_use)
    }

    fn rests(&self, target: &Target, key: &str) -> Option<(Duration, ErrorKind)> {
        self.shared.health.rests((self.request.scope.user, &target.name, key))
    }

    /// The key that the last attempt was made with.
    fn chosen_key(&self) -> String {
        self.request.key.clone().unwrap_or_default()
    }

    fn request_to(&mut self, target: &Target, key: &str) -> ChatRequest {
        self.request.key = (!key.is_empty()).then(|| key.to_owned());
        let mut request = self.request.clone();
        request.model.clone_from(&target.model);
        if let Some(deadline) = self.deadline {
            let left = deadline.saturating_duration_since(Instant::now()).as_millis();
            request.timeout_ms = Some(u64::try_from(left).unwrap_or(u64::MAX).max(1));
        }
        request
    }

    fn next_target(&mut self) {
        self.targets.pop_front();
        self.retries = 0;
        self.tried.clear();
    }

    fn note_wait(&mut self, wait: Duration) {
        self.soonest = Some(self.soonest.map_or(wait, |known| known.min(wait)));
    }

    /// The error when nobody is left to ask.
    fn exhausted(&mut self) -> Error {
        let late = self.is_late();
        let mut error = self.last.take().unwrap_or_else(|| {
            let (kind, message) = match self.resting {
                _ if late => (ErrorKind::Timeout, "the call took longer than its limit"),
                Some(kind) => {
                    (kind, "the key that this provider refused or limited just now rests")
                }
                None => (
                    ErrorKind::ProviderOverloaded,
                    "every provider that could answer is resting after failures",
                ),
            };
            Error::new(kind, "provider.chat", message)
        });
        if let Some(wait) = self.soonest
            && (error.retry() != Retry::Never || self.failed.is_empty())
        {
            error = error.with_retry(Retry::After(wait));
        }
        if self.failed.len() > 1 {
            let told =
                self.failed.iter().map(|failed| format!("{}: {}", failed.target, failed.code));
            error = error.with("attempts", told.collect::<Vec<_>>().join("; "));
        }
        error
    }
}

impl Attempt {
    /// The attempt ended in an error, which its breaker counts where it is the target's fault: one of a
    /// limit that the caller set is not.
    pub(super) fn settle_by(self, error: &Error, own_limit: bool) {
        if own_limit {
            return;
        }
        if is_targets_fault(error) {
            self.settle(true);
        } else if is_of_the_key(error) {
            // The target answered: it is the key that is of no use.
            self.settle(false);
        }
    }
}

/// The events up to the first that a reader sees, and the rest. Where nobody else could answer, that
/// the answer has begun is worth telling at once.
async fn first_word(
    target: &Target,
    request: ChatRequest,
    is_only: bool,
) -> Result<(VecDeque<ChatEvent>, ChatStream)> {
    let mut rest = target.provider.stream(request).await?;
    let mut held = VecDeque::with_capacity(2);
    while let Some(event) = rest.next().await {
        let event = event?;
        let silent = matches!(event, ChatEvent::Started { .. } | ChatEvent::Warning(_));
        held.push_back(event);
        if !silent || is_only {
            return Ok((held, rest));
        }
    }
    Err(Error::new(
        ErrorKind::ProviderFailed,
        "provider.chat",
        "the answer ended before it was complete",
    )
    .with("target", &target.name))
}

/// FNV-1a: the same in every process, so that a conversation keeps its key.
fn fold_hash(text: &str) -> usize {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash as usize
}
