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
    cost::Ledger,
    error::Result,
    healer::{BuildHealer, Healing, HealingConfig},
    http::{Http, HttpConfig},
    knowledge::{Knowledge, LocalKnowledge},
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
    types::{Clock, SystemClock, UserId},
    vault::{LocalVault, Vault},
};

/// Builds a [`Javari`] from settings and, where the host has its own, parts.
pub struct Builder {
    settings: Settings,
    clock: Arc<dyn Clock>,
    provider: Option<Arc<dyn Provider>>,
    embedder: Option<Arc<dyn Embedder>>,
    vault: Option<Arc<dyn Vault>>,
    roots: ProjectRoots,
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
            roots: ProjectRoots::none(),
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

    /// Keeps credentials in `vault`.
    #[must_use]
    pub fn with_vault(mut self, vault: Arc<dyn Vault>) -> Self {
        self.vault = Some(vault);
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
    /// `CONFIGURATION`, `WRONG_KEY`, `SCHEMA_TOO_NEW`, `STORAGE_BUSY`, `STORAGE_CORRUPT`; nothing
    /// was written then but the schema of a new file.
    pub async fn open(self) -> Result<Javari> {
        let location: Location = self.settings.database.parse()?;
        let root = root_key(&self.settings, &location)?;
        let mut notices = Vec::new();
        notices.extend(notice_of(root.origin()));
        let database = Database::open(location, self.clock.as_ref()).await?;
        let audit = Audit::new(database.clone(), self.clock.clone(), &root)?;
        let local =
            LocalVault::open(database.clone(), self.clock.clone(), audit.clone(), root).await?;
        let secrets = secrets(&self.settings, local.clone());
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
        let knowledge = Knowledge::new(Arc::new(store), embedder, router.clone())
            .with_ledger(ledger.clone())
            .with_audit(audit.clone());
        let builds = builds(&self.settings, self.roots, self.clock.clone());
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
            vault: self.vault.unwrap_or_else(|| Arc::new(local)),
            router,
            ledger,
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

fn root_key(settings: &Settings, location: &Location) -> Result<RootKey> {
    if let Some(text) = &settings.root_key {
        return RootKey::parse(text);
    }
    if let Some(path) = &settings.root_key_file {
        return RootKey::read(Path::new(path));
    }
    match location {
        Location::Memory => RootKey::ephemeral(),
        Location::File(path) => {
            let mut name = path.clone().into_os_string();
            name.push(".key");
            RootKey::read_or_create(Path::new(&name))
        }
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

/// The user's own credential first, then the one that the host configured for everybody.
fn secrets(settings: &Settings, vault: LocalVault) -> Arc<dyn SecretSource> {
    let key = settings.openai.as_ref().and_then(|openai| openai.api_key.clone());
    let configured = match key {
        Some(key) => FixedSecrets::default().with("OPENAI_API_KEY", key),
        None => FixedSecrets::default(),
    };
    Arc::new(FirstOf::new(vec![Arc::new(vault), Arc::new(configured)]))
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
