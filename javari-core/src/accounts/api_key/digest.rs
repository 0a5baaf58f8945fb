//! What a right key is told by: a keyed hash of the key and all that it was granted.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::KeyBearer;
use crate::{
    error::{Error, ErrorKind, Result},
    secret::{RootKey, Secret},
    types::ApiKeyId,
    vault,
};

/// What is hashed first: no two kinds of hash have the same bytes.
const KIND: &str = "javari.api-key.v1";
/// The same for the key of a member, who is hashed too.
const KIND_OF_MEMBERS: &str = "javari.api-key.member.v1";

/// The key under which every digest of one database is made.
pub(super) struct DigestKey(Zeroizing<[u8; 32]>);

impl DigestKey {
    pub(super) fn derive(root: &RootKey) -> Result<Self> {
        root.derive(vault::API_KEYS).map(Self)
    }

    pub(super) fn of_bytes(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }

    /// HMAC-SHA-256 over the key's text and its grant, each field with its length before it. Lower-case
    /// hexadecimal.
    pub(super) fn of(&self, key: &Secret, bearer: &KeyBearer) -> Result<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_ref()).map_err(|_| fault())?;
        let text = |value: Option<String>| value.unwrap_or_default();
        let kind = match bearer.member {
            None => KIND.to_owned(),
            Some(member) => format!("{KIND_OF_MEMBERS}/{member}"),
        };
        let fields = [
            kind,
            bearer.id.to_string(),
            bearer.user.to_string(),
            text(bearer.project.map(|id| id.to_string())),
            text(bearer.expires_at.map(|at| at.to_string())),
        ];
        let all = fields.iter().chain(&bearer.operations).map(String::as_str);
        // Exposed to be hashed; it goes no further.
        for field in all.chain([key.expose()]) {
            mac.update(&(field.len() as u64).to_be_bytes());
            mac.update(field.as_bytes());
        }
        Ok(hex::encode(mac.finalize().into_bytes()))
    }
}

/// Whether `seal` is one of that root key upon the digest.
pub(super) fn is_seal_of(root: &RootKey, id: ApiKeyId, digest: &str, seal: &str) -> Result<bool> {
    Ok(seal_of(root, id, digest)?.as_bytes().ct_eq(seal.as_bytes()).into())
}

/// What shows that a digest was made under the root key, or was there when that was rotated to.
pub(super) fn seal_of(root: &RootKey, id: ApiKeyId, digest: &str) -> Result<String> {
    let key = root.derive(b"javari/api-key-seals/v1")?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_ref()).map_err(|_| fault())?;
    mac.update(format!("{id}|{digest}").as_bytes());
    let seal = mac.finalize().into_bytes();
    Ok(hex::encode(seal))
}

fn fault() -> Error {
    Error::new(ErrorKind::Unexpected, "api_keys.derive", "a key was not derived")
}
