//! Suite 2, `javari.vault.v2`: a committing, context-bound AES-256-GCM.
//!
//! ```text
//! aad  = LP("javari.vault.v2") || u32be(n) || LP(field 1) ... LP(field n)    LP(x) = u32be(|x|) || x
//! okm  = HKDF-SHA-256(ikm = data key, salt = 32 random bytes,
//!                     info = "javari.vault.v2/record\0" || SHA-256(aad), L = 64)
//! K    = okm[0..32]      commitment = okm[32..64]
//! c, t = AES-256-GCM(K, nonce = 12 random bytes, aad, plaintext)
//! ```
//!
//! Each value has a key of its own, so the number of values is not limited by the nonce. The
//! commitment covers key, salt and context: a value moved to another row, name, user or flag does
//! not open. The construction is in the family of the AWS Encryption SDK's committing suites.

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Sealed, cannot_unseal};
use crate::error::{Error, ErrorKind, Result};

const LABEL: &str = "javari.vault.v2";
const RECORD: &[u8] = b"javari.vault.v2/record\0";

/// 32 bytes that seal records of one scope. Wiped on drop.
pub(crate) type DataKey = Zeroizing<[u8; 32]>;

/// What a sealed value is bound to: `name=value` fields in a fixed order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binding(Vec<String>);

impl Binding {
    /// A binding of these fields, in this order.
    pub(crate) fn new(fields: Vec<String>) -> Self {
        Self(fields)
    }

    fn associated_data(&self) -> Vec<u8> {
        let mut data = Vec::with_capacity(64 * (self.0.len() + 1));
        push_with_length(&mut data, LABEL.as_bytes());
        data.extend_from_slice(&(self.0.len() as u32).to_be_bytes());
        for field in &self.0 {
            push_with_length(&mut data, field.as_bytes());
        }
        data
    }
}

/// Seals `plaintext` under `key`, bound to `binding`.
///
/// # Errors
/// `UNEXPECTED` when the system gives no random bytes.
pub(crate) fn seal(key: &DataKey, binding: &Binding, plaintext: &[u8]) -> Result<Sealed> {
    let mut random = [0_u8; 44];
    getrandom::fill(&mut random).map_err(|fault| {
        Error::new(ErrorKind::Unexpected, "vault.seal", "the system gave no random bytes")
            .with("fault", fault)
    })?;
    seal_with(key, binding, plaintext, &random)
}

/// Opens what [`seal`] made for exactly this binding.
///
/// # Errors
/// `CANNOT_UNSEAL`, always the same, whatever does not fit.
pub(crate) fn unseal(
    key: &DataKey,
    binding: &Binding,
    sealed: &Sealed,
) -> Result<Zeroizing<Vec<u8>>> {
    let (mut bytes, iv, tag) = sealed.decode::<44, 48>()?;
    let (salt, nonce) = iv.split_at(32);
    let (tag, commitment) = tag.split_at(16);
    let aad = binding.associated_data();
    let derived = derive(key, salt, &aad)?;
    let (record_key, expected) = derived.split_at(32);
    if !bool::from(expected.ct_eq(commitment)) {
        return Err(cannot_unseal());
    }
    bytes.extend_from_slice(tag);
    let nonce: [u8; 12] = nonce.try_into().map_err(|_| cannot_unseal())?;
    cipher(record_key)?
        .decrypt(&nonce.into(), Payload { msg: &bytes, aad: &aad })
        .map(Zeroizing::new)
        .map_err(|_| cannot_unseal())
}

/// Seals with a given salt and nonce: 32 and 12 bytes of `random`.
fn seal_with(
    key: &DataKey,
    binding: &Binding,
    plaintext: &[u8],
    random: &[u8; 44],
) -> Result<Sealed> {
    let (salt, nonce) = random.split_at(32);
    let aad = binding.associated_data();
    let derived = derive(key, salt, &aad)?;
    let (record_key, commitment) = derived.split_at(32);
    let nonce: [u8; 12] = nonce.try_into().map_err(|_| cannot_unseal())?;
    let mut bytes =
        cipher(record_key)?.encrypt(&nonce.into(), Payload { msg: plaintext, aad: &aad }).map_err(
            |_| Error::new(ErrorKind::TooLarge, "vault.seal", "the value is too large to seal"),
        )?;
    let mut tag = bytes.split_off(bytes.len().saturating_sub(16));
    tag.extend_from_slice(commitment);
    Ok(Sealed::encode(&bytes, random, &tag))
}

fn derive(key: &DataKey, salt: &[u8], aad: &[u8]) -> Result<Zeroizing<[u8; 64]>> {
    let mut derived = Zeroizing::new([0; 64]);
    Hkdf::<Sha256>::new(Some(salt), key.as_ref())
        .expand_multi_info(&[RECORD, &Sha256::digest(aad)], derived.as_mut())
        .map_err(|_| {
            Error::new(ErrorKind::Unexpected, "vault.derive", "the record key was not derived")
        })?;
    Ok(derived)
}

fn cipher(key: &[u8]) -> Result<Aes256Gcm> {
    Aes256Gcm::new_from_slice(key).map_err(|_| {
        Error::new(ErrorKind::Unexpected, "vault.cipher", "the record key has a wrong length")
    })
}

fn push_with_length(data: &mut Vec<u8>, field: &[u8]) {
    data.extend_from_slice(&(field.len() as u32).to_be_bytes());
    data.extend_from_slice(field);
}

#[cfg(test)]
mod tests;
