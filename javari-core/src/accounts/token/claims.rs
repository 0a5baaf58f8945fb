//! What a token says of its bearer, read after its signature was found good.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::super::refusal::{Refusal, wrong_claim};
use crate::{error::Result, types::Timestamp};

/// The claims of a verified token that matter here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Claims {
    /// Who issued it (`iss`): always the configured issuer.
    pub issuer: String,
    /// Whom it is about (`sub`), 1 to 255 bytes.
    pub subject: String,
    /// When it expires (`exp`).
    pub expires_at: Timestamp,
    /// When it was issued (`iat`).
    pub issued_at: Option<Timestamp>,
    /// The issuer's word for what its bearer is, such as `authenticated`. It decides nothing here.
    pub role: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether the issuer has verified the address.
    pub email_verified: bool,
    /// The issuer's session (`session_id`).
    pub session: Option<String>,
}

/// What a token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) audience: &'a str,
    pub(super) leeway: Duration,
    pub(super) verifies_email: bool,
}

/// More audiences than any token is meant for.
const MOST_AUDIENCES: usize = 32;

impl Claims {
    /// Reads the claims and checks them against `expected` at `now` (RFC 7519 §4.1).
    ///
    /// # Errors
    /// `UNAUTHORIZED` with the reason.
    pub(super) fn read(
        claims: &Map<String, Json>,
        expected: &Expected<'_>,
        now: Timestamp,
    ) -> Result<Self> {
        if claims.get("iss").and_then(Json::as_str) != Some(expected.issuer) {
            return Err(Refusal::Issuer.into());
        }
        if !is_meant_for(claims.get("aud"), expected.audience) {
            return Err(Refusal::Audience.into());
        }
        let expires_at = time(claims, "exp")?.ok_or_else(|| wrong_claim("exp"))?;
        if now >= expires_at.plus(expected.leeway) {
            return Err(Refusal::Expired.into());
        }
        let latest = now.plus(expected.leeway);
        if time(claims, "nbf")?.is_some_and(|not_before| not_before > latest) {
            return Err(Refusal::NotYet.into());
        }
        let issued_at = time(claims, "iat")?;
        if issued_at.is_some_and(|issued_at| issued_at > latest) {
            return Err(Refusal::IssuedLater.into());
        }
        let subject = text(claims, "sub", 255)?.ok_or_else(|| wrong_claim("sub"))?;
        let email = text(claims, "email", 254)?;
        Ok(Self {
            issuer: expected.issuer.to_owned(),
            subject,
            expires_at,
            issued_at,
            role: text(claims, "role", 255)?,
            email_verified: email.is_some() && is_verified(claims, expected),
            email,
            session: text(claims, "session_id", 255)?,
        })
    }
}

fn is_meant_for(audience: Option<&Json>, expected: &str) -> bool {
    match audience {
        Some(Json::String(one)) => one == expected,
        Some(Json::Array(all)) if all.len() <= MOST_AUDIENCES => {
            all.iter().all(Json::is_string) && all.iter().any(|one| one == expected)
        }
        _ => false,
    }
}

/// OpenID Connect Core 1.0 §5.1: a truth value. `user_metadata` is the user's own word.
fn is_verified(claims: &Map<String, Json>, expected: &Expected<'_>) -> bool {
    let is_anonymous = claims.get("is_anonymous") == Some(&Json::Bool(true));
    match claims.get("email_verified") {
        Some(stated) => *stated == Json::Bool(true),
        None => expected.verifies_email && !is_anonymous,
    }
}

/// A NumericDate (RFC 7519 §2): seconds, perhaps with a fraction, from 1970 to 9999.
fn time(claims: &Map<String, Json>, name: &'static str) -> Result<Option<Timestamp>> {
    const LAST: f64 = 253_402_300_799.0;
    match claims.get(name) {
        None => Ok(None),
        Some(stated) => match stated.as_f64() {
            Some(seconds) if (0.0..=LAST).contains(&seconds) => {
                Ok(Some(Timestamp::from_micros((seconds * 1_000_000.0) as i64)))
            }
            _ => Err(wrong_claim(name)),
        },
    }
}

/// A text that a database can keep. An empty one is none, as Supabase writes for a missing address.
fn text(claims: &Map<String, Json>, name: &'static str, longest: usize) -> Result<Option<String>> {
    match claims.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) if text.is_empty() => Ok(None),
        Some(Json::String(text))
            if text.len() <= longest && !text.chars().any(char::is_control) =>
        {
            Ok(Some(text.clone()))
        }
        Some(_) => Err(wrong_claim(name)),
    }
}
