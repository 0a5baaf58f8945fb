//! The keys that an issuer publishes at an address: kept for a while, asked for again when needed.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    super::refusal::Refusal,
    jwks,
    key::{Algorithm, Key, choose},
};
use crate::{
    error::{Error, ErrorKind, Result, Retry},
    http::{Http, HttpRequest, Trust},
    types::{Clock, Timestamp},
};

/// Keys are asked for again after this long, so that one that was withdrawn ends.
const FRESH: Duration = Duration::from_secs(10 * 60);
/// Keys that could not be asked for again are believed until they are this old.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// Tokens with an unknown `kid` make no more requests than one in this time.
const BETWEEN: Duration = Duration::from_secs(60);
/// The same while there is no key at all.
const BETWEEN_WITHOUT_KEYS: Duration = Duration::from_secs(5);
/// How long one request may take.
const LONGEST: Duration = Duration::from_secs(5);
/// The largest set of keys in bytes.
const MOST_BYTES: u64 = 256 * 1024;

/// The keys at one address. Cheap to clone.
#[derive(Clone)]
pub(super) struct RemoteKeys(Arc<Inner>);

struct Inner {
    url: String,
    http: Http,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Held by the one request that is under way.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    /// The last good set and when it came.
    good: Option<(Arc<[Arc<Key>]>, Timestamp)>,
    /// When the last request ended.
    asked_at: Option<Timestamp>,
    /// How many requests there were.
    requests: u64,
    /// Why the last one failed.
    failed: Option<ErrorKind>,
}

impl RemoteKeys {
    pub(super) fn new(url: String, http: Http, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner {
            url,
            http,
            clock,
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }))
    }

    /// The key that a token means.
    ///
    /// # Errors
    /// `UNAUTHORIZED` when it means none, and the fault of the request while no set is there.
    pub(super) async fn key(&self, algorithm: Algorithm, id: Option<&str>) -> Result<Arc<Key>> {
        let now = self.0.clock.now();
        let (good, is_fresh, is_due, seen) = {
            let state = self.0.state();
            let good = state.believed(now);
            let wait = if good.is_some() { BETWEEN } else { BETWEEN_WITHOUT_KEYS };
            (good, state.is_fresh(now), state.is_due(now, wait), state.requests)
        };
        if let Some(keys) = &good
            && is_fresh
            && let Some(key) = choose(keys, algorithm, id)?
        {
            return Ok(key);
        }
        if is_due {
            self.ask(seen).await?;
        }
        let (keys, failed) = {
            let state = self.0.state();
            (state.believed(self.0.clock.now()), state.failed)
        };
        let Some(keys) = keys else { return Err(unreachable(failed)) };
        choose(&keys, algorithm, id)?.ok_or_else(|| Refusal::UnknownKey.into())
    }

    /// Asks for the keys unless somebody did since `seen` requests. It goes on although its caller
    /// leaves: a stranger who hangs up must not be able to keep new keys out.
    async fn ask(&self, seen: u64) -> Result<()> {
        let inner = self.0.clone();
        let asking = tokio::spawn(async move {
            let _turn = inner.turn.lock().await;
            if inner.state().requests == seen {
                inner.fetch().await;
            }
        });
        asking.await.map_err(|stopped| {
            Error::new(ErrorKind::Unexpected, "users.authenticate", "the request stopped")
                .with_source(stopped)
        })
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        // A panic while the state was held cannot leave it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch(&self) {
        let outcome = self.read().await;
        let now = self.clock.now();
        let mut state = self.state();
        state.requests += 1;
        state.asked_at = Some(now);
        state.failed = outcome.as_ref().err().map(Error::kind);
        match outcome {
            Ok(keys) => state.good = Some((keys, now)),
            Err(error) => {
                tracing::warn!(target: "javari", %error, "the issuer's keys could not be fetched");
            }
        }
    }

    async fn read(&self) -> Result<Arc<[Arc<Key>]>> {
        let request = HttpRequest::get(&self.url, Trust::Configured)?
            .with_header("accept", "application/json")
            .with_timeout(LONGEST)
            .with_max_body(MOST_BYTES)
            // Whoever can make the issuer redirect must not choose its keys.
            .without_redirects();
        let reply = self.http.send(request).await?;
        if reply.status() != 200 {
            let message = "the issuer did not answer with its keys";
            return Err(Error::new(ErrorKind::Network, "users.authenticate", message)
                .with("status", reply.status()));
        }
        let keys = jwks::read_published(&reply.bytes().await?).map_err(|why| {
            let message = "the issuer's set of keys is none";
            Error::new(ErrorKind::Network, "users.authenticate", message).with("fault", why)
        })?;
        Ok(keys.into_iter().map(Arc::new).collect())
    }
}

impl State {
    /// The last good set while it may be believed.
    fn believed(&self, now: Timestamp) -> Option<Arc<[Arc<Key>]>> {
        let (keys, at) = self.good.as_ref()?;
        (now.since(*at) < KEPT).then(|| keys.clone())
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        // A clock that was set back must not make old keys fresh for ever.
        self.good.as_ref().is_some_and(|(_, at)| now >= *at && now.since(*at) < FRESH)
    }

    fn is_due(&self, now: Timestamp, wait: Duration) -> bool {
        self.asked_at.is_none_or(|at| now < at || now.since(at) >= wait)
    }
}

fn unreachable(failed: Option<ErrorKind>) -> Error {
    let message = "the issuer's keys could not be fetched, so no token can be checked: look at \
                   `identity.jwks_url`";
    Error::new(failed.unwrap_or(ErrorKind::Network), "users.authenticate", message)
        .with_retry(Retry::After(BETWEEN_WITHOUT_KEYS))
}
