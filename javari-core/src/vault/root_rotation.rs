//! What a rotation of the root key takes and returns, and what other rooms have to do in it.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{credential::read_optional_secret, kept::KeptKeys};
use crate::{
    error::Result,
    secret::{RootKey, Secret},
    storage::Transaction,
    types::Timestamp,
};

/// Asks for another root key. Without a new key one is made, which is only done where the present one
/// lies in a file that the new one takes the place of.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateRootKey {
    /// The new root key: 44 characters of base64, 64 hexadecimal digits, or a recovery copy.
    #[serde(default, deserialize_with = "read_optional_secret")]
    #[schemars(with = "Option<String>")]
    pub key: Option<Secret>,
    /// A file that holds it, in the place of `key`. The present key's own file is left as it is then.
    #[serde(default)]
    #[schemars(length(min = 1, max = 4096))]
    pub key_file: Option<String>,
    /// What opens the new key where it is a recovery copy, and what one that is made here is written
    /// under.
    #[serde(default, deserialize_with = "read_optional_secret")]
    #[schemars(with = "Option<String>")]
    pub passphrase: Option<Secret>,
    /// Whether a rotation to another key that has not ended is given up for this one.
    #[serde(default)]
    pub give_up_unfinished: bool,
}

/// A root key that is in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RootKeyRotation {
    /// What names the root key that is in use now.
    pub key_id: String,
    /// What names the one before.
    pub previous_key_id: String,
    /// Whether this call made the change. Where another one did so before with the same key, this
    /// process uses it now, too.
    pub rotated: bool,
    /// How many data keys were sealed anew.
    pub data_keys: u64,
    /// How many ends of audit chains were.
    pub audit_chains: u64,
    /// Since when the key is in use.
    pub since: Timestamp,
    /// The file that the new key stands in, where Javari wrote it there.
    pub key_file: Option<String>,
    /// The file that the key before was kept in. Backups that were made with it need it.
    pub previous_key_file: Option<String>,
}

/// What a room keeps that only the present root key may have written.
#[async_trait]
pub trait SealedWithRoot: Send + Sync {
    /// Seals it with the root key `to` in the transaction that makes it the database's.
    ///
    /// # Errors
    /// Those of the database.
    async fn reseal(
        &self,
        transaction: &mut Transaction,
        from: &RootKey,
        to: &RootKey,
    ) -> Result<()>;

    /// Takes the keys that outlive the root key. After a rotation, and when a backup was put back.
    fn keep(&self, kept: &KeptKeys);
}
