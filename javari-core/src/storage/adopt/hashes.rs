//! Puts keyed hashes in the place of the seed's plain ones, which are guessed in no time.

use serde_json::json;

use crate::{
    error::Result,
    storage::{Transaction, values},
};

/// So many rows at a time.
const BATCH: i64 = 1_000;

/// Keys every hash that the seed kept of a text or a credential's value. Equal hashes stay equal.
pub(crate) async fn key_hashes(
    transaction: &mut Transaction,
    keyed: impl Fn(&str) -> Result<String>,
) -> Result<()> {
    const DETECTIONS: &str = "SELECT id, detected_text_hash AS hash, NULL::text AS other
        FROM javari_pii_detections WHERE id > $1 ORDER BY id LIMIT $2";
    const KEY_DETECTIONS: &str = "UPDATE javari_pii_detections d SET detected_text_hash = made.hash
        FROM jsonb_to_recordset($1) AS made (id uuid, hash text, other text) WHERE d.id = made.id";
    const ROTATIONS: &str = "SELECT id, new_value_hash AS hash, old_value_hash AS other
        FROM javari_credential_rotations WHERE id > $1 ORDER BY id LIMIT $2";
    const KEY_ROTATIONS: &str = "UPDATE javari_credential_rotations r
        SET new_value_hash = made.hash, old_value_hash = made.other
        FROM jsonb_to_recordset($1) AS made (id uuid, hash text, other text) WHERE r.id = made.id";
    for (select, update) in [(DETECTIONS, KEY_DETECTIONS), (ROTATIONS, KEY_ROTATIONS)] {
        let mut after = uuid::Uuid::nil();
        loop {
            let rows = transaction.query(select, values![after, BATCH]).await?;
            let mut made = Vec::with_capacity(rows.len());
            for row in &rows {
                let id: String = row.get("id")?;
                after = id.parse().unwrap_or(after);
                let other: Option<String> = row.get("other")?;
                let other = other.as_deref().map(&keyed).transpose()?;
                let hash = keyed(&row.get::<String>("hash")?)?;
                made.push(json!({ "id": id, "hash": hash, "other": other }));
            }
            let count = made.len() as i64;
            if count > 0 {
                transaction.execute(update, values![serde_json::Value::Array(made)]).await?;
            }
            if count < BATCH {
                break;
            }
        }
    }
    Ok(())
}
