//! Reads documents into text with blocks, so that a citation never has to be guessed.
//!
//! An [`Extractor`] turns the bytes of a [`Source`] into [`Extracted`]: one text, and blocks that
//! say where each heading, paragraph, list, table and piece of code stands in it, under which
//! headings and on which page. [`Extractors`] is the ordered list of them: Markdown, plain text,
//! HTML, PDF, Word, CSV, JSON and source code are built in, and a host adds its own in front.
//! For Markdown, plain text and source code the text *is* the file, so ranges point into it.
//!
//! What it deliberately does not do: it fetches nothing and opens no path; it looks at no picture
//! (no OCR) and runs no script; it never guesses a password. It does not decide what is trusted:
//! hidden text is dropped, but what remains is still text that somebody else wrote.

mod code;
mod csv;
mod deadline;
mod detect;
mod docx;
mod draft;
mod encoding;
#[cfg(test)]
mod fixtures;
mod html;
mod json;
mod markdown;
mod outline;
mod pdf;
pub(in crate::knowledge) mod ranges;
mod registry;
mod text;

use std::{ops::Range, sync::Arc};

use bytes::Bytes;

pub use self::{
    code::CodeExtractor,
    csv::CsvExtractor,
    detect::{detect, media_type_of_name},
    docx::DocxExtractor,
    html::HtmlExtractor,
    json::JsonExtractor,
    markdown::MarkdownExtractor,
    pdf::PdfExtractor,
    registry::Extractors,
    text::TextExtractor,
};
use crate::error::{Error, ErrorKind, Result};

/// The operation that every error of this room names.
const OPERATION: &str = "knowledge.extract";

/// A document as it came: its name, its bytes and, where the sender said so, its media type.
#[derive(Debug, Clone)]
pub struct Source {
    /// Path or file name, parts separated by `/`; its extension is the first hint of the type.
    pub name: String,
    /// The media type as a server or a caller stated it, parameters such as `charset` included.
    pub media_type: Option<String>,
    /// The document itself.
    pub bytes: Bytes,
}

impl Source {
    /// A document whose type is found from its name and its content.
    pub fn new(name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self { name: name.into(), media_type: None, bytes: bytes.into() }
    }

    /// The same document with the media type that its sender stated.
    #[must_use]
    pub fn with_media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }
}

/// A document as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extracted {
    /// The title that the document states of itself.
    pub title: Option<String>,
    /// The media type that it was read as, without parameters.
    pub media_type: String,
    /// The text; every range counts bytes of it.
    pub text: String,
    /// Where the parts of the text stand: ascending, not overlapping, on character boundaries.
    pub blocks: Vec<Block>,
    /// What was not read, one sentence each.
    pub warnings: Vec<String>,
}

impl Extracted {
    /// The text of a block; empty when the range lies outside the text.
    pub fn text_of(&self, block: &Block) -> &str {
        self.text.get(block.range.clone()).unwrap_or_default()
    }

    /// Checks the promises that blocks make; a host's extractor may have broken one.
    fn check(&self) -> Result<()> {
        let mut end = 0;
        for block in &self.blocks {
            let Range { start, end: stop } = block.range;
            if start < end || stop < start || self.text.get(start..stop).is_none() {
                return Err(Error::new(
                    ErrorKind::HostFailed,
                    OPERATION,
                    "the extractor returned a block that overlaps another or lies outside the text",
                )
                .with("range", format!("{start}..{stop}"))
                .with("length", self.text.len()));
            }
            end = stop;
        }
        Ok(())
    }
}

/// One part of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Where it stands, in bytes of [`Extracted::text`].
    pub range: Range<usize>,
    /// The headings above it, outermost first; a heading's own title is the last of its path.
    /// Shared by all blocks under the same heading.
    pub headings: Arc<[String]>,
    /// The page it stands on, counted from 1, in documents that have pages.
    pub page: Option<u32>,
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlockKind {
    /// A heading.
    Heading {
        /// 1 is the outermost.
        level: u8,
    },
    /// Running text.
    Paragraph,
    /// A list with all its items.
    List,
    /// Program text or other text whose lines must be kept.
    Code,
    /// Rows and columns.
    Table,
    /// A quotation.
    Quote,
}

/// Reads documents of some media types. Synchronous: call it where blocking is allowed.
///
/// The document is hostile: an implementation keeps to the limits and returns
/// [`ErrorKind::Unreadable`] for what is damaged, encrypted or not what it says. A panic is caught
/// by [`Extractors::extract`] and becomes the same error.
pub trait Extractor: Send + Sync {
    /// Whether documents of this media type (lower case, without parameters) are read here.
    fn accepts(&self, media_type: &str) -> bool;

    /// Reads the document.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unreadable`] when the document is damaged, encrypted or of another type,
    /// [`ErrorKind::TooLarge`] when it unpacks to more than a limit allows.
    fn extract(&self, source: &Source, limits: &ExtractLimits) -> Result<Extracted>;
}

/// How much of a document is read, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractLimits {
    /// The largest document in bytes; a larger one is refused. 64 MiB.
    pub max_bytes: usize,
    /// The longest text in bytes; the rest is left out with a warning. 64 MiB.
    pub max_text_bytes: usize,
    /// The most pages; the rest is left out with a warning. 5,000.
    pub max_pages: usize,
    /// The most bytes that a compressed document may unpack to; more is refused. 256 MiB.
    pub max_expanded_bytes: usize,
    /// The most seconds for formats whose reader may run for ever (PDF, HTML). 60.
    pub max_seconds: u64,
}

impl Default for ExtractLimits {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            max_bytes: 64 * MIB,
            max_text_bytes: 64 * MIB,
            max_pages: 5_000,
            max_expanded_bytes: 256 * MIB,
            max_seconds: 60,
        }
    }
}

/// The document cannot be read; `message` says why.
fn unreadable(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Unreadable, OPERATION, message)
}
