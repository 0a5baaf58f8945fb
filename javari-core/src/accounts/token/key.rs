//! A key that tokens are checked with, and the one algorithm it is for.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::super::refusal::Refusal;

/// How a token may be signed (RFC 7518 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// HMAC-SHA-256 with a secret that both sides hold.
    Hs256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA over P-256 with SHA-256.
    Es256,
}

impl Algorithm {
    /// The algorithm of that name; names differ by case (RFC 7515 §4.1.1).
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "HS256" => Some(Self::Hs256),
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }
}

/// A key and the one algorithm it is for: a public key is never taken for a shared secret.
pub(super) struct Key {
    pub(super) id: Option<String>,
    material: Material,
}

enum Material {
    Hmac(Zeroizing<Vec<u8>>),
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// An uncompressed point: 4, x, y.
    P256(Vec<u8>),
}

impl Key {
    /// A shared secret of at least 32 bytes (RFC 7518 §3.2).
    pub(super) fn hmac(secret: &[u8]) -> Result<Self, &'static str> {
        match secret.len() {
            32.. => Ok(Self { id: None, material: Material::Hmac(secret.to_vec().into()) }),
            _ => Err("must have at least 32 bytes: a shorter secret can be guessed"),
        }
    }

    /// An RSA key from its modulus and exponent, both unsigned and big-endian.
    pub(super) fn rsa(
        id: Option<String>,
        modulus: &[u8],
        exponent: &[u8],
    ) -> Result<Self, &'static str> {
        if modulus.first() == Some(&0) || exponent.first() == Some(&0) {
            return Err("an RSA key begins with a zero byte");
        }
        let is_odd = |bytes: &[u8]| bytes.last().is_some_and(|last| last & 1 == 1);
        if !(256..=1_024).contains(&modulus.len()) || !is_odd(modulus) {
            return Err("an RSA key must have 2048 to 8192 bits");
        }
        if !(1..=5).contains(&exponent.len()) || !is_odd(exponent) || exponent == [1] {
            return Err("an RSA key has a public exponent that is not one");
        }
        let material = Material::Rsa { modulus: modulus.to_vec(), exponent: exponent.to_vec() };
        Ok(Self { id, material })
    }

    /// A P-256 key from an uncompressed point.
    pub(super) fn p256(id: Option<String>, point: &[u8]) -> Result<Self, &'static str> {
        match point {
            [4, rest @ ..] if rest.len() == 64 => {
                Ok(Self { id, material: Material::P256(point.to_vec()) })
            }
            _ => Err("an EC key must be an uncompressed point of P-256"),
        }
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        match self.material {
            Material::Hmac(_) => Algorithm::Hs256,
            Material::Rsa { .. } => Algorithm::Rs256,
            Material::P256(_) => Algorithm::Es256,
        }
    }

    /// Whether `signature` is that of `message`, in a time that does not depend on it.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Hmac(secret) => Hmac::<Sha256>::new_from_slice(secret)
                .is_ok_and(|mac| mac.chain_update(message).verify_slice(signature).is_ok()),
            Material::Rsa { modulus, exponent } => {
                RsaPublicKeyComponents { n: modulus, e: exponent }
                    .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                    .is_ok()
            }
            Material::P256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(message, signature)
                .is_ok(),
        }
    }
}

/// The one key of `keys` that a token can mean; nothing when there is none.
///
/// # Errors
/// `Algorithm` when the key of that id is for another one.
pub(super) fn choose(
    keys: &[Arc<Key>],
    algorithm: Algorithm,
    id: Option<&str>,
) -> Result<Option<Arc<Key>>, Refusal> {
    if let Some(id) = id {
        let mut named = keys.iter().filter(|key| key.id.as_deref() == Some(id)).peekable();
        if named.peek().is_some() {
            let key = named.find(|key| key.algorithm() == algorithm);
            return key.cloned().map(Some).ok_or(Refusal::Algorithm);
        }
    }
    // A key without an id may be meant by any; a token without one may mean any key. Where several
    // could be meant none is: nobody tries keys until one fits.
    let mut possible = keys
        .iter()
        .filter(|key| key.algorithm() == algorithm && (id.is_none() || key.id.is_none()));
    match (possible.next(), possible.next()) {
        (Some(key), None) => Ok(Some(key.clone())),
        _ => Ok(None),
    }
}
