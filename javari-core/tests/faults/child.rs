//! Another process: this test program again, playing the other part of the same test.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

const FOLDER: &str = "JAVARI_TEST_CHILD_FOLDER";
const WORD: &str = "JAVARI_TEST_CHILD_WORD";

/// In a child, the folder it works in and the word it was given.
pub(crate) fn part() -> Option<(PathBuf, String)> {
    Some((env::var_os(FOLDER)?.into(), env::var(WORD).ok()?))
}

/// Tells the parent that something is done: it is on the disk, and the parent may rely on it.
pub(crate) fn tell(what: &str) {
    let mut out = std::io::stdout().lock();
    // A parent that is gone needs no answer.
    let _ = writeln!(out, "\ndone {what}").and_then(|()| out.flush());
}

/// Numbers that hang on the round alone, so that a failure can be looked at again.
pub(crate) fn random(seed: u64) -> u64 {
    let mixed = (seed.wrapping_add(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33
}

/// Lets the other part of `test` work until it has told up to so many words, and some microseconds more;
/// tells all that it told before it was killed.
pub(crate) fn killed_at_random(
    test: &str,
    (folder, word): (&Path, &str),
    (words, micros): (u64, u64),
    seed: u64,
) -> Vec<String> {
    let mut child = Running::start(test, folder, word);
    let mut told = Vec::new();
    for _ in 0..1 + random(seed) % words {
        told.push(child.next().expect("the child ended by itself"));
    }
    std::thread::sleep(Duration::from_micros(random(seed + 1_000_000) % micros));
    told.extend(child.kill());
    told
}

/// A running child; killed when it is dropped.
pub(crate) struct Running {
    child: Child,
    told: BufReader<ChildStdout>,
}

impl Running {
    /// Starts the test of that name in a process of its own.
    pub(crate) fn start(test: &str, folder: &Path, word: &str) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args([test, "--exact", "--nocapture", "--test-threads=1"])
            .env(FOLDER, folder)
            .env(WORD, word)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let told = BufReader::new(child.stdout.take().unwrap());
        Self { child, told }
    }

    /// The next thing that was done; nothing when the child has ended.
    pub(crate) fn next(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.told.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            // A line cut off by the end of the child was not told.
            if let Some(what) = line.strip_prefix("done ").and_then(|rest| rest.strip_suffix('\n'))
            {
                return Some(what.to_owned());
            }
        }
    }

    /// Ends it at once, as `kill -9` does, and returns what it had told before.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::iter::from_fn(|| self.next()).collect()
    }

    /// Waits for its end and returns everything it told.
    pub(crate) fn finish(mut self) -> Vec<String> {
        let told = std::iter::from_fn(|| self.next()).collect();
        assert!(self.child.wait().unwrap().success(), "the child failed");
        told
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
