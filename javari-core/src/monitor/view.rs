//! What callers send to this room and get from it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ObservationStatus, Target};
use crate::{
    error::{Error, Result},
    types::{AlertId, MonitorId, ObservationId, ProjectId, Timestamp, UserId},
};

macro_rules! words {
    ($(#[doc = $doc:literal])+ $type:ident { $($(#[doc = $word_doc:literal])+ $word:ident = $name:literal,)+ } default $default:ident) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $type {
            $($(#[doc = $word_doc])+ #[serde(rename = $name)] $word,)+
        }

        impl $type {
            /// The word in JSON and SQL.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$word => $name,)+ }
            }

            pub(super) fn from_name(name: &str) -> Self {
                match name { $($name => Self::$word,)+ _ => Self::$default }
            }
        }

        impl Default for $type {
            fn default() -> Self {
                Self::$default
            }
        }
    };
}

words! {
    /// How often a monitor looks; the seed's five words.
    CheckFrequency {
        /// Every 5 minutes.
        FiveMinutes = "5min",
        /// Every 15 minutes.
        FifteenMinutes = "15min",
        /// Every 30 minutes.
        ThirtyMinutes = "30min",
        /// Every hour.
        Hourly = "1hour",
        /// Every 24 hours.
        Daily = "daily",
    } default ThirtyMinutes
}

impl CheckFrequency {
    /// The time between two checks.
    pub const fn interval(self) -> Duration {
        Duration::from_secs(match self {
            Self::FiveMinutes => 5 * 60,
            Self::FifteenMinutes => 15 * 60,
            Self::ThirtyMinutes => 30 * 60,
            Self::Hourly => 3_600,
            Self::Daily => 86_400,
        })
    }
}

words! {
    /// How bad an alert is.
    Severity {
        /// Worth knowing.
        Low = "low",
        /// Worth looking at.
        Medium = "medium",
        /// Needs somebody today.
        High = "high",
        /// Needs somebody now.
        Critical = "critical",
    } default High
}

words! {
    /// What an alert is about.
    AlertKind {
        /// The target failed several times in a row.
        Failing = "failing",
        /// The target goes back and forth.
        Flapping = "flapping",
        /// The check could not tell, several times in a row.
        Blind = "blind",
    } default Failing
}

words! {
    /// Whether an alert still holds.
    AlertState {
        /// It holds.
        Open = "open",
        /// It is over.
        Resolved = "resolved",
    } default Open
}

/// A monitor to create.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateMonitorRequest {
    /// Its name, unique in the scope, 1 to 200 characters.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// What to look at.
    pub target: Target,
    /// How often.
    #[serde(default)]
    pub check_frequency: CheckFrequency,
    /// How many failures in a row open an alert, 1 to 100.
    #[serde(default = "two")]
    #[schemars(range(min = 1, max = 100))]
    pub alert_threshold: u32,
    /// How many successes in a row resolve it, 1 to 100.
    #[serde(default = "two")]
    #[schemars(range(min = 1, max = 100))]
    pub recovery_threshold: u32,
    /// How bad a failure is.
    #[serde(default)]
    pub severity: Severity,
    /// Whether a repair may be started when an alert opens. Javari starts none by itself: the host
    /// reads this and calls `healer.heal` with the alert. Off unless a person says so.
    #[serde(default)]
    pub auto_fix_enabled: bool,
}

fn two() -> u32 {
    2
}

impl CreateMonitorRequest {
    /// A monitor of `target` with the usual frequency and thresholds.
    pub fn new(name: impl Into<String>, target: Target) -> Self {
        Self {
            name: name.into(),
            target,
            check_frequency: CheckFrequency::default(),
            alert_threshold: two(),
            recovery_threshold: two(),
            severity: Severity::default(),
            auto_fix_enabled: false,
        }
    }

    pub(super) fn validate(&self) -> Result<()> {
        let mut faults = Vec::new();
        if !(1..=200).contains(&self.name.chars().count()) {
            faults.push(("/name", "must have 1 to 200 characters"));
        }
        if !(1..=100).contains(&self.alert_threshold) {
            faults.push(("/alert_threshold", "must be 1 to 100"));
        }
        if !(1..=100).contains(&self.recovery_threshold) {
            faults.push(("/recovery_threshold", "must be 1 to 100"));
        }
        if let Target::Custom { name, settings } = &self.target {
            let word =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            if !(1..=40).contains(&name.len()) || !name.bytes().all(word) {
                faults.push(("/target/name", "must be 1 to 40 of a-z, 0-9 and _"));
            }
            if settings.to_string().len() > 16 * 1024 {
                faults.push(("/target/settings", "must have at most 16 KiB"));
            }
        }
        if faults.is_empty() {
            return Ok(());
        }
        let error = Error::invalid("monitor.create", "the monitor does not fit its rules");
        Err(faults.into_iter().fold(error, |error, (path, words)| error.with_field(path, words)))
    }
}

/// A monitor as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MonitorView {
    /// Its id.
    pub id: MonitorId,
    /// The project it belongs to.
    pub project: Option<ProjectId>,
    /// Its name.
    pub name: String,
    /// The kind of its target, such as `uptime`.
    pub monitor_type: String,
    /// What it looks at.
    pub target: Target,
    /// How often.
    pub check_frequency: CheckFrequency,
    /// Failures in a row that open an alert.
    pub alert_threshold: u32,
    /// Successes in a row that resolve it.
    pub recovery_threshold: u32,
    /// How bad a failure is.
    pub severity: Severity,
    /// Whether the host may start a repair when an alert opens.
    pub auto_fix_enabled: bool,
    /// Whether it looks at all.
    pub is_active: bool,
    /// Whether an alert about failures is open.
    pub failing: bool,
    /// Whether the results go back and forth; nothing is mended meanwhile.
    pub flapping: bool,
    /// When it last looked.
    pub last_checked_at: Option<Timestamp>,
    /// When it looks next.
    pub next_check_at: Timestamp,
    /// When it was created.
    pub created_at: Timestamp,
}

/// One result of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ObservationView {
    /// Its id.
    pub id: ObservationId,
    /// The monitor that looked.
    pub monitor: MonitorId,
    /// Whether what it saw is as it should be.
    pub status: ObservationStatus,
    /// One sentence about it.
    pub summary: String,
    /// How long the answer took, in milliseconds.
    pub elapsed_ms: u64,
    /// The HTTP status, of an address.
    pub http_status: Option<u16>,
    /// The exit code, of a program.
    pub exit_code: Option<i32>,
    /// The commit that was looked at.
    pub commit: Option<String>,
    /// What a program printed: beginning and end, without secrets.
    pub log: Option<String>,
    /// When.
    pub checked_at: Timestamp,
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlertView {
    /// Its id.
    pub id: AlertId,
    /// The monitor that raised it.
    pub monitor: MonitorId,
    /// The project of the monitor.
    pub project: Option<ProjectId>,
    /// What it is about.
    pub kind: AlertKind,
    /// Whether it still holds.
    pub state: AlertState,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence about it.
    pub alert_message: String,
    /// How many observations said the same since it opened.
    pub occurrences: u64,
    /// Whether a repair was tried.
    pub auto_fix_attempted: bool,
    /// Whether the repair worked.
    pub fix_success: Option<bool>,
    /// How long it was open, in seconds.
    pub resolution_time_seconds: Option<u64>,
    /// When it was over.
    pub resolved_at: Option<Timestamp>,
    /// When somebody said that they know.
    pub acknowledged_at: Option<Timestamp>,
    /// Who.
    pub acknowledged_by: Option<UserId>,
    /// When it was opened.
    pub created_at: Timestamp,
}

/// What a check saw and what it changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckOutcome {
    /// What it saw.
    pub observation: ObservationView,
    /// The alert that this check opened or resolved; nothing when nothing changed.
    pub alert: Option<AlertView>,
}
