//! Which files of the host may be read as documents.

use std::{
    fs::{File, Metadata},
    path::{Path, PathBuf},
};

use super::OPERATION;
use crate::error::{Error, ErrorKind, Result};

/// Which files of the host may be read as documents: everything that the process may read, or, once
/// folders are named, only what truly lies in one of them. Files that are kept are never read.
///
/// ```
/// use javari_core::knowledge::DocumentRoots;
/// let roots = DocumentRoots::everywhere().with("/srv/documents");
/// assert!(roots.is_limited());
/// ```
#[derive(Debug, Clone, Default)]
pub struct DocumentRoots {
    open: Option<Vec<PathBuf>>,
    kept: Vec<PathBuf>,
}

impl DocumentRoots {
    /// Everything that the process may read.
    pub fn everywhere() -> Self {
        Self::default()
    }

    /// Nothing, until folders are added.
    pub fn none() -> Self {
        Self { open: Some(Vec::new()), kept: Vec::new() }
    }

    /// The same with everything under `folder`, and without what lies under no such folder.
    #[must_use]
    pub fn with(mut self, folder: impl Into<PathBuf>) -> Self {
        self.open.get_or_insert_default().push(folder.into());
        self
    }

    /// The same without `file`, whatever name it is reached by: the database and the key.
    #[must_use]
    pub fn except(mut self, file: impl Into<PathBuf>) -> Self {
        self.kept.push(file.into());
        self
    }

    /// Whether only named folders are open. A host that serves requests of others needs that.
    pub fn is_limited(&self) -> bool {
        self.open.is_some()
    }

    /// The true path of a file or folder, symbolic links followed, when it may be read.
    ///
    /// # Errors
    /// `FORBIDDEN` when it lies elsewhere, whether it exists or not, and for a kept file;
    /// `NOT_FOUND` and `UNREADABLE` as the disk says.
    pub fn admit(&self, path: &Path) -> Result<PathBuf> {
        let truly = match path.canonicalize() {
            Ok(truly) => truly,
            Err(error) => {
                // The answer does not tell what exists outside of the open folders.
                let parent = path.parent().and_then(|parent| parent.canonicalize().ok());
                return Err(if !self.is_limited() || parent.is_some_and(|it| self.holds(&it)) {
                    absent(error)
                } else {
                    closed()
                });
            }
        };
        if !self.holds(&truly) {
            return Err(closed());
        }
        match truly.metadata() {
            Ok(metadata) if self.keeps(&truly, &metadata) => Err(kept()),
            Ok(_) => Ok(truly),
            Err(error) => Err(absent(error)),
        }
    }

    /// The file at `path`, opened: what is asked about and what is read are one file, though a
    /// name may come to mean another one in between.
    pub(super) fn open(&self, path: &Path) -> Result<(File, Metadata)> {
        let file = open_now(path).map_err(absent)?;
        let metadata = file.metadata().map_err(absent)?;
        let truly = path.canonicalize().map_err(absent)?;
        if self.keeps(&truly, &metadata) {
            return Err(kept());
        }
        if self.is_limited() {
            let named = truly.metadata().map_err(absent)?;
            if !self.holds(&truly) || !is_same(&named, &metadata) {
                return Err(closed());
            }
        }
        Ok((file, metadata))
    }

    /// Whether the file at this true path is one that is never read.
    pub(super) fn keeps(&self, truly: &Path, metadata: &Metadata) -> bool {
        self.kept.iter().any(|kept| {
            kept.canonicalize().is_ok_and(|kept| {
                kept == truly || kept.metadata().is_ok_and(|kept| is_same_inode(&kept, metadata))
            })
        })
    }

    fn holds(&self, truly: &Path) -> bool {
        self.open.as_ref().is_none_or(|open| {
            open.iter().any(|root| root.canonicalize().is_ok_and(|root| truly.starts_with(root)))
        })
    }
}

/// Opens without waiting: what was a file when it was found may be a pipe by now, and opening one
/// waits for a writer that never comes.
#[cfg(unix)]
fn open_now(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = rustix::fs::OFlags::NONBLOCK.bits();
    File::options().read(true).custom_flags(flags.cast_signed()).open(path)
}

#[cfg(not(unix))]
fn open_now(path: &Path) -> std::io::Result<File> {
    File::open(path)
}

/// Whether both are one file, by whatever names; false where the system does not tell.
#[cfg(unix)]
fn is_same_inode(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same_inode(_: &Metadata, _: &Metadata) -> bool {
    false
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    is_same_inode(one, other)
}

/// Where the system does not tell, the name is all there is.
#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

// No error repeats the path: a key may stand in its place, and a document's event names it.

fn closed() -> Error {
    Error::new(
        ErrorKind::Forbidden,
        OPERATION,
        "it is not under a document root that this host opened",
    )
}

fn kept() -> Error {
    Error::new(
        ErrorKind::Forbidden,
        OPERATION,
        "Javari's own database and root key are never read as documents",
    )
}

fn absent(error: std::io::Error) -> Error {
    let kind = match error.kind() {
        std::io::ErrorKind::NotFound => ErrorKind::NotFound,
        std::io::ErrorKind::PermissionDenied => ErrorKind::Forbidden,
        _ => ErrorKind::Unreadable,
    };
    Error::new(kind, OPERATION, format!("it cannot be read: {error}")).with_source(error)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn outside_every_root_is_refused_whether_it_exists_or_not() {
        let (open, closed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let roots = DocumentRoots::everywhere().with(open.path());
        assert!(roots.admit(open.path()).is_ok());
        fs::write(closed.path().join("there"), "x").unwrap();
        for path in ["", "there", "nothing"] {
            let error = roots.admit(&closed.path().join(path)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Forbidden);
        }
        let error = roots.admit(&open.path().join("nothing")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(DocumentRoots::none().admit(open.path()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_neither_out_of_a_root_nor_to_a_kept_file() {
        let (open, closed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let key = closed.path().join("a.db.key");
        fs::write(&key, "x").unwrap();
        let at = |name: &str| open.path().join(name);
        std::os::unix::fs::symlink(&key, at("link")).unwrap();
        fs::hard_link(&key, at("hard")).unwrap();
        let limited = DocumentRoots::everywhere().with(open.path());
        assert_eq!(limited.admit(&at("link")).unwrap_err().kind(), ErrorKind::Forbidden);
        assert_eq!(limited.open(&at("link")).unwrap_err().kind(), ErrorKind::Forbidden);
        let keeping = DocumentRoots::everywhere().except(&key);
        for path in [key.clone(), at("link"), at("hard")] {
            assert_eq!(keeping.admit(&path).unwrap_err().kind(), ErrorKind::Forbidden);
            assert_eq!(keeping.open(&path).unwrap_err().kind(), ErrorKind::Forbidden);
        }
    }
}
