//! The keyed hash that ties each entry to the one before it, and seals the end of a chain.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    error::{Error, ErrorKind, Result},
    secret::RootKey,
};

/// The key of every chain in one database, or of the seals upon their ends.
pub(super) struct ChainKey(Zeroizing<[u8; 32]>);

/// The hash before the first entry.
pub(super) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

impl ChainKey {
    pub(super) fn derive(root: &RootKey) -> Result<Self> {
        root.derive(super::KEY_LABEL).map(Self)
    }

    pub(super) fn of(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }

    /// The key itself, to be kept when the root key that it derived from is not any more.
    pub(super) fn bytes(&self) -> &Zeroizing<[u8; 32]> {
        &self.0
    }

    /// The hash of an entry: HMAC-SHA-256 over its fields, each with its length before it so that
    /// no two entries have the same bytes. Lower-case hexadecimal.
    pub(super) fn hash(&self, fields: &[&str]) -> Result<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_ref()).map_err(|_| {
            Error::new(ErrorKind::Unexpected, "audit.hash", "the audit key has a wrong length")
        })?;
        for field in fields {
            mac.update(&(field.len() as u64).to_be_bytes());
            mac.update(field.as_bytes());
        }
        Ok(hex::encode(mac.finalize().into_bytes()))
    }
}
