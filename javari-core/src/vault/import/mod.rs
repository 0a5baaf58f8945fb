//! Many credentials at once: what is asked, what is answered, and how each form is read.

mod env_text;
mod guess;
mod json;

use async_trait::async_trait;
pub(super) use guess::guess_type;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    credential::{CredentialType, PutCredential, read_optional_secret, read_secret},
    seal::Sealed,
};
use crate::{
    error::{Error, ErrorKind, Result, is_plainly_a_name},
    secret::Secret,
    types::ScopeKey,
};

/// The longest text that is read.
const LONGEST_TEXT: usize = 1024 * 1024;
/// The most credentials that one import takes.
const MOST: usize = 1_000;
const OPERATION: &str = "vault.import";

/// The power to take in many credentials at once.
#[async_trait]
pub trait CredentialImport: Send + Sync {
    /// Stores the credentials of a text at the scope's innermost level: all that were not refused
    /// or none, in one transaction. The answer names each, and never a value.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the text is not of the form stated; `TOO_LARGE` beyond 1 MiB or 1,000
    /// credentials; `ALREADY_EXISTS`, naming each, when a name is there and the request says `fail`.
    async fn import(&self, scope: &ScopeKey, request: ImportCredentials) -> Result<ImportReport>;
}

/// Many credentials to store.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportCredentials {
    /// The text that holds them, at most 1 MiB and 1,000 credentials.
    #[serde(deserialize_with = "read_secret")]
    #[schemars(with = "String")]
    pub text: Secret,
    /// Its form.
    #[serde(default)]
    pub format: ImportFormat,
    /// What becomes of names that this level has already.
    #[serde(default)]
    pub on_existing: OnExisting,
    /// What all of them open; guessed from each name and value when left out.
    #[serde(default, rename = "type")]
    pub credential_type: Option<CredentialType>,
    /// Whether to say what would be done and do nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// The root key that sealed the seed's rows, where it is not this vault's own.
    #[serde(default, deserialize_with = "read_optional_secret")]
    #[schemars(with = "Option<String>")]
    pub seed_key: Option<Secret>,
}

impl ImportCredentials {
    /// An import of a `.env` text that leaves alone what is there.
    pub fn env(text: Secret) -> Self {
        Self {
            text,
            format: ImportFormat::Env,
            on_existing: OnExisting::Fail,
            credential_type: None,
            dry_run: false,
            seed_key: None,
        }
    }
}

/// The form of a text that holds credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportFormat {
    /// `NAME=value` lines: comments, an `export` before the name, values in quotes that may go over
    /// several lines. `$NAME` in a value is not filled in.
    #[default]
    Env,
    /// JSON: an object of names and values, or a list of objects with the fields of `vault.put`.
    Json,
    /// JSON: a list of rows of the seed's `javari_credentials` with the columns `name`,
    /// `encrypted_value`, `encryption_iv`, `encryption_tag` and, where there, `credential_type`,
    /// `description`, `is_inherited`, `allow_override`, `expires_at`. Other columns do not count.
    SeedRows,
}

/// What becomes of a name that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnExisting {
    /// The whole import fails.
    #[default]
    Fail,
    /// The value that is there stays.
    Skip,
    /// The value becomes a new version.
    Replace,
}

/// What became of one credential of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// It was not there and is now.
    Made,
    /// It has a new version.
    Replaced,
    /// It was left as it is.
    Skipped,
    /// It cannot be stored.
    Refused,
}

/// One credential of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImportedCredential {
    /// Where it stands: the line of a `.env` text, the place in the list elsewhere, from 1.
    pub place: u32,
    /// Its name; nothing where what stands there cannot be told from a value.
    pub name: Option<String>,
    /// What became of it.
    pub outcome: ImportOutcome,
    /// What it opens, given or guessed.
    #[serde(rename = "type")]
    pub credential_type: Option<CredentialType>,
    /// The version that it has now.
    pub version: Option<u32>,
    /// Why it was skipped or refused.
    pub reason: Option<String>,
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImportReport {
    /// Whether nothing was written.
    pub dry_run: bool,
    /// How many were made.
    pub made: u32,
    /// How many were replaced.
    pub replaced: u32,
    /// How many were skipped.
    pub skipped: u32,
    /// How many were refused.
    pub refused: u32,
    /// Each, in the text's order.
    pub credentials: Vec<ImportedCredential>,
}

impl ImportReport {
    pub(super) fn new(dry_run: bool, credentials: Vec<ImportedCredential>) -> Self {
        let count = |outcome| {
            let same = credentials.iter().filter(|one| one.outcome == outcome).count();
            u32::try_from(same).unwrap_or(u32::MAX)
        };
        Self {
            dry_run,
            made: count(ImportOutcome::Made),
            replaced: count(ImportOutcome::Replaced),
            skipped: count(ImportOutcome::Skipped),
            refused: count(ImportOutcome::Refused),
            credentials,
        }
    }
}

/// What stands at one place of the text.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) place: u32,
    pub(super) found: std::result::Result<Found, Refusal>,
}

/// A credential as it was read.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) request: PutCredential,
    /// Whether the text said what it opens.
    pub(super) is_typed: bool,
    /// The value as the seed sealed it, in the place of one in the request.
    pub(super) sealed: Option<Sealed>,
}

impl Found {
    fn plain(name: &str, value: Secret) -> Self {
        Self { request: PutCredential::new(name, value), is_typed: false, sealed: None }
    }
}

/// Why a place holds no credential.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) name: Option<String>,
    pub(super) reason: &'static str,
}

impl Refusal {
    /// The name is repeated only where it cannot be a value in the place of one.
    fn new(name: &str, reason: &'static str) -> Self {
        Self { name: is_plainly_a_name(name).then(|| name.to_owned()), reason }
    }
}

impl ImportCredentials {
    /// Every place of the text.
    pub(super) fn candidates(&self) -> Result<Vec<Candidate>> {
        // Exposed to be read; every value goes on as a secret.
        let text = self.text.expose();
        if text.len() > LONGEST_TEXT {
            return Err(too_large("the text is longer than 1 MiB: import it in parts")
                .with("bytes", text.len()));
        }
        let candidates = match self.format {
            ImportFormat::Env => env_text::parse(text),
            ImportFormat::Json => json::parse(text)?,
            ImportFormat::SeedRows => json::parse_seed_rows(text)?,
        };
        if candidates.len() > MOST {
            return Err(too_large(
                "the text holds more than 1,000 credentials: import it in parts",
            )
            .with("credentials", candidates.len()));
        }
        Ok(candidates)
    }
}

fn too_large(message: &str) -> Error {
    Error::new(ErrorKind::TooLarge, OPERATION, message)
}
