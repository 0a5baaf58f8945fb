//! Whether a request that came in is from the service that shares a secret with us.
//!
//! What it deliberately does not do: it remembers no request, so a host that must not act twice keeps
//! the [`id`](VerifiedWebhook::id) of those it has seen; and it does not read the body.

mod scheme;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rotation::Accepted;
use crate::{
    error::{Error, ErrorKind, Result},
    types::Timestamp,
};

const OPERATION: &str = "vault.verify_webhook";
/// The largest body; GitHub sends none that is larger.
const MOST_BODY_BYTES: usize = 25 * 1024 * 1024;
const MOST_HEADERS: usize = 200;
const MOST_HEADER_BYTES: usize = 16 * 1024;
const MOST_TOLERANCE: u64 = 3_600;

/// Asks whether a request is signed with a credential's value.
///
/// ```
/// use javari_core::vault::{VerifyWebhook, WebhookScheme};
///
/// let request = VerifyWebhook::new("GITHUB_WEBHOOK", WebhookScheme::Github)
///     .with_header("X-Hub-Signature-256", "sha256=…")
///     .with_body("{}");
/// assert_eq!(request.tolerance_seconds, 300);
/// ```
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyWebhook {
    /// The name of the credential that holds the secret; inherited ones count.
    pub name: String,
    /// How the service signs.
    pub scheme: WebhookScheme,
    /// The headers of the request by name, in any case; others than the scheme's are not looked at.
    pub headers: BTreeMap<String, String>,
    /// The body, exactly as it came: not parsed and written again. At most 25 MiB.
    #[serde(default)]
    pub body: Option<String>,
    /// The body as base64, for one that is not UTF-8. Instead of `body`.
    #[serde(default)]
    pub body_base64: Option<String>,
    /// How old or how far ahead of the clock the request may be where the scheme tells its time, 1 to
    /// 3600 seconds.
    #[serde(default = "five_minutes")]
    #[schemars(range(min = 1, max = 3600))]
    pub tolerance_seconds: u64,
}

impl VerifyWebhook {
    /// A request without headers and with an empty body, at most five minutes old.
    pub fn new(name: impl Into<String>, scheme: WebhookScheme) -> Self {
        Self {
            name: name.into(),
            scheme,
            headers: BTreeMap::new(),
            body: Some(String::new()),
            body_base64: None,
            tolerance_seconds: five_minutes(),
        }
    }

    /// With a header more.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// With this body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    fn validate(&self) -> Result<()> {
        let mut faults = Vec::new();
        if self.body.is_some() == self.body_base64.is_some() {
            faults.push(("/body", "must be given, or `body_base64` instead of it"));
        }
        let text = self.body.as_ref().or(self.body_base64.as_ref()).map_or(0, String::len);
        if text > MOST_BODY_BYTES * 4 / 3 + 4 {
            faults.push(("/body", "must be at most 25 MiB"));
        }
        let size = |(name, value): (&String, &String)| name.len() + value.len();
        if self.headers.len() > MOST_HEADERS
            || self.headers.iter().any(|header| size(header) > MOST_HEADER_BYTES)
        {
            faults.push(("/headers", "must be at most 200 headers of 16 KiB each"));
        }
        if !(1..=MOST_TOLERANCE).contains(&self.tolerance_seconds) {
            faults.push(("/tolerance_seconds", "must be 1 to 3600"));
        }
        match faults.is_empty() {
            true => Ok(()),
            false => Err(faults.into_iter().fold(
                Error::invalid(OPERATION, "the request does not fit"),
                |error, (field, what)| error.with_field(field, what),
            )),
        }
    }

    fn bytes(&self) -> Result<Vec<u8>> {
        let decoded = match (&self.body, &self.body_base64) {
            (Some(body), _) => return Ok(body.clone().into_bytes()),
            (None, body) => STANDARD.decode(body.as_deref().unwrap_or_default()),
        };
        decoded.map_err(|_| {
            Error::invalid(OPERATION, "the body cannot be read")
                .with_field("/body_base64", "must be base64 with padding")
        })
    }

    /// The one header of that name.
    fn header(&self, name: &'static str) -> Result<Option<&str>, Refusal> {
        let mut found = self.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Ok(Some(value.trim())),
            (None, _) => Ok(None),
            (Some(_), Some(_)) => Err(Refusal::Header(name)),
        }
    }
}

/// How a service signs what it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WebhookScheme {
    /// Standard Webhooks, and Svix before it: `webhook-id`, `webhook-timestamp`,
    /// `webhook-signature`. <https://www.standardwebhooks.com>
    Standard,
    /// `X-Hub-Signature-256`. It tells no time.
    Github,
    /// `Stripe-Signature`.
    Stripe,
    /// `X-Slack-Signature` and `X-Slack-Request-Timestamp`.
    Slack,
    /// `x-vercel-signature`. It tells no time.
    Vercel,
}

/// What is known of a request that is signed as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VerifiedWebhook {
    /// Which version of the credential it is signed with.
    pub version: u32,
    /// Until when that version is accepted; nothing for the active one.
    pub grace_until: Option<Timestamp>,
    /// What the service calls this delivery, for telling a repeated one; not every scheme has it, and
    /// only that of `standard` is signed.
    pub id: Option<String>,
    /// When it was sent, where the scheme says so.
    pub sent_at: Option<Timestamp>,
}

/// Why a request is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// The header is missing, stands twice or is not of its form.
    Header(&'static str),
    /// It is too old or from the future.
    Time,
    /// No accepted value of the credential makes this signature.
    Signature,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let (reason, message) = match refusal {
            Refusal::Header(_) => {
                ("header", "a header of the signature is missing, stands twice or is malformed")
            }
            Refusal::Time => {
                ("time", "the request is older or newer than is accepted: compare the clocks")
            }
            Refusal::Signature => (
                "signature",
                "the request is not signed with this credential, or its body is not as it came",
            ),
        };
        let error = Error::new(ErrorKind::Unauthorized, OPERATION, message).with("reason", reason);
        match refusal {
            Refusal::Header(name) => error.with("header", name),
            _ => error,
        }
    }
}

/// Says which of the values the request is signed with.
///
/// # Errors
/// `UNAUTHORIZED` with a `reason` (`header`, `time`, `signature`); `INVALID_INPUT`.
pub(crate) fn verify(
    request: &VerifyWebhook,
    accepted: &Accepted,
    now: Timestamp,
) -> Result<VerifiedWebhook> {
    request.validate()?;
    let body = request.bytes()?;
    let signed = scheme::read(request)?;
    if let Some(sent_at) = signed.sent_at {
        let distance = now.since(sent_at).max(sent_at.since(now));
        if distance > Duration::from_secs(request.tolerance_seconds) {
            return Err(Refusal::Time.into());
        }
    }
    let signer = accepted.values.iter().find(|one| signed.is_made_with(&one.value, &body));
    let signer = signer.ok_or(Refusal::Signature)?;
    Ok(VerifiedWebhook {
        version: signer.version,
        grace_until: signer.grace_until,
        id: signed.id,
        sent_at: signed.sent_at,
    })
}

fn five_minutes() -> u64 {
    300
}
