//! Rotation, the way back, and every value that is accepted now.

use std::time::Duration;

use super::{Held, LocalVault, auto::after, flags_of, not_found, read_again, require_version};
use crate::{
    audit::Entry,
    error::{Error, ErrorKind, Result, Retry},
    secret::Secret,
    storage::Transaction,
    types::{Page, ScopeKey, Timestamp},
    vault::{
        credential::{CredentialView, Faults, PutCredential},
        keys,
        rotation::{
            Accepted, AcceptedValue, ListVersions, RevokeVersion, RollbackCredential,
            RotateCredential, Rotation, RotationType, VersionState, VersionView, grace_of,
        },
        seal::{DataKey, seal},
        store::{self, CredentialRecord, GraceWrite, NewVersion, RotationWrite, VersionRecord},
    },
};

/// A value on its way into the place of another.
pub(super) struct Successor {
    pub(super) operation: &'static str,
    pub(super) value: Secret,
    /// The version that the value was copied from.
    pub(super) copied_from: Option<u32>,
    pub(super) grace: Option<Duration>,
    pub(super) rotation_type: RotationType,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) expected_version: Option<u32>,
}

impl LocalVault {
    pub(super) async fn rotate_value(
        &self,
        scope: &ScopeKey,
        request: RotateCredential,
    ) -> Result<Rotation> {
        const OPERATION: &str = "vault.rotate";
        request.check()?;
        let before = self.own_record(OPERATION, scope, &request.name).await?;
        let successor = Successor {
            operation: OPERATION,
            value: request.value,
            copied_from: None,
            grace: grace_of(request.grace_seconds),
            rotation_type: request.rotation_type,
            expires_at: request.expires_at,
            expected_version: request.expected_version,
        };
        self.replace(scope, before, successor).await
    }

    pub(super) async fn roll_back(
        &self,
        scope: &ScopeKey,
        request: RollbackCredential,
    ) -> Result<Rotation> {
        const OPERATION: &str = "vault.rollback";
        request.check()?;
        let (before, wanted, value) = read_again!({
            let before = self.own_record(OPERATION, scope, &request.name).await?;
            let wanted = self.version(OPERATION, scope, &before.view, request.version).await?;
            let value = match wanted.view.state {
                VersionState::Destroyed => Secret::new(""),
                _ => self.open_version(scope, &before.view, &wanted).await?,
            };
            Ok((before, wanted, value))
        })?;
        let refused = |message| {
            Err(Error::invalid(OPERATION, "this version cannot be returned to")
                .with_field("/version", message))
        };
        match wanted.view.state {
            VersionState::Active => return refused("is the active one"),
            VersionState::Destroyed => return refused("was destroyed: its value is gone"),
            VersionState::Revoked if !request.allow_revoked => {
                return refused("was revoked: set `allow_revoked` to return to it all the same");
            }
            _ => {}
        }
        let successor = Successor {
            operation: OPERATION,
            value,
            copied_from: Some(request.version),
            grace: grace_of(request.grace_seconds),
            rotation_type: RotationType::Manual,
            expires_at: before.view.expires_at,
            expected_version: request.expected_version,
        };
        self.replace(scope, before, successor).await
    }

    /// One transaction: the value before it goes into its time of grace or stops, the new one
    /// becomes active, and both are in the audit trail.
    async fn replace(
        &self,
        scope: &ScopeKey,
        before: CredentialRecord,
        successor: Successor,
    ) -> Result<Rotation> {
        let kept = self.kept(&before, &successor).await?;
        let mut transaction = self.begin(scope).await?;
        let rotation =
            self.replace_within(&mut transaction, scope, &before, &successor, kept).await?;
        transaction.commit().await?;
        Ok(rotation)
    }

    /// The value that goes into its time of grace. Opened before the transaction: its key may have
    /// to be read.
    pub(super) async fn kept(
        &self,
        before: &CredentialRecord,
        successor: &Successor,
    ) -> Result<Option<(Duration, Secret)>> {
        Ok(match successor.grace {
            Some(grace) => Some((grace, self.opened_again(before).await?)),
            None => None,
        })
    }

    /// The value of a record that was read some time ago.
    async fn opened_again(&self, before: &CredentialRecord) -> Result<Secret> {
        match self.open_value(before).await {
            Err(error) if error.retry() == Retry::Now => {}
            opened => return opened,
        }
        read_again!({
            let (scope, name) = (&before.scope, &before.view.name);
            let now = self.own_record("vault.rotate", scope, name).await?;
            match now.view.version == before.view.version {
                true => self.open_value(&now).await,
                // The transaction finds the other version and says so.
                false => Ok(Secret::new("")),
            }
        })
    }

    /// Replaces the value inside a transaction that somebody else ends.
    pub(super) async fn replace_within(
        &self,
        transaction: &mut Transaction,
        scope: &ScopeKey,
        before: &CredentialRecord,
        successor: &Successor,
        kept: Option<(Duration, Secret)>,
    ) -> Result<Rotation> {
        let operation = successor.operation;
        let record = store::hold(transaction, scope, &before.view.name).await?;
        let record = record.ok_or_else(|| not_found(operation, &before.view.name))?;
        require_version(operation, record.view.version, successor.expected_version)?;
        if record.view.version != before.view.version {
            let message = "another call changed the credential meanwhile";
            return Err(Error::new(ErrorKind::Conflict, operation, message)
                .with("version", record.view.version));
        }
        let now = self.clock.now();
        let (id, previous) = (record.view.id, record.view.version);
        let (key_id, key) = self.keys.current(transaction, self.clock.as_ref(), scope).await?;
        let fingerprint = keys::fingerprint(&key, &successor.value)?;
        let old = store::fingerprint(transaction, id, previous).await?;
        if old == Some((fingerprint.clone(), Some(key_id))) {
            return Err(Error::invalid(operation, "nothing would be rotated")
                .with_field("/value", "is the value that is active already"));
        }
        store::end_graces(transaction, id, now).await?;
        let grace_until = match kept {
            Some((grace, value)) => {
                let until = now.plus(grace);
                let flags = graced(&flags_of(&record.view), until);
                let binding = self.binding(scope, &record.view, &flags, key_id);
                // Exposed to seal it anew, so that its time of grace cannot be lengthened.
                let sealed = seal(&key, &binding, value.expose().as_bytes())?;
                let version = previous;
                let kept = GraceWrite {
                    credential: id,
                    version,
                    until,
                    flags: &flags,
                    key_id,
                    sealed: &sealed,
                };
                store::keep_in_grace(transaction, &kept).await?;
                Some(until)
            }
            None => {
                store::revoke_all(transaction, id).await?;
                None
            }
        };
        let credential = CredentialView {
            version: previous + 1,
            expires_at: successor.expires_at,
            last_tested_at: None,
            last_test_outcome: None,
            next_rotation_at: record.view.rotation_interval_days.map(|days| after(now, days)),
            updated_at: now,
            ..record.view
        };
        self.activate(transaction, scope, &credential, &successor.value, (key_id, &key)).await?;
        if credential.rotation_interval_days.is_some() {
            store::move_schedule(transaction, id, credential.next_rotation_at).await?;
        }
        let rotation = RotationWrite {
            id: self.clock.new_id(),
            credential: id,
            from: previous,
            to: credential.version,
            old_fingerprint: old.map(|(fingerprint, _)| fingerprint),
            new_fingerprint: fingerprint,
            rotation_type: successor.rotation_type,
            grace_until,
            now,
        };
        store::note_rotation(transaction, scope, &rotation).await?;
        let mut entry = Entry::new(operation, format!("replaced credential {}", credential.name))
            .with("credential", id.to_string())
            .with("version", credential.version)
            .with("level", credential.level.name())
            .with("rotation_type", successor.rotation_type.name());
        if let Some(until) = grace_until {
            entry = entry.with("grace_until", until.to_string());
        }
        if let Some(version) = successor.copied_from {
            entry = entry.with("copied_from", version);
        }
        self.audit.append(transaction, scope, entry).await?;
        Ok(Rotation { credential, previous_version: previous, grace_until })
    }

    async fn activate(
        &self,
        transaction: &mut Transaction,
        scope: &ScopeKey,
        view: &CredentialView,
        value: &Secret,
        (key_id, key): (uuid::Uuid, &DataKey),
    ) -> Result<()> {
        let request = PutCredential {
            credential_type: view.credential_type,
            is_inherited: view.is_inherited,
            allow_override: view.allow_override,
            expires_at: view.expires_at,
            hosts: view.hosts.clone(),
            ..PutCredential::new(view.name.as_str(), value.clone())
        };
        let binding = self.binding(scope, view, &request.flags(), key_id);
        // Exposed to seal it.
        let sealed = seal(key, &binding, value.expose().as_bytes())?;
        let fingerprint = keys::fingerprint(key, value)?;
        let new = NewVersion {
            id: view.id,
            version: view.version,
            key_id,
            sealed: &sealed,
            fingerprint: &fingerprint,
            now: view.updated_at,
        };
        store::write(transaction, scope, &request, &new).await
    }

    pub(super) async fn list_versions(
        &self,
        scope: &ScopeKey,
        request: &ListVersions,
    ) -> Result<Page<VersionView>> {
        const OPERATION: &str = "vault.versions";
        let before = request.page.position::<u32>(OPERATION, "/page/cursor")?;
        let own = self.own_record(OPERATION, scope, &request.name).await?;
        let (id, now) = (own.view.id, self.clock.now());
        store::versions(&self.database, scope, id, &request.page, before, now).await
    }

    pub(super) async fn accepted_values(&self, scope: &ScopeKey, name: &str) -> Result<Accepted> {
        const OPERATION: &str = "vault.accepted";
        let Accepted { credential, values } =
            self.accepted_unaudited(OPERATION, scope, name).await?;
        let words = format!("revealed every accepted value of credential {}", credential.name);
        let entry = Entry::new(OPERATION, words).with("values", values.len());
        let credential = self.disclose(scope, credential, entry).await?;
        Ok(Accepted { credential, values })
    }

    /// For what is not given away.
    pub(super) async fn accepted_unaudited(
        &self,
        operation: &'static str,
        scope: &ScopeKey,
        name: &str,
    ) -> Result<Accepted> {
        read_again!({
            let (record, _) = self.resolve_record(operation, scope, name).await?;
            let value = self.open_value(&record).await?;
            let version = record.view.version;
            let mut values = vec![AcceptedValue { version, grace_until: None, value }];
            let (owner, id) = (&record.scope, record.view.id);
            for version in store::in_grace(&self.database, owner, id, self.clock.now()).await? {
                // A rotation may have come between the two readings.
                if version.view.version >= record.view.version {
                    continue;
                }
                let value = self.open_version(owner, &record.view, &version).await?;
                let VersionView { version, grace_until, .. } = version.view;
                values.push(AcceptedValue { version, grace_until, value });
            }
            Ok(Accepted { credential: record.view, values })
        })
    }

    pub(super) async fn revoke_version(
        &self,
        scope: &ScopeKey,
        request: &RevokeVersion,
    ) -> Result<VersionView> {
        const OPERATION: &str = "vault.revoke";
        let own = self.own_record(OPERATION, scope, &request.name).await?;
        let VersionRecord { view, .. } =
            self.version(OPERATION, scope, &own.view, request.version).await?;
        if view.state == VersionState::Active {
            let mut faults = Faults::of(OPERATION);
            faults.add("/version", "is the active one: rotate the credential, or delete it");
            faults.into_result()?;
        }
        let mut transaction = self.begin(scope).await?;
        if store::revoke(&mut transaction, own.view.id, request.version).await? > 0 {
            let entry = Entry::new(OPERATION, format!("revoked a version of {}", own.view.name))
                .with("credential", own.view.id.to_string())
                .with("version", request.version)
                .with("level", own.view.level.name());
            self.audit.append(&mut transaction, scope, entry).await?;
        }
        transaction.commit().await?;
        let state = match view.state {
            VersionState::Destroyed => VersionState::Destroyed,
            _ => VersionState::Revoked,
        };
        Ok(VersionView { state, grace_until: None, ..view })
    }

    pub(super) async fn version(
        &self,
        operation: &'static str,
        scope: &ScopeKey,
        of: &CredentialView,
        version: u32,
    ) -> Result<VersionRecord> {
        let found = store::version(&self.database, scope, of.id, version, self.clock.now()).await?;
        found.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, operation, "the credential has no such version")
                .with("version", version)
        })
    }

    pub(super) async fn open_version(
        &self,
        scope: &ScopeKey,
        of: &CredentialView,
        record: &VersionRecord,
    ) -> Result<Secret> {
        let VersionRecord { view, credential_type, flags, suite, key_id, sealed } = record;
        let altered = || {
            let message = "the row of this version was altered or put there";
            Error::new(ErrorKind::CannotUnseal, "vault.open", message).with("version", view.version)
        };
        // The seal holds the end of the grace: who writes to the database cannot move it.
        if view.state == VersionState::Grace
            && !view.grace_until.is_some_and(|until| flags.ends_with(&graced("", until)))
        {
            return Err(altered());
        }
        let sealed = sealed.as_ref().ok_or_else(altered)?;
        let bound = CredentialView {
            version: view.version,
            credential_type: *credential_type,
            ..of.clone()
        };
        let held =
            Held { scope, named: (&bound).into(), flags, suite: *suite, key_id: *key_id, sealed };
        self.open_sealed(&held).await
    }
}

/// The flags of a version in its time of grace.
fn graced(flags: &str, until: Timestamp) -> String {
    format!("{flags};grace={until}")
}
