//! Any vault as a place that the rooms inside Javari get their secrets from.

use std::sync::Arc;

use async_trait::async_trait;

use super::Vault;
use crate::{
    error::Result,
    secret::{Secret, SecretRequest, SecretSource},
};

/// A host's own vault as a [`SecretSource`]. Each use is a [`Vault::reveal`], so that the host sees
/// it; [`LocalVault`](super::LocalVault) is a source by itself and needs none.
pub struct VaultSecrets(Arc<dyn Vault>);

impl VaultSecrets {
    /// Secrets from `vault`.
    pub fn new(vault: Arc<dyn Vault>) -> Self {
        Self(vault)
    }
}

#[async_trait]
impl SecretSource for VaultSecrets {
    async fn secret(&self, request: SecretRequest) -> Result<Secret> {
        let SecretRequest { scope, name, origin } = &request;
        // Before it is revealed, for that is a use; and the one that was revealed, for it may be another.
        if origin.is_some() {
            let seen = self.0.resolve(scope, name).await?;
            seen.credential.require_bound(origin.as_ref())?;
        }
        let revealed = self.0.reveal(scope, name).await?;
        revealed.credential.require_bound(origin.as_ref())?;
        Ok(revealed.value)
    }
}
