//! The keys that call on behalf of a scope's user.

use super::Scope;
use crate::{
    accounts::{ApiKeyView, ApiKeys},
    error::Result,
    types::{ApiKeyId, Page, PageRequest},
};

/// The keys that call on behalf of the scope's user. `create` stands beside the catalogue that it
/// checks, in [`api`](crate::api::Caller).
pub struct ApiKeysOf<'a>(pub(super) &'a Scope);

impl ApiKeysOf<'_> {
    pub(crate) fn scope(&self) -> &Scope {
        self.0
    }

    fn keys(&self) -> &ApiKeys {
        &self.0.javari().rooms().api_keys
    }

    /// The keys, oldest first, revoked ones too; without the keys themselves.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a cursor that is not one of this list.
    pub async fn list(&self, page: &PageRequest) -> Result<Page<ApiKeyView>> {
        self.keys().list(self.0.key(), page).await
    }

    /// Ends a key at once and for ever.
    ///
    /// # Errors
    /// `NOT_FOUND` when the scope has no such key.
    pub async fn revoke(&self, id: ApiKeyId) -> Result<ApiKeyView> {
        self.keys().revoke(self.0.key(), id).await
    }
}
