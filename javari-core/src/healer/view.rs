//! What callers send to this room and get from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Diagnosis, RepairPlan, Ruling};
use crate::{
    monitor::BuildTarget,
    types::{AlertId, Autonomy, HealingId, ProjectId, Timestamp, UserId},
};

/// A build to mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HealRequest {
    /// The project and how it is built.
    pub build: BuildTarget,
    /// How much may be done without asking; the user's preference.
    #[serde(default)]
    pub autonomy: Autonomy,
    /// What the failed build printed, at most 16 MiB. Where the build may be run again its own log
    /// is used instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
    /// Folders that git does not know and the build needs, such as `node_modules`: they are copied
    /// into the workspace. At most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub carry: Vec<String>,
    /// The alert that this answers; how the repair ended is noted on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<AlertId>,
}

impl HealRequest {
    /// A repair of `build` at the default level of autonomy.
    pub fn new(build: BuildTarget) -> Self {
        Self { build, autonomy: Autonomy::default(), log: None, carry: Vec::new(), alert: None }
    }
}

/// A log to diagnose. Nothing is run and nothing is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiagnoseRequest {
    /// The absolute path of the top of a local git checkout.
    pub folder: String,
    /// What the failed build printed, at most 16 MiB.
    pub log: String,
}

/// What a log shows and what could be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiagnosisView {
    /// What the log shows.
    pub diagnosis: Diagnosis,
    /// The repairs that may help, the best first.
    pub plans: Vec<RepairPlan>,
}

/// An approval: of this plan and this commit, and of no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveRequest {
    /// The repair.
    pub id: HealingId,
    /// The plan that the person saw.
    pub plan_hash: String,
    /// The commit that the person saw.
    pub head_commit: String,
}

/// How a repair stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealingStatus {
    /// It runs.
    Running,
    /// A green branch waits for a person.
    AwaitingApproval,
    /// It is being merged.
    Merging,
    /// It is merged.
    Merged,
    /// A person said no; the branch is gone.
    Rejected,
    /// It did not help; nothing of it is left.
    Reverted,
    /// No repair is beyond doubt; a person has to look.
    NeedsHuman,
    /// The guard said no, or to ask first.
    Stopped,
    /// The same commit built green.
    NotReproduced,
    /// Something went wrong on the way; nothing of it is left.
    Failed,
    /// The caller gave it up; nothing of it is left.
    Cancelled,
    /// Its process died; `stage` says where.
    Interrupted,
    /// Nobody approved it in time; the branch is gone.
    Expired,
}

impl HealingStatus {
    const ALL: [Self; 13] = [
        Self::Running,
        Self::AwaitingApproval,
        Self::Merging,
        Self::Merged,
        Self::Rejected,
        Self::Reverted,
        Self::NeedsHuman,
        Self::Stopped,
        Self::NotReproduced,
        Self::Failed,
        Self::Cancelled,
        Self::Interrupted,
        Self::Expired,
    ];

    /// The word in JSON and SQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Merging => "merging",
            Self::Merged => "merged",
            Self::Rejected => "rejected",
            Self::Reverted => "reverted",
            Self::NeedsHuman => "needs_human",
            Self::Stopped => "stopped",
            Self::NotReproduced => "not_reproduced",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
            Self::Expired => "expired",
        }
    }

    pub(super) fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|status| status.name() == name).unwrap_or(Self::Failed)
    }
}

/// A repair as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HealingView {
    /// Its id.
    pub id: HealingId,
    /// The project it belongs to.
    pub project: Option<ProjectId>,
    /// The alert it answers.
    pub alert: Option<AlertId>,
    /// The class of the error, such as `code.module_not_found`.
    pub error_type: String,
    /// One sentence about it.
    pub error_details: Option<String>,
    /// What was done about it.
    pub healing_action_taken: Option<String>,
    /// Whether the build was green afterwards; false when a person rejected it.
    pub healing_successful: Option<bool>,
    /// How long it took until the build was green, in seconds.
    pub time_to_heal_seconds: Option<u64>,
    /// Whether no person had a part in it.
    pub automated: bool,
    /// The last step that was begun.
    pub stage: String,
    /// Whether and how it ended.
    pub status: HealingStatus,
    /// Why it ended so.
    pub reason: Option<String>,
    /// The level of autonomy it ran at.
    pub autonomy: Autonomy,
    /// The top of the git checkout.
    pub folder: String,
    /// What is the same for the same fault of the same commit.
    pub fingerprint: Option<String>,
    /// The branch of the repair.
    pub branch: Option<String>,
    /// The branch that the checkout stood on.
    pub base_branch: String,
    /// The commit that the checkout stood on.
    pub base_commit: String,
    /// The commit of the repair.
    pub head_commit: Option<String>,
    /// The commit that merged it.
    pub merge_commit: Option<String>,
    /// The repair.
    pub plan: Option<RepairPlan>,
    /// SHA-256 of the plan.
    pub plan_hash: Option<String>,
    /// What it changes, as a unified diff.
    pub diff: Option<String>,
    /// The last answer of the guard.
    pub ruling: Option<Ruling>,
    /// Who approved it.
    pub approved_by: Option<UserId>,
    /// Until when it can be approved.
    pub expires_at: Option<Timestamp>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}
