//! The vault in Javari's own database.

mod adopt;
mod auto;
mod bind;
mod data_key;
mod import;
mod open;
mod put;
mod reseal;
mod root;
mod rotate;
mod snapshot;
mod test;
mod token;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;

use self::open::{Held, flags_of, read_again};
use super::{
    Vault,
    credential::{
        BindCredential, CredentialView, PutCredential, Resolution, ResolvedFrom, Revealed, is_name,
    },
    handler::RotationHandlers,
    import::CredentialImport,
    kept::KeptKeys,
    keys::{self, Keyring},
    oauth::AccessTokens,
    probe::{CredentialTest, Probes},
    recovery::{MakeRecoveryCopy, RecoveryCopy, make_recovery_copy},
    rotation::{
        Accepted, ListVersions, RevokeVersion, RollbackCredential, RotateCredential, Rotation,
        VersionView,
    },
    schedule::CredentialRotation,
    snapshot::CredentialSnapshots,
    store::{self, CredentialRecord},
};
use crate::{
    audit::{Audit, Entry},
    error::{Error, ErrorKind, Result, Retry, is_plainly_a_name},
    secret::{RootKey, RootKeys, Secret, SecretRequest, SecretSource},
    storage::{Database, Dialect, Transaction, root_key_id},
    types::{
        Clock, CredentialId, Page, PageRequest, ScopeKey, ScopeLevel, Timestamp, foreign_cursor,
    },
};

/// The vault in Javari's own database. Cheap to clone.
#[derive(Clone)]
pub struct LocalVault {
    database: Database,
    clock: Arc<dyn Clock>,
    audit: Audit,
    keys: Arc<Keyring>,
    /// Uses inside Javari that are not written yet.
    uses: Arc<Mutex<Uses>>,
    /// How services are asked about credentials; nobody is without it.
    probes: Option<Probes>,
    handlers: RotationHandlers,
}

/// How often credentials were used and when last.
type Uses = BTreeMap<CredentialId, (u64, Timestamp)>;

/// So many credentials may have uses that are not written.
const UNWRITTEN: usize = 1_000;

impl LocalVault {
    /// Opens the vault in `database` with its root key.
    ///
    /// # Errors
    /// `WRONG_KEY` before anything is written when the vault was sealed with another key.
    pub async fn open(
        database: Database,
        clock: Arc<dyn Clock>,
        audit: Audit,
        root: RootKey,
    ) -> Result<Self> {
        let roots = RootKeys::new(root)?;
        let kept = KeptKeys::of(&database, &roots).await?;
        Self::open_with(database, clock, audit, roots, &kept).await
    }

    /// Opens the vault with root keys that other rooms know as well, so that a rotation reaches them, and
    /// with the keys that were kept in it.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with(
        database: Database,
        clock: Arc<dyn Clock>,
        audit: Audit,
        roots: RootKeys,
        kept: &KeptKeys,
    ) -> Result<Self> {
        let keys = Arc::new(Keyring::open(&database, clock.as_ref(), roots, kept).await?);
        Ok(Self {
            database,
            clock,
            audit,
            keys,
            uses: Arc::default(),
            probes: None,
            handlers: RotationHandlers::default(),
        })
    }

    /// The same vault, which rotates credentials through `handlers`.
    #[must_use]
    pub fn with_rotation_handlers(mut self, handlers: RotationHandlers) -> Self {
        self.handlers = handlers;
        self
    }

    /// The same vault, which asks services about credentials through `probes`.
    #[must_use]
    pub fn with_probes(mut self, probes: Probes) -> Self {
        self.probes = Some(probes);
        self
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// Forgets the keys that were opened; what is used again is opened again. For keys whose rows
    /// were shredded.
    pub fn forget_keys(&self) {
        self.keys.forget();
    }

    /// Takes on the vault that a restore put into the database.
    ///
    /// # Errors
    /// `WRONG_KEY` and `CANNOT_UNSEAL` as [`open`](Self::open); those of the database.
    pub async fn reload(&self) -> Result<()> {
        // Uses of credentials that are not there any more.
        drop(self.take_uses());
        self.keys.reload(&self.database).await
    }

    /// Writes how often credentials were used inside Javari (`use_count`, `last_used_at`). It
    /// happens by itself at each write and after some thousand credentials; call it before closing.
    ///
    /// # Errors
    /// Those of the database; the counts are then lost.
    pub async fn flush(&self) -> Result<()> {
        self.write_uses(self.take_uses()).await
    }

    async fn write_uses(&self, uses: Uses) -> Result<()> {
        if uses.is_empty() {
            return Ok(());
        }
        // None of them is worth waiting for the disk.
        let mut transaction = self.database.begin_noting(&ScopeKey::HOST).await?;
        store::count_uses(&mut transaction, uses.into_iter()).await?;
        transaction.commit().await
    }

    /// Begins a transaction that will enter what it does in the scope's audit trail, and writes how
    /// often credentials were used.
    async fn begin(&self, scope: &ScopeKey) -> Result<Transaction> {
        let uses = self.apart(self.take_uses()).await;
        let mut transaction = self.database.begin(scope).await?;
        store::count_uses(&mut transaction, uses.into_iter()).await?;
        self.audit.hold(&mut transaction, scope).await?;
        Ok(transaction)
    }

    /// What of the uses goes into the next transaction. With PostgreSQL they are written by themselves:
    /// many rows held together with others would make two transactions wait for each other.
    async fn apart(&self, uses: Uses) -> Uses {
        if self.database.dialect() == Dialect::Sqlite {
            return uses;
        }
        // A count that could not be written is no reason to refuse what is asked for.
        if let Err(error) = self.write_uses(uses).await {
            tracing::warn!(target: "javari", %error, "how often credentials were used was not written");
        }
        Uses::new()
    }

    /// The oldest format that is read.
    #[cfg(test)]
    pub(super) fn minimum_suite(&self) -> u32 {
        self.keys.minimum_suite()
    }

    fn take_uses(&self) -> Uses {
        std::mem::take(&mut *self.uses.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn note_use(&self, id: CredentialId) {
        let now = self.clock.now();
        let unwritten = {
            let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
            let (count, last) = uses.entry(id).or_insert((0, now));
            *count += 1;
            *last = now.max(*last);
            uses.len()
        };
        // A count that could not be written is no reason to withhold the secret.
        if unwritten >= UNWRITTEN
            && let Err(error) = self.flush().await
        {
            tracing::warn!(target: "javari", %error, "how often credentials were used was not written");
        }
    }

    /// What names the root key of a database that need not be migrated yet; nothing where no vault was
    /// made.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn needed_key(database: &Database) -> Result<Option<String>> {
        match database.has_table("javari_key_registry").await? {
            true => root_key_id(database).await,
            false => Ok(None),
        }
    }

    /// Checks the root key of a database that need not be migrated yet; writes nothing.
    ///
    /// # Errors
    /// `WRONG_KEY` when the vault was sealed with another key.
    pub async fn check_key(database: &Database, root: &RootKey) -> Result<()> {
        keys::check(database, root).await
    }

    /// A copy of a root key that only a passphrase opens: of the one in the request, or of this
    /// vault's own, which is audited before it is returned.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the passphrase is too short or the key is none.
    pub async fn recovery_copy(&self, request: &MakeRecoveryCopy) -> Result<RecoveryCopy> {
        const OPERATION: &str = "vault.recovery_copy";
        if let Some(text) = &request.key {
            let root = RootKey::parse(text).map_err(|error| {
                Error::invalid(OPERATION, "there is nothing to copy")
                    .with_field("/key", error.message())
            })?;
            return make_recovery_copy(&root, &request.passphrase).await;
        }
        let made = make_recovery_copy(&self.root_key().await?, &request.passphrase).await?;
        let entry = Entry::new(OPERATION, "made a copy of the root key under a passphrase")
            .with("key", made.key_id.as_str());
        self.audit.record(&ScopeKey::HOST, entry).await?;
        Ok(made)
    }

    /// Counts and audits that a value is given out. It is committed before the value leaves: no
    /// entry, no secret.
    async fn disclose(
        &self,
        scope: &ScopeKey,
        mut view: CredentialView,
        entry: Entry,
    ) -> Result<CredentialView> {
        let now = self.clock.now();
        let mut unwritten = 0;
        let mut uses = Uses::new();
        // A member's transaction reaches no inherited row to count in: the host does that later.
        if scope.member.is_none() {
            uses = self.take_uses();
            unwritten = uses.remove(&view.id).map_or(0, |(count, _)| count);
            uses = self.apart(uses).await;
        }
        let mut transaction = self.database.begin_noting(scope).await?;
        store::count_uses(&mut transaction, uses.into_iter()).await?;
        self.audit.hold(&mut transaction, scope).await?;
        if scope.member.is_none() {
            store::count_use(&mut transaction, view.id, (unwritten + 1, now)).await?;
        }
        let entry = entry
            .with("credential", view.id.to_string())
            .with("version", view.version)
            .with("level", view.level.name());
        self.audit.append(&mut transaction, scope, entry).await?;
        transaction.commit().await?;
        if scope.member.is_some() {
            self.note_use(view.id).await;
        }
        view.use_count += unwritten + 1;
        view.last_used_at = Some(now);
        Ok(view)
    }

    /// The credential at exactly the scope's innermost level.
    async fn own_record(
        &self,
        operation: &'static str,
        scope: &ScopeKey,
        name: &str,
    ) -> Result<CredentialRecord> {
        scope.require_user(operation)?;
        let records = store::on_path(&self.database, scope, name).await?;
        let own = records.into_iter().find(|record| record.view.level == scope.level());
        own.ok_or_else(|| not_found(operation, name))
    }

    async fn resolve_record(
        &self,
        operation: &'static str,
        scope: &ScopeKey,
        name: &str,
    ) -> Result<(CredentialRecord, Vec<ResolvedFrom>)> {
        scope.require_user(operation)?;
        let mut records = store::on_path(&self.database, scope, name).await?;
        // What the owner keeps from the projects a member is not even told of.
        records.retain(|it| {
            scope.member.is_none() || it.view.level != ScopeLevel::User || it.view.is_inherited
        });
        let now = self.clock.now();
        let innermost = scope.level();
        let offered = |record: &CredentialRecord| is_offered(record, innermost, now);
        let chosen = chosen(&records, innermost, now);
        let levels = explain(&records, innermost, chosen, offered);
        match chosen {
            Some(index) => Ok((records.swap_remove(index), levels)),
            None => Err(not_found(operation, name)),
        }
    }
}

#[async_trait]
impl Vault for LocalVault {
    async fn put(&self, scope: &ScopeKey, request: PutCredential) -> Result<CredentialView> {
        const OPERATION: &str = "vault.put";
        scope.require_user(OPERATION)?;
        request.check()?;
        let mut transaction = self.begin(scope).await?;
        self.refuse_locked(&mut transaction, OPERATION, scope, &request.name).await?;
        let existing = store::hold(&mut transaction, scope, &request.name).await?;
        let there = existing.as_ref().map_or(0, |record| record.view.version);
        require_version(OPERATION, there, request.expected_version)?;
        let view = self
            .store_value(&mut transaction, OPERATION, scope, &request, existing.as_ref())
            .await?;
        transaction.commit().await?;
        Ok(view)
    }

    fn importing(&self) -> Option<&dyn CredentialImport> {
        Some(self)
    }

    fn testing(&self) -> Option<&dyn CredentialTest> {
        self.probes.is_some().then_some(self)
    }

    fn rotating(&self) -> Option<&dyn CredentialRotation> {
        Some(self)
    }

    fn giving_tokens(&self) -> Option<&dyn AccessTokens> {
        Some(self)
    }

    fn snapshotting(&self) -> Option<&dyn CredentialSnapshots> {
        Some(self)
    }

    async fn bind(&self, scope: &ScopeKey, request: &BindCredential) -> Result<CredentialView> {
        self.bind_hosts(scope, request).await
    }

    async fn get(&self, scope: &ScopeKey, name: &str) -> Result<CredentialView> {
        self.own_record("vault.get", scope, name).await.map(|record| record.view)
    }

    async fn resolve(&self, scope: &ScopeKey, name: &str) -> Result<Resolution> {
        let (record, levels) = self.resolve_record("vault.resolve", scope, name).await?;
        Ok(Resolution { credential: record.view, levels })
    }

    async fn reveal(&self, scope: &ScopeKey, name: &str) -> Result<Revealed> {
        const OPERATION: &str = "vault.reveal";
        let (record, value) = self.opened_value(OPERATION, scope, name).await?;
        let entry = Entry::new(OPERATION, format!("revealed credential {}", record.view.name));
        let credential = self.disclose(scope, record.view, entry).await?;
        Ok(Revealed { credential, value })
    }

    async fn list(&self, scope: &ScopeKey, page: &PageRequest) -> Result<Page<CredentialView>> {
        scope.require_user("vault.list")?;
        if page.cursor.as_deref().is_some_and(|cursor| !is_name(cursor)) {
            return Err(foreign_cursor("vault.list", "/cursor"));
        }
        store::list(&self.database, scope, page).await
    }

    async fn rotate(&self, scope: &ScopeKey, request: RotateCredential) -> Result<Rotation> {
        self.rotate_value(scope, request).await
    }

    async fn rollback(&self, scope: &ScopeKey, request: RollbackCredential) -> Result<Rotation> {
        self.roll_back(scope, request).await
    }

    async fn versions(
        &self,
        scope: &ScopeKey,
        request: &ListVersions,
    ) -> Result<Page<VersionView>> {
        self.list_versions(scope, request).await
    }

    async fn accepted(&self, scope: &ScopeKey, name: &str) -> Result<Accepted> {
        self.accepted_values(scope, name).await
    }

    async fn accepted_inside(&self, scope: &ScopeKey, name: &str) -> Result<Accepted> {
        let accepted = self.accepted_unaudited("vault.use", scope, name).await?;
        self.note_use(accepted.credential.id).await;
        Ok(accepted)
    }

    async fn revoke(&self, scope: &ScopeKey, request: &RevokeVersion) -> Result<VersionView> {
        self.revoke_version(scope, request).await
    }

    async fn delete(&self, scope: &ScopeKey, name: &str) -> Result<()> {
        const OPERATION: &str = "vault.delete";
        scope.require_user(OPERATION)?;
        let mut transaction = self.begin(scope).await?;
        if store::delete(&mut transaction, scope, name).await? == 0 {
            return Err(not_found(OPERATION, name));
        }
        let entry = Entry::new(OPERATION, format!("deleted credential {name}"))
            .with("level", scope.level().name());
        self.audit.append(&mut transaction, scope, entry).await?;
        transaction.commit().await
    }
}

/// Use inside Javari: the same resolution, counted, without an audit entry for each use.
#[async_trait]
impl SecretSource for LocalVault {
    async fn secret(&self, request: SecretRequest) -> Result<Secret> {
        let (record, value) = read_again!({
            let (record, _) =
                self.resolve_record("vault.use", &request.scope, &request.name).await?;
            record.view.require_bound(request.origin.as_ref())?;
            let value = self.value_to_send(&request.scope, &record).await?;
            Ok((record, value))
        })?;
        self.note_use(record.view.id).await;
        Ok(value)
    }
}

/// Whether a level offers its credential to a scope whose innermost level is this.
fn is_offered(record: &CredentialRecord, innermost: ScopeLevel, now: Timestamp) -> bool {
    let visible = record.view.level == innermost || record.view.is_inherited;
    visible && record.view.expires_at.is_none_or(|at| now < at)
}

/// Which of the credentials of one name, outermost first, a scope sees.
fn chosen(records: &[CredentialRecord], innermost: ScopeLevel, now: Timestamp) -> Option<usize> {
    let offered = |record: &CredentialRecord| is_offered(record, innermost, now);
    // A locked outer credential wins over everything inside it; otherwise the innermost does.
    records
        .iter()
        .position(|record| offered(record) && !record.view.allow_override)
        .or_else(|| records.iter().rposition(offered))
}

/// Compare and set: refuses what was asked of another version than the one that is there.
fn require_version(operation: &'static str, there: u32, expected: Option<u32>) -> Result<()> {
    match expected {
        Some(expected) if expected != there => Err(Error::new(
            ErrorKind::Conflict,
            operation,
            "the credential has another version by now: read it again before changing it",
        )
        .with_retry(Retry::Never)
        .with("expected_version", expected)
        .with("version", there)),
        _ => Ok(()),
    }
}

fn explain(
    records: &[CredentialRecord],
    innermost: ScopeLevel,
    chosen: Option<usize>,
    offered: impl Fn(&CredentialRecord) -> bool,
) -> Vec<ResolvedFrom> {
    let levels = [ScopeLevel::User, ScopeLevel::Project, ScopeLevel::Subproject];
    let on_path = levels.into_iter().filter(|level| *level <= innermost);
    on_path
        .map(|level| {
            let index = records.iter().position(|record| record.view.level == level);
            let record = index.and_then(|index| records.get(index));
            let is_chosen = index.is_some() && index == chosen;
            let reason = match record {
                None => "it has no such credential",
                Some(record) if is_chosen && !record.view.allow_override => {
                    "it is locked for all levels inside"
                }
                Some(_) if is_chosen => "it is the innermost that offers one",
                Some(record) if offered(record) => "another level wins",
                Some(record) if !record.view.is_inherited && level != innermost => {
                    "it is not inherited"
                }
                Some(_) => "it has expired",
            };
            ResolvedFrom {
                level,
                found: record.is_some(),
                chosen: is_chosen,
                reason: reason.to_owned(),
            }
        })
        .collect()
}

fn not_found(operation: &'static str, name: &str) -> Error {
    // A caller's text is repeated only when it cannot be a value in the place of a name.
    let shown = if is_plainly_a_name(name) { name } else { "(not shown)" };
    Error::new(ErrorKind::NotFound, operation, "this scope has no such credential")
        .with("name", shown)
}
