//! Collects blocks with the headings above them, in bounded memory.

use std::{ops::Range, sync::Arc};

use super::{Block, BlockKind};

/// Beyond this many blocks, further ones are joined to the last: a file of two-byte paragraphs
/// would otherwise need fifty times its size.
const MAX_BLOCKS: usize = 1_000_000;
const MAX_TITLE_CHARS: usize = 200;

/// The blocks of a document while it is read from top to bottom.
pub(super) struct Outline {
    blocks: Vec<Block>,
    open: Vec<(u8, String)>,
    path: Arc<[String]>,
    page: Option<u32>,
}

impl Outline {
    pub(super) fn new() -> Self {
        Self { blocks: Vec::new(), open: Vec::new(), path: Arc::new([]), page: None }
    }

    /// The page on which the following blocks stand.
    pub(super) fn set_page(&mut self, page: u32) {
        self.page = Some(page);
    }

    /// A heading at `range`; the following blocks stand under it.
    pub(super) fn heading(&mut self, level: u8, title: &str, range: Range<usize>) {
        self.enter(level, title);
        self.push(BlockKind::Heading { level }, range);
    }

    /// Opens a heading that has no block of its own.
    pub(super) fn enter(&mut self, level: u8, title: &str) {
        self.leave(level);
        let title: String = title.split_whitespace().collect::<Vec<_>>().join(" ");
        if !title.is_empty() {
            self.open.push((level, title.chars().take(MAX_TITLE_CHARS).collect()));
        }
        self.path = self.open.iter().map(|(_, title)| title.clone()).collect();
    }

    /// Closes every open heading of this level or deeper.
    pub(super) fn leave(&mut self, level: u8) {
        if self.open.last().is_some_and(|(open, _)| *open >= level) {
            while self.open.last().is_some_and(|(open, _)| *open >= level) {
                self.open.pop();
            }
            self.path = self.open.iter().map(|(_, title)| title.clone()).collect();
        }
    }

    /// A block at `range`, which starts at or after the end of the last one.
    pub(super) fn push(&mut self, kind: BlockKind, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        if self.blocks.len() >= MAX_BLOCKS
            && let Some(last) = self.blocks.last_mut()
        {
            last.range.end = range.end;
            return;
        }
        let headings = Arc::clone(&self.path);
        self.blocks.push(Block { kind, range, headings, page: self.page });
    }

    /// The title of the first outermost heading, if there is a heading.
    pub(super) fn first_heading(&self) -> Option<String> {
        let is_heading = |block: &&Block| matches!(block.kind, BlockKind::Heading { .. });
        self.blocks.iter().find(is_heading).and_then(|block| block.headings.first().cloned())
    }

    pub(super) fn into_blocks(self) -> Vec<Block> {
        self.blocks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deeper_heading_adds_to_the_path_and_a_higher_one_cuts_it() {
        let mut outline = Outline::new();
        outline.heading(1, "A", 0..1);
        outline.heading(3, "C", 1..2);
        outline.heading(2, "  B \n b ", 2..3);
        outline.push(BlockKind::Paragraph, 3..4);
        let paths: Vec<String> =
            outline.into_blocks().iter().map(|b| b.headings.join("/")).collect();
        assert_eq!(paths, ["A", "A/C", "A/B b", "A/B b"]);
    }
}
