//! Reads and cuts one document, where blocking is allowed.

use std::{collections::HashMap, io::Read, path::Path};

use bytes::Bytes;

use super::{
    DocumentRoots, OPERATION,
    walk::{Content, Found},
};
use crate::{
    error::{Error, ErrorKind, Result},
    knowledge::{ChunkWrite, DocumentWrite, Knowledge, SourceType, extract::Source},
};

/// What became of a found document.
pub(super) enum Prepared {
    Unchanged(String),
    Ready(Box<DocumentWrite>),
    Failed(String, Error),
}

/// What all documents of one ingest share.
pub(super) struct Plan {
    pub(super) knowledge: Knowledge,
    /// Path to hash of what is stored.
    pub(super) known: HashMap<String, String>,
    pub(super) max_bytes: u64,
    pub(super) source_type: SourceType,
    pub(super) model: String,
}

impl Plan {
    /// Reads and cuts a document unless it is stored in this form.
    pub(super) fn prepare(&self, found: Found) -> Prepared {
        let path = found.path.clone();
        match self.read(found) {
            Ok(Some(document)) => Prepared::Ready(Box::new(document)),
            Ok(None) => Prepared::Unchanged(path),
            Err(error) => Prepared::Failed(path, error),
        }
    }

    fn read(&self, found: Found) -> Result<Option<DocumentWrite>> {
        let bytes = match found.content {
            Content::File(path) => read_file(&path, self.max_bytes, &self.knowledge.roots)?,
            Content::Bytes(bytes) => bytes,
            Content::Broken(_, reason) => {
                return Err(Error::new(ErrorKind::Unreadable, OPERATION, reason));
            }
        };
        if bytes.len() as u64 > self.max_bytes {
            return Err(too_large(self.max_bytes));
        }
        let content_hash = self.fingerprint(&bytes, found.media_type.as_deref());
        if self.known.get(&found.path) == Some(&content_hash) {
            return Ok(None);
        }
        let byte_size = bytes.len() as u64;
        let mut source = Source::new(found.path.clone(), bytes);
        source.media_type = found.media_type;
        let knowledge = &self.knowledge;
        let read = knowledge.extractors.extract(&source, &knowledge.limits)?;
        let chunks = knowledge.chunker.chunk(&read);
        let chunks = chunks.into_iter().map(|chunk| ChunkWrite {
            range: chunk.range,
            headings: chunk.headings,
            page: chunk.page,
            tokens: chunk.tokens,
            vector: Vec::new(),
        });
        Ok(Some(DocumentWrite {
            path: found.path,
            source_type: self.source_type,
            origin: found.origin,
            title: read.title,
            media_type: read.media_type,
            content_hash,
            byte_size,
            warnings: read.warnings,
            chunks: chunks.collect(),
            text: read.text,
            model: self.model.clone(),
        }))
    }

    /// The same for the same bytes, read, cut and embedded the same way.
    fn fingerprint(&self, bytes: &[u8], media_type: Option<&str>) -> String {
        let mut hasher = blake3::Hasher::new();
        for part in [&self.knowledge.reading, &self.model, media_type.unwrap_or_default()] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.update(bytes);
        hasher.finalize().to_hex().to_string()
    }
}

fn read_file(path: &Path, max_bytes: u64, roots: &DocumentRoots) -> Result<Bytes> {
    let fault = |error: std::io::Error| {
        Error::new(ErrorKind::Unreadable, OPERATION, format!("the file cannot be read: {error}"))
            .with_source(error)
    };
    let (file, metadata) = roots.open(path)?;
    if !metadata.is_file() {
        return Err(Error::new(ErrorKind::Unreadable, OPERATION, "it is no longer a file"));
    }
    if metadata.len() > max_bytes {
        return Err(too_large(max_bytes));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    // A file that grows while it is read still ends at the limit.
    file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(fault)?;
    Ok(bytes.into())
}

fn too_large(limit: u64) -> Error {
    Error::new(ErrorKind::TooLarge, OPERATION, format!("it is larger than {limit} bytes"))
}
