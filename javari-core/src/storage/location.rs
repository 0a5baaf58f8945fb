//! Where a database lies, read from what the host wrote.

use std::{fmt, path::PathBuf, str::FromStr};

use crate::error::{Error, ErrorKind, Result};

/// Where a database lies: `javari.db`, `sqlite:javari.db`, `sqlite:///var/lib/javari.db` or
/// `:memory:`.
///
/// ```
/// use javari_core::storage::Location;
/// assert_eq!("sqlite:a.db".parse::<Location>().unwrap(), Location::File("a.db".into()));
/// assert_eq!(":memory:".parse::<Location>().unwrap(), Location::Memory);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file, created when it is not there.
    File(PathBuf),
    /// A SQLite database that lives as long as the [`Database`](super::Database).
    Memory,
}

impl FromStr for Location {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "storage.open",
                "this build of Javari has the SQLite engine only; PostgreSQL comes in a later release",
            ));
        }
        let path = text.strip_prefix("sqlite:").unwrap_or(text);
        let path = path.strip_prefix("//").unwrap_or(path);
        match path {
            ":memory:" => Ok(Self::Memory),
            "" => Err(Error::new(
                ErrorKind::Configuration,
                "storage.open",
                "the database location is empty: give a file name, `sqlite:FILE` or `:memory:`",
            )),
            path if path.contains("://") || path.contains('\0') => Err(Error::new(
                ErrorKind::Configuration,
                "storage.open",
                "the database location is neither a file name, `sqlite:FILE` nor `:memory:`",
            )),
            path => Ok(Self::File(PathBuf::from(path))),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "sqlite:{}", path.display()),
            Self::Memory => f.write_str(":memory:"),
        }
    }
}
