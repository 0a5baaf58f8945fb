//! Rotation through handlers: make, see that it works, store, and end the old value at its service.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{LocalVault, require_version, rotate::Successor};
use crate::{
    audit::{Entry, Outcome},
    error::{Error, ErrorKind, Result},
    secret::Secret,
    types::{ScopeKey, Timestamp},
    vault::{
        credential::CredentialView,
        handler::RotationHandler,
        probe::ProbeOutcome,
        rotation::{RotationType, VersionState, grace_of},
        schedule::{
            AutoRotate, AutoRotation, CredentialRotation, Due, DueCredential, DueReason,
            DueRequest, FailedRotation, RootKeyAge, RotateDue, RotatedDue, ScheduleRotation,
        },
        store::{self, CredentialRecord, DueWork, ScheduleWrite},
    },
};

const AUTO: &str = "vault.auto_rotate";
const REVOKE: &str = "vault.revoke_at_service";
/// How long a handler may take for one step.
const STEP: Duration = Duration::from_secs(60);
/// How long somebody who works at a credential has it for himself: longer than all steps.
const CLAIM: Duration = Duration::from_secs(15 * 60);
const AGAIN: Duration = Duration::from_secs(60 * 60);
const DAY: u64 = 24 * 60 * 60;

/// A rotation by a handler, with all it needs.
pub(super) struct Turn {
    pub(super) record: CredentialRecord,
    pub(super) name: String,
    pub(super) handler: Arc<dyn RotationHandler>,
    pub(super) grace: Option<Duration>,
    pub(super) rotation_type: RotationType,
}

#[async_trait]
impl CredentialRotation for LocalVault {
    async fn auto_rotate(&self, scope: &ScopeKey, request: AutoRotate) -> Result<AutoRotation> {
        request.check()?;
        let record = self.own_record(AUTO, scope, &request.name).await?;
        require_version(AUTO, record.view.version, request.expected_version)?;
        let (name, handler) = self.handlers.find(AUTO, request.handler.as_deref(), &record.view)?;
        let grace = grace_of(request.grace_seconds);
        let turn = Turn { record, name, handler, grace, rotation_type: RotationType::Manual };
        self.turn_until_done(scope, turn).await
    }

    async fn schedule(
        &self,
        scope: &ScopeKey,
        request: &ScheduleRotation,
    ) -> Result<CredentialView> {
        const OPERATION: &str = "vault.schedule";
        request.check()?;
        let record = self.own_record(OPERATION, scope, &request.name).await?;
        if let Some(name) = request.handler.as_deref() {
            self.handlers.find(OPERATION, Some(name), &record.view)?;
        }
        let now = self.clock.now();
        let next_at =
            request.interval_days.map(|days| request.next_at.unwrap_or_else(|| after(now, days)));
        let schedule = ScheduleWrite {
            credential: record.view.id,
            interval_days: request.interval_days,
            next_at,
            grace_seconds: request.grace_seconds,
            handler: request.handler.as_deref(),
        };
        let mut entry = Entry::new(OPERATION, format!("scheduled credential {}", record.view.name))
            .with("credential", record.view.id.to_string())
            .with("level", record.view.level.name());
        if let (Some(days), Some(next)) = (request.interval_days, next_at) {
            entry = entry.with("interval_days", days).with("next_at", next.to_string());
        }
        let mut transaction = self.begin(scope).await?;
        store::write_schedule(&mut transaction, &schedule).await?;
        self.audit.append(&mut transaction, scope, entry).await?;
        transaction.commit().await?;
        Ok(CredentialView {
            rotation_interval_days: request.interval_days,
            next_rotation_at: next_at,
            ..record.view
        })
    }

    async fn due(&self, scope: &ScopeKey, request: &DueRequest) -> Result<Due> {
        scope.require_user("vault.due")?;
        let until = after(self.clock.now(), request.within_days.min(366));
        let limit = request.limit.clamp(1, 500);
        let mut records = store::due(&self.database, scope, until, limit + 1).await?;
        let more = records.len() > limit as usize;
        records.truncate(limit as usize);
        let credentials = records.into_iter().filter_map(|record| {
            let CredentialView { expires_at, next_rotation_at, .. } = record.view;
            let (due_at, reason) = match (expires_at, next_rotation_at) {
                (Some(end), Some(turn)) if turn <= end => (turn, DueReason::Rotation),
                (Some(end), _) => (end, DueReason::Expires),
                (None, turn) => (turn?, DueReason::Rotation),
            };
            Some(DueCredential { credential: record.view, scope: record.scope, reason, due_at })
        });
        let (key_id, since) = store::root_key_since(&self.database).await?;
        let due_at = after(since, 365);
        Ok(Due {
            credentials: credentials.collect(),
            more,
            root_key: RootKeyAge { key_id, since, due_at, is_due: due_at <= until },
        })
    }

    async fn rotate_due(&self, request: &RotateDue) -> Result<RotatedDue> {
        let mut done = RotatedDue { rotated: 0, revoked: 0, failed: Vec::new(), more: false };
        let begun = self.clock.now();
        let seconds = Duration::from_secs(u64::from(request.seconds.clamp(1, 600)));
        let budget = request.budget.clamp(1, 500);
        let mut work = store::due_revocations(&self.database, begun, budget + 1).await?;
        work.extend(store::due_rotations(&self.database, begun, budget + 1).await?);
        for (place, due) in work.into_iter().enumerate() {
            let now = self.clock.now();
            if place >= budget as usize || now.since(begun) >= seconds {
                done.more = true;
                break;
            }
            let claim = (now, now.plus(CLAIM));
            if !store::claim(&self.database, due.credential, claim).await? {
                continue;
            }
            let credential = due.credential;
            let scope = due.scope;
            let outcome = match due.version {
                Some(version) => self.revoke_due(due, version).await.map(|()| &mut done.revoked),
                None => self.turn_due(due).await.map(|_| &mut done.rotated),
            };
            match outcome {
                Ok(count) => *count += 1,
                Err(error) => {
                    let again = Some(self.clock.now().plus(AGAIN));
                    let mut transaction = self.begin(&scope).await?;
                    store::release(&mut transaction, credential, again).await?;
                    let entry = Entry::new("vault.rotate_due", "a rotation that is due failed")
                        .with("credential", credential.to_string())
                        .with("code", error.code())
                        .with_outcome(Outcome::Failure);
                    self.audit.append(&mut transaction, &scope, entry).await?;
                    transaction.commit().await?;
                    done.failed.push(FailedRotation {
                        credential,
                        code: error.code().to_owned(),
                        message: error.message().to_owned(),
                    });
                }
            }
        }
        Ok(done)
    }
}

impl LocalVault {
    /// A value that was made is stored or revoked, also when the caller leaves.
    async fn turn_until_done(&self, scope: &ScopeKey, turn: Turn) -> Result<AutoRotation> {
        let (vault, scope) = (self.clone(), *scope);
        let work = async move { vault.turn(&scope, turn).await };
        self.audit.until_done(AUTO, work).await
    }

    pub(super) async fn turn(&self, scope: &ScopeKey, turn: Turn) -> Result<AutoRotation> {
        let Turn { record, name, handler, grace, rotation_type } = turn;
        let current = self.open_value(&record).await?;
        let new = step(handler.make(&current)).await?;
        let stored = self.verified(scope, &record, (&name, &handler), &new, grace, rotation_type);
        let rotation = match stored.await {
            Ok(rotation) => rotation,
            Err(error) => {
                // Nobody would know of it any more.
                if handler.revokes()
                    && let Err(fault) = step(handler.revoke_old(&new)).await
                {
                    tracing::warn!(
                        target: "javari",
                        credential = %record.view.id, %fault,
                        "a value that could not be stored was not revoked at its service"
                    );
                }
                return Err(error);
            }
        };
        let mut revocation_pending = handler.revokes();
        if revocation_pending && grace.is_none() {
            let old = (&record.view, rotation.previous_version);
            match self.end_at_service(scope, old, &handler, &current).await {
                Ok(()) => revocation_pending = false,
                Err(fault) => tracing::warn!(
                    target: "javari",
                    credential = %record.view.id, %fault,
                    "an old value was not revoked at its service yet"
                ),
            }
        }
        Ok(AutoRotation { rotation, handler: name, revocation_pending })
    }

    /// Stores the new value when it works.
    async fn verified(
        &self,
        scope: &ScopeKey,
        before: &CredentialRecord,
        (name, handler): (&str, &Arc<dyn RotationHandler>),
        new: &Secret,
        grace: Option<Duration>,
        rotation_type: RotationType,
    ) -> Result<crate::vault::rotation::Rotation> {
        let mut faults = crate::vault::credential::Faults::of(AUTO);
        faults.value(new);
        faults.into_result()?;
        let outcome = step(handler.verify(new)).await?;
        if outcome != ProbeOutcome::Valid {
            return Err(Error::new(
                ErrorKind::ProviderRefused,
                AUTO,
                "the new value does not work at its service: nothing was stored",
            )
            .with("outcome", outcome.name()));
        }
        let successor = Successor {
            operation: AUTO,
            value: new.clone(),
            copied_from: None,
            grace,
            rotation_type,
            // A new value has a life of its own.
            expires_at: None,
            expected_version: Some(before.view.version),
        };
        let kept = self.kept(before, &successor).await?;
        let mut transaction = self.begin(scope).await?;
        let rotation =
            self.replace_within(&mut transaction, scope, before, &successor, kept).await?;
        if handler.revokes() {
            let old = (before.view.id, rotation.previous_version);
            store::note_revocation(&mut transaction, old, Some(name)).await?;
        }
        transaction.commit().await?;
        Ok(rotation)
    }

    async fn end_at_service(
        &self,
        scope: &ScopeKey,
        (view, version): (&CredentialView, u32),
        handler: &Arc<dyn RotationHandler>,
        old: &Secret,
    ) -> Result<()> {
        step(handler.revoke_old(old)).await?;
        let mut transaction = self.begin(scope).await?;
        store::note_revocation(&mut transaction, (view.id, version), None).await?;
        store::release(&mut transaction, view.id, None).await?;
        let entry =
            Entry::new(REVOKE, format!("revoked a version of {} at its service", view.name))
                .with("credential", view.id.to_string())
                .with("version", version)
                .with("level", view.level.name());
        self.audit.append(&mut transaction, scope, entry).await?;
        transaction.commit().await
    }

    async fn turn_due(&self, due: DueWork) -> Result<AutoRotation> {
        let record = self.own_record(AUTO, &due.scope, &due.name).await?;
        let (name, handler) = self.handlers.find(AUTO, due.handler.as_deref(), &record.view)?;
        let grace = grace_of(due.grace_seconds);
        let turn = Turn { record, name, handler, grace, rotation_type: RotationType::Scheduled };
        self.turn_until_done(&due.scope, turn).await
    }

    async fn revoke_due(&self, due: DueWork, version: u32) -> Result<()> {
        let record = self.own_record(REVOKE, &due.scope, &due.name).await?;
        let handler = due.handler.as_deref().and_then(|name| self.handlers.get(name));
        let handler = handler.ok_or_else(|| {
            let message = "the host application has no rotation handler of that name any more";
            Error::new(ErrorKind::Unsupported, REVOKE, message)
        })?;
        let old = self.version(REVOKE, &due.scope, &record.view, version).await?;
        if old.view.state != VersionState::Revoked {
            let message = "this version is accepted still";
            return Err(Error::new(ErrorKind::Conflict, REVOKE, message));
        }
        let value = self.open_version(&due.scope, &record.view, &old).await?;
        self.end_at_service(&due.scope, (&record.view, version), &handler, &value).await
    }
}

/// One step of a handler, given up after its time.
async fn step<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(STEP, work).await.unwrap_or_else(|_| {
        let message = "the rotation handler did not answer within 60 seconds";
        Err(Error::new(ErrorKind::Timeout, AUTO, message))
    })
}

/// So many days later.
pub(super) fn after(time: Timestamp, days: u32) -> Timestamp {
    time.plus(Duration::from_secs(u64::from(days) * DAY))
}
