//! Fills `{{cred:NAME}}` in the headers of one request, at the last moment before it leaves.
//!
//! Who writes the request never sees the value: not the user who chose the address, no model, no log. It
//! goes to the origins that the credential is bound to and nowhere else; the source of secrets says so.

use std::{fmt, sync::Arc};

use reqwest::header::{HeaderMap, HeaderValue};
use url::Url;
use zeroize::Zeroizing;

use super::guard;
use crate::{
    error::{Error, Result},
    secret::{Origin, Secret, SecretRequest, SecretSource},
    types::ScopeKey,
};

const OPEN: &str = "{{cred:";
const CLOSE: &str = "}}";
/// So many credentials one request may name.
const MOST: usize = 8;

/// Whose credentials the headers of a request may name, and where they are.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) scope: ScopeKey,
    pub(super) source: Arc<dyn SecretSource>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// Puts the values into the headers that name credentials. Without `credentials` no header may name one:
/// what was meant to be filled is never sent as it stands.
///
/// # Errors
/// `INVALID_INPUT` when a header names none or may name none, `ADDRESS_REFUSED` when the value would
/// travel in clear, `FORBIDDEN` when the credential is not bound to the origin, `NOT_FOUND`.
pub(super) async fn fill(
    headers: &mut HeaderMap,
    credentials: Option<&Credentials>,
    (url, is_opened): (&Url, bool),
) -> Result<()> {
    let mut named = 0;
    for (name, value) in headers.iter_mut() {
        let Some(template) = value.to_str().ok().filter(|text| text.contains(OPEN)) else { continue };
        let refused = |message| Error::invalid("http.send", message).with("header", name);
        let Some(credentials) = credentials else {
            return Err(refused("a header names a credential, and this request may use none"));
        };
        // In clear only where the operator opened the host by name.
        let origin = Origin::of(url).filter(|_| url.scheme() == "https" || is_opened);
        let Some(origin) = origin else {
            return Err(guard::refused(url, "a credential travels by https alone"));
        };
        let mut filled = Zeroizing::new(String::with_capacity(template.len() + 256));
        let mut rest = template;
        while let Some((before, behind)) = rest.split_once(OPEN) {
            let (credential, after) = behind
                .split_once(CLOSE)
                .filter(|(credential, _)| is_name(credential))
                .ok_or_else(|| refused("a header names no credential: write `{{cred:NAME}}`"))?;
            named += 1;
            if named > MOST {
                return Err(refused("the headers name more than 8 credentials"));
            }
            let value = credentials.ask(credential, &origin).await?;
            filled.push_str(before);
            // Exposed to be sent in this one header, to the origin that it is bound to.
            filled.push_str(value.expose());
            rest = after;
        }
        filled.push_str(rest);
        let mut sent = HeaderValue::from_str(&filled)
            .map_err(|_| refused("the credential holds characters that no header can"))?;
        sent.set_sensitive(true);
        *value = sent;
    }
    Ok(())
}

impl Credentials {
    async fn ask(&self, name: &str, origin: &Origin) -> Result<Secret> {
        let request = SecretRequest::new(self.scope, name).for_origin(origin.clone());
        self.source.secret(request).await
    }
}

/// As the vault names credentials; a text of another form is not repeated to it.
fn is_name(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}
