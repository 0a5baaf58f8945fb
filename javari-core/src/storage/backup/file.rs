//! A file that comes to stand under its name whole or not at all, readable by its owner alone.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use crate::{
    error::{Error, ErrorKind, Result},
    secret::{create_private, hidden_neighbour, keep_name},
};

/// A file beside its target, removed on drop unless it was published.
pub(super) struct Pending {
    target: PathBuf,
    neighbour: PathBuf,
    is_published: bool,
}

impl Pending {
    /// Makes the file beside `target`.
    ///
    /// # Errors
    /// As [`fault`], and `INVALID_INPUT` where `target` names no file.
    pub(super) fn create(target: &Path) -> Result<(Self, File)> {
        let neighbour = hidden_neighbour(target).map_err(fault)?;
        let Some(neighbour) = neighbour.filter(|_| !target.is_dir()) else {
            return Err(Error::invalid(OPERATION, "the backup needs the name of a file")
                .with_field("/path", "must name a file"));
        };
        let file = create_private(&neighbour).map_err(fault)?;
        Ok((Self { target: target.to_owned(), neighbour, is_published: false }, file))
    }

    /// Gives the file, written and synchronised, its name.
    ///
    /// # Errors
    /// `ALREADY_EXISTS` when there is one of that name that is not to be replaced; as [`fault`].
    pub(super) fn publish(mut self, replaces: bool) -> Result<()> {
        let published = match replaces {
            true => fs::rename(&self.neighbour, &self.target),
            false => self.link(),
        };
        published.map_err(fault)?;
        self.is_published = true;
        keep_name(&self.target).map_err(fault)
    }

    /// A link never replaces what another has put there meanwhile; some file systems have none.
    fn link(&self) -> io::Result<()> {
        match fs::hard_link(&self.neighbour, &self.target) {
            Ok(()) => fs::remove_file(&self.neighbour),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
            Err(_) if self.target.symlink_metadata().is_ok() => {
                Err(io::ErrorKind::AlreadyExists.into())
            }
            Err(_) => fs::rename(&self.neighbour, &self.target),
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.is_published {
            // What cannot be removed is left: it has another name than a backup.
            let _ = fs::remove_file(&self.neighbour);
        }
    }
}

const OPERATION: &str = "system.backup";

/// The error that a fault of the disk is. It does not repeat the path: a secret may stand in its place.
pub(super) fn fault(error: io::Error) -> Error {
    let (kind, message) = match error.kind() {
        io::ErrorKind::NotFound => {
            (ErrorKind::NotFound, "there is no such file or folder: check the path")
        }
        io::ErrorKind::AlreadyExists => (
            ErrorKind::AlreadyExists,
            "a file of that name exists: choose another name or set `overwrite`",
        ),
        io::ErrorKind::PermissionDenied => {
            (ErrorKind::Forbidden, "the system refuses access to the file or its folder")
        }
        io::ErrorKind::InvalidInput => (ErrorKind::InvalidInput, "the path cannot be one"),
        io::ErrorKind::StorageFull
        | io::ErrorKind::QuotaExceeded
        | io::ErrorKind::ReadOnlyFilesystem => (
            ErrorKind::StorageFull,
            "the disk of the backup is full or read-only; no backup was made: choose another place",
        ),
        _ => (ErrorKind::Storage, "the disk refused a read or a write"),
    };
    Error::new(kind, OPERATION, message).with_source(error)
}
