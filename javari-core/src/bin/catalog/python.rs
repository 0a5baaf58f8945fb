//! The typed face of Python: types, errors and the rooms, blocking and asynchronous.

mod errors;
mod rooms;
mod text;
mod types;

use self::rooms::Flavour;
use crate::File;

pub(crate) fn files() -> Vec<File> {
    vec![
        File { path: "javari-py/python/javari/types.py", text: types::module() },
        File { path: "javari-py/python/javari/errors.py", text: errors::module() },
        File { path: "javari-py/python/javari/_rooms.py", text: rooms::module(Flavour::Blocking) },
        File {
            path: "javari-py/python/javari/_aio.py",
            text: rooms::module(Flavour::Asynchronous),
        },
    ]
}

/// The first line of every file written here.
const NOTE: &str = "# Written by `cargo catalog` from the catalogue; do not edit.";
