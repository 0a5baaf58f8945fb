//! Runs one program with a time limit, a bounded log and nothing left behind.

use std::{path::PathBuf, process::Stdio, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
};

use super::{BuildEnvironment, capture::Capture, log};
use crate::{
    error::{Error, ErrorKind, Result},
    types::Clock,
};

/// A program to run: an argument list, never a shell line.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// The program and its arguments.
    pub(crate) argv: Vec<String>,
    /// Where it runs.
    pub(crate) folder: PathBuf,
    /// The variables it gets.
    pub(crate) environment: BuildEnvironment,
    /// How long it may take.
    pub(crate) limit: Duration,
    /// How many bytes of its output are kept.
    pub(crate) log_limit: usize,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// With this code.
    Code(i32),
    /// By a signal.
    Signal,
    /// It was ended because its time was over.
    TimedOut,
}

/// What a program did.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) exit: Exit,
    /// Standard output, and standard error in its place unless it is kept apart.
    pub(crate) log: String,
    /// Standard error, where it is kept apart.
    pub(crate) faults: String,
    /// Whether the middle of the output was let go.
    pub(crate) cut: bool,
    pub(crate) elapsed: Duration,
}

/// How long the output of an ended program may still arrive.
const DRAIN: Duration = Duration::from_secs(2);

impl Program {
    /// Runs the program. Dropping the future ends it and every process of its group. The log is
    /// free of control codes and of what looks like a secret.
    ///
    /// # Errors
    /// `COMMAND_FAILED` when it cannot be started; a program that ends badly is an answer.
    pub(crate) async fn run(&self, operation: &'static str, clock: &dyn Clock) -> Result<Report> {
        let report = self.run_raw(operation, clock, true).await?;
        let log = log::redact_values(&report.log, self.environment.hidden());
        Ok(Report { log: log::redact(&log::strip_controls(&log)), ..report })
    }

    /// Runs the program and keeps its output as it is: standard error in its place in the log, or
    /// apart from it.
    pub(super) async fn run_raw(
        &self,
        operation: &'static str,
        clock: &dyn Clock,
        together: bool,
    ) -> Result<Report> {
        let began = clock.now();
        let mut group = self.start(operation)?;
        let capture = || Arc::new(tokio::sync::Mutex::new(Capture::new(self.log_limit)));
        let output = capture();
        let faults = if together { output.clone() } else { capture() };
        let (stdout, stderr) = (group.child.stdout.take(), group.child.stderr.take());
        let reading = async {
            tokio::join!(read_into(stdout, &output), read_into(stderr, &faults));
        };
        tokio::pin!(reading);
        let running = async {
            // The pipes are read while the program runs: a full pipe would stop it for ever.
            let mut open = true;
            loop {
                tokio::select! {
                    () = &mut reading, if open => open = false,
                    status = group.child.wait() => return (status, open),
                }
            }
        };
        let ended = tokio::time::timeout(self.limit, running).await;
        // Whatever the program left running holds no pipe and no file of the project after this.
        group.end();
        let exit = match ended {
            Err(_) => {
                let _ = group.child.wait().await;
                let _ = tokio::time::timeout(DRAIN, &mut reading).await;
                Exit::TimedOut
            }
            Ok((status, open)) => {
                if open {
                    let _ = tokio::time::timeout(DRAIN, &mut reading).await;
                }
                let status = status.map_err(|error| self.fault(operation, error))?;
                status.code().map_or(Exit::Signal, Exit::Code)
            }
        };
        let kept = std::mem::replace(&mut *output.lock().await, Capture::new(0));
        let faults = std::mem::replace(&mut *faults.lock().await, Capture::new(0)).into_text();
        let cut = kept.is_cut();
        let elapsed = clock.now().since(began);
        Ok(Report { exit, log: kept.into_text(), faults, cut, elapsed })
    }

    fn start(&self, operation: &'static str) -> Result<Group> {
        let Some((name, arguments)) = self.argv.split_first() else {
            return Err(Error::invalid(operation, "the command is empty")
                .with_field("/command", "must name a program"));
        };
        let mut command = Command::new(name);
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env_clear()
            .envs(self.environment.pairs())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn().map_err(|error| self.fault(operation, error))?;
        Ok(Group { id: child.id(), child })
    }

    fn fault(&self, operation: &'static str, error: std::io::Error) -> Error {
        Error::new(ErrorKind::CommandFailed, operation, "the program could not be run")
            .with("program", self.argv.first().map_or("", String::as_str))
            .with("reason", &error)
            .with_source(error)
    }
}

/// A program and every process it started, ended together.
struct Group {
    child: Child,
    id: Option<u32>,
}

impl Group {
    /// Ends every process of the group that is still there.
    fn end(&mut self) {
        let Some(id) = self.id.take() else { return };
        #[cfg(unix)]
        if let Some(group) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw) {
            // The group may be gone already, which is what is wanted.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        #[cfg(not(unix))]
        let _ = (id, self.child.start_kill());
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

async fn read_into(pipe: Option<impl AsyncRead + Unpin>, capture: &tokio::sync::Mutex<Capture>) {
    let Some(mut pipe) = pipe else { return };
    let mut piece = vec![0; 16 * 1024];
    while let Ok(read) = pipe.read(&mut piece).await {
        match piece.get(..read) {
            None | Some([]) => return,
            Some(bytes) => capture.lock().await.push(bytes),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::types::SystemClock;

    fn program(argv: &[&str]) -> Program {
        Program {
            argv: argv.iter().map(ToString::to_string).collect(),
            folder: "/".into(),
            environment: BuildEnvironment::allowed(std::env::vars()),
            limit: Duration::from_secs(60),
            log_limit: 64 * 1024,
        }
    }

    async fn run(program: &Program) -> Report {
        program.run("monitor.test", &SystemClock).await.unwrap()
    }

    #[tokio::test]
    async fn both_outputs_and_the_exit_code_are_kept() {
        let report = run(&program(&["sh", "-c", "echo out; echo err >&2; exit 3"])).await;
        assert_eq!(report.exit, Exit::Code(3));
        assert!(report.log.contains("out\n") && report.log.contains("err\n"), "{}", report.log);
    }

    #[tokio::test]
    async fn arguments_are_never_read_by_a_shell() {
        let report = run(&program(&["echo", "$(id); `id` && x"])).await;
        assert_eq!(report.log, "$(id); `id` && x\n");
    }

    #[tokio::test]
    async fn only_the_allowed_variables_are_inherited_and_a_hosts_value_is_hidden_in_the_log() {
        let mut sample = program(&["env"]);
        sample.environment = BuildEnvironment::allowed([
            ("PATH".into(), "/usr/bin:/bin".into()),
            ("OTHER".into(), "planted-canary".into()),
        ])
        .with("NPM_TOKEN", "second-planted-canary");
        let log = run(&sample).await.log;
        assert!(log.contains("PATH=/usr/bin:/bin") && !log.contains("OTHER"), "{log}");
        assert!(log.contains("NPM_TOKEN=") && !log.contains("canary"), "{log}");
    }

    #[tokio::test]
    async fn an_endless_output_is_cut_in_the_middle() {
        let mut sample = program(&["sh", "-c", "echo first; yes | head -c 3000000; echo last"]);
        sample.log_limit = 1_000;
        let log = run(&sample).await.log;
        assert!(log.len() < 1_200 && log.starts_with("first\n") && log.ends_with("last\n"));
    }

    fn is_alive(pid: &str) -> bool {
        // A process that ended and was not yet collected counts as gone.
        std::fs::read_to_string(format!("/proc/{pid}/stat"))
            .is_ok_and(|stat| !stat.contains(") Z "))
    }

    async fn wait_until_gone(pid: &str) {
        for _ in 0..1_000 {
            if !is_alive(pid) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("process {pid} is still there");
    }

    #[tokio::test]
    async fn at_the_time_limit_the_children_of_the_program_end_too() {
        let mut sample = program(&["sh", "-c", "sleep 1000 & echo $!; wait"]);
        sample.limit = Duration::from_secs(3);
        let report = run(&sample).await;
        assert_eq!(report.exit, Exit::TimedOut);
        wait_until_gone(report.log.trim()).await;
    }

    #[tokio::test]
    async fn dropping_the_future_ends_the_program_and_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let mut sample =
            program(&["sh", "-c", "sleep 1000 & echo $! > pid.part; mv pid.part pid; wait"]);
        sample.folder = folder.path().into();
        let task = tokio::spawn(async move { sample.run("monitor.test", &SystemClock).await });
        while !file.exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let pid = std::fs::read_to_string(&file).unwrap();
        assert!(is_alive(pid.trim()));
        task.abort();
        wait_until_gone(pid.trim()).await;
    }

    #[tokio::test]
    async fn a_child_left_behind_does_not_keep_the_answer_waiting() {
        let report = run(&program(&["sh", "-c", "sleep 1000 & echo $!"])).await;
        assert_eq!(report.exit, Exit::Code(0));
        wait_until_gone(report.log.trim()).await;
    }

    #[tokio::test]
    async fn a_missing_program_is_named() {
        let error =
            program(&["no-such-program-here"]).run("monitor.test", &SystemClock).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CommandFailed);
        assert!(error.to_string().contains("no-such-program-here"));
    }
}
