//! Asks an address through the guarded way to HTTP.

use std::time::Instant;

use async_trait::async_trait;

use super::{HttpProbe, ProbeReply, ProbeRequest};
use crate::{
    error::Result,
    http::{Http, HttpRequest, Trust},
};

/// A user chose the address, so the request is steered: private addresses are refused unless the
/// operator allows them.
#[async_trait]
impl HttpProbe for Http {
    async fn get(&self, request: &ProbeRequest) -> Result<ProbeReply> {
        let (url, follow) = (request.url.clone(), request.follow_redirects);
        let request = HttpRequest::new("GET", url, Trust::Steered)?
            .with_timeout(request.timeout)
            // The body is not read, so it may be of any size.
            .with_max_body(u64::MAX);
        let request = if follow { request } else { request.without_redirects() };
        let asked = Instant::now();
        let reply = self.send(request).await?;
        Ok(ProbeReply::new(reply.status(), asked.elapsed()))
    }
}
