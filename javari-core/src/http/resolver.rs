//! Resolves the names of steered requests and lets only public addresses through.
//!
//! The client connects to exactly the addresses that were judged here, so a name that answers
//! differently the next time (DNS rebinding) is judged again and gains nothing.

use std::{
    error::Error as StdError,
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{address::is_public, guard::AllowList};

/// Turns a host name into addresses.
#[async_trait]
pub trait NameLookup: Send + Sync + 'static {
    /// Every address of the name.
    ///
    /// # Errors
    /// The system's fault when the name cannot be resolved.
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// Asks the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

#[async_trait]
impl NameLookup for SystemLookup {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// The resolver of steered requests.
pub(super) struct GuardedResolver {
    pub(super) lookup: Arc<dyn NameLookup>,
    pub(super) allow: Arc<AllowList>,
}

/// A name that leads to a private address; found again in the client's error.
#[derive(Debug)]
pub(super) struct PrivateName;

impl fmt::Display for PrivateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name leads to a private or local address")
    }
}

impl StdError for PrivateName {}

impl GuardedResolver {
    /// The addresses of `name`: all of them public, or the operator allowed the name.
    pub(super) async fn addresses(
        lookup: &dyn NameLookup,
        allow: &AllowList,
        name: &str,
    ) -> Result<Vec<IpAddr>, Box<dyn StdError + Send + Sync>> {
        let addresses = lookup.lookup(name).await?;
        // One private address among public ones is refused whole: which one is tried is not ours
        // to choose.
        if !allow.names(name) && !addresses.iter().copied().all(is_public) {
            return Err(Box::new(PrivateName));
        }
        Ok(addresses)
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, allow) = (Arc::clone(&self.lookup), Arc::clone(&self.allow));
        Box::pin(async move {
            let addresses = Self::addresses(lookup.as_ref(), &allow, name.as_str()).await?;
            // Port 0 is filled in by the client with the port of the address.
            Ok(Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}
