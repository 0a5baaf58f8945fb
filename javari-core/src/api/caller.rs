//! One who was authenticated, and what they may call.

use std::fmt;

use bytes::Bytes;
use serde_json::Value as Json;

use super::{
    Access, Events, call, catalog,
    envelope::{enveloped, refuse_host_files},
    find, stream,
};
use crate::{
    accounts::{Authentication, CreateApiKey, Grant, NewApiKey},
    client::{ApiKeysOf, Javari},
    error::{Error, ErrorKind, Result},
    types::{ProjectId, ScopeKey, SubprojectId},
};

/// What concerns a user as a whole, and so no key that is for one project.
const OF_THE_WHOLE_USER: &[&str] = &[
    "audit.export",
    "audit.verify",
    "members.projects",
    "preferences.put",
    "projects.ensure",
    "projects.list",
    "users.export",
    "users.update",
];

/// One who was authenticated: all that a server in front of Javari needs for one request.
///
/// A caller acts in the own scope, or [within](Self::within) a project as far as the role that they
/// have there goes; calls no operation of the host, names no file of the host
/// where no `document_roots` are named, and stays within the grant of the token or key. Make one for
/// each request: a token or key that is revoked later ends with it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> javari_core::Result<()> {
/// use javari_core::{Javari, accounts::CreateApiKey, secret::Secret};
/// use serde_json::json;
/// let javari = Javari::open(":memory:").await?;
/// let user = javari.ensure_user("ann@example.com").await?;
/// let request: CreateApiKey =
///     serde_json::from_value(json!({ "name": "search", "operations": ["knowledge.search"] })).unwrap();
/// let made = javari.scope(user.id).api_keys().create(&request).await?;
/// // Exposed to be sent, as its owner would.
/// let header = format!("Bearer {}", made.key.expose());
/// let caller = javari.authenticate([("authorization", header.as_bytes())]).await?;
/// let (status, _) = caller.respond("knowledge.search", json!({ "query": "refunds" })).await;
/// assert_eq!(status, 200);
/// let (status, _) = caller.respond("vault.list", json!({})).await;
/// assert_eq!(status, 403);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Caller {
    javari: Javari,
    authentication: Authentication,
    grant: Grant,
    scope: ScopeKey,
}

impl Javari {
    /// Finds out who sent a request with these headers: a token of the issuer in the settings'
    /// `identity`, or a key of `api_keys`.
    ///
    /// # Errors
    /// `UNAUTHORIZED` with a stable `reason` in its context and nothing of the token or key.
    pub async fn authenticate<'a>(
        &self,
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Caller> {
        let authentication = self.rooms().authenticator.headers(headers).await?;
        Ok(Caller::new(self.clone(), authentication))
    }
}

impl Caller {
    pub(super) fn new(javari: Javari, authentication: Authentication) -> Self {
        let (grant, scope) = (authentication.grant(), authentication.scope);
        Self { javari, authentication, grant, scope }
    }

    /// Who it is, and how that is known.
    pub fn authentication(&self) -> &Authentication {
        &self.authentication
    }

    /// The scope that calls are made in.
    pub fn scope(&self) -> &ScopeKey {
        &self.scope
    }

    /// Whether the caller's token or key covers that operation. The role in a project of somebody else
    /// is looked at by the call.
    pub fn may_call(&self, operation: &str) -> bool {
        find(operation).is_some_and(|found| self.check(found.name, found.access).is_ok())
    }

    /// This caller in one of the own projects or one that they are a member of, and a subproject of it.
    ///
    /// # Errors
    /// `FORBIDDEN` when the key is for another project, `NOT_FOUND` when the caller has none such.
    pub async fn within(
        mut self,
        project: ProjectId,
        subproject: Option<SubprojectId>,
    ) -> Result<Self> {
        let accounts = &self.javari.rooms().accounts;
        let own = self.authentication.scope;
        self.scope = match own.project {
            Some(key) if key != project => {
                let message = "the caller's key is for another project";
                return Err(Error::new(ErrorKind::Forbidden, "scope", message));
            }
            Some(_) => ScopeKey { subproject, ..own },
            None => {
                let user = self.authentication.user.id;
                accounts.members().scope_in(user, project, subproject).await?
            }
        };
        accounts.check(&self.scope).await?;
        Ok(self)
    }

    /// This caller, who may call only what these patterns permit too: what a server lets its clients
    /// reach.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a pattern that fits no operation.
    pub fn limited_to(mut self, patterns: &[String]) -> Result<Self> {
        self.grant = self.grant.and(&Grant::of(patterns, &grantable())?);
        Ok(self)
    }

    /// Runs an operation that answers once.
    ///
    /// # Errors
    /// `FORBIDDEN` for what the caller may not call, `UNAUTHORIZED` when the token or key has expired
    /// since; else those of [`call`].
    pub async fn call(&self, name: &str, request: Json, blobs: Vec<Bytes>) -> Result<Json> {
        self.enter(name, &request)?;
        call(&self.javari, name, self.scope, request, blobs).await
    }

    /// Runs an operation that answers with events.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn stream(&self, name: &str, request: Json, blobs: Vec<Bytes>) -> Result<Events> {
        self.enter(name, &request)?;
        stream(&self.javari, name, self.scope, request, blobs).await
    }

    /// Runs an operation and answers in the seed's envelope, with the HTTP status to send.
    pub async fn respond(&self, name: &str, request: Json) -> (u16, Json) {
        enveloped(&self.javari, self.call(name, request, Vec::new())).await
    }

    fn enter(&self, name: &str, request: &Json) -> Result<()> {
        // An unknown name is told by the call itself.
        if let Some(operation) = find(name) {
            self.check(operation.name, operation.access)?;
        }
        let now = self.javari.rooms().clock.now();
        if self.authentication.expires_at.is_some_and(|at| at <= now) {
            let message = "the token or key has expired since: sign in again";
            return Err(Error::new(ErrorKind::Unauthorized, "users.authenticate", message)
                .with("reason", "expired"));
        }
        refuse_host_files(&self.javari, name, request)
    }

    fn check(&self, name: &'static str, access: Access) -> Result<()> {
        if access == Access::Host {
            let message = "only the host itself calls this operation";
            return Err(Error::new(ErrorKind::Forbidden, name, message));
        }
        if self.authentication.scope.project.is_some() && OF_THE_WHOLE_USER.contains(&name) {
            let message = "the caller's key is for one project, and this concerns the whole user";
            return Err(Error::new(ErrorKind::Forbidden, name, message));
        }
        self.grant.require(name)
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl ApiKeysOf<'_> {
    /// Makes a key for the scope's user, and for its project alone where the scope names one. The key
    /// is shown this once.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming each part that does not fit, `NOT_FOUND` for a project that is not the
    /// user's.
    pub async fn create(&self, request: &CreateApiKey) -> Result<NewApiKey> {
        let scope = self.scope();
        let keys = &scope.javari().rooms().api_keys;
        keys.create(scope.key(), request, &grantable()).await
    }
}

/// The operations that a user may call.
fn grantable() -> Vec<&'static str> {
    catalog()
        .iter()
        .filter(|operation| operation.access != Access::Host)
        .map(|operation| operation.name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_concerns_the_whole_user_is_in_the_catalogue() {
        assert!(OF_THE_WHOLE_USER.iter().all(|name| grantable().contains(name)));
    }
}
