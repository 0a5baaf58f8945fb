//! Any other service: one GET of an https address that the request names, through the guard.

use async_trait::async_trait;

use super::{
    CredentialProbe, LIMIT, OPERATION, ProbeAnswer, ProbeQuestion, Service, services::answered,
};
use crate::{
    error::{Error, Result},
    http::{Http, HttpRequest, Trust},
    secret::Secret,
    types::SystemClock,
};

/// Headers that say something else than who asks.
const NOT_CREDENTIALS: &[&str] =
    &["host", "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer"];

/// Asks an address that the request names.
pub(super) struct HttpProbe {
    http: Http,
}

impl HttpProbe {
    pub(super) fn new(http: Http) -> Self {
        Self { http }
    }
}

#[async_trait]
impl CredentialProbe for HttpProbe {
    async fn probe(&self, credential: &Secret, question: &ProbeQuestion) -> Result<ProbeAnswer> {
        let refused = |path, message| {
            Err(Error::invalid(OPERATION, "this address cannot be asked").with_field(path, message))
        };
        let Some(url) = question.url.as_deref() else {
            return refused("/url", "is required by the service `http`");
        };
        let Ok(request) = HttpRequest::get(url, Trust::Steered) else {
            return refused("/url", "is no address");
        };
        // In clear only where the operator opened the host by name.
        if request.url().scheme() != "https" && !self.http.is_opened(request.url()) {
            return refused("/url", "must begin with https: the credential goes there");
        }
        let request = match question.header.as_deref() {
            None => request.with_bearer(credential),
            Some(name) if is_header(name) => request.with_secret_header(name, credential),
            Some(_) => return refused("/header", "is no header that can hold a credential"),
        };
        let request = request.with_timeout(LIMIT).without_redirects();
        answered(Service::Http, self.http.send(request).await, &SystemClock, credential).await
    }
}

fn is_header(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        && !NOT_CREDENTIALS.contains(&name.to_ascii_lowercase().as_str())
}
