//! Test data of others, which is run where it lies and is no part of the project.

use std::{env, path::PathBuf};

/// The folder of that name among the test data of others: in the folder that `JAVARI_FIXTURES` names,
/// else beside the workspace. Nothing where there is none, and then it is said what was not run.
///
/// # Panics
/// When the data is there and this folder is not: a test that cannot run has failed.
#[allow(clippy::print_stdout)]
pub fn fixtures(folder: &str) -> Option<PathBuf> {
    let beside = || {
        let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures");
        beside.exists().then_some(beside)
    };
    let Some(root) = env::var_os("JAVARI_FIXTURES").map(PathBuf::from).or_else(beside) else {
        println!("NOT RUN: what needs `{folder}` (JAVARI_FIXTURES is unset)");
        return None;
    };
    let folder = root.join(folder);
    assert!(folder.exists(), "{} does not exist", folder.display());
    Some(folder)
}
