//! What the audit trail says of one ingest: counts, and never a path or a text.

use super::{IngestEvent, OPERATION};
use crate::{
    audit::{Entry, Outcome},
    error::Error,
};

/// Counts what one ingest did.
#[derive(Debug, Default)]
pub(super) struct Counts {
    found: u64,
    added: u64,
    updated: u64,
    unchanged: u64,
    removed: u64,
    skipped: u64,
    failed: u64,
    chunks: u64,
}

/// How an ingest came to its end.
pub(super) enum Ending<'a> {
    Finished,
    Failed(&'a Error),
    /// The caller left.
    Stopped,
}

impl Counts {
    pub(super) fn note(&mut self, event: &IngestEvent) {
        match event {
            IngestEvent::Found { documents } => self.found += documents,
            IngestEvent::Added { document } => {
                self.added += 1;
                self.chunks += document.chunk_count;
            }
            IngestEvent::Updated { document } => {
                self.updated += 1;
                self.chunks += document.chunk_count;
            }
            IngestEvent::Unchanged { .. } => self.unchanged += 1,
            IngestEvent::Removed { .. } => self.removed += 1,
            IngestEvent::Skipped(_) => self.skipped += 1,
            IngestEvent::Failed(_) => self.failed += 1,
            IngestEvent::Finished { .. } => {}
        }
    }

    /// The entry; none for an ingest that broke off before it changed anything.
    pub(super) fn entry(&self, ending: &Ending<'_>) -> Option<Entry> {
        let is_finished = matches!(ending, Ending::Finished);
        if !is_finished && self.added + self.updated + self.removed == 0 {
            return None;
        }
        let entry = Entry::new(OPERATION, "took documents into the knowledge base")
            .with("found", self.found)
            .with("added", self.added)
            .with("updated", self.updated)
            .with("unchanged", self.unchanged)
            .with("removed", self.removed)
            .with("skipped", self.skipped)
            .with("failed", self.failed)
            .with("chunks", self.chunks);
        let entry = match ending {
            Ending::Finished => entry,
            Ending::Failed(error) => entry.with("error", error.code()),
            Ending::Stopped => entry.with("stopped", true),
        };
        let is_whole = is_finished && self.failed == 0;
        Some(if is_whole { entry } else { entry.with_outcome(Outcome::PartialSuccess) })
    }
}
