//! Reads public keys in PEM: `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7) of RSA and of P-256.

use rustls::pki_types::{SubjectPublicKeyInfoDer, pem::PemObject};

use super::key::Key;

/// 1.2.840.113549.1.1.1 with the NULL that RFC 3279 §2.3.1 asks for.
const RSA: &[u8] = &[6, 9, 42, 134, 72, 134, 247, 13, 1, 1, 1, 5, 0];
/// 1.2.840.10045.2.1 over 1.2.840.10045.3.1.7 (RFC 5480 §2.1.1).
const P256: &[u8] = &[6, 7, 42, 134, 72, 206, 61, 2, 1, 6, 8, 42, 134, 72, 206, 61, 3, 1, 7];

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;

/// Every key of a PEM text.
///
/// # Errors
/// What is wrong with the text or a key.
pub(super) fn read_pem(text: &str) -> Result<Vec<Key>, &'static str> {
    let mut keys = Vec::new();
    for block in SubjectPublicKeyInfoDer::pem_slice_iter(text.as_bytes()) {
        let block = block.map_err(|_| "is damaged PEM")?;
        keys.push(public_key(&block)?);
    }
    match keys.is_empty() {
        true => Err("must hold public keys: `-----BEGIN PUBLIC KEY-----`"),
        false => Ok(keys),
    }
}

fn public_key(der: &[u8]) -> Result<Key, &'static str> {
    const DAMAGED: &str = "holds a public key that is damaged";
    let (info, rest) = element(SEQUENCE, der).ok_or(DAMAGED)?;
    let (algorithm, bits) = element(SEQUENCE, info).ok_or(DAMAGED)?;
    let (bits, behind) = element(BIT_STRING, bits).ok_or(DAMAGED)?;
    let [0, key @ ..] = bits else { return Err(DAMAGED) };
    if !rest.is_empty() || !behind.is_empty() {
        return Err(DAMAGED);
    }
    match algorithm {
        RSA => {
            let (numbers, rest) = element(SEQUENCE, key).ok_or(DAMAGED)?;
            let (modulus, exponent) = element(INTEGER, numbers).ok_or(DAMAGED)?;
            let (exponent, behind) = element(INTEGER, exponent).ok_or(DAMAGED)?;
            if !rest.is_empty() || !behind.is_empty() {
                return Err(DAMAGED);
            }
            Key::rsa(None, unsigned(modulus).ok_or(DAMAGED)?, unsigned(exponent).ok_or(DAMAGED)?)
        }
        P256 => Key::p256(None, key),
        _ => Err("holds a key that is neither RSA nor P-256"),
    }
}

/// The content of the element that `der` begins with, and what stands behind it. Lengths have their
/// one shortest form (X.690 §10.1).
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 => {
            let (&one, rest) = rest.split_first()?;
            (usize::from(one), rest)
        }
        0x82 => {
            let (both, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*both)), rest)
        }
        _ => return None,
    };
    let is_shortest = match first {
        0x81 => length > 0x7f,
        0x82 => length > 0xff,
        _ => true,
    };
    let (content, behind) = rest.split_at_checked(length)?;
    (found == tag && is_shortest).then_some((content, behind))
}

/// A positive INTEGER without the zero that keeps it positive.
fn unsigned(integer: &[u8]) -> Option<&[u8]> {
    match integer {
        [0, rest @ ..] if rest.first().is_some_and(|first| *first >= 0x80) => Some(rest),
        [first, ..] if (1..0x80).contains(first) => Some(integer),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::PublicKeyData;

    use super::*;

    #[test]
    fn a_key_that_is_cut_short_or_has_something_behind_it_is_refused() {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let der = pair.subject_public_key_info();
        assert!(public_key(&der).is_ok());
        for length in 0..der.len() {
            assert!(public_key(&der[..length]).is_err(), "{length}");
        }
        assert!(public_key(&[der.as_slice(), &[0]].concat()).is_err());
        let other = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
        assert!(public_key(&other.subject_public_key_info()).is_err());
        assert!(read_pem(&other.public_key_pem()).is_err());
        // A private key is no public one, whatever it is good for.
        assert!(read_pem(&pair.serialize_pem()).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            let _ = public_key(&bytes);
        }

        #[test]
        fn no_text_is_too_strange(text in ".{0,80}") {
            let _ = read_pem(&text);
            let _ = read_pem(&format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----"));
        }
    }
}
