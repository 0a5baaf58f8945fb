//! Files that only their owner can read, and names beside a file for what is not finished yet.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions},
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
