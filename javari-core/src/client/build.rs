//! Opens the rooms in order and ties them together.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Javari, Rooms};
use crate::{
    accounts::Accounts,
    audit::Audit,
    config::{OpenAiSettings, Settings},
    cost::{Ledger, Prices},
    error::Result,
    healer::{BuildHealer, Healing, HealingConfig},
    http::{Http, HttpConfig},
    knowledge::{DocumentRoots, Knowledge, LocalKnowledge},
    monitor::{
        BuildEnvironment, BuildMonitor, Builder as Builds, Monitors, ProjectRoots, UptimeMonitor,
    },
    provider::{
        Embedder, HashedEmbedder, LocalProvider, OpenAiConfig, OpenAiEmbedder, OpenAiProvider,
        Provider,
    },
    router::Router,
    secret::{FirstOf, FixedSecrets, KeyOrigin, RootKey, SecretSource},
    storage::{Database, Location},
    types::{Clock, SystemClock},
    vault::{LocalVault, Vault, VaultSecrets},
};

/// Builds a [`Javari`] from settings and, where the host has its own, parts.
pub struct Builder {
    settings: Settings,
    clock: Arc<dyn Clock>,
    provider: Option<Arc<dyn Provider>>,
    embedder: Option<Arc<dyn Embedder>>,
    vault: Option<Arc<dyn Vault>>,
    prices: Prices,
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
            prices: Prices::builtin(),
        }
    }

    /// Tells the time by `clock`.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
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

    /// Charges calls by `prices`; by [`Prices::builtin`] otherwise.
    #[must_use]
    pub fn with_prices(mut self, prices: Prices) -> Self {
        self.prices = prices;
        self
    }

    /// Keeps credentials in `vault`. The keys of model services are looked for there too: each use
    /// is a [`Vault::reveal`].
    #[must_use]
    pub fn with_vault(mut self, vault: Arc<dyn Vault>) -> Self {
        self.vault = Some(vault);
        self
    }

    /// Opens it.
    ///
    /// # Errors
    /// `CONFIGURATION`, `WRONG_KEY`, `SCHEMA_TOO_NEW`, `STORAGE_BUSY`, `STORAGE_CORRUPT`; nothing
    /// was written then but the schema of a new file.
    pub async fn open(self) -> Result<Javari> {
        let location: Location = self.settings.database.parse()?;
        let documents = documents(&self.settings, &location);
        let root = root_key(&self.settings, &location)?;
        let mut notices = Vec::new();
        notices.extend(notice_of(root.origin()));
        let database = Database::open(location, self.clock.as_ref()).await?;
        let audit = Audit::new(database.clone(), self.clock.clone(), &root)?;
        let local =
            LocalVault::open(database.clone(), self.clock.clone(), audit.clone(), root).await?;
        let kept: Arc<dyn SecretSource> = match &self.vault {
            Some(vault) => Arc::new(VaultSecrets::new(vault.clone())),
            None => Arc::new(local.clone()),
        };
        let secrets = secrets(&self.settings, kept);
        let http = Http::new(
            HttpConfig {
                allow_private: self.settings.allow_private.clone(),
                ..HttpConfig::default()
            },
            self.clock.clone(),
        )?;
        let (provider, embedder) = models(self.settings.openai.as_ref(), &http, &secrets)?;
        let router = Router::new(self.provider.unwrap_or(provider));
        if router.default_name() != "local" {
            router.add("local", Arc::new(LocalProvider))?;
        }
        for notice in &notices {
            tracing::info!(target: "javari", "{notice}");
        }
        let embedder = self.embedder.unwrap_or(embedder);
        let router = Arc::new(router);
        let ledger = Ledger::new(database.clone(), self.clock.clone());
        let store = LocalKnowledge::new(database.clone(), self.clock.clone());
        let knowledge = Knowledge::new(Arc::new(store.clone()), embedder, router.clone())
            .with_prices(self.prices.clone())
            .with_ledger(ledger.clone())
            .with_audit(audit.clone())
            .with_document_roots(documents);
        let builds = builds(&self.settings, self.clock.clone());
        let monitors = Monitors::new(database.clone(), audit.clone(), self.clock.clone())
            .with(Arc::new(BuildMonitor::new(builds.clone())))
            .with(Arc::new(UptimeMonitor::new(Arc::new(http))));
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
            vault: self.vault.unwrap_or_else(|| Arc::new(local.clone())),
            local,
            router,
            ledger,
            prices: Arc::new(self.prices),
            documents: store,
            knowledge,
            monitors,
            healing,
            database,
            clock: self.clock,
            audit,
            notices,
        })))
    }
}

/// Where documents may be read from: never from the database and the root key.
fn documents(settings: &Settings, location: &Location) -> DocumentRoots {
    let mut roots = match &settings.document_roots {
        None => DocumentRoots::everywhere(),
        Some(folders) => folders.iter().fold(DocumentRoots::none(), |roots, one| roots.with(one)),
    };
    let mut kept: Vec<PathBuf> = settings.root_key_file.iter().map(PathBuf::from).collect();
    if let Location::File(path) = location {
        kept.push(path.clone());
        kept.extend(["-wal", "-shm", "-journal", ".key"].map(|ending| beside(path, ending)));
    }
    for file in kept {
        // The process may change its folder later.
        roots = roots.except(std::path::absolute(&file).unwrap_or(file));
    }
    roots
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.to_path_buf().into_os_string();
    name.push(ending);
    name.into()
}

fn root_key(settings: &Settings, location: &Location) -> Result<RootKey> {
    if let Some(text) = &settings.root_key {
        return RootKey::parse(text);
    }
    if let Some(path) = &settings.root_key_file {
        return RootKey::read(Path::new(path));
    }
    match location {
        Location::Memory => RootKey::ephemeral(),
        Location::File(path) => RootKey::read_or_create(&beside(path, ".key")),
    }
}

fn notice_of(origin: &KeyOrigin) -> Option<String> {
    match origin {
        KeyOrigin::NewFile(path) => Some(format!(
            "a new root key was written to {path}, readable by its owner alone: keep a copy, for without it no credential opens"
        )),
        KeyOrigin::Configured | KeyOrigin::File(_) | KeyOrigin::Ephemeral => None,
    }
}

fn builds(settings: &Settings, clock: Arc<dyn Clock>) -> Builds {
    let roots = settings
        .project_roots
        .iter()
        .fold(ProjectRoots::none(), |roots, folder| roots.with(folder));
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

/// The user's own credential first, then the one that the host configured for everybody.
fn secrets(settings: &Settings, vault: Arc<dyn SecretSource>) -> Arc<dyn SecretSource> {
    let key = settings.openai.as_ref().and_then(|openai| openai.api_key.clone());
    let configured = match key {
        Some(key) => FixedSecrets::default().with("OPENAI_API_KEY", key),
        None => FixedSecrets::default(),
    };
    Arc::new(FirstOf::new(vec![vault, Arc::new(configured)]))
}

type Models = (Arc<dyn Provider>, Arc<dyn Embedder>);

fn models(
    openai: Option<&OpenAiSettings>,
    http: &Http,
    secrets: &Arc<dyn SecretSource>,
) -> Result<Models> {
    let Some(openai) = openai else {
        return Ok((Arc::new(LocalProvider), Arc::new(HashedEmbedder)));
    };
    let mut config = openai.base_url.as_ref().map_or_else(OpenAiConfig::default, OpenAiConfig::at);
    if let Some(model) = &openai.chat_model {
        config.chat_model.clone_from(model);
    }
    config.dimensions = openai.dimensions.map(|dimensions| dimensions as usize);
    let embedder: Arc<dyn Embedder> = match &openai.embedding_model {
        Some(model) => {
            let config = OpenAiConfig { embedding_model: model.clone(), ..config.clone() };
            Arc::new(OpenAiEmbedder::new(config, http.clone(), secrets.clone())?)
        }
        None => Arc::new(HashedEmbedder),
    };
    let provider = OpenAiProvider::new(config, http.clone(), secrets.clone())?;
    Ok((Arc::new(provider), embedder))
}
