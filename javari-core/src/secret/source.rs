//! How a room below the vault asks for a secret.

use std::{collections::HashMap, fmt};

use async_trait::async_trait;

use super::{Origin, Secret};
use crate::{
    error::{Error, ErrorKind, Result},
    types::ScopeKey,
};

/// What is asked for: a credential by name, seen from a scope, for one host.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SecretRequest {
    /// Whose credential.
    pub scope: ScopeKey,
    /// Its name, such as `OPENAI_API_KEY`.
    pub name: String,
    /// Where it will be sent, when somebody else than Javari or the host chose that: only a credential
    /// that is bound to it is given then.
    pub origin: Option<Origin>,
}

impl SecretRequest {
    /// Asks for `name` as `scope` sees it.
    pub fn new(scope: ScopeKey, name: impl Into<String>) -> Self {
        Self { scope, name: name.into(), origin: None }
    }

    /// The same request, for an address that somebody else chose.
    #[must_use]
    pub fn for_origin(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }
}

/// Gives secrets to the rooms that use them: the vault in production, a fixed table in tests.
#[async_trait]
pub trait SecretSource: Send + Sync {
    /// The secret, or [`ErrorKind::NotFound`]; [`ErrorKind::Forbidden`] when it is not bound to the
    /// origin that the request names.
    async fn secret(&self, request: SecretRequest) -> Result<Secret>;
}

/// Gives the root key from where the host keeps it, such as a key management service.
///
/// ```
/// use javari_core::{client::Builder, config::Settings, secret::{RootKeySource, Secret}};
///
/// struct Service;
///
/// #[async_trait::async_trait]
/// impl RootKeySource for Service {
///     async fn root_key(&self, id: Option<&str>) -> javari_core::Result<Secret> {
///         // Here it asks the service to decrypt what was stored beside the app under `id`.
///         Ok(Secret::new("07".repeat(32)))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> javari_core::Result<()> {
/// let settings = Settings::for_database(":memory:");
/// let javari = Builder::new(settings).with_root_key_source(std::sync::Arc::new(Service)).open().await?;
/// # javari.close().await;
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait RootKeySource: Send + Sync {
    /// The root key of that id, in a form that [`RootKey::parse`](super::RootKey::parse) reads; the one to
    /// begin with where there is no id yet, for the database is new. Asked once at each opening.
    ///
    /// # Errors
    /// Any: nothing is opened then, and nothing was written.
    async fn root_key(&self, id: Option<&str>) -> Result<Secret>;
}

/// Secrets that the host set in its configuration or environment.
#[derive(Default)]
pub struct FixedSecrets(HashMap<String, Secret>);

impl FixedSecrets {
    /// The same table with one more secret.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, secret: Secret) -> Self {
        self.0.insert(name.into(), secret);
        self
    }
}

impl fmt::Debug for FixedSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[async_trait]
impl SecretSource for FixedSecrets {
    async fn secret(&self, request: SecretRequest) -> Result<Secret> {
        // Of what the host configured nobody said where else it may go.
        let found = self.0.get(&request.name).filter(|_| request.origin.is_none());
        found.cloned().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "secret.get", "no such secret is configured")
                .with("name", &request.name)
        })
    }
}

/// Asks several sources in order: the first that has the secret gives it.
pub struct FirstOf(Vec<std::sync::Arc<dyn SecretSource>>);

impl FirstOf {
    /// Asks `sources` in this order.
    pub fn new(sources: Vec<std::sync::Arc<dyn SecretSource>>) -> Self {
        Self(sources)
    }
}

#[async_trait]
impl SecretSource for FirstOf {
    async fn secret(&self, request: SecretRequest) -> Result<Secret> {
        let mut missing = None;
        for source in &self.0 {
            match source.secret(request.clone()).await {
                Err(error) if error.kind() == ErrorKind::NotFound => missing = Some(error),
                // The host's own scope holds no credentials, so a vault says the input is wrong.
                Err(error) if request.scope.user.is_none() => missing = Some(error),
                result => return result,
            }
        }
        Err(missing.unwrap_or_else(|| {
            Error::new(ErrorKind::NotFound, "secret.get", "no such secret is configured")
                .with("name", &request.name)
        }))
    }
}
