//! The leg that finds by words: plain words in, chunks with scores out. The statements of each
//! engine's full-text index stand beside it.

mod postgres;
mod sqlite;

pub(super) use sqlite::merge_index;

use super::store::{Owner, Partition};
use crate::{
    error::Result,
    storage::{Database, Dialect},
};

/// How many candidates each leg gives.
pub(super) const DEPTH: usize = 200;
/// The most words of a query; more say nothing new.
const MAX_TERMS: usize = 64;
/// The longest word in bytes.
const MAX_TERM_BYTES: usize = 128;
/// Words of English that find nothing by themselves, sorted.
const STOP_WORDS: &[&str] = &[
    "a", "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be",
    "been", "before", "being", "but", "by", "can", "could", "did", "do", "does", "doing", "for",
    "from", "had", "has", "have", "he", "her", "him", "his", "how", "i", "if", "in", "into", "is",
    "it", "its", "me", "might", "more", "most", "my", "no", "not", "of", "on", "or", "our", "s",
    "she", "should", "so", "some", "such", "t", "than", "that", "the", "their", "them", "then",
    "there", "these", "they", "this", "those", "to", "us", "was", "we", "were", "what", "when",
    "where", "which", "who", "whom", "why", "will", "with", "would", "you", "your",
];

/// The words of a query in lower case. A word that is asked twice counts twice.
pub(super) fn terms(query: &str) -> Vec<String> {
    let words: Vec<String> = query
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty() && word.len() <= MAX_TERM_BYTES)
        .map(str::to_lowercase)
        .collect();
    let is_stop = |word: &String| STOP_WORDS.binary_search(&word.as_str()).is_ok();
    let all_stop = words.iter().all(is_stop);
    words.into_iter().filter(|word| all_stop || !is_stop(word)).take(MAX_TERMS).collect()
}

/// The best chunks by their words, as number and score, best first.
pub(super) async fn search(
    database: &Database,
    owner: Owner,
    partitions: &[Partition],
    query: &str,
    prefix: Option<&str>,
) -> Result<Vec<(i64, f64)>> {
    let terms = terms(query);
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = match database.dialect() {
        Dialect::Sqlite => sqlite::search(database, owner, partitions, terms, prefix).await?,
        Dialect::Postgres => postgres::search(database, owner, partitions, &terms, prefix).await?,
    };
    found.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    found.truncate(DEPTH);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_words_go_unless_nothing_else_is_asked() {
        assert_eq!(terms("What's a \"multi-agent\" NEAR(x)?"), ["multi", "agent", "near", "x"]);
        assert_eq!(terms("To be or not to be"), ["to", "be", "or", "not", "to", "be"]);
        assert!(terms(" \0 ?! ").is_empty());
        assert!(STOP_WORDS.is_sorted());
    }
}
