//! Where a credential may be sent.

use super::{ResealWrite, write_resealed_version, written_hosts};
use crate::{
    error::Result,
    storage::{Transaction, values},
    types::Timestamp,
    vault::credential::CredentialView,
};

/// Writes the hosts of a credential with its active value, which was sealed for them.
pub(in crate::vault) async fn write_bound(
    transaction: &mut Transaction,
    view: &CredentialView,
    flags: &str,
    new: &ResealWrite<'_>,
    now: Timestamp,
) -> Result<()> {
    transaction
        .execute(
            "UPDATE javari_credentials SET hosts = $3, hosts_version = $2, enc_suite = 2,
                 encrypted_value = $4, encryption_iv = $5, encryption_tag = $6, key_id = $7,
                 updated_at = $8
             WHERE id = $1 AND current_version = $2",
            values![
                view.id,
                view.version,
                written_hosts(&view.hosts),
                &new.sealed.encrypted_value,
                &new.sealed.encryption_iv,
                &new.sealed.encryption_tag,
                new.key_id,
                now
            ],
        )
        .await?;
    write_resealed_version(transaction, (view.id, view.version), flags, new).await
}
