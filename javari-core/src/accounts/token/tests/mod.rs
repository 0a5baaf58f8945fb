//! Which tokens are accepted, and every way to be refused.

mod attacks;
mod remote;
mod vectors;

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::*;
use crate::{
    config::IdentitySettings,
    error::{Error, ErrorKind},
    http::{Http, HttpConfig},
    secret::Secret,
    testkit::{HandClock, TokenIssuer},
    types::{Clock, SystemClock},
};

const ISSUER: &str = "https://issuer.example/auth/v1";
const SECRET: &str = "a shared secret of more than 32 bytes";
/// What the hand's clock says at first, in seconds.
const NOW: i64 = 1_780_000_000;

fn http() -> Http {
    Http::new(HttpConfig::default(), Arc::new(SystemClock)).unwrap()
}

fn settings() -> IdentitySettings {
    IdentitySettings {
        issuer: ISSUER.to_owned(),
        audience: "authenticated".to_owned(),
        ..IdentitySettings::default()
    }
}

/// A verifier that stands at `NOW` and believes this set of keys and the shared secret.
fn verifier(keys: &str) -> TokenVerifier {
    let settings = IdentitySettings {
        shared_secret: Some(Secret::new(SECRET)),
        keys: Some(keys.to_owned()),
        ..settings()
    };
    TokenVerifier::new(&settings, http(), HandClock::still()).unwrap()
}

/// Claims that are in order; `change` replaces some, and null removes one.
fn claims(change: Json) -> Json {
    let mut claims = json!({
        "iss": ISSUER, "aud": "authenticated", "sub": "ann", "exp": NOW + 3_600, "iat": NOW,
        "role": "authenticated", "email": "ann@example.com", "session_id": "s1",
    });
    for (name, value) in change.as_object().unwrap() {
        match value {
            Json::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

fn hs256(claims: &Json) -> String {
    TokenIssuer::sign_with_secret(SECRET.as_bytes(), r#"{"alg":"HS256"}"#, &claims.to_string())
}

async fn verify(verifier: &TokenVerifier, token: &str) -> Result<Claims, Error> {
    let outcome = verifier.verify(&Secret::new(token)).await;
    if let Err(error) = &outcome {
        assert_no_part_of(token, error);
    }
    outcome
}

/// That no form of the error repeats a part of the token.
fn assert_no_part_of(token: &str, error: &Error) {
    for part in token.split('.').filter(|part| part.len() >= 8) {
        assert!(!format!("{error:?} {error}").contains(part), "{error:?}");
    }
}

fn reason(error: &Error) -> &str {
    assert_eq!(error.kind(), ErrorKind::Unauthorized, "{error:?}");
    error.context().iter().find(|(key, _)| *key == "reason").map(|(_, why)| why.as_str()).unwrap()
}
