//! Adopting a database of the seed: what is asked for, what is answered, and the order of the steps.
//!
//! What it deliberately does not do: it holds no statement. `storage::adopt` moves and copies the
//! tables; `audit`, `vault`, `monitor` and `knowledge` do what takes the root key, in the same
//! transaction.

mod import;
mod run;

use std::collections::BTreeMap;

pub use import::{ImportSeedReply, ImportSeedRequest};
pub(super) use run::{adopt, old_location};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    error::{Error, Result},
    secret::Secret,
    storage::{SeedChange, SeedDependent, SeedStop, SeedTable},
    types::{CredentialId, UserId},
};

/// The seed's own embedding model.
const SEED_MODEL: &str = "text-embedding-ada-002";
/// So many answers about addresses at most.
const MOST_EMAILS: usize = 100_000;

/// Asks for a database of the seed to be adopted.
///
/// ```
/// use javari_core::client::AdoptRequest;
/// let first = AdoptRequest::default();
/// assert!(first.dry_run);
/// let then = AdoptRequest { dry_run: false, ..first };
/// assert!(!then.drop_old);
/// ```
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AdoptRequest {
    /// The address of the old database, `postgres://…`. Nothing where the settings name it.
    #[serde(deserialize_with = "read_secret")]
    #[schemars(with = "Option<String>")]
    pub database: Option<Secret>,
    /// Whether everything is undone at the end, so that only the report remains. True unless it is
    /// said otherwise.
    pub dry_run: bool,
    /// What becomes of users whose addresses are one but for their case: the id of the user that
    /// each becomes one with, or another address.
    pub emails: BTreeMap<String, String>,
    /// The user who gets the rows that the seed gave to nobody: crawls, patterns, comparisons,
    /// agents, and repairs of no project.
    pub ownerless_owner: Option<UserId>,
    /// Whether rows that have no place in the new tables may stay in the old ones alone, and
    /// credentials that the root key does not open may all be such.
    pub leave_behind: bool,
    /// The model that made the old embeddings.
    #[schemars(length(min = 1, max = 200))]
    pub embedding_model: String,
    /// Whether credentials are sealed anew in Javari's own format.
    pub reseal: bool,
    /// Whether the old tables are removed at the end, for good.
    pub drop_old: bool,
}

impl Default for AdoptRequest {
    fn default() -> Self {
        Self {
            database: None,
            dry_run: true,
            emails: BTreeMap::new(),
            ownerless_owner: None,
            leave_behind: false,
            embedding_model: SEED_MODEL.to_owned(),
            reseal: false,
            drop_old: false,
        }
    }
}

impl AdoptRequest {
    /// Refuses what cannot be meant.
    fn check(&self, operation: &'static str) -> Result<()> {
        let refused = |path: String, message: &str| {
            Err(Error::invalid(operation, "the request does not fit").with_field(path, message))
        };
        if self.emails.len() > MOST_EMAILS {
            return refused("/emails".to_owned(), "must be at most 100,000");
        }
        for (user, answer) in &self.emails {
            let path = format!("/emails/{user}");
            if user.parse::<UserId>().is_err() {
                return refused(path, "must stand under a user's id");
            }
            let is_address = answer.len() <= 254
                && answer.split_once('@').is_some_and(|(name, host)| {
                    !name.is_empty() && !host.is_empty() && !answer.contains(char::is_whitespace)
                });
            if !is_address && (answer.len() != 36 || answer.parse::<UserId>().is_err()) {
                return refused(path, "must be a user's id or an e-mail address");
            }
        }
        if self.embedding_model.is_empty() || self.embedding_model.len() > 200 {
            return refused("/embedding_model".to_owned(), "must be 1 to 200 bytes");
        }
        Ok(())
    }
}

/// How an adoption ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdoptState {
    /// It was tried and undone: it would succeed.
    DryRun,
    /// The host has something to decide first (`stops`); nothing was changed.
    Stopped,
    /// The database is Javari's now.
    Adopted,
    /// It was adopted before; the report is that of then, but for what this call added.
    AdoptedBefore,
    /// It is Javari's, and no old tables are there.
    NothingToDo,
}

/// What an adoption did, or would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AdoptReport {
    /// How it ended.
    pub state: AdoptState,
    /// What the host has to decide or do first.
    pub stops: Vec<SeedStop>,
    /// Each table of the seed with its rows.
    pub tables: Vec<SeedTable>,
    /// Values that the new tables could not take as they were, and what became of them.
    pub changes: Vec<SeedChange>,
    /// What the host had made upon the old tables.
    pub dependents: Vec<SeedDependent>,
    /// What became of the credentials.
    pub credentials: AdoptedCredentials,
    /// Entries of the old log that stand in chains now.
    pub log_entries: u64,
    /// Embeddings that were kept.
    pub vectors_kept: u64,
    /// Texts without an embedding; they are found by their words.
    pub vectors_missing: u64,
    /// How large the old tables are, in the schema `javari_seed`; 0 once they are removed.
    pub old_bytes: u64,
    /// Whether this call removed them.
    pub old_dropped: bool,
}

/// What became of the credentials of the seed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdoptedCredentials {
    /// So many the root key opens.
    pub opened: u64,
    /// So many it does not open: they were sealed with another key, or altered.
    pub unopened: u64,
    /// The first thousand of those.
    pub unopened_ids: Vec<CredentialId>,
    /// Webhooks that stood in clear in monitors and are credentials now.
    pub webhooks: u64,
    /// So many this call sealed anew.
    pub resealed: u64,
    /// So many are still in the seed's format after that; nothing where it was not asked for.
    pub left_in_seed_format: Option<u64>,
}

impl AdoptReport {
    fn new(state: AdoptState) -> Self {
        Self {
            state,
            stops: Vec::new(),
            tables: Vec::new(),
            changes: Vec::new(),
            dependents: Vec::new(),
            credentials: AdoptedCredentials::default(),
            log_entries: 0,
            vectors_kept: 0,
            vectors_missing: 0,
            old_bytes: 0,
            old_dropped: false,
        }
    }
}

fn read_secret<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
}
