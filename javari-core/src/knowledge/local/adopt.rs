//! The vectors that the seed kept beside its texts.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value as Json, json};

use super::scan::normalised;
use crate::{
    error::Result,
    storage::{Transaction, values},
};

/// So many vectors at a time: some megabytes.
const BATCH: i64 = 200;

/// What became of the seed's vectors.
#[derive(Debug, Default)]
pub(crate) struct SeedVectors {
    /// So many are kept; a search finds by them with a model of that name.
    pub(crate) kept: u64,
    /// So many texts have none that says anything: they are found by their words.
    pub(crate) without: u64,
}

const HAS_VECTORS: &str =
    "SELECT 1 AS found FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = 'javari_seed.javari_knowledge_base'::regclass AND a.attname = 'embedding'
      AND NOT a.attisdropped AND t.typname = 'vector'";

/// pgvector sends the number of dimensions (16 bits), 16 bits of nothing, and its numbers.
const VECTORS: &str = "SELECT a.number, a.id, vector_send(k.embedding) AS vector
    FROM javari_seed.adoption_knowledge a JOIN javari_seed.javari_knowledge_base k ON k.id = a.id
    WHERE a.number > $1 ORDER BY a.number LIMIT $2";

const KEEP: &str =
    "INSERT INTO javari_knowledge_vectors (document_id, user_id, project_id, partition_id,
        model, dimensions, first_chunk, count, vectors)
    SELECT a.id, a.user_id, a.project_id, a.partition_id, $2, made.dimensions, a.number, 1,
        decode(made.vectors, 'base64')
    FROM jsonb_to_recordset($1) AS made (number bigint, dimensions bigint, vectors text)
    JOIN javari_seed.adoption_knowledge a ON a.number = made.number";

/// Takes the seed's vectors over, made by `model`, in the transaction that adopts a database.
///
/// # Errors
/// Those of the database.
pub(crate) async fn adopt_vectors(
    transaction: &mut Transaction,
    model: &str,
) -> Result<SeedVectors> {
    let mut seen = SeedVectors::default();
    if transaction.query_one(HAS_VECTORS, values![]).await?.is_none() {
        let count = "SELECT count(*) AS count FROM javari_seed.adoption_knowledge";
        let row = transaction.query_one(count, values![]).await?;
        seen.without = row.map_or(Ok(0), |row| row.get("count"))?;
        return Ok(seen);
    }
    let mut after = i64::MIN;
    loop {
        let rows = transaction.query(VECTORS, values![after, BATCH]).await?;
        let mut made = Vec::with_capacity(rows.len());
        for row in &rows {
            after = row.get("number")?;
            let sent: Option<Vec<u8>> = row.get("vector")?;
            match sent.and_then(|sent| normalised(&numbers(&sent))) {
                None => seen.without += 1,
                Some(unit) => {
                    let bytes: Vec<u8> = unit.iter().flat_map(|one| one.to_le_bytes()).collect();
                    made.push(json!({
                        "number": after,
                        "dimensions": unit.len(),
                        "vectors": STANDARD.encode(bytes),
                    }));
                }
            }
        }
        seen.kept += made.len() as u64;
        if !made.is_empty() {
            transaction.execute(KEEP, values![Json::Array(made), model]).await?;
        }
        if (rows.len() as i64) < BATCH {
            return Ok(seen);
        }
    }
}

fn numbers(sent: &[u8]) -> Vec<f32> {
    let numbers = sent.get(4..).unwrap_or_default().chunks_exact(4);
    numbers.filter_map(|bytes| bytes.try_into().ok().map(f32::from_be_bytes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pgvector_sends_is_read_whole_and_what_is_cut_off_is_left_out() {
        let mut sent = vec![0, 2, 0, 0];
        sent.extend(1.5_f32.to_be_bytes());
        sent.extend((-2.0_f32).to_be_bytes());
        assert_eq!(numbers(&sent), [1.5, -2.0]);
        assert_eq!(numbers(&sent[..11]), [1.5]);
        assert_eq!(numbers(&[0, 1]), Vec::<f32>::new());
    }
}
