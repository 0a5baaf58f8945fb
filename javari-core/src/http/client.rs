//! The client: sends a request, follows redirects itself and judges each address anew.

use std::{error::Error as StdError, fmt, net::IpAddr, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, LOCATION},
    redirect,
};
use serde::de::DeserializeOwned;
use tokio::time::Sleep;
use url::Url;

use super::{
    HttpBody, HttpConfig, HttpRequest, NameLookup, SystemLookup, Trust,
    address::is_public,
    credentials,
    guard::{self, AllowList},
    parse_retry_after,
    resolver::{GuardedResolver, PrivateName},
    tls::{refusal, tls_config},
};
use crate::{
    error::{Error, ErrorKind, Result},
    types::Clock,
};

/// The HTTP client; cheap to clone, all clones share their connections.
#[derive(Clone)]
pub struct Http(Arc<Inner>);

struct Inner {
    config: HttpConfig,
    allow: Arc<AllowList>,
    clock: Arc<dyn Clock>,
    lookup: Arc<dyn NameLookup>,
    /// Connections of the two trusts never meet: a steered request must not ride on a connection
    /// whose address nobody judged.
    configured: reqwest::Client,
    steered: reqwest::Client,
}

/// A reply whose body is not read yet.
#[derive(Debug)]
pub struct HttpReply {
    status: u16,
    headers: HeaderMap,
    url: Url,
    retry_after: Option<Duration>,
    body: HttpBody,
}

impl Http {
    /// Builds the client. TLS uses rustls with ring and Mozilla's roots; nothing is installed for
    /// the whole process.
    ///
    /// # Errors
    /// `CONFIGURATION` when a setting does not fit.
    pub fn new(config: HttpConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        Self::with_lookup(config, clock, Arc::new(SystemLookup))
    }

    /// Builds the client with another way to resolve the names of steered requests.
    ///
    /// # Errors
    /// `CONFIGURATION` when a setting does not fit.
    pub fn with_lookup(
        config: HttpConfig,
        clock: Arc<dyn Clock>,
        lookup: Arc<dyn NameLookup>,
    ) -> Result<Self> {
        let allow = Arc::new(AllowList::parse(&config.allow_private)?);
        let resolver = GuardedResolver { lookup: lookup.clone(), allow: Arc::clone(&allow) };
        let configured = build(builder(&config)?)?;
        let steered = build(builder(&config)?.dns_resolver(Arc::new(resolver)))?;
        Ok(Self(Arc::new(Inner { config, allow, clock, lookup, configured, steered })))
    }

    /// Whether the operator opened the host and port of this address to steered requests by name.
    pub fn is_opened(&self, url: &Url) -> bool {
        let port = url.port_or_known_default();
        url.host_str().zip(port).is_some_and(|(host, port)| self.0.allow.opens_port(host, port))
    }

    /// The addresses that a connection of another protocol, whose host a user can choose, may go to:
    /// all of them public, or the operator opened the host and port.
    ///
    /// # Errors
    /// `ADDRESS_REFUSED` when one is private or local; `NETWORK` when the name leads nowhere.
    pub async fn public_addresses(&self, host: &str, port: u16) -> Result<Vec<IpAddr>> {
        const OPERATION: &str = "http.resolve";
        let refused = || {
            Error::new(ErrorKind::AddressRefused, OPERATION, "the address is private or local")
                .with("host", host)
        };
        let Inner { allow, lookup, .. } = self.0.as_ref();
        let opened = allow.opens_port(host, port);
        if let Ok(address) = host.parse::<IpAddr>() {
            return if opened || is_public(address) { Ok(vec![address]) } else { Err(refused()) };
        }
        if !opened && !guard::is_public_name(host) {
            return Err(refused());
        }
        let addresses = lookup.lookup(host).await.map_err(|fault| {
            Error::new(ErrorKind::Network, OPERATION, "the name could not be resolved")
                .with("host", host)
                .with_source(fault)
        })?;
        match opened || addresses.iter().copied().all(is_public) {
            true => Ok(addresses),
            false => Err(refused()),
        }
    }

    /// Sends the request and waits for the reply's headers. Dropping the future gives it up.
    ///
    /// A redirect to another origin is judged as steered, and only harmless headers go along; one
    /// that would carry a body to another origin is refused.
    ///
    /// # Errors
    /// `ADDRESS_REFUSED`, `NETWORK`, `TLS_FAILED`, `TIMEOUT`, `INVALID_INPUT` when a header cannot be sent,
    /// `FORBIDDEN` and `NOT_FOUND` for a credential that one names. A reply of any status is no error
    /// here.
    pub async fn send(&self, request: HttpRequest) -> Result<HttpReply> {
        let Inner { config, allow, .. } = self.0.as_ref();
        let HttpRequest { mut method, mut url, mut trust, mut headers, mut body, .. } = request;
        if let Some(fault) = request.fault {
            return Err(Error::invalid("http.send", fault).with("host", host_of(&url)));
        }
        let usual_idle = config.idle_timeout().max(request.least_idle_timeout);
        let idle = request.idle_timeout.unwrap_or(usual_idle);
        let limit = request.max_body_bytes.unwrap_or(config.max_body_bytes);
        let total = request.total_timeout.unwrap_or_else(|| config.total_timeout());
        let mut total = Box::pin(tokio::time::sleep(total));
        let mut redirects_left = config.max_redirects;
        guard::check(&url, trust, allow)?;
        let to = (&url, self.is_opened(&url));
        tokio::select! {
            biased;
            filled = credentials::fill(&mut headers, request.credentials.as_ref(), to) => filled?,
            () = total.as_mut() => return Err(too_long().with("host", host_of(&url))),
        }
        loop {
            guard::check(&url, trust, allow)?;
            let mut hop = reqwest::Request::new(method.clone(), url.clone());
            *hop.body_mut() = body.clone().map(reqwest::Body::from);
            let target = if request.follow_redirects { Some(headers.clone()) } else { None };
            *hop.headers_mut() = std::mem::take(&mut headers);
            let response = self.execute(hop, trust, &mut total, idle, &url).await?;
            let next = target.and_then(|kept| Some((kept, redirect_target(&response, &url)?)));
            let Some((kept, next)) = next else {
                return self.accept(response, url, limit, idle, total);
            };
            let next = next?;
            if redirects_left == 0 {
                return Err(network("the server redirects too often", &url));
            }
            redirects_left -= 1;
            if drops_body(response.status().as_u16(), &method) {
                method = Method::GET;
                body = None;
            }
            headers = kept;
            if !same_origin(&url, &next) {
                if body.is_some() {
                    return Err(guard::refused(
                        &next,
                        "the server redirects a request with a body to another origin",
                    ));
                }
                headers = harmless(headers);
                trust = Trust::Steered;
            }
            url = next;
        }
    }

    async fn execute(
        &self,
        request: reqwest::Request,
        trust: Trust,
        total: &mut Pin<Box<Sleep>>,
        idle: Duration,
        url: &Url,
    ) -> Result<reqwest::Response> {
        let client = match trust {
            Trust::Configured => &self.0.configured,
            Trust::Steered => &self.0.steered,
        };
        let result = tokio::select! {
            biased;
            result = client.execute(request) => {
                result.map_err(|fault| network_fault("http.send", fault))
            }
            () = total.as_mut() => Err(too_long()),
            () = tokio::time::sleep(idle) => {
                Err(Error::new(ErrorKind::Timeout, "http.send", "the server did not answer in time"))
            }
        };
        result.map_err(|error| error.with("host", host_of(url)))
    }

    fn accept(
        &self,
        response: reqwest::Response,
        url: Url,
        limit: u64,
        idle: Duration,
        total: Pin<Box<Sleep>>,
    ) -> Result<HttpReply> {
        let status = response.status().as_u16();
        if status < 400 && response.content_length().is_some_and(|length| length > limit) {
            return Err(Error::new(
                ErrorKind::TooLarge,
                "http.read",
                "the body is larger than its limit",
            )
            .with("host", host_of(&url))
            .with("limit", limit));
        }
        let headers = response.headers().clone();
        // A wait stands on success replies too, where it means nothing.
        let retry_after = if status >= 400 {
            parse_retry_after(
                |name| headers.get(name).and_then(|value| value.to_str().ok()),
                || self.0.clock.now(),
            )
        } else {
            None
        };
        let body = HttpBody::new(response, limit, idle, total);
        Ok(HttpReply { status, headers, url, retry_after, body })
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("config", &self.0.config).finish_non_exhaustive()
    }
}

impl HttpReply {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the status is 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header's value; nothing when it is missing or no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The address that answered, after redirects.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// How long an error reply asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The body, to be read piece by piece.
    pub fn into_body(self) -> HttpBody {
        self.body
    }

    /// The whole body.
    ///
    /// # Errors
    /// `TOO_LARGE`, `TIMEOUT` or `NETWORK`.
    pub async fn bytes(self) -> Result<Bytes> {
        self.body.bytes().await
    }

    /// The whole body read as JSON.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes), and `UNREADABLE` when it is not such JSON.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T> {
        let host = host_of(&self.url).to_owned();
        let bytes = self.body.bytes().await?;
        serde_json::from_slice(&bytes).map_err(|fault| {
            // The fault's text may repeat the body, so only its place is kept.
            Error::new(ErrorKind::Unreadable, "http.read", "the body is not the JSON expected")
                .with("host", host)
                .with("line", fault.line())
                .with("column", fault.column())
        })
    }
}

/// The client's fault as a kind; the address is removed, because a query may hold a secret.
pub(super) fn network_fault(operation: &'static str, fault: reqwest::Error) -> Error {
    let fault = fault.without_url();
    let mut cause: Option<&(dyn StdError + 'static)> = Some(&fault);
    while let Some(error) = cause {
        if error.is::<PrivateName>() {
            let message = "the name leads to a private or local address";
            return Error::new(ErrorKind::AddressRefused, operation, message);
        }
        cause = error.source();
    }
    let refused = refusal(&fault).filter(|_| fault.is_connect());
    let (kind, message) = if let Some(message) = refused {
        (ErrorKind::TlsFailed, message)
    } else if fault.is_timeout() {
        (ErrorKind::Timeout, "the connection was not made in time")
    } else if fault.is_connect() {
        (ErrorKind::Network, "the connection could not be made")
    } else if fault.is_builder() {
        (ErrorKind::InvalidInput, "the request cannot be sent as it is")
    } else {
        (ErrorKind::Network, "the connection broke")
    };
    Error::new(kind, operation, message).with_source(fault)
}

fn builder(config: &HttpConfig) -> Result<reqwest::ClientBuilder> {
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls_config(&config.root_certificates)?)
        .user_agent(config.user_agent.clone())
        .connect_timeout(config.connect_timeout())
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy())
}

fn build(builder: reqwest::ClientBuilder) -> Result<reqwest::Client> {
    builder.build().map_err(|fault| {
        Error::new(ErrorKind::Configuration, "http.open", "the HTTP client cannot be built")
            .with_source(fault)
    })
}

fn redirect_target(response: &reqwest::Response, url: &Url) -> Option<Result<Url>> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(LOCATION)?;
    let target = location.to_str().ok().and_then(|location| url.join(location).ok());
    Some(target.ok_or_else(|| network("the server redirects to no address", url)))
}

/// Whether a redirect turns the request into a GET (RFC 9110 §15.4 and what every browser does).
fn drops_body(status: u16, method: &Method) -> bool {
    match status {
        303 => *method != Method::HEAD,
        301 | 302 => *method == Method::POST,
        _ => false,
    }
}

fn same_origin(one: &Url, other: &Url) -> bool {
    let upgraded = one.scheme() == "http"
        && other.scheme() == "https"
        && one.port_or_known_default() == Some(80)
        && other.port_or_known_default() == Some(443);
    let same_port = one.scheme() == other.scheme()
        && one.port_or_known_default() == other.port_or_known_default();
    one.host() == other.host() && (same_port || upgraded)
}

/// The headers another origin may see: those that say what is wanted, none that says by whom.
fn harmless(headers: HeaderMap) -> HeaderMap {
    const HARMLESS: &[&str] = &["accept", "accept-language", "accept-encoding", "user-agent"];
    let is_harmless = |name: &HeaderName| HARMLESS.contains(&name.as_str());
    let named =
        headers.into_iter().filter_map(|(name, value)| Some((name.filter(is_harmless)?, value)));
    // Whatever its name is, a header may hold a credential.
    named.filter(|(_, value)| !value.is_sensitive()).collect()
}

fn too_long() -> Error {
    Error::new(ErrorKind::Timeout, "http.send", "the call took longer than its limit")
}

fn host_of(url: &Url) -> &str {
    url.host_str().unwrap_or("none")
}

fn network(why: &str, url: &Url) -> Error {
    Error::new(ErrorKind::Network, "http.send", why)
        .with_retry(crate::error::Retry::Never)
        .with("host", host_of(url))
}
