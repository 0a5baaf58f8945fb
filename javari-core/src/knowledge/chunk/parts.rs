//! Turns the blocks of a document into parts that cover all of its words, grouped in sections.

use std::{ops::Range, sync::Arc};

use super::super::extract::{
    BlockKind, Extracted,
    ranges::{floor_boundary, trimmed},
};

/// A block, or words that no block covers. Its text begins and ends with a visible character.
pub(super) struct Part {
    pub(super) range: Range<usize>,
    pub(super) is_heading: bool,
    /// Whether its lines are units of their own, as in code, tables and lists.
    pub(super) has_lines: bool,
    pub(super) headings: Arc<[String]>,
    pub(super) page: Option<u32>,
}

/// The parts of a document from first to last. Blocks that overlap or stand off character
/// boundaries are put right, because a chunker may be given anything.
pub(super) fn parts(document: &Extracted) -> Vec<Part> {
    let text = document.text.as_str();
    let mut parts: Vec<Part> = Vec::with_capacity(document.blocks.len());
    let mut covered = 0;
    for block in &document.blocks {
        let start = floor_boundary(text, block.range.start).max(covered);
        let end = floor_boundary(text, block.range.end).max(start);
        add_gap(&mut parts, text, covered..start, block.page);
        let range = trimmed(text, start..end);
        covered = end;
        if !range.is_empty() {
            parts.push(Part {
                range,
                is_heading: matches!(block.kind, BlockKind::Heading { .. }),
                has_lines: matches!(
                    block.kind,
                    BlockKind::Code | BlockKind::Table | BlockKind::List
                ),
                headings: Arc::clone(&block.headings),
                page: block.page,
            });
        }
    }
    add_gap(&mut parts, text, covered..text.len(), None);
    parts
}

/// Words between blocks stand under the headings of the block before them.
fn add_gap(parts: &mut Vec<Part>, text: &str, gap: Range<usize>, next_page: Option<u32>) {
    let range = trimmed(text, gap);
    if !range.is_empty() {
        let (headings, page) = match parts.last() {
            Some(last) => (Arc::clone(&last.headings), last.page),
            None => (Arc::from([]), next_page),
        };
        parts.push(Part { range, is_heading: false, has_lines: false, headings, page });
    }
}

/// Consecutive parts under the same headings on the same page; leading headings belong to the
/// section of the text that follows them, wherever that stands.
pub(super) fn sections(parts: &[Part]) -> Vec<Range<usize>> {
    let mut sections = Vec::new();
    let mut start = 0;
    let mut has_text = false;
    for (index, pair) in parts.windows(2).enumerate() {
        let [before, after] = pair else { continue };
        has_text |= !before.is_heading;
        let is_border = after.is_heading
            || after.page != before.page
            || (!Arc::ptr_eq(&after.headings, &before.headings)
                && after.headings != before.headings);
        if is_border && has_text {
            sections.push(start..index + 1);
            start = index + 1;
            has_text = false;
        }
    }
    if start < parts.len() {
        sections.push(start..parts.len());
    }
    sections
}
