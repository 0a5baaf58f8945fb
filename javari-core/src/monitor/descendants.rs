//! Ends what a program started and what left its process group, found by a mark.

/// The variable that holds the mark of a build, in the environment of all that it starts.
pub(super) const MARK: &str = "JAVARI_BUILD";

/// Ends every process whose environment began with this mark. A process that took it off, or that
/// runs as another system user, is not found.
#[cfg(target_os = "linux")]
pub(super) fn end(mark: &str) {
    // One may start another between two looks; one that was ended is seen until it is gone.
    const LOOKS: usize = 50;
    let entry = format!("{MARK}={mark}");
    for _ in 0..LOOKS {
        if !end_those_there(entry.as_bytes()) {
            return;
        }
    }
}

/// Elsewhere no process can be found by its environment.
#[cfg(not(target_os = "linux"))]
pub(super) fn end(_: &str) {}

#[cfg(target_os = "linux")]
fn end_those_there(entry: &[u8]) -> bool {
    use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
    let Ok(processes) = std::fs::read_dir("/proc") else { return false };
    let mut found = false;
    for process in processes.flatten() {
        let name = process.file_name();
        let id = name.to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw);
        let path = process.path().join("environ");
        let Some(id) = id.filter(|_| holds(&path, entry)) else { continue };
        // Looked at again once it is held: the number may have been given to another since.
        if let Ok(held) = pidfd_open(id, PidfdFlags::empty())
            && holds(&path, entry)
        {
            found |= pidfd_send_signal(&held, Signal::KILL).is_ok();
        }
    }
    found
}

#[cfg(target_os = "linux")]
fn holds(path: &std::path::Path, entry: &[u8]) -> bool {
    use std::io::Read;
    const LIMIT: u64 = 8 * 1024 * 1024;
    let mut environment = Vec::new();
    // Other users' processes cannot be read, which is as it should be.
    let read =
        std::fs::File::open(path).and_then(|file| file.take(LIMIT).read_to_end(&mut environment));
    read.is_ok() && environment.split(|byte| *byte == 0).any(|found| found == entry)
}
