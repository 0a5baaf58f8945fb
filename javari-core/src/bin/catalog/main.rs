//! Writes every generated file from the catalogue: `cargo catalog`, or `cargo catalog --check`.
//!
//! Each language has a module here that turns operations into files; this one writes them, and
//! with `--check` only compares, failing when a file is stale.

mod c;
mod documentation;
mod kit;
mod node;
mod python;
mod typescript;
mod words;

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// A generated file: its path from the workspace's root and its whole text.
pub(crate) struct File {
    pub(crate) path: &'static str,
    pub(crate) text: String,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let check = std::env::args().any(|argument| argument == "--check");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut stale = Vec::new();
    for file in files() {
        let path = root.join(file.path);
        if fs::read_to_string(&path).is_ok_and(|text| text == file.text) {
            continue;
        }
        if check {
            stale.push(file.path);
        } else {
            write(&path, &file.text)?;
            report(&format!("wrote {}", file.path));
        }
    }
    if stale.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    report(&format!("stale, run `cargo catalog`: {}", stale.join(", ")));
    Ok(ExitCode::FAILURE)
}

fn files() -> Vec<File> {
    let mut files = Vec::new();
    files.extend(documentation::files());
    files.extend(python::files());
    files.extend(node::files());
    files.extend(c::files());
    files.extend(kit::files());
    files
}

fn write(path: &PathBuf, text: &str) -> Result<(), Box<dyn Error>> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, text)?)
}

/// A program for people at a terminal may print.
#[allow(clippy::print_stderr)]
fn report(line: &str) {
    eprintln!("{line}");
}
