//! Cuts, embeds, stores and finds what a project knows, and answers from it with citations.
//!
//! [`extract`] reads documents into text with blocks, [`chunk`] cuts that text into pieces that fit
//! an embedding model. A [`KnowledgeStore`] keeps them and searches; [`LocalKnowledge`] is the one
//! inside the database. [`Knowledge`] joins these with an embedder and a provider: it ingests
//! folders, files, texts and bytes, searches, and answers questions.
//!
//! A project's scope sees the project's documents and those of its user that belong to no project;
//! a user's scope sees only the latter. A subproject shares its project's documents.
//!
//! What it deliberately does not do: it fetches nothing; bytes come from the caller or the crawler.
//! It does not trust what it stores: a passage reaches a model as quoted data, never as an order.

mod answer;
pub mod chunk;
mod document;
mod engine;
pub mod extract;
mod ingest;
mod local;
mod search;
#[cfg(any(test, feature = "testkit"))]
pub mod suite;
#[cfg(test)]
mod tests;

use async_trait::async_trait;

pub(crate) use self::local::adopt_vectors;
pub use self::{
    answer::{AnswerEvent, AnswerReply, AnswerRequest, AnswerStream, Citation},
    document::{
        ChunkWrite, Document, DocumentRequest, DocumentView, DocumentWrite, Fingerprint,
        KnowledgeStats, ListDocuments, SourceType,
    },
    engine::Knowledge,
    ingest::{
        DocumentRoots, IngestBytes, IngestEvent, IngestReport, IngestRequest, IngestStream,
        IngestText, NotIngested,
    },
    local::LocalKnowledge,
    search::{
        Fusion, QueryVector, Scores, SearchHit, SearchMode, SearchQuery, SearchReply, SearchRequest,
    },
};
use crate::{
    error::Result,
    types::{DocumentId, Page, ScopeKey},
};

/// Keeps documents and finds their chunks. Implemented by [`LocalKnowledge`] and by hosts that
/// have a store of their own.
///
/// `upsert`, `list` and `delete` act at exactly the scope's level; `get` and `search` see what the
/// scope sees: a project's documents and those of its user that belong to no project.
#[async_trait]
pub trait KnowledgeStore: Send + Sync {
    /// Stores documents, each replacing the one of its path; all of them or, on an error, none.
    /// A search sees the old document or the new one, never a part.
    ///
    /// # Errors
    /// `INVALID_INPUT` when a chunk does not lie in its text, the text holds a NUL character or
    /// vectors differ in size;
    /// `NOT_FOUND` when the scope's user or project does not exist.
    async fn upsert(
        &self,
        scope: &ScopeKey,
        documents: Vec<DocumentWrite>,
    ) -> Result<Vec<Upserted>>;

    /// The document of that id with its text.
    ///
    /// # Errors
    /// `NOT_FOUND` when the scope sees none.
    async fn get(&self, scope: &ScopeKey, id: DocumentId) -> Result<Document>;

    /// The documents at exactly the scope's level, by path.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a user.
    async fn list(&self, scope: &ScopeKey, request: &ListDocuments) -> Result<Page<DocumentView>>;

    /// Deletes a document at exactly the scope's level, with its chunks and vectors.
    ///
    /// # Errors
    /// `NOT_FOUND` when that level has none.
    async fn delete(&self, scope: &ScopeKey, id: DocumentId) -> Result<()>;

    /// The chunks that fit best, best first. Any text is a query; nothing in it is syntax.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a limit outside its bounds, `CONFIGURATION` when the query's vector has
    /// another size than those stored of its model.
    async fn search(&self, scope: &ScopeKey, query: &SearchQuery) -> Result<Vec<SearchHit>>;

    /// The hash of every document at exactly the scope's level, so that unchanged ones are not
    /// read again.
    ///
    /// # Errors
    /// `INVALID_INPUT` without a user.
    async fn fingerprints(&self, scope: &ScopeKey) -> Result<Vec<Fingerprint>>;

    /// Told after many documents were stored: a store may put its indexes in order, so that
    /// searches are quick. Does nothing by itself.
    ///
    /// # Errors
    /// Those of the store; nothing is lost then.
    async fn settle(&self, _scope: &ScopeKey) -> Result<()> {
        Ok(())
    }
}

/// A document that was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upserted {
    /// The document as it stands.
    pub document: DocumentView,
    /// Whether it replaced one of the same path.
    pub replaced: bool,
}
