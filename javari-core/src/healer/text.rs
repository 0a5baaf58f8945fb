//! Looking for whole words in source text, and changing exactly one of them.

/// Whether the character can be part of a name in the languages that recipes read.
pub(super) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '$'
}

/// Where `word` stands in `text` as a whole word, in bytes.
pub(super) fn places_of(text: &str, word: &str) -> Vec<usize> {
    if word.is_empty() {
        return Vec::new();
    }
    text.match_indices(word)
        .filter(|(at, _)| {
            let before = text.get(..*at).and_then(|before| before.chars().next_back());
            let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
        .map(|(at, _)| at)
        .collect()
}

/// The text with `old` at the byte `at` replaced by `new`; nothing when something else is there.
pub(super) fn replace_at(text: &str, at: usize, old: &str, new: &str) -> Option<String> {
    let rest = text.get(at..)?.strip_prefix(old)?;
    Some(format!("{}{new}{rest}", text.get(..at)?))
}

/// The byte where a line (from 1) begins, and the line without its end.
pub(super) fn line_at(text: &str, number: u32) -> Option<(usize, &str)> {
    let mut begin = 0;
    for (index, line) in text.split('\n').enumerate() {
        if index + 1 == number as usize {
            return Some((begin, line));
        }
        begin += line.len() + 1;
    }
    None
}

/// The name at the beginning of `text`.
pub(super) fn leading_word(text: &str) -> &str {
    let end = text.find(|character| !is_word(character)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}
