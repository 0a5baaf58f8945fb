//! Full text in SQLite: FTS5, ranked by BM25.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::{
    super::store::{Owner, Partition},
    DEPTH,
};
use crate::{
    error::{Error, ErrorKind, Result},
    storage::{Database, Dialect, Transaction, values},
};

/// Above this many matching chunks the commonest words are left out: each costs a score for every
/// chunk that holds it, and says least. 20,000 chunks: 6 ms with all words, some 1 ms so.
const MAX_CANDIDATES: usize = 1_000;

/// The best chunks of each partition, as number and BM25.
pub(super) async fn search(
    database: &Database,
    owner: Owner,
    partitions: &[Partition],
    words: Vec<String>,
    prefix: Option<&str>,
) -> Result<Vec<(i64, f64)>> {
    // Nothing inside quotes is syntax to FTS5.
    let mut terms: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
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
        let matches = matches(database, owner, partition, (&expression, prefix, DEPTH)).await?;
        found.extend(matches);
    }
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
    let mut counts: HashMap<String, usize> = HashMap::new();
    for partition in partitions {
        let counted = frequencies(database, owner, partition, (&list, MAX_CANDIDATES * 2)).await?;
        for (term, frequency) in counted {
            *counts.entry(term).or_default() += frequency;
        }
    }
    let mut ascending: Vec<(usize, &str)> = counts
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

/// In how many chunks of a partition each term stands, counted up to a limit.
async fn frequencies(
    database: &Database,
    owner: Owner,
    partition: &Partition,
    (terms, limit): (&Json, usize),
) -> Result<Vec<(String, usize)>> {
    let (first, beyond) = partition.numbers();
    let rows = database
        .query(
            &owner.scope(),
            "SELECT term.value AS term, (SELECT count(*) FROM (
                 SELECT 1 FROM javari_knowledge_fts
                 WHERE javari_knowledge_fts MATCH term.value AND rowid >= $2 AND rowid < $3
                 LIMIT $4)) AS frequency
             FROM json_each($1) AS term",
            values![terms.clone(), first, beyond, limit],
        )
        .await?;
    rows.iter().map(|row| Ok((row.get("term")?, row.get("frequency")?))).collect()
}

/// The chunks of a partition that match, best first, as number and BM25.
async fn matches(
    database: &Database,
    owner: Owner,
    partition: &Partition,
    (expression, prefix, limit): (&str, Option<&str>, usize),
) -> Result<Vec<(i64, f64)>> {
    let (first, beyond) = partition.numbers();
    // FTS5's `rank` is BM25 made negative, so that the best comes first. All come in one row: each
    // row of the driver's is a message between threads, which for hundreds takes longer than
    // finding them.
    let row = match prefix {
        None => {
            database
                .query_one(
                    &owner.scope(),
                    "SELECT json_group_array(json_array(number, score)) AS found FROM (
                         SELECT rowid AS number, -rank AS score FROM javari_knowledge_fts
                         WHERE javari_knowledge_fts MATCH $1 AND rowid >= $2 AND rowid < $3
                         ORDER BY rank LIMIT $4)",
                    values![expression, first, beyond, limit],
                )
                .await?
        }
        Some(prefix) => {
            database
                .query_one(
                    &owner.scope(),
                    "SELECT json_group_array(json_array(number, score)) AS found FROM (
                         SELECT f.rowid AS number, -f.rank AS score FROM javari_knowledge_fts AS f
                         WHERE f.javari_knowledge_fts MATCH $1 AND f.rowid >= $2 AND f.rowid < $3
                             AND EXISTS (SELECT 1 FROM javari_knowledge_base AS k
                                 WHERE k.number = f.rowid
                                     AND substr(k.source_url, 1, length($5)) = $5)
                         ORDER BY f.rank LIMIT $4)",
                    values![expression, first, beyond, limit, prefix],
                )
                .await?
        }
    };
    let Some(row) = row else { return Ok(Vec::new()) };
    let found: Json = row.get("found")?;
    serde_json::from_value(found).map_err(|error| {
        Error::new(ErrorKind::StorageCorrupt, "knowledge.search", "a score is no number")
            .with_source(error)
    })
}

/// Joins some of the parts that the full-text index grew in, in one step; tells whether there was
/// anything to do. `first` begins to join all that stands there now.
pub(in crate::knowledge::local) async fn merge_index(
    transaction: &mut Transaction,
    first: bool,
) -> Result<bool> {
    // PostgreSQL puts its own index in order.
    if transaction.dialect() == Dialect::Postgres {
        return Ok(false);
    }
    // FTS5: a negative number begins an `optimize` in steps; two changes or more mean work done.
    const PAGES: i64 = 1_000;
    const CHANGES: &str = "SELECT total_changes() AS changes";
    let before = transaction.query_one(CHANGES, values![]).await?;
    transaction
        .execute(
            "INSERT INTO javari_knowledge_fts (javari_knowledge_fts, rank) VALUES ('merge', $1)",
            values![if first { -PAGES } else { PAGES }],
        )
        .await?;
    let after = transaction.query_one(CHANGES, values![]).await?;
    match (before, after) {
        (Some(before), Some(after)) => {
            Ok(after.get::<i64>("changes")? - before.get::<i64>("changes")? >= 2)
        }
        _ => Ok(false),
    }
}
