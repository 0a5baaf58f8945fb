//! The settings of the HTTP client.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the HTTP client connects, how long it waits and how much it reads.
///
/// Proxy variables of the environment are never followed: a proxy would resolve names itself and
/// so pass by the guard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct HttpConfig {
    /// Milliseconds to make a connection, TLS included.
    pub connect_timeout_ms: u64,
    /// Milliseconds for a whole call, its body included, unless the request states its own.
    pub total_timeout_ms: u64,
    /// Milliseconds without a single byte, before the reply or inside it.
    pub idle_timeout_ms: u64,
    /// The largest body in bytes, counted after decompression.
    pub max_body_bytes: u64,
    /// How many redirects are followed.
    pub max_redirects: u8,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// Hosts that steered requests may reach although they are private: `host`, or `host:port`
    /// for another port than 80 and 443. A host listed here is reached on its listed ports alone.
    pub allow_private: Vec<String>,
    /// Root certificates in PEM that are trusted besides Mozilla's, such as a company's own; a text
    /// may hold several.
    pub root_certificates: Vec<String>,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 5_000,
            total_timeout_ms: 600_000,
            idle_timeout_ms: 120_000,
            max_body_bytes: 64 * 1024 * 1024,
            max_redirects: 5,
            user_agent: concat!("javari/", env!("CARGO_PKG_VERSION")).to_owned(),
            allow_private: Vec::new(),
            root_certificates: Vec::new(),
        }
    }
}

impl HttpConfig {
    pub(super) fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    pub(super) fn total_timeout(&self) -> Duration {
        Duration::from_millis(self.total_timeout_ms)
    }

    pub(super) fn idle_timeout(&self) -> Duration {
        Duration::from_millis(self.idle_timeout_ms)
    }
}
