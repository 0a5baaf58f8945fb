//! An OAuth client as a credential: who it is, where it gets its tokens, and the tokens it has
//! (RFC 6749).

use std::time::Duration;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::credential::{CredentialView, show};
use crate::{
    error::{Error, Result},
    secret::Secret,
    types::{ScopeKey, Timestamp},
};

/// The power to give out access tokens of OAuth clients that are current.
///
/// The credential is of type `oauth_client` and its value a JSON object: `token_url` and `client_id`;
/// `client_secret` and `scope` where the service wants them; `refresh_token` after somebody has signed
/// in, without which the client signs in as itself (`client_credentials`); `client_auth`, `basic` by
/// default or `body`. Javari adds `access_token`, `token_type` and `expires_at`, and takes on a
/// `refresh_token` that the service changes; each refresh is a new version of the credential.
#[async_trait]
pub trait AccessTokens: Send + Sync {
    /// The access token of the OAuth client that the scope sees under that name, refreshed first
    /// where it ends too soon. However many ask at once, in however many processes, one refreshes.
    /// Audited before it is returned.
    ///
    /// # Errors
    /// `NOT_FOUND`; `INVALID_INPUT` when the credential is no OAuth client; `PROVIDER_REFUSED` when
    /// the service takes the client or its refresh token no more, and `PROVIDER_FAILED`,
    /// `RATE_LIMITED`, `NETWORK` or `TIMEOUT` when it does not answer as it should;
    /// `ADDRESS_REFUSED` for a token address that is private.
    async fn access_token(&self, scope: &ScopeKey, request: &GetAccessToken)
    -> Result<AccessToken>;
}

/// Asks for an access token.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetAccessToken {
    /// The name of the credential that is the OAuth client; inherited ones count.
    pub name: String,
    /// For how many seconds it has to be good still, at most 3600.
    #[serde(default = "one_minute")]
    #[schemars(range(max = 3600))]
    pub lasting_seconds: u64,
}

impl GetAccessToken {
    /// One that is good for a minute at least.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), lasting_seconds: one_minute() }
    }
}

/// An access token.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccessToken {
    /// The token.
    #[serde(serialize_with = "show")]
    #[schemars(with = "String")]
    pub token: Secret,
    /// How it is sent, `Bearer` as a rule.
    pub token_type: String,
    /// When it ends, where the service says so.
    pub expires_at: Option<Timestamp>,
    /// The credential, without its value.
    pub credential: CredentialView,
}

/// How a client says to the service who it is (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ClientAuth {
    /// In the `Authorization` header.
    #[default]
    Basic,
    /// In the body.
    Body,
}

/// The value of an OAuth client. What it does not know it keeps.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct OauthClient {
    pub(super) token_url: String,
    pub(super) client_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) client_secret: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<String>,
    #[serde(default)]
    pub(super) client_auth: ClientAuth,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) access_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) token_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<Timestamp>,
    #[serde(flatten)]
    rest: Map<String, Json>,
}

impl OauthClient {
    /// Reads a credential's value.
    ///
    /// # Errors
    /// `INVALID_INPUT` when it is no OAuth client; no part of it is repeated.
    pub(super) fn read(operation: &'static str, value: &Secret) -> Result<Self> {
        // Exposed to be taken apart.
        serde_json::from_str(value.expose()).map_err(|_| {
            Error::invalid(operation, "this credential is no OAuth client").with_field(
                "/name",
                "must hold a JSON object with `token_url` and `client_id`, and perhaps \
                 `client_secret`, `scope`, `refresh_token` and `client_auth` (`basic` or `body`)",
            )
        })
    }

    /// The value that is kept.
    pub(super) fn write(&self) -> Result<Secret> {
        serde_json::to_string(self).map(Secret::new).map_err(|fault| {
            let message = "the OAuth client cannot be written";
            Error::new(crate::error::ErrorKind::Unexpected, "vault.access_token", message)
                .with_source(fault)
        })
    }

    /// The token, when it is good for so long still.
    pub(super) fn current(&self, now: Timestamp, lasting: Duration) -> Option<Secret> {
        let lasts = self.expires_at.is_none_or(|end| now.plus(lasting) < end);
        self.access_token.clone().filter(|_| lasts).map(Secret::new)
    }
}

fn one_minute() -> u64 {
    60
}
