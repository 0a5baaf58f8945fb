//! Full text in PostgreSQL: a stored `tsvector`, ranked as nearly as it can like BM25.

use serde_json::Value as Json;

use super::{
    super::store::{Owner, Partition},
    DEPTH,
};
use crate::{
    error::{Error, ErrorKind, Result},
    storage::{Database, values},
};

/// A term counts by its rarity among the partition's chunks, as in BM25 (Robertson and Zaragoza,
/// 2009), and by `ts_rank`, which saturates with each repetition and is divided by the logarithm of
/// the chunk's length. Common terms are counted up to a limit, beyond which they say nothing more.
const SEARCH: &str = "
    WITH term AS MATERIALIZED (
        SELECT asked.query, asked.times * ln(1 + (total.chunks + 0.5) / (0.5 + (
                   SELECT count(*) FROM (
                       SELECT FROM javari_knowledge_base AS k
                       WHERE k.words @@ asked.query AND k.number >= $2 AND k.number < $3
                       LIMIT 20000) AS holding))) AS weight
        FROM (SELECT plainto_tsquery('javari', value) AS query, count(*) AS times
              FROM jsonb_array_elements_text($1) GROUP BY value) AS asked,
             (SELECT greatest(next_chunk, 1) AS chunks FROM javari_knowledge_partitions
              WHERE id = $6) AS total
    )
    SELECT coalesce(jsonb_agg(jsonb_build_array(number, score)), '[]') AS found FROM (
        SELECT k.number, (SELECT sum(term.weight * ts_rank(k.words, term.query, 1))
                          FROM term WHERE k.words @@ term.query) AS score
        FROM javari_knowledge_base AS k
        WHERE k.number >= $2 AND k.number < $3
            AND k.words @@ (SELECT string_agg(query::text, ' | ')::tsquery FROM term
                            WHERE numnode(query) > 0)
            AND ($5 IS NULL OR left(k.source_url, length($5)) = $5)
        ORDER BY score DESC, k.number LIMIT $4) AS best";

/// The best chunks of each partition, as number and score.
pub(super) async fn search(
    database: &Database,
    owner: Owner,
    partitions: &[Partition],
    words: &[String],
    prefix: Option<&str>,
) -> Result<Vec<(i64, f64)>> {
    let mut found = Vec::new();
    for partition in partitions {
        let (first, beyond) = partition.numbers();
        let words = Json::from(words.to_vec());
        let values = values![words, first, beyond, DEPTH, prefix, partition.id];
        let Some(row) = database.query_one(&owner.scope(), SEARCH, values).await? else { continue };
        let best: Json = row.get("found")?;
        let best: Vec<(i64, f64)> = serde_json::from_value(best).map_err(|error| {
            Error::new(ErrorKind::StorageCorrupt, "knowledge.search", "a score is no number")
                .with_source(error)
        })?;
        found.extend(best);
    }
    Ok(found)
}
