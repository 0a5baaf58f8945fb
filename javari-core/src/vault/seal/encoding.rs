//! The three text columns that hold a sealed value.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::cannot_unseal;
use crate::error::Result;

/// A sealed value as its three base64 columns; the names are the seed's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sealed {
    /// The ciphertext.
    pub encrypted_value: String,
    /// Suite 1: 16 bytes of IV. Suite 2: 32 bytes of salt and 12 of nonce.
    pub encryption_iv: String,
    /// Suite 1: 16 bytes of tag. Suite 2: 16 bytes of tag and 32 of commitment.
    pub encryption_tag: String,
}

impl Sealed {
    /// Nothing, until it is sealed.
    pub(crate) fn empty() -> Self {
        Self::encode(&[], &[], &[])
    }

    pub(super) fn encode(value: &[u8], iv: &[u8], tag: &[u8]) -> Self {
        Self {
            encrypted_value: STANDARD.encode(value),
            encryption_iv: STANDARD.encode(iv),
            encryption_tag: STANDARD.encode(tag),
        }
    }

    /// The bytes of the columns. Only canonical base64 is taken: padding, alphabet and unused
    /// bits as an encoder writes them, so that a row has exactly one text.
    pub(super) fn decode<const IV: usize, const TAG: usize>(
        &self,
    ) -> Result<(Vec<u8>, [u8; IV], [u8; TAG])> {
        Ok((
            strict(&self.encrypted_value)?,
            strict(&self.encryption_iv)?.try_into().map_err(|_| cannot_unseal())?,
            strict(&self.encryption_tag)?.try_into().map_err(|_| cannot_unseal())?,
        ))
    }
}

fn strict(text: &str) -> Result<Vec<u8>> {
    STANDARD.decode(text).map_err(|_| cannot_unseal())
}
