//! Asks an address through the guarded way to HTTP.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use url::Url;

use super::{HttpProbe, ProbeReply};
use crate::{
    error::Result,
    http::{Http, HttpRequest, Trust},
};

/// A user chose the address, so the request is steered: private addresses are refused unless the
/// operator allows them.
#[async_trait]
impl HttpProbe for Http {
    async fn get(&self, url: &Url, timeout: Duration) -> Result<ProbeReply> {
        let request = HttpRequest::new("GET", url.clone(), Trust::Steered)?.with_timeout(timeout);
        let asked = Instant::now();
        let reply = self.send(request).await?;
        Ok(ProbeReply::new(reply.status(), asked.elapsed()))
    }
}
