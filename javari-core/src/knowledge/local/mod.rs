//! The knowledge store inside the database: full-text index, vectors, citations.
//!
//! One document is written in one transaction, so a search sees all of it or nothing. Words are
//! found by FTS5 within the owner's range of row ids; vectors by an exact scan in memory.
//!
//! What it deliberately does not do: it has no approximate index. A scan of one owner's vectors is
//! exact, needs no building and is fast enough for some hundred thousand chunks.

mod adopt;
mod fuse;
mod lexical;
mod matrix;
mod scan;
mod store;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

pub(crate) use adopt::adopt_vectors;
use async_trait::async_trait;
use futures::future;
use serde_json::{Value as Json, json};

use self::{
    fuse::{Ranked, Rule, fuse},
    matrix::Matrices,
    scan::{Scored, normalised},
    store::{Owner, Partition},
};
use super::{
    ChunkWrite, Document, DocumentView, DocumentWrite, Fingerprint, KnowledgeStore, ListDocuments,
    QueryVector, SearchHit, SearchMode, SearchQuery, Upserted,
};
use crate::{
    error::{Error, ErrorKind, Result},
    storage::{Database, Transaction},
    types::{Clock, DocumentId, Page, ScopeKey, Timestamp},
};

/// Keeps documents in the database. Cheap to clone; clones share the vectors in memory.
#[derive(Clone)]
pub struct LocalKnowledge {
    database: Database,
    clock: Arc<dyn Clock>,
    matrices: Arc<Matrices>,
    accesses: Arc<Mutex<HashMap<i64, u64>>>,
}

/// Vectors kept in memory where nothing else is said.
const MEMORY: usize = 512 * 1024 * 1024;
/// So many chunks may be counted as found before the counts are written.
const ACCESSES: usize = 1_000;
/// The most steps of joining the full-text index: some gigabytes.
const MERGE_STEPS: u32 = 1_000;

impl LocalKnowledge {
    /// The store in this database, with at most 512 MiB of vectors in memory.
    pub fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        let matrices = Arc::new(Matrices::new(MEMORY));
        Self { database, clock, matrices, accesses: Arc::default() }
    }

    /// The same store with at most `bytes` of vectors in memory. The vectors of a user or project
    /// that do not fit are read from the database at each search.
    #[must_use]
    pub fn with_memory(mut self, bytes: usize) -> Self {
        self.matrices = Arc::new(Matrices::new(bytes));
        self
    }

    /// How many bytes of vectors are in memory now.
    #[cfg(test)]
    pub(super) fn vectors_held(&self) -> usize {
        self.matrices.held()
    }

    /// Writes how often chunks were found (`access_count`, `last_accessed_at`). It happens by
    /// itself after some thousand hits and at each write; call it before closing.
    ///
    /// # Errors
    /// Those of the database; the counts are then lost.
    pub async fn flush(&self) -> Result<()> {
        let counted = self.take_accesses(1);
        if counted.is_empty() {
            return Ok(());
        }
        let mut transaction = self.database.begin(&ScopeKey::HOST).await?;
        store::count_accesses(&mut transaction, &counted, self.clock.now()).await?;
        transaction.commit().await
    }

    /// The counts when there are at least `least`, in order.
    fn take_accesses(&self, least: usize) -> Vec<(i64, u64)> {
        let mut accesses = self.accesses.lock().unwrap_or_else(PoisonError::into_inner);
        if accesses.len() < least {
            return Vec::new();
        }
        let mut counted: Vec<(i64, u64)> = accesses.drain().collect();
        counted.sort_unstable();
        counted
    }

    async fn count_accesses(&self, ranked: &[Ranked]) {
        {
            let mut accesses = self.accesses.lock().unwrap_or_else(PoisonError::into_inner);
            for Ranked { number, .. } in ranked {
                *accesses.entry(*number).or_default() += 1;
            }
            if accesses.len() < ACCESSES {
                return;
            }
        }
        // A count that could not be written is no reason to withhold what was found.
        if let Err(error) = self.flush().await {
            tracing::warn!(%error, "how often chunks were found was not written");
        }
    }

    async fn rank(
        &self,
        owner: Owner,
        partitions: &[Partition],
        query: &SearchQuery,
    ) -> Result<Vec<Ranked>> {
        let request = &query.request;
        let prefix = request.prefix.as_deref().filter(|prefix| !prefix.is_empty());
        let unit = query.vector.as_ref().and_then(|vector| {
            let values = normalised(&vector.values)?;
            Some(Arc::new(QueryVector { values, ..vector.clone() }))
        });
        let by_words = async {
            if request.mode == SearchMode::Vector {
                return Ok(Vec::new());
            }
            lexical::search(&self.database, owner, partitions, &request.query, prefix).await
        };
        let by_vectors = async {
            let Some(unit) = unit.as_ref().filter(|_| request.mode != SearchMode::Lexical) else {
                return Ok((Scored::default(), Vec::new()));
            };
            let allowed = match prefix {
                Some(prefix) => Some(store::ranges(&self.database, owner, prefix).await?),
                None => None,
            };
            let mut scored = Scored::default();
            for partition in partitions {
                let part = self.matrices.score(&self.database, owner, partition, unit).await?;
                scored.0.extend(part.0);
            }
            let best = scored.best(lexical::DEPTH, allowed.as_deref());
            Ok((scored, best))
        };
        let (words, (scored, nearest)) = future::try_join(by_words, by_vectors).await?;
        let rule = Rule {
            mode: request.mode,
            fusion: request.fusion,
            weight: query.vector.as_ref().map_or(0.0, |vector| vector.weight),
        };
        let mut ranked = fuse(&words, &nearest, |number| scored.of(number), rule);
        if let Some(threshold) = request.threshold {
            ranked.retain(|ranked| ranked.score >= threshold);
        }
        ranked.truncate(request.limit as usize);
        Ok(ranked)
    }

    async fn write(
        &self,
        transaction: &mut Transaction,
        owner: Owner,
        place: &mut store::Place,
        document: &DocumentWrite,
    ) -> Result<(Upserted, bool)> {
        if document.text.contains('\0') {
            return Err(Error::invalid("knowledge.upsert", "the text holds a NUL character")
                .with("path", &document.path)
                .with_field("/text", "must have no NUL"));
        }
        let now = self.clock.now();
        let new_id = DocumentId(self.clock.new_id());
        let first = store::Partition { id: place.partition, revision: 0, removals: 0 }
            .numbers()
            .0
            .saturating_add(place.next_chunk);
        let (id, created_at, replaced) =
            store::put_document(transaction, owner, place, document, (new_id, now)).await?;
        let mut characters = Characters::default();
        let chunks = document.chunks.iter().enumerate();
        let rows = chunks
            .map(|(ordinal, chunk)| self.chunk_row(document, chunk, ordinal, &mut characters))
            .collect::<Result<Vec<Json>>>()?;
        let rows = (first, Json::Array(rows));
        store::insert_chunks(transaction, owner, (id, document), rows, now).await?;
        self.write_vectors(transaction, owner, (id, document), (place.partition, first)).await?;
        let view = view_of(document, id, (created_at, now));
        Ok((Upserted { document: view, replaced }, replaced))
    }

    /// The chunk as `store::insert_chunks` takes it.
    fn chunk_row(
        &self,
        document: &DocumentWrite,
        chunk: &ChunkWrite,
        ordinal: usize,
        characters: &mut Characters,
    ) -> Result<Json> {
        let outside = || {
            Error::invalid("knowledge.upsert", "a chunk lies outside its document's text")
                .with("path", &document.path)
                .with_field(
                    format!("/chunks/{ordinal}/range"),
                    "must lie on characters of the text",
                )
        };
        let content = document
            .text
            .get(chunk.range.clone())
            .filter(|content| !content.is_empty())
            .ok_or_else(outside)?;
        let start = characters.at(&document.text, chunk.range.start).ok_or_else(outside)?;
        let end = start + content.chars().count();
        Ok(json!([
            self.clock.new_id(),
            chunk.headings,
            chunk.page,
            chunk.tokens,
            start,
            end,
            chunk.range.start,
            chunk.range.end,
            content,
            blake3::hash(content.as_bytes()).to_hex().as_str()
        ]))
    }

    async fn write_vectors(
        &self,
        transaction: &mut Transaction,
        owner: Owner,
        (id, document): (DocumentId, &DocumentWrite),
        (partition, first): (i64, i64),
    ) -> Result<()> {
        let dimensions = document.chunks.first().map_or(0, |chunk| chunk.vector.len());
        if document.chunks.iter().any(|chunk| chunk.vector.len() != dimensions) {
            return Err(Error::invalid(
                "knowledge.upsert",
                "the vectors of a document have different sizes",
            )
            .with("path", &document.path));
        }
        if dimensions == 0 {
            return Ok(());
        }
        let mut bytes = Vec::with_capacity(document.chunks.len() * dimensions * 4);
        for chunk in &document.chunks {
            // A text without any word has no direction; zero is as far from everything.
            let unit = normalised(&chunk.vector).unwrap_or_else(|| vec![0.0; dimensions]);
            bytes.extend(unit.iter().flat_map(|value| value.to_le_bytes()));
        }
        let model = (document.model.as_str(), dimensions, document.chunks.len());
        store::insert_vectors(transaction, owner, id, (partition, first), model, bytes).await
    }
}

#[async_trait]
impl KnowledgeStore for LocalKnowledge {
    async fn upsert(
        &self,
        scope: &ScopeKey,
        documents: Vec<DocumentWrite>,
    ) -> Result<Vec<Upserted>> {
        let owner = Owner::of(scope, "knowledge.upsert")?;
        let counted = self.take_accesses(1);
        let mut transaction = self.database.begin(scope).await?;
        if !counted.is_empty() {
            store::count_accesses(&mut transaction, &counted, self.clock.now()).await?;
        }
        let mut place = store::take_partition(&mut transaction, owner).await?;
        let mut stored = Vec::with_capacity(documents.len());
        let mut removed = false;
        for document in &documents {
            let (upserted, replaced) =
                self.write(&mut transaction, owner, &mut place, document).await?;
            removed |= replaced;
            stored.push(upserted);
        }
        store::touch_partition(&mut transaction, &place, removed).await?;
        transaction.commit().await?;
        Ok(stored)
    }

    async fn get(&self, scope: &ScopeKey, id: DocumentId) -> Result<Document> {
        let owner = Owner::of(scope, "knowledge.get")?;
        let document = store::document(&self.database, owner, id).await?;
        document.ok_or_else(|| missing("knowledge.get", id))
    }

    async fn list(&self, scope: &ScopeKey, request: &ListDocuments) -> Result<Page<DocumentView>> {
        let owner = Owner::of(scope, "knowledge.list")?;
        let limit = request.page.bounded_limit();
        let after = request.page.cursor.as_deref();
        let prefix = request.prefix.as_deref();
        let documents = store::documents(&self.database, owner, (prefix, after, limit + 1)).await?;
        Ok(Page::from_rows(documents, limit, |document| document.path.clone()))
    }

    async fn delete(&self, scope: &ScopeKey, id: DocumentId) -> Result<()> {
        let owner = Owner::of(scope, "knowledge.delete")?;
        let mut transaction = self.database.begin(scope).await?;
        let place = store::take_partition(&mut transaction, owner).await?;
        if !store::delete_document(&mut transaction, owner, id).await? {
            return Err(missing("knowledge.delete", id));
        }
        store::touch_partition(&mut transaction, &place, true).await?;
        transaction.commit().await
    }

    async fn search(&self, scope: &ScopeKey, query: &SearchQuery) -> Result<Vec<SearchHit>> {
        let owner = Owner::of(scope, "knowledge.search")?;
        query.request.validate()?;
        let mut last_try = false;
        loop {
            let partitions = store::partitions(&self.database, owner).await?;
            if partitions.is_empty() {
                return Ok(Vec::new());
            }
            let ranked = self.rank(owner, &partitions, query).await?;
            let numbers: Vec<i64> = ranked.iter().map(|ranked| ranked.number).collect();
            let mut found: HashMap<i64, SearchHit> =
                store::chunks(&self.database, owner, &numbers).await?.into_iter().collect();
            // A document replaced in between is searched again in its new form, once.
            if found.len() < ranked.len() && !last_try {
                last_try = true;
                continue;
            }
            self.count_accesses(&ranked).await;
            let hits = ranked.iter().filter_map(|ranked| {
                let hit = found.remove(&ranked.number)?;
                Some(SearchHit { score: ranked.score, scores: ranked.scores, ..hit })
            });
            return Ok(hits.collect());
        }
    }

    async fn settle(&self, scope: &ScopeKey) -> Result<()> {
        // Each step is a transaction of its own, so that other writers come in between.
        for step in 0..MERGE_STEPS {
            let mut transaction = self.database.begin(scope).await?;
            let worked = lexical::merge_index(&mut transaction, step == 0).await?;
            transaction.commit().await?;
            if !worked {
                break;
            }
        }
        Ok(())
    }

    async fn fingerprints(&self, scope: &ScopeKey) -> Result<Vec<Fingerprint>> {
        store::fingerprints(&self.database, Owner::of(scope, "knowledge.list")?).await
    }
}

impl fmt::Debug for LocalKnowledge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKnowledge").field("database", self.database.location()).finish()
    }
}

/// Counts characters up to byte positions that mostly ascend.
#[derive(Default)]
struct Characters {
    byte: usize,
    count: usize,
}

impl Characters {
    fn at(&mut self, text: &str, byte: usize) -> Option<usize> {
        if byte < self.byte {
            *self = Self::default();
        }
        self.count += text.get(self.byte..byte)?.chars().count();
        self.byte = byte;
        Some(self.count)
    }
}

fn view_of(
    document: &DocumentWrite,
    id: DocumentId,
    (created_at, updated_at): (Timestamp, Timestamp),
) -> DocumentView {
    DocumentView {
        id,
        path: document.path.clone(),
        source_type: document.source_type,
        title: document.title.clone(),
        media_type: document.media_type.clone(),
        content_hash: document.content_hash.clone(),
        byte_size: document.byte_size,
        chunk_count: document.chunks.len() as u64,
        warnings: document.warnings.clone(),
        created_at,
        updated_at,
    }
}

fn missing(operation: &'static str, id: DocumentId) -> Error {
    Error::new(ErrorKind::NotFound, operation, "there is no such document in this scope")
        .with("id", id)
}
