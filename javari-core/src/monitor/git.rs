//! Runs the git program so that neither a repository nor the user's settings can make it run more.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::sync::Mutex;

use super::{
    BuildEnvironment,
    command::{Exit, Program},
};
use crate::{
    error::{Error, ErrorKind, Result},
    types::Clock,
};

/// The git program. Cheap to clone.
///
/// System and global settings are not read. Hooks, file-system monitors, pagers, prompts, signing,
/// content filters are off, including those that a repository's own settings name, and git fetches
/// nothing by itself.
#[derive(Clone)]
pub(crate) struct Git {
    program: String,
    environment: BuildEnvironment,
    clock: Arc<dyn Clock>,
}

/// What stands above a repository's own settings.
const OVERRIDES: &[(&str, &str)] = &[
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.attributesFile", "/dev/null"),
    ("core.excludesFile", "/dev/null"),
    ("core.pager", "cat"),
    ("core.editor", "false"),
    ("core.askPass", ""),
    ("core.sshCommand", "false"),
    ("core.quotePath", "false"),
    ("commit.gpgSign", "false"),
    ("tag.gpgSign", "false"),
    ("merge.verifySignatures", "false"),
    ("merge.autoStash", "false"),
    ("merge.stat", "false"),
    ("submodule.recurse", "false"),
    ("protocol.allow", "never"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("diff.noprefix", "false"),
    ("diff.mnemonicPrefix", "false"),
    ("color.ui", "false"),
    ("advice.detachedHead", "false"),
    ("safe.bareRepository", "explicit"),
];

/// How long one command may take.
pub(super) const LIMIT: Duration = Duration::from_secs(120);
/// The most that one answer of git may hold.
const ANSWER_LIMIT: usize = 16 * 1024 * 1024;

impl Git {
    /// The git `program`, found through the environment's `PATH` unless it is a path itself.
    pub(crate) fn new(
        program: impl Into<String>,
        environment: &BuildEnvironment,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { program: program.into(), environment: environment.clone(), clock }
    }

    /// The root of the repository that `folder` is the top of.
    ///
    /// # Errors
    /// `UNSUPPORTED` when the folder is not the top of a git checkout.
    pub(crate) async fn open(&self, folder: &Path) -> Result<Repository> {
        let mut repository = Repository {
            git: self.clone(),
            folder: folder.into(),
            settings: Vec::new(),
            turn: Arc::default(),
        };
        let refused = |error: Error| {
            Error::new(
                ErrorKind::Unsupported,
                "git.open",
                "the folder is not the top of a git checkout that git trusts",
            )
            .with("folder", folder.display())
            .with_source(error)
        };
        // Reading settings runs nothing; what they name is switched off for all later commands.
        let names = repository.ask(&["config", "--list", "--includes", "--name-only", "-z"]).await;
        repository.settings = neutralised(&names.map_err(refused)?);
        let top = repository.ask(&["rev-parse", "--show-toplevel"]).await.map_err(refused)?;
        if Path::new(top.trim_end_matches('\n')) != folder {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "git.open",
                "the folder lies inside a git checkout but is not its top",
            )
            .with("folder", folder.display()));
        }
        Ok(repository)
    }
}

/// A repository's content filters, each set to nothing.
fn neutralised(names: &str) -> Vec<(String, &'static str)> {
    let mut settings = Vec::new();
    for name in names.split('\0') {
        let lower = name.to_ascii_lowercase();
        if lower.starts_with("filter.") {
            let nothing = if lower.ends_with(".required") { "false" } else { "" };
            settings.push((name.to_owned(), nothing));
        }
    }
    settings
}

/// A repository to ask and to change. The commands of one repository take turns.
#[derive(Clone)]
pub(crate) struct Repository {
    git: Git,
    folder: PathBuf,
    settings: Vec<(String, &'static str)>,
    turn: Arc<Mutex<()>>,
}

/// What git answered, whatever its exit code.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) text: String,
    /// What it complained about.
    pub(crate) faults: String,
}

impl Repository {
    /// The top of the checkout.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The same repository seen from another of its checkouts.
    pub(crate) fn at(&self, folder: &Path) -> Self {
        Self { folder: folder.into(), ..self.clone() }
    }

    /// Runs git and returns what it printed.
    ///
    /// # Errors
    /// `COMMAND_FAILED` with git's words when it ends with another code than 0.
    pub(crate) async fn ask(&self, arguments: &[&str]) -> Result<String> {
        let answer = self.try_ask(arguments, &[]).await?;
        if answer.code == 0 {
            return Ok(answer.text);
        }
        let words: String = answer.faults.chars().take(400).collect();
        Err(Error::new(ErrorKind::CommandFailed, "git.run", "git refused")
            .with("command", arguments.first().copied().unwrap_or_default())
            .with("code", answer.code)
            .with("git", words.trim()))
    }

    /// Runs git with more variables and returns what it printed and its exit code.
    ///
    /// The command runs to its end even when this future is dropped: a git that is killed leaves
    /// lock files in the repository.
    pub(crate) async fn try_ask(
        &self,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Result<Answer> {
        let program = self.program(arguments, variables);
        let (turn, clock) = (self.turn.clone(), self.git.clock.clone());
        let running = tokio::spawn(async move {
            let _turn = turn.lock_owned().await;
            program.run_raw("git.run", clock.as_ref(), false).await
        });
        let report = running.await.map_err(|error| {
            Error::new(ErrorKind::Unexpected, "git.run", "the task that ran git was ended")
                .with_source(error)
        })??;
        if report.cut {
            return Err(Error::new(ErrorKind::TooLarge, "git.run", "git's answer is too long")
                .with("command", arguments.first().copied().unwrap_or_default()));
        }
        match report.exit {
            Exit::Code(code) => Ok(Answer { code, text: report.log, faults: report.faults }),
            Exit::Signal | Exit::TimedOut => {
                Err(Error::new(ErrorKind::Timeout, "git.run", "git did not come to an end")
                    .with("command", arguments.first().copied().unwrap_or_default()))
            }
        }
    }

    fn program(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Program {
        let mut environment = self.git.environment.clone();
        let fixed = [
            ("LC_ALL", "C"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_ATTR_NOSYSTEM", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_PAGER", "cat"),
        ];
        for (name, value) in fixed.iter().chain(variables) {
            environment.set_plain(name, value);
        }
        let overrides = OVERRIDES.iter().map(|(name, value)| (*name, *value));
        let own = self.settings.iter().map(|(name, value)| (name.as_str(), *value));
        let mut count = 0;
        for (name, value) in overrides.chain(own) {
            environment.set_plain(&format!("GIT_CONFIG_KEY_{count}"), name);
            environment.set_plain(&format!("GIT_CONFIG_VALUE_{count}"), value);
            count += 1;
        }
        environment.set_plain("GIT_CONFIG_COUNT", &count.to_string());
        let mut argv = vec![self.git.program.clone(), "--literal-pathspecs".into()];
        argv.extend(arguments.iter().map(ToString::to_string));
        Program {
            argv,
            folder: self.folder.clone(),
            environment,
            limit: LIMIT,
            log_limit: ANSWER_LIMIT,
        }
    }

    /// The commit that the checkout stands on.
    pub(crate) async fn head(&self) -> Result<String> {
        let text =
            self.ask(&["rev-parse", "--verify", "--end-of-options", "HEAD^{commit}"]).await?;
        Ok(text.trim().to_owned())
    }

    /// The branch that is checked out, nothing when it is a lone commit.
    pub(crate) async fn branch(&self) -> Result<Option<String>> {
        let answer = self.try_ask(&["symbolic-ref", "--quiet", "HEAD"], &[]).await?;
        Ok(answer.text.trim().strip_prefix("refs/heads/").map(str::to_owned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_filters_are_found_among_the_settings() {
        let names = "user.name\0filter.lfs.smudge\0filter.lfs.required\0core.bare";
        assert_eq!(
            neutralised(names),
            [("filter.lfs.smudge".to_owned(), ""), ("filter.lfs.required".to_owned(), "false")]
        );
    }
}
