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
