//! Snapshots: what a scope saw, shown to be unaltered, and the way back in one transaction.

use std::time::Duration;

use async_trait::async_trait;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::{LocalVault, chosen, read_again, rotate::Successor};
use crate::{
    audit::Entry,
    error::{Error, ErrorKind, Result},
    secret::Secret,
    types::{Page, ScopeKey, SnapshotId, Timestamp},
    vault::{
        credential::PutCredential,
        keys,
        rotation::{RotationType, VersionState, grace_of},
        seal::{Binding, DataKey, Sealed, seal, unseal},
        snapshot::{
            CredentialSnapshots, DeleteSnapshot, Held, ListSnapshots, MakeSnapshot, RestoreOutcome,
            RestoreReport, RestoreSnapshot, RestoredCredential, SnapshotView,
        },
        store::{self, CredentialRecord, SnapshotRecord},
    },
};

/// The most credentials a snapshot holds.
const MOST: usize = 500;
/// The most bytes of values a snapshot holds.
const LARGEST: usize = 4 * 1024 * 1024;
const DAY: u64 = 24 * 60 * 60;

/// What is to be done about one credential of a snapshot.
enum Step {
    Done(RestoredCredential),
    Replace(Held, Box<CredentialRecord>, Box<Successor>, Option<(Duration, Secret)>),
    /// It is not there: a sealed copy was kept.
    Make(Held, Secret),
}

#[async_trait]
impl CredentialSnapshots for LocalVault {
    async fn snapshot(&self, scope: &ScopeKey, request: &MakeSnapshot) -> Result<SnapshotView> {
        const OPERATION: &str = "vault.snapshot";
        scope.require_user(OPERATION)?;
        let now = self.clock.now();
        let expires_at =
            request.expires_at.unwrap_or_else(|| now.plus(Duration::from_secs(30 * DAY)));
        if expires_at <= now || expires_at > now.plus(Duration::from_secs(366 * DAY)) {
            return Err(Error::invalid(OPERATION, "the snapshot would not be kept")
                .with_field("/expires_at", "must be after now and within 366 days"));
        }
        let (seen, values) = read_again!({
            let seen = self.seen(scope, now).await?;
            let mut values = Vec::new();
            for record in seen.iter().filter(|_| request.with_values) {
                values.push(self.open_value(record).await?);
            }
            Ok((seen, values))
        })?;
        if request.with_values {
            // Exposed to measure them.
            if values.iter().map(|value| value.expose().len()).sum::<usize>() > LARGEST {
                return Err(too_large("the values are larger than 4 MiB: keep none of them"));
            }
        }
        let id = SnapshotId(self.clock.new_id());
        let mut transaction = self.begin(scope).await?;
        store::delete_expired_snapshots(&mut transaction, scope, now).await?;
        let (key_id, key) = self.keys.current(&mut transaction, self.clock.as_ref(), scope).await?;
        let mut record = SnapshotRecord {
            id,
            conversation: request.conversation_id,
            scope: *scope,
            credentials: seen.iter().map(|record| Held::of(&record.view)).collect(),
            key_id,
            authentication: String::new(),
            created_at: now,
            expires_at,
        };
        for (index, value) in values.iter().enumerate() {
            let binding =
                record.credentials.get(index).map(|held| self.snapshot_binding(&record, held));
            if let (Some(binding), Some(held)) = (binding, record.credentials.get_mut(index)) {
                // Exposed to seal it.
                held.value = Some(seal(&key, &binding, value.expose().as_bytes())?.into());
            }
        }
        record.authentication = keys::authenticate_snapshot(&key, &self.written(&record)?)?;
        store::insert_snapshot(&mut transaction, &record).await?;
        let entry = Entry::new(OPERATION, "kept which versions of credentials are active")
            .with("snapshot", id.to_string())
            .with("conversation", request.conversation_id.to_string())
            .with("credentials", record.credentials.len())
            .with("with_values", request.with_values)
            .with("level", scope.level().name());
        self.audit.append(&mut transaction, scope, entry).await?;
        transaction.commit().await?;
        Ok(shown(record))
    }

    async fn restore_snapshot(
        &self,
        scope: &ScopeKey,
        request: &RestoreSnapshot,
    ) -> Result<RestoreReport> {
        const OPERATION: &str = "vault.restore_snapshot";
        scope.require_user(OPERATION)?;
        request.check()?;
        let steps = read_again!({ self.steps(OPERATION, scope, request).await })?;
        let mut transaction = self.begin(scope).await?;
        let mut credentials = Vec::new();
        for step in steps {
            credentials.push(match step {
                Step::Done(done) => done,
                Step::Replace(held, before, successor, kept) => {
                    let replaced = self
                        .replace_within(&mut transaction, scope, &before, &successor, kept)
                        .await;
                    match replaced {
                        Ok(rotation) => held
                            .outcome(RestoreOutcome::Restored, Some(rotation.credential.version)),
                        // Another version has the same value.
                        Err(error) if error.kind() == ErrorKind::InvalidInput => {
                            held.outcome(RestoreOutcome::Unchanged, Some(before.view.version))
                        }
                        Err(error) => return Err(error),
                    }
                }
                Step::Make(held, value) => {
                    self.refuse_locked(&mut transaction, OPERATION, scope, &held.name).await?;
                    let put = PutCredential {
                        credential_type: held.credential_type,
                        is_inherited: held.is_inherited,
                        allow_override: held.allow_override,
                        expires_at: held.expires_at,
                        ..PutCredential::new(held.name.as_str(), value)
                    };
                    let view =
                        self.store_value(&mut transaction, OPERATION, scope, &put, None).await?;
                    held.outcome(RestoreOutcome::Restored, Some(view.version))
                }
            });
        }
        let restored = credentials.iter().filter(|one| one.outcome == RestoreOutcome::Restored);
        let entry = Entry::new(OPERATION, "went back to the versions of a snapshot")
            .with("snapshot", request.id.to_string())
            .with("conversation", request.conversation_id.to_string())
            .with("restored", restored.count())
            .with("level", scope.level().name());
        self.audit.append(&mut transaction, scope, entry).await?;
        transaction.commit().await?;
        Ok(RestoreReport { id: request.id, credentials })
    }

    async fn snapshots(
        &self,
        scope: &ScopeKey,
        request: &ListSnapshots,
    ) -> Result<Page<SnapshotView>> {
        const OPERATION: &str = "vault.snapshots";
        scope.require_user(OPERATION)?;
        let before = request.page.position::<Uuid>(OPERATION, "/page/cursor")?;
        let (page, now) = (&request.page, self.clock.now());
        let conversation = request.conversation_id;
        let views = read_again!({
            let records =
                store::snapshots(&self.database, scope, conversation, (page, before), now).await?;
            let mut views = Vec::new();
            for record in records {
                self.authentic(&record).await?;
                views.push(shown(record));
            }
            Ok(views)
        })?;
        Ok(Page::from_rows(views, page.bounded_limit(), |view| view.id.to_string()))
    }

    async fn delete_snapshot(&self, scope: &ScopeKey, request: &DeleteSnapshot) -> Result<()> {
        const OPERATION: &str = "vault.delete_snapshot";
        scope.require_user(OPERATION)?;
        let mut transaction = self.begin(scope).await?;
        if store::delete_snapshot(&mut transaction, scope, request.id).await? == 0 {
            let message = "this scope has no such snapshot";
            return Err(Error::new(ErrorKind::NotFound, OPERATION, message));
        }
        let entry = Entry::new(OPERATION, "deleted a snapshot of credentials")
            .with("snapshot", request.id.to_string())
            .with("level", scope.level().name());
        self.audit.append(&mut transaction, scope, entry).await?;
        transaction.commit().await
    }
}

impl LocalVault {
    /// What is to be done about each credential of a snapshot.
    async fn steps(
        &self,
        operation: &'static str,
        scope: &ScopeKey,
        request: &RestoreSnapshot,
    ) -> Result<Vec<Step>> {
        let wanted = (request.id, request.conversation_id);
        let record = store::snapshot(&self.database, scope, wanted, self.clock.now()).await?;
        let mut record = record.ok_or_else(|| {
            let message = "this conversation has no such snapshot in this scope, or it has expired";
            Error::new(ErrorKind::NotFound, operation, message)
        })?;
        let key = self.authentic(&record).await?;
        let mut steps = Vec::new();
        for held in std::mem::take(&mut record.credentials) {
            steps.push(self.step(operation, scope, &record, held, &key, request).await?);
        }
        Ok(steps)
    }

    /// Every credential that the scope sees, by name.
    async fn seen(&self, scope: &ScopeKey, now: Timestamp) -> Result<Vec<CredentialRecord>> {
        // A name has three levels at most.
        let limit = u32::try_from(3 * MOST + 1).unwrap_or(u32::MAX);
        let mut seen = Vec::new();
        let mut rows =
            store::all_on_path(&self.database, scope, limit).await?.into_iter().peekable();
        while let Some(first) = rows.next() {
            let mut same = vec![first];
            while let Some(next) = rows.next_if(|row| row.view.name == same[0].view.name) {
                same.push(next);
            }
            if let Some(index) = chosen(&same, scope.level(), now) {
                seen.push(same.swap_remove(index));
            }
            if seen.len() > MOST {
                return Err(too_large("the scope sees more than 500 credentials"));
            }
        }
        Ok(seen)
    }

    async fn step(
        &self,
        operation: &'static str,
        scope: &ScopeKey,
        snapshot: &SnapshotRecord,
        held: Held,
        key: &DataKey,
        request: &RestoreSnapshot,
    ) -> Result<Step> {
        use RestoreOutcome::{Elsewhere, Missing, Revoked, Unchanged};
        if held.level != scope.level() {
            return Ok(Step::Done(held.outcome(Elsewhere, None)));
        }
        let kept = || match &held.value {
            Some(value) => {
                let binding = self.snapshot_binding(snapshot, &held);
                let opened = unseal(key, &binding, &Sealed::from(value))?;
                let text = std::str::from_utf8(&opened).map_err(|_| altered())?;
                Ok(Some(Secret::new(text)))
            }
            None => Ok::<_, Error>(None),
        };
        let before = match self.own_record(operation, scope, &held.name).await {
            Ok(record) => record,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(match kept()? {
                    Some(value) => Step::Make(held, value),
                    None => Step::Done(held.outcome(Missing, None)),
                });
            }
            Err(error) => return Err(error),
        };
        let active = Some(before.view.version);
        if before.view.id != held.credential_id {
            return Ok(Step::Done(held.outcome(Missing, active)));
        }
        if before.view.version == held.version {
            return Ok(Step::Done(held.outcome(Unchanged, active)));
        }
        let (owner, id) = (&before.scope, before.view.id);
        let now = self.clock.now();
        let version = store::version(&self.database, owner, id, held.version, now).await?;
        let value = match version {
            Some(version)
                if version.view.state == VersionState::Revoked && !request.allow_revoked =>
            {
                return Ok(Step::Done(held.outcome(Revoked, active)));
            }
            Some(version) if version.view.state != VersionState::Destroyed => {
                Some(self.open_version(scope, &before.view, &version).await?)
            }
            _ => kept()?,
        };
        let Some(value) = value else {
            return Ok(Step::Done(held.outcome(Missing, active)));
        };
        let successor = Successor {
            operation,
            value,
            copied_from: Some(held.version),
            grace: grace_of(request.grace_seconds),
            rotation_type: RotationType::Manual,
            expires_at: before.view.expires_at,
            expected_version: None,
        };
        let kept = self.kept(&before, &successor).await?;
        Ok(Step::Replace(held, Box::new(before), Box::new(successor), kept))
    }

    /// The snapshot under another data key, as it is to be written: its credentials and what shows that
    /// they are unaltered.
    pub(super) async fn resealed_snapshot(
        &self,
        mut record: SnapshotRecord,
        (key_id, key): (Uuid, &DataKey),
    ) -> Result<(Vec<Held>, String)> {
        let old = self.authentic(&record).await?;
        let before = record.key_id;
        for index in 0..record.credentials.len() {
            let Some(held) = record.credentials.get(index) else { continue };
            let Some(value) = &held.value else { continue };
            record.key_id = before;
            let opened = unseal(&old, &self.snapshot_binding(&record, held), &Sealed::from(value))?;
            record.key_id = key_id;
            let sealed = seal(key, &self.snapshot_binding(&record, held), &opened)?;
            if let Some(held) = record.credentials.get_mut(index) {
                held.value = Some(sealed.into());
            }
        }
        record.key_id = key_id;
        let authentication = keys::authenticate_snapshot(key, &self.written(&record)?)?;
        Ok((record.credentials, authentication))
    }

    /// The key of the snapshot's scope, when the row is as this vault wrote it.
    async fn authentic(&self, record: &SnapshotRecord) -> Result<DataKey> {
        let key = self.keys.by_id(&self.database, &record.scope, record.key_id).await?;
        let expected = keys::authenticate_snapshot(&key, &self.written(record)?)?;
        match bool::from(expected.as_bytes().ct_eq(record.authentication.as_bytes())) {
            true => Ok(key),
            false => Err(altered()),
        }
    }

    /// All of a snapshot that may not be altered.
    fn written(&self, record: &SnapshotRecord) -> Result<String> {
        let credentials = serde_json::to_string(&record.credentials).map_err(|_| altered())?;
        let ScopeKey { user, project, subproject, .. } = record.scope;
        let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
        Ok(format!(
            "{}|{}|{}|{}|{}|{}|{}|{}|{credentials}",
            self.keys.vault_id(),
            record.id,
            record.conversation,
            id(user.map(Uuid::from)),
            id(project.map(Uuid::from)),
            id(subproject.map(Uuid::from)),
            record.created_at,
            record.expires_at,
        ))
    }

    fn snapshot_binding(&self, record: &SnapshotRecord, held: &Held) -> Binding {
        Binding::new(vec![
            "table=javari_credential_snapshots".to_owned(),
            format!("vault={}", self.keys.vault_id()),
            format!("snapshot={}", record.id),
            format!("conversation={}", record.conversation),
            format!("expires={}", record.expires_at),
            format!("cred={}", held.credential_id),
            format!("version={}", held.version),
            format!("name={}", held.name),
            format!("dek={}", record.key_id),
        ])
    }
}

fn shown(record: SnapshotRecord) -> SnapshotView {
    SnapshotView {
        id: record.id,
        conversation_id: record.conversation,
        credentials: record.credentials.iter().map(Held::shown).collect(),
        created_at: record.created_at,
        expires_at: record.expires_at,
    }
}

fn altered() -> Error {
    let message = "the row of this snapshot was altered or put there";
    Error::new(ErrorKind::CannotUnseal, "vault.snapshots", message)
}

fn too_large(message: &str) -> Error {
    Error::new(ErrorKind::TooLarge, "vault.snapshot", message)
}
