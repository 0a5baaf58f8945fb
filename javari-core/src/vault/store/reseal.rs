//! The rows that are still in the seed's format.

use super::{CredentialRecord, Sealed, read_credential};
use crate::{
    error::Result,
    storage::{Transaction, values},
    types::CredentialId,
};

/// Some credentials in the seed's format, by id, behind `after`.
pub(in crate::vault) async fn in_suite1(
    transaction: &mut Transaction,
    after: CredentialId,
    limit: u32,
) -> Result<Vec<CredentialRecord>> {
    let statement = select_credentials!("WHERE enc_suite = 1 AND id > $1 ORDER BY id LIMIT $2");
    let rows = transaction.query(statement, values![after, limit]).await?;
    rows.iter().map(read_credential).collect()
}

/// Whether any value is left in the seed's format.
pub(in crate::vault) async fn any_in_suite1(transaction: &mut Transaction) -> Result<bool> {
    let statement = "SELECT 1 AS found FROM javari_credential_versions
        WHERE enc_suite = 1 AND encrypted_value IS NOT NULL
        UNION ALL SELECT 1 FROM javari_credentials WHERE enc_suite = 1 LIMIT 1";
    Ok(transaction.query_one(statement, values![]).await?.is_some())
}

/// A value of the seed's format in Javari's own.
pub(in crate::vault) struct Resealed<'a> {
    pub(in crate::vault) credential: CredentialId,
    pub(in crate::vault) version: u32,
    pub(in crate::vault) key_id: uuid::Uuid,
    pub(in crate::vault) sealed: &'a Sealed,
    pub(in crate::vault) flags: &'a str,
    pub(in crate::vault) fingerprint: &'a str,
}

/// Puts it in its place, in the credential and in its active version; nothing where another value
/// came meanwhile.
pub(in crate::vault) async fn put_resealed(
    transaction: &mut Transaction,
    made: &Resealed<'_>,
) -> Result<bool> {
    let written = transaction
        .execute(
            "UPDATE javari_credentials SET encrypted_value = $3, encryption_iv = $4,
                 encryption_tag = $5, enc_suite = 2, key_id = $6
             WHERE id = $1 AND current_version = $2 AND enc_suite = 1",
            values![
                made.credential,
                made.version,
                &made.sealed.encrypted_value,
                &made.sealed.encryption_iv,
                &made.sealed.encryption_tag,
                made.key_id
            ],
        )
        .await?;
    if written == 0 {
        return Ok(false);
    }
    transaction
        .execute(
            "UPDATE javari_credential_versions SET encrypted_value = $3, encryption_iv = $4,
                 encryption_tag = $5, enc_suite = 2, key_id = $6, flags = $7, fingerprint = $8
             WHERE credential_id = $1 AND version = $2",
            values![
                made.credential,
                made.version,
                &made.sealed.encrypted_value,
                &made.sealed.encryption_iv,
                &made.sealed.encryption_tag,
                made.key_id,
                made.flags,
                made.fingerprint
            ],
        )
        .await?;
    Ok(true)
}
