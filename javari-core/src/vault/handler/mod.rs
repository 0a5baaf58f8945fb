//! Who makes the next value of a credential: by chance where nobody else has to know it, by a
//! handler of the host's where a service gives it out.

mod oauth;
mod vercel;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use url::Url;
use zeroize::Zeroizing;

use self::{oauth::OauthTokens, vercel::VercelTokens};
use super::{
    credential::{CredentialType, CredentialView},
    probe::{ProbeOutcome, Probes, Service},
};
use crate::{
    error::{Error, ErrorKind, Result},
    http::Http,
    secret::Secret,
    types::Clock,
};

/// The handler that draws a value by chance.
const RANDOM: &str = "random";
/// The handler of OAuth clients' access tokens.
const OAUTH: &str = "oauth";
/// The handler of Vercel's tokens.
const VERCEL: &str = "vercel";

/// Makes the next value of a credential where it is given out.
///
/// The vault calls [`make`](Self::make), then [`verify`](Self::verify), then stores the value with
/// the time of grace, and [`revoke_old`](Self::revoke_old) when that is over. A value that was made
/// and could not be stored is revoked too. Each is given up after 60 seconds, and each may be called
/// again for the same value: it must then do nothing more.
#[async_trait]
pub trait RotationHandler: Send + Sync {
    /// Makes the value that follows `current`, which still works.
    ///
    /// # Errors
    /// Those of the service; nothing is changed then.
    async fn make(&self, current: &Secret) -> Result<Secret>;

    /// Whether the new value works. Only one that is [`ProbeOutcome::Valid`] is stored.
    ///
    /// # Errors
    /// Those of the service; the new value is revoked then.
    async fn verify(&self, new: &Secret) -> Result<ProbeOutcome>;

    /// Ends a value at the service.
    ///
    /// # Errors
    /// Those of the service; it is tried again with the next [`rotate_due`](super::CredentialRotation::rotate_due).
    async fn revoke_old(&self, old: &Secret) -> Result<()>;

    /// Whether an old value has to be ended at the service.
    fn revokes(&self) -> bool {
        true
    }
}

/// The handlers of a vault, by name. Cheap to clone.
#[derive(Clone)]
pub struct RotationHandlers(Arc<BTreeMap<String, Arc<dyn RotationHandler>>>);

impl Default for RotationHandlers {
    /// The handler `random` alone.
    fn default() -> Self {
        let random: Arc<dyn RotationHandler> = Arc::new(RandomValue);
        Self(Arc::new(BTreeMap::from([(RANDOM.to_owned(), random)])))
    }
}

impl RotationHandlers {
    /// The same handlers, `oauth`, which gets access tokens where their client says, and `vercel`, which makes and ends Vercel's tokens at its own host, or where
    /// `addresses` says, as in [`Probes::new`].
    ///
    /// # Errors
    /// `CONFIGURATION` when the address is none.
    pub fn with_services(
        self,
        http: &Http,
        clock: &Arc<dyn Clock>,
        probes: &Probes,
        addresses: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let address = addresses.get(VERCEL).map_or("https://api.vercel.com", String::as_str);
        let address = Url::parse(address).map_err(|_| {
            let message = "an entry of `service_addresses` must be an http or https address";
            Error::new(ErrorKind::Configuration, "vault.open", message)
        })?;
        let vercel = VercelTokens::new(http.clone(), probes.clone(), address);
        let oauth = OauthTokens::new(http.clone(), clock.clone());
        Ok(self.with(OAUTH, Arc::new(oauth)).with(VERCEL, Arc::new(vercel)))
    }

    /// The same handlers and one more; one of the same name is replaced.
    #[must_use]
    pub fn with(self, name: impl Into<String>, handler: Arc<dyn RotationHandler>) -> Self {
        let mut handlers = self.0.as_ref().clone();
        handlers.insert(name.into(), handler);
        Self(Arc::new(handlers))
    }

    /// The handler of that name, or the one that a credential of this type has by itself.
    ///
    /// # Errors
    /// `UNSUPPORTED`, with what to do by hand, when there is none.
    pub(super) fn find(
        &self,
        operation: &'static str,
        name: Option<&str>,
        view: &CredentialView,
    ) -> Result<(String, Arc<dyn RotationHandler>)> {
        // Only whoever checks a webhook's signature has to know its secret: this vault itself.
        let by_type = match view.credential_type {
            CredentialType::WebhookSecret => Some(RANDOM),
            CredentialType::VercelToken => Some(VERCEL),
            CredentialType::OauthClient => Some(OAUTH),
            _ => None,
        };
        let by_type = by_type.filter(|name| self.0.contains_key(*name));
        let Some(name) = name.or(by_type) else {
            return Err(Error::new(ErrorKind::Unsupported, operation, by_hand(view))
                .with("type", view.credential_type.name()));
        };
        let handler = self.0.get(name).ok_or_else(|| {
            Error::new(
                ErrorKind::Unsupported,
                operation,
                "the host application has registered no rotation handler of that name",
            )
        })?;
        Ok((name.to_owned(), handler.clone()))
    }

    pub(super) fn get(&self, name: &str) -> Option<Arc<dyn RotationHandler>> {
        self.0.get(name).cloned()
    }
}

/// What a person does where no program can.
fn by_hand(view: &CredentialView) -> &'static str {
    match view.credential_type {
        CredentialType::GithubToken => {
            "GitHub gives out tokens to people alone: make one under Settings, Developer settings, \
             store it with `vault.rotate` and a time of grace, then delete the old one there"
        }
        CredentialType::VercelToken => {
            "make a token under Account Settings, Tokens, store it with `vault.rotate` and a time \
             of grace, then delete the old one there"
        }
        CredentialType::DatabaseUrl => {
            "give the database a second user, or the user a new password, store the new address \
             with `vault.rotate`, then drop the old user"
        }
        _ => {
            "make a new value where this one was given out, store it with `vault.rotate` and a time \
             of grace, then revoke the old one there; or name a handler, such as `random` where \
             nobody else has to know the value"
        }
    }
}

/// 32 bytes by chance, in the form of the value before it where that is known.
struct RandomValue;

#[async_trait]
impl RotationHandler for RandomValue {
    async fn make(&self, current: &Secret) -> Result<Secret> {
        // A password that a service gave out opens nothing any more when it is made up.
        if Service::marked(current).is_some() {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "vault.auto_rotate",
                "this value was given out by a service: one made by chance would not work there",
            ));
        }
        let mut bytes = Zeroizing::new([0_u8; 32]);
        getrandom::fill(bytes.as_mut()).map_err(|fault| {
            Error::new(
                ErrorKind::Unexpected,
                "vault.auto_rotate",
                "the system gave no random bytes",
            )
            .with("fault", fault)
        })?;
        // Exposed to see which form it has: `whsec_` and base64 (Standard Webhooks).
        Ok(Secret::new(match current.expose().starts_with("whsec_") {
            true => format!("whsec_{}", STANDARD.encode(bytes.as_ref())),
            false => URL_SAFE_NO_PAD.encode(bytes.as_ref()),
        }))
    }

    async fn verify(&self, _: &Secret) -> Result<ProbeOutcome> {
        Ok(ProbeOutcome::Valid)
    }

    async fn revoke_old(&self, _: &Secret) -> Result<()> {
        Ok(())
    }

    fn revokes(&self) -> bool {
        false
    }
}
