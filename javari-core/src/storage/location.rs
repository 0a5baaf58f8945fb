//! Where a database lies, read from what the host wrote.

use std::{fmt, net::IpAddr, path::PathBuf, str::FromStr};

use url::{Host, Url};

use crate::{
    error::{Error, ErrorKind, Result},
    secret::Secret,
};

/// Where a database lies: `javari.db`, `sqlite:javari.db`, `sqlite:///var/lib/javari.db`,
/// `:memory:` or `postgres://user:password@host/database`.
///
/// ```
/// use javari_core::storage::Location;
/// assert_eq!("sqlite:a.db".parse::<Location>().unwrap(), Location::File("a.db".into()));
/// assert_eq!(":memory:".parse::<Location>().unwrap(), Location::Memory);
/// let server: Location = "postgres://app:secret@db.example.com/app".parse().unwrap();
/// assert_eq!(server.to_string(), "postgres://db.example.com:5432/app");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file, created when it is not there.
    File(PathBuf),
    /// A SQLite database that lives as long as the [`Database`](super::Database).
    Memory,
    /// A database on a PostgreSQL server.
    Postgres(Server),
}

/// A database on a PostgreSQL server: its address, which holds a password and is never shown.
#[derive(Clone)]
pub struct Server {
    address: Secret,
    shown: String,
    is_pooled: bool,
    road: Road,
}

/// What keeps others from reading or changing what goes to a server and comes from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Road {
    /// It leads nowhere outside this computer.
    Local,
    /// TLS, with a certificate that is checked (`sslmode` is `verify-full` or `verify-ca`).
    Verified,
    /// TLS with whoever answers (`require`).
    Unverified,
    /// Perhaps in clear.
    Open,
}

impl Server {
    /// What the connections to it are protected by, as the address says.
    pub fn road(&self) -> Road {
        self.road
    }

    /// The whole address.
    pub(super) fn address(&self) -> &Secret {
        &self.address
    }

    /// Whether a pooler stands before the server that hands a connection to others between two
    /// transactions: said by `pgbouncer=true` in the address, as Supabase and others write it.
    pub fn is_pooled(&self) -> bool {
        self.is_pooled
    }
}

impl FromStr for Location {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return server(text).map(Self::Postgres);
        }
        let path = text.strip_prefix("sqlite:").unwrap_or(text);
        let path = path.strip_prefix("//").unwrap_or(path);
        match path {
            ":memory:" => Ok(Self::Memory),
            "" => Err(malformed(
                "the database location is empty: give a file name, `sqlite:FILE`, `:memory:` or \
                 `postgres://…`",
            )),
            path if path.contains("://") || path.contains('\0') => Err(malformed(
                "the database location is neither a file name, `sqlite:FILE`, `:memory:` nor \
                 `postgres://…`",
            )),
            path => Ok(Self::File(PathBuf::from(path))),
        }
    }
}

fn server(text: &str) -> Result<Server> {
    const FORM: &str = "the address of the PostgreSQL server cannot be read: use \
                        postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters of \
                        the password percent-encoded";
    let mut address = Url::parse(text).map_err(|_| malformed(FORM))?;
    let host = address.host_str().unwrap_or("localhost").to_owned();
    let port = address.port().unwrap_or(5432);
    let shown = format!("postgres://{host}:{port}{}", address.path());
    let road = road(&address);
    let is_pooled = address.query_pairs().any(|pair| pair == ("pgbouncer".into(), "true".into()));
    // A word for Javari, which the driver does not know.
    let others: Vec<(String, String)> = address
        .query_pairs()
        .filter(|(name, _)| name != "pgbouncer")
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    address.set_query(None);
    if !others.is_empty() {
        address.query_pairs_mut().extend_pairs(others);
    }
    Ok(Server { address: Secret::new(String::from(address)), shown, is_pooled, road })
}

fn road(address: &Url) -> Road {
    let is_local = match address.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // Of a scheme like this one the driver reads addresses in names too.
        Some(Host::Domain(name)) => {
            name == "localhost"
                || name.starts_with("%2F")
                || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        None => true,
    };
    let mode = address.query_pairs().find(|(name, _)| name == "sslmode" || name == "ssl-mode");
    match mode.as_ref().map(|(_, mode)| mode.as_ref()) {
        _ if is_local => Road::Local,
        Some("verify-full" | "verify-ca") => Road::Verified,
        Some("require") => Road::Unverified,
        _ => Road::Open,
    }
}

fn malformed(message: &str) -> Error {
    Error::new(ErrorKind::Configuration, "storage.open", message)
}

impl PartialEq for Server {
    fn eq(&self, other: &Self) -> bool {
        // Compared, not shown.
        self.address.expose() == other.address.expose() && self.is_pooled == other.is_pooled
    }
}

impl Eq for Server {}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({})", self.shown)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "sqlite:{}", path.display()),
            Self::Memory => f.write_str(":memory:"),
            Self::Postgres(server) => server.fmt(f),
        }
    }
}
