//! Plain text: the text is the file, and empty lines divide its paragraphs.

use std::ops::Range;

use super::{
    BlockKind, ExtractLimits, Extracted, Extractor, Source, draft::cut, encoding::decode,
    outline::Outline, ranges::trimmed,
};
use crate::error::Result;

/// Reads `text/plain`, and any other `text/` type that nothing else reads.
#[derive(Debug, Clone, Copy, Default)]
pub struct TextExtractor;

impl Extractor for TextExtractor {
    fn accepts(&self, media_type: &str) -> bool {
        media_type.starts_with("text/")
    }

    fn extract(&self, source: &Source, limits: &ExtractLimits) -> Result<Extracted> {
        let mut decoded = decode(source, None)?;
        cut(&mut decoded.text, limits, &mut decoded.warnings);
        let mut outline = Outline::new();
        for range in paragraphs(&decoded.text) {
            outline.push(BlockKind::Paragraph, range);
        }
        Ok(Extracted {
            title: None,
            media_type: "text/plain".to_owned(),
            text: decoded.text,
            blocks: outline.into_blocks(),
            warnings: decoded.warnings,
        })
    }
}

/// The groups of lines between empty lines, trimmed.
pub(super) fn paragraphs(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut lines = lines(text).peekable();
    std::iter::from_fn(move || {
        while lines.next_if(|(_, line)| line.trim().is_empty()).is_some() {}
        let (start, first) = lines.next()?;
        let mut end = start + first.len();
        while let Some((at, line)) = lines.next_if(|(_, line)| !line.trim().is_empty()) {
            end = at + line.len();
        }
        Some(trimmed(text, start..end))
    })
}

/// Every line with its offset and its line end.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lines_divide_paragraphs_and_the_text_is_the_file() {
        let file = "\r\n  One\r\nline\r\n \t\r\n\r\nTwo\n";
        let read =
            TextExtractor.extract(&Source::new("a.txt", file), &ExtractLimits::default()).unwrap();
        assert_eq!(read.text, file);
        let blocks: Vec<&str> = read.blocks.iter().map(|block| read.text_of(block)).collect();
        assert_eq!(blocks, ["One\r\nline", "Two"]);
    }
}
