//! The tokens of OAuth clients, at the address that the credential names (RFC 6749 sections 4.4
//! and 6). The address is a user's, so it is judged as every steered one, and https.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use serde::Deserialize;
use url::{Url, form_urlencoded};

use super::RotationHandler;
use crate::{
    error::{Error, ErrorKind, Result, Retry},
    http::{Http, HttpReply, HttpRequest, Trust},
    secret::Secret,
    types::Clock,
    vault::{
        oauth::{ClientAuth, OauthClient},
        probe::ProbeOutcome,
    },
};

const OPERATION: &str = "vault.access_token";
const LIMIT: Duration = Duration::from_secs(30);
const MOST_BYTES: u64 = 256 * 1024;
/// A token that its service calls good for longer is asked for anew after a year.
const LONGEST_LIFE: u64 = 366 * 86_400;

/// Gets new access tokens.
pub(super) struct OauthTokens {
    http: Http,
    clock: Arc<dyn Clock>,
}

/// What the service answers (section 5.1).
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    expires_in: Option<Seconds>,
    #[serde(default)]
    refresh_token: Option<String>,
}

/// A number, which some services write as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(u64),
    Text(String),
}

/// What it answers when it refuses (section 5.2). Its description is not kept.
#[derive(Deserialize)]
struct Refused {
    error: String,
}

impl OauthTokens {
    pub(super) fn new(http: Http, clock: Arc<dyn Clock>) -> Self {
        Self { http, clock }
    }

    /// The request for a token: with the refresh token where there is one, else as the client itself.
    fn request(&self, client: &OauthClient) -> Result<HttpRequest> {
        let url: Url = client
            .token_url
            .parse()
            .map_err(|_| misplaced("must hold a `token_url` that is an address"))?;
        // In clear only where the operator opened the host by name.
        if url.scheme() != "https" && !self.http.is_opened(&url) {
            return Err(misplaced(
                "must hold a `token_url` that begins with https: the secret goes there",
            ));
        }
        let mut form = form_urlencoded::Serializer::new(String::new());
        match &client.refresh_token {
            Some(token) => {
                form.append_pair("grant_type", "refresh_token").append_pair("refresh_token", token);
            }
            None => {
                form.append_pair("grant_type", "client_credentials");
                if let Some(scope) = &client.scope {
                    form.append_pair("scope", scope);
                }
            }
        }
        let request = HttpRequest::new("POST", url, Trust::Steered)?
            .with_header("accept", "application/json")
            .with_timeout(LIMIT)
            .with_max_body(MOST_BYTES)
            .without_redirects();
        let request = match (&client.client_secret, client.client_auth) {
            (Some(secret), ClientAuth::Basic) => {
                request.with_secret_header("authorization", &basic(&client.client_id, secret))
            }
            (secret, _) => {
                form.append_pair("client_id", &client.client_id);
                if let Some(secret) = secret {
                    form.append_pair("client_secret", secret);
                }
                request
            }
        };
        Ok(request.with_body("application/x-www-form-urlencoded", form.finish()))
    }
}

#[async_trait]
impl RotationHandler for OauthTokens {
    async fn make(&self, current: &Secret) -> Result<Secret> {
        let mut client = OauthClient::read(OPERATION, current)?;
        let asked_at = self.clock.now();
        let reply = self.http.send(self.request(&client)?).await?;
        if !reply.is_success() {
            return Err(refusal(reply).await);
        }
        let granted: Granted = reply.json().await?;
        if granted.access_token.is_empty() {
            let message = "the service granted no access token";
            return Err(Error::new(ErrorKind::Unreadable, OPERATION, message));
        }
        let seconds = granted.expires_in.and_then(|seconds| match seconds {
            Seconds::Number(seconds) => Some(seconds),
            Seconds::Text(text) => text.trim().parse().ok(),
        });
        client.expires_at =
            seconds.map(|life| asked_at.plus(Duration::from_secs(life.min(LONGEST_LIFE))));
        client.access_token = Some(granted.access_token);
        client.token_type = granted.token_type;
        // One that the service changes is the only one that works from now on.
        if granted.refresh_token.is_some() {
            client.refresh_token = granted.refresh_token;
        }
        client.write()
    }

    /// The service has just made it.
    async fn verify(&self, _: &Secret) -> Result<ProbeOutcome> {
        Ok(ProbeOutcome::Valid)
    }

    async fn revoke_old(&self, _: &Secret) -> Result<()> {
        Ok(())
    }

    /// An access token ends by itself, and soon.
    fn revokes(&self) -> bool {
        false
    }
}

/// `Basic` with both parts encoded first, as section 2.3.1 says.
fn basic(id: &str, secret: &str) -> Secret {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let both = format!("{}:{}", encoded(id), encoded(secret));
    Secret::new(format!("Basic {}", STANDARD.encode(both)))
}

fn misplaced(what: &'static str) -> Error {
    Error::invalid(OPERATION, "the OAuth client's token address cannot be used")
        .with_field("/name", what)
}

/// The error of a refusal, with the service's own code where it is one of the standard's.
async fn refusal(reply: HttpReply) -> Error {
    const CODES: [&str; 6] = [
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    ];
    let status = reply.status();
    let wait = reply.retry_after();
    let told = reply.json::<Refused>().await.ok();
    let code = told.and_then(|told| CODES.into_iter().find(|code| *code == told.error));
    let (kind, message) = match (status, code) {
        (_, Some("invalid_grant")) => (
            ErrorKind::ProviderRefused,
            "the refresh token is not accepted any more: sign in there again and store the new one",
        ),
        (429, _) => (ErrorKind::RateLimited, "the service answers no further request just now"),
        (400..500, _) => (
            ErrorKind::ProviderRefused,
            "the service grants this client no token: check its id, secret and scope",
        ),
        _ => (ErrorKind::ProviderFailed, "the service answered with an error"),
    };
    let error = Error::new(kind, OPERATION, message).with("status", status);
    let error = match code {
        Some(code) => error.with("error", code),
        None => error,
    };
    match wait {
        Some(wait) => error.with_retry(Retry::After(wait)),
        None => error,
    }
}
