//! Storing one value inside a transaction that somebody else ends.

use super::{LocalVault, auto::after};
use crate::{
    audit::Entry,
    error::{Error, ErrorKind, Result},
    storage::Transaction,
    types::{CredentialId, ScopeKey},
    vault::{
        credential::{CredentialView, PutCredential, origins},
        keys,
        seal::seal,
        store::{self, CredentialRecord, NewVersion},
    },
};

impl LocalVault {
    /// Refuses a name that an outer level locks with a credential that has not expired.
    pub(super) async fn refuse_locked(
        &self,
        transaction: &mut Transaction,
        operation: &'static str,
        scope: &ScopeKey,
        name: &str,
    ) -> Result<()> {
        let records = store::on_path_within(transaction, scope, name).await?;
        let now = self.clock.now();
        let lock = records.iter().find(|record| {
            record.view.level < scope.level()
                && record.view.is_inherited
                && !record.view.allow_override
                && record.view.expires_at.is_none_or(|at| now < at)
        });
        let Some(lock) = lock else { return Ok(()) };
        Err(Error::new(
            ErrorKind::Forbidden,
            operation,
            "an outer level locks this name: change it there, or allow it to be overridden",
        )
        .with("name", name)
        .with("level", lock.view.level.name()))
    }

    /// Stores the value as the newest version of what is there, and enters it in the audit trail.
    pub(super) async fn store_value(
        &self,
        transaction: &mut Transaction,
        operation: &'static str,
        scope: &ScopeKey,
        request: &PutCredential,
        existing: Option<&CredentialRecord>,
    ) -> Result<CredentialView> {
        let now = self.clock.now();
        let (id, version, created_at) = match existing {
            Some(record) => (record.view.id, record.view.version + 1, record.view.created_at),
            None => (CredentialId(self.clock.new_id()), 1, now),
        };
        let (key_id, key) = self.keys.current(transaction, self.clock.as_ref(), scope).await?;
        let interval = existing.and_then(|record| record.view.rotation_interval_days);
        let view = CredentialView {
            id,
            name: request.name.clone(),
            credential_type: request.credential_type,
            description: request
                .description
                .clone()
                .or_else(|| existing.and_then(|record| record.view.description.clone())),
            level: scope.level(),
            version,
            is_inherited: request.is_inherited,
            allow_override: request.allow_override,
            expires_at: request.expires_at,
            hosts: origins(&request.hosts),
            last_used_at: existing.and_then(|record| record.view.last_used_at),
            use_count: existing.map_or(0, |record| record.view.use_count),
            last_tested_at: None,
            last_test_outcome: None,
            rotation_interval_days: interval,
            next_rotation_at: interval.map(|days| after(now, days)),
            created_at,
            updated_at: now,
        };
        let binding = self.binding(scope, &view, &request.flags(), key_id);
        // Exposed to seal it.
        let sealed = seal(&key, &binding, request.value.expose().as_bytes())?;
        let fingerprint = &keys::fingerprint(&key, &request.value)?;
        let new = NewVersion { id, version, key_id, sealed: &sealed, fingerprint, now };
        store::revoke_all(transaction, id).await?;
        store::write(transaction, scope, request, &new).await?;
        if interval.is_some() {
            store::move_schedule(transaction, id, view.next_rotation_at).await?;
        }
        let entry = Entry::new(operation, format!("stored credential {}", view.name))
            .with("credential", id.to_string())
            .with("version", version)
            .with("level", view.level.name());
        let entry = match view.hosts.is_empty() {
            true => entry,
            false => entry.with("hosts", view.hosts.clone()),
        };
        self.audit.append(transaction, scope, entry).await?;
        Ok(view)
    }
}
