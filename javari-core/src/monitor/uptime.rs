//! Watches whether an address answers.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{CheckSpec, Monitor, Observation, ObservationStatus, Target};
use crate::{
    error::{Error, ErrorKind, Result},
    types::ScopeKey,
};

/// An address to ask and what counts as an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UptimeTarget {
    /// The address, `http` or `https`, without a user name in it.
    #[schemars(length(min = 1, max = 2048))]
    pub url: String,
    /// How long it may take to answer, 1 to 60 seconds.
    #[serde(default = "default_timeout")]
    #[schemars(range(min = 1, max = 60))]
    pub timeout_seconds: u32,
    /// The status that is expected; nothing accepts 200 to 399. A redirect is followed unless the
    /// one expected is 300 to 399.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 100, max = 599))]
    pub expected_status: Option<u16>,
    /// What the request says beside the address, at most 16 headers. They are kept readable, so a secret
    /// stands here by its name alone: `Bearer {{cred:STATUS_TOKEN}}` is filled when the request leaves,
    /// where the credential is bound to the host (`vault.bind`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

/// Headers that say how the request travels.
const NOT_OURS: &[&str] =
    &["host", "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer"];
/// Headers that hold a secret, whatever the service.
const SECRETS: &[&str] =
    &["authorization", "proxy-authorization", "cookie", "x-api-key", "api-key"];

fn default_timeout() -> u32 {
    10
}

impl UptimeTarget {
    /// The address `url` with the usual limits.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            timeout_seconds: default_timeout(),
            expected_status: None,
            headers: BTreeMap::new(),
        }
    }

    /// The same target with one more header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    fn parse(&self, operation: &'static str) -> Result<Url> {
        let fault = |words: &str| {
            Error::invalid(operation, "the address cannot be watched").with_field("/url", words)
        };
        if self.url.len() > 2_048 {
            return Err(fault("must have at most 2048 characters"));
        }
        let url: Url = self.url.parse().map_err(|_| fault("must be an address"))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(fault("must begin with http:// or https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(fault("must not hold a user name or password"));
        }
        if !(1..=60).contains(&self.timeout_seconds) {
            return Err(Error::invalid(operation, "the time limit does not fit")
                .with_field("/timeout_seconds", "must be 1 to 60"));
        }
        self.check_headers(operation)?;
        Ok(url)
    }

    fn check_headers(&self, operation: &'static str) -> Result<()> {
        let fault = |path: &str, words: &str| {
            Err(Error::invalid(operation, "the headers cannot be sent").with_field(path, words))
        };
        if self.headers.len() > 16 {
            return fault("/headers", "must be at most 16");
        }
        for (name, value) in &self.headers {
            let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            if !(1..=64).contains(&name.len()) || !name.bytes().all(is_token) {
                return fault(
                    "/headers",
                    "a name must be letters, digits, `-` and `_`, at most 64",
                );
            }
            let path = format!("/headers/{name}");
            let lower = name.to_ascii_lowercase();
            if NOT_OURS.contains(&lower.as_str()) {
                return fault(&path, "says how the request travels, which is not chosen here");
            }
            if value.len() > 1_024 || !value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
                return fault(&path, "must be plain characters, at most 1024");
            }
            if SECRETS.contains(&lower.as_str()) && !value.contains("{{cred:") {
                return fault(
                    &path,
                    "is kept readable: put the secret into the vault and write `{{cred:NAME}}`",
                );
            }
        }
        Ok(())
    }
}

/// What to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProbeRequest {
    /// The address.
    pub url: Url,
    /// How long it may take.
    pub timeout: Duration,
    /// Whether a redirect is followed or is the answer itself.
    pub follow_redirects: bool,
    /// Whose monitor asks: `{{cred:NAME}}` in a header is a credential that this scope sees.
    pub scope: ScopeKey,
    /// What to say beside the address.
    pub headers: BTreeMap<String, String>,
}

impl ProbeRequest {
    /// Asks `url` for at most `timeout`, following redirects, without a header of its own.
    pub fn new(url: Url, timeout: Duration) -> Self {
        let (scope, headers) = (ScopeKey::HOST, BTreeMap::new());
        Self { url, timeout, follow_redirects: true, scope, headers }
    }
}

/// What an address answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProbeReply {
    /// The HTTP status.
    pub status: u16,
    /// How long it took until the status was there.
    pub elapsed: Duration,
}

impl ProbeReply {
    /// An answer with `status` after `elapsed`.
    pub fn new(status: u16, elapsed: Duration) -> Self {
        Self { status, elapsed }
    }
}

/// The one thing this monitor needs of HTTP: ask an address that a user chose.
///
/// An implementation guards against addresses inside the host's network (`ADDRESS_REFUSED`), as
/// the `http` room does.
#[async_trait]
pub trait HttpProbe: Send + Sync {
    /// Asks the address and returns the status, whatever it is. The body is nobody's concern.
    ///
    /// # Errors
    /// `NETWORK` or `TIMEOUT` when there was no answer, `ADDRESS_REFUSED` when it may not be asked.
    async fn get(&self, request: &ProbeRequest) -> Result<ProbeReply>;
}

/// The monitor of kind `uptime`.
pub struct UptimeMonitor {
    probe: Arc<dyn HttpProbe>,
}

impl UptimeMonitor {
    /// A monitor that asks through `probe`.
    pub fn new(probe: Arc<dyn HttpProbe>) -> Self {
        Self { probe }
    }
}

#[async_trait]
impl Monitor for UptimeMonitor {
    fn kind(&self) -> &str {
        "uptime"
    }

    fn accept(&self, spec: &CheckSpec) -> Result<()> {
        uptime_of(spec)?.parse("monitor.create").map(drop)
    }

    async fn check(&self, spec: &CheckSpec) -> Result<Observation> {
        let target = uptime_of(spec)?;
        let url = target.parse("monitor.check")?;
        let timeout = Duration::from_secs(u64::from(target.timeout_seconds));
        let mut request = ProbeRequest::new(url, timeout);
        request.scope = spec.scope;
        request.headers.clone_from(&target.headers);
        // A redirect that is expected is the answer.
        request.follow_redirects =
            !target.expected_status.is_some_and(|expected| (300..400).contains(&expected));
        // A probe that forgets its own limit does not stop the worker.
        let answer = tokio::time::timeout(timeout, self.probe.get(&request)).await;
        let late = || Error::new(ErrorKind::Timeout, "monitor.check", "no answer in time");
        match answer.unwrap_or_else(|_| Err(late())) {
            Ok(reply) => {
                let fits = match target.expected_status {
                    Some(expected) => reply.status == expected,
                    None => (200..400).contains(&reply.status),
                };
                let status = if fits { ObservationStatus::Up } else { ObservationStatus::Down };
                let mut observation =
                    Observation::new(status, format!("answered with status {}", reply.status));
                observation.http_status = Some(reply.status);
                observation.elapsed_ms =
                    u64::try_from(reply.elapsed.as_millis()).unwrap_or(u64::MAX);
                Ok(observation)
            }
            // No answer is what this monitor looks for; anything else is a fault of the check.
            Err(error) if matches!(error.kind(), ErrorKind::Network | ErrorKind::Timeout) => {
                Ok(Observation::new(ObservationStatus::Down, error.message()))
            }
            Err(error) => Err(error),
        }
    }
}

fn uptime_of(spec: &CheckSpec) -> Result<&UptimeTarget> {
    match &spec.target {
        Target::Uptime(target) => Ok(target),
        _ => Err(Error::invalid("monitor.check", "the uptime monitor was given another target")
            .with_field("/target/kind", "must be `uptime`")),
    }
}
