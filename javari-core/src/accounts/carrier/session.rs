//! Takes the access token out of a session as @supabase/ssr and its predecessors write it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value as Json;

use super::{
    super::{refusal::Refusal, token::parse_json},
    cookie::SessionCookies,
};
use crate::secret::Secret;

/// What stands before JSON in base64url.
const BASE64: &[u8] = b"base64-";

/// A session that is read.
struct Session {
    token: Secret,
    /// When it says that it ends. Only to tell an older one from a newer.
    expires_at: Option<i64>,
}

/// The access token of the session; nothing when there is no cookie of one.
///
/// A session is whole in one cookie or cut into parts. When both are there, one is left over from
/// before: of two that can be read, the one that ends later is taken, and when neither says, the
/// whole one, as @supabase/ssr does.
///
/// # Errors
/// `Cookie` or `CookieIncomplete` when there are cookies and no session in them.
pub(super) fn find(cookies: &SessionCookies) -> Result<Option<Secret>, Refusal> {
    let read = |value: &Option<Vec<u8>>| value.as_deref().map(session).transpose();
    let found = match (read(&cookies.whole), read(&cookies.joined)) {
        (Ok(None), Ok(None)) => {
            return if cookies.has_gap { Err(Refusal::CookieIncomplete) } else { Ok(None) };
        }
        (Ok(Some(whole)), Ok(Some(joined))) => {
            if joined.expires_at > whole.expires_at {
                joined
            } else {
                whole
            }
        }
        (Ok(Some(one)), _) | (_, Ok(Some(one))) => one,
        _ if cookies.has_gap => return Err(Refusal::CookieIncomplete),
        _ => return Err(Refusal::Cookie),
    };
    Ok(Some(found.token))
}

fn session(value: &[u8]) -> Result<Session, Refusal> {
    let decoded;
    let json = match value.strip_prefix(BASE64) {
        Some(text) => {
            decoded = URL_SAFE_NO_PAD.decode(text).map_err(|_| Refusal::Cookie)?;
            decoded.as_slice()
        }
        None => value,
    };
    let json = parse_json(json).map_err(|_| Refusal::Cookie)?;
    let token = match &json {
        Json::Object(session) => session.get("access_token"),
        // @supabase/auth-helpers: the access token, the refresh token, and the provider's.
        Json::Array(session) => session.first(),
        _ => None,
    };
    let token = token.and_then(Json::as_str).filter(|token| !token.is_empty());
    Ok(Session {
        token: Secret::new(token.ok_or(Refusal::Cookie)?),
        expires_at: json.get("expires_at").and_then(Json::as_i64),
    })
}
