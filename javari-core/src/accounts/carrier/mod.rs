//! Where a request carries the identity of its sender: the `Authorization` header, or the cookies in
//! which @supabase/ssr keeps a session.
//!
//! What is found is not believed yet: it is a text to be verified. A browser sends cookies along with
//! requests that other sites make, so a server that accepts them must also look at `Origin`.

mod cookie;
mod session;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{refusal::Refusal, token::MOST_BYTES};
use crate::{error::Result, secret::Secret};

/// Where an identity stood in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// In the `Authorization` header.
    Header,
    /// In a cookie: whoever accepts it must look at where the request comes from.
    Cookie,
    /// It was handed over by the host.
    Given,
}

/// A token or key as a request carries it.
#[derive(Debug, Clone)]
pub struct Presented {
    /// The token or key itself.
    pub token: Secret,
    /// Where it stood.
    pub carrier: Carrier,
}

/// The token or key that a request carries; nothing when it carries none.
///
/// The `Authorization` header (RFC 6750 §2.1) goes before cookies. Of cookies, the one named `cookie`
/// or its parts `cookie.0`, `cookie.1`, … hold a session: JSON, JSON in percent-encoding, or
/// `base64-` and JSON in base64url. Names of headers may be in any case.
///
/// ```
/// use javari_core::accounts::{Carrier, find_token};
/// let headers = [("Authorization", "Bearer jv_live_x".as_bytes())];
/// let found = find_token(headers, None).unwrap().unwrap();
/// // Exposed to be compared.
/// assert_eq!((found.token.expose(), found.carrier), ("jv_live_x", Carrier::Header));
/// ```
///
/// # Errors
/// `UNAUTHORIZED` with the reason when there is one that cannot be read, or more than one.
pub fn find_token<'a>(
    headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    cookie: Option<&str>,
) -> Result<Option<Presented>> {
    let (mut authorization, mut cookies) = (None, Vec::new());
    for (name, value) in headers {
        if name.eq_ignore_ascii_case("authorization") && authorization.replace(value).is_some() {
            return Err(Refusal::Ambiguous.into());
        }
        if name.eq_ignore_ascii_case("cookie") {
            cookies.push(value);
        }
    }
    if let Some(value) = authorization {
        return Ok(Some(Presented { token: bearer(value)?, carrier: Carrier::Header }));
    }
    let Some(name) = cookie else { return Ok(None) };
    let token = session::find(&cookie::read(&cookies, name)?)?;
    Ok(token.map(|token| Presented { token, carrier: Carrier::Cookie }))
}

/// RFC 6750 §2.1: the scheme, spaces, and letters that stand for nothing else.
fn bearer(value: &[u8]) -> Result<Secret, Refusal> {
    if value.len() > MOST_BYTES + 100 {
        return Err(Refusal::TooLarge);
    }
    let value = std::str::from_utf8(value).map_err(|_| Refusal::Malformed)?.trim_matches(' ');
    let (scheme, token) = value.split_once(' ').ok_or(Refusal::Scheme)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::Scheme);
    }
    let token = token.trim_start_matches(' ');
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
    match !token.is_empty() && token.bytes().all(fits) {
        true => Ok(Secret::new(token)),
        false => Err(Refusal::Malformed),
    }
}
