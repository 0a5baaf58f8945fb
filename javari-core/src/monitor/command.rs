//! Runs one program with a time limit and a bounded log, and ends what it leaves running.
//!
//! What is ended: the program's process group and, on Linux, what left the group but kept the mark
//! in its environment. A process that leaves the group and takes the mark off its environment runs
//! on; only a container or a system user of its own would hold it.

use std::{path::PathBuf, process::Stdio, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
};

use super::{BuildEnvironment, capture::Capture, descendants, log};
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
    /// Runs the program. Dropping the future ends it and what it started, as far as that is found.
    /// The log is free of control codes and of what looks like a secret.
    ///
    /// # Errors
    /// `COMMAND_FAILED` when it cannot be started; a program that ends badly is an answer.
    pub(crate) async fn run(&self, operation: &'static str, clock: &dyn Clock) -> Result<Report> {
        let mark = clock.new_id().to_string();
        let report = self.run_marked(operation, clock, true, Some(mark)).await?;
        // Stripped first: a control code inside a value would hide it, and be gone afterwards.
        let log = log::strip_controls(&report.log);
        let log = log::redact_values(&log, self.environment.hidden());
        Ok(Report { log: log::redact(&log), ..report })
    }

    /// Runs the program and keeps its output as it is: standard error in its place in the log, or
    /// apart from it.
    pub(super) async fn run_raw(
        &self,
        operation: &'static str,
        clock: &dyn Clock,
        together: bool,
    ) -> Result<Report> {
        self.run_marked(operation, clock, together, None).await
    }

    async fn run_marked(
        &self,
        operation: &'static str,
        clock: &dyn Clock,
        together: bool,
        mark: Option<String>,
    ) -> Result<Report> {
        let began = clock.now();
        let mut group = self.start(operation, mark)?;
        let capture = || Arc::new(tokio::sync::Mutex::new(Capture::new(self.log_limit)));
        let output = capture();
        let faults = if together { output.clone() } else { capture() };
        let (stdout, stderr) = (group.child.stdout.take(), group.child.stderr.take());
        let reading = async {
            tokio::join!(read_into(stdout, &output), read_into(stderr, &faults));
        };
        tokio::pin!(reading);
        // The pipes are read while the program runs: a full pipe would stop it for ever.
        let mut open = true;
        let running = async {
            let ended = group.ended();
            tokio::pin!(ended);
            loop {
                tokio::select! {
                    () = &mut reading, if open => open = false,
                    () = &mut ended => return,
                }
            }
        };
        let timed_out = tokio::time::timeout(self.limit, running).await.is_err();
        // Before the program is collected: its id is that of the group, and free afterwards.
        group.end();
        group.end_marked().await;
        let status = group.child.wait().await;
        if open {
            let _ = tokio::time::timeout(DRAIN, &mut reading).await;
        }
        let exit = if timed_out {
            Exit::TimedOut
        } else {
            let status = status.map_err(|error| self.fault(operation, error))?;
            status.code().map_or(Exit::Signal, Exit::Code)
        };
        let kept = std::mem::replace(&mut *output.lock().await, Capture::new(0));
        let faults = std::mem::replace(&mut *faults.lock().await, Capture::new(0)).into_text();
        let cut = kept.is_cut();
        let elapsed = clock.now().since(began);
        Ok(Report { exit, log: kept.into_text(), faults, cut, elapsed })
    }

    fn start(&self, operation: &'static str, mark: Option<String>) -> Result<Group> {
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
        if let Some(mark) = &mark {
            command.env(descendants::MARK, mark);
        }
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn().map_err(|error| self.fault(operation, error))?;
        Ok(Group { id: child.id(), child, mark })
    }

    fn fault(&self, operation: &'static str, error: std::io::Error) -> Error {
        Error::new(ErrorKind::CommandFailed, operation, "the program could not be run")
            .with("program", self.argv.first().map_or("", String::as_str))
            .with("reason", &error)
            .with_source(error)
    }
}

/// A program and the processes it started.
struct Group {
    child: Child,
    id: Option<u32>,
    /// The mark in the environment of the program and of what it starts.
    mark: Option<String>,
}

impl Group {
    /// Waits until the program has ended. On Linux it is not collected yet, so that its id cannot
    /// be given to another program; elsewhere it is.
    async fn ended(&mut self) {
        #[cfg(target_os = "linux")]
        if let Some(process) = self.id.and_then(watched)
            && process.readable().await.is_ok()
        {
            return;
        }
        // The status is kept for whoever waits again.
        let _ = self.child.wait().await;
    }

    /// Ends what left the group, while others go on with their work.
    async fn end_marked(&mut self) {
        if let Some(mark) = self.mark.take() {
            let _ = tokio::task::spawn_blocking(move || descendants::end(&mark)).await;
        }
    }

    /// Ends every process of the group that is still there.
    fn end(&mut self) {
        let Some(id) = self.id.take() else { return };
        #[cfg(unix)]
        if let Some(group) = process_id(id) {
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
        if let Some(mark) = self.mark.take() {
            descendants::end(&mark);
        }
    }
}

/// A handle of the process that becomes readable when it ends.
#[cfg(target_os = "linux")]
// The new name is `unsafe` for types whose descriptor may change; an `OwnedFd` keeps its own.
#[allow(deprecated)]
fn watched(id: u32) -> Option<tokio::io::unix::AsyncFd<std::os::fd::OwnedFd>> {
    use rustix::process::{PidfdFlags, pidfd_open};
    let process = pidfd_open(process_id(id)?, PidfdFlags::empty()).ok()?;
    tokio::io::unix::AsyncFd::with_interest(process, tokio::io::Interest::READABLE).ok()
}

#[cfg(unix)]
fn process_id(id: u32) -> Option<rustix::process::Pid> {
    i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw)
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
    async fn a_hosts_value_stays_hidden_when_a_control_code_stands_inside_it() {
        let print = r#"printf 'split: second-\033[0mplanted-\007canary\nwhole: %s\n' "$MINE""#;
        let mut sample = program(&["sh", "-c", print]);
        sample.environment = BuildEnvironment::allowed(std::env::vars())
            .with("NPM_TOKEN", "second-planted-canary")
            .with("MINE", "third-\u{1b}[1mplanted-canary");
        let log = run(&sample).await.log;
        assert_eq!(log, "split: [redacted]\nwhole: [redacted]\n");
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
        ends_when_dropped("sleep 1000 & echo $! > pid.part; mv pid.part pid; wait").await;
    }

    /// Runs a script until it has written a process's id to `pid`, leaves it, and waits until that
    /// process is gone.
    async fn ends_when_dropped(script: &str) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let mut sample = program(&["sh", "-c", script]);
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

    /// Starts a process in a session of its own, waits until it is there and prints its id.
    #[cfg(target_os = "linux")]
    const ESCAPE: &str =
        "setsid sh -c 'echo $$ > pid.part; mv pid.part pid; exec sleep 1000' >/dev/null 2>&1 &
        while [ ! -e pid ]; do sleep 0.01; done; cat pid; ";

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_child_that_left_the_group_ends_too() {
        let folder = tempfile::tempdir().unwrap();
        let mut sample = program(&["sh", "-c", ESCAPE]);
        sample.folder = folder.path().into();
        let report = run(&sample).await;
        assert_eq!(report.exit, Exit::Code(0));
        wait_until_gone(report.log.trim()).await;
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn dropping_the_future_ends_a_child_that_left_the_group() {
        ends_when_dropped(&format!("{ESCAPE} sleep 1000")).await;
    }

    #[tokio::test]
    async fn a_missing_program_is_named() {
        let error =
            program(&["no-such-program-here"]).run("monitor.test", &SystemClock).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CommandFailed);
        assert!(error.to_string().contains("no-such-program-here"));
    }
}
