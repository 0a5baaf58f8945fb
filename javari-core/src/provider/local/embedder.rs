//! Vectors from the words of a text, by signed feature hashing; no model, no download.
//!
//! # The scheme `javari-hash-384-v1`
//!
//! Written down so that another language gives the same vectors.
//!
//! 1. *Words* are the segments of UAX #29 that hold a letter or digit, lower-cased (Unicode), each
//!    with a light stem (`words.rs` states its rules).
//! 2. *Counts*: each distinct word `w` (before stemming) occurs `n(w)` times; each distinct pair of
//!    neighbours `(v, w)` occurs `n(v, w)` times. A count weighs `sqrt(n)`: sublinear, and exact on
//!    every machine.
//! 3. *Features* of a word: its stem, weight 1. Of a pair: both stems, weight 0.5; a pair of two
//!    function words is left out. Of a word that is no function word, character n-grams of
//!    `<` + word + `>` (word before stemming) of 3, 4 and 5 characters, each `0.7 / sqrt(m)` for
//!    the `m` n-grams of the word. Function words (the list of `words.rs`) weigh 0.1 as a
//!    word.
//! 4. *Hash*: FNV-1a of 64 bits over a tag byte (`w`, `b`, `c`) and the feature's UTF-8 bytes, the
//!    stems of a pair parted by a space; then the finalizer of SplitMix64.
//! 5. The feature adds its weight at index `(hash >> 32) * 384 >> 32`, negated when the hash is odd.
//! 6. The sum is divided by its Euclidean length. A text without words is the zero vector.
//!
//! Sources: Weinberger et al., "Feature Hashing for Large Scale Multitask Learning" (2009);
//! Bojanowski et al., "Enriching Word Vectors with Subword Information" (2017).

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use async_trait::async_trait;

use super::words::{Word, is_function_word, words};
use crate::{
    error::Result,
    provider::{EmbedRequest, Embedder, EmbeddingModel, Embeddings},
    types::Usage,
};

/// Numbers in one vector.
const DIMENSIONS: usize = 384;

/// An [`Embedder`] that hashes words; texts that share words and their parts lie near each other.
///
/// ```
/// use javari_core::provider::HashedEmbedder;
/// let one = HashedEmbedder.vector("The invoice was paid late");
/// let other = HashedEmbedder.vector("late payment of invoices");
/// let far = HashedEmbedder.vector("Penguins breed in colonies");
/// let near = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
/// assert!(near(&one, &other) > near(&one, &far) + 0.1);
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct HashedEmbedder;

impl HashedEmbedder {
    /// The vector of a text: 384 numbers of length 1, or all zero when the text has no word.
    pub fn vector(&self, text: &str) -> Vec<f32> {
        let mut sums = Sums([0.0; DIMENSIONS]);
        let mut distinct: Counts<Word<'_>> = Counts::default();
        let mut pairs: Counts<()> = Counts::default();
        let mut before: Option<Before> = None;
        for word in words(text) {
            let is_function = is_function_word(&word.lower);
            if let Some(before) = before.filter(|before| !(before.is_function && is_function)) {
                pairs.add(mix(fnv(before.hash, word.stem_bytes())), ());
            }
            let hash = fnv(fnv(tagged(b'b'), word.stem_bytes()), [b' ']);
            before = Some(Before { hash, is_function });
            distinct.add(mix(fnv(FNV_OFFSET, word.lower.bytes())), word);
        }
        let mut grams = Grams::default();
        for (_, word, count) in &distinct.entries {
            let weight = f64::from(*count).sqrt();
            let hash = mix(fnv(tagged(b'w'), word.stem_bytes()));
            if is_function_word(&word.lower) {
                sums.add(hash, weight * FUNCTION_WORD);
            } else {
                sums.add(hash, weight);
                grams.add(&word.lower, weight, &mut sums);
            }
        }
        for (hash, (), count) in &pairs.entries {
            sums.add(*hash, f64::from(*count).sqrt() * PAIR);
        }
        sums.normalised()
    }
}

#[async_trait]
impl Embedder for HashedEmbedder {
    fn model(&self) -> EmbeddingModel {
        EmbeddingModel {
            id: "javari-hash-384-v1".to_owned(),
            dimensions: DIMENSIONS,
            // It reads texts of any length; the word is a limit for those who cut by it.
            max_tokens: 8_192,
            max_batch: 1_024,
        }
    }

    async fn embed(&self, request: EmbedRequest) -> Result<Embeddings> {
        let mut vectors = Vec::with_capacity(request.texts.len());
        for text in &request.texts {
            vectors.push(self.vector(text));
            // Hashing never waits; without this a long request would hold its thread.
            tokio::task::consume_budget().await;
        }
        Ok(Embeddings { vectors, usage: Usage::default() })
    }
}

const PAIR: f64 = 0.5;
const GRAMS: f64 = 0.7;
const FUNCTION_WORD: f64 = 0.1;
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

fn fnv(mut hash: u64, bytes: impl IntoIterator<Item = u8>) -> u64 {
    for byte in bytes {
        hash = (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
    }
    hash
}

fn tagged(tag: u8) -> u64 {
    fnv(FNV_OFFSET, [tag])
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// The word before, hashed as the beginning of a pair.
#[derive(Clone, Copy)]
struct Before {
    hash: u64,
    is_function: bool,
}

/// Distinct things with their counts in the order they were first seen: sums of floats depend on
/// their order, so it is part of the scheme.
struct Counts<T> {
    entries: Vec<(u64, T, u32)>,
    places: HashMap<u64, usize, BuildHasherDefault<Mixed>>,
}

impl<T> Default for Counts<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), places: HashMap::default() }
    }
}

impl<T> Counts<T> {
    fn add(&mut self, hash: u64, thing: T) {
        let next = self.entries.len();
        let place = *self.places.entry(hash).or_insert(next);
        match self.entries.get_mut(place) {
            Some((.., count)) => *count = count.saturating_add(1),
            None => self.entries.push((hash, thing, 1)),
        }
    }
}

/// Hashes a number that is mixed already to itself.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = fnv(self.0, bytes.iter().copied());
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// The sum of all features.
struct Sums([f64; DIMENSIONS]);

impl Sums {
    fn add(&mut self, hash: u64, weight: f64) {
        let index = ((hash >> 32) * DIMENSIONS as u64) >> 32;
        if let Some(sum) = self.0.get_mut(index as usize) {
            *sum += if hash & 1 == 0 { weight } else { -weight };
        }
    }

    fn normalised(&self) -> Vec<f32> {
        let length = self.0.iter().map(|number| number * number).sum::<f64>().sqrt();
        let scale = if length > 0.0 { 1.0 / length } else { 0.0 };
        self.0.iter().map(|number| (number * scale) as f32).collect()
    }
}

/// Adds the character n-grams of words; keeps its buffers from word to word.
#[derive(Default)]
struct Grams {
    bounded: Vec<u8>,
    /// Where each character of `bounded` begins, and its end.
    starts: Vec<usize>,
}

impl Grams {
    fn add(&mut self, word: &str, weight: f64, sums: &mut Sums) {
        self.bounded.clear();
        self.bounded.push(b'<');
        self.bounded.extend_from_slice(word.as_bytes());
        self.bounded.push(b'>');
        self.starts.clear();
        self.starts.push(0);
        self.starts.extend(word.char_indices().map(|(at, _)| at + 1));
        self.starts.extend([word.len() + 1, word.len() + 2]);
        let characters = self.starts.len() - 1;
        let count: usize = (3..=5).map(|length| (characters + 1).saturating_sub(length)).sum();
        let weight = weight * (GRAMS / (count as f64).sqrt());
        let empty = tagged(b'c');
        for first in 0..characters.saturating_sub(2) {
            let mut hash = empty;
            let bounds = self.starts.iter().skip(first).zip(self.starts.iter().skip(first + 1));
            for (length, (start, end)) in (1..=5).zip(bounds) {
                let character = self.bounded.get(*start..*end).unwrap_or_default();
                hash = fnv(hash, character.iter().copied());
                if length >= 3 {
                    sums.add(mix(hash), weight);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn nearness(one: &str, other: &str) -> f32 {
        let (one, other) = (HashedEmbedder.vector(one), HashedEmbedder.vector(other));
        one.iter().zip(&other).map(|(one, other)| one * other).sum()
    }

    #[test]
    fn forms_and_misspellings_lie_nearer_than_other_words() {
        let question = "How are refunds paid?";
        let right = nearness(question, "A refund is paid within thirty days");
        let misspelt = nearness(question, "A refnud is payed within thirty days");
        let wrong = nearness(question, "The kitchen opens at noon");
        assert!(
            right > misspelt && misspelt > wrong && wrong.abs() < 0.15,
            "{right} {misspelt} {wrong}"
        );
        assert!(nearness("über straße", "Über Straße") > 0.999);
    }

    #[test]
    fn a_repeated_word_counts_less_each_time_and_a_text_without_words_is_zero() {
        let once = nearness("cat dog", "cat");
        let often = nearness("cat cat cat cat dog", "cat");
        assert!(often > once && often < 0.95, "{once} {often}");
        assert!(HashedEmbedder.vector(" … !?").iter().all(|number| *number == 0.0));
    }

    /// The values were computed by another program written after the scheme's text alone.
    #[test]
    fn the_scheme_gives_these_values_on_every_machine() {
        for (text, filled, values) in [
            (
                "The invoices were paid late, and the policies stopped.",
                83,
                [
                    (33, -0.3277256_f32),
                    (218, 0.3277256_f32),
                    (227, -0.3277256_f32),
                    (250, 0.3277256_f32),
                    (311, -0.2139237_f32),
                    (351, -0.3277256_f32),
                ],
            ),
            (
                "Straße 日 don't don't",
                32,
                [
                    (12, 0.5475023_f32),
                    (14, -0.1935713_f32),
                    (33, 0.2709998_f32),
                    (204, 0.1935713_f32),
                    (209, -0.3871426_f32),
                    (301, -0.3871426_f32),
                ],
            ),
        ] {
            let vector = HashedEmbedder.vector(text);
            assert_eq!(vector.iter().filter(|number| **number != 0.0).count(), filled, "{text}");
            for (index, value) in values {
                assert!((vector[index] - value).abs() < 1e-6, "{text} {index}: {}", vector[index]);
            }
        }
    }

    proptest! {
        #[test]
        fn every_text_has_a_vector_of_length_one_or_zero(text in "\\PC{0,80}") {
            let vector = HashedEmbedder.vector(&text);
            let length: f32 = vector.iter().map(|number| number * number).sum();
            prop_assert!(vector.len() == 384 && (length == 0.0 || (length - 1.0).abs() < 1e-4));
        }
    }
}
