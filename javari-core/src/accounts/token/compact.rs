//! Takes a signed token apart (RFC 7515 §7.1), strictly: what another reader could understand
//! differently is refused.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value as Json};

use super::{super::refusal::Refusal, json, key::Algorithm};

/// The longest token that is looked at.
pub(in super::super) const MOST_BYTES: usize = 16 * 1024;
/// The longest key id: it is compared with ours and used for nothing else.
const MOST_KEY_ID: usize = 256;

/// A token in its parts. Nothing of it is believed before the signature was checked.
pub(super) struct Compact<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
    /// What was signed: header and claims as they were sent.
    pub(super) signed: &'a [u8],
    pub(super) signature: Vec<u8>,
    claims: &'a str,
}

impl<'a> Compact<'a> {
    /// Takes `token` apart.
    ///
    /// # Errors
    /// What is wrong with its form or its header.
    pub(super) fn parse(token: &'a str) -> Result<Self, Refusal> {
        if token.len() > MOST_BYTES {
            return Err(Refusal::TooLarge);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Refusal::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(Refusal::Malformed)?;
        if claims.contains('.') {
            return Err(Refusal::Malformed);
        }
        let header = object(header)?;
        refuse_what_is_not_understood(&header)?;
        let algorithm = match header.get("alg") {
            Some(Json::String(name)) => Algorithm::from_name(name).ok_or(Refusal::Algorithm)?,
            _ => return Err(Refusal::Algorithm),
        };
        let key_id = match header.get("kid") {
            None => None,
            Some(Json::String(id)) if id.len() <= MOST_KEY_ID => Some(id.clone()),
            Some(_) => return Err(Refusal::Malformed),
        };
        let signature = decode(signature)?;
        Ok(Self { algorithm, key_id, signed: signed.as_bytes(), signature, claims })
    }

    /// The claims, to be read when the signature was found good.
    ///
    /// # Errors
    /// `Malformed` or `Duplicate`.
    pub(super) fn claims(&self) -> Result<Map<String, Json>, Refusal> {
        object(self.claims)
    }
}

/// RFC 8725 §3.10 and §3.11: a token chooses neither the key nor the meaning.
fn refuse_what_is_not_understood(header: &Map<String, Json>) -> Result<(), Refusal> {
    if header.contains_key("crit") {
        // No extension is understood here, so each one that must be is one too many.
        return Err(Refusal::Critical);
    }
    if ["jku", "jwk", "x5u", "x5c"].iter().any(|name| header.contains_key(*name)) {
        return Err(Refusal::KeyInHeader);
    }
    let is_access = |name: &str| {
        ["jwt", "at+jwt", "application/at+jwt"].iter().any(|own| name.eq_ignore_ascii_case(own))
    };
    match header.get("typ") {
        None => {}
        Some(Json::String(name)) if is_access(name) => {}
        Some(_) => return Err(Refusal::Type),
    }
    // A token inside a token, encrypted or compressed content.
    match ["cty", "enc", "zip"].iter().any(|name| header.contains_key(*name)) {
        true => Err(Refusal::Type),
        false => Ok(()),
    }
}

fn object(part: &str) -> Result<Map<String, Json>, Refusal> {
    match json::parse(&decode(part)?)? {
        Json::Object(object) => Ok(object),
        _ => Err(Refusal::Malformed),
    }
}

/// Base64url without padding (RFC 7515 §2), of which each value has one spelling alone.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Refusal::Malformed)
}
