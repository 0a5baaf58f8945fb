//! The words of a text, as the local provider and embedder see them: lower-cased and stemmed.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

/// Words of English that say little about a text's matter, sorted.
const FUNCTION_WORDS: &[&str] = &[
    "a", "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be",
    "been", "before", "being", "but", "by", "can", "could", "did", "do", "does", "doing", "for",
    "from", "had", "has", "have", "he", "her", "him", "his", "how", "i", "if", "in", "into", "is",
    "it", "its", "me", "might", "more", "most", "my", "no", "not", "of", "on", "or", "our",
    "please", "she", "should", "so", "some", "such", "tell", "than", "that", "the", "their",
    "them", "then", "there", "these", "they", "this", "those", "to", "us", "was", "we", "were",
    "what", "when", "where", "which", "who", "whom", "why", "will", "with", "would", "you", "your",
];

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// Lower-cased.
    pub(super) lower: Cow<'a, str>,
    /// How many bytes of `lower` are its stem; `y` follows where the word ended in `ies`.
    stem: usize,
    ends_in_y: bool,
}

/// The words of a text in order: the segments of UAX #29 that hold a letter or digit.
pub(super) fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    text.unicode_words().map(Word::new)
}

/// Whether this lower-cased word says little by itself.
pub(super) fn is_function_word(lower: &str) -> bool {
    FUNCTION_WORDS.binary_search(&lower).is_ok()
}

impl<'a> Word<'a> {
    fn new(word: &'a str) -> Self {
        let is_lower = word.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase());
        let lower = if is_lower {
            Cow::Borrowed(word)
        } else if word.is_ascii() {
            Cow::Owned(word.to_ascii_lowercase())
        } else {
            Cow::Owned(word.to_lowercase())
        };
        let (stem, ends_in_y) = stem(&lower);
        Self { lower, stem, ends_in_y }
    }

    /// The stem.
    pub(super) fn stem(&self) -> Cow<'_, str> {
        let stem = self.lower.get(..self.stem).unwrap_or(&self.lower);
        if self.ends_in_y { Cow::Owned(format!("{stem}y")) } else { Cow::Borrowed(stem) }
    }

    /// The bytes of the stem, without making a text of them.
    pub(super) fn stem_bytes(&self) -> impl Iterator<Item = u8> + '_ {
        let stem = self.lower.as_bytes().get(..self.stem).unwrap_or_default();
        stem.iter().copied().chain(self.ends_in_y.then_some(b'y'))
    }
}

/// A light stem of an English word: how many bytes stay, and whether `y` follows them.
///
/// Words of other letters than `a` to `z` and the apostrophe, and words of less than 4 letters,
/// stay as they are. For the others, in order: a `'s` goes. `ies` becomes `y` where the word has 5
/// letters or more, and that is the stem. `es` goes from `sses`, `xes`, `ches` and `shes` where
/// more than 4 letters were there; otherwise an `s` goes where 4 letters or more were there and it
/// ends in neither `ss`, `us` nor `is`. Then `ing` or else `ed` goes where at least 4 letters stay,
/// and with it one of a doubled last letter that is none of `aeiouls` (`stopped` becomes `stop`).
/// At last an `e` goes where at least 4 letters stay.
fn stem(word: &str) -> (usize, bool) {
    let whole = word.len();
    if !word.is_ascii() || whole < 4 || !word.bytes().all(|b| b.is_ascii_lowercase() || b == b'\'')
    {
        return (whole, false);
    }
    let mut length = whole;
    let ends =
        |length: usize, ending: &str| word.get(..length).is_some_and(|word| word.ends_with(ending));
    if ends(length, "'s") {
        length -= 2;
    }
    if ends(length, "ies") && length >= 5 {
        return (length - 3, true);
    }
    let hisses = ["sses", "xes", "ches", "shes"].iter().any(|ending| ends(length, ending));
    if hisses && length > 4 {
        length -= 2;
    } else if ends(length, "s")
        && length >= 4
        && !["ss", "us", "is"].iter().any(|ending| ends(length, ending))
    {
        length -= 1;
    }
    for ending in ["ing", "ed"] {
        if ends(length, ending) && length >= ending.len() + 4 {
            length -= ending.len();
            let bytes = word.as_bytes();
            let last = bytes.get(length - 1);
            let doubled = last == bytes.get(length - 2)
                && !last.is_some_and(|last| b"aeiouls".contains(last));
            length -= usize::from(doubled);
            break;
        }
    }
    if ends(length, "e") && length > 4 {
        length -= 1;
    }
    (length, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_word_share_a_stem() {
        let stem_of = |word: &str| Word::new(word).stem().into_owned();
        for forms in [
            &["refund", "refunds", "Refunded", "REFUNDING", "refund's"][..],
            &["store", "stores", "stored", "storing"],
            &["policy", "policies"],
            &["stopped", "stopping", "stop", "stops"],
            &["box", "boxes"],
            &["address", "addresses"],
        ] {
            for form in forms {
                assert_eq!(stem_of(form), stem_of(forms[0]), "{form}");
            }
        }
        for alone in ["is", "bus", "this", "sing", "red", "need", "über", "naïveté", "gpt4s"] {
            assert_eq!(stem_of(alone), alone, "{alone}");
        }
        assert!(FUNCTION_WORDS.is_sorted());
    }
}
