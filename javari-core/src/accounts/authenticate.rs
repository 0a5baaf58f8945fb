//! Finds out who is calling: a token of the configured issuer, or a key of our own.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    ApiKeys, Carrier, Claims, Grant, Presented, TokenVerifier, User,
    api_key::BEGINNING,
    find_token,
    identity::{Identities, Policy},
    refusal::Refusal,
    store,
};
use crate::{
    audit::Audit,
    config::IdentitySettings,
    error::Result,
    http::Http,
    secret::Secret,
    storage::Database,
    types::{ApiKeyId, Clock, ScopeKey, Timestamp},
};

/// The headers of a request, or a token or key that the host took out of it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AuthenticateRequest {
    /// The request's headers; those that carry no identity are not looked at.
    #[schemars(length(max = 500))]
    pub headers: Vec<Header>,
    /// The token or key itself, in place of headers.
    #[serde(deserialize_with = "read_secret")]
    #[schemars(with = "Option<String>")]
    pub token: Option<Secret>,
}

/// One header of a request.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Its name, in any case.
    pub name: String,
    /// Its value. It is not repeated in any answer.
    #[serde(deserialize_with = "read_value")]
    #[schemars(with = "String")]
    pub value: Secret,
}

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Authentication {
    /// The user who calls.
    pub user: User,
    /// The scope that calls may be made in: the user's, or that of the one project a key is for, which
    /// is somebody else's where a member made it.
    pub scope: ScopeKey,
    /// Where the identity stood.
    pub carrier: Carrier,
    /// What the token says; nothing for a key.
    pub claims: Option<Claims>,
    /// The key; nothing for a token.
    pub api_key: Option<ApiKeyId>,
    /// Which operations may be called.
    pub operations: Vec<String>,
    /// Until when it holds.
    pub expires_at: Option<Timestamp>,
}

impl Authentication {
    /// Which operations may be called.
    pub fn grant(&self) -> Grant {
        match self.api_key {
            Some(_) => Grant::of_key(self.operations.clone()),
            None => Grant::everything(),
        }
    }
}

/// Finds out who is calling. Cheap to clone.
#[derive(Clone)]
pub struct Authenticator {
    database: Database,
    api_keys: ApiKeys,
    identities: Identities,
    verifier: Option<TokenVerifier>,
    cookie: Option<Arc<str>>,
}

impl Authenticator {
    /// Accepts keys of `api_keys`, and tokens where `settings` name an issuer.
    ///
    /// # Errors
    /// `CONFIGURATION` naming every setting that does not fit.
    pub fn new(
        settings: Option<&IdentitySettings>,
        (database, clock, audit): (Database, Arc<dyn Clock>, Audit),
        http: Http,
        api_keys: ApiKeys,
    ) -> Result<Self> {
        let verifier = settings
            .map(|settings| TokenVerifier::new(settings, http, clock.clone()))
            .transpose()?;
        let policy = settings.map(Policy::of).unwrap_or_default();
        Ok(Self {
            identities: Identities::new(database.clone(), clock, audit, policy),
            database,
            api_keys,
            verifier,
            cookie: settings.and_then(|settings| settings.cookie.as_deref()).map(Arc::from),
        })
    }

    /// Who sent a request with these headers.
    ///
    /// # Errors
    /// `UNAUTHORIZED` with a stable `reason`, when it is nobody who may come in.
    pub async fn headers<'a>(
        &self,
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Authentication> {
        let presented = find_token(headers, self.cookie.as_deref())?.ok_or(Refusal::Missing)?;
        self.presented(&presented).await
    }

    /// Who sent a request: by its headers, or by the token where one is given.
    ///
    /// # Errors
    /// As [`headers`](Self::headers); a token and headers that carry another are `UNAUTHORIZED`.
    pub async fn request(&self, request: &AuthenticateRequest) -> Result<Authentication> {
        // Exposed to be looked through; only a token is taken out.
        let headers = request
            .headers
            .iter()
            .map(|header| (header.name.as_str(), header.value.expose().as_bytes()));
        let Some(token) = &request.token else { return self.headers(headers).await };
        if find_token(headers, self.cookie.as_deref())?.is_some() {
            return Err(Refusal::Ambiguous.into());
        }
        self.presented(&Presented { token: token.clone(), carrier: Carrier::Given }).await
    }

    /// Whose token or key it is.
    ///
    /// # Errors
    /// As [`headers`](Self::headers).
    pub async fn presented(&self, presented: &Presented) -> Result<Authentication> {
        // Exposed to tell a key from a token by how it begins.
        match presented.token.expose().starts_with(BEGINNING) {
            true => self.key(&presented.token, presented.carrier).await,
            false => self.token(presented).await,
        }
    }

    /// Whose key it is; tokens are refused.
    ///
    /// # Errors
    /// `UNAUTHORIZED` with the reason `api_key` or `api_key_expired`.
    pub async fn key(&self, key: &Secret, carrier: Carrier) -> Result<Authentication> {
        let bearer = self.api_keys.recognise(key).await?;
        let caller = bearer.member.unwrap_or(bearer.user);
        let user = store::user(&self.database, caller).await?.ok_or(Refusal::ApiKey)?;
        let scope = ScopeKey {
            project: bearer.project,
            member: bearer.member,
            ..ScopeKey::user(bearer.user)
        };
        Ok(Authentication {
            user,
            scope,
            carrier,
            claims: None,
            api_key: Some(bearer.id),
            operations: bearer.operations,
            expires_at: bearer.expires_at,
        })
    }

    async fn token(&self, presented: &Presented) -> Result<Authentication> {
        let verifier = self.verifier.as_ref().ok_or(Refusal::NotConfigured)?;
        let claims = verifier.verify(&presented.token).await?;
        let user = self.identities.user_of(&claims).await?;
        Ok(Authentication {
            scope: ScopeKey::user(user.id),
            user,
            carrier: presented.carrier,
            api_key: None,
            operations: vec!["*".to_owned()],
            expires_at: Some(claims.expires_at.plus(verifier.leeway())),
            claims: Some(claims),
        })
    }
}

fn read_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
}

fn read_value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}
