//! What a fault of the host's disk is called, where a room writes a file there.

use std::io;

use crate::error::{Error, ErrorKind};

/// The error that a fault of the disk is. It does not repeat the path: a secret may stand in its place.
pub(crate) fn disk_fault(operation: &'static str, error: io::Error) -> Error {
    let (kind, message) = match error.kind() {
        io::ErrorKind::NotFound => {
            (ErrorKind::NotFound, "there is no such file or folder: check the path")
        }
        io::ErrorKind::AlreadyExists => {
            (ErrorKind::AlreadyExists, "a file of that name exists: choose another name")
        }
        io::ErrorKind::PermissionDenied => {
            (ErrorKind::Forbidden, "the system refuses access to the file or its folder")
        }
        io::ErrorKind::InvalidInput => (ErrorKind::InvalidInput, "the path cannot be one"),
        io::ErrorKind::StorageFull
        | io::ErrorKind::QuotaExceeded
        | io::ErrorKind::ReadOnlyFilesystem => (
            ErrorKind::StorageFull,
            "the disk of the file is full or read-only; no file was made: choose another place",
        ),
        _ => (ErrorKind::Storage, "the disk refused a read or a write"),
    };
    Error::new(kind, operation, message).with_source(error)
}
