//! An issuer of tokens whose key is made on the spot.

#![allow(clippy::expect_used)]

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    },
};
use serde_json::{Value as Json, json};
use sha2::Sha256;

/// Signs tokens (RFC 7519) with ES256 under a key that is made with it.
pub struct TokenIssuer {
    id: String,
    document: Vec<u8>,
    key: EcdsaKeyPair,
}

impl TokenIssuer {
    /// An issuer whose key has this `kid`.
    ///
    /// # Panics
    /// When the system gives no random bytes.
    pub fn new(id: impl Into<String>) -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key is made");
        let key = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random);
        let key = key.expect("the key is one");
        Self { id: id.into(), document: document.as_ref().to_vec(), key }
    }

    /// The public key as a JSON Web Key.
    pub fn jwk(&self) -> Json {
        let point = self.key.public_key().as_ref();
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id,
            "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..]),
        })
    }

    /// A set of this key alone.
    pub fn jwks(&self) -> String {
        json!({ "keys": [self.jwk()] }).to_string()
    }

    /// A token of these claims.
    pub fn token(&self, claims: &Json) -> String {
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": self.id });
        self.sign(&header.to_string(), &claims.to_string())
    }

    /// A token of this header and these claims, as they are.
    ///
    /// # Panics
    /// When the system gives no random bytes.
    pub fn sign(&self, header: &str, claims: &str) -> String {
        let signed = signing_input(header, claims);
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes());
        with_signature(&signed, signature.expect("it is signed").as_ref())
    }

    /// The same with the signature in DER, which is not how a token is signed.
    ///
    /// # Panics
    /// When the system gives no random bytes.
    pub fn sign_in_der(&self, header: &str, claims: &str) -> String {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let key = EcdsaKeyPair::from_pkcs8(algorithm, &self.document, &random);
        let signed = signing_input(header, claims);
        let signature = key.expect("the key is one").sign(&random, signed.as_bytes());
        with_signature(&signed, signature.expect("it is signed").as_ref())
    }

    /// A token that is signed with HS256 under any bytes.
    ///
    /// # Panics
    /// Never: HMAC takes keys of every length.
    pub fn sign_with_secret(secret: &[u8], header: &str, claims: &str) -> String {
        let signed = signing_input(header, claims);
        let mac = Hmac::<Sha256>::new_from_slice(secret).expect("any length");
        with_signature(&signed, &mac.chain_update(&signed).finalize().into_bytes())
    }
}

/// What is signed of a token (RFC 7515 §5.1).
fn signing_input(header: &str, claims: &str) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
}

fn with_signature(signed: &str, signature: &[u8]) -> String {
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
