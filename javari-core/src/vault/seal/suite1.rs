//! Suite 1: the seed's format, read strictly and never written.
//!
//! AES-256-GCM with a 16-byte IV, no associated data, under the root key itself. It binds a value
//! to nothing: that two rows were swapped cannot be told. The seed's own reader also took tags cut
//! to 4 bytes and loose base64; this one takes neither.

use aes_gcm::{
    AesGcm, KeyInit,
    aead::{Aead, consts::U16},
    aes::Aes256,
};

use super::{Sealed, cannot_unseal};
use crate::{error::Result, secret::Secret};

/// The value that the seed sealed with `key`.
pub(crate) fn unseal(key: &[u8; 32], sealed: &Sealed) -> Result<Secret> {
    let (mut bytes, iv, tag) = sealed.decode::<16, 16>()?;
    bytes.extend_from_slice(&tag);
    let cipher = AesGcm::<Aes256, U16>::new(key.into());
    let opened = cipher.decrypt(&iv.into(), bytes.as_slice()).map_err(|_| cannot_unseal())?;
    String::from_utf8(opened).map(Secret::new).map_err(|_| cannot_unseal())
}
