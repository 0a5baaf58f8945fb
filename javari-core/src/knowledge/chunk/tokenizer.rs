//! Counts tokens as the models' own tokenizers do.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tiktoken_rs::{CoreBPE, cl100k_base_singleton, o200k_base_singleton};

/// Counts tokens.
pub trait Tokenizer: Send + Sync {
    /// The name of the vocabulary, such as `o200k_base`.
    fn id(&self) -> &str;

    /// The number of tokens of `text`, with no meaning given to special tokens in it.
    fn count(&self, text: &str) -> u32;
}

/// OpenAI's tokenizers (<https://github.com/openai/tiktoken>).
///
/// The vocabulary is unpacked at the first count (some 0.2 s and 40 MB for `o200k_base`) and
/// shared by the whole process from then on.
///
/// ```
/// use javari_core::knowledge::chunk::{Tiktoken, Tokenizer};
/// assert_eq!(Tiktoken::cl100k_base().count("hello world"), 2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tiktoken {
    vocabulary: Vocabulary,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Vocabulary {
    O200k,
    Cl100k,
}

impl Tiktoken {
    /// Longer texts are counted in pieces: the pattern that finds words has a limit on steps.
    const WINDOW: usize = 64 * 1024;

    /// The vocabulary of GPT-4o and later models.
    pub fn o200k_base() -> Self {
        Self { vocabulary: Vocabulary::O200k }
    }

    /// The vocabulary of GPT-4 and of the `text-embedding-3` and `ada-002` models.
    pub fn cl100k_base() -> Self {
        Self { vocabulary: Vocabulary::Cl100k }
    }

    fn encoder(self) -> &'static CoreBPE {
        match self.vocabulary {
            Vocabulary::O200k => o200k_base_singleton(),
            Vocabulary::Cl100k => cl100k_base_singleton(),
        }
    }
}

impl Tokenizer for Tiktoken {
    fn id(&self) -> &str {
        match self.vocabulary {
            Vocabulary::O200k => "o200k_base",
            Vocabulary::Cl100k => "cl100k_base",
        }
    }

    fn count(&self, text: &str) -> u32 {
        let encoder = self.encoder();
        let mut rest = text;
        let mut total = 0_usize;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(window_end(rest, Self::WINDOW));
            // The encoder panics where its pattern gives up. A token has at least one byte.
            let counted = catch_unwind(AssertUnwindSafe(|| encoder.count_ordinary(piece)));
            total += counted.unwrap_or(piece.len());
            rest = after;
        }
        u32::try_from(total).unwrap_or(u32::MAX)
    }
}

/// Where to cut so that the parts count what the whole counts: between a letter and white space,
/// which no token of these vocabularies joins. Where there is none nearby, anywhere.
fn window_end(text: &str, window: usize) -> usize {
    if text.len() <= window {
        return text.len();
    }
    let end = super::super::extract::ranges::floor_boundary(text, window);
    let bytes = text.as_bytes();
    let is_safe = |at: &usize| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        before.is_some_and(u8::is_ascii_alphanumeric)
            && bytes.get(*at).is_some_and(u8::is_ascii_whitespace)
    };
    (end.saturating_sub(4096).max(1)..=end).rev().find(is_safe).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn counts_agree_with_the_published_vocabularies() {
        assert_eq!(Tiktoken::o200k_base().count("tiktoken is great!"), 6);
        assert_eq!(Tiktoken::cl100k_base().count("tiktoken is great!"), 6);
        assert_eq!(Tiktoken::cl100k_base().count("<|endoftext|>"), 7);
        assert_eq!(Tiktoken::o200k_base().count(""), 0);
    }

    #[test]
    fn a_text_of_any_length_or_shape_is_counted() {
        let tokenizer = Tiktoken::o200k_base();
        for text in [" ".repeat(300_000), "\n".repeat(300_000), "a".repeat(300_000)] {
            let count = tokenizer.count(&text);
            assert!(count >= 1 && count as usize <= text.len());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(crate::testkit::rounds(48)))]
        #[test]
        fn counting_in_windows_gives_what_the_whole_gives(
            words in prop::collection::vec(prop::sample::select(vec![
                "word", " ", "\n", "  \n ", "don't", "é", "12345", "!!/\n", "CamelCase", "世界", "\t", " a", "_x",
            ]), 50..200)
        ) {
            let text = words.concat();
            for tokenizer in [Tiktoken::o200k_base(), Tiktoken::cl100k_base()] {
                let whole = tokenizer.encoder().count_ordinary(&text);
                let end = window_end(&text, text.len() / 2);
                let (left, right) = text.split_at(end);
                let bytes = text.as_bytes();
                if end > 0 && bytes[end - 1].is_ascii_alphanumeric() && bytes[end].is_ascii_whitespace() {
                    let parts = tokenizer.encoder().count_ordinary(left)
                        + tokenizer.encoder().count_ordinary(right);
                    prop_assert_eq!(parts, whole);
                }
            }
        }
    }
}
