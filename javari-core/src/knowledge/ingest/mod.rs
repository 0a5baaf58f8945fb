//! Takes documents in: finds, reads, cuts, embeds and stores them, and tells of each.
//!
//! Only what changed is read: a document is skipped when its bytes, the way of reading and the
//! embedding model are those of the stored one.

mod entry;
mod prepare;
mod roots;
mod run;
mod walk;

use std::pin::Pin;

use futures::{Stream, StreamExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::roots::DocumentRoots;
pub(super) use self::run::run;
use super::{DocumentView, SourceType};
use crate::{
    error::{Error, ErrorKind, Result},
    types::Usage,
};

/// The events of one ingest, pulled by the caller. Dropping it stops; what was stored stays.
pub type IngestStream = Pin<Box<dyn Stream<Item = Result<IngestEvent>> + Send>>;

/// The operation that errors of taking documents in name.
const OPERATION: &str = "knowledge.ingest";

/// What to take in: exactly one of `folder`, `file`, `text` and `bytes`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct IngestRequest {
    /// A folder with all below it. Hidden files, `.git`, `target`, `node_modules`, links, what
    /// the folder's own `.gitignore` and `.ignore` name and Javari's own database and root key are
    /// left out. Documents get their path in
    /// the folder, parts separated by `/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// One file; the document gets this path. Folders and files must lie in the host's
    /// `document_roots` where it has named some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// A text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<IngestText>,
    /// A document whose content comes beside the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<IngestBytes>,
    /// Put before every document's path, so that two folders do not share paths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub under: Option<String>,
    /// Of a folder, only files that fit one of these patterns (as in a `.gitignore`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// Of a folder, no file that fits one of these patterns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// Larger files are not read; 64 MiB when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_file_bytes: Option<u64>,
    /// Whether documents that were read from this folder under the same `under` and whose files no
    /// longer exist are deleted. A file that is only left out or cannot be seen stays stored.
    pub remove_missing: bool,
    /// How the documents came in.
    pub source_type: SourceType,
}

/// A text to take in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IngestText {
    /// The document's path; the ending tells how it is read, Markdown without one.
    pub name: String,
    /// The text.
    pub text: String,
}

/// What is known of a document whose content comes beside the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IngestBytes {
    /// The document's path or address.
    pub name: String,
    /// Its media type, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}

impl IngestRequest {
    /// A folder with all below it.
    pub fn folder(path: impl Into<String>) -> Self {
        Self { folder: Some(path.into()), ..Self::default() }
    }

    /// One file.
    pub fn file(path: impl Into<String>) -> Self {
        Self { file: Some(path.into()), ..Self::default() }
    }

    /// A text given by a person.
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = IngestText { name: name.into(), text: text.into() };
        Self { text: Some(text), source_type: SourceType::Manual, ..Self::default() }
    }

    /// A document whose content comes beside the request.
    pub fn bytes(name: impl Into<String>, media_type: Option<String>) -> Self {
        let bytes = IngestBytes { name: name.into(), media_type };
        Self { bytes: Some(bytes), ..Self::default() }
    }

    /// Checks that it names one thing and that `blob` comes with `bytes` alone.
    fn validate(&self, has_blob: bool) -> Result<()> {
        let mut faults = Vec::new();
        let named =
            [self.folder.is_some(), self.file.is_some(), self.text.is_some(), self.bytes.is_some()];
        if named.iter().filter(|is_named| **is_named).count() != 1 {
            faults.push(("", "must name exactly one of `folder`, `file`, `text` and `bytes`"));
        }
        if self.bytes.is_some() != has_blob {
            faults.push(("/bytes", "must come with the content as a blob, and only it"));
        }
        if self.remove_missing && self.folder.is_none() {
            faults.push(("/remove_missing", "is for a folder"));
        }
        let is_named = |name: &str| (1..=1_024).contains(&name.len()) && !name.contains('\0');
        if self.text.as_ref().is_some_and(|text| !is_named(&text.name)) {
            faults.push(("/text/name", "must have 1 to 1,024 bytes"));
        }
        if self.bytes.as_ref().is_some_and(|bytes| !is_named(&bytes.name)) {
            faults.push(("/bytes/name", "must have 1 to 1,024 bytes"));
        }
        if faults.is_empty() {
            return Ok(());
        }
        let error = Error::invalid(OPERATION, "the request does not fit");
        Err(faults.into_iter().fold(error, |error, (path, why)| error.with_field(path, why)))
    }
}

/// One step of taking documents in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum IngestEvent {
    /// What there is to read is known; the first event.
    Found {
        /// How many documents.
        documents: u64,
    },
    /// A new document is stored.
    Added {
        /// The document.
        document: DocumentView,
    },
    /// A document is stored in place of an older form.
    Updated {
        /// The document.
        document: DocumentView,
    },
    /// A document is stored already.
    Unchanged {
        /// Its path.
        path: String,
    },
    /// A document that is no longer in the folder is deleted.
    Removed {
        /// Its path.
        path: String,
    },
    /// A file is of a kind that is not read, such as a picture.
    Skipped(NotIngested),
    /// A document could not be taken in; the others are.
    Failed(NotIngested),
    /// All is done; the last event.
    Finished {
        /// What happened.
        report: IngestReport,
    },
}

/// Why a document was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotIngested {
    /// Its path.
    pub path: String,
    /// The error's stable code, such as `UNREADABLE`.
    pub code: String,
    /// The reason for a person.
    pub reason: String,
}

impl NotIngested {
    fn new(path: &str, error: &Error) -> Self {
        let (code, reason) = (error.code().to_owned(), error.message().to_owned());
        Self { path: path.to_owned(), code, reason }
    }
}

/// What happened to the documents.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct IngestReport {
    /// How many there were to read.
    pub found: u64,
    /// How many are new.
    pub added: u64,
    /// How many replaced an older form.
    pub updated: u64,
    /// How many were stored already.
    pub unchanged: u64,
    /// How many are no longer there and were deleted.
    pub removed: u64,
    /// How many chunks were stored.
    pub chunks: u64,
    /// How many bytes were read as documents, unchanged ones left out.
    pub bytes: u64,
    /// Files of a kind that is not read; the first thousand.
    pub skipped: Vec<NotIngested>,
    /// Documents that could not be taken in; the first thousand.
    pub failed: Vec<NotIngested>,
    /// The tokens of the embedding model.
    pub usage: Usage,
}

impl IngestReport {
    /// The most entries of each list of the report.
    const MAXIMUM: usize = 1_000;

    /// The report at the end of the stream.
    ///
    /// # Errors
    /// The stream's own error.
    pub async fn from_stream(mut events: IngestStream) -> Result<Self> {
        while let Some(event) = events.next().await {
            if let IngestEvent::Finished { report } = event? {
                return Ok(report);
            }
        }
        Err(Error::new(ErrorKind::Unexpected, OPERATION, "the ingest ended without a report"))
    }

    fn note(&mut self, event: &IngestEvent) {
        let stored = |report: &mut Self, document: &DocumentView| {
            report.chunks += document.chunk_count;
            report.bytes += document.byte_size;
        };
        let keep = |list: &mut Vec<NotIngested>, entry: &NotIngested| {
            if list.len() < Self::MAXIMUM {
                list.push(entry.clone());
            }
        };
        match event {
            IngestEvent::Found { documents } => self.found += documents,
            IngestEvent::Added { document } => {
                self.added += 1;
                stored(self, document);
            }
            IngestEvent::Updated { document } => {
                self.updated += 1;
                stored(self, document);
            }
            IngestEvent::Unchanged { .. } => self.unchanged += 1,
            IngestEvent::Removed { .. } => self.removed += 1,
            IngestEvent::Skipped(entry) => keep(&mut self.skipped, entry),
            IngestEvent::Failed(entry) => keep(&mut self.failed, entry),
            IngestEvent::Finished { .. } => {}
        }
    }
}
