//! Documents as they are written, listed and read.

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::types::{DocumentId, PageRequest, Timestamp};

/// How a document came in; the seed's four words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceType {
    /// A file of the host or of a person.
    #[default]
    FileUpload,
    /// A page that the crawler fetched.
    WebCrawl,
    /// Another program's interface.
    ApiIntegration,
    /// Text that a person gave.
    Manual,
}

impl SourceType {
    /// The word in JSON and SQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FileUpload => "file_upload",
            Self::WebCrawl => "web_crawl",
            Self::ApiIntegration => "api_integration",
            Self::Manual => "manual",
        }
    }

    /// The source type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::FileUpload, Self::WebCrawl, Self::ApiIntegration, Self::Manual]
            .into_iter()
            .find(|source_type| source_type.name() == name)
    }
}

/// A document to store: its text, its chunks and their vectors. It replaces the document of the
/// same path at the same level, or nothing at all happens.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentWrite {
    /// Where it is from: a path with `/`, an address or a name; unique within user and project.
    pub path: String,
    /// How it came in.
    pub source_type: SourceType,
    /// The folder it was read from.
    pub origin: Option<String>,
    /// The title it states of itself.
    pub title: Option<String>,
    /// What it was read as.
    pub media_type: String,
    /// Tells whether it changed: the same bytes read, cut and embedded the same way.
    pub content_hash: String,
    /// Its size before it was read as text.
    pub byte_size: u64,
    /// What was not read.
    pub warnings: Vec<String>,
    /// Its text.
    pub text: String,
    /// The model of the vectors.
    pub model: String,
    /// Its chunks, ascending.
    pub chunks: Vec<ChunkWrite>,
}

/// A chunk to store.
#[derive(Debug, Clone, PartialEq)]
pub struct ChunkWrite {
    /// Where it stands, in bytes of the document's text, on character boundaries.
    pub range: Range<usize>,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// Its page, from 1.
    pub page: Option<u32>,
    /// Its length in tokens.
    pub tokens: u32,
    /// Its vector, of any length; all vectors of a document have equally many numbers. Empty
    /// where the document has none.
    pub vector: Vec<f32>,
}

/// What is known of a stored document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentView {
    /// Its id; it keeps it when it is replaced.
    pub id: DocumentId,
    /// Where it is from.
    pub path: String,
    /// How it came in.
    pub source_type: SourceType,
    /// The title it states of itself.
    pub title: Option<String>,
    /// What it was read as.
    pub media_type: String,
    /// Tells whether it changed.
    pub content_hash: String,
    /// Its size in bytes before it was read as text.
    pub byte_size: u64,
    /// How many chunks it was cut into.
    pub chunk_count: u64,
    /// What was not read, one sentence each.
    pub warnings: Vec<String>,
    /// When it was first stored.
    pub created_at: Timestamp,
    /// When it was last replaced.
    pub updated_at: Timestamp,
}

/// A document with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// What is known of it.
    #[serde(flatten)]
    pub view: DocumentView,
    /// Its text, which citations point into.
    pub text: String,
}

/// Which document to read or delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentRequest {
    /// Its id.
    pub id: DocumentId,
}

/// Which documents to list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListDocuments {
    /// Only documents whose path begins so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Which part of the list.
    pub page: PageRequest,
}

/// What a store needs to say so that unchanged documents are not read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// The document.
    pub id: DocumentId,
    /// Where it is from.
    pub path: String,
    /// The folder it was read from.
    pub origin: Option<String>,
    /// Tells whether it changed.
    pub content_hash: String,
}

/// How much a scope's level holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct KnowledgeStats {
    /// Documents.
    pub documents: u64,
    /// Chunks of all documents.
    pub chunks: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_type_is_found_by_its_name() {
        for name in ["file_upload", "web_crawl", "api_integration", "manual"] {
            assert_eq!(SourceType::from_name(name).map(SourceType::name), Some(name));
        }
        assert_eq!(SourceType::from_name("other"), None);
    }
}
