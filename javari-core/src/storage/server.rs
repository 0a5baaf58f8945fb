//! Asks a PostgreSQL server that somebody else named whether it opens to an address's user.
//!
//! The address is read here and not by the driver, which would also read files and variables of
//! this computer (`.pgpass`, `PGPASSWORD`, `sslkey=`, `host=`) for whoever wrote it.

use std::{net::IpAddr, time::Duration};

use sqlx::{
    ConnectOptions, Connection, PgConnection, Row,
    postgres::{PgConnectOptions, PgDatabaseError, PgSslMode},
};
use url::{Host, Url};

use crate::secret::Secret;

/// The address of a PostgreSQL server with user and password; never shown.
pub struct ServerAddress {
    host: String,
    port: u16,
    user: String,
    password: Secret,
    database: String,
    ssl_mode: PgSslMode,
}

/// What a server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerAnswer {
    /// It opened and gave a 1.
    Opened,
    /// It does not take the user or the password.
    Refused,
    /// It has no database of that name.
    NoDatabase,
    /// The user may not connect to that database.
    Forbidden,
    /// It takes no more connections just now.
    Busy,
    /// It could not be asked.
    Unreachable,
}

impl ServerAddress {
    /// Reads `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…`; nothing when it is not one.
    pub fn parse(address: &Secret) -> Option<Self> {
        // Exposed to be taken apart.
        let url = Url::parse(address.expose()).ok()?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return None;
        }
        let host = match url.host()? {
            Host::Domain(name) => decoded(name)?.to_ascii_lowercase(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        if host.is_empty() || !host.bytes().all(plain) {
            return None;
        }
        let user = decoded(url.username()).filter(|user| !user.is_empty())?;
        let password = Secret::new(decoded(url.password().unwrap_or_default())?);
        let database = decoded(url.path().trim_start_matches('/'))?;
        let mode = url.query_pairs().find(|(name, _)| name == "sslmode");
        let ssl_mode = mode.map_or(Some(PgSslMode::Prefer), |(_, mode)| mode.parse().ok())?;
        Some(Self {
            host,
            port: url.port().unwrap_or(5432),
            database: if database.is_empty() { user.clone() } else { database },
            user,
            password,
            ssl_mode,
        })
    }

    /// The server's name or address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// Connects to the server at `at` and asks for a 1, within `limit`.
pub async fn ask_server(address: &ServerAddress, at: IpAddr, limit: Duration) -> ServerAnswer {
    // The certificate of a server is for its name. Where the name is verified, connecting to
    // another than the judged address gains nothing: the certificate would not fit.
    let host = match address.ssl_mode {
        PgSslMode::VerifyFull => address.host.clone(),
        _ => at.to_string(),
    };
    let options = PgConnectOptions::new_without_pgpass()
        .host(&host)
        .port(address.port)
        .username(&address.user)
        // Exposed to the driver, which sends it to this server.
        .password(address.password.expose())
        .database(&address.database)
        .ssl_mode(address.ssl_mode)
        // A pooler refuses the parameter, and a 1 has no digits to show.
        .extra_float_digits(None)
        .disable_statement_logging();
    let asked = async {
        let mut connection = PgConnection::connect_with(&options).await?;
        // Nothing prepared: behind a pooler the name of a statement may be taken already.
        let row = sqlx::raw_sql("SELECT 1").fetch_one(&mut connection).await?;
        let one: i32 = row.try_get(0)?;
        let _ = connection.close().await;
        Ok::<_, sqlx::Error>(one)
    };
    match tokio::time::timeout(limit, asked).await {
        Ok(Ok(1)) => ServerAnswer::Opened,
        Ok(Err(sqlx::Error::Database(fault))) => {
            fault.try_downcast_ref().map_or(ServerAnswer::Unreachable, by_state)
        }
        _ => ServerAnswer::Unreachable,
    }
}

/// By SQLSTATE: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn by_state(fault: &PgDatabaseError) -> ServerAnswer {
    // PgBouncer passes on the words of the server behind it, under a state of its own.
    let is_missing = |words: &str| words.starts_with("database ") && words.ends_with("not exist");
    match fault.code() {
        "08P01" if is_missing(fault.message()) => ServerAnswer::NoDatabase,
        "28000" | "28P01" => ServerAnswer::Refused,
        "3D000" => ServerAnswer::NoDatabase,
        "42501" => ServerAnswer::Forbidden,
        "53300" | "57P03" => ServerAnswer::Busy,
        _ => ServerAnswer::Unreachable,
    }
}

/// A part of the address with its percent signs read.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?
            }
            _ => byte,
        });
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<ServerAddress> {
        ServerAddress::parse(&Secret::new(text))
    }

    #[test]
    fn an_address_is_read_without_what_would_read_this_computers_files() {
        let read = parse("postgres://ann:p%40ss@DB.example.com/app?sslmode=require&sslkey=/etc/x");
        let read = read.unwrap();
        assert_eq!((read.host(), read.port()), ("db.example.com", 5432));
        assert_eq!(read.password.expose(), "p@ss");
        assert_eq!((read.user.as_str(), read.database.as_str()), ("ann", "app"));
        let read = parse("postgresql://ann@[::1]:6000").unwrap();
        assert_eq!((read.host(), read.port(), read.database.as_str()), ("::1", 6000, "ann"));
        for text in [
            "",
            "mysql://ann:x@h/d",
            "postgres://h/d",
            "postgres:///d",
            "postgres://ann:x@%2Fvar%2Frun/d",
            "postgres://ann:x@a,b/d",
            "postgres://ann:%00@h/d",
            "postgres://ann:x@h/d?sslmode=perhaps",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
        // The driver would take this host in the place of the other.
        assert_eq!(parse("postgres://ann:x@h/d?host=10.0.0.1").unwrap().host(), "h");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "postgres://[a-z%0-9:@/?=&é]{0,40}") {
            let _ = parse(&text);
        }
    }
}
