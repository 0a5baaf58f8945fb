//! The leg that finds by words: plain words in, full-text expressions of quoted words out.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::store::{self, Owner, Partition};
use crate::{error::Result, storage::Database};

/// How many candidates each leg gives.
pub(super) const DEPTH: usize = 200;
/// The most words of a query; more say nothing new.
const MAX_TERMS: usize = 64;
/// The longest word in bytes.
const MAX_TERM_BYTES: usize = 128;
/// Above this many matching chunks the commonest words are left out: each costs a score for every
/// chunk that holds it, and says least. 20,000 chunks: 6 ms with all words, some 1 ms so.
const MAX_CANDIDATES: usize = 1_000;

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

/// The words of a query, each quoted for FTS5, where nothing inside quotes is syntax. A word that
/// is asked twice counts twice.
pub(super) fn terms(query: &str) -> Vec<String> {
    let words: Vec<String> = query
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty() && word.len() <= MAX_TERM_BYTES)
        .map(str::to_lowercase)
        .collect();
    let is_stop = |word: &String| STOP_WORDS.binary_search(&word.as_str()).is_ok();
    let all_stop = words.iter().all(is_stop);
    words
        .into_iter()
        .filter(|word| all_stop || !is_stop(word))
        .take(MAX_TERMS)
        .map(|word| format!("\"{word}\""))
        .collect()
}

/// The best chunks by their words, as number and BM25, best first.
pub(super) async fn search(
    database: &Database,
    owner: Owner,
    partitions: &[Partition],
    query: &str,
    prefix: Option<&str>,
) -> Result<Vec<(i64, f64)>> {
    let mut terms = terms(query);
    // What a common word finds inside a narrow filter is not known from its count, so there all
    // words stay.
    if prefix.is_none() {
        terms = rarer(database, owner, partitions, terms).await?;
    }
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    let expression = terms.join(" OR ");
    let mut found = Vec::new();
    for partition in partitions {
        let matches =
            store::matches(database, owner, partition, (&expression, prefix, DEPTH)).await?;
        found.extend(matches);
    }
    found.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    found.truncate(DEPTH);
    Ok(found)
}

/// The terms that occur, without the commonest once the rarer ones give candidates enough.
async fn rarer(
    database: &Database,
    owner: Owner,
    partitions: &[Partition],
    terms: Vec<String>,
) -> Result<Vec<String>> {
    let mut distinct = terms.clone();
    distinct.sort();
    distinct.dedup();
    let list = Json::from(distinct);
    let mut frequencies: HashMap<String, usize> = HashMap::new();
    for partition in partitions {
        let counted =
            store::frequencies(database, owner, partition, (&list, MAX_CANDIDATES * 2)).await?;
        for (term, frequency) in counted {
            *frequencies.entry(term).or_default() += frequency;
        }
    }
    let mut ascending: Vec<(usize, &str)> = frequencies
        .iter()
        .filter(|(_, frequency)| **frequency > 0)
        .map(|(term, frequency)| (*frequency, term.as_str()))
        .collect();
    ascending.sort_unstable();
    let mut total = 0;
    let mut kept: Vec<&str> = Vec::new();
    for (frequency, term) in ascending {
        if !kept.is_empty() && total + frequency > MAX_CANDIDATES {
            break;
        }
        total += frequency;
        kept.push(term);
    }
    Ok(terms.iter().filter(|term| kept.contains(&term.as_str())).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_and_stop_words_go_unless_nothing_else_is_asked() {
        assert_eq!(
            terms("What's a \"multi-agent\" NEAR(x)?"),
            ["\"multi\"", "\"agent\"", "\"near\"", "\"x\""]
        );
        assert_eq!(
            terms("To be or not to be"),
            ["\"to\"", "\"be\"", "\"or\"", "\"not\"", "\"to\"", "\"be\""]
        );
        assert!(terms(" \0 ?! ").is_empty());
        assert!(STOP_WORDS.is_sorted());
    }
}
