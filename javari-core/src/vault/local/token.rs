//! Access tokens of OAuth clients: opened, and refreshed by one of all who ask.

use std::time::Duration;

use async_trait::async_trait;

use super::{LocalVault, auto::Turn};
use crate::{
    audit::Entry,
    error::{Error, ErrorKind, Result},
    secret::Secret,
    types::ScopeKey,
    vault::{
        credential::CredentialType,
        oauth::{AccessToken, AccessTokens, GetAccessToken, OauthClient},
        rotation::RotationType,
        store::{self, CredentialRecord},
    },
};

const OPERATION: &str = "vault.access_token";
/// How long one who refreshes has it for himself: longer than a handler may take. One who was killed
/// keeps the others waiting no longer.
const CLAIM: Duration = Duration::from_secs(70);
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// How long the others wait for him.
const PATIENCE: Duration = Duration::from_secs(75);

#[async_trait]
impl AccessTokens for LocalVault {
    async fn access_token(
        &self,
        scope: &ScopeKey,
        request: &GetAccessToken,
    ) -> Result<AccessToken> {
        let lasting = Duration::from_secs(request.lasting_seconds.min(3_600));
        let (record, client, token) = self.current_token(scope, &request.name, lasting).await?;
        let words = format!("revealed the access token of credential {}", record.view.name);
        let credential = self.disclose(scope, record.view, Entry::new(OPERATION, words)).await?;
        Ok(AccessToken {
            token,
            token_type: client.token_type.unwrap_or_else(|| "Bearer".to_owned()),
            expires_at: client.expires_at,
            credential,
        })
    }
}

impl LocalVault {
    /// The value that a room inside Javari sends: of an OAuth client the access token.
    pub(super) async fn value_to_send(
        &self,
        scope: &ScopeKey,
        record: &CredentialRecord,
    ) -> Result<Secret> {
        let value = self.open_value(record).await?;
        if record.view.credential_type != CredentialType::OauthClient {
            return Ok(value);
        }
        // Of that type were texts of every form, also before there were access tokens.
        let Ok(client) = OauthClient::read(OPERATION, &value) else { return Ok(value) };
        let lasting = Duration::from_secs(60);
        match client.current(self.clock.now(), lasting) {
            Some(token) => Ok(token),
            None => Ok(self.current_token(scope, &record.view.name, lasting).await?.2),
        }
    }

    async fn current_token(
        &self,
        scope: &ScopeKey,
        name: &str,
        lasting: Duration,
    ) -> Result<(CredentialRecord, OauthClient, Secret)> {
        let give_up = tokio::time::Instant::now() + PATIENCE;
        let mut was_refreshed = false;
        loop {
            let (record, _) = self.resolve_record(OPERATION, scope, name).await?;
            let client = OauthClient::read(OPERATION, &self.open_value(&record).await?)?;
            let now = self.clock.now();
            // A token that is new and lasts less than was asked is the best there is.
            let lasting = if was_refreshed { Duration::ZERO } else { lasting };
            if let Some(token) = client.current(now, lasting) {
                return Ok((record, client, token));
            }
            if was_refreshed {
                let message = "the service grants tokens that have ended: compare the clocks";
                return Err(Error::new(ErrorKind::Unreadable, OPERATION, message));
            }
            let claim = (now, now.plus(CLAIM));
            if store::claim(&self.database, record.view.id, claim).await? {
                self.refresh(record).await?;
                was_refreshed = true;
            } else if tokio::time::Instant::now() > give_up {
                let message = "somebody else has been refreshing this token for too long";
                return Err(Error::new(ErrorKind::Timeout, OPERATION, message));
            } else {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
    }

    /// Gets a new token, stores it and gives the credential back, also when the caller leaves: a
    /// refresh token that the service has changed is known to nobody else.
    async fn refresh(&self, record: CredentialRecord) -> Result<()> {
        let (name, handler) = self.handlers.find(OPERATION, Some("oauth"), &record.view)?;
        let (vault, scope, id) = (self.clone(), record.scope, record.view.id);
        let turn =
            Turn { record, name, handler, grace: None, rotation_type: RotationType::Scheduled };
        let work = async move {
            // Somebody may have refreshed it between the reading and the claim.
            let now = vault.own_record(OPERATION, &scope, &turn.record.view.name).await?;
            let outcome = match now.view.version == turn.record.view.version {
                true => vault.turn(&scope, turn).await.map(drop),
                false => Ok(()),
            };
            let mut transaction = vault.database.begin(&scope).await?;
            store::release(&mut transaction, id, None).await?;
            transaction.commit().await?;
            outcome
        };
        self.audit.until_done(OPERATION, work).await
    }
}
