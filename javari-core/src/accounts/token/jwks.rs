//! Reads a JSON Web Key Set (RFC 7517): public RSA and P-256 keys that sign.

use serde_json::{Map, Value as Json};

use super::{
    compact::decode,
    json,
    key::{Algorithm, Key},
};

/// More keys than any issuer has at once.
const MOST_KEYS: usize = 64;

/// What became of one member of `keys`.
enum Outcome {
    Key(Key),
    /// A key that is not for us, such as one that encrypts.
    Other(&'static str),
}

/// The keys of a set that an issuer publishes. What is of a kind that is not understood is left out
/// (RFC 7517 §5), and so is whatever should not be published at all.
///
/// # Errors
/// What is wrong with the set.
pub(super) fn read_published(text: &[u8]) -> Result<Vec<Key>, &'static str> {
    let mut keys = Vec::new();
    for member in members(text)? {
        if let Outcome::Key(key) = read(&member) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// The keys of a set, or the one key, that a host has configured: every one must be understood.
///
/// # Errors
/// What is wrong with the set or a key.
pub(super) fn read_configured(text: &str) -> Result<Vec<Key>, &'static str> {
    let mut keys: Vec<Key> = Vec::new();
    for member in members(text.as_bytes())? {
        match read(&member) {
            Outcome::Other(why) => return Err(why),
            Outcome::Key(key) => {
                let is_named = key.id.is_some();
                if is_named && keys.iter().any(|other| other.id == key.id) {
                    return Err("holds two keys of one `kid`");
                }
                keys.push(key);
            }
        }
    }
    match keys.is_empty() {
        true => Err("holds no key"),
        false => Ok(keys),
    }
}

fn members(text: &[u8]) -> Result<Vec<Map<String, Json>>, &'static str> {
    const NO_SET: &str = "must be a JSON Web Key Set: `{\"keys\": [...]}`";
    let Ok(Json::Object(mut set)) = json::parse(text) else { return Err(NO_SET) };
    let keys = match set.remove("keys") {
        Some(Json::Array(keys)) => keys,
        Some(_) => return Err(NO_SET),
        None if set.contains_key("kty") => vec![Json::Object(set)],
        None => return Err(NO_SET),
    };
    if keys.len() > MOST_KEYS {
        return Err("holds more than 64 keys");
    }
    keys.into_iter()
        .map(|key| match key {
            Json::Object(key) => Ok(key),
            _ => Err(NO_SET),
        })
        .collect()
}

fn read(key: &Map<String, Json>) -> Outcome {
    public_key(key).map_or_else(Outcome::Other, Outcome::Key)
}

fn public_key(key: &Map<String, Json>) -> Result<Key, &'static str> {
    let text = |name: &str| key.get(name).and_then(Json::as_str);
    let number = |name: &str| text(name).and_then(|text| decode(text).ok()).unwrap_or_default();
    if ["d", "p", "q", "k"].iter().any(|name| key.contains_key(*name)) {
        return Err(
            "holds a private or shared key: a shared one is `shared_secret`, and a private \
                    one belongs to the issuer alone",
        );
    }
    if key.contains_key("use") && text("use") != Some("sig") {
        return Err("holds a key that is not for signatures");
    }
    let verifies = |operations: &Json| {
        operations.as_array().is_some_and(|all| all.iter().any(|one| one == "verify"))
    };
    if key.get("key_ops").is_some_and(|operations| !verifies(operations)) {
        return Err("holds a key that is not for verifying signatures");
    }
    let id = match key.get("kid") {
        None => None,
        Some(Json::String(id)) if (1..=256).contains(&id.len()) => Some(id.clone()),
        Some(_) => return Err("holds a key whose `kid` is not a text of 1 to 256 bytes"),
    };
    let made = match (text("kty"), text("crv")) {
        (Some("RSA"), _) => Key::rsa(id, &number("n"), &number("e"))?,
        (Some("EC"), Some("P-256")) => {
            let (x, y) = (number("x"), number("y"));
            if (x.len(), y.len()) != (32, 32) {
                return Err("an EC key must have coordinates of 32 bytes (RFC 7518 §6.2.1.2)");
            }
            Key::p256(id, &[[4].as_slice(), &x, &y].concat())?
        }
        _ => return Err("holds a key that is neither RSA nor P-256"),
    };
    let is_pinned_elsewhere = key.contains_key("alg")
        && text("alg").and_then(Algorithm::from_name) != Some(made.algorithm());
    if is_pinned_elsewhere {
        return Err("holds a key for an algorithm other than RS256 and ES256");
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    fn with(change: &[(&str, Json)]) -> Json {
        let mut key = json!({ "kty": "EC", "crv": "P-256", "x": X, "y": Y, "kid": "a" });
        for (name, value) in change {
            key[*name] = value.clone();
        }
        key
    }

    #[test]
    fn a_published_key_that_is_not_for_us_is_left_out_and_a_configured_one_is_a_fault() {
        let others = [
            with(&[("kty", json!("OKP"))]),
            with(&[("crv", json!("P-384"))]),
            with(&[("crv", json!("secp256k1"))]),
            with(&[("alg", json!("RS256"))]),
            with(&[("alg", json!("none"))]),
            with(&[("alg", json!(7))]),
            with(&[("use", json!("enc"))]),
            with(&[("key_ops", json!(["sign"]))]),
            with(&[("key_ops", json!("verify"))]),
            with(&[("d", json!(X))]),
            with(&[("x", json!(&X[..40]))]),
            with(&[("x", json!(format!("{X}=")))]),
            with(&[("kid", json!(7))]),
            with(&[("kid", json!("k".repeat(257)))]),
            json!({ "kty": "oct", "k": X, "kid": "a" }),
            json!({ "kty": "RSA", "n": X, "e": "AQAB" }),
        ];
        for other in others {
            let set =
                json!({ "keys": [with(&[("use", json!("sig")), ("alg", json!("ES256"))]), other] });
            assert_eq!(read_published(set.to_string().as_bytes()).unwrap().len(), 1, "{other}");
            assert!(read_configured(&set.to_string()).is_err(), "{other}");
        }
    }

    #[test]
    fn what_is_no_set_is_said_to_be_none() {
        let many: Vec<Json> =
            (0..65).map(|number| with(&[("kid", json!(number.to_string()))])).collect();
        let many = json!({ "keys": many }).to_string();
        for text in
            ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[1]}"#, r#"{"keys":[],"keys":[]}"#, &many]
        {
            assert!(read_published(text.as_bytes()).is_err(), "{text}");
        }
        assert!(read_published(br#"{"keys":[]}"#).unwrap().is_empty());
        assert!(read_configured(r#"{"keys":[]}"#).is_err());
        assert_eq!(read_configured(&with(&[]).to_string()).unwrap().len(), 1);
        let twice = json!({ "keys": [with(&[]), with(&[])] }).to_string();
        assert!(read_configured(&twice).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_published(&bytes);
        }

        #[test]
        fn no_value_of_a_member_is_too_strange(
            name in "kty|crv|x|y|n|e|alg|use|key_ops|kid", value in ".{0,60}", kty in "RSA|EC|oct"
        ) {
            let mut key = with(&[("kty", json!(kty)), ("n", json!(X)), ("e", json!("AQAB"))]);
            key[name] = json!(value);
            let _ = read_configured(&key.to_string());
        }
    }
}
