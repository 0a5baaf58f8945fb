//! A key as text: `jv_live_`, the key's id, a secret and a checksum.
//!
//! The fixed beginning and the checksum let scanners of leaked secrets find keys and tell them from
//! what only looks like one, as GitHub's tokens do.

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    error::{Error, ErrorKind, Result},
    secret::Secret,
    types::ApiKeyId,
};

/// What every key begins with.
pub(in super::super) const BEGINNING: &str = "jv_live_";

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 32 hexadecimal digits.
const ID: usize = 32;
/// 32 bytes in base 62.
const SECRET: usize = 43;
/// A CRC-32 in base 62.
const CHECKSUM: usize = 6;
const LENGTH: usize = BEGINNING.len() + ID + 1 + SECRET + CHECKSUM;

/// A new key of that id, with 32 random bytes.
///
/// # Errors
/// `UNEXPECTED` when the system gives no random bytes; there is no fallback.
pub(super) fn make(id: ApiKeyId) -> Result<Secret> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut()).map_err(|fault| {
        let message = "the system gave no random bytes";
        Error::new(ErrorKind::Unexpected, "api_keys.create", message).with("fault", fault)
    })?;
    Ok(write(id, &bytes))
}

/// The id that a key names; nothing for what is no key. Whether the secret is right is not known yet.
pub(super) fn id_of(text: &str) -> Option<ApiKeyId> {
    if text.len() != LENGTH || !text.is_ascii() {
        return None;
    }
    let (body, checksum) = text.split_at(LENGTH - CHECKSUM);
    if checksum != checksum_of(body) {
        return None;
    }
    let (id, secret) = body.strip_prefix(BEGINNING)?.split_once('_')?;
    let is_hexadecimal = |b: u8| b.is_ascii_digit() || matches!(b, b'a'..=b'f');
    let fits = id.len() == ID
        && id.bytes().all(is_hexadecimal)
        && secret.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then(|| Uuid::try_parse(id).ok().map(ApiKeyId)).flatten()
}

/// The part of a key that may be shown, to tell one key from another: no digit of its secret.
pub(super) fn shown(id: ApiKeyId) -> String {
    format!("{BEGINNING}{}", id.0.simple())
}

fn write(id: ApiKeyId, secret: &[u8; 32]) -> Secret {
    let mut text = Zeroizing::new(String::with_capacity(LENGTH));
    text.push_str(&shown(id));
    text.push('_');
    text.push_str(&base62::<SECRET>(secret));
    let checksum = checksum_of(&text);
    text.push_str(&checksum);
    Secret::new(text.as_str())
}

fn checksum_of(body: &str) -> String {
    base62::<CHECKSUM>(&crc32fast::hash(body.as_bytes()).to_be_bytes()).as_str().to_owned()
}

/// A big-endian number in `LENGTH` digits of base 62.
fn base62<const LENGTH: usize>(number: &[u8]) -> Zeroizing<String> {
    let mut number = Zeroizing::new(number.to_vec());
    let mut digits = Zeroizing::new([b'0'; LENGTH]);
    for digit in digits.iter_mut().rev() {
        let mut rest = 0_usize;
        for byte in number.iter_mut() {
            let value = rest << 8 | usize::from(*byte);
            *byte = (value / 62) as u8;
            rest = value % 62;
        }
        *digit = DIGITS.get(rest).copied().unwrap_or(b'0');
    }
    Zeroizing::new(digits.iter().map(|digit| char::from(*digit)).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_form_of_a_key_stays_what_scanners_look_for() {
        let id = ApiKeyId(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001));
        // Exposed to be compared; it opens nothing.
        let key = write(id, &[0xff; 32]);
        let (body, checksum) = key.expose().split_at(LENGTH - CHECKSUM);
        assert_eq!(
            body,
            "jv_live_01990000000070008000000000000001_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1"
        );
        assert_eq!(checksum.len(), 6);
        assert_eq!(shown(id), "jv_live_01990000000070008000000000000001");
        assert_eq!(base62::<6>(&0_u32.to_be_bytes()).as_str(), "000000");
        assert_eq!(base62::<6>(&u32::MAX.to_be_bytes()).as_str(), "4gfFC3");
    }

    #[test]
    fn any_changed_letter_is_seen_without_asking_the_database() {
        let key = make(ApiKeyId(Uuid::from_u128(7))).unwrap();
        let key = key.expose();
        assert_eq!(id_of(key), Some(ApiKeyId(Uuid::from_u128(7))));
        for place in 0..key.len() {
            for letter in ["0", "a", "Z", "_", " "] {
                let changed = format!("{}{letter}{}", &key[..place], &key[place + 1..]);
                assert!(changed == key || id_of(&changed).is_none(), "{place} {letter}");
            }
            assert!(id_of(&key[..place]).is_none());
        }
        assert!(id_of(&format!("{key}x")).is_none());
        assert!(id_of(&key.to_uppercase()).is_none());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_and_every_secret_has_its_own_text(
            id in any::<u128>(), one in any::<[u8; 32]>(), other in any::<[u8; 32]>()
        ) {
            let id = ApiKeyId(Uuid::from_u128(id));
            let (first, second) = (write(id, &one), write(id, &other));
            prop_assert_eq!(first.expose().len(), LENGTH);
            prop_assert_eq!(id_of(first.expose()), Some(id));
            prop_assert_eq!(one == other, first.expose() == second.expose());
        }

        #[test]
        fn no_text_is_too_strange(text in ".{0,120}", like in "jv_live_[0-9a-f]{32}_[A-Za-z0-9]{49}") {
            let _ = id_of(&text);
            let _ = id_of(&like);
        }
    }
}
