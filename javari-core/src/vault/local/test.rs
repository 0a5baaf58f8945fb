//! Asks a credential's service whether it works there, and keeps what it said.

use async_trait::async_trait;

use super::LocalVault;
use crate::{
    audit::{Entry, Outcome},
    error::{Error, ErrorKind, Result},
    types::ScopeKey,
    vault::{
        credential::CredentialView,
        probe::{CredentialTest, OPERATION, ProbeOutcome, Service, TestCredential, TestReport},
        store,
    },
};

#[async_trait]
impl CredentialTest for LocalVault {
    async fn test(&self, scope: &ScopeKey, request: TestCredential) -> Result<TestReport> {
        let probes = self.probes.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, OPERATION, "this vault asks no services")
        })?;
        let (record, value) = self.opened_value(OPERATION, scope, &request.name).await?;
        let view = record.view;
        let service = Service::of(request.service, &view.name, view.credential_type, &value)?;
        let question = request.question();
        // Where the address is the user's own, that it goes there is written down first: a test
        // could otherwise give a value out unseen.
        if matches!(service, Service::Http | Service::Postgres) {
            let host = question.host().unwrap_or_default();
            let entry =
                Entry::new(OPERATION, format!("sends credential {} to be tested", view.name))
                    .with("credential", view.id.to_string())
                    .with("version", view.version)
                    .with("service", service.name())
                    .with("host", host);
            self.audit.record(scope, entry).await?;
        }
        let answer = probes.ask(service, &value, &question).await?;
        drop(value);
        let now = self.clock.now();
        let outcome = match answer.outcome {
            ProbeOutcome::Valid => Outcome::Success,
            ProbeOutcome::InsufficientScope => Outcome::PartialSuccess,
            _ => Outcome::Failure,
        };
        let entry = Entry::new(OPERATION, format!("tested credential {}", view.name))
            .with("credential", view.id.to_string())
            .with("version", view.version)
            .with("level", view.level.name())
            .with("service", service.name())
            .with("outcome", answer.outcome.name())
            .with_outcome(outcome);
        let mut transaction = self.begin(scope).await?;
        store::count_use(&mut transaction, view.id, (1, now)).await?;
        store::note_test(&mut transaction, (view.id, view.version), answer.outcome, now).await?;
        self.audit.append(&mut transaction, scope, entry).await?;
        transaction.commit().await?;
        Ok(TestReport {
            credential: CredentialView {
                last_tested_at: Some(now),
                last_test_outcome: Some(answer.outcome),
                last_used_at: Some(now),
                use_count: view.use_count + 1,
                ..view
            },
            service,
            outcome: answer.outcome,
            detail: answer.detail,
            account: answer.account,
            scopes: answer.scopes,
            expires_at: answer.expires_at,
            retry_after_seconds: answer.retry_after.map(|wait| wait.as_secs()),
            tested_at: now,
        })
    }
}
