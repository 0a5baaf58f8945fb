//! The folder in which a repair is made: a git worktree outside the user's checkout.

use std::path::{Path, PathBuf};

use super::{Edit, files::normalise, plan::apply_edits};
use crate::error::{Error, ErrorKind, Result};

/// A checkout of one commit that belongs to one repair.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Workspace {
    /// Its top.
    pub folder: PathBuf,
    /// The commit it began with.
    pub base_commit: String,
}

impl Workspace {
    /// The checkout of `base_commit` in `folder`.
    pub fn new(folder: impl Into<PathBuf>, base_commit: impl Into<String>) -> Self {
        Self { folder: folder.into(), base_commit: base_commit.into() }
    }

    /// Makes the edits. No file is created, no link is followed and nothing outside is written.
    pub(super) fn edit(&self, edits: &[Edit]) -> Result<Vec<String>> {
        let mut paths: Vec<_> = edits.iter().map(|edit| edit.path.as_str()).collect();
        paths.sort_unstable();
        paths.dedup();
        // All files are read and changed in memory first, so that a wrong plan changes none.
        let mut changed = Vec::new();
        for path in &paths {
            let real = self.inside(path)?;
            let text = std::fs::read_to_string(&real).map_err(|error| fault(path, error))?;
            let edits: Vec<_> = edits.iter().filter(|edit| edit.path == *path).collect();
            changed.push((real, path, apply_edits(&text, &edits)?));
        }
        for (real, path, text) in changed {
            std::fs::write(real, text).map_err(|error| fault(path, error))?;
        }
        Ok(paths.into_iter().map(str::to_owned).collect())
    }

    /// The file of that path, when no part of it is a link.
    fn inside(&self, path: &str) -> Result<PathBuf> {
        let refused = |words: &str| {
            Error::new(ErrorKind::Forbidden, "healer.apply", words).with("path", path)
        };
        if normalise(path).as_deref() != Some(path) || path.is_empty() || path.starts_with('/') {
            return Err(refused("the path does not lie inside the workspace"));
        }
        let mut real = self.folder.clone();
        for part in path.split('/') {
            real.push(part);
            let facts = real.symlink_metadata().map_err(|error| fault(path, error))?;
            if facts.file_type().is_symlink() {
                return Err(refused("a link is never written through"));
            }
        }
        if real.is_file() { Ok(real) } else { Err(refused("it is not a file")) }
    }
}

/// The folder inside `parent` in which the workspaces of this system user lie, closed to all
/// others: a workspace holds a copy of the project, and the folder above is often one that
/// everybody may write in.
pub(super) fn private(parent: &Path) -> Result<PathBuf> {
    let refused = |words: &str, folder: &Path| {
        Error::new(ErrorKind::Configuration, "healer.heal", words).with("folder", folder.display())
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, MetadataExt};
        let user = rustix::process::geteuid().as_raw();
        // Always the same name: what a dead process left behind is found again.
        let folder = parent.join(format!("javari-{user}"));
        if let Err(error) = std::fs::DirBuilder::new().mode(0o700).create(&folder)
            && error.kind() != std::io::ErrorKind::AlreadyExists
        {
            let words = "the folder of workspaces cannot be written in";
            return Err(refused(words, &folder).with_source(error));
        }
        // It may have been there before, made by anybody.
        let facts = folder.symlink_metadata().map_err(|error| {
            refused("the folder of workspaces cannot be looked at", &folder).with_source(error)
        })?;
        if !facts.is_dir() || facts.uid() != user {
            return Err(refused("the folder of workspaces belongs to somebody else", &folder));
        }
        if facts.mode() & 0o077 != 0 {
            return Err(refused("the folder of workspaces is open to other users", &folder));
        }
        Ok(folder)
    }
    #[cfg(not(unix))]
    {
        let folder = parent.join("javari");
        match std::fs::create_dir(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                let words = "the folder of workspaces cannot be written in";
                Err(refused(words, &folder).with_source(error))
            }
            _ => Ok(folder),
        }
    }
}

fn fault(path: &str, error: std::io::Error) -> Error {
    Error::new(ErrorKind::Conflict, "healer.apply", "the file cannot be read or written")
        .with("path", path)
        .with_source(error)
}

/// What is copied into a workspace before it builds.
const CARRY_FILES: u64 = 200_000;
const CARRY_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// Copies `names`, which git does not know, from the project folder into the workspace. `stop` is
/// asked before each file.
pub(super) fn carry(
    project: &Path,
    workspace: &Path,
    names: &[String],
    stop: &dyn Fn() -> bool,
) -> Result<()> {
    let mut budget = Budget { files: CARRY_FILES, bytes: CARRY_BYTES };
    for name in names {
        let inside = normalise(name).filter(|path| path == name && !path.is_empty());
        let inside = inside.filter(|path| !path.split('/').any(|part| part == ".git"));
        let Some(path) = inside else {
            return Err(Error::invalid(
                "healer.heal",
                "a folder to carry is no path in the project",
            )
            .with_field("/carry", "must be paths inside the project"));
        };
        let (from, to) = (project.join(&path), workspace.join(&path));
        let real = from.canonicalize().ok().filter(|real| real.starts_with(project));
        // What is not there need not be carried; what the commit holds stays the commit's.
        let (Some(real), false) = (real, to.symlink_metadata().is_ok()) else { continue };
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).map_err(|error| fault(&path, error))?;
            let real_parent = parent.canonicalize().map_err(|error| fault(&path, error))?;
            if !real_parent.starts_with(workspace) {
                return Err(Error::new(
                    ErrorKind::Forbidden,
                    "healer.heal",
                    "a link of the project leads out of the workspace",
                )
                .with("path", &path));
            }
        }
        copy(&real, &to, &path, &mut budget, stop)?;
    }
    Ok(())
}

struct Budget {
    files: u64,
    bytes: u64,
}

fn copy(
    from: &Path,
    to: &Path,
    name: &str,
    budget: &mut Budget,
    stop: &dyn Fn() -> bool,
) -> Result<()> {
    if stop() {
        return Err(Error::new(ErrorKind::Cancelled, "healer.heal", "the repair was given up"));
    }
    let facts = from.symlink_metadata().map_err(|error| fault(name, error))?;
    let too_large = || {
        Error::new(ErrorKind::TooLarge, "healer.heal", "the folders to carry are too large")
            .with("path", name)
    };
    budget.files = budget.files.checked_sub(1).ok_or_else(too_large)?;
    if facts.is_dir() {
        std::fs::create_dir(to).map_err(|error| fault(name, error))?;
        for entry in std::fs::read_dir(from).map_err(|error| fault(name, error))? {
            let entry = entry.map_err(|error| fault(name, error))?;
            copy(&entry.path(), &to.join(entry.file_name()), name, budget, stop)?;
        }
    } else if facts.is_file() {
        budget.bytes = budget.bytes.checked_sub(facts.len()).ok_or_else(too_large)?;
        std::fs::copy(from, to).map_err(|error| fault(name, error))?;
    } else if facts.is_symlink() {
        #[cfg(unix)]
        {
            let target = std::fs::read_link(from).map_err(|error| fault(name, error))?;
            // An absolute link would lead back into the user's own folder.
            if target.is_relative() {
                std::os::unix::fs::symlink(target, to).map_err(|error| fault(name, error))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(path: &str) -> Edit {
        Edit { path: path.into(), line: 1, remove: vec!["old".into()], insert: vec!["new".into()] }
    }

    #[test]
    fn an_edit_changes_its_file_and_a_wrong_one_changes_none() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "b"] {
            std::fs::write(folder.path().join(name), "old\r\nrest\n".replace('\r', "")).unwrap();
        }
        let workspace = Workspace::new(folder.path(), "c");
        let wrong = Edit { line: 2, ..edit("b") };
        assert!(workspace.edit(&[edit("a"), wrong]).is_err());
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("a"), "old\nrest\n");
        workspace.edit(&[edit("a")]).unwrap();
        assert_eq!(read("a"), "new\nrest\n");
    }

    #[cfg(unix)]
    #[test]
    fn workspaces_lie_in_a_folder_that_nobody_else_may_enter() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let (parent, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let open = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(parent.path(), open.clone()).unwrap();
        let folder = private(parent.path()).unwrap();
        assert_eq!(folder.parent(), Some(parent.path()));
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(private(parent.path()).unwrap(), folder);
        // One that somebody prepared is not used.
        std::fs::set_permissions(&folder, open).unwrap();
        assert_eq!(private(parent.path()).unwrap_err().kind(), ErrorKind::Configuration);
        std::fs::remove_dir(&folder).unwrap();
        symlink(other.path(), &folder).unwrap();
        assert_eq!(private(parent.path()).unwrap_err().kind(), ErrorKind::Configuration);
    }

    #[test]
    fn nothing_outside_is_written() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(outside.path().join("a"), "old\n").unwrap();
        let workspace = Workspace::new(folder.path(), "c");
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            symlink(outside.path(), folder.path().join("link")).unwrap();
            symlink(outside.path().join("a"), folder.path().join("file")).unwrap();
        }
        let name = outside.path().file_name().unwrap().to_str().unwrap();
        let climbing = format!("../{name}/a");
        let absolute = outside.path().join("a");
        for path in ["link/a", "file", "..", "", ".", &climbing, absolute.to_str().unwrap()] {
            assert!(workspace.edit(&[edit(path)]).is_err(), "{path}");
        }
        assert_eq!(std::fs::read_to_string(outside.path().join("a")).unwrap(), "old\n");
    }

    #[test]
    fn carried_folders_are_copies_and_links_out_of_the_project_stay_behind() {
        let (project, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (project, target) =
            (project.path().canonicalize().unwrap(), target.path().canonicalize().unwrap());
        std::fs::create_dir_all(project.join("node_modules/a")).unwrap();
        std::fs::write(project.join("node_modules/a/x.js"), "1").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc", project.join("node_modules/out")).unwrap();
        carry(&project, &target, &["node_modules".into(), "none".into()], &|| false).unwrap();
        std::fs::write(target.join("node_modules/a/x.js"), "2").unwrap();
        assert_eq!(std::fs::read_to_string(project.join("node_modules/a/x.js")).unwrap(), "1");
        assert!(target.join("node_modules/out").symlink_metadata().is_err());
        for name in ["../x", "/etc", ".git", "a/../b", ""] {
            assert!(carry(&project, &target, &[name.into()], &|| false).is_err(), "{name}");
        }
    }
}
