//! The few environment variables that a build may see, and where builds may run.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use crate::{
    error::{Error, ErrorKind, Result},
    secret::Secret,
    types::{ScopeKey, UserId},
};

/// The variables a program that Javari runs gets; it inherits no other. A build also gets
/// `JAVARI_BUILD`, a mark by which what it leaves running is found and ended.
///
/// A build is other people's code: what it does not get it cannot leak. `PATH`, `HOME`, `LANG` and
/// `TMPDIR` pass; any other variable has to be named by the host. This room reads no environment
/// itself: the host (through `config`) hands it over.
///
/// ```
/// use javari_core::monitor::BuildEnvironment;
/// let inherited = [("PATH".into(), "/usr/bin".into()), ("AWS_SECRET".into(), "x".into())];
/// let environment = BuildEnvironment::allowed(inherited);
/// assert_eq!(environment.names().collect::<Vec<_>>(), ["PATH"]);
/// ```
#[derive(Clone, Default)]
pub struct BuildEnvironment {
    variables: Vec<(String, Secret)>,
    /// The values that must not stand in a log.
    hidden: Vec<Secret>,
}

impl BuildEnvironment {
    /// The variables that pass without being named.
    pub const ALLOWED: [&'static str; 4] = ["PATH", "HOME", "LANG", "TMPDIR"];

    /// Those of `inherited` that are on the short list.
    pub fn allowed(inherited: impl IntoIterator<Item = (String, String)>) -> Self {
        let variables = inherited
            .into_iter()
            .filter(|(name, _)| Self::ALLOWED.contains(&name.as_str()))
            .map(|(name, value)| (name, Secret::new(value)))
            .collect();
        Self { variables, hidden: Vec::new() }
    }

    /// The same environment with one more variable, whose value is taken out of every log.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), Secret::new(value.into()));
        self.variables.retain(|(known, _)| *known != name);
        self.hidden.push(value.clone());
        self.variables.push((name, value));
        self
    }

    /// The names of the variables.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|(name, _)| name.as_str())
    }

    /// Sets a variable whose value is no secret.
    pub(super) fn set_plain(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), Secret::new(value)));
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        // Exposed to hand it to the program the host configured it for.
        self.variables.iter().map(|(name, value)| (name.as_str(), value.expose()))
    }

    pub(super) fn hidden(&self) -> &[Secret] {
        &self.hidden
    }
}

impl fmt::Debug for BuildEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

/// The folders under which builds and repairs may run, and for whom. Empty allows none.
///
/// Whoever may create a monitor or start a repair names a folder and a command, and that command
/// runs as the host's own user. A folder that is open to everybody therefore gives every user of
/// this Javari the host's own user to run code as; where users do not trust each other, open a
/// folder [for one of them](Self::open_for). A folder under several roots is open to all whom one
/// of them names. This says who may begin a build: it does not confine what a build then reads.
///
/// ```
/// use javari_core::monitor::ProjectRoots;
/// use javari_core::types::UserId;
/// # let ann = UserId(uuid::Uuid::from_u128(1));
/// let roots = ProjectRoots::none().with("/srv/shared").open_for(ann, "/home/ann/projects");
/// ```
#[derive(Debug, Clone, Default)]
pub struct ProjectRoots(Vec<Root>);

#[derive(Debug, Clone)]
struct Root {
    folder: PathBuf,
    /// The one user it is open to; everybody when there is none.
    user: Option<UserId>,
}

impl ProjectRoots {
    /// No folder.
    pub fn none() -> Self {
        Self::default()
    }

    /// The same with everything under `folder` open to every user.
    #[must_use]
    pub fn with(mut self, folder: impl Into<PathBuf>) -> Self {
        self.0.push(Root { folder: folder.into(), user: None });
        self
    }

    /// The same with everything under `folder` open to `user` and, by this, to nobody else.
    #[must_use]
    pub fn open_for(mut self, user: UserId, folder: impl Into<PathBuf>) -> Self {
        self.0.push(Root { folder: folder.into(), user: Some(user) });
        self
    }

    /// The true path of `folder`, symbolic links followed, when it lies under a root that is open
    /// to the user who acts: what is open to a project's owner is not open to its members by that.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is no such folder, `FORBIDDEN` when it lies elsewhere.
    pub fn admit(
        &self,
        operation: &'static str,
        scope: &ScopeKey,
        folder: &Path,
    ) -> Result<PathBuf> {
        if !folder.is_absolute() {
            return Err(Error::invalid(operation, "the project folder must be an absolute path")
                .with_field("/folder", "must be absolute"));
        }
        let inside = |path: &Path| {
            let open = |root: &&Root| root.user.is_none() || root.user == scope.actor();
            let mut roots = self.0.iter().filter(open);
            roots.any(|root| root.folder.canonicalize().is_ok_and(|root| path.starts_with(root)))
        };
        // Asked before the disk is, so that the answer does not tell what exists elsewhere.
        let forbidden = || {
            Error::new(
                ErrorKind::Forbidden,
                operation,
                "the folder is not under a project root that this host opened to this user",
            )
            .with("folder", folder.display())
        };
        let Ok(path) = folder.canonicalize() else {
            let parent = folder.parent().and_then(|parent| parent.canonicalize().ok());
            return Err(if parent.is_some_and(|parent| inside(&parent)) {
                Error::new(ErrorKind::NotFound, operation, "there is no such project folder")
                    .with("folder", folder.display())
            } else {
                forbidden()
            });
        };
        if !inside(&path) {
            return Err(forbidden());
        }
        if !path.is_dir() {
            return Err(Error::new(
                ErrorKind::NotFound,
                operation,
                "there is no such project folder",
            )
            .with("folder", folder.display()));
        }
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::ProjectId;

    const ANN: ScopeKey = ScopeKey::user(UserId(uuid::Uuid::from_u128(1)));
    const BOB: ScopeKey = ScopeKey::user(UserId(uuid::Uuid::from_u128(2)));

    #[test]
    fn a_folder_that_is_open_to_one_user_is_closed_to_every_other_and_to_the_host() {
        let (hers, all) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let ann = ANN.user.unwrap();
        let roots = ProjectRoots::none().open_for(ann, hers.path()).with(all.path());
        assert!(roots.admit("t.t", &ANN, hers.path()).is_ok());
        // One who acts in a project of hers is not her.
        let member = ANN
            .with_project(ProjectId(uuid::Uuid::from_u128(3)))
            .acted_by(UserId(uuid::Uuid::from_u128(2)));
        for scope in [BOB, ScopeKey::HOST, member] {
            assert!(roots.admit("t.t", &scope, all.path()).is_ok());
            for path in [hers.path().to_path_buf(), hers.path().join("nothing")] {
                let error = roots.admit("t.t", &scope, &path).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Forbidden);
            }
        }
    }

    #[test]
    fn a_folder_outside_every_root_is_refused_whether_it_exists_or_not() {
        let (open, closed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let roots = ProjectRoots::none().with(open.path());
        assert!(roots.admit("t.t", &ANN, open.path()).is_ok());
        for path in [closed.path().to_path_buf(), closed.path().join("nothing")] {
            assert_eq!(roots.admit("t.t", &ANN, &path).unwrap_err().kind(), ErrorKind::Forbidden);
        }
        let absent = open.path().join("nothing");
        assert_eq!(roots.admit("t.t", &ANN, &absent).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_a_root_is_refused() {
        let (open, closed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(closed.path(), open.path().join("out")).unwrap();
        let roots = ProjectRoots::none().with(open.path());
        let error = roots.admit("t.t", &ANN, &open.path().join("out")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Forbidden);
    }

    #[test]
    fn debug_shows_names_and_no_value() {
        let environment = BuildEnvironment::default().with("NPM_TOKEN", "planted-canary");
        assert_eq!(format!("{environment:?}"), r#"{"NPM_TOKEN"}"#);
    }
}
