//! Turns a driver's error into a kind that a host can act on.

use sqlx::{
    error::{DatabaseError, ErrorKind as DriverKind},
    postgres::PgDatabaseError,
};

use crate::error::{Error, ErrorKind};

/// The error of `operation` that `error` stands for. The driver's words never hold a bound value.
pub(super) fn from_driver(operation: &'static str, error: sqlx::Error) -> Error {
    let (kind, message) = match &error {
        sqlx::Error::Database(fault) => from_database(fault.as_ref()),
        sqlx::Error::PoolClosed => (ErrorKind::Closed, "the database was closed"),
        sqlx::Error::PoolTimedOut => {
            (ErrorKind::StorageBusy, "no database connection became free in time")
        }
        // The handshake's errors come as these; the driver's own are of `Protocol`.
        sqlx::Error::Io(fault) if fault.kind() == std::io::ErrorKind::InvalidData => NOT_TRUSTED,
        // The only engine that speaks over a socket is PostgreSQL.
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => {
            (ErrorKind::Network, "the connection to the database could not be made or broke")
        }
        sqlx::Error::Tls(_) => NOT_TRUSTED,
        _ => (ErrorKind::Storage, "the database answered with an error"),
    };
    Error::new(kind, operation, message).with("driver", &error).with_source(error)
}

const NOT_TRUSTED: (ErrorKind, &str) = (
    ErrorKind::TlsFailed,
    "no trusted TLS connection to the database: check its certificate and `sslmode`",
);

fn from_database(fault: &dyn DatabaseError) -> (ErrorKind, &'static str) {
    match fault.kind() {
        DriverKind::UniqueViolation => {
            return (ErrorKind::AlreadyExists, "something of that name exists already");
        }
        DriverKind::ForeignKeyViolation => {
            return (
                ErrorKind::NotFound,
                "it refers to something that does not exist in this scope",
            );
        }
        DriverKind::CheckViolation | DriverKind::NotNullViolation => {
            return (ErrorKind::InvalidInput, "a value breaks a rule of the table");
        }
        _ => {}
    }
    match fault.try_downcast_ref::<PgDatabaseError>() {
        Some(fault) => from_postgres(fault.code()),
        None => from_sqlite(fault),
    }
}

/// By SQLSTATE: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn from_postgres(code: &str) -> (ErrorKind, &'static str) {
    match code {
        "40001" | "40P01" | "55P03" => (
            ErrorKind::StorageBusy,
            "another call is writing the same rows; nothing was written: try again",
        ),
        "53300" | "57P01" | "57P02" | "57P03" => (
            ErrorKind::StorageBusy,
            "the database server takes no connection just now; nothing was written: try again",
        ),
        "53100" => (
            ErrorKind::StorageFull,
            "the database server's disk is full; nothing was written: make room and try again",
        ),
        "25006" => (
            ErrorKind::StorageFull,
            "the database server is read-only; nothing was written: connect to the primary",
        ),
        "28000" | "28P01" => (
            ErrorKind::Configuration,
            "the database server refuses the user or the password: check the address",
        ),
        "3D000" => (
            ErrorKind::Configuration,
            "the database server has no database of that name: create it or check the address",
        ),
        "22021" | "22P05" => (
            ErrorKind::InvalidInput,
            "a text holds a NUL character, which PostgreSQL cannot keep; nothing was written",
        ),
        "42501" => (
            ErrorKind::Forbidden,
            "the database refuses it: row-level security, or a right that the user lacks",
        ),
        "42P01" | "3F000" => {
            (ErrorKind::Storage, "a table is missing: was the schema changed by hand?")
        }
        _ => (ErrorKind::Storage, "the database answered with an error"),
    }
}

fn from_sqlite(fault: &dyn DatabaseError) -> (ErrorKind, &'static str) {
    // SQLite's primary result code is the low byte of the extended one.
    let code = fault.code().and_then(|code| code.parse::<i64>().ok()).map(|code| code & 0xff);
    match code {
        Some(5 | 6) => (
            ErrorKind::StorageBusy,
            "another process is writing to the database; nothing was written: try again, or close what holds it",
        ),
        Some(13) => (
            ErrorKind::StorageFull,
            "the disk is full or the database has reached its size limit; nothing was written: make room and try again",
        ),
        Some(8) => (
            ErrorKind::StorageFull,
            "the database is read-only; nothing was written: make its file and folder writable",
        ),
        Some(10) => (
            ErrorKind::StorageFull,
            "the disk refused a read or a write; nothing was written: check its space and health",
        ),
        Some(14) => (
            ErrorKind::Configuration,
            "the database file cannot be opened: check that its folder exists and is writable",
        ),
        Some(11) => (ErrorKind::StorageCorrupt, "the database file is damaged"),
        Some(26) => (ErrorKind::StorageCorrupt, "the file is not a database"),
        _ => (ErrorKind::Storage, "the database answered with an error"),
    }
}
