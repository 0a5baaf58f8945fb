//! The file of a backup on the host's disk, and what its faults are called.

use std::{fs::File, io, path::Path};

use crate::{
    error::{Error, ErrorKind, Result},
    secret::PendingFile,
    storage::disk_fault,
};

const OPERATION: &str = "system.backup";

/// Makes the file beside `target`.
///
/// # Errors
/// As [`fault`], and `INVALID_INPUT` where `target` names no file.
pub(super) fn create(target: &Path) -> Result<(PendingFile, File)> {
    PendingFile::create(target).map_err(fault)?.ok_or_else(|| {
        Error::invalid(OPERATION, "the backup needs the name of a file")
            .with_field("/path", "must name a file")
    })
}

/// The error that a fault of the disk is.
pub(super) fn fault(error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::AlreadyExists {
        let message = "a file of that name exists: choose another name or set `overwrite`";
        return Error::new(ErrorKind::AlreadyExists, OPERATION, message).with_source(error);
    }
    disk_fault(OPERATION, error)
}
