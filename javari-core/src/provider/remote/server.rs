//! One service: its address, its key and the client that reaches it.

use std::sync::Arc;

use url::Url;

use super::{
    Authentication,
    config::{COMPATIBLE, OPENAI},
};
use crate::{
    error::{Error, ErrorKind, Result},
    http::{Http, HttpReply, HttpRequest, Trust},
    provider::wire::Failures,
    secret::{Secret, SecretRequest, SecretSource},
    types::ScopeKey,
};

pub(super) struct Server {
    pub(super) name: String,
    http: Http,
    /// Whether this is OpenAI itself, which refuses what it does not know.
    pub(super) is_openai: bool,
    base: Url,
    secrets: Arc<dyn SecretSource>,
    secret_name: String,
    authentication: Authentication,
    keyless: bool,
}

/// How a service is reached.
pub(super) struct Reach<'a> {
    pub(super) name: &'a str,
    pub(super) base_url: &'a str,
    pub(super) secret_name: &'a str,
    pub(super) authentication: Authentication,
    pub(super) keyless: bool,
}

/// A request with its key, and the key again to remove it from what the server says.
pub(super) struct Authorised {
    pub(super) request: HttpRequest,
    pub(super) key: Option<Secret>,
}

impl Server {
    pub(super) fn new(
        reach: Reach<'_>,
        http: Http,
        secrets: Arc<dyn SecretSource>,
    ) -> Result<Self> {
        let base = parse_base(reach.base_url)?;
        let is_openai = base
            .host_str()
            .is_some_and(|host| host == "api.openai.com" || host.ends_with(".api.openai.com"));
        // List prices hang on the name.
        let elsewhere = reach.name == OPENAI && !is_openai;
        let name = if elsewhere { COMPATIBLE } else { reach.name };
        Ok(Self {
            name: name.to_owned(),
            http,
            is_openai,
            base,
            secrets,
            secret_name: reach.secret_name.to_owned(),
            authentication: reach.authentication,
            keyless: reach.keyless || elsewhere,
        })
    }

    /// The address of an endpoint such as `chat/completions`.
    pub(super) fn address(&self, endpoint: &str, query: Option<&str>) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(endpoint.split('/'));
        }
        url.set_query(query);
        url
    }

    /// A request with the key of the scope, of that name where several are known, or without one where
    /// the server needs none.
    pub(super) async fn authorise(
        &self,
        method: &str,
        url: Url,
        (scope, key_name): (ScopeKey, Option<&str>),
    ) -> Result<Authorised> {
        let asked = SecretRequest::new(scope, key_name.unwrap_or(&self.secret_name));
        let key = match self.secrets.secret(asked).await {
            Ok(key) => Some(key),
            Err(error) if error.kind() == ErrorKind::NotFound && self.keyless => None,
            Err(error) => return Err(error.with("provider", &self.name)),
        };
        let mut request = HttpRequest::new(method, url, Trust::Configured)?.without_redirects();
        if let Some(key) = key.as_ref().filter(|key| !key.is_empty()) {
            request = match self.authentication {
                Authentication::Bearer => request.with_bearer(key),
                Authentication::XApiKey => request.with_secret_header("x-api-key", key),
                Authentication::XGoogApiKey => request.with_secret_header("x-goog-api-key", key),
            };
        }
        Ok(Authorised { request, key })
    }

    /// The reply to a request, where it is one of success; else the error that it tells. Errors of the
    /// call name its id from then on.
    pub(super) async fn send(
        &self,
        request: HttpRequest,
        failures: &mut Failures,
    ) -> Result<HttpReply> {
        let sent = self.http.send(request).await;
        let reply = sent.map_err(|error| failures.context(error))?;
        failures.request_id = request_id(&reply).map(str::to_owned);
        if reply.is_success() { Ok(reply) } else { Err(failures.of_reply(reply).await) }
    }

    /// How errors of one call are made.
    pub(super) fn failures(&self, operation: &'static str, authorised: &Authorised) -> Failures {
        Failures {
            operation,
            provider: self.name.clone(),
            key: authorised.key.clone(),
            request_id: None,
        }
    }
}

/// OpenAI's and most others' header, Anthropic's, and Google's.
fn request_id(reply: &HttpReply) -> Option<&str> {
    ["x-request-id", "request-id", "x-goog-request-id"]
        .into_iter()
        .find_map(|name| reply.header(name))
}

fn parse_base(base: &str) -> Result<Url> {
    let fault = |why: &str| {
        // The address itself stays out: a mistaken one may hold a key.
        Error::new(ErrorKind::Configuration, "provider.open", why).with("setting", "base_url")
    };
    let url = Url::parse(base).map_err(|_| fault("the base address is no URL"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(fault("the base address must begin with http:// or https:// and a host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(fault("the base address must not hold a user name or password"));
    }
    Ok(url)
}
