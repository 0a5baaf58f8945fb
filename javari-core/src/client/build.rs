//! Opens the rooms in order and ties them together.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{
    AdoptReport, AdoptRequest, Javari, OwnFiles, Rooms, adopt, models,
    root_key::{ended_rotation, given_key, key_from, own_key},
    rotate_root_key::old_file,
};
use crate::{
    accounts::{Accounts, ApiKeys, Authenticator},
    audit::Audit,
    config::Settings,
    cost::{Budgets, Ledger, Prices},
    error::{Error, ErrorKind, Result},
    healer::{BuildHealer, Healing, HealingConfig},
    http::{Http, HttpConfig},
    knowledge::{DocumentRoots, Knowledge, LocalKnowledge},
    monitor::{
        BuildEnvironment, BuildMonitor, Builder as Builds, GuardedProbe, Monitors, ProjectRoots,
        UptimeMonitor,
    },
    provider::{Embedder, Provider},
    router::{Cached, Limited, Metered},
    secret::{KeyOrigin, RootKey, RootKeySource, RootKeys, SecretSource, next_file},
    storage::{Database, DatabaseConfig, Location},
    types::{Clock, SystemClock, UserId},
    vault::{
        CredentialProbe, KeptKeys, LocalVault, Probes, RotationHandler, RotationHandlers, Service,
        Vault, VaultSecrets,
    },
};

/// Builds a [`Javari`] from settings and, where the host has its own, parts.
pub struct Builder {
    settings: Settings,
    clock: Arc<dyn Clock>,
    provider: Option<Arc<dyn Provider>>,
    embedder: Option<Arc<dyn Embedder>>,
    vault: Option<Arc<dyn Vault>>,
    probes: Vec<(Service, Arc<dyn CredentialProbe>)>,
    handlers: Vec<(String, Arc<dyn RotationHandler>)>,
    prices: Option<Prices>,
    roots: ProjectRoots,
    root_key: Option<Arc<dyn RootKeySource>>,
}

impl Builder {
    /// Begins with `settings`; the environment is not read.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            clock: Arc::new(SystemClock),
            provider: None,
            embedder: None,
            vault: None,
            probes: Vec::new(),
            handlers: Vec::new(),
            prices: None,
            roots: ProjectRoots::none(),
            root_key: None,
        }
    }

    /// Tells the time by `clock`.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Asks `source` for the root key, by the id that the database names, in the place of a key in the
    /// settings or in a file.
    #[must_use]
    pub fn with_root_key_source(mut self, source: Arc<dyn RootKeySource>) -> Self {
        self.root_key = Some(source);
        self
    }

    /// Answers with `provider` by default.
    #[must_use]
    pub fn with_provider(mut self, provider: Arc<dyn Provider>) -> Self {
        self.provider = Some(provider);
        self
    }

    /// Embeds with `embedder`.
    #[must_use]
    pub fn with_embedder(mut self, embedder: Arc<dyn Embedder>) -> Self {
        self.embedder = Some(embedder);
        self
    }

    /// Charges calls by `prices`; by the file of models in the settings or by [`Prices::builtin`]
    /// otherwise.
    #[must_use]
    pub fn with_prices(mut self, prices: Prices) -> Self {
        self.prices = Some(prices);
        self
    }

    /// Keeps credentials in `vault`. The keys of model services are looked for there too: each use
    /// is a [`Vault::reveal`].
    #[must_use]
    pub fn with_vault(mut self, vault: Arc<dyn Vault>) -> Self {
        self.vault = Some(vault);
        self
    }

    /// Asks `probe` whether credentials of `service` work, in the place of Javari's own way.
    #[must_use]
    pub fn with_probe(mut self, service: Service, probe: Arc<dyn CredentialProbe>) -> Self {
        self.probes.push((service, probe));
        self
    }

    /// Rotates credentials that name `handler` through it (`vault.auto_rotate`, `vault.schedule`).
    #[must_use]
    pub fn with_rotation_handler(
        mut self,
        name: impl Into<String>,
        handler: Arc<dyn RotationHandler>,
    ) -> Self {
        self.handlers.push((name.into(), handler));
        self
    }

    /// Lets every user build and mend the git projects under `folder`, beside those that the
    /// settings open.
    ///
    /// A user names the command of a build, and it runs as the host's own user: this gives every
    /// user of this Javari code execution as that user. See [`ProjectRoots`].
    #[must_use]
    pub fn project_root(mut self, folder: impl Into<PathBuf>) -> Self {
        self.roots = self.roots.with(folder);
        self
    }

    /// Lets one user build and mend the git projects under `folder`.
    ///
    /// It gives `user` code execution as the host's own user, and nobody else.
    #[must_use]
    pub fn project_root_for(mut self, user: UserId, folder: impl Into<PathBuf>) -> Self {
        self.roots = self.roots.open_for(user, folder);
        self
    }

    /// Opens it.
    ///
    /// # Errors
    /// `CONFIGURATION`, `KEY_MISSING`, `WRONG_KEY`, `SCHEMA_TOO_NEW`, `STORAGE_BUSY`,
    /// `STORAGE_FULL`, `STORAGE_CORRUPT`; nothing was written then but the schema of a new file.
    pub async fn open(self) -> Result<Javari> {
        let location: Location = self.settings.database.parse()?;
        let prices = prices(self.prices.as_ref(), self.settings.models_file.as_deref())?;
        let given = self.given_key().await?;
        let database = Database::connect(location.clone(), storage(&self.settings)).await?;
        match self.tie(location, given, prices, database.clone()).await {
            Ok(javari) => Ok(javari),
            // Closed here: a refused database is left as it was found, without a log beside it.
            Err(error) => {
                database.close().await;
                Err(error)
            }
        }
    }

    /// Makes the database of the settings, which holds the seed's tables in PostgreSQL, one of
    /// Javari, or says what that would do. The request's own `database` is not looked at.
    ///
    /// All of it is one transaction: who is killed on the way has changed nothing and begins again.
    /// Sealing anew and removing the old tables come behind it, in steps that go on where they stood.
    ///
    /// # Errors
    /// `CONFIGURATION`, `KEY_MISSING`, `UNSUPPORTED` for SQLite, `STORAGE_BUSY` when somebody works
    /// with the tables, `INVALID_INPUT` when it is no database of the seed. What the host has to
    /// decide first is no error: the report says it, and nothing was changed.
    pub async fn adopt(self, request: &AdoptRequest) -> Result<AdoptReport> {
        let location = adopt::old_location("system.adopt", &self.settings.database)?;
        let root = match (self.given_key().await?, &self.root_key) {
            (Some(root), _) => root,
            // A database of the seed names no key.
            (None, Some(source)) => key_from(source.as_ref(), None).await?,
            (None, None) => own_key(&location, None, true).await?,
        };
        adopt::adopt(location, storage(&self.settings), self.clock, root, request).await
    }

    /// The root key that stands in the settings.
    async fn given_key(&self) -> Result<Option<RootKey>> {
        let settings = &self.settings;
        let is_set = settings.root_key.is_some()
            || settings.root_key_file.is_some()
            || settings.root_key_passphrase.is_some();
        if self.root_key.is_some() && is_set {
            let message = "the root key has two origins: leave `root_key`, `root_key_file` and \
                           `root_key_passphrase` out, or the source";
            return Err(Error::new(ErrorKind::Configuration, "client.open", message));
        }
        given_key(settings).await
    }

    /// Checks the key, brings the schema up to date and ties the rooms together.
    async fn tie(
        self,
        location: Location,
        given: Option<RootKey>,
        prices: Prices,
        database: Database,
    ) -> Result<Javari> {
        let needed = LocalVault::needed_key(&database).await?;
        let passphrase = self.settings.root_key_passphrase.as_ref();
        let root = match (given, &self.root_key) {
            (Some(root), _) => root,
            (None, Some(source)) => key_from(source.as_ref(), needed.as_deref()).await?,
            (None, None) => own_key(&location, passphrase, needed.is_some()).await?,
        };
        let root = ended_rotation(root, needed.as_deref(), passphrase).await?;
        LocalVault::check_key(&database, &root).await?;
        database.migrate(self.clock.as_ref()).await?;
        let own_files = own_files(&self.settings, &location);
        let documents = documents(&self.settings, &own_files);
        let mut notices = Vec::new();
        notices.extend(notice_of(root.origin()));
        let roots = RootKeys::new(root)?;
        let kept = KeptKeys::of(&database, &roots).await?;
        let (clock, entries) = (self.clock.clone(), kept.audit.clone());
        let audit = Audit::with_keys(database.clone(), clock.clone(), roots.clone(), entries)?;
        let (trail, digests) = (audit.clone(), kept.api_keys.clone());
        let api_keys = ApiKeys::with_keys(database.clone(), clock, trail, roots.clone(), digests)?;
        let http = Http::new(
            HttpConfig {
                allow_private: self.settings.allow_private.clone(),
                root_certificates: self.settings.root_certificates.clone(),
                ..HttpConfig::default()
            },
            self.clock.clone(),
        )?;
        let probes = Probes::new(&http, &self.clock, &self.settings.service_addresses)?;
        let probes = self
            .probes
            .into_iter()
            .fold(probes, |probes, (service, own)| probes.with(service, own));
        let handlers = RotationHandlers::default().with_services(
            &http,
            &self.clock,
            &probes,
            &self.settings.service_addresses,
        )?;
        let handlers =
            self.handlers.into_iter().fold(handlers, |all, (name, own)| all.with(name, own));
        let local = LocalVault::open_with(
            database.clone(),
            self.clock.clone(),
            audit.clone(),
            roots.clone(),
            &kept,
        )
        .await?;
        let local = local.with_probes(probes).with_rotation_handlers(handlers);
        let kept: Arc<dyn SecretSource> = match &self.vault {
            Some(vault) => Arc::new(VaultSecrets::new(vault.clone())),
            None => Arc::new(local.clone()),
        };
        let authenticator = Authenticator::new(
            self.settings.identity.as_ref(),
            (database.clone(), self.clock.clone(), audit.clone()),
            http.clone(),
            api_keys.clone(),
        )?;
        let router = models::router(
            &self.settings,
            self.provider,
            (&http, &kept),
            (prices.clone(), self.clock.clone()),
        )?;
        let embedder = match self.embedder {
            Some(own) => own,
            None => models::embedder(&self.settings, &http, &kept)?,
        };
        for notice in &notices {
            tracing::info!(target: "javari", "{notice}");
        }
        let router = Arc::new(router);
        let ledger = Ledger::new(database.clone(), self.clock.clone());
        let paid = Metered::new(router.clone(), ledger.clone(), prices.clone());
        let limited = Limited::new(Arc::new(paid), self.settings.limits, self.clock.clone())?;
        let most = self.settings.answer_cache_bytes;
        let chats = Cached::new(Arc::new(limited), most, self.clock.clone());
        let store = LocalKnowledge::new(database.clone(), self.clock.clone());
        let knowledge = Knowledge::new(Arc::new(store.clone()), embedder, Arc::new(chats.clone()))
            .with_prices(prices)
            .with_ledger(ledger.clone())
            .with_audit(audit.clone())
            .with_document_roots(documents);
        let builds = builds(&self.settings, self.roots, self.clock.clone());
        let monitors = Monitors::new(database.clone(), audit.clone(), self.clock.clone())
            .with(Arc::new(BuildMonitor::new(builds.clone())))
            .with(Arc::new(UptimeMonitor::new(Arc::new(GuardedProbe::new(http, kept)))));
        let healing = Healing::new(
            database.clone(),
            audit.clone(),
            self.clock.clone(),
            builds.clone(),
            Arc::new(BuildHealer::new(builds)),
            HealingConfig::new(workspaces(&self.settings)),
        );
        Ok(Javari(Arc::new(Rooms {
            accounts: Accounts::new(database.clone(), self.clock.clone(), audit.clone()),
            api_keys,
            authenticator,
            vault: self.vault.unwrap_or_else(|| Arc::new(local.clone())),
            local,
            router,
            chats,
            ledger,
            budgets: Budgets::new(database.clone(), self.clock.clone(), audit.clone()),
            documents: store,
            knowledge,
            monitors,
            healing,
            database,
            clock: self.clock,
            audit,
            notices,
            roots,
            own_files,
        })))
    }
}

/// What calls are charged by: the host's own prices, those of its file or the built-in ones.
fn prices(own: Option<&Prices>, file: Option<&str>) -> Result<Prices> {
    match (own, file) {
        (Some(_), Some(_)) => {
            let message = "the prices have two origins: leave `models_file` out, or your own";
            Err(Error::new(ErrorKind::Configuration, "client.open", message))
        }
        (Some(prices), None) => Ok(prices.clone()),
        (None, Some(file)) => Prices::from_file(file),
        (None, None) => Ok(Prices::builtin()),
    }
}

pub(super) fn storage(settings: &Settings) -> DatabaseConfig {
    DatabaseConfig {
        busy_timeout: Duration::from_millis(settings.busy_timeout_ms),
        max_bytes: settings.max_database_bytes,
    }
}

/// Where documents may be read from: never from the database and the root key.
fn documents(settings: &Settings, own_files: &OwnFiles) -> DocumentRoots {
    let roots = match &settings.document_roots {
        None => DocumentRoots::everywhere(),
        Some(folders) => folders.iter().fold(DocumentRoots::none(), |roots, one| roots.with(one)),
    };
    own_files.all().fold(roots, |roots, file| roots.except(file))
}

/// The files of the database and of the root key.
fn own_files(settings: &Settings, location: &Location) -> OwnFiles {
    let mut key: Vec<PathBuf> = settings.root_key_file.iter().map(PathBuf::from).collect();
    let mut database = Vec::new();
    if let Location::File(path) = location {
        key.push(beside(path, ".key"));
        database.push(path.clone());
        database.extend(["-wal", "-shm", "-journal"].map(|ending| beside(path, ending)));
    }
    let beside_them: Vec<PathBuf> =
        key.iter().flat_map(|file| [next_file(file), old_file(file)]).collect();
    key.extend(beside_them);
    // The process may change its folder later.
    for file in key.iter_mut().chain(&mut database) {
        if let Ok(absolute) = std::path::absolute(&*file) {
            *file = absolute;
        }
    }
    OwnFiles { key, database }
}

pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.to_path_buf().into_os_string();
    name.push(ending);
    name.into()
}

fn notice_of(origin: &KeyOrigin) -> Option<String> {
    match origin {
        KeyOrigin::NewFile(path) => Some(format!(
            "a new root key was written to {path}, readable by its owner alone: keep a copy, for without it no credential opens"
        )),
        KeyOrigin::Configured | KeyOrigin::File(_) | KeyOrigin::Ephemeral => None,
    }
}

fn builds(settings: &Settings, roots: ProjectRoots, clock: Arc<dyn Clock>) -> Builds {
    let roots = settings.project_roots.iter().fold(roots, |roots, folder| roots.with(folder));
    Builds::new(BuildEnvironment::allowed(settings.build_environment.clone()), roots, clock)
}

/// The folder in which worktrees come and go.
fn workspaces(settings: &Settings) -> PathBuf {
    if let Some(folder) = &settings.workspaces {
        return folder.into();
    }
    let temporary = settings.build_environment.get("TMPDIR").map_or("/tmp", String::as_str);
    Path::new(temporary).to_path_buf()
}
