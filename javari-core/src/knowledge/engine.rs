//! The engine: a store, an embedder and a provider joined.

use std::{fmt, sync::Arc};

use bytes::Bytes;

use super::{
    AnswerRequest, AnswerStream, Document, DocumentRoots, DocumentView, IngestReport,
    IngestRequest, IngestStream, KnowledgeStats, KnowledgeStore, ListDocuments, QueryVector,
    SearchMode, SearchQuery, SearchReply, SearchRequest, answer,
    chunk::{Chunker, StructureChunker},
    extract::{ExtractLimits, Extractors},
    ingest,
};
use crate::{
    audit::{Audit, Entry},
    cost::{CostEntry, Ledger, Prices, Reservation},
    error::{Error, ErrorKind, Result},
    provider::{EmbedRequest, Embedder, Provider},
    types::{DocumentId, Page, PageRequest, ScopeKey, Usage},
};

/// Ingests documents, searches them and answers from them. Cheap to clone.
#[derive(Clone)]
pub struct Knowledge {
    pub(super) store: Arc<dyn KnowledgeStore>,
    pub(super) embedder: Arc<dyn Embedder>,
    pub(super) provider: Arc<dyn Provider>,
    pub(super) prices: Prices,
    pub(super) extractors: Extractors,
    pub(super) chunker: Arc<dyn Chunker>,
    /// Names how documents are read and cut: another one makes them be read again.
    pub(super) reading: String,
    pub(super) limits: ExtractLimits,
    pub(super) roots: Arc<DocumentRoots>,
    ledger: Option<Ledger>,
    pub(super) audit: Option<Audit>,
}

/// Changes when a built-in extractor reads differently, so that documents are read again.
const READING_VERSION: u32 = 1;
/// The most bytes of a query that are embedded.
const QUERY_BYTES: usize = 8 * 1024;
/// How much vectors of hashed words count beside the words themselves, and those of a model.
const HASHED_WEIGHT: f64 = 0.2;
const MODEL_WEIGHT: f64 = 0.5;

impl Knowledge {
    /// An engine over these parts, with the built-in extractors and chunker.
    pub fn new(
        store: Arc<dyn KnowledgeStore>,
        embedder: Arc<dyn Embedder>,
        provider: Arc<dyn Provider>,
    ) -> Self {
        let chunker = StructureChunker::default();
        Self {
            store,
            embedder,
            provider,
            prices: Prices::builtin(),
            extractors: Extractors::default(),
            reading: format!("{READING_VERSION}/{chunker:?}"),
            chunker: Arc::new(chunker),
            limits: ExtractLimits::default(),
            roots: Arc::default(),
            ledger: None,
            audit: None,
        }
    }

    /// The same engine recording what its embeddings cost. What its chats cost is its provider's to record.
    #[must_use]
    pub fn with_ledger(mut self, ledger: Ledger) -> Self {
        self.ledger = Some(ledger);
        self
    }

    /// The same engine writing into the audit trail what it takes in and deletes.
    #[must_use]
    pub fn with_audit(mut self, audit: Audit) -> Self {
        self.audit = Some(audit);
        self
    }

    /// The same engine with other prices.
    #[must_use]
    pub fn with_prices(mut self, prices: Prices) -> Self {
        self.prices = prices;
        self
    }

    /// The same engine reading and cutting otherwise. `id` names this way of reading: documents
    /// that were stored under another one are read again at the next ingest.
    #[must_use]
    pub fn with_reading(
        mut self,
        extractors: Extractors,
        chunker: Arc<dyn Chunker>,
        id: &str,
    ) -> Self {
        self.extractors = extractors;
        self.chunker = chunker;
        self.reading = format!("{READING_VERSION}/{id}");
        self
    }

    /// The same engine with other limits on documents.
    #[must_use]
    pub fn with_limits(mut self, limits: ExtractLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The same engine reading only such files of the host.
    #[must_use]
    pub fn with_document_roots(mut self, roots: DocumentRoots) -> Self {
        self.roots = Arc::new(roots);
        self
    }

    /// Which files of the host it reads.
    pub fn document_roots(&self) -> &DocumentRoots {
        &self.roots
    }

    /// Reads, cuts, embeds and stores what the request names and tells of each document. Nothing
    /// happens until the stream is pulled; dropping it stops. `blob` is the content where the
    /// request has `bytes`.
    pub fn ingest(
        &self,
        scope: ScopeKey,
        request: IngestRequest,
        blob: Option<Bytes>,
    ) -> IngestStream {
        ingest::run(self.clone(), scope, request, blob)
    }

    /// The same as [`ingest`](Self::ingest), told at the end.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the request does not fit, `NOT_FOUND` when the folder or file is not
    /// there, and those of the store. A document that cannot be read is in the report.
    pub async fn ingest_report(
        &self,
        scope: ScopeKey,
        request: IngestRequest,
        blob: Option<Bytes>,
    ) -> Result<IngestReport> {
        IngestReport::from_stream(self.ingest(scope, request, blob)).await
    }

    /// The chunks that fit a query best. Any text is a query; an empty one finds nothing.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming what is out of bounds, and those of the embedder and the store.
    pub async fn search(&self, scope: &ScopeKey, request: SearchRequest) -> Result<SearchReply> {
        scope.require_user("knowledge.search")?;
        request.validate()?;
        if request.query.trim().is_empty() {
            return Ok(SearchReply { hits: Vec::new() });
        }
        let vector = match request.mode {
            SearchMode::Lexical => None,
            SearchMode::Vector | SearchMode::Hybrid => {
                Some(self.query_vector(scope, &request.query).await?)
            }
        };
        let hits = self.store.search(scope, &SearchQuery { request, vector }).await?;
        Ok(SearchReply { hits })
    }

    /// Answers a question from the documents, with citations, as the model writes.
    pub fn answer(&self, scope: ScopeKey, request: AnswerRequest) -> AnswerStream {
        answer::run(self.clone(), scope, request)
    }

    /// The document of that id with its text; see [`KnowledgeStore::get`].
    ///
    /// # Errors
    /// As the store's.
    pub async fn get(&self, scope: &ScopeKey, id: DocumentId) -> Result<Document> {
        self.store.get(scope, id).await
    }

    /// The scope's documents; see [`KnowledgeStore::list`].
    ///
    /// # Errors
    /// As the store's.
    pub async fn list(
        &self,
        scope: &ScopeKey,
        request: &ListDocuments,
    ) -> Result<Page<DocumentView>> {
        self.store.list(scope, request).await
    }

    /// Deletes a document; see [`KnowledgeStore::delete`]. Once begun it goes on to its end and its
    /// audit entry, also when the caller leaves.
    ///
    /// # Errors
    /// As the store's, and those of the audit trail: the document is gone then.
    pub async fn delete(&self, scope: &ScopeKey, id: DocumentId) -> Result<()> {
        const OPERATION: &str = "knowledge.delete";
        let Some(audit) = self.audit.clone() else {
            return self.store.delete(scope, id).await;
        };
        let (store, scope, trail) = (self.store.clone(), *scope, audit.clone());
        let work = async move {
            store.delete(&scope, id).await?;
            let entry = Entry::new(OPERATION, "deleted a document of the knowledge base")
                .with("document", id.to_string());
            trail.record(&scope, entry).await.map(drop)
        };
        audit.until_done(OPERATION, work).await
    }

    /// How much exactly the scope's level holds.
    ///
    /// # Errors
    /// As [`KnowledgeStore::list`].
    pub async fn stats(&self, scope: &ScopeKey) -> Result<KnowledgeStats> {
        let mut stats = KnowledgeStats::default();
        let mut request = ListDocuments::default();
        request.page.limit = PageRequest::MAXIMUM;
        loop {
            let page = self.store.list(scope, &request).await?;
            stats.documents += page.items.len() as u64;
            stats.chunks += page.items.iter().map(|document| document.chunk_count).sum::<u64>();
            match page.next {
                Some(next) => request.page.cursor = Some(next),
                None => return Ok(stats),
            }
        }
    }

    async fn query_vector(&self, scope: &ScopeKey, query: &str) -> Result<QueryVector> {
        let end = super::extract::ranges::floor_boundary(query, QUERY_BYTES.min(query.len()));
        let text = query.get(..end).unwrap_or(query).to_owned();
        let request = EmbedRequest::new(*scope, vec![text]).for_query();
        let held = self.reserve_embedding(scope, "knowledge.search", &request).await?;
        let embeddings = self.embedder.embed(request).await?;
        let model = self.embedder.model();
        self.record_embedding(scope, "knowledge.search", embeddings.usage, held).await;
        let values = embeddings.vectors.into_iter().next().ok_or_else(|| {
            Error::new(ErrorKind::ProviderFailed, "knowledge.search", "no vector was returned")
                .with("model", &model.id)
        })?;
        let is_hashed = model.id.starts_with("javari-hash-");
        let weight = if is_hashed { HASHED_WEIGHT } else { MODEL_WEIGHT };
        Ok(QueryVector { model: model.id, values, weight })
    }

    /// Keeps free what an embedding may cost at most, where a budget limits the scope.
    pub(super) async fn reserve_embedding(
        &self,
        scope: &ScopeKey,
        feature: &'static str,
        request: &EmbedRequest,
    ) -> Result<Option<Reservation>> {
        let Some(ledger) = &self.ledger else { return Ok(None) };
        if !ledger.is_limited(scope).await? {
            return Ok(None);
        }
        // A token has a byte at least.
        let bytes: usize = request.texts.iter().map(String::len).sum();
        let usage = Usage { input: bytes as u64, ..Usage::default() };
        let model = self.embedder.model().id;
        let most = self.prices.cost_at(self.embedder.service(), &model, &usage);
        if most.is_none() && self.embedder.service().is_empty() {
            // Nobody is paid.
            return Ok(None);
        }
        ledger.reserve(scope, feature, most).await
    }

    /// Records what an embedding cost; one that needed no tokens is not recorded.
    pub(super) async fn record_embedding(
        &self,
        scope: &ScopeKey,
        feature: &'static str,
        usage: Usage,
        held: Option<Reservation>,
    ) {
        if usage.input == 0 && usage.output == 0 {
            return;
        }
        let model = self.embedder.model().id;
        let cost = self.prices.cost_at(self.embedder.service(), &model, &usage);
        let Some(ledger) = &self.ledger else { return };
        let entry = CostEntry { service: "embedding".into(), feature, model, usage, cost };
        ledger.charge(*scope, entry, held).await;
    }
}

impl fmt::Debug for Knowledge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Knowledge")
            .field("embedder", &self.embedder.model().id)
            .field("provider", &self.provider.name())
            .field("reading", &self.reading)
            .finish()
    }
}
