//! Builds a Javari from parts and hands out scopes.
//!
//! What it deliberately does not do: it holds no rule of any room; it only ties them together.

mod adopt;
mod budgets;
mod build;
#[cfg(test)]
mod care;
#[cfg(test)]
mod deleting;
mod doctor;
mod document_files;
#[cfg(test)]
mod drill;
mod export;
mod identity;
#[cfg(test)]
mod leaving;
mod members;
mod models;
mod operations;
mod projects;
mod root_key;
mod rotate_root_key;
mod scope;
#[cfg(test)]
mod spending;
mod system;
#[cfg(test)]
mod tests;
mod vault;

use std::{path::PathBuf, sync::Arc};

pub use adopt::{
    AdoptReport, AdoptRequest, AdoptState, AdoptedCredentials, ImportSeedReply, ImportSeedRequest,
};
pub use budgets::BudgetsOf;
pub use build::Builder;
pub use doctor::{Check, CheckStatus, DoctorReport};
pub use export::{ExportReply, ExportRequest};
pub use identity::ApiKeysOf;
pub use members::MembersOf;
pub use operations::{HealerOf, MonitorOf};
pub(crate) use root_key::needed_key;
pub use scope::{AuditOf, KnowledgeOf, Scope};
pub use system::{BackupFileRequest, BackupReply, BackupRequest, SystemOf};
pub use vault::VaultOf;

use crate::{
    accounts::{Accounts, ApiKeys, Authenticator, EnsureUser, EraseUser, Erasure, User},
    audit::Audit,
    config::{Environment, Settings},
    cost::{Budgets, Ledger},
    error::Result,
    healer::Healing,
    knowledge::{Knowledge, LocalKnowledge},
    monitor::Monitors,
    provider::Provider,
    router::{Cached, Router},
    secret::RootKeys,
    storage::Database,
    types::{Clock, ScopeKey, UserId},
    vault::{
        LocalVault, MakeRecoveryCopy, RecoveryCopy, Reseal, ResealReport, RotateDue, RotatedDue,
        Vault, lacks_power,
    },
};

/// A complete AI operations backbone, opened. Cheap to clone, safe to share between threads; two
/// in one process never meet.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> javari_core::Result<()> {
/// use javari_core::{Javari, secret::Secret, vault::PutCredential};
/// let javari = Javari::open(":memory:").await?;
/// let user = javari.ensure_user("ann@example.com").await?;
/// let scope = javari.scope(user.id);
/// scope.vault().put(PutCredential::new("STRIPE", Secret::new("sk-1"))).await?;
/// assert_eq!(scope.vault().get("STRIPE").await?.version, 1);
/// assert!(scope.audit().verify().await?.verified);
/// # javari.close().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Javari(Arc<Rooms>);

/// Every room of one Javari.
pub(crate) struct Rooms {
    pub(crate) database: Database,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) audit: Audit,
    pub(crate) accounts: Accounts,
    pub(crate) api_keys: ApiKeys,
    pub(crate) authenticator: Authenticator,
    pub(crate) vault: Arc<dyn Vault>,
    /// The vault in the database, also where the host has one of its own.
    pub(crate) local: LocalVault,
    pub(crate) router: Arc<Router>,
    /// The router with its chats paid for and answers remembered.
    pub(crate) chats: Cached,
    pub(crate) ledger: Ledger,
    pub(crate) budgets: Budgets,
    pub(crate) documents: LocalKnowledge,
    pub(crate) knowledge: Knowledge,
    pub(crate) monitors: Monitors,
    pub(crate) healing: Healing,
    pub(crate) notices: Vec<String>,
    pub(crate) roots: RootKeys,
    pub(crate) own_files: OwnFiles,
}

/// The files of the database and of its key, which no call reads or writes.
pub(crate) struct OwnFiles {
    pub(crate) key: Vec<PathBuf>,
    pub(crate) database: Vec<PathBuf>,
}

impl OwnFiles {
    pub(crate) fn all(&self) -> impl Iterator<Item = &PathBuf> {
        self.key.iter().chain(&self.database)
    }
}

impl Javari {
    /// Opens the database at `location` (`javari.db`, `sqlite:FILE`, `:memory:`), taking keys and
    /// a model service from the environment where it names them.
    ///
    /// # Errors
    /// Those of [`Builder::open`].
    pub async fn open(location: impl Into<String>) -> Result<Self> {
        let settings = Settings::for_database(location);
        Builder::new(settings.completed_by(&Environment::read())).open().await
    }

    /// Opens as the seed's environment variables say: all eleven must be well formed and the eight
    /// required ones set. The database is `JAVARI_DATABASE`, or `javari.db`.
    ///
    /// # Errors
    /// `CONFIGURATION` naming every missing and every malformed variable at once.
    pub async fn from_env() -> Result<Self> {
        let environment = Environment::read();
        environment.require_complete()?;
        let database = environment.database.clone();
        let settings = database.map_or_else(Settings::default, Settings::for_database);
        Builder::new(settings.completed_by(&environment)).open().await
    }

    /// Opens as `settings` say.
    ///
    /// # Errors
    /// Those of [`Builder::open`].
    pub async fn with_settings(settings: Settings) -> Result<Self> {
        let settings = match settings.environment {
            true => settings.completed_by(&Environment::read()),
            false => settings,
        };
        Builder::new(settings).open().await
    }

    /// Makes a database of the seed one of Javari, or says what that would do: see
    /// [`Builder::adopt`].
    ///
    /// # Errors
    /// Those of [`Builder::adopt`].
    pub async fn adopt(settings: Settings, request: &AdoptRequest) -> Result<AdoptReport> {
        let settings = match settings.environment {
            true => settings.completed_by(&Environment::read()),
            false => settings,
        };
        Builder::new(settings).adopt(request).await
    }

    /// The user of an e-mail address, made when there is none.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the address is not one.
    pub async fn ensure_user(&self, email: &str) -> Result<User> {
        let request = EnsureUser { email: email.to_owned(), name: None };
        self.0.accounts.ensure_user(&request).await
    }

    /// The scope of a user. Every call that touches data starts from one.
    pub fn scope(&self, user: UserId) -> Scope {
        Scope::new(self.clone(), ScopeKey::user(user))
    }

    /// The scope that a key names.
    pub fn scope_of(&self, key: ScopeKey) -> Scope {
        Scope::new(self.clone(), key)
    }

    /// Erases a user with everything that is theirs, keys and audit trail included, for good. The
    /// host's own.
    ///
    /// # Errors
    /// Those of [`Accounts::erase`]; nothing was erased then.
    pub async fn erase_user(&self, request: &EraseUser) -> Result<Erasure> {
        let erased = self.0.accounts.erase(request).await?;
        self.0.local.forget_keys();
        self.0.chats.forget(request.user);
        Ok(erased)
    }

    /// The care of the whole database: the host's own.
    pub fn system(&self) -> SystemOf<'_> {
        SystemOf(self)
    }

    /// Adds the host's own provider under a name that models can begin with.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the name does not fit or is taken.
    pub fn add_provider(&self, name: &str, provider: Arc<dyn Provider>) -> Result<()> {
        self.0.router.add(name, provider)
    }

    /// A copy of a root key, this vault's unless the request holds another, that only a passphrase
    /// opens. Audited before it is returned.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the passphrase is too short or the key is none.
    pub async fn recovery_copy(&self, request: &MakeRecoveryCopy) -> Result<RecoveryCopy> {
        self.0.local.recovery_copy(request).await
    }

    /// Carries out rotations that are due, of every user, and revokes old values whose time of grace
    /// has ended. For a cron; any number may call it at once.
    ///
    /// # Errors
    /// Those of the database; `UNSUPPORTED` by a vault of the host's without that power.
    pub async fn rotate_due(&self, request: &RotateDue) -> Result<RotatedDue> {
        let vault = self.0.vault.rotating().ok_or_else(|| lacks_power("vault.rotate_due"))?;
        vault.rotate_due(request).await
    }

    /// Seals every value that is in the seed's format in the present one, of every user, and refuses the
    /// seed's format from then on where that is asked for. The host's own; a later call goes on.
    ///
    /// # Errors
    /// `CONFLICT` when the seed's format is to be refused and something is left in it; those of the
    /// database.
    pub async fn reseal(&self, request: &Reseal) -> Result<ResealReport> {
        self.0.local.reseal(request).await
    }

    /// What the operator should know, such as where a new root key was written.
    pub fn notices(&self) -> &[String] {
        &self.0.notices
    }

    /// Closes the database; later calls fail with `CLOSED`. What streams that were left still owe
    /// the audit trail and the ledger is written first, and how often credentials, documents
    /// and keys were used.
    pub async fn close(&self) {
        self.0.healing.close().await;
        self.0.audit.settled().await;
        self.0.ledger.settled().await;
        self.flush().await;
        self.0.database.close().await;
    }

    /// Writes how often credentials, documents and keys were used.
    async fn flush(&self) {
        let counts = [
            self.0.local.flush().await,
            self.0.documents.flush().await,
            self.0.api_keys.flush().await,
        ];
        for counts in counts {
            if let Err(error) = counts {
                tracing::warn!(target: "javari", %error, "counts of uses were not written");
            }
        }
    }

    pub(crate) fn rooms(&self) -> &Rooms {
        &self.0
    }
}
