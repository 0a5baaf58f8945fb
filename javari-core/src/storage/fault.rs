//! Turns a driver's error into a kind that a host can act on.

use sqlx::error::{DatabaseError, ErrorKind as DriverKind};

use crate::error::{Error, ErrorKind};

/// The error of `operation` that `error` stands for. The driver's words never hold a bound value.
pub(super) fn from_driver(operation: &'static str, error: sqlx::Error) -> Error {
    let (kind, message) = match &error {
        sqlx::Error::Database(fault) => from_database(fault.as_ref()),
        sqlx::Error::PoolClosed => (ErrorKind::Closed, "the database was closed"),
        sqlx::Error::PoolTimedOut => {
            (ErrorKind::StorageBusy, "no database connection became free in time")
        }
        sqlx::Error::Io(_) => {
            (ErrorKind::StorageFull, "the database file cannot be read or written")
        }
        _ => (ErrorKind::Storage, "the database answered with an error"),
    };
    Error::new(kind, operation, message).with("driver", &error).with_source(error)
}

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
