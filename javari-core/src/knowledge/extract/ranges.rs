//! Ranges of bytes that stand on characters.

use std::ops::Range;

/// `range` without the white space at both ends of its text.
pub(in crate::knowledge) fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let Some(inside) = text.get(range.clone()) else { return range.start..range.start };
    let start = range.start + (inside.len() - inside.trim_start().len());
    start..start + inside.trim().len()
}

/// The largest character boundary of `text` at or below `index`.
pub(in crate::knowledge) fn floor_boundary(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}
