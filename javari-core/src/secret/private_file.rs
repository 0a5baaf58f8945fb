//! Files that only their owner can read, names beside a file for what is not finished yet, and files
//! that come to stand under their name whole or not at all.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// Makes a file that only its owner can read and write.
///
/// # Errors
/// `AlreadyExists` when something stands under that name; as the system has it otherwise.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Lets the name of a file survive a loss of power: its folder is written to the disk.
///
/// # Errors
/// As the system has it. One that has no such call does nothing.
pub(crate) fn keep_name(path: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// A hidden name beside `target` that nobody else takes: `.NAME.RANDOM.partial`. Nothing when `target`
/// names no file.
///
/// # Errors
/// When the system gives no random bytes.
pub(crate) fn hidden_neighbour(target: &Path) -> io::Result<Option<PathBuf>> {
    let Some(name) = target.file_name() else { return Ok(None) };
    let mut random = [0_u8; 12];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.partial", hex::encode(random)));
    Ok(Some(target.with_file_name(hidden)))
}

/// A file beside its target, readable by its owner alone and removed on drop unless it was published.
pub(crate) struct PendingFile {
    target: PathBuf,
    neighbour: PathBuf,
    is_published: bool,
}

impl PendingFile {
    /// Makes the file beside `target`. Nothing when `target` names no file.
    ///
    /// # Errors
    /// As the system has it.
    pub(crate) fn create(target: &Path) -> io::Result<Option<(Self, File)>> {
        let neighbour = hidden_neighbour(target)?.filter(|_| !target.is_dir());
        let Some(neighbour) = neighbour else { return Ok(None) };
        let file = create_private(&neighbour)?;
        Ok(Some((Self { target: target.to_owned(), neighbour, is_published: false }, file)))
    }

    /// Gives the file, written and synchronised, its name.
    ///
    /// # Errors
    /// `AlreadyExists` when there is one of that name that is not to be replaced; as the system has it
    /// otherwise.
    pub(crate) fn publish(mut self, replaces: bool) -> io::Result<()> {
        match replaces {
            true => fs::rename(&self.neighbour, &self.target)?,
            false => self.link()?,
        }
        self.is_published = true;
        keep_name(&self.target)
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

impl Drop for PendingFile {
    fn drop(&mut self) {
        if !self.is_published {
            // What cannot be removed is left: it has another name than its target.
            let _ = fs::remove_file(&self.neighbour);
        }
    }
}
