//! Reads the workspace's own files for the tests that hold the rules of the house.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

use std::{
    fs,
    path::{Path, PathBuf},
};

#[cfg(test)]
mod files;
#[cfg(test)]
mod floors;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod security;
#[cfg(test)]
mod words;

/// A text file of the workspace: its path from the root and its whole text.
pub struct SourceFile {
    /// The path from the workspace's root, with forward slashes.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// The workspace's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file under `folder` (from the root) that git would not ignore and whose name ends so.
pub fn files_in(folder: &str, ending: &str) -> Vec<SourceFile> {
    let root = root();
    let mut found: Vec<SourceFile> = ignore::WalkBuilder::new(root.join(folder))
        .hidden(false)
        .require_git(false)
        .build()
        .filter_map(Result::ok)
        .filter(|entry| entry.path().to_string_lossy().ends_with(ending))
        .filter_map(|entry| {
            let text = fs::read_to_string(entry.path()).ok()?;
            let path = entry.path().strip_prefix(&root).ok()?;
            Some(SourceFile { path: path.to_string_lossy().replace('\\', "/"), text })
        })
        // In a worktree of git, `.git` is a file that names the clone.
        .filter(|file| file.path != ".git" && !file.path.contains(".git/"))
        .filter(|file| !file.path.starts_with("target/"))
        .collect();
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// The library's sources without those that are compiled for tests alone.
pub fn library_sources() -> Vec<SourceFile> {
    let files = files_in("javari-core/src", ".rs");
    let tests: Vec<String> = files.iter().flat_map(test_modules_of).collect();
    let for_tests = |path: &str| {
        ["/testkit/", "/bin/"].iter().any(|part| path.contains(part))
            || tests
                .iter()
                .any(|test| path == format!("{test}.rs") || path.starts_with(&format!("{test}/")))
    };
    files.into_iter().filter(|file| !for_tests(&file.path)).collect()
}

/// The modules that a file declares under `#[cfg(test)]` or for the testkit, as paths without `.rs`.
fn test_modules_of(file: &SourceFile) -> Vec<String> {
    let folder = match file.path.strip_suffix("/mod.rs") {
        Some(folder) => folder.to_owned(),
        None => file.path.trim_end_matches(".rs").to_owned(),
    };
    let lines: Vec<&str> = file.text.lines().map(str::trim).collect();
    lines
        .windows(2)
        .filter(|pair| pair[0].starts_with("#[cfg(") && pair[0].contains("test"))
        .filter_map(|pair| pair[1].split("mod ").nth(1)?.strip_suffix(';'))
        .map(|name| format!("{folder}/{name}"))
        .collect()
}

/// The part of a Rust source before its tests, behind which nothing may stand.
pub fn without_tests(text: &str) -> &str {
    split_at_tests(text).map_or(text, |(code, _)| code)
}

/// What stands behind the tests of a Rust source, where rules that skip tests would not see it.
pub fn behind_tests(text: &str) -> &str {
    let tests = split_at_tests(text).map_or("", |(_, tests)| tests);
    // rustfmt puts the brace that ends the module at the beginning of a line.
    tests.split_once("\n}\n").map_or("", |(_, behind)| behind.trim())
}

fn split_at_tests(text: &str) -> Option<(&str, &str)> {
    ["#[cfg(test)]\nmod tests {", "#[cfg(all(test, unix))]\nmod tests {"]
        .iter()
        .find_map(|start| text.split_once(start))
}
