//! One HTTP request, with who chose its address and how long it may take.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde::Serialize;
use url::Url;

use super::{Trust, credentials::Credentials};
use crate::{
    error::{Error, ErrorKind, Result},
    secret::{Secret, SecretSource},
    types::ScopeKey,
};

/// A request to one address.
///
/// ```
/// use javari_core::http::{HttpRequest, Trust};
/// let request = HttpRequest::get("https://example.com/", Trust::Steered)
///     .unwrap()
///     .with_header("accept", "text/html");
/// assert_eq!(request.url().host_str(), Some("example.com"));
/// ```
#[derive(Debug, Clone)]
pub struct HttpRequest {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) trust: Trust,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Bytes>,
    pub(super) total_timeout: Option<Duration>,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) least_idle_timeout: Duration,
    pub(super) max_body_bytes: Option<u64>,
    pub(super) follow_redirects: bool,
    pub(super) credentials: Option<Credentials>,
    /// A header that cannot be sent, told when the request is sent.
    pub(super) fault: Option<&'static str>,
}

impl HttpRequest {
    /// A GET of the address.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the text is no absolute URL.
    pub fn get(url: &str, trust: Trust) -> Result<Self> {
        Ok(Self::to(Method::GET, parse_url(url)?, trust))
    }

    /// A POST to the address.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the text is no absolute URL.
    pub fn post(url: &str, trust: Trust) -> Result<Self> {
        Ok(Self::to(Method::POST, parse_url(url)?, trust))
    }

    /// A request with any method, such as `PATCH`.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the method is no HTTP token.
    pub fn new(method: &str, url: Url, trust: Trust) -> Result<Self> {
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|_| Error::invalid("http.send", "this is no HTTP method"))?;
        Ok(Self::to(method, url, trust))
    }

    fn to(method: Method, url: Url, trust: Trust) -> Self {
        Self {
            method,
            url,
            trust,
            headers: HeaderMap::new(),
            body: None,
            total_timeout: None,
            idle_timeout: None,
            least_idle_timeout: Duration::ZERO,
            max_body_bytes: None,
            follow_redirects: true,
            credentials: None,
            fault: None,
        }
    }

    /// The address.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The same request with one more header; one of the same name is replaced.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.insert(name, HeaderValue::from_str(value).ok());
        self
    }

    /// The same request with a header that no log shows and no other origin sees.
    #[must_use]
    pub fn with_secret_header(mut self, name: &str, value: &Secret) -> Self {
        // Exposed to be sent in this one header.
        self.insert(name, sensitive(value.expose()));
        self
    }

    /// The same request with `Authorization: Bearer …` (RFC 6750).
    #[must_use]
    pub fn with_bearer(mut self, token: &Secret) -> Self {
        // Exposed to be sent in this one header.
        let value = zeroize::Zeroizing::new(format!("Bearer {}", token.expose()));
        self.insert("authorization", sensitive(&value));
        self
    }

    /// The same request, whose headers may name credentials of `scope` as `{{cred:NAME}}`. Each is filled
    /// when the request leaves, and only for the hosts that the credential is bound to; a request that
    /// is redirected to another origin does not take it along.
    #[must_use]
    pub fn with_credentials(mut self, scope: ScopeKey, source: Arc<dyn SecretSource>) -> Self {
        self.credentials = Some(Credentials { scope, source });
        self
    }

    /// The same request with a body of this media type.
    #[must_use]
    pub fn with_body(mut self, media_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self.with_header("content-type", media_type)
    }

    /// The same request with a JSON body.
    ///
    /// # Errors
    /// `UNEXPECTED` when the value cannot be written as JSON.
    pub fn with_json(self, value: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(value).map_err(|fault| {
            Error::new(ErrorKind::Unexpected, "http.send", "the body is no JSON").with_source(fault)
        })?;
        Ok(self.with_body("application/json", body))
    }

    /// The same request with its own limit for the whole call.
    #[must_use]
    pub fn with_timeout(mut self, total: Duration) -> Self {
        self.total_timeout = Some(total);
        self
    }

    /// The same request with its own limit for the time without a byte.
    #[must_use]
    pub fn with_idle_timeout(mut self, idle: Duration) -> Self {
        self.idle_timeout = Some(idle);
        self
    }

    /// The same request with at least this limit for the time without a byte: the client's own one holds
    /// where it is longer, and [`with_idle_timeout`](Self::with_idle_timeout) goes before both.
    #[must_use]
    pub fn with_least_idle_timeout(mut self, least: Duration) -> Self {
        self.least_idle_timeout = least;
        self
    }

    /// The same request with its own limit for the body, counted after decompression.
    #[must_use]
    pub fn with_max_body(mut self, bytes: u64) -> Self {
        self.max_body_bytes = Some(bytes);
        self
    }

    /// The same request, whose redirects are returned rather than followed.
    #[must_use]
    pub fn without_redirects(mut self) -> Self {
        self.follow_redirects = false;
        self
    }

    fn insert(&mut self, name: &str, value: Option<HeaderValue>) {
        match (HeaderName::from_bytes(name.as_bytes()), value) {
            (Ok(name), Some(value)) => {
                self.headers.insert(name, value);
            }
            _ => self.fault = Some("a header holds characters that HTTP does not allow"),
        }
    }
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn parse_url(url: &str) -> Result<Url> {
    Url::parse(url)
        .map_err(|fault| Error::invalid("http.send", "this is no address").with("fault", fault))
}
