//! Writes who did what: append-only and chained by a keyed hash.
//!
//! Each user has a chain, and the host has one. An entry's hash is HMAC-SHA-256 under a key that
//! derives from the first root key, over the hash before it and every field; the end of each chain is
//! sealed with a key of the present one. So one who can write to the database but has no root key
//! cannot alter, remove, reorder, cut off or add an entry unnoticed, and nor can one who has a root
//! key of before: entries are never hashed anew, but every end is sealed anew in a rotation.
//!
//! What it deliberately does not do: it does not prevent the loss of the whole database or of a
//! whole chain, or the return of either to an older copy (see `docs/security.md`), and it never
//! holds a secret: callers put names, ids and counts in `details`. It does not look for secrets in what
//! an app writes down either, for no pattern finds them all.

mod adopt;
mod chain;
mod entry;
mod erase;
mod export;
mod list;
mod record;
mod reseal;
mod store;

use std::sync::{Arc, PoisonError, RwLock};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;
use zeroize::Zeroizing;

use self::chain::ChainKey;
pub use self::{
    entry::{Entry, EntryView, Outcome},
    erase::RemovedChain,
    export::{ExportTrail, TrailExport},
    list::ListEntries,
    record::{ChangedFile, FileChange, RecordEntry, RecordedFile},
};
use crate::{
    error::{Error, ErrorKind, Result},
    secret::{RootKey, RootKeys},
    storage::{Database, Transaction},
    types::{Clock, EntryId, Page, ScopeKey, Timestamp},
};

/// Whether a chain is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// True when every entry is there, unaltered and in order.
    pub verified: bool,
    /// How many entries were checked.
    pub entries: u64,
    /// The first place that does not verify.
    pub broken_at: Option<u64>,
    /// What is wrong there.
    pub reason: Option<String>,
}

/// The audit trail. Cheap to clone.
#[derive(Clone)]
pub struct Audit {
    database: Database,
    clock: Arc<dyn Clock>,
    keys: Keys,
    /// What goes on although its caller left. It is closed, so that waiting ends when it is empty.
    running: TaskTracker,
}

/// What the key of the entries derives from the root key by.
pub(crate) const KEY_LABEL: &[u8] = b"javari/audit/v1";

/// With what entries are hashed, and the ends of chains sealed.
#[derive(Clone)]
struct Keys {
    entries: Arc<RwLock<Arc<ChainKey>>>,
    roots: RootKeys,
}

impl Keys {
    fn entries(&self) -> Arc<ChainKey> {
        // A panic while the key was held cannot leave it half changed.
        self.entries.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Audit {
    /// The trail in `database`, chained and sealed with keys derived from `root`.
    ///
    /// # Errors
    /// `UNEXPECTED` when a key cannot be derived.
    pub fn new(database: Database, clock: Arc<dyn Clock>, root: &RootKey) -> Result<Self> {
        Self::with_keys(database, clock, RootKeys::new(root.clone())?, None)
    }

    /// The trail of a database whose root key may be rotated: its ends are sealed with the one of
    /// `roots` that the database names, and its entries chained with `entries`, the key that was kept
    /// when the first root key was rotated.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(crate) fn with_keys(
        database: Database,
        clock: Arc<dyn Clock>,
        roots: RootKeys,
        entries: Option<Zeroizing<[u8; 32]>>,
    ) -> Result<Self> {
        let running = TaskTracker::new();
        running.close();
        let entries = match entries {
            Some(key) => ChainKey::of(key),
            None => ChainKey::derive(&roots.current())?,
        };
        let entries = Arc::new(RwLock::new(Arc::new(entries)));
        Ok(Self { database, clock, keys: Keys { entries, roots }, running })
    }

    /// Appends an entry in the transaction of the action itself: both stand or neither does.
    ///
    /// # Errors
    /// Those of the database. The caller lets its action fail then.
    pub async fn append(
        &self,
        transaction: &mut Transaction,
        scope: &ScopeKey,
        entry: Entry,
    ) -> Result<EntryId> {
        let entry = store::append(transaction, self.clock.as_ref(), &self.keys, scope, entry);
        Ok(entry.await?.id)
    }

    /// Waits for the scope's chain and holds it until the transaction ends. For a transaction that
    /// changes rows before its entry: with PostgreSQL two that took the same rows and chains in another
    /// order would wait for each other. SQLite has one writer.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn hold(&self, transaction: &mut Transaction, scope: &ScopeKey) -> Result<()> {
        store::hold(transaction, scope).await
    }

    /// Appends an entry that belongs to no other write.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn record(&self, scope: &ScopeKey, entry: Entry) -> Result<EntryId> {
        // In the owner's name: what a member did is written down though they are removed meanwhile.
        let owner = ScopeKey { member: None, ..*scope };
        let mut transaction = self.database.begin(&owner).await?;
        let id = self.append(&mut transaction, scope, entry).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Runs an action and its entry to their end although the caller may leave: for an action that
    /// cannot be one transaction with its entry.
    ///
    /// # Errors
    /// Those of `work`; `UNEXPECTED` when it stopped on the way.
    pub async fn until_done<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        self.running.spawn(work).await.unwrap_or_else(|stopped| {
            Err(Error::new(ErrorKind::Unexpected, operation, "the work stopped before it ended")
                .with_source(stopped))
        })
    }

    /// Appends an entry for work whose caller left: nobody waits for it but [`settled`]. A fault is
    /// logged.
    ///
    /// [`settled`]: Self::settled
    pub fn record_later(&self, runtime: &Handle, scope: ScopeKey, entry: Entry) {
        let audit = self.clone();
        let work = async move {
            let action = entry.action.clone();
            if let Err(error) = audit.record(&scope, entry).await {
                tracing::error!(target: "javari", %action, %error, "an audit entry was not written");
            }
        };
        self.running.spawn_on(work, runtime);
    }

    /// Waits until all that was begun for callers who left is written.
    pub async fn settled(&self) {
        self.running.wait().await;
    }

    /// The scope's entries that a request asks for, newest first.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a cursor that is not one, else those of the database.
    pub async fn list(
        &self,
        scope: &ScopeKey,
        request: impl Into<ListEntries>,
    ) -> Result<Page<EntryView>> {
        store::list(&self.database, scope, request.into()).await
    }

    /// When the newest entry of any chain was written.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn newest(&self) -> Result<Option<Timestamp>> {
        store::newest(&self.database).await
    }

    /// Reads the scope's chain from the first entry to the last and checks every hash.
    ///
    /// # Errors
    /// Those of the database; a broken chain is an answer, not an error.
    pub async fn verify(&self, scope: &ScopeKey) -> Result<Verification> {
        store::verify(&self.database, &self.keys, scope).await
    }
}

#[cfg(test)]
mod tests;
