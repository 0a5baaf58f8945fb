//! Where each service puts its signature, and over what it makes it.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

use super::{Refusal, VerifyWebhook, WebhookScheme};
use crate::{secret::Secret, types::Timestamp};

/// So many signatures one request may carry: services send two while they rotate.
const MOST_SIGNATURES: usize = 16;

/// What the headers of a request claim.
pub(super) struct Signed {
    hash: Hash,
    key: KeyForm,
    /// What is signed before the body.
    prefix: String,
    /// Any of these is enough.
    signatures: Vec<Vec<u8>>,
    pub(super) id: Option<String>,
    pub(super) sent_at: Option<Timestamp>,
}

enum Hash {
    Sha1,
    Sha256,
}

enum KeyForm {
    /// The secret's own bytes.
    Text,
    /// `whsec_` and base64; the bytes of any other text.
    Whsec,
}

impl Signed {
    /// Whether one of the signatures is made with `secret`; compared in constant time.
    pub(super) fn is_made_with(&self, secret: &Secret, body: &[u8]) -> bool {
        // Exposed to compute what the service computed.
        let text = secret.expose();
        let decoded = match self.key {
            KeyForm::Text => None,
            KeyForm::Whsec => text.strip_prefix("whsec_").map(|key| STANDARD.decode(key)),
        };
        let key = match &decoded {
            None => text.as_bytes(),
            Some(Ok(key)) => key.as_slice(),
            Some(Err(_)) => return false,
        };
        // An empty key is no secret.
        !key.is_empty()
            && match self.hash {
                Hash::Sha1 => self.is_one::<Hmac<Sha1>>(key, body),
                Hash::Sha256 => self.is_one::<Hmac<Sha256>>(key, body),
            }
    }

    fn is_one<M: Mac + KeyInit + Clone>(&self, key: &[u8], body: &[u8]) -> bool {
        let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return false };
        mac.update(self.prefix.as_bytes());
        mac.update(body);
        self.signatures.iter().any(|one| mac.clone().verify_slice(one).is_ok())
    }
}

/// Reads the headers of the request's scheme.
pub(super) fn read(request: &VerifyWebhook) -> Result<Signed, Refusal> {
    match request.scheme {
        WebhookScheme::Standard => standard(request),
        WebhookScheme::Github => github(request),
        WebhookScheme::Stripe => stripe(request),
        WebhookScheme::Slack => slack(request),
        WebhookScheme::Vercel => vercel(request),
    }
}

/// <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>
fn standard(request: &VerifyWebhook) -> Result<Signed, Refusal> {
    let either = |name, older| match request.header(name)? {
        Some(value) => Ok(value),
        None => required(request, older).map_err(|_| Refusal::Header(name)),
    };
    let id = either("webhook-id", "svix-id")?;
    let time = either("webhook-timestamp", "svix-timestamp")?;
    let signatures = either("webhook-signature", "svix-signature")?;
    let signatures = signatures
        .split_ascii_whitespace()
        // Other versions, such as `v1a`, are for other keys.
        .filter_map(|one| one.strip_prefix("v1,"))
        .map(|one| STANDARD.decode(one).ok());
    // A dot would let one id and time pass for another.
    if id.is_empty() || id.contains('.') {
        return Err(Refusal::Header("webhook-id"));
    }
    Ok(Signed {
        hash: Hash::Sha256,
        key: KeyForm::Whsec,
        prefix: format!("{id}.{time}."),
        signatures: collect(signatures, "webhook-signature")?,
        id: Some(id.to_owned()),
        sent_at: Some(seconds(time).ok_or(Refusal::Header("webhook-timestamp"))?),
    })
}

/// <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>
fn github(request: &VerifyWebhook) -> Result<Signed, Refusal> {
    const NAME: &str = "X-Hub-Signature-256";
    let signature = required(request, NAME)?.strip_prefix("sha256=").and_then(decoded);
    Ok(Signed {
        hash: Hash::Sha256,
        key: KeyForm::Text,
        prefix: String::new(),
        signatures: collect([signature], NAME)?,
        id: request.header("X-GitHub-Delivery")?.map(str::to_owned),
        sent_at: None,
    })
}

/// <https://docs.stripe.com/webhooks/signature>
fn stripe(request: &VerifyWebhook) -> Result<Signed, Refusal> {
    const NAME: &str = "Stripe-Signature";
    let parts: Vec<(&str, &str)> = required(request, NAME)?
        .split(',')
        .filter_map(|part| part.trim().split_once('='))
        .collect();
    let of = |name: &'static str| {
        parts.iter().filter(move |(own, _)| *own == name).map(|(_, value)| *value)
    };
    let mut times = of("t");
    let (Some(time), None) = (times.next(), times.next()) else {
        return Err(Refusal::Header(NAME));
    };
    Ok(Signed {
        hash: Hash::Sha256,
        key: KeyForm::Text,
        prefix: format!("{time}."),
        signatures: collect(of("v1").map(decoded), NAME)?,
        id: None,
        sent_at: Some(seconds(time).ok_or(Refusal::Header(NAME))?),
    })
}

/// <https://api.slack.com/authentication/verifying-requests-from-slack>
fn slack(request: &VerifyWebhook) -> Result<Signed, Refusal> {
    const NAME: &str = "X-Slack-Signature";
    const TIME: &str = "X-Slack-Request-Timestamp";
    let time = required(request, TIME)?;
    let signature = required(request, NAME)?.strip_prefix("v0=").and_then(decoded);
    Ok(Signed {
        hash: Hash::Sha256,
        key: KeyForm::Text,
        prefix: format!("v0:{time}:"),
        signatures: collect([signature], NAME)?,
        id: None,
        sent_at: Some(seconds(time).ok_or(Refusal::Header(TIME))?),
    })
}

/// <https://vercel.com/docs/webhooks/webhooks-api>
fn vercel(request: &VerifyWebhook) -> Result<Signed, Refusal> {
    const NAME: &str = "x-vercel-signature";
    Ok(Signed {
        hash: Hash::Sha1,
        key: KeyForm::Text,
        prefix: String::new(),
        signatures: collect([decoded(required(request, NAME)?)], NAME)?,
        id: None,
        sent_at: None,
    })
}

fn required<'a>(request: &'a VerifyWebhook, name: &'static str) -> Result<&'a str, Refusal> {
    request.header(name)?.ok_or(Refusal::Header(name))
}

/// All signatures, when there is one and each can be read.
fn collect(
    signatures: impl IntoIterator<Item = Option<Vec<u8>>>,
    header: &'static str,
) -> Result<Vec<Vec<u8>>, Refusal> {
    let signatures: Option<Vec<_>> = signatures.into_iter().take(MOST_SIGNATURES + 1).collect();
    signatures
        .filter(|all| (1..=MOST_SIGNATURES).contains(&all.len()))
        .filter(|all| all.iter().all(|one| !one.is_empty()))
        .ok_or(Refusal::Header(header))
}

fn seconds(text: &str) -> Option<Timestamp> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: i64 = text.parse().ok().filter(|_| is_plain)?;
    seconds.checked_mul(1_000_000).map(Timestamp::from_micros)
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    hex::decode(text).ok()
}
