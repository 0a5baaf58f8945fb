//! Judges the address of a request before anything is sent (OWASP: server-side request forgery).

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::address::is_public;
use crate::error::{Error, ErrorKind, Result};

/// Who chose the address of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// The host's own configuration: loopback and private addresses are allowed.
    Configured,
    /// A user, a page or a model can choose it: only public addresses, only ports 80 and 443.
    Steered,
}

/// The private hosts that an operator opened to steered requests.
#[derive(Debug, Default)]
pub(super) struct AllowList(Vec<Allowed>);

#[derive(Debug)]
struct Allowed {
    host: String,
    port: Option<u16>,
}

impl AllowList {
    /// Reads `host` and `host:port` entries; IPv6 addresses stand in brackets where a port follows.
    pub(super) fn parse(entries: &[String]) -> Result<Self> {
        let parsed = entries.iter().enumerate().map(|(place, entry)| {
            // The entry itself stays out: a mistaken one may hold a password.
            parse_entry(entry)
                .map_err(|error| error.with("setting", format!("allow_private/{place}")))
        });
        parsed.collect::<Result<_>>().map(Self)
    }

    /// Whether the operator named this host, whatever the port: its addresses may be private.
    pub(super) fn names(&self, host: &str) -> bool {
        self.0.iter().any(|allowed| allowed.host == host)
    }

    /// Whether the operator opened this port of the host, or all of them.
    pub(super) fn opens_port(&self, host: &str, port: u16) -> bool {
        self.0.iter().any(|own| own.host == host && own.port.is_none_or(|own| own == port))
    }

    fn opens(&self, host: &str, port: u16) -> bool {
        self.0.iter().any(|allowed| {
            allowed.host == host && allowed.port.map_or(is_web_port(port), |own| own == port)
        })
    }
}

/// Refuses an address that this trust does not reach; names are judged again when they resolve.
pub(super) fn check(url: &Url, trust: Trust, allow: &AllowList) -> Result<()> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused(url, "only http and https addresses are allowed"));
    }
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
        return Err(refused(url, "the address names no host"));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused(url, "the address must not hold a user name or password"));
    }
    if trust == Trust::Configured {
        return Ok(());
    }
    let name = host.to_string();
    if allow.opens(&name, port) {
        return Ok(());
    }
    if allow.names(&name) {
        return Err(refused(url, "this host is allowed on other ports only"));
    }
    if !is_web_port(port) {
        return Err(refused(url, "only ports 80 and 443 are allowed"));
    }
    let public = match host {
        Host::Ipv4(address) => is_public(IpAddr::V4(address)),
        Host::Ipv6(address) => is_public(IpAddr::V6(address)),
        Host::Domain(name) => is_public_name(name),
    };
    if public { Ok(()) } else { Err(refused(url, "the address is private or local")) }
}

/// The error for an address that may not be reached; it names the host, never path or query.
pub(super) fn refused(url: &Url, why: &str) -> Error {
    Error::new(ErrorKind::AddressRefused, "http.send", why)
        .with("host", url.host_str().unwrap_or("none"))
        .with("scheme", url.scheme())
}

fn is_web_port(port: u16) -> bool {
    matches!(port, 80 | 443)
}

/// Names that never belong to the public (RFC 6761, RFC 6762, RFC 8375, ICANN `.internal`), and
/// names of one label, which only a local search list completes.
pub(super) fn is_public_name(name: &str) -> bool {
    const LOCAL: &[&str] = &["localhost", "local", "internal", "localdomain", "home.arpa", "onion"];
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let local = LOCAL.iter().any(|suffix| {
        name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    name.contains('.') && !local
}

fn parse_entry(entry: &str) -> Result<Allowed> {
    let fault = || {
        Error::new(
            ErrorKind::Configuration,
            "http.open",
            "an entry of `allow_private` must be `host` or `host:port`",
        )
    };
    // An IPv6 address alone holds colons that are no port.
    let bracketed = match entry.parse::<std::net::Ipv6Addr>() {
        Ok(address) => format!("[{address}]"),
        Err(_) => entry.to_owned(),
    };
    let url = Url::parse(&format!("http://{bracketed}/")).map_err(|_| fault())?;
    let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let host = url.host().filter(|_| plain && url.username().is_empty()).ok_or_else(fault)?;
    // `Url` drops the scheme's own port, so `:80` is looked up in the text.
    let port = match url.port() {
        None if bracketed.ends_with(":80") => Some(80),
        port => port,
    };
    Ok(Allowed { host: host.to_string(), port })
}
