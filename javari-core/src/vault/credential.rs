//! What goes into the vault and what comes out of it.

use std::{collections::BTreeSet, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use super::probe::ProbeOutcome;
use crate::{
    error::{Error, ErrorKind, Result},
    secret::{Origin, Secret},
    types::{CredentialId, ScopeLevel, Timestamp},
};

/// What a credential opens; the seed's seven types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialType {
    /// GitHub.
    GithubToken,
    /// Vercel.
    VercelToken,
    /// An API.
    ApiKey,
    /// A database.
    DatabaseUrl,
    /// The signature of webhooks.
    WebhookSecret,
    /// An OAuth client.
    OauthClient,
    /// Anything else.
    #[default]
    Custom,
}

const TYPES: [(CredentialType, &str); 7] = [
    (CredentialType::GithubToken, "github_token"),
    (CredentialType::VercelToken, "vercel_token"),
    (CredentialType::ApiKey, "api_key"),
    (CredentialType::DatabaseUrl, "database_url"),
    (CredentialType::WebhookSecret, "webhook_secret"),
    (CredentialType::OauthClient, "oauth_client"),
    (CredentialType::Custom, "custom"),
];

impl CredentialType {
    pub(super) fn name(self) -> &'static str {
        TYPES.iter().find(|(kind, _)| *kind == self).map_or("custom", |(_, name)| name)
    }

    pub(super) fn from_name(name: &str) -> Self {
        TYPES.iter().find(|(_, known)| *known == name).map_or(Self::Custom, |(kind, _)| *kind)
    }
}

/// A credential to store.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutCredential {
    /// The name: a letter or `_`, then letters, digits, `_`, `.`, `-`, at most 128 in all.
    #[schemars(regex(pattern = r"^[A-Za-z_][A-Za-z0-9_.-]{0,127}$"))]
    pub name: String,
    /// The value, at most 64 KiB. It is sealed at once and never repeated in an answer.
    #[serde(deserialize_with = "read_secret")]
    #[schemars(with = "String")]
    pub value: Secret,
    /// What it opens.
    #[serde(default, rename = "type")]
    pub credential_type: CredentialType,
    /// A note for people.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether levels inside this one see it.
    #[serde(default = "yes")]
    pub is_inherited: bool,
    /// Whether levels inside this one may have their own of the same name.
    #[serde(default = "yes")]
    pub allow_override: bool,
    /// When it stops being given out.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// Where `{{cred:NAME}}` may send it, at most 16: `api.example.com`, with a port or a scheme where it
    /// is not `https`. Nowhere when there is none.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Compare and set: the version that must be there now, 0 for none.
    #[serde(default)]
    pub expected_version: Option<u32>,
}

impl PutCredential {
    /// A credential with everything else as by default.
    pub fn new(name: impl Into<String>, value: Secret) -> Self {
        Self {
            name: name.into(),
            value,
            credential_type: CredentialType::default(),
            description: None,
            is_inherited: true,
            allow_override: true,
            expires_at: None,
            hosts: Vec::new(),
            expected_version: None,
        }
    }

    /// The same credential, bound to one more host.
    #[must_use]
    pub fn with_host(mut self, host: impl Into<String>) -> Self {
        self.hosts.push(host.into());
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        let mut faults = Faults::of("vault.put");
        faults.name(&self.name);
        faults.value(&self.value);
        if self.description.as_ref().is_some_and(|text| text.len() > 4_096) {
            faults.add("/description", "must be at most 4096 bytes");
        }
        faults.hosts(&self.hosts);
        faults.into_result()
    }

    /// As the seal binds them.
    pub(super) fn flags(&self) -> String {
        flags(self.is_inherited, self.allow_override, self.expires_at, &origins(&self.hosts))
    }
}

/// The flags as the seal binds them: who writes to the database cannot widen them.
pub(super) fn flags(
    is_inherited: bool,
    allow_override: bool,
    expires_at: Option<Timestamp>,
    hosts: &[String],
) -> String {
    let (inherit, overriding) = (u8::from(is_inherited), u8::from(allow_override));
    let expiry = expires_at.map(|at| format!(";expires={at}")).unwrap_or_default();
    let bound =
        if hosts.is_empty() { String::new() } else { format!(";hosts={}", hosts.join(",")) };
    format!("inherit={inherit};override={overriding}{expiry}{bound}")
}

/// The hosts of a request as origins, each once and in order.
pub(super) fn origins(hosts: &[String]) -> Vec<String> {
    let origins = hosts.iter().filter_map(|host| Origin::parse(host));
    origins.map(|origin| origin.to_string()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Where a credential may be sent.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BindCredential {
    /// The credential's name.
    pub name: String,
    /// The hosts that `{{cred:NAME}}` may send it to, at most 16, in the place of those before:
    /// `api.example.com`, with a port or a scheme where it is not `https`. None ends it.
    pub hosts: Vec<String>,
    /// Compare and set: the version that must be there now.
    #[serde(default)]
    pub expected_version: Option<u32>,
}

impl BindCredential {
    /// Binds the credential `name` to `hosts`.
    pub fn new(
        name: impl Into<String>,
        hosts: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let hosts = hosts.into_iter().map(Into::into).collect();
        Self { name: name.into(), hosts, expected_version: None }
    }

    pub(super) fn check(&self) -> Result<()> {
        let mut faults = Faults::of("vault.bind");
        faults.name(&self.name);
        faults.hosts(&self.hosts);
        faults.into_result()
    }
}

impl fmt::Debug for PutCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PutCredential")
            .field("name", &self.name)
            .field("value", &self.value)
            .field("credential_type", &self.credential_type)
            .finish_non_exhaustive()
    }
}

/// A credential without its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CredentialView {
    /// Its id.
    pub id: CredentialId,
    /// Its name.
    pub name: String,
    /// What it opens.
    #[serde(rename = "type")]
    pub credential_type: CredentialType,
    /// A note for people.
    pub description: Option<String>,
    /// The level it is stored at.
    pub level: ScopeLevel,
    /// How many values it has had.
    pub version: u32,
    /// Whether levels inside see it.
    pub is_inherited: bool,
    /// Whether levels inside may have their own.
    pub allow_override: bool,
    /// When it stops being given out.
    pub expires_at: Option<Timestamp>,
    /// The origins that `{{cred:NAME}}` may send it to, such as `https://api.example.com`.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// How often it was used.
    pub use_count: u64,
    /// When its service was last asked about the value it has now.
    #[serde(default)]
    pub last_tested_at: Option<Timestamp>,
    /// What the service said.
    #[serde(default)]
    pub last_test_outcome: Option<ProbeOutcome>,
    /// Every how many days it is rotated.
    #[serde(default)]
    pub rotation_interval_days: Option<u32>,
    /// When it is rotated next.
    #[serde(default)]
    pub next_rotation_at: Option<Timestamp>,
    /// When it was first stored.
    pub created_at: Timestamp,
    /// When its value or settings last changed.
    pub updated_at: Timestamp,
}

impl CredentialView {
    /// Refuses an origin that somebody chose and that the credential is not bound to.
    pub(super) fn require_bound(&self, origin: Option<&Origin>) -> Result<()> {
        let Some(origin) = origin else { return Ok(()) };
        if self.hosts.iter().any(|bound| bound == origin.as_str()) {
            return Ok(());
        }
        let message =
            "this credential may not be sent there: bind it to the host with `vault.bind`";
        Err(Error::new(ErrorKind::Forbidden, "vault.use", message)
            .with("name", &self.name)
            .with("host", origin))
    }
}

/// One level that was looked at for a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResolvedFrom {
    /// The level.
    pub level: ScopeLevel,
    /// Whether it holds the name.
    pub found: bool,
    /// Whether it was chosen.
    pub chosen: bool,
    /// Why, in a few words.
    pub reason: String,
}

/// Which credential a scope sees under a name, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resolution {
    /// The credential, without its value.
    pub credential: CredentialView,
    /// Every level of the scope, outermost first.
    pub levels: Vec<ResolvedFrom>,
}

/// A credential with its value.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Revealed {
    /// The credential.
    pub credential: CredentialView,
    /// Its value.
    #[serde(serialize_with = "show")]
    #[schemars(with = "String")]
    pub value: Secret,
}

/// What is wrong with a request about a credential, every field at once.
pub(super) struct Faults {
    operation: &'static str,
    found: Option<Error>,
}

impl Faults {
    pub(super) fn of(operation: &'static str) -> Self {
        Self { operation, found: None }
    }

    pub(super) fn add(&mut self, path: &str, message: &str) {
        let error = self
            .found
            .take()
            .unwrap_or_else(|| Error::invalid(self.operation, "the credential does not fit"));
        self.found = Some(error.with_field(path, message));
    }

    pub(super) fn name(&mut self, name: &str) {
        if !is_name(name) {
            self.add(
                "/name",
                "must be a letter or `_`, then letters, digits, `_`, `.` or `-`, at most 128 in all",
            );
        }
    }

    pub(super) fn value(&mut self, value: &Secret) {
        const LARGEST: usize = 64 * 1024;
        // Exposed to measure it.
        match value.expose().len() {
            0 => self.add("/value", "must not be empty"),
            length if length > LARGEST => self.add("/value", "must be at most 64 KiB"),
            _ => {}
        }
    }

    pub(super) fn hosts(&mut self, hosts: &[String]) {
        const MOST: usize = 16;
        if hosts.len() > MOST {
            self.add("/hosts", "must be at most 16");
        }
        for (place, host) in hosts.iter().enumerate().take(MOST) {
            if Origin::parse(host).is_none() {
                let message = "must be a host such as `api.example.com`, `localhost:8443` or \
                               `http://localhost:8080`, without a path";
                self.add(&format!("/hosts/{place}"), message);
            }
        }
    }

    pub(super) fn into_result(self) -> Result<()> {
        self.found.map_or(Ok(()), Err)
    }
}

/// Whether `name` can name a credential.
pub(super) fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    name.len() <= 128
        && bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

fn yes() -> bool {
    true
}

/// Shows a value to a caller who asked for exactly this, as the audit trail says.
pub(super) fn show<S: Serializer>(value: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(value.expose())
}

pub(super) fn read_secret<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

pub(super) fn read_optional_secret<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
}
