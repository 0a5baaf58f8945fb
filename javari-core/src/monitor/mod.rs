//! Looks and tells: whether an address answers, whether a project builds, and when to alert.
//!
//! A [`Monitor`] looks once and says what it saw. Around it, the same for every kind, stand the
//! thresholds, hysteresis, flapping and the alert, which are kept in one transaction with the
//! observation, so that neither a restart nor a second process alerts twice.
//!
//! What it deliberately does not do: it mends nothing (the `healer` does), it speaks no HTTP (it
//! asks an [`HttpProbe`]) and it sends no messages. It does not confine a build: a build runs as
//! the host's own user, with few variables and a time limit, in folders that the host opened.

mod adopt;
mod build;
mod capture;
mod command;
mod descendants;
mod environment;
mod git;
mod log;
mod monitors;
mod observation;
mod probe;
mod row;
mod state;
mod store;
#[cfg(any(test, feature = "testkit"))]
pub mod suite;
mod uptime;
mod view;

use async_trait::async_trait;

pub(crate) use adopt::{FIRST, name_webhook, seed_webhooks};
pub use build::{BuildMonitor, BuildOutcome, BuildTarget, Builder};
pub use environment::{BuildEnvironment, ProjectRoots};
pub(crate) use git::Repository;
pub(crate) use log::{redact, strip_controls};
pub use monitors::Monitors;
pub use observation::{CheckSpec, Observation, ObservationStatus, Target};
pub use probe::GuardedProbe;
pub(crate) use store::record_fix;
pub use uptime::{HttpProbe, ProbeReply, ProbeRequest, UptimeMonitor, UptimeTarget};
pub use view::{
    AlertKind, AlertState, AlertView, CheckFrequency, CheckOutcome, CreateMonitorRequest,
    MonitorView, ObservationView, Severity,
};

use crate::error::Result;

/// Looks once and says what it saw.
///
/// A host implements it for what Javari does not know; thresholds and alerts come with it. It has
/// no state of its own between two checks, and dropping the future of a check ends the check.
#[async_trait]
pub trait Monitor: Send + Sync {
    /// The kind of target it looks at, such as `uptime`: one monitor answers for one kind.
    fn kind(&self) -> &str;

    /// Whether it would take `spec`; asked once, when a person creates the monitor.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming the wrong field.
    fn accept(&self, spec: &CheckSpec) -> Result<()> {
        let _ = spec;
        Ok(())
    }

    /// Looks at the target of `spec`.
    ///
    /// # Errors
    /// Any, when it could not look. That is kept as an observation of status `unknown`: what is
    /// looked at being down is an answer, not an error.
    async fn check(&self, spec: &CheckSpec) -> Result<Observation>;
}

#[cfg(test)]
pub(crate) mod tests;
