//! Whose data the calls that follow touch.

use std::path::Path;

use bytes::Bytes;

use super::{ApiKeysOf, BudgetsOf, HealerOf, MembersOf, MonitorOf, VaultOf};
use crate::{
    accounts::{MembershipView, Preferences, User},
    audit::{EntryView, ExportTrail, ListEntries, RecordEntry, TrailExport, Verification},
    client::Javari,
    cost::CostReport,
    error::Result,
    knowledge::{
        AnswerRequest, AnswerStream, Document, DocumentView, IngestRequest, IngestStream,
        Knowledge, KnowledgeStats, ListDocuments, SearchReply, SearchRequest,
    },
    provider::{ChatRequest, ChatStream, Provider},
    router::Route,
    types::{DocumentId, Page, PageRequest, ProjectId, ScopeKey, SubprojectId},
};

/// Whose data the calls that follow touch: a user's, and optionally one project's. Cheap to clone.
#[derive(Clone)]
pub struct Scope {
    javari: Javari,
    key: ScopeKey,
}

impl Scope {
    pub(super) fn new(javari: Javari, key: ScopeKey) -> Self {
        Self { javari, key }
    }

    /// The scope as data.
    pub fn key(&self) -> &ScopeKey {
        &self.key
    }

    /// The Javari it belongs to.
    pub fn javari(&self) -> &Javari {
        &self.javari
    }

    /// This scope narrowed to a project.
    #[must_use]
    pub fn project(&self, project: ProjectId) -> Self {
        Self::new(self.javari.clone(), self.key.with_project(project))
    }

    /// This scope narrowed to a subproject.
    #[must_use]
    pub fn subproject(&self, subproject: SubprojectId) -> Self {
        Self::new(self.javari.clone(), self.key.with_subproject(subproject))
    }

    /// The user of the scope.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is none.
    pub async fn user(&self) -> Result<User> {
        self.javari.rooms().accounts.user(&self.key).await
    }

    /// What the user prefers.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a user.
    pub async fn preferences(&self) -> Result<Preferences> {
        self.javari.rooms().accounts.preferences(&self.key).await
    }

    /// Replaces what the user prefers.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming each value outside its bounds.
    pub async fn put_preferences(&self, preferences: &Preferences) -> Result<Preferences> {
        self.javari.rooms().accounts.put_preferences(&self.key, preferences).await
    }

    /// Where a request would go now, and why. Nothing is asked.
    pub fn route(&self, request: &ChatRequest) -> Route {
        self.javari.rooms().router.explain(request)
    }

    /// Begins a chat with the model that the request names, or with those that its task leads to, one
    /// after the other until one speaks.
    ///
    /// # Errors
    /// Those of [`Provider::stream`], and `BUDGET_EXCEEDED`: nothing was sent then.
    pub async fn chat(&self, request: ChatRequest) -> Result<ChatStream> {
        self.javari.rooms().chats.stream(request.with_scope(self.key)).await
    }

    /// The members of the scope's project.
    pub fn members(&self) -> MembersOf<'_> {
        MembersOf(self)
    }

    /// The projects of others that the scope's user is a member of.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a user.
    pub async fn memberships(&self, page: &PageRequest) -> Result<Page<MembershipView>> {
        self.javari.rooms().accounts.members().projects(&self.key, page).await
    }

    /// The keys that call on behalf of the scope's user.
    pub fn api_keys(&self) -> ApiKeysOf<'_> {
        ApiKeysOf(self)
    }

    /// The scope's credentials.
    pub fn vault(&self) -> VaultOf<'_> {
        VaultOf(self)
    }

    /// What the scope's models cost.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a user.
    pub async fn costs(&self) -> Result<CostReport> {
        self.javari.rooms().ledger.report(&self.key).await
    }

    /// What the scope's user or project may spend on models.
    pub fn budgets(&self) -> BudgetsOf<'_> {
        BudgetsOf(self)
    }

    /// The scope's documents.
    pub fn knowledge(&self) -> KnowledgeOf<'_> {
        KnowledgeOf(self)
    }

    /// The scope's monitors.
    pub fn monitor(&self) -> MonitorOf<'_> {
        MonitorOf(self)
    }

    /// The scope's repairs.
    pub fn healer(&self) -> HealerOf<'_> {
        HealerOf(self)
    }

    /// The scope's audit trail.
    pub fn audit(&self) -> AuditOf<'_> {
        AuditOf(self)
    }
}

/// The documents of one scope.
pub struct KnowledgeOf<'a>(&'a Scope);

impl KnowledgeOf<'_> {
    fn knowledge(&self) -> &Knowledge {
        &self.0.javari.rooms().knowledge
    }

    /// Reads what the request names and tells of each document. `blobs` holds the content where
    /// the request has `bytes`.
    pub fn ingest(&self, request: IngestRequest, blobs: Vec<Bytes>) -> IngestStream {
        self.knowledge().ingest(self.0.key, request, blobs.into_iter().next())
    }

    /// Finds the chunks that fit a query best.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the request does not fit.
    pub async fn search(&self, request: SearchRequest) -> Result<SearchReply> {
        self.knowledge().search(&self.0.key, request).await
    }

    /// Answers a question from the documents, event by event.
    pub fn answer(&self, request: AnswerRequest) -> AnswerStream {
        self.knowledge().answer(self.0.key, request)
    }

    /// The document of that id with its text.
    ///
    /// # Errors
    /// `NOT_FOUND` when the scope sees none.
    pub async fn get(&self, id: DocumentId) -> Result<Document> {
        self.knowledge().get(&self.0.key, id).await
    }

    /// The documents at exactly this level, by path.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a cursor that is not one of this list.
    pub async fn list(&self, request: &ListDocuments) -> Result<Page<DocumentView>> {
        self.knowledge().list(&self.0.key, request).await
    }

    /// Deletes the document at exactly this level.
    ///
    /// # Errors
    /// `NOT_FOUND` when this level has none.
    pub async fn delete(&self, id: DocumentId) -> Result<()> {
        self.knowledge().delete(&self.0.key, id).await
    }

    /// How much exactly this level holds.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn stats(&self) -> Result<KnowledgeStats> {
        self.knowledge().stats(&self.0.key).await
    }
}

/// The audit trail of one scope.
pub struct AuditOf<'a>(&'a Scope);

impl AuditOf<'_> {
    /// Writes an entry of the app's own behind the others, and shows it as it stands there. It is
    /// never changed and never removed: put no secret into it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> javari_core::Result<()> {
    /// use javari_core::{Javari, audit::{ListEntries, RecordEntry}};
    /// let javari = Javari::open(":memory:").await?;
    /// let scope = javari.scope(javari.ensure_user("ann@example.com").await?.id);
    /// let entry = RecordEntry::new("app.code.refactored", "split the parser in two")
    ///     .with_reasoning("it had two purposes", Some(0.8))
    ///     .with_file("src/parser.rs", None);
    /// scope.audit().record(entry).await?;
    /// let own = ListEntries { action: Some("app.".into()), ..ListEntries::default() };
    /// assert_eq!(scope.audit().list(own).await?.items[0].confidence, Some(0.8));
    /// # javari.close().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `INVALID_INPUT` naming each part that does not fit, such as an action that does not begin with
    /// `app.`; `NOT_FOUND` for a user or project that is not there.
    pub async fn record(&self, entry: RecordEntry) -> Result<EntryView> {
        let rooms = self.0.javari.rooms();
        // The trail names its user by no key: an entry of nobody would stand for ever.
        rooms.accounts.check(&self.0.key).await?;
        rooms.audit.record_of_app(&self.0.key, entry).await
    }

    /// The entries that a request asks for, newest first: all of them for a
    /// [`PageRequest`].
    ///
    /// # Errors
    /// `INVALID_INPUT` for a cursor that is not one of this list.
    pub async fn list(&self, request: impl Into<ListEntries>) -> Result<Page<EntryView>> {
        self.0.javari.rooms().audit.list(&self.0.key, request).await
    }

    /// Writes the entries into a new file as JSON Lines, oldest first, with all that their hashes are
    /// over; checks the whole chain on the way.
    ///
    /// # Errors
    /// `ALREADY_EXISTS`, `NOT_FOUND` without the folder, `FORBIDDEN` for the database's or the key's own
    /// file, `STORAGE_FULL`, `NOT_FOUND` for a user or project that is not there; a broken chain is an
    /// answer.
    pub async fn export(&self, request: &ExportTrail) -> Result<TrailExport> {
        let (rooms, path) = (self.0.javari.rooms(), Path::new(&request.path));
        self.0.javari.system().require_other_file("audit.export", path)?;
        rooms.accounts.check(&self.0.key).await?;
        rooms.audit.export(&self.0.key, request).await
    }

    /// Checks every entry of the chain.
    ///
    /// # Errors
    /// Those of the database; a broken chain is an answer.
    pub async fn verify(&self) -> Result<Verification> {
        self.0.javari.rooms().audit.verify(&self.0.key).await
    }
}
