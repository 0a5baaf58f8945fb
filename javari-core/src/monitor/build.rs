//! Watches whether a local git project builds.

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    BuildEnvironment, CheckSpec, Monitor, Observation, ObservationStatus, ProjectRoots, Target,
    command::{Exit, Program, Report},
    git::Git,
};
use crate::{
    error::{Error, ErrorKind, Result},
    types::Clock,
};

/// How a project is built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BuildTarget {
    /// The absolute path of the top of a local git checkout.
    pub folder: String,
    /// The program and its arguments, 1 to 64 of them; no shell reads it.
    #[schemars(length(min = 1, max = 64))]
    pub command: Vec<String>,
    /// Programs to run before it, such as an installation from a lock file; at most 8.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub prepare: Vec<Vec<String>>,
    /// How long each program may take, 1 to 3600 seconds.
    #[serde(default = "default_timeout")]
    #[schemars(range(min = 1, max = 3600))]
    pub timeout_seconds: u32,
}

fn default_timeout() -> u32 {
    600
}

impl BuildTarget {
    /// A build of `folder` by `command` with the usual limits.
    pub fn new<S: Into<String>>(
        folder: impl Into<String>,
        command: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            folder: folder.into(),
            command: command.into_iter().map(Into::into).collect(),
            prepare: Vec::new(),
            timeout_seconds: default_timeout(),
        }
    }

    /// Checks the numbers and lengths.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming each wrong field.
    pub fn validate(&self, operation: &'static str) -> Result<()> {
        let fits = |argv: &[String]| {
            (1..=64).contains(&argv.len())
                && argv.first().is_some_and(|program| !program.is_empty())
                && argv.iter().all(|part| part.len() <= 4_096 && !part.contains('\0'))
        };
        let mut faults = Vec::new();
        if !fits(&self.command) {
            faults.push(("/command", "must be a program and at most 63 short arguments"));
        }
        if self.prepare.len() > 8 || !self.prepare.iter().all(|argv| fits(argv)) {
            faults.push(("/prepare", "must be at most 8 commands"));
        }
        if !(1..=3_600).contains(&self.timeout_seconds) {
            faults.push(("/timeout_seconds", "must be 1 to 3600"));
        }
        if self.folder.is_empty() || self.folder.len() > 4_096 || self.folder.contains('\0') {
            faults.push(("/folder", "must be a path"));
        }
        if faults.is_empty() {
            return Ok(());
        }
        let error = Error::invalid(operation, "the build does not fit its rules");
        Err(faults.into_iter().fold(error, |error, (path, words)| error.with_field(path, words)))
    }
}

/// How a build ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct BuildOutcome {
    /// True when every program ended with code 0.
    pub green: bool,
    /// The exit code of the program that ended last, nothing when it was ended by a signal or by
    /// the time limit.
    pub exit_code: Option<i32>,
    /// Whether the time limit ended it.
    pub timed_out: bool,
    /// What was printed: the beginning and the end, without control codes and secrets.
    pub log: String,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
}

impl BuildOutcome {
    /// A build that ended with `exit_code` and printed `log`.
    pub fn new(exit_code: Option<i32>, log: impl Into<String>) -> Self {
        Self {
            green: exit_code == Some(0),
            exit_code,
            timed_out: false,
            log: log.into(),
            elapsed_ms: 0,
        }
    }
}

/// Runs builds. Cheap to clone.
#[derive(Clone)]
pub struct Builder {
    environment: BuildEnvironment,
    roots: ProjectRoots,
    clock: Arc<dyn Clock>,
}

/// How much of a build's output is kept.
const LOG_LIMIT: usize = 512 * 1024;

impl Builder {
    /// Builds under `roots` with the variables of `environment`.
    pub fn new(environment: BuildEnvironment, roots: ProjectRoots, clock: Arc<dyn Clock>) -> Self {
        Self { environment, roots, clock }
    }

    /// Where builds may run.
    pub fn roots(&self) -> &ProjectRoots {
        &self.roots
    }

    pub(crate) fn git(&self) -> Git {
        Git::new("git", &self.environment, self.clock.clone())
    }

    /// Runs the commands of `target` in `folder`, which need not be the target's own. Dropping the
    /// future ends the programs.
    ///
    /// # Errors
    /// `COMMAND_FAILED` when a program cannot be started; a red build is an answer.
    pub(crate) async fn build(&self, target: &BuildTarget, folder: &Path) -> Result<BuildOutcome> {
        let mut outcome = BuildOutcome::new(None, "");
        for argv in target.prepare.iter().chain([&target.command]) {
            let program = Program {
                argv: argv.clone(),
                folder: folder.into(),
                environment: self.environment.clone(),
                limit: Duration::from_secs(u64::from(target.timeout_seconds)),
                log_limit: LOG_LIMIT,
            };
            let report = program.run("monitor.build", self.clock.as_ref()).await?;
            add(&mut outcome, report);
            if !outcome.green {
                break;
            }
        }
        Ok(outcome)
    }
}

fn add(outcome: &mut BuildOutcome, report: Report) {
    outcome.timed_out = report.exit == Exit::TimedOut;
    outcome.exit_code = match report.exit {
        Exit::Code(code) => Some(code),
        Exit::Signal | Exit::TimedOut => None,
    };
    outcome.green = outcome.exit_code == Some(0);
    outcome.log.push_str(&report.log);
    outcome.elapsed_ms += u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX);
}

/// The monitor of kind `build`: green is up, red is down.
pub struct BuildMonitor {
    builder: Builder,
}

impl BuildMonitor {
    /// A monitor that builds with `builder`.
    pub fn new(builder: Builder) -> Self {
        Self { builder }
    }
}

#[async_trait]
impl Monitor for BuildMonitor {
    fn kind(&self) -> &str {
        "build"
    }

    fn accept(&self, spec: &CheckSpec) -> Result<()> {
        let target = build_of(spec)?;
        target.validate("monitor.create")?;
        self.builder.roots.admit("monitor.create", &spec.scope, Path::new(&target.folder)).map(drop)
    }

    async fn check(&self, spec: &CheckSpec) -> Result<Observation> {
        let target = build_of(spec)?;
        target.validate("monitor.check")?;
        let folder =
            self.builder.roots.admit("monitor.check", &spec.scope, Path::new(&target.folder))?;
        let commit = self.builder.git().open(&folder).await?.head().await?;
        let outcome = self.builder.build(target, &folder).await?;
        let (status, summary) = match (&outcome, outcome.exit_code) {
            (outcome, _) if outcome.green => (ObservationStatus::Up, "the build is green".into()),
            (outcome, _) if outcome.timed_out => (
                ObservationStatus::Down,
                format!("the build was ended after {} s", target.timeout_seconds),
            ),
            (_, Some(code)) => {
                (ObservationStatus::Down, format!("the build ended with code {code}"))
            }
            _ => (ObservationStatus::Down, "the build was ended by a signal".into()),
        };
        let mut observation = Observation::new(status, summary);
        observation.elapsed_ms = outcome.elapsed_ms;
        observation.exit_code = outcome.exit_code;
        observation.commit = Some(commit);
        observation.log = Some(outcome.log);
        Ok(observation)
    }
}

fn build_of(spec: &CheckSpec) -> Result<&BuildTarget> {
    match &spec.target {
        Target::Build(target) => Ok(target),
        _ => Err(Error::new(
            ErrorKind::InvalidInput,
            "monitor.check",
            "the build monitor was given another kind of target",
        )
        .with_field("/target/kind", "must be `build`")),
    }
}
