//! Mends a failing build of a local git project and checks the mend.
//!
//! [`Healing`] owns the sequence: reproduce, diagnose, plan, ask the guard, change a branch of its
//! own, build again, keep or revert, and merge only as the guard and a person allow. A [`Healer`]
//! fills in the steps that need knowledge of a kind of project; it is never called for a change
//! that the guard did not allow, and what it changed is measured again by git before anything is
//! kept. The one in this room, [`BuildHealer`], mends a misspelt, moved or undeclared module or
//! dependency.
//!
//! What it deliberately does not do: it never touches the user's checkout before a merge, adds no
//! package that only a log names, asks no model, pushes nothing and reaches no production. It does
//! not confine a build: that runs as the host's own user, as it does in the hands of a developer.

mod build_healer;
mod engine;
mod event;
mod files;
mod git;
mod guard;
mod incident;
mod log;
mod near;
mod plan;
mod repair;
mod sequence;
mod store;
#[cfg(any(test, feature = "testkit"))]
pub mod suite;
mod text;
mod view;
mod workspace;

use async_trait::async_trait;

pub use build_healer::BuildHealer;
pub use engine::{Healing, HealingConfig};
pub use event::{HealEvent, HealStream};
pub use guard::{Change, Counters, Decision, Limits, Question, Ruling, rule};
pub use incident::{Diagnosis, Evidence, Finding, FindingKind, Incident};
pub use log::clean_log;
pub use plan::{Applied, Edit, RepairPlan, Risk, Verdict};
pub use view::{
    ApproveRequest, DiagnoseRequest, DiagnosisView, HealRequest, HealingStatus, HealingView,
};
pub use workspace::Workspace;

use crate::{error::Result, monitor::BuildOutcome};

/// Knows how a kind of project breaks and is mended.
///
/// The engine calls the steps in this order and may stop after each. Every future may be dropped.
#[async_trait]
pub trait Healer: Send + Sync {
    /// What the incident is. Reads only.
    ///
    /// # Errors
    /// When it could not look; a fault that it does not know is a diagnosis that needs a person.
    async fn diagnose(&self, incident: &Incident) -> Result<Diagnosis>;

    /// The repairs that may help, the best first; none when a person has to look. Reads only.
    ///
    /// # Errors
    /// When it could not look.
    async fn plan(&self, incident: &Incident, diagnosis: &Diagnosis) -> Result<Vec<RepairPlan>>;

    /// Makes the edits of `plan`, and no others, in the workspace.
    ///
    /// # Errors
    /// `CONFLICT` when the files are not those that the plan was made for.
    async fn apply(&self, workspace: &Workspace, plan: &RepairPlan) -> Result<Applied>;

    /// Whether the fault is gone, given how the build of the changed workspace ended. The engine
    /// keeps a repair only when the build is green as well.
    ///
    /// # Errors
    /// When it could not tell, which counts as not.
    async fn verify(
        &self,
        workspace: &Workspace,
        plan: &RepairPlan,
        build: &BuildOutcome,
    ) -> Result<Verdict>;

    /// Undoes what `apply` did. The engine deletes the workspace and the branch in any case.
    ///
    /// # Errors
    /// When something is left; it is noted and changes nothing else.
    async fn revert(
        &self,
        workspace: &Workspace,
        plan: &RepairPlan,
        applied: &Applied,
    ) -> Result<()>;
}

#[cfg(test)]
mod tests;
