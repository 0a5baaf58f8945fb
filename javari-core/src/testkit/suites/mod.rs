//! Behaviour suites: one list of checks for each trait, asked of every implementation of it.
//!
//! A check returns what is wrong as a text rather than panicking, so that a host can run a suite
//! over its own implementation and report it in its own way.

pub mod provider;

use futures::future::BoxFuture;

/// What came of a check: nothing, or what is wrong.
pub type Outcome = Result<(), String>;

/// One named check of a behaviour.
pub struct Check<T: ?Sized + 'static> {
    /// What holds when it passes, in words joined by underscores.
    pub name: &'static str,
    /// Asks it.
    pub run: for<'a> fn(&'a T) -> BoxFuture<'a, Outcome>,
}

/// Runs every check in order and returns what failed as `name: what is wrong`.
pub async fn run<T: ?Sized + 'static>(subject: &T, checks: &[Check<T>]) -> Vec<String> {
    let mut failed = Vec::new();
    for check in checks {
        if let Err(why) = (check.run)(subject).await {
            failed.push(format!("{}: {why}", check.name));
        }
    }
    failed
}

/// Fails with a text unless the condition holds.
fn ensure(condition: bool, why: impl FnOnce() -> String) -> Outcome {
    if condition { Ok(()) } else { Err(why()) }
}
