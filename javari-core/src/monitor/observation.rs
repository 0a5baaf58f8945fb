//! What a monitor is asked and what it says it saw.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{BuildTarget, UptimeTarget, git};
use crate::types::{MonitorId, ScopeKey};

/// What to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Target {
    /// A local git project and the command that builds it.
    Build(BuildTarget),
    /// An address that should answer.
    Uptime(UptimeTarget),
    /// Anything that a monitor of the host looks at.
    Custom {
        /// The kind of the host's monitor, 1 to 40 of `a-z`, `0-9` and `_`.
        name: String,
        /// What that monitor needs to know, at most 16 KiB. Never a secret.
        settings: Json,
    },
}

impl Target {
    /// The kind of monitor that looks at it.
    pub fn kind(&self) -> &str {
        match self {
            Self::Build(_) => "build",
            Self::Uptime(_) => "uptime",
            Self::Custom { name, .. } => name,
        }
    }

    /// How long a check of it may take before another process may take it over.
    pub(super) fn lease(&self) -> Duration {
        const MARGIN: u64 = 60;
        // Opening the repository asks git twice, the commit once more.
        const GIT_COMMANDS: u64 = 3;
        let seconds = match self {
            Self::Build(target) => {
                u64::from(target.timeout_seconds) * (1 + target.prepare.len() as u64)
                    + GIT_COMMANDS * git::LIMIT.as_secs()
            }
            Self::Uptime(target) => u64::from(target.timeout_seconds),
            Self::Custom { .. } => 600,
        };
        Duration::from_secs(seconds.saturating_add(MARGIN))
    }
}

/// One check to make.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CheckSpec {
    /// Whose monitor it is.
    pub scope: ScopeKey,
    /// The monitor, when the check belongs to one that is stored.
    pub monitor: Option<MonitorId>,
    /// What to look at.
    pub target: Target,
}

impl CheckSpec {
    /// A check of `target` in `scope`.
    pub fn new(scope: ScopeKey, target: Target) -> Self {
        Self { scope, monitor: None, target }
    }
}

/// Whether what was looked at is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObservationStatus {
    /// It is.
    Up,
    /// It is not.
    Down,
    /// The check could not tell.
    Unknown,
}

impl ObservationStatus {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Unknown => "unknown",
        }
    }

    pub(super) fn from_name(name: &str) -> Self {
        match name {
            "up" => Self::Up,
            "down" => Self::Down,
            _ => Self::Unknown,
        }
    }
}

/// What a monitor saw.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Observation {
    /// Whether it is as it should be.
    pub status: ObservationStatus,
    /// One sentence about it. Never a secret.
    pub summary: String,
    /// How long the answer took, in milliseconds.
    pub elapsed_ms: u64,
    /// The HTTP status, of an address.
    pub http_status: Option<u16>,
    /// The exit code, of a program.
    pub exit_code: Option<i32>,
    /// The commit that was looked at.
    pub commit: Option<String>,
    /// What a program printed; its beginning and end are kept.
    pub log: Option<String>,
}

impl Observation {
    /// An observation of `status`, told in one sentence.
    pub fn new(status: ObservationStatus, summary: impl Into<String>) -> Self {
        Self {
            status,
            summary: summary.into(),
            elapsed_ms: 0,
            http_status: None,
            exit_code: None,
            commit: None,
            log: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lease_of_a_build_is_longer_than_all_its_programs_and_git_may_take() {
        let mut target = BuildTarget::new("/p", ["true"]);
        target.timeout_seconds = 100;
        target.prepare = vec![vec!["true".into()]; 2];
        let longest = Duration::from_secs(300) + 3 * git::LIMIT;
        assert!(Target::Build(target).lease() > longest);
    }
}
