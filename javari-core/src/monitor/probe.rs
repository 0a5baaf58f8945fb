//! Asks an address through the guarded way to HTTP.

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;

use super::{HttpProbe, ProbeReply, ProbeRequest};
use crate::{
    error::Result,
    http::{Http, HttpRequest, Trust},
    secret::SecretSource,
};

/// Asks through Javari's own HTTP client, with credentials from `secrets` where a header names them.
pub struct GuardedProbe {
    http: Http,
    secrets: Arc<dyn SecretSource>,
}

impl GuardedProbe {
    /// A probe that asks through `http`.
    pub fn new(http: Http, secrets: Arc<dyn SecretSource>) -> Self {
        Self { http, secrets }
    }
}

/// A user chose the address, so the request is steered: private addresses are refused unless the
/// operator allows them.
#[async_trait]
impl HttpProbe for GuardedProbe {
    async fn get(&self, asked: &ProbeRequest) -> Result<ProbeReply> {
        let request = HttpRequest::new("GET", asked.url.clone(), Trust::Steered)?
            .with_credentials(asked.scope, self.secrets.clone())
            .with_timeout(asked.timeout)
            // The body is not read, so it may be of any size.
            .with_max_body(u64::MAX);
        let headers = asked.headers.iter();
        let request =
            headers.fold(request, |request, (name, value)| request.with_header(name, value));
        let request = if asked.follow_redirects { request } else { request.without_redirects() };
        let begun = Instant::now();
        let reply = self.http.send(request).await?;
        Ok(ProbeReply::new(reply.status(), begun.elapsed()))
    }
}
