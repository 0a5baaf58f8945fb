//! Keys that call on behalf of a user: made, listed, revoked, and recognised.
//!
//! A key is shown once. What is kept is HMAC-SHA-256 under a key that derives from the root key, over
//! the key's text and everything it was granted: who can write to the database but has no root key can
//! neither make a key nor widen, prolong or hand over one. From the first rotation of the root key on a
//! digest counts only with a seal of the present one, so that a root key of before makes no keys either.

mod digest;
mod reseal;
mod store;
#[cfg(test)]
mod tests;
mod text;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use subtle::ConstantTimeEq;
pub(super) use text::BEGINNING;
use zeroize::Zeroizing;

use self::{
    digest::{DigestKey, seal_of},
    store::Kept,
};
use super::{grant::Grant, refusal::Refusal};
use crate::{
    audit::{Audit, Entry},
    error::{Error, ErrorKind, Result},
    secret::{RootKey, RootKeys, Secret},
    storage::{Database, hold_root_key_id},
    types::{ApiKeyId, Clock, Page, PageRequest, ProjectId, ScopeKey, Timestamp, UserId},
};

/// Asks for a new key. Made in a project's scope, it is for that project alone.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    /// A name for people, 1 to 200 characters.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// Which operations it may call: `knowledge.search`, `vault.*` or `*`. No key manages keys.
    #[schemars(length(min = 1, max = 64))]
    pub operations: Vec<String>,
    /// When it stops working; never when left out.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// Names a key.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeApiKey {
    /// Its id.
    pub id: ApiKeyId,
}

/// A key, without the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApiKeyView {
    /// Its id.
    pub id: ApiKeyId,
    /// Its name.
    pub name: String,
    /// What it begins with, to know it by.
    pub prefix: String,
    /// The project it is for; every one of the user's when there is none.
    pub project: Option<ProjectId>,
    /// The member of the project who made it and as whom it calls; the owner when there is none.
    pub member: Option<UserId>,
    /// Which operations it may call.
    pub operations: Vec<String>,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// How often it was used. Uses are written in batches.
    pub use_count: u64,
    /// When it was used last.
    pub last_used_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A key that was just made.
#[derive(Clone, Serialize, JsonSchema)]
pub struct NewApiKey {
    /// The key itself. It is shown this once and kept nowhere.
    #[serde(serialize_with = "write_secret")]
    #[schemars(with = "String")]
    pub key: Secret,
    /// What is kept of it.
    pub api_key: ApiKeyView,
}

impl fmt::Debug for NewApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewApiKey").field("api_key", &self.api_key).finish_non_exhaustive()
    }
}

/// Whose key it is that was recognised.
#[derive(Debug, Clone)]
pub(super) struct KeyBearer {
    pub(super) id: ApiKeyId,
    pub(super) user: UserId,
    pub(super) project: Option<ProjectId>,
    pub(super) member: Option<UserId>,
    pub(super) operations: Vec<String>,
    pub(super) expires_at: Option<Timestamp>,
}

/// The keys in one database. Cheap to clone.
#[derive(Clone)]
pub struct ApiKeys {
    database: Database,
    clock: Arc<dyn Clock>,
    audit: Audit,
    digests: Arc<RwLock<Digests>>,
    roots: RootKeys,
    /// Uses that are not written yet.
    uses: Arc<Mutex<Uses>>,
}

/// With what digests are made, and whether they count without a seal.
struct Digests {
    key: Arc<DigestKey>,
    /// The only root key there ever was, as far as this process knows: a digest counts without a seal
    /// while it is in use.
    first_root: Option<String>,
}

/// How often keys were used and when last, and since when the oldest use waits.
#[derive(Default)]
struct Uses {
    counts: BTreeMap<ApiKeyId, (u64, Timestamp)>,
    since: Option<Timestamp>,
}

/// So many keys may have uses that are not written, and for so long.
const UNWRITTEN: usize = 1_000;
const WRITTEN_AFTER: std::time::Duration = std::time::Duration::from_secs(60);
/// A user needs no more keys that work.
const MOST_KEYS: u64 = 500;

impl ApiKeys {
    /// The keys in `database`, recognised with a key derived from `root`.
    ///
    /// # Errors
    /// `UNEXPECTED` when the key cannot be derived.
    pub fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        audit: Audit,
        root: &RootKey,
    ) -> Result<Self> {
        Self::with_keys(database, clock, audit, RootKeys::new(root.clone())?, None)
    }

    /// The keys in a database whose root key may be rotated: sealed with the one of `roots` that the
    /// database names, and recognised with `digests`, the key that was kept when the first root key was
    /// rotated.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(crate) fn with_keys(
        database: Database,
        clock: Arc<dyn Clock>,
        audit: Audit,
        roots: RootKeys,
        digests: Option<Zeroizing<[u8; 32]>>,
    ) -> Result<Self> {
        let first_root = digests.is_none().then(|| roots.current_id());
        let key = match digests {
            Some(key) => DigestKey::of_bytes(key),
            None => DigestKey::derive(&roots.current())?,
        };
        let digests = Arc::new(RwLock::new(Digests { key: Arc::new(key), first_root }));
        Ok(Self { database, clock, audit, digests, roots, uses: Arc::default() })
    }

    /// Makes a key for the scope's user, and for its project alone where the scope names one. One that a
    /// member makes calls as that member, for as long as they are one. `known` are the names of every
    /// operation there is.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming each part that does not fit, `NOT_FOUND` when the project is not the
    /// user's.
    pub async fn create(
        &self,
        scope: &ScopeKey,
        request: &CreateApiKey,
        known: &[&str],
    ) -> Result<NewApiKey> {
        const OPERATION: &str = "api_keys.create";
        let user = scope.require_user(OPERATION)?;
        let now = self.clock.now();
        let name = super::text::required_name(OPERATION, &request.name)?;
        Grant::of(&request.operations, known)?;
        if request.expires_at.is_some_and(|at| at <= now) {
            return Err(Error::invalid(OPERATION, "the key would have expired already")
                .with_field("/expires_at", "must be later than now"));
        }
        if scope.subproject.is_some() {
            return Err(Error::invalid(OPERATION, "a key is for a user or for a project")
                .with_field("/scope/subproject", "must be left out"));
        }
        let id = ApiKeyId(self.clock.new_id());
        let key = text::make(id)?;
        let view = ApiKeyView {
            id,
            name: name.to_owned(),
            prefix: text::shown(id),
            project: scope.project,
            member: scope.member,
            operations: request.operations.clone(),
            expires_at: request.expires_at,
            revoked_at: None,
            use_count: 0,
            last_used_at: None,
            created_at: now,
        };
        let bearer = bearer_of(&view, user);
        let digest = self.digests().0.of(&key, &bearer)?;
        let mut transaction = self.database.begin(scope).await?;
        let root = match hold_root_key_id(&mut transaction).await? {
            Some(id) => self.roots.of(&id)?,
            None => self.roots.current(),
        };
        let seal = seal_of(&root, id, &digest)?;
        if store::working(&mut transaction, user, now).await? >= MOST_KEYS {
            return Err(Error::invalid(OPERATION, "the user has 500 keys: revoke some first"));
        }
        store::insert(&mut transaction, user, &view, (&digest, &seal)).await?;
        let entry = Entry::new(OPERATION, "made a key")
            .with("api_key", id.to_string())
            .with("name", view.name.clone())
            .with("operations", view.operations.clone());
        self.audit.append(&mut transaction, scope, entry).await?;
        transaction.commit().await?;
        Ok(NewApiKey { key, api_key: view })
    }

    /// The scope user's keys, oldest first, revoked ones too; in a project's scope, that project's.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a cursor that is not one of this list.
    pub async fn list(&self, scope: &ScopeKey, page: &PageRequest) -> Result<Page<ApiKeyView>> {
        let user = scope.require_user("api_keys.list")?;
        self.flush().await?;
        store::list(&self.database, scope, user, page).await
    }

    /// Ends a key at once and for ever; one that was revoked before stays as it is.
    ///
    /// # Errors
    /// `NOT_FOUND` when the scope has no such key.
    pub async fn revoke(&self, scope: &ScopeKey, id: ApiKeyId) -> Result<ApiKeyView> {
        const OPERATION: &str = "api_keys.revoke";
        let user = scope.require_user(OPERATION)?;
        self.flush().await?;
        let mut transaction = self.database.begin(scope).await?;
        self.audit.hold(&mut transaction, scope).await?;
        let now = self.clock.now();
        if store::revoke(&mut transaction, scope, user, id, now).await? > 0 {
            let entry = Entry::new(OPERATION, "revoked a key").with("api_key", id.to_string());
            self.audit.append(&mut transaction, scope, entry).await?;
        }
        transaction.commit().await?;
        store::one(&self.database, scope, user, id).await?.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, OPERATION, "there is no such key in this scope")
                .with("api_key", id)
        })
    }

    /// Writes how often keys were used. It happens by itself about once a minute while keys are used;
    /// call it before closing.
    ///
    /// # Errors
    /// Those of the database; the counts are then lost.
    pub async fn flush(&self) -> Result<()> {
        let uses = std::mem::take(&mut *self.uses());
        if uses.counts.is_empty() {
            return Ok(());
        }
        let mut transaction = self.database.begin(&ScopeKey::HOST).await?;
        for (id, counted) in uses.counts {
            store::count_use(&mut transaction, id, counted).await?;
        }
        transaction.commit().await
    }

    /// Whose key it is. The answer to a wrong key is the same whether its id exists or not.
    ///
    /// # Errors
    /// `UNAUTHORIZED` with the reason `api_key` or `api_key_expired`.
    pub(super) async fn recognise(&self, key: &Secret) -> Result<KeyBearer> {
        // Exposed to find the id in it.
        let id = text::id_of(key.expose()).ok_or(Refusal::ApiKey)?;
        let found = store::kept(&self.database, id).await?;
        let Kept { bearer, digest: kept, seal } = found.unwrap_or_else(|| Kept {
            bearer: KeyBearer::nobody(id),
            digest: String::new(),
            seal: None,
        });
        let (digests, first_root) = self.digests();
        let digest = digests.of(key, &bearer)?;
        if !bool::from(digest.as_bytes().ct_eq(kept.as_bytes())) {
            return Err(Refusal::ApiKey.into());
        }
        let is_sealed = match &seal {
            Some(seal) => self.is_sealed(id, &kept, seal).await?,
            None => self.needs_no_seal(first_root).await?,
        };
        if !is_sealed {
            return Err(Refusal::ApiKey.into());
        }
        let now = self.clock.now();
        if bearer.expires_at.is_some_and(|at| at <= now) {
            return Err(Refusal::ApiKeyExpired.into());
        }
        self.note_use(id, now).await;
        Ok(bearer)
    }

    fn uses(&self) -> MutexGuard<'_, Uses> {
        // A panic while the counts were held cannot leave them half changed.
        self.uses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn note_use(&self, id: ApiKeyId, now: Timestamp) {
        let is_due = {
            let mut uses = self.uses();
            let (count, last) = uses.counts.entry(id).or_insert((0, now));
            *count += 1;
            *last = now.max(*last);
            let since = *uses.since.get_or_insert(now);
            uses.counts.len() >= UNWRITTEN || now.since(since) >= WRITTEN_AFTER
        };
        // A count that could not be written is no reason to refuse a key.
        if is_due && let Err(error) = self.flush().await {
            tracing::warn!(target: "javari", %error, "how often keys were used was not written");
        }
    }
}

impl KeyBearer {
    fn nobody(id: ApiKeyId) -> Self {
        let user = UserId(uuid::Uuid::nil());
        Self { id, user, project: None, member: None, operations: Vec::new(), expires_at: None }
    }
}

fn bearer_of(view: &ApiKeyView, user: UserId) -> KeyBearer {
    KeyBearer {
        id: view.id,
        user,
        project: view.project,
        member: view.member,
        operations: view.operations.clone(),
        expires_at: view.expires_at,
    }
}

fn write_secret<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    // Exposed once, in the reply to who made it.
    serializer.serialize_str(secret.expose())
}
