//! Cuts an extracted text into chunks that fit an embedding model.
//!
//! A [`Chunker`] returns ranges, never copies. [`StructureChunker`] packs whole blocks of one
//! heading section up to a number of tokens, keeps a heading with the text below it, and splits
//! only what is too large by itself: at lines or sentences, then words, then characters. It counts
//! with a [`Tokenizer`], by default OpenAI's `o200k_base`.
//!
//! What it deliberately does not do: it embeds nothing and stores nothing; it does not put the
//! heading path into the text, because a citation must quote the source.

mod pack;
mod parts;
mod sentences;
mod split;
mod tokenizer;

use std::{ops::Range, sync::Arc};

pub use self::tokenizer::{Tiktoken, Tokenizer};
use super::extract::Extracted;

/// A piece of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Where it stands, in bytes of [`Extracted::text`], on character boundaries and without white
    /// space at its ends.
    pub range: Range<usize>,
    /// The headings above all of its text, outermost first.
    pub headings: Vec<String>,
    /// The page of its text, counted from 1, in documents that have pages.
    pub page: Option<u32>,
    /// Its length in tokens, as the chunker's tokenizer counts.
    pub tokens: u32,
}

/// Cuts documents into chunks.
pub trait Chunker: Send + Sync {
    /// The chunks of a document, ascending; no word of the document is in none of them.
    fn chunk(&self, document: &Extracted) -> Vec<Chunk>;
}

/// Cuts along the structure of the document. The same document always gives the same chunks.
///
/// Promises, for any text: every character but white space is in a chunk; no chunk has more than
/// the maximum of tokens (unless the tokenizer gives one single character more); without overlap
/// no character is in two chunks; text of two pages is never in one chunk, though a heading at the
/// foot of a page goes with its text on the next. A chunk goes beyond one heading's section only
/// when both sides are tiny, at most a quarter of the maximum each. A heading stands in a chunk with
/// its text, unless headings alone fill three quarters of one.
///
/// ```
/// use javari_core::knowledge::{
///     chunk::{Chunker, StructureChunker},
///     extract::{ExtractLimits, Extractors, Source},
/// };
/// let source = Source::new("a.md", "# Pumps\n\nOpen the valve first.");
/// let document = Extractors::default().extract(&source, &ExtractLimits::default())?;
/// let chunks = StructureChunker::default().chunk(&document);
/// assert_eq!(chunks.len(), 1);
/// assert_eq!(chunks[0].headings, ["Pumps"]);
/// assert_eq!(&document.text[chunks[0].range.clone()], document.text);
/// # Ok::<(), javari_core::Error>(())
/// ```
#[derive(Clone)]
pub struct StructureChunker {
    max_tokens: u32,
    overlap_tokens: u32,
    tokenizer: Arc<dyn Tokenizer>,
}

impl StructureChunker {
    /// Smaller maxima are raised to this, so that any character fits.
    pub const MIN_TOKENS: u32 = 16;

    /// Chunks of at most 400 tokens as `tokenizer` counts them, without overlap.
    pub fn new(tokenizer: Arc<dyn Tokenizer>) -> Self {
        Self { max_tokens: 400, overlap_tokens: 0, tokenizer }
    }

    /// The same chunker with another maximum, at least [`Self::MIN_TOKENS`].
    #[must_use]
    pub fn with_max_tokens(mut self, max_tokens: u32) -> Self {
        self.max_tokens = max_tokens.max(Self::MIN_TOKENS);
        self
    }

    /// The same chunker, repeating up to this many tokens of the chunk before where a section is
    /// longer than one chunk. At most half of the maximum is used.
    #[must_use]
    pub fn with_overlap_tokens(mut self, overlap_tokens: u32) -> Self {
        self.overlap_tokens = overlap_tokens;
        self
    }

    /// The largest number of tokens in a chunk.
    pub fn max_tokens(&self) -> u32 {
        self.max_tokens
    }

    /// What counts the tokens.
    pub fn tokenizer(&self) -> &dyn Tokenizer {
        self.tokenizer.as_ref()
    }
}

impl Default for StructureChunker {
    fn default() -> Self {
        Self::new(Arc::new(Tiktoken::o200k_base()))
    }
}

impl std::fmt::Debug for StructureChunker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StructureChunker")
            .field("max_tokens", &self.max_tokens)
            .field("overlap_tokens", &self.overlap_tokens)
            .field("tokenizer", &self.tokenizer.id())
            .finish()
    }
}

impl Chunker for StructureChunker {
    fn chunk(&self, document: &Extracted) -> Vec<Chunk> {
        let overlap = self.overlap_tokens.min(self.max_tokens / 2);
        pack::pack(document, self.tokenizer(), self.max_tokens, overlap)
    }
}

#[cfg(test)]
mod tests;
