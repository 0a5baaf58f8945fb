//! Keeps credentials: sealed, versioned, inherited from user to project to subproject.
//!
//! `get`, `list` and `resolve` answer with metadata alone; only [`Vault::reveal`] returns a
//! secret, and it writes the audit entry before it does. Rooms inside Javari get a secret through
//! [`SecretSource`], which needs no reveal.
//!
//! What it deliberately does not do: it does not send a credential anywhere, does not cache
//! plaintext, and cannot protect against one who holds the root key or the process's memory.

mod credential;
mod keys;
mod local;
pub(crate) mod seal;
mod source;
mod store;

use async_trait::async_trait;
pub use credential::{
    CredentialType, CredentialView, PutCredential, Resolution, ResolvedFrom, Revealed,
};
pub use local::LocalVault;
pub use source::VaultSecrets;

use crate::{
    error::Result,
    types::{Page, PageRequest, ScopeKey},
};

/// Keeps credentials. Implemented by [`LocalVault`] and by hosts that have a vault of their own.
#[async_trait]
pub trait Vault: Send + Sync {
    /// Stores a credential at the scope's innermost level; an existing one gets a new version and
    /// the value before it is revoked.
    ///
    /// # Errors
    /// `INVALID_INPUT` when a field does not fit; `FORBIDDEN` when an outer level locks the name
    /// with a credential that has not expired.
    async fn put(&self, scope: &ScopeKey, request: PutCredential) -> Result<CredentialView>;

    /// The credential of that name at exactly the scope's innermost level, without its value.
    ///
    /// # Errors
    /// `NOT_FOUND` when that level has none.
    async fn get(&self, scope: &ScopeKey, name: &str) -> Result<CredentialView>;

    /// The credential that the scope sees under that name, and which levels were looked at.
    ///
    /// # Errors
    /// `NOT_FOUND` when no level offers one to this scope.
    async fn resolve(&self, scope: &ScopeKey, name: &str) -> Result<Resolution>;

    /// The value that the scope sees under that name. Audited before it is returned.
    ///
    /// # Errors
    /// `NOT_FOUND`, `CANNOT_UNSEAL`, or those of the audit trail: no entry, no secret.
    async fn reveal(&self, scope: &ScopeKey, name: &str) -> Result<Revealed>;

    /// The credentials at exactly the scope's innermost level, by name, without their values.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a cursor that is not one of this list.
    async fn list(&self, scope: &ScopeKey, page: &PageRequest) -> Result<Page<CredentialView>>;

    /// Deletes the credential of that name at exactly the scope's innermost level.
    ///
    /// # Errors
    /// `NOT_FOUND` when that level has none.
    async fn delete(&self, scope: &ScopeKey, name: &str) -> Result<()>;
}

#[cfg(any(test, feature = "testkit"))]
pub mod suite;
#[cfg(test)]
mod tests;
