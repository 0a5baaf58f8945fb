//! Many credentials at once, in one transaction.

use std::collections::HashMap;

use async_trait::async_trait;

use super::LocalVault;
use crate::{
    error::{Error, ErrorKind, Result},
    secret::{RootKey, Secret},
    storage::Transaction,
    types::ScopeKey,
    vault::{
        credential::{CredentialType, PutCredential},
        import::{
            Candidate, CredentialImport, Found, ImportCredentials, ImportOutcome, ImportReport,
            ImportedCredential, OnExisting, Refusal, guess_type,
        },
        keys,
        seal::unseal_suite1,
        store::{self, CredentialRecord},
    },
};

const OPERATION: &str = "vault.import";

#[async_trait]
impl CredentialImport for LocalVault {
    async fn import(&self, scope: &ScopeKey, request: ImportCredentials) -> Result<ImportReport> {
        scope.require_user(OPERATION)?;
        let seed_key = self.seed_key(&request)?;
        let mut seen = HashMap::new();
        let mut imported = Vec::new();
        let mut existing = Vec::new();
        // A dry run does everything and is then undone: it cannot tell another story.
        let mut transaction = self.begin(scope).await?;
        for Candidate { place, found } in request.candidates()? {
            let read = found.and_then(|found| ready(found, &request, &seed_key));
            let one = match read {
                Err(Refusal { name, reason }) => refused(place, name, None, reason),
                Ok(put) => match seen.insert(put.name.clone(), place) {
                    Some(_) => {
                        let reason = "stands in this text before: only the first one counts";
                        refused(place, Some(put.name), Some(put.credential_type), reason)
                    }
                    None => self.take_in(&mut transaction, scope, place, put, &request).await?,
                },
            };
            if one.reason.as_deref() == Some(EXISTS) && request.on_existing == OnExisting::Fail {
                existing.extend(one.name.clone());
            }
            imported.push(one);
        }
        if !existing.is_empty() {
            let error = Error::new(
                ErrorKind::AlreadyExists,
                OPERATION,
                "nothing was stored, for some names are there: say `skip` or `replace`",
            );
            let told = |error: Error, name: &String| error.with("name", name);
            return Err(existing.iter().take(20).fold(error, told));
        }
        if !request.dry_run {
            transaction.commit().await?;
        }
        Ok(ImportReport::new(request.dry_run, imported))
    }
}

const EXISTS: &str = "is there already";

impl LocalVault {
    /// The key that the seed sealed its rows with.
    fn seed_key(&self, request: &ImportCredentials) -> Result<RootKey> {
        match &request.seed_key {
            None => Ok(self.keys.seed_key()),
            Some(text) => RootKey::parse(text).map_err(|error| {
                Error::invalid(OPERATION, "the seed's rows cannot be opened")
                    .with_field("/seed_key", error.message())
            }),
        }
    }

    async fn take_in(
        &self,
        transaction: &mut Transaction,
        scope: &ScopeKey,
        place: u32,
        put: PutCredential,
        request: &ImportCredentials,
    ) -> Result<ImportedCredential> {
        let (name, kind) = (Some(put.name.clone()), Some(put.credential_type));
        let told = |outcome, version, reason: Option<&str>| ImportedCredential {
            place,
            name: name.clone(),
            outcome,
            credential_type: kind,
            version,
            reason: reason.map(str::to_owned),
        };
        match self.refuse_locked(transaction, OPERATION, scope, &put.name).await {
            Err(error) if error.kind() == ErrorKind::Forbidden => {
                return Ok(told(ImportOutcome::Refused, None, Some("is locked by an outer level")));
            }
            outcome => outcome?,
        }
        let existing = store::hold(transaction, scope, &put.name).await?;
        if let Some(record) = &existing {
            let version = Some(record.view.version);
            if request.on_existing != OnExisting::Replace {
                return Ok(told(ImportOutcome::Skipped, version, Some(EXISTS)));
            }
            if self.is_active_value(transaction, scope, record, &put.value).await? {
                let reason = "has this value already";
                return Ok(told(ImportOutcome::Skipped, version, Some(reason)));
            }
        }
        let view = self.store_value(transaction, OPERATION, scope, &put, existing.as_ref()).await?;
        let outcome = match existing {
            Some(_) => ImportOutcome::Replaced,
            None => ImportOutcome::Made,
        };
        Ok(told(outcome, Some(view.version), None))
    }

    /// Whether the value is the one that is active, told by its keyed fingerprint.
    async fn is_active_value(
        &self,
        transaction: &mut Transaction,
        scope: &ScopeKey,
        record: &CredentialRecord,
        value: &Secret,
    ) -> Result<bool> {
        let (key_id, key) = self.keys.current(transaction, self.clock.as_ref(), scope).await?;
        let active = store::fingerprint(transaction, record.view.id, record.view.version).await?;
        Ok(active == Some((keys::fingerprint(&key, value)?, Some(key_id))))
    }
}

/// The credential with its value and type, or why it cannot be stored.
fn ready(
    found: Found,
    request: &ImportCredentials,
    seed_key: &RootKey,
) -> std::result::Result<PutCredential, Refusal> {
    let Found { request: mut put, is_typed, sealed } = found;
    let refused = |name: &str, reason| Refusal { name: Some(name.to_owned()), reason };
    if let Some(sealed) = sealed {
        // Exposed to the strict reader of the seed's format alone.
        put.value = unseal_suite1(seed_key.expose(), &sealed)
            .map_err(|_| refused(&put.name, "was sealed with another key, or altered"))?;
    }
    // Exposed to see how it begins.
    let value = put.value.expose();
    if value.is_empty() {
        return Err(refused(&put.name, "has no value"));
    }
    let guessed = if is_typed { put.credential_type } else { guess_type(&put.name, value) };
    put.credential_type = request.credential_type.unwrap_or(guessed);
    put.expected_version = None;
    match put.check() {
        Ok(()) => Ok(put),
        Err(_) => Err(refused(&put.name, "is longer than 64 KiB, or its note than 4096 bytes")),
    }
}

fn refused(
    place: u32,
    name: Option<String>,
    credential_type: Option<CredentialType>,
    reason: &str,
) -> ImportedCredential {
    ImportedCredential {
        place,
        name,
        outcome: ImportOutcome::Refused,
        credential_type,
        version: None,
        reason: Some(reason.to_owned()),
    }
}
