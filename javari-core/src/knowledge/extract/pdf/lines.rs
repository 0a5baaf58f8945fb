//! Tells headings from body text on the pages of a PDF by the size of their type.

use std::collections::{BTreeMap, HashMap};

use pdf_oxide::layout::TextSpan;

use super::super::{BlockKind, draft::Draft, text::lines};

/// Longer lines are text, however large.
const MAX_HEADING_CHARS: usize = 160;
/// A heading is set at least this much larger than the body.
const LARGER: f32 = 1.12;
const MAX_LEVELS: usize = 6;

/// A page's text and the size in which each of its short lines is set.
pub(super) struct Page {
    number: u32,
    text: String,
    /// By the line's characters without white space, because both readings space them differently.
    sizes: HashMap<String, Line>,
    /// Characters by size, in half points.
    counts: BTreeMap<u32, usize>,
}

#[derive(Clone, Copy)]
struct Line {
    size: u32,
    baseline: f32,
}

impl Page {
    pub(super) fn new(number: u32, text: String, spans: &[TextSpan]) -> Self {
        let mut page = Self { number, text, sizes: HashMap::new(), counts: BTreeMap::new() };
        let mut key = String::new();
        let mut line: Option<Line> = None;
        for span in spans {
            let size = half_points(span.font_size);
            *page.counts.entry(size).or_default() += span.text.chars().count();
            let baseline = span.bbox.y;
            match &mut line {
                Some(open) if (open.baseline - baseline).abs() < 1.0 => {
                    open.size = open.size.min(size);
                }
                _ => {
                    page.note(&mut key, line);
                    line = Some(Line { size, baseline });
                }
            }
            key.extend(span.text.chars().filter(|c| !c.is_whitespace()));
        }
        page.note(&mut key, line);
        page
    }

    fn note(&mut self, key: &mut String, line: Option<Line>) {
        let key = std::mem::take(key);
        if let Some(line) = line
            && !key.is_empty()
            && key.chars().count() <= MAX_HEADING_CHARS
        {
            self.sizes.entry(key).or_insert(line);
        }
    }

    /// Writes the page's paragraphs, with its headings as blocks of their own.
    pub(super) fn write(&self, sizes: &Sizes, draft: &mut Draft) {
        draft.outline.set_page(self.number);
        let mut paragraph = String::new();
        let mut heading: Option<(u8, Line, String)> = None;
        for (_, line) in lines(&self.text) {
            let words = line.trim();
            let found = self.line(words).and_then(|line| Some((sizes.level(line.size)?, line)));
            match (found, &mut heading) {
                // A heading that is set on two lines is one heading.
                (Some((level, line)), Some((open, last, title)))
                    if level == *open && line.follows(last) =>
                {
                    title.push(' ');
                    title.push_str(words);
                    *last = line;
                }
                (Some((level, line)), _) => {
                    end(&mut heading, &mut paragraph, draft);
                    heading = Some((level, line, words.to_owned()));
                }
                (None, _) => {
                    if words.is_empty() || heading.is_some() {
                        end(&mut heading, &mut paragraph, draft);
                    }
                    paragraph.push_str(line);
                }
            }
        }
        end(&mut heading, &mut paragraph, draft);
    }

    fn line(&self, words: &str) -> Option<Line> {
        if words.is_empty() || words.len() > MAX_HEADING_CHARS * 4 {
            return None;
        }
        let key: String = words.chars().filter(|c| !c.is_whitespace()).collect();
        self.sizes.get(&key).copied()
    }
}

fn end(heading: &mut Option<(u8, Line, String)>, paragraph: &mut String, draft: &mut Draft) {
    if let Some((level, _, title)) = heading.take() {
        draft.block(BlockKind::Heading { level }, &title);
    }
    draft.block(BlockKind::Paragraph, &std::mem::take(paragraph));
}

impl Line {
    /// Whether the line stands directly below another of the same size.
    fn follows(&self, above: &Self) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "sizes are small numbers")]
        let points = self.size as f32 / 2.0;
        let gap = above.baseline - self.baseline;
        self.size == above.size && gap > 0.0 && gap <= points * 1.35
    }
}

/// Which sizes are headings, largest first.
pub(super) struct Sizes {
    larger: Vec<u32>,
}

impl Sizes {
    /// The body's size is the one in which most characters are set.
    pub(super) fn of(pages: &[Page]) -> Self {
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        for (size, count) in pages.iter().flat_map(|page| &page.counts) {
            *counts.entry(*size).or_default() += count;
        }
        let body = counts.iter().max_by_key(|(_, count)| **count).map_or(0, |(size, _)| *size);
        #[expect(clippy::cast_precision_loss, reason = "sizes are small numbers")]
        let is_larger = |size: &u32| *size as f32 >= body as f32 * LARGER;
        let larger = counts.into_keys().filter(is_larger).rev().collect();
        Self { larger }
    }

    fn level(&self, size: u32) -> Option<u8> {
        let rank = self.larger.iter().position(|larger| *larger == size)?;
        u8::try_from(rank.min(MAX_LEVELS - 1) + 1).ok()
    }
}

/// A hostile size is bounded; letters of one word differ by less than half a point.
fn half_points(size: f32) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
    let halves = (size * 2.0).round().clamp(0.0, 10_000.0) as u32;
    halves
}
