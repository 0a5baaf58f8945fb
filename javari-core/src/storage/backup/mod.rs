//! One file that holds a whole database, whichever engine kept it.
//!
//! ```text
//! JAVARI-BACKUP 1 \n
//! {"engine":…,"schema":…,"vault_id":…,"root_key_id":…,"created_at":…,"library":…} \n
//! gzip( ["table","users"] \n {"id":…,"email":…} \n … ["end",{"users":2,…}] \n )
//! HMAC-SHA-256 over everything before, 32 bytes
//! ```
//!
//! The key of the last line derives from the root key, so that a file that was cut, altered or made
//! elsewhere is refused before anything is written, and before anything of it is unpacked.
//! Credentials stand in it as they stand in the database: sealed. Everything else is readable, so
//! the file is made for its owner alone.
//!
//! What it deliberately does not do: it keeps no key (the root key is kept elsewhere, or the backup
//! opens nothing) and no second copy; it does not hide documents from who may read the file.

mod file;
mod format;
mod read;
mod restore;
#[cfg(test)]
pub(crate) mod tests;
mod write;

use std::collections::BTreeMap;

pub(in crate::storage) use format::record;
use hmac::{Hmac, KeyInit};
pub use read::BackupFile;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;
pub(crate) use write::back_up_within;
pub use write::{BackupTarget, back_up};
use zeroize::Zeroizing;

use crate::{
    error::{Error, ErrorKind, Result},
    secret::RootKey,
    types::Timestamp,
};

/// The key that tells a backup of ours from any other file; derived from the root key.
#[derive(Clone)]
pub struct BackupKey {
    key: Zeroizing<[u8; 32]>,
    root_key_id: String,
}

impl BackupKey {
    /// The key of backups under that root key.
    ///
    /// # Errors
    /// `UNEXPECTED` when it cannot be derived.
    pub fn derive(root: &RootKey) -> Result<Self> {
        Ok(Self { key: root.derive(b"javari/backup/v1")?, root_key_id: root.id()? })
    }

    fn mac(&self) -> Result<Hmac<Sha256>> {
        Hmac::new_from_slice(self.key.as_ref()).map_err(|_| {
            Error::new(ErrorKind::Unexpected, "system.backup", "a key has a wrong length")
        })
    }
}

/// What a backup says of itself, in clear at its beginning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BackupHeader {
    /// The engine it was made from, `sqlite` or `postgres`.
    pub engine: String,
    /// The schema version of its rows.
    pub schema: u32,
    /// Which vault it holds.
    pub vault_id: Uuid,
    /// Names the root key that its credentials need.
    pub root_key_id: String,
    /// When its one state of the database was read.
    pub created_at: Timestamp,
    /// The library's version, such as `0.1.0`.
    pub library: String,
}

/// A backup that was made, or one that was put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BackupSummary {
    /// Where the file is.
    pub path: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// How many rows it has.
    pub rows: u64,
    /// How many of them each table has.
    pub tables: BTreeMap<String, u64>,
    /// What it says of itself.
    pub header: BackupHeader,
    /// Its keyed hash in hexadecimal: two files with the same one are the same.
    pub seal: String,
}

/// Whether a file is a whole backup of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BackupReport {
    /// True when the file is whole, unaltered, and opens with this root key.
    pub whole: bool,
    /// The code of what is wrong, as `system.restore` would fail with it.
    pub code: Option<String>,
    /// What is wrong.
    pub reason: Option<String>,
    /// What the file holds, when it is whole.
    pub backup: Option<BackupSummary>,
}
