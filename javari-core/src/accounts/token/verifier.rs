//! Checks a token against the configured issuer.

use std::{fmt, sync::Arc, time::Duration};

use url::Url;

use super::{
    super::refusal::Refusal,
    claims::{Claims, Expected},
    compact::Compact,
    der, jwks,
    key::{Algorithm, Key, choose},
    remote::RemoteKeys,
};
use crate::{
    config::{IdentitySettings, is_safe},
    error::{Error, ErrorKind, Result},
    http::Http,
    secret::Secret,
    types::Clock,
};

/// Checks tokens of one issuer. Cheap to clone.
///
/// ```
/// # use std::sync::Arc;
/// # use javari_core::{http::{Http, HttpConfig}, types::SystemClock};
/// use javari_core::{accounts::TokenVerifier, config::IdentitySettings, secret::Secret};
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let clock = Arc::new(SystemClock);
/// # let http = Http::new(HttpConfig::default(), clock.clone()).unwrap();
/// let settings = IdentitySettings {
///     issuer: "https://issuer.example".to_owned(),
///     audience: "my-app".to_owned(),
///     shared_secret: Some(Secret::new("a secret of 32 bytes or rather more")),
///     ..IdentitySettings::default()
/// };
/// let verifier = TokenVerifier::new(&settings, http, clock).unwrap();
/// let error = verifier.verify(&Secret::new("eyJhbGciOiJub25lIn0.e30.")).await.unwrap_err();
/// assert_eq!(error.context(), [("reason", "algorithm".to_owned())]);
/// # });
/// ```
#[derive(Clone)]
pub struct TokenVerifier(Arc<Inner>);

struct Inner {
    issuer: String,
    audience: String,
    leeway: Duration,
    verifies_email: bool,
    shared: Option<Arc<Key>>,
    public: Public,
    clock: Arc<dyn Clock>,
}

/// Where public keys come from.
enum Public {
    None,
    Configured(Vec<Arc<Key>>),
    Remote(RemoteKeys),
}

impl TokenVerifier {
    /// The verifier that `settings` describe. Nothing is fetched yet.
    ///
    /// # Errors
    /// `CONFIGURATION` naming every setting that does not fit, and no value of any.
    pub fn new(settings: &IdentitySettings, http: Http, clock: Arc<dyn Clock>) -> Result<Self> {
        let mut faults = faults_of(settings);
        let shared = settings.shared_secret.as_ref().and_then(|secret| {
            // Exposed to be made a key; the copy is wiped with it.
            let key = Key::hmac(secret.expose().as_bytes());
            key.map_err(|why| faults.push(("shared_secret", why))).ok().map(Arc::new)
        });
        let public = match (&settings.keys, &settings.jwks_url) {
            (Some(text), _) => {
                let keys = read_keys(text).unwrap_or_else(|why| {
                    faults.push(("keys", why));
                    Vec::new()
                });
                Public::Configured(keys.into_iter().map(Arc::new).collect())
            }
            (None, Some(url)) => Public::Remote(RemoteKeys::new(url.clone(), http, clock.clone())),
            (None, None) => Public::None,
        };
        if !faults.is_empty() {
            let message = "the settings of `identity` do not fit";
            let error = Error::new(ErrorKind::Configuration, "users.authenticate", message);
            return Err(faults.into_iter().fold(error, |error, (name, fault)| {
                error.with_field(format!("/identity/{name}"), fault)
            }));
        }
        Ok(Self(Arc::new(Inner {
            issuer: settings.issuer.clone(),
            audience: settings.audience.clone(),
            leeway: Duration::from_secs(settings.leeway_seconds.into()),
            verifies_email: settings.issuer_verifies_email,
            shared,
            public,
            clock,
        })))
    }

    /// The claims of a token whose form, key, signature, issuer, audience and times are right.
    ///
    /// # Errors
    /// `UNAUTHORIZED` with a stable `reason` and nothing of the token; a fault of the network when
    /// the issuer's keys were never fetched and cannot be now.
    pub async fn verify(&self, token: &Secret) -> Result<Claims> {
        let Inner { issuer, audience, .. } = self.0.as_ref();
        // Exposed to be taken apart; only claims that were verified leave this function.
        let token = Compact::parse(token.expose())?;
        let key = self.key(token.algorithm, token.key_id.as_deref()).await?;
        if !key.verifies(token.signed, &token.signature) {
            return Err(Refusal::Signature.into());
        }
        let expected = Expected {
            issuer,
            audience,
            leeway: self.0.leeway,
            verifies_email: self.0.verifies_email,
        };
        Claims::read(&token.claims()?, &expected, self.0.clock.now())
    }

    /// How far the clocks of issuer and host may differ.
    pub fn leeway(&self) -> Duration {
        self.0.leeway
    }

    /// The issuer whose tokens are accepted.
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    async fn key(&self, algorithm: Algorithm, id: Option<&str>) -> Result<Arc<Key>> {
        if algorithm == Algorithm::Hs256 {
            // A shared secret has no id of ours: Supabase's tokens name it by one of theirs.
            return self.0.shared.clone().ok_or_else(|| Refusal::Algorithm.into());
        }
        match &self.0.public {
            Public::None => Err(Refusal::Algorithm.into()),
            Public::Configured(keys) => {
                choose(keys, algorithm, id)?.ok_or_else(|| Refusal::UnknownKey.into())
            }
            Public::Remote(keys) => keys.key(algorithm, id).await,
        }
    }
}

impl fmt::Debug for TokenVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenVerifier").field("issuer", &self.0.issuer).finish_non_exhaustive()
    }
}

fn faults_of(settings: &IdentitySettings) -> Vec<(&'static str, &'static str)> {
    let mut faults = Vec::new();
    let fits = |text: &str| (1..=1_024).contains(&text.len()) && !text.contains(char::is_control);
    if !fits(&settings.issuer) {
        faults.push(("issuer", "is required: the `iss` of the tokens"));
    }
    if !fits(&settings.audience) {
        faults.push(("audience", "is required: the `aud` of the tokens"));
    }
    if settings.keys.is_some() && settings.jwks_url.is_some() {
        faults.push(("jwks_url", "must be left out where `keys` are given"));
    }
    // Keys must come from the issuer alone.
    let is_safe = |url: &str| Url::parse(url).is_ok_and(|url| is_safe(&url));
    if settings.jwks_url.as_deref().is_some_and(|url| !is_safe(url)) {
        faults.push(("jwks_url", "must be an https address, or http on this machine"));
    }
    if settings.shared_secret.is_none() && settings.keys.is_none() && settings.jwks_url.is_none() {
        faults.push(("shared_secret", "is required, or `keys`, or `jwks_url`"));
    }
    if settings.leeway_seconds > 300 {
        faults.push(("leeway_seconds", "must be at most 300"));
    }
    let is_name = |name: &str| {
        let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        (1..=200).contains(&name.len()) && name.bytes().all(is_token)
    };
    if settings.cookie.as_deref().is_some_and(|name| !is_name(name)) {
        faults.push(("cookie", "must be the name of a cookie"));
    }
    faults
}

fn read_keys(text: &str) -> Result<Vec<Key>, &'static str> {
    match text.trim_start().starts_with('{') {
        true => jwks::read_configured(text),
        false => {
            let keys = der::read_pem(text)?;
            // They have no ids to tell them apart.
            let is_alone =
                |algorithm| keys.iter().filter(|key| key.algorithm() == algorithm).count() <= 1;
            match is_alone(Algorithm::Rs256) && is_alone(Algorithm::Es256) {
                true => Ok(keys),
                false => Err("holds several keys of one algorithm: give a key set with `kid`s"),
            }
        }
    }
}
