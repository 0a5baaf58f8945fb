//! Writes the text of formats whose bytes are not their text, block by block, up to a limit.

use super::{BlockKind, ExtractLimits, Extracted, outline::Outline, ranges::floor_boundary};

/// A text under construction: blocks are separated by an empty line.
pub(super) struct Draft {
    text: String,
    pub(super) outline: Outline,
    limit: usize,
    full: bool,
}

impl Draft {
    pub(super) fn new(limits: &ExtractLimits) -> Self {
        let limit = limits.max_text_bytes;
        Self { text: String::new(), outline: Outline::new(), limit, full: false }
    }

    /// Whether the limit was reached, so that nothing more is taken.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Adds a block, trimmed; an empty one is left out.
    pub(super) fn block(&mut self, kind: BlockKind, content: &str) {
        let content = content.trim();
        if content.is_empty() || self.full {
            return;
        }
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        let start = self.text.len();
        let room = self.limit.saturating_sub(start);
        let kept = content.get(..floor_boundary(content, room)).unwrap_or_default().trim_end();
        self.full = kept.len() < content.len();
        self.text.push_str(kept);
        let range = start..self.text.len();
        match kind {
            BlockKind::Heading { level } => self.outline.heading(level, kept, range),
            other => self.outline.push(other, range),
        }
    }

    /// The document, with a warning when the limit was reached.
    pub(super) fn finish(
        self,
        media_type: &str,
        title: Option<String>,
        mut warnings: Vec<String>,
    ) -> Extracted {
        if self.full {
            warnings.push(cut_warning(self.limit));
        }
        let title = title.map(|title| title.trim().to_owned()).filter(|title| !title.is_empty());
        Extracted {
            title: title.or_else(|| self.outline.first_heading()),
            media_type: media_type.to_owned(),
            text: self.text,
            blocks: self.outline.into_blocks(),
            warnings,
        }
    }
}

/// What a reader says when the text was longer than allowed.
pub(super) fn cut_warning(limit: usize) -> String {
    format!("only the first {limit} bytes of the text were read")
}

/// Cuts `text` at the limit and says so.
pub(super) fn cut(text: &mut String, limits: &ExtractLimits, warnings: &mut Vec<String>) {
    if text.len() > limits.max_text_bytes {
        text.truncate(floor_boundary(text, limits.max_text_bytes));
        warnings.push(cut_warning(limits.max_text_bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_cuts_on_a_character_and_is_reported() {
        let limits = ExtractLimits { max_text_bytes: 8, ..ExtractLimits::default() };
        let mut draft = Draft::new(&limits);
        draft.block(BlockKind::Paragraph, " ab ");
        draft.block(BlockKind::Paragraph, "cdeéf");
        draft.block(BlockKind::Paragraph, "never");
        let document = draft.finish("text/plain", None, Vec::new());
        assert_eq!(document.text, "ab\n\ncde");
        assert_eq!(document.blocks.len(), 2);
        assert_eq!(document.warnings, ["only the first 8 bytes of the text were read"]);
    }
}
