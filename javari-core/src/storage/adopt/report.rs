//! What an adoption found and did, read from where its scripts wrote it down.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    error::Result,
    storage::{Transaction, values},
};

/// One table of the seed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeedTable {
    /// Its name.
    pub table: String,
    /// How many rows it had.
    pub old_rows: u64,
    /// How many of them stand in the new table.
    pub new_rows: u64,
    /// How many became one with another, as the request said.
    pub merged_rows: u64,
    /// How many have no place in the new table and stay in `javari_seed`.
    pub left_rows: u64,
}

/// What became of values that the new tables could not take as they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeedChange {
    /// The table.
    pub table: String,
    /// The column, where it is one.
    pub column: Option<String>,
    /// What was there, and what stands there now.
    pub change: String,
    /// In how many rows.
    pub rows: u64,
}

/// Something that the host made upon the seed's tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeedDependent {
    /// `view`, `foreign key`, `trigger`, `column`, `grant`, …
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Whether it stands upon the new tables.
    pub restored: bool,
    /// What is to know about it.
    pub note: Option<String>,
}

/// Why the database is not adopted, and what the host has to decide or do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeedStop {
    /// `same_email`, `no_owner`, `no_place`, `bad_mapping`, `name_taken`, `unsupported`,
    /// `cannot_restore` or `lost`.
    pub kind: String,
    /// What it is about: an address, a table, a view, …
    pub name: String,
    /// What is wrong and what to do.
    pub reason: String,
    /// How many rows it concerns.
    pub rows: Option<u64>,
}

/// So many of a kind are told at most.
const MOST: i64 = 1_000;

pub(crate) async fn tables(transaction: &mut Transaction) -> Result<Vec<SeedTable>> {
    let rows = transaction
        .query(
            "SELECT table_name, old_rows, new_rows, merged_rows, left_rows
             FROM javari_seed.adoption_counts c
             ORDER BY (SELECT min(k.place) FROM javari_seed.adoption_columns k
                       WHERE k.table_name = c.table_name)",
            values![],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(SeedTable {
                table: row.get("table_name")?,
                old_rows: row.get("old_rows")?,
                new_rows: row.get("new_rows")?,
                merged_rows: row.get("merged_rows")?,
                left_rows: row.get("left_rows")?,
            })
        })
        .collect()
}

pub(crate) async fn changes(transaction: &mut Transaction) -> Result<Vec<SeedChange>> {
    let rows = transaction
        .query(
            "SELECT table_name, column_name, note, row_count FROM javari_seed.adoption_notes
             ORDER BY place LIMIT $1",
            values![MOST],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(SeedChange {
                table: row.get("table_name")?,
                column: row.get("column_name")?,
                change: row.get("note")?,
                rows: row.get("row_count")?,
            })
        })
        .collect()
}

pub(crate) async fn dependents(transaction: &mut Transaction) -> Result<Vec<SeedDependent>> {
    let rows = transaction
        .query(
            "SELECT kind, name, bool_and(statement IS NOT NULL) AS restored, max(note) AS note
             FROM javari_seed.adoption_dependents
             WHERE kind NOT IN ('column value', 'column default', 'owner')
             GROUP BY kind, name ORDER BY min(rank), min(place) LIMIT $1",
            values![MOST],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(SeedDependent {
                kind: row.get("kind")?,
                name: row.get("name")?,
                restored: row.get("restored")?,
                note: row.get("note")?,
            })
        })
        .collect()
}

pub(crate) async fn stops(transaction: &mut Transaction) -> Result<Vec<SeedStop>> {
    let rows = transaction
        .query(
            "SELECT kind, name, reason, row_count FROM javari_seed.adoption_stops
             ORDER BY place LIMIT $1",
            values![MOST],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(SeedStop {
                kind: row.get("kind")?,
                name: row.get("name")?,
                reason: row.get("reason")?,
                rows: row.get("row_count")?,
            })
        })
        .collect()
}

/// How large the old tables are, with their indexes.
pub(crate) async fn old_bytes(transaction: &mut Transaction) -> Result<u64> {
    let row = transaction
        .query_one(
            "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint AS bytes
             FROM pg_class c WHERE c.relnamespace = 'javari_seed'::regnamespace AND c.relkind = 'r'",
            values![],
        )
        .await?;
    row.map_or(Ok(0), |row| row.get("bytes"))
}
