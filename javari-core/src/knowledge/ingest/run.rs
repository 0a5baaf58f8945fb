//! The stream that takes documents in: each pull does the next piece of work.

use std::{
    collections::{HashMap, VecDeque},
    mem,
    pin::Pin,
    sync::Arc,
};

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use tokio::runtime::Handle;

use super::{
    IngestEvent, IngestReport, IngestRequest, IngestStream, NotIngested, OPERATION,
    entry::{Counts, Ending},
    prepare::{Plan, Prepared},
    walk,
};
use crate::{
    error::{Error, ErrorKind, Result},
    knowledge::{DocumentWrite, Fingerprint, Knowledge},
    provider::EmbedRequest,
    types::ScopeKey,
};

/// How many documents are read at the same time.
const READERS: usize = 2;
/// Documents are embedded and stored together up to so many and so much text.
const GROUP_DOCUMENTS: usize = 32;
const GROUP_BYTES: usize = 1024 * 1024;
/// After so many new chunks the store is told to put its indexes in order.
const SETTLE_CHUNKS: u64 = 500;

/// The documents as they are read, in order.
type Reading = Pin<Box<dyn Stream<Item = Prepared> + Send>>;

struct Work {
    knowledge: Knowledge,
    scope: ScopeKey,
    stage: Stage,
    /// What is known and not yet told.
    events: VecDeque<IngestEvent>,
    report: IngestReport,
    counts: Counts,
    /// Whether the audit trail has the entry, or is to have none.
    is_entered: bool,
    /// Where the entry is written when the caller left.
    runtime: Option<Handle>,
}

enum Stage {
    Begin(Box<IngestRequest>, Option<Bytes>),
    Read(Reading, Vec<Fingerprint>),
    Remove(std::vec::IntoIter<Fingerprint>),
    Finish,
    Done,
}

/// The ingest of `request`. Nothing happens until it is pulled.
pub(in crate::knowledge) fn run(
    knowledge: Knowledge,
    scope: ScopeKey,
    request: IngestRequest,
    blob: Option<Bytes>,
) -> IngestStream {
    let work = Work {
        knowledge,
        scope,
        stage: Stage::Begin(Box::new(request), blob),
        events: VecDeque::new(),
        report: IngestReport::default(),
        counts: Counts::default(),
        is_entered: false,
        runtime: None,
    };
    Box::pin(stream::unfold(work, |mut work| async move {
        let event = work.next().await?;
        Some((event, work))
    }))
}

impl Work {
    async fn next(&mut self) -> Option<Result<IngestEvent>> {
        self.runtime = Handle::try_current().ok();
        loop {
            if let Some(event) = self.events.pop_front() {
                self.report.note(&event);
                self.counts.note(&event);
                return Some(Ok(event));
            }
            // A stage that fails is the last: the stream ends after its error.
            let outcome = match mem::replace(&mut self.stage, Stage::Done) {
                Stage::Begin(request, blob) => self.begin(*request, blob).await,
                Stage::Read(reading, gone) => self.read(reading, gone).await,
                Stage::Remove(gone) => self.remove(gone).await,
                Stage::Finish => self.finish().await,
                Stage::Done => return None,
            };
            if let Err(error) = outcome {
                if let Err(fault) = self.enter(Ending::Failed(&error)).await {
                    tracing::error!(target: "javari", error = %fault, "an ingest's audit entry was not written");
                }
                return Some(Err(error));
            }
        }
    }

    async fn begin(&mut self, request: IngestRequest, blob: Option<Bytes>) -> Result<()> {
        self.scope.require_user(OPERATION)?;
        request.validate(blob.is_some())?;
        let stored = self.knowledge.store.fingerprints(&self.scope).await?;
        let max_bytes =
            request.max_file_bytes.unwrap_or(u64::MAX).min(self.knowledge.limits.max_bytes as u64);
        let (source_type, roots) = (request.source_type, Arc::clone(&self.knowledge.roots));
        let (found, gone, stored) = blocking(move || -> Result<_> {
            let found = walk::find(&request, blob, &roots)?;
            let gone = walk::gone(&request, &stored, &found);
            Ok((found, gone, stored))
        })
        .await??;
        self.events.push_back(IngestEvent::Found { documents: found.len() as u64 });
        let known: HashMap<String, String> =
            stored.into_iter().map(|stored| (stored.path, stored.content_hash)).collect();
        let plan = Arc::new(Plan {
            knowledge: self.knowledge.clone(),
            known,
            max_bytes,
            source_type,
            model: self.knowledge.embedder.model().id,
        });
        let reading = stream::iter(found).map(move |found| {
            let (plan, path) = (Arc::clone(&plan), found.path.clone());
            async move {
                let prepared = blocking(move || plan.prepare(found)).await;
                prepared.unwrap_or_else(|error| Prepared::Failed(path, error))
            }
        });
        self.stage = Stage::Read(Box::pin(reading.buffered(READERS)), gone);
        Ok(())
    }

    /// Reads until a group is full or something else is to be told.
    async fn read(&mut self, mut reading: Reading, gone: Vec<Fingerprint>) -> Result<()> {
        let mut group: Vec<DocumentWrite> = Vec::new();
        let mut size = 0;
        let is_last = loop {
            match reading.next().await {
                None => break true,
                Some(Prepared::Unchanged(path)) => {
                    self.events.push_back(IngestEvent::Unchanged { path });
                    if group.is_empty() {
                        break false;
                    }
                }
                Some(Prepared::Failed(path, error)) => {
                    let entry = NotIngested::new(&path, &error);
                    self.events.push_back(match error.kind() {
                        ErrorKind::Unsupported => IngestEvent::Skipped(entry),
                        _ => IngestEvent::Failed(entry),
                    });
                    if group.is_empty() {
                        break false;
                    }
                }
                Some(Prepared::Ready(document)) => {
                    size += document.text.len();
                    group.push(*document);
                }
            }
            if group.len() >= GROUP_DOCUMENTS || size >= GROUP_BYTES {
                break false;
            }
        };
        self.store(group).await?;
        self.stage =
            if is_last { Stage::Remove(gone.into_iter()) } else { Stage::Read(reading, gone) };
        Ok(())
    }

    async fn store(&mut self, mut group: Vec<DocumentWrite>) -> Result<()> {
        if group.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.embed(&mut group).await {
            self.events.extend(
                group.iter().map(|one| IngestEvent::Failed(NotIngested::new(&one.path, &error))),
            );
            return Ok(());
        }
        for upserted in self.knowledge.store.upsert(&self.scope, group).await? {
            let document = upserted.document;
            self.events.push_back(if upserted.replaced {
                IngestEvent::Updated { document }
            } else {
                IngestEvent::Added { document }
            });
        }
        Ok(())
    }

    /// Gives every chunk of the group its vector, in as few calls as the model's limit allows.
    async fn embed(&mut self, group: &mut [DocumentWrite]) -> Result<()> {
        let texts: Vec<String> = group
            .iter()
            .flat_map(|document| document.chunks.iter().map(|chunk| embedded(document, chunk)))
            .collect();
        if texts.is_empty() {
            return Ok(());
        }
        let count = texts.len();
        let request = EmbedRequest::new(self.scope, texts);
        let held = self.knowledge.reserve_embedding(&self.scope, OPERATION, &request).await?;
        let embeddings = self.knowledge.embedder.embed(request).await?;
        self.report.usage += embeddings.usage;
        // Each call by itself, so that an ingest which is left has paid for what it embedded.
        self.knowledge.record_embedding(&self.scope, OPERATION, embeddings.usage, held).await;
        if embeddings.vectors.len() != count {
            return Err(Error::new(
                ErrorKind::ProviderFailed,
                OPERATION,
                "the embedder returned another number of vectors than there were texts",
            )
            .with("texts", count)
            .with("vectors", embeddings.vectors.len()));
        }
        let chunks = group.iter_mut().flat_map(|document| document.chunks.iter_mut());
        for (chunk, vector) in chunks.zip(embeddings.vectors) {
            chunk.vector = vector;
        }
        Ok(())
    }

    async fn remove(&mut self, mut gone: std::vec::IntoIter<Fingerprint>) -> Result<()> {
        let Some(one) = gone.next() else {
            self.stage = Stage::Finish;
            return Ok(());
        };
        match self.knowledge.store.delete(&self.scope, one.id).await {
            Ok(()) => self.events.push_back(IngestEvent::Removed { path: one.path }),
            // Another caller was first.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        self.stage = Stage::Remove(gone);
        Ok(())
    }

    async fn finish(&mut self) -> Result<()> {
        // Slower searches are no reason to call an ingest failed that stored all.
        if self.report.chunks >= SETTLE_CHUNKS
            && let Err(error) = self.knowledge.store.settle(&self.scope).await
        {
            tracing::warn!(%error, "the store's indexes were not put in order");
        }
        self.enter(Ending::Finished).await?;
        self.events.push_back(IngestEvent::Finished { report: mem::take(&mut self.report) });
        Ok(())
    }

    /// Writes the one audit entry of this ingest; once begun, also when the caller leaves.
    async fn enter(&mut self, ending: Ending<'_>) -> Result<()> {
        if mem::replace(&mut self.is_entered, true) {
            return Ok(());
        }
        let Some(audit) = self.knowledge.audit.clone() else { return Ok(()) };
        let Some(entry) = self.counts.entry(&ending) else { return Ok(()) };
        let (trail, scope) = (audit.clone(), self.scope);
        let work = async move { trail.record(&scope, entry).await.map(drop) };
        audit.until_done(OPERATION, work).await
    }
}

impl Drop for Work {
    /// A caller that leaves has still changed what was stored until then.
    fn drop(&mut self) {
        if self.is_entered {
            return;
        }
        let Some(audit) = &self.knowledge.audit else { return };
        // Stored, and not yet told.
        for event in self.events.drain(..) {
            self.counts.note(&event);
        }
        let Some(entry) = self.counts.entry(&Ending::Stopped) else { return };
        match Handle::try_current().ok().or(self.runtime.take()) {
            Some(runtime) => audit.record_later(&runtime, self.scope, entry),
            None => {
                tracing::error!(target: "javari", "an ingest's audit entry was not written: no runtime")
            }
        }
    }
}

/// What is embedded: the chunk under its headings, which say what it is about.
fn embedded(document: &DocumentWrite, chunk: &crate::knowledge::ChunkWrite) -> String {
    let content = document.text.get(chunk.range.clone()).unwrap_or_default();
    if chunk.headings.is_empty() {
        return content.to_owned();
    }
    format!("{}\n\n{content}", chunk.headings.join(" > "))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|stopped| {
        Error::new(ErrorKind::Unexpected, OPERATION, "reading a document stopped")
            .with_source(stopped)
    })
}
