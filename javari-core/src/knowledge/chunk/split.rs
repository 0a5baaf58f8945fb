//! Splits text that is too long for one chunk: at lines or sentences, then words, then characters.

use std::ops::Range;

use unicode_segmentation::GraphemeCursor;

use super::{
    super::extract::ranges::{floor_boundary, trimmed},
    sentences::sentences,
    tokenizer::Tokenizer,
};

/// No text of more bytes per token than this is counted whole; a row of spaces is the densest.
const MAX_BYTES_PER_TOKEN: usize = 48;

/// A piece of text and its tokens.
pub(super) struct Piece {
    pub(super) range: Range<usize>,
    pub(super) tokens: u32,
}

/// Counts and splits parts of one text.
pub(super) struct Splitter<'a> {
    pub(super) text: &'a str,
    pub(super) tokenizer: &'a dyn Tokenizer,
    /// Bytes per token where words were cut last: the first guess for the next cut.
    bytes_per_token: usize,
}

impl<'a> Splitter<'a> {
    pub(super) fn new(text: &'a str, tokenizer: &'a dyn Tokenizer) -> Self {
        Self { text, tokenizer, bytes_per_token: 4 }
    }

    pub(super) fn slice(&self, range: &Range<usize>) -> &'a str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// The tokens of a range.
    pub(super) fn count(&self, range: &Range<usize>) -> u32 {
        self.tokenizer.count(self.slice(range))
    }

    /// The tokens of a range, or nothing when they are more than `limit`.
    pub(super) fn measure(&self, range: &Range<usize>, limit: u32) -> Option<u32> {
        if range.len() > limit as usize * MAX_BYTES_PER_TOKEN {
            return None;
        }
        Some(self.count(range)).filter(|tokens| *tokens <= limit)
    }

    /// Pieces of at most `limit` tokens that hold every visible character of the range.
    pub(super) fn split(&mut self, range: Range<usize>, has_lines: bool, limit: u32) -> Vec<Piece> {
        let mut pieces = Vec::new();
        if has_lines {
            let mut at = range.start;
            for line in self.slice(&range).split_inclusive('\n') {
                let line_range = trimmed(self.text, at..at + line.len());
                at += line.len();
                self.split_sentences(line_range, limit, &mut pieces);
            }
        } else {
            self.split_sentences(range, limit, &mut pieces);
        }
        pieces
    }

    fn split_sentences(&mut self, range: Range<usize>, limit: u32, pieces: &mut Vec<Piece>) {
        if range.is_empty() {
            return;
        }
        if let Some(tokens) = self.measure(&range, limit) {
            pieces.push(Piece { range, tokens });
            return;
        }
        for sentence in sentences(self.slice(&range)) {
            let sentence = range.start + sentence.start..range.start + sentence.end;
            match self.measure(&sentence, limit) {
                Some(tokens) => pieces.push(Piece { range: sentence, tokens }),
                None => self.split_words(sentence, limit, pieces),
            }
        }
    }

    fn split_words(&mut self, range: Range<usize>, limit: u32, pieces: &mut Vec<Piece>) {
        let mut rest = trimmed(self.text, range);
        while !rest.is_empty() {
            let piece = self.prefix(&rest, limit);
            rest = trimmed(self.text, piece.range.end.max(rest.start + 1)..rest.end);
            pieces.push(piece);
        }
    }

    /// The beginning of a range that holds about as many tokens as allowed and never more, cut
    /// between words where there are any. One character at least, whatever it counts.
    fn prefix(&mut self, range: &Range<usize>, limit: u32) -> Piece {
        let most = range.len().min(limit as usize * MAX_BYTES_PER_TOKEN);
        // Lengths known to fit and not to fit; the counts between them guide the next guess.
        let (mut fits, mut exceeds) = (0, most + 1);
        let mut guess = (limit as usize * self.bytes_per_token).clamp(1, most);
        let enough = limit - limit / 12;
        for _ in 0..24 {
            let tokens = self.count(&self.cut(range, guess));
            if tokens <= limit {
                fits = guess;
                if tokens >= enough || guess == most {
                    break;
                }
            } else {
                exceeds = guess;
            }
            if exceeds - fits <= 8 {
                break;
            }
            let by_rate = guess.saturating_mul(limit as usize) / (tokens.max(1) as usize);
            let (low, high) = (fits + 1, exceeds - 1);
            let middle = low + (high - low) / 2;
            // Where the rate leads out of the interval or hardly into it, halving is surer.
            guess = if by_rate > low && by_rate < high { by_rate } else { middle };
        }
        let mut length = fits.max(1);
        loop {
            let cut = self.between_words(range, length);
            let tokens = self.count(&cut);
            let is_single = self.slice(&cut).chars().nth(1).is_none();
            if tokens <= limit || is_single {
                if tokens > 0 {
                    self.bytes_per_token = (cut.len() / tokens as usize).clamp(1, 16);
                }
                return Piece { range: cut, tokens };
            }
            length = cut.len() / 2;
        }
    }

    /// The first `length` bytes of a range, to the character below, but one character at least.
    fn cut(&self, range: &Range<usize>, length: usize) -> Range<usize> {
        let first = self.slice(range).chars().next().map_or(0, char::len_utf8);
        let end = floor_boundary(self.text, range.start + length);
        range.start..end.clamp(range.start + first, range.end.max(range.start + first))
    }

    /// Like [`Self::cut`], moved back to the end of a word, or to the end of a letter with its
    /// marks (UAX #29) where one word is very long.
    fn between_words(&self, range: &Range<usize>, length: usize) -> Range<usize> {
        let cut = self.cut(range, length);
        if cut.end >= range.end {
            return cut;
        }
        let taken = self.slice(&cut);
        let goes_on = !self.slice(&(cut.end..range.end)).starts_with(char::is_whitespace);
        if !goes_on {
            return trimmed(self.text, cut);
        }
        if let Some(space) = taken.rfind(char::is_whitespace)
            && space >= taken.len() / 2
        {
            return trimmed(self.text, cut.start..cut.start + space);
        }
        let end = self.between_letters(&cut).unwrap_or(cut.end);
        trimmed(self.text, cut.start..end)
    }

    fn between_letters(&self, cut: &Range<usize>) -> Option<usize> {
        const FAR: usize = 64;
        let from = floor_boundary(self.text, cut.end.saturating_sub(FAR)).max(cut.start);
        let to = floor_boundary(self.text, (cut.end + FAR).min(self.text.len()));
        let window = self.text.get(from..to)?;
        let mut cursor = GraphemeCursor::new(cut.end - from, window.len(), true);
        if cursor.is_boundary(window, 0).ok()? {
            return Some(cut.end);
        }
        let end = from + cursor.prev_boundary(window, 0).ok()??;
        (end > cut.start && end > from).then_some(end)
    }
}
