//! What a repair does with git: worktrees, a branch of its own, one commit, one merge.

use std::path::{Path, PathBuf};

use super::guard::Change;
use crate::{
    error::{Error, ErrorKind, Result},
    monitor::Repository,
};

/// Who a commit of a repair is by.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) name: String,
    pub(super) email: String,
}

impl Identity {
    fn variables(&self) -> [(&str, &str); 4] {
        [
            ("GIT_AUTHOR_NAME", &self.name),
            ("GIT_AUTHOR_EMAIL", &self.email),
            ("GIT_COMMITTER_NAME", &self.name),
            ("GIT_COMMITTER_EMAIL", &self.email),
        ]
    }
}

/// Where the user's checkout stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Base {
    pub(super) branch: String,
    pub(super) commit: String,
    /// Whether that commit is a repair of Javari's own.
    pub(super) own: bool,
}

pub(super) const TRAILER: &str = "Javari-Heal";

pub(super) async fn base(repository: &Repository) -> Result<Base> {
    let commit = repository.head().await.map_err(|error| {
        Error::new(ErrorKind::Unsupported, "healer.heal", "the repository has no commit yet")
            .with_source(error)
    })?;
    let Some(branch) = repository.branch().await? else {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "healer.heal",
            "the checkout stands on a lone commit; check out a branch first",
        ));
    };
    let format = format!("--format=%(trailers:key={TRAILER},valueonly)");
    let trailer =
        repository.ask(&["log", "-1", &format, "--end-of-options", &commit, "--"]).await?;
    Ok(Base { branch, commit, own: !trailer.trim().is_empty() })
}

/// A checkout of `commit` in a new folder. The user's own is not touched.
pub(super) async fn add_worktree(
    repository: &Repository,
    folder: &Path,
    commit: &str,
) -> Result<()> {
    let path = text_of(folder)?;
    repository.ask(&["worktree", "add", "--quiet", "--detach", "--", path, commit]).await.map(drop)
}

/// Removes a worktree and what git remembers of it, whatever state it is in.
pub(super) async fn remove_worktree(repository: &Repository, folder: PathBuf) -> Result<()> {
    let path = text_of(&folder)?;
    let _ =
        repository.try_ask(&["worktree", "remove", "--force", "--force", "--", path], &[]).await;
    let gone = tokio::task::spawn_blocking(move || match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    });
    let removed = gone.await.map_err(std::io::Error::other).and_then(|gone| gone);
    repository.ask(&["worktree", "prune"]).await?;
    removed.map_err(|error| {
        Error::new(ErrorKind::CommandFailed, "healer.clean", "a workspace could not be removed")
            .with_source(error)
    })
}

/// The commit that a branch of ours stands on.
pub(super) async fn branch_head(repository: &Repository, branch: &str) -> Result<Option<String>> {
    let name = format!("refs/heads/{branch}");
    let answer = repository
        .try_ask(&["rev-parse", "--quiet", "--verify", "--end-of-options", &name], &[])
        .await?;
    Ok((answer.code == 0).then(|| answer.text.trim().to_owned()))
}

/// Deletes a branch of ours, if it stands on `commit` still.
pub(super) async fn delete_branch(
    repository: &Repository,
    branch: &str,
    commit: &str,
) -> Result<()> {
    let name = format!("refs/heads/{branch}");
    repository.ask(&["update-ref", "-d", &name, commit]).await.map(drop)
}

/// Begins `branch` on `commit` in the worktree.
pub(super) async fn start_branch(worktree: &Repository, branch: &str, commit: &str) -> Result<()> {
    worktree.ask(&["switch", "--quiet", "--no-guess", "--create", branch, commit]).await.map(drop)
}

/// The files that differ from the commit, those that git does not know included.
pub(super) async fn touched(worktree: &Repository) -> Result<Vec<String>> {
    let text = worktree
        .ask(&["status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames"])
        .await?;
    Ok(text.split('\0').filter_map(|line| line.get(3..)).map(str::to_owned).collect())
}

/// Commits these files on the branch of the worktree.
pub(super) async fn commit(
    worktree: &Repository,
    paths: &[&str],
    message: &str,
    identity: &Identity,
) -> Result<String> {
    worktree.ask(&[&["add", "--"], paths].concat()).await?;
    let arguments =
        ["commit", "--quiet", "--no-verify", "--no-gpg-sign", "--cleanup=verbatim", "-m", message];
    let answer = worktree.try_ask(&arguments, &identity.variables()).await?;
    if answer.code != 0 {
        let words: String = answer.faults.chars().take(400).collect();
        return Err(Error::new(ErrorKind::CommandFailed, "healer.apply", "git did not commit")
            .with("git", words.trim()));
    }
    worktree.head().await
}

/// What lies between two commits, measured by git, and the difference as text.
pub(super) async fn change(
    repository: &Repository,
    base: &str,
    head: &str,
) -> Result<(Change, String)> {
    let plain = ["diff", "--no-ext-diff", "--no-textconv", "--no-renames", "--no-color"];
    let range = ["--end-of-options", base, head, "--"];
    let ask = async |form: &[&str]| repository.ask(&[&plain[..], form, &range[..]].concat()).await;
    let mut change = Change::default();
    // `:100644 100644 old new M\0path\0`
    let raw = ask(&["--raw", "-z", "--no-abbrev"]).await?;
    let mut fields = raw.split('\0');
    while let (Some(facts), Some(path)) = (fields.next(), fields.next()) {
        let facts: Vec<_> = facts.split(' ').collect();
        let is_plain = matches!(facts[..], [":100644", "100644", _, _, "M"])
            || matches!(facts[..], [":100755", "100755", _, _, "M"]);
        change.paths.push(path.to_owned());
        if !is_plain {
            change.unusual.push(path.to_owned());
        }
    }
    let counts = ask(&["--numstat", "-z"]).await?;
    for line in counts.split('\0').filter(|line| !line.is_empty()) {
        let mut parts = line.splitn(3, '\t');
        let (added, removed) = (parts.next().unwrap_or("-"), parts.next().unwrap_or("-"));
        match (added.parse::<usize>(), removed.parse::<usize>()) {
            (Ok(added), Ok(removed)) => change.lines += added + removed,
            _ => change.unusual.push(parts.next().unwrap_or_default().to_owned()),
        }
    }
    let diff = ask(&["--unified=3"]).await?;
    change.added = diff
        .lines()
        .filter(|line| line.starts_with('+') && !line.starts_with("+++ "))
        .filter_map(|line| line.get(1..))
        .map(str::to_owned)
        .collect();
    Ok((change, diff))
}

/// Merges `head` into the branch that the user's checkout stands on, as a merge commit.
///
/// # Errors
/// `CONFLICT` when the checkout is not on that branch and commit any more or has changes of its own.
pub(super) async fn merge(
    repository: &Repository,
    base: &Base,
    head: &str,
    message: &str,
    identity: &Identity,
) -> Result<String> {
    let refused = |words: &str| Error::new(ErrorKind::Conflict, "healer.approve", words);
    if repository.branch().await?.as_deref() != Some(&base.branch) {
        return Err(refused("the checkout stands on another branch").with("expected", &base.branch));
    }
    if repository.head().await? != base.commit {
        return Err(refused("the branch has moved since the repair was made; heal again"));
    }
    let status =
        ["status", "--porcelain=v1", "-z", "--untracked-files=no", "--ignore-submodules=none"];
    if !repository.ask(&status).await?.is_empty() {
        return Err(refused("the checkout has changes that are not committed"));
    }
    let tree = format!("{head}^{{tree}}");
    let tree = repository.ask(&["rev-parse", "--verify", "--end-of-options", &tree]).await?;
    let arguments = ["commit-tree", tree.trim(), "-p", &base.commit, "-p", head, "-m", message];
    let made = repository.try_ask(&arguments, &identity.variables()).await?;
    let merged = made.text.trim().to_owned();
    if made.code != 0 || merged.is_empty() {
        return Err(Error::new(ErrorKind::CommandFailed, "healer.approve", "git did not merge"));
    }
    // Moving forward only: had the branch moved in between, git refuses.
    repository
        .ask(&["merge", "--quiet", "--ff-only", "--no-verify", &merged])
        .await
        .map_err(|error| refused("git did not move the branch forward").with_source(error))?;
    Ok(merged)
}

fn text_of(path: &Path) -> Result<&str> {
    path.to_str().ok_or_else(|| {
        Error::new(ErrorKind::Unsupported, "healer.heal", "the workspace's path is not UTF-8")
    })
}
