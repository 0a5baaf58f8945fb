//! Vercel's tokens, which make and end each other: `POST /v3/user/tokens` and
//! `DELETE /v3/user/tokens/current` (<https://vercel.com/docs/rest-api/endpoints/authentication>).

use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::RotationHandler;
use crate::{
    error::{Error, ErrorKind, Result, Retry},
    http::{Http, HttpReply, HttpRequest, Trust},
    secret::Secret,
    vault::probe::{ProbeOutcome, ProbeQuestion, Probes, Service},
};

const OPERATION: &str = "vault.auto_rotate";
const LIMIT: Duration = Duration::from_secs(20);

/// Rotates tokens of Vercel at its own host.
pub(super) struct VercelTokens {
    http: Http,
    probes: Probes,
    address: Url,
}

/// The part of the reply that is needed.
#[derive(Deserialize)]
struct Made {
    #[serde(rename = "bearerToken")]
    bearer_token: String,
}

impl VercelTokens {
    pub(super) fn new(http: Http, probes: Probes, address: Url) -> Self {
        Self { http, probes, address }
    }

    async fn send(&self, method: &str, path: &str, token: &Secret) -> Result<HttpReply> {
        let mut url = self.address.clone();
        url.set_path(path);
        let mut request = HttpRequest::new(method, url, Trust::Configured)?.with_bearer(token);
        if method == "POST" {
            request = request.with_json(&json!({ "name": "rotated by Javari" }))?;
        }
        let request = request.with_timeout(LIMIT).with_max_body(64 * 1024).without_redirects();
        let reply = self.http.send(request).await?;
        // Its words are not kept: they could hold the token.
        let (kind, message) = match reply.status() {
            200..300 => return Ok(reply),
            401 | 403 => (ErrorKind::ProviderRefused, "Vercel lets this token make no other"),
            429 => (ErrorKind::RateLimited, "Vercel answers no further request just now"),
            _ => (ErrorKind::ProviderFailed, "Vercel answered with an error"),
        };
        let error = Error::new(kind, OPERATION, message).with("status", reply.status());
        Err(match reply.retry_after() {
            Some(wait) => error.with_retry(Retry::After(wait)),
            None => error,
        })
    }
}

#[async_trait]
impl RotationHandler for VercelTokens {
    async fn make(&self, current: &Secret) -> Result<Secret> {
        let made: Made = self.send("POST", "/v3/user/tokens", current).await?.json().await?;
        Ok(Secret::new(made.bearer_token))
    }

    async fn verify(&self, new: &Secret) -> Result<ProbeOutcome> {
        let question = ProbeQuestion::default();
        Ok(self.probes.ask(Service::Vercel, new, &question).await?.outcome)
    }

    async fn revoke_old(&self, old: &Secret) -> Result<()> {
        match self.send("DELETE", "/v3/user/tokens/current", old).await {
            // It may have been ended before, or have expired.
            Err(error) if error.kind() == ErrorKind::ProviderRefused => {
                match self.verify(old).await? {
                    ProbeOutcome::Invalid => Ok(()),
                    _ => Err(error),
                }
            }
            outcome => outcome.map(drop),
        }
    }
}
