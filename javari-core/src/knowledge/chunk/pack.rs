//! Packs parts into chunks, greedily, section by section.

use std::ops::Range;

use super::{
    super::extract::Extracted,
    Chunk,
    parts::{Part, parts, sections},
    split::{Piece, Splitter},
    tokenizer::Tokenizer,
};

/// The chunks of a document; every piece of text is counted alone once and in its chunk once.
pub(super) fn pack(
    document: &Extracted,
    tokenizer: &dyn Tokenizer,
    max_tokens: u32,
    overlap_tokens: u32,
) -> Vec<Chunk> {
    let parts = parts(document);
    let mut packer = Packer {
        splitter: Splitter::new(&document.text, tokenizer),
        parts: &parts,
        max: max_tokens,
        overlap: overlap_tokens,
        open: Vec::new(),
        repeated: 0,
        sum: 0,
        chunks: Vec::new(),
    };
    for section in sections(&parts) {
        packer.section(section);
    }
    packer.end_document();
    packer.chunks
}

/// A piece of a part.
#[derive(Clone)]
struct Atom {
    range: Range<usize>,
    tokens: u32,
    part: usize,
}

struct Packer<'a> {
    splitter: Splitter<'a>,
    parts: &'a [Part],
    max: u32,
    overlap: u32,
    /// The chunk under construction.
    open: Vec<Atom>,
    /// How many of its first atoms repeat the end of the chunk before.
    repeated: usize,
    /// Its tokens, estimated as the sum of its atoms.
    sum: u32,
    chunks: Vec<Chunk>,
}

impl Packer<'_> {
    fn section(&mut self, section: Range<usize>) {
        let measured: Vec<Option<u32>> = section
            .clone()
            .map(|index| {
                let part = self.parts.get(index)?;
                self.splitter.measure(&part.range, self.max)
            })
            .collect();
        let total = measured.iter().try_fold(0_u32, |sum, tokens| sum.checked_add((*tokens)?));
        let tiny = self.max / 4;
        let page = |index: usize| self.parts.get(index).and_then(|part| part.page);
        let same_page = self
            .open
            .last()
            .is_some_and(|atom| section.clone().all(|index| page(index) == page(atom.part)));
        let joins = same_page && self.sum <= tiny && total.is_some_and(|total| total <= tiny);
        if !joins {
            self.close_all();
        }
        for (index, tokens) in section.zip(measured) {
            self.add(index, tokens);
        }
    }

    /// Adds a part, whole if it fits into one chunk.
    fn add(&mut self, index: usize, tokens: Option<u32>) {
        let Some(part) = self.parts.get(index) else { return };
        if let Some(tokens) = tokens {
            self.push(Atom { range: part.range.clone(), tokens, part: index });
            return;
        }
        // What must be split begins a chunk of its own, unless little would be left alone.
        if self.sum > self.max / 4 && !self.is_only_headings() {
            self.close(true);
        }
        for piece in self.splitter.split(part.range.clone(), part.has_lines, self.max) {
            self.push(Atom { range: piece.range, tokens: piece.tokens, part: index });
        }
    }

    fn push(&mut self, atom: Atom) {
        self.place(atom, true);
    }

    /// Opens as many chunks as it takes until there is room for the atom.
    fn place(&mut self, atom: Atom, may_be_cut: bool) {
        loop {
            let gap = self.gap_before(&atom);
            let room = self.max.saturating_sub(self.sum.saturating_add(gap));
            if atom.tokens <= room || self.open.is_empty() {
                self.sum = self.sum.saturating_add(gap.saturating_add(atom.tokens));
                self.open.push(atom);
                return;
            }
            if may_be_cut && self.is_only_headings() && room >= self.max / 4 {
                // A heading must not stand alone, so its text is cut to follow it.
                let has_lines = self.parts.get(atom.part).is_some_and(|part| part.has_lines);
                for Piece { range, tokens } in self.splitter.split(atom.range, has_lines, room) {
                    self.place(Atom { range, tokens, part: atom.part }, false);
                }
                return;
            }
            if self.repeated == self.open.len() {
                // Only repeated text is open, and it leaves too little room.
                self.clear();
            } else {
                self.close(true);
            }
        }
    }

    /// An estimate of the tokens of the white space before an atom: a single space joins a word.
    fn gap_before(&self, atom: &Atom) -> u32 {
        let Some(last) = self.open.last() else { return 0 };
        let gap = self.splitter.slice(&(last.range.end..atom.range.start));
        match gap {
            "" | " " => 0,
            _ => 1 + u32::try_from(gap.len() / 16).unwrap_or(u32::MAX / 2),
        }
    }

    fn is_only_headings(&self) -> bool {
        let is_heading =
            |atom: &Atom| self.parts.get(atom.part).is_some_and(|part| part.is_heading);
        !self.open.is_empty() && self.open.iter().all(is_heading)
    }

    fn clear(&mut self) {
        self.open.clear();
        self.repeated = 0;
        self.sum = 0;
    }

    /// Closes until nothing is open: the section ends here.
    fn close_all(&mut self) {
        while self.open.len() > self.repeated {
            self.close(false);
        }
        self.clear();
    }

    /// Writes the open atoms as a chunk. Those that turn out not to fit stay open, after the
    /// repeated ones if the section `goes_on`.
    fn close(&mut self, goes_on: bool) {
        let (kept, tokens) = self.longest_fit();
        if kept <= self.repeated {
            // Nothing new would be in it: the repeated text has to give way.
            let rest = self.open.split_off(self.repeated);
            self.reopen(Vec::new(), rest);
            return;
        }
        if self.cut_after_headings(kept) {
            return;
        }
        let rest = self.open.split_off(kept);
        self.write(tokens);
        let repeat = if goes_on { self.tail() } else { Vec::new() };
        self.reopen(repeat, rest);
    }

    /// How many of the open atoms fit into one chunk, and their exact tokens together. Almost
    /// always all do; else the estimate of the gaps was too low and a few must stay behind.
    fn longest_fit(&self) -> (usize, u32) {
        let Some(first) = self.open.first() else { return (0, 0) };
        let count = |kept: usize| match self.open.get(kept.saturating_sub(1)) {
            Some(last) if kept > 1 => self.splitter.count(&(first.range.start..last.range.end)),
            _ => first.tokens,
        };
        let all = self.open.len();
        let (mut fits, mut tokens, mut exceeds) = (1, first.tokens, all + 1);
        let mut next = all;
        while exceeds - fits > 1 {
            let counted = count(next);
            if counted <= self.max {
                (fits, tokens) = (next, counted);
            } else {
                exceeds = next;
            }
            // One too many is the usual case; beyond that, halving is quicker.
            next = if next == all { all - 1 } else { fits + (exceeds - fits) / 2 };
            next = next.clamp(fits + 1, exceeds.saturating_sub(1).max(fits + 1));
        }
        (fits, tokens)
    }

    /// Whether only headings would be written, so that the text behind them was cut to fit. It is
    /// cut only when that makes it smaller, so closing again comes to an end.
    fn cut_after_headings(&mut self, kept: usize) -> bool {
        let is_heading =
            |atom: &Atom| self.parts.get(atom.part).is_some_and(|part| part.is_heading);
        let (headings, rest) = self.open.split_at(kept);
        let (Some(first), Some(last), Some(text)) =
            (headings.first(), headings.last(), rest.first().cloned())
        else {
            return false;
        };
        let tokens = self.splitter.count(&(first.range.start..last.range.end));
        let room = self.max.saturating_sub(tokens.saturating_add(4));
        if !headings.iter().all(is_heading) || room < self.max / 4 || text.tokens <= room {
            return false;
        }
        let has_lines = self.parts.get(text.part).is_some_and(|part| part.has_lines);
        let pieces = self.splitter.split(text.range, has_lines, room);
        let atom =
            |piece: Piece| Atom { range: piece.range, tokens: piece.tokens, part: text.part };
        let atoms: Vec<Atom> = pieces.into_iter().map(atom).collect();
        let mut open = std::mem::take(&mut self.open);
        open.splice(kept..=kept, atoms);
        self.reopen(Vec::new(), open);
        true
    }

    /// The last atoms of the chunk just written, as many as overlap allows, but never all.
    fn tail(&self) -> Vec<Atom> {
        let mut sum = 0_u32;
        let fits = |atom: &&Atom| {
            sum = sum.saturating_add(atom.tokens.saturating_add(1));
            sum <= self.overlap
        };
        let count = self.open.iter().skip(1).rev().take_while(fits).count();
        self.open.iter().skip(self.open.len() - count).cloned().collect()
    }

    fn reopen(&mut self, repeat: Vec<Atom>, rest: Vec<Atom>) {
        self.clear();
        self.repeated = repeat.len();
        for atom in repeat.into_iter().chain(rest) {
            self.sum = self.sum.saturating_add(self.gap_before(&atom).saturating_add(atom.tokens));
            self.open.push(atom);
        }
    }

    fn write(&mut self, tokens: u32) {
        let (Some(first), Some(last)) = (self.open.first(), self.open.last()) else { return };
        let part = |atom: &Atom| self.parts.get(atom.part);
        let texts: Vec<&Part> =
            self.open.iter().filter_map(part).filter(|part| !part.is_heading).collect();
        let all: Vec<&Part> = self.open.iter().filter_map(part).collect();
        let telling = if texts.is_empty() { &all } else { &texts };
        let mut headings: &[String] = telling.first().map_or(&[], |part| &part.headings);
        for part in telling {
            let common = headings.iter().zip(part.headings.iter()).take_while(|(a, b)| a == b);
            let count = common.count();
            headings = headings.get(..count).unwrap_or_default();
        }
        self.chunks.push(Chunk {
            range: first.range.start..last.range.end,
            headings: headings.to_vec(),
            page: telling.first().and_then(|part| part.page),
            tokens,
        });
    }

    /// Headings at the very end go with the text before them, where there is room on their page.
    fn end_document(&mut self) {
        if self.is_only_headings()
            && let (Some(last), Some(first), Some(end)) =
                (self.chunks.last_mut(), self.open.first(), self.open.last())
        {
            let whole = last.range.start..end.range.end;
            let page = self.parts.get(first.part).and_then(|part| part.page);
            if page == last.page
                && let Some(tokens) = self.splitter.measure(&whole, self.max)
            {
                last.range = whole;
                last.tokens = tokens;
                self.clear();
            }
        }
        self.close_all();
    }
}
