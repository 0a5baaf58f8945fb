//! Finds what there is to read: the files of a folder in a fixed order, or the one thing named.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use ignore::{
    WalkBuilder,
    gitignore::{Gitignore, GitignoreBuilder},
};

use super::{IngestRequest, OPERATION};
use crate::error::{Error, ErrorKind, Result};

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
    /// It was seen and cannot be read.
    Broken(String),
}

/// Folders that hold what programs made, not what people wrote.
const MADE: &[&str] = &[".git", "target", "node_modules"];
/// The most files of one folder.
const MAX_FILES: usize = 1_000_000;

/// Everything to read, in order. Blocks on the disk.
pub(super) fn find(request: &IngestRequest, blob: Option<Bytes>) -> Result<Vec<Found>> {
    let under = request.under.as_deref().unwrap_or_default();
    if let Some(folder) = &request.folder {
        return walk(Path::new(folder), request);
    }
    let one = |name: &str, content, media_type| {
        Ok(vec![Found { path: joined(under, name), content, media_type, origin: None }])
    };
    if let Some(file) = &request.file {
        let path = PathBuf::from(file);
        let is_file = path.metadata().map_err(|error| absent("file", error))?.is_file();
        if !is_file {
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

fn walk(folder: &Path, request: &IngestRequest) -> Result<Vec<Found>> {
    let root = folder.canonicalize().map_err(|error| absent("folder", error))?;
    if !root.is_dir() {
        return Err(Error::invalid(OPERATION, "it is no folder")
            .with_field("/folder", "must name a folder; use `file` for a file"));
    }
    let include = patterns(&root, &request.include, "/include")?;
    let exclude = patterns(&root, &request.exclude, "/exclude")?;
    let under = request.under.as_deref().unwrap_or_default();
    let origin = root.display().to_string();
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
                let content = Content::Broken(error.to_string());
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
            content: Content::Broken("its `.gitignore` or `.ignore` is no file".to_owned()),
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

/// The folder that documents of this request are from.
pub(super) fn origin(request: &IngestRequest) -> Option<String> {
    let root = Path::new(request.folder.as_ref()?).canonicalize().ok()?;
    Some(root.display().to_string())
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
fn absent(what: &'static str, error: std::io::Error) -> Error {
    let (kind, why) = match error.kind() {
        std::io::ErrorKind::NotFound => (ErrorKind::NotFound, "does not exist"),
        std::io::ErrorKind::PermissionDenied => (ErrorKind::Forbidden, "may not be read"),
        _ => (ErrorKind::Unreadable, "cannot be read"),
    };
    Error::new(kind, OPERATION, format!("the {what} {why}"))
        .with_field(format!("/{what}"), why)
        .with_source(error)
}
