//! The credentials that are still in the seed's format.

use super::{CredentialRecord, read_credential};
use crate::{
    error::Result,
    storage::{Database, Transaction, values},
    types::{CredentialId, ScopeKey},
};

/// Some of them, by id, behind `after`.
pub(in crate::vault) async fn in_suite1(
    transaction: &mut Transaction,
    after: CredentialId,
    limit: u32,
) -> Result<Vec<CredentialRecord>> {
    let statement = select_credentials!("WHERE enc_suite = 1 AND id > $1 ORDER BY id LIMIT $2");
    let rows = transaction.query(statement, values![after, limit]).await?;
    rows.iter().map(read_credential).collect()
}

/// How many there are.
pub(in crate::vault) async fn count_suite1(database: &Database) -> Result<u64> {
    let statement = "SELECT count(*) AS count FROM javari_credentials WHERE enc_suite = 1";
    let row = database.query_one(&ScopeKey::HOST, statement, values![]).await?;
    row.map_or(Ok(0), |row| row.get("count"))
}
