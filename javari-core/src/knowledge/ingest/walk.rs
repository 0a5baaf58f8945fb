//! Finds what there is to read: the files of a folder in a fixed order, or the one thing named.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use ignore::{
    WalkBuilder,
    gitignore::{Gitignore, GitignoreBuilder},
};

use super::{DocumentRoots, IngestRequest, OPERATION};
use crate::{
    error::{Error, ErrorKind, Result},
    knowledge::Fingerprint,
};

/// One thing to read.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// The document's path.
    pub(super) path: String,
    pub(super) content: Content,
    pub(super) media_type: Option<String>,
    /// The folder it is from.
    pub(super) origin: Option<String>,
}

/// Where the bytes are.
#[derive(Debug, Clone)]
pub(super) enum Content {
    File(PathBuf),
    Bytes(Bytes),
    /// It was seen, perhaps at this place, and cannot be read.
    Broken(Option<PathBuf>, String),
}

/// Folders that hold what programs made, not what people wrote.
const MADE: &[&str] = &[".git", "target", "node_modules"];
/// The most files of one folder.
const MAX_FILES: usize = 1_000_000;

/// Everything to read, in order. Blocks on the disk.
pub(super) fn find(
    request: &IngestRequest,
    blob: Option<Bytes>,
    roots: &DocumentRoots,
) -> Result<Vec<Found>> {
    let under = request.under.as_deref().unwrap_or_default();
    if let Some(folder) = &request.folder {
        return walk(Path::new(folder), request, roots);
    }
    let one = |name: &str, content, media_type| {
        Ok(vec![Found { path: joined(under, name), content, media_type, origin: None }])
    };
    if let Some(file) = &request.file {
        let path = roots.admit(Path::new(file)).map_err(|error| refused("file", error))?;
        if !path.is_file() {
            return Err(Error::invalid(OPERATION, "it is no file")
                .with_field("/file", "must name a file; use `folder` for a folder"));
        }
        return one(&slashed(Path::new(file)), Content::File(path), None);
    }
    if let Some(text) = &request.text {
        let content = Content::Bytes(Bytes::from(text.text.clone()));
        let has_ending = Path::new(&text.name).extension().is_some();
        return one(&text.name, content, (!has_ending).then(|| "text/markdown".to_owned()));
    }
    match (&request.bytes, blob) {
        (Some(bytes), Some(blob)) => {
            one(&bytes.name, Content::Bytes(blob), bytes.media_type.clone())
        }
        _ => Err(Error::invalid(OPERATION, "there is nothing to read")),
    }
}

fn walk(folder: &Path, request: &IngestRequest, roots: &DocumentRoots) -> Result<Vec<Found>> {
    let root = roots.admit(folder).map_err(|error| refused("folder", error))?;
    if !root.is_dir() {
        return Err(Error::invalid(OPERATION, "it is no folder")
            .with_field("/folder", "must name a folder; use `file` for a file"));
    }
    let include = patterns(&root, &request.include, "/include")?;
    let exclude = patterns(&root, &request.exclude, "/exclude")?;
    let under = request.under.as_deref().unwrap_or_default();
    let origin = origin_of(&root, under);
    let odd: Arc<Mutex<Vec<PathBuf>>> = Arc::default();
    let noted = Arc::clone(&odd);
    if has_odd_rules(&root) {
        return Err(Error::new(
            ErrorKind::Unreadable,
            OPERATION,
            "the folder's `.gitignore` or `.ignore` is no file",
        ));
    }
    let walker = WalkBuilder::new(&root)
        // The machine's own settings would make the same folder give other documents.
        .parents(false)
        .git_global(false)
        .git_exclude(false)
        .require_git(false)
        .follow_links(false)
        .sort_by_file_name(Ord::cmp)
        .filter_entry(move |entry| {
            if entry.depth() == 0 {
                return true;
            }
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            if is_folder && has_odd_rules(entry.path()) {
                noted.lock().unwrap_or_else(PoisonError::into_inner).push(entry.path().to_owned());
                return false;
            }
            !MADE.iter().any(|made| entry.file_name() == *made)
        })
        .build();
    let mut found = Vec::new();
    for entry in walker {
        if found.len() >= MAX_FILES {
            return Err(Error::new(
                ErrorKind::TooLarge,
                OPERATION,
                "the folder has too many files",
            )
            .with("limit", MAX_FILES));
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let at = place_of(&error).map(Path::to_owned);
                let content = Content::Broken(at, error.to_string());
                let path = joined(under, &format!("(entry {})", found.len() + 1));
                let origin = Some(origin.clone());
                found.push(Found { path, content, media_type: None, origin });
                continue;
            }
        };
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            continue;
        }
        let Ok(inside) = entry.path().strip_prefix(&root) else { continue };
        let fits =
            |patterns: &Gitignore| patterns.matched_path_or_any_parents(inside, false).is_ignore();
        if (!request.include.is_empty() && !fits(&include)) || fits(&exclude) {
            continue;
        }
        if entry.metadata().is_ok_and(|metadata| roots.keeps(entry.path(), &metadata)) {
            continue;
        }
        found.push(Found {
            path: joined(under, &slashed(inside)),
            content: Content::File(entry.path().to_owned()),
            media_type: None,
            origin: Some(origin.clone()),
        });
    }
    for folder in odd.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let inside = folder.strip_prefix(&root).unwrap_or(folder);
        found.push(Found {
            path: joined(under, &slashed(inside)),
            content: Content::Broken(
                Some(folder.clone()),
                "its `.gitignore` or `.ignore` is no file".to_owned(),
            ),
            media_type: None,
            origin: Some(origin.clone()),
        });
    }
    Ok(found)
}

/// Whether the rules of a folder are something else than a file: reading a pipe would never end.
fn has_odd_rules(folder: &Path) -> bool {
    let odd = |name: &&str| folder.join(name).metadata().is_ok_and(|found| !found.is_file());
    [".gitignore", ".ignore"].iter().any(odd)
}

/// Which folder was read, and for paths under what.
fn origin_of(root: &Path, under: &str) -> String {
    // No true path has two slashes in a row.
    match under.trim_end_matches('/') {
        "" => root.display().to_string(),
        under => format!("{}//{under}", root.display()),
    }
}

/// The stored documents of the request's folder whose files are no longer there. Blocks on the
/// disk. What was not found because it was left out or could not be looked at is still there.
pub(super) fn gone(
    request: &IngestRequest,
    stored: &[Fingerprint],
    found: &[Found],
) -> Vec<Fingerprint> {
    let root = request.folder.as_ref().and_then(|folder| Path::new(folder).canonicalize().ok());
    let Some(root) = root.filter(|_| request.remove_missing) else { return Vec::new() };
    let under = request.under.as_deref().unwrap_or_default().trim_end_matches('/');
    let origin = origin_of(&root, under);
    let there: HashSet<&str> = found.iter().map(|found| found.path.as_str()).collect();
    let broken: Vec<Option<&Path>> = found
        .iter()
        .filter_map(|found| match &found.content {
            Content::Broken(at, _) => Some(at.as_deref()),
            Content::File(_) | Content::Bytes(_) => None,
        })
        .collect();
    let is_gone = |one: &&Fingerprint| {
        if one.origin.as_deref() != Some(&origin) || there.contains(one.path.as_str()) {
            return false;
        }
        let inside = match under {
            "" => Some(one.path.as_str()),
            under => one.path.strip_prefix(under).and_then(|rest| rest.strip_prefix('/')),
        };
        let Some(file) = inside.map(|inside| root.join(inside)) else { return false };
        let is_hidden = broken.iter().any(|at| at.is_none_or(|at| file.starts_with(at)));
        !is_hidden && is_absent(&file)
    };
    stored.iter().filter(is_gone).cloned().collect()
}

/// Whether the disk says that there is nothing; one that cannot be asked has said nothing.
fn is_absent(file: &Path) -> bool {
    file.symlink_metadata().is_err_and(|error| {
        matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
    })
}

/// Where a walk could not go on, where it tells.
fn place_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            place_of(err)
        }
        ignore::Error::Loop { child, .. } => Some(child),
        _ => None,
    }
}

fn patterns(root: &Path, list: &[String], field: &str) -> Result<Gitignore> {
    let mut builder = GitignoreBuilder::new(root);
    let fault = |error: ignore::Error| {
        Error::invalid(OPERATION, "a pattern is none")
            .with("reason", &error)
            .with_field(field, "must be patterns as in a `.gitignore`")
    };
    for pattern in list {
        builder.add_line(None, pattern).map_err(fault)?;
    }
    builder.build().map_err(fault)
}

fn joined(under: &str, name: &str) -> String {
    match under.trim_end_matches('/') {
        "" => name.to_owned(),
        under => format!("{under}/{name}"),
    }
}

fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = if std::path::MAIN_SEPARATOR == '/' { text } else { text.replace('\\', "/").into() };
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}

/// The error names the field, not what stands in it: that may be a key in the wrong place.
fn refused(what: &'static str, error: Error) -> Error {
    let why = error.message().to_owned();
    error.with_field(format!("/{what}"), why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Clock, DocumentId, SystemClock};

    #[test]
    fn nothing_is_gone_under_a_place_that_could_not_be_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let mut request = IngestRequest::folder(root.display().to_string());
        request.remove_missing = true;
        let stored = ["sub/a.md", "b.md"].map(|path| Fingerprint {
            id: DocumentId(SystemClock.new_id()),
            path: path.to_owned(),
            content_hash: String::new(),
            origin: Some(root.display().to_string()),
        });
        let broken = |at: Option<PathBuf>| Found {
            path: "(entry 1)".to_owned(),
            content: Content::Broken(at, "denied".to_owned()),
            media_type: None,
            origin: None,
        };
        let paths = |found: &[Found]| -> Vec<String> {
            gone(&request, &stored, found).into_iter().map(|one| one.path).collect()
        };
        assert_eq!(paths(&[]), ["sub/a.md", "b.md"]);
        assert_eq!(paths(&[broken(Some(root.join("sub")))]), ["b.md"]);
        assert!(paths(&[broken(None)]).is_empty());
    }
}
