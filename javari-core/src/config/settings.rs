//! What a host can say when it opens Javari.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Environment, IdentitySettings, ProviderSettings, ServiceName};
use crate::secret::{Secret, shown_address};

/// What a host can say when it opens Javari. Every field has a default.
///
/// ```
/// use javari_core::config::Settings;
/// let settings: Settings = serde_json::from_str(r#"{ "database": ":memory:" }"#).unwrap();
/// assert_eq!(settings.database, ":memory:");
/// ```
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The database: a file, `sqlite:FILE`, `:memory:` or
    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
    pub database: String,
    /// How many milliseconds a write waits while another process writes, before `STORAGE_BUSY`.
    pub busy_timeout_ms: u64,
    /// The largest a SQLite database may be in bytes; a write beyond it is `STORAGE_FULL`. Without
    /// it the disk is the limit.
    pub max_database_bytes: Option<u64>,
    /// The root key: 44 base64 characters or 64 hexadecimal digits.
    #[serde(deserialize_with = "read_secret")]
    #[schemars(with = "Option<String>")]
    pub root_key: Option<Secret>,
    /// A file that holds the root key, readable by its owner alone.
    pub root_key_file: Option<String>,
    /// The passphrase of the root key, where its file holds a recovery copy (`vault.recovery_copy`)
    /// in the place of the key. A new key file is then written as such a copy.
    #[serde(deserialize_with = "read_secret")]
    #[schemars(with = "Option<String>")]
    pub root_key_passphrase: Option<Secret>,
    /// An OpenAI-compatible model service. Without one, `local` answers.
    pub openai: Option<OpenAiSettings>,
    /// Model services beside that one. The first of all answers what names no model and no task; a
    /// request names another one as `name/model`.
    pub providers: Vec<ProviderSettings>,
    /// Services that users may ask by name with keys of their own, which they keep in the vault: what
    /// they say goes there. None when empty.
    pub user_services: Vec<ServiceName>,
    /// For each task the models to ask in this order, each `provider/model`; Javari's own routes where
    /// a task is left out.
    pub routes: std::collections::BTreeMap<String, Vec<String>>,
    /// How many bytes of answers are kept in memory for requests that ask for that (`cache_seconds`);
    /// none when 0.
    pub answer_cache_bytes: u64,
    /// How much each user may ask of models.
    pub limits: LimitSettings,
    /// A file of models and their prices, in the form of Javari's own `models.json` and in its place.
    pub models_file: Option<String>,
    /// Whose tokens sign users in. Without it nobody's do, and keys of `api_keys` alone are accepted.
    pub identity: Option<IdentitySettings>,
    /// Hosts (`name` or `name:port`) that steered requests may reach although they are private.
    pub allow_private: Vec<String>,
    /// Other addresses at which credentials are tested (`vault.test`) in the place of their services'
    /// own, by the service's name, such as `github`: for tests and for proxies of your own. Who
    /// sets one gets those credentials.
    pub service_addresses: std::collections::BTreeMap<String, String>,
    /// Root certificates in PEM that are trusted besides Mozilla's, such as a company's own; a text
    /// may hold several.
    pub root_certificates: Vec<String>,
    /// Folders whose git projects monitors and repairs of every user may build; none when empty. A
    /// user names the command of a build: each folder gives every user code execution as the host's
    /// own user. A host in Rust can open a folder to one user.
    pub project_roots: Vec<String>,
    /// Folders whose files may be read as documents, links followed; when left out, whatever the
    /// process may read. Name them before you pass on requests of others. Javari's own database and
    /// root key are never read.
    pub document_roots: Option<Vec<String>>,
    /// The folder in which repairs make a folder of their own for worktrees, which no other system
    /// user may enter; the system's temporary folder otherwise.
    pub workspaces: Option<String>,
    /// The variables that a build sees, of `PATH`, `HOME`, `LANG` and `TMPDIR`; from the environment
    /// when empty.
    pub build_environment: std::collections::BTreeMap<String, String>,
    /// Whether to take what is not said here from the environment: `CREDENTIAL_ENCRYPTION_KEY`,
    /// `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `OPENAI_MODEL`, `OPENAI_EMBEDDING_MODEL`,
    /// `ANTHROPIC_API_KEY`, `GOOGLE_API_KEY`, `PERPLEXITY_API_KEY`, `NEXT_PUBLIC_SUPABASE_URL` and
    /// `SUPABASE_JWT_SECRET`.
    pub environment: bool,
}

/// An OpenAI-compatible model service.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OpenAiSettings {
    /// Where it is, such as `http://localhost:11434/v1`; OpenAI's own when left out. Elsewhere it
    /// goes by the name `compatible`, and OpenAI's list prices are not its prices.
    pub base_url: Option<String>,
    /// The key, when it is not in the vault as `OPENAI_API_KEY`.
    #[serde(deserialize_with = "read_secret")]
    #[schemars(with = "Option<String>")]
    pub api_key: Option<Secret>,
    /// The model to chat with.
    pub chat_model: Option<String>,
    /// The model to embed with; when left out the download-free embedder is used.
    pub embedding_model: Option<String>,
    /// The dimensions to ask the embedding model for.
    pub dimensions: Option<u32>,
}

impl fmt::Debug for OpenAiSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAiSettings")
            // A mistaken address may hold a password.
            .field("base_url", &self.base_url.as_deref().map(shown_address))
            .field("api_key", &self.api_key)
            .field("chat_model", &self.chat_model)
            .field("embedding_model", &self.embedding_model)
            .field("dimensions", &self.dimensions)
            .finish()
    }
}

/// How much each user may ask of models in a minute; a minute's worth may be used at once. What is beyond
/// is refused with `RATE_LIMITED` before anything is sent. Each process counts for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LimitSettings {
    /// Chats; as many as one likes when absent.
    #[schemars(range(min = 1))]
    pub requests_per_minute: Option<u32>,
    /// Tokens, read and written; as many as one likes when absent.
    #[schemars(range(min = 1))]
    pub tokens_per_minute: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database: "javari.db".to_owned(),
            busy_timeout_ms: 5_000,
            max_database_bytes: None,
            root_key: None,
            root_key_file: None,
            root_key_passphrase: None,
            openai: None,
            providers: Vec::new(),
            user_services: Vec::new(),
            routes: std::collections::BTreeMap::new(),
            answer_cache_bytes: 64 * 1024 * 1024,
            limits: LimitSettings::default(),
            models_file: None,
            identity: None,
            allow_private: Vec::new(),
            service_addresses: std::collections::BTreeMap::new(),
            root_certificates: Vec::new(),
            project_roots: Vec::new(),
            document_roots: None,
            workspaces: None,
            build_environment: std::collections::BTreeMap::new(),
            environment: true,
        }
    }
}

impl Settings {
    /// Settings for a database, everything else as by default.
    pub fn for_database(database: impl Into<String>) -> Self {
        Self { database: database.into(), ..Self::default() }
    }

    /// The same settings with what they leave out taken from `environment`.
    #[must_use]
    pub fn completed_by(mut self, environment: &Environment) -> Self {
        if self.root_key.is_none() && self.root_key_file.is_none() {
            self.root_key = environment.credential_encryption_key.clone();
        }
        if self.build_environment.is_empty() {
            self.build_environment.clone_from(&environment.build);
        }
        let openai = [ServiceName::Openai, ServiceName::OpenaiResponses];
        let named = self.providers.iter_mut().find(|provider| openai.contains(&provider.service));
        let is_named = named.is_some();
        if let Some(named) = named.filter(|named| named.base_url.is_none() && named.name.is_none())
        {
            named.api_key = named.api_key.take().or(environment.openai_api_key.clone());
        }
        let names_a_service =
            environment.openai_api_key.is_some() || environment.openai_base_url.is_some();
        if self.openai.is_none() && names_a_service && !is_named {
            self.openai = Some(OpenAiSettings {
                base_url: environment.openai_base_url.clone(),
                chat_model: environment.openai_model.clone(),
                embedding_model: environment.openai_embedding_model.clone(),
                ..OpenAiSettings::default()
            });
        }
        for (service, key) in [
            (ServiceName::Anthropic, &environment.anthropic_api_key),
            (ServiceName::Gemini, &environment.google_api_key),
            (ServiceName::Perplexity, &environment.perplexity_api_key),
        ] {
            let Some(key) = key else { continue };
            match self.providers.iter_mut().find(|provider| provider.service == service) {
                // A key of the service itself is not for a server elsewhere.
                Some(named) if named.api_key.is_none() && named.base_url.is_none() => {
                    named.api_key = Some(key.clone());
                }
                Some(_) => {}
                None => self.providers.push(ProviderSettings::of(service, Some(key.clone()))),
            }
        }
        if self.identity.is_none() {
            self.identity =
                environment.supabase_url.as_deref().and_then(IdentitySettings::supabase);
            if let Some(identity) = &mut self.identity {
                identity.shared_secret = environment.supabase_jwt_secret.clone();
            }
        }
        if let Some(openai) = &mut self.openai
            && openai.api_key.is_none()
        {
            openai.api_key = environment.openai_api_key.clone();
        }
        self
    }
}

pub(super) fn read_secret<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
}
