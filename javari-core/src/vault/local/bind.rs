//! Binding a credential to the hosts that it may be sent to.

use super::{LocalVault, flags_of, not_found, read_again, require_version};
use crate::{
    audit::Entry,
    error::{Error, ErrorKind, Result},
    types::ScopeKey,
    vault::{
        credential::{BindCredential, CredentialView, origins},
        keys,
        seal::seal,
        store::{self, ResealWrite},
    },
};

const OPERATION: &str = "vault.bind";

impl LocalVault {
    /// Seals the active value for other hosts. Its version stays, and what is in its time of grace too.
    pub(super) async fn bind_hosts(
        &self,
        scope: &ScopeKey,
        request: &BindCredential,
    ) -> Result<CredentialView> {
        request.check()?;
        // Opened before the transaction: its key may have to be read.
        let (before, value) = read_again!({
            let record = self.own_record(OPERATION, scope, &request.name).await?;
            let value = self.open_value(&record).await?;
            Ok((record, value))
        })?;
        let now = self.clock.now();
        let mut transaction = self.begin(scope).await?;
        let record = store::hold(&mut transaction, scope, &request.name).await?;
        let record = record.ok_or_else(|| not_found(OPERATION, &request.name))?;
        require_version(OPERATION, record.view.version, request.expected_version)?;
        if (record.view.id, record.view.version) != (before.view.id, before.view.version) {
            let message = "another call changed the credential meanwhile";
            return Err(Error::new(ErrorKind::Conflict, OPERATION, message)
                .with("version", record.view.version));
        }
        let hosts = origins(&request.hosts);
        let view = CredentialView { hosts, updated_at: now, ..record.view };
        let (key_id, key) = self.keys.current(&mut transaction, self.clock.as_ref(), scope).await?;
        let flags = flags_of(&view);
        let binding = self.binding(scope, &view, &flags, key_id);
        // Exposed to seal it.
        let sealed = &seal(&key, &binding, value.expose().as_bytes())?;
        let fingerprint = &keys::fingerprint(&key, &value)?;
        let new = ResealWrite { key_id, sealed, fingerprint };
        store::write_bound(&mut transaction, &view, &flags, &new, now).await?;
        let entry = Entry::new(OPERATION, format!("bound credential {} to its hosts", view.name))
            .with("credential", view.id.to_string())
            .with("level", view.level.name())
            .with("hosts", view.hosts.clone());
        self.audit.append(&mut transaction, scope, entry).await?;
        transaction.commit().await?;
        Ok(view)
    }
}
