//! The files of one commit, read from git: no link is followed and nothing outside is seen.

use std::{collections::BTreeMap, path::Path};

use crate::{
    error::{Error, ErrorKind, Result},
    monitor::Repository,
};

/// The files of one commit, by their path from the top of the repository.
pub(super) struct ProjectFiles {
    repository: Repository,
    entries: BTreeMap<String, Entry>,
}

struct Entry {
    object: String,
    size: u64,
}

const FILES_LIMIT: usize = 50_000;
const READ_LIMIT: u64 = 8 * 1024 * 1024;

impl ProjectFiles {
    pub(super) async fn load(repository: &Repository, commit: &str) -> Result<Self> {
        let listing = repository
            .ask(&["ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", commit])
            .await?;
        let mut entries = BTreeMap::new();
        for line in listing.split('\0') {
            let Some((facts, path)) = line.split_once('\t') else { continue };
            let facts: Vec<_> = facts.split_whitespace().collect();
            let [mode, "blob", object, size] = facts[..] else { continue };
            // Links are left out, and names that are not UTF-8.
            if !matches!(mode, "100644" | "100755") || path.contains(char::REPLACEMENT_CHARACTER) {
                continue;
            }
            let size = size.parse().unwrap_or(u64::MAX);
            entries.insert(path.to_owned(), Entry { object: object.to_owned(), size });
            if entries.len() > FILES_LIMIT {
                return Err(Error::new(
                    ErrorKind::TooLarge,
                    "healer.read",
                    "the repository has more files than are looked at",
                )
                .with("limit", FILES_LIMIT));
            }
        }
        Ok(Self { repository: repository.clone(), entries })
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    pub(super) fn contains(&self, path: &str) -> bool {
        self.entries.contains_key(path)
    }

    /// Whether some file lies under `folder`.
    pub(super) fn has_folder(&self, folder: &str) -> bool {
        let prefix = format!("{folder}/");
        self.entries
            .range(prefix.clone()..)
            .next()
            .is_some_and(|(path, _)| path.starts_with(&prefix))
    }

    /// The text of a file; nothing when there is none, or it is no text, or too long.
    pub(super) async fn read(&self, path: &str) -> Result<Option<String>> {
        let Some(entry) = self.entries.get(path).filter(|entry| entry.size <= READ_LIMIT) else {
            return Ok(None);
        };
        let text = self.repository.ask(&["cat-file", "blob", &entry.object]).await?;
        let is_text = !text.contains(['\0', char::REPLACEMENT_CHARACTER]);
        Ok(is_text.then_some(text))
    }

    /// The file of the project that a log means by `stated`: relative, absolute, as an address,
    /// or absolute on another machine. Nothing when it lies outside or could be several.
    pub(super) fn locate(&self, stated: &str) -> Option<&str> {
        let stated = stated.strip_prefix("file://").unwrap_or(stated);
        if let Some(path) = self.relative(stated) {
            return self.entries.get_key_value(path.as_str()).map(|(key, _)| key.as_str());
        }
        // Another machine's path: the longest end of it that is a file here, if it is the only one.
        let parts: Vec<_> = stated.split('/').filter(|part| !part.is_empty()).collect();
        if !stated.starts_with('/') || parts.contains(&"..") {
            return None;
        }
        (0..parts.len()).find_map(|from| {
            let end = parts.get(from..)?.join("/");
            self.entries.get_key_value(&end).map(|(key, _)| key.as_str())
        })
    }

    /// The path from the top of the repository, when `stated` lies in it, whether or not there is
    /// such a file.
    pub(super) fn relative(&self, stated: &str) -> Option<String> {
        let stated = stated.strip_prefix("file://").unwrap_or(stated);
        let top = self.repository.folder().to_str()?;
        match stated.strip_prefix(top).and_then(|rest| rest.strip_prefix('/')) {
            Some(inside) => normalise(inside),
            None if stated.starts_with('/') => None,
            None => normalise(stated),
        }
    }

    /// The text of a file that git may not know, such as an installed package's manifest, when it
    /// truly lies inside the project folder.
    pub(super) async fn read_installed(&self, path: &str) -> Option<String> {
        let path = normalise(path)?;
        let top = self.repository.folder().to_path_buf();
        tokio::task::spawn_blocking(move || {
            let real = top.join(path).canonicalize().ok()?;
            let fits = real.starts_with(&top)
                && real.metadata().is_ok_and(|facts| facts.is_file() && facts.len() <= READ_LIMIT);
            if fits { std::fs::read_to_string(real).ok() } else { None }
        })
        .await
        .ok()?
    }

    /// The names in a folder that git may not know, at most 2000.
    pub(super) async fn list_installed(&self, folder: &str) -> Vec<String> {
        let Some(path) = normalise(folder) else { return Vec::new() };
        let top = self.repository.folder().to_path_buf();
        let listed = tokio::task::spawn_blocking(move || names_in(&top, &top.join(path))).await;
        listed.unwrap_or_default()
    }
}

fn names_in(top: &Path, folder: &Path) -> Vec<String> {
    let Ok(real) = folder.canonicalize() else { return Vec::new() };
    if !real.starts_with(top) {
        return Vec::new();
    }
    let Ok(entries) = std::fs::read_dir(real) else { return Vec::new() };
    let names = entries.take(2_000).filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names
}

/// A relative path without `.` and `..`; nothing when it leaves its beginning.
pub(super) fn normalise(path: &str) -> Option<String> {
    if path.len() > 4_096 || path.contains(['\0', '\n', '\r', '\\']) {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The folder of a path, `""` at the top.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// `folder/rest`, where the folder may be the top.
pub(super) fn join(folder: &str, rest: &str) -> String {
    if folder.is_empty() { rest.to_owned() } else { format!("{folder}/{rest}") }
}

/// How `to` is written from inside `folder`: `./a`, `../b/c`.
pub(super) fn relative_to(folder: &str, to: &str) -> String {
    let from: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let target: Vec<_> = to.split('/').collect();
    let shared = from.iter().zip(&target).take_while(|(a, b)| a == b).count();
    let ups = "../".repeat(from.len() - shared);
    let rest = target.get(shared..).unwrap_or_default().join("/");
    if ups.is_empty() { format!("./{rest}") } else { ups + &rest }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_that_leaves_the_project_is_none() {
        assert_eq!(normalise("a/./b/../c"), Some("a/c".into()));
        for outside in ["..", "a/../../b", "../x", "a\\b", "a\0b"] {
            assert_eq!(normalise(outside), None, "{outside:?}");
        }
    }

    #[test]
    fn relative_paths_are_written_as_people_do() {
        assert_eq!(relative_to("", "a/b.js"), "./a/b.js");
        assert_eq!(relative_to("a", "a/b.js"), "./b.js");
        assert_eq!(relative_to("a/c", "a/b.js"), "../b.js");
        assert_eq!(relative_to("x/y", "a.js"), "../../a.js");
    }

    proptest! {
        #[test]
        fn a_normal_path_has_no_part_that_climbs(path in "[a./\\\\]{0,20}") {
            if let Some(normal) = normalise(&path) {
                prop_assert!(normal.split('/').all(|part| part != ".." && part != "."));
                prop_assert!(!normal.starts_with('/'));
            }
        }

        #[test]
        fn what_is_written_relative_leads_back(folder in "([ab]/){0,3}[ab]", to in "([ab]/){0,3}[ab]") {
            prop_assert_eq!(normalise(&join(&folder, &relative_to(&folder, &to))), Some(to));
        }
    }
}
